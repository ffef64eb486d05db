import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineSet } from "../../src/trace/line-set.ts";

test("a set of lines counts what a Set would, alone and joined with another", () => {
  const lines = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 47 - 1 })));
  fc.assert(
    fc.property(lines, lines, (some, others) => {
      const sets = [some, others].map((all) => {
        const set = new LineSet();
        for (const line of all) set.add(line);
        expect(set.size).toBe(new Set(all).size);
        return set;
      });
      const both = new LineSet();
      for (const set of sets) both.addAll(set);
      expect(both.size).toBe(new Set([...some, ...others]).size);
    }),
  );
});
