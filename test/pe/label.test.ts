// Which label a request carries (register reference 7.4 and 7.5), step by step and row by row; all combinations are compared in
// compare.test.ts.

import { describe, expect, test } from "vitest";
import {
  fieldGet,
  GENERATED_ALTERNATIVE,
  GENERATED_DISABLED,
  GENERATED_ENTRY,
  GENERATED_ENTRY_INVALID,
  GENERATED_ERROR_PARTID,
  GENERATED_ERROR_PHYSICAL,
  GENERATED_ERROR_PMG,
  GENERATED_ERROR_VIRTUAL,
  GENERATED_FORCED_NS,
  GENERATED_MAPPED,
  GENERATED_NO_MPAM,
  GENERATED_PHYSICAL_CAPPED,
  GENERATED_SDEFLT,
  GENERATED_SOURCE,
  GENERATED_STATE,
  GENERATED_VIRTUAL,
  GENERATED_VIRTUAL_MOVED,
  GENERATED_ZERO_INVALID,
} from "../../assembly/regs/index.ts";
import type { ExceptionLevel, RequestKind } from "../../src/machine/index.ts";
import { Cpu, EARLY, EL1_HIGHEST, EL2_HIGHEST, WHOLE } from "./cpus.ts";
import { machineOf } from "./hardware.ts";

/** Every register has a PARTID and a PMG of its own: data 10 + n and n mod 4 for MPAM<n>, fetches 20 + n. MPAMSM_EL1 has 15. */
const LABELS = {
  MPAM0_EL1: { PARTID_D: 10, PMG_D: 0, PARTID_I: 20, PMG_I: 1 },
  MPAM1_EL1: { PARTID_D: 11, PMG_D: 1, PARTID_I: 21, PMG_I: 2 },
  MPAM2_EL2: { PARTID_D: 12, PMG_D: 2, PARTID_I: 22, PMG_I: 3 },
  MPAM3_EL3: { MPAMEN: 1, PARTID_D: 13, PMG_D: 3, PARTID_I: 23, PMG_I: 0 },
  MPAMSM_EL1: { PARTID_D: 15, PMG_D: 2 },
};

/** Entries 0 to 31 lead to 40 less than their number, downwards: entry 10 to 30, and so on. */
const ENTRIES = Object.fromEntries(
  [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [
    `MPAMVPM${n}_EL2`,
    Object.fromEntries([0, 1, 2, 3].map((i) => [`PhyPARTID${4 * n + i}`, 40 - (4 * n + i)])),
  ]),
);
const VALID = { MPAMVPMV_EL2: { VPM_V: 0xffff_ffffn }, ...ENTRIES };

async function labelled(profile: object = WHOLE): Promise<Cpu> {
  return (await Cpu.of(profile)).set(LABELS);
}

function of(cpu: Cpu, el: ExceptionLevel, kind: RequestKind = "data") {
  const { space, partid, pmg, flawed } = cpu.registers.label({ el, kind });
  return [space, partid, pmg, flawed];
}

function steps(cpu: Cpu, el: ExceptionLevel, kind: RequestKind = "data"): number {
  return cpu.registers.label({ el, kind }).steps;
}

const ELS = [0, 1, 2, 3] as const;
const KINDS = ["data", "fetch", "streaming", "nv2"] as const;

