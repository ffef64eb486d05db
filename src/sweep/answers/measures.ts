// What goals measure: each a pure function of a result, and how its numbers are written.

import { count, percent, rate, showSize, time } from "../../written/index.ts";
import type { Goal, Measure } from "../plan/plan.ts";
import type { GroupResult } from "../result.ts";
import type { Swept } from "../sweep.ts";

export type Result = NonNullable<Swept["result"]>;

/** A number, or in words why there is none. */
export type Measured = { readonly value: number } | { readonly none: string };

/** Groups that "all" adds up: a control group counts what its monitor groups do. */
const isWhole = ({ group }: GroupResult) => !group.includes("/mon_groups/");

/** Rates are shares of 1, occupancy and traffic bytes, bandwidth bytes/s, latency and held ns of a request. */
export function measure(goal: Goal, result: Result): Measured {
  const groups = result.groups.filter((one) => (goal.of === "all" ? isWhole(one) : one.group === goal.of));
  if (groups.length === 0) return { none: goal.of === "all" ? "there are no groups" : `there is no group ${goal.of}` };
  switch (goal.measure) {
    case "hit rate":
    case "miss rate":
    case "misses":
    case "accesses":
      return atLevel(goal, groups);
    case "occupancy":
      return counted(groups, "llcOccupancy", "llc_occupancy");
    case "traffic":
      return counted(groups, "mbmTotalBytes", "mbm_total_bytes");
    case "bandwidth": {
      const bytes = counted(groups, "mbmTotalBytes", "mbm_total_bytes");
      if ("none" in bytes) return bytes;
      return result.ns > 0 ? { value: (bytes.value / result.ns) * 1e9 } : { none: "no time passed" };
    }
    case "latency":
      return perRequest(groups, ({ count: n, meanNs }) => n * meanNs);
    case "held":
      return perRequest(groups, ({ heldNs }) => heldNs);
  }
}

/** The last level that a result has counts of; undefined without caches. */
export function lastLevel({ groups }: Result): number | undefined {
  const levels = groups.flatMap((group) => group.levels.map(({ level }) => level));
  return levels.length === 0 ? undefined : Math.max(...levels);
}

function atLevel({ measure: wanted, level: asked, of }: Goal, groups: readonly GroupResult[]): Measured {
  const seen = groups.flatMap((group) => group.levels);
  const level = asked ?? Math.max(0, ...seen.map((one) => one.level));
  const here = seen.filter((one) => one.level === level);
  if (here.length === 0)
    return { none: asked === undefined ? "there are no caches" : `there is no cache of level ${asked}` };
  const accesses = here.reduce((sum, one) => sum + one.accesses, 0);
  const misses = here.reduce((sum, one) => sum + one.misses, 0);
  if (wanted === "accesses") return { value: accesses };
  if (wanted === "misses") return { value: misses };
  if (accesses === 0) return { none: `${of} had no accesses at L${level}` };
  return { value: (wanted === "miss rate" ? misses : accesses - misses) / accesses };
}

function counted(groups: readonly GroupResult[], key: "llcOccupancy" | "mbmTotalBytes", file: string): Measured {
  const word = groups.find((group) => !/^\d+$/.test(group[key]));
  if (word) return { none: `${file} of ${word.group} says ${word[key]}` };
  return { value: groups.reduce((sum, group) => sum + Number(group[key]), 0) };
}

function perRequest(
  groups: readonly GroupResult[],
  sumOf: (latency: NonNullable<GroupResult["latency"]>) => number,
): Measured {
  const all = groups.flatMap(({ latency }) => latency ?? []);
  const requests = all.reduce((sum, one) => sum + one.count, 0);
  if (requests === 0) return { none: "there are no latencies: they are of closed timing" };
  return { value: all.reduce((sum, one) => sum + sumOf(one), 0) / requests };
}

/** As axes of pictures name units. */
export const UNITS = {
  "hit rate": "share",
  "miss rate": "share",
  misses: "requests",
  accesses: "requests",
  occupancy: "bytes",
  traffic: "bytes",
  bandwidth: "bytes/s",
  latency: "ns",
  held: "ns",
} as const satisfies { readonly [measure in Measure]: string };

/** A number with its unit, for people. */
export function showMeasured(value: number, measured: Measure): string {
  switch (UNITS[measured]) {
    case "share":
      return percent(value, 1);
    case "requests":
      return count(Math.round(value));
    case "bytes":
      return showSize(Math.round(value));
    case "bytes/s":
      return rate(value);
    case "ns":
      return time(Number(value.toFixed(1)));
  }
}

/** How far two numbers lie apart; shares differ in points. */
export const showDifference = (value: number, measured: Measure): string =>
  UNITS[measured] === "share" ? `${(100 * value).toFixed(2)} points` : showMeasured(value, measured);

/** "hit rate of polite at L3" */
export function nameOfMeasure({ measure: measured, of, level }: Goal): string {
  return `${measured} of ${of === "/" ? "the default group" : of}${level === undefined ? "" : ` at L${level}`}`;
}

/** "highest hit rate of polite at L3"; without its limit */
export const nameOfGoal = (goal: Goal): string => `${goal.want} ${nameOfMeasure(goal)}`;
