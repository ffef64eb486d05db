// A machine with MSCs behind mailboxes, and software's side of a PCC channel, word by word (linux-driver.md 12.1, 12.2).

import { Machine } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";

/** MSC 0, which has a page. */
export const PAGE = 0x1_4100_0000;
/** Subspace 3, in front of MSC 1 and 2; 7 us, line 90. */
export const SHARED = 0x2_0000_0000;
/** Subspace 0, in front of MSC 3; 2 us, no interrupt. */
export const POLLED = 0x2_0001_0000;

/** From the base of a mailbox: the lengths and places of docs/firmware.md. */
export const DOORBELL = 0x1000;
export const COMPLETE = 0x1008;
export const UPDATE = 0x1010;
export const ACKNOWLEDGE = 0x1018;
export const ERROR = 0x1020;

const RIS = { ris: 0, cpor: { cpbmWd: 16 }, csu: { monitors: 2 }, mbwu: { monitors: 2, counter: 63 } };
const SHAPE = { version: "1.1", errorInterrupt: 44, overflowInterrupt: 45, ris: [RIS] } as const;

export interface Different {
  readonly quantumNs?: number;
  /** Of MSC 0. */
  readonly power?: "lost";
  readonly cpus?: readonly number[];
}

export function mailboxPlatform({ quantumNs = 100, ...different }: Different = {}): Platform {
  return checkObject(
    {
      name: "behind mailboxes",
      cpus: 4,
      processor: { partidMax: 15, pmgMax: 3 },
      quantumNs,
      mailboxes: [
        { subspace: 0, base: POLLED, latencyUsec: 2, bytes: 32 },
        { subspace: 3, base: SHARED, latencyUsec: 7, interrupt: 90 },
      ],
      caches: [
        { level: 2, bytes: 4096, ways: 4, msc: { base: PAGE, ...SHAPE, ...different } },
        { level: 3, bytes: 8192, ways: 4, slices: 2, msc: { mailbox: 3, ...SHAPE } },
      ],
      memory: [
        {
          node: 0,
          bytes: "1 GiB",
          bytesPerSecond: "10 GB/s",
          msc: { mailbox: 0, ...SHAPE, ris: [{ ris: 0, mbw: { bwaWd: 8, maxLim: "soft" } }] },
        },
      ],
    },
    "test/machine/mailboxes.ts",
  );
}

export function mailboxMachine(different: Different = {}): Promise<Machine> {
  return Machine.create(mailboxPlatform(different));
}

/** A command word by hand: id, type << 8, protocol << 10, token << 18. */
export function command(id: number, token = 0, different: { type?: number; protocol?: number } = {}): number {
  const { type = 0, protocol = 0x1a } = different;
  return (id | (type << 8) | (protocol << 10) | (token << 18)) >>> 0;
}

export interface Sent {
  /** Word at 4. */
  readonly flags?: number;
  /** Word at 8. */
  readonly length: number;
  /** Word at 12, and those after it. */
  readonly words: readonly number[];
}

export function readMessage(msc: number, offset: number, token = 0): Sent {
  return { length: 16, words: [command(4, token), msc, 0, offset] };
}

export function writeMessage(msc: number, offset: number, value: number, token = 0): Sent {
  return { length: 20, words: [command(5, token), msc, 0, offset, value] };
}

/** Software's side of one mailbox, from cpu 0. */
export class Channel {
  constructor(
    readonly machine: Machine,
    readonly base: number,
  ) {}

  load(offset: number): number {
    return this.machine.bus.load32(0, "ns", this.base + offset);
  }

  store(offset: number, value: number): void {
    this.machine.bus.store32(0, "ns", this.base + offset, value);
  }

  /** Words of the shared memory. */
  words(from: number, count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.load(from + 4 * index));
  }

  /** Writes a message, hands the channel over, and rings. */
  send({ flags = 0, length, words }: Sent): void {
    this.store(4, flags);
    this.store(8, length);
    for (const [index, word] of words.entries()) this.store(12 + 4 * index, word);
    this.store(UPDATE, 0);
    this.store(DOORBELL, 1);
  }

  /** Sends with the wish for an interrupt, and waits for that or for `timeoutNs`. */
  async call(message: Sent, timeoutNs: number): Promise<"answered" | "timed out"> {
    const answered = new AbortController();
    const stop = this.machine.onInterrupt(({ kind, level }) => {
      if (kind !== "mailbox" || level === 0) return;
      this.store(ACKNOWLEDGE, 1);
      answered.abort("answered");
    });
    try {
      this.send({ ...message, flags: 1 });
      await this.machine.clock.sleep(timeoutNs, answered.signal);
      return "timed out";
    } catch (reason) {
      if (reason === "answered") return reason;
      throw reason;
    } finally {
      stop();
    }
  }

  /** Sends, and polls every 1 us: length, command and payload as software finds them. */
  async ask(message: Sent): Promise<number[]> {
    this.send(message);
    while (this.load(COMPLETE) !== 1) await this.machine.clock.sleep(1000);
    return this.words(8, 5);
  }
}
