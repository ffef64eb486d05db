// Every platform of the package boots from the tables that are made for it, and so does the platform that can be made of these tables.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import {
  acpiTables,
  describeAcpi,
  describeDeviceTree,
  deviceTree,
  type FirmwareDescription,
  platformFromAcpi,
  platformFromDeviceTree,
} from "../../src/firmware/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, loadPlatform, type Platform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";

const FOLDER = new URL("../../platforms/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
const NS = 1;

/** What is written to the schemata file of a group, and which settings of its PARTID it changes. */
interface Change {
  readonly line: string;
  readonly mscs: readonly number[];
  readonly register: "MPAMCFG_CPBM" | "MPAMCFG_MBW_MAX";
  readonly value: number;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

function mask(line: string, mscs: readonly number[]): Change {
  return { line, mscs, register: "MPAMCFG_CPBM", value: Number.parseInt(line.split("=")[1] as string, 16) };
}

/** Half of the bandwidth, in so many bits: the largest fraction that is less than a half (resctrl-glue.md 7). */
function half(id: number, mscs: readonly number[], bits: number): Change {
  return { line: `MB:${id}=50`, mscs, register: "MPAMCFG_MBW_MAX", value: 0x8000 - 2 ** (16 - bits) };
}

/** Worked out from each file: MSCs are numbered through its caches, slice by slice, and then its memory, channel by channel. */
interface Expected {
  readonly classes: readonly string[];
  readonly changes: readonly Change[];
  /** Of the platform that is made of its tables: what no table says is guessed to be 16 portions, and 7 bits of MBW_MAX. */
  readonly ofTables: readonly Change[];
}

const EXPECTED: { readonly [platform: string]: Expected } = {
  // The older tree does not say what its MSC controls: MPAM is enabled, its class is an unknown one, and nothing is exported.
  android: { classes: ["unknown"], changes: [], ofTables: [] },
  // L2s of 8 and of 16 portions have none as a class.
  "big-little": {
    classes: ["L2", "L3", "memory"],
    changes: [mask("L3:0=f0", [2]), half(0, [3], 6)],
    ofTables: [mask("L2:4=f", [1]), mask("L3:0=f0", [2]), half(0, [3], 7)],
  },
  "cmn-650": { classes: ["L3"], changes: [mask("L3:0=f0", range(0, 15))], ofTables: [mask("L3:0=f0", range(0, 15))] },
  // 40 portions are more than resctrl can say. RIS 1 of the L3 limits bandwidth. RIS 2 is not there, and so of no known class.
  everything: {
    classes: ["L3", "memory", "unknown"],
    changes: [half(0, [0], 10)],
    ofTables: [mask("L3:0=f0", [0]), half(0, [1], 7)],
  },
  "firmware-backed": {
    classes: ["L2", "L3", "memory"],
    changes: [mask("L2:3=f", [2]), mask("L3:0=f0", range(8, 11)), half(0, [12, 13], 7)],
    ofTables: [mask("L2:3=f", [2]), mask("L3:0=f0", range(8, 11)), half(0, [12, 13], 7)],
  },
  "four-spaces": {
    classes: ["L3", "memory"],
    changes: [mask("L3:0=f0", [0]), half(0, [1], 7)],
    ofTables: [mask("L3:0=f0", [0]), half(0, [1], 7)],
  },
  io: {
    classes: ["L3", "memory"],
    changes: [mask("L3:0=f0", [0]), half(0, [1], 8)],
    ofTables: [mask("L3:0=f0", [0]), half(0, [1], 7)],
  },
  // The L3 limits bandwidth, so it does and not memory; of two L3s memory could not be told apart anyway.
  "many-slices": {
    classes: ["L2", "L3", "memory"],
    changes: [mask("L2:65=f", [63]), mask("L3:1=f0", range(96, 127)), half(1, range(96, 127), 7)],
    ofTables: [mask("L2:65=f", [63]), mask("L3:1=f0", range(96, 127))],
  },
  minimal: { classes: ["L3"], changes: [mask("L3:0=2", [0])], ofTables: [mask("L3:0=2", [0])] },
  "one-socket": {
    classes: ["L3", "memory"],
    changes: [mask("L3:0=f0", [0]), half(0, [1], 7)],
    ofTables: [mask("L3:0=f0", [0]), half(0, [1], 7)],
  },
  "private-l2": {
    classes: ["L2", "L3", "memory"],
    changes: [mask("L2:8=f", [7]), mask("L3:0=f0", [8]), half(0, [9], 7)],
    ofTables: [mask("L2:8=f", [7]), mask("L3:0=f0", [8]), half(0, [9], 7)],
  },
  // Limits of 8 and of 6 bits are 6 as a class. No table says that the caches have limits.
  "scarce-monitors": {
    classes: ["L3"],
    changes: [mask("L3:1=f0", [1]), half(0, [0], 6)],
    ofTables: [mask("L3:1=f0", [1])],
  },
  server: {
    classes: ["L3", "memory"],
    changes: [mask("L3:0=f0", range(0, 31)), half(0, range(32, 39), 8)],
    ofTables: [mask("L3:0=f0", range(0, 31)), half(0, range(32, 39), 7)],
  },
  // A class of memory has the id of the L3.
  "small-server": {
    classes: ["L3", "memory"],
    changes: [mask("L3:4=f0", [0]), half(4, [1], 5)],
    ofTables: [mask("L3:4=f0", [0]), half(4, [1], 7)],
  },
  t241: {
    classes: ["L3"],
    changes: [mask("L3:2=f0", range(24, 35)), half(2, range(24, 35), 7)],
    ofTables: [mask("L3:2=f0", range(24, 35))],
  },
  "two-sockets": {
    classes: ["L2", "L3", "memory"],
    changes: [mask("L2:9=f", [7]), mask("L3:1=f0", range(20, 23)), half(1, range(20, 23), 7)],
    ofTables: [mask("L2:9=f", [7]), mask("L3:1=f0", range(20, 23))],
  },
};

/** Tables as bytes, and what they say. */
function fromBytes(platform: Platform): FirmwareDescription {
  return platform.firmware === "acpi" ? describeAcpi(acpiTables(platform)) : describeDeviceTree(deviceTree(platform));
}

function ofTables(platform: Platform): Platform {
  const { platform: said } =
    platform.firmware === "acpi"
      ? platformFromAcpi(acpiTables(platform))
      : platformFromDeviceTree(deviceTree(platform));
  return checkObject(said, `the tables of ${platform.name}`);
}

/** Boots, and has nothing to complain of. */
async function boot(platform: Platform): Promise<{ machine: Machine; driver: Driver }> {
  const machine = await Machine.create(platform);
  const driver = await Driver.probe(machine);
  expect(driver.firmware).toEqual(fromBytes(platform));
  expect(driver.state).toEqual({ phase: "enabled" });
  expect(driver.firmware.remarks).toEqual([]);
  expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
  expect(driver.log.at(-1)?.text).toMatch(/^MPAM enabled with \d+ PARTIDs and \d+ PMGs$/);
  expect(driver.parts.mscs).toHaveLength(machine.mscs.length);
  return { machine, driver };
}

/** MSCs where the setting that acts on a PARTID is `value`. */
function where(machine: Machine, partid: number, { register, value }: Change): number[] {
  const { hardware } = machine.inside;
  const isThere = ({ msc, description }: Machine["mscs"][number]) =>
    description.ris.some(({ ris }) => hardware.readSetting(msc, NS, ris, partid, offsetOf(register)) === value);
  return machine.mscs.filter(isThere).map(({ msc }) => msc);
}

/** A group is made, and each line acts where it should and nowhere else. */
async function tryGroup(machine: Machine, driver: Driver, changes: readonly Change[]): Promise<void> {
  const fs = await Resctrl.mount(driver);
  await fs.mkdir("web");
  for (const change of changes) {
    expect([0, 1].map((partid) => where(machine, partid, change))).toEqual([[], []]);
    await fs.writeFile("web/schemata", `${change.line}\n`);
    // The first group has PARTID 1.
    expect([0, 1].map((partid) => where(machine, partid, change))).toEqual([[], change.mscs]);
    const [name, setting] = change.line.split(":") as [string, string];
    const shown = (await fs.readFile("web/schemata")).split("\n").find((text) => text.trim().startsWith(`${name}:`));
    expect(shown?.split(":")[1]?.split(";")).toContain(setting);
  }
  // Whatever is offered has been tried.
  const offered = (await fs.readFile("schemata")).split("\n").filter((text) => text !== "");
  expect(offered.map((text) => text.trim().split(":")[0]).sort()).toEqual(
    changes.map(({ line }) => line.split(":")[0]).sort(),
  );
  await fs.rmdir("web");
  await fs.unmount();
  for (const change of changes) expect(where(machine, 1, change)).toEqual([]);
  expect(driver.enabled).toBe(true);
}

const nameOf = ({ type, level }: Driver["classes"][number]) => (type === "cache" ? `L${level}` : type);

describe.each(FILES)("%s", (file) => {
  const name = file.replace(".yaml", "");
  const expected = EXPECTED[name] as Expected;
  const load = () => loadPlatform(new URL(file, FOLDER));

  test("boots from its tables, and what a group is given acts", async () => {
    const { machine, driver } = await boot(await load());
    expect(driver.classes.map(nameOf)).toEqual(expected.classes);
    if (expected.changes.length > 0) return tryGroup(machine, driver, expected.changes);
    await expect(Resctrl.mount(driver)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
  });

  test("a machine can be made of its tables alone; it has the same tables, and boots", async () => {
    const platform = await load();
    const again = ofTables(platform);
    const { machine, driver } = await boot(again);
    const { remarks: _, ...said } = fromBytes(platform);
    expect(driver.firmware).toMatchObject(said);
    if (expected.ofTables.length > 0) return tryGroup(machine, driver, expected.ofTables);
    expect(driver.classes.map(nameOf)).toEqual(["unknown"]);
    await expect(Resctrl.mount(driver)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
  });
});
