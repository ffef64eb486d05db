// Limits of goals: what they come to where they are a part of what nothing set has, and who misses them.

import type { Goal, Limit } from "../plan/plan.ts";
import { setsNothing } from "../unit.ts";
import type { Candidate, Case } from "./cases.ts";
import { nameOfMeasure, showMeasured } from "./measures.ts";

/** A limit that is missed. */
export interface Miss {
  /** By its place in the sweep. */
  readonly goal: number;
  /** How many times beyond: more than 1, and without end where 0 is the limit or has to be passed. */
  readonly times: number;
}

type Limited = Pick<Case, "candidates" | "bounds">;

/** The configurations of a workload on a platform with what they miss. Where a limit cannot be known, nobody has that goal. */
export function limited(goals: readonly Goal[], candidates: readonly Candidate[]): Limited {
  if (goals.every(({ limit }) => limit === undefined)) return { candidates, bounds: [] };
  const unset = candidates.find(isUnset);
  const bounds = goals.map(({ limit }, goal) => limit && boundOf(limit, unset?.goals[goal] ?? "nobody ran it"));
  return {
    candidates: candidates.map((candidate) => {
      const own = candidate.goals.map((value, goal) => {
        const bound = bounds[goal];
        return typeof bound === "string" ? bound : value;
      });
      const misses = own.flatMap((value, goal): Miss[] => {
        const bound = bounds[goal];
        const { limit } = goals[goal] as Goal;
        if (!limit || typeof bound !== "object" || typeof value === "string") return [];
        // In hundredths of both, where whole numbers stay whole.
        const [asked, found] = [bound.percent * bound.of, 100 * value.mean];
        const times = limit.is === "atMost" ? found / asked : asked / found;
        return (limit.is === "atMost" ? found > asked : found < asked) ? [{ goal, times }] : [];
      });
      return { ...candidate, goals: own, misses };
    }),
    bounds: bounds.map((bound) => (typeof bound === "object" ? (bound.percent * bound.of) / 100 : undefined)),
  };
}

export const isUnset = ({ swept }: Candidate): boolean => swept.every(({ schemata }) => setsNothing(schemata));

interface Bound {
  readonly percent: number;
  readonly of: number;
}

function boundOf({ value, percentOfUnset }: Limit, unset: Candidate["goals"][number]): Bound | string {
  if (percentOfUnset === undefined) return { percent: 100, of: value ?? 0 };
  if (typeof unset === "string") return `its limit is a part of what nothing set has, and of that: ${unset}`;
  return { percent: percentOfUnset, of: unset.mean };
}

/** "at most 103 % of unset" */
export function nameOfLimit({ is, value, percentOfUnset }: Limit, { measure }: Goal): string {
  const words = is === "atMost" ? "at most" : "at least";
  return `${words} ${percentOfUnset === undefined ? showMeasured(value ?? 0, measure) : `${percentOfUnset} % of unset`}`;
}

/** "misses of sort at most 94,626 (103 % of unset)" */
export function nameOfBound(goal: Goal, bound: number | undefined): string {
  const { limit, measure } = goal;
  if (!limit) return nameOfMeasure(goal);
  if (limit.percentOfUnset === undefined || bound === undefined)
    return `${nameOfMeasure(goal)} ${nameOfLimit(limit, goal)}`;
  const words = limit.is === "atMost" ? "at most" : "at least";
  return `${nameOfMeasure(goal)} ${words} ${showMeasured(bound, measure)} (${limit.percentOfUnset} % of unset)`;
}

/** The limits of a case in words, such as "misses of sort at most 94,626 (103 % of unset)". Empty where there are none. */
export function limitsOf(goals: readonly Goal[], { workload, bounds, goals: own }: Case): string {
  const all = own.flatMap((goal) => {
    const one = goals[goal] as Goal;
    return one.limit ? [nameOfBound(one, bounds[goal])] : [];
  });
  return all.length > 0 && workload === undefined ? `${all.join("; ")}; in each workload` : all.join("; ");
}

/** "beyond the limit of misses of sort"; nothing where it meets all. */
export function nameOfMisses(goals: readonly Goal[], { misses }: Candidate): string {
  const names = new Set(misses.map(({ goal }) => nameOfMeasure(goals[goal] as Goal)));
  return names.size === 0 ? "" : `beyond the limit of ${[...names].join(" and of ")}`;
}

/** Of those that all miss a limit the one that misses least: of several limits by the product of how far. */
export function nearestOf<T extends { readonly candidate: Candidate }>(all: readonly T[]): T | undefined {
  const far = ({ candidate }: T) => candidate.misses.reduce((sum, { times }) => sum + Math.log(times), 0);
  return all.reduce<T | undefined>((best, one) => (best && far(best) <= far(one) ? best : one), undefined);
}
