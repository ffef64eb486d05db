// Bandwidth limits of a cpu (register reference 7.7; docs/modelled.md, "The processor side"); all combinations are compared in
// compare.test.ts.

import { expect, test } from "vitest";
import { Cpu, WHOLE } from "./cpus.ts";

const ON = { ENABLED: 1 };

/** Every register has a limit of its own. */
const LIMITS = {
  MPAMBW0_EL1: { ...ON, MAX: 0x1000 },
  MPAMBW1_EL1: { ...ON, MAX: 0x2000, HARDLIM: 1 },
  MPAMBW2_EL2: { ...ON, MAX: 0x3000 },
  MPAMBW3_EL3: { ...ON, MAX: 0x4000 },
  MPAMBWSM_EL1: { ...ON, MAX: 0x5000 },
};

const limited = async () => (await Cpu.of(WHOLE)).set(LIMITS);

const ELS = [0, 1, 2, 3] as const;

function most(cpu: Cpu, kind: "data" | "fetch" | "streaming" | "nv2" = "data") {
  return ELS.map((el) => cpu.registers.limit({ el, kind })?.max);
}

test("a limit is that of the exception level, for data and fetches alike", async () => {
  const cpu = await limited();
  expect(most(cpu)).toEqual([0x1000, 0x2000, 0x3000, 0x4000]);
  expect(most(cpu, "fetch")).toEqual(most(cpu));
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0x2000, hard: true, scaled: false });
  expect(cpu.registers.limit({ el: 2 })).toEqual({ max: 0x3000, hard: false, scaled: false });
});

test("there is none while ENABLED is 0, nor on a cpu without bandwidth control", async () => {
  const cpu = (await limited()).set({ MPAMBW1_EL1: { MAX: 0x2000 } });
  expect(cpu.registers.limit({ el: 1 })).toBeUndefined();
  expect(most(await Cpu.of({ ...WHOLE, bandwidth: "none" }))).toEqual(Array(4).fill(undefined));
});

test("streaming accesses have MPAMBWSM_EL1's, and without SME that of other data", async () => {
  expect(most(await limited(), "streaming")).toEqual(Array(4).fill(0x5000));
  const { MPAMBWSM_EL1: _, ...others } = LIMITS;
  const cpu = (await Cpu.of({ ...WHOLE, sme: false })).set(others);
  expect(most(cpu, "streaming")).toEqual([0x1000, 0x2000, 0x3000, 0x4000]);
  const asEl = (await Cpu.of({ ...WHOLE, unpredictable: { streaming: "el" } })).set(LIMITS);
  expect(most(asEl, "streaming")).toEqual(Array(4).fill(0x5000));
});

test("what NV2 made is EL2's, and is not capped", async () => {
  const cpu = (await limited()).set({ MPAMBWCAP_EL2: { ...ON, CAP: 0x0400 } });
  expect(cpu.registers.limit({ el: 1, kind: "nv2" })?.max).toBe(0x3000);
});

test("CAP lowers the limits of EL1 and EL0, and no others", async () => {
  const cpu = (await limited()).set({ MPAMBWCAP_EL2: { ...ON, CAP: 0x0800 } });
  expect(most(cpu)).toEqual([0x800, 0x800, 0x3000, 0x4000]);
  expect(most(cpu, "streaming")).toEqual([0x800, 0x800, 0x5000, 0x5000]);
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0x800, hard: true, scaled: false });
  cpu.set({ MPAMBWCAP_EL2: { ...ON, CAP: 0x1800 } });
  expect(most(cpu)).toEqual([0x1000, 0x1800, 0x3000, 0x4000]);
  cpu.set({ MPAMBWCAP_EL2: { CAP: 0x0800 } });
  expect(most(cpu)).toEqual([0x1000, 0x2000, 0x3000, 0x4000]);
});

test("CAP acts where EL2 is enabled, on EL0 unless E2H, TGE = 1, 1, and never alone", async () => {
  const cpu = (await limited()).set({ MPAMBWCAP_EL2: { ...ON, CAP: 0x0800 }, HCR_EL2: { E2H: 1, TGE: 1 } });
  expect(most(cpu)).toEqual([0x1000, 0x800, 0x3000, 0x4000]);
  cpu.set({ HCR_EL2: { E2H: 1 } });
  expect(most(cpu)).toEqual([0x800, 0x800, 0x3000, 0x4000]);
  cpu.set({ SCR_EL3: { NS: 0, EEL2: 0 } });
  expect(most(cpu)).toEqual([0x1000, 0x2000, 0x3000, 0x4000]);
  cpu.set({ SCR_EL3: { NS: 1 }, MPAMBW1_EL1: {} });
  expect(cpu.registers.limit({ el: 1 })).toBeUndefined();
});

test("numbers of 16.16 and fractions compare as what they are", async () => {
  const cpu = (await limited()).set({ MPAMBW1_EL1: { ...ON, HW_SCALE_ENABLE: 1, MAX: 0x0001_0000 } });
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0x1_0000, hard: false, scaled: true });
  cpu.set({ MPAMBWCAP_EL2: { ...ON, CAP: 0xffc0 } });
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0xffc0, hard: false, scaled: false });
  cpu.set({ MPAMBWCAP_EL2: { ...ON, HW_SCALE_ENABLE: 1, CAP: 0x8000_0000n } });
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0x1_0000, hard: false, scaled: true });
  cpu.set({ MPAMBW1_EL1: { ...ON, MAX: 0x8000 }, MPAMBWCAP_EL2: { ...ON, HW_SCALE_ENABLE: 1, CAP: 0x4000 } });
  expect(cpu.registers.limit({ el: 1 })).toEqual({ max: 0x4000, hard: false, scaled: true });
  cpu.set({ MPAMBWCAP_EL2: { ...ON, HW_SCALE_ENABLE: 1, CAP: 0x8000 } });
  expect(cpu.registers.limit({ el: 1 })?.scaled).toBe(false);
});
