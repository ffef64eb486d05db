/** The cache without any limits set: what hits, what is replaced, what is written back, and under whose label it is all counted. */
import { describe, expect, test } from "vitest";
import { cacheConfig, type MscSubject, range, reads, writes } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const tiny = () => cacheConfig({ sets: 4, ways: 2 });
const WEB = { space: "ns", partid: 1, pmg: 1 } as const;
const BATCH = { space: "ns", partid: 2, pmg: 0 } as const;

/** What a set holds, newest first. */
function held(msc: MscSubject, set: number): number[] {
  const own = msc.lines().filter((line) => line.set === set);
  return own.toSorted((a, b) => a.age - b.age).map(({ line }) => line);
}

describe.each(factories)("the cache of the $name", ({ create }) => {
  test("starts empty", async () => {
    const msc = await create(tiny());
    expect([msc.lines(), msc.occupancy(), msc.statistics()]).toEqual([[], [], []]);
  });

  test("puts a line into the set of its number and the lowest empty way", async () => {
    const msc = await create(tiny());
    msc.run(reads([5, 9, 7]));
    expect(msc.lines().toSorted((a, b) => a.set - b.set || a.way - b.way)).toEqual([
      { set: 1, way: 0, line: 5, dirty: false, age: 1, space: "ns", partid: 0, pmg: 0 },
      { set: 1, way: 1, line: 9, dirty: false, age: 0, space: "ns", partid: 0, pmg: 0 },
      { set: 3, way: 0, line: 7, dirty: false, age: 0, space: "ns", partid: 0, pmg: 0 },
    ]);
  });

  test("takes line numbers up to 32 bits", async () => {
    const msc = await create(tiny());
    msc.run(reads([0xffff_ffff, 0x8000_0001, 0xffff_ffff]));
    expect(held(msc, 3)).toEqual([0xffff_ffff]);
    expect(held(msc, 1)).toEqual([0x8000_0001]);
    expect(msc.statistics()).toEqual([{ space: "ns", partid: 0, pmg: 0, accesses: 3, misses: 2 }]);
  });

  test("replaces the line used longest ago, and a hit is a use", async () => {
    const msc = await create(tiny());
    msc.run(reads([0, 4, 0, 8])); // 8 replaces 4
    expect(held(msc, 0)).toEqual([8, 0]);
    msc.run(reads([0, 4])); // 4 replaces 8
    expect(held(msc, 0)).toEqual([4, 0]);
    expect(msc.statistics()).toEqual([{ space: "ns", partid: 0, pmg: 0, accesses: 6, misses: 4 }]);
  });

  test("marks a line dirty when it is written, whether the write hit or missed", async () => {
    const msc = await create(tiny());
    msc.run([...writes([0]), ...reads([1]), ...writes([1]), ...reads([0, 2])]);
    expect(msc.lines().map(({ line, dirty }) => [line, dirty])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
  });

  test("treats fetches and prefetches as reads", async () => {
    const msc = await create(tiny());
    msc.run([0, 2, 3].map((op, line) => ({ line, requester: 0, op, bytes: 4 })));
    expect(msc.lines().map(({ line, dirty }) => [line, dirty])).toEqual([
      [0, false],
      [1, false],
      [2, false],
    ]);
  });

  test("keeps a line under the label that allocated it, whoever hits or writes it", async () => {
    const msc = await create(tiny());
    msc.setLabel(1, "all", WEB);
    msc.setLabel(2, "all", BATCH);
    msc.run([...reads([6], 1), ...writes([6], 2)]);
    expect(msc.lines()).toEqual([{ set: 2, way: 0, line: 6, dirty: true, age: 0, ...WEB }]);
    expect(msc.occupancy()).toEqual([{ ...WEB, lines: 1 }]);
    expect(msc.statistics()).toHaveLength(2);
    expect(msc.statistics()).toContainEqual({ ...WEB, accesses: 1, misses: 1 });
    expect(msc.statistics()).toContainEqual({ ...BATCH, accesses: 1, misses: 0 });
  });

  test("labels requests by requester and operation, so that fetches may go elsewhere than data", async () => {
    const msc = await create(tiny());
    msc.setLabel(1, "all", WEB);
    msc.setLabel(1, 2, BATCH);
    msc.run([
      { line: 0, requester: 1, op: 0, bytes: 8 },
      { line: 1, requester: 1, op: 2, bytes: 8 },
      { line: 2, requester: 1, op: 3, bytes: 8 },
    ]);
    expect(msc.lines().map(({ partid }) => partid)).toEqual([1, 2, 1]);
  });

  test("a new label shows on the lines that follow and not on those that are there", async () => {
    const msc = await create(tiny());
    msc.setLabel(0, "all", WEB);
    msc.run(reads([0, 1]));
    msc.setLabel(0, "all", BATCH);
    msc.run(reads([1, 2]));
    expect(msc.lines().map(({ partid }) => partid)).toEqual([1, 1, 2]);
  });

  test("tells apart owners that differ in space, PARTID or PMG only", async () => {
    const msc = await create(tiny());
    const labels = [
      { space: "ns", partid: 1, pmg: 0 },
      { space: "ns", partid: 1, pmg: 1 },
      { space: "s", partid: 1, pmg: 0 },
      { space: "ns", partid: 2, pmg: 0 },
    ] as const;
    labels.forEach((label, requester) => {
      msc.setLabel(requester, "all", label);
      msc.run(reads([requester, requester + 4], requester));
    });
    expect(msc.occupancy()).toHaveLength(4);
    for (const label of labels) expect(msc.occupancy()).toContainEqual({ ...label, lines: 2 });
  });

  test("one way is a direct-mapped cache, and sixteen ways hold sixteen lines of a set", async () => {
    const direct = await create(cacheConfig({ sets: 2, ways: 1 }));
    direct.run(reads([0, 2, 4, 1]));
    expect(direct.lines().map(({ line }) => line)).toEqual([4, 1]);
    const wide = await create(cacheConfig({ sets: 1, ways: 16 }));
    wide.run(reads(range(0, 17)));
    expect(held(wide, 0)).toEqual(range(1, 16).toReversed());
    expect(wide.lines().find(({ line }) => line === 16)?.way).toBe(0);
  });

  test("gives the same however the records are cut into runs", async () => {
    const records = [...reads(range(0, 40, 3)), ...writes(range(5, 40, 7)), ...reads(range(0, 40))];
    const whole = await create(tiny());
    whole.run(records);
    const cut = await create(tiny());
    for (const record of records) cut.run([record]);
    expect(cut.lines()).toEqual(whole.lines());
    expect(cut.statistics()).toEqual(whole.statistics());
  });

  test("an empty run changes nothing", async () => {
    const msc = await create(tiny());
    msc.run(reads([1]));
    msc.run([]);
    expect(msc.lines()).toHaveLength(1);
  });
});
