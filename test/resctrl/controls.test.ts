// Reading, setting and resetting controls (resctrl-glue.md section 9).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import {
  getConfig,
  getNumClosid,
  getResource,
  RESOURCE_IDS,
  resetAllCtrls,
  updateDomains,
  updateOne,
} from "../../src/resctrl/index.ts";
import { archOf, control, outcome } from "./machine.ts";

describe("staged values", () => {
  test("are applied domain by domain; the first error ends it, and what was done before it stays", async () => {
    const { arch, driver } = await archOf({ l3: { 0: [0, 1], 1: [2, 3], 2: [4, 5], 3: [6, 7] } });
    const r = getResource(arch, "L3");
    for (const d of r.ctrlDomains) d.staged.set("none", 1 << d.id);
    const { apply } = driver;
    driver.apply = (component, partid, config) =>
      component.id === 2
        ? Promise.reject(new ErrnoError("EIO", "the bus failed"))
        : apply.call(driver, component, partid, config);
    expect(await outcome(updateDomains(arch, r, 3))).toBe("EIO");
    expect(r.ctrlDomains.map((d) => getConfig(arch, r, d, 3, "none"))).toEqual([1, 2, 0xffff, 0xffff]);
    expect(driver.applied.map(({ id }) => id)).toEqual([0, 1]);
  });

  test("are applied where there are any, and to the closid that is meant", async () => {
    const { arch, driver } = await archOf();
    const [r, d] = control(arch, "MB", 1);
    d.staged.set("none", 30);
    await updateDomains(arch, r, 5);
    expect(driver.applied).toEqual([{ id: 1, level: 3, partid: 5, config: { mbwMax: 37 << 9 } }]);
  });
});

test("resetting one resource of a class resets the other that lives in it", async () => {
  const { arch } = await archOf({ l2Wd: 4 });
  for (const rid of ["L3", "MB", "L2"] as const) await updateOne(arch, ...control(arch, rid), 1, "none", 10);
  await resetAllCtrls(arch, getResource(arch, "MB"));
  const read = (rid: "L3" | "MB" | "L2") => getConfig(arch, ...control(arch, rid), 1, "none");
  expect([read("L3"), read("MB"), read("L2")]).toEqual([0xffff, 100, 10]);
});

test("what nothing controls has defaults, refuses to be set, and has nothing to reset", async () => {
  const { arch, driver } = await archOf({ bwaWd: 0 });
  const [, d] = control(arch, "L3");
  for (const rid of ["MB", "SMBA"] as const) {
    const r = getResource(arch, rid);
    expect(getConfig(arch, r, d, 0, "none")).toBe(100);
    expect(await outcome(updateOne(arch, r, d, 0, "none", 50))).toBe("EINVAL");
    await resetAllCtrls(arch, r);
  }
  expect(driver.applied).toEqual([]);
});

test("every resource has as many closids as there are PARTIDs, and one more is refused, or reads as the default", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), async (partidMax) => {
      const { arch } = await archOf({ partidMax });
      for (const rid of RESOURCE_IDS) expect(getNumClosid(arch, getResource(arch, rid))).toBe(partidMax + 1);
      const [r, d] = control(arch, "L3");
      await updateOne(arch, r, d, partidMax, "none", 1);
      expect(getConfig(arch, r, d, partidMax, "none")).toBe(1);
      expect(await outcome(updateOne(arch, r, d, partidMax + 1, "none", 1))).toBe("EINVAL");
      expect(getConfig(arch, r, d, partidMax + 1, "none")).toBe(0xffff);
    }),
  );
});
