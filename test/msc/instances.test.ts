/** Resource instances: what each says of itself in each bank, and settings that each keeps for itself. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { get, monSel, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, memoryConfig, type Space, type SubjectConfig } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const ccap = { cmaxWd: 12, cmin: true, cassocWd: 4 };

/** RIS 0 everywhere; RIS 2 in the Non-secure bank only; RIS 5 in the Secure bank only. */
const machine = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    ris: [
      { ris: 0, cpor: { cpbmWd: 8 }, ccap, pri: { intpriWd: 4 } },
      {
        ris: 2,
        spaces: ["ns"],
        ccap: { ...ccap, cmaxWd: 8 },
        csu: { monitors: 3 },
        impl: { idr: 0x8000_1234, noMsmon: true },
      },
      {
        ris: 5,
        spaces: ["s"],
        cpor: { cpbmWd: 4 },
        mbwu: { monitors: 2, counter: 63 },
        pri: { dspriWd: 7, dspri0IsLow: true },
      },
    ],
    ...different,
  });

const IDENTITY = [
  "MPAMF_IMPL_IDR",
  "MPAMF_CPOR_IDR",
  "MPAMF_CCAP_IDR",
  "MPAMF_PRI_IDR",
  "MPAMF_MSMON_IDR",
  "MPAMF_CSUMON_IDR",
  "MPAMF_MBWUMON_IDR",
];

function identity(msc: MscSubject, ris: number, space: Space): number[] {
  partSel(msc, { RIS: ris }, space);
  return IDENTITY.map((name) => get(msc, name, space));
}

