/**
 * Every register and field against test/golden: what exists is kept in exactly its bits, starts as it should and is told by its feature bit;
 * what does not reads 0 and takes no write; and no bank reaches into another. The random test prints its seed; run again with MPAM_SEED=<seed>.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { implemented } from "../golden/implemented.ts";
import { goldenRegisters, maskOf, offsetOf } from "../golden/registers.ts";
import { cacheConfig, memoryConfig, range, type SubjectConfig, type SubjectRis, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";
import { absentDifferences, decoded, resetDifferences, spacesOf, writeDifferences } from "../helpers/words.ts";

const seed = process.env.MPAM_SEED;
const runs = (numRuns: number): fc.Parameters<unknown> =>
  seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };

const IDR = offsetOf("MPAMF_IDR");
const ESR = offsetOf("MPAMF_ESR");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const INTPARTID = offsetOf("MPAMCFG_INTPARTID");
const EN_FLAGS = offsetOf("MPAMCFG_EN_FLAGS");

// ---- machines ----

const allMonitorFeatures = { capture: true, oflowLnkg: true, ofsr: true, cevntOflw: true, oflowCapt: true };
const two = { ns: { partidMax: 70, pmgMax: 3 }, s: { partidMax: 40, pmgMax: 1 } };
const four = { ...two, rt: { partidMax: 9, pmgMax: 0 }, rl: { partidMax: 31, pmgMax: 2 } };

/** Everything a cache's MSC may have, spread over three RIS. */
const fullCache = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    spaces: two,
    errorStyle: "edge",
    errMsi: true,
    oflwMsi: true,
    oflowSr: true,
    localCaptEvnt: true,
    captEvents: [1, 2, 6],
    endis: { nfu: "keep" },
    inTl: { partidMax: 100, direct: true, baseMask: true },
    outTl: { partidMax: 200, direct: true, baseMask: true },
    tlMonitoring: "before",
    defaultPartid: true,
    ris: [
      {
        ris: 0,
        cpor: { cpbmWd: 20 },
        ccap: { cmaxWd: 12, cmaxSoftlim: true, cmin: true, cassocWd: 5 },
        pri: { intpriWd: 3, dspriWd: 5, dspri0IsLow: true },
        csu: { monitors: 5, xcl: true, ...allMonitorFeatures },
        mbwu: { monitors: 3, counter: 44, rwbw: true, scale: 7, ...allMonitorFeatures },
      },
      { ris: 1, ccap: { cmaxWd: 4, noCmax: true, cmin: true }, csu: { monitors: 2, nrdy: "sw", noMatchPmg: true } },
      {
        ris: 3,
        cpor: { cpbmWd: 70 },
        impl: { idr: 0xdead_beef, noPart: true },
        csu: { monitors: 1, csuRo: true, capture: true },
        mbwu: { monitors: 40, counter: 63, capture: true, nrdy: "none", noMatchPartid: true },
      },
    ],
    ...different,
  });

const fullMemory = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  memoryConfig({
    spaces: four,
    noHwOflwIntr: true,
    ris: [
      {
        ris: 0,
        mbw: { bwaWd: 9, min: true, prop: true, bwpbmWd: 45, windwr: true, winwdUsec: 4321 },
        pri: { intpriWd: 16, intpri0IsLow: true },
        mbwu: { monitors: 2, counter: 31, capture: true, oflowLnkg: true },
      },
      { ris: 2, mbw: { bwaWd: 4, maxLim: "hard" }, mbwu: { monitors: 1, counter: 63, oflowCapt: true, capture: true } },
      { ris: 9, mbw: { bwaWd: 2, max: false, prop: true }, pri: { dspriWd: 1 } },
      { ris: 15, mbw: { bwaWd: 16, maxLim: "soft", min: true } },
    ],
    ...different,
  });

/** 1.0: no RIS, and nothing that its pages prohibit. */
const oldCache = (): SubjectConfig =>
  cacheConfig({
    version: "1.0",
    spaces: two,
    localCaptEvnt: true,
    captEvents: [1],
    partidNrw: { intPartidMax: 6 },
    ris: [
      {
        ris: 0,
        cpor: { cpbmWd: 33 },
        ccap: { cmaxWd: 16 },
        pri: { intpriWd: 8, dspriWd: 8 },
        impl: { idr: 0x0000_0001 },
        csu: { monitors: 2, capture: true, csuRo: true },
        mbwu: { monitors: 2, counter: 31, capture: true, scale: 31 },
      },
    ],
  });

