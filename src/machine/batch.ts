// Register accesses in a batch: staged one by one, run in one go, results afterwards.

import { ErrnoError } from "../errno/index.ts";
import type { MscInstance, Space } from "../platform/index.ts";
import {
  type Caller,
  checkAccess,
  OPERATION_VALUE,
  OPERATION_WIDE,
  OPERATION_WORDS,
  OPERATION_WRITE,
  type Pages,
} from "./pages.ts";
import { SPACE_NUMBERS } from "./spaces.ts";

/**
 * Accesses that run in the order in which they were staged, as single ones would, but with one call of the hardware for
 * up to 4096 of them; interrupts are looked at once, after the last. Each staged access has a number, from 0 up; `value` and
 * `value64` answer what a read of that number found. A batch can run again; `clear` empties it.
 */
export class RegisterBatch {
  #operations = new Uint32Array(64 * OPERATION_WORDS);
  #length = 0;
  #ran = 0;

  /** Made by `machine.batch()`. */
  constructor(
    private readonly mscs: readonly MscInstance[],
    private readonly pages: () => Pages,
    private readonly by: Caller,
  ) {}

  /** Accesses staged. */
  get length(): number {
    return this.#length;
  }

  /** Stages a read of one word; answers the number of the access. EINVAL as `machine.read32`. */
  read32(msc: number, offset: number, space: Space = "ns"): number {
    return this.#stage(msc, offset, space, 0, 0, 0);
  }

  /** Stages a read of two words, low first, at a multiple of 8. */
  read64(msc: number, offset: number, space: Space = "ns"): number {
    return this.#stage(msc, offset, space, OPERATION_WIDE, 0, 0);
  }

  /** Stages a write of one word; answers the number of the access. */
  write32(msc: number, offset: number, value: number, space: Space = "ns"): number {
    return this.#stage(msc, offset, space, OPERATION_WRITE, value, 0);
  }

  /** Stages a write of two words, low first, at a multiple of 8. */
  write64(msc: number, offset: number, value: bigint, space: Space = "ns"): number {
    const low = Number(value & 0xffff_ffffn);
    return this.#stage(
      msc,
      offset,
      space,
      OPERATION_WRITE | OPERATION_WIDE,
      low,
      Number((value >> 32n) & 0xffff_ffffn),
    );
  }

  /** Runs everything staged. */
  run(): this {
    const length = this.#length;
    // An MSC that does not answer ends a batch in its middle; handlers of interrupts throw when all has run.
    this.#ran = 0;
    this.pages().batch(this.#operations, length, this.by, () => {
      this.#ran = length;
    });
    return this;
  }

  /** The word that access `number` read, or the low word of two; of a write, what it wrote. */
  value(number: number): number {
    return this.#operations[this.#valueAt(number)] as number;
  }

  /** The two words that access `number` read. */
  value64(number: number): bigint {
    const at = this.#valueAt(number);
    return BigInt(this.#operations[at] as number) | (BigInt(this.#operations[at + 1] as number) << 32n);
  }

  /** Forgets what is staged and what was read. */
  clear(): this {
    this.#length = 0;
    this.#ran = 0;
    return this;
  }

  #stage(msc: number, offset: number, space: Space, what: number, low: number, high: number): number {
    checkAccess(this.mscs, msc, offset, space);
    if ((what & OPERATION_WIDE) !== 0 && offset % 8 !== 0) {
      throw new ErrnoError("EINVAL", `offset ${offset}: an access of 8 bytes lies at a multiple of 8`);
    }
    const number = this.#length++;
    const at = number * OPERATION_WORDS;
    if (at === this.#operations.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#operations);
      this.#operations = larger;
    }
    this.#operations.set([what | (SPACE_NUMBERS[space] << 16) | msc, offset, low, high], at);
    return number;
  }

  #valueAt(number: number): number {
    if (!(number >= 0 && number < this.#ran)) {
      throw new RangeError(`access ${number} has not run: this batch ran ${this.#ran}`);
    }
    return number * OPERATION_WORDS + OPERATION_VALUE;
  }
}
