// What the hardware counted for some labels together, and what of it is new since an earlier look.

import type { CountedLabel, Label, LatencyStatistics, LossStatistics, Machine } from "../machine/index.ts";
import { cachesBelow, cachesOfCpus } from "../platform/index.ts";

/** Requests that came to the caches of a level, and those that did not find their line there. */
export interface LevelCounts {
  readonly level: number;
  readonly accesses: number;
  readonly misses: number;
}

/** Lines that the caches of a level lost, by reason. */
export type LostLines = { readonly level: number } & Omit<LossStatistics, keyof CountedLabel>;

/** How long requests took, ns. Of several labels the mean is that of all, and a tail the largest of theirs. */
export type Latency = Omit<LatencyStatistics, keyof CountedLabel>;

export interface Counts {
  /** Requests that came to the caches where records enter, and those that found their line at no level. */
  readonly accesses: number;
  readonly misses: number;
  /** From the level nearest to the cpus on. */
  readonly levels: readonly LevelCounts[];
  /** Bytes to and from memory that went through no cache, as those of a device may; left out where there are none. */
  readonly uncachedBytes?: number;
  /** Of closed timing, where there have been requests. */
  readonly latency?: Latency;
  /** Where the machine counts reasons; levels that have lost nothing are left out. */
  readonly lost?: readonly LostLines[];
}

/** What a group did at one exception level. Bytes are those of the hardware, where files of a group know no levels. */
export interface LevelOfWork extends Counts {
  readonly el: number;
  /** Of the last level of caches. */
  readonly bytesHeld: number;
  /** To and from memory. */
  readonly bytes: number;
}

/** A latency since an earlier look: tails cannot be taken apart. */
export type LatencySince = Pick<Latency, "count" | "meanNs" | "heldNs" | "stalledNs">;

export type CountsSince = Omit<Counts, "latency"> & { readonly latency?: LatencySince };

export type LevelOfWorkSince = Omit<LevelOfWork, "latency"> & { readonly latency?: LatencySince };

export const REASONS = ["other", "ownPortion", "ownLimit", "disabled", "inclusion"] as const;
const TAILS = ["p50Ns", "p95Ns", "p99Ns", "maxNs"] as const;

/** A label as text, `ns:5:0`. */
export const keyOf = ({ space, partid, pmg }: Label) => `${space}:${partid}:${pmg}`;

export interface Look {
  /** Of any labels, at all levels or at one. */
  counts(labels: ReadonlySet<string>, el?: number): Counts;
  /** Of a machine that counts levels apart: those at which something was done. */
  levelsOfWork(labels: ReadonlySet<string>): LevelOfWork[];
}

/**
 * Looks once, and answers for any labels as of then. `full`: the machine counts reasons. `ownAlone`: the machine is a part of a
 * replay (`MachineOptions.part`), and what is above the last caches, which all parts have alike, is left to another: so counts of all
 * parts add up.
 */
export function lookAt(machine: Machine, full: boolean, ownAlone = false): Look {
  const statistics = machine.statistics();
  const latencies = machine.latencies();
  const { caches } = machine.platform;
  const below = cachesBelow(machine.platform);
  const isLast = among(caches.filter((_, index) => below[index] === undefined));
  const counted = (slice: CacheName) => !ownAlone || isLast(slice);
  const details = full ? machine.details().filter(counted) : [];
  const ends = machine.levels();
  const all = ends.filter((one) => one.kind === "cache");
  const slices = all.filter(counted);
  const isFirst = among(
    cachesOfCpus(machine.platform).flatMap(([first]) => (first === undefined ? [] : [caches[first] as CacheName])),
  );
  const others = all.filter((slice) => isFirst(slice) && !counted(slice));
  const levels = [...new Set(machine.platform.caches.map(({ level }) => level))].sort((a, b) => a - b);
  const counts = (labels: ReadonlySet<string>, el?: number): Counts => {
    const ours = <T extends CountedLabel>(list: readonly T[]) =>
      list.filter((label) => labels.has(keyOf(label)) && (el === undefined || label.el === el));
    const latency = together(ours(latencies));
    const crossed = ends.map((end) => {
      if (end.kind === "cache" && !isLast(end)) return 0;
      const { bytesRead, bytesWritten } = sums(ours(end.labels), ["bytesRead", "bytesWritten"]);
      return end.kind === "memory" ? bytesRead + bytesWritten : -(bytesRead + bytesWritten);
    });
    const uncachedBytes = crossed.reduce((sum, bytes) => sum + bytes, 0);
    const { accesses, misses } = sums(ours(statistics), ["accesses", "misses"]);
    return {
      accesses: others.reduce((left, slice) => left - sums(ours(slice.labels), ["accesses"]).accesses, accesses),
      misses,
      levels: levels.map((level) => {
        const here = slices.flatMap((slice) => (slice.level === level ? ours(slice.labels) : []));
        return { level, ...sums(here, ["accesses", "misses"]) };
      }),
      ...(uncachedBytes > 0 ? { uncachedBytes } : {}),
      ...(latency ? { latency } : {}),
      ...(full
        ? {
            lost: levels.flatMap((level) => {
              const here = details.flatMap((slice) => (slice.level === level ? ours(slice.lost) : []));
              return here.length === 0 ? [] : [{ level, ...sums(here, REASONS) }];
            }),
          }
        : {}),
    };
  };
  return {
    counts,
    levelsOfWork(labels) {
      const ours = statistics.filter((label) => labels.has(keyOf(label)) && label.el !== undefined);
      const seen = [...new Set(ours.map(({ el }) => el as number))].sort((a, b) => a - b);
      return seen.map((el) => {
        const here = ours.filter((label) => label.el === el);
        const { bytesHeld, bytesRead, bytesWritten } = sums(here, ["bytesHeld", "bytesRead", "bytesWritten"]);
        return { el, ...counts(labels, el), bytesHeld, bytes: bytesRead + bytesWritten };
      });
    },
  };
}