const machines: readonly (readonly [string, SubjectConfig])[] = [
  ["a plain cache", cacheConfig()],
  ["a plain channel", memoryConfig()],
  ["a cache with everything", fullCache()],
  ["a cache with everything, not reset to what limits nothing", fullCache({ resetFill: 0x1357_9bdf })],
  ["a channel with everything and four banks", fullMemory()],
  ["a channel of four banks not reset to what limits nothing", fullMemory({ resetFill: 0xa5a5_a5a5 })],
  ["a cache with narrowing", fullCache({ partidNrw: { intPartidMax: 12 }, endis: { nfu: "none" }, spaces: four })],
  ["a 1.0 cache", oldCache()],
  ["a 0.1 channel", fullMemory({ version: "0.1", spaces: two })],
  ["a cache without error registers", cacheConfig({ esr: "none" })],
  ["a cache with a 32-bit ESR", cacheConfig({ esr: 32 })],
  [
    "direct translation only",
    cacheConfig({ inTl: { partidMax: 7, direct: true }, outTl: { partidMax: 9, direct: true } }),
  ],
  [
    "translation by mask only",
    cacheConfig({ inTl: { partidMax: 7, baseMask: true }, outTl: { partidMax: 9, baseMask: true } }),
  ],
  ["monitors and no control", memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 3, counter: 31 } }] })],
  ["a control and no monitors", cacheConfig({ oflowSr: true, ris: [{ ris: 0, cpor: { cpbmWd: 8 } }] })],
  [
    "instances that differ by bank",
    fullMemory({
      ris: [
        { ris: 0, mbw: { bwaWd: 5 }, mbwu: { monitors: 2, counter: 44 } },
        { ris: 1, spaces: ["s", "rl"], mbw: { bwaWd: 6, min: true }, mbwu: { monitors: 3, counter: 63, ofsr: true } },
      ],
    }),
  ],
];

/** One register, of one RIS, at one width. */
const kindOf = (ris: Omit<SubjectRis, "ris">): SubjectConfig["kind"] => (ris.mbw === undefined ? "cache" : "memory");
const single = (ris: Omit<SubjectRis, "ris">): SubjectConfig => ({
  ...(kindOf(ris) === "cache" ? cacheConfig() : memoryConfig()),
  spaces: { ns: { partidMax: 2, pmgMax: 0 } },
  ris: [{ ris: 0, ...ris }],
});

const widths = range(1, 16);

/** Width fields, each with the machine that has it at a width. */
const byWidth: readonly (readonly [string, readonly number[], (width: number) => SubjectConfig])[] = [
  ["CMAX and CMIN", widths, (cmaxWd) => single({ ccap: { cmaxWd, cmaxSoftlim: cmaxWd % 2 === 0, cmin: true } })],
  ["CASSOC", widths, (cassocWd) => single({ ccap: { cmaxWd: 17 - cassocWd, cassocWd } })],
  ["MBW_MIN, MBW_MAX and MBW_PROP", widths, (bwaWd) => single({ mbw: { bwaWd, min: true, prop: true } })],
  ["MBW_MAX, hard only", widths, (bwaWd) => single({ mbw: { bwaWd, maxLim: "hard" } })],
  ["MBW_MAX, soft only", widths, (bwaWd) => single({ mbw: { bwaWd, maxLim: "soft" } })],
  ["INTPRI", widths, (intpriWd) => single({ pri: { intpriWd, intpri0IsLow: intpriWd > 8 } })],
  ["DSPRI", widths, (dspriWd) => single({ pri: { dspriWd, dspri0IsLow: dspriWd < 8 } })],
  ["INTPRI and DSPRI", widths, (width) => single({ pri: { intpriWd: width, dspriWd: 17 - width } })],
  [
    "CPBM",
    [...range(1, 33), 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 32_737, 32_767, 32_768],
    (cpbmWd) => single({ cpor: { cpbmWd } }),
  ],
  [
    "MBW_PBM",
    [...range(1, 33), 63, 64, 65, 127, 128, 1023, 1024, 1025, 4064, 4065, 4095, 4096],
    (bwpbmWd) => single({ mbw: { bwaWd: 1, bwpbmWd } }),
  ],
  ["SCALE", range(0, 32), (scale) => single({ mbwu: { monitors: 1, counter: 31, scale } })],
  [
    "counters",
    [31, 44, 63],
    (counter) => single({ mbwu: { monitors: 2, counter: counter as 31 | 44 | 63, capture: true } }),
  ],
  ["NUM_MON of CSU", [1, 2, 31, 32, 33, 64, 255, 256], (monitors) => single({ csu: { monitors, capture: true } })],
  [
    "NUM_MON of MBWU",
    [1, 2, 31, 32, 33, 64, 255, 256],
    (monitors) => single({ mbwu: { monitors, counter: 63, capture: true } }),
  ],
  [
    "PARTID_MAX",
    [0, 1, 30, 31, 32, 63, 64, 255, 256, 1000],
    (partidMax) => cacheConfig({ endis: { nfu: "none" }, spaces: { ns: { partidMax, pmgMax: 0 } } }),
  ],
  [
    "PMG_MAX",
    [0, 1, 2, 127, 128, 255],
    (pmgMax) => cacheConfig({ spaces: { ns: { partidMax: 1, pmgMax }, s: { partidMax: 0, pmgMax: 255 - pmgMax } } }),
  ],
  ["INTPARTID_MAX", [0, 1, 7, 31], (intPartidMax) => cacheConfig({ partidNrw: { intPartidMax } })],
  [
    "WINWD",
    [0, 1, 255, 256, 65_535],
    (winwdUsec) => single({ mbw: { bwaWd: 4, winwdUsec, windwr: winwdUsec % 2 === 0 } }),
  ],
  [
    "RIS_MAX",
    widths.slice(0, 15),
    (ris) =>
      cacheConfig({
        ris: [
          { ris: 0, cpor: { cpbmWd: 2 } },
          { ris, ccap: { cmaxWd: 3 } },
        ],
      }),
  ],
];

