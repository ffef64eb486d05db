// Monitors: what is configured, read, waited for and added up.

import { describe, expect, test } from "vitest";
import { Driver, type MonitorRequest } from "../../src/driver/index.ts";
import {
  CSU_FIRST_READ,
  CSU_NEXT_READ,
  MBWU_FIRST_READ,
  MBWU_L_FIRST_READ,
  MBWU_OVERFLOW_READ,
} from "../golden/driver-sequences.ts";
import { CACHE_RIS, idrHigh, MEMORY_RIS, machineWith, type PartOptions } from "./machine.ts";

const OCCUPANCY: MonitorRequest = { type: "csu", mon: 2, partid: 3, pmg: 1, matchPmg: true };
const BANDWIDTH: MonitorRequest = { type: "mbwu", mon: 1, partid: 3, pmg: 0, matchPmg: false };
/** MBWU without RWBW, of 31, 44 or 63 bits. */
const COUNTER_31 = { ...MEMORY_RIS, 144: 0x0000_0004 };
const COUNTER_44 = { ...MEMORY_RIS, 144: 0x4000_0004 };
const COUNTER_63 = { ...MEMORY_RIS, 144: 0x6000_0004 };

async function driverOn(parts: readonly PartOptions[]) {
  const { machine, firmware } = machineWith(parts);
  const driver = await Driver.probe(machine, { firmware });
  const component = driver.classes[0]!.components[0]!;
  for (const page of machine.pages) page.forget();
  return { driver, machine, page: machine.pages[0]!, component };
}

