// A PCC channel of type 3 as software uses it: a message in shared memory, a doorbell, an answer in its place (linux-driver.md 12.2, 12.3).

import { ErrnoError } from "../errno/index.ts";
import type { FirmwareChannel } from "../firmware/index.ts";
import type { Access } from "./bus.ts";
import { Lock, type MakeLock, NOTHING_HELD } from "./lock.ts";
import type { CpuChoice } from "./mmio.ts";
import { changer, type Flag, flag, SharedMemory, type WidePort } from "./shared-memory.ts";

/** How long software waits for a channel to become free, and again for an answer: model time. docs/firmware.md. */
export const MAILBOX_TIMEOUT_NS = 100_000_000;
/** Between two looks at a channel without an interrupt, after the first. */
const POLL_NS = 1_000_000;

// Shared memory.
const SIGNATURE = 0;
const FLAGS = 4;
const LENGTH = 8;
const COMMAND = 12;
const PAYLOAD = 16;

const NOTIFY_ON_COMPLETION = 1;
/** Why nobody waits for the timeout any more. With no reason given, one would be made for each message, and that takes long. */
const ANSWERED = "answered";
const PCC_SIGNATURE = 0x5043_4300;

/** What channels need of a machine. */
export interface ChannelMachine {
  readonly bus: WidePort;
  /** Model time, nanoseconds. `sleep` rejects with the reason of `signal` when that aborts first. */
  readonly clock: { readonly now: number; sleep(ns: number, signal?: AbortSignal): Promise<void> };
}

/** The command word as it stands in shared memory afterwards, and as many words of the payload as were asked for. */
export interface Answer {
  readonly command: number;
  readonly payload: readonly number[];
}

/** Sends one message and waits for its answer, of `words` words. ETIMEDOUT: none came; EIO: the platform says it failed. */
export type Transfer = (command: number, payload: readonly number[], words: number) => Promise<Answer>;

/** What a channel remembers from one message to the next; JSON. */
export interface SavedChannel {
  readonly readyAt: number;
  readonly abandoned: boolean;
}

export class PccChannel {
  /** Guards shared memory and registers, from waiting for the channel to the last word of the answer. */
  readonly #lock: Lock;
  readonly #memory: SharedMemory;
  readonly #complete: Flag;
  readonly #error: Flag | undefined;
  readonly #update: () => void;
  readonly #doorbell: () => void;
  readonly #acknowledge: (() => void) | undefined;
  /** The message whose completion interrupt is waited for. */
  #underWay: { done(): void; failed(cause: unknown): void } | undefined;
  /** Model time from which the next message may be sent. */
  #readyAt = 0;
  /** It did not become free in time: nobody waits for it any more, until it is. */
  #abandoned = false;

  constructor(
    private readonly machine: ChannelMachine,
    readonly firmware: FirmwareChannel,
    cpu: CpuChoice,
    makeLock: MakeLock = (name, owner) => new Lock(name, owner),
  ) {
    this.#lock = makeLock("mailbox", `subspace ${firmware.subspace}`);
    this.#memory = new SharedMemory(machine.bus, cpu, this.toString());
    this.#complete = flag(this.#memory, firmware.complete);
    this.#error = firmware.error && flag(this.#memory, firmware.error);
    this.#update = changer(this.#memory, firmware.update);
    this.#doorbell = changer(this.#memory, firmware.doorbell);
    this.#acknowledge = firmware.acknowledge && changer(this.#memory, firmware.acknowledge);
  }

  toString(): string {
    return `mailbox ${this.firmware.subspace}`;
  }

  /** Runs `body` while nobody else uses the channel. */
  use<T>(access: Access | undefined, body: (transfer: Transfer) => Promise<T>): Promise<T> {
    return this.#lock.run(access?.under ?? NOTHING_HELD, () => body(this.#transfer), access?.signal);
  }

