/** Translation of PARTIDs on the way in and out: which entry holds, what acts before it and after it, and what monitors compare. */
import { describe, expect, test } from "vitest";
import { get, monSel, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  range,
  reads,
  type SubjectConfig,
  writes,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const all = { partidMax: 50, direct: true, baseMask: true };
const machine = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    sets: 4,
    ways: 4,
    inTl: all,
    ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 4 }, mbwu: { monitors: 4, counter: 31 } }],
    ...different,
  });

/** What goes in as PARTID `from` becomes `to`. */
function enter(msc: MscSubject, from: number, to: number, space: "ns" | "s" = "ns"): void {
  partSel(msc, { PARTID_SEL: from, INGRESS_TL: 1 }, space);
  put(msc, "MPAMCFG_IN_TL", { PARTID_TL: to, ENABLE: 1 }, space);
}

function leave(msc: MscSubject, from: number, to: number): void {
  partSel(msc, { PARTID_SEL: from });
  put(msc, "MPAMCFG_OUT_TL", { PARTID_TL: to, ENABLE: 1 });
}

function portions(msc: MscSubject, partid: number, cpbm: number): void {
  partSel(msc, { PARTID_SEL: partid });
  put(msc, "MPAMCFG_CPBM", cpbm);
}

/** The ways that requests labelled with a PARTID fill. */
function waysOf(msc: MscSubject, partid: number): number[] {
  msc.setLabel(1, "all", { space: "ns", partid, pmg: 0 });
  msc.run(reads(range(1000 * partid, 16), 1));
  return [
    ...new Set(
      msc
        .lines()
        .filter((line) => line.partid === partid)
        .map(({ way }) => way),
    ),
  ].toSorted();
}

/** Portion p belongs to PARTID p alone, for p of 0..3. */
function keepApart(msc: MscSubject): void {
  for (const p of range(0, 4)) portions(msc, p, 1 << p);
}

/** Monitors 0, 1, ... each watch a PARTID. */
function watch(msc: MscSubject, ...partids: number[]): void {
  for (const [mon, partid] of partids.entries()) {
    monSel(msc, mon);
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: partid });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 });
    put(msc, "MSMON_CFG_CSU_FLT", { PARTID: partid });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, MATCH_PARTID: 1 });
  }
}

const counted = (msc: MscSubject, register: "MSMON_MBWU" | "MSMON_CSU", count: number): number[] =>
  range(0, count).map((mon) => {
    monSel(msc, mon);
    return get(msc, register);
  });

