// Hundreds of tasks on a bus that answers late and out of turn. Each lock is then taken away, to see it missed.

import { describe, expect, test } from "vitest";
import type { Bus } from "../../src/bus/index.ts";
import { Lock, type LockName } from "../../src/bus/index.ts";
import { Driver } from "../../src/driver/index.ts";
import { Msc } from "../../src/driver/msc.ts";
import { mix } from "../../src/random/index.ts";
import { CACHE_RIS, idrHigh, machineWith } from "./machine.ts";
import type { FakePage } from "./page.ts";

const SEEDS = [1, 2];
const TASKS = 300;
const PARTIDS = 8;
/** Turns of the event loop over which the tasks begin. */
const SPREAD = 600;

/** The same numbers for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = mix(seed);
  return (below) => {
    state = mix(state + 1);
    return state % below;
  };
}

/** Every access takes effect after some turns, and is reported after some more. */
function delayedBus(page: FakePage, roll: (below: number) => number): Bus {
  const turns = async (): Promise<void> => {
    for (let left = roll(6); left > 0; left--) await undefined;
  };
  return {
    sleeps: true,
    read32: async (offset) => {
      await turns();
      const value = page.read32(offset);
      await turns();
      return value;
    },
    write32: async (offset, value) => {
      await turns();
      page.write32(offset, value);
      await turns();
    },
  };
}

/** Two slices of one cache, the first with two RIS; all without `missing`. */
async function racingDriver(seed: number, missing: LockName | undefined) {
  const roll = dice(seed);
  const two = { ...CACHE_RIS, 4: idrHigh(1) };
  const { machine, firmware } = machineWith([{ ris: [two, two] }, { ris: [CACHE_RIS] }]);
  // What a monitor shows depends on which it is and on the label it watches: a mixed-up reading is noticed.
  for (const page of machine.pages) {
    page.monitorValue = (ris, mon, offset) =>
      offset === 0x840 ? (page.monitor(ris, mon, 0x810) ?? 0) * 256 + mon * 16 + ris : undefined;
  }
  const driver = await Driver.probe(machine, {
    firmware,
    bus: (msc) => delayedBus(machine.pages[msc.id]!, roll),
    lock: (name, owner) => new Lock(name, owner, name !== missing),
  });
  return { driver, machine, component: driver.classes[0]!.components[0]!, roll };
}

/** Where the hardware disagrees with what the driver has stored, or with what it says is reset. */
function disorder(driver: Pick<Driver, "save" | "stored" | "classes">, pages: readonly FakePage[]): string[] {
  const found: string[] = [];
  const component = driver.classes[0]!.components[0]!;
  for (const { id, ris } of driver.save().mscs) {
    for (const { index, inResetState } of ris) {
      for (let partid = 0; partid < PARTIDS; partid++) {
        const there = pages[id]!.part(index, partid, 0x1000);
        const stored = driver.stored(component, partid).cpbm ?? 0xff;
        if (there !== stored) found.push(`MSC ${id} RIS ${index} PARTID ${partid}: ${there}, stored ${stored}`);
        if (inResetState && there !== 0xff) found.push(`MSC ${id} RIS ${index} PARTID ${partid}: ${there}, said reset`);
      }
    }
  }
  return found;
}

/** Tasks that configure, and now and then one that resets all; what is wrong when they are done. */
async function raceOfWriters(seed: number, missing?: LockName): Promise<string[]> {
  const { driver, machine, component, roll } = await racingDriver(seed, missing);
  await Promise.all(
    Array.from({ length: TASKS }, async () => {
      for (let wait = roll(SPREAD); wait > 0; wait--) await undefined;
      if (roll(12) === 0) await driver.resetClass(component.class);
      else await driver.apply(component, roll(PARTIDS), { cpbm: 1 + roll(254) });
    }),
  );
  return disorder(driver, machine.pages);
}

/** Tasks that read monitors, each its own label; the readings that are another's. */
async function raceOfReaders(seed: number, missing?: LockName): Promise<string[]> {
  const { driver, component, roll } = await racingDriver(seed, missing);
  const found: string[] = [];
  await Promise.all(
    Array.from({ length: TASKS }, async (_, task) => {
      for (let wait = roll(SPREAD); wait > 0; wait--) await undefined;
      const mon = task % 4;
      const partid = roll(PARTIDS);
      const value = await driver.readMonitor(component, { type: "csu", mon, partid, pmg: 0, matchPmg: false });
      // Three RIS of the component: 0 and 1 of the first MSC, 0 of the second.
      const right = BigInt(3 * (partid * 256 + mon * 16) + 1);
      if (value !== right) found.push(`monitor ${mon} of PARTID ${partid}: ${value}, not ${right}`);
    }),
  );
  return found;
}

/** Tasks that use leases of one MSC side by side, each writing and reading back; what came back wrong. */
async function raceOfLeases(seed: number, missing?: LockName): Promise<string[]> {
  const roll = dice(seed);
  const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
  const bus = delayedBus(machine.pages[0]!, roll);
  const makeLock = (name: LockName, owner: string) => new Lock(name, owner, name !== missing);
  const msc = new Msc(firmware.mscs[0]!, bus, () => {}, makeLock);
  const found: string[] = [];
  await Promise.all(
    Array.from({ length: TASKS }, async () => {
      for (let wait = roll(SPREAD); wait > 0; wait--) await undefined;
      const [ris, partid, value] = [roll(2), roll(PARTIDS), roll(256)];
      const back = await msc.withPart(ris, partid, async (regs) => {
        await regs.write32(0x1000, value);
        return regs.read32(0x1000);
      });
      if (back !== value) found.push(`RIS ${ris} PARTID ${partid}: ${back}, written ${value}`);
    }),
  );
  return found;
}

async function overSeeds(race: (seed: number, missing?: LockName) => Promise<string[]>, missing?: LockName) {
  const found: string[] = [];
  for (const seed of SEEDS) {
    for (const line of await race(seed, missing)) found.push(`seed ${seed}: ${line}`);
  }
  return found;
}

describe("racing tasks", () => {
  test("leave in every part what was stored last, whatever the bus does", async () => {
    expect(await overSeeds(raceOfWriters)).toEqual([]);
  });

  test("without the cfg lock, what is stored and what the hardware has drift apart", async () => {
    expect(await overSeeds(raceOfWriters, "cfg")).not.toEqual([]);
  });

  test("see nothing but the PARTID they selected", async () => {
    expect(await overSeeds(raceOfLeases)).toEqual([]);
  });

  test("without the part_sel lock they write and read under each other's PARTID", async () => {
    expect(await overSeeds(raceOfLeases, "part_sel")).not.toEqual([]);
  });

  test("read the monitor and the label they asked for", async () => {
    expect(await overSeeds(raceOfReaders)).toEqual([]);
  });

  test("without the mon_sel lock their readings are mixed up", async () => {
    expect(await overSeeds(raceOfReaders, "mon_sel")).not.toEqual([]);
  });

  test("that are overtaken by a disable are refused, and leave everything reset", async () => {
    const { driver, machine, component, roll } = await racingDriver(9, undefined);
    const tasks = Array.from({ length: 40 }, (_, task) =>
      driver.apply(component, task % PARTIDS, { cpbm: 1 + roll(254) }),
    );
    for (let turns = 0; turns < 100; turns++) await undefined;
    const disabled = driver.disable("a test");
    const results = await Promise.allSettled(tasks);
    await disabled;
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["fulfilled", "rejected"]));
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "EINVAL" });
    }
    expect(disorder(driver, machine.pages)).toEqual([]);
    expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([0xff, 0xff]);
  });
});
