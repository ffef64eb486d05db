// Registers, row by row: tables 7.2 and 7.3 of the register reference, and what docs/modelled.md adds.

import { describe, expect, test } from "vitest";
import type { PeProfile } from "../helpers/pe-subject.ts";
import { peImplementations } from "../helpers/pe-subjects.ts";
import { ALL, BANDWIDTH, choosing, cpuWith, ENCODED, MPAMEN, NAMES, type Name, SECURE } from "./cpu.ts";

const ONES = 0xffff_ffff_ffff_ffffn;

const startingWith = (...starts: string[]) => NAMES.filter((name) => starts.some((start) => name.startsWith(start)));
const EL12: Name[] = ["MPAM1_EL12", "MPAMBW1_EL12"];

describe.each(peImplementations)("$name: which registers there are", (implementation) => {
  test.each<[string, Partial<PeProfile>, Name[]]>([
    ["with everything", ALL, EL12],
    ["without SME", { ...ALL, sme: false }, [...EL12, "MPAMSM_EL1", "MPAMBWSM_EL1"]],
    ["without bandwidth control", { ...ALL, bandwidth: "none" }, ["MPAM1_EL12", ...startingWith("MPAMBW")]],
    [
      "without HAS_HCR",
      { ...ALL, vpmrMax: "none" },
      [...EL12, "MPAMHCR_EL2", "MPAMVPMV_EL2", "MPAMBWCAP_EL2", ...startingWith("MPAMVPM")],
    ],
    [
      "with three VPM registers",
      { ...ALL, vpmrMax: 2 },
      [...EL12, "MPAMVPM3_EL2", "MPAMVPM4_EL2", "MPAMVPM5_EL2", "MPAMVPM6_EL2", "MPAMVPM7_EL2"],
    ],
    [
      "without EL3",
      { ...ALL, rme: false, sdeflt: false, el3: false },
      [...EL12, "MPAM3_EL3", "MPAMBW3_EL3", "SCR_EL3"],
    ],
    [
      "without EL2",
      { ...ALL, rme: false, tidr: false, el2: false, vpmrMax: "none" },
      [...EL12, ...NAMES.filter((name) => name.endsWith("_EL2"))],
    ],
    [
      "with EL1 only",
      { bandwidth: BANDWIDTH, sme: true, el2: false, el3: false, vpmrMax: "none" },
      [...EL12, ...NAMES.filter((name) => name.endsWith("_EL2") || name.endsWith("_EL3"))],
    ],
    ["without MPAM", { version: "none", sme: true, vpmrMax: "none" }, startingWith("MPAM")],
  ])("%s", async (_, has, absent) => {
    const cpu = await cpuWith(implementation, has);
    const undefinedNames = NAMES.filter((name) => cpu.read(name, cpu.highest).outcome === "undefined");
    expect(undefinedNames.sort()).toEqual([...new Set(absent)].sort());
  });

  test("no other encoding is defined, at no level", async () => {
    const cpu = await cpuWith(implementation, ALL);
    const known = new Set<number>(Object.values(ENCODED));
    const others: number[] = [];
    for (let encoding = 0; encoding < 2 ** 16; encoding++) {
      if (!known.has(encoding) && cpu.subject.read(encoding, 3).outcome !== "undefined") others.push(encoding);
      if (!known.has(encoding) && cpu.subject.write(encoding, 0n, 3).outcome !== "undefined") others.push(encoding);
    }
    expect(others).toEqual([]);
  });

  test("nothing is defined at EL0", async () => {
    const cpu = await cpuWith(implementation, ALL);
    for (const name of NAMES) expect(cpu.get(name, 0), name).toBe("undefined");
  });

  test("ID registers are not written", async () => {
    const cpu = await cpuWith(implementation, ALL);
    for (const name of ["MPAMIDR_EL1", "MPAMBWIDR_EL1", "ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1"] as const) {
      for (const el of [1, 2, 3] as const) expect(cpu.write(name, 0n, el)).toEqual({ outcome: "undefined" });
    }
  });
});

