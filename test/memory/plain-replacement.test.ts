/** Who is replaced: each policy against a count made another way, or against a small example worked by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashAdd, mix } from "../../bench/mixer.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import { cache, countsOf, ns, records, slice, system, ways } from "./systems.ts";

/** Stack distances (Mattson 1970): a fully associative LRU cache of n lines misses where n or more others came since the last use. */
function missesByDistance(lines: readonly number[], size: number): number {
  return lines.filter((line, i) => {
    const last = lines.lastIndexOf(line, i - 1);
    return i === 0 || last < 0 || new Set(lines.slice(last + 1, i)).size >= size;
  }).length;
}

describe.each(memorySubjects)("$name", ({ create }) => {
  test("LRU in one set misses as stack distances say", async () => {
    const trace = fc.array(fc.nat(20), { minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(trace, fc.integer({ min: 1, max: 16 }), async (lines, size) => {
        const subject = await create(system({ caches: [cache({ ways: size })] }));
        subject.run(records(lines));
        const { accesses, misses } = countsOf(subject, slice(0), ns(0));
        expect({ accesses, misses }).toEqual({ accesses: lines.length, misses: missesByDistance(lines, size) });
      }),
      { numRuns: 60 },
    );
  });

  test("LRU of several sets is one of each set", async () => {
    const trace = fc.array(fc.nat(40), { minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(trace, async (lines) => {
        const subject = await create(system({ caches: [cache({ sets: 4, ways: 3 })] }));
        subject.run(records(lines));
        const bySet = [0, 1, 2, 3].map((set) =>
          missesByDistance(
            lines.filter((line) => line % 4 === set),
            3,
          ),
        );
        expect(countsOf(subject, slice(0), ns(0)).misses).toBe(bySet.reduce((sum, misses) => sum + misses, 0));
      }),
      { numRuns: 30 },
    );
  });

  test("the tree of four ways goes where its nodes point, and touches turn them away", async () => {
    const subject = await create(system({ caches: [cache({ policy: "plru" })] }));
    // Filled in order: every node has been turned to its lower half by the last touch of its upper one, the left one to way 0.
    subject.run(records([0, 1, 2, 3]));
    subject.run(records([4], 0, 0, 10)); // root down, left node to way 0; the touch turns the root up and the left node to way 1
    expect(ways(subject, 4)).toEqual([4, 1, 2, 3]);
    subject.run(records([5], 0, 0, 20)); // root up, right node to way 2
    expect(ways(subject, 4)).toEqual([4, 1, 5, 3]);
    subject.run(records([6], 0, 0, 30)); // root down, left node to way 1
    expect(ways(subject, 4)).toEqual([4, 6, 5, 3]);
    subject.run(records([4, 7], 0, 0, 40)); // the hit in way 0 keeps the root up; right node to way 3
    expect(ways(subject, 4)).toEqual([4, 6, 5, 7]);
  });

  test("the tree over three ways goes to the other half where no way is", async () => {
    const subject = await create(system({ caches: [cache({ policy: "plru", ways: 3 })] }));
    subject.run(records([0, 1, 2, 3]));
    expect(ways(subject, 3)).toEqual([3, 1, 2]);
    // The right node points to way 3, which does not exist.
    subject.run(records([4], 0, 0, 10));
    expect(ways(subject, 3)).toEqual([3, 1, 4]);
  });

  test("NRU takes the lowest way whose bit is 0, and clears the bits when all are 1", async () => {
    const subject = await create(system({ caches: [cache({ policy: "nru" })] }));
    subject.run(records([0, 1, 2, 3]));
    subject.run(records([4, 5], 0, 0, 10)); // all ones: cleared, way 0; then way 1
    expect(ways(subject, 4)).toEqual([4, 5, 2, 3]);
    subject.run(records([2, 6], 0, 0, 20)); // way 2 is touched, so way 3 goes, and all bits are 1 again
    expect(ways(subject, 4)).toEqual([4, 5, 2, 6]);
    subject.run(records([7], 0, 0, 30));
    expect(ways(subject, 4)).toEqual([7, 5, 2, 6]);
  });

  test("random replacement draws from seed, slice, set and the fills of the set", async () => {
    const seed = 77;
    // The second cache of the file, so its slice is number 1; the first serves another cpu.
    const caches = [cache({ cpus: [1] }), cache({ cpus: [0], sets: 2, policy: "random" })];
    const subject = await create(system({ cpus: 2, seed, caches, requesters: [0] }));
    const lines = Array.from({ length: 60 }, (_, i) => (i * 7) % 23);
    subject.run(records(lines));
    const held: number[][] = [[], []];
    const fills = [0, 0];
    for (const line of lines) {
      const set = line % 2;
      const mine = held[set] ?? [];
      if (mine.includes(line)) continue;
      const drawn = [seed, 1, set, fills[set] ?? 0].slice(1).reduce(hashAdd, mix(seed)) % 4;
      mine[mine.length < 4 ? mine.length : drawn] = line;
      fills[set] = (fills[set] ?? 0) + 1;
    }
    expect([ways(subject, 4, 0, 1), ways(subject, 4, 1, 1)]).toEqual(held);
  });
});
