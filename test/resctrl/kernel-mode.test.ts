// The hook for kernel work: groups in, labels out (more.md section 5).

import { expect, test } from "vitest";
import { type KernelPolicy, kernelModeCapable, setCdpEnabled, setKernelMode } from "../../src/resctrl/index.ts";
import { archOf } from "./machine.ts";

const web = { closid: 2, rmid: 1 };
const other = { closid: 1, rmid: 0 };
const label = (partidD: number, partidI: number, pmg: number) => ({ partidD, partidI, pmgD: pmg, pmgI: pmg });

async function told(cdp: boolean) {
  const { arch, driver } = await archOf();
  if (cdp) setCdpEnabled(arch, "L3", true, { expert: true });
  return { arch, mode: (): KernelPolicy | undefined => driver.machine.processor.kernel?.mode };
}

test("one group for all kernel work: its label, and the cpus in order", async () => {
  const { arch, mode } = await told(false);
  setKernelMode(arch, { policy: "global", group: web, cpus: new Set([3, 1]) });
  expect(mode()).toEqual({ policy: "global", label: label(2, 2, 1), cpus: [1, 3] });
  setKernelMode(arch, { policy: "global", group: web, cpus: [] });
  expect(mode()).toEqual({ policy: "global", label: label(2, 2, 1), cpus: [] });
  setKernelMode(arch, { policy: "inherit" });
  expect(mode()).toEqual({ policy: "inherit" });
});

test("a group for each group: pairs of labels", async () => {
  const { arch, mode } = await told(false);
  setKernelMode(arch, { policy: "per-group", groups: new Map([[web, other] as const, [other, other] as const]) });
  const pairs = [
    { user: label(2, 2, 1), kernel: label(1, 1, 0) },
    { user: label(1, 1, 0), kernel: label(1, 1, 0) },
  ];
  expect(mode()).toEqual({ policy: "per-group", pairs });
});

test("of two groups with one label the first counts", async () => {
  const { arch, mode } = await told(false);
  const groups = [
    [web, other],
    [{ ...web }, web],
  ] as const;
  setKernelMode(arch, { policy: "per-group", groups });
  expect(mode()).toEqual({ policy: "per-group", pairs: [{ user: label(2, 2, 1), kernel: label(1, 1, 0) }] });
});

test("under CDP user and kernel have a pair of PARTIDs each, data even", async () => {
  const { arch, mode } = await told(true);
  setKernelMode(arch, { policy: "global", group: web, cpus: [0] });
  expect(mode()).toMatchObject({ label: label(4, 5, 1) });
  setKernelMode(arch, { policy: "per-group", groups: [[web, other]] });
  expect(mode()).toEqual({ policy: "per-group", pairs: [{ user: label(4, 5, 1), kernel: label(2, 3, 0) }] });
});

test("a kernel with one mode cannot be told another: EOPNOTSUPP", async () => {
  const { arch, driver } = await archOf();
  expect(kernelModeCapable(arch)).toBe(true);
  driver.machine.processor.kernel = undefined;
  expect(kernelModeCapable(arch)).toBe(false);
  expect(() => setKernelMode(arch, { policy: "inherit" })).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
});
