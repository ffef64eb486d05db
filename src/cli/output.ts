// What a command prints: tables of plain text, numbers a person can read, progress on a terminal.

/** Rows as columns, the first left-aligned, the others right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** 1234567 as 1,234,567. */
export function count(n: number | bigint): string {
  return n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "1 table", "2 tables". */
export function plural(n: number, one: string, several = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : several}`;
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(2)} %`;
}

/** Bytes in the largest binary unit that leaves at least one. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** Bytes a second, in decimal units as platforms have them. */
export function rate(bytesPerSecond: number): string {
  if (bytesPerSecond >= 1e9) return `${(bytesPerSecond / 1e9).toFixed(2)} GB/s`;
  return `${(bytesPerSecond / 1e6).toFixed(bytesPerSecond < 1e8 ? 1 : 0)} MB/s`;
}

export function time(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(3)} s`;
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(3)} ms`;
  if (ns >= 1e3) return `${(ns / 1e3).toFixed(3)} us`;
  return `${ns} ns`;
}

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
