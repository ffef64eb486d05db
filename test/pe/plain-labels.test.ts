// Labels: the steps of 7.4 of the register reference, worked out by hand.

import { describe, expect, test } from "vitest";
import type { ExceptionLevel, PeLabel, PeProfile, RequestKind } from "../helpers/pe-subject.ts";
import { peImplementations } from "../helpers/pe-subjects.ts";
import {
  type Cpu,
  choosing,
  cpuWith,
  E2H,
  labels,
  MPAMEN,
  type Name,
  NONSECURE,
  REALM,
  SECURE,
  SECURE_EL2,
  TGE,
} from "./cpu.ts";

const GSTAPP_PLK = 0x100n;
const EL1_VPMEN = 0x2n;
const EL0_VPMEN = 0x1n;

/** Another label in every field: the PARTID names the register and the half. */
const EACH: Partial<Record<Name, bigint>> = {
  MPAM0_EL1: labels(10, 0, 11, 1),
  MPAM1_EL1: labels(12, 1, 13, 0),
  MPAM2_EL2: labels(14, 2, 15, 3),
  MPAM3_EL3: MPAMEN + labels(16, 3, 17, 2),
};

function ns(partid: number, pmg: number, flawed = false): PeLabel {
  return { space: "ns", partid, pmg, flawed };
}

function partidOf(cpu: Cpu, el: ExceptionLevel, kind: RequestKind = "data"): number {
  return cpu.subject.label(el, kind).partid;
}

