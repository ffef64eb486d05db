// What a command prints: its answer as text or JSON, and progress on a terminal.

import { plural } from "../written/index.ts";

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
    this.#write((seconds) => progressText(done, total, seconds, what, unit));
  }

  /** Of a sweep. */
  showUnits(done: number, total: number, fates: UnitFates): void {
    this.#write((seconds) => unitsText(done, total, seconds, fates));
  }

  /** What is made of the seconds since the beginning. */
  showText(text: (seconds: number) => string): void {
    this.#write(text);
  }

  #write(text: (seconds: number) => string): void {
    if (!this.#wanted) return;
    const now = performance.now();
    if (now - this.#last < STEP_MS) return;
    this.#last = now;
    const line = text((now - this.#began) / 1000);
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

/** Units of a sweep that came to no answer. */
export interface UnitFates {
  readonly failed: number;
  readonly lost: number;
}

/** "sweeping  42 %  85 of 200 units, 12.3 units/s, 10 s left, 3 failed". */
export function unitsText(done: number, total: number, seconds: number, { failed, lost }: UnitFates): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const parts = [`${done} of ${plural(total, "unit")}`];
  if (done > 0 && seconds > 0) {
    parts.push(rate(done / seconds));
    if (done < total) parts.push(`${duration((seconds * (total - done)) / done)} left`);
  }
  if (failed > 0) parts.push(`${failed} failed`);
  if (lost > 0) parts.push(`${lost} lost`);
  return `sweeping ${Math.floor(100 * share)
    .toString()
    .padStart(3)} %  ${parts.join(", ")}`;
}

/** Of units, which take milliseconds or hours. */
export function rate(perSecond: number): string {
  if (perSecond >= 1) return `${perSecond.toFixed(1)} units/s`;
  if (perSecond * 60 >= 1) return `${(perSecond * 60).toFixed(1)} units/min`;
  return `${(perSecond * 3600).toFixed(1)} units/h`;
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