/** A feature, its MSC without and with it, and the bits of an identification register that tell it. */
type Feature = readonly [
  name: string,
  register: string,
  mask: number,
  less: Partial<SubjectConfig>,
  more: Partial<SubjectConfig>,
];

const ris0 = (ris: Omit<SubjectRis, "ris">): Partial<SubjectConfig> => ({ ris: [{ ris: 0, ...ris }] });
const csu0 = (more: object): Partial<SubjectConfig> => ris0({ csu: { monitors: 1, ...more } });
const mbwu0 = (more: object): Partial<SubjectConfig> => ris0({ mbwu: { monitors: 1, counter: 31, ...more } });
const tl = { partidMax: 9, direct: true };

const features: readonly Feature[] = [
  ["CPOR", "MPAMF_IDR", 0x0200_0000, ris0({ ccap: { cmaxWd: 1 } }), ris0({ ccap: { cmaxWd: 1 }, cpor: { cpbmWd: 1 } })],
  ["CCAP", "MPAMF_IDR", 0x0100_0000, ris0({ cpor: { cpbmWd: 1 } }), ris0({ ccap: { cmaxWd: 1 }, cpor: { cpbmWd: 1 } })],
  ["PRI", "MPAMF_IDR", 0x0800_0000, ris0({ cpor: { cpbmWd: 1 } }), ris0({ cpor: { cpbmWd: 1 }, pri: { dspriWd: 1 } })],
  [
    "MSMON",
    "MPAMF_IDR",
    0x4000_0000,
    ris0({ cpor: { cpbmWd: 1 } }),
    ris0({ cpor: { cpbmWd: 1 }, csu: { monitors: 1 } }),
  ],
  ["IMPL", "MPAMF_IDR", 0x2000_0000, ris0({ cpor: { cpbmWd: 1 } }), ris0({ cpor: { cpbmWd: 1 }, impl: { idr: 0 } })],
  ["narrowing", "MPAMF_IDR", 0x8000_0000, {}, { partidNrw: { intPartidMax: 3 } }],
  [
    "NO_IMPL_PART",
    "MPAMF_IDR_HI",
    0x10,
    ris0({ cpor: { cpbmWd: 1 }, impl: { idr: 5 } }),
    ris0({ cpor: { cpbmWd: 1 }, impl: { idr: 5, noPart: true } }),
  ],
  [
    "NO_IMPL_MSMON",
    "MPAMF_IDR_HI",
    0x20,
    ris0({ cpor: { cpbmWd: 1 }, impl: { idr: 5 } }),
    ris0({ cpor: { cpbmWd: 1 }, impl: { idr: 5, noMsmon: true } }),
  ],
  ["ESR", "MPAMF_IDR_HI", 0x80, { esr: "none" }, { esr: 32 }],
  ["the long ESR", "MPAMF_IDR_HI", 0x40, { esr: 32 }, { esr: 64 }],
  ["ERR_MSI", "MPAMF_IDR_HI", 0x100, { errorStyle: "edge" }, { errorStyle: "edge", errMsi: true }],
  ["SP4", "MPAMF_IDR_HI", 0x200, { spaces: two }, { spaces: four }],
  ["EN and DIS", "MPAMF_IDR_HI", 0x400, {}, { endis: { nfu: "none" } }],
  ["NFU that keeps", "MPAMF_IDR_HI", 0x800, { endis: { nfu: "none" } }, { endis: { nfu: "keep" } }],
  ["NFU that poisons", "MPAMF_IDR_HI", 0x800, { endis: { nfu: "none" } }, { endis: { nfu: "poison" } }],
  ["IN_TL", "MPAMF_IDR_HI", 0x1000, {}, { inTl: tl }],
  ["OUT_TL", "MPAMF_IDR_HI", 0x2000, {}, { outTl: tl }],
  ["default PARTID settings", "MPAMF_IDR_HI", 0x4000, {}, { defaultPartid: true }],
  [
    "SOFTLIM",
    "MPAMF_CCAP_IDR",
    0x8000_0000,
    ris0({ ccap: { cmaxWd: 3 } }),
    ris0({ ccap: { cmaxWd: 3, cmaxSoftlim: true } }),
  ],
  [
    "no CMAX",
    "MPAMF_CCAP_IDR",
    0x4000_0000,
    ris0({ ccap: { cmaxWd: 3, cmin: true } }),
    ris0({ ccap: { cmaxWd: 3, cmin: true, noCmax: true } }),
  ],
  ["CMIN", "MPAMF_CCAP_IDR", 0x2000_0000, ris0({ ccap: { cmaxWd: 3 } }), ris0({ ccap: { cmaxWd: 3, cmin: true } })],
  ["CASSOC", "MPAMF_CCAP_IDR", 0x1000_0500, ris0({ ccap: { cmaxWd: 3 } }), ris0({ ccap: { cmaxWd: 3, cassocWd: 5 } })],
  ["MIN", "MPAMF_MBW_IDR", 0x0400, ris0({ mbw: { bwaWd: 3 } }), ris0({ mbw: { bwaWd: 3, min: true } })],
  [
    "MAX",
    "MPAMF_MBW_IDR",
    0x0900,
    ris0({ mbw: { bwaWd: 3, min: true, max: false } }),
    ris0({ mbw: { bwaWd: 3, min: true, maxLim: "soft" } }),
  ],
  ["PBM", "MPAMF_MBW_IDR", 0x000c_1000, ris0({ mbw: { bwaWd: 3 } }), ris0({ mbw: { bwaWd: 3, bwpbmWd: 12 } })],
  ["PROP", "MPAMF_MBW_IDR", 0x2000, ris0({ mbw: { bwaWd: 3 } }), ris0({ mbw: { bwaWd: 3, prop: true } })],
  ["WINDWR", "MPAMF_MBW_IDR", 0x4000, ris0({ mbw: { bwaWd: 3 } }), ris0({ mbw: { bwaWd: 3, windwr: true } })],
  ["INTPRI", "MPAMF_PRI_IDR", 0x0041, ris0({ pri: { dspriWd: 2 } }), ris0({ pri: { dspriWd: 2, intpriWd: 4 } })],
  [
    "DSPRI",
    "MPAMF_PRI_IDR",
    0x0083_0000,
    ris0({ pri: { intpriWd: 2 } }),
    ris0({ pri: { intpriWd: 2, dspriWd: 8, dspri0IsLow: true } }),
  ],
  [
    "INTPRI_0_IS_LOW",
    "MPAMF_PRI_IDR",
    0x0002,
    ris0({ pri: { intpriWd: 2 } }),
    ris0({ pri: { intpriWd: 2, intpri0IsLow: true } }),
  ],
  ["local capture", "MPAMF_MSMON_IDR", 0x8000_0000, {}, { localCaptEvnt: true }],
  ["no overflow wire", "MPAMF_MSMON_IDR", 0x4000_0000, {}, { noHwOflwIntr: true }],
  ["overflow MSI", "MPAMF_MSMON_IDR", 0x2000_0000, {}, { oflwMsi: true }],
  ["OFLOW_SR", "MPAMF_MSMON_IDR", 0x1000_0000, {}, { oflowSr: true }],
  ["monitoring before translation", "MPAMF_MSMON_IDR", 0x0400_0000, { inTl: tl }, { inTl: tl, tlMonitoring: "before" }],
  ["monitoring after translation", "MPAMF_MSMON_IDR", 0x0800_0000, { outTl: tl }, { outTl: tl, tlMonitoring: "after" }],
  ...(["CSU", "MBWU"] as const).flatMap((type): Feature[] => {
    const register = `MPAMF_${type}MON_IDR`;
    const with_ = type === "CSU" ? csu0 : mbwu0;
    return [
      [`capture of ${type}`, register, 0x8000_0000, with_({}), with_({ capture: true })],
      [`linkage of ${type}`, register, 0x0800_0000, with_({}), with_({ oflowLnkg: true })],
      [`OFSR of ${type}`, register, 0x0400_0000, with_({}), with_({ ofsr: true })],
      [
        `CEVNT_OFLW of ${type}`,
        register,
        0x0200_0000,
        with_({ capture: true }),
        with_({ capture: true, cevntOflw: true }),
      ],
      [
        `capture on overflow of ${type}`,
        register,
        0x0100_0000,
        with_({ capture: true }),
        with_({ capture: true, oflowCapt: true }),
      ],
      [`no match by PARTID of ${type}`, register, 0x0080_0000, with_({}), with_({ noMatchPartid: true })],
      [`no match by PMG of ${type}`, register, 0x0040_0000, with_({}), with_({ noMatchPmg: true })],
    ];
  }),
  ["CSU_RO", "MPAMF_CSUMON_IDR", 0x4000_0000, csu0({}), csu0({ csuRo: true })],
  ["XCL", "MPAMF_CSUMON_IDR", 0x2000_0000, csu0({}), csu0({ xcl: true })],
  ["44-bit counters", "MPAMF_MBWUMON_IDR", 0x4000_0000, mbwu0({}), mbwu0({ counter: 44 })],
  ["63-bit counters", "MPAMF_MBWUMON_IDR", 0x2000_0000, mbwu0({ counter: 44 }), mbwu0({ counter: 63 })],
  ["RWBW", "MPAMF_MBWUMON_IDR", 0x1000_0000, mbwu0({}), mbwu0({ rwbw: true })],
  ["SCALE", "MPAMF_MBWUMON_IDR", 0x0015_0000, mbwu0({}), mbwu0({ scale: 21 })],
];

