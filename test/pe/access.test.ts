// Who reaches a system register, and where an access goes instead (register reference 7.2 and 7.6; docs/modelled.md, "The processor
// side").

import { describe, expect, test } from "vitest";
import { type ExceptionLevel, SYSTEM_REGISTERS, type SystemRegisterName } from "../../src/machine/index.ts";
import { bits, goldenSystemRegisters, packed } from "../golden/system-registers.ts";
import { Cpu, EARLY, EL1_HIGHEST, EL2_HIGHEST, PLAIN, WHOLE } from "./cpus.ts";
import { machineOf } from "./hardware.ts";

const NAMES = Object.keys(SYSTEM_REGISTERS) as SystemRegisterName[];

function levelOf(name: string): string {
  return name.slice(name.lastIndexOf("_EL") + 3);
}

/** No control traps anything: MPAMBW registers and MPAMSM_EL1 have controls that trap while they are 0. */
const OPEN = {
  MPAM2_EL2: { EnMPAMSM: 1 },
  MPAMBW2_EL2: { nTRAP_MPAMBWIDR_EL1: 1, nTRAP_MPAMBW0_EL1: 1, nTRAP_MPAMBW1_EL1: 1, nTRAP_MPAMBWSM_EL1: 1 },
};

async function open(profile: object = WHOLE): Promise<Cpu> {
  return (await Cpu.of(profile)).set(OPEN);
}

describe("7.2, each name from each exception level, nothing trapped", () => {
  const registers = goldenSystemRegisters.map((register) => ({ ...register, level: levelOf(register.name) }));
  test.each(registers)("$name", async ({ name, parts, level, readOnly }) => {
    const cpu = await open();
    const reaches = { "1": [1, 2, 3], "2": [2, 3], "3": [3], "12": [] as number[] }[level] as number[];
    for (const el of [0, 1, 2, 3] as const) {
      const fate = reaches.includes(el) ? "done" : "undefined";
      expect([el, cpu.fate(name as SystemRegisterName, el)]).toEqual([el, fate]);
      expect([el, cpu.fate(packed(parts), el)]).toEqual([el, fate]);
    }
    // Each on a cpu of its own: a write may change what can be reached.
    for (const el of [0, 1, 2, 3] as const) {
      const fresh = await open();
      const fate = reaches.includes(el) && !readOnly ? "done" : "undefined";
      expect([el, fresh.fate(name as SystemRegisterName, el, true)]).toEqual([el, fate]);
    }
  });

  test("every other encoding of MPAM's, and any that is none of these, is UNDEFINED", async () => {
    const cpu = await open();
    const known = new Set(goldenSystemRegisters.map(({ parts }) => packed(parts)));
    for (let encoding = 0; encoding < 0x1_0000; encoding++) {
      if (known.has(encoding)) continue;
      const { outcome } = cpu.read(encoding, 3);
      if (outcome !== "undefined") throw new Error(`0x${encoding.toString(16)}: ${outcome}`);
    }
    // The same CRn, CRm and op2 with another op0.
    expect(cpu.fate(SYSTEM_REGISTERS.MPAM0_EL1 - 0x4000, 3)).toBe("undefined");
  });
});

