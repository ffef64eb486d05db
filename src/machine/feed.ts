// One trace on its way in: batches are fetched ahead of need, rows are split at 64 bytes and at line borders, and every
// record gets its line number, its machine-wide requester and its place in model time.

import type { TraceBatch, TraceSource } from "./source.ts";

/** A record is this long at most: rows are split at its multiples, and at those of shorter lines. */
const RECORD_BYTES = 64;

/** Where a feed stands: a row of the trace, and records of that row and later ones that have run already. */
export interface FeedPosition {
  readonly row: number;
  readonly records: number;
}

export interface Placement {
  /** Machine-wide requester per requester of the trace. */
  readonly requesters: readonly number[];
  /** First byte of each address space, per requester of the trace. */
  readonly bases: readonly number[];
  /** Page numbers under a seed, per requester; absent: as in the trace. */
  readonly pages: readonly (Uint32Array | undefined)[];
  readonly pageBytes: number;
  readonly lineBytes: number;
  /** Lines at and past this one have no number. */
  readonly lineLimit: number;
}

/** A feed keeps one batch of records, in columns, and an index of the next one to run. */
export class Feed {
  lines = new Uint32Array(0);
  requesters = new Uint16Array(0);
  metas = new Uint8Array(0);
  times = new Float64Array(0);
  count = 0;
  next = 0;
  ended = false;

  #rowOfBatch: number;
  #rows = 0;
  #skip: number;
  readonly #batches: AsyncIterator<TraceBatch>;

  constructor(
    readonly source: TraceSource,
    private readonly placement: Placement,
    private readonly startNs: number,
    at: FeedPosition = { row: 0, records: 0 },
  ) {
    this.#rowOfBatch = at.row;
    this.#skip = at.records;
    this.#batches = source.batches(at.row)[Symbol.asyncIterator]();
  }

  get position(): FeedPosition {
    return { row: this.#rowOfBatch, records: this.next + this.#skip };
  }

  /** Model time of the next record, or Infinity at the end. Only after `ready`. */
  get time(): number {
    return this.next < this.count ? (this.times[this.next] as number) : Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the next record is here, or that the trace has ended. */
  async ready(): Promise<void> {
    while (this.next === this.count && !this.ended) {
      const step = await this.#batches.next();
      this.#rowOfBatch += this.#rows;
      if (step.done) {
        this.ended = true;
        this.#rows = 0;
        this.count = 0;
        this.next = 0;
        return;
      }
      this.#rows = step.value.rows;
      // A batch that cannot be taken leaves the feed before its first row.
      this.count = 0;
      this.next = 0;
      this.#take(step.value);
      this.next = Math.min(this.#skip, this.count);
      this.#skip -= this.next;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #take(batch: TraceBatch): void {
    const { requesters, bases, pages, pageBytes, lineBytes, lineLimit } = this.placement;
    const most = Math.min(RECORD_BYTES, lineBytes);
    let records = 0;
    for (let i = 0; i < batch.rows; i++) {
      const at = batch.address[i] as number;
      const bytes = batch.bytes[i] as number;
      records += Math.floor((at + Math.max(bytes, 1) - 1) / most) - Math.floor(at / most) + 1;
    }
    if (records > this.lines.length) {
      this.lines = new Uint32Array(records);
      this.requesters = new Uint16Array(records);
      this.metas = new Uint8Array(records);
      this.times = new Float64Array(records);
    }
    let out = 0;
    for (let i = 0; i < batch.rows; i++) {
      const who = batch.requester[i] as number;
      const requester = requesters[who];
      if (requester === undefined)
        throw new RangeError(`${this.#row(i)} names requester ${who} of ${requesters.length}`);
      const base = bases[who] as number;
      const permuted = pages[who];
      const op = (batch.op[i] as number) & 3;
      const time = this.startNs + (batch.time[i] as number);
      let address = batch.address[i] as number;
      let left = Math.max(batch.bytes[i] as number, 1);
      while (left > 0) {
        const within = address % most;
        const bytes = Math.min(left, most - within);
        let place = address;
        if (permuted) {
          const page = Math.floor(address / pageBytes);
          place = (permuted[page] as number) * pageBytes + (address % pageBytes);
        }
        const line = Math.floor((base + place) / lineBytes);
        if (!(line < lineLimit)) {
          throw new RangeError(
            `${this.#row(i)} is at byte ${base + place}; addresses here reach ${lineLimit * lineBytes}: import with dense pages`,
          );
        }
        this.lines[out] = line;
        this.requesters[out] = requester;
        this.metas[out] = (op << 6) | (bytes - 1);
        this.times[out] = time;
        out++;
        address += bytes;
        left -= bytes;
      }
    }
    this.count = out;
  }

  #row(i: number): string {
    return `${this.source.name}: row ${this.#rowOfBatch + i}`;
  }
}
