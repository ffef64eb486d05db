// The context switch, register by register (linux-driver.md 10.3).

import { describe, expect, test } from "vitest";
import { running, tag } from "./kernels.ts";

describe("on a switch", () => {
  test("to a task with another tag the kernel's register is written, a barrier passed, and the user's register written", () => {
    const { kernel, port } = running();
    kernel.setTag(1, { partidD: 4, partidI: 5, pmgD: 2, pmgI: 3 });
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([
      "0 EL1 MPAM1_EL1 := 0x8000020300040005",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x20300040005",
    ]);
  });

  test("with SME the data half goes into MPAMSM_EL1 before the barrier", () => {
    const { kernel, port } = running({ cpus: [{ sme: true }] });
    kernel.setTag(1, { partidD: 4, partidI: 5, pmgD: 2, pmgI: 3 });
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([
      "0 EL1 MPAM1_EL1 := 0x8000020300040005",
      "0 EL1 MPAMSM_EL1 := 0x20000040000",
      "0 isb",
      "0 EL1 MPAM0_EL1 := 0x20300040005",
    ]);
  });

  test("with VHE the same names are used at EL2", () => {
    const { kernel, port } = running({ vhe: true });
    kernel.setTag(1, tag(1));
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual(["0 EL2 MPAM1_EL1 := 0x8000000000010001", "0 isb", "0 EL2 MPAM0_EL1 := 0x10001"]);
  });

  test("to a task with the same tag nothing is written", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(7, 1));
    kernel.setTag(2, tag(7, 1));
    kernel.switchTo(0, 1);
    port.taken();
    kernel.switchTo(0, 2);
    expect(port.taken(true)).toEqual([]);
    expect(kernel.counts(0)).toMatchObject({ switches: 1, isbs: 1 + 1 });
  });

  test("one half of a tag is a difference", () => {
    const { kernel, port } = running();
    for (const [tid, label] of [
      [1, tag(7)],
      [2, { ...tag(7), partidI: 8 }],
      [3, { ...tag(7), pmgI: 1 }],
    ] as const) {
      kernel.setTag(tid, label);
      kernel.switchTo(0, tid);
      expect(port.taken().length).toBe(3);
    }
  });

  test("before MPAM is enabled, and after it has been disabled, nothing is written", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(7));
    kernel.setTag(2, tag(8));
    kernel.switchTo(0, 1);
    port.taken();
    kernel.stop();
    kernel.switchTo(0, 2);
    expect(port.taken(true)).toEqual([]);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0007_0007n);
    kernel.start();
    kernel.switchTo(0, 2);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0008_0008n);
  });

  test("each cpu remembers what it holds by itself", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(7));
    kernel.switchTo(0, 1);
    port.taken();
    kernel.switchTo(1, 1);
    expect(port.taken()[0]).toBe("1 EL1 MPAM1_EL1 := 0x8000000000070007");
  });
});

describe("the default", () => {
  test("of the cpu is for tasks whose tag is the global default", () => {
    const { kernel, port } = running();
    kernel.setCpuDefault(1, tag(9));
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([]);
    kernel.switchTo(1, 1);
    expect(port.value(1, "MPAM0_EL1")).toBe(0x0009_0009n);
    kernel.setTag(1, tag(3));
    kernel.switchTo(1, 1);
    expect(port.value(1, "MPAM0_EL1")).toBe(0x0003_0003n);
  });

  test("may be a label other than 0, as with code/data prioritisation; tag 0 is one like any other then", () => {
    const { kernel, port } = running();
    const cdp = { partidD: 0, partidI: 1, pmgD: 0, pmgI: 0 };
    kernel.setGlobalDefault(cdp);
    kernel.setCpuDefault(0, { partidD: 4, partidI: 5, pmgD: 0, pmgI: 0 });
    kernel.setTag(2, cdp);
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([]);
    kernel.switchTo(0, 2);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0004_0005n);
  });

  test("is what was set, whatever becomes of the object", () => {
    const { kernel, port } = running();
    const label = { ...tag(2) };
    kernel.setCpuDefault(0, label);
    label.partidD = 3000;
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0002_0002n);
    const everywhere = { ...tag(1) };
    kernel.setGlobalDefault(everywhere);
    everywhere.partidD = 3000;
    expect(kernel.globalDefault).toEqual(tag(1));
  });

  test("changes at the next switch, of the task that runs too", () => {
    const { kernel, port, changes } = running();
    kernel.switchTo(0, 1);
    kernel.setCpuDefault(0, tag(2));
    expect(changes).toEqual([{ cpu: 0 }]);
    expect(port.taken()).toEqual([]);
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0002_0002n);
    expect(kernel.counts(0).switches).toBe(0);
  });
});

describe("a value that somebody else has written", () => {
  function written() {
    const made = running();
    made.kernel.switchTo(0, 1);
    made.port.registers[0]!.set("MPAM0_EL1", 0x0055_0055n);
    made.kernel.writtenByHand(0);
    return made;
  }

  test("stays while the task runs", () => {
    const { kernel, port, changes } = written();
    expect(changes).toEqual([{ cpu: 0 }]);
    kernel.switchTo(0, 1);
    expect([port.taken(), kernel.isByHand(0)]).toEqual([[], true]);
  });

  test("goes when another one does, even one with the same tag", () => {
    const { kernel, port } = written();
    kernel.switchTo(0, 2);
    expect(port.taken()).toEqual(["0 EL1 MPAM1_EL1 := 0x8000000000000000", "0 isb", "0 EL1 MPAM0_EL1 := 0x0"]);
    expect(kernel.isByHand(0)).toBe(false);
  });

  test("goes when the task gets another label", () => {
    const { kernel, port } = written();
    kernel.setTag(1, tag(3));
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0003_0003n);
  });

  test("before anything has run there is the first task's", () => {
    const { kernel, port } = running();
    port.registers[0]!.set("MPAM0_EL1", 0x0055_0055n);
    kernel.writtenByHand(0);
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM0_EL1")).toBe(0x0055_0055n);
    kernel.switchTo(0, 2);
    expect(port.value(0, "MPAM0_EL1")).toBe(0n);
  });
});

describe("a rehearsal", () => {
  test("writes what a switch would, and counts and remembers nothing", () => {
    const { kernel, port } = running();
    kernel.setTag(1, tag(1));
    kernel.setTag(2, tag(2));
    kernel.switchTo(0, 1);
    port.taken();
    const before = kernel.save();
    const saved = new Map(port.registers[0]);
    const seen = kernel.rehearse(0, 2, () => port.value(0, "MPAM0_EL1"));
    port.registers[0] = saved;
    expect(seen).toBe(0x0002_0002n);
    expect(kernel.save()).toEqual(before);
    port.taken();
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual([]);
  });
});