describe("7.2, what a register needs", () => {
  const there = async (profile: object) => {
    const { registers } = await Cpu.of(profile);
    return NAMES.filter((name) => registers.has(name));
  };
  const BANDWIDTH = NAMES.filter((name) => name.startsWith("MPAMBW"));
  const VIRTUAL = NAMES.filter((name) => /^MPAM(HCR|VPM)/.test(name));
  const without = (...groups: readonly (readonly string[])[]) =>
    NAMES.filter((name) => !groups.some((group) => group.includes(name)));

  test("a cpu with everything has all", async () => {
    expect(await there(WHOLE)).toEqual(NAMES);
  });

  test("MPAMSM_EL1 and MPAMBWSM_EL1 need SME", async () => {
    expect(await there({ ...WHOLE, sme: false })).toEqual(without(["MPAMSM_EL1", "MPAMBWSM_EL1"]));
  });

  test("MPAMBW registers need HAS_BW_CTRL", async () => {
    expect(await there({ ...WHOLE, bandwidth: "none" })).toEqual(without(BANDWIDTH));
  });

  test("MPAMHCR_EL2, MPAMVPMV_EL2, MPAMVPM<n>_EL2 and MPAMBWCAP_EL2 need HAS_HCR", async () => {
    expect(await there({ ...WHOLE, vpmrMax: "none" })).toEqual(without(VIRTUAL, ["MPAMBWCAP_EL2"]));
  });

  test("MPAMVPM<n>_EL2 exists if n <= VPMR_MAX", async () => {
    for (const vpmrMax of [0, 2, 6]) {
      const beyond = NAMES.filter((name) => Number(/^MPAMVPM(\d)/.exec(name)?.[1] ?? 0) > vpmrMax);
      expect(await there({ ...WHOLE, vpmrMax })).toEqual(without(beyond));
    }
  });

  test("_EL2 names need EL2, and _EL3 names EL3", async () => {
    const of = (level: string) => NAMES.filter((name) => levelOf(name) === level);
    expect(await there(EL2_HIGHEST)).toEqual(without(of("3")));
    expect(await there(EL1_HIGHEST)).toEqual(without(of("3"), of("2")));
  });

  test("a cpu without MPAM has none of them, whatever else is said", async () => {
    const beside = ["ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1", "HCR_EL2", "SCR_EL3"];
    expect((await there({ ...WHOLE, version: "none" })).sort()).toEqual(beside.sort());
    const cpu = await Cpu.of({ ...WHOLE, version: "none" });
    for (const name of NAMES) {
      if (!beside.includes(name)) expect([name, cpu.fate(name, 3)]).toEqual([name, "undefined"]);
    }
  });
});

describe("7.2, VHE", () => {
  const E2H = { HCR_EL2: { E2H: 1 } };

  test("with E2H, MPAM1_EL1 from EL2 is MPAM2_EL2, and MPAMBW1_EL1 is MPAMBW2_EL2", async () => {
    const cpu = (await open()).set({ MPAM1_EL1: { PARTID_D: 1 }, MPAMBW1_EL1: { MAX: 0x4000 }, ...E2H });
    cpu.write("MPAM1_EL1", bits("MPAM2_EL2", { PARTID_D: 9, EnMPAMSM: 1, TIDR: 1 }), 2);
    cpu.write("MPAMBW1_EL1", bits("MPAMBW2_EL2", { MAX: 0x8000, nTRAP_MPAMBW0_EL1: 1 }), 2);
    expect(cpu.value("MPAM2_EL2", 3)).toBe(bits("MPAM2_EL2", { MPAMEN: 1, PARTID_D: 9, EnMPAMSM: 1, TIDR: 1 }));
    expect(cpu.value("MPAM1_EL1", 2)).toBe(cpu.value("MPAM2_EL2", 2));
    expect(cpu.value("MPAMBW2_EL2", 2)).toBe(bits("MPAMBW2_EL2", { MAX: 0x8000, nTRAP_MPAMBW0_EL1: 1 }));
    expect(cpu.registers.peek("MPAM1_EL1")).toBe(bits("MPAM1_EL1", { MPAMEN: 1, PARTID_D: 1 }));
    expect(cpu.registers.peek("MPAMBW1_EL1")).toBe(0x4000n);
  });

  test("with E2H, the _EL12 names reach from EL2 and EL3 what EL1 has", async () => {
    const cpu = (await open()).set(E2H);
    for (const el of [2, 3] as const) {
      cpu.write("MPAM1_EL12", bits("MPAM1_EL1", { PARTID_D: 4 + el }), el);
      expect(cpu.value("MPAM1_EL12", el)).toBe(bits("MPAM1_EL1", { MPAMEN: 1, PARTID_D: 4 + el }));
      expect(cpu.value("MPAM1_EL1", 3)).toBe(cpu.value("MPAM1_EL12", el));
      cpu.write("MPAMBW1_EL12", 0x1000n * BigInt(el), el);
      expect(cpu.registers.peek("MPAMBW1_EL1")).toBe(0x1000n * BigInt(el));
    }
  });

  test("E2H counts as 0 at EL3 where EL2 is not enabled", async () => {
    const cpu = (await open()).set({ ...E2H, SCR_EL3: { NS: 0, EEL2: 0 } });
    expect([cpu.fate("MPAM1_EL12", 3), cpu.fate("MPAMBW1_EL12", 3)]).toEqual(["undefined", "undefined"]);
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect(cpu.fate("MPAM1_EL12", 3)).toBe("done");
  });

  test("MPAM1_EL1 from EL1 and EL3 is what EL1 has", async () => {
    const cpu = (await open()).set({ ...E2H, MPAM1_EL1: { PARTID_D: 1 }, MPAM2_EL2: { PARTID_D: 2 } });
    for (const el of [1, 3] as const)
      expect(cpu.value("MPAM1_EL1", el)).toBe(bits("MPAM1_EL1", { MPAMEN: 1, PARTID_D: 1 }));
  });
});

