// The platform's side of mailboxes, as plain as can be: docs/firmware.md, "Mailboxes", and linux-driver.md 12, in numbers of their own.
// With a model clock and an address map, it is machine enough for a driver.

import type { FirmwareChannel } from "../../src/firmware/index.ts";

const REGISTERS = 0x1000;

/** Model time that jumps to what is due next while somebody sleeps. */
export class ModelClock {
  now = 0;
  #order = 0;
  #idling = false;
  readonly #timers: { due: number; order: number; sleeps: boolean; fire: () => void }[] = [];

  at(due: number, fire: () => void): void {
    this.#add(due, false, fire);
  }

  sleep(ns: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = this.#add(this.now + ns, true, resolve);
      const stop = () => {
        const at = this.#timers.indexOf(wake);
        if (at >= 0) this.#timers.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      void this.#idle();
    });
  }

  #add(due: number, sleeps: boolean, fire: () => void) {
    const timer = { due, order: this.#order++, sleeps, fire };
    this.#timers.push(timer);
    return timer;
  }

  async #idle(): Promise<void> {
    if (this.#idling) return;
    this.#idling = true;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.#timers.some(({ sleeps }) => sleeps)) break;
      this.#timers.sort((a, b) => a.due - b.due || a.order - b.order);
      const next = this.#timers.shift()!;
      this.now = Math.max(this.now, next.due);
      next.fire();
    }
    this.#idling = false;
  }
}

export interface Page {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface MailboxOptions {
  readonly subspace?: number;
  readonly base?: number;
  readonly bytes?: number;
  readonly latencyUsec?: number;
  readonly turnaroundUsec?: number;
  /** 0: none. */
  readonly interrupt?: number;
  /** MSCs behind it by identifier. */
  readonly mscs?: ReadonlyMap<number, Page>;
}

/** How firmware fails; each call is about one message, numbered from 0. Absent: it does not. */
export interface Fault {
  /** Nanoseconds longer; Infinity: silent. */
  delay?: (message: number) => number;
  /** Changes the answer: words from offset 8 (length, command, status, ...). */
  spoil?: (words: number[], message: number) => void;
  /** complete stays 0, though the interrupt comes. */
  busy?: (message: number) => boolean;
  /** complete is set, and no interrupt comes. */
  mute?: (message: number) => boolean;
  /** The bytes that shared memory begins with afterwards, in place of an answer. */
  bytes?: (message: number) => Uint8Array;
}

export class FakeMailbox {
  readonly subspace: number;
  readonly base: number;
  readonly interrupt: number;
  readonly memory: DataView;
  readonly fault: Fault = {};
  version = 0x0001_0000;
  /** Messages firmware has looked at: the words of shared memory from flags on. */
  readonly messages: number[][] = [];
  /** The first 32 bytes of shared memory as they were when software rang. */
  readonly rung: Uint8Array[] = [];
  /** "W 0x1000 1", offsets from base, in order. */
  readonly accesses: string[] = [];
  complete = 1;
  error = 0;
  level = 0;
  #busy = false;

  constructor(
    private readonly platform: FakePlatform,
    readonly options: MailboxOptions,
  ) {
    this.subspace = options.subspace ?? 0;
    this.base = options.base ?? 0x9000_0000;
    this.interrupt = options.interrupt ?? 0;
    this.memory = new DataView(new ArrayBuffer(options.bytes ?? 256));
    this.memory.setUint32(0, 0x5043_4300 + this.subspace, true);
  }

  get channel(): FirmwareChannel {
    const { base, subspace, interrupt } = this;
    const at = (offset: number) => ({ address: base + REGISTERS + offset, bytes: 4 }) as const;
    return {
      subspace,
      base,
      bytes: this.memory.byteLength,
      interrupt,
      doorbell: { ...at(0x00), preserve: 0n, set: 1n },
      ...(interrupt === 0 ? {} : { acknowledge: { ...at(0x18), preserve: 0n, set: 1n } }),
      complete: { ...at(0x08), mask: 1n },
      update: { ...at(0x10), preserve: 0xffff_fffen, set: 0n },
      error: { ...at(0x20), mask: 1n },
      latencyUsec: this.options.latencyUsec ?? 5,
      turnaroundUsec: this.options.turnaroundUsec ?? 0,
    };
  }

  load32(offset: number): number {
    const value = this.#load(offset);
    this.accesses.push(`R 0x${offset.toString(16)}`);
    return value;
  }

  store32(offset: number, value: number): void {
    this.accesses.push(`W 0x${offset.toString(16)} ${value}`);
    if (offset < REGISTERS) {
      if (offset + 4 <= this.memory.byteLength) this.memory.setUint32(offset, value, true);
      return;
    }
    switch (offset - REGISTERS) {
      case 0x00:
        if (value & 1) this.#ring();
        break;
      case 0x10:
        this.complete = value & 1;
        break;
      case 0x18:
        if (value & 1) this.#wire(0);
        break;
      case 0x20:
        this.error = value & 1;
    }
  }