describe("7.4, step 1: MPAMEN of the highest exception level", () => {
  test("while it is 0, PARTID 0 and PMG 0 in the space of 7.5, and nothing is flawed", async () => {
    const cpu = (await labelled()).set({ MPAM3_EL3: { MPAMEN: 0, PARTID_D: 13, ALTSP_EL3: 1 } });
    for (const kind of KINDS)
      expect(ELS.map((el) => of(cpu, el, kind))).toEqual([...Array(3).fill(["ns", 0, 0, false]), ["s", 0, 0, false]]);
    expect(steps(cpu, 0) & GENERATED_DISABLED).not.toBe(0);
  });

  test("it is that of MPAM2_EL2 without EL3, and of MPAM1_EL1 without EL2", async () => {
    const { MPAM3_EL3: _, ...low } = LABELS;
    const el2 = (await Cpu.of(EL2_HIGHEST)).set({ ...low, MPAM2_EL2: { ...low.MPAM2_EL2, MPAMEN: 1 } });
    expect([of(el2, 0), of(el2, 2)]).toEqual([
      ["ns", 10, 0, false],
      ["ns", 12, 2, false],
    ]);
    el2.set({ MPAM2_EL2: low.MPAM2_EL2 });
    expect([of(el2, 0), of(el2, 2)]).toEqual(Array(2).fill(["ns", 0, 0, false]));
    const { MPAM2_EL2: __, ...lowest } = low;
    const el1 = (await Cpu.of(EL1_HIGHEST)).set(lowest);
    expect(of(el1, 1)).toEqual(["ns", 0, 0, false]);
    el1.set({ MPAM1_EL1: { ...low.MPAM1_EL1, MPAMEN: 1 } });
    expect(of(el1, 1)).toEqual(["ns", 11, 1, false]);
  });

  test("a cpu without MPAM sends PARTID 0 and PMG 0 in the space of its security state", async () => {
    const cpu = await Cpu.of({ ...WHOLE, version: "none" });
    expect(ELS.map((el) => of(cpu, el))).toEqual([...Array(3).fill(["ns", 0, 0, false]), ["rt", 0, 0, false]]);
    cpu.set({ SCR_EL3: { NS: 1, NSE: 1 } });
    expect(of(cpu, 1)).toEqual(["rl", 0, 0, false]);
    expect(steps(cpu, 1) & GENERATED_NO_MPAM).not.toBe(0);
  });
});

describe("7.4, step 2: the register", () => {
  test("EL3 MPAM3, EL2 MPAM2, EL1 MPAM1, EL0 MPAM0", async () => {
    const cpu = await labelled();
    expect(ELS.map((el) => of(cpu, el))).toEqual([
      ["ns", 10, 0, false],
      ["ns", 11, 1, false],
      ["ns", 12, 2, false],
      ["rt", 13, 3, false],
    ]);
    expect(ELS.map((el) => fieldGet(GENERATED_SOURCE, steps(cpu, el)))).toEqual([0, 1, 2, 3]);
  });

  test("EL0 takes MPAM1 with GSTAPP_PLK = 1, TGE = 0 and EL2 enabled", async () => {
    const cpu = (await labelled()).set({ MPAMHCR_EL2: { GSTAPP_PLK: 1 } });
    expect(of(cpu, 0)).toEqual(["ns", 11, 1, false]);
    expect(of(cpu, 0, "fetch")).toEqual(["ns", 21, 2, false]);
    cpu.set({ HCR_EL2: { TGE: 1 } });
    expect(of(cpu, 0)).toEqual(["ns", 10, 0, false]);
    cpu.set({ HCR_EL2: {}, SCR_EL3: { NS: 0, EEL2: 0 } });
    expect(of(cpu, 0)).toEqual(["s", 10, 0, false]);
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect(of(cpu, 0)).toEqual(["s", 11, 1, false]);
  });

  test("streaming data takes MPAMSM at every exception level, or is data as other on another part", async () => {
    const cpu = await labelled();
    expect(ELS.map((el) => of(cpu, el, "streaming").slice(1, 3))).toEqual(Array(4).fill([15, 2]));
    expect(fieldGet(GENERATED_SOURCE, steps(cpu, 1, "streaming"))).toBe(4);
    for (const profile of [
      { ...WHOLE, unpredictable: { streaming: "el" } },
      { ...WHOLE, sme: false },
    ]) {
      const { MPAMSM_EL1: _, ...others } = LABELS;
      const other = (await Cpu.of(profile)).set(others);
      expect(ELS.map((el) => of(other, el, "streaming")[1])).toEqual([10, 11, 12, 13]);
    }
  });
});

describe("7.4, step 3: SDEFLT", () => {
  test("makes PARTID 0 and PMG 0 of all that is Secure, and of nothing else", async () => {
    const { MPAM3_EL3 } = LABELS;
    const cpu = (await labelled(EARLY)).set({ MPAM3_EL3: { ...MPAM3_EL3, SDEFLT: 1, PMG_D: 200 } });
    expect(ELS.map((el) => of(cpu, el))).toEqual([
      ["ns", 10, 0, false],
      ["ns", 11, 1, false],
      ["ns", 12, 2, false],
      ["s", 0, 0, false],
    ]);
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect(ELS.map((el) => of(cpu, el))).toEqual(Array(4).fill(["s", 0, 0, false]));
    expect(steps(cpu, 1) & GENERATED_SDEFLT).not.toBe(0);
  });

  test("with RME EL3 is Root, and Realm is not Secure", async () => {
    const cpu = (await labelled()).set({ MPAM3_EL3: { ...LABELS.MPAM3_EL3, SDEFLT: 1 }, SCR_EL3: { NS: 1, NSE: 1 } });
    expect([of(cpu, 1)[1], of(cpu, 3)[1]]).toEqual([11, 13]);
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect([of(cpu, 1)[1], of(cpu, 3)[1]]).toEqual([0, 13]);
  });
});

