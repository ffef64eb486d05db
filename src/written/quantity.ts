// Numbers, sizes and cpu lists as people write them in a platform file.

const UNITS: { readonly [unit in string]?: number } = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** Far above any machine here; it keeps a typing mistake in a range from becoming a list of millions. */
const CPU_BOUND = 65_536;

/** A number, or its text in decimal or 0x-hexadecimal, with `_` between digits. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  if (!/^(0x[0-9a-f]+(_[0-9a-f]+)*|[0-9]+(_[0-9]+)*)$/i.test(value)) return undefined;
  return Number(value.replaceAll("_", ""));
}

/** Bytes: a number, or text such as "1 MiB" or "64kB". */
export function readSize(value: unknown): number | undefined {
  const plain = readNumber(value);
  if (plain !== undefined || typeof value !== "string") return plain;
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)$/.exec(value.trim());
  const unit = UNITS[match?.[2] ?? ""];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** Bytes a second: a number, or a size followed by "/s". */
export function readRate(value: unknown): number | undefined {
  return readSize(typeof value === "string" ? value.replace(/\s*\/\s*s$/, "") : value);
}

/** Cpu numbers in ascending order: one number, a list of numbers, or text such as "0-3,6". */
export function readCpus(value: unknown): number[] | undefined {
  const cpus = new Set<number>();
  if (Array.isArray(value)) {
    for (const item of value) {
      const cpu = readNumber(item);
      if (!isCpu(cpu)) return undefined;
      cpus.add(cpu);
    }
  } else if (typeof value === "number") {
    if (!isCpu(value)) return undefined;
    cpus.add(value);
  } else if (typeof value === "string") {
    for (const part of value.split(",")) {
      const match = /^\s*([0-9]+)(?:\s*-\s*([0-9]+))?\s*$/.exec(part);
      const first = Number(match?.[1]);
      const last = Number(match?.[2] ?? first);
      if (!isCpu(first) || !isCpu(last) || last < first) return undefined;
      for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
    }
  } else return undefined;
  return cpus.size > 0 ? [...cpus].sort((a, b) => a - b) : undefined;
}

function isCpu(cpu: number | undefined): cpu is number {
  return cpu !== undefined && Number.isInteger(cpu) && cpu >= 0 && cpu < CPU_BOUND;
}

/** Bytes for people: exact in the largest binary unit that divides them, else rounded. */
export function showBytes(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** Numbers of cpus, or of other things, as ranges: "0-3,6". */
export function showCpus(numbers: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** "cpu 3", "cpus 1, 2". */
export function nameCpus(cpus: Iterable<number>): string {
  const all = [...cpus].sort((a, b) => a - b);
  return `${all.length === 1 ? "cpu" : "cpus"} ${all.join(", ")}`;
}

const DURATIONS: { readonly [unit in string]?: number } = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** Nanoseconds from text such as "250us" or "1.5 ms"; a number alone is not enough. */
export function readDuration(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*(ns|us|ms|s)$/.exec(text);
  const unit = DURATIONS[match?.[2] ?? ""];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** A share from 0 to 1, from text such as "30%". */
export function readPercent(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*%$/.exec(text);
  return match && Number(match[1]) <= 100 ? Number(match[1]) / 100 : undefined;
}

const COUNTS: { readonly [unit in string]?: number } = { k: 1e3, M: 1e6, G: 1e9 };

/** A whole number, also as "20M" or "1.5k": powers of 1000, as nothing is measured in bytes. */
export function readCount(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(k|M|G)$/.exec(text);
  const count = match ? Number(match[1]) * (COUNTS[match[2] ?? ""] ?? 1) : readNumber(text);
  return count !== undefined && Number.isSafeInteger(count) ? count : undefined;
}