  #load(offset: number): number {
    if (offset < REGISTERS) return offset + 4 <= this.memory.byteLength ? this.memory.getUint32(offset, true) : 0;
    if (offset === 0x1008 || offset === 0x1010) return this.complete;
    return offset === 0x1020 ? this.error : 0;
  }

  #ring(): void {
    if (this.#busy) return;
    if (this.complete === 1) {
      this.error = 1;
      return;
    }
    this.#busy = true;
    const message = this.rung.push(new Uint8Array(this.memory.buffer.slice(0, 32))) - 1;
    const { clock } = this.platform;
    const due = clock.now + (this.options.latencyUsec ?? 5) * 1000 + (this.fault.delay?.(message) ?? 0);
    if (due < Number.POSITIVE_INFINITY) clock.at(due, () => this.#answer(message));
  }

  #answer(message: number): void {
    this.#busy = false;
    const word = (offset: number) => this.memory.getUint32(offset, true);
    const notify = word(4) & 1;
    this.messages.push([4, 8, 12, 16, 20, 24, 28].map(word));
    const payload = this.#work(word(8), word(12), [16, 20, 24, 28].map(word));
    const answer = [4 + 4 * payload.length, word(12), ...payload];
    this.fault.spoil?.(answer, message);
    answer.forEach((value, at) => {
      this.memory.setUint32(8 + 4 * at, value, true);
    });
    const bytes = this.fault.bytes?.(message);
    if (bytes) new Uint8Array(this.memory.buffer).set(bytes);
    if (!this.fault.busy?.(message)) this.complete = 1;
    if (notify === 1 && this.interrupt !== 0 && !this.fault.mute?.(message)) this.#wire(1);
  }

  #work(length: number, command: number, [msc = 0, flags = 0, offset = 0, value = 0]: number[]): number[] {
    const id = command & 0xff;
    if (((command >>> 10) & 0xff) !== 0x1a || ![0, 4, 5].includes(id)) return [-1];
    if (((command >>> 8) & 3) !== 0 || length !== { 0: 4, 4: 16, 5: 20 }[id]) return [-10];
    if (id === 0) return [0, this.version];
    const page = this.options.mscs?.get(msc);
    if (page === undefined) return [-4];
    if (flags !== 0) return [-2];
    if (offset % 4 !== 0 || offset >= 0x1_0000) return [-5];
    if (id === 4) return [0, page.read32(offset)];
    page.write32(offset, value);
    return [0];
  }

  #wire(level: number): void {
    if (this.level === level) return;
    this.level = level;
    this.platform.raise(this.interrupt, level);
  }
}

/** Mailboxes in an address map, an online cpu or none, interrupt lines. */
export class FakePlatform {
  readonly clock = new ModelClock();
  readonly mailboxes: FakeMailbox[] = [];
  readonly handlers = new Set<(event: { kind: "mailbox"; line: number; level: number }) => void>();
  cpu: number | undefined = 0;
  readonly bus = {
    load32: (cpu: number, space: string, address: number) => {
      const mailbox = this.#find(cpu, space, address);
      return mailbox.load32(address - mailbox.base) | 0;
    },
    store32: (cpu: number, space: string, address: number, value: number) => {
      const mailbox = this.#find(cpu, space, address);
      mailbox.store32(address - mailbox.base, value);
    },
    read: (): bigint => {
      throw new Error("registers of these mailboxes are 4 bytes wide");
    },
    write: (): void => {
      throw new Error("registers of these mailboxes are 4 bytes wide");
    },
  };

  addMailbox(options: MailboxOptions = {}): FakeMailbox {
    const mailbox = new FakeMailbox(this, options);
    this.mailboxes.push(mailbox);
    return mailbox;
  }

  onInterrupt(handler: (event: { kind: "mailbox"; line: number; level: number }) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  raise(line: number, level: number): void {
    for (const handler of this.handlers) handler({ kind: "mailbox", line, level });
  }

  #find(cpu: number, space: string, address: number): FakeMailbox {
    if (space !== "ns" || cpu !== this.cpu || address % 4 !== 0) throw new Error(`cpu ${cpu}, ${space}, ${address}`);
    const found = this.mailboxes.find(({ base }) => address >= base && address < base + 0x1_0000);
    if (found === undefined) throw new Error(`nothing answers at 0x${address.toString(16)}`);
    return found;
  }
}

/** A page of plain words. */
export function plainPage(): Page & { readonly words: Map<number, number> } {
  const words = new Map<number, number>();
  return {
    words,
    read32: (offset) => words.get(offset) ?? 0,
    write32: (offset, value) => void words.set(offset, value >>> 0),
  };
}