describe("7.4, step 4: data and instructions", () => {
  test("fetches take the I fields, all else the D fields", async () => {
    const cpu = await labelled();
    expect(ELS.map((el) => of(cpu, el, "fetch").slice(1, 3))).toEqual([
      [20, 1],
      [21, 2],
      [22, 3],
      [23, 0],
    ]);
  });

  test("accesses that NV2 made take the D fields of MPAM2, and are never virtual", async () => {
    const cpu = (await labelled()).set({ ...VALID, MPAMHCR_EL2: { EL1_VPMEN: 1, EL0_VPMEN: 1 } });
    expect(of(cpu, 1, "nv2")).toEqual(["ns", 12, 2, false]);
    // NV2 makes none elsewhere: they are data.
    expect(of(cpu, 0, "nv2")).toEqual(of(cpu, 0));
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 0 } });
    expect(of(cpu, 1, "nv2")).toEqual(["s", 11, 1, false]);
  });
});

describe("7.4, step 5: virtual PARTIDs", () => {
  const at = async (hcr: object, more: Parameters<Cpu["set"]>[0] = {}) =>
    (await labelled()).set({ ...VALID, MPAMHCR_EL2: { ...hcr }, ...more });

  test("EL1_VPMEN makes EL1's virtual, and EL0_VPMEN EL0's", async () => {
    const el1 = await at({ EL1_VPMEN: 1 });
    expect(ELS.map((el) => of(el1, el)[1])).toEqual([10, 40 - 11, 12, 13]);
    expect(of(el1, 1, "fetch")[1]).toBe(40 - 21);
    const el0 = await at({ EL0_VPMEN: 1 });
    expect(ELS.map((el) => of(el0, el)[1])).toEqual([40 - 10, 11, 12, 13]);
    expect(steps(el0, 0) & GENERATED_VIRTUAL).not.toBe(0);
    expect(steps(el0, 1) & GENERATED_VIRTUAL).toBe(0);
  });

  test("a label that EL0 took from MPAM1 is virtual by EL1_VPMEN", async () => {
    expect(of(await at({ GSTAPP_PLK: 1, EL1_VPMEN: 1 }), 0)[1]).toBe(40 - 11);
    expect(of(await at({ GSTAPP_PLK: 1, EL0_VPMEN: 1 }), 0)[1]).toBe(11);
  });

  test("EL0 of a host is never virtual: E2H, TGE = 1, 1", async () => {
    for (const [E2H, TGE, partid] of [
      [0, 0, 30],
      [0, 1, 30],
      [1, 0, 30],
      [1, 1, 10],
    ] as const) {
      expect([E2H, TGE, of(await at({ EL0_VPMEN: 1 }, { HCR_EL2: { E2H, TGE } }), 0)[1]]).toEqual([E2H, TGE, partid]);
    }
  });

  test("nothing is virtual where EL2 is not enabled", async () => {
    const cpu = await at({ EL1_VPMEN: 1, EL0_VPMEN: 1 }, { SCR_EL3: { NS: 0, EEL2: 0 } });
    expect([of(cpu, 0)[1], of(cpu, 1)[1]]).toEqual([10, 11]);
  });

  test("MPAMSM's is virtual as that of its exception level", async () => {
    const streaming = (cpu: Cpu) => ELS.map((el) => of(cpu, el, "streaming")[1]);
    expect(streaming(await at({ EL1_VPMEN: 1 }))).toEqual([15, 25, 15, 15]);
    expect(streaming(await at({ EL0_VPMEN: 1 }))).toEqual([25, 15, 15, 15]);
    expect(streaming(await at({ EL0_VPMEN: 1, GSTAPP_PLK: 1 }))).toEqual([25, 15, 15, 15]);
    expect(streaming(await at({ EL1_VPMEN: 1, GSTAPP_PLK: 1 }))).toEqual([15, 25, 15, 15]);
    expect(streaming(await at({ EL0_VPMEN: 1 }, { HCR_EL2: { E2H: 1, TGE: 1 } }))).toEqual([15, 15, 15, 15]);
  });
});

