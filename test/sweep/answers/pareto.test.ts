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

test("of a straight front the middle is the knee, and the ends are the extremes", () => {
  const points = [0, 1, 2, 3, 4].map((x) => [x, 1000 * (4 - x)]);
  expect(frontOf(points, ["highest", "highest"])).toEqual([0, 1, 2, 3, 4]);
  expect(kneeOf(points, ["highest", "highest"])).toBe(2);
  expect([0, 1].map((goal) => extremeOf(points, ["highest", "highest"], goal))).toEqual([4, 0]);
});

test("a point near to both ideals is the knee wherever it stands, and units do not matter", () => {
  // From (0, 0) as the ideal after scaling: (0, 1), (0.1, 0.2), (0.5, 0.1), (1, 0).
  const points = [
    [100, 1e9],
    [110, 2e8],
    [150, 1e8],
    [200, 0],
  ];
  expect(kneeOf(points, ["lowest", "lowest"])).toBe(1);
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