describe("7.6, traps, row by row", () => {
  /** The access; what traps it to EL2 from EL1; and with which bit the trap to EL3 other than TRAPLOWER. */
  const rows: readonly {
    readonly name: SystemRegisterName;
    readonly to2: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly why: string;
    readonly profile?: object;
  }[] = [
    { name: "MPAM0_EL1", why: "TRAPMPAM0EL1", to2: { MPAM2_EL2: { EnMPAMSM: 1, TRAPMPAM0EL1: 1 } } },
    { name: "MPAM1_EL1", why: "TRAPMPAM1EL1", to2: { MPAM2_EL2: { EnMPAMSM: 1, TRAPMPAM1EL1: 1 } } },
    { name: "MPAMIDR_EL1", why: "TRAP_MPAMIDR_EL1", to2: { MPAMHCR_EL2: { TRAP_MPAMIDR_EL1: 1 } } },
    { name: "MPAMIDR_EL1", why: "TIDR", to2: { MPAM2_EL2: { EnMPAMSM: 1, TIDR: 1 } } },
    { name: "MPAMSM_EL1", why: "EnMPAMSM = 0", to2: { MPAM2_EL2: { EnMPAMSM: 0 } } },
    {
      name: "MPAMBW0_EL1",
      why: "nTRAP_MPAMBW0_EL1 = 0",
      to2: { MPAMBW2_EL2: { ...OPEN.MPAMBW2_EL2, nTRAP_MPAMBW0_EL1: 0 } },
    },
    {
      name: "MPAMBW1_EL1",
      why: "nTRAP_MPAMBW1_EL1 = 0",
      to2: { MPAMBW2_EL2: { ...OPEN.MPAMBW2_EL2, nTRAP_MPAMBW1_EL1: 0 } },
    },
    {
      name: "MPAMBWSM_EL1",
      why: "nTRAP_MPAMBWSM_EL1 = 0",
      to2: { MPAMBW2_EL2: { ...OPEN.MPAMBW2_EL2, nTRAP_MPAMBWSM_EL1: 0 } },
    },
    {
      name: "MPAMBWIDR_EL1",
      why: "nTRAP_MPAMBWIDR_EL1 = 0",
      to2: { MPAMBW2_EL2: { ...OPEN.MPAMBW2_EL2, nTRAP_MPAMBWIDR_EL1: 0 } },
    },
    { name: "ID_AA64PFR0_EL1", why: "TID3", to2: { HCR_EL2: { TID3: 1 } } },
    { name: "ID_AA64PFR1_EL1", why: "TID3", to2: { HCR_EL2: { TID3: 1 } } },
  ];

  test.each(rows)("$name from EL1 by $why, to EL2, and nothing else", async ({ name, to2 }) => {
    const cpu = (await open()).set(to2);
    expect([cpu.fate(name, 1), cpu.fate(name, 2), cpu.fate(name, 3)]).toEqual(["EL2", "done", "done"]);
    const others = NAMES.filter((other) => other !== name && levelOf(other) === "1");
    const trapped = others.filter((other) => cpu.fate(other, 1) === "EL2");
    expect(trapped).toEqual(/PFR/.test(name) ? others.filter((other) => /PFR/.test(other)) : []);
  });

  test.each(rows)("$name by $why does not trap where EL2 is not enabled", async ({ name, to2 }) => {
    const cpu = (await open()).set({ ...to2, SCR_EL3: { NS: 0, EEL2: 0 } });
    expect(cpu.fate(name, 1)).toBe("done");
    cpu.set({ SCR_EL3: { NS: 0, EEL2: 1 } });
    expect(cpu.fate(name, 1)).toBe("EL2");
  });

  test("writes are trapped as reads are", async () => {
    const cpu = (await open()).set({ MPAM2_EL2: { TRAPMPAM0EL1: 1, TRAPMPAM1EL1: 1 }, MPAM0_EL1: { PARTID_D: 3 } });
    expect([cpu.fate("MPAM0_EL1", 1, true), cpu.fate("MPAM1_EL1", 1, true)]).toEqual(["EL2", "EL2"]);
    expect(cpu.registers.peek("MPAM0_EL1")).toBe(0x3_0000n);
  });

  const MPAM = NAMES.filter((name) => name.startsWith("MPAM"));
  const BANDWIDTH = MPAM.filter((name) => name.startsWith("MPAMBW"));

  test("TRAPLOWER traps every MPAM register below EL3 to EL3, before EL2's traps", async () => {
    const cpu = (await open()).set({ MPAM3_EL3: { MPAMEN: 1, TRAPLOWER: 1 }, HCR_EL2: { E2H: 1, TID3: 1 } });
    cpu.set({ MPAM2_EL2: { TRAPMPAM0EL1: 1, TRAPMPAM1EL1: 1, TIDR: 1 }, MPAMBW2_EL2: {} });
    for (const name of MPAM) {
      const level = levelOf(name);
      if (level === "1") expect([name, cpu.fate(name, 1)]).toEqual([name, "EL3"]);
      if (level !== "3") expect([name, cpu.fate(name, 2)]).toEqual([name, "EL3"]);
      expect([name, cpu.fate(name, 3)]).toEqual([name, "done"]);
    }
    // What is no register of MPAM goes its own way.
    expect([cpu.fate("ID_AA64PFR0_EL1", 1), cpu.fate("ID_AA64PFR0_EL1", 2), cpu.fate("HCR_EL2", 2)]).toEqual([
      "EL2",
      "done",
      "done",
    ]);
  });

  test("nTRAPLOWER = 0 traps every MPAMBW register below EL3 to EL3, and no other", async () => {
    const cpu = (await open()).set({ MPAMBW3_EL3: { nTRAPLOWER: 0 }, HCR_EL2: { E2H: 1 } });
    for (const name of MPAM) {
      const level = levelOf(name);
      const fate = BANDWIDTH.includes(name) ? "EL3" : "done";
      if (level === "1") expect([name, cpu.fate(name, 1)]).toEqual([name, fate]);
      if (level !== "3") expect([name, cpu.fate(name, 2)]).toEqual([name, fate]);
      expect([name, cpu.fate(name, 3)]).toEqual([name, "done"]);
    }
  });

  test("what is UNDEFINED is so before it is trapped", async () => {
    const cpu = (await open()).set({ MPAM3_EL3: { MPAMEN: 1, TRAPLOWER: 1 } });
    expect(cpu.fate("MPAM2_EL2", 1)).toBe("undefined");
    expect(cpu.fate("MPAM1_EL12", 2)).toBe("undefined");
    expect(cpu.fate("MPAM3_EL3", 2)).toBe("undefined");
    expect(cpu.fate("MPAMIDR_EL1", 1, true)).toBe("undefined");
    expect(cpu.fate("MPAM0_EL1", 0)).toBe("undefined");
  });

  test("a trap of a field that the cpu lacks does not act", async () => {
    const cpu = await Cpu.of({ ...PLAIN, sme: false });
    cpu.registers.poke("MPAM2_EL2", bits("MPAM2_EL2", { TIDR: 1 }));
    expect(cpu.fate("MPAMIDR_EL1", 1)).toBe("done");
    const noHcr = await Cpu.of({ ...EARLY, vpmrMax: "none", tidr: false });
    expect(noHcr.fate("MPAMIDR_EL1", 1)).toBe("done");
  });

  test("EC is 0x18, and the ISS tells the instruction", async () => {
    const cpu = (await open()).set({ MPAM2_EL2: { TRAPMPAM0EL1: 1 }, MPAM3_EL3: { MPAMEN: 1 } });
    // Op0 3, Op2 1, Op1 0, CRn 10, CRm 5.
    const mpam0 = 0x30_0000 + 0x2_0000 + 10 * 0x400 + 5 * 2;
    expect(cpu.read("MPAM0_EL1", 1)).toEqual({
      ...{ outcome: "trap", to: 2, ec: 0x18, iss: mpam0 + 1 },
      esr: 0x6200_0000 + mpam0 + 1,
    });
    expect(cpu.write("MPAM0_EL1", 5n, 1)).toMatchObject({ iss: mpam0, esr: 0x6200_0000 + mpam0 });
    cpu.set({ MPAM3_EL3: { TRAPLOWER: 1 } });
    // Op0 3, Op2 7, Op1 4, CRn 10, CRm 6.
    const vpm7 = 0x30_0000 + 7 * 0x2_0000 + 4 * 0x4000 + 10 * 0x400 + 6 * 2;
    expect(cpu.read("MPAMVPM7_EL2", 2)).toMatchObject({ to: 3, ec: 0x18, iss: vpm7 + 1 });
  });
});

