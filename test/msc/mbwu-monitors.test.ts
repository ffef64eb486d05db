/** Memory bandwidth usage monitors: what they count at a channel and below a cache, in which direction and for whom. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  range,
  reads,
  type SubjectRecord,
  writes,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const MBWU_L = offsetOf("MSMON_MBWU_L");

const EN = 0x8000_0000;
const MATCH_PARTID = 0x0001_0000;
const MATCH_PMG = 0x0002_0000;
const WRITES = 0x4000_0000;
const READS = 0x8000_0000;

function start(msc: MscSubject, mon: number, flt: number, match: number, space: "ns" | "s" = "ns"): void {
  msc.write32(MON_SEL, mon, space);
  msc.write32(FLT, flt, space);
  msc.write32(CTL, match + 0x42, space);
  msc.write32(CTL, EN + match + 0x42, space);
  msc.write32(MBWU, 0, space);
}

function count(msc: MscSubject, mon: number, space: "ns" | "s" = "ns"): number {
  msc.write32(MON_SEL, mon, space);
  return msc.read32(MBWU, space);
}

/** Requesters 0..3 are (1, 0), (1, 1), (2, 1) and the Secure (1, 1). */
async function labelled(create: (typeof factories)[number]["create"], config = memoryConfig()): Promise<MscSubject> {
  const msc = await create(config);
  msc.setLabel(0, "all", { space: "ns", partid: 1, pmg: 0 });
  msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 1 });
  msc.setLabel(2, "all", { space: "ns", partid: 2, pmg: 1 });
  msc.setLabel(3, "all", { space: "s", partid: 1, pmg: 1 });
  return msc;
}

/** 1, 2, 4 and 8 bytes by requesters 0..3, and 16, 32, ... written by them. */
const MIXED: SubjectRecord[] = [
  { line: 0, requester: 0, op: 0, bytes: 1 },
  { line: 0, requester: 1, op: 2, bytes: 2 },
  { line: 0, requester: 2, op: 3, bytes: 4 },
  { line: 0, requester: 3, op: 0, bytes: 8 },
  { line: 0, requester: 0, op: 1, bytes: 16 },
  { line: 0, requester: 1, op: 1, bytes: 32 },
  { line: 0, requester: 2, op: 1, bytes: 64 },
  { line: 0, requester: 3, op: 1, bytes: 48 },
];