describe("the table", () => {
  test("knows what each register keeps, and no two of its words share a place", () => {
    expect(Object.keys(implemented).toSorted()).toEqual(goldenRegisters.map(({ register }) => register).toSorted());
    const words = goldenRegisters.flatMap(({ offset, count = 1 }) => range(offset, count, 4));
    expect(new Set(words).size).toBe(words.length);
  });

  test("keeps no bit outside the fields of a register", () => {
    for (const [name, config] of machines) {
      for (const space of spacesOf(config)) {
        for (const ris of config.ris) {
          for (const { register, fields } of goldenRegisters) {
            const all = fields.reduce((mask, field) => (mask | field.mask) >>> 0, 0);
            const { kept, fixed } = implemented[register] ?? { kept: () => -1, fixed: () => -1 };
            const place = { config, space, ris };
            expect([name, register, ((kept(place, 0) | fixed(place, 0)) & ~all) >>> 0]).toEqual([name, register, 0]);
          }
        }
      }
    }
  });
});

describe.each(factories)("the fields of the $name", ({ create }) => {
  describe.each(machines)("with %s", (_, config) => {
    test("read at reset as they should", async () => {
      const msc = await create(config);
      for (const space of spacesOf(config)) expect(resetDifferences(msc, config, space)).toEqual([]);
      expect(msc.interrupts()).toEqual([]);
    });

    test("keep the bits that exist, and those only", async () => {
      const msc = await create(config);
      for (const space of spacesOf(config)) expect(writeDifferences(msc, config, space)).toEqual([]);
    });

    test("leave the rest of the page empty, and touching it is no error", async () => {
      const msc = await create(config);
      for (const space of spacesOf(config)) {
        expect(absentDifferences(msc, config, space)).toEqual([]);
        expect(msc.read64(ESR, space)).toBe(0n);
      }
      expect(msc.interrupts()).toEqual([]);
    });

    test("written in one bank show in no other", async () => {
      for (const written of spacesOf(config)) {
        const msc = await create(config);
        writeDifferences(msc, config, written, [0xffff_ffff]);
        writeDifferences(msc, config, written, [0x0f0f_0f0f]);
        const others = spacesOf(config).filter((space) => space !== written);
        for (const space of others) expect(resetDifferences(msc, config, space)).toEqual([]);
      }
    });
  });

  for (const [name, legal, at] of byWidth) {
    test.each(legal)(`${name} at %i`, async (width) => {
      const config = at(width);
      const random = fc.sample(fc.integer({ min: 0, max: 0xffff_ffff }), {
        numRuns: 3,
        ...(seed ? { seed: Number(seed) } : {}),
      });
      const msc = await create(config);
      for (const space of spacesOf(config)) {
        expect(resetDifferences(msc, config, space)).toEqual([]);
        expect(writeDifferences(msc, config, space, [0xffff_ffff, 0, ...random])).toEqual([]);
      }
    });
  }

  test.each(features)("%s is told by its bit and by no other", async (_, register, mask, less, more) => {
    const base = "ris" in less && less.ris?.[0]?.mbw ? memoryConfig : cacheConfig;
    const without = (await create(base(less))).read32(offsetOf(register));
    const with_ = (await create(base(more))).read32(offsetOf(register));
    expect([(with_ & mask) >>> 0, (without & mask) >>> 0, (with_ ^ without) >>> 0]).toEqual([mask, 0, mask]);
  });

  test("the widths in the identification registers are numbers in their places", async () => {
    const cache = await create(
      cacheConfig(
        ris0({
          cpor: { cpbmWd: 32_768 },
          ccap: { cmaxWd: 16, cassocWd: 16 },
          csu: { monitors: 200 },
          pri: { intpriWd: 16, dspriWd: 9 },
        }),
      ),
    );
    const seen = ["CPOR", "CCAP", "PRI", "CSUMON"].map((name) => cache.read32(offsetOf(`MPAMF_${name}_IDR`)));
    expect(seen).toEqual([0x8000, 0x1000_1010, 0x0091_0101, 200]);
    const channel = await create(memoryConfig(ris0({ mbw: { bwaWd: 16, bwpbmWd: 4096, maxLim: "hard" } })));
    expect(channel.read32(offsetOf("MPAMF_MBW_IDR"))).toBe(0x1000_1a10);
    const limits = await create(
      cacheConfig({ spaces: { ns: { partidMax: 1234, pmgMax: 255 } }, partidNrw: { intPartidMax: 77 } }),
    );
    expect(limits.read32(IDR)).toBe(0xd3ff_04d2);
    expect(limits.read32(offsetOf("MPAMF_PARTID_NRW_IDR"))).toBe(77);
  });

  test("PART_SEL keeps what can be selected", async () => {
    const kept = async (different: Partial<SubjectConfig>): Promise<number> => {
      const msc = await create(cacheConfig({ selectorCheck: "lazy", ...different }));
      msc.write32(PART_SEL, 0xffff_ffff);
      return msc.read32(PART_SEL);
    };
    const instances = [
      { ris: 0, cpor: { cpbmWd: 2 } },
      { ris: 1, ccap: { cmaxWd: 2 } },
    ];
    expect(await kept({})).toBe(0x0000_ffff);
    expect(await kept({ partidNrw: { intPartidMax: 3 } })).toBe(0x0001_ffff);
    expect(await kept({ inTl: tl })).toBe(0x0002_ffff);
    expect(await kept({ outTl: tl })).toBe(0x0000_ffff);
    expect(await kept({ defaultPartid: true })).toBe(0x0004_ffff);
    expect(await kept({ ris: instances })).toBe(0x0f00_ffff);
    expect(await kept({ version: "1.0", partidNrw: { intPartidMax: 3 } })).toBe(0x0001_ffff);
  });

  test("MON_SEL keeps what can be selected", async () => {
    const kept = async (different: Partial<SubjectConfig>): Promise<number> => {
      const msc = await create(cacheConfig({ selectorCheck: "lazy", ...different }));
      msc.write32(MON_SEL, 0xffff_ffff);
      return msc.read32(MON_SEL);
    };
    const instances = [
      { ris: 0, cpor: { cpbmWd: 2 } },
      { ris: 1, csu: { monitors: 2 } },
    ];
    expect(await kept({})).toBe(0x0000_ffff);
    expect(await kept({ ris: instances })).toBe(0x0f00_ffff);
    expect(await kept({ version: "1.0" })).toBe(0x0000_ffff);
    expect(await kept({ ris: [{ ris: 0, cpor: { cpbmWd: 2 } }] })).toBe(0);
  });

  test.each([0, 1, 5, 31])("INTPARTID holds any number up to an INTPARTID_MAX of %i", async (intPartidMax) => {
    const msc = await create(cacheConfig({ partidNrw: { intPartidMax } }));
    for (const partid of range(0, 32)) {
      msc.write32(PART_SEL, partid);
      expect(msc.read32(INTPARTID)).toBe(0);
      msc.write32(
        INTPARTID,
        (0xfffe_0000 | maskOf("MPAMCFG_INTPARTID", "INTERNAL") | (partid % (intPartidMax + 1))) >>> 0,
      );
    }
    for (const partid of range(0, 32)) {
      msc.write32(PART_SEL, partid);
      expect(msc.read32(INTPARTID)).toBe(0x0001_0000 + (partid % (intPartidMax + 1)));
    }
    expect(msc.read64(ESR)).toBe(0n);
  });

  test("EN_FLAGS shows 32 PARTIDs from PARTID_SEL rounded down, and none above the largest", async () => {
    const msc = await create(cacheConfig({ endis: { nfu: "none" }, spaces: { ns: { partidMax: 70, pmgMax: 0 } } }));
    for (const [partid, word] of [
      [0, 0x8000_0001],
      [33, 0x1234_5678],
      [70, 0x55],
    ] as const) {
      msc.write32(PART_SEL, partid);
      msc.write32(EN_FLAGS, word);
    }
    const seen = [31, 32, 63, 64, 69].map((partid) => {
      msc.write32(PART_SEL, partid);
      return msc.read32(EN_FLAGS);
    });
    expect(seen).toEqual([0x8000_0001, 0x1234_5678, 0x1234_5678, 0x55, 0x55]);
  });

  test("settings start at the fill everywhere but under PARTID 0, cut to what exists", async () => {
    const msc = await create(
      cacheConfig({
        resetFill: 0x8765_4321,
        ris: [
          {
            ris: 0,
            cpor: { cpbmWd: 40 },
            ccap: { cmaxWd: 4, cmaxSoftlim: true, cmin: true },
            pri: { intpriWd: 4, dspriWd: 3 },
          },
        ],
      }),
    );
    const names = ["MPAMCFG_CMAX", "MPAMCFG_CMIN", "MPAMCFG_PRI", "MPAMCFG_CPBM"];
    const seen = [0, 1, 31].map((partid) => {
      msc.write32(PART_SEL, partid);
      return [...names.map((name) => msc.read32(offsetOf(name))), msc.read32(offsetOf("MPAMCFG_CPBM") + 4)];
    });
    const filled = [0x8000_4000, 0x4000, 0x0005_0001, 0x8765_4321, 0x21];
    expect(seen).toEqual([[0xf000, 0, 0, 0xffff_ffff, 0xff], filled, filled]);
  });
});

