// The first hardware error ends the use of MPAM: what is read, cleared, reset, told.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import {
  DISABLE,
  DISABLE_IN_RESET_STATE,
  ERROR_HANDLER,
  ERROR_HANDLER_32,
  ERROR_NAMES,
  ERROR_NOT_MINE,
  ERROR_NOT_MINE_32,
} from "../golden/driver-sequences.ts";
import { CACHE_RIS, EXT, machineWith, type PartOptions } from "./machine.ts";

async function driverOn(parts: readonly PartOptions[]) {
  const { machine, firmware } = machineWith(parts);
  const driver = await Driver.probe(machine, { firmware });
  for (const page of machine.pages) page.forget();
  return { driver, machine, page: machine.pages[0]!, component: driver.classes[0]!.components[0]! };
}

describe("the error interrupt", () => {
  test("the handler reads and clears MPAMF_ESR, high half first, and turns the interrupt off", async () => {
    const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.set(0xf8, 0x0100_0005);
    page.set(0xfc, 3);
    machine.raise(100);
    await driver.whenIdle();
    expect(page.accesses.slice(0, ERROR_HANDLER.length)).toEqual(ERROR_HANDLER);
    expect(driver.enabled).toBe(false);
    expect(machine.handlers.size).toBe(0);
  });

  for (const [code, name] of ERROR_NAMES) {
    test(`error ${code} is ${name}, and the end`, async () => {
      const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
      machine.clock.now = 1234;
      page.set(0xf8, ((code << 24) | 0x8012_0034) >>> 0);
      page.set(0xfc, 7);
      machine.raise(100);
      await driver.whenIdle();
      expect(driver.enabled).toBe(false);
      expect(driver.log).toContainEqual({
        time: 1234,
        level: "error",
        text: `MSC 0 reports error ${code} ${name}, partid 52, pmg 18, ris 7`,
      });
      expect(driver.disableReason).toContain(name);
    });
  }

  test("an MSC that has recorded nothing did not mean it, and an overflow is none of this", async () => {
    const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
    machine.raise(100);
    machine.raise(100, "overflow");
    machine.raise(99);
    machine.raise(100, "error", 0);
    await driver.whenIdle();
    expect(page.accesses).toEqual(ERROR_NOT_MINE);
    expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 1]);
  });

  test("an MPAMF_ESR of 32 bits has no high half to read or clear", async () => {
    const { driver, machine, page } = await driverOn([{ ris: [{ ...CACHE_RIS, 4: 0x80 }] }]);
    machine.raise(100);
    await driver.whenIdle();
    expect(page.accesses).toEqual(ERROR_NOT_MINE_32);
    page.forget();
    page.set(0xf8, 0x0100_0005);
    machine.raise(100);
    await driver.whenIdle();
    expect(page.accesses.slice(0, ERROR_HANDLER_32.length)).toEqual(ERROR_HANDLER_32);
    expect(driver.spuriousInterrupts).toBe(1);
  });

  test("a second interrupt before the first is answered finds nothing, and changes nothing", async () => {
    const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.set(0xf8, 0x0100_0005);
    machine.raise(100);
    machine.raise(100);
    await driver.whenIdle();
    expect(driver.log.filter(({ text }) => text.startsWith("MSC 0 reports error"))).toHaveLength(1);
    expect(driver.log.filter(({ text }) => text.startsWith("MPAM disabled"))).toHaveLength(1);
  });

  test("an MSC that cannot be asked is logged, and the next interrupt is answered", async () => {
    const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.broken.set(0xf8, new Error("no answer"));
    machine.raise(100);
    await driver.whenIdle();
    expect(driver.log.at(-1)!.text).toBe("error interrupt 100: MSC 0 failed: no answer");
    page.broken.clear();
    page.set(0xf8, 0x0100_0005);
    machine.raise(100);
    await driver.whenIdle();
    expect(driver.enabled).toBe(false);
  });

  test("of MSCs that share a line, the one with an error is found", async () => {
    const shared = { errorInterrupt: 40 };
    const { driver, machine } = await driverOn([
      { ris: [CACHE_RIS], firmware: shared },
      { ris: [CACHE_RIS], firmware: shared },
    ]);
    machine.pages[1]!.set(0xf8, 0x0900_0001);
    machine.raise(40);
    await driver.whenIdle();
    expect(driver.disableReason).toContain("MSC 1 reports error 9");
    // Disabling turns all of them off, whoever had turned his off in the handler (7.4, 7.5).
    expect(machine.pages.map((page) => page.accesses.filter((one) => one.startsWith("W 0x0f0")))).toEqual([
      ["W 0x0f0 0x00000000"],
      ["W 0x0f0 0x00000000", "W 0x0f0 0x00000000"],
    ]);
  });

  test("an MSC that cannot be asked does not hide the error of another on its line", async () => {
    const shared = { errorInterrupt: 40 };
    const { driver, machine } = await driverOn([
      { ris: [CACHE_RIS], firmware: shared },
      { ris: [CACHE_RIS], firmware: shared },
    ]);
    machine.pages[0]!.broken.set(0xf8, new Error("no answer"));
    machine.pages[1]!.set(0xf8, 0x0900_0001);
    machine.raise(40);
    await driver.whenIdle();
    expect(driver.log.map(({ text }) => text)).toContain("error interrupt 40: MSC 0 failed: no answer");
    expect(driver.disableReason).toContain("MSC 1 reports error 9");
    expect(driver.spuriousInterrupts).toBe(0);
  });

  test.each([
    ["MPAMF_ECR", 0xf0],
    ["MPAMF_ESR", 0xf8],
    ["its high half", 0xfc],
  ])("an error is the end though %s cannot be written", async (_, broken) => {
    const { driver, machine, page } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.set(0xf8, 0x0100_0005);
    page.written = (offset) => {
      if (offset === broken) throw new Error("no answer");
    };
    machine.raise(100);
    await driver.whenIdle();
    expect(driver.disableReason).toContain("PARTID_SEL_Range");
  });

  test("an MSC without an error interrupt is not asked to raise one", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS], firmware: { errorInterrupt: 0 } }]);
    await Driver.probe(machine, { firmware });
    expect(machine.pages[0]!.accesses.filter((one) => one.includes("0x0f0"))).toEqual([]);
    expect(machine.handlers.size).toBe(0);
  });

  test("an error while MPAM is being enabled makes that fail, with the reason", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    const [page] = machine.pages;
    page!.written = (offset) => {
      if (offset !== 0x1000) return;
      page!.written = undefined;
      page!.set(0xf8, 0x0100_0000);
      machine.raise(100);
    };
    await expect(Driver.probe(machine, { firmware })).rejects.toThrow(/EIO.*PARTID_SEL_Range/);
    expect(machine.handlers.size).toBe(0);
    expect(machine.parts.has("driver")).toBe(false);
  });
});

