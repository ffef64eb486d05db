// PARTID spaces: the rows of 7.5 of the register reference, worked out by hand.

import { describe, expect, test } from "vitest";
import type { ExceptionLevel } from "../helpers/pe-subject.ts";
import { peImplementations } from "../helpers/pe-subjects.ts";
import { type Cpu, choosing, cpuWith, E2H, MPAMEN, NONSECURE, REALM, SECURE, SECURE_EL2, TGE } from "./cpu.ts";

describe.each(peImplementations)("$name: spaces", (implementation) => {
  const spaces = (cpu: Cpu) =>
    [0, 1, 2, 3].map((el) => cpu.subject.label(el as ExceptionLevel, "data").space).join(" ");

  test("without RME Secure is Secure, unless FORCE_NS", async () => {
    const cpu = await cpuWith(implementation, { version: "0.1", forceNs: "rw" });
    expect(spaces(cpu)).toBe("ns ns ns s");
    cpu.set({ SCR_EL3: SECURE_EL2 });
    expect(spaces(cpu)).toBe("s s s s");
    cpu.set({ MPAM3_EL3: 0x9000_0000_0000_0000n });
    expect(spaces(cpu)).toBe("ns ns ns ns");
    cpu.set({ MPAM3_EL3: 0x1000_0000_0000_0000n });
    expect(spaces(cpu)).toBe("ns ns ns ns");
  });

  const HEN = 0x0200_0000_0000_0000n;
  const HFC = 0x0100_0000_0000_0000n;
  const ALTSP_EL3 = 0x0080_0000_0000_0000n;
  const RT_ALTSP_NS = 0x0010_0000_0000_0000n;
  const HFC2 = HFC;
  const ALTSP_EL2 = ALTSP_EL3;
  const BOTH = E2H + TGE;
  const OFF = -MPAMEN;

  // MPAM3_EL3 has MPAMEN too, but where OFF is added.
  test.each<[string, bigint, bigint, bigint, bigint, string]>([
    ["primary, Non-secure", NONSECURE, 0n, 0n, 0n, "ns ns ns rt"],
    ["primary, Secure", SECURE_EL2, 0n, 0n, 0n, "s s s rt"],
    ["primary, Realm", REALM, 0n, 0n, 0n, "rl rl rl rt"],
    ["primary, reserved is Realm", 0x4000_0000_0000_0000n, 0n, 0n, 0n, "rl rl rl rt"],
    ["EL3 chooses: Root is Secure", REALM, ALTSP_EL3, 0n, 0n, "rl rl rl s"],
    ["EL3 chooses: Root is Non-secure", REALM, ALTSP_EL3 + RT_ALTSP_NS, 0n, 0n, "rl rl rl ns"],
    ["RT_ALTSP_NS alone", REALM, RT_ALTSP_NS, 0n, 0n, "rl rl rl rt"],
    ["EL3 forces, Secure", SECURE_EL2, HFC, 0n, 0n, "ns ns ns rt"],
    ["EL3 forces, Realm", REALM, HFC, 0n, 0n, "ns ns ns rt"],
    ["EL3 forces, Non-secure", NONSECURE, HFC, 0n, 0n, "ns ns ns rt"],
    ["EL3 forces, EL2 not enabled", SECURE, HFC, 0n, 0n, "ns ns ns rt"],
    ["EL2 may and does not", REALM, HEN + HFC, 0n, 0n, "rl rl rl rt"],
    ["EL2 may not", REALM, 0n, HFC2 + ALTSP_EL2, 0n, "rl rl rl rt"],
    ["EL2 chooses for itself", REALM, HEN, ALTSP_EL2, 0n, "rl rl ns rt"],
    ["EL2 chooses for itself and its EL0", REALM, HEN, ALTSP_EL2, BOTH, "ns rl ns rt"],
    ["not with TGE alone", REALM, HEN, ALTSP_EL2, TGE, "rl rl ns rt"],
    ["EL2 chooses for EL1", REALM, HEN, HFC2, 0n, "ns ns rl rt"],
    ["EL2 chooses for EL1, and EL0 is its own", REALM, HEN, HFC2, BOTH, "rl ns rl rt"],
    ["EL2 chooses for EL1, Secure", SECURE_EL2, HEN, HFC2, 0n, "ns ns s rt"],
    ["EL2 chooses for EL1 and is not enabled", SECURE, HEN, HFC2, 0n, "s s s rt"],
    ["MPAMEN = 0: EL2's count as 0", REALM, HEN + OFF, HFC2 + ALTSP_EL2, 0n, "rl rl rl rt"],
    ["MPAMEN = 0: EL3's act", REALM, HFC + ALTSP_EL3 + OFF, 0n, 0n, "ns ns ns s"],
  ])("with RME: %s", async (_, scr, mpam3, mpam2, hcr, expected) => {
    const cpu = await cpuWith(implementation, { rme: true });
    cpu.set({ SCR_EL3: scr, MPAM3_EL3: MPAMEN + mpam3, MPAM2_EL2: mpam2, HCR_EL2: hcr });
    expect(spaces(cpu)).toBe(expected);
  });

  test("what NV2 makes of an access is in EL2's space", async () => {
    const cpu = await cpuWith(implementation, { rme: true });
    cpu.set({ SCR_EL3: REALM, MPAM3_EL3: MPAMEN + HEN, MPAM2_EL2: ALTSP_EL2 });
    expect([cpu.subject.label(1, "data").space, cpu.subject.label(1, "nv2").space]).toEqual(["rl", "ns"]);
  });

  const FRCD = 0x0040_0000_0000_0000n;

  test.each<[string, bigint, bigint, bigint, [boolean, boolean, boolean]]>([
    ["nothing", NONSECURE, 0n, 0n, [false, false, false]],
    ["EL3 forces", NONSECURE, HFC, 0n, [true, true, true]],
    ["EL2 chose for itself", REALM, HEN, ALTSP_EL2, [false, true, false]],
    ["EL2 chose for EL1", REALM, HEN, HFC2, [true, false, false]],
    ["EL2 chose for EL1 and is not enabled", SECURE, HEN, HFC2, [false, false, false]],
    ["EL2 chose, MPAMEN = 0", REALM, HEN + OFF, HFC2 + ALTSP_EL2, [false, false, false]],
  ])(
    "ALTSP_FRCD of MPAM1_EL1, of MPAM2_EL2, and there where it tells force only: %s",
    async (_, scr, mpam3, mpam2, expected) => {
      const shown = async (altspFrcd: "any" | "forced") => {
        const cpu = await cpuWith(implementation, { rme: true, ...choosing({ altspFrcd }) });
        cpu.set({ SCR_EL3: scr, MPAM3_EL3: MPAMEN + mpam3, MPAM2_EL2: mpam2 });
        return (["MPAM1_EL1", "MPAM2_EL2"] as const).map((name) => (BigInt(cpu.get(name)) & FRCD) !== 0n);
      };
      const [el1, any] = await shown("any");
      const [same, forced] = await shown("forced");
      expect([el1, any, forced]).toEqual(expected);
      expect(same).toBe(el1);
    },
  );
});
