/** Errors of software: what is detected, what ESR captures, and the error interrupt. Stimuli of the architecture compliance suite where it has them. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, type MscSubject, reads, type SubjectConfig, select } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const CMAX = offsetOf("MPAMCFG_CMAX");
const CSU_FLT = offsetOf("MSMON_CFG_CSU_FLT");
const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");

/** RIS 0: portions and 4 + 2 monitors; RIS 1: not there; RIS 2: capacity only; RIS 3: portions, one CSU monitor. */
const sparse = (): SubjectConfig =>
  cacheConfig({
    ris: [
      { ris: 0, cpor: { cpbmWd: 16 }, csu: { monitors: 4 }, mbwu: { monitors: 2, counter: 44, rwbw: true } },
      { ris: 2, ccap: { cmaxWd: 8 } },
      { ris: 3, cpor: { cpbmWd: 4 }, csu: { monitors: 1 } },
    ],
  });

/** The fields of ESR. */
function syndrome(msc: MscSubject, space: "ns" | "s" = "ns"): Record<string, number> {
  const low = msc.read32(ESR, space);
  return {
    code: (low >>> 24) & 0xf,
    partidMon: low & 0xffff,
    pmg: (low >>> 16) & 0xff,
    ris: msc.read32(ESR + 4, space),
    ovrwr: low >>> 31,
  };
}

const NOTHING = { code: 0, partidMon: 0, pmg: 0, ris: 0, ovrwr: 0 };

function clear(msc: MscSubject): void {
  msc.write32(ESR + 4, 0);
  msc.write32(ESR, 0);
}