describe("disabling", () => {
  test("controls are back at their reset values before anybody is told", async () => {
    const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    await driver.apply(component, 3, { cpbm: 1 });
    const told: unknown[] = [];
    driver.onDisable(() => void told.push([driver.enabled, page.part(0, 3, 0x1000)]));
    await driver.disable("a test");
    expect(told).toEqual([[false, 0xff]]);
    expect(driver.stored(component, 3)).toEqual({});
    expect(driver.log.at(-1)).toEqual({ time: 0, level: "error", text: "MPAM disabled: a test" });
  });

  const part = {
    0: ((1 << 25) | (1 << EXT) | (1 << 30) | 0x0001_0001) >>> 0,
    4: 0xc1,
    48: 8,
    128: 0x0002_0000,
    144: 1,
  };

  test("the cpus go, the interrupt is turned off, and the class is reset", async () => {
    const { driver, page, component } = await driverOn([{ ris: [part] }]);
    await driver.apply(component, 1, { cpbm: 1 });
    page.forget();
    await driver.disable("a test");
    expect(page.accesses).toEqual(DISABLE);
  });

  test("what is in reset state is reset only once", async () => {
    const { driver, page } = await driverOn([{ ris: [part] }]);
    await driver.disable("a test");
    expect(page.accesses).toEqual(DISABLE_IN_RESET_STATE);
  });

  test("afterwards there are no classes and no MSCs, cpus come and go unnoticed, and late callers are told", async () => {
    const { driver, machine, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    const during: number[] = [];
    driver.onDisable(() => void during.push(driver.classes.length));
    driver.onDisable(() => void during.push(2));
    await driver.disable("a test");
    expect(during).toEqual([1, 2]);
    expect([driver.classes, driver.parts.mscs, machine.cpuHandlers.size]).toEqual([[], [], 0]);
    expect(driver.state).toEqual({ phase: "disabled", reason: "a test" });
    page.forget();
    const gone = /^ENODEV: MPAM is disabled.*gone: a test$/;
    await expect(driver.resetClass(component.class)).rejects.toThrow(gone);
    expect(() => driver.allocMonitor(component.class, "csu")).toThrow(gone);
    expect(() => driver.freeMonitor(component.class, "csu", 0)).toThrow(gone);
    await expect(driver.apply(component, 1, { cpbm: 1 })).rejects.toThrow(/^EINVAL: MPAM is disabled: a test$/);
    await machine.offline(0);
    await machine.online(0);
    expect(page.accesses).toEqual([]);
  });

  test("it happens once, whoever asks again", async () => {
    const { driver } = await driverOn([{ ris: [CACHE_RIS] }]);
    let calls = 0;
    const count = async (): Promise<void> => {
      calls++;
    };
    driver.onDisable(count);
    const takeBack = driver.onDisable(() => count());
    takeBack();
    await Promise.all([driver.disable("first"), driver.disable("second")]);
    await driver.disable("third");
    expect(calls).toBe(1);
    expect(driver.disableReason).toBe("first");
  });

  test("what fails on the way is logged, and the rest is done", async () => {
    const { driver, machine } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    let told = false;
    driver.onDisable(() => Promise.reject(new Error("cannot unmount")));
    driver.onDisable(() => {
      told = true;
    });
    machine.pages[0]!.broken.set(0xf0, new Error("no answer"));
    await driver.disable("a test");
    expect(told).toBe(true);
    expect(machine.pages[1]!.accesses[0]).toBe("W 0x0f0 0x00000000");
    // Going away with their cpus, MSCs may forget; so they are reset once more (7.3, 7.5).
    expect(machine.pages.map((page) => page.accesses.includes("W 0x1000 0x000000ff"))).toEqual([true, true]);
    const said = driver.log.map(({ text }) => text).join("\n");
    expect(said).toContain("cannot unmount");
    expect(said).toContain("no answer");
  });

  test("afterwards nothing is configured or read", async () => {
    const both = { ...CACHE_RIS, 128: 0x0003_0000, 144: 4 };
    const { driver, page, component } = await driverOn([{ ris: [both] }]);
    await driver.disable("a test");
    page.forget();
    await expect(driver.apply(component, 1, { cpbm: 1 })).rejects.toMatchObject({ code: "EINVAL" });
    const request = { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false } as const;
    await expect(driver.readMonitor(component, request)).rejects.toMatchObject({ code: "EIO" });
    const before = JSON.stringify(driver.save());
    driver.resetMbwu(component, 0);
    expect(JSON.stringify(driver.save())).toBe(before);
    expect(page.accesses).toEqual([]);
  });

  test("a reading that waits while MPAM is disabled is EIO", async () => {
    const { driver, machine, page, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    page.script(0x840, 0x8000_0000);
    machine.asleep = () => void driver.disable("a test");
    const request = { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false } as const;
    await expect(driver.readMonitor(component, request)).rejects.toMatchObject({ code: "EIO" });
  });
});