// ---- random machines ----

const limits = fc.record({ partidMax: fc.integer({ min: 0, max: 70 }), pmgMax: fc.integer({ min: 0, max: 7 }) });
const feature = fc.boolean();
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const translation = maybe(
  fc.record({ partidMax: fc.integer({ min: 0, max: 70 }), direct: feature, baseMask: feature }),
);
const width = fc.integer({ min: 1, max: 16 });
const monitorFeatures = {
  monitors: fc.integer({ min: 1, max: 40 }),
  capture: feature,
  oflowLnkg: feature,
  ofsr: feature,
  cevntOflw: feature,
  oflowCapt: feature,
  noMatchPartid: feature,
  noMatchPmg: feature,
  nrdy: fc.constantFrom("hw" as const, "sw" as const, "none" as const),
};

function instance(ris: number, kind: SubjectConfig["kind"]): fc.Arbitrary<SubjectRis> {
  const drawn = fc.record<Record<string, unknown>>({
    pri: maybe(fc.record({ intpriWd: width, dspriWd: maybe(width) })),
    impl: maybe(fc.record({ idr: fc.nat(), noPart: feature, noMsmon: feature })),
    mbwu: maybe(
      fc.record({ ...monitorFeatures, counter: fc.constantFrom(31, 44, 63), rwbw: feature, scale: fc.nat(31) }),
    ),
    ...(kind === "memory"
      ? {
          mbw: fc
            .record({
              bwaWd: width,
              max: feature,
              maxLim: fc.constantFrom("both", "soft", "hard"),
              min: feature,
              prop: feature,
              windwr: feature,
              bwpbmWd: maybe(fc.integer({ min: 1, max: 100 })),
            })
            // Something there is, and a kind of maximum only where that is one.
            .map((mbw) => ({ ...mbw, max: mbw.max || !(mbw.min || mbw.prop || mbw.bwpbmWd) }))
            .map((mbw) => (mbw.max ? mbw : { ...mbw, maxLim: undefined })),
        }
      : {
          cpor: fc.record({ cpbmWd: fc.integer({ min: 1, max: 100 }) }),
          ccap: maybe(
            fc
              .record({ cmaxWd: width, noCmax: feature, cmaxSoftlim: feature, cmin: feature, cassocWd: maybe(width) })
              // Something there is, and a soft limit is one of CMAX.
              .map((ccap) => ({ ...ccap, noCmax: ccap.noCmax && (ccap.cmin || ccap.cassocWd !== undefined) }))
              .map((ccap) => ({ ...ccap, cmaxSoftlim: ccap.cmaxSoftlim && !ccap.noCmax })),
          ),
          csu: maybe(fc.record({ ...monitorFeatures, csuRo: feature, xcl: feature })),
        }),
  });
  return drawn.map(
    (one) => stripped({ ris, ...one, csu: capturing(one.csu), mbwu: capturing(one.mbwu) }) as SubjectRis,
  );
}

