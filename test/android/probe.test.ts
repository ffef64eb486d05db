// Probing the MSC, and its settings: which accesses, in which order (more.md 4.2).

import { describe, expect, test } from "vitest";
import { REPAIRED } from "../../src/android/compat.ts";
import { Android } from "../../src/android/index.ts";
import { Msc } from "../../src/android/msc.ts";
import type { Port } from "../../src/android/port.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { accesses, machineWith } from "./machines.ts";

const NO_PARTIDS = { partidMax: 1 };

test("probe asks, takes the interrupt away, tries CMAX, and resets each PARTID", async () => {
  const machine = await machineWith(NO_PARTIDS);
  machine.write32(0, 0xf0, 1);
  const lines = await accesses(machine, () => Android.load(machine));
  expect(lines).toEqual([
    "read MPAMF_IDR",
    "read MPAMF_IDR_HI",
    "read MPAMF_ECR",
    "write MPAMF_ECR 0x0",
    "read MPAMF_CPOR_IDR",
    "read MPAMF_CCAP_IDR",
    "read MPAMCFG_PART_SEL",
    "write MPAMCFG_PART_SEL 0x0",
    "write MPAMCFG_CMAX 0xffff",
    "read MPAMCFG_CMAX",
    ...[0, 1].flatMap((partid) => [
      "read MPAMCFG_PART_SEL",
      `write MPAMCFG_PART_SEL 0x${partid}`,
      "write MPAMCFG_CPBM0 0xff",
      "read MPAMCFG_PART_SEL",
      `write MPAMCFG_PART_SEL 0x${partid}`,
      "write MPAMCFG_CMAX 0xff00",
    ]),
  ]);
});

test("a part without capacity limits has none tried or set, and no files of them", async () => {
  const machine = await machineWith({ ...NO_PARTIDS, msc: { cpor: { cpbmWd: 4 } } });
  let android: Android | undefined;
  const lines = await accesses(machine, async () => {
    android = await Android.load(machine);
  });
  expect(lines.join()).not.toMatch(/CCAP|CMAX/);
  expect(await android?.readdir("mpam")).toEqual(["cpbm_nbits", "partitions"]);
  expect(await android?.readdir("mpam/partitions/1")).toEqual(["cpbm"]);
});

test("nor has a part without portions any of those", async () => {
  const machine = await machineWith({ ...NO_PARTIDS, msc: { ccap: { cmaxWd: 16 } } });
  let android: Android | undefined;
  const lines = await accesses(machine, async () => {
    android = await Android.load(machine);
  });
  expect(lines.join()).not.toMatch(/CPOR|CPBM/);
  // All 16 bits are there: nothing to be tried.
  expect(lines.filter((line) => line.startsWith("write MPAMCFG_CMAX"))).toEqual([
    "write MPAMCFG_CMAX 0xffff",
    "write MPAMCFG_CMAX 0xffff",
  ]);
  expect(await android?.readdir("mpam")).toEqual(["cmax_nbits", "partitions"]);
});

describe("a device that cannot be used is told in the log, and the module stays", () => {
  test.each([
    ["priorities", { cpor: { cpbmWd: 8 }, pri: { intpriWd: 2 } }, /priority partitioning/],
    ["neither control", { csu: { monitors: 1 } }, /neither portions nor/],
  ])("%s", async (_, msc, why) => {
    const machine = await machineWith({ msc });
    let android: Android | undefined;
    const lines = await accesses(machine, async () => {
      android = await Android.load(machine);
    });
    expect(lines).toEqual(["read MPAMF_IDR", "read MPAMF_IDR_HI"]);
    expect(android?.log).toHaveLength(1);
    expect(android?.log[0]).toMatchObject({ level: "error" });
    expect(android?.log[0]?.text).toMatch(/^mpam 30000000.msc: probe failed: EOPNOTSUPP: /);
    expect(android?.log[0]?.text).toMatch(why);
    expect([android?.device, android?.msc, await android?.readdir("/")]).toEqual([undefined, undefined, []]);
  });

  test("a window in which nothing answers", async () => {
    const machine = await machineWith();
    machine.faults.add({ kind: "msc-gone", msc: 0 });
    const android = await Android.load(machine);
    expect([android.device, android.log[0]?.level]).toEqual([undefined, "error"]);
    expect(android.log[0]?.text).toMatch(/probe failed: E/);
  });

  test("no device tree", async () => {
    const android = await Android.load(await machineWith({ firmware: "acpi" }));
    expect(android.log.map(({ text }) => text)).toEqual([
      "mpam: nothing to match: arm,mpam-msc has to be in a device tree",
    ]);
  });
});

test("of several MSCs the first is taken, and the others are left alone", async () => {
  const machine = await Machine.create(await loadPlatform(new URL("../../platforms/big-little.yaml", import.meta.url)));
  const touched = new Set<number>();
  machine.log("*", ({ msc }) => void touched.add(msc));
  const android = await Android.load(machine);
  expect([...touched]).toEqual([0]);
  const alone = android.log.filter(({ text }) => text.endsWith("left alone: one MSC is all that the module knows of"));
  expect(alone).toHaveLength(machine.mscs.length - 1);
});

