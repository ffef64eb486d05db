/** What an MSC says about itself: the MPAMF identification registers in every bank and under every resource instance. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, memoryConfig, type SubjectConfig, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const IDR = offsetOf("MPAMF_IDR");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const ESR = offsetOf("MPAMF_ESR");

/** Portions in RIS 0, capacity in RIS 2, monitors in RIS 3, and nothing called RIS 1. */
const sparse = (): SubjectConfig =>
  cacheConfig({
    ris: [
      { ris: 0, cpor: { cpbmWd: 20 } },
      { ris: 2, ccap: { cmaxWd: 12 }, csu: { monitors: 3 } },
      { ris: 3, mbwu: { monitors: 5, counter: 63, rwbw: false } },
    ],
  });

describe.each(factories)("identification of the $name", ({ create }) => {
  test("the architecture version is 1.1, 1.0 or 0.1 as configured, in each bank alike", async () => {
    for (const [version, aidr] of [
      ["1.1", 0x11],
      ["1.0", 0x10],
      ["0.1", 0x01],
    ] as const) {
      const msc = await create(cacheConfig({ version }));
      expect(msc.read32(offsetOf("MPAMF_AIDR"))).toBe(aidr);
      expect(msc.read32(offsetOf("MPAMF_AIDR"), "s")).toBe(aidr);
    }
  });

  test("the implementer's word is the configured one in each bank, with its top bit too", async () => {
    const msc = await create(cacheConfig({ iidr: 0xfedc_b43b }));
    expect(msc.read32(offsetOf("MPAMF_IIDR"))).toBe(0xfedc_b43b);
    expect(msc.read32(offsetOf("MPAMF_IIDR"), "s")).toBe(0xfedc_b43b);
  });

  test("a 1.1 cache with one instance tells its limits, its controls and its extended error register", async () => {
    const msc = await create(cacheConfig());
    // PARTID_MAX 31, PMG_MAX 3, CCAP, CPOR, EXT, MSMON; above: HAS_EXTD_ESR, HAS_ESR.
    expect(msc.read32(IDR)).toBe(0x5303_001f);
    expect(msc.read32(IDR + 4)).toBe(0x0000_00c0);
    expect(msc.read64(IDR)).toBe(0x0000_00c0_5303_001fn);
  });

  test("a memory channel tells bandwidth control and monitors, and no cache controls", async () => {
    const msc = await create(memoryConfig());
    expect(msc.read32(IDR)).toBe(0x5403_001f);
  });

  test("a 1.0 MSC has a 32-bit identification register without the extension bit", async () => {
    const msc = await create(cacheConfig({ version: "1.0" }));
    expect(msc.read32(IDR)).toBe(0x4303_001f);
    expect(msc.read32(IDR + 4)).toBe(0);
    expect(msc.read64(IDR)).toBe(0x4303_001fn);
  });

  test("four banks mean a four-space MSC, and each tells its own limits", async () => {
    const msc = await create(
      cacheConfig({
        spaces: {
          ns: { partidMax: 31, pmgMax: 3 },
          s: { partidMax: 15, pmgMax: 1 },
          rt: { partidMax: 3, pmgMax: 0 },
          rl: { partidMax: 7, pmgMax: 2 },
        },
      }),
    );
    expect(msc.read64(IDR, "ns")).toBe(0x0000_02c0_5303_001fn);
    expect(msc.read64(IDR, "s")).toBe(0x0000_02c0_5301_000fn);
    expect(msc.read64(IDR, "rt")).toBe(0x0000_02c0_5300_0003n);
    expect(msc.read64(IDR, "rl")).toBe(0x0000_02c0_5302_0007n);
  });

  test("the Secure limits are in the Secure bank and nowhere else", async () => {
    const spaces = { ns: { partidMax: 31, pmgMax: 3 }, s: { partidMax: 15, pmgMax: 1 } };
    const limits = { rt: { partidMax: 3, pmgMax: 0 }, rl: { partidMax: 7, pmgMax: 2 } };
    const msc = await create(cacheConfig({ spaces: { ...spaces, ...limits } }));
    expect(msc.read32(offsetOf("MPAMF_SIDR"), "s")).toBe(0x0001_000f);
    for (const space of ["ns", "rt", "rl"] as const) expect(msc.read32(offsetOf("MPAMF_SIDR"), space)).toBe(0);
  });

  test("a bank that does not exist reads 0 everywhere and ignores writes", async () => {
    const msc = await create(cacheConfig({ spaces: { ns: { partidMax: 31, pmgMax: 3 } } }));
    for (const space of ["s", "rt", "rl"] as const) {
      for (const register of ["MPAMF_IDR", "MPAMF_SIDR", "MPAMF_IIDR", "MPAMF_AIDR", "MPAMF_CPOR_IDR"]) {
        expect(msc.read32(offsetOf(register), space)).toBe(0);
      }
      msc.write32(PART_SEL, 5, space);
      msc.write32(offsetOf("MPAMCFG_CPBM"), 3, space);
      expect(msc.read32(PART_SEL, space)).toBe(0);
      expect(msc.read32(offsetOf("MPAMCFG_CPBM"), space)).toBe(0);
    }
    expect(msc.read32(PART_SEL)).toBe(0);
    expect(msc.read32(offsetOf("MPAMCFG_CPBM"))).toBe(0xffff);
    expect(msc.read32(ESR)).toBe(0);
  });

  test("with several instances each describes itself under PART_SEL.RIS", async () => {
    const msc = await create(sparse());
    const seen = [0, 2, 3].map((ris) => {
      msc.write32(PART_SEL, select(ris, 0));
      const names = ["CPOR_IDR", "CCAP_IDR", "MBW_IDR", "MSMON_IDR", "CSUMON_IDR", "MBWUMON_IDR"];
      return [msc.read64(IDR), ...names.map((name) => msc.read32(offsetOf(`MPAMF_${name}`)))];
    });
    expect(seen).toEqual([
      [0x0300_00c1_1203_001fn, 20, 0, 0, 0, 0, 0],
      [0x0300_00c1_5103_001fn, 0, 12, 0, 0x0001_0000, 3, 0],
      [0x0300_00c1_5003_001fn, 0, 0, 0, 0x0002_0000, 0, 0x6000_0005],
    ]);
    expect(msc.read32(ESR)).toBe(0);
  });

  test("an undefined instance has no features, keeps the limits and RIS_MAX, and reading it is no error", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(1, 0)); // a hole
    expect(msc.read64(IDR)).toBe(0x0300_0000_1003_001fn);
    for (const name of ["CPOR_IDR", "CCAP_IDR", "MBW_IDR", "MSMON_IDR", "CSUMON_IDR", "MBWUMON_IDR"]) {
      expect(msc.read32(offsetOf(`MPAMF_${name}`))).toBe(0);
    }
    expect(msc.read32(ESR)).toBe(0);
  });

  test("a lone instance with a number other than 0 is still selected by number", async () => {
    const msc = await create(cacheConfig({ ris: [{ ris: 2, cpor: { cpbmWd: 8 } }] }));
    expect(msc.read64(IDR)).toBe(0x0200_0000_1003_001fn);
    msc.write32(PART_SEL, select(2, 0));
    expect(msc.read64(IDR)).toBe(0x0200_00c1_1203_001fn);
    expect(msc.read32(offsetOf("MPAMF_CPOR_IDR"))).toBe(8);
  });

  test("the bandwidth description tells width and kind of limit", async () => {
    for (const [maxLim, bits] of [
      ["both", 0x000],
      ["soft", 0x100],
      ["hard", 0x200],
    ] as const) {
      const msc = await create(memoryConfig({ ris: [{ ris: 0, mbw: { bwaWd: 7, maxLim } }] }));
      expect(msc.read32(offsetOf("MPAMF_MBW_IDR"))).toBe(0x800 + bits + 7);
    }
  });

  test("the monitor description tells 31-, 44- and 63-bit counters and direction filters, and 1.0 has neither", async () => {
    for (const [counter, rwbw, bits] of [
      [31, false, 0],
      [31, true, 0x1000_0000],
      [44, false, 0x4000_0000],
      [63, true, 0x7000_0000],
    ] as const) {
      const msc = await create(memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 9, counter, rwbw } }] }));
      expect(msc.read32(offsetOf("MPAMF_MBWUMON_IDR"))).toBe(bits + 9);
    }
    const old = await create(
      memoryConfig({ version: "1.0", ris: [{ ris: 0, mbwu: { monitors: 9, counter: 31, rwbw: false } }] }),
    );
    expect(old.read32(offsetOf("MPAMF_MBWUMON_IDR"))).toBe(9);
  });

  test("identification registers ignore writes", async () => {
    const msc = await create(cacheConfig());
    const offsets = [0x00, 0x04, 0x08, 0x18, 0x20, 0x30, 0x38, 0x40, 0x80, 0x88, 0x90];
    const before = offsets.map((offset) => msc.read32(offset));
    for (const offset of offsets) {
      msc.write32(offset, 0xffff_ffff);
      msc.write32(offset, 0);
    }
    expect(offsets.map((offset) => msc.read32(offset))).toEqual(before);
    expect(msc.read32(ESR)).toBe(0);
  });

  test("what this machine does not have reads 0, ignores writes and is no error", async () => {
    const msc = await create(cacheConfig());
    // IMPL, PRI, narrowing, MSI blocks, CMIN, CASSOC, MBW_*, EN/DIS, PRI, PROP, INTPARTID, captures, summaries, MBW_PBM, translation, gaps.
    const absent = [
      0x28, 0x48, 0x50, 0xdc, 0xe0, 0xe4, 0xe8, 0xec, 0x110, 0x118, 0x200, 0x208, 0x220, 0x300, 0x310, 0x320, 0x400,
      0x500, 0x600, 0x808, 0x848, 0x858, 0x868, 0x890, 0x894, 0x898, 0x8dc, 0x8e0, 0x8e4, 0x8e8, 0x8ec, 0x8f0, 0x2000,
      0x21fc, 0x3000, 0x3008, 0x3200, 0x0c, 0x10, 0x24, 0xf4, 0x104, 0x10c, 0x700, 0x804, 0x814, 0x900, 0xffc, 0x1ffc,
    ];
    for (const offset of absent) {
      msc.write32(offset, 0xffff_ffff);
      expect([offset, msc.read32(offset)]).toEqual([offset, 0]);
    }
    expect(msc.read64(ESR)).toBe(0n);
    expect(msc.interrupts()).toEqual([]);
  });
});
