// What registers hold (register reference 7.3): which bits take anything, what they reset to, and what only reads. Numbers are
// written from the reference; `test/pe/compare.test.ts` has the rest.

import { describe, expect, test } from "vitest";
import type { SystemRegisterName } from "../../src/machine/index.ts";
import { bits } from "../golden/system-registers.ts";
import { Cpu, EARLY, EL1_HIGHEST, EL2_HIGHEST, PLAIN, WHOLE } from "./cpus.ts";

const ONES = 2n ** 64n - 1n;
const LABEL = 0x0000_ffff_ffff_ffffn;

type Row = readonly [name: SystemRegisterName, writable: bigint];

/** Of a cpu with everything that version 1.1 can have; BWA_WD is 10, so that the fraction has bits 15 to 6. */
const WHOLE_ROWS: readonly Row[] = [
  ["MPAM0_EL1", LABEL],
  // MPAMEN is 1, for boot firmware has set it.
  ["MPAM1_EL1", 0x8000_ffff_ffff_ffffn],
  ["MPAM2_EL2", 0x8587_ffff_ffff_ffffn],
  // HEN is 1, so that the row of EL1 and EL2 are others'.
  ["MPAM3_EL3", 0xe390_ffff_ffff_ffffn],
  ["MPAMSM_EL1", 0x0000_ff00_ffff_0000n],
  ["MPAMHCR_EL2", 0x8000_0103n],
  ["MPAMVPMV_EL2", 0xffff_ffffn],
  ["MPAMVPM0_EL2", ONES],
  ["MPAMVPM1_EL2", ONES],
  ["MPAMVPM2_EL2", ONES],
  ["MPAMVPM3_EL2", ONES],
  ["MPAMVPM4_EL2", ONES],
  ["MPAMVPM5_EL2", ONES],
  ["MPAMVPM6_EL2", ONES],
  ["MPAMVPM7_EL2", ONES],
  ["MPAMBW0_EL1", 0xe000_0000_ffff_ffc0n],
  ["MPAMBW1_EL1", 0xe000_0000_ffff_ffc0n],
  ["MPAMBWSM_EL1", 0xe000_0000_ffff_ffc0n],
  ["MPAMBW2_EL2", 0xe01e_0000_ffff_ffc0n],
  ["MPAMBW3_EL3", 0xe002_0000_ffff_ffc0n],
  ["MPAMBWCAP_EL2", 0xc000_0000_ffff_ffc0n],
  ["SCR_EL3", 0x4000_0000_0004_0001n],
  ["HCR_EL2", 0x0000_2c04_0804_0000n],
];

const EARLY_ROWS: readonly Row[] = [
  // Non-secure: FORCED_NS is 0.
  ["MPAM1_EL1", 0x8000_ffff_ffff_ffffn],
  ["MPAM2_EL2", 0x8407_ffff_ffff_ffffn],
  ["MPAM3_EL3", 0xf000_ffff_ffff_ffffn],
  ["SCR_EL3", 0x0004_0001n],
];

const PLAIN_ROWS: readonly Row[] = [
  ["MPAM0_EL1", LABEL],
  ["MPAM1_EL1", 0x8000_ffff_ffff_ffffn],
  ["MPAM2_EL2", 0x8003_ffff_ffff_ffffn],
  ["MPAM3_EL3", 0xc000_ffff_ffff_ffffn],
  ["SCR_EL3", 0x0004_0001n],
  ["HCR_EL2", 0x0000_2c04_0804_0000n],
];

