/** MPAMCFG_EN, MPAMCFG_DIS and MPAMCFG_EN_FLAGS: which PARTIDs may use the resource, and what becomes of the settings of those that may not. */
import { describe, expect, test } from "vitest";
import { get, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
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

const machine = (nfu: "none" | "keep" | "poison", different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    sets: 4,
    ways: 2,
    endis: { nfu },
    ris: [
      {
        ris: 0,
        cpor: { cpbmWd: 8 },
        ccap: { cmaxWd: 8, cmin: true, cmaxSoftlim: true, cassocWd: 4 },
        pri: { intpriWd: 4, dspriWd: 16 },
        mbwu: { monitors: 1, counter: 31 },
      },
    ],
    ...different,
  });

const flags = (msc: MscSubject, partid = 0): number => {
  partSel(msc, { PARTID_SEL: partid });
  return get(msc, "MPAMCFG_EN_FLAGS");
};

describe.each(factories)("enables in the $name", ({ create }) => {
  test("all PARTIDs start enabled, and EN and DIS read 0", async () => {
    const msc = await create(machine("none"));
    expect([flags(msc), get(msc, "MPAMCFG_EN"), get(msc, "MPAMCFG_DIS")]).toEqual([0xffff_ffff, 0, 0]);
  });

  test("EN and DIS act on the PARTID they name, whatever is selected", async () => {
    const msc = await create(machine("none", { spaces: { ns: { partidMax: 63, pmgMax: 0 } } }));
    partSel(msc, { PARTID_SEL: 9 });
    put(msc, "MPAMCFG_DIS", { PARTID: 3 });
    put(msc, "MPAMCFG_DIS", { PARTID: 34 });
    put(msc, "MPAMCFG_DIS", { PARTID: 5 });
    put(msc, "MPAMCFG_EN", { PARTID: 5 });
    put(msc, "MPAMCFG_EN", { PARTID: 7 });
    expect([flags(msc), flags(msc, 40)]).toEqual([0xffff_fff7, 0xffff_fffb]);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("EN_FLAGS sets 32 of them at once", async () => {
    const msc = await create(machine("none"));
    put(msc, "MPAMCFG_EN_FLAGS", 0x0f0f_0f0f);
    expect(flags(msc, 31)).toBe(0x0f0f_0f0f);
    put(msc, "MPAMCFG_EN", { PARTID: 4 });
    expect(flags(msc)).toBe(0x0f0f_0f1f);
  });

  test("a PARTID above the largest is ignored and an error of EN and DIS", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 } },
      { ris: 2, ccap: { cmaxWd: 4 } },
    ];
    const msc = await create(machine("none", { ris }));
    partSel(msc, { RIS: 2, PARTID_SEL: 1 });
    put(msc, "MPAMCFG_DIS", { PARTID: 32 });
    expect(syndrome(msc)).toEqual(single(1, 32, { ris: 2 }));
    put(msc, "MPAMCFG_EN", { PARTID: 0xffff });
    expect(syndrome(msc)).toEqual(single(1, 0xffff, { ris: 2, ovrwr: 1 }));
    expect(flags(msc)).toBe(0xffff_ffff);
  });

  test("EN_FLAGS under a PARTID above the largest is a use like others", async () => {
    const msc = await create(machine("none", { selectorCheck: "lazy" }));
    partSel(msc, { PARTID_SEL: 32 });
    put(msc, "MPAMCFG_EN_FLAGS", 0);
    expect(get(msc, "MPAMCFG_EN_FLAGS")).toBe(0);
    expect(syndrome(msc)).toEqual(single(1, 32, { ovrwr: 1 }));
    expect(flags(msc)).toBe(0xffff_ffff);
  });

  test("neither undefined instances nor missing controls are errors of the enables", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 } },
      { ris: 2, ccap: { cmaxWd: 4 } },
    ];
    const msc = await create(machine("none", { ris }));
    partSel(msc, { RIS: 1 });
    put(msc, "MPAMCFG_DIS", { PARTID: 8 });
    expect(get(msc, "MPAMCFG_EN_FLAGS")).toBe(0xffff_feff);
    put(msc, "MPAMCFG_EN_FLAGS", 0xffff_fff0);
    partSel(msc, { RIS: 2 });
    expect(get(msc, "MPAMCFG_EN_FLAGS")).toBe(0xffff_fff0);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a disabled PARTID allocates nowhere, not even where ways are empty", async () => {
    const msc = await create(machine("none"));
    msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
    put(msc, "MPAMCFG_DIS", { PARTID: 4 });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    msc.run([...reads(range(0, 3), 1), ...writes([9], 1)]);
    expect(msc.lines()).toEqual([]);
    expect(get(msc, "MSMON_MBWU")).toBe(4 * 64);
  });

  test("its lines stay, hits on them are served and dirty them, and others may evict them", async () => {
    const msc = await create(machine("none"));
    msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
    msc.run(reads([0, 4], 1)); // both ways of set 0
    put(msc, "MPAMCFG_DIS", { PARTID: 4 });
    msc.run([...reads([4], 1), ...writes([0], 1), ...reads([8], 1)]);
    expect(
      msc
        .lines()
        .map(({ line, dirty }) => [line, dirty])
        .toSorted(),
    ).toEqual([
      [0, true],
      [4, false],
    ]);
    expect(msc.statistics()).toEqual([{ space: "ns", partid: 4, pmg: 0, accesses: 5, misses: 3 }]);
    msc.run(reads([12, 16]));
    expect(
      msc
        .lines()
        .map(({ line, partid }) => [line, partid])
        .toSorted(),
    ).toEqual([
      [12, 0],
      [16, 0],
    ]);
  });

  test("enabled again it allocates as its settings say, which were kept", async () => {
    for (const nfu of ["none", "keep"] as const) {
      const msc = await create(machine(nfu));
      partSel(msc, { PARTID_SEL: 4 });
      put(msc, "MPAMCFG_CPBM", 0x0f);
      put(msc, "MPAMCFG_CMAX", 0x5500);
      put(msc, "MPAMCFG_DIS", { PARTID: 4, NFU: 1 });
      expect([get(msc, "MPAMCFG_CPBM"), get(msc, "MPAMCFG_CMAX")]).toEqual([0x0f, 0x5500]);
      put(msc, "MPAMCFG_EN", { PARTID: 4 });
      expect([get(msc, "MPAMCFG_CPBM"), get(msc, "MPAMCFG_CMAX")]).toEqual([0x0f, 0x5500]);
      msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
      msc.run(reads(range(0, 8), 1));
      expect([...new Set(msc.lines().map(({ way }) => way))]).toEqual([0]);
    }
  });

  test("with NFU asked for, settings may be forgotten: they become A5 cut to what exists, in every instance", async () => {
    const msc = await create(
      machine("poison", {
        ris: [
          {
            ris: 0,
            cpor: { cpbmWd: 40 },
            ccap: { cmaxWd: 8, cmin: true, cmaxSoftlim: true, cassocWd: 4 },
            pri: { intpriWd: 4, dspriWd: 16 },
          },
          { ris: 1, ccap: { cmaxWd: 16 } },
        ],
      }),
    );
    const names = ["CPBM", "CMAX", "CMIN", "CASSOC", "PRI"];
    const settings = (partid: number): number[] => {
      partSel(msc, { PARTID_SEL: partid });
      const first = names.map((name) => get(msc, `MPAMCFG_${name}`));
      partSel(msc, { PARTID_SEL: partid, RIS: 1 });
      return [...first, get(msc, "MPAMCFG_CMAX")];
    };
    const untouched = [0xffff_ffff, 0xff00, 0, 0xf000, 0, 0xffff];
    put(msc, "MPAMCFG_DIS", { PARTID: 4, NFU: 0 });
    expect(settings(4)).toEqual(untouched);
    put(msc, "MPAMCFG_DIS", { PARTID: 4, NFU: 1 });
    expect(settings(4)).toEqual([0xa5a5_a5a5, 0x8000_a500, 0xa500, 0xa000, 0xa5a5_0005, 0xa5a5]);
    expect(settings(5)).toEqual(untouched);
    partSel(msc, { PARTID_SEL: 0 });
    put(msc, "MPAMCFG_EN_FLAGS", 0xffff_ffdf);
    expect(settings(5)).toEqual(untouched); // EN_FLAGS forgets nothing
  });

  test("bandwidth settings are forgotten too", async () => {
    const mbw = { bwaWd: 8, min: true, prop: true, bwpbmWd: 12, maxLim: "both" } as const;
    const msc = await create(memoryConfig({ endis: { nfu: "poison" }, ris: [{ ris: 0, mbw }] }));
    put(msc, "MPAMCFG_DIS", { PARTID: 4, NFU: 1 });
    partSel(msc, { PARTID_SEL: 4 });
    const seen = ["MIN", "MAX", "PROP", "PBM"].map((name) => get(msc, `MPAMCFG_MBW_${name}`));
    expect(seen).toEqual([0xa500, 0x8000_a500, 0x8000_00a5, 0x5a5]);
  });

  test("with narrowing a disabled PARTID leaves those of its intPARTID alone", async () => {
    const msc = await create(machine("none", { partidNrw: { intPartidMax: 1 } }));
    put(msc, "MPAMCFG_DIS", { PARTID: 4 });
    msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
    msc.setLabel(2, "all", { space: "ns", partid: 5, pmg: 0 });
    msc.run([...reads([0], 1), ...reads([1], 2)]);
    expect(msc.lines().map(({ partid }) => partid)).toEqual([5]);
  });

  test("banks enable their own PARTIDs", async () => {
    const msc = await create(machine("none"));
    put(msc, "MPAMCFG_DIS", { PARTID: 4 }, "s");
    expect(flags(msc)).toBe(0xffff_ffff);
    expect(get(msc, "MPAMCFG_EN_FLAGS", "s")).toBe(0xffef);
    msc.setLabel(1, "all", { space: "ns", partid: 4, pmg: 0 });
    msc.setLabel(2, "all", { space: "s", partid: 4, pmg: 0 });
    msc.run([...reads([0], 1), ...reads([1], 2)]);
    expect(msc.lines().map(({ space }) => space)).toEqual(["ns"]);
  });
});