describe("7.4, step 6: entries", () => {
  const mapped = async (partid: number, more: Parameters<Cpu["set"]>[0], profile: object = WHOLE) =>
    (await Cpu.of(profile)).set({
      ...{ MPAM1_EL1: { PARTID_D: partid, PMG_D: 1 }, MPAMHCR_EL2: { EL1_VPMEN: 1 } },
      ...more,
    });

  test("with VPMR_MAX 2 there are 12 entries, and virtual PARTID 6 is MPAMVPM1_EL2[47:32]", async () => {
    const cpu = await mapped(6, { MPAMVPMV_EL2: { VPM_V: 1 << 6 } }, { ...WHOLE, vpmrMax: 2 });
    cpu.registers.poke("MPAMVPM1_EL2", 0x0001_0023_0002_0003n);
    expect(of(cpu, 1)).toEqual(["ns", 0x23, 1, false]);
    expect(fieldGet(GENERATED_ENTRY, steps(cpu, 1))).toBe(6);
    expect(steps(cpu, 1) & GENERATED_MAPPED).not.toBe(0);
  });

  test("entry 31 is the last of MPAMVPM7_EL2", async () => {
    const cpu = await mapped(31, { MPAMVPMV_EL2: { VPM_V: 0x8000_0000n }, MPAMVPM7_EL2: { PhyPARTID31: 9 } });
    expect(of(cpu, 1)).toEqual(["ns", 9, 1, false]);
  });

  test("an entry that is not valid leads to entry 0, and if that is not either to physical PARTID 0, without an error", async () => {
    const cpu = await mapped(6, { MPAMVPMV_EL2: { VPM_V: 1 }, MPAMVPM0_EL2: { PhyPARTID0: 33 } });
    expect(of(cpu, 1)).toEqual(["ns", 33, 1, false]);
    expect(steps(cpu, 1) & (GENERATED_ENTRY_INVALID | GENERATED_ZERO_INVALID)).toBe(GENERATED_ENTRY_INVALID);
    cpu.set({ MPAMVPMV_EL2: { VPM_V: 0 } });
    expect(of(cpu, 1)).toEqual(["ns", 0, 1, false]);
    expect(steps(cpu, 1) & GENERATED_ZERO_INVALID).not.toBe(0);
    cpu.set({ MPAM1_EL1: { PARTID_D: 0, PMG_D: 1 } });
    expect(of(cpu, 1)).toEqual(["ns", 0, 1, false]);
  });

  test.each([
    ["default", 0, true, GENERATED_ERROR_VIRTUAL],
    // Virtual PARTID 0, and 14 modulo 12.
    ["zero", 40, false, GENERATED_VIRTUAL_MOVED],
    ["wrap", 38, false, GENERATED_VIRTUAL_MOVED],
  ])("a virtual PARTID above 4*VPMR_MAX+3, `virtual: %s`", async (virtual, partid, flawed, step) => {
    const profile = { ...WHOLE, vpmrMax: 2, unpredictable: { virtual } };
    const { MPAMVPM0_EL2, MPAMVPM1_EL2, MPAMVPM2_EL2 } = ENTRIES as Record<string, Record<string, number>>;
    const valid = { MPAMVPMV_EL2: { VPM_V: 0xfff }, MPAMVPM0_EL2, MPAMVPM1_EL2, MPAMVPM2_EL2 };
    const cpu = await mapped(14, valid as Parameters<Cpu["set"]>[0], profile);
    expect(of(cpu, 1)).toEqual(["ns", partid, 1, flawed]);
    expect(steps(cpu, 1) & (GENERATED_ERROR_VIRTUAL | GENERATED_VIRTUAL_MOVED)).toBe(step);
    // 12 has none, and is a multiple of 12.
    cpu.set({ MPAM1_EL1: { PARTID_D: 12, PMG_D: 1 } });
    expect(of(cpu, 1)).toEqual(["ns", virtual === "default" ? 0 : 40, 1, flawed]);
    // 11 is the last that has an entry.
    cpu.set({ MPAM1_EL1: { PARTID_D: 11, PMG_D: 1 } });
    expect(of(cpu, 1)).toEqual(["ns", 40 - 11, 1, false]);
  });
});