describe("7.3, all ones written and read back", () => {
  const rows = [
    ...WHOLE_ROWS.map(([name, writable]) => ({ cpu: "all that 1.1 has", profile: WHOLE, name, writable })),
    ...EARLY_ROWS.map(([name, writable]) => ({ cpu: "0.1 with FORCE_NS", profile: EARLY, name, writable })),
    ...PLAIN_ROWS.map(([name, writable]) => ({ cpu: "1.0 with nothing more", profile: PLAIN, name, writable })),
  ];
  test.each(rows)("$name of a cpu of $cpu", async ({ profile, name, writable }) => {
    const cpu = await Cpu.of(profile);
    expect(cpu.write(name, ONES, 3)).toEqual({ outcome: "done", value: ONES });
    expect(cpu.value(name, 3).toString(16)).toBe(writable.toString(16));
    expect(cpu.registers.peek(name)).toBe(writable);
  });

  test("a cpu whose highest is EL2 or EL1 has MPAMEN there, and the traps of EL2", async () => {
    const el2 = await Cpu.of(EL2_HIGHEST);
    el2.write("MPAM2_EL2", ONES, 2);
    expect(el2.value("MPAM2_EL2", 2)).toBe(0x8407_ffff_ffff_ffffn);
    el2.write("MPAM2_EL2", 0n, 2);
    expect(el2.value("MPAM2_EL2", 2)).toBe(0n);
    const el1 = await Cpu.of(EL1_HIGHEST);
    el1.write("MPAM1_EL1", 0n, 1);
    expect(el1.value("MPAM1_EL1", 1)).toBe(0n);
    el1.write("MPAM1_EL1", ONES, 1);
    expect(el1.value("MPAM1_EL1", 1)).toBe(0x8000_ffff_ffff_ffffn);
  });

  test("MPAMVPMV_EL2 has a bit for each virtual PARTID, 4*VPMR_MAX+4", async () => {
    for (const [vpmrMax, valid] of [
      [0, 0xfn],
      [2, 0xfffn],
      [6, 0x0fff_ffffn],
    ] as const) {
      const cpu = await Cpu.of({ ...WHOLE, vpmrMax });
      cpu.write("MPAMVPMV_EL2", ONES, 3);
      expect(cpu.value("MPAMVPMV_EL2", 3)).toBe(valid);
    }
  });

  test("PhyPARTID keeps the bits that PARTID_MAX needs, where the part is one that keeps no more", async () => {
    for (const [partidMax, field] of [
      [0, 0n],
      [1, 1n],
      [63, 0x3fn],
      [64, 0x7fn],
      [65535, 0xffffn],
    ] as const) {
      const cpu = await Cpu.of({ ...WHOLE, partidMax, unpredictable: { phyPartid: "narrow" } });
      cpu.write("MPAMVPM3_EL2", ONES, 3);
      expect(cpu.value("MPAMVPM3_EL2", 3)).toBe(field * 0x0001_0001_0001_0001n);
    }
  });
});

describe("7.3, MPAMBW registers", () => {
  const of = (maxLim: string, hwScale = false) => Cpu.of({ ...WHOLE, bandwidth: { bwaWd: 4, maxLim, hwScale } });

  test.each([
    ["both", 0x6000_0000_0000_f000n, 0n],
    ["soft", 0x4000_0000_0000_f000n, 0n],
    ["hard", 0x6000_0000_0000_f000n, 0x2000_0000_0000_0000n],
  ])(
    "HARDLIM where limits are %s: RW, RAZ, RAO; without hardware scaling MAX is a fraction of BWA_WD bits",
    async (maxLim, ones, zeros) => {
      const cpu = await of(maxLim);
      for (const name of ["MPAMBW0_EL1", "MPAMBW1_EL1", "MPAMBWSM_EL1"] as const) {
        cpu.write(name, ONES, 3);
        expect(cpu.value(name, 3)).toBe(ones);
        cpu.write(name, 0n, 3);
        expect(cpu.value(name, 3)).toBe(zeros);
      }
      cpu.write("MPAMBWCAP_EL2", ONES, 3);
      expect(cpu.value("MPAMBWCAP_EL2", 3)).toBe(0x4000_0000_0000_f000n);
    },
  );

  test("with HW_SCALE_ENABLE the number has 16 bits above the fraction, and a write that clears it clears them", async () => {
    const cpu = await of("both", true);
    cpu.write("MPAMBW1_EL1", bits("MPAMBW1_EL1", { HW_SCALE_ENABLE: 1, MAX: 0x0003_8fffn }), 3);
    expect(cpu.value("MPAMBW1_EL1", 3)).toBe(0x8000_0000_0003_8000n);
    cpu.write("MPAMBW1_EL1", bits("MPAMBW1_EL1", { HW_SCALE_ENABLE: 0, MAX: 0x0003_8fffn }), 3);
    expect(cpu.value("MPAMBW1_EL1", 3)).toBe(0x8000n);
    cpu.write("MPAMBWCAP_EL2", 0xffff_ffffn, 3);
    expect(cpu.value("MPAMBWCAP_EL2", 3)).toBe(0xf000n);
  });
});

