// Bandwidth limits: 7.7 of the register reference, worked out by hand.

import { describe, expect, test } from "vitest";
import type { ExceptionLevel, PeProfile } from "../helpers/pe-subject.ts";
import { peImplementations } from "../helpers/pe-subjects.ts";
import { cpuWith, E2H, NONSECURE, SECURE, SECURE_EL2, TGE } from "./cpu.ts";

describe.each(peImplementations)("$name: bandwidth limits", (implementation) => {
  const bandwidth = { bwaWd: 16, maxLim: "both", hwScale: true } as const;
  const ENABLED = 0x4000_0000_0000_0000n;
  const HARD = 0x2000_0000_0000_0000n;
  const SCALE = 0x8000_0000_0000_0000n;
  const soft = (max: number) => ({ max, hard: false, scaled: false });

  const limited = async (has: Partial<PeProfile> = {}) => {
    const cpu = await cpuWith(implementation, { sme: true, bandwidth, ...has });
    cpu.set({
      MPAMBW0_EL1: ENABLED + 0x1000n,
      MPAMBW1_EL1: ENABLED + 0x2000n,
      MPAMBW2_EL2: ENABLED + 0x3000n,
      MPAMBW3_EL3: ENABLED + 0x4000n,
      MPAMBWSM_EL1: ENABLED + 0x5000n,
    });
    return cpu;
  };

  test("each EL has its own, streaming and NV2 theirs", async () => {
    const cpu = await limited();
    expect([0, 1, 2, 3].map((el) => cpu.subject.limit(el as ExceptionLevel, "data")?.max)).toEqual([
      0x1000, 0x2000, 0x3000, 0x4000,
    ]);
    expect([0, 1, 2, 3].map((el) => cpu.subject.limit(el as ExceptionLevel, "streaming")?.max)).toEqual([
      0x5000, 0x5000, 0x5000, 0x5000,
    ]);
    expect([cpu.subject.limit(1, "fetch"), cpu.subject.limit(1, "nv2")]).toEqual([soft(0x2000), soft(0x3000)]);
  });

  test("there is none while ENABLED = 0, or without bandwidth control", async () => {
    const cpu = await limited();
    const off = 0x2000n;
    cpu.set({ MPAMBW0_EL1: off, MPAMBW1_EL1: off, MPAMBW2_EL2: off, MPAMBW3_EL3: off, MPAMBWSM_EL1: off });
    for (const el of [0, 1, 2, 3] as const) {
      for (const kind of ["data", "streaming"] as const) expect(cpu.subject.limit(el, kind)).toBeUndefined();
    }
    const without = await cpuWith(implementation);
    expect(without.subject.limit(1, "data")).toBeUndefined();
  });

  test("without SME streaming is limited as other data", async () => {
    const cpu = await cpuWith(implementation, { bandwidth });
    cpu.set({ MPAMBW1_EL1: ENABLED + 0x2000n });
    expect(cpu.subject.limit(1, "streaming")).toEqual(soft(0x2000));
  });

  test("hard and scaled are as their bits", async () => {
    const cpu = await limited();
    cpu.set({ MPAMBW1_EL1: ENABLED + HARD + SCALE + 0x2_8000n });
    expect(cpu.subject.limit(1, "data")).toEqual({ max: 0x2_8000, hard: true, scaled: true });
  });

  test.each<[string, bigint, bigint, bigint, (number | undefined)[]]>([
    ["a cap that is lower", NONSECURE, 0n, ENABLED + 0x1800n, [0x1000, 0x1800, 0x3000, 0x4000]],
    ["a cap that is not enabled", NONSECURE, 0n, 0x1800n, [0x1000, 0x2000, 0x3000, 0x4000]],
    ["a cap below all", NONSECURE, 0n, ENABLED + 0x800n, [0x800, 0x800, 0x3000, 0x4000]],
    ["EL0 is EL2's", NONSECURE, E2H + TGE, ENABLED + 0x800n, [0x1000, 0x800, 0x3000, 0x4000]],
    ["TGE alone", NONSECURE, TGE, ENABLED + 0x800n, [0x800, 0x800, 0x3000, 0x4000]],
    ["EL2 is not enabled", SECURE, 0n, ENABLED + 0x800n, [0x1000, 0x2000, 0x3000, 0x4000]],
    ["Secure with EEL2", SECURE_EL2, 0n, ENABLED + 0x800n, [0x800, 0x800, 0x3000, 0x4000]],
  ])("%s", async (_, scr, hcr, cap, expected) => {
    const cpu = await limited();
    cpu.set({ SCR_EL3: scr, HCR_EL2: hcr, MPAMBWCAP_EL2: cap });
    expect([0, 1, 2, 3].map((el) => cpu.subject.limit(el as ExceptionLevel, "data")?.max)).toEqual(expected);
  });

  test("a cap limits streaming at EL1 and EL0, not NV2, and nobody by itself", async () => {
    const cpu = await limited();
    cpu.set({ MPAMBWCAP_EL2: ENABLED + 0x800n });
    expect([0, 1, 2, 3].map((el) => cpu.subject.limit(el as ExceptionLevel, "streaming")?.max)).toEqual([
      0x800, 0x800, 0x5000, 0x5000,
    ]);
    expect(cpu.subject.limit(1, "nv2")).toEqual(soft(0x3000));
    cpu.set({ MPAMBW1_EL1: 0x2000n });
    expect(cpu.subject.limit(1, "data")).toBeUndefined();
  });

  test("a fraction is below a number of 1 and more; of a cap the limit has the scaling, not the hardness", async () => {
    const cpu = await limited();
    cpu.set({ MPAMBW1_EL1: ENABLED + HARD + SCALE + 0x1_0000n, MPAMBWCAP_EL2: ENABLED + 0xffffn });
    expect(cpu.subject.limit(1, "data")).toEqual({ max: 0xffff, hard: true, scaled: false });
    cpu.set({ MPAMBW1_EL1: ENABLED + 0xffffn, MPAMBWCAP_EL2: ENABLED + SCALE + 0xfffen });
    expect(cpu.subject.limit(1, "data")).toEqual({ max: 0xfffe, hard: false, scaled: true });
    cpu.set({ MPAMBWCAP_EL2: ENABLED + SCALE + 0xffffn });
    expect(cpu.subject.limit(1, "data")).toEqual(soft(0xffff));
  });
});