/** What captures is there where there are captures. */
function capturing(of: unknown): unknown {
  if (typeof of !== "object" || of === null || ("capture" in of && of.capture)) return of;
  return { ...of, cevntOflw: false, oflowCapt: false };
}

/** Whether there is somebody for capture events, or from whom they come. */
function hasEvents({ csu, mbwu }: SubjectRis): boolean {
  return [csu, mbwu].some((monitors) => monitors?.capture || monitors?.oflowLnkg);
}

/** Without the members that are undefined, all the way down. */
function stripped(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, stripped(member)]));
}

const randomMachines: fc.Arbitrary<SubjectConfig> = fc
  .tuple(fc.constantFrom("cache" as const, "memory" as const), fc.constantFrom([0], [0, 1], [0, 3]), feature, feature)
  .chain(([kind, numbers, edge, narrowing]) =>
    fc
      .record({
        ris: fc.tuple(...numbers.map((ris) => instance(ris, kind))),
        spaces: fc.oneof(
          fc.record({ ns: limits, s: limits }),
          fc.record({ ns: limits, s: limits, rt: limits, rl: limits }),
        ),
        selectorCheck: fc.constantFrom("acs" as const, "lazy" as const, "reject" as const),
        esr: fc.constantFrom("none" as const, 64 as const),
        oflwMsi: feature,
        oflowSr: feature,
        noHwOflwIntr: feature,
        localCaptEvnt: feature,
        captEvents: fc.subarray([1, 2, 3, 4, 5, 6]),
        endis: maybe(fc.record({ nfu: narrowing ? fc.constant("none") : fc.constantFrom("none", "keep", "poison") })),
        inTl: translation,
        outTl: translation,
        defaultPartid: feature,
        resetFill: maybe(fc.integer({ min: 0, max: 0xffff_ffff })),
      })
      .map((drawn) => {
        const smallest = Math.min(...Object.values(drawn.spaces).map(({ partidMax }) => partidMax));
        const common = kind === "cache" ? cacheConfig() : memoryConfig();
        return {
          ...common,
          ...(stripped(drawn) as Partial<SubjectConfig>),
          ...(edge ? { errorStyle: "edge", errMsi: drawn.esr !== "none" } : {}),
          localCaptEvnt: drawn.localCaptEvnt && drawn.ris.some(({ csu, mbwu }) => csu || mbwu),
          captEvents: drawn.ris.some(hasEvents) ? drawn.captEvents : [],
          ...(narrowing ? { partidNrw: { intPartidMax: smallest } } : {}),
        } as SubjectConfig;
      }),
  );

