// Records of one requester that have been read and wait for their turn, in columns that grow.

export class RecordQueue {
  lines = new Uint32Array(256);
  metas = new Uint8Array(256);
  times = new Float64Array(256);
  #first = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#first;
  }

  /** Index of the first record in the columns; `length` of them follow. */
  get first(): number {
    return this.#first;
  }

  push(line: number, meta: number, time: number): void {
    if (this.#end === this.lines.length) this.#makeRoom();
    this.lines[this.#end] = line;
    this.metas[this.#end] = meta;
    this.times[this.#end] = time;
    this.#end++;
  }

  /** Takes the first `count` records away. */
  drop(count: number): void {
    this.#first += count;
  }

  #makeRoom(): void {
    const length = this.#first > this.lines.length / 2 ? this.lines.length : this.lines.length * 2;
    this.lines = this.#moved(this.lines, new Uint32Array(length));
    this.metas = this.#moved(this.metas, new Uint8Array(length));
    this.times = this.#moved(this.times, new Float64Array(length));
    this.#end -= this.#first;
    this.#first = 0;
  }

  #moved<T extends Uint32Array | Uint8Array | Float64Array>(from: T, to: T): T {
    to.set(from.subarray(this.#first, this.#end));
    return to;
  }
}
