/** Where a request may allocate: one example of each rule for candidates and of each rank of retention, worked by hand. */
import { describe, expect, test } from "vitest";
import type { EvictionReason, MemoryCache, MemoryMsc, MemoryRis, MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import {
  cache,
  channel,
  countsOf,
  msc,
  ns,
  ownPartids,
  put,
  records,
  set,
  slice,
  system,
  WRITE,
  ways,
} from "./systems.ts";

const CONTROLS = {
  cpor: { cpbmWd: 4 },
  ccap: { cmaxWd: 8, cmaxSoftlim: true, cmin: true, cassocWd: 8 },
} as const;

function reasons(subject: MemorySubject, partid: number): Partial<Record<EvictionReason, number>> {
  const found = subject.evictions(0)?.find((one) => one.partid === partid)?.reasons ?? {};
  return Object.fromEntries(Object.entries(found).filter(([, count]) => Number(count) > 0));
}

describe.each(memorySubjects)("$name", ({ create }) => {
  /** One set of four ways with all controls of a cache; requester r is PARTID r. */
  async function controlled(
    ris: Omit<MemoryRis, "ris"> = CONTROLS,
    shape: Partial<MemoryCache> = {},
    features: Partial<MemoryMsc> = {},
  ): Promise<MemorySubject> {
    const one = msc(ris, { endis: { nfu: "none" }, ...features });
    const subject = await create(system({ caches: [cache({ ...shape, msc: one })] }));
    ownPartids(subject, 4);
    return subject;
  }

  test("rule 1: only ways whose portion is open", async () => {
    const subject = await controlled();
    set(subject, 1, "MPAMCFG_CPBM", 0b0110);
    subject.run(records([0, 1, 2], 0, 1));
    expect(ways(subject, 4)).toEqual([undefined, 2, 1, undefined]);
    expect(reasons(subject, 1)).toEqual({ ownPortion: 1 });
  });

  test("rule 2, hard: a PARTID that holds what CMAX allows replaces its own lines, though ways are empty", async () => {
    const subject = await controlled();
    set(subject, 1, "MPAMCFG_CMAX", { CMAX: 0x7fff }); // v = 127: 128/256 of 4 lines
    subject.run(records([0, 1, 2], 0, 1));
    expect(ways(subject, 4)).toEqual([2, 1, undefined, undefined]);
    expect(reasons(subject, 1)).toEqual({ ownLimit: 1 });
  });

  test("rule 2, hard: with no line of its own in the set it passes by", async () => {
    const subject = await controlled(CONTROLS, { sets: 2, ways: 2 });
    set(subject, 1, "MPAMCFG_CMAX", { CMAX: 0x3fff }); // 64/256 of 4 lines
    subject.run([...records([0], 0, 1), ...records([1], WRITE, 1, 10), ...records([3], 0, 1, 20)]);
    expect(subject.lines(0).map(({ line }) => line)).toEqual([0]);
    // A write passes as a line written, a read as a line read, without a fill.
    expect(countsOf(subject, slice(0), ns(1))).toMatchObject({ misses: 3, bytesRead: 128, bytesWritten: 64 });
  });

  test("rule 2, soft: empty ways and lines of disabled PARTIDs may be taken beyond CMAX, others may not", async () => {
    const subject = await controlled();
    set(subject, 1, "MPAMCFG_CMAX", { CMAX: 0x3fff, SOFTLIM: 1 }); // one line
    subject.run([...records([10, 11], 0, 2), ...records([0, 1], 0, 1, 10)]);
    // The second line of PARTID 1 is beyond its limit, in an empty way.
    expect(ways(subject, 4)).toEqual([10, 11, 0, 1]);
    subject.run(records([2], 0, 1, 20));
    expect(ways(subject, 4)).toEqual([10, 11, 2, 1]);
    put(subject, "MPAMCFG_DIS", { PARTID: 2 });
    subject.edge();
    subject.run(records([3], 0, 1, 30));
    expect(ways(subject, 4)).toEqual([3, 11, 2, 1]);
    expect(reasons(subject, 2)).toEqual({ disabled: 1 });
  });

  test("rule 3: as many lines of the set as CASSOC allows ways, and never less than one", async () => {
    const subject = await controlled(CONTROLS, { sets: 2 });
    set(subject, 1, "MPAMCFG_CASSOC", { CASSOC: 0x7fff }); // 2 of 4 ways
    set(subject, 2, "MPAMCFG_CASSOC", { CASSOC: 0 }); // 1/256 of 4 ways
    subject.run([...records([0, 2, 4, 1], 0, 1), ...records([6, 8], 0, 2, 10)]);
    expect(ways(subject, 4, 0)).toEqual([4, 2, 8, undefined]);
    expect(ways(subject, 4, 1)).toEqual([1, undefined, undefined, undefined]);
    expect(reasons(subject, 1)).toEqual({ ownLimit: 1 });
    expect(reasons(subject, 2)).toEqual({ ownLimit: 1 });
  });

  test("rule 4: lines of a PARTID below CMIN are kept from PARTIDs between their limits", async () => {
    const subject = await controlled();
    set(subject, 1, "MPAMCFG_CMIN", { CMIN: 0xc000 }); // 192/256 of 4 lines: 3
    subject.run([...records([0, 1], 0, 1), ...records([10, 11], 0, 2, 10), ...records([12], 0, 2, 20)]);
    // PARTID 1 holds 2 of its 3 lines, which are the oldest.
    expect(ways(subject, 4)).toEqual([0, 1, 12, 11]);
    // Below its minimum it may take from others; then it has its minimum, and its lines are as good as others'.
    subject.run([...records([0, 1, 2], 0, 1, 30), ...records([12, 13], 0, 2, 40)]);
    expect(ways(subject, 4)).toEqual([13, 1, 12, 2]);
  });

  test("CMIN is the lower end of its fraction, and a PARTID that has just that is not kept", async () => {
    const subject = await controlled({ ccap: { cmaxWd: 2, cmin: true } });
    set(subject, 1, "MPAMCFG_CMIN", { CMIN: 0x4000 }); // 1/4 of 4 lines
    subject.run([...records([0], 0, 1), ...records([10, 11, 12, 13], 0, 2, 10)]);
    expect(ways(subject, 4)).toEqual([13, 10, 11, 12]);
  });

  test("rule 4: a PARTID above CMAX takes no lines of those that are not, and they take its lines", async () => {
    const subject = await controlled();
    subject.run([...records([0, 1, 2], 0, 1), ...records([10], 0, 2, 10)]);
    set(subject, 1, "MPAMCFG_CMAX", { CMAX: 0x7fff });
    set(subject, 1, "MPAMCFG_CPBM", 0b1000); // only way 3, which is of PARTID 2
    subject.edge();
    subject.run(records([3], 0, 1, 20));
    expect(ways(subject, 4)).toEqual([0, 1, 2, 10]);
    subject.run(records([11], 0, 2, 30));
    expect(ways(subject, 4)).toEqual([11, 1, 2, 10]);
  });

  test("all ones of CMAX and CASSOC are no limit", async () => {
    const subject = await controlled(CONTROLS, { ways: 3 });
    set(subject, 1, "MPAMCFG_CMAX", { CMAX: 0xffff });
    set(subject, 1, "MPAMCFG_CASSOC", { CASSOC: 0xffff });
    subject.run([...records([0, 1, 2], 0, 1), ...records([10], 0, 2, 10), ...records([3], 0, 1, 20)]);
    expect(ways(subject, 3)).toEqual([10, 3, 2]);
    // Nothing held it to its own lines.
    expect(reasons(subject, 1)).toEqual({ other: 1, ownPortion: 1 });
  });

  test("a disabled PARTID allocates nowhere, and its lines stay and are hit", async () => {
    const subject = await controlled();
    subject.run(records([0], 0, 1));
    put(subject, "MPAMCFG_DIS", { PARTID: 1 });
    subject.edge();
    subject.run(records([0, 1], 0, 1, 10));
    expect(ways(subject, 4)).toEqual([0, undefined, undefined, undefined]);
    expect(countsOf(subject, slice(0), ns(1))).toMatchObject({ accesses: 3, misses: 2, lines: 1 });
    expect(countsOf(subject, channel, ns(1))).toMatchObject({ bytesRead: 128 });
  });

  test("PARTIDs of one intPARTID own their lines together", async () => {
    const subject = await controlled(CONTROLS, {}, { partidNrw: { intPartidMax: 3 } });
    for (const partid of [1, 2]) set(subject, partid, "MPAMCFG_INTPARTID", { INTPARTID: 1, INTERNAL: 1 });
    put(subject, "MPAMCFG_PART_SEL", { PARTID_SEL: 1, INTERNAL: 1 });
    put(subject, "MPAMCFG_CMAX", { CMAX: 0x7fff });
    subject.run([...records([0], 0, 1), ...records([10], 0, 2, 10), ...records([1], 0, 1, 20)]);
    expect(ways(subject, 4)).toEqual([1, 10, undefined, undefined]);
    subject.run(records([2], 0, 1, 30));
    expect(ways(subject, 4)).toEqual([1, 2, undefined, undefined]);
    expect(reasons(subject, 2)).toEqual({ ownLimit: 1 });
  });

  test("of several instances all bitmaps must agree, and the smallest CMAX holds with its SOFTLIM", async () => {
    const features = { ris: [0, 1].map((ris) => ({ ris, ...CONTROLS })) };
    const subject = await controlled(CONTROLS, {}, features);
    set(subject, 1, "MPAMCFG_CPBM", 0b0111);
    set(subject, 1, "MPAMCFG_CPBM", 0b1110, { ris: 1 });
    subject.run(records([0, 1, 2], 0, 1));
    expect(ways(subject, 4)).toEqual([undefined, 2, 1, undefined]);
    set(subject, 2, "MPAMCFG_CMAX", { CMAX: 0x7fff });
    set(subject, 2, "MPAMCFG_CMAX", { CMAX: 0x3fff, SOFTLIM: 1 }, { ris: 1 });
    subject.edge();
    subject.run(records([10, 11], 0, 2, 10));
    // One line is its limit, and that limit is soft.
    expect(ways(subject, 4)).toEqual([10, 2, 1, 11]);
    set(subject, 3, "MPAMCFG_CMAX", { CMAX: 0x3fff });
    set(subject, 3, "MPAMCFG_CMAX", { CMAX: 0x3fff, SOFTLIM: 1 }, { ris: 1 });
    put(subject, "MPAMCFG_DIS", { PARTID: 2 });
    subject.edge();
    subject.run(records([20, 21], 0, 3, 20));
    // Line 1 was the oldest. Of equal limits the hard one wins: the next replaces line 20, not one of the disabled PARTID.
    expect(ways(subject, 4)).toEqual([10, 2, 21, 11]);
  });

  test("portions are dealt to ways, and between sets where there are more of them than ways", async () => {
    // 8 portions over 4 ways: R = 2; way w of set s is cell 2w + s mod 2.
    const subject = await controlled({ cpor: { cpbmWd: 8 } }, { sets: 2 });
    set(subject, 1, "MPAMCFG_CPBM", 0b0000_0110); // cell 1: way 0 of odd sets; cell 2: way 1 of even ones
    subject.run(records([0, 1, 2, 3], 0, 1));
    expect(subject.lines(0)).toMatchObject([
      { set: 0, way: 1, line: 2 },
      { set: 1, way: 0, line: 3 },
    ]);
  });
});