describe("7.3, ID registers", () => {
  const fields = async (profile: object, name: SystemRegisterName) => {
    const cpu = await Cpu.of(profile);
    return cpu.registers.peek(name);
  };

  test("MPAMIDR_EL1 says what there is", async () => {
    const whole = { SP4: 1, HAS_ALTSP: 1, HAS_TIDR: 1, HAS_SDEFLT: 1, HAS_BW_CTRL: 1, HAS_HCR: 1, VPMR_MAX: 7 };
    expect(await fields(WHOLE, "MPAMIDR_EL1")).toBe(bits("MPAMIDR_EL1", { ...whole, PARTID_MAX: 63, PMG_MAX: 3 }));
    const early = { HAS_TIDR: 1, HAS_SDEFLT: 1, HAS_FORCE_NS: 1, HAS_HCR: 1, VPMR_MAX: 7 };
    expect(await fields(EARLY, "MPAMIDR_EL1")).toBe(bits("MPAMIDR_EL1", { ...early, PARTID_MAX: 63, PMG_MAX: 3 }));
    const least = { partidMax: 0xffff, pmgMax: 255, version: "1.0", vpmrMax: "none" };
    expect(await fields(least, "MPAMIDR_EL1")).toBe(0xff_0000_ffffn);
  });

  test("MPAMBWIDR_EL1 says which limits, how wide, and whether they scale", async () => {
    expect(await fields(WHOLE, "MPAMBWIDR_EL1")).toBe(0x8000_0000_0000_000an);
    for (const [maxLim, value] of [
      ["both", 0x0000_0010n],
      ["soft", 0x4000_0010n],
      ["hard", 0x8000_0010n],
    ] as const) {
      expect(await fields({ ...WHOLE, bandwidth: { bwaWd: 16, maxLim } }, "MPAMBWIDR_EL1")).toBe(value);
    }
  });

  test.each([
    ["none", 0n, 0n],
    ["0.1", 0n, 1n],
    ["1.0", 1n, 0n],
    ["1.1", 1n, 1n],
  ])("7.1, version %s is MPAM %s and MPAM_frac %s of the ID registers", async (version, major, minor) => {
    const profile = { partidMax: 63, pmgMax: 3, version };
    expect(await fields(profile, "ID_AA64PFR0_EL1")).toBe((major << 40n) + 0x1111n);
    expect(await fields(profile, "ID_AA64PFR1_EL1")).toBe(minor << 16n);
  });

  test("the exception levels, RME and SME stand beside it", async () => {
    expect(await fields(WHOLE, "ID_AA64PFR0_EL1")).toBe(0x0010_0100_0000_1111n);
    expect(await fields(WHOLE, "ID_AA64PFR1_EL1")).toBe(0x0101_0000n);
    expect(await fields(EL2_HIGHEST, "ID_AA64PFR0_EL1")).toBe(0x0100_0000_0111n);
    expect(await fields(EL1_HIGHEST, "ID_AA64PFR0_EL1")).toBe(0x0100_0000_0011n);
  });
});

