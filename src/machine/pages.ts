// Register pages as the host reaches them. DirectPages is the way taken while nobody watches, and knows nothing of
// watching; src/machine/watched-pages.ts stands in for it while somebody does.

import { ErrnoError } from "../errno/index.ts";
import type { MscInstance, Space } from "../platform/index.ts";
import { coalesce, type InterruptEvent, type MscInterrupt } from "./interrupts.ts";
import type { Registers } from "./layered-pages.ts";
import { SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** Who makes an access: a name such as "driver" or "host", the number of a cpu, or who made it by which cpu. */
export type Caller = string | number | { readonly by: string; readonly cpu: number };

export interface Pages {
  read32(msc: number, offset: number, space: Space, by: Caller): number;
  write32(msc: number, offset: number, value: number, space: Space, by: Caller): void;
  /** Runs `count` staged accesses in order and puts what they read in their value words; `made` comes before handlers hear. */
  batch(operations: Uint32Array, count: number, by: Caller, made: () => void): void;
}

/** What pages are made of. */
export interface PagesHost {
  readonly hardware: Hardware;
  readonly memory: WebAssembly.Memory;
  readonly mscs: readonly MscInstance[];
  /** What software finds, where something lies between it and the hardware. */
  readonly registers: Registers;
  now(): number;
  /** Takes the interrupts that the hardware has queued. */
  take(): MscInterrupt[];
  /** Puts events where handlers will hear of them, and tells the handlers. */
  queue(events: readonly InterruptEvent[]): void;
  tell(): void;
  /** Whether nobody is to be told yet: whoever asked for that tells them. */
  isQuiet(): boolean;
}

// Words of a staged access as assembly/msc/batch.ts has them: what it is, offset, value low, value high.
export const OPERATION_WORDS = 4;
export const OPERATION_VALUE = 2;
export const OPERATION_WRITE = 0x0004_0000;
export const OPERATION_WIDE = 0x0008_0000;
/** Accesses of one call at most. */
export const CALL_OPERATIONS = 4096;

export class DirectPages implements Pages {
  constructor(private readonly host: PagesHost) {}

  read32(msc: number, offset: number, space: Space): number {
    const { hardware, mscs } = this.host;
    checkAccess(mscs, msc, offset, space);
    const value = hardware.read32(msc, offset, SPACE_NUMBERS[space]);
    if (hardware.eventCount() !== 0) this.#deliver();
    return value;
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    const { hardware, mscs } = this.host;
    checkAccess(mscs, msc, offset, space);
    hardware.write32(msc, offset, value >>> 0, SPACE_NUMBERS[space]);
    if (hardware.eventCount() !== 0) this.#deliver();
  }

  batch(operations: Uint32Array, count: number, _by: Caller, made: () => void): void {
    const { hardware, memory } = this.host;
    const events: MscInterrupt[] = [];
    let from = 0;
    while (from < count) {
      const n = Math.min(CALL_OPERATIONS, count - from);
      const piece = operations.subarray(from * OPERATION_WORDS, (from + n) * OPERATION_WORDS);
      const staged = new Uint32Array(memory.buffer, hardware.operations(), piece.length);
      staged.set(piece);
      from += hardware.batch(n);
      piece.set(staged);
      if (hardware.eventCount() !== 0) events.push(...this.host.take());
    }
    made();
    if (events.length === 0) return;
    this.host.queue(coalesce(events));
    this.host.tell();
  }

  #deliver(): void {
    this.host.queue(this.host.take());
    this.host.tell();
  }
}

/** Throws EINVAL for what no access can name. */
export function checkAccess(mscs: readonly MscInstance[], msc: number, offset: number, space: Space): void {
  checkMsc(mscs, msc);
  if (!(offset >= 0 && offset < 0x1_0000) || offset % 4 !== 0) {
    throw new ErrnoError("EINVAL", `offset ${offset}: registers lie at multiples of 4 below 0x10000`);
  }
  if (typeof SPACE_NUMBERS[space] !== "number") {
    throw new ErrnoError("EINVAL", `space ${String(space)}: s, ns, rt or rl is allowed`);
  }
}

export function checkMsc(mscs: readonly MscInstance[], msc: number): void {
  if (!mscs[msc]) throw new ErrnoError("EINVAL", `there is no msc ${msc}: this machine has 0..${mscs.length - 1}`);
}
