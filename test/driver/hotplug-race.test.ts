// Cpus that come and go under tasks that configure and read, on a bus that answers late: accesses are made by cpus that are
// there, and what is stored is in the registers at the end.

import { expect, test } from "vitest";
import { type Bus, MmioBus } from "../../src/bus/index.ts";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { CACHE_RIS, machineWith } from "./machine.ts";
import { dice } from "./race-subjects.ts";

const TASKS = 200;

for (const seed of [1, 2, 3]) {
  test(`seed ${seed}`, async () => {
    const roll = dice(seed);
    const ris = { ...CACHE_RIS, 128: 0x0003_0000, 144: 4 };
    const { machine, firmware } = machineWith(
      [
        [0, 1],
        [2, 3],
      ].map((cpus) => ({ ris: [ris], firmware: { cpus: new Set(cpus), errorInterrupt: 0 } })),
    );
    const turns = async (): Promise<void> => {
      for (let left = roll(6); left > 0; left--) await undefined;
    };
    // Whoever of its cpus is there: the machine refuses the others.
    const bus = ({ address, cpus }: { address: number; cpus: ReadonlySet<number> }): Bus => {
      const near = new MmioBus(machine.bus, address, () =>
        [...cpus].find((cpu) => machine.processor.cpus[cpu]!.online),
      );
      return {
        sleeps: true,
        read32: async (offset) => {
          await turns();
          return near.read32(offset);
        },
        write32: async (offset, value) => {
          await turns();
          return near.write32(offset, value);
        },
      };
    };
    const driver = await Driver.probe(machine, { firmware, bus });
    const component = driver.classes[0]!.components[0]!;
    let busy = true;
    const hotplug = (async () => {
      while (busy) {
        const cpu = roll(4);
        const isLast = machine.processor.cpus.filter(({ online }) => online).length === 1;
        if (!machine.processor.cpus[cpu]!.online) await machine.online(cpu);
        else if (!isLast) await machine.offline(cpu);
        await turns();
      }
    })();
    const outcomes = new Set<string>();
    await Promise.all(
      Array.from({ length: TASKS }, async (_, task) => {
        for (let wait = roll(4000); wait > 0; wait--) await undefined;
        try {
          if (task % 3 === 0) {
            await driver.readMonitor(component, {
              type: "mbwu",
              mon: roll(4),
              partid: roll(8),
              pmg: 0,
              matchPmg: false,
            });
          } else if (task % 20 === 1) await driver.resetClass(component.class);
          else await driver.apply(component, roll(8), { cpbm: 1 + roll(254) });
          outcomes.add("done");
        } catch (error) {
          if (!(error instanceof ErrnoError)) throw error;
          outcomes.add(task % 3 === 0 ? error.code : `${error}`);
        }
      }),
    );
    busy = false;
    await hotplug;
    for (const { cpu, online } of machine.processor.cpus) if (!online) await machine.online(cpu);
    expect(outcomes).toEqual(new Set(["done", "ENXIO"]));
    expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
    for (let partid = 0; partid < 8; partid++) {
      const stored = driver.stored(component, partid).cpbm ?? 0xff;
      expect(machine.pages.map((page) => page.part(0, partid, 0x1000))).toEqual([stored, stored]);
    }
  });
}
