// T241-MPAM-1: shadow registers that have to be seen and cleared (linux-driver.md 2.5).

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { shadowWindow } from "../../src/driver/shadow.ts";
import { shadowWindow as onThePlatform } from "../../src/platform/address-map.ts";
import { T241_MBW_MIN, T241_SHADOW } from "../golden/driver-sequences.ts";
import { EXT, idr, idrHigh, machineWith } from "./machine.ts";

const T241 = 0x2410_036b;
const SOC_ID = 0x036b_0241;
const PAGE = 3 * 2 ** 43 + 0x1_0000;
const WINDOW = 3 * 2 ** 44 + 0x1900_0000;
/** MBW_MAX and MBW_MIN of 7 bits. */
const RIS = { 0: idr(26, EXT), 4: idrHigh(0), 64: 0x0000_0c07 };

/** A T241 in chip 3 whose slices agree after so many looks; Infinity: never. */
async function t241({ socId = SOC_ID, looks = 0, window = true, iidr = T241 } = {}) {
  const { machine, firmware } = machineWith([{ iidr, ris: [RIS] }]);
  machine.processor.socId = socId;
  machine.windows.set(PAGE, machine.pages[0]!);
  const accesses: string[] = [];
  const state = { looks: 0, lag: looks };
  for (let at = 0; window && at < 0x80_0000; at += 0x1_0000) {
    machine.windows.set(WINDOW + at, {
      read32: (offset) => {
        if (offset % 8 === 0) accesses.push(`R 0x${(at + offset).toString(16)}`);
        if (at + (offset & ~7) >= 0x40_0000 && offset % 8 === 0) state.looks++;
        return at === 0x36_0000 && state.looks < state.lag ? 1 : 0;
      },
      write32: (offset, value) => {
        if (offset % 8 === 0)
          accesses.push(`W 0x${(at + offset).toString(16)} 0x${value.toString(16).padStart(16, "0")}`);
        if (at === 0x1c_0000) state.looks = 0;
      },
    });
  }
  const mscs = firmware.mscs.map((msc) => ({ ...msc, address: PAGE }));
  const driver = await Driver.probe(machine, { firmware: { ...firmware, mscs } });
  const enabling = [...accesses];
  accesses.length = 0;
  return { machine, driver, accesses, enabling, component: driver.classes[0]!.components[0]! };
}

describe("the shadow registers of a T241", () => {
  test("lie where the platform puts them", () => {
    for (const page of [0x10_0000, 2 ** 43 + 0x10_0000, PAGE, 2 ** 44 + 0x10_0000, 5 * 2 ** 43]) {
      expect(shadowWindow(page)).toBe(onThePlatform(page));
    }
    expect(shadowWindow(PAGE)).toBe(WINDOW);
  });

  test("are looked at for each PARTID that is programmed, and cleared", async () => {
    const { driver, accesses, enabling, component } = await t241();
    expect(enabling.filter((access) => access.startsWith("W 0x1c0000"))).toHaveLength(8);
    await driver.apply(component, 3, { mbwMax: 0x8000 });
    expect(accesses).toEqual(T241_SHADOW);
  });

  test("are looked at until all slices agree", async () => {
    // Two of the slices are counted: the third look finds them all alike.
    const { driver, accesses, component } = await t241({ looks: 4 });
    await driver.apply(component, 3, { mbwMax: 0x8000 });
    expect(accesses.filter((access) => access === "R 0x360060")).toHaveLength(3);
    expect(driver.log.filter(({ level }) => level === "warning")).toEqual([]);
  });

  test("are given up after 1000 looks, which is said once, and cleared all the same", async () => {
    const { driver, accesses, component } = await t241({ looks: Number.POSITIVE_INFINITY });
    await driver.apply(component, 3, { mbwMax: 0x8000 });
    expect(accesses.filter((access) => access === "R 0x360060")).toHaveLength(1000);
    expect(accesses.slice(-2)).toEqual(T241_SHADOW.slice(-2));
    expect(driver.log.filter(({ text }) => text.includes("do not agree"))).toHaveLength(1);
  });

  test("of another SoC, another part or a window where nothing answers are left alone; the other errata are not", async () => {
    for (const options of [{ socId: 0x036b_0242 }, { iidr: T241 + 0x1000 }, { window: false }]) {
      const { driver, enabling, component } = await t241(options);
      expect(enabling).toEqual([]);
      expect(component.class.props.features.has("mbw_min")).toBe(options.iidr !== undefined);
      expect(driver.parts.mscs[0]!.quirks).toEqual(options.iidr ? [] : ["force_mbw_min", "mbwu_times_64"]);
    }
  });
});

test.each(T241_MBW_MIN)(
  "MBW_MIN of $bwaWd bits under MBW_MAX $mbwMax is $mbwMin",
  async ({ bwaWd, mbwMax, mbwMin }) => {
    const { machine, firmware } = machineWith([{ iidr: T241, ris: [{ ...RIS, 64: 0x0c00 | bwaWd }] }]);
    const driver = await Driver.probe(machine, { firmware });
    if (mbwMax !== undefined) {
      await driver.apply(driver.classes[0]!.components[0]!, 1, { mbwMax: 0x4321 });
      await driver.apply(driver.classes[0]!.components[0]!, 1, { mbwMax });
    }
    expect(machine.pages[0]!.part(0, 1, 0x200)).toBe(mbwMin);
  },
);
