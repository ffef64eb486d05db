// What becomes of accesses: tables 7.2 (VHE, NV) and 7.6 (traps) of the register reference, and what docs/modelled.md adds.

import { describe, expect, test } from "vitest";
import { peImplementations } from "../helpers/pe-subjects.ts";
import {
  ALL,
  cpuWith,
  E2H,
  MPAMEN,
  NAMES,
  type Name,
  NONSECURE,
  NV,
  NV1,
  NV2,
  SECURE,
  SECURE_EL2,
  TID3,
} from "./cpu.ts";

const ONES = 0xffff_ffff_ffff_ffffn;

describe.each(peImplementations)("$name: which name reaches what", (implementation) => {
  test("at EL2 with E2H, names of EL1 reach EL2's registers and _EL12 those of EL1", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ HCR_EL2: E2H, MPAM1_EL1: 1n, MPAM2_EL2: 2n, MPAMBW1_EL1: 0x1100n, MPAMBW2_EL2: 0x2200n });
    expect(cpu.get("MPAM1_EL1", 2)).toBe(MPAMEN + 2n);
    expect(cpu.get("MPAM1_EL12", 2)).toBe(MPAMEN + 1n);
    expect(cpu.get("MPAMBW1_EL1", 2)).toBe(0x2200n);
    expect(cpu.get("MPAMBW1_EL12", 2)).toBe(0x1100n);
    expect(cpu.get("MPAM1_EL1", 3)).toBe(MPAMEN + 1n);
    expect(cpu.get("MPAM1_EL12", 3)).toBe(MPAMEN + 1n);
    expect(cpu.get("MPAM1_EL1", 1)).toBe(MPAMEN + 1n);
    cpu.set({ MPAM1_EL1: 4n, MPAM1_EL12: 3n }, 2);
    expect([cpu.get("MPAM1_EL1"), cpu.get("MPAM2_EL2")]).toEqual([MPAMEN + 3n, MPAMEN + 4n]);
  });

  test("_EL12 names are UNDEFINED at EL2 and EL3 without E2H, at EL3 where EL2 is not enabled, at EL1 without NV", async () => {
    const cpu = await cpuWith(implementation, ALL);
    for (const el of [1, 2, 3] as const) expect(cpu.outcome("MPAM1_EL12", el)).toBe("undefined");
    cpu.set({ HCR_EL2: E2H });
    expect([1, 2, 3].map((el) => cpu.outcome("MPAM1_EL12", el as 1 | 2 | 3))).toEqual(["undefined", "done", "done"]);
    cpu.set({ SCR_EL3: SECURE });
    expect(cpu.outcome("MPAM1_EL12", 3)).toBe("undefined");
    cpu.set({ SCR_EL3: SECURE_EL2 });
    expect(cpu.outcome("MPAM1_EL12", 3)).toBe("done");
  });

  test("names of EL2 and EL3 are UNDEFINED below them", async () => {
    const cpu = await cpuWith(implementation, ALL);
    for (const name of NAMES.filter((each) => each.endsWith("_EL2")))
      expect(cpu.outcome(name, 1), name).toBe("undefined");
    for (const name of NAMES.filter((each) => each.endsWith("_EL3"))) {
      expect(
        [1, 2].map((el) => cpu.outcome(name, el as 1 | 2)),
        name,
      ).toEqual(["undefined", "undefined"]);
    }
  });
});

