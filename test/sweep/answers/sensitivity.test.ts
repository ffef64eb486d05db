// How much settings move goals, from formulas whose slopes are known.

import { expect, test } from "vitest";
import { casesOf } from "../../../src/sweep/answers/cases.ts";
import { familiesOf } from "../../../src/sweep/answers/families.ts";
import { sensitivityOf } from "../../../src/sweep/answers/sensitivity.ts";
import type { Goal } from "../../../src/sweep/plan/plan.ts";
import type { Place } from "../../../src/sweep/unit.ts";
import { group, makeSweep, result } from "./made-sweep.ts";

const MISSES: Goal = { want: "lowest", measure: "misses", of: "web" };

function families(all: readonly Place["settings"][], misses: (settings: Place["settings"]) => number, name = "all") {
  const sweep = makeSweep({
    goals: [MISSES],
    configurations: all.map((settings, at) => ({
      configuration: name.replace("#", String(at)),
      settings,
      schemata: { web: [`L3:0=${at}`] },
    })),
    result: ({ settings }) => result([group("web", { accesses: 1e6, misses: misses(settings) })]),
  });
  return familiesOf(casesOf(sweep)[0]?.candidates ?? []);
}

const grid = [1, 2, 3].flatMap((a) => [10, 20, 30, 40].map((b) => ({ a, b })));
const plane = ({ a, b }: Place["settings"]) => 100 * Number(a) + Number(b);

test("of a plane each setting's step is its slope, and its range that over all its values", () => {
  const [family] = families(grid, plane);
  if (!family) throw new Error("no family");
  expect(sensitivityOf(family, 0)).toEqual([
    { setting: "a", values: 3, step: 100, range: 200 },
    { setting: "b", values: 4, step: 10, range: 30 },
  ]);
});

test("what goes up and down moves by its steps, though its ends are equal", () => {
  const [family] = families(
    [1, 2, 3].map((a) => ({ a })),
    ({ a }) => (a === 2 ? 70 : 20),
  );
  if (!family) throw new Error("no family");
  expect(sensitivityOf(family, 0)).toEqual([{ setting: "a", values: 3, step: 50, range: 50 }]);
});

test("numbers are in their order, whatever the order of the plan; words in that of the plan", () => {
  const [numbers] = families(
    [3, 1, 2].map((a) => ({ a })),
    ({ a }) => 10 * Number(a),
  );
  expect(numbers?.settings.map(({ values }) => values)).toEqual([["1", "2", "3"]]);
  if (numbers) expect(sensitivityOf(numbers, 0)[0]?.step).toBe(10);
  const [words] = families(
    ["slow", "free"].map((a) => ({ a })),
    ({ a }) => (a === "slow" ? 1 : 2),
  );
  expect(words?.settings.map(({ values }) => values)).toEqual([["slow", "free"]]);
});

test("settings that always change together are one", () => {
  const [family] = families(
    [1, 2, 3].map((a) => ({ a, b: 16 - a, c: 5 })),
    ({ a }) => Number(a),
  );
  expect(family?.settings.map(({ name }) => name)).toEqual(["a, b"]);
});

test("configurations with names of their own belong together where they have the same settings", () => {
  expect(families(grid, plane, "number #").map(({ candidates }) => candidates.length)).toEqual([12]);
});

test("what varies in nothing is no family", () => {
  expect(families([{}, {}], () => 1)).toEqual([]);
  expect(families([{ a: 1 }], () => 1)).toEqual([]);
});