describe("7.4, step 7: ranges", () => {
  const el1 = async (fields: Readonly<Record<string, number>>, unpredictable: object = {}) =>
    (await Cpu.of({ ...WHOLE, unpredictable })).set({ MPAM1_EL1: fields });

  test("PARTID_MAX is in range, and one above is PARTID 0 with an error in the same space", async () => {
    expect(of(await el1({ PARTID_D: 63 }), 1)).toEqual(["ns", 63, 0, false]);
    const cpu = await el1({ PARTID_D: 64, PMG_D: 2 });
    expect(of(cpu, 1)).toEqual(["ns", 0, 2, true]);
    expect(steps(cpu, 1) & GENERATED_ERROR_PARTID).not.toBe(0);
  });

  test("a virtual PARTID above PARTID_MAX never reaches an entry, though there be one", async () => {
    const profile = { ...WHOLE, partidMax: 7 };
    const cpu = (await Cpu.of(profile)).set({
      ...{ MPAM1_EL1: { PARTID_D: 8 }, MPAMHCR_EL2: { EL1_VPMEN: 1 }, MPAMVPMV_EL2: { VPM_V: 0x1ff } },
      ...{ MPAMVPM2_EL2: { PhyPARTID8: 5 }, MPAMVPM0_EL2: { PhyPARTID0: 4 } },
    });
    expect(of(cpu, 1)).toEqual(["ns", 0, 0, true]);
    expect(steps(cpu, 1) & GENERATED_MAPPED).toBe(0);
  });

  test.each([
    ["zero", 0, true, GENERATED_ERROR_PHYSICAL],
    ["max", 63, false, GENERATED_PHYSICAL_CAPPED],
  ])("a physical PARTID above PARTID_MAX, `physical: %s`", async (physical, partid, flawed, step) => {
    const cpu = (await el1({ PARTID_D: 3 }, { physical })).set({
      ...{ MPAMHCR_EL2: { EL1_VPMEN: 1 }, MPAMVPMV_EL2: { VPM_V: 8 }, MPAMVPM0_EL2: { PhyPARTID3: 64 } },
    });
    expect(of(cpu, 1)).toEqual(["ns", partid, 0, flawed]);
    expect(steps(cpu, 1) & (GENERATED_ERROR_PHYSICAL | GENERATED_PHYSICAL_CAPPED)).toBe(step);
  });

  test.each([
    ["zero", 0],
    ["max", 3],
  ])("a PMG above PMG_MAX, `pmg: %s`", async (pmg, sent) => {
    expect(of(await el1({ PARTID_D: 5, PMG_D: 3 }, { pmg }), 1)).toEqual(["ns", 5, 3, false]);
    const cpu = await el1({ PARTID_D: 5, PMG_D: 4 }, { pmg });
    expect(of(cpu, 1)).toEqual(["ns", 5, sent, true]);
    expect(steps(cpu, 1) & GENERATED_ERROR_PMG).not.toBe(0);
  });

  test("the PMG of an error is its own, or 0", async () => {
    expect(of(await el1({ PARTID_D: 64, PMG_D: 2 }, { pmgOfError: "keep" }), 1)).toEqual(["ns", 0, 2, true]);
    expect(of(await el1({ PARTID_D: 64, PMG_D: 9 }, { pmgOfError: "keep", pmg: "max" }), 1)).toEqual([
      "ns",
      0,
      3,
      true,
    ]);
    expect(of(await el1({ PARTID_D: 64, PMG_D: 2 }, { pmgOfError: "zero" }), 1)).toEqual(["ns", 0, 0, true]);
  });
});

/** SCR_EL3 of each security state below EL3. */
const STATES = {
  s: { NS: 0, EEL2: 1 },
  ns: { NS: 1, EEL2: 1 },
  rl: { NS: 1, EEL2: 1, NSE: 1 },
} as const;

const NOBODY: Readonly<Record<string, number>> = {};