describe.each(factories)("instances of the $name", ({ create }) => {
  test("describe themselves in the banks they are in and nowhere else", async () => {
    const msc = await create(machine());
    const zero = [0, 8, 0x3000_040c, 0x41, 0, 0, 0];
    const two = [0x8000_1234, 0, 0x3000_0408, 0, 0x0001_0000, 3, 0];
    const five = [0, 4, 0, 0x0073_0000, 0x0002_0000, 0, 0x6000_0002];
    const none = IDENTITY.map(() => 0);
    const seen = (["ns", "s"] as const).map((space) => [0, 1, 2, 5].map((ris) => identity(msc, ris, space)));
    expect(seen).toEqual([
      [zero, none, two, none],
      [zero, none, none, five],
    ]);
    expect([syndrome(msc), syndrome(msc, "s")]).toEqual([NOTHING, NOTHING]);
  });

  test("an instance of another bank is undefined here, and its controls are not even errors where no instance has them", async () => {
    const msc = await create(machine());
    partSel(msc, { RIS: 5, PARTID_SEL: 3 });
    expect(msc.read64(offsetOf("MPAMF_IDR"))).toBe(0x0500_0000_1003_001fn);
    expect(syndrome(msc)).toEqual(NOTHING);
    put(msc, "MPAMCFG_CPBM", 1);
    expect(syndrome(msc)).toEqual(single(8, 3, { ris: 5 }));
    monSel(msc, 0, 5);
    get(msc, "MSMON_MBWU"); // no instance of this bank has such monitors
    expect(syndrome(msc)).toEqual(single(8, 3, { ris: 5 }));
    get(msc, "MSMON_CSU");
    expect(syndrome(msc)).toEqual(single(10, 0, { ris: 5, ovrwr: 1 }));
  });

  test("the bits that say there is nothing else stand beside IMPL_IDR, in the instance that has it", async () => {
    const msc = await create(machine());
    const bits = [0, 2].map((ris) => {
      partSel(msc, { RIS: ris });
      return [get(msc, "MPAMF_IDR") & 0x2000_0000, get(msc, "MPAMF_IDR_HI") & 0x30];
    });
    expect(bits).toEqual([
      [0, 0],
      [0x2000_0000, 0x20],
    ]);
  });

  test("the bits of the whole MSC show in each instance with monitors, and in no other", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 } },
      { ris: 1, csu: { monitors: 1 } },
      { ris: 2, mbwu: { monitors: 1, counter: 31 } },
    ] as const;
    const msc = await create(
      cacheConfig({ ris, oflowSr: true, oflwMsi: true, noHwOflwIntr: true, localCaptEvnt: true }),
    );
    const seen = [0, 1, 2].map((n) => {
      partSel(msc, { RIS: n });
      return get(msc, "MPAMF_MSMON_IDR");
    });
    expect(seen).toEqual([0, 0xf001_0000, 0xf002_0000]);
  });

  test("keep capacity and priority settings for themselves, by PARTID and bank", async () => {
    const msc = await create(machine());
    const where = (["ns", "s"] as const).flatMap((space) =>
      [0, 2].flatMap((ris) => [0, 3, 15].map((partid) => ({ space, ris, partid }))),
    );
    const there = where.filter(({ space, ris }) => ris === 0 || space === "ns");
    const value = (n: number, k: number): number => ((16 * n + k + 1) << 8) & 0xff00;
    for (const [n, { space, ris, partid }] of there.entries()) {
      partSel(msc, { RIS: ris, PARTID_SEL: partid }, space);
      put(msc, "MPAMCFG_CMAX", value(n, 0), space);
      put(msc, "MPAMCFG_CMIN", value(n, 1), space);
      put(msc, "MPAMCFG_CASSOC", n << 12, space);
      if (ris === 0) put(msc, "MPAMCFG_PRI", n, space);
    }
    for (const [n, { space, ris, partid }] of there.entries()) {
      partSel(msc, { RIS: ris, PARTID_SEL: partid }, space);
      const seen = ["MPAMCFG_CMAX", "MPAMCFG_CMIN", "MPAMCFG_CASSOC"].map((name) => get(msc, name, space));
      expect([n, ...seen]).toEqual([n, value(n, 0), value(n, 1), n << 12]);
      if (ris === 0) expect(get(msc, "MPAMCFG_PRI", space)).toBe(n);
    }
    expect([syndrome(msc), syndrome(msc, "s")]).toEqual([NOTHING, NOTHING]);
  });

  test("keep bandwidth settings for themselves, and what one lacks another has is an error", async () => {
    const ris = [
      { ris: 0, mbw: { bwaWd: 16, min: true, bwpbmWd: 64 } },
      { ris: 1, mbw: { bwaWd: 16, prop: true, windwr: true, max: false } },
    ] as const;
    const msc = await create(memoryConfig({ ris }));
    partSel(msc, { RIS: 1, PARTID_SEL: 7 });
    put(msc, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: 0x1234 });
    put(msc, "MPAMCFG_MBW_WINWD", { US_INT: 20, US_FRAC: 128 });
    expect([get(msc, "MPAMCFG_MBW_PROP"), get(msc, "MPAMCFG_MBW_WINWD")]).toEqual([0x8000_1234, 0x1480]);
    expect(syndrome(msc)).toEqual(NOTHING);
    for (const name of ["MPAMCFG_MBW_MIN", "MPAMCFG_MBW_MAX", "MPAMCFG_MBW_PBM"]) {
      put(msc, "MPAMF_ESR", 0);
      put(msc, "MPAMF_ESR_HI", 0);
      expect(get(msc, name)).toBe(0);
      expect(syndrome(msc)).toEqual(single(9, 7, { ris: 1 }));
    }
    partSel(msc, { RIS: 0, PARTID_SEL: 7 });
    expect(get(msc, "MPAMCFG_MBW_WINWD")).toBe(1000 * 256);
    msc.write64(offsetOf("MPAMCFG_MBW_PBM"), 0x0123_4567_89ab_cdefn);
    expect(msc.read64(offsetOf("MPAMCFG_MBW_PBM"))).toBe(0x0123_4567_89ab_cdefn);
  });

  test("optional monitor registers that an instance with the type lacks are empty, and where the type is missing an error", async () => {
    const full = { capture: true, ofsr: true };
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 1 }, mbwu: { monitors: 1, counter: 31 } },
      { ris: 1, csu: { monitors: 1, ...full } },
      { ris: 2, mbwu: { monitors: 1, counter: 63, ...full } },
    ] as const;
    const msc = await create(cacheConfig({ ris }));
    const optional = [
      "MSMON_CSU_CAPTURE",
      "MSMON_CSU_OFSR",
      "MSMON_MBWU_CAPTURE",
      "MSMON_MBWU_L",
      "MSMON_MBWU_L_CAPTURE",
      "MSMON_MBWU_OFSR",
    ];
    const errors = (instance: number): number[] =>
      optional.map((name) => {
        put(msc, "MPAMF_ESR", 0);
        put(msc, "MPAMF_ESR_HI", 0);
        monSel(msc, 0, instance);
        put(msc, name, 0xff);
        get(msc, name);
        return syndrome(msc).code;
      });
    expect([0, 1, 2].map(errors)).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 11, 11, 11, 11],
      [11, 11, 0, 0, 0, 0],
    ]);
  });
});
