/** The MPAMCFG registers as storage: widths, reset values, and what each selector keeps apart. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, memoryConfig, range, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const CMAX = offsetOf("MPAMCFG_CMAX");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const ESR = offsetOf("MPAMF_ESR");

/** The word of a bitmap of `width` bits that are all ones. */
function ones(width: number, word: number): number {
  const left = width - word * 32;
  return left <= 0 ? 0 : left >= 32 ? 0xffff_ffff : 2 ** left - 1;
}

describe.each(factories)("partition registers of the $name", ({ create }) => {
  test("selectors start at PARTID 0 of RIS 0", async () => {
    const msc = await create(cacheConfig());
    expect(msc.read32(PART_SEL)).toBe(0);
    expect(msc.read32(offsetOf("MSMON_CFG_MON_SEL"))).toBe(0);
  });

  test("PART_SEL keeps the PARTID only, when there are no instances to select and no narrowing", async () => {
    const msc = await create(cacheConfig());
    msc.write32(PART_SEL, 0xffff_0000);
    expect(msc.read32(PART_SEL)).toBe(0);
    msc.write32(PART_SEL, 31);
    expect(msc.read32(PART_SEL)).toBe(31);
    expect(msc.read64(ESR)).toBe(0n);
  });

  test("PART_SEL keeps four bits of RIS when there are several instances", async () => {
    const msc = await create(
      cacheConfig({
        ris: [
          { ris: 0, cpor: { cpbmWd: 4 } },
          { ris: 15, ccap: { cmaxWd: 4 } },
        ],
      }),
    );
    msc.write32(PART_SEL, 0xff07_0003);
    expect(msc.read32(PART_SEL)).toBe(0x0f00_0003);
  });

  test.each([1, 2, 7, 16, 31, 32, 33, 63, 64, 100, 255, 256, 511, 1000, 1023, 1024])(
    "a bitmap of %i portions starts all ones, takes every bit below its width and none above",
    async (cpbmWd) => {
      const msc = await create(cacheConfig({ ris: [{ ris: 0, cpor: { cpbmWd } }] }));
      const words = range(0, 34); // two more than any of them has
      const expected = words.map((word) => ones(cpbmWd, word));
      const seen = (): number[] => words.map((word) => msc.read32(CPBM + 4 * word));
      expect(msc.read32(offsetOf("MPAMF_CPOR_IDR"))).toBe(cpbmWd);
      expect(seen()).toEqual(expected);
      for (const word of words) msc.write32(CPBM + 4 * word, 0);
      expect(seen()).toEqual(words.map(() => 0));
      for (const word of words) msc.write32(CPBM + 4 * word, 0xa5a5_a5a5);
      expect(seen()).toEqual(expected.map((mask) => (mask & 0xa5a5_a5a5) >>> 0));
      expect(msc.read64(ESR)).toBe(0n);
    },
  );

  test("the last words of the bitmap's place in the page are decoded as its own", async () => {
    const msc = await create(cacheConfig({ ris: [{ ris: 0, cpor: { cpbmWd: 1024 } }] }));
    msc.write32(0x1000 + 4 * 31, 0x8000_0001);
    expect(msc.read32(0x107c)).toBe(0x8000_0001);
    expect(msc.read32(0x1080)).toBe(0);
  });

  test.each(range(1, 16))("a capacity limit of %i bits keeps its top bits", async (cmaxWd) => {
    const msc = await create(cacheConfig({ ris: [{ ris: 0, ccap: { cmaxWd } }] }));
    const kept = 0x1_0000 - 2 ** (16 - cmaxWd);
    expect(msc.read32(CMAX)).toBe(kept);
    msc.write32(CMAX, 0);
    expect(msc.read32(CMAX)).toBe(0);
    msc.write32(CMAX, 0xffff_ffff); // SOFTLIM does not exist
    expect(msc.read32(CMAX)).toBe(kept);
    msc.write32(CMAX, 0x5a5a);
    expect(msc.read32(CMAX)).toBe(0x5a5a & kept);
  });

  test.each(range(1, 16))("a bandwidth maximum of %i bits keeps its top bits", async (bwaWd) => {
    const msc = await create(memoryConfig({ ris: [{ ris: 0, mbw: { bwaWd, maxLim: "soft" } }] }));
    const kept = 0x1_0000 - 2 ** (16 - bwaWd);
    expect(msc.read32(MBW_MAX)).toBe(kept);
    msc.write32(MBW_MAX, 0x0000_5a5a);
    expect(msc.read32(MBW_MAX)).toBe(0x5a5a & kept);
  });

  test("HARDLIM is free where both limits exist, 0 where only the soft one and 1 where only the hard one does", async () => {
    const after = async (maxLim: "both" | "soft" | "hard"): Promise<number[]> => {
      const msc = await create(memoryConfig({ ris: [{ ris: 0, mbw: { bwaWd: 16, maxLim } }] }));
      const seen = [msc.read32(MBW_MAX)];
      for (const value of [0xffff_1234, 0x7fff_4321]) {
        msc.write32(MBW_MAX, value);
        seen.push(msc.read32(MBW_MAX));
      }
      return seen;
    };
    expect(await after("both")).toEqual([0x0000_ffff, 0x8000_1234, 0x0000_4321]);
    expect(await after("soft")).toEqual([0x0000_ffff, 0x0000_1234, 0x0000_4321]);
    expect(await after("hard")).toEqual([0x8000_ffff, 0x8000_1234, 0x8000_4321]);
  });

  test("every PARTID starts with the settings of PARTID 0", async () => {
    const msc = await create(cacheConfig());
    for (const partid of range(0, 32)) {
      msc.write32(PART_SEL, partid);
      expect([msc.read32(CPBM), msc.read32(CMAX)]).toEqual([0xffff, 0xff00]);
    }
  });

  test("settings written under one PARTID leave the others alone", async () => {
    const msc = await create(cacheConfig());
    for (const partid of range(0, 32)) {
      msc.write32(PART_SEL, partid);
      msc.write32(CPBM, 0x100 + partid);
      msc.write32(CMAX, partid << 8);
    }
    for (const partid of range(0, 32)) {
      msc.write32(PART_SEL, partid);
      expect([msc.read32(CPBM), msc.read32(CMAX)]).toEqual([0x100 + partid, partid << 8]);
    }
  });

  test("banks share neither selectors nor settings", async () => {
    const msc = await create(cacheConfig());
    msc.write32(PART_SEL, 3, "ns");
    msc.write32(CPBM, 0x00ff, "ns");
    expect(msc.read32(PART_SEL, "s")).toBe(0);
    msc.write32(PART_SEL, 3, "s");
    expect(msc.read32(CPBM, "s")).toBe(0xffff);
    msc.write32(CPBM, 0xf000, "s");
    msc.write32(PART_SEL, 2, "s");
    expect(msc.read32(PART_SEL, "ns")).toBe(3);
    expect(msc.read32(CPBM, "ns")).toBe(0x00ff);
    expect(msc.read64(ESR, "ns") + msc.read64(ESR, "s")).toBe(0n);
  });

  test("instances share no settings, and each masks with its own width", async () => {
    const msc = await create(
      cacheConfig({
        ris: [
          { ris: 0, cpor: { cpbmWd: 8 } },
          { ris: 1, cpor: { cpbmWd: 40 } },
        ],
      }),
    );
    for (const ris of [0, 1]) {
      msc.write32(PART_SEL, select(ris, 7));
      msc.write32(CPBM, 0xffff_fff0 + ris);
      msc.write32(CPBM + 4, 0xffff_ff0f);
    }
    msc.write32(PART_SEL, select(0, 7));
    expect([msc.read32(CPBM), msc.read32(CPBM + 4)]).toEqual([0xf0, 0]);
    msc.write32(PART_SEL, select(1, 7));
    expect([msc.read32(CPBM), msc.read32(CPBM + 4)]).toEqual([0xffff_fff1, 0x0f]);
    expect(msc.read64(ESR)).toBe(0n);
  });

  test("an 8-byte access to two neighbouring words is two word accesses", async () => {
    const msc = await create(cacheConfig({ ris: [{ ris: 0, cpor: { cpbmWd: 48 } }] }));
    expect(msc.read64(CPBM)).toBe(0x0000_ffff_ffff_ffffn);
    msc.write64(CPBM, 0xffff_8001_1234_5678n);
    expect([msc.read32(CPBM), msc.read32(CPBM + 4)]).toEqual([0x1234_5678, 0x8001]);
  });

  test("an MSC without any control has nothing for PART_SEL to select", async () => {
    const msc = await create(memoryConfig({ ris: [{ ris: 0, mbwu: { monitors: 1, counter: 31, rwbw: false } }] }));
    msc.write32(PART_SEL, 5);
    expect(msc.read32(PART_SEL)).toBe(0);
  });

  test("an MSC without any monitor has nothing for MON_SEL to select", async () => {
    const msc = await create(cacheConfig({ ris: [{ ris: 0, cpor: { cpbmWd: 4 } }] }));
    msc.write32(offsetOf("MSMON_CFG_MON_SEL"), 5);
    expect(msc.read32(offsetOf("MSMON_CFG_MON_SEL"))).toBe(0);
    expect(msc.read32(ESR)).toBe(0);
  });
});
