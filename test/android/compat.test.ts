// What the modules of 2022 do that is hazardous, with and without `compat` (docs/modelled.md). Each field of the oddities has a test.

import { expect, test } from "vitest";
import { ANDROID_2022, REPAIRED } from "../../src/android/compat.ts";
import { Android, type AndroidOptions } from "../../src/android/index.ts";
import type { Machine } from "../../src/machine/index.ts";
import { machineWith } from "./machines.ts";

const OLD: AndroidOptions = { compat: "android-2022" };

test("repaired and kept differ in every field", () => {
  for (const name of Object.keys(REPAIRED) as (keyof typeof REPAIRED)[]) {
    expect([name, REPAIRED[name], ANDROID_2022[name]]).toEqual([name, false, true]);
  }
});

test("there is no other compat", async () => {
  const machine = await machineWith();
  await expect(Android.load(machine, { compat: "android-2023" as "android-2022" })).rejects.toMatchObject({
    code: "EINVAL",
    message: expect.stringMatching(/android-2022/),
  });
});

/** MPAMCFG_CPBM words of a PARTID. */
function portions(machine: Machine, partid: number): number[] {
  machine.write32(0, 0x100, partid);
  return [machine.read32(0, 0x1000), machine.read32(0, 0x1004)];
}

/** MPAMF_ESR.ERRCODE. */
const error = (machine: Machine) => (machine.read32(0, 0xf8) >>> 24) & 15;

test("an MSC with fewer PARTIDs than the cpus is reset beyond its end, which is an error of selection", async () => {
  const shape = { partidMax: 15, msc: { spaces: { ns: { partidMax: 7, pmgMax: 0 } }, cpor: { cpbmWd: 8 } } };
  const old = await machineWith(shape);
  await Android.load(old, OLD);
  expect(error(old)).toBe(1);
  const repaired = await machineWith(shape);
  await Android.load(repaired);
  expect(error(repaired)).toBe(0);
});

test("an MSC with more PARTIDs than the cpus keeps in those what they had, where only the cpus' are reset", async () => {
  const shape = { partidMax: 3, msc: { spaces: { ns: { partidMax: 7, pmgMax: 0 } }, cpor: { cpbmWd: 8 } } };
  const after = async (options: AndroidOptions) => {
    const machine = await machineWith(shape);
    machine.write32(0, 0x100, 6);
    machine.write32(0, 0x1000, 0x11);
    await Android.load(machine, options);
    return portions(machine, 6)[0];
  };
  expect(await after(OLD)).toBe(0x11);
  expect(await after({})).toBe(0xff);
});

test("a cache of more portions than there are PARTIDs begins with only so many", async () => {
  const shape = { partidMax: 5, msc: { cpor: { cpbmWd: 16 } } };
  const first = async (options: AndroidOptions) => {
    const machine = await machineWith(shape);
    const android = await Android.load(machine, options);
    return [await android.readFile("mpam/partitions/2/cpbm"), portions(machine, 2)[0]];
  };
  expect(await first(OLD)).toEqual(["0-5\n", 0x3f]);
  expect(await first({})).toEqual(["0-15\n", 0xffff]);
});

test("of more than 32 portions the upper word has those of the lower one as well, and is read elsewhere", async () => {
  const shape = { partidMax: 63, msc: { cpor: { cpbmWd: 64 } } };
  const written = async (options: AndroidOptions) => {
    const machine = await machineWith(shape);
    const android = await Android.load(machine, options);
    await android.writeFile("mpam/partitions/2/cpbm", "0,33");
    return [portions(machine, 2), await android.readFile("mpam/partitions/2/cpbm")];
  };
  expect(await written(OLD)).toEqual([[0x1, 0x3], "0\n"]);
  expect(await written({})).toEqual([[0x1, 0x2], "0,33\n"]);
});

test("32 portions are right with both", async () => {
  const shape = { partidMax: 63, msc: { cpor: { cpbmWd: 32 } } };
  for (const options of [OLD, {}]) {
    const machine = await machineWith(shape);
    const android = await Android.load(machine, options);
    await android.writeFile("mpam/partitions/2/cpbm", "0,31");
    expect(portions(machine, 2)[0]).toBe(0x8000_0001);
    expect(await android.readFile("mpam/partitions/2/cpbm")).toBe("0,31\n");
  }
});

test("a newline after used/group separates", async () => {
  const read = async (options: AndroidOptions) => {
    const android = await Android.load(await machineWith(), options);
    await android.writeFile("mpam/partitions/2/cpbm", "0-3:1/2\n7\n");
    return android.readFile("mpam/partitions/2/cpbm");
  };
  expect(await read(OLD)).toBe("0,2,7\n");
  expect(await read({})).toBe("0,2\n");
});
