// What kernel 7.3.4 does that surprises: both ways of each oddity (linux-driver.md section 15). Those of hotplug are in
// hotplug.test.ts, those of probing in probe.test.ts.

import { describe, expect, test } from "vitest";
import { Lock } from "../../src/bus/index.ts";
import { type Compat, Driver, type DriverOptions, type MonitorRequest } from "../../src/driver/index.ts";
import { mergeAliases } from "../../src/driver/props.ts";
import {
  CSU_MIXED_RIS_READ,
  CSU_MIXED_RIS_READ_LINUX_7_3,
  CSU_TWO_RIS_READ,
  CSU_TWO_RIS_READ_LINUX_7_3,
  PROGRAM_CONFIGURED,
  PROGRAM_CONFIGURED_LINUX_7_3,
  PROGRAM_TWO_RIS,
  PROGRAM_TWO_RIS_LINUX_7_3,
} from "../golden/driver-sequences.ts";
import { CACHE_RIS, EXT, idr, idrHigh, MEMORY_RIS, machineWith, type PartOptions } from "./machine.ts";

/** Repaired, and as it was. */
const BOTH: readonly (Compat | undefined)[] = [undefined, "linux-7.3"];
const OCCUPANCY: MonitorRequest = { type: "csu", mon: 2, partid: 3, pmg: 1, matchPmg: true };
const BANDWIDTH: MonitorRequest = { type: "mbwu", mon: 1, partid: 3, pmg: 0, matchPmg: false };

async function driverOn(parts: readonly PartOptions[], compat: Compat | undefined, options: DriverOptions = {}) {
  const { machine, firmware } = machineWith(parts);
  const driver = await Driver.probe(machine, { firmware, ...options, ...(compat && { compat }) });
  const enabling = machine.pages.map((page) => [...page.accesses]);
  for (const page of machine.pages) page.forget();
  const component = driver.classes[0]!.components[0]!;
  return { driver, machine, page: machine.pages[0]!, component, enabling };
}

/** One after the other, both ways. */
async function both<T>(body: (compat: Compat | undefined) => Promise<T>): Promise<[repaired: T, linux: T]> {
  return [await body(BOTH[0]), await body(BOTH[1])];
}

test("a driver says which it is, and a snapshot keeps it", async () => {
  const [repaired, linux] = await both(async (compat) => (await driverOn([{ ris: [CACHE_RIS] }], compat)).driver);
  expect([repaired.compat, linux.compat]).toEqual([undefined, "linux-7.3"]);
  const saved = JSON.parse(JSON.stringify({ driver: linux.save() }));
  const { machine } = machineWith([{ ris: [CACHE_RIS] }]);
  Object.assign(machine.savedParts, saved);
  expect((await Driver.restore(machine)).compat).toBe("linux-7.3");
});

test("a kernel that nobody knows is refused", async () => {
  const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
  const refused = Driver.probe(machine, { firmware, compat: "linux-2.4" as Compat });
  await expect(refused).rejects.toThrow(/EINVAL.*"linux-2.4".*"linux-7.3" is/);
});

