// A mailbox: the PCC channel by which software has firmware make accesses of MSCs (docs/firmware.md, "Mailboxes").

import { ErrnoError } from "../errno/index.ts";
import { MAILBOX_REGISTERS, MAILBOX_WINDOW_BYTES, type MailboxDescription, type Space } from "../platform/index.ts";
import type { Clock } from "./clock.ts";
import type { MailboxInterrupt } from "./interrupts.ts";
import { answerTo, type FirmwareAccess } from "./mailbox-answer.ts";
import { type AccessBytes, type BusWindow, hex, nothing } from "./physical-bus.ts";

// Shared memory (PCC extended, type 3).
const SIGNATURE = 0;
const FLAGS = 4;
const LENGTH = 8;
const COMMAND = 12;
const PAYLOAD = 16;

const PCC_SIGNATURE = 0x5043_4300;
/** Of flags: software wants an interrupt when the message is answered. */
const NOTIFY = 1;

// Registers.
const DOORBELL = 0x00;
const COMPLETE = 0x08;
const UPDATE = 0x10;
const ACKNOWLEDGE = 0x18;
const ERROR = 0x20;

/** What software finds when a message is answered. */
export interface MailboxAnswer {
  readonly command: number;
  /** Status, and what follows it. */
  readonly words: readonly number[];
  /** Whether the channel becomes software's again. */
  readonly complete: boolean;
}

/** What may happen to messages. Each is asked once for a message. */
export interface MailboxInterference {
  /** Asked when a message starts: how many ns its answer takes beyond the latency. */
  delayNs(subspace: number): number;
  /** Asked when its answer is due: whether it is lost, and no access made. */
  drop(subspace: number): boolean;
  /** Asked of an answer before it is written: what is written in its place. */
  spoil(subspace: number, answer: MailboxAnswer): MailboxAnswer;
}

/** What a mailbox needs of the machine. */
export interface MailboxHost {
  readonly clock: Pick<Clock, "now" | "at">;
  readonly interference: MailboxInterference;
  /** How its firmware reaches the MSCs behind this subspace. */
  access(subspace: number): FirmwareAccess;
  /** Runs `work`; who listens to what it does is told afterwards. */
  quietly(work: () => void): void;
  /** Tells those who listen. */
  interrupt(event: MailboxInterrupt): void;
}

export interface MailboxState {
  /** Of the shared memory, but for zeros at its end. */
  readonly words: readonly number[];
  readonly complete: number;
  readonly error: number;
  readonly raised: 0 | 1;
  /** When the message under way will be answered, or null. */
  readonly due: number | null;
}

export class Mailbox implements BusWindow {
  readonly start: number;
  readonly bytes = MAILBOX_WINDOW_BYTES;
  readonly #memory: DataView;
  readonly #mscs: FirmwareAccess;
  #complete = 1;
  #error = 0;
  #raised: 0 | 1 = 0;
  #due: number | null = null;

  /** @param rank Its place among the mailboxes: that of its timers too. */
  constructor(
    private readonly description: MailboxDescription,
    private readonly rank: number,
    private readonly host: MailboxHost,
    state?: MailboxState,
  ) {
    this.start = description.base;
    this.#memory = new DataView(new ArrayBuffer(description.bytes));
    this.#mscs = host.access(description.subspace);
    if (!state) {
      this.#set(SIGNATURE, PCC_SIGNATURE | description.subspace);
      return;
    }
    for (const [index, word] of state.words.entries()) this.#set(4 * index, word);
    this.#complete = state.complete;
    this.#error = state.error;
    this.#raised = state.raised;
    if (state.due !== null) this.#answerAt(state.due);
  }

  admit(offset: number, bytes: AccessBytes, space: Space): void {
    const address = this.start + offset;
    if (space !== "ns") throw nothing(address, space);
    if (offset < MAILBOX_REGISTERS || bytes === 4) return;
    throw new ErrnoError("EINVAL", `${bytes} bytes at ${hex(address)}: registers of a mailbox are read by 4 bytes`);
  }