describe("7.6, nested virtualisation", () => {
  const nested = async (fields: Readonly<Record<string, number>>, profile: object = WHOLE) =>
    (await open(profile)).set({ HCR_EL2: { NV: 1, ...fields } });
  const EL2_NAMES = NAMES.filter((name) => levelOf(name) === "2");
  const EL12_NAMES = NAMES.filter((name) => levelOf(name) === "12");

  test("with NV, _EL2 and _EL12 names from EL1 trap to EL2, or to EL3 by TRAPLOWER", async () => {
    const cpu = await nested({});
    for (const name of [...EL2_NAMES, ...EL12_NAMES]) {
      expect([name, cpu.fate(name, 1), cpu.fate(name, 1, true)]).toEqual([name, "EL2", "EL2"]);
    }
    cpu.set({ MPAM3_EL3: { MPAMEN: 1, TRAPLOWER: 1 } });
    for (const name of [...EL2_NAMES, ...EL12_NAMES]) {
      expect([name, cpu.fate(name, 1)]).toEqual([name, name === "HCR_EL2" ? "EL2" : "EL3"]);
    }
  });

  test("NV acts where EL2 is enabled only", async () => {
    const cpu = (await nested({ NV2: 1 })).set({ SCR_EL3: { NS: 0, EEL2: 0 } });
    for (const name of [...EL2_NAMES, ...EL12_NAMES]) expect([name, cpu.fate(name, 1)]).toEqual([name, "undefined"]);
  });

  const slots = goldenSystemRegisters.filter(({ slot }) => slot !== undefined);
  test.each(slots)("with NV2, $name goes to its slot", async ({ name, slot }) => {
    const at = `0x${slot?.toString(16)}`;
    const register = name as SystemRegisterName;
    for (const NV1 of [0, 1]) {
      const cpu = await nested({ NV2: 1, NV1 });
      const el2 = levelOf(name) === "2";
      const redirected = el2 || (levelOf(name) === "1" ? NV1 === 1 : NV1 === 0);
      const otherwise = levelOf(name) === "12" ? "EL2" : "done";
      expect(cpu.fate(register, 1)).toBe(redirected ? at : otherwise);
      expect(cpu.fate(register, 1, true)).toBe(redirected ? at : otherwise);
      // Before any trap, but for names of EL1; and from EL1 only.
      cpu.set({ MPAM3_EL3: { MPAMEN: 1, TRAPLOWER: 1 } });
      if (redirected) expect(cpu.fate(register, 1)).toBe(levelOf(name) === "1" ? "EL3" : at);
      if (el2) expect(cpu.fate(register, 3)).toBe("done");
    }
  });

  test("names of EL1 that NV2 would redirect are trapped first", async () => {
    const cpu = await nested({ NV2: 1, NV1: 1 });
    cpu.set({ MPAM2_EL2: { TRAPMPAM1EL1: 1 } });
    expect([cpu.fate("MPAM1_EL1", 1), cpu.fate("MPAMBW1_EL1", 1)]).toEqual(["EL2", "0x908"]);
    cpu.set({ MPAM2_EL2: { TRAPMPAM1EL1: 0 }, MPAMBW2_EL2: { nTRAP_MPAMBW1_EL1: 0 } });
    expect([cpu.fate("MPAM1_EL1", 1), cpu.fate("MPAMBW1_EL1", 1)]).toEqual(["0x900", "EL2"]);
    cpu.set({ MPAMBW3_EL3: { nTRAPLOWER: 0 } });
    expect([cpu.fate("MPAM1_EL1", 1), cpu.fate("MPAMBW1_EL1", 1)]).toEqual(["0x900", "EL3"]);
  });

  test("with NV2, names without a slot trap as with NV alone", async () => {
    const cpu = await nested({ NV2: 1 });
    const without = EL2_NAMES.filter((name) => !slots.some((slot) => slot.name === name));
    expect(without.sort()).toEqual(["MPAM2_EL2", "MPAMBW2_EL2"]);
    for (const name of without) expect([name, cpu.fate(name, 1)]).toEqual([name, "EL2"]);
  });

  test("NV2 without NV does nothing", async () => {
    const cpu = (await open()).set({ HCR_EL2: { NV2: 1, NV1: 1 } });
    expect(cpu.fate("MPAM1_EL1", 1)).toBe("done");
    expect(cpu.fate("MPAMHCR_EL2", 1)).toBe("undefined");
  });
});