describe.each(peImplementations)("$name: traps", (implementation) => {
  const TRAPLOWER = 0xc000_0000_0000_0000n;
  const mpamNames = NAMES.filter((name) => name.startsWith("MPAM") && !name.endsWith("_EL3"));
  const bwNames = mpamNames.filter((name) => name.startsWith("MPAMBW"));

  test("TRAPLOWER traps every MPAM name below EL3, and no other", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ MPAM3_EL3: TRAPLOWER, HCR_EL2: E2H });
    for (const name of mpamNames) expect(cpu.outcome(name, 2), name).toBe("EL3");
    const atEl1 = mpamNames.filter((name) => name.endsWith("_EL1"));
    for (const name of atEl1) expect(cpu.outcome(name, 1), name).toBe("EL3");
    for (const name of mpamNames) expect(cpu.outcome(name, 3), name).toBe("done");
    for (const name of ["HCR_EL2", "ID_AA64PFR0_EL1"] as const) expect(cpu.outcome(name, 2)).toBe("done");
  });

  test("nTRAPLOWER = 0 traps MPAMBW names below EL3, and no other", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ MPAMBW3_EL3: 0n, HCR_EL2: E2H });
    for (const name of mpamNames) expect(cpu.outcome(name, 2), name).toBe(bwNames.includes(name) ? "EL3" : "done");
  });

  const mpam2 = (bits: bigint) => ({ MPAM2_EL2: bits << 48n });
  const bw2 = (bits: bigint) => ({ MPAMBW2_EL2: bits << 48n });
  const QUIET = { MPAM2_EL2: 0x4n << 48n, MPAMBW2_EL2: 0x1en << 48n, MPAMHCR_EL2: 0n };

  test.each<[string, Partial<Record<Name, bigint>>, Name[]]>([
    ["nothing", {}, []],
    ["TRAPMPAM0EL1", mpam2(0x6n), ["MPAM0_EL1"]],
    ["TRAPMPAM1EL1", mpam2(0x5n), ["MPAM1_EL1"]],
    ["TIDR", mpam2(0x404n), ["MPAMIDR_EL1"]],
    ["TRAP_MPAMIDR_EL1", { MPAMHCR_EL2: 0x8000_0000n }, ["MPAMIDR_EL1"]],
    ["EnMPAMSM = 0", mpam2(0n), ["MPAMSM_EL1"]],
    ["nTRAP_MPAMBWIDR_EL1 = 0", bw2(0x0en), ["MPAMBWIDR_EL1"]],
    ["nTRAP_MPAMBW0_EL1 = 0", bw2(0x16n), ["MPAMBW0_EL1"]],
    ["nTRAP_MPAMBW1_EL1 = 0", bw2(0x1an), ["MPAMBW1_EL1"]],
    ["nTRAP_MPAMBWSM_EL1 = 0", bw2(0x1cn), ["MPAMBWSM_EL1"]],
    ["TID3", { HCR_EL2: TID3 }, ["ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1"]],
    ["NV", { HCR_EL2: NV }, NAMES.filter((name) => name.endsWith("_EL2") || name.endsWith("_EL12"))],
  ])("%s traps to EL2 from EL1 what it names, where EL2 is enabled", async (_, values, names) => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ ...QUIET, ...values });
    const trapped = () => NAMES.filter((name) => cpu.outcome(name, 1) === "EL2").sort();
    expect(trapped()).toEqual([...names].sort());
    for (const el of [2, 3] as const) expect(NAMES.filter((name) => cpu.outcome(name, el) === "EL2")).toEqual([]);
    cpu.set({ SCR_EL3: SECURE });
    expect(trapped()).toEqual([]);
    cpu.set({ SCR_EL3: SECURE_EL2 });
    expect(trapped()).toEqual([...names].sort());
  });

  test("EL3's traps come before EL2's", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ ...QUIET, ...mpam2(0x7n), MPAM3_EL3: TRAPLOWER, HCR_EL2: NV });
    expect(cpu.outcome("MPAM0_EL1", 1)).toBe("EL3");
    expect(cpu.outcome("MPAM2_EL2", 1)).toBe("EL3");
    expect(cpu.outcome("HCR_EL2", 1)).toBe("EL2");
  });

  test("a trap tells the access", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ ...QUIET, ...mpam2(0x7n), HCR_EL2: NV });
    expect(cpu.read("MPAM0_EL1", 1)).toEqual({ outcome: "trap", to: 2, ec: 0x18, iss: 0x32_280b });
    expect(cpu.write("MPAM0_EL1", 5n, 1)).toEqual({ outcome: "trap", to: 2, ec: 0x18, iss: 0x32_280a });
    expect(cpu.write("MPAM1_EL12", 5n, 1)).toEqual({ outcome: "trap", to: 2, ec: 0x18, iss: 0x31_680a });
    expect(cpu.get("MPAM0_EL1")).toBe(0n);
    cpu.set({ MPAM3_EL3: TRAPLOWER });
    expect(cpu.read("MPAMIDR_EL1", 2)).toEqual({ outcome: "trap", to: 3, ec: 0x18, iss: 0x38_2809 });
  });

  const slots: [Name, number][] = [
    ["HCR_EL2", 0x078],
    ["MPAMBWCAP_EL2", 0x910],
    ["MPAMHCR_EL2", 0x930],
    ["MPAMVPMV_EL2", 0x938],
    ["MPAMVPM0_EL2", 0x940],
    ["MPAMVPM1_EL2", 0x948],
    ["MPAMVPM2_EL2", 0x950],
    ["MPAMVPM3_EL2", 0x958],
    ["MPAMVPM4_EL2", 0x960],
    ["MPAMVPM5_EL2", 0x968],
    ["MPAMVPM6_EL2", 0x970],
    ["MPAMVPM7_EL2", 0x978],
  ];

  test.each<[string, bigint, [Name, number][]]>([
    ["NV and NV2", NV + NV2, [...slots, ["MPAM1_EL12", 0x900], ["MPAMBW1_EL12", 0x908]]],
    ["NV, NV1 and NV2", NV + NV1 + NV2, [...slots, ["MPAM1_EL1", 0x900], ["MPAMBW1_EL1", 0x908]]],
    ["NV2 without NV", NV1 + NV2, []],
    ["NV without NV2", NV + NV1, []],
  ])(
    "%s redirects from EL1 the names that have a slot, names of _EL1 where nothing traps",
    async (_, hcr, expected) => {
      const cpu = await cpuWith(implementation, ALL);
      // What has the level of EL1 in its name is redirected unless something traps it: a row of its own below.
      const trapped = expected.filter(([name]) => name.endsWith("_EL1"));
      cpu.set({ ...QUIET, HCR_EL2: hcr, MPAM3_EL3: TRAPLOWER, ...mpam2(0x7n) });
      for (const [name] of trapped) expect([name, cpu.outcome(name, 1)]).toEqual([name, "EL3"]);
      if (trapped.length > 0) cpu.set({ ...QUIET, MPAM3_EL3: 0n });
      const found = NAMES.flatMap((name): [Name, number][] => {
        const access = cpu.read(name, 1);
        return access.outcome === "memory" ? [[name, access.offset]] : [];
      });
      expect(found.sort()).toEqual([...expected].sort());
      for (const [name, offset] of expected) expect(cpu.write(name, ONES, 1)).toEqual({ outcome: "memory", offset });
      expect(NAMES.filter((name) => cpu.outcome(name, 2) === "memory")).toEqual([]);
      cpu.set({ SCR_EL3: SECURE });
      expect(NAMES.filter((name) => cpu.outcome(name, 1) === "memory")).toEqual([]);
      cpu.set({ SCR_EL3: NONSECURE });
      expect(cpu.get("HCR_EL2")).toBe(hcr);
    },
  );

  test("of what NV2 would redirect, names of EL1 are trapped first", async () => {
    const cpu = await cpuWith(implementation, ALL);
    const both = () => [cpu.outcome("MPAM1_EL1", 1), cpu.outcome("MPAMBW1_EL1", 1)];
    cpu.set({ ...QUIET, HCR_EL2: NV + NV1 + NV2 });
    expect(both()).toEqual(["memory", "memory"]);
    cpu.set(mpam2(0x5n));
    expect(both()).toEqual(["EL2", "memory"]);
    // nTRAP_MPAMBW1_EL1 is bit 50.
    cpu.set({ ...QUIET, ...bw2(0x1an) });
    expect(both()).toEqual(["memory", "EL2"]);
  });

  test("MPAM2_EL2 and MPAMBW2_EL2 have no slot and trap", async () => {
    const cpu = await cpuWith(implementation, ALL);
    cpu.set({ HCR_EL2: NV + NV2 });
    expect([cpu.outcome("MPAM2_EL2", 1), cpu.outcome("MPAMBW2_EL2", 1)]).toEqual(["EL2", "EL2"]);
  });
});
