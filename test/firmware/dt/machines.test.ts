// Machines that a driver boots from their device tree.

import { describe, expect, test } from "vitest";
import { Driver } from "../../../src/driver/index.ts";
import { describeDeviceTree, deviceTree } from "../../../src/firmware/index.ts";
import { Machine } from "../../../src/machine/index.ts";
import { loadPlatform } from "../../../src/platform/index.ts";

async function boot(name: string, firmware = true) {
  const platform = await loadPlatform(new URL(`../../../platforms/${name}.yaml`, import.meta.url));
  const machine = await Machine.create(platform);
  const driver = await Driver.probe(machine, firmware ? { firmware: describeDeviceTree(deviceTree(platform)) } : {});
  expect(driver.enabled).toBe(true);
  return driver;
}

describe("platforms that come with the package", () => {
  test("big-little: the class of L2s has what both clusters have", async () => {
    const driver = await boot("big-little");
    const [l2, l3] = [2, 3].map((level) => driver.classes.find((one) => one.type === "cache" && one.level === level));
    expect(l2?.components.map(({ id, affinity }) => [id, [...affinity].sort()])).toEqual([
      [0, [0, 1, 2, 3]],
      [4, [4, 5, 6, 7]],
    ]);
    // 8 portions here and 16 there: none. A soft CMAX and clean lines apart: only the big one. 4 monitors of 8.
    expect([...(l2?.props.features ?? [])].sort()).toEqual(["cmax_cmax", "msmon_csu"]);
    expect(l2?.props).toMatchObject({ numCsuMon: 4, cmaxWd: 8 });
    expect([...(l3?.props.features ?? [])]).toContain("cpor_part");
    expect(l3?.props.cpbmWd).toBe(16);
    expect(driver.classes.some(({ type }) => type === "memory")).toBe(true);
    expect(driver.partidMax).toBe(31);
  });

  test("android: what the tree says no word of is a part of the class of unknown ones", async () => {
    const driver = await boot("android");
    expect(driver.classes.map(({ type, level }) => [type, level])).toEqual([["unknown", 0]]);
    expect([...(driver.classes[0]?.props.features ?? [])].sort()).toEqual(["cmax_cmax", "cpor_part"]);
    expect(driver.partidMax).toBe(63);
  });

  test("minimal: one cache of two portions, two PARTIDs", async () => {
    const driver = await boot("minimal", false);
    expect(driver.classes.map(({ type, level, props }) => [type, level, props.cpbmWd])).toEqual([["cache", 3, 2]]);
    expect([driver.partidMax, driver.pmgMax]).toEqual([1, 0]);
  });
});