describe("firmware", () => {
  test("row 1: the last word of a window is in it; as Linux 7.3 writing it is reported", async () => {
    // The window ends behind MSMON_CFG_MON_SEL, the last word that configuring and probing write here.
    const ris = { 0: idr(26, EXT), 4: idrHigh(0), 64: 0x0000_2007 };
    const said = await both(async (compat) => {
      const { driver } = await driverOn([{ ris: [ris], firmware: { bytes: 0x504 } }], compat);
      return driver.log.filter(({ text }) => text.includes("outside the window")).length;
    });
    expect(said).toEqual([0, 1]);
  });

  test("row 2: RIS 16 is refused; as Linux 7.3 it joins, is never probed, and leaves its class with nothing", async () => {
    const firmware = { resources: [0, 16].map((ris) => ({ ris, kind: "cache" as const, id: 1 })) };
    const other = {
      resources: [
        { ris: 16, kind: "memory" as const, id: 0 },
        { ris: 0, kind: "cache" as const, id: 1 },
      ],
    };
    await expect(driverOn([{ ris: [CACHE_RIS], firmware }], undefined)).rejects.toMatchObject({ code: "EINVAL" });
    const { driver } = await driverOn([{ ris: [CACHE_RIS], firmware: other }], "linux-7.3");
    const [cache, memory] = ["cache", "memory"].map((kind) => driver.classes.find(({ type }) => type === kind));
    expect(cache!.props.cpbmWd).toBe(8);
    expect(memory!.props.features.size).toBe(0);
  });

  test("1.2: MSCs behind firmware messages are taken; Linux 7.3 refuses them", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS], firmware: { interface: "pcc", subspace: 0 } }]);
    const bus = () => ({
      sleeps: true,
      read32: async (offset: number) => machine.pages[0]!.read32(offset),
      write32: async (offset: number, value: number) => machine.pages[0]!.write32(offset, value),
    });
    const zero = { address: 0, bytes: 4, preserve: 0n, set: 1n } as const;
    const flag = { address: 0, bytes: 4, mask: 1n } as const;
    const channel = { subspace: 0, base: 0, bytes: 256, interrupt: 0, doorbell: zero, complete: flag, update: zero };
    const channels = [{ ...channel, latencyUsec: 0, turnaroundUsec: 0 }];
    const driver = await Driver.probe(machine, { firmware: { ...firmware, channels }, bus });
    expect(driver.enabled).toBe(true);
    const refused = Driver.probe(machine, { firmware: { ...firmware, channels }, bus, compat: "linux-7.3" });
    await expect(refused).rejects.toMatchObject({ code: "EINVAL", message: expect.stringContaining("pcc") });
  });

  test("2.3: NRDY that takes time firmware does not give is said; Linux 7.3 asks wherever hardware manages it", async () => {
    const cases = [
      // NRDY that cannot be set, and one that stays 1; firmware silent, and 0.
      [0x0000_0000, undefined, [0, 1]],
      [0x8000_0000, undefined, [1, 1]],
      [0x8000_0000, 0, [1, 0]],
      [0x0000_0000, 0, [0, 0]],
    ] as const;
    for (const [value, nrdyUsec, expected] of cases) {
      const said = await both(async (compat) => {
        const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
        const { nrdyUsec: _, ...silent } = firmware.mscs[0]!;
        const mscs = [nrdyUsec === undefined ? silent : { ...silent, nrdyUsec }];
        machine.pages[0]!.script(0x840, value, value);
        const driver = await Driver.probe(machine, { firmware: { ...firmware, mscs }, ...(compat && { compat }) });
        return driver.log.filter(({ text }) => text.includes("does not say how long")).length;
      });
      expect(said).toEqual(expected);
    }
  });
});

describe("lists and merging", () => {
  test("row 5: lists are sorted; as Linux 7.3 the newest is first", async () => {
    const parts: PartOptions[] = [7, 2, 1].map((id) => ({
      ris: [CACHE_RIS],
      firmware: { resources: [{ ris: 0, kind: "cache", id }] },
    }));
    const [sorted, newest] = await both(async (compat) => {
      const { driver } = await driverOn(parts, compat);
      return driver.classes.map(({ level, components }) => [level, components.map(({ id }) => id)]);
    });
    expect(sorted).toEqual([
      [2, [7]],
      [3, [1, 2]],
    ]);
    expect(newest).toEqual([
      [3, [1, 2]],
      [2, [7]],
    ]);
  });

  test("row 4: what two RIS of one MSC disagree on is dropped; as Linux 7.3 it is there with width 0", () => {
    const [four, eight] = [4, 8].map((width) => ({
      ...mergeAliases([]),
      features: new Set(["cpor_part", "mbw_part", "cmax_cassoc"] as const),
      ...{ cpbmWd: width, mbwPbmBits: width, cassocWd: width },
    }));
    const repaired = mergeAliases([four!, eight!]);
    expect(repaired).toMatchObject({ features: new Set(), cpbmWd: 0, mbwPbmBits: 0, cassocWd: 0 });
    const linux = mergeAliases([four!, eight!], { aliasWidthZero: true, aliasOrderDecides: true });
    expect(linux).toMatchObject({ features: four!.features, cpbmWd: 0, mbwPbmBits: 0, cassocWd: 0 });
  });

  test("row 5: priorities need all to agree; as Linux 7.3 whoever is merged last decides", () => {
    const odd = { aliasWidthZero: true, aliasOrderDecides: true };
    const none = mergeAliases([]);
    const low = { ...none, features: new Set(["intpri_part", "intpri_part_0_low"] as const), intpriWd: 3 };
    const high = { ...none, features: new Set(["intpri_part"] as const), intpriWd: 3 };
    expect(mergeAliases([low, high]).features).toEqual(new Set());
    expect(mergeAliases([high, low]).features).toEqual(new Set());
    expect(mergeAliases([low, high], odd).features).toEqual(new Set(["intpri_part"]));
    expect(mergeAliases([high, low], odd).features).toEqual(new Set(["intpri_part", "intpri_part_0_low"]));
    expect(mergeAliases([low, none]).features).toEqual(low.features);
    expect(mergeAliases([low, none], odd).features).toEqual(new Set());
    expect(mergeAliases([none, low], odd).features).toEqual(low.features);
  });
});