interface Access {
  /** Of the words that exist, or any of the page; and how often selectors come. */
  readonly what: "part" | "mon" | "known" | "any";
  readonly where: number;
  readonly value: number;
  readonly write: boolean;
}

const accesses: fc.Arbitrary<Access[]> = fc.array(
  fc.record({
    what: fc.constantFrom("part", "mon", "known", "known", "known", "any"),
    where: fc.nat(0xffff),
    value: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff), fc.nat(40)),
    write: feature,
  }),
  { minLength: 20, maxLength: 300 },
);

describe.each(factories)("any $name", ({ create }) => {
  test("keeps what is absent at 0 and the other banks at reset, whatever is done in one of them", async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines, accesses, fc.nat(3), async (config, steps, chosen) => {
        const spaces = spacesOf(config);
        const bank = spaces[chosen % spaces.length] ?? "ns";
        const present = decoded(config, bank);
        const known = [...present];
        const msc = await create(config);
        const partidMax = config.spaces[bank]?.partidMax ?? 0;
        for (const { what, where, value, write } of steps) {
          if (what === "part") msc.write32(PART_SEL, selector(config, where, value, partidMax + 1), bank);
          else if (what === "mon") msc.write32(MON_SEL, selector(config, where, value, 40), bank);
          else {
            const offset = what === "any" ? (where % 0x1000) * 4 : (known[where % known.length] ?? 0);
            if (write) msc.write32(offset, value, bank);
            const seen = msc.read32(offset, bank);
            if (!present.has(offset)) expect([offset, seen]).toEqual([offset, 0]);
            expect(seen).toBe(seen >>> 0);
          }
        }
        for (const space of spaces) {
          if (space !== bank) expect(resetDifferences(msc, config, space)).toEqual([]);
        }
        msc.write32(ESR, 0, bank);
        msc.write32(ESR + 4, 0, bank);
        expect(absentDifferences(msc, config, bank)).toEqual([]);
        expect(msc.read64(ESR, bank)).toBe(0n);
      }),
      runs(60),
    );
  });
});

/** Mostly of a RIS and an index that exist, and sometimes any bits at all. */
function selector(config: SubjectConfig, where: number, value: number, count: number): number {
  if (where % 5 === 0) return value;
  const ris = config.ris[where % config.ris.length]?.ris ?? 0;
  return (select(ris, value % count) | (where & 0x0007_0000)) >>> 0;
}
