// A part with errata of a T241, from its firmware tables to settings that act.

import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";

const NS = 1;
const MBW_MIN = offsetOf("MPAMCFG_MBW_MIN");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");

function powerOn(socId: number): Promise<Machine> {
  const platform = checkObject(
    {
      name: "T241",
      cpus: 2,
      socId,
      processor: { partidMax: 3, pmgMax: 1 },
      caches: [{ level: 3, bytes: "1 MiB", ways: 16 }],
      memory: [
        {
          ...{ node: 0, bytes: "1 GiB", bytesPerSecond: "10 GB/s" },
          msc: {
            ...{ base: 0x1_0000_0000, iidr: 0x2410_036b, errata: ["T241-MPAM-1", "T241-MPAM-4"] },
            mbw: { bwaWd: 7, min: true },
          },
        },
      ],
    },
    "T241",
  );
  return Machine.create(platform);
}

/** MBW_MAX and MBW_MIN of a PARTID as they act, and as they read back. */
function settings(machine: Machine, partid: number): { acting: number[]; read: number[] } {
  machine.write32(0, offsetOf("MPAMCFG_PART_SEL"), partid);
  return {
    acting: [MBW_MAX, MBW_MIN].map((offset) => machine.inside.hardware.readSetting(0, NS, 0, partid, offset)),
    read: [MBW_MAX, MBW_MIN].map((offset) => machine.read32(0, offset)),
  };
}

test("a driver that knows the chip has its settings act", async () => {
  const machine = await powerOn(0x036b_0241);
  const driver = await Driver.probe(machine);
  const component = driver.classes[0]?.components[0];
  if (!component) throw new Error("a component of memory");
  await driver.apply(component, 2, { mbwMax: 0x8000 });
  // MBW_MIN is 0x8000 - 0x0ccb, of which seven bits stay.
  const wanted = [0x8000, 0x7200];
  expect(settings(machine, 2)).toEqual({ acting: wanted, read: wanted });
});

test("one that takes it for another chip does not notice that they wait", async () => {
  const machine = await powerOn(0x036b_0242);
  const driver = await Driver.probe(machine);
  const component = driver.classes[0]?.components[0];
  if (!component) throw new Error("a component of memory");
  await driver.apply(component, 2, { mbwMax: 0x8000 });
  expect(settings(machine, 2)).toEqual({ acting: [0xfe00, 0xfe00], read: [0x8000, 0x7200] });
});