describe("programming", () => {
  const FULL = {
    0: idr(24, 25, 26, 27, EXT, 31),
    4: idrHigh(0),
    48: 40,
    56: 0xb000_0508,
    64: 0x0021_3c10,
    72: 0x0041_0033,
    80: 7,
  };

  test("row 14: bitmaps are written whole; as Linux 7.3 their first word alone", async () => {
    const [repaired, linux] = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [FULL] }], compat);
      await driver.apply(component, 5, { cpbm: 0xf_ffff_fff0, mbwPbm: 1, mbwMax: 0x8000 });
      return { accesses: page.accesses, stored: driver.stored(component, 5) };
    });
    expect(repaired.accesses).toEqual(PROGRAM_CONFIGURED);
    expect(linux.accesses).toEqual(PROGRAM_CONFIGURED_LINUX_7_3);
    expect(linux.stored).toEqual({ cpbm: 0xffff_fff0, mbwPbm: 1, mbwMax: 0x8000 });
  });

  test("row 14: all bits are no change; as Linux 7.3 all 32 bits of a word", async () => {
    const [repaired, linux] = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [FULL] }], compat);
      await driver.apply(component, 5, { cpbm: 0xffff_ffff });
      return page.accesses.length;
    });
    expect(repaired).toBeGreaterThan(0);
    expect(linux).toBe(0);
  });

  test("row 5: RIS are programmed in order; as Linux 7.3 the newest first", async () => {
    const ris = [
      { 0: idr(25, EXT), 4: idrHigh(1), 48: 8 },
      { 0: idr(26, EXT), 4: idrHigh(1), 64: 0x807 },
    ];
    const [repaired, linux] = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris }], compat);
      await driver.apply(component, 3, { cpbm: 0x0f, mbwMax: 0x4000 });
      return page.accesses;
    });
    expect(repaired).toEqual(PROGRAM_TWO_RIS);
    expect(linux).toEqual(PROGRAM_TWO_RIS_LINUX_7_3);
  });

  test("4: what could not be written is written when it is asked for again; Linux 7.3 takes it for written", async () => {
    const there = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }], compat);
      page.broken.set(0x1000, new Error("bus"));
      await expect(driver.apply(component, 1, { cpbm: 1 })).rejects.toThrow("bus");
      page.broken.clear();
      await driver.apply(component, 1, { cpbm: 1 });
      return page.part(0, 1, 0x1000);
    });
    expect(there).toEqual([1, 0xff]);
  });

  test("row 9: resetting a class waits for who configures it; Linux 7.3 does not", async () => {
    const first = await both(async (compat) => {
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const locks: Lock[] = [];
      const lock: NonNullable<DriverOptions["lock"]> = (name, owner) => {
        const made = new Lock(name, owner);
        if (name === "cfg") locks.push(made);
        return made;
      };
      const { driver, page, component } = await driverOn([{ ris: [CACHE_RIS] }], compat, { lock });
      await driver.apply(component, 1, { cpbm: 1 });
      const { NOTHING_HELD } = await import("../../src/bus/index.ts");
      const busy = locks[0]!.run(NOTHING_HELD, () => held);
      const reset = driver.resetClass(component.class);
      await Promise.race([reset, new Promise((resolve) => setTimeout(resolve, 5))]);
      const value = page.part(0, 1, 0x1000);
      release();
      await Promise.all([busy, reset]);
      return value;
    });
    expect(first).toEqual([1, 0xff]);
  });
});