describe.each(peImplementations)("$name: which bits there are", (implementation) => {
  test.each<[Name, string, Partial<PeProfile>, bigint]>([
    ["MPAM0_EL1", "", ALL, 0x0000_ffff_ffff_ffffn],
    // MPAMEN is that of MPAM3_EL3.
    ["MPAM1_EL1", "", ALL, 0x8000_ffff_ffff_ffffn],
    ["MPAM1_EL1", " without firmware", { ...ALL, firmware: { enables: false, traps: false } }, 0x0000_ffff_ffff_ffffn],
    ["MPAM1_EL1", " with EL1 only", { el2: false, el3: false, vpmrMax: "none" }, 0x8000_ffff_ffff_ffffn],
    ["MPAM2_EL2", "", ALL, 0x8587_ffff_ffff_ffffn],
    ["MPAM2_EL2", " without RME", { ...ALL, rme: false }, 0x8407_ffff_ffff_ffffn],
    ["MPAM2_EL2", " without SME", { ...ALL, sme: false }, 0x8583_ffff_ffff_ffffn],
    ["MPAM2_EL2", " without TIDR", { ...ALL, tidr: false }, 0x8187_ffff_ffff_ffffn],
    ["MPAM2_EL2", " without EL3", { el3: false }, 0x8003_ffff_ffff_ffffn],
    ["MPAM3_EL3", "", ALL, 0xe390_ffff_ffff_ffffn],
    ["MPAM3_EL3", " without SDEFLT", { ...ALL, sdeflt: false }, 0xc390_ffff_ffff_ffffn],
    ["MPAM3_EL3", " of v0.1", { version: "0.1", forceNs: "rw", sdeflt: true }, 0xf000_ffff_ffff_ffffn],
    ["MPAM3_EL3", " of v1.0", { version: "1.0" }, 0xc000_ffff_ffff_ffffn],
    ["MPAMHCR_EL2", "", ALL, 0x8000_0103n],
    ["MPAMVPMV_EL2", " of 32 entries", ALL, 0xffff_ffffn],
    ["MPAMVPMV_EL2", " of 12 entries", { vpmrMax: 2 }, 0xfffn],
    ["MPAMVPMV_EL2", " of 4 entries", { vpmrMax: 0 }, 0xfn],
    ["MPAMVPM2_EL2", "", { ...ALL, partidMax: 20 }, ONES],
    ["MPAMVPM2_EL2", " of 5 bits", { partidMax: 20, ...choosing({ phyPartid: "narrow" }) }, 0x001f_001f_001f_001fn],
    ["MPAMVPM2_EL2", " of 6 bits", { partidMax: 32, ...choosing({ phyPartid: "narrow" }) }, 0x003f_003f_003f_003fn],
    ["MPAMVPM2_EL2", " of no bits", { partidMax: 0, ...choosing({ phyPartid: "narrow" }) }, 0n],
    ["MPAMSM_EL1", "", ALL, 0x0000_ff00_ffff_0000n],
    ["MPAMBW0_EL1", "", ALL, 0xe000_0000_ffff_ff00n],
    ["MPAMBW1_EL1", "", ALL, 0xe000_0000_ffff_ff00n],
    ["MPAMBWSM_EL1", "", ALL, 0xe000_0000_ffff_ff00n],
    ["MPAMBW2_EL2", "", ALL, 0xe01e_0000_ffff_ff00n],
    ["MPAMBW2_EL2", " without SME", { bandwidth: BANDWIDTH }, 0xe01c_0000_ffff_ff00n],
    ["MPAMBW3_EL3", "", ALL, 0xe002_0000_ffff_ff00n],
    ["MPAMBWCAP_EL2", "", ALL, 0xc000_0000_ffff_ff00n],
    ["MPAMBW0_EL1", " without scaling", { bandwidth: { ...BANDWIDTH, hwScale: false } }, 0x6000_0000_0000_ff00n],
    ["MPAMBW0_EL1", " of soft limits", { bandwidth: { ...BANDWIDTH, maxLim: "soft" } }, 0xc000_0000_ffff_ff00n],
    ["MPAMBW0_EL1", " of one bit", { bandwidth: { ...BANDWIDTH, bwaWd: 1 } }, 0xe000_0000_ffff_8000n],
    ["MPAMBW0_EL1", " of 16 bits", { bandwidth: { ...BANDWIDTH, bwaWd: 16 } }, 0xe000_0000_ffff_ffffn],
    ["MPAMBWCAP_EL2", " without scaling", { bandwidth: { ...BANDWIDTH, hwScale: false } }, 0x4000_0000_0000_ff00n],
    ["SCR_EL3", "", ALL, 0x4000_0000_0004_0001n],
    ["SCR_EL3", " without RME", {}, 0x4_0001n],
    ["SCR_EL3", " without EL2", { el2: false, vpmrMax: "none" }, 0x1n],
    ["HCR_EL2", "", {}, 0x2c04_0804_0000n],
  ])("%s%s keeps of all ones what it has", async (name, _, has, expected) => {
    const cpu = await cpuWith(implementation, has);
    cpu.set({ [name]: ONES });
    expect(cpu.get(name)).toBe(expected);
  });

  test.each<[Name, string, Partial<PeProfile>, bigint]>([
    // HAS_SDEFLT, SP4, HAS_TIDR, HAS_ALTSP, HAS_BW_CTRL; PMG_MAX 3; VPMR_MAX 1, HAS_HCR; PARTID_MAX 20.
    ["MPAMIDR_EL1", "with all", { ...ALL, vpmrMax: 1, pmgMax: 3, partidMax: 20 }, 0x2f00_0003_0006_0014n],
    ["MPAMIDR_EL1", "plain", { vpmrMax: 7, pmgMax: 255, partidMax: 65_535 }, 0xff_001e_ffffn],
    ["MPAMIDR_EL1", "without HCR", { vpmrMax: "none", pmgMax: 0, partidMax: 1 }, 0x1n],
    [
      "MPAMIDR_EL1",
      "v0.1",
      { version: "0.1", forceNs: "rao", pmgMax: 0, partidMax: 1, vpmrMax: 0 },
      0x1000_0000_0002_0001n,
    ],
    ["MPAMBWIDR_EL1", "both", { bandwidth: BANDWIDTH }, 0x8000_0000_0000_0008n],
    ["MPAMBWIDR_EL1", "soft", { bandwidth: { bwaWd: 16, maxLim: "soft", hwScale: false } }, 0x4000_0010n],
    ["MPAMBWIDR_EL1", "hard", { bandwidth: { bwaWd: 1, maxLim: "hard", hwScale: false } }, 0x8000_0001n],
    ["ID_AA64PFR0_EL1", "all", ALL, 0x0010_0100_0000_1111n],
    ["ID_AA64PFR0_EL1", "1.0", { version: "1.0" }, 0x100_0000_1111n],
    ["ID_AA64PFR0_EL1", "0.1", { version: "0.1", el3: false }, 0x0111n],
    ["ID_AA64PFR0_EL1", "none", { version: "none", el2: false, vpmrMax: "none" }, 0x1011n],
    ["ID_AA64PFR1_EL1", "all", ALL, 0x101_0000n],
    ["ID_AA64PFR1_EL1", "1.0", { version: "1.0" }, 0n],
    ["ID_AA64PFR1_EL1", "0.1", { version: "0.1" }, 0x1_0000n],
    ["ID_AA64PFR1_EL1", "none", { version: "none", vpmrMax: "none", sme: true }, 0x100_0000n],
  ])("%s, %s", async (name, _, has, expected) => {
    const cpu = await cpuWith(implementation, has);
    expect(cpu.get(name)).toBe(expected);
  });

  test("HARDLIM is what the hardware does where it does one thing only", async () => {
    const hard = await cpuWith(implementation, { bandwidth: { ...BANDWIDTH, maxLim: "hard" } });
    hard.set({ MPAMBW0_EL1: 0n });
    expect(hard.get("MPAMBW0_EL1")).toBe(0x2000_0000_0000_0000n);
  });

  test("a limit loses its integer part when scaling ends", async () => {
    const cpu = await cpuWith(implementation, { bandwidth: BANDWIDTH });
    cpu.set({ MPAMBW1_EL1: 0x8000_0000_0005_4321n });
    expect(cpu.get("MPAMBW1_EL1")).toBe(0x8000_0000_0005_4300n);
    cpu.set({ MPAMBW1_EL1: 0x5_4321n });
    expect(cpu.get("MPAMBW1_EL1")).toBe(0x4300n);
  });

  test("FORCE_NS that is always 1 reads so, and FORCED_NS shows it in Secure state", async () => {
    const cpu = await cpuWith(implementation, { version: "0.1", forceNs: "rao" });
    cpu.set({ MPAM3_EL3: MPAMEN });
    expect(cpu.get("MPAM3_EL3")).toBe(0x9000_0000_0000_0000n);
    expect(cpu.get("MPAM1_EL1")).toBe(MPAMEN);
    cpu.set({ SCR_EL3: SECURE });
    expect(cpu.get("MPAM1_EL1")).toBe(0x9000_0000_0000_0000n);
    expect(cpu.get("MPAM1_EL1", 1)).toBe(0x9000_0000_0000_0000n);
  });

  test("MPAMEN below the highest EL is that of the highest", async () => {
    for (const has of [{}, { el3: false }]) {
      const cpu = await cpuWith(implementation, has);
      const top = cpu.highest === 3 ? "MPAM3_EL3" : "MPAM2_EL2";
      cpu.set({ [top]: 0n });
      for (const name of ["MPAM1_EL1", "MPAM2_EL2"] as const) {
        if (name !== top) cpu.set({ [name]: ONES });
        expect(BigInt(cpu.get(name)) & MPAMEN).toBe(0n);
      }
      cpu.set({ [top]: MPAMEN });
      for (const name of ["MPAM1_EL1", "MPAM2_EL2"] as const) expect(BigInt(cpu.get(name)) & MPAMEN).toBe(MPAMEN);
    }
  });
});

