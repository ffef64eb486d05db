import fc from "fast-check";
import { expect, test } from "vitest";
import { describeRows, requestFor, setOfRow } from "../../src/web/picture/view.ts";

test("a picture never asks for sets that there are not, whatever the cache and the close-up", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70_000 }), fc.boolean(), fc.nat(80_000), (sets, isClose, first) => {
      const request = requestFor({ sets }, 2, 1, { isClose, first });
      expect(request).toMatchObject({ cache: 2, slice: 1 });
      expect(request.count).toBeGreaterThan(0);
      expect(request.count).toBeLessThanOrEqual(256);
      expect(setOfRow(request, request.count - 1)).toBeLessThan(sets);
      // Of the overview, the next one would be past the end.
      if (!isClose) expect(setOfRow(request, request.count)).toBeGreaterThanOrEqual(sets);
    }),
  );
});

test.each([
  [1024, false, 0, "256 of 1024 sets, every 4th"],
  [128, false, 0, "all 128 sets"],
  [1, false, 0, "one set"],
  [1024, true, 40, "sets 40 to 71 of 1024"],
  [1024, true, 1020, "sets 992 to 1023 of 1024"],
])("%i sets, close up %s from %i: %s", (sets, isClose, first, words) => {
  expect(describeRows(requestFor({ sets }, 0, 0, { isClose, first }), sets)).toBe(words);
});
