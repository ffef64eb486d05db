// A machine with MSCs behind firmware mailboxes: the same driver, and messages in place of loads and stores.

import { describe, expect, test } from "vitest";
import { type Component, Driver, type MpamClass } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const PLATFORM = new URL("../../platforms/firmware-backed.yaml", import.meta.url);

// MSCs in the order of the file: eight L2s with pages, four slices of the L3 behind mailbox 0, two channels behind mailbox 2.
const L3_SLICES = [8, 9, 10, 11];
const CHANNELS = [12, 13];
/** What a message takes there. */
const L3_NS = 5000;
const MEMORY_NS = 40_000;

async function powerOn(): Promise<Machine> {
  return Machine.create(await loadPlatform(PLATFORM));
}

function classOf(driver: Driver, level: number): MpamClass {
  const found = driver.classes.find((one) => one.level === level);
  if (found === undefined) throw new Error(`no class of level ${level}`);
  return found;
}

function l3Of(driver: Driver): Component {
  return classOf(driver, 3).components[0]!;
}

/** Portions of a PARTID as a debugger reads them. */
function portions(machine: Machine, msc: number, partid: number): number {
  machine.write32(msc, 0x100, partid);
  return machine.read32(msc, 0x1000);
}

describe("firmware-backed", () => {
  test("is found to be what its platform file says, by page and by message alike", async () => {
    const driver = await Driver.probe(await powerOn());
    expect([driver.enabled, driver.partidMax, driver.pmgMax]).toEqual([true, 15, 1]);
    expect(driver.classes.map(({ type, level }) => [type, level])).toEqual([
      ["cache", 2],
      ["cache", 3],
      ["memory", 255],
    ]);
    expect(classOf(driver, 2).components).toHaveLength(8);
    expect(classOf(driver, 3).props).toMatchObject({ cpbmWd: 16, numCsuMon: 8, numMbwuMon: 8 });
    expect(classOf(driver, 3).props.features).toContain("msmon_mbwu_63counter");
    expect(classOf(driver, 255).props).toMatchObject({ bwaWd: 7, numMbwuMon: 4 });
  });

  test("gets every setting to all parts of a component, and has it from firmware's hand", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const callers = new Set<string>();
    const stop = machine.log("*", ({ msc, by }) => callers.add(`${msc < 8 ? "page" : "mailbox"} ${by}`));
    await driver.apply(l3Of(driver), 3, { cpbm: 0x00f0 });
    await driver.apply(classOf(driver, 2).components[5]!, 3, { cpbm: 0x0f });
    stop();
    expect(callers).toEqual(new Set(["mailbox firmware", "page driver"]));
    for (const msc of L3_SLICES) {
      expect([2, 3, 4].map((partid) => portions(machine, msc, partid))).toEqual([0xffff, 0x00f0, 0xffff]);
    }
    await driver.resetClass(classOf(driver, 3));
    for (const msc of L3_SLICES) expect(portions(machine, msc, 3)).toBe(0xffff);
  });

  test("takes the time of its messages: two for a setting, and none for a page", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = machine.clock.now;
      await work();
      return machine.clock.now - before;
    };
    // PART_SEL and the setting, in each of the parts.
    expect(await timeOf(() => driver.apply(l3Of(driver), 3, { cpbm: 1 }))).toBe(L3_SLICES.length * 2 * L3_NS);
    const memory = classOf(driver, 255).components[0]!;
    expect(await timeOf(() => driver.apply(memory, 3, { mbwMax: 0x3e00 }))).toBe(CHANNELS.length * 2 * MEMORY_NS);
    const l2 = classOf(driver, 2).components[0]!;
    expect(await timeOf(() => driver.apply(l2, 3, { cpbm: 1 }))).toBe(0);
  });

  test("gives readings of an idle machine, after the time that monitors need", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const request = { mon: 0, partid: 1, pmg: 1, matchPmg: true } as const;
    expect(await driver.readMonitor(l3Of(driver), { ...request, type: "csu" })).toBe(0n);
    expect(await driver.readMonitor(l3Of(driver), { ...request, type: "mbwu" })).toBe(0n);
    const memory = classOf(driver, 255).components[0]!;
    expect(await driver.readMonitor(memory, { ...request, type: "mbwu" })).toBe(0n);
    expect(driver.enabled).toBe(true);
  });

  test("is the same twice, to the nanosecond", async () => {
    const run = async (): Promise<unknown[]> => {
      const machine = await powerOn();
      const accesses: unknown[] = [];
      const stop = machine.log("*", ({ msc, offset, access, value, by }) =>
        accesses.push([machine.clock.now, msc, offset, access, value, by].join()),
      );
      const driver = await Driver.probe(machine);
      await Promise.all([
        ...[1, 2, 3].map((partid) => driver.apply(l3Of(driver), partid, { cpbm: partid })),
        driver.apply(classOf(driver, 255).components[0]!, 1, { mbwMax: 0x1e00 }),
        driver.readMonitor(l3Of(driver), { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false }),
      ]);
      stop();
      return accesses;
    };
    const first = await run();
    expect(first.length).toBeGreaterThan(500);
    expect(await run()).toEqual(first);
  });
});