describe("occupancy", () => {
  test("a monitor that watches something else is configured, then only read", async () => {
    const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.script(0x840, 0x1000);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(0x1000n);
    expect(page.accesses).toEqual(CSU_FIRST_READ);
    page.forget();
    page.script(0x840, 0x7fff_ffff);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(0x7fff_ffffn);
    expect(page.accesses).toEqual(CSU_NEXT_READ);
    page.forget();
    page.script(0x840, 64);
    await driver.readMonitor(component, { ...OCCUPANCY, matchPmg: false });
    expect(page.monitor(0, 2, 0x810)).toBe(3);
    expect(page.monitor(0, 2, 0x818)).toBe(0x8001_0043);
  });

  test("an overflow status does not count as another configuration", async () => {
    const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    await driver.readMonitor(component, OCCUPANCY);
    page.forget();
    page.script(0x818, 0x8403_0043);
    await driver.readMonitor(component, OCCUPANCY);
    expect(page.accesses).toEqual(CSU_NEXT_READ);
  });

  test("a part that is not ready is waited for once, as long as the slowest of its class may take", async () => {
    const slow = { nrdyUsec: 30 };
    const { driver, machine, page, component } = await driverOn([
      { ris: [CACHE_RIS] },
      { ris: [CACHE_RIS], firmware: slow },
    ]);
    page.script(0x840, 0x8000_0000, 0x200);
    machine.pages[1]!.script(0x840, 0x999, 0x100);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(0x300n);
    expect(machine.sleeps).toEqual([30_000]);
    // One wait is enough for all: the parts after the slow one were configured in the first pass.
    expect(page.accesses).toEqual([...CSU_FIRST_READ, ...CSU_NEXT_READ]);
    expect(machine.pages[1]!.accesses).toEqual([...CSU_FIRST_READ, ...CSU_NEXT_READ]);
  });

  test("still not ready after the wait is EBUSY, and no number", async () => {
    const { driver, machine, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.script(0x840, 0x8000_0000, 0x8000_0200);
    await expect(driver.readMonitor(component, OCCUPANCY)).rejects.toMatchObject({ code: "EBUSY" });
    expect(machine.sleeps).toEqual([10_000]);
  });

  test("without a time from firmware the second look comes at once", async () => {
    const { driver, machine, page, component } = await driverOn([{ ris: [CACHE_RIS], firmware: { nrdyUsec: 0 } }]);
    page.script(0x840, 0x8000_0000, 5);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(5n);
    expect(machine.sleeps).toEqual([]);
  });

  test("CMN-650 is believed after the wait, NRDY or not", async () => {
    const { driver, machine, page, component } = await driverOn([{ iidr: 0x43b, ris: [CACHE_RIS] }]);
    page.script(0x840, 0x8000_0040, 0x8000_0080);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(0x80n);
    expect(machine.sleeps).toEqual([10_000]);
  });

  test("RIS without such monitors are left alone", async () => {
    const plain = { 0: 0x1201_0007, 4: idrHigh(1), 48: 8 };
    const { driver, page, component } = await driverOn([{ ris: [{ ...CACHE_RIS, 4: idrHigh(1) }, plain] }]);
    page.script(0x840, 7);
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(7n);
    expect(page.accesses).toEqual(CSU_FIRST_READ);
  });

  test("a part that fails does not keep the others from being configured, and its error comes out", async () => {
    const { ErrnoError } = await import("../../src/errno/index.ts");
    const { driver, machine, page, component } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    page.broken.set(0x840, new ErrnoError("EIO", "no answer"));
    await expect(driver.readMonitor(component, OCCUPANCY)).rejects.toMatchObject({ code: "EIO" });
    expect(machine.pages[1]!.accesses).toEqual(CSU_FIRST_READ);
    expect(machine.sleeps).toEqual([]);
  });

  test("modified lines only, where the part can tell", async () => {
    const { driver, page, component } = await driverOn([{ ris: [{ ...CACHE_RIS, 136: 0x2000_0004 }] }]);
    await driver.readMonitor(component, { ...OCCUPANCY, excludeClean: true });
    expect(page.monitor(0, 2, 0x810)).toBe(0x8001_0003);
  });
});

describe("bandwidth", () => {
  test("a counter of 63 bits is zeroed when configured and read high, low, high", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_63] }]);
    page.script(0x884, 0x7fff_ffff, 0x7fff_ffff);
    page.script(0x880, 0xffff_ffff);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(2n ** 63n - 1n);
    expect(page.accesses).toEqual(MBWU_L_FIRST_READ);
  });

  test("a counter of 31 bits is one word", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_31] }]);
    page.script(0x860, 0x7fff_ffff);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(2n ** 31n - 1n);
    expect(page.accesses).toEqual(MBWU_FIRST_READ);
  });

  test("a counter of 44 bits is cut to them", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_44] }]);
    page.script(0x884, 0x7fff_ffff, 0x7fff_ffff);
    page.script(0x880, 1);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0xfff_0000_0001n);
  });

  test("a class that mixes widths of long counters reads 31 bits of each", async () => {
    const { driver, machine, page, component } = await driverOn([{ ris: [COUNTER_44] }, { ris: [COUNTER_63] }]);
    page.script(0x860, 3);
    machine.pages[1]!.script(0x860, 4);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(7n);
  });

  test("a carry between the two words makes the read start over from the high word", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_63] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.forget();
    page.script(0x884, 1, 2, 2);
    page.script(0x880, 0xffff_fff0, 0x10);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0x2_0000_0010n);
    expect(page.accesses.slice(3)).toEqual(["R 0x884", "R 0x880", "R 0x884", "R 0x880", "R 0x884"]);
  });

  test("a high word that changes three times makes the reading busy", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_63] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.forget();
    page.script(0x884, 1, 2, 3, 4, 5, 5);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0x5_0000_0000n);
    expect(page.accesses.filter((access) => access === "R 0x880")).toHaveLength(4);
  });

  test("NRDY of a long counter is bit 63", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_63] }]);
    page.script(0x884, 0x8000_0000, 0x8000_0000, 0x8000_0000, 0x8000_0000);
    await expect(driver.readMonitor(component, BANDWIDTH)).rejects.toMatchObject({ code: "EBUSY" });
  });

  for (const [ris, offset, status, step] of [
    [COUNTER_31, 0x860, 0x8401_0042, 2n ** 31n],
    [COUNTER_44, 0x880, 0x8001_8042, 2n ** 44n],
    [COUNTER_63, 0x880, 0x8001_8042, 2n ** 63n],
  ] as const) {
    test(`an overflow adds ${step} from then on, once`, async () => {
      const { driver, page, component } = await driverOn([{ ris: [ris] }]);
      await driver.readMonitor(component, BANDWIDTH);
      page.forget();
      page.setMonitor(0, 1, 0x828, status);
      page.setMonitor(0, 1, offset, 5);
      expect(await driver.readMonitor(component, BANDWIDTH)).toBe(step + 5n);
      expect(page.monitor(0, 1, 0x828)).toBe(0x8001_0042);
      if (offset === 0x860) expect(page.accesses).toEqual(MBWU_OVERFLOW_READ);
      page.setMonitor(0, 1, offset, 6);
      expect(await driver.readMonitor(component, BANDWIDTH)).toBe(step + 6n);
    });
  }

  test("the overflow of the other width is not this counter's", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_63] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x828, 0x8401_0042);
    page.setMonitor(0, 1, 0x880, 5);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(5n);
  });

  test("an overflow seen while the value is not ready is not forgotten", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_31] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x828, 0x8401_0042);
    page.script(0x860, 0x8000_0000, 9);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(2n ** 31n + 9n);
  });

  test("T241 counts in units of 64 bytes, overflows too", async () => {
    const { driver, page, component } = await driverOn([{ iidr: 0x2410_036b, ris: [COUNTER_63] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x828, 0x8001_8042);
    page.setMonitor(0, 1, 0x880, 3);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(64n * (2n ** 63n + 3n));
  });

  test("a reset touches nothing until the next read, which starts from zero and forgets overflows", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_31] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x828, 0x8401_0042);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x860, 77);
    page.forget();
    driver.resetMbwu(component, 1);
    expect(page.accesses).toEqual([]);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0n);
    page.setMonitor(0, 1, 0x860, 78);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(78n);
  });

  test("of a monitor that does not exist is EINVAL, and nothing is kept of it", async () => {
    const { driver, component } = await driverOn([{ ris: [COUNTER_31] }]);
    const before = JSON.stringify(driver.save());
    for (const mon of [-1, 4, 0.5]) expect(() => driver.resetMbwu(component, mon)).toThrow(/EINVAL.*there are 0 to 3/);
    expect(JSON.stringify(driver.save())).toBe(before);
  });

  test("a reset asked for in the middle of a reading is not lost on the next", async () => {
    const { driver, page, component } = await driverOn([{ ris: [COUNTER_31] }]);
    await driver.readMonitor(component, BANDWIDTH);
    page.setMonitor(0, 1, 0x828, 0x8401_0042);
    page.written = (offset) => {
      if (offset !== 0x828) return;
      page.written = undefined;
      driver.resetMbwu(component, 1);
    };
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(2n ** 31n);
    page.setMonitor(0, 1, 0x860, 9);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0n);
    expect(await driver.readMonitor(component, BANDWIDTH)).toBe(0n);
  });

  test("reads or writes alone, where the part can tell", async () => {
    const { driver, page, component } = await driverOn([{ ris: [MEMORY_RIS] }]);
    for (const [direction, flt] of [
      ["writes", 0x4000_0003],
      ["reads", 0x8000_0003],
      ["both", 0x0000_0003],
    ] as const) {
      await driver.readMonitor(component, { ...BANDWIDTH, direction });
      expect(page.monitor(0, 1, 0x820)).toBe(flt);
    }
  });
});