describe.each(factories)("errors of the $name", ({ create }) => {
  test("nothing is wrong after reset", async () => {
    const msc = await create(sparse());
    expect(syndrome(msc)).toEqual(NOTHING);
    expect(msc.read32(ECR)).toBe(0);
    expect(msc.interrupts()).toEqual([]);
  });

  test("ESR and ECR are plain storage of the bits they have", async () => {
    const msc = await create(sparse());
    msc.write64(ESR, 0xffff_ffff_ffff_ffffn);
    msc.write32(ECR, 0xffff_ffff);
    expect(msc.read64(ESR)).toBe(0x0000_000f_8fff_ffffn);
    expect(msc.read32(ECR)).toBe(1);
    expect(msc.read64(ESR, "s")).toBe(0n);
    expect(msc.read32(ECR, "s")).toBe(0);
    msc.write32(ESR, 0x0512_3456);
    expect(msc.read64(ESR)).toBe(0x0000_000f_0512_3456n);
  });

  test("ESR has no RIS where there are no instances to tell apart, and is 32-bit in 1.0", async () => {
    const lone = await create(cacheConfig());
    const old = await create(cacheConfig({ version: "1.0" }));
    for (const msc of [lone, old]) {
      msc.write64(ESR, 0xffff_ffff_ffff_ffffn);
      expect(msc.read64(ESR)).toBe(0x8fff_ffffn);
    }
  });

  test("a PARTID out of range is told at the selection, once, and the selector shows it (ACS 201)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(0, 32));
    expect(syndrome(msc)).toEqual({ code: 1, partidMon: 32, pmg: 0, ris: 0, ovrwr: 0 });
    expect(msc.read32(PART_SEL)).toBe(32);
    expect(msc.read32(PART_SEL)).toBe(32);
    expect(syndrome(msc)).toEqual({ code: 1, partidMon: 32, pmg: 0, ris: 0, ovrwr: 0 });
  });

  test("the largest PARTID is in range, and each bank has its own", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, 31, "ns");
    msc.write32(PART_SEL, 15, "s");
    expect(syndrome(msc, "ns")).toEqual(NOTHING);
    expect(syndrome(msc, "s")).toEqual(NOTHING);
    msc.write32(PART_SEL, select(2, 16), "s");
    expect(syndrome(msc, "ns")).toEqual(NOTHING);
    expect(syndrome(msc, "s")).toEqual({ code: 1, partidMon: 16, pmg: 0, ris: 2, ovrwr: 0 });
  });

  test("settings of a PARTID out of range read 0, take no write, and are not told again", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, 0xffff);
    msc.write32(CPBM, 1);
    expect(msc.read32(CPBM)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 1, partidMon: 0xffff, pmg: 0, ris: 0, ovrwr: 0 });
    msc.write32(PART_SEL, 31);
    expect(msc.read32(CPBM)).toBe(0xffff);
  });

  test("an instance above RIS_MAX is told at the selection (ACS 208)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(4, 9));
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 9, pmg: 0, ris: 4, ovrwr: 0 });
    expect(msc.read32(PART_SEL)).toBe(select(4, 9));
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 9, pmg: 0, ris: 4, ovrwr: 0 });
  });

  test("a wrong instance and a wrong PARTID together are one error, the instance's", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(4, 32));
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 32, pmg: 0, ris: 4, ovrwr: 0 });
  });

  test("a bad instance reads 0 and its number stays in ESR (ACS 216)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(4, 0));
    expect(msc.read32(CMAX)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 0, pmg: 0, ris: 4, ovrwr: 0 });
    clear(msc);
    msc.write32(MON_SEL, select(4, 0));
    expect(msc.read32(MBWU_FLT)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 10, partidMon: 0, pmg: 0, ris: 4, ovrwr: 0 });
  });

  test("identification under an instance above RIS_MAX tells no features and no error (ACS 215)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(4, 0));
    clear(msc);
    const idr = msc.read64(offsetOf("MPAMF_IDR"));
    expect(idr & 0x7dc1_ef00_0000n).toBe(0n);
    expect(idr).toBe(0x0300_0000_1003_001fn);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("an instance missing below RIS_MAX may be selected, and is told when a control of it is used", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(1, 6));
    expect(msc.read32(PART_SEL)).toBe(select(1, 6));
    expect(syndrome(msc)).toEqual(NOTHING);
    expect(msc.read32(CPBM)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 6, pmg: 0, ris: 1, ovrwr: 0 });
    clear(msc);
    msc.write32(CMAX, 0);
    expect(syndrome(msc)).toEqual({ code: 8, partidMon: 6, pmg: 0, ris: 1, ovrwr: 0 });
  });

  test("a control that the selected instance lacks reads 0, takes no write and is told (ACS 209)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, select(2, 5));
    expect(msc.read32(CPBM)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 9, partidMon: 5, pmg: 0, ris: 2, ovrwr: 0 });
    msc.write32(CPBM, 0);
    expect(syndrome(msc)).toEqual({ code: 9, partidMon: 5, pmg: 0, ris: 2, ovrwr: 1 });
    expect(msc.read32(CMAX)).toBe(0xff00);
  });

  test("a control that no instance has is merely absent", async () => {
    const msc = await create(sparse());
    msc.write32(offsetOf("MPAMCFG_MBW_MAX"), 1);
    expect(msc.read32(offsetOf("MPAMCFG_MBW_MAX"))).toBe(0);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a monitor instance above RIS_MAX is told at the selection (ACS 210)", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, select(4, 1));
    expect(syndrome(msc)).toEqual({ code: 10, partidMon: 1, pmg: 0, ris: 4, ovrwr: 0 });
    expect(msc.read32(MON_SEL)).toBe(select(4, 1));
    expect(syndrome(msc)).toEqual({ code: 10, partidMon: 1, pmg: 0, ris: 4, ovrwr: 0 });
  });

  test("a monitor instance missing below RIS_MAX is told when a monitor of it is used", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, select(1, 0));
    expect(syndrome(msc)).toEqual(NOTHING);
    expect(msc.read32(CSU_CTL)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 10, partidMon: 0, pmg: 0, ris: 1, ovrwr: 0 });
  });

  test("a monitor type that the selected instance lacks reads 0 and is told (ACS 211)", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, select(3, 0));
    expect(msc.read32(CSU_CTL)).toBe(0x43);
    expect(syndrome(msc)).toEqual(NOTHING);
    expect(msc.read32(MBWU_CTL)).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 11, partidMon: 0, pmg: 0, ris: 3, ovrwr: 0 });
    clear(msc);
    msc.write32(MON_SEL, select(2, 0));
    expect(msc.read32(CSU_FLT)).toBe(0);
    expect(syndrome(msc)).toMatchObject({ code: 11, partidMon: 0, pmg: 0, ris: 2 });
  });

  test("a monitor register that no instance has is merely absent", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 1 } },
      { ris: 1, mbwu: { monitors: 1, counter: 31, rwbw: false } },
    ] as const;
    const msc = await create(cacheConfig({ ris }));
    msc.write64(offsetOf("MSMON_MBWU_L"), 5n);
    expect(msc.read64(offsetOf("MSMON_MBWU_L"))).toBe(0n);
    expect(syndrome(msc)).toEqual(NOTHING);
    const without = await create(cacheConfig({ ris: [ris[0]] }));
    expect(without.read32(MBWU_CTL)).toBe(0);
    expect(syndrome(without)).toEqual(NOTHING);
  });

  test("a long counter that an instance lacks and another has is absent there, and told where the type is missing", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 1 } },
      { ris: 1, mbwu: { monitors: 1, counter: 31, rwbw: false } },
      { ris: 2, mbwu: { monitors: 1, counter: 63, rwbw: false } },
    ] as const;
    const msc = await create(cacheConfig({ ris }));
    msc.write32(MON_SEL, select(1, 0));
    expect(msc.read64(offsetOf("MSMON_MBWU_L"))).toBe(0n);
    expect(syndrome(msc)).toEqual(NOTHING);
    msc.write32(MON_SEL, select(0, 0));
    expect(msc.read32(offsetOf("MSMON_MBWU_L"))).toBe(0);
    expect(syndrome(msc)).toEqual({ code: 11, partidMon: 0, pmg: 0, ris: 0, ovrwr: 0 });
  });

  test("a monitor index that no type reaches is told at the selection and not kept (ACS 205)", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, 3);
    msc.write32(MON_SEL, 4 + 2 + 1);
    expect(syndrome(msc)).toEqual({ code: 5, partidMon: 7, pmg: 0, ris: 0, ovrwr: 0 });
    expect(msc.read32(MON_SEL)).toBe(3);
  });

  test("with an index refused, the instance part of the selector is kept", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, select(3, 1));
    expect(syndrome(msc)).toEqual({ code: 5, partidMon: 1, pmg: 0, ris: 3, ovrwr: 0 });
    expect(msc.read32(MON_SEL)).toBe(select(3, 0));
  });

  test("an index that one type has and the other has not is told when the other is used", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, 2);
    expect(msc.read32(CSU_CTL)).toBe(0x43);
    expect(syndrome(msc)).toEqual(NOTHING);
    msc.write32(MBWU, 77);
    expect(syndrome(msc)).toEqual({ code: 5, partidMon: 2, pmg: 0, ris: 0, ovrwr: 0 });
    expect(msc.read32(MBWU)).toBe(0);
  });

  test("a filter out of range is told when it is written, and kept (ACS 203)", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, 4 + 2 - 1);
    clear(msc);
    msc.write32(CSU_FLT, 32);
    expect(syndrome(msc)).toEqual({ code: 3, partidMon: 32, pmg: 0, ris: 0, ovrwr: 0 });
    expect(msc.read32(CSU_FLT)).toBe(32);
    clear(msc);
    msc.write32(MBWU_FLT, 0x8004_001f);
    expect(syndrome(msc)).toEqual({ code: 3, partidMon: 31, pmg: 4, ris: 0, ovrwr: 0 });
    expect(msc.read32(MBWU_FLT)).toBe(0x8004_001f);
    clear(msc);
    msc.write32(CSU_FLT, 0x0003_001f);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a filter error of another instance tells which", async () => {
    const msc = await create(sparse());
    msc.write32(MON_SEL, select(3, 0));
    msc.write32(CSU_FLT, 0x00ff_ffff);
    expect(syndrome(msc)).toEqual({ code: 3, partidMon: 0xffff, pmg: 0xff, ris: 3, ovrwr: 0 });
  });

  test("a second error overwrites the first and says so (ACS 217)", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, 40);
    expect(syndrome(msc)).toEqual({ code: 1, partidMon: 40, pmg: 0, ris: 0, ovrwr: 0 });
    msc.write32(MON_SEL, 0);
    msc.write32(MBWU_FLT, 0x0001_0040);
    expect(syndrome(msc)).toEqual({ code: 3, partidMon: 0x40, pmg: 1, ris: 0, ovrwr: 1 });
    msc.write32(ESR, 0);
    msc.write32(PART_SEL, 41);
    expect(syndrome(msc)).toEqual({ code: 1, partidMon: 41, pmg: 0, ris: 0, ovrwr: 0 });
  });

  test("an error is recorded whether or not its interrupt is enabled, and enabling raises it", async () => {
    const msc = await create(sparse());
    msc.write32(PART_SEL, 40);
    expect(msc.interrupts()).toEqual([]);
    msc.write32(ECR, 1);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
    msc.write32(ECR, 0);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 0 }]);
  });

  test("the error interrupt stays up until the code is cleared", async () => {
    const msc = await create(sparse());
    msc.write32(ECR, 1);
    msc.write32(PART_SEL, 40);
    msc.write32(PART_SEL, 41);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
    msc.write32(ESR + 4, 0);
    expect(msc.interrupts()).toEqual([]);
    msc.write32(ESR, 0x8000_0000);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 0 }]);
    expect(syndrome(msc)).toEqual({ code: 0, partidMon: 0, pmg: 0, ris: 0, ovrwr: 1 });
  });

  test("a code that software writes raises the interrupt like any other (ACS 212)", async () => {
    const msc = await create(sparse());
    msc.write32(ECR, 1);
    msc.write32(ESR, 0x0100_0000);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
    msc.write32(ESR, 0);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 0 }]);
  });

  test("a read can be an error and raise the interrupt", async () => {
    const msc = await create(sparse());
    msc.write32(ECR, 1);
    msc.write32(PART_SEL, select(2, 0));
    expect(msc.interrupts()).toEqual([]);
    msc.read32(CPBM);
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
  });

  test("every request with a PARTID out of range is told in the bank of its space", async () => {
    const msc = await create(sparse());
    msc.write32(ECR, 1, "s");
    msc.setLabel(0, "all", { space: "s", partid: 20, pmg: 1 });
    msc.run(reads([1, 2, 3]));
    expect(syndrome(msc, "s")).toEqual({ code: 2, partidMon: 20, pmg: 1, ris: 0, ovrwr: 1 });
    expect(syndrome(msc, "ns")).toEqual(NOTHING);
    expect(msc.interrupts().map(({ kind, level }) => ({ kind, level }))).toEqual([{ kind: "error", level: 1 }]);
    msc.run(reads([1]));
    expect(syndrome(msc, "s")).toEqual({ code: 2, partidMon: 20, pmg: 1, ris: 0, ovrwr: 1 });
  });

  test("in 1.0 the selectors have no instance bits and nothing is told about them", async () => {
    const msc = await create(cacheConfig({ version: "1.0" }));
    msc.write32(PART_SEL, select(4, 3));
    msc.write32(MON_SEL, select(4, 3));
    expect([msc.read32(PART_SEL), msc.read32(MON_SEL)]).toEqual([3, 3]);
    expect(msc.read32(ESR)).toBe(0);
    msc.write32(PART_SEL, 32);
    expect(msc.read32(ESR)).toBe(0x0100_0020);
  });
});
