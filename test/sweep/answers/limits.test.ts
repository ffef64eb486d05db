// Limits: who meets them, what is best of those, and what is said where nobody does.

import { describe, expect, test } from "vitest";
import { answersOf } from "../../../src/sweep/answers/answers.ts";
import { htmlOf } from "../../../src/sweep/answers/html.ts";
import { describeSweep, type Goal } from "../../../src/sweep/index.ts";
import { group, makeSweep, nothingSet, pairSweep, result } from "./made-sweep.ts";

const JOIN: Goal = { want: "lowest", measure: "misses", of: "join" };
const SORT: Goal = { want: "lowest", measure: "misses", of: "sort" };

/** Misses of a join and of a sort, by configuration. */
type Misses = Readonly<Record<string, readonly [join: number, sort: number]>>;

const COUNTED: Misses = {
  "nothing set": [62_332, 91_870],
  "sort in 2": [11_684, 94_065],
  "sort in 4": [16_017, 92_828],
  "sort in 15": [364_537, 87_467],
};

function sweepOf(limit: Goal["limit"], misses: Misses = COUNTED, workloads: Readonly<Record<string, Misses>> = {}) {
  const all: Readonly<Record<string, Misses>> = { "a pair": misses, ...workloads };
  return makeSweep({
    goals: [JOIN, limit ? { ...SORT, limit } : SORT],
    workloads: Object.keys(all),
    configurations: Object.keys(misses).map((configuration) =>
      configuration === "nothing set"
        ? nothingSet
        : { configuration, schemata: { sort: [`L3:0=${configuration.length}`] } },
    ),
    result({ workload, configuration }) {
      const [join = 0, sort = 0] = all[workload]?.[configuration] ?? [];
      return result([group("join", { accesses: 1e6, misses: join }), group("sort", { accesses: 1e6, misses: sort })]);
    },
  });
}

const bestOf = (sweep: Parameters<typeof answersOf>[0]) => {
  const [one] = answersOf(sweep).cases;
  return one?.best && one.front[one.best.place]?.candidate.configuration;
};

describe("a limit", () => {
  test("that is a part of what nothing set has takes out what is beyond it, and the rule is the same for the rest", () => {
    // Of 91,870 these are 92,788.7, 93,707.4 and 94,626.1.
    expect(bestOf(sweepOf(undefined))).toBe("sort in 2");
    expect(bestOf(sweepOf({ is: "atMost", percentOfUnset: 103 }))).toBe("sort in 2");
    expect(bestOf(sweepOf({ is: "atMost", percentOfUnset: 102 }))).toBe("sort in 4");
    expect(bestOf(sweepOf({ is: "atMost", percentOfUnset: 101 }))).toBe("nothing set");
    expect(bestOf(sweepOf({ is: "atMost", percentOfUnset: 96 }))).toBe("sort in 15");
  });

  test("is met by what is exactly there, whatever its percents do to a binary fraction", () => {
    const tenth: Misses = { "nothing set": [5, 100], exactly: [4, 110], beyond: [1, 111] };
    // 1.1 x 100 is 110.00000000000001.
    for (const is of ["atMost", "atLeast"] as const) {
      const [one] = answersOf(sweepOf({ is, percentOfUnset: 110 }, tenth)).cases;
      const beyond = one?.candidates
        .filter(({ misses }) => misses.length > 0)
        .map(({ configuration }) => configuration);
      expect(beyond).toEqual(is === "atMost" ? ["beyond"] : ["nothing set"]);
    }
  });

  test("that is a number needs nothing set to compare with", () => {
    const { "nothing set": _, ...others } = COUNTED;
    expect(bestOf(sweepOf({ is: "atMost", value: 93_000 }, others))).toBe("sort in 4");
    expect(bestOf(sweepOf({ is: "atLeast", value: 94_000 }, others))).toBe("sort in 2");
  });

  test("takes nothing from the tables: what misses it is marked there, and what sets nothing is shown", () => {
    const sweep = sweepOf({ is: "atMost", percentOfUnset: 99 });
    const text = describeSweep(sweep);
    // 99 % of 91,870 is 90,951.3.
    expect(text).toContain("Limits: misses of sort at most 90,951 (99 % of unset); 3 of 4 miss them\n");
    expect(text).toContain("a pair on plain: the best of 1 configuration within the limits in every goal\n");
    expect(text).toMatch(/\* sort in 15 +364,537 +87,467\n {2}nothing set \(beyond\) +62,332 +91,870\n/);
    const html = htmlOf(sweep);
    expect(html).toContain(
      "1 of 4 configurations are within the limits: misses of sort at most 90,951 (99 % of unset).",
    );
    expect(html.match(/<td>beyond the limit of misses of sort<\/td>/g)).toHaveLength(3);
    expect(html).toContain("lowest misses of sort, at most 99 % of unset");
    expect(html).toContain("Hollow ones miss a limit");
  });

  test("that nobody meets has the nearest for an answer, in words, and no lines to write", () => {
    const sweep = sweepOf({ is: "atMost", value: 80_000 });
    const text = describeSweep(sweep);
    expect(text).toContain("a pair on plain: none of 4 configurations is within the limits\n");
    expect(text).toContain("Nearest: sort in 15; beyond the limit of misses of sort\n");
    expect(text).toMatch(/ {2}sort in 15 \(nearest\) +364,537 +87,467/);
    expect(text).not.toContain("echo");
    expect(htmlOf(sweep)).toContain("None of 4 configurations is within the limits: misses of sort at most 80,000.");
    const [one] = answersOf(sweep).cases;
    expect([one?.front, one?.best, one?.within, one?.compared]).toEqual([[], undefined, 0, 4]);
  });

  test("of all workloads together is one of each of them", () => {
    // "sort in 4" has 92,828 and 101,000: 1.01 times and 1.1 times what nothing set has.
    const other = {
      "nothing set": [10, 91_870],
      "sort in 2": [9, 91_870],
      "sort in 4": [8, 101_000],
      "sort in 15": [7, 1],
    };
    const sweep = sweepOf({ is: "atMost", percentOfUnset: 102 }, COUNTED, { other: other as unknown as Misses });
    const [both] = answersOf(sweep).together;
    const beyond = both?.candidates.filter(({ misses }) => misses.length > 0).map(({ configuration }) => configuration);
    expect(beyond).toEqual(["sort in 2", "sort in 4"]);
    expect(describeSweep(sweepOf({ is: "atMost", value: 1 }, COUNTED, { b: COUNTED, c: COUNTED }))).toContain(
      "all workloads on plain: nobody is within the limits\n",
    );
  });

  test("cannot be known where what sets nothing came to nothing, and that is said", () => {
    const text = describeSweep(
      pairSweep({
        goals: [{ want: "highest", measure: "hit rate", of: "polite", limit: { is: "atLeast", percentOfUnset: 100 } }],
        result: () => "it broke",
      }),
    );
    expect(text).toContain("nothing to compare");
    const sweep = sweepOf({ is: "atMost", percentOfUnset: 102 });
    const broken = { ...sweep, swept: sweep.swept.map((one, at) => (at === 0 ? failed(one) : one)) };
    expect(describeSweep(broken)).toContain(
      "without misses of sort: its limit is a part of what nothing set has, and of that: it failed",
    );
  });
});

function failed<T extends { readonly result?: unknown }>({ result: _, ...one }: T) {
  return { ...one, failed: "it broke" };
}
