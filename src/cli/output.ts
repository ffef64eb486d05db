// What a command prints: its answer as text or JSON, and progress on a terminal.

/** A line on standard error that is written over again and again; nothing where that is not a terminal. */
export class ProgressLine {
  readonly #began = performance.now();
  #shown = false;
  readonly #wanted: boolean;

  constructor(wanted = true) {
    this.#wanted = wanted && process.stderr.isTTY === true;
  }

  show(done: number, total: number, what: string): void {
    if (!this.#wanted) return;
    const seconds = (performance.now() - this.#began) / 1000;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const rate = seconds > 0 ? done / seconds / 1e6 : 0;
    const left = share > 0.01 ? `, ${((seconds * (1 - share)) / share).toFixed(0)} s left` : "";
    process.stderr.write(
      `\r\x1b[K${what} ${(100 * share).toFixed(0).padStart(3)} %  ${rate.toFixed(1)} M records/s${left}`,
    );
    this.#shown = true;
  }

  /** A line of its own on standard error. */
  say(line: string): void {
    this.end();
    process.stderr.write(`${line}\n`);
  }

  end(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
    this.#shown = false;
  }
}

export function print(json: boolean | undefined, object: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
}
