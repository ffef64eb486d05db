// Programming PARTIDs: the order of writes, reset values, and what is written when.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NOTHING_HELD } from "../../src/bus/index.ts";
import { type Component, Driver } from "../../src/driver/index.ts";
import { writeBitmap } from "../../src/driver/program.ts";
import { PROGRAM_CONFIGURED, PROGRAM_RESET } from "../golden/driver-sequences.ts";
import { CACHE_RIS, EXT, idr, idrHigh, MEMORY_RIS, machineWith, type PartOptions } from "./machine.ts";
import { FakePage } from "./page.ts";

const FULL_RIS = {
  0: idr(24, 25, 26, 27, EXT, 31),
  4: idrHigh(0),
  48: 40,
  56: 0xb000_0508,
  64: 0x0021_3c10,
  72: 0x0041_0033,
  80: 7,
};

async function driverOn(parts: readonly PartOptions[]) {
  const { machine, firmware } = machineWith(parts);
  const driver = await Driver.probe(machine, { firmware });
  const component = driver.classes[0]!.components[0]!;
  const enabling = machine.pages.map((page) => [...page.accesses]);
  for (const page of machine.pages) page.forget();
  return { driver, machine, component, enabling };
}

function written(machine: { readonly pages: readonly FakePage[] }): string[] {
  return machine.pages.flatMap((page) => page.accesses);
}

describe("bitmaps", () => {
  const { offset, vectors } = JSON.parse(
    readFileSync(new URL("../golden/driver-bitmaps.json", import.meta.url), "utf8"),
  ) as { offset: number; vectors: { width: number; words: [number, number]; written: number[] }[] };
  for (const { width, words, written: expected } of vectors) {
    test(`resetting ${width} bits writes ones to them and to nothing else`, async () => {
      const page = new FakePage({ ris: [] });
      const regs = {
        holding: NOTHING_HELD,
        read32: async (at: number) => page.read32(at),
        write32: async (at: number, value: number) => page.write32(at, value),
      };
      await writeBitmap(regs, offset, width);
      expect([page.part(0, 0, offset) ?? 0, page.part(0, 0, offset + 4) ?? 0]).toEqual(words);
      expect(page.accesses).toHaveLength(expected.length);
    });
  }
});

describe("the order of writes", () => {
  test("at enable every PARTID of every RIS gets its reset values, in order", async () => {
    const { enabling } = await driverOn([{ ris: [FULL_RIS] }]);
    const start = enabling[0]!.lastIndexOf("W 0x100 0x00000005");
    expect(enabling[0]!.slice(start, start + PROGRAM_RESET.length)).toEqual(PROGRAM_RESET);
    const selected = enabling[0]!.filter((access) => access.startsWith("W 0x600"));
    expect(selected).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((partid) => `W 0x600 0x0001000${partid}`));
  });

  test("what is configured is written in every word, and the rest to its reset values", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [FULL_RIS] }]);
    await driver.apply(component, 5, { cpbm: 0xf_ffff_fff0, mbwPbm: 1, mbwMax: 0x8000 });
    expect(written(machine)).toEqual(PROGRAM_CONFIGURED);
  });

  test("every RIS of every MSC of the component is written, and no other", async () => {
    const two = { ...CACHE_RIS, 4: idrHigh(1) };
    const other = { resources: [{ ris: 0, kind: "cache", id: 2 } as const] };
    const { driver, machine, component } = await driverOn([
      { ris: [two, two] },
      { ris: [CACHE_RIS] },
      { ris: [CACHE_RIS], firmware: other },
    ]);
    await driver.apply(component, 3, { cpbm: 0x3c });
    expect(machine.pages[0]!.accesses).toEqual([
      ...["W 0x100 0x00000003", "W 0x1000 0x0000003c", "W 0x100 0x01000003", "W 0x1000 0x0000003c"],
    ]);
    expect(machine.pages[1]!.accesses).toEqual(["W 0x100 0x00000003", "W 0x1000 0x0000003c"]);
    expect(machine.pages[2]!.accesses).toEqual([]);
  });

  test("a part with the T241 errata gets a lowest bandwidth, 5 percent below the highest, and its class has none", async () => {
    const ris = { ...MEMORY_RIS, 64: 0x0000_0c07 };
    const { driver, machine, component, enabling } = await driverOn([{ iidr: 0x2410_036b, ris: [ris] }]);
    expect(component.class.props.features).not.toContain("mbw_min");
    expect(enabling[0]).toContain("W 0x200 0x0000f135");
    await driver.apply(component, 1, { mbwMax: 0x8000 });
    expect(written(machine)).toContain("W 0x200 0x00007335");
    machine.pages[0]!.forget();
    await driver.apply(component, 1, { mbwMax: 0x0c00 });
    expect(written(machine)).toContain("W 0x200 0x00000200");
  });
});

