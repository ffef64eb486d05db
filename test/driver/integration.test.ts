// The driver on the real machine: register pages and the model behind them, through the firmware of a platform file.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

async function powerOn(name: string): Promise<Machine> {
  return Machine.create(await loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url)));
}

/** Portions of a PARTID as a debugger reads them. */
function portions(machine: Machine, partid: number): number {
  machine.write32(0, 0x100, partid);
  return machine.read32(0, 0x1000);
}

describe("one-socket", () => {
  test("is found to be what its platform file says", async () => {
    const driver = await Driver.probe(await powerOn("one-socket"));
    expect([driver.enabled, driver.partidMax, driver.pmgMax]).toEqual([true, 15, 3]);
    const [l3, memory, ...others] = driver.classes;
    expect(others).toEqual([]);
    expect([l3!.type, l3!.level, l3!.components.map(({ id }) => id)]).toEqual(["cache", 3, [0]]);
    expect([memory!.type, memory!.level, memory!.components.map(({ id }) => id)]).toEqual(["memory", 255, [0]]);
    expect(l3!.props).toMatchObject({ cpbmWd: 16, cmaxWd: 8, numCsuMon: 16, numMbwuMon: 32 });
    expect(l3!.props.features).toEqual(
      new Set([...["cpor_part", "cmax_cmax", "msmon_csu", "msmon_mbwu", "msmon_mbwu_63counter", "msmon_mbwu_rwbw"]]),
    );
    expect(memory!.props).toMatchObject({ bwaWd: 7, numMbwuMon: 8 });
    expect(memory!.props.features).toEqual(new Set(["mbw_max", "msmon_mbwu", "msmon_mbwu_44counter"]));
    expect([...l3!.affinity]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("keeps what is configured for one PARTID apart from the others, and forgets it with its class", async () => {
    const machine = await powerOn("one-socket");
    const driver = await Driver.probe(machine);
    const [l3] = driver.classes;
    await driver.apply(l3!.components[0]!, 3, { cpbm: 0x00f0 });
    expect([2, 3, 4].map((partid) => portions(machine, partid))).toEqual([0xffff, 0x00f0, 0xffff]);
    await driver.resetClass(l3!);
    expect(portions(machine, 3)).toBe(0xffff);
  });

  test("gives readings of an idle machine: nothing held, nothing moved", async () => {
    const driver = await Driver.probe(await powerOn("one-socket"));
    for (const [at, type] of [
      [0, "csu"],
      [0, "mbwu"],
      [1, "mbwu"],
    ] as const) {
      const c = driver.classes[at]!;
      const mon = driver.allocMonitor(c, type);
      const request = { type, mon, partid: 1, pmg: 1, matchPmg: true };
      expect(await driver.readMonitor(c.components[0]!, request)).toBe(0n);
    }
    expect(driver.enabled).toBe(true);
  });

  test("stops the driver with its first error, a PARTID that does not exist", async () => {
    const machine = await powerOn("one-socket");
    const driver = await Driver.probe(machine);
    await driver.apply(driver.classes[0]!.components[0]!, 3, { cpbm: 1 });
    machine.write32(0, 0x100, 16);
    await driver.whenIdle();
    expect(driver.enabled).toBe(false);
    expect(driver.disableReason).toContain("MSC 0 reports error 1 PARTID_SEL_Range, partid 16, pmg 0, ris 0");
    expect(portions(machine, 3)).toBe(0xffff);
    expect([machine.read32(0, 0xf8), machine.read32(0, 0xf0)]).toEqual([0, 0]);
  });

  test("goes on after a snapshot as if there had been none", async () => {
    const machine = await powerOn("one-socket");
    const driver = await Driver.probe(machine);
    await driver.apply(driver.classes[0]!.components[0]!, 3, { cpbm: 0x00f0 });
    machine.write32(0, 0x100, 7);
    const image = machine.snapshot();
    const again = await Machine.restore(image);
    const copy = await Driver.restore(again);
    expect(again.read32(0, 0x100)).toBe(7);
    expect(JSON.stringify(copy.save())).toBe(JSON.stringify(driver.save()));
    expect(again.export()).toEqual(machine.export());
    await copy.resetClass(copy.classes[0]!);
    expect(portions(again, 3)).toBe(0xffff);
    expect(portions(machine, 3)).toBe(0x00f0);
  });
});

describe("small-server", () => {
  test("makes readers wait as long as firmware says, and then gives them the number", async () => {
    const machine = await powerOn("small-server");
    const driver = await Driver.probe(machine);
    const l3 = driver.classes[0]!;
    expect(l3.nrdyUsec).toBeGreaterThan(0);
    const before = machine.clock.now;
    const request = { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: true } as const;
    expect(await driver.readMonitor(l3.components[0]!, request)).toBe(0n);
    expect(machine.clock.now - before).toBe(l3.nrdyUsec * 1000);
  });
});

describe("t241", () => {
  test("has its settings taken in by all twelve slices of the chip, and nothing is left waiting", async () => {
    const machine = await powerOn("t241");
    const driver = await Driver.probe(machine);
    const quirky = driver.parts.mscs.filter(({ quirks }) => quirks.includes("scrub_shadow_regs"));
    expect(quirky).toHaveLength(48);
    const l3 = driver.classes.find(({ level }) => level === 3)!;
    expect(l3.props.features).not.toContain("mbw_min");
    await driver.apply(l3.components[1]!, 3, { mbwMax: 0x8000 });
    const words = (partid: number) =>
      Array.from({ length: 12 }, (_, slice) => {
        const address = 2 ** 44 + 0x1900_0000 + 0x36_0048 + slice * 0x1_0000 + partid * 8;
        return machine.bus.read({ cpu: 16, space: "ns", address, bytes: 8 });
      });
    // MBW_MAX, and MBW_MIN 5 percent below it in seven bits.
    expect(new Set(words(3))).toEqual(new Set([0x7200_8000n]));
    expect(new Set(words(4))).toEqual(new Set([0xf000_fe00n]));
    expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
  });
});
