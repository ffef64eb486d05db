// The files of the MSC's device (more.md 4.3).

import { beforeEach, describe, expect, test } from "vitest";
import { Android } from "../../src/android/index.ts";
import type { Machine } from "../../src/machine/index.ts";
import { machineWith } from "./machines.ts";

let machine: Machine;
let android: Android;
beforeEach(async () => {
  machine = await machineWith();
  android = await Android.load(machine);
});

/** MPAMCFG_CPBM and MPAMCFG_CMAX of a PARTID, read past the module. */
function settings(partid: number): [number, number] {
  machine.write32(0, 0x100, partid);
  return [machine.read32(0, 0x1000), machine.read32(0, 0x108)];
}

test("widths are decimal, and a fresh PARTID has all there is", async () => {
  expect(await android.readFile("mpam/cpbm_nbits")).toBe("8\n");
  expect(await android.readFile("mpam/cmax_nbits")).toBe("8\n");
  expect(await android.readFile("mpam/partitions/9/cpbm")).toBe("0-7\n");
  expect(await android.readFile("mpam/partitions/9/cmax")).toBe("0xff00\n");
  expect(settings(9)).toEqual([0xff, 0xff00]);
});

test("what is shown can be read by all, and settings written by root", async () => {
  const modes = ["mpam/cpbm_nbits", "mpam/cmax_nbits", "mpam/partitions/1/cpbm", "mpam/partitions/1/cmax"];
  expect(await Promise.all(modes.map(async (path) => (await android.stat(path)).mode))).toEqual([
    0o444, 0o444, 0o644, 0o644,
  ]);
  const somebody = { uid: 1000, gid: 1000 };
  expect(await android.readFile("mpam/partitions/1/cpbm", somebody)).toBe("0-7\n");
  await expect(android.writeFile("mpam/partitions/1/cpbm", "1", somebody)).rejects.toMatchObject({ code: "EACCES" });
  await expect(android.writeFile("mpam/cpbm_nbits", "1")).rejects.toMatchObject({ code: "EACCES" });
});

test("files have the size of a page, as all in sysfs have", async () => {
  expect((await android.stat("mpam/partitions/1/cpbm")).size).toBe(4096);
  expect((await android.stat("mpam")).size).toBe(0);
});

describe("cpbm", () => {
  test("goes into the registers of its PARTID, and of no other", async () => {
    await android.writeFile("mpam/partitions/5/cpbm", "0,6-N\n");
    expect(settings(5)).toEqual([0xc1, 0xff00]);
    for (const other of [0, 4, 6, 15]) expect(settings(other)[0]).toBe(0xff);
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("0,6-7\n");
  });

  test("of no portions is taken", async () => {
    await android.writeFile("mpam/partitions/5/cpbm", "\n");
    expect(settings(5)[0]).toBe(0);
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("\n");
  });

  test("stays where a write has no byte, which sysfs hands to nobody", async () => {
    await android.writeFile("mpam/partitions/5/cpbm", "2");
    expect(await android.writeFile("mpam/partitions/5/cpbm", "")).toBe(0);
    expect(await android.writeFile("mpam/partitions/5/cmax", "")).toBe(0);
    expect(settings(5)).toEqual([4, 0xff00]);
  });

  test.each([
    ["x", "EINVAL"],
    ["8", "ERANGE"],
    ["4294967296", "EOVERFLOW"],
    ["1,8", "ERANGE"],
  ])("%j is refused with %s, and nothing is written", async (text, code) => {
    await android.writeFile("mpam/partitions/5/cpbm", "2-3");
    const writes: string[] = [];
    machine.log("write", ({ register }) => void writes.push(register));
    await expect(android.writeFile("mpam/partitions/5/cpbm", text)).rejects.toMatchObject({ code });
    expect(writes).toEqual([]);
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("2-3\n");
  });
});

describe("cmax", () => {
  test.each([
    ["0x4000", 0x4000, "0x4000"],
    ["0x4000\n", 0x4000, "0x4000"],
    ["256", 0x0100, "0x0100"],
    ["0400", 0x0100, "0x0100"],
    ["0", 0, "0x0000"],
    // Bits that the part lacks.
    ["0xffff", 0xff00, "0xff00"],
    ["+0x8000", 0x8000, "0x8000"],
  ])("%j is taken", async (text, value, shown) => {
    await android.writeFile("mpam/partitions/5/cmax", text);
    expect(settings(5)).toEqual([0xff, value]);
    expect(await android.readFile("mpam/partitions/5/cmax")).toBe(`${shown}\n`);
  });

  test.each([
    ["\n", "EINVAL"],
    ["x", "EINVAL"],
    ["-1", "EINVAL"],
    [" 1", "EINVAL"],
    ["1 2", "EINVAL"],
    ["50%", "EINVAL"],
    ["08", "EINVAL"],
    ["65536", "ERANGE"],
    ["0x10000", "ERANGE"],
    ["99999999999999999999", "ERANGE"],
  ])("%j is refused with %s", async (text, code) => {
    await expect(android.writeFile("mpam/partitions/5/cmax", text)).rejects.toMatchObject({ code });
    expect(settings(5)[1]).toBe(0xff00);
  });
});

test("one write gives a page at most, and says so", async () => {
  const long = `${" ".repeat(4093)}3,5`;
  expect(await android.writeFile("mpam/partitions/5/cpbm", long)).toBe(4096);
  expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("3,5\n");
  expect(await android.writeFile("mpam/partitions/5/cpbm", ` ${long}`)).toBe(4096);
  expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("3\n");
});