const zeros = { bandwidth: BANDWIDTH, sme: true, tidr: true } as const;
const ones = { ...zeros, ...choosing({ reset: "ones" }) } as const;
const noEl3 = { el3: false } as const;
const el1Only = { el2: false, el3: false, tidr: false, vpmrMax: "none" } as const;

describe.each(peImplementations)("$name: reset", (implementation) => {
  test.each<[Name, string, Partial<PeProfile>, bigint]>([
    ["MPAM3_EL3", "zeros", zeros, 0x4000_0000_0000_0000n],
    ["MPAM3_EL3", "ones", { ...ones, rme: true, sdeflt: true }, 0x6390_ffff_ffff_ffffn],
    ["MPAM2_EL2", "zeros", zeros, 0n],
    ["MPAM2_EL2", "ones", ones, 0x0407_ffff_ffff_ffffn],
    ["MPAM2_EL2", "zeros without EL3", { ...zeros, ...noEl3 }, 0x0003_0000_0000_0000n],
    ["MPAM1_EL1", "ones", ones, 0x0000_ffff_ffff_ffffn],
    ["MPAM1_EL1", "ones with EL1 only", { ...ones, ...el1Only }, 0x0000_ffff_ffff_ffffn],
    ["MPAM0_EL1", "zeros", zeros, 0n],
    ["MPAM0_EL1", "ones", ones, 0x0000_ffff_ffff_ffffn],
    ["MPAMSM_EL1", "ones", ones, 0x0000_ff00_ffff_0000n],
    ["MPAMHCR_EL2", "zeros", zeros, 0n],
    ["MPAMHCR_EL2", "ones", ones, 0x8000_0103n],
    ["MPAMHCR_EL2", "zeros without EL3", { ...zeros, ...noEl3 }, 0x8000_0000n],
    ["MPAMVPMV_EL2", "ones", { ...ones, vpmrMax: 1 }, 0xffn],
    ["MPAMBW3_EL3", "ones", ones, 0xa000_0000_ffff_ff00n],
    ["MPAMBW2_EL2", "zeros", zeros, 0n],
    ["MPAMBW2_EL2", "ones", ones, 0xe01e_0000_ffff_ff00n],
    ["MPAMBW2_EL2", "ones without EL3", { ...ones, ...noEl3 }, 0xa000_0000_ffff_ff00n],
    ["MPAMBWCAP_EL2", "ones", ones, 0xc000_0000_ffff_ff00n],
    ["MPAMBWCAP_EL2", "ones without EL3", { ...ones, ...noEl3 }, 0x8000_0000_ffff_ff00n],
    ["MPAMBW1_EL1", "ones", ones, 0xe000_0000_ffff_ff00n],
    ["MPAMBW1_EL1", "ones with EL1 only", { ...ones, ...el1Only }, 0xa000_0000_ffff_ff00n],
    ["MPAMBWSM_EL1", "ones with EL1 only", { ...ones, ...el1Only }, 0xa000_0000_ffff_ff00n],
    ["MPAMBW0_EL1", "ones with EL1 only", { ...ones, ...el1Only }, 0xe000_0000_ffff_ff00n],
    ["SCR_EL3", "ones", ones, 0n],
    ["HCR_EL2", "ones", ones, 0n],
  ])("%s, %s", async (name, _, has, expected) => {
    const cpu = await cpuWith(implementation, has);
    // A reset undoes what has been written.
    if (name !== "HCR_EL2") cpu.set({ [name]: expected === 0n ? ONES : 0n });
    cpu.subject.reset();
    expect(cpu.get(name)).toBe(expected);
  });

  test.each<[Name, string, Partial<PeProfile>, bigint]>([
    ["MPAM3_EL3", "", {}, MPAMEN],
    ["MPAM3_EL3", " with traps", { firmware: { enables: true, traps: true } }, 0xc000_0000_0000_0000n],
    ["MPAM3_EL3", " without MPAM", { firmware: { enables: false, traps: true } }, 0x4000_0000_0000_0000n],
    ["MPAM2_EL2", " without EL3", noEl3, 0x8003_0000_0000_0000n],
    ["MPAM1_EL1", " with EL1 only", el1Only, MPAMEN],
    ["MPAMBW3_EL3", "", { bandwidth: BANDWIDTH }, 0x2_0000_0000_0000n],
    ["SCR_EL3", "", {}, 0x4_0001n],
    ["SCR_EL3", " without EL2", { el2: false, vpmrMax: "none" }, 0x1n],
    ["HCR_EL2", "", {}, 0n],
  ])("boot firmware leaves %s%s as it says", async (name, _, has, expected) => {
    const cpu = await cpuWith(implementation, has);
    expect(cpu.get(name)).toBe(expected);
  });
});
