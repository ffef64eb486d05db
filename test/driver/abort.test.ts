// Operations that lose patience: waiting ends, and nothing is left half written.

import { describe, expect, test } from "vitest";
import { Lock, type LockName, NOTHING_HELD } from "../../src/bus/index.ts";
import { Driver, type MonitorRequest } from "../../src/driver/index.ts";
import { CACHE_RIS, machineWith } from "./machine.ts";

const OCCUPANCY: MonitorRequest = { type: "csu", mon: 2, partid: 3, pmg: 1, matchPmg: true };

/** Two slices of one cache, and their locks by name. */
async function twoSlices() {
  const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
  const locks = new Map<string, Lock>();
  const lock = (name: LockName, owner: string): Lock => {
    const made = new Lock(name, owner);
    locks.set(`${name} of ${owner}`, made);
    return made;
  };
  const driver = await Driver.probe(machine, { firmware, lock });
  for (const page of machine.pages) page.forget();
  const controller = new AbortController();
  /** Holds a lock until it is let go. */
  const hold = (name: string): (() => Promise<void>) => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const busy = locks.get(name)!.run(NOTHING_HELD, () => held);
    return async () => {
      release();
      await busy;
    };
  };
  return { machine, driver, component: driver.classes[0]!.components[0]!, controller, hold, signal: controller.signal };
}

describe("an aborted operation", () => {
  test("that waits to configure changes nothing", async () => {
    const { machine, driver, component, controller, hold, signal } = await twoSlices();
    const letGo = hold("cfg of MSC 0");
    const applied = driver.apply(component, 1, { cpbm: 1 }, { signal });
    controller.abort(new Error("enough"));
    await expect(applied).rejects.toThrow("enough");
    await letGo();
    expect(driver.stored(component, 1)).toEqual({});
    expect(machine.pages.map((page) => page.accesses)).toEqual([[], []]);
    await driver.apply(component, 1, { cpbm: 1 });
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([1, 1]);
  });

  test("that has begun to configure writes every part", async () => {
    const { machine, driver, component, controller, hold, signal } = await twoSlices();
    const letGo = hold("cfg of MSC 1");
    machine.pages[0]!.written = (offset) => offset === 0x1000 && controller.abort(new Error("enough"));
    const applied = driver.apply(component, 1, { cpbm: 1 }, { signal });
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(signal.aborted).toBe(true);
    await letGo();
    await applied;
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([1, 1]);
  });

  test("that waits to reset a class leaves what is configured", async () => {
    const { driver, component, controller, hold, signal } = await twoSlices();
    await driver.apply(component, 1, { cpbm: 1 });
    const letGo = hold("cfg of MSC 0");
    const reset = driver.resetClass(component.class, { signal });
    controller.abort(new Error("enough"));
    await expect(reset).rejects.toThrow("enough");
    await letGo();
    expect(driver.stored(component, 1)).toEqual({ cpbm: 1 });
  });

  test("that waits for a monitor, or for it to be ready, gives no number", async () => {
    const { machine, driver, component, controller, hold, signal } = await twoSlices();
    const letGo = hold("mon_sel of MSC 0");
    const reading = driver.readMonitor(component, OCCUPANCY, { signal });
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    await letGo();
    expect(machine.pages[0]!.accesses).toEqual([]);
    const second = new AbortController();
    machine.pages[0]!.script(0x840, 0x8000_0000);
    machine.asleep = () => second.abort(new Error("too long"));
    await expect(driver.readMonitor(component, OCCUPANCY, { signal: second.signal })).rejects.toThrow("too long");
    machine.asleep = undefined;
    expect(await driver.readMonitor(component, OCCUPANCY)).toBe(0n);
  });

  test("never begins when it comes aborted", async () => {
    const { machine, driver, component } = await twoSlices();
    const signal = AbortSignal.abort(new Error("before"));
    await expect(driver.apply(component, 1, { cpbm: 1 }, { signal })).rejects.toThrow("before");
    await expect(driver.readMonitor(component, OCCUPANCY, { signal })).rejects.toThrow("before");
    await expect(driver.resetClass(component.class, { signal })).rejects.toThrow("before");
    expect(machine.pages.map((page) => page.accesses)).toEqual([[], []]);
  });

  test("never begins to reset as Linux 7.3 does, which waits for nobody", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    const driver = await Driver.probe(machine, { firmware, compat: "linux-7.3" });
    const component = driver.classes[0]!.components[0]!;
    await driver.apply(component, 1, { cpbm: 1 });
    const signal = AbortSignal.abort(new Error("before"));
    await expect(driver.resetClass(component.class, { signal })).rejects.toThrow("before");
    expect([driver.stored(component, 1), machine.pages[0]!.part(0, 1, 0x1000)]).toEqual([{ cpbm: 1 }, 1]);
  });
});

describe("probing that is aborted", () => {
  test("ends between two MSCs, and leaves MPAM disabled", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    const controller = new AbortController();
    machine.pages[0]!.written = (offset) => offset === 0x810 && controller.abort(new Error("enough"));
    await expect(Driver.probe(machine, { firmware, signal: controller.signal })).rejects.toThrow("enough");
    expect(machine.pages[1]!.accesses).toEqual([]);
    expect(machine.pages[0]!.part(0, 7, 0x1000)).toBe(0xff);
    expect([machine.handlers.size, machine.cpuHandlers.size, machine.parts.size]).toEqual([0, 0, 0]);
  });
});