describe.each(factories)("bandwidth usage monitors of the $name", ({ create }) => {
  test("start disabled, with their type and nothing else", async () => {
    const msc = await create(memoryConfig());
    for (const mon of range(0, 4)) {
      msc.write32(MON_SEL, mon);
      expect([msc.read32(FLT), msc.read32(CTL), msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([0, 0x42, 0, 0n]);
    }
  });

  test("control and filter keep the bits that exist for the counter and the filter they have", async () => {
    const kept = async (counter: 31 | 44 | 63, rwbw: boolean): Promise<number[]> => {
      const msc = await create(memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 1, counter, rwbw } }] }));
      msc.write32(FLT, 0xffff_ffff);
      msc.write32(CTL, 0xffff_ffff);
      const ones = [msc.read32(FLT), msc.read32(CTL)];
      msc.write32(CTL, 0);
      return [...ones, msc.read32(CTL)];
    };
    expect(await kept(31, false)).toEqual([0x00ff_ffff, 0x8703_0042, 0x42]);
    expect(await kept(31, true)).toEqual([0xc0ff_ffff, 0x8703_0042, 0x42]);
    expect(await kept(44, true)).toEqual([0xc0ff_ffff, 0x8703_c042, 0x42]);
    expect(await kept(63, false)).toEqual([0x00ff_ffff, 0x8703_c042, 0x42]);
  });

  test("a monitor without long counter has no such register", async () => {
    const msc = await create(memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 1, counter: 31, rwbw: false } }] }));
    msc.write64(MBWU_L, 0xffff_ffff_ffff_ffffn);
    expect(msc.read64(MBWU_L)).toBe(0n);
    expect(msc.read32(MBWU)).toBe(0);
  });

  test("a channel counts the bytes of each record once, by PARTID and PMG", async () => {
    const msc = await labelled(create);
    start(msc, 0, 0, 0);
    start(msc, 1, 0x0001_0001, MATCH_PARTID);
    start(msc, 2, 0x0001_0001, MATCH_PARTID + MATCH_PMG);
    start(msc, 3, 0x0001_0001, MATCH_PMG);
    msc.run(MIXED);
    expect(range(0, 4).map((mon) => count(msc, mon))).toEqual([1 + 2 + 4 + 112, 3 + 48, 2 + 32, 2 + 4 + 96]);
  });

  test("a monitor counts its bank's space only", async () => {
    const msc = await labelled(create);
    start(msc, 0, 0, 0, "s");
    start(msc, 1, 1, MATCH_PARTID, "s");
    start(msc, 2, 2, MATCH_PARTID, "s");
    msc.run(MIXED);
    expect([0, 1, 2].map((mon) => count(msc, mon, "s"))).toEqual([56, 56, 0]);
  });

  test("a direction filter takes writes or everything else", async () => {
    const msc = await labelled(create);
    start(msc, 0, WRITES, 0);
    start(msc, 1, READS, 0);
    start(msc, 2, WRITES + 1, MATCH_PARTID);
    start(msc, 3, READS + 2, MATCH_PARTID);
    msc.run(MIXED);
    expect(range(0, 4).map((mon) => count(msc, mon))).toEqual([112, 7, 48, 4]);
  });

  test("the long counter counts the same beside the short one", async () => {
    const msc = await labelled(create);
    start(msc, 0, 1, MATCH_PARTID);
    msc.write64(MBWU_L, 0x7_0000_0000n);
    msc.run(MIXED);
    expect(msc.read32(MBWU)).toBe(51);
    expect(msc.read64(MBWU_L)).toBe(0x7_0000_0033n);
  });

  test("a disabled monitor counts nothing, keeps its number and takes writes (ACS 155, 304)", async () => {
    const msc = await labelled(create);
    start(msc, 0, 0, 0);
    msc.run(MIXED);
    msc.write32(CTL, 0x42);
    msc.run(MIXED);
    expect(count(msc, 0)).toBe(119);
    msc.write32(MBWU, 1000);
    msc.write64(MBWU_L, 2000n);
    msc.run(MIXED);
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([1000, 2000n]);
    msc.write32(CTL, EN + 0x42);
    msc.run(MIXED);
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([1119, 2119n]);
  });

  test("a changed filter goes on from the same number", async () => {
    const msc = await labelled(create);
    start(msc, 0, 1, MATCH_PARTID);
    msc.run(MIXED);
    msc.write32(FLT, 2);
    msc.run(MIXED);
    expect(count(msc, 0)).toBe(51 + 68);
    msc.write32(CTL, EN + 0x42);
    msc.run(MIXED);
    expect(count(msc, 0)).toBe(51 + 68 + 119);
  });

  test("a new label is counted from the next run on", async () => {
    const msc = await labelled(create);
    start(msc, 0, 2, MATCH_PARTID);
    msc.run(reads([1], 0));
    msc.setLabel(0, "all", { space: "ns", partid: 2, pmg: 0 });
    expect(count(msc, 0)).toBe(0);
    msc.run(reads([1, 2], 0));
    expect(count(msc, 0)).toBe(128);
  });

  test("the not-ready bit of each size is storage for software, and counting leaves it", async () => {
    const msc = await labelled(create);
    start(msc, 0, 0, 0);
    msc.write32(MBWU, 0x8000_0010);
    msc.write32(MBWU_L + 4, 0x8000_0000);
    msc.run(reads([1]));
    expect(msc.read32(MBWU)).toBe(0x8000_0050);
    expect(msc.read64(MBWU_L)).toBe(0x8000_0000_0000_0040n);
    msc.write32(MBWU, 0x10);
    expect(msc.read32(MBWU)).toBe(0x10);
    expect(msc.read64(MBWU_L) >> 63n).toBe(1n);
  });

  test("each size is written for itself, and half of the long one leaves the other half", async () => {
    const msc = await create(memoryConfig());
    msc.write32(MBWU, 0x1111);
    msc.write32(MBWU_L, 0xffff_fff0);
    msc.write32(MBWU_L + 4, 0x7fff_0001);
    expect(msc.read32(MBWU)).toBe(0x1111);
    expect(msc.read64(MBWU_L)).toBe(0x7fff_0001_ffff_fff0n);
    msc.write32(MBWU_L, 5);
    expect(msc.read64(MBWU_L)).toBe(0x7fff_0001_0000_0005n);
    msc.write32(MBWU_L + 4, 0);
    expect(msc.read64(MBWU_L)).toBe(5n);
  });

  test("the low word carries into the high one", async () => {
    const msc = await create(memoryConfig());
    start(msc, 0, 0, 0);
    msc.write64(MBWU_L, 0x3_ffff_ffe0n);
    msc.run(reads([1]));
    expect(msc.read64(MBWU_L)).toBe(0x4_0000_0020n);
  });

  test("a 44-bit counter has no bits between its number and its ready bit", async () => {
    const msc = await create(memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 1, counter: 44, rwbw: false } }] }));
    msc.write64(MBWU_L, 0xffff_ffff_ffff_ffffn);
    expect(msc.read64(MBWU_L)).toBe(0x8000_0fff_ffff_ffffn);
    msc.write64(MBWU_L, 0x7fff_f234_5678_9abcn);
    expect(msc.read64(MBWU_L)).toBe(0x0000_0234_5678_9abcn);
  });

  test("monitors at a cache count lines that cross below it, not what hits in it", async () => {
    const msc = await labelled(create, cacheConfig({ sets: 4, ways: 2 }));
    start(msc, 0, READS, 0);
    start(msc, 1, WRITES, 0);
    msc.run([{ line: 0, requester: 0, op: 0, bytes: 3 }, ...reads([0, 0]), ...writes([0])]);
    expect([count(msc, 0), count(msc, 1)]).toEqual([64, 0]);
    // A write that misses fetches its line too.
    msc.run([{ line: 1, requester: 0, op: 1, bytes: 8 }]);
    expect([count(msc, 0), count(msc, 1)]).toEqual([128, 0]);
  });

  test("a dirty line is written back under its own label, and what replaces it is read under the request's", async () => {
    const msc = await labelled(create, cacheConfig({ sets: 1, ways: 2 }));
    start(msc, 0, WRITES + 1, MATCH_PARTID);
    start(msc, 1, READS + 1, MATCH_PARTID);
    start(msc, 2, WRITES + 2, MATCH_PARTID);
    start(msc, 3, READS + 2, MATCH_PARTID);
    msc.run([...writes([0], 0), ...reads([1], 0), ...reads([2, 3, 4], 2)]);
    expect(range(0, 4).map((mon) => count(msc, mon))).toEqual([64, 128, 0, 192]);
  });

  test("a clean line is dropped without a word", async () => {
    const msc = await labelled(create, cacheConfig({ sets: 1, ways: 1 }));
    start(msc, 0, 0, 0);
    msc.run(reads([0, 1, 2]));
    expect(count(msc, 0)).toBe(3 * 64);
  });

  test("a filter out of range counts the requests it names all the same", async () => {
    const msc = await create(memoryConfig());
    msc.setLabel(0, "all", { space: "ns", partid: 40, pmg: 0 });
    start(msc, 0, 40, MATCH_PARTID);
    start(msc, 1, 0, MATCH_PARTID);
    msc.run(reads([1, 2, 3]));
    expect([count(msc, 0), count(msc, 1)]).toEqual([192, 0]);
  });

  test("hundreds of monitors count side by side", async () => {
    const msc = await labelled(
      create,
      memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 300, counter: 63, rwbw: true } }] }),
    );
    for (const mon of range(0, 300)) start(msc, mon, mon % 3, MATCH_PARTID);
    msc.run(MIXED);
    expect(range(0, 300).map((mon) => count(msc, mon))).toEqual(range(0, 300).map((mon) => [0, 51, 68][mon % 3]));
  });
});
