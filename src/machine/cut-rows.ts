// The general way of rows into the hardware's memory: batches of any source are checked and cut into records here, at 64
// bytes and at line borders, each with its line number, its machine-wide requester and its place in model time.

import { type FeedPosition, type Filler, type Piece, type Placement, RECORDS, type Slab } from "./columns-in.ts";
import { LINE_BYTES, type RowSource, type TraceBatch } from "./source.ts";

/** Time, line, requester and meta of a record. */
const RECORD_BYTES = 8 + 4 + 2 + 1;

export class CutRows implements Filler {
  readonly #batches: AsyncIterator<TraceBatch>;
  #batch: TraceBatch | undefined;
  /** The row that the batch begins with, and the next one in it with the records of it that are cut. */
  #first: number;
  #next = 0;
  #part = 0;
  /** Records that have run before. */
  #skip: number;

  constructor(
    private readonly source: RowSource,
    private readonly placement: Placement,
    private readonly startNs: number,
    private readonly memory: WebAssembly.Memory,
    at: FeedPosition,
  ) {
    this.#first = at.row;
    this.#skip = at.records;
    this.#batches = source.batches(at.row)[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  async fill(slab: Slab): Promise<readonly Piece[]> {
    for (;;) {
      this.#batch ??= await this.#fetch();
      if (!this.#batch) return [];
      const piece = this.#cut(this.#batch, slab);
      if (this.#next === this.#batch.rows) {
        this.#first += this.#batch.rows;
        this.#next = 0;
        this.#batch = undefined;
      }
      if (piece.length > 0) return [piece];
    }
  }

  /** The next batch, all of which can be taken: it is checked before any of its rows is. */
  async #fetch(): Promise<TraceBatch | undefined> {
    const step = await this.#batches.next();
    if (step.done) return undefined;
    for (let i = 0; i < step.value.rows; i++) this.#check(step.value, i);
    return step.value;
  }

  #check(batch: TraceBatch, i: number): void {
    const { requesters, bases, reaches, pages, lineBytes, lineLimit } = this.placement;
    const who = batch.requester[i] as number;
    if (who >= requesters.length)
      throw new RangeError(`${this.#row(i)} names requester ${who} of ${requesters.length}`);
    const reach = reaches[who];
    if (reach === undefined) {
      const asid = this.source.requesters[who]?.asid;
      throw new RangeError(`${this.#row(i)} is of address space ${asid}, which the trace does not list`);
    }
    const address = batch.address[i] as number;
    const end = address + Math.max(batch.bytes[i] as number, 1);
    if (!(address >= 0 && end <= reach)) {
      throw new RangeError(`${this.#row(i)} reaches byte ${end - 1} of its address space, which has ${reach}`);
    }
    const base = bases[who] as number;
    if (pages[who] || base + end <= lineLimit * lineBytes) return;
    // The first part of it that has no line.
    const most = Math.min(LINE_BYTES, lineBytes);
    const beyond = Math.max(address, Math.ceil((lineLimit * lineBytes - base) / most) * most);
    throw new RangeError(
      `${this.#row(i)} is at byte ${base + beyond}; addresses here reach ${lineLimit * lineBytes}: import with dense pages`,
    );
  }

  #cut(batch: TraceBatch, slab: Slab): Piece {
    const { requesters, bases, pages, pageBytes, lineBytes } = this.placement;
    const most = Math.min(LINE_BYTES, lineBytes);
    const room = Math.floor(slab.bytes / RECORD_BYTES / 8) * 8;
    const timesAt = slab.at;
    const linesAt = timesAt + 8 * room;
    const requestersAt = linesAt + 4 * room;
    const metasAt = requestersAt + 2 * room;
    const { buffer } = this.memory;
    const times = new Float64Array(buffer, timesAt, room);
    const lines = new Uint32Array(buffer, linesAt, room);
    const requesterColumn = new Uint16Array(buffer, requestersAt, room);
    const metas = new Uint8Array(buffer, metasAt, room);
    let from: FeedPosition | undefined;
    let out = 0;
    let i = this.#next;
    let part = this.#part;
    for (; i < batch.rows; i++) {
      const who = batch.requester[i] as number;
      const base = bases[who] as number;
      const permuted = pages[who];
      const requester = requesters[who] as number;
      const op = ((batch.op[i] as number) & 3) << 6;
      const time = this.startNs + (batch.time[i] as number);
      let address = batch.address[i] as number;
      const end = address + Math.max(batch.bytes[i] as number, 1);
      let seen = 0;
      while (address < end) {
        const bytes = Math.min(end - address, most - (address % most));
        if (seen++ >= part) {
          if (this.#skip > 0) this.#skip--;
          else {
            from ??= { row: this.#first + i, records: seen - 1 };
            if (out === room) break;
            const place = permuted
              ? (permuted[Math.floor(address / pageBytes)] as number) * pageBytes + (address % pageBytes)
              : address;
            lines[out] = Math.floor((base + place) / lineBytes);
            requesterColumn[out] = requester;
            metas[out] = op | (bytes - 1);
            times[out] = time;
            out++;
          }
          part++;
        }
        address += bytes;
      }
      if (address < end) break;
      part = 0;
    }
    this.#next = i;
    this.#part = part;
    const to = { row: this.#first + i, records: part };
    return { form: RECORDS, length: out, columns: [linesAt, requestersAt, metasAt, timesAt, 0], from: from ?? to, to };
  }

  #row(i: number): string {
    return `${this.source.name}: row ${this.#first + i}`;
  }
}
