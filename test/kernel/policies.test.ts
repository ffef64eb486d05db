// Under which label the kernel works (more.md 5).

import { describe, expect, test } from "vitest";
import type { KernelMode } from "../../src/kernel/index.ts";
import { running, tag } from "./kernels.ts";

const MPAMEN = 1n << 63n;

/** What MPAM1_EL1 and MPAM0_EL1 hold, as PARTIDs, after task 1 (PARTID 5) and then task 2 (PARTID 6) have run. */
function partids(mode: KernelMode, cpu = 0): unknown[] {
  const { kernel, port } = running();
  kernel.setGlobalDefault(tag(0));
  kernel.setTag(1, tag(5));
  kernel.setTag(2, tag(6));
  kernel.mode = mode;
  return [1, 2].map((tid) => {
    kernel.switchTo(cpu, tid);
    const [el1, el0] = [port.value(cpu, "MPAM1_EL1")!, port.value(cpu, "MPAM0_EL1") ?? 0n];
    expect(el1 & MPAMEN).toBe(MPAMEN);
    return [Number(el1 & 0xffffn), Number(el0 & 0xffffn)];
  });
}

describe("kernel work is", () => {
  test.each([
    [{ policy: "inherit" }, [5, 5], [6, 6]],
    [{ policy: "default" }, [0, 5], [0, 6]],
    [{ policy: "global", label: tag(9) }, [9, 5], [9, 6]],
    [{ policy: "global", label: tag(9), cpus: [1] }, [5, 5], [6, 6]],
    [{ policy: "per-group", pairs: [{ user: tag(6), kernel: tag(7) }] }, [0, 5], [7, 6]],
  ] satisfies [KernelMode, number[], number[]][])("%j: %j, then %j", (mode, first, second) => {
    expect(partids(mode)).toEqual([first, second]);
  });

  test("of one label on some cpus, and the task's on the others", () => {
    expect(partids({ policy: "global", label: tag(9), cpus: [1] }, 1)).toEqual([
      [9, 5],
      [9, 6],
    ]);
  });

  test("of the default group's label, also where that is not 0", () => {
    const { kernel, port } = running();
    kernel.mode = { policy: "default" };
    kernel.setGlobalDefault({ ...tag(0), partidI: 1 });
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    expect(port.value(0, "MPAM1_EL1")).toBe(MPAMEN | 1n);
  });
});

describe("a register is written only where its label has changed", () => {
  test("with one label for the kernel a switch writes MPAM0_EL1 alone, without a barrier", () => {
    const { kernel, port } = running({ cpus: [{ sme: true }] });
    kernel.mode = { policy: "default" };
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual(["0 EL1 MPAMSM_EL1 := 0x50000", "0 EL1 MPAM0_EL1 := 0x50005"]);
  });

  test("groups that share a label for the kernel cost a write each, and others two and a barrier", () => {
    const { kernel } = running();
    const pairs = [
      { user: tag(5), kernel: tag(1) },
      { user: tag(6), kernel: tag(1) },
      { user: tag(7), kernel: tag(2) },
    ];
    kernel.mode = { policy: "per-group", pairs };
    for (const tid of [1, 2, 3]) kernel.setTag(tid, tag(4 + tid));
    for (const tid of [1, 2, 3, 1]) kernel.switchTo(0, tid);
    const { switches, writes, isbs } = kernel.counts(0);
    // At boot one each; then 5 (both), 6 (user), 7 (both), 5 (both).
    expect({ switches, writes, isbs }).toEqual({
      switches: 3,
      writes: { MPAM1_EL1: 1 + 3, MPAMSM_EL1: 0, MPAM0_EL1: 1 + 4 },
      isbs: 1 + 3,
    });
  });

  test("what inherit costs, and default does not", () => {
    const cost = (mode: KernelMode) => {
      const { kernel } = running();
      kernel.mode = mode;
      kernel.setTag(1, tag(5));
      kernel.setTag(2, tag(6));
      const before = kernel.counts();
      for (let n = 0; n < 10; n++) kernel.switchTo(0, 1 + (n % 2));
      const { writes, isbs } = kernel.counts();
      return [
        writes.MPAM1_EL1 - before.writes.MPAM1_EL1,
        writes.MPAM0_EL1 - before.writes.MPAM0_EL1,
        isbs - before.isbs,
      ];
    };
    expect(cost({ policy: "inherit" })).toEqual([10, 10, 10]);
    expect(cost({ policy: "default" })).toEqual([0, 10, 0]);
  });
});

describe("a mode", () => {
  test("that is set holds from the next switch on, and everybody's label may have changed", () => {
    const { kernel, port, changes } = running();
    kernel.setTag(1, tag(5));
    kernel.switchTo(0, 1);
    changes.length = 0;
    kernel.mode = { policy: "global", label: tag(9) };
    expect(changes).toEqual(["all"]);
    port.taken();
    kernel.switchTo(0, 1);
    expect(port.taken()).toEqual(["0 EL1 MPAM1_EL1 := 0x8000000000090009", "0 isb"]);
  });

  test("is what was set, whatever becomes of the object", () => {
    const { kernel } = running();
    const pairs = [{ user: tag(5), kernel: tag(1) }];
    kernel.mode = { policy: "per-group", pairs };
    pairs.pop();
    expect(kernel.mode).toEqual({ policy: "per-group", pairs: [{ user: tag(5), kernel: tag(1) }] });
  });

  test.each([
    { policy: "none" },
    { policy: "global", label: tag(64) },
    { policy: "global", label: tag(1), cpus: [2] },
    { policy: "per-group", pairs: [{ user: tag(1), kernel: tag(64) }] },
    {
      policy: "per-group",
      pairs: [
        { user: tag(1), kernel: tag(2) },
        { user: tag(1), kernel: tag(3) },
      ],
    },
  ])("%j is refused", (mode) => {
    const { kernel } = running();
    expect(() => {
      kernel.mode = mode as KernelMode;
    }).toThrow(expect.objectContaining({ code: "EINVAL" }));
    expect(kernel.mode).toEqual({ policy: "inherit" });
  });
});