describe.each(factories)("translation in the $name", ({ create }) => {
  test("tells what it has in its identification registers, under any instance", async () => {
    const msc = await create(machine({ outTl: { partidMax: 0x1234, baseMask: true } }));
    partSel(msc, { PARTID_SEL: 3 });
    expect([get(msc, "MPAMF_IN_TL_IDR"), get(msc, "MPAMF_OUT_TL_IDR")]).toEqual([0xc000_0032, 0x4000_1234]);
  });

  test("at reset every PARTID goes in as it is", async () => {
    const msc = await create(machine());
    keepApart(msc);
    expect([waysOf(msc, 1), waysOf(msc, 2)]).toEqual([[1], [2]]);
    expect(get(msc, "MPAMCFG_IN_TL_MASK")).toBe(16);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("an enabled entry names the PARTID whose settings hold, and lines keep the label that came", async () => {
    const msc = await create(machine());
    keepApart(msc);
    enter(msc, 40, 3);
    enter(msc, 3, 2);
    expect([waysOf(msc, 40), waysOf(msc, 3)]).toEqual([[3], [2]]);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("an entry that is not enabled does nothing", async () => {
    const msc = await create(machine());
    keepApart(msc);
    partSel(msc, { PARTID_SEL: 1, INGRESS_TL: 1 });
    put(msc, "MPAMCFG_IN_TL", { PARTID_TL: 3 });
    expect(get(msc, "MPAMCFG_IN_TL")).toBe(3);
    expect(waysOf(msc, 1)).toEqual([1]);
  });

  test("without an entry base and mask hold: low bits of the PARTID, high bits of the base", async () => {
    const msc = await create(machine());
    keepApart(msc);
    put(msc, "MPAMCFG_IN_TL_BASE", 0b10_10);
    portions(msc, 0b10_01, 0b0001);
    portions(msc, 0b10_11, 0b0100);
    put(msc, "MPAMCFG_IN_TL_MASK", 2);
    expect([waysOf(msc, 1), waysOf(msc, 47)]).toEqual([[0], [2]]); // 47 is 0b10_11_11
    enter(msc, 1, 3);
    expect(waysOf(msc, 1)).toEqual([0, 3]);
    enter(msc, 2, 0);
    expect(waysOf(msc, 2)).toEqual([0]); // PARTID 0 is a translation like any other
  });

  test("a mask of 0 sends everything to the base, and one above 16 is as 16", async () => {
    const msc = await create(machine());
    keepApart(msc);
    put(msc, "MPAMCFG_IN_TL_BASE", 2);
    put(msc, "MPAMCFG_IN_TL_MASK", 0);
    expect(waysOf(msc, 49)).toEqual([2]);
    for (const width of [17, 31]) {
      put(msc, "MPAMCFG_IN_TL_MASK", width);
      expect(get(msc, "MPAMCFG_IN_TL_MASK")).toBe(width);
      expect(waysOf(msc, 1)).toEqual([1]);
    }
  });

  test("with direct entries only, base and mask are not there and the rest goes unchanged", async () => {
    const msc = await create(machine({ inTl: { partidMax: 50, direct: true } }));
    keepApart(msc);
    put(msc, "MPAMCFG_IN_TL_BASE", 3);
    put(msc, "MPAMCFG_IN_TL_MASK", 0);
    enter(msc, 50, 2);
    expect([get(msc, "MPAMCFG_IN_TL_BASE"), waysOf(msc, 1), waysOf(msc, 50)]).toEqual([0, [1], [2]]);
  });

  test("entries are seen through PART_SEL.INGRESS_TL and belong to a PARTID and a bank", async () => {
    const msc = await create(machine({ outTl: all }));
    for (const partid of [0, 31, 50]) enter(msc, partid, 100 + partid);
    enter(msc, 15, 7, "s");
    leave(msc, 31, 9);
    const seen = [0, 15, 31, 50].map((partid) => {
      partSel(msc, { PARTID_SEL: partid, INGRESS_TL: 1 });
      return get(msc, "MPAMCFG_IN_TL");
    });
    expect(seen).toEqual([0x8000_0064, 0, 0x8000_0083, 0x8000_0096]);
    put(msc, "MPAMCFG_OUT_TL", 5);
    expect(get(msc, "MPAMCFG_OUT_TL")).toBe(0);
    partSel(msc, { PARTID_SEL: 31 });
    put(msc, "MPAMCFG_IN_TL", 5);
    expect([get(msc, "MPAMCFG_IN_TL"), get(msc, "MPAMCFG_OUT_TL")]).toEqual([0, 0x8000_0009]);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a PARTID above the ingress limit is out of range and goes untranslated", async () => {
    const msc = await create(machine());
    put(msc, "MPAMCFG_IN_TL_MASK", 0);
    msc.setLabel(1, "all", { space: "ns", partid: 51, pmg: 1 });
    msc.run(reads([1], 1));
    expect(syndrome(msc)).toEqual(single(2, 51, { pmg: 1 }));
    partSel(msc, { PARTID_SEL: 51, INGRESS_TL: 1 });
    expect(syndrome(msc)).toEqual(single(1, 51, { ovrwr: 1 }));
  });

  test("a PARTID that becomes one above the largest is out of range, under the number it came with", async () => {
    const msc = await create(machine());
    keepApart(msc);
    enter(msc, 2, 32);
    expect(waysOf(msc, 2)).toEqual([0]); // settings of PARTID 0
    expect(syndrome(msc)).toMatchObject({ code: 2, partidMon: 2 });
  });

  test("a PARTID above the largest that nothing translates is out of range", async () => {
    const msc = await create(machine());
    msc.setLabel(1, "all", { space: "ns", partid: 40, pmg: 0 });
    msc.run(reads([1], 1));
    expect(syndrome(msc)).toEqual(single(2, 40));
  });

  test("disabling and narrowing go by the PARTID after it", async () => {
    const msc = await create(machine({ endis: { nfu: "none" }, partidNrw: { intPartidMax: 3 } }));
    for (const p of range(0, 4)) {
      partSel(msc, { PARTID_SEL: p, INTERNAL: 1 });
      put(msc, "MPAMCFG_CPBM", 1 << p);
    }
    partSel(msc, { PARTID_SEL: 20 });
    put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 2, INTERNAL: 1 });
    enter(msc, 40, 20);
    put(msc, "MPAMCFG_DIS", { PARTID: 5 });
    enter(msc, 6, 5);
    enter(msc, 5, 7);
    expect([waysOf(msc, 40), waysOf(msc, 6), waysOf(msc, 5)]).toEqual([[2], [], [0]]);
  });

  test.each([
    ["between", [0, 3, 0]],
    ["before", [3, 0, 0]],
    ["after", [0, 0, 3]],
  ] as const)("monitors compare what is seen %s the translations", async (tlMonitoring, lines) => {
    const msc = await create(machine({ outTl: all, tlMonitoring }));
    enter(msc, 7, 8);
    leave(msc, 8, 9);
    leave(msc, 7, 11); // what does not leave under 7
    watch(msc, 7, 8, 9, 11);
    msc.setLabel(1, "all", { space: "ns", partid: 7, pmg: 0 });
    msc.run(reads([1, 2, 3], 1));
    const bytes = [...lines, 0].map((count) => 64 * count);
    expect(counted(msc, "MSMON_MBWU", 4)).toEqual(bytes);
    expect(counted(msc, "MSMON_CSU", 4)).toEqual(bytes);
    expect(msc.occupancy()).toEqual([{ space: "ns", partid: 7, pmg: 0, lines: 3 }]);
  });

  test("egress base and mask hold for what has no entry", async () => {
    const { inTl: _, ...egressOnly } = machine({ outTl: all, tlMonitoring: "after" });
    const msc = await create(egressOnly);
    put(msc, "MPAMCFG_OUT_TL_BASE", 0x18);
    put(msc, "MPAMCFG_OUT_TL_MASK", 3);
    leave(msc, 2, 5);
    watch(msc, 0x19, 5, 1, 2);
    for (const partid of [1, 2]) msc.setLabel(partid, "all", { space: "ns", partid, pmg: 0 });
    msc.run([...reads([1], 1), ...reads([2, 3], 2)]);
    expect(counted(msc, "MSMON_MBWU", 4)).toEqual([64, 128, 0, 0]);
  });

  test("a write-back leaves under the label of its line, translated", async () => {
    const msc = await create(machine({ sets: 1, ways: 1 }));
    enter(msc, 40, 5);
    watch(msc, 5, 0, 40);
    msc.setLabel(1, "all", { space: "ns", partid: 40, pmg: 0 });
    msc.run([...writes([1], 1), ...reads([2])]);
    expect(counted(msc, "MSMON_MBWU", 3)).toEqual([128, 64, 0]);
  });

  test("a channel translates as a cache does", async () => {
    const ris = [{ ris: 0, mbw: { bwaWd: 4 }, mbwu: { monitors: 4, counter: 31 } }] as const;
    const msc = await create(memoryConfig({ inTl: all, ris }));
    enter(msc, 40, 5);
    monSel(msc, 1);
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 5 });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 });
    msc.setLabel(1, "all", { space: "ns", partid: 40, pmg: 0 });
    msc.run(reads([1, 2], 1));
    expect(get(msc, "MSMON_MBWU")).toBe(128);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a filter is checked against what its monitor sees", async () => {
    const before = await create(machine({ tlMonitoring: "before" }));
    put(before, "MSMON_CFG_MBWU_FLT", { PARTID: 50 });
    expect(syndrome(before)).toEqual(NOTHING);
    put(before, "MSMON_CFG_MBWU_FLT", { PARTID: 51 });
    expect(syndrome(before)).toEqual(single(3, 51));
    const between = await create(machine());
    put(between, "MSMON_CFG_CSU_FLT", { PARTID: 31 });
    expect(syndrome(between)).toEqual(NOTHING);
    put(between, "MSMON_CFG_CSU_FLT", { PARTID: 32 });
    expect(syndrome(between)).toEqual(single(3, 32));
  });

  test("traffic of one space is not translated by another's entries", async () => {
    const msc = await create(machine());
    enter(msc, 7, 8);
    watch(msc, 7);
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 7 }, "s");
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 }, "s");
    msc.setLabel(1, "all", { space: "s", partid: 7, pmg: 0 });
    msc.run(reads([1], 1));
    expect([get(msc, "MSMON_MBWU"), get(msc, "MSMON_MBWU", "s")]).toEqual([0, 64]);
  });
});
