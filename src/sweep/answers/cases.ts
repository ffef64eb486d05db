// What is compared with what: of each workload on each platform the configurations, each over its seeds and layouts.

import type { Goal } from "../plan/plan.ts";
import type { Sweep, Swept } from "../sweep.ts";
import { limited, type Miss } from "./limits.ts";
import { measure } from "./measures.ts";
import { extent, mean } from "./numbers.ts";

/** A measure over the replays of a configuration. */
export interface Estimate {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Replays that have a number. */
  readonly of: number;
}

/** A configuration, with all its seeds and layouts. */
export interface Candidate {
  readonly configuration: string;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly swept: readonly Swept[];
  /** One for each goal of the sweep; a text says why there is none. */
  readonly goals: readonly (Estimate | string)[];
  /** Limits that it misses. */
  readonly misses: readonly Miss[];
}

/** Configurations that stand for the same thing on the same machine. */
export interface Case {
  /** Absent: the workloads of the platform together. */
  readonly workload?: string;
  readonly platform: string;
  /** In the order of the plan. */
  readonly candidates: readonly Candidate[];
  /** Goals that any of them has a number for, by their places in the sweep. */
  readonly goals: readonly number[];
  /** One for each goal of the sweep, where it has a limit and that is one number. */
  readonly bounds: readonly (number | undefined)[];
}

/** In the order of the plan: platform by platform, and of each its workloads. */
export function casesOf(sweep: Sweep): Case[] {
  const found = new Map<string, Map<string, Swept[]>>();
  for (const one of sweep.swept) {
    const { workload, platform, configuration, settings } = one.place;
    const key = JSON.stringify([platform, workload]);
    const here = found.get(key) ?? new Map<string, Swept[]>();
    found.set(key, here);
    const own = JSON.stringify([configuration, settings]);
    const same = here.get(own);
    if (same) same.push(one);
    else here.set(own, [one]);
  }
  return sweep.platforms.flatMap(({ name: platform }) =>
    sweep.workloads.flatMap(({ name: workload }) => {
      const here = found.get(JSON.stringify([platform, workload]));
      if (!here) return [];
      const measured = [...here.values()].map((swept) => candidateOf(swept, sweep.goals));
      const { candidates, bounds } = limited(sweep.goals, measured);
      return [{ workload, platform, candidates, goals: numbered(sweep.goals, candidates), bounds }];
    }),
  );
}

/**
 * Of each platform with several workloads those together: a goal is its mean over the workloads that have it at all, each counting
 * the same, from the least to the most of theirs. A configuration that lacks it in one of them has none. A limit is one of each.
 */
export function togetherOf(sweep: Sweep, cases: readonly Case[]): Case[] {
  return sweep.platforms.flatMap(({ name: platform }) => {
    const own = cases.filter((one) => one.platform === platform);
    if (own.length < 2) return [];
    const keyed = own.map((one) => ({
      ...one,
      byKey: new Map(one.candidates.map((candidate) => [keyOf(candidate), candidate])),
    }));
    const all = new Map(own.flatMap(({ candidates }) => candidates.map((one) => [keyOf(one), one] as const)));
    const candidates = [...all].map(
      ([key, { configuration, settings }]): Candidate => ({
        configuration,
        settings,
        swept: keyed.flatMap(({ byKey }) => byKey.get(key)?.swept ?? []),
        goals: sweep.goals.map((_, goal) => {
          const theirs = keyed
            .filter(({ goals }) => goals.includes(goal))
            .map(({ workload, byKey }) => {
              const one = byKey.get(key)?.goals[goal] ?? "it was not swept";
              return typeof one === "string" ? `${workload}: ${one}` : one.mean;
            });
          const words = theirs.find((one) => typeof one === "string");
          if (words !== undefined) return words;
          return theirs.length === 0 ? "no workload has it" : estimate(theirs.filter((one) => typeof one === "number"));
        }),
        misses: keyed.flatMap(({ byKey }) => byKey.get(key)?.misses ?? []),
      }),
    );
    return [{ platform, candidates, goals: numbered(sweep.goals, candidates), bounds: [] }];
  });
}

/** "cut in two: L3 of polite 11, MB of greedy 20" */
export function nameOf({ configuration, settings }: Pick<Candidate, "configuration" | "settings">): string {
  const all = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return all.length === 0 ? configuration : `${configuration}: ${all.join(", ")}`;
}

/** "a pair on private-l2" */
export const nameOfCase = ({ workload, platform }: Case): string => `${workload ?? "all workloads"} on ${platform}`;

const keyOf = ({ configuration, settings }: Candidate) => JSON.stringify([configuration, settings]);

const numbered = (goals: readonly Goal[], candidates: readonly Candidate[]): number[] =>
  goals.flatMap((_, goal) => (candidates.some(({ goals: own }) => typeof own[goal] === "object") ? [goal] : []));

function candidateOf(swept: readonly Swept[], goals: readonly Goal[]): Candidate {
  const [first] = swept as readonly [Swept];
  const { configuration, settings } = first.place;
  return { configuration, settings, swept, goals: goals.map((goal) => over(goal, swept)), misses: [] };
}

function over(goal: Goal, swept: readonly Swept[]): Estimate | string {
  const all = swept.map(({ result, failed, lost }) => {
    if (result) return measure(goal, result);
    return { none: failed === undefined ? `it was lost: ${lost ?? "nobody says why"}` : `it failed: ${failed}` };
  });
  const values = all.flatMap((one) => ("value" in one ? [one.value] : []));
  if (values.length > 0) return estimate(values);
  return all.flatMap((one) => ("none" in one ? [one.none] : []))[0] ?? "it was not run";
}

function estimate(values: readonly number[]): Estimate {
  const [min, max] = extent(values);
  return { mean: mean(values), min, max, of: values.length };
}