describe("allocation", () => {
  test("monitors are given out lowest first, until ENOSPC, and given back", async () => {
    const { driver, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    const c = component.class;
    expect([0, 1, 2, 3].map(() => driver.allocMonitor(c, "csu"))).toEqual([0, 1, 2, 3]);
    expect(() => driver.allocMonitor(c, "csu")).toThrow("ENOSPC");
    driver.freeMonitor(c, "csu", 2);
    driver.freeMonitor(c, "csu", 0);
    expect([0, 1].map(() => driver.allocMonitor(c, "csu"))).toEqual([0, 2]);
    expect(() => driver.allocMonitor(c, "csu")).toThrow("ENOSPC");
    driver.freeMonitor(c, "csu", 3);
    expect(() => driver.freeMonitor(c, "csu", 3)).toThrow("EINVAL");
  });

  test("a class without such monitors is EOPNOTSUPP, to allocate and to read", async () => {
    const { driver, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    expect(() => driver.allocMonitor(component.class, "mbwu")).toThrow("EOPNOTSUPP");
    await expect(driver.readMonitor(component, BANDWIDTH)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
  });

  test("what would raise an error interrupt is EINVAL, and touches nothing", async () => {
    const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    for (const wrong of [{ mon: 4 }, { mon: -1 }, { partid: 8 }, { pmg: 2 }]) {
      const read = driver.readMonitor(component, { ...OCCUPANCY, ...wrong });
      await expect(read).rejects.toMatchObject({ code: "EINVAL" });
    }
    expect(page.accesses).toEqual([]);
  });
});