describe.each(peImplementations)("$name: step 1, MPAMEN of the highest EL", (implementation) => {
  test.each<[string, Partial<PeProfile>, Name]>([
    ["EL3", {}, "MPAM3_EL3"],
    ["EL2", { el3: false }, "MPAM2_EL2"],
    ["EL1", { el2: false, el3: false, vpmrMax: "none" }, "MPAM1_EL1"],
  ])("of %s decides for all", async (_, has, register) => {
    const cpu = await cpuWith(implementation, has);
    cpu.set({ MPAM0_EL1: labels(1, 1), MPAM1_EL1: MPAMEN + labels(1, 1) });
    cpu.set({ [register]: MPAMEN + labels(1, 1) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(1, 1));
    cpu.set({ [register]: labels(1, 1) });
    for (const el of [0, 1] as const) expect(cpu.subject.label(el, "data")).toEqual(ns(0, 0));
  });

  test("while it is 0 nothing is flawed", async () => {
    const cpu = await cpuWith(implementation);
    cpu.set({ MPAM1_EL1: labels(0xffff, 0xff), MPAM3_EL3: 0n });
    expect(cpu.subject.label(1, "data")).toEqual(ns(0, 0));
  });

  test("a cpu without MPAM sends PARTID 0 in the space of its state", async () => {
    const cpu = await cpuWith(implementation, { version: "none", vpmrMax: "none" });
    expect([0, 1, 2, 3].map((el) => cpu.subject.label(el as ExceptionLevel, "data").space)).toEqual([
      "ns",
      "ns",
      "ns",
      "s",
    ]);
    cpu.set({ SCR_EL3: SECURE });
    expect(cpu.subject.label(1, "fetch")).toEqual({ space: "s", partid: 0, pmg: 0, flawed: false });
  });
});

describe.each(peImplementations)("$name: steps 2 and 4, where a label comes from", (implementation) => {
  test("each EL has its register, data the D fields, fetches the I fields", async () => {
    const cpu = await cpuWith(implementation);
    cpu.set(EACH);
    expect(cpu.subject.label(0, "data")).toEqual(ns(10, 0));
    expect(cpu.subject.label(0, "fetch")).toEqual(ns(11, 1));
    expect(cpu.subject.label(1, "data")).toEqual(ns(12, 1));
    expect(cpu.subject.label(1, "fetch")).toEqual(ns(13, 0));
    expect(cpu.subject.label(2, "data")).toEqual(ns(14, 2));
    expect(cpu.subject.label(2, "fetch")).toEqual(ns(15, 3));
    expect(cpu.subject.label(3, "data")).toEqual({ ...ns(16, 3), space: "s" });
    expect(cpu.subject.label(3, "fetch")).toEqual({ ...ns(17, 2), space: "s" });
  });

  test.each<[string, bigint, bigint, bigint, number]>([
    ["EL0 has MPAM1's", NONSECURE, 0n, GSTAPP_PLK, 12],
    ["not with TGE", NONSECURE, TGE, GSTAPP_PLK, 10],
    ["not with E2H and TGE", NONSECURE, E2H + TGE, GSTAPP_PLK, 10],
    ["with E2H alone it has", NONSECURE, E2H, GSTAPP_PLK, 12],
    ["not where EL2 is not enabled", SECURE, 0n, GSTAPP_PLK, 10],
    ["in Secure state with EEL2 it has", SECURE_EL2, 0n, GSTAPP_PLK, 12],
  ])("with GSTAPP_PLK: %s", async (_, scr, hcr, mpamhcr, expected) => {
    const cpu = await cpuWith(implementation);
    cpu.set({ ...EACH, SCR_EL3: scr, HCR_EL2: hcr, MPAMHCR_EL2: mpamhcr });
    expect(partidOf(cpu, 0)).toBe(expected);
    expect(partidOf(cpu, 0, "fetch")).toBe(expected + 1);
  });

  test("streaming data has MPAMSM_EL1's at every EL, where there is SME and it is chosen", async () => {
    const cpu = await cpuWith(implementation, { sme: true });
    cpu.set({ ...EACH, MPAMSM_EL1: labels(18, 1) });
    expect([0, 1, 2, 3].map((el) => partidOf(cpu, el as ExceptionLevel, "streaming"))).toEqual([18, 18, 18, 18]);
    const el = await cpuWith(implementation, { sme: true, ...choosing({ streaming: "el" }) });
    el.set({ ...EACH, MPAMSM_EL1: labels(18, 1) });
    expect([0, 1, 2, 3].map((each) => partidOf(el, each as ExceptionLevel, "streaming"))).toEqual([10, 12, 14, 16]);
    const none = await cpuWith(implementation);
    none.set({ MPAM1_EL1: labels(12, 1) });
    expect(partidOf(none, 1, "streaming")).toBe(12);
  });

  test("what NV2 makes of an access has MPAM2_EL2's D fields, and is never virtual", async () => {
    const cpu = await cpuWith(implementation);
    cpu.set({ ...EACH, MPAMHCR_EL2: EL1_VPMEN, MPAMVPMV_EL2: 0xffff_ffffn });
    expect(cpu.subject.label(1, "nv2")).toEqual(ns(14, 2));
    expect(cpu.subject.label(1, "data")).toEqual(ns(0, 1));
  });
});

describe.each(peImplementations)("$name: step 3, SDEFLT", (implementation) => {
  test("in Secure state only", async () => {
    const cpu = await cpuWith(implementation, { sdeflt: true });
    cpu.set({ ...EACH, MPAM1_EL1: labels(0xffff, 0xff), MPAM3_EL3: 0xa000_0000_0000_0000n + labels(16, 3) });
    const zero = { space: "s", partid: 0, pmg: 0, flawed: false };
    expect(cpu.subject.label(3, "data")).toEqual(zero);
    expect(cpu.subject.label(1, "data")).toEqual(ns(0, 0, true));
    expect(partidOf(cpu, 0)).toBe(10);
    cpu.set({ SCR_EL3: SECURE_EL2 });
    for (const el of [0, 1, 2] as const) expect(cpu.subject.label(el, "fetch")).toEqual(zero);
  });

  test("Root is not Secure", async () => {
    const cpu = await cpuWith(implementation, { sdeflt: true, rme: true });
    cpu.set({ ...EACH, MPAM3_EL3: 0xa000_0000_0000_0000n + labels(16, 3) });
    expect(cpu.subject.label(3, "data")).toEqual({ space: "rt", partid: 16, pmg: 3, flawed: false });
    cpu.set({ SCR_EL3: REALM });
    expect(partidOf(cpu, 1)).toBe(12);
    cpu.set({ SCR_EL3: SECURE });
    expect(partidOf(cpu, 1)).toBe(0);
  });
});

describe.each(peImplementations)("$name: steps 5 and 6, virtual PARTIDs", (implementation) => {
  /** Entry n maps to 40 + n; all valid. */
  const MAPPED: Partial<Record<Name, bigint>> = {
    MPAMVPMV_EL2: 0xfffn,
    MPAMVPM0_EL2: 0x002b_002a_0029_0028n,
    MPAMVPM1_EL2: 0x002f_002e_002d_002cn,
    MPAMVPM2_EL2: 0x0033_0032_0031_0030n,
  };
  const guest = async (has: Partial<PeProfile> = {}) => {
    const cpu = await cpuWith(implementation, { vpmrMax: 2, ...has });
    cpu.set({ ...MAPPED, MPAM0_EL1: labels(3, 0), MPAM1_EL1: labels(6, 0), MPAMHCR_EL2: EL1_VPMEN + EL0_VPMEN });
    return cpu;
  };

  test("of three registers, 6 is the third quarter of the second", async () => {
    const cpu = await guest();
    cpu.set({ MPAMVPM1_EL2: 0x0000_0015_0000_0000n });
    expect(partidOf(cpu, 1)).toBe(0x15);
  });

  test.each<[string, bigint, bigint, bigint, [number, number]]>([
    ["both", NONSECURE, 0n, EL1_VPMEN + EL0_VPMEN, [43, 46]],
    ["EL1's", NONSECURE, 0n, EL1_VPMEN, [3, 46]],
    ["EL0's", NONSECURE, 0n, EL0_VPMEN, [43, 6]],
    ["neither", NONSECURE, 0n, 0n, [3, 6]],
    ["both, but EL0 is EL2's", NONSECURE, E2H + TGE, EL1_VPMEN + EL0_VPMEN, [3, 46]],
    ["both, with TGE alone", NONSECURE, TGE, EL1_VPMEN + EL0_VPMEN, [43, 46]],
    ["both, with E2H alone", NONSECURE, E2H, EL1_VPMEN + EL0_VPMEN, [43, 46]],
    ["both, and EL2 not enabled", SECURE, 0n, EL1_VPMEN + EL0_VPMEN, [3, 6]],
    ["both, Secure with EEL2", SECURE_EL2, 0n, EL1_VPMEN + EL0_VPMEN, [43, 46]],
    ["EL1's, with MPAM1 for EL0", NONSECURE, 0n, GSTAPP_PLK + EL1_VPMEN, [46, 46]],
    ["EL0's, with MPAM1 for EL0", NONSECURE, 0n, GSTAPP_PLK + EL0_VPMEN, [6, 6]],
  ])("enabled: %s", async (_, scr, hcr, mpamhcr, expected) => {
    const cpu = await guest();
    cpu.set({ SCR_EL3: scr, HCR_EL2: hcr, MPAMHCR_EL2: mpamhcr });
    expect([partidOf(cpu, 0), partidOf(cpu, 1)]).toEqual(expected);
  });

  test.each<[string, bigint, bigint, number[]]>([
    ["neither", 0n, 0n, [5, 5, 5, 5]],
    ["EL1's", 0n, EL1_VPMEN, [5, 45, 5, 5]],
    ["EL0's", 0n, EL0_VPMEN, [45, 5, 5, 5]],
    ["EL0's, with MPAM1 for EL0", 0n, GSTAPP_PLK + EL0_VPMEN, [45, 5, 5, 5]],
    ["EL1's, with MPAM1 for EL0", 0n, GSTAPP_PLK + EL1_VPMEN, [5, 45, 5, 5]],
    ["both, but EL0 is EL2's", E2H + TGE, EL1_VPMEN + EL0_VPMEN, [5, 45, 5, 5]],
  ])("streaming follows the EL that asks: %s", async (_, hcr, mpamhcr, expected) => {
    const cpu = await guest({ sme: true });
    cpu.set({ MPAMSM_EL1: labels(5, 0), HCR_EL2: hcr, MPAMHCR_EL2: mpamhcr });
    expect([0, 1, 2, 3].map((el) => partidOf(cpu, el as ExceptionLevel, "streaming"))).toEqual(expected);
  });

  test("EL2 and EL3 are never virtual", async () => {
    const cpu = await guest();
    cpu.set({ MPAM2_EL2: labels(5, 0), MPAM3_EL3: MPAMEN + labels(7, 0) });
    expect([partidOf(cpu, 2), partidOf(cpu, 3)]).toEqual([5, 7]);
  });

  test("an entry that is not valid leads to entry 0, and that to physical PARTID 0, without an error", async () => {
    const cpu = await guest();
    cpu.set({ MPAMVPMV_EL2: 0xfbfn });
    expect(cpu.subject.label(1, "data")).toEqual(ns(40, 0));
    cpu.set({ MPAMVPMV_EL2: 0xfben });
    expect(cpu.subject.label(1, "data")).toEqual(ns(0, 0));
    cpu.set({ MPAMVPMV_EL2: 0xffen });
    expect(cpu.subject.label(1, "data")).toEqual(ns(46, 0));
    cpu.set({ MPAMVPMV_EL2: 0xffdn, MPAM1_EL1: labels(1, 0) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(40, 0));
  });

  test.each<["default" | "zero" | "wrap", PeLabel]>([
    ["default", ns(0, 1, true)],
    ["zero", ns(40, 1)],
    // 12 entries: 17 is 5.
    ["wrap", ns(45, 1)],
  ])("beyond the entries: %s", async (virtual, expected) => {
    const cpu = await guest(choosing({ virtual }));
    cpu.set({ MPAM1_EL1: labels(17, 1) });
    expect(cpu.subject.label(1, "data")).toEqual(expected);
    cpu.set({ MPAM1_EL1: labels(11, 1) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(51, 1));
  });
});

describe.each(peImplementations)("$name: step 7, ranges", (implementation) => {
  test("the largest PARTID and PMG are in range", async () => {
    const cpu = await cpuWith(implementation, { partidMax: 20, pmgMax: 2 });
    cpu.set({ MPAM1_EL1: labels(20, 2) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(20, 2));
  });

  test.each<[string, Partial<PeProfile>, [number, number], PeLabel]>([
    ["a PARTID", {}, [21, 1], ns(0, 1, true)],
    ["a PARTID, with PMG 0 for it", choosing({ pmgOfError: "zero" }), [21, 1], ns(0, 0, true)],
    ["a PMG", {}, [5, 3], ns(5, 0, true)],
    ["a PMG, for which there is the largest", choosing({ pmg: "max" }), [5, 3], ns(5, 2, true)],
    ["both", choosing({ pmg: "max" }), [21, 255], ns(0, 2, true)],
    ["both, with PMG 0 for it", choosing({ pmg: "max", pmgOfError: "zero" }), [0xffff, 3], ns(0, 0, true)],
  ])("out of range: %s", async (_, has, [partid, pmg], expected) => {
    const cpu = await cpuWith(implementation, { partidMax: 20, pmgMax: 2, ...has });
    cpu.set({ MPAM1_EL1: labels(partid, pmg) });
    expect(cpu.subject.label(1, "data")).toEqual(expected);
  });

  test("a virtual PARTID above PARTID_MAX is out of range, though it has an entry", async () => {
    const cpu = await cpuWith(implementation, { partidMax: 4 });
    cpu.set({ MPAMHCR_EL2: EL1_VPMEN, MPAMVPMV_EL2: 0xffff_ffffn, MPAMVPM1_EL2: 0x0003_0003_0003_0003n });
    cpu.set({ MPAM1_EL1: labels(4, 0) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(3, 0));
    cpu.set({ MPAM1_EL1: labels(5, 0) });
    expect(cpu.subject.label(1, "data")).toEqual(ns(0, 0, true));
  });

  test.each<["zero" | "max", PeLabel]>([
    ["zero", ns(0, 0, true)],
    ["max", ns(20, 0)],
  ])("a mapped PARTID above PARTID_MAX: %s", async (physical, expected) => {
    const cpu = await cpuWith(implementation, { partidMax: 20, ...choosing({ physical }) });
    cpu.set({ MPAMHCR_EL2: EL1_VPMEN, MPAMVPMV_EL2: 0x1n, MPAMVPM0_EL2: 20n, MPAM1_EL1: 0n });
    expect(cpu.subject.label(1, "data")).toEqual(ns(20, 0));
    cpu.set({ MPAMVPM0_EL2: 21n });
    expect(cpu.subject.label(1, "data")).toEqual(expected);
  });

  test("errors do not change the space", async () => {
    const cpu = await cpuWith(implementation);
    cpu.set({ SCR_EL3: SECURE, MPAM1_EL1: labels(0xffff, 0) });
    expect(cpu.subject.label(1, "data")).toEqual({ space: "s", partid: 0, pmg: 0, flawed: true });
  });
});
