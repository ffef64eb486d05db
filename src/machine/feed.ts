// One trace on its way in: batches are fetched ahead of need, rows are split at 64 bytes and at line borders, and every
// record gets its line number, its machine-wide requester and its place in model time.

import { LINE_BYTES, type TraceBatch, type TraceSource } from "./source.ts";

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
  /** Bytes of each address space, per requester; undefined where the trace does not list the space. */
  readonly reaches: readonly (number | undefined)[];
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
  /** What the trace threw in place of its next batch. */
  failure: { readonly error: unknown } | undefined;

  #rowOfBatch: number;
  #rows = 0;
  #skip: number;
  /** Records of this feed before the batch that is here, and records that have run. */
  #before = 0;
  #ran: number;
  /** The first row, and the number of the first record, of each batch that has a record which has not run. */
  readonly #marks: { readonly row: number; readonly first: number }[];
  readonly #batches: AsyncIterator<TraceBatch>;

  constructor(
    readonly source: TraceSource,
    private readonly placement: Placement,
    private readonly startNs: number,
    at: FeedPosition = { row: 0, records: 0 },
  ) {
    this.#rowOfBatch = at.row;
    this.#skip = at.records;
    this.#ran = at.records;
    this.#marks = [{ row: at.row, first: 0 }];
    this.#batches = source.batches(at.row)[Symbol.asyncIterator]();
  }

  get position(): FeedPosition {
    const [mark] = this.#marks;
    return { row: mark?.row ?? 0, records: this.#ran - (mark?.first ?? 0) };
  }

  /** `count` records more have run. Those that have only been taken come again when the feed is made anew from `position`. */
  advance(count: number): void {
    this.#ran += count;
    const after = this.#marks.findIndex(({ first }) => first > this.#ran);
    this.#marks.splice(0, (after < 0 ? this.#marks.length : after) - 1);
  }

  /** Model time of the next record, or Infinity at the end. Only after `ready`. */
  get time(): number {
    return this.next < this.count ? (this.times[this.next] as number) : Number.POSITIVE_INFINITY;
  }

  /** Makes sure that the next record is here, or that the trace has ended, or says why it cannot be: `failure`. */
  async ready(): Promise<void> {
    try {
      while (this.next === this.count && !this.ended && !this.failure) this.#arrive(await this.#batches.next());
    } catch (error) {
      this.failure = { error };
    }
  }

  #arrive(step: IteratorResult<TraceBatch>): void {
    this.#rowOfBatch += this.#rows;
    this.#before += this.count;
    this.#rows = step.done ? 0 : step.value.rows;
    this.#marks.push({ row: this.#rowOfBatch, first: this.#before });
    this.advance(0);
    // A batch that cannot be taken leaves the feed before its first row.
    this.count = 0;
    this.next = 0;
    if (step.done) {
      this.ended = true;
      return;
    }
    this.#take(step.value);
    this.next = Math.min(this.#skip, this.count);
    this.#skip -= this.next;
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #take(batch: TraceBatch): void {
    const { requesters, bases, reaches, pages, pageBytes, lineBytes, lineLimit } = this.placement;
    const most = Math.min(LINE_BYTES, lineBytes);
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
      const reach = reaches[who];
      if (reach === undefined) {
        const asid = this.source.requesters[who]?.asid;
        throw new RangeError(`${this.#row(i)} is of address space ${asid}, which the trace does not list`);
      }
      const permuted = pages[who];
      const op = (batch.op[i] as number) & 3;
      const time = this.startNs + (batch.time[i] as number);
      let address = batch.address[i] as number;
      let left = Math.max(batch.bytes[i] as number, 1);
      if (!(address >= 0 && address + left <= reach)) {
        throw new RangeError(
          `${this.#row(i)} reaches byte ${address + left - 1} of its address space, which has ${reach}`,
        );
      }
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
