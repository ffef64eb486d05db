// Miss-ratio curves from schemata whose bits are counted by hand.

import { expect, test } from "vitest";
import { casesOf } from "../../../src/sweep/answers/cases.ts";
import { type Curves, curvesOf } from "../../../src/sweep/answers/curves.ts";
import type { Sweep } from "../../../src/sweep/sweep.ts";
import { CACHE, group, lower, makeSweep, pair, pairSweep, result, shownL3 } from "./made-sweep.ts";

function curves(sweep: Sweep): Curves {
  const [first] = casesOf(sweep);
  if (!first) throw new Error("no case");
  return curvesOf(sweep, first);
}

test("a curve has the miss ratio of each size that its group had", () => {
  const { cache, curves: all, notes } = curves(pairSweep());
  expect(cache).toEqual({ resource: "L3", count: 16, bytes: CACHE, level: 3 });
  expect(all.map((curve) => curve.group)).toEqual(["polite", "greedy"]);
  // Polite misses 16 - k of 16; with nothing set both have all portions, which is no point of a curve of their own.
  const polite = Array.from({ length: 15 }, (_, k) => [k + 1, (15 - k) / 16]);
  expect(all[0]?.points.map(({ portions, median }) => [portions, median])).toEqual(polite);
  expect(all[0]?.points.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 15 }, (_, k) => (k + 1) * 65_536));
  expect(all[1]?.points.every(({ median }) => median === 1)).toBe(true);
  // The default group has no requests, so it has no curve, and nothing is to be said.
  expect(notes).toEqual([]);
});

test("what the others had shows as the median, between the least and the most", () => {
  const masks = ["1", "3", "7"];
  const sweep = makeSweep({
    goals: [],
    configurations: masks.flatMap((mask) =>
      [0.1, 0.4, 0.2].map((ratio) => ({
        configuration: `${mask} ${ratio}`,
        settings: { ratio },
        schemata: { polite: [`L3:0=${mask}`] },
      })),
    ),
    result: ({ settings }) => result([group("polite", { accesses: 1000, misses: 1000 * Number(settings.ratio) })]),
  });
  const point = { median: 0.2, min: 0.1, max: 0.4, of: 3 };
  expect(curves(sweep).curves[0]?.points).toEqual(
    [1, 2, 3].map((portions) => ({ portions, bytes: portions * 65_536, ...point })),
  );
});

test("where others could fill some of the same portions there is a curve of its own", () => {
  // Greedy has the upper eight: from nine lower ones on polite shares with it.
  const sweep = pairSweep({
    configurations: Array.from({ length: 15 }, (_, index) => ({
      configuration: "growing",
      settings: { "L3 of polite": index + 1 },
      schemata: { polite: [`L3:0=${lower(index + 1)}`], greedy: ["L3:0=ff00"] },
    })),
    result: (place) => ({ ...pair(place, {}), schemata: {} }),
  });
  const all = curves(sweep).curves;
  const sizes = (index: number) => all[index]?.points.map(({ portions }) => portions);
  expect(all.map(({ group: name, shared }) => [name, shared])).toEqual([
    ["polite", false],
    ["polite", true],
  ]);
  expect(sizes(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(sizes(1)).toEqual([9, 10, 11, 12, 13, 14, 15]);
});

test("with fewer than three sizes there is none, and it is said", () => {
  const two = curves(pairSweep({ configurations: pairTwo }));
  expect(two.curves).toEqual([]);
  expect(two.notes).toEqual([
    "polite had 2 sizes of its part of L3; a curve needs 3.",
    "greedy had 2 sizes of its part of L3; a curve needs 3.",
  ]);
});

const pairTwo = [3, 5].map((k) => ({
  configuration: "two",
  settings: { "L3 of polite": k },
  schemata: { polite: ["L3:0=7"], greedy: ["L3:0=f0"] },
}));

test("the file's masks come before those that were asked for, and one that differs from cache to cache has no place", () => {
  const sweep = makeSweep({
    goals: [],
    configurations: ["1", "3", "7", "f"].map((mask) => ({
      configuration: mask,
      schemata: { polite: [`L3:0=${mask}`] },
    })),
    result: ({ configuration }) => {
      const text = configuration === "f" ? "L3:0=000f;1=0001\n" : shownL3(configuration === "7" ? "ff" : configuration);
      return result([group("polite", { accesses: 4, misses: 1 })], { polite: text });
    },
  });
  const { curves: all, notes } = curves(sweep);
  expect(all[0]?.points.map(({ portions }) => portions)).toEqual([1, 2, 8]);
  expect(notes).toEqual(["polite had other portions in one cache than in another in 1 replay, left out here."]);
});

test("a last level without portions has no curves", () => {
  const sweep = pairSweep();
  const bare = { ...sweep, platforms: sweep.platforms.map((one) => ({ ...one, portions: {} })) };
  expect(curves(bare)).toEqual({ curves: [], notes: ["L3 has no portions, so there are no miss-ratio curves."] });
});
