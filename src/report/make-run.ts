// From a recording to a run: columns by group, and their sums.

import { latencyQuantile } from "../machine/index.ts";
import type { CacheDescription, Platform } from "../platform/index.ts";
import { plural, time } from "../written/index.ts";
import { afterwards, type Columns, type Counted, LATENCY_FLOWS, PART_FLOWS } from "./columns.ts";
import { REASONS } from "./counts.ts";
import { MOST_INTERRUPTS, MOST_SAMPLES, type Recording } from "./recorder.ts";
import {
  type GroupSeries,
  type GroupTotals,
  type LatencyTotals,
  type Lost,
  type PartTotals,
  RUN_FORMAT,
  RUN_VERSION,
  type Run,
  type RunCaches,
  type RunPlatform,
  type RunTrace,
} from "./run.ts";

/** What a recording does not know; `tool` is a name and a version. */
export interface RunFacts {
  readonly tool: string;
  readonly platform: Platform;
  readonly traces: readonly RunTrace[];
  readonly options: readonly string[];
  readonly seed?: number;
  readonly records: number;
  /** Between samples, ns, as it was at the beginning. */
  readonly everyNs: number;
}

/** What was recorded as plain data, which JSON can hold. */
export function makeRun(recording: Recording, facts: RunFacts): Run {
  const { columns, steps, phases, ports, settings } = recording;
  const names = groupsOf(recording);
  const empty = columns.empty();
  const by = names.map((group) => ({ group, counted: steps.map((step) => step.counted.get(group) ?? empty) }));
  const to = steps.at(-1)?.to ?? recording.from;
  return {
    format: RUN_FORMAT,
    version: RUN_VERSION,
    tool: facts.tool,
    platform: describe(facts.platform),
    traces: facts.traces.map(({ name, hash, records }) => ({ name, hash, records })),
    options: facts.options,
    timing: columns.timed ? "closed" : "open",
    seed: facts.seed ?? null,
    records: facts.records,
    from: recording.from,
    to,
    countFrom: recording.countFrom,
    samples: steps.map((step) => step.to),
    ports,
    groups: by.map(({ group, counted }) => seriesOf(columns, group, counted)),
    totals: by.map(({ group, counted }) => {
      const wanted = counted.filter((_, index) => (steps[index]?.from ?? 0) >= recording.countFrom);
      return totalsOf(columns, group, wanted.reduce(afterwards, held(empty, counted.at(-1))));
    }),
    phases,
    lines: recording.lines,
    interrupts: recording.interrupts,
    settings: settings ?? [],
    notes: notesOf(recording, facts),
  };
}

/** Nothing done, and what is held at the end. */
function held(empty: Counted, last: Counted | undefined): Counted {
  return { ...empty, held: last?.held ?? empty.held };
}

/** Groups that there were or that did something: those of the tree in its order, then labels. */
function groupsOf({ phases, steps }: Recording): string[] {
  const ofTree = phases.flatMap(({ groups }) => groups.map(({ group }) => group));
  const counted = steps.flatMap((step) => [...step.counted.keys()]);
  return [...new Set([...ofTree, ...counted])];
}

function seriesOf(columns: Columns, group: string, counted: readonly Counted[]): GroupSeries {
  const column = (at: number) => counted.map(({ flows }) => flows[at] as number);
  const partsAt = (level: number) => columns.parts.flatMap((part, index) => (part.level === level ? [index] : []));
  const sum = (parts: readonly number[], value: (one: Counted, part: number) => number) =>
    counted.map((one) => parts.reduce((total, part) => total + value(one, part), 0));
  return {
    group,
    levels: columns.levels.map((level, index) => {
      const parts = partsAt(level);
      return {
        level,
        bytesHeld: sum(parts, (one, part) => one.held[part] as number),
        accesses: sum(parts, ({ flows }, part) => flows[columns.part(part)] as number),
        misses: sum(parts, ({ flows }, part) => flows[columns.part(part) + 1] as number),
        ...(columns.full ? { lost: byReason((reason) => column(columns.lost(index) + reason)) } : {}),
      };
    }),
    ports: columns.parts.flatMap(({ name }, part) => {
      const bytes = counted.map(({ flows }) => {
        const at = columns.part(part);
        return (flows[at + 2] as number) + (flows[at + 3] as number);
      });
      return bytes.some((one) => one > 0) ? [{ port: name, bytes }] : [];
    }),
    ...(columns.timed
      ? {
          latency: {
            requests: column(columns.latency),
            sumNs: column(columns.latency + 1),
            heldNs: column(columns.latency + 2),
            p95Ns: counted.map((one) =>
              one.flows[columns.latency] === 0
                ? null
                : latencyQuantile(one.flows.subarray(columns.buckets), 0.95, one.mostNs),
            ),
          },
        }
      : {}),
  };
}

