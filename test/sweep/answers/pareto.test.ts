// The front, against its definition.

import fc from "fast-check";
import { expect, test } from "vitest";
import { extremeOf, kneeOf } from "../../../src/sweep/answers/best.ts";
import { frontOf, type Want } from "../../../src/sweep/answers/pareto.ts";

/** Word by word: nothing else is at least as good in every goal and better in one. */
function plainFront(points: readonly (readonly number[])[], wants: readonly Want[]): number[] {
  const asGood = (a: number, b: number, want: Want) => (want === "highest" ? a >= b : a <= b);
  const better = (a: number, b: number, want: Want) => a !== b && asGood(a, b, want);
  return points.flatMap((point, place) => {
    const beaten = points.some(
      (other) =>
        wants.every((want, goal) => asGood(other[goal] as number, point[goal] as number, want)) &&
        wants.some((want, goal) => better(other[goal] as number, point[goal] as number, want)),
    );
    return beaten ? [] : [place];
  });
}

const drawn = fc.integer({ min: 1, max: 4 }).chain((goals) =>
  fc.record({
    wants: fc.array(fc.constantFrom<Want>("highest", "lowest"), { minLength: goals, maxLength: goals }),
    // Few values, so that ties are frequent, or any.
    points: fc.array(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 })), {
        minLength: goals,
        maxLength: goals,
      }),
      { maxLength: 60 },
    ),
  }),
);

test("the front has what nothing beats, ties included, in the order in which it came", () => {
  fc.assert(
    fc.property(drawn, ({ points, wants }) => {
      expect(frontOf(points, wants)).toEqual(plainFront(points, wants));
    }),
  );
});

test("which points are on the front does not depend on their order", () => {
  fc.assert(
    fc.property(drawn, ({ points, wants }) => {
      const there = (all: readonly (readonly number[])[]) =>
        frontOf(all, wants)
          .map((place) => JSON.stringify(all[place]))
          .sort();
      expect(there([...points].reverse())).toEqual(there(points));
    }),
  );
});

/** How many times worse than the best each goal is, multiplied; goals whose values are all above 0. */
function plainTimes(points: readonly (readonly number[])[], wants: readonly Want[], place: number): number {
  return wants.reduce((product, want, goal) => {
    const all = points.map((point) => point[goal] as number);
    const own = all[place] as number;
    return product * (want === "highest" ? Math.max(...all) / own : own / Math.min(...all));
  }, 1);
}

test("of a straight front of what should be high the middle is the knee, and the ends are the extremes", () => {
  // In thousands the products are 5, 8, 9, 8, 5; from 0 on, with 4 added to each, 4 x 8, 5 x 7, 6 x 6 and so on.
  for (const from of [1, 0]) {
    const points = [0, 1, 2, 3, 4].map((x) => [from + x, 1000 * (from + 4 - x)]);
    expect(frontOf(points, ["highest", "highest"])).toEqual([0, 1, 2, 3, 4]);
    expect(kneeOf(points, ["highest", "highest"])).toBe(2);
    expect([0, 1].map((goal) => extremeOf(points, ["highest", "highest"], goal))).toEqual([4, 0]);
  }
});

test("five times the misses of one are worse than a few percent of the other, however far the front goes", () => {
  // The counts of examples/traces/README.md, and the absurd ends of that front.
  const points = [
    [62_332, 91_870],
    [11_684, 94_065],
    [364_537, 87_467],
  ];
  expect(kneeOf(points, ["lowest", "lowest"])).toBe(1);
  expect(kneeOf(points.slice(0, 2), ["lowest", "lowest"])).toBe(1);
});

test("a goal that is 0 somewhere has its largest value added, and units do not matter", () => {
  // Of 100, 110, 150, 200 times 2, 1.2, 1.1, 1 in units of 1e9: 200, 132, 165, 200.
  const points = [
    [100, 1e9],
    [110, 2e8],
    [150, 1e8],
    [200, 0],
  ];
  expect(kneeOf(points, ["lowest", "lowest"])).toBe(1);
  // A hit rate of 0 beside one of 0.2 is half as good, not infinitely worse: 1 x 2 against 1.5 x 1.8.
  const rates = [
    [0, 100],
    [0.02, 150],
    [0.2, 900],
  ];
  expect(kneeOf(rates, ["highest", "lowest"])).toBe(0);
});

test("a goal in which all are equal counts nothing, even where it is 0", () => {
  const points = [
    [0, 5],
    [0, 3],
  ];
  expect(kneeOf(points, ["highest", "lowest"])).toBe(1);
});

test("the knee has the least product of how many times worse its goals are, of several the first", () => {
  const above = fc.integer({ min: 1, max: 4 }).chain((goals) =>
    fc.record({
      wants: fc.array(fc.constantFrom<Want>("highest", "lowest"), { minLength: goals, maxLength: goals }),
      points: fc.array(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: goals, maxLength: goals }), {
        minLength: 1,
        maxLength: 30,
      }),
    }),
  );
  fc.assert(
    fc.property(above, ({ points, wants }) => {
      const times = points.map((_, place) => plainTimes(points, wants, place));
      const least = Math.min(...times);
      expect(kneeOf(points, wants)).toBe(times.findIndex((one) => one < least * (1 + 1e-9)));
    }),
  );
});

test("with one goal the knee is the best, and of several the first", () => {
  expect(kneeOf([[3], [7], [7]], ["highest"])).toBe(1);
  expect(kneeOf([[3], [7], [3]], ["lowest"])).toBe(0);
});

test("the best in a goal is, among equals, the one that is better in the others", () => {
  const points = [
    [5, 1, 9],
    [5, 2, 1],
    [4, 9, 9],
  ];
  expect(extremeOf(points, ["highest", "highest", "highest"], 0)).toBe(1);
  expect(extremeOf(points, ["highest", "lowest", "highest"], 0)).toBe(0);
});
