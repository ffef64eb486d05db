// The accesses of each sequence in the reference's order, where no other file has them: small parts, one thing at a time.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NOTHING_HELD } from "../../src/bus/index.ts";
import { Driver, errorName, type MonitorRequest } from "../../src/driver/index.ts";
import { Msc } from "../../src/driver/msc.ts";
import { tryNrdy } from "../../src/driver/nrdy.ts";
import {
  CSU_NOT_READY_READ,
  CSU_OTHER_READ,
  CSU_OTHER_READ_AS_PROBED,
  CSU_READ_AS_PROBED,
  CSU_XCL_FIRST_READ,
  ENABLE,
  ERROR_ON,
  IN_RESET_STATE_WHEN_FOUND,
  MBWU_L_NEXT_READ,
  MBWU_L_ONE_CARRY_READ,
  MBWU_L_OVERFLOW_READ,
  MBWU_L_TWO_CARRIES_READ,
  MBWU_READS_OTHER_READ,
  MBWU_RESET_READ,
  MBWU_WRITES_FIRST_READ,
  NO_ERROR_NAME,
  NRDY_TEST,
  NRDY_TEST_RESULTS,
  PROBE_REFUSED,
  PROGRAM_FEW,
  PROGRAM_T241_CONFIGURED,
  PROGRAM_T241_RESET,
  RESET_RIS,
  RESET_VALUES,
  RESTORE_31,
  UNTOUCHED,
} from "../golden/driver-sequences.ts";
import { CACHE_RIS, EXT, firmwareFor, idr, idrHigh, machineWith, type PartOptions } from "./machine.ts";
import { FakePage, type RisRegisters } from "./page.ts";

const T241 = 0x2410_036b;
const OCCUPANCY: MonitorRequest = { type: "csu", mon: 2, partid: 3, pmg: 1, matchPmg: true };
const BANDWIDTH: MonitorRequest = { type: "mbwu", mon: 1, partid: 3, pmg: 0, matchPmg: false };

async function driverOn(parts: readonly PartOptions[]) {
  const { machine, firmware } = machineWith(parts);
  const driver = await Driver.probe(machine, { firmware });
  const page = machine.pages[0]!;
  const enabling = [...page.accesses];
  page.forget();
  return { driver, machine, page, enabling, component: driver.classes[0]!.components[0]! };
}

/** What a RIS with these monitors is read for, one after the other; the accesses of the last. */
async function readings(ris: RisRegisters, requests: readonly MonitorRequest[], prepare = (_page: FakePage) => {}) {
  const { driver, page, component } = await driverOn([{ ris: [ris] }]);
  for (const request of requests.slice(0, -1)) await driver.readMonitor(component, request);
  page.forget();
  prepare(page);
  const value = await driver.readMonitor(component, requests.at(-1)!);
  return { value, accesses: page.accesses };
}

