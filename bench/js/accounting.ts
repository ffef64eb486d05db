// The plain JavaScript twin of accounting: a counter per key, and every record looks whether it passed its threshold.
import { checksumText, hashAdd64, mix } from "../mixer.ts";
import type { AccountingColumns } from "../workload.ts";

/** A 31-bit counter overflows here. */
const LIMIT = 2 ** 31;

export class PlainAccounting {
  // Doubles count exactly up to 2^53, far past the thresholds.
  readonly #bytes: Float64Array;
  readonly #thresholds: Float64Array;
  readonly overflows: Uint32Array;

  constructor(keys: number) {
    this.#bytes = new Float64Array(keys);
    this.#thresholds = new Float64Array(keys).fill(LIMIT);
    this.overflows = new Uint32Array(keys);
  }

  count(columns: AccountingColumns, from: number, to: number): void {
    const { key, bytes } = columns;
    const counters = this.#bytes;
    const thresholds = this.#thresholds;
    for (let i = from; i < to; i++) {
      const k = key[i] as number;
      const total = (counters[k] as number) + (bytes[i] as number);
      counters[k] = total;
      if (total >= (thresholds[k] as number)) this.#passed(k);
    }
  }

  #passed(key: number): void {
    this.overflows[key] = (this.overflows[key] as number) + 1;
    this.#thresholds[key] = (this.#thresholds[key] as number) + LIMIT;
  }

  checksum(): string {
    return checksumText(this.#bytes.reduce((h, total) => hashAdd64(h, total), mix(0)));
  }
}