describe("change detection", () => {
  test("what is stored already is not written again", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    await driver.apply(component, 1, { cpbm: 0x0f });
    expect(written(machine)).not.toEqual([]);
    machine.pages[0]!.forget();
    await driver.apply(component, 1, { cpbm: 0x0f });
    expect(written(machine)).toEqual([]);
    expect(driver.stored(component, 1)).toEqual({ cpbm: 0x0f });
  });

  test("all bits for a PARTID that was never configured change nothing, and leave it unconfigured", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [FULL_RIS] }]);
    await driver.apply(component, 1, { cpbm: 2 ** 40 - 1, mbwPbm: 2 ** 33 - 1, mbwMax: 0xffff });
    expect(written(machine)).toEqual([]);
    expect(driver.stored(component, 1)).toEqual({});
  });

  test("the default of MBW_MAX is what its width can hold", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [MEMORY_RIS] }]);
    await driver.apply(component, 1, { mbwMax: 0xfe00 });
    expect(written(machine)).toEqual([]);
    await driver.apply(component, 1, { mbwMax: 0xffff });
    expect(written(machine)).toEqual(["W 0x100 0x00000001", "W 0x208 0x0000ffff"]);
  });

  test("one control changes and the others stay configured", async () => {
    const { driver, component } = await driverOn([{ ris: [FULL_RIS] }]);
    await driver.apply(component, 1, { cpbm: 1 });
    await driver.apply(component, 1, { mbwMax: 0x4000 });
    expect(driver.stored(component, 1)).toEqual({ cpbm: 1, mbwMax: 0x4000 });
    expect(driver.stored(component, 2)).toEqual({});
  });

  test("a write that failed is made again when the same is asked for again", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    machine.pages[1]!.broken.set(0x1000, new Error("bus"));
    await expect(driver.apply(component, 1, { cpbm: 1 })).rejects.toThrow("bus");
    machine.pages[1]!.broken.clear();
    await driver.apply(component, 1, { cpbm: 1 });
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([1, 1]);
  });
});

describe("two who configure one PARTID", () => {
  test("the failure of the later is remembered, though the earlier succeeded", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    const earlier = driver.apply(component, 1, { cpbm: 1 });
    const later = driver.apply(component, 1, { cpbm: 2 });
    // The last write of the earlier one; the next access of that part is the later one's.
    machine.pages[1]!.written = (offset) => {
      if (offset === 0x1000) machine.pages[1]!.broken.set(0x100, new Error("bus"));
    };
    await earlier;
    await expect(later).rejects.toThrow("bus");
    machine.pages[1]!.broken.clear();
    for (const page of machine.pages) page.forget();
    await driver.apply(component, 1, { cpbm: 2 });
    expect(written(machine)).not.toEqual([]);
  });

  test("it is, too, when the earlier has another part still to write", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    const [first] = machine.pages;
    const earlier = driver.apply(component, 1, { cpbm: 1 });
    const later = driver.apply(component, 1, { cpbm: 2 });
    const order: string[] = [];
    first!.written = (offset) => {
      if (offset === 0x1000) first!.broken.set(0x100, new Error("bus"));
    };
    await Promise.all([
      expect(later.finally(() => order.push("later"))).rejects.toThrow("bus"),
      earlier.then(() => order.push("earlier")),
    ]);
    expect(order).toEqual(["later", "earlier"]);
    first!.broken.clear();
    await driver.apply(component, 1, { cpbm: 2 });
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([2, 2]);
  });
});

describe("reset", () => {
  test("a class that was not touched since it was reset is not written again", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }, { ris: [CACHE_RIS] }]);
    await driver.resetClass(component.class);
    expect(written(machine)).toEqual([]);
    await driver.apply(component, 1, { cpbm: 1 });
    await driver.resetClass(component.class);
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([0xff, 0xff]);
    expect(driver.stored(component, 1)).toEqual({});
    for (const page of machine.pages) page.forget();
    await driver.resetClass(component.class);
    expect(written(machine)).toEqual([]);
  });

  test("an MSC that is just coming back with what was configured is reset with the others", async () => {
    const { driver, machine, component } = await driverOn([
      { ris: [CACHE_RIS] },
      { ris: [CACHE_RIS], firmware: { cpus: new Set([3]), errorInterrupt: 0 } },
    ]);
    await driver.apply(component, 1, { cpbm: 1 });
    await machine.offline(3);
    const second = machine.pages[1]!;
    let reset: Promise<void> | undefined;
    second.written = (offset, value) => {
      if (offset === 0x1000 && value === 1) reset ??= driver.resetClass(component.class);
    };
    await machine.online(3);
    await reset;
    expect(reset).toBeDefined();
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([0xff, 0xff]);
  });

  test("what fails in one component does not keep the others from being reset", async () => {
    const ofCache = (id: number) => ({ resources: [{ ris: 0, kind: "cache" as const, id }] });
    const { driver, machine } = await driverOn([
      { ris: [CACHE_RIS], firmware: ofCache(1) },
      { ris: [CACHE_RIS], firmware: ofCache(2) },
    ]);
    const [l3] = driver.classes;
    for (const component of l3!.components) await driver.apply(component, 1, { cpbm: 1 });
    machine.pages[0]!.broken.set(0x1000, new Error("bus"));
    await expect(driver.resetClass(l3!)).rejects.toThrow("bus");
    expect(machine.pages[1]!.part(0, 1, 0x1000)).toBe(0xff);
  });
});

describe("refusals", () => {
  test("a PARTID or a value that does not exist is EINVAL, and stored nowhere", async () => {
    const { driver, machine, component } = await driverOn([{ ris: [CACHE_RIS] }]);
    for (const partid of [-1, 8, 1.5]) {
      await expect(driver.apply(component, partid, { cpbm: 1 })).rejects.toMatchObject({ code: "EINVAL" });
    }
    for (const config of [{ cpbm: -1 }, { cpbm: 0.5 }, { mbwMax: 0x1_0000 }, { mbwPbm: Number.NaN }]) {
      await expect(driver.apply(component, 1, config)).rejects.toMatchObject({ code: "EINVAL" });
    }
    expect(driver.stored(component, 1)).toEqual({});
    expect(written(machine)).toEqual([]);
  });

  test("a component of another driver is EINVAL", async () => {
    const { driver } = await driverOn([{ ris: [CACHE_RIS] }]);
    const stranger: Component = (await driverOn([{ ris: [CACHE_RIS] }])).component;
    await expect(driver.apply(stranger, 1, { cpbm: 1 })).rejects.toMatchObject({ code: "EINVAL" });
    expect(() => driver.allocMonitor(stranger.class, "csu")).toThrow("EINVAL");
  });
});
