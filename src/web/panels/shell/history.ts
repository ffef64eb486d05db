// Lines typed before, and the way through them.

const KEPT = 200;

export class History {
  readonly #lines: string[] = [];
  /** Where one is in them; at the end stands what is being typed. */
  #at = 0;
  #typed = "";

  add(line: string): void {
    if (line.trim() !== "" && line !== this.#lines.at(-1)) this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
    this.#at = this.#lines.length;
    this.#typed = "";
  }

  /** The line before the one that is shown, or after it (`step` 1); undefined where there is none. */
  move(step: -1 | 1, shown: string): string | undefined {
    if (this.#at === this.#lines.length) this.#typed = shown;
    const to = this.#at + step;
    if (to < 0 || to > this.#lines.length) return undefined;
    this.#at = to;
    return to === this.#lines.length ? this.#typed : this.#lines[to];
  }
}
