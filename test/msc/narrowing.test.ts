/** PARTID narrowing: settings belong to intPARTIDs, and everything that others see keeps the PARTID of the request. */
import { describe, expect, test } from "vitest";
import { get, monSel, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, range, reads, type SubjectConfig } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const narrowed = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    sets: 4,
    ways: 4,
    partidNrw: { intPartidMax: 3 },
    ris: [
      { ris: 0, cpor: { cpbmWd: 4 }, ccap: { cmaxWd: 2 }, csu: { monitors: 2 }, mbwu: { monitors: 2, counter: 31 } },
    ],
    ...different,
  });

function associate(msc: MscSubject, partid: number, intPartid: number): void {
  partSel(msc, { PARTID_SEL: partid });
  put(msc, "MPAMCFG_INTPARTID", { INTPARTID: intPartid, INTERNAL: 1 });
}

function portions(msc: MscSubject, intPartid: number, cpbm: number): void {
  partSel(msc, { PARTID_SEL: intPartid, INTERNAL: 1 });
  put(msc, "MPAMCFG_CPBM", cpbm);
}

const waysOf = (msc: MscSubject, partid: number): number[] =>
  [
    ...new Set(
      msc
        .lines()
        .filter((line) => line.partid === partid)
        .map(({ way }) => way),
    ),
  ].toSorted();

describe.each(factories)("narrowing in the $name", ({ create }) => {
  test("every PARTID starts as intPARTID 0, and says so", async () => {
    const msc = await create(narrowed());
    for (const partid of range(0, 32)) {
      partSel(msc, { PARTID_SEL: partid });
      expect(get(msc, "MPAMCFG_INTPARTID")).toBe(0);
    }
    expect(get(msc, "MPAMF_PARTID_NRW_IDR")).toBe(3);
    portions(msc, 0, 0b0100);
    msc.setLabel(1, "all", { space: "ns", partid: 31, pmg: 0 });
    msc.run(reads(range(0, 16), 1));
    expect(waysOf(msc, 31)).toEqual([2]);
  });

  test("a request has the settings of its intPARTID", async () => {
    const msc = await create(narrowed());
    associate(msc, 9, 3);
    associate(msc, 3, 1);
    portions(msc, 3, 0b0001);
    portions(msc, 1, 0b1000);
    msc.setLabel(1, "all", { space: "ns", partid: 9, pmg: 0 });
    msc.setLabel(2, "all", { space: "ns", partid: 3, pmg: 0 });
    msc.run([...reads(range(0, 16), 1), ...reads(range(100, 16), 2)]);
    expect([waysOf(msc, 9), waysOf(msc, 3)]).toEqual([[0], [3]]);
  });

  test("lines and monitors keep the PARTID of the request", async () => {
    const msc = await create(narrowed());
    associate(msc, 9, 2);
    associate(msc, 2, 1);
    put(msc, "MSMON_CFG_CSU_FLT", { PARTID: 9 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, MATCH_PARTID: 1 });
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 9 });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 });
    monSel(msc, 1);
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 2 });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 });
    msc.setLabel(1, "all", { space: "ns", partid: 9, pmg: 0 });
    msc.run(reads([1, 2, 3], 1));
    expect(get(msc, "MSMON_MBWU")).toBe(0);
    monSel(msc, 0);
    expect([get(msc, "MSMON_CSU"), get(msc, "MSMON_MBWU")]).toEqual([192, 192]);
    expect(msc.occupancy()).toEqual([{ space: "ns", partid: 9, pmg: 0, lines: 3 }]);
  });

  test("PARTIDs that share an intPARTID share its capacity", async () => {
    const msc = await create(narrowed());
    for (const partid of [4, 5]) associate(msc, partid, 1);
    partSel(msc, { PARTID_SEL: 1, INTERNAL: 1 });
    put(msc, "MPAMCFG_CMAX", 0x4000); // (1 + 1) / 4 of 16 lines
    msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
    msc.setLabel(2, "all", { space: "ns", partid: 5, pmg: 0 });
    msc.run([...reads(range(0, 6), 1), ...reads(range(100, 16), 2)]);
    expect(msc.lines()).toHaveLength(8);
    expect(msc.lines().filter(({ partid }) => partid === 5).length).toBeGreaterThan(1);
  });

  test("an association changed acts on what comes after, and lines stay", async () => {
    const msc = await create(narrowed());
    portions(msc, 1, 0b0010);
    portions(msc, 0, 0b0001);
    msc.setLabel(1, "all", { space: "ns", partid: 6, pmg: 0 });
    msc.run(reads(range(0, 4), 1));
    expect(waysOf(msc, 6)).toEqual([0]);
    associate(msc, 6, 1);
    msc.run(reads(range(8, 4), 1));
    expect(waysOf(msc, 6)).toEqual([0, 1]);
  });

  test("a refused association changes nothing", async () => {
    const msc = await create(narrowed());
    associate(msc, 6, 2);
    partSel(msc, { PARTID_SEL: 6 });
    put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 4, INTERNAL: 1 });
    expect(syndrome(msc)).toEqual(single(6, 4));
    put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 1 });
    expect(syndrome(msc)).toEqual(single(6, 1, { ovrwr: 1 }));
    expect(get(msc, "MPAMCFG_INTPARTID")).toBe(0x0001_0002);
    partSel(msc, { PARTID_SEL: 6, INTERNAL: 1 });
    expect(syndrome(msc)).toMatchObject({ code: 6, partidMon: 6 }); // 6 is no intPARTID
  });

  test("banks have associations of their own", async () => {
    const msc = await create(narrowed());
    associate(msc, 6, 2);
    partSel(msc, { PARTID_SEL: 6 }, "s");
    expect(get(msc, "MPAMCFG_INTPARTID", "s")).toBe(0);
    expect(syndrome(msc, "s")).toEqual(NOTHING);
  });

  test("controls without INTERNAL and associations with it are refused, and the enables want neither", async () => {
    const msc = await create(narrowed({ endis: { nfu: "none" } }));
    partSel(msc, { PARTID_SEL: 2 });
    put(msc, "MPAMCFG_CPBM", 0);
    expect(syndrome(msc)).toEqual(single(6, 2));
    partSel(msc, { PARTID_SEL: 2, INTERNAL: 1 });
    expect(get(msc, "MPAMCFG_CPBM")).toBe(0xf);
    expect(get(msc, "MPAMCFG_EN_FLAGS")).toBe(0xffff_ffff);
    expect(syndrome(msc)).toEqual(single(6, 2));
    put(msc, "MPAMCFG_INTPARTID", 0x0001_0001);
    expect(syndrome(msc)).toEqual(single(7, 2, { ovrwr: 1 }));
  });

  test("only intPARTID 0 starts at what limits nothing when the rest is filled", async () => {
    const msc = await create(narrowed({ resetFill: 0x0000_0006 }));
    const seen = range(0, 4).map((intPartid) => {
      partSel(msc, { PARTID_SEL: intPartid, INTERNAL: 1 });
      return get(msc, "MPAMCFG_CPBM");
    });
    expect(seen).toEqual([0xf, 6, 6, 6]);
  });

  test("in 1.0 narrowing is the same", async () => {
    const msc = await create(narrowed({ version: "1.0", spaces: { ns: { partidMax: 7, pmgMax: 0 } } }));
    associate(msc, 7, 3);
    portions(msc, 3, 0b0010);
    msc.setLabel(1, "all", { space: "ns", partid: 7, pmg: 0 });
    msc.run(reads(range(0, 16), 1));
    expect(waysOf(msc, 7)).toEqual([1]);
  });
});