describe("7.5, without RME", () => {
  test("Secure to Secure, Non-secure to Non-secure", async () => {
    const cpu = await labelled(EARLY);
    expect(ELS.map((el) => of(cpu, el)[0])).toEqual(["ns", "ns", "ns", "s"]);
    cpu.set({ SCR_EL3: STATES.s });
    expect(ELS.map((el) => of(cpu, el)[0])).toEqual(["s", "s", "s", "s"]);
  });

  test("FORCE_NS makes Secure requests Non-secure ones, whether MPAMEN is 1 or not", async () => {
    for (const MPAMEN of [0, 1]) {
      const cpu = (await labelled(EARLY)).set({ SCR_EL3: STATES.s, MPAM3_EL3: { MPAMEN, FORCE_NS: 1 } });
      expect(ELS.map((el) => of(cpu, el)[0])).toEqual(["ns", "ns", "ns", "ns"]);
      expect(steps(cpu, 1) & GENERATED_FORCED_NS).not.toBe(0);
    }
    const always = await Cpu.of({ ...EARLY, forceNs: "rao" });
    expect(of(always, 3)[0]).toBe("ns");
  });

  test("a cpu without EL3 is Non-secure", async () => {
    const cpu = await Cpu.of(EL2_HIGHEST);
    expect([of(cpu, 0)[0], of(cpu, 2)[0]]).toEqual(["ns", "ns"]);
    expect(fieldGet(GENERATED_STATE, steps(cpu, 2))).toBe(1);
  });
});

describe("7.5, with RME, row by row", () => {
  const alternative = async (
    mpam3: Readonly<Record<string, number>>,
    mpam2: Readonly<Record<string, number>> = NOBODY,
    scr: Readonly<Record<string, number>> = STATES.rl,
    hcr: Readonly<Record<string, number>> = NOBODY,
  ) => {
    const cpu = await Cpu.of(WHOLE);
    cpu.set({ MPAM3_EL3: { MPAMEN: 1, ...mpam3 }, MPAM2_EL2: mpam2, SCR_EL3: scr, HCR_EL2: hcr });
    return ELS.map((el) => (steps(cpu, el) & GENERATED_ALTERNATIVE) !== 0);
  };

  test("nothing selected: the space of the security state", async () => {
    const cpu = await labelled();
    for (const [state, scr] of Object.entries(STATES)) {
      cpu.set({ SCR_EL3: scr });
      expect(ELS.map((el) => of(cpu, el)[0])).toEqual([state, state, state, "rt"]);
    }
    // NSE, NS = 1, 0 is reserved, and as Realm.
    cpu.set({ SCR_EL3: { NSE: 1, NS: 0 } });
    expect(of(cpu, 1)[0]).toBe("rl");
  });

  test("EL3: ALTSP_EL3", async () => {
    expect(await alternative({ ALTSP_EL3: 1 })).toEqual([false, false, false, true]);
    expect(await alternative({ ALTSP_EL3: 1, ALTSP_HEN: 1, ALTSP_HFC: 1 })).toEqual([false, false, false, true]);
  });

  test("EL2: HEN = 0 and HFC of EL3, or HEN = 1 and ALTSP_EL2", async () => {
    const el2 = async (...args: Parameters<typeof alternative>) => (await alternative(...args))[2];
    expect(await el2({ ALTSP_HFC: 1 })).toBe(true);
    expect(await el2({ ALTSP_HEN: 1, ALTSP_HFC: 1 })).toBe(false);
    expect(await el2({ ALTSP_HEN: 1 }, { ALTSP_EL2: 1 })).toBe(true);
    expect(await el2({}, { ALTSP_EL2: 1, ALTSP_HFC: 1 })).toBe(false);
    expect(await el2({ ALTSP_HEN: 1 }, { ALTSP_HFC: 1 })).toBe(false);
  });

  test("EL1 and EL0, EL2 enabled: HEN = 0 and HFC of EL3, or HEN = 1 and HFC of EL2", async () => {
    const low = async (...args: Parameters<typeof alternative>) => (await alternative(...args)).slice(0, 2);
    expect(await low({ ALTSP_HFC: 1 })).toEqual([true, true]);
    expect(await low({ ALTSP_HEN: 1, ALTSP_HFC: 1 })).toEqual([false, false]);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_HFC: 1 })).toEqual([true, true]);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_EL2: 1 })).toEqual([false, false]);
    expect(await low({}, { ALTSP_HFC: 1 })).toEqual([false, false]);
  });

  test("EL1 and EL0, EL2 disabled: HEN = 0 and HFC of EL3", async () => {
    const disabled = { NS: 0, EEL2: 0 };
    const low = async (...args: Parameters<typeof alternative>) => (await alternative(...args)).slice(0, 2);
    expect(await low({ ALTSP_HFC: 1 }, NOBODY, disabled)).toEqual([true, true]);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_HFC: 1 }, disabled)).toEqual([false, false]);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_EL2: 1 }, disabled, { E2H: 1, TGE: 1 })).toEqual([false, false]);
  });

  test("EL0 with E2H, TGE = 1, 1: as EL2", async () => {
    const host = { E2H: 1, TGE: 1 };
    const low = async (...args: Parameters<typeof alternative>) => (await alternative(...args)).slice(0, 2);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_EL2: 1 }, STATES.rl, host)).toEqual([true, false]);
    expect(await low({ ALTSP_HEN: 1 }, { ALTSP_HFC: 1 }, STATES.rl, host)).toEqual([false, true]);
    for (const other of [{ E2H: 1 }, { TGE: 1 }]) {
      expect(await low({ ALTSP_HEN: 1 }, { ALTSP_EL2: 1 }, STATES.rl, other)).toEqual([false, false]);
    }
  });

  test("what NV2 made is in the space of EL2", async () => {
    const cpu = (await Cpu.of(WHOLE)).set({
      ...{ MPAM3_EL3: { MPAMEN: 1, ALTSP_HEN: 1 }, MPAM2_EL2: { ALTSP_EL2: 1 }, SCR_EL3: STATES.rl },
    });
    expect([of(cpu, 1)[0], of(cpu, 1, "nv2")[0]]).toEqual(["rl", "ns"]);
  });

  test("Secure and Realm go to Non-secure, Root to Secure or by RT_ALTSP_NS to Non-secure, Non-secure stays", async () => {
    const cpu = await Cpu.of(WHOLE);
    const mpam3 = { MPAMEN: 1, ALTSP_HFC: 1, ALTSP_EL3: 1 };
    for (const scr of Object.values(STATES)) {
      cpu.set({ SCR_EL3: scr, MPAM3_EL3: mpam3 });
      expect(ELS.map((el) => of(cpu, el)[0])).toEqual(["ns", "ns", "ns", "s"]);
      cpu.set({ MPAM3_EL3: { ...mpam3, RT_ALTSP_NS: 1 } });
      expect(of(cpu, 3)[0]).toBe("ns");
    }
  });

  test("while MPAM3.MPAMEN is 0 the fields of MPAM2 count as 0, and those of MPAM3 act", async () => {
    expect(await alternative({ MPAMEN: 0, ALTSP_HEN: 1 }, { ALTSP_HFC: 1, ALTSP_EL2: 1 })).toEqual(
      Array(4).fill(false),
    );
    expect(await alternative({ MPAMEN: 0, ALTSP_HFC: 1, ALTSP_EL3: 1 })).toEqual(Array(4).fill(true));
  });
});