describe("monitors", () => {
  const PLAIN = { 0: idr(25, EXT), 4: idrHigh(1), 48: 8 };
  const WITH = { ...CACHE_RIS, 4: idrHigh(1) };

  test("row 6: RIS without monitors are left alone; as Linux 7.3 they are asked too", async () => {
    const [repaired, linux] = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [WITH, PLAIN] }], compat);
      page.setMonitor(0, 2, 0x810, 0x0001_0003);
      page.setMonitor(0, 2, 0x818, 0x8003_0043);
      await driver.readMonitor(component, OCCUPANCY);
      return page.accesses;
    });
    expect(repaired).toEqual(CSU_MIXED_RIS_READ);
    expect(linux).toEqual(CSU_MIXED_RIS_READ_LINUX_7_3);
  });

  test("row 5: RIS are read in order; as Linux 7.3 the newest first", async () => {
    const [repaired, linux] = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [WITH, WITH] }], compat);
      await driver.readMonitor(component, OCCUPANCY);
      page.forget();
      await driver.readMonitor(component, OCCUPANCY);
      return page.accesses;
    });
    expect(repaired).toEqual(CSU_TWO_RIS_READ);
    expect(linux).toEqual(CSU_TWO_RIS_READ_LINUX_7_3);
  });

  test("row 8: an overflow of 2^63 units of 64 bytes counts; as Linux 7.3 it is 0", async () => {
    const values = await both(async (compat) => {
      const { driver, page, component } = await driverOn(
        [{ iidr: 0x2410_036b, ris: [{ ...MEMORY_RIS, 144: 0x6000_0004 }] }],
        compat,
      );
      await driver.readMonitor(component, BANDWIDTH);
      page.setMonitor(0, 1, 0x828, 0x8001_8042);
      page.setMonitor(0, 1, 0x880, 3);
      return driver.readMonitor(component, BANDWIDTH);
    });
    expect(values).toEqual([64n * (2n ** 63n + 3n), 192n]);
  });

  test("row 8: two counters of 2^63 are 2^64; as Linux 7.3 they are 0", async () => {
    const values = await both(async (compat) => {
      const counter = { ...MEMORY_RIS, 4: idrHigh(1), 144: 0x6000_0004 };
      const { driver, page, component } = await driverOn([{ ris: [counter, counter] }], compat);
      await driver.readMonitor(component, BANDWIDTH);
      for (const ris of [0, 1]) page.setMonitor(ris, 1, 0x828, 0x8001_8042);
      return driver.readMonitor(component, BANDWIDTH);
    });
    expect(values).toEqual([2n ** 64n, 0n]);
  });

  test("6.3: an overflow seen while the value is not ready is kept; as Linux 7.3 it is lost", async () => {
    const values = await both(async (compat) => {
      const { driver, page, component } = await driverOn([{ ris: [{ ...MEMORY_RIS, 144: 4 }] }], compat);
      await driver.readMonitor(component, BANDWIDTH);
      page.setMonitor(0, 1, 0x828, 0x8401_0042);
      page.script(0x860, 0x8000_0000, 9);
      return driver.readMonitor(component, BANDWIDTH);
    });
    expect(values).toEqual([2n ** 31n + 9n, 9n]);
  });

  test("row 15: a counter that was not restored is said; Linux 7.3 says nothing", async () => {
    const said = await both(async (compat) => {
      const parts = [
        { ris: [{ ...MEMORY_RIS, 144: 4 }], firmware: { cpus: new Set([2]), errorInterrupt: 23 } },
        { ris: [CACHE_RIS], firmware: { resources: [{ ris: 0, kind: "memory" as const, id: 0 }] } },
      ];
      const { driver, machine, page } = await driverOn(parts, compat);
      const cache = driver.classes.find(({ type }) => type === "cache")!.components[0]!;
      await driver.readMonitor(cache, BANDWIDTH);
      await machine.offline(2);
      page.broken.set(0x820, new Error("no answer"));
      await machine.online(2);
      return driver.log.filter(({ text }) => text.includes("not restored")).length;
    });
    expect(said).toEqual([1, 0]);
  });
});
