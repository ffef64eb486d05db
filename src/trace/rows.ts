// Rows on their way from an importer to the address rule: plain columns, one push per record, no object per record.
import { CHUNK_BYTES } from "./input.ts";

/** Rows per batch, in memory and in files. */
export const BATCH_ROWS = 65536;

/** Rows as recorded: addresses in two words, because 64-bit addresses do not fit a double. */
export interface RawRows {
  readonly rows: number;
  readonly time: Float64Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly bytes: Uint16Array;
  readonly op: Uint8Array;
  readonly requester: Uint16Array;
}

/** The densest recording is a drmemtrace file of bundles, 8 instructions in 12 bytes; one record may be left from before. */
const ROWS_PER_CHUNK = Math.ceil(CHUNK_BYTES / 12) * 8 + 8;

export class RowBuffer {
  rows = 0;
  #time = new Float64Array(BATCH_ROWS);
  #high = new Uint32Array(BATCH_ROWS);
  #low = new Uint32Array(BATCH_ROWS);
  #bytes = new Uint16Array(BATCH_ROWS);
  #op = new Uint8Array(BATCH_ROWS);
  #requester = new Uint16Array(BATCH_ROWS);

  /** True when the rows of one more chunk would certainly fit. */
  get hasRoom(): boolean {
    return this.rows + ROWS_PER_CHUNK <= BATCH_ROWS;
  }

  push(time: number, high: number, low: number, bytes: number, op: number, requester: number): void {
    const row = this.rows++;
    this.#time[row] = time;
    this.#high[row] = high;
    this.#low[row] = low;
    this.#bytes[row] = bytes;
    this.#op[row] = op;
    this.#requester[row] = requester;
  }

  /** The rows so far, copied out; the buffer is empty again. */
  take(): RawRows {
    const rows = this.rows;
    this.rows = 0;
    return {
      rows,
      time: this.#time.slice(0, rows),
      high: this.#high.slice(0, rows),
      low: this.#low.slice(0, rows),
      bytes: this.#bytes.slice(0, rows),
      op: this.#op.slice(0, rows),
      requester: this.#requester.slice(0, rows),
    };
  }
}