test("every sequence is used in a test", () => {
  const golden = readFileSync(new URL("../golden/driver-sequences.ts", import.meta.url), "utf8");
  const here = new URL(".", import.meta.url);
  const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  const text = tests.map((name) => readFileSync(new URL(name, here), "utf8")).join("\n");
  const names = [...golden.matchAll(/^export const (\w+)/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(50);
  // Once where it is imported, and once more.
  expect(names.filter((name) => [...text.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length < 2)).toEqual([]);
});

test("some registers are never touched, whatever is done", async () => {
  const everything = {
    ...{
      0: idr(24, 25, 26, 27, EXT, 29, 30, 31),
      4: idrHigh(0),
      48: 40,
      56: 0xb000_0508,
      64: 0x0021_7c10,
      72: 0x0041_0033,
    },
    ...{ 80: 7, 128: 0x8003_0000, 136: 0xef00_0004, 144: 0xf000_0004 },
  };
  const parts: PartOptions[] = [
    { iidr: T241, ris: [everything], firmware: { cpus: new Set([3]), errorInterrupt: 23 } },
    { ris: [CACHE_RIS], firmware: { resources: [{ ris: 0, kind: "memory", id: 0 }] } },
  ];
  const { driver, machine, page, component, enabling } = await driverOn(parts);
  await driver.apply(component, 3, { cpbm: 1, mbwPbm: 1, mbwMax: 1 });
  for (const request of [OCCUPANCY, { ...BANDWIDTH, direction: "reads" as const }])
    await driver.readMonitor(component, request);
  driver.resetMbwu(component, 1);
  await driver.readMonitor(component, BANDWIDTH);
  await machine.offline(3);
  await machine.online(3);
  page.set(0xf8, 0x0100_0000);
  machine.raise(23);
  await driver.whenIdle();
  expect(driver.state.phase).toBe("disabled");
  const touched = new Set([...enabling, ...page.accesses].map((access) => Number(access.split(" ")[1])));
  expect(touched.size).toBeGreaterThan(30);
  expect(UNTOUCHED.filter((offset) => touched.has(offset))).toEqual([]);
});

test("an error that is none has a name", () => {
  expect(errorName(0)).toBe(NO_ERROR_NAME);
});

describe("probing", () => {
  test("leaves a RIS as found: nobody knows what its PARTIDs have", async () => {
    const { machine, firmware } = machineWith([
      { ris: [CACHE_RIS] },
      { ris: [CACHE_RIS], firmware: { cpus: new Set([3]), errorInterrupt: 0 } },
    ]);
    machine.processor.cpus[3]!.online = false;
    const driver = await Driver.probe(machine, { firmware });
    expect(driver.save().mscs[0]!.ris[0]!.inResetState).toBe(IN_RESET_STATE_WHEN_FOUND);
  });

  test("ends with the first read where the version is not known", async () => {
    const { machine, firmware } = machineWith([{ aidr: 0x30, ris: [CACHE_RIS] }]);
    await expect(Driver.probe(machine, { firmware })).rejects.toMatchObject({ code: "EIO" });
    expect(machine.pages[0]!.accesses).toEqual(PROBE_REFUSED);
  });

  test.each(NRDY_TEST_RESULTS)(
    "NRDY that reads 0x%s, then 0x%s, is kept by hardware: %s",
    async (set, cleared, byHardware) => {
      const page = new FakePage({ ris: [] });
      const bus = {
        sleeps: false,
        read32: async (offset: number) => page.read32(offset),
        write32: async (offset: number, value: number) => page.write32(offset, value),
      };
      const msc = new Msc(firmwareFor([{ ris: [] }]).mscs[0]!, bus, () => {});
      page.script(0x840, set, cleared);
      const { canSet, canClear } = await tryNrdy(msc, 5, NOTHING_HELD);
      expect(!canSet || !canClear).toBe(byHardware);
      expect(page.accesses).toEqual(NRDY_TEST);
    },
  );

  test("is followed by the error interrupt, and by every PARTID of what the first cpu reaches", async () => {
    const part = {
      0: ((1 << 25) | (1 << EXT) | (1 << 30) | 0x0001_0001) >>> 0,
      4: idrHigh(0),
      48: 8,
      128: 0x2_0000,
      144: 2,
    };
    const { enabling } = await driverOn([{ ris: [part] }]);
    const on = enabling.indexOf(ERROR_ON[0]!);
    // Registered, and written again as the first cpu comes.
    expect(enabling.slice(on)).toEqual([...ERROR_ON, ...ERROR_ON, ...ENABLE]);
  });
});

describe("programming", () => {
  test("a RIS with little is written little", async () => {
    const few = { 0: idr(24, 26, EXT), 4: idrHigh(11), 56: 0x5000_0500, 64: 0x0000_2007 };
    const none = { 0: idr(EXT), 4: idrHigh(11) };
    const { enabling } = await driverOn([{ ris: [...Array.from({ length: 11 }, () => none), few] }]);
    const at = enabling.indexOf(PROGRAM_FEW[0]!);
    expect(enabling.slice(at, at + PROGRAM_FEW.length + 1)).toEqual([...PROGRAM_FEW, "W 0x100 0x0b000003"]);
  });

  test("a T241 has a lowest bandwidth before the highest", async () => {
    const { driver, page, component, enabling } = await driverOn([
      { iidr: T241, ris: [{ 0: idr(26, EXT), 4: idrHigh(0), 64: 0x0c07 }] },
    ]);
    const at = enabling.lastIndexOf(PROGRAM_T241_RESET[0]!);
    expect(enabling.slice(at, at + 3)).toEqual(PROGRAM_T241_RESET);
    await driver.apply(component, 3, { mbwMax: 0x8000 });
    expect(page.accesses).toEqual(PROGRAM_T241_CONFIGURED);
  });

  test("a class is reset PARTID by PARTID", async () => {
    const limits = 0x0001_0002;
    const ris = [
      { 0: (limits | (1 << EXT)) >>> 0, 4: idrHigh(1) },
      { 0: (limits | (1 << 25) | (1 << 26) | (1 << EXT)) >>> 0, 4: idrHigh(1), 48: 8, 64: 0x807 },
    ];
    const firmware = { resources: [{ ris: 1, kind: "cache" as const, id: 1 }] };
    const { driver, page, component } = await driverOn([{ ris, firmware }]);
    await driver.apply(component, 1, { cpbm: 1 });
    page.forget();
    await driver.resetClass(component.class);
    expect(page.accesses).toEqual(RESET_RIS);
  });

  /** ID registers of a RIS with one control, as RESET_VALUES names it. */
  function alone(control: string): RisRegisters {
    const [, width] = / (\d+)/.exec(control) ?? [];
    const wd = Number(width ?? 0);
    const low = control.includes("0 is low");
    const bwa = (bits: number) => ({ 0: idr(26, EXT), 64: bits | 7 });
    const both = control.startsWith("intpri 3 and");
    const intpri = control.startsWith("intpri") ? 1 | (low ? 2 : 0) | (wd << 4) : 0;
    const dspri = control.startsWith("dspri") || both ? 0x1_0000 | (low ? 0x2_0000 : 0) | ((both ? 4 : wd) << 20) : 0;
    const registers: { readonly [name: string]: RisRegisters } = {
      cpor: { 0: idr(25, EXT), 48: wd },
      pbm: { 0: idr(26, EXT), 64: 0x1000 | (wd << 16) },
      "mbw min": bwa(0x400),
      "mbw max": bwa(0x800),
      "mbw prop": bwa(0x2000),
      cmax: { 0: idr(24, EXT), 56: 8 },
      cmin: { 0: idr(24, EXT), 56: 0x6000_0008 },
      cassoc: { 0: idr(24, EXT), 56: 0x5000_0500 },
      intpri: { 0: idr(27, EXT), 72: intpri | dspri },
      dspri: { 0: idr(27, EXT), 72: dspri },
      narrowing: { 0: idr(EXT, 31), 80: 7 },
    };
    const found = registers[control] ?? registers[control.split(" ")[0]!];
    return { 4: idrHigh(0), ...found };
  }

  test.each(RESET_VALUES)("$control alone is reset by itself", async ({ control, writes }) => {
    const { enabling } = await driverOn([{ ris: [alone(control)] }]);
    const start = enabling.lastIndexOf("W 0x100 0x00000001");
    const end = enabling.indexOf("W 0x100 0x00000002", start);
    expect(enabling.slice(start + 1, end)).toEqual(writes);
  });
});

describe("reading", () => {
  const CSU = { ...CACHE_RIS, 136: 0x2000_0004 };
  const long = (counter: number): RisRegisters => ({ 0: idr(EXT, 30), 4: idrHigh(0), 128: 0x2_0000, 144: counter });

  test("occupancy: modified lines alone, another label, and a monitor as the test of NRDY left it", async () => {
    const clean = await readings(CSU, [{ ...OCCUPANCY, excludeClean: true }]);
    expect(clean.accesses).toEqual(CSU_XCL_FIRST_READ);
    const other = { ...OCCUPANCY, partid: 4, matchPmg: false };
    expect((await readings(CACHE_RIS, [OCCUPANCY, other])).accesses).toEqual(CSU_OTHER_READ);
    const probed = { ...OCCUPANCY, mon: 0, partid: 1, pmg: 0 };
    expect((await readings(CACHE_RIS, [probed])).accesses).toEqual(CSU_READ_AS_PROBED);
    expect((await readings(CACHE_RIS, [{ ...probed, pmg: 1 }])).accesses).toEqual(CSU_OTHER_READ_AS_PROBED);
  });

  test("occupancy that is not ready the first time", async () => {
    const { value, accesses } = await readings(CACHE_RIS, [OCCUPANCY], (page) => page.script(0x840, 0x8000_0000, 64));
    expect([value, accesses]).toEqual([64n, CSU_NOT_READY_READ]);
  });

  test("bandwidth of writes, then of reads", async () => {
    const writes = { ...BANDWIDTH, pmg: 1, matchPmg: true, direction: "writes" } as const;
    expect((await readings(long(0x5000_0004), [writes])).accesses).toEqual(MBWU_WRITES_FIRST_READ);
    const both = await readings(long(0x5000_0004), [writes, { ...BANDWIDTH, direction: "reads" }]);
    expect(both.accesses).toEqual(MBWU_READS_OTHER_READ);
  });

  test("long counters: an overflow, one of the short window, one carry, two, and too many", async () => {
    const again = [BANDWIDTH, BANDWIDTH];
    const counter = long(0x6000_0004);
    const overflow = await readings(counter, again, (page) => page.setMonitor(0, 1, 0x828, 0x8001_8042));
    expect([overflow.value, overflow.accesses]).toEqual([2n ** 63n, MBWU_L_OVERFLOW_READ]);
    const short = await readings(counter, again, (page) => page.setMonitor(0, 1, 0x828, 0x8401_0042));
    expect([short.value, short.accesses]).toEqual([0n, MBWU_L_NEXT_READ]);
    const one = await readings(counter, again, (page) => page.script(0x884, 1, 2, 2));
    expect([one.value, one.accesses]).toEqual([2n ** 33n, MBWU_L_ONE_CARRY_READ]);
    const two = await readings(counter, again, (page) => page.script(0x884, 1, 2, 3, 3));
    expect([two.value, two.accesses]).toEqual([3n * 2n ** 32n, MBWU_L_TWO_CARRIES_READ]);
    const three = await readings(counter, again, (page) => page.script(0x884, 1, 2, 3, 4, 5, 5));
    expect(three.accesses.slice(0, MBWU_L_TWO_CARRIES_READ.length)).toEqual(MBWU_L_TWO_CARRIES_READ);
    expect(three.value).toBe(5n * 2n ** 32n);
  });

  test("a counter that is to be reset is configured as if for the first time", async () => {
    const { driver, page, component } = await driverOn([{ ris: [long(4)] }]);
    await driver.readMonitor(component, BANDWIDTH);
    driver.resetMbwu(component, 1);
    page.forget();
    await driver.readMonitor(component, BANDWIDTH);
    expect(page.accesses).toEqual(MBWU_RESET_READ);
  });

  test("a counter that lost its cpus, power or not", async () => {
    for (const lost of [false, true]) {
      const parts: PartOptions[] = [
        { ris: [long(2)], firmware: { cpus: new Set([3]), errorInterrupt: 0 } },
        { ris: [{ ...CACHE_RIS }], firmware: { resources: [{ ris: 0, kind: "memory", id: 0 }] } },
      ];
      const { driver, machine, page } = await driverOn(parts);
      const component = driver.classes.find(({ type }) => type === "cache")!.components[0]!;
      await driver.readMonitor(component, { ...BANDWIDTH, pmg: 1, matchPmg: true });
      await machine.offline(3);
      if (lost) page.lose();
      page.forget();
      await machine.online(3);
      expect(page.accesses.slice(-RESTORE_31.length)).toEqual(RESTORE_31);
      expect(page.accesses.filter((access) => access.startsWith("W 0x800"))).toHaveLength(1);
    }
  });
});
