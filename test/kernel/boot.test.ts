// What a kernel finds out at boot, and the registers that cpus get then (linux-driver.md 10.2, 10.4, more.md 6).

import { describe, expect, test } from "vitest";
import { kernelOn, running, tag } from "./kernels.ts";
import type { FakeCpu } from "./port.ts";

function booted(cpus: readonly FakeCpu[], commandLine = "", boot = cpus.map((_, cpu) => cpu)) {
  const made = kernelOn({ cpus });
  const lines: string[] = [];
  const features = made.kernel.boot({ commandLine, cpus: boot, log: (level, text) => lines.push(`${level}: ${text}`) });
  return { ...made, features, lines };
}

const ENMPAMSM = "0x4000000000000";

describe("boot", () => {
  test("at EL2 leaves no traps and no virtual PARTIDs, and the hook of the feature enables with PARTID 0", () => {
    const { port } = booted([{}]);
    expect(port.taken()).toEqual([
      `0 EL2 MPAM2_EL2 := ${ENMPAMSM}`,
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 EL2 HCR_EL2 := 0x0",
      "0 EL1 MPAM1_EL1 := 0x8000000000000000",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x0",
    ]);
  });

  test("without HAS_HCR MPAMHCR_EL2 is left alone; with SME MPAMSM_EL1 is written", () => {
    const { port } = booted([{ hasHcr: false, sme: true }]);
    expect(port.taken()).toEqual([
      `0 EL2 MPAM2_EL2 := ${ENMPAMSM}`,
      "0 EL2 HCR_EL2 := 0x0",
      "0 EL1 MPAM1_EL1 := 0x8000000000000000",
      "0 EL1 MPAMSM_EL1 := 0x0",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x0",
    ]);
  });

  test("with VHE the kernel stays at EL2, with E2H and TGE", () => {
    const { kernel, port } = kernelOn({ cpus: [{}], vhe: true });
    kernel.boot({ cpus: [0] });
    expect(port.taken().slice(2)).toEqual([
      "0 EL2 HCR_EL2 := 0x408000000",
      "0 EL2 MPAM1_EL1 := 0x8000000000000000",
      "0 isb",
      "0 EL2 MPAM0_EL1 := 0x0",
    ]);
  });

  test("without EL2 there is nothing to set up", () => {
    const { kernel, port } = kernelOn({ cpus: [{ hasHcr: false }], el2: false });
    kernel.boot({ cpus: [0] });
    expect(port.taken()).toEqual(["0 EL1 MPAM1_EL1 := 0x8000000000000000", "0 isb", "0 EL1 MPAM0_EL1 := 0x0"]);
  });

  test("without a driver leaves MPAMEN of MPAM2_EL2 as it is, which counts where there is no EL3", () => {
    const { kernel, port } = kernelOn({ cpus: [{}] });
    port.registers[0]!.set("MPAM2_EL2", 1n << 63n);
    kernel.bootAlone([0]);
    expect(port.taken()[0]).toBe("0 EL2 MPAM2_EL2 := 0x8004000000000000");
    expect(kernel.enabled).toBe(true);
    kernel.boot({ cpus: [0] });
    expect(port.taken()[0]).toBe(`0 EL2 MPAM2_EL2 := ${ENMPAMSM}`);
    expect(kernel.enabled).toBe(false);
  });

  test("forgets what was written before", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    kernel.boot({ cpus: [0, 1] });
    kernel.start();
    port.taken();
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0005_0005n);
  });
});

describe("a kernel that is told not to use MPAM", () => {
  test.each([
    "arm64.nompam",
    "quiet arm64.nompam splash",
    "id_aa64pfr0.mpam=0 id_aa64pfr1.mpam_frac=0",
    "id-aa64pfr0.mpam=0x0 id_aa64pfr1.mpam-frac=0",
  ])("by %s touches none of its registers, even where firmware traps them", (commandLine) => {
    const { features, port, kernel } = booted([{ traps: 3 }, {}], commandLine);
    expect(features.without).toBe("arm64.nompam is on the command line");
    expect(port.taken(true).filter((line) => line.includes("MPAM"))).toEqual([]);
    kernel.start();
    kernel.addTask({ tid: 1, pid: 1, comm: "", cpu: 0 });
    kernel.setTag(1, tag(1));
    kernel.switchTo(0, 1);
    expect([kernel.enabled, port.taken(true)]).toEqual([false, []]);
  });

  test.each([
    "",
    "arm64.nompamx",
    "nompam",
    "-- arm64.nompam",
    "id_aa64pfr0.mpam=x",
    "id_aa64pfr0.mpam=16",
    "constructor __proto__ toString=0",
  ])("is not one with '%s'", (commandLine) => {
    expect(booted([{}], commandLine).features).toMatchObject({ without: undefined, mpam: 1, frac: 1 });
  });

  test("one field alone lowers the version, and nothing can raise it", () => {
    expect(booted([{}], "id_aa64pfr0.mpam=0").features).toMatchObject({ without: undefined, mpam: 0, frac: 1 });
    expect(booted([{ frac: 0 }], "id_aa64pfr1.mpam_frac=1").features).toMatchObject({ mpam: 1, frac: 0 });
  });

  test("is told that the command line is why, and not the cpus, where one field was all that they had", () => {
    const { features } = booted([{ frac: 0 }, {}], "id_aa64pfr0.mpam=0");
    expect(features.without).toBe("the command line hides the MPAM of cpu 0");
    expect(booted([{ mpam: 0, frac: 0 }], "id_aa64pfr0.mpam=0").features.without).toBe("the cpus have no MPAM");
  });
});

