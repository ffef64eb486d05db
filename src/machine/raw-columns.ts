// The fast way of rows into the hardware's memory: columns are read from where they lie in their file straight into a slab,
// and the intake makes records of them there.

import {
  COLUMNS,
  type FeedPosition,
  type Filler,
  PACKED,
  type Piece,
  type Placement,
  type Slab,
} from "./columns-in.ts";
import { ESCAPE_STEP, LINE_BYTES, RAW_WIDTHS, type RawBatch, type RawRows } from "./source.ts";

/** What may lie unused between columns that are read at once. */
const GAP_BYTES = 4096;

/** A slab of many small batches is not filled for ever. */
const MOST_PIECES = 1024;

interface Read {
  readonly offset: number;
  readonly at: number;
  bytes: number;
}

export class RawColumns implements Filler {
  readonly #batches: Iterator<RawBatch>;
  #batch: RawBatch | undefined;
  /** Rows of the batch that have been read. */
  #done = 0;
  #row: number;
  #reading: Promise<unknown> = Promise.resolve();
  readonly #rowBytes: number;

  constructor(
    private readonly raw: RawRows,
    private readonly placement: Placement,
    private readonly memory: WebAssembly.Memory,
    at: FeedPosition,
  ) {
    this.#row = at.row;
    this.#rowBytes = RAW_WIDTHS[raw.form].reduce((sum, width) => sum + width);
    this.#batches = raw.batches[Symbol.iterator]();
    this.#advance();
  }

  async close(): Promise<void> {
    await this.#reading;
    await this.raw.close();
  }

  async fill(slab: Slab): Promise<readonly Piece[]> {
    const pieces: Piece[] = [];
    const reads: Read[] = [];
    let free = slab.at;
    const end = slab.at + slab.bytes;
    while (this.#batch && pieces.length < MOST_PIECES) {
      const taken = this.#whole(this.#batch, free, end, reads) ?? this.#part(this.#batch, free, end, reads);
      if (!taken) break;
      pieces.push(taken.piece);
      free = taken.free;
    }
    const { buffer } = this.memory;
    const reading = reads.map(({ offset, at, bytes }) => this.raw.read(offset, new Uint8Array(buffer, at, bytes)));
    // None writes here any more when one has failed.
    this.#reading = Promise.allSettled(reading);
    await this.#reading;
    await Promise.all(reading);
    for (const piece of pieces) this.#permute(piece);
    return pieces;
  }

  /** All columns of a batch as they lie in the file, where hardly anything lies between them. */
  #whole(batch: RawBatch, free: number, end: number, reads: Read[]) {
    if (this.#done > 0) return undefined;
    const { length, columns } = batch;
    const widths = RAW_WIDTHS[this.raw.form];
    const first = Math.min(...columns);
    const bytes = Math.max(...columns.map((at, i) => at + length * (widths[i] as number))) - first;
    const needed = length * this.#rowBytes;
    if (bytes > needed + GAP_BYTES) return undefined;
    const last = reads.at(-1);
    const gap = last ? first - (last.offset + last.bytes) : -1;
    const joins = last !== undefined && gap >= 0 && gap <= GAP_BYTES && last.at + last.bytes === free;
    const at = joins ? free + gap : free;
    if (at + bytes > end) return undefined;
    if (joins) last.bytes += gap + bytes;
    else reads.push({ offset: first, at, bytes });
    const piece = this.#piece(
      batch,
      length,
      columns.map((column) => at + column - first),
    );
    // What follows in the file is to follow here.
    return { piece, free: at + bytes };
  }

  /** Some rows of a batch, column by column: only where the slab is as good as empty, or hardly any fit. */
  #part(batch: RawBatch, free: number, end: number, reads: Read[]) {
    if (reads.length > 0) return undefined;
    const widths = RAW_WIDTHS[this.raw.form];
    const rows = Math.min(batch.length - this.#done, Math.floor((end - free) / this.#rowBytes / 16) * 16);
    let at = free;
    const places = batch.columns.map((column, i) => {
      const width = widths[i] as number;
      const place = at;
      reads.push({ offset: column + this.#done * width, at: place, bytes: rows * width });
      at += rows * width;
      return place;
    });
    return { piece: this.#piece(batch, rows, places), free: at };
  }

  #piece(batch: RawBatch, rows: number, columns: readonly number[]): Piece {
    const { time, laterNs, skip } = batch;
    const begin = this.#done === 0 ? { begin: { time, laterNs, skip, rows: batch.rows } } : {};
    const from = { row: this.#row, records: 0 };
    this.#done += rows;
    if (this.#done === batch.length) {
      this.#row += batch.rows;
      this.#advance();
    }
    return { form: this.raw.form === "packed" ? PACKED : COLUMNS, length: rows, columns, from, ...begin };
  }

  #advance(): void {
    do {
      const step = this.#batches.next();
      this.#batch = step.done ? undefined : step.value;
    } while (this.#batch && this.#batch.length === 0);
    this.#done = 0;
  }

  /** Pages under a seed: packed rows lie within a line, so their lines can be moved before anybody looks at them. */
  #permute({ columns, length }: Piece): void {
    const { pages, pageBytes } = this.placement;
    if (!pages.some((permuted) => permuted)) return;
    const [lineAt = 0, requesterAt = 0, , stepAt = 0] = columns;
    const { buffer } = this.memory;
    // The file need not have put them on borders of words.
    const lines = new DataView(buffer, lineAt, 4 * length);
    const requesters = new DataView(buffer, requesterAt, 2 * length);
    const steps = new DataView(buffer, stepAt, 4 * length);
    const pageLines = pageBytes / LINE_BYTES;
    for (let i = 0; i < length; i++) {
      if (steps.getUint32(4 * i, true) === ESCAPE_STEP) continue;
      const line = lines.getUint32(4 * i, true);
      const page = pages[requesters.getUint16(2 * i, true)]?.[Math.floor(line / pageLines)];
      // What reaches too far is refused by the intake as it is.
      if (page !== undefined) lines.setUint32(4 * i, page * pageLines + (line % pageLines), true);
    }
  }
}