describe("asking for what there is not", () => {
  test("an exception level that the cpu lacks, an unknown name, a value of more bits: refused in one line", async () => {
    const el2 = await Cpu.of(EL2_HIGHEST);
    expect(() => el2.read("MPAM0_EL1", 3)).toThrow(RangeError);
    expect(() => el2.read("MPAM0_EL1", 3)).toThrow("el is 3: cpu 0 has the exception levels 0, 1, 2");
    expect(() => el2.registers.label({ el: 3 })).toThrow(RangeError);
    expect(() => el2.read("MPAM0_EL1", 1.5 as ExceptionLevel)).toThrow(RangeError);
    expect(() => el2.read("MPAM9_EL1" as SystemRegisterName, 1)).toThrow(/no system register/);
    expect(() => el2.read(0x1_0000, 1)).toThrow(/no encoding/);
    expect(() => el2.write("MPAM0_EL1", 2n ** 64n, 1)).toThrow(/64 bits/);
    expect(() => el2.write("MPAM0_EL1", -1n, 1)).toThrow(/64 bits/);
    expect(() => el2.registers.peek("MPAM3_EL3")).toThrow("EINVAL: cpu 0 has no MPAM3_EL3");
    expect(() => el2.registers.poke("SCR_EL3", 0n)).toThrow("EINVAL: cpu 0 has no SCR_EL3");
    expect(() => el2.registers.peek(0xc52a)).toThrow("EINVAL: cpu 0 has no register 0xc52a");
  });

  test("each cpu has its own registers, and 1,024 of them are enough for the largest machine", async () => {
    const machine = await machineOf({ partidMax: 63, pmgMax: 3, unlike: [{ cpus: "1023", version: "none" }] }, 1024);
    const at = (cpu: number) => machine.cpu(cpu).registers;
    for (const cpu of [0, 1, 1022]) at(cpu).poke("MPAM0_EL1", BigInt(cpu + 1));
    expect([0, 1, 1022, 2].map((cpu) => at(cpu).peek("MPAM0_EL1"))).toEqual([1n, 2n, 1023n, 0n]);
    expect(at(1023).has("MPAM0_EL1")).toBe(false);
    expect(at(1023).read("MPAM0_EL1", { el: 1 })).toEqual({ outcome: "undefined" });
  });
});
