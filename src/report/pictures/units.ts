// How an axis is divided and what stands beside it.

export type Unit = "bytes" | "bytes/s" | "ns" | "share" | "lines/s" | "lines" | "requests" | "count";

export interface Scale {
  /** What a value is divided by before it is written, and what stands behind it. */
  readonly by: number;
  readonly name: string;
  /** The same where there is little room. */
  readonly short?: string;
}

const SCALES: { readonly [unit in Unit]: readonly Scale[] } = {
  bytes: scales(1024, ["B", "KiB", "MiB", "GiB", "TiB"]),
  "bytes/s": scales(1000, ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"]),
  ns: scales(1000, ["ns", "us", "ms", "s"]),
  share: [{ by: 0.01, name: "%" }],
  "lines/s": [
    { by: 1, name: "lines/s", short: "/s" },
    { by: 1e3, name: "thousand lines/s", short: "k/s" },
    { by: 1e6, name: "million lines/s", short: "M/s" },
    { by: 1e9, name: "billion lines/s", short: "G/s" },
  ],
  lines: [{ by: 1, name: "lines" }],
  requests: scales(1000, ["requests", "k", "M", "G"]).map((one) => (one.by === 1 ? { ...one, short: "" } : one)),
  count: [{ by: 1, name: "" }],
};

function scales(step: number, names: readonly string[]): Scale[] {
  return names.map((name, power) => ({ by: step ** power, name }));
}

/** The largest in which `most` is at least one. */
export function scaleFor(unit: Unit, most: number): Scale {
  const all = SCALES[unit];
  return all.findLast(({ by }) => by <= most) ?? (all[0] as Scale);
}

/** Round numbers from `from` to `to`, about as many as wanted. Bytes are divided by powers of two. */
export function ticks(from: number, to: number, wanted: number, unit: Unit): number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const step = unit === "bytes" ? 2 ** Math.ceil(Math.log2(span / wanted)) : decimalStep(span / wanted);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power;
}

/** A value without its unit, in the scale given: four digits at most behind a whole part of fewer. */
export function number(value: number, { by }: Scale): string {
  const scaled = value / by;
  const size = Math.abs(scaled);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(scaled.toFixed(Number.isInteger(scaled) ? 0 : digits)));
}

/** Values of an axis without their unit, all with as many digits as tell them apart. */
export function tickNames(values: readonly number[], { by }: Scale): string[] {
  const scaled = values.map((value) => value / by);
  const step = Math.abs((scaled[1] ?? 0) - (scaled[0] ?? 0)) || 1;
  const isExact = (digits: number) =>
    scaled.every((value) => Math.abs(Number(value.toFixed(digits)) - value) < step / 1000);
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8].find(isExact) ?? 8;
  return scaled.map((value) => value.toFixed(digits));
}

/** A value with its unit, for sentences. */
export function said(value: number, unit: Unit): string {
  const scale = scaleFor(unit, Math.abs(value));
  return `${number(value, scale)} ${scale.name}`;
}
