// Counts in the text format that Prometheus reads, version 0.0.4: families of samples, each with its help and its type.

import type { LabelStatistics, LevelStatistics, Machine } from "../machine/index.ts";
import { keyOf } from "./counts.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | bigint;
}

/** A family of samples of one name. A counter's name ends in _total, others in their unit, where they have one. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

/** The page. Families without a sample are left out. Throws a RangeError for names that the format does not know. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(family)
    .join("");
}

function family({ name, help, type, samples }: Metric): string {
  check(name, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
  return [
    `# HELP ${name} ${escaped(help)}`,
    `# TYPE ${name} ${type}`,
    ...samples.map((one) => sampleLine(name, one)),
    "",
  ].join("\n");
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => {
    check(label, /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/);
    return `${label}="${escaped(text).replaceAll('"', '\\"')}"`;
  });
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

/** As Go's ParseFloat takes it. */
function numberText(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function check(name: string, form: RegExp): void {
  if (!form.test(name)) throw new RangeError(`'${name}' is no name in the format of Prometheus: letters, digits and _`);
}

/** What is counted for labels. */
export const FAMILIES = {
  mpam_llc_occupancy_bytes: { type: "gauge", help: "Bytes held in the last level of caches." },
  mpam_mbm_bytes_total: { type: "counter", help: "Bytes read from memory and written to it." },
  mpam_cache_accesses_total: { type: "counter", help: "Requests that came to the caches of a level." },
  mpam_cache_misses_total: { type: "counter", help: "Requests that did not find their line in the caches of a level." },
} as const;

export type Family = keyof typeof FAMILIES;

/** Where something is counted: slices of a cache, and channels of a node, together. */
export interface Place {
  readonly family: Family;
  readonly where: Readonly<Record<string, string>>;
  /** What it has counted for each label that keyOf writes so. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * What the hardware counts for each label as of now, at every place there is. Nothing is changed by looking, as reading a monitor
 * might. Caches are told apart by level and id (domain), memory by its node; where there is none, what crosses the last caches is
 * what goes to memory.
 */
export function countsOfLabels(machine: Machine): Place[] {
  const places = new Map<string, Place & { readonly counts: Map<string, number> }>();
  const parts = machine.levels();
  const last = Math.max(0, ...parts.map((part) => (part.kind === "cache" ? part.level : 0)));
  const hasMemory = parts.some(({ kind }) => kind === "memory");
  const count = (family: Family, where: Place["where"], rows: LevelStatistics["labels"], of: keyof Counted) => {
    const key = JSON.stringify([family, where]);
    const place = places.get(key) ?? { family, where, counts: new Map<string, number>() };
    places.set(key, place);
    for (const row of rows) place.counts.set(keyOf(row), (place.counts.get(keyOf(row)) ?? 0) + row[of]);
  };
  for (const part of parts) {
    const where = part.kind === "memory" ? { node: String(part.node) } : { domain: String(part.id) };
    const isLast = part.kind === "cache" && part.level === last;
    if (part.kind === "memory" || (isLast && !hasMemory)) {
      count("mpam_mbm_bytes_total", { ...where, direction: "read" }, part.labels, "bytesRead");
      count("mpam_mbm_bytes_total", { ...where, direction: "write" }, part.labels, "bytesWritten");
    }
    if (part.kind === "memory") continue;
    if (isLast) count("mpam_llc_occupancy_bytes", where, part.labels, "bytesHeld");
    const level = { level: String(part.level), ...where };
    count("mpam_cache_accesses_total", level, part.labels, "accesses");
    count("mpam_cache_misses_total", level, part.labels, "misses");
  }
  return [...places.values()];
}

type Counted = Pick<LabelStatistics, "accesses" | "misses" | "bytesHeld" | "bytesRead" | "bytesWritten">;