describe("7.3, reset", () => {
  /** What registers hold after a reset of a part whose UNKNOWN fields come up 0, and of one where they come up 1. */
  const table: readonly (readonly [string, object, SystemRegisterName, bigint, bigint])[] = [
    ["EL3 is the highest", WHOLE, "MPAM0_EL1", 0n, LABEL],
    ["EL3 is the highest", WHOLE, "MPAM1_EL1", 0n, LABEL],
    // ALTSP_FRCD: with HEN and HFC both 1, MPAMEN = 0 leaves EL2 no say.
    ["EL3 is the highest", WHOLE, "MPAM2_EL2", 0n, 0x0587_ffff_ffff_ffffn],
    ["EL3 is the highest", WHOLE, "MPAM3_EL3", 0x4000_0000_0000_0000n, 0x6390_ffff_ffff_ffffn],
    ["EL3 is the highest", WHOLE, "MPAMSM_EL1", 0n, 0x0000_ff00_ffff_0000n],
    ["EL3 is the highest", WHOLE, "MPAMHCR_EL2", 0n, 0x8000_0103n],
    ["EL3 is the highest", WHOLE, "MPAMVPMV_EL2", 0n, 0xffff_ffffn],
    ["EL3 is the highest", WHOLE, "MPAMVPM7_EL2", 0n, ONES],
    ["EL3 is the highest", WHOLE, "MPAMBW0_EL1", 0n, 0xe000_0000_ffff_ffc0n],
    ["EL3 is the highest", WHOLE, "MPAMBW1_EL1", 0n, 0xe000_0000_ffff_ffc0n],
    ["EL3 is the highest", WHOLE, "MPAMBWSM_EL1", 0n, 0xe000_0000_ffff_ffc0n],
    ["EL3 is the highest", WHOLE, "MPAMBW2_EL2", 0n, 0xe01e_0000_ffff_ffc0n],
    // ENABLED and nTRAPLOWER are 0.
    ["EL3 is the highest", WHOLE, "MPAMBW3_EL3", 0n, 0xa000_0000_ffff_ffc0n],
    ["EL3 is the highest", WHOLE, "MPAMBWCAP_EL2", 0n, 0xc000_0000_ffff_ffc0n],
    ["EL3 is the highest", WHOLE, "SCR_EL3", 0n, 0n],
    ["EL3 is the highest", WHOLE, "HCR_EL2", 0n, 0n],
    ["EL3 is the highest", EARLY, "MPAM3_EL3", 0x4000_0000_0000_0000n, 0x7000_ffff_ffff_ffffn],
    ["EL2 is the highest", EL2_HIGHEST, "MPAM2_EL2", 0x0003_0000_0000_0000n, 0x0407_ffff_ffff_ffffn],
    ["EL2 is the highest", EL2_HIGHEST, "MPAMHCR_EL2", 0x8000_0000n, 0x8000_0103n],
    ["EL2 is the highest", EL2_HIGHEST, "MPAMBW1_EL1", 0n, 0xe000_0000_ffff_ffc0n],
    // nTRAP and ENABLED are 0.
    ["EL2 is the highest", EL2_HIGHEST, "MPAMBW2_EL2", 0n, 0xa000_0000_ffff_ffc0n],
    ["EL2 is the highest", EL2_HIGHEST, "MPAMBWCAP_EL2", 0n, 0x8000_0000_ffff_ffc0n],
    ["EL1 is the highest", EL1_HIGHEST, "MPAM1_EL1", 0n, LABEL],
    ["EL1 is the highest", EL1_HIGHEST, "MPAMBW0_EL1", 0n, 0xe000_0000_ffff_ffc0n],
    ["EL1 is the highest", EL1_HIGHEST, "MPAMBW1_EL1", 0n, 0xa000_0000_ffff_ffc0n],
    ["EL1 is the highest", EL1_HIGHEST, "MPAMBWSM_EL1", 0n, 0xa000_0000_ffff_ffc0n],
  ];
  test.each(table.map(([where, profile, name, zero, ones]) => ({ where, profile, name, zero, ones })))(
    "$name where $where",
    async ({ profile, name, zero, ones }) => {
      for (const [reset, value] of [
        ["zero", zero],
        ["ones", ones],
      ] as const) {
        const cpu = await Cpu.of({ ...profile, unpredictable: { reset } });
        cpu.registers.poke(name, reset === "zero" ? ONES : 0n);
        cpu.registers.reset();
        expect(cpu.registers.peek(name).toString(16)).toBe(value.toString(16));
      }
    },
  );

  test("boot firmware enables MPAM at the highest exception level and traps nothing, unless the platform says so", async () => {
    const booted = async (profile: object, name: SystemRegisterName) => (await Cpu.of(profile)).registers.peek(name);
    const enabled = 0x8000_0000_0000_0000n;
    expect(await booted(WHOLE, "MPAM3_EL3")).toBe(enabled);
    expect(await booted(EL2_HIGHEST, "MPAM2_EL2")).toBe(enabled + 0x0003_0000_0000_0000n);
    expect(await booted(EL1_HIGHEST, "MPAM1_EL1")).toBe(enabled);
    expect(await booted(WHOLE, "MPAMBW3_EL3")).toBe(0x0002_0000_0000_0000n);
    expect(await booted(WHOLE, "SCR_EL3")).toBe(0x0004_0001n);
    expect(await booted({ ...WHOLE, ...{ el2: false, rme: false, tidr: false } }, "SCR_EL3")).toBe(1n);
    const firmware = { enables: false, traps: true };
    expect(await booted({ ...WHOLE, firmware }, "MPAM3_EL3")).toBe(0x4000_0000_0000_0000n);
    expect(await booted({ ...WHOLE, firmware: { traps: true } }, "MPAM3_EL3")).toBe(0xc000_0000_0000_0000n);
    expect(await booted({ ...EL1_HIGHEST, firmware: { enables: false } }, "MPAM1_EL1")).toBe(0n);
  });
});

