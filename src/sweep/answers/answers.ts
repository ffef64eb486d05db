// The answers of a sweep, before anybody shows them: of each workload on each platform the front and what is best of it.

import type { Goal } from "../plan/plan.ts";
import type { Sweep, Swept } from "../sweep.ts";
import { extremeOf, kneeOf, linesOf } from "./best.ts";
import { type Candidate, type Case, casesOf, type Estimate, nameOf, togetherOf } from "./cases.ts";
import { groupedBy } from "./families.ts";
import { isUnset, nearestOf } from "./limits.ts";
import { frontOf } from "./pareto.ts";

/** Configurations of the front that are equal in all goals. */
export interface OnFront {
  readonly candidate: Candidate;
  /** The others. */
  readonly alike: readonly Candidate[];
  /** One for each goal of the case. */
  readonly values: readonly Estimate[];
}

export type Compared = Pick<OnFront, "candidate" | "values">;

export interface Best {
  /** With one goal the best; with several the knee. */
  readonly place: number;
  /** The place of the best in each goal. */
  readonly extremes: readonly number[];
  /** For a shell. */
  readonly lines: readonly string[];
}

export interface Answer extends Case {
  /** From the best to the worst in the first goal. */
  readonly front: readonly OnFront[];
  /** Of the front, by place; absent where it is empty. */
  readonly best?: Best;
  /** What sets nothing, for comparison: absent where there is none, and where it is on the front. */
  readonly baseline?: Compared;
  /** What sets nothing, wherever it is. */
  readonly unset?: Compared;
  /** Configurations that have a number for each goal. */
  readonly compared: number;
  /** Of those, the ones that meet every limit; the front is made of them. */
  readonly within: number;
  /** Where nobody meets the limits, who misses them least. */
  readonly nearest?: Compared;
  /** Why others are not compared, and which; those that came to nothing at all are troubles. */
  readonly leftOut: readonly { readonly why: string; readonly candidates: readonly Candidate[] }[];
  /** Goals that nobody has a number for, and what is said of the first. */
  readonly without: readonly { readonly goal: number; readonly why: string }[];
}

export interface Counts {
  /** Replays of the plan, and the units that they are made of. */
  readonly replays: number;
  readonly units: number;
  readonly configurations: number;
  readonly failed: number;
  readonly lost: number;
  readonly approximate: number;
}

/** One message, and who said it. */
export interface Trouble {
  readonly kind: "failed" | "lost";
  readonly message: string;
  readonly count: number;
  /** The first of them. */
  readonly example: Swept;
}

export interface Answers {
  readonly counts: Counts;
  readonly cases: readonly Answer[];
  /** Of platforms with several workloads. */
  readonly together: readonly Answer[];
  readonly troubles: readonly Trouble[];
}

export function answersOf(sweep: Sweep): Answers {
  const cases = casesOf(sweep);
  return {
    counts: countsOf(sweep),
    cases: cases.map((one) => answerOf(sweep.goals, one)),
    together: togetherOf(sweep, cases).map((one) => answerOf(sweep.goals, one)),
    troubles: troublesOf(sweep),
  };
}

function answerOf(all: readonly Goal[], one: Case): Answer {
  const { candidates, goals } = one;
  const whole: Compared[] = [];
  const out: { readonly candidate: Candidate; readonly why: string }[] = [];
  for (const candidate of candidates) {
    const own = goals.map((goal) => candidate.goals[goal] ?? "");
    const why = own.find((value) => typeof value === "string");
    if (why === undefined) whole.push({ candidate, values: own.filter((value) => typeof value !== "string") });
    else if (candidate.swept.some(({ result }) => result)) out.push({ candidate, why });
  }
  const wants = goals.map((goal) => (all[goal] as Goal).want);
  const within = goals.length === 0 ? [] : whole.filter(({ candidate }) => candidate.misses.length === 0);
  const means = within.map(({ values }) => values.map((value) => value.mean));
  const front = alikeTogether(frontOf(means, wants).map((place) => within[place] as Compared));
  const nearest = goals.length > 0 && within.length === 0 ? nearestOf(whole) : undefined;
  const pointsOf = () => front.map(({ values }) => values.map((value) => value.mean));
  // Before the front is sorted: of equals it is the first of the plan.
  const best = front[front.length === 0 ? 0 : kneeOf(pointsOf(), wants)];
  const first = wants[0] === "highest" ? -1 : 1;
  front.sort((a, b) => first * ((a.values[0]?.mean ?? 0) - (b.values[0]?.mean ?? 0)));
  const points = pointsOf();
  const isOnFront = new Set(front.flatMap(({ candidate, alike }) => [candidate, ...alike]));
  const unset = whole.find(({ candidate }) => isUnset(candidate));
  const baseline = unset && !isOnFront.has(unset.candidate) ? unset : undefined;
  return {
    ...one,
    compared: goals.length === 0 ? 0 : whole.length,
    within: within.length,
    ...(nearest ? { nearest } : {}),
    front,
    ...(best
      ? {
          best: {
            place: front.indexOf(best),
            extremes: goals.map((_, goal) => extremeOf(points, wants, goal)),
            lines: linesOf(best.candidate),
          },
        }
      : {}),
    ...(baseline ? { baseline } : {}),
    ...(unset ? { unset } : {}),
    leftOut:
      goals.length === 0
        ? []
        : [...groupedBy(out, ({ why }) => why)].map(([why, left]) => ({
            why,
            candidates: left.map(({ candidate }) => candidate),
          })),
    without: all.flatMap((_, goal) => {
      if (goals.includes(goal)) return [];
      const why = candidates[0]?.goals[goal];
      return [{ goal, why: typeof why === "string" ? why : "nothing was run" }];
    }),
  };
}

function alikeTogether(front: readonly Compared[]): OnFront[] {
  const found = new Map<string, Compared & { readonly alike: Candidate[] }>();
  for (const one of front) {
    const key = JSON.stringify(one.values.map(({ mean }) => mean));
    const same = found.get(key);
    if (same) same.alike.push(one.candidate);
    else found.set(key, { ...one, alike: [] });
  }
  return [...found.values()];
}

function countsOf({ swept }: Sweep): Counts {
  const several = (is: (one: Swept) => boolean) => swept.filter(is).length;
  return {
    replays: swept.length,
    units: new Set(swept.flatMap(({ units }) => units)).size,
    configurations: new Set(swept.map(({ place }) => nameOf(place))).size,
    failed: several(({ failed }) => failed !== undefined),
    lost: several(({ lost }) => lost !== undefined),
    approximate: several(({ approximate }) => approximate === true),
  };
}

function troublesOf({ swept }: Sweep): Trouble[] {
  const found = new Map<string, Trouble>();
  for (const one of swept) {
    const message = one.failed ?? one.lost;
    if (message === undefined) continue;
    const kind = one.failed === undefined ? "lost" : "failed";
    const key = `${kind} ${message}`;
    const same = found.get(key);
    found.set(key, { kind, message, count: (same?.count ?? 0) + 1, example: same?.example ?? one });
  }
  return [...found.values()];
}