interface CacheName {
  readonly level: number;
  readonly id: number;
}

const among = (caches: readonly CacheName[]) => {
  const names = new Set(caches.map(({ level, id }) => `${level} ${id}`));
  return ({ level, id }: CacheName) => names.has(`${level} ${id}`);
};

export function levelsSince(now: readonly LevelOfWork[], then: readonly LevelOfWork[] = []): LevelOfWorkSince[] {
  return now.map(({ el, bytesHeld, bytes, ...counts }) => {
    const before = then.find((one) => one.el === el);
    return { el, ...countsSince(counts, before), bytesHeld, bytes: bytes - (before?.bytes ?? 0) };
  });
}

export function countsSince(now: Counts, then: Counts | undefined): CountsSince {
  const { latency, lost, uncachedBytes = 0, ...rest } = now;
  const newBytes = uncachedBytes - (then?.uncachedBytes ?? 0);
  const newLost = lost
    ?.map((one) =>
      less(
        one,
        then?.lost?.find(({ level }) => level === one.level),
        REASONS,
      ),
    )
    .filter((one) => REASONS.some((reason) => one[reason] > 0));
  const newLatency = latency && latencySince(latency, then?.latency);
  return {
    ...less(rest, then, ["accesses", "misses"]),
    levels: now.levels.map((one) =>
      less(
        one,
        then?.levels.find(({ level }) => level === one.level),
        ["accesses", "misses"],
      ),
    ),
    ...(newBytes > 0 ? { uncachedBytes: newBytes } : {}),
    ...(newLatency ? { latency: newLatency } : {}),
    ...(newLost ? { lost: newLost } : {}),
  };
}

/** Counts of spans that follow each other, or of parts of one. */
export function addCounts(counts: readonly CountsSince[]): CountsSince {
  const levels = [...new Set(counts.flatMap((one) => one.levels.map(({ level }) => level)))].sort((a, b) => a - b);
  const at = <T extends { readonly level: number }>(lists: readonly (readonly T[])[], level: number) =>
    lists.flatMap((list) => list.filter((one) => one.level === level));
  const uncachedBytes = counts.reduce((sum, one) => sum + (one.uncachedBytes ?? 0), 0);
  const latencies = counts.flatMap(({ latency }) => (latency ? [latency] : []));
  const losses = counts.flatMap(({ lost }) => (lost ? [lost] : []));
  return {
    ...sums(counts, ["accesses", "misses"]),
    levels: levels.map((level) => ({
      level,
      ...sums(
        at(
          counts.map((one) => one.levels),
          level,
        ),
        ["accesses", "misses"],
      ),
    })),
    ...(uncachedBytes > 0 ? { uncachedBytes } : {}),
    ...(latencies.length > 0 ? { latency: addLatencies(latencies) } : {}),
    ...(losses.length > 0
      ? {
          lost: levels.flatMap((level) =>
            at(losses, level).length > 0 ? [{ level, ...sums(at(losses, level), REASONS) }] : [],
          ),
        }
      : {}),
  };
}

function addLatencies(latencies: readonly LatencySince[]): LatencySince {
  const { count, heldNs } = sums(latencies, ["count", "heldNs"]);
  const meanNs = latencies.reduce((sum, one) => sum + one.count * one.meanNs, 0) / count;
  const stalledNs = latencies.reduce((sum, one) => sum + (one.stalledNs ?? 0), 0);
  return { count, meanNs, heldNs, ...(stalledNs > 0 ? { stalledNs } : {}) };
}

function latencySince(now: Latency, then: Latency | undefined): LatencySince | undefined {
  const count = now.count - (then?.count ?? 0);
  if (count === 0) return undefined;
  const sum = now.count * now.meanNs - (then ? then.count * then.meanNs : 0);
  const stalledNs = (now.stalledNs ?? 0) - (then?.stalledNs ?? 0);
  return {
    count,
    meanNs: sum / count,
    heldNs: now.heldNs - (then?.heldNs ?? 0),
    ...(stalledNs > 0 ? { stalledNs } : {}),
  };
}

function together(latencies: readonly LatencyStatistics[]): Latency | undefined {
  if (latencies.length === 0) return undefined;
  const { count, heldNs } = sums(latencies, ["count", "heldNs"]);
  const meanNs = latencies.reduce((sum, one) => sum + one.count * one.meanNs, 0) / count;
  const [p50Ns = 0, p95Ns = 0, p99Ns = 0, maxNs = 0] = TAILS.map((tail) =>
    Math.max(...latencies.map((one) => one[tail])),
  );
  const stalledNs = latencies.reduce((sum, one) => sum + (one.stalledNs ?? 0), 0);
  return { count, meanNs, p50Ns, p95Ns, p99Ns, maxNs, heldNs, ...(stalledNs > 0 ? { stalledNs } : {}) };
}

function sums<K extends string>(list: readonly { readonly [key in K]: number }[], keys: readonly K[]) {
  const all = keys.map((key) => [key, list.reduce((sum, one) => sum + one[key], 0)]);
  return Object.fromEntries(all) as { [key in K]: number };
}

/** `now` with the given counts less what they were. */
function less<K extends string, T extends { readonly [key in K]: number }>(
  now: T,
  then: { readonly [key in K]: number } | undefined,
  keys: readonly K[],
): T {
  const changed = keys.map((key) => [key, now[key] - (then?.[key] ?? 0)]);
  return { ...now, ...Object.fromEntries(changed) };
}
