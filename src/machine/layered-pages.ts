// Register pages of machines in which something lies between software and the hardware: layers that change what is read and
// written, each over the next. Where there are none, DirectPages is the way.

import type { Space } from "../platform/index.ts";
import { coalesce, type MscInterrupt } from "./interrupts.ts";
import {
  type Caller,
  checkAccess,
  OPERATION_VALUE,
  OPERATION_WIDE,
  OPERATION_WORDS,
  OPERATION_WRITE,
  type Pages,
  type PagesHost,
} from "./pages.ts";
import { SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** A layer, or the hardware below all of them. Spaces are MPAM_SP. EIO from an MSC that does not answer. */
export interface Registers {
  read32(msc: number, offset: number, space: number): number;
  write32(msc: number, offset: number, value: number, space: number): void;
  /** What a read would find; to layers it is none. */
  peek32(msc: number, offset: number, space: number): number;
}

/** The hardware by itself. A look under a bad selector is an error there. */
export class HardwareRegisters implements Registers {
  constructor(private readonly hardware: Pick<Hardware, "read32" | "write32">) {}

  read32(msc: number, offset: number, space: number): number {
    return this.hardware.read32(msc, offset, space);
  }

  peek32(msc: number, offset: number, space: number): number {
    return this.hardware.read32(msc, offset, space);
  }

  write32(msc: number, offset: number, value: number, space: number): void {
    this.hardware.write32(msc, offset, value, space);
  }
}

export class LayeredPages implements Pages {
  constructor(private readonly host: PagesHost) {}

  read32(msc: number, offset: number, space: Space): number {
    checkAccess(this.host.mscs, msc, offset, space);
    const value = this.host.registers.read32(msc, offset, SPACE_NUMBERS[space]);
    this.#deliver();
    return value;
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    checkAccess(this.host.mscs, msc, offset, space);
    this.host.registers.write32(msc, offset, value >>> 0, SPACE_NUMBERS[space]);
    this.#deliver();
  }

  /** One by one, with interrupts put together as if the host had looked once. Ends at one that fails. */
  batch(operations: Uint32Array, count: number, _by: Caller, made: () => void): void {
    const { registers } = this.host;
    const events: MscInterrupt[] = [];
    try {
      eachStaged(operations, count, ({ msc, offset, space, value }) => {
        const read = value === undefined ? registers.read32(msc, offset, space) : 0;
        if (value !== undefined) registers.write32(msc, offset, value, space);
        events.push(...this.host.take());
        return read;
      });
      made();
    } finally {
      this.host.queue(coalesce(events));
      this.host.tell();
    }
  }

  #deliver(): void {
    this.host.queue(this.host.take());
    this.host.tell();
  }
}

/** One word of a staged access. */
interface StagedWord {
  readonly msc: number;
  readonly offset: number;
  /** As MPAM_SP. */
  readonly space: number;
  /** Absent for a read. */
  readonly value?: number;
}

/** Makes `count` staged accesses in order, low words first, and puts what reads answer in their places. */
export function eachStaged(operations: Uint32Array, count: number, make: (word: StagedWord) => number): void {
  for (let at = 0; at < count * OPERATION_WORDS; at += OPERATION_WORDS) {
    const [what = 0, first = 0] = operations.subarray(at, at + OPERATION_VALUE);
    for (let word = 0; word < ((what & OPERATION_WIDE) !== 0 ? 2 : 1); word++) {
      const place = at + OPERATION_VALUE + word;
      const access = { msc: what & 0xffff, offset: first + 4 * word, space: (what >>> 16) & 3 };
      if ((what & OPERATION_WRITE) === 0) operations[place] = make(access);
      else make({ ...access, value: operations[place] as number });
    }
  }
}
