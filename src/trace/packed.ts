// The packed form: a line number, a requester, a byte of size and op, and the time since the row before. Two thirds smaller than plain
// columns before any compression, and what replay needs of them.
import { LINE_BYTES, type TraceBatch } from "../machine/index.ts";
import { BATCH_ROWS } from "./rows.ts";

/** A row with this step is no access: it stands for `line` times this many ns. */
export const ESCAPE = 0xffffffff;

export const PACKED_COLUMNS = ["line", "requester", "size_op", "step"] as const;

export interface PackedBatch {
  readonly rows: number;
  readonly line: Uint32Array;
  readonly requester: Uint16Array;
  readonly sizeOp: Uint8Array;
  readonly step: Uint32Array;
}

/** Turns rows into packed rows; accesses that cross a line border become one row per line. */
export class Packer {
  #rows = 0;
  readonly #line: Uint32Array;
  readonly #requester: Uint16Array;
  readonly #sizeOp: Uint8Array;
  readonly #step: Uint32Array;
  #time = 0;
  #seen = 0;

  /** Gives batches of `most` rows. */
  constructor(private readonly most = BATCH_ROWS) {
    this.#line = new Uint32Array(most);
    this.#requester = new Uint16Array(most);
    this.#sizeOp = new Uint8Array(most);
    this.#step = new Uint32Array(most);
  }

  *pack(batch: TraceBatch): Iterable<PackedBatch> {
    for (let i = 0; i < batch.rows; i++) yield* this.packRow(batch, i, this.#seen++);
  }

  /** Packs row `i` of a batch, row `number` of the trace. */
  *packRow(batch: TraceBatch, i: number, number: number): Iterable<PackedBatch> {
    let gap = (batch.time[i] as number) - this.#time;
    this.#time = batch.time[i] as number;
    const requester = batch.requester[i] as number;
    if (gap >= ESCAPE) {
      yield* this.#row(Math.floor(gap / ESCAPE), requester, 0, ESCAPE);
      gap %= ESCAPE;
    }
    let address = batch.address[i] as number;
    // An access of no bytes reaches its line all the same: replay counts it as one byte.
    let left = Math.max(1, batch.bytes[i] as number);
    while (left > 0) {
      const line = Math.floor(address / LINE_BYTES);
      if (line > 0xffffffff)
        throw new Error(`row ${number}: address ${address} has no 32-bit line number; import it with dense pages`);
      const bytes = Math.min(left, LINE_BYTES - (address % LINE_BYTES));
      yield* this.#row(line, requester, (bytes - 1) | ((batch.op[i] as number) << 6), gap);
      gap = 0;
      address += bytes;
      left -= bytes;
    }
  }

  /** What is left. */
  *end(): Iterable<PackedBatch> {
    if (this.#rows > 0) yield this.#take();
  }

  *#row(line: number, requester: number, sizeOp: number, step: number): Iterable<PackedBatch> {
    const row = this.#rows++;
    this.#line[row] = line;
    this.#requester[row] = requester;
    this.#sizeOp[row] = sizeOp;
    this.#step[row] = step;
    if (this.#rows === this.most) yield this.#take();
  }

  #take(): PackedBatch {
    const rows = this.#rows;
    this.#rows = 0;
    return {
      rows,
      line: this.#line.slice(0, rows),
      requester: this.#requester.slice(0, rows),
      sizeOp: this.#sizeOp.slice(0, rows),
      step: this.#step.slice(0, rows),
    };
  }
}

/** Rows that wait in all packers of a file that holds each requester by itself. */
const WAITING_ROWS = 2 ** 22;
const LEAST_ROWS = 256;

/** The same, each requester by itself: in batches of its own, with the times since its own row before. */
export class RequesterPacker {
  readonly #packers = new Map<number, Packer>();
  readonly #most: number;
  #seen = 0;

  constructor(requesters: number) {
    this.#most = Math.max(LEAST_ROWS, Math.min(BATCH_ROWS, Math.floor(WAITING_ROWS / Math.max(1, requesters))));
  }

  *pack(batch: TraceBatch): Iterable<PackedBatch> {
    for (let i = 0; i < batch.rows; i++) {
      const requester = batch.requester[i] as number;
      let packer = this.#packers.get(requester);
      if (packer === undefined) {
        packer = new Packer(this.#most);
        this.#packers.set(requester, packer);
      }
      yield* packer.packRow(batch, i, this.#seen++);
    }
  }

  /** What is left. */
  *end(): Iterable<PackedBatch> {
    for (const packer of this.#packers.values()) yield* packer.end();
  }
}

/** Packed rows as rows again, escapes taken out. `time` is that of the row before; the last row's is returned. */
export function unpackRows(packed: PackedBatch, time: number): { batch: TraceBatch; time: number } {
  const { rows, line, step } = packed;
  const batch = {
    rows: 0,
    time: new Float64Array(rows),
    address: new Float64Array(rows),
    bytes: new Uint16Array(rows),
    op: new Uint8Array(rows),
    requester: new Uint16Array(rows),
  };
  let now = time;
  let out = 0;
  for (let i = 0; i < rows; i++) {
    if (step[i] === ESCAPE) {
      now += (line[i] as number) * ESCAPE;
      continue;
    }
    now += step[i] as number;
    batch.time[out] = now;
    batch.address[out] = (line[i] as number) * LINE_BYTES;
    batch.bytes[out] = ((packed.sizeOp[i] as number) & 63) + 1;
    batch.op[out] = (packed.sizeOp[i] as number) >> 6;
    batch.requester[out] = packed.requester[i] as number;
    out++;
  }
  return { batch: out === rows ? { ...batch, rows } : cut(batch, out), time: now };
}

function cut(batch: Omit<TraceBatch, "rows">, rows: number): TraceBatch {
  return {
    rows,
    time: batch.time.subarray(0, rows),
    address: batch.address.subarray(0, rows),
    bytes: batch.bytes.subarray(0, rows),
    op: batch.op.subarray(0, rows),
    requester: batch.requester.subarray(0, rows),
  };
}
