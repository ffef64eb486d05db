// What is compared: configurations over their seeds, and over the workloads of a platform.

import { expect, test } from "vitest";
import { answersOf } from "../../../src/sweep/answers/answers.ts";
import { mean, median } from "../../../src/sweep/answers/numbers.ts";
import { sweepReport } from "../../../src/sweep/index.ts";
import { BANDWIDTH, group, HIT_RATE, makeSweep, pair, pairSweep, result } from "./made-sweep.ts";

/** `rates` of hits by configuration, then by workload; a text fails. */
const table = (rates: Readonly<Record<string, readonly (number | string)[]>>) =>
  makeSweep({
    goals: [HIT_RATE],
    workloads: ["first", "second"],
    configurations: Object.keys(rates).map((configuration) => ({ configuration, schemata: { polite: ["L3:0=1"] } })),
    result({ configuration, workload }) {
      const rate = rates[configuration]?.[workload === "first" ? 0 : 1] ?? 0;
      return typeof rate === "string" ? rate : result([group("polite", { accesses: 100, misses: 100 * (1 - rate) })]);
    },
  });

test("for all workloads a goal is its mean over them, from the least to the most", () => {
  // Alone a and b are the best of one workload each; together c is.
  const { cases, together } = answersOf(table({ a: [0.75, 0], b: [0, 0.75], c: [0.5, 0.5] }));
  expect(cases.map(({ front, best }) => best && front[best.place]?.candidate.configuration)).toEqual(["a", "b"]);
  expect(together.length).toBe(1);
  const [all] = together;
  expect(all?.workload).toBe(undefined);
  expect(all?.front.map(({ candidate, values }) => [candidate.configuration, values])).toEqual([
    ["c", [{ mean: 0.5, min: 0.5, max: 0.5, of: 2 }]],
  ]);
  expect(all?.candidates[0]?.goals).toEqual([{ mean: 0.375, min: 0, max: 0.75, of: 2 }]);
});

test("a configuration that has no number in one of the workloads is not for all of them", () => {
  const { together } = answersOf(table({ a: [0.75, "too long"], c: [0.5, 0.5] }));
  expect(together[0]?.front.map(({ candidate }) => candidate.configuration)).toEqual(["c"]);
  expect(together[0]?.leftOut.map(({ why }) => why)).toEqual(["second: it failed: too long"]);
});

test("a goal that nobody in a workload has a number for is that of the others", () => {
  const sweep = makeSweep({
    goals: [HIT_RATE, BANDWIDTH],
    workloads: ["with greedy", "without"],
    configurations: [{ configuration: "one", schemata: {} }],
    result: ({ workload }) =>
      result([
        group("polite", { accesses: 100, misses: 50 }),
        ...(workload === "without" ? [] : [group("greedy", { traffic: 2_000_000 })]),
      ]),
  });
  const { cases, together } = answersOf(sweep);
  expect(cases.map(({ goals }) => goals)).toEqual([[0, 1], [0]]);
  expect(cases[1]?.without).toEqual([{ goal: 1, why: "there is no group greedy" }]);
  expect(together[0]?.front[0]?.values.map((value) => [value.mean, value.of])).toEqual([
    [0.5, 2],
    [2e9, 1],
  ]);
});

test("a configuration counts with the mean of its seeds that came to something", () => {
  const sweep = pairSweep({
    seeds: [1, 2, 3],
    result: (place, schemata) => (place.seed === 3 ? "it was killed" : pair(place, schemata)),
  });
  const { cases, counts, troubles } = answersOf(sweep);
  expect(counts).toEqual({ replays: 48, units: 48, configurations: 16, failed: 16, lost: 0, approximate: 0 });
  expect(cases[0]?.candidates[3]?.goals[0]).toEqual({ mean: 3 / 16, min: 3 / 16, max: 3 / 16, of: 2 });
  expect(troubles.map(({ kind, message, count }) => [kind, message, count])).toEqual([["failed", "it was killed", 16]]);
});

test("a mean of equal numbers is that number to the last bit, so that it ties with itself", () => {
  for (const value of [0.1, 1 / 3, 1e-300, 12_345.678]) expect(mean([value, value, value])).toBe(value);
  expect(mean([1, 2, 6])).toBe(3);
  expect(median([5, 1, 9])).toBe(5);
  expect(median([5, 1, 9, 2])).toBe(3.5);
});

test("dots that fall on one another are drawn once, and say how many there are", async () => {
  // Only polite's portions matter, so that values of MB fall together.
  const configurations = [10, 50, 100].map((mb) => ({
    configuration: "same",
    settings: { "L3 of polite": 4, MB: mb },
    schemata: { greedy: [`MB:0=${mb}`] },
  }));
  const page = await sweepReport(pairSweep({ configurations }), "html");
  expect(String(page).match(/and 2 more here/g)?.length).toBe(2);
});
