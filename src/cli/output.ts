// What a command prints: its answer as text or JSON, and progress on a terminal.

export type ProgressUnit = "records" | "bytes";

/** Between two lines: nobody reads faster, and a terminal far away is slow. */
const STEP_MS = 100;

/** A line on standard error that is written over again and again; nothing where that is not a terminal. */
export class ProgressLine {
  readonly #began = performance.now();
  #last = 0;
  #shown = false;
  readonly #wanted: boolean;

  constructor(wanted = true) {
    this.#wanted = wanted && process.stderr.isTTY === true;
  }

  show(done: number, total: number, what: string, unit: ProgressUnit = "records"): void {
    if (!this.#wanted) return;
    const now = performance.now();
    if (now - this.#last < STEP_MS) return;
    this.#last = now;
    const line = progressText(done, total, (now - this.#began) / 1000, what, unit);
    // The last column stays free: what fills it goes on in the next line.
    process.stderr.write(`\r\x1b[K${line.slice(0, Math.max(0, (process.stderr.columns || 80) - 1))}`);
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

/** "replaying  42 %  12.3 M records/s, 5 s left". */
export function progressText(done: number, total: number, seconds: number, what: string, unit: ProgressUnit): string {
  const share = total > 0 && Number.isFinite(total) ? Math.min(1, done / total) : undefined;
  const rate = seconds > 0 ? done / seconds / 1e6 : 0;
  const speed = unit === "records" ? `${rate.toFixed(1)} M records/s` : `${rate.toFixed(1)} MB/s`;
  if (share === undefined) return `${what}  ${speed}`;
  // What is left after the first moments is a guess about nothing.
  const left = share > 0.01 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : "";
  return `${what} ${Math.floor(100 * share)
    .toString()
    .padStart(3)} %  ${speed}${left}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function print(json: boolean | undefined, object: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
}