function byReason<T>(of: (reason: number) => T): Lost<T> {
  return Object.fromEntries(REASONS.map((reason, index) => [reason, of(index)])) as unknown as Lost<T>;
}

function totalsOf(columns: Columns, group: string, { flows, held, mostNs }: Counted): GroupTotals {
  const part = (index: number): PartTotals => {
    const at = columns.part(index);
    const [accesses = 0, misses = 0, bytesRead = 0, bytesWritten = 0] = PART_FLOWS.map((_, n) => flows[at + n]);
    return { accesses, misses, bytesRead, bytesWritten, bytesHeld: held[index] ?? 0 };
  };
  const together = (all: readonly PartTotals[]): PartTotals => {
    const sum = (key: keyof PartTotals) => all.reduce((total, one) => total + one[key], 0);
    return {
      accesses: sum("accesses"),
      misses: sum("misses"),
      bytesRead: sum("bytesRead"),
      bytesWritten: sum("bytesWritten"),
      bytesHeld: sum("bytesHeld"),
    };
  };
  const levels = columns.levels.map((level, index) => ({
    level,
    ...together(columns.parts.flatMap((one, at) => (one.level === level ? [part(at)] : []))),
    ...(columns.full ? { lost: byReason((reason) => flows[columns.lost(index) + reason] as number) } : {}),
  }));
  return {
    group,
    ...part(columns.parts.length),
    bytesHeld: levels.at(-1)?.bytesHeld ?? 0,
    levels,
    parts: columns.parts.flatMap(({ name }, index) => {
      const one = part(index);
      const isUsed = Object.values(one).some((value) => value > 0);
      return isUsed ? [{ part: name, ...one }] : [];
    }),
    ...(columns.timed ? { latency: latencyOf(columns, flows, mostNs) } : {}),
  };
}

function latencyOf(columns: Columns, flows: Float64Array, mostNs: number): LatencyTotals {
  const [requests = 0, sumNs = 0, heldNs = 0, stalledNs = 0] = LATENCY_FLOWS.map((_, n) => flows[columns.latency + n]);
  const buckets = flows.subarray(columns.buckets);
  const quantile = (share: number) => latencyQuantile(buckets, share, mostNs);
  return {
    requests,
    meanNs: requests === 0 ? 0 : sumNs / requests,
    p50Ns: quantile(0.5),
    p95Ns: quantile(0.95),
    p99Ns: quantile(0.99),
    heldNs,
    stalledNs,
  };
}

function describe({ name, description, cpus, lineBytes, caches, memory }: Platform): RunPlatform {
  return {
    name,
    description,
    cpus,
    lineBytes,
    caches: alike(caches),
    memory: memory.map(({ node, channels, bytesPerSecond }) => ({ node, channels, bytesPerSecond })),
  };
}

function alike(caches: readonly CacheDescription[]): RunCaches[] {
  const kinds = new Map<string, RunCaches>();
  for (const { level, bytes, ways, slices, policy } of caches) {
    const key = JSON.stringify([level, bytes, ways, slices, policy]);
    kinds.set(key, { level, count: (kinds.get(key)?.count ?? 0) + 1, bytes, ways, slices, policy });
  }
  return [...kinds.values()];
}

/** What a reader may look for and not find. */
function notesOf({ columns, settings, moreInterrupts, everyNs }: Recording, facts: RunFacts): string[] {
  return [
    ...(columns.timed ? [] : ["No latencies: in open timing nothing waits. --timing closed has them."]),
    ...(columns.full ? [] : ["No reasons for evictions: they were not counted. --statistics full counts them."]),
    ...(columns.levels.length === 0 ? ["No occupancy and no hit rates: the platform has no caches."] : []),
    ...(facts.platform.memory.length === 0 ? ["No bandwidth of memory: the platform has none."] : []),
    ...(settings ? [] : ["No control registers: reading those of all PARTIDs would have taken too long."]),
    ...(moreInterrupts > 0
      ? [`${plural(moreInterrupts, "interrupt")} after the first ${MOST_INTERRUPTS} are not on the time line.`]
      : []),
    ...(everyNs > facts.everyNs
      ? [
          `More than ${MOST_SAMPLES} samples: neighbours were merged, so that one is ${time(everyNs)} long instead of ${time(facts.everyNs)}. Sums are the same.`,
        ]
      : []),
  ];
}
