/** What becomes of a request that a cache's port holds: when it goes on, what it does then, and before whom. Worked by hand. */
import { describe, expect, test } from "vitest";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import {
  cache,
  channel,
  countsOf,
  msc,
  node,
  ns,
  ownPartids,
  put,
  records,
  set,
  slice,
  system,
  WRITE,
} from "./systems.ts";

/** One line a quantum. */
const ONE_LINE = 64e6;
const MBW = { mbw: { bwaWd: 8 } } as const;

/** A first level that lets one line through in a quantum. */
function narrow(different: Parameters<typeof cache>[0] = {}) {
  return cache({ bytesPerSecond: ONE_LINE, msc: msc(MBW), ...different });
}

describe.each(memorySubjects)("$name", ({ create }) => {
  test("it looks for its line in the next cache when an edge lets it through, and not before", async () => {
    const subject = await create(system({ caches: [narrow(), cache({ level: 2 })] }));
    subject.load(records([0, 1]));
    subject.runTo(1000);
    expect(subject.lines(0).map(({ line }) => line)).toEqual([0, 1]);
    expect(subject.lines(1).map(({ line }) => line)).toEqual([0]);
    expect(countsOf(subject, slice(1), ns(0))).toMatchObject({ accesses: 1, misses: 1 });
    subject.runTo(2000);
    expect(subject.lines(1).map(({ line }) => line)).toEqual([0, 1]);
    expect(countsOf(subject, slice(1), ns(0))).toMatchObject({ accesses: 2, misses: 2 });
    // Both by memory, 100 ns; the second was held from 1 to 1000.
    expect(subject.latencies()).toMatchObject([{ count: 2, sumNs: 200 + 999, heldNs: 999 }]);
  });

  test("it hits there if somebody has brought the line meanwhile", async () => {
    const caches = [narrow(), cache({ cpus: [1] }), cache({ level: 2, cpus: [0, 1] })];
    const subject = await create(system({ cpus: 2, caches, requesters: [0, 1] }));
    ownPartids(subject, 2);
    subject.load([...records([0, 1]), ...records([1], 0, 1, 500)]);
    subject.runTo(2000);
    expect(countsOf(subject, slice(2), ns(0))).toMatchObject({ accesses: 2, misses: 1 });
    // By memory, 100 ns; and by the second level, 5 ns, after 999 in which it was held.
    const own = subject.latencies().find(({ partid }) => partid === 0);
    expect(own).toMatchObject({ count: 2, sumNs: 100 + 5 + 999, maxNs: 1004 });
  });

  test("what it drives out below leaves at that edge, and is counted then", async () => {
    const subject = await create(system({ caches: [narrow({ ways: 1 }), cache({ level: 2, ways: 1 })] }));
    // The write's read goes through at 0; the write-back of line 0 and the read of line 1 are held at 1.
    subject.load([...records([0], WRITE), ...records([1], 0, 0, 1)]);
    subject.runTo(1000);
    expect(subject.lines(1)).toMatchObject([{ line: 0, dirty: false }]);
    subject.runTo(2000);
    expect(subject.lines(1)).toMatchObject([{ line: 0, dirty: true }]);
    expect(subject.evictions(1)).toEqual([]);
    subject.runTo(3000);
    expect(subject.lines(1)).toMatchObject([{ line: 1, dirty: false }]);
    expect(subject.evictions(1)).toMatchObject([{ reasons: { ownPortion: 1 } }]);
    expect(countsOf(subject, channel, ns(0)).bytesWritten).toBe(64);
  });

  test("an inclusive cache that cannot take it then leaves it where it is above", async () => {
    const below = cache({ level: 2, inclusive: true, msc: msc({ cpor: { cpbmWd: 4 } }) });
    const subject = await create(system({ caches: [narrow(), below] }));
    ownPartids(subject, 2);
    set(subject, 1, "MPAMCFG_CPBM", 0, { msc: 1 });
    // Line 0 is not held, so it is not taken above either: its write passes down, and is held.
    subject.load(records([0, 1], WRITE, 1));
    subject.runTo(4000);
    expect(subject.waiting()).toEqual({ records: 0, held: 0 });
    expect(subject.lines(0)).toMatchObject([{ line: 1, dirty: true, partid: 1 }]);
    expect(subject.lines(1)).toEqual([]);
    expect(countsOf(subject, channel, ns(1))).toMatchObject({ bytesRead: 128, bytesWritten: 64 });
  });

  test("errors of the next cache are told when it looks there, of no record", async () => {
    const below = msc({ cpor: { cpbmWd: 4 } }, { spaces: { ns: { partidMax: 0, pmgMax: 0 } } });
    const subject = await create(system({ caches: [narrow(), cache({ level: 2, msc: below })] }));
    ownPartids(subject, 2);
    put(subject, "MPAMF_ECR", { INTEN: 1 }, { msc: 1 });
    subject.load([...records([0], 0, 0), ...records([1], 0, 1, 1)]);
    subject.runTo(1000);
    expect(subject.interrupts(1)).toEqual([]);
    subject.runTo(2000);
    expect(subject.interrupts(1)).toEqual([{ kind: "error", level: 1 }]);
  });

  test("ports have their edge level by level, whatever the order of the file", async () => {
    const wide = cache({ level: 2, bytesPerSecond: 2 * ONE_LINE, msc: msc(MBW) });
    for (const caches of [
      [narrow(), wide],
      [wide, narrow()],
    ]) {
      const subject = await create(system({ caches }));
      subject.load([0, 1].map((line) => ({ time: 0, line, requester: 0, op: 0, bytes: 64 })));
      subject.runTo(4000);
      expect(subject.latencies()).toMatchObject([{ count: 2, heldNs: 1000 }]);
    }
  });

  test("it takes one from the budget of its part, though it has not come to the last level", async () => {
    const subject = await create(system({ outstanding: 2, caches: [narrow(), cache({ level: 2 })] }));
    subject.load(records([0, 1, 2, 3]));
    const waiting = [1000, 2000].map((end) => {
      subject.runTo(end);
      return subject.waiting();
    });
    expect(waiting).toEqual([
      { records: 2, held: 1 },
      { records: 0, held: 2 },
    ]);
  });

  test("what is too little for a byte is carried, and comes to a line in the end", async () => {
    const one = msc({ mbw: { bwaWd: 16, prop: true } });
    const subject = await create(system({ outstanding: 8, nodes: [node({ bytesPerSecond: 65e6, msc: one })] }));
    ownPartids(subject, 2);
    set(subject, 1, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: 255 });
    const lines = Array.from({ length: 400 }, (_, i) => i);
    subject.load([...records(lines), ...records([5000], 0, 1)]);
    // Of 65 bytes it has 65/257 in a quantum, and 1/257 of the byte that may be over: a line after 249 edges at least, 254 at most.
    subject.runTo(249_000);
    expect(countsOf(subject, channel, ns(1)).bytesRead).toBe(0);
    subject.runTo(255_000);
    expect(countsOf(subject, channel, ns(1)).bytesRead).toBe(64);
  });

  test("an eviction begins with the best rank, whatever the rank of what caused it", async () => {
    const upper = cache({ ways: 1, msc: msc({ pri: { dspriWd: 2 } }) });
    const nodes = [node({ bytesPerSecond: ONE_LINE, msc: msc(MBW) })];
    const subject = await create(system({ caches: [upper, cache({ level: 2, ways: 1 })], nodes }));
    ownPartids(subject, 4);
    set(subject, 1, "MPAMCFG_PRI", { DSPRI: 3 });
    set(subject, 3, "MPAMCFG_PRI", { DSPRI: 1 });
    // The read of PARTID 1 drives PARTID 2's line out of the second level; then PARTID 3 comes. All wait at the channel.
    subject.load([...records([0], WRITE, 2), ...records([1], 0, 1, 1), ...records([2], 0, 3, 2)]);
    const served = [2000, 3000, 4000].map((end) => {
      subject.runTo(end);
      const written = countsOf(subject, channel, ns(2)).bytesWritten;
      return [written, ...[3, 1].map((one) => countsOf(subject, channel, ns(one)).bytesRead)];
    });
    expect(served).toEqual([
      [64, 0, 0],
      [64, 64, 0],
      [64, 64, 64],
    ]);
  });

  test("a disabled PARTID has the lowest rank, at the port and below", async () => {
    const endis = { endis: { nfu: "none" } } as const;
    const here = msc({ mbw: { bwaWd: 0, max: false, bwpbmWd: 2 }, pri: { intpriWd: 1 } }, endis);
    const atPort = await create(system({ nodes: [node({ bytesPerSecond: ONE_LINE, msc: here })] }));
    set(atPort, 1, "MPAMCFG_MBW_PBM", 0); // it too has only what nobody wants
    const above = cache({ msc: msc({ pri: { dspriWd: 2 } }, endis) });
    const nodes = [node({ bytesPerSecond: ONE_LINE, msc: msc(MBW) })];
    const below = await create(system({ caches: [above], nodes }));
    for (const subject of [atPort, below]) {
      ownPartids(subject, 3);
      put(subject, "MPAMCFG_DIS", { PARTID: 2 });
      subject.load([...records([0], 0, 0), ...records([1], 0, 2, 1), ...records([2], 0, 1, 2)]);
      const served = [2000, 3000].map((end) => {
        subject.runTo(end);
        return [1, 2].map((one) => countsOf(subject, channel, ns(one)).bytesRead);
      });
      expect(served).toEqual([
        [64, 0],
        [64, 64],
      ]);
    }
  });

  test("the rank that a cache gives its requests is for what is below, not for its own port", async () => {
    const own = msc({ ...MBW, pri: { dspriWd: 1 } });
    const subject = await create(system({ caches: [cache({ bytesPerSecond: ONE_LINE, msc: own })] }));
    ownPartids(subject, 3);
    set(subject, 1, "MPAMCFG_PRI", { DSPRI: 1 });
    subject.load([...records([0], 0, 0), ...records([1], 0, 1, 1), ...records([2], 0, 2, 2)]);
    // Without INTPRI both are alike: half a line each at 1000 and at 2000.
    const held = [2000, 3000].map((end) => {
      subject.runTo(end);
      return subject.waiting().held;
    });
    expect(held).toEqual([2, 0]);
  });
});
