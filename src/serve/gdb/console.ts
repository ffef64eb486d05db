// What a client is told without having asked: shown while its gdb listens, and kept for then otherwise.

/** Lines that wait at most; of more, the newest. */
const MOST_KEPT = 1000;

export class Console {
  #kept: { readonly line: string; readonly about: string | undefined }[] = [];
  #dropped = 0;
  #show: ((text: string) => void) | undefined;

  /** @param about What it is about, for `forget`. */
  say(line: string, about?: string): void {
    if (this.#show) {
      this.#show(`${line}\n`);
      return;
    }
    this.#kept.push({ line, about });
    if (this.#kept.length <= MOST_KEPT) return;
    this.#kept.shift();
    this.#dropped++;
  }

  /** Shows what waits, and from now on all there is. */
  open(show: (text: string) => void): void {
    const waiting = this.taken();
    if (waiting !== "") show(waiting);
    this.#show = show;
  }

  close(): void {
    this.#show = undefined;
  }

  /** What waits, once. */
  taken(): string {
    const dropped = this.#dropped > 0 ? [`(${this.#dropped} lines before these are lost)`] : [];
    const lines = [...dropped, ...this.#kept.splice(0).map(({ line }) => line)];
    this.#dropped = 0;
    return lines.map((line) => `${line}\n`).join("");
  }

  /** What waits about something is told in another way. */
  forget(about: string): void {
    this.#kept = this.#kept.filter((one) => one.about !== about);
  }
}