describe("7.3, what only reads", () => {
  test("MPAMEN of a lower exception level is that of the highest", async () => {
    const cpu = await Cpu.of(WHOLE);
    const enabled = () => [cpu.value("MPAM1_EL1", 1) >> 63n, cpu.value("MPAM2_EL2", 2) >> 63n];
    expect(enabled()).toEqual([1n, 1n]);
    cpu.set({ MPAM3_EL3: { MPAMEN: 0 } });
    cpu.write("MPAM1_EL1", ONES, 1);
    cpu.write("MPAM2_EL2", bits("MPAM2_EL2", { MPAMEN: 1 }), 2);
    expect(enabled()).toEqual([0n, 0n]);
    const el2 = await Cpu.of(EL2_HIGHEST);
    el2.write("MPAM1_EL1", ONES, 2);
    expect(el2.value("MPAM1_EL1", 2) >> 63n).toBe(1n);
    el2.set({ MPAM2_EL2: { MPAMEN: 0 } });
    expect(el2.value("MPAM1_EL1", 2) >> 63n).toBe(0n);
  });

  test("FORCED_NS is FORCE_NS in Secure state and 0 in Non-secure, for EL3 by SCR_EL3.NS", async () => {
    const cpu = await Cpu.of(EARLY);
    const forced = () => (cpu.value("MPAM1_EL1", 3) >> 60n) & 1n;
    for (const [ns, force, reads] of [
      [1, 1, 0n],
      [0, 1, 1n],
      [0, 0, 0n],
    ] as const) {
      cpu.set({ SCR_EL3: { NS: ns, EEL2: 1 }, MPAM3_EL3: { MPAMEN: 1, FORCE_NS: force } });
      expect(forced()).toBe(reads);
      expect((cpu.value("MPAM1_EL1", 1) >> 60n) & 1n).toBe(reads);
    }
  });

  test("FORCE_NS that is always 1 cannot be cleared", async () => {
    const cpu = await Cpu.of({ ...EARLY, forceNs: "rao" });
    cpu.write("MPAM3_EL3", 0n, 3);
    expect(cpu.value("MPAM3_EL3", 3)).toBe(0x1000_0000_0000_0000n);
    cpu.registers.reset();
    expect(cpu.value("MPAM3_EL3", 3)).toBe(0x5000_0000_0000_0000n);
  });

  const frcd = (cpu: Cpu) => [cpu.value("MPAM1_EL1", 3), cpu.value("MPAM2_EL2", 3)].map((v) => (v >> 54n) & 1n);
  /** MPAM3_EL3.MPAMEN, HEN, HFC; MPAM2_EL2.HFC, ALTSP_EL2; what MPAM1_EL1 and MPAM2_EL2 show, and MPAM2_EL2 of the other part. */
  test.each([
    [1, 0, 0, 1, 1, [0n, 0n], 0n],
    [1, 0, 1, 0, 0, [1n, 1n], 1n],
    [1, 1, 1, 0, 0, [0n, 0n], 0n],
    [1, 1, 0, 1, 0, [1n, 0n], 0n],
    [1, 1, 0, 0, 1, [0n, 1n], 0n],
    [0, 1, 0, 1, 1, [0n, 0n], 0n],
    [0, 0, 1, 0, 0, [1n, 1n], 1n],
  ])(
    "ALTSP_FRCD: MPAMEN %i, HEN %i, HFC %i of EL3, HFC %i and ALTSP_EL2 %i of EL2",
    async (MPAMEN, ALTSP_HEN, ALTSP_HFC, hfc, ALTSP_EL2, shows, forced) => {
      const registers = { MPAM3_EL3: { MPAMEN, ALTSP_HEN, ALTSP_HFC }, MPAM2_EL2: { ALTSP_HFC: hfc, ALTSP_EL2 } };
      expect(frcd((await Cpu.of(WHOLE)).set(registers))).toEqual(shows);
      const other = await Cpu.of({ ...WHOLE, unpredictable: { altspFrcd: "forced" } });
      expect(frcd(other.set(registers))).toEqual([shows[0], forced]);
    },
  );

  test("ALTSP_FRCD of MPAM1_EL1 leaves MPAM2_EL2.ALTSP_HFC out where EL2 is not enabled", async () => {
    const cpu = await Cpu.of(WHOLE);
    cpu.set({ MPAM3_EL3: { MPAMEN: 1, ALTSP_HEN: 1 }, MPAM2_EL2: { ALTSP_HFC: 1 }, SCR_EL3: { NS: 0, EEL2: 0 } });
    expect(frcd(cpu)).toEqual([0n, 0n]);
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect(frcd(cpu)).toEqual([1n, 0n]);
  });
});
