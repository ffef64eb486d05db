// How many records a second run, lately.

/** The rate is that of at least so long, ms of the wall. */
const WINDOW_MS = 500;

export class RateOf {
  #marks: { readonly ms: number; readonly records: number }[] = [];

  of(records: number): number {
    const now = performance.now();
    this.#marks.push({ ms: now, records });
    while (this.#marks.length > 2 && now - (this.#marks[1]?.ms ?? now) >= WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0] as { ms: number; records: number };
    const ms = now - first.ms;
    return ms > 0 ? ((records - first.records) * 1000) / ms : 0;
  }
}