  /**
   * Before the first message: lowers an interrupt that somebody left raised, because nobody is told of it again. Returns the
   * signature that the platform left in shared memory, where it is not the one of this channel.
   */
  open(): number | undefined {
    if (this.firmware.interrupt !== 0) this.#acknowledge?.();
    const found = this.#memory.load32(this.firmware.base + SIGNATURE);
    return found === PCC_SIGNATURE + this.firmware.subspace ? undefined : found;
  }

  /** To be called when the completion interrupt is raised: it may be late, or shared with others. */
  interrupted(): void {
    try {
      this.#acknowledge?.();
      if (this.#underWay === undefined || !this.#complete.isSet()) return;
      if (this.#error?.isSet()) this.#error.clear();
      else this.#underWay.done();
    } catch (cause) {
      if (this.#underWay === undefined) throw cause;
      this.#underWay.failed(cause);
    }
  }

  save(): SavedChannel {
    return { readyAt: this.#readyAt, abandoned: this.#abandoned };
  }

  restore(saved: SavedChannel): void {
    this.#readyAt = saved.readyAt;
    this.#abandoned = saved.abandoned;
  }

  readonly #transfer: Transfer = async (command, payload, words) => {
    await this.#untilFree();
    const { base, interrupt, turnaroundUsec } = this.firmware;
    const memory = this.#memory;
    memory.store32(base + FLAGS, interrupt === 0 ? 0 : NOTIFY_ON_COMPLETION);
    memory.store32(base + LENGTH, 4 + 4 * payload.length);
    memory.store32(base + COMMAND, command);
    payload.forEach((word, at) => {
      memory.store32(base + PAYLOAD + 4 * at, word);
    });
    this.#update();
    await (interrupt === 0 ? this.#polled() : this.#notified());
    this.#readyAt = this.machine.clock.now + turnaroundUsec * 1000;
    const read = (_: unknown, at: number): number => memory.load32(base + PAYLOAD + 4 * at);
    return { command: memory.load32(base + COMMAND), payload: Array.from({ length: words }, read) };
  };

  async #untilFree(): Promise<void> {
    const { clock } = this.machine;
    if (clock.now < this.#readyAt) await clock.sleep(this.#readyAt - clock.now);
    const deadline = clock.now + MAILBOX_TIMEOUT_NS;
    while (!this.#complete.isSet()) {
      if (this.#abandoned || clock.now >= deadline) {
        this.#abandoned = true;
        throw new ErrnoError("ETIMEDOUT", `${this} is still busy with an earlier message`);
      }
      await clock.sleep(Math.min(POLL_NS, deadline - clock.now));
    }
    this.#abandoned = false;
  }

  async #polled(): Promise<void> {
    const { clock } = this.machine;
    const deadline = clock.now + MAILBOX_TIMEOUT_NS;
    this.#doorbell();
    let wait = this.firmware.latencyUsec * 1000;
    for (;;) {
      await clock.sleep(Math.min(wait, deadline - clock.now));
      if (this.#complete.isSet()) break;
      if (clock.now >= deadline) throw this.#noAnswer();
      wait = POLL_NS;
    }
    if (!this.#error?.isSet()) return;
    this.#error.clear();
    throw new ErrnoError("EIO", `${this}: the platform reports an error of the channel`);
  }

  async #notified(): Promise<void> {
    const ended = new AbortController();
    const answered = new Promise<boolean>((resolve, reject) => {
      this.#underWay = { done: () => resolve(true), failed: reject };
    });
    try {
      // The answer may be there before the doorbell's store returns.
      this.#doorbell();
      const late = this.machine.clock.sleep(MAILBOX_TIMEOUT_NS, ended.signal).then(
        () => false,
        () => true,
      );
      if (!(await Promise.race([answered, late]))) throw this.#noAnswer();
    } finally {
      this.#underWay = undefined;
      ended.abort(ANSWERED);
    }
  }

  #noAnswer(): ErrnoError {
    const what = this.#complete.isSet() ? "complete is set, but no interrupt came" : "no answer";
    return new ErrnoError("ETIMEDOUT", `${this}: ${what} within ${MAILBOX_TIMEOUT_NS / 1e6} ms`);
  }
}