  load(offset: number, bytes: 1 | 2 | 4): number {
    if (offset >= MAILBOX_REGISTERS) return this.#read(offset - MAILBOX_REGISTERS);
    if (offset >= this.#memory.byteLength) return 0;
    if (bytes === 4) return this.#get(offset);
    return bytes === 2 ? this.#memory.getUint16(offset, true) : this.#memory.getUint8(offset);
  }

  store(offset: number, bytes: 1 | 2 | 4, value: number): void {
    if (offset >= MAILBOX_REGISTERS) this.#write(offset - MAILBOX_REGISTERS, value & 1);
    else if (offset >= this.#memory.byteLength) return;
    else if (bytes === 4) this.#set(offset, value);
    else if (bytes === 2) this.#memory.setUint16(offset, value, true);
    else this.#memory.setUint8(offset, value);
  }

  save(): MailboxState {
    const words = Array.from({ length: this.#memory.byteLength / 4 }, (_, index) => this.#get(4 * index));
    return {
      words: words.slice(0, words.findLastIndex((word) => word !== 0) + 1),
      complete: this.#complete,
      error: this.#error,
      raised: this.#raised,
      due: this.#due,
    };
  }

  #read(register: number): number {
    if (register === COMPLETE || register === UPDATE) return this.#complete;
    return register === ERROR ? this.#error : 0;
  }

  #write(register: number, bit: number): void {
    if (register === DOORBELL && bit === 1) this.#ring();
    else if (register === UPDATE) this.#complete = bit;
    else if (register === ACKNOWLEDGE && bit === 1) this.#wire(0);
    else if (register === ERROR) this.#error = bit;
  }

  #ring(): void {
    if (this.#due !== null) return;
    if (this.#complete === 1) {
      this.#error = 1;
      return;
    }
    const { subspace, latencyUsec } = this.description;
    const { clock, interference } = this.host;
    this.#answerAt(clock.now + latencyUsec * 1000 + interference.delayNs(subspace));
  }

  #answerAt(due: number): void {
    this.#due = due;
    this.host.clock.at(due, "mailbox", () => this.host.quietly(() => this.#answer()), this.rank);
  }

  #answer(): void {
    this.#due = null;
    const { subspace } = this.description;
    const { interference } = this.host;
    if (interference.drop(subspace)) return;
    const command = this.#get(COMMAND);
    const notify = (this.#get(FLAGS) & NOTIFY) !== 0;
    const words = answerTo({ length: this.#get(LENGTH), command, payload: this.#payload() }, this.#mscs);
    const answer = interference.spoil(subspace, { command, words, complete: true });
    this.#set(COMMAND, answer.command);
    this.#set(LENGTH, 4 + 4 * answer.words.length);
    for (const [index, word] of answer.words.entries()) this.#set(PAYLOAD + 4 * index, word);
    if (answer.complete) this.#complete = 1;
    if (notify && this.description.interrupt !== 0) this.#wire(1);
  }

  #payload(): readonly [number, number, number, number] {
    const word = (index: number) => this.#get(PAYLOAD + 4 * index);
    return [word(0), word(1), word(2), word(3)];
  }

  #wire(level: 0 | 1): void {
    if (this.#raised === level) return;
    this.#raised = level;
    const { subspace, interrupt: line } = this.description;
    const time = this.host.clock.now;
    this.host.interrupt({ kind: "mailbox", subspace, line, level, delivery: "wire", count: 1, time });
  }

  #get(offset: number): number {
    return this.#memory.getUint32(offset, true);
  }

  #set(offset: number, word: number): void {
    this.#memory.setUint32(offset, word, true);
  }
}

const isBit = (value: unknown) => value === 0 || value === 1;
const isWord = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

/** Whether a snapshot's word for the state of mailboxes can be used for these. */
export function areMailboxStates(states: unknown, mailboxes: readonly MailboxDescription[]): states is MailboxState[] {
  if (!Array.isArray(states) || states.length !== mailboxes.length) return false;
  return states.every((state: Partial<MailboxState> | null, index) => {
    if (typeof state !== "object" || state === null) return false;
    const { words, complete, error, raised, due } = state;
    return (
      Array.isArray(words) &&
      4 * words.length <= (mailboxes[index] as MailboxDescription).bytes &&
      words.every(isWord) &&
      [complete, error, raised].every(isBit) &&
      (due === null || (typeof due === "number" && due >= 0 && Number.isFinite(due)))
    );
  });
}