describe("a kernel for which firmware traps", () => {
  test.each([
    [3, /cpu 1 as it reads MPAMIDR_EL1: it traps to EL3.*TRAPLOWER = 1; arm64.nompam/],
    [2, /cpu 1 as it reads MPAMIDR_EL1: it traps to EL2/],
  ] as const)("dies: to EL%i", (traps, words) => {
    const { kernel } = kernelOn({ cpus: [{}, { traps }] });
    const call = () => kernel.boot({ cpus: [0, 1] });
    expect(call).toThrow(words);
    expect(call).toThrow(expect.objectContaining({ code: "EIO" }));
    kernel.start();
    expect([kernel.enabled, kernel.features]).toEqual([false, undefined]);
  });
});

describe("of what cpus have", () => {
  test.each([
    // The rows of more.md 6: strict fields warn and taint, the others do not; the least counts.
    [[{}, {}], { mpam: 1, frac: 1, partidMax: 63, pmgMax: 3, hasHcr: true, tainted: false, without: undefined }, 0],
    [[{}, { frac: 0 }], { mpam: 1, frac: 0, tainted: true, without: undefined }, 1],
    [[{ mpam: 0 }, {}], { mpam: 0, frac: 1, tainted: true, without: undefined }, 1],
    [[{}, { hasHcr: false }], { hasHcr: false, tainted: true, without: undefined }, 1],
    [[{ partidMax: 31 }, {}], { partidMax: 31, pmgMax: 3, tainted: false, without: undefined }, 0],
    [[{}, { pmgMax: 1, vpmrMax: 3 }], { pmgMax: 1, vpmrMax: 3, tainted: false, without: undefined }, 0],
    [[{}, { mpam: 0, frac: 0 }], { tainted: true, without: "cpu 1 has no MPAM, and all need it" }, 2],
    [[{ mpam: 0, frac: 0 }], { tainted: false, without: "the cpus have no MPAM" }, 0],
    [
      [{ frac: 0 }, { mpam: 0 }],
      { tainted: true, without: "the cpus have versions of MPAM that have nothing in common" },
      2,
    ],
  ] satisfies [FakeCpu[], object, number][])("%j", (cpus, system, warnings) => {
    const { features, lines } = booted(cpus);
    expect(features).toMatchObject(system);
    expect(lines.filter((line) => line.startsWith("warning:")).length).toBe(warnings);
    expect(lines.length).toBe(warnings);
  });

  test("MPAMEN counts on the cpu that decides, and on no other", () => {
    expect(booted([{ enabled: false }, {}]).features.without).toMatch(/MPAMEN is 0 on cpu 0/);
    expect(booted([{}, { enabled: false }]).features.without).toBeUndefined();
    expect(booted([{ enabled: false }, {}], "", [1]).features.without).toBeUndefined();
  });

  test("a cpu without MPAM has nothing of it touched but what says so", () => {
    const { port } = booted([{}, { mpam: 0, frac: 0 }]);
    expect(port.taken(true).filter((line) => line.startsWith("1 ") && / MPAM/.test(line))).toEqual([]);
  });
});