describe("settings", () => {
  test("are selected, then read or written", async () => {
    const machine = await machineWith();
    const android = await Android.load(machine);
    const set = await accesses(machine, () => android.writeFile("mpam/partitions/7/cmax", "0x4000\n"));
    expect(set).toEqual(["read MPAMCFG_PART_SEL", "write MPAMCFG_PART_SEL 0x7", "write MPAMCFG_CMAX 0x4000"]);
    const got = await accesses(machine, () => android.readFile("mpam/partitions/7/cmax"));
    expect(got).toEqual(["read MPAMCFG_PART_SEL", "write MPAMCFG_PART_SEL 0x7", "read MPAMCFG_CMAX"]);
  });

  test("of a part with several resource instances are those of RIS 0", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 8 } },
      { ris: 3, cpor: { cpbmWd: 8 } },
    ];
    const machine = await machineWith({ firmware: "dt", msc: { ris } });
    const android = await Android.load(machine);
    expect(android.log.map(({ level }) => level)).toEqual(["warning"]);
    expect(android.log[0]?.text).toMatch(/only RIS 0/);
    machine.write32(0, 0x100, 0x0300_0002);
    await android.writeFile("mpam/partitions/2/cpbm", "0-1");
    machine.write32(0, 0x100, 0x0000_0002);
    expect(machine.read32(0, 0x1000)).toBe(0x03);
    machine.write32(0, 0x100, 0x0300_0002);
    expect(machine.read32(0, 0x1000)).toBe(0xff);
  });

  test("what somebody else writes into the registers is read", async () => {
    const machine = await machineWith();
    const android = await Android.load(machine);
    machine.write32(0, 0x100, 3);
    machine.write32(0, 0x1000, 0x81);
    expect(await android.readFile("mpam/partitions/3/cpbm")).toBe("0,7\n");
  });

  test("more than 32 portions are in several words", async () => {
    const machine = await machineWith({ msc: { cpor: { cpbmWd: 40 } } });
    const android = await Android.load(machine);
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("0-39\n");
    const set = await accesses(machine, () => android.writeFile("mpam/partitions/5/cpbm", "0,33-34\n"));
    expect(set.slice(2)).toEqual(["write MPAMCFG_CPBM0 0x1", "write MPAMCFG_CPBM1 0x6"]);
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("0,33-34\n");
  });

  test("reach the MSC while any cpu is online", async () => {
    const machine = await machineWith();
    const android = await Android.load(machine);
    for (const cpu of [0, 1, 2]) await machine.cpu(cpu).offline();
    await android.writeFile("mpam/partitions/5/cpbm", "2");
    expect(await android.readFile("mpam/partitions/5/cpbm")).toBe("2\n");
  });
});

/** A part whose CMAX has its implemented bits at the bottom. */
class LowCmax implements Port {
  selected = 0;
  readonly cmax = new Map<number, number>();

  constructor(private readonly bits: number) {}

  read64(): bigint {
    return 0x0100_0003n;
  }

  read32(offset: number): number {
    if (offset === 0x38) return this.bits;
    if (offset === 0x100) return this.selected;
    return offset === 0x108 ? (this.cmax.get(this.selected) ?? 0) : 0;
  }

  write32(offset: number, value: number): void {
    if (offset === 0x100) this.selected = value;
    if (offset === 0x108) this.cmax.set(this.selected, value & (2 ** this.bits - 1));
  }
}

test("a PARTID is selected by changing PART_SEL: fields that are not the module's stay", () => {
  const port = new LowCmax(8);
  // DEFAULT_PARTID, and a RIS that the part does not have.
  port.selected = 0x0304_0005;
  const msc = new Msc({ partids: 4, hasRis: false, cmaxNbits: 8, cmaxShift: 0 }, port, REPAIRED);
  msc.setCmax(2, 0x4000);
  expect(port.selected).toBe(0x0304_0002);
  new Msc({ partids: 4, hasRis: true, cmaxNbits: 8, cmaxShift: 0 }, port, REPAIRED).cmax(3);
  expect(port.selected).toBe(0x0004_0003);
});

test.each([4, 8, 12, 15])("CMAX with its %i bits at the bottom is found, warned of, and values are shifted", (bits) => {
  const port = new LowCmax(bits);
  const log: string[] = [];
  const msc = Msc.probe(port, 4, (level, text) => log.push(`${level} ${text}`), REPAIRED);
  expect(log).toEqual([expect.stringMatching(/^warning .*low bits/)]);
  const all = 2 ** bits - 1;
  expect([...port.cmax]).toEqual([0, 1, 2, 3].map((partid) => [partid, all]));
  msc.setCmax(2, 0x8000);
  expect(port.cmax.get(2)).toBe(2 ** (bits - 1));
  expect(msc.cmax(2)).toBe(0x8000);
});