describe("labels of requesters", () => {
  test("are filled for a security state that is named, whatever SCR_EL3 says", async () => {
    const machine = await machineOf({ partidMax: 63, pmgMax: 3, rme: true });
    const { hardware } = machine.inside;
    machine.cpu(0).registers.poke("MPAM1_EL1", 5n * 0x1_0000n + 4n);
    const [S, NS, RT, RL] = [0, 1, 2, 3] as const;
    for (const world of [S, NS, RL]) {
      expect(hardware.fillLabels(1, 0, 1, world)).toBe(true);
      expect(hardware.labelOf(1, 0)).toBe(world * 0x100_0000 + 5);
      expect(hardware.labelOf(1, 2)).toBe(world * 0x100_0000 + 4);
    }
    hardware.fillLabels(1, 0, 3, NS);
    expect(hardware.labelOf(1, 0)).toBe(RT * 0x100_0000);
  });

  test("are not filled when no owner is left for one", async () => {
    const machine = await machineOf({ partidMax: 63, pmgMax: 3 });
    const { hardware } = machine.inside;
    const { registers } = machine.cpu(0);
    // Two labels a requester, none of them twice; the first is that of owner 0. There are 255 owners.
    const filled = Array.from({ length: 128 }, (_, n) => {
      const pmgs = BigInt(n >> 5) * 0x101n;
      registers.poke("MPAM0_EL1", (pmgs << 32n) + (BigInt((2 * n) % 64) << 16n) + BigInt((2 * n + 1) % 64));
      return hardware.fillLabels(n, 0, 0, 0xffff_ffff);
    });
    expect(filled.indexOf(false)).toBe(127);
  });
});