describe("a cpu that comes late", () => {
  const late = (cpu: FakeCpu, system: FakeCpu = {}) => {
    const made = booted([system, cpu], "", [0]);
    made.kernel.start();
    made.port.taken();
    return made;
  };

  test.each([
    [{ mpam: 0 }, "MPAM version mismatch"],
    [{ mpam: 0, frac: 0 }, "MPAM version mismatch"],
    [{ hasHcr: false }, "Missing MPAM HCR"],
    [{ partidMax: 62 }, "max values are mismatched"],
    [{ pmgMax: 2 }, "max values are mismatched"],
  ] satisfies [FakeCpu, string][])("as %j is parked: %s", (cpu, words) => {
    const { kernel, lines, port } = late(cpu);
    expect(() => kernel.bringUp(1)).toThrow(words);
    expect(() => kernel.bringUp(1)).toThrow(expect.objectContaining({ code: "EIO" }));
    expect(lines[0]).toMatch(new RegExp(`^error: CPU1: .*${words}`));
    expect(port.taken().some((line) => line.includes("MPAM1_EL1"))).toBe(false);
    expect(kernel.switches(1)).toBe(false);
  });

  test("without HAS_HCR in the system one that has it differs", () => {
    expect(() => late({}, { hasHcr: false }).kernel.bringUp(1)).toThrow("Missing MPAM HCR");
  });

  test.each([[{ partidMax: 255, pmgMax: 7 }], [{ frac: 0 }], [{ vpmrMax: 1 }], [{ vpmrMax: 7 }]] satisfies [FakeCpu][])(
    "as %j is welcome",
    (cpu) => {
      const { kernel, port } = late(cpu);
      kernel.bringUp(1);
      expect(port.taken()).toEqual([
        "1 off and on",
        `1 EL2 MPAM2_EL2 := ${ENMPAMSM}`,
        "1 EL2 MPAMHCR_EL2 := 0x0",
        "1 EL2 HCR_EL2 := 0x0",
        "1 EL1 MPAM1_EL1 := 0x8000000000000000",
        "1 isb",
        "1 EL1 MPAM0_EL1 := 0x0",
      ]);
      expect(kernel.switches(1)).toBe(true);
    },
  );

  test("is not asked where MPAM is not used", () => {
    const { kernel } = late({ mpam: 0, frac: 0 }, { enabled: false });
    kernel.bringUp(1);
    expect(kernel.switches(1)).toBe(false);
  });
});

describe("a cpu that was off", () => {
  test("has what the kernel remembers when it is back", () => {
    const { kernel, port } = running({ cpus: [{ sme: true }] });
    kernel.setTag(1, tag(5, 1));
    kernel.switchTo(0, 1);
    port.taken();
    kernel.bringUp(0);
    expect(port.taken().slice(-4)).toEqual([
      "0 EL1 MPAM1_EL1 := 0x8000010100050005",
      "0 EL1 MPAMSM_EL1 := 0x10000050000",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x10100050005",
    ]);
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([]);
  });

  test("after MPAM has been disabled has PARTID 0", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    kernel.stop();
    kernel.bringUp(0);
    expect(port.value(0, "MPAM0_EL1")).toBe(0n);
  });

  test("comes without a kernel where none has booted", () => {
    const { kernel, port } = kernelOn();
    kernel.bringUp(0);
    expect(port.taken(true)).toEqual(["0 off and on"]);
  });
});

describe("a cpu that sleeps and loses its registers", () => {
  test("has them back when it wakes, what was written by hand not", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    port.registers[0]!.set("MPAM0_EL1", 0x0055_0055n);
    kernel.writtenByHand(0);
    port.taken();
    kernel.idle(0);
    expect(port.taken()).toEqual([
      "0 off and on",
      `0 EL2 MPAM2_EL2 := ${ENMPAMSM}`,
      "0 EL2 MPAMHCR_EL2 := 0x0",
      "0 EL2 HCR_EL2 := 0x0",
      "0 EL1 MPAM1_EL1 := 0x8000000000050005",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x50005",
    ]);
    expect(kernel.isByHand(0)).toBe(false);
  });

  test("after MPAM has been disabled has what was written last: the notifier asks nobody", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    kernel.stop();
    kernel.idle(0);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0005_0005n);
  });
});

test("a cpu that somebody has reset runs no kernel until it comes again", () => {
  const { kernel } = running();
  kernel.lost(0);
  expect([kernel.switches(0), kernel.switches(1)]).toEqual([false, true]);
  kernel.bringUp(0);
  expect(kernel.switches(0)).toBe(true);
});

test("a kernel of a snapshot goes on as it was", () => {
  const { kernel, port } = running();
  kernel.setTag(1, tag(5));
  kernel.mode = { policy: "per-group", pairs: [{ user: tag(5), kernel: tag(6) }] };
  kernel.switchTo(0, 1);
  port.taken();
  const state = JSON.parse(JSON.stringify(kernel.save()));
  const again = kernelOn({ port, state }).kernel;
  again.switchTo(0, 1);
  expect(port.taken(true)).toEqual([]);
  expect(again.save()).toEqual(kernel.save());
});
