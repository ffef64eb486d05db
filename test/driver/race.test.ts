// Hundreds of tasks on buses that answer late and out of turn. Each lock is then taken away, to see it missed.

import { describe, expect, test } from "vitest";
import type { Access, LockName } from "../../src/bus/index.ts";
import { ComponentNode, Tree } from "../../src/driver/classes.ts";
import { addDescribed } from "../../src/driver/described.ts";
import { type Component, Driver } from "../../src/driver/index.ts";
import { Msc } from "../../src/driver/msc.ts";
import { probeMsc } from "../../src/driver/probe.ts";
import { CACHE_RIS, type FakeMachine, idrHigh, machineWith } from "./machine.ts";
import type { FakePage } from "./page.ts";
import { type Dice, dice, locksWithout, SUBJECTS, type Subject } from "./race-subjects.ts";

const SEEDS = [1, 2];
const TASKS = 300;
const PARTIDS = 8;
const MONITORS = 4;
/** Turns of promises over which the tasks begin. */
const SPREAD = 600;

// Offsets as the document has them.
const IDR = 0x0;
const CPBM = 0x1000;
const CSU_FLT = 0x810;
const CSU = 0x840;
const MONITORS_FROM = 0x800;
const MONITORS_TO = 0x900;
/** MPAMF_AIDR, MPAMF_ECR and MPAMF_ESR stand behind no selector. */
const OUTSIDE = new Set([0x20, 0xf0, 0xf8, 0xfc]);

/** The second of two says PMG_MAX 3 where the first says 1, so that it is known by its MPAMF_IDR. */
const FIRST = { ...CACHE_RIS, [IDR + 4]: idrHigh(1) };
const SECOND = { ...FIRST, [IDR]: (CACHE_RIS[IDR]! | 0x0003_0000) >>> 0 };
/** Four slices of one cache; every other one has two RIS. */
const PARTS = [{ ris: [FIRST, SECOND] }, { ris: [CACHE_RIS] }, { ris: [FIRST, SECOND] }, { ris: [CACHE_RIS] }];
const ALL_RIS = 6;
/** The RIS of number 1 among them. */
const SECOND_RIS = 2;

interface Race {
  readonly roll: Dice;
  readonly machine: FakeMachine;
  readonly driver: Driver<FakeMachine>;
  readonly component: Component;
  /** What went wrong. */
  readonly found: string[];
}

async function startOf(subject: Subject, seed: number, missing: LockName | undefined): Promise<Race> {
  const roll = dice(seed);
  const { machine, firmware } = machineWith(PARTS);
  // What a monitor shows depends on which it is and on the label it watches: a mixed-up reading is noticed.
  for (const page of machine.pages) {
    page.monitorValue = (ris, mon, offset) =>
      offset === CSU ? (page.monitor(ris, mon, CSU_FLT) ?? 0) * 256 + mon * 16 + ris : undefined;
  }
  const found: string[] = [];
  const bus = subject.reach(machine.pages, roll, missing, (text) => found.push(text));
  const driver = await Driver.probe(machine, { firmware, bus, lock: locksWithout(missing) });
  return { roll, machine, driver, component: driver.classes[0]!.components[0]!, found };
}

/** Begins `count` tasks, each after a while; what fails is found wrong. */
async function tasks({ roll, found }: Pick<Race, "roll" | "found">, count: number, body: (n: number) => Promise<void>) {
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      for (let wait = roll(SPREAD); wait > 0; wait--) await undefined;
      await body(n).catch((error: unknown) => found.push(String(error)));
    }),
  );
}

/** Where the hardware disagrees with what the driver has stored, or with what it says is reset. */
function disorder({ driver, component, machine }: Race): string[] {
  const found: string[] = [];
  for (const { id, ris } of driver.save().mscs) {
    for (const { index, inResetState } of ris) {
      for (let partid = 0; partid < PARTIDS; partid++) {
        const there = machine.pages[id]!.part(index, partid, CPBM);
        const stored = driver.stored(component, partid).cpbm ?? 0xff;
        if (there !== stored) found.push(`MSC ${id} RIS ${index} PARTID ${partid}: ${there}, stored ${stored}`);
        if (inResetState && there !== 0xff) found.push(`MSC ${id} RIS ${index} PARTID ${partid}: ${there}, said reset`);
      }
    }
  }
  return found;
}

async function configure({ driver, component, roll }: Race): Promise<void> {
  if (roll(12) === 0) await driver.resetClass(component.class);
  else await driver.apply(component, roll(PARTIDS), { cpbm: 1 + roll(254) });
}

async function read({ driver, component, roll, found }: Race): Promise<void> {
  const [mon, partid] = [roll(MONITORS), roll(PARTIDS)];
  const value = await driver.readMonitor(component, { type: "csu", mon, partid, pmg: 0, matchPmg: false });
  const right = BigInt(ALL_RIS * (partid * 256 + mon * 16) + SECOND_RIS);
  if (value !== right) found.push(`monitor ${mon} of PARTID ${partid}: ${value}, not ${right}`);
}

/** Tasks that configure, and now and then one that resets all. */
async function raceOfWriters(subject: Subject, seed: number, missing?: LockName): Promise<string[]> {
  const race = await startOf(subject, seed, missing);
  await tasks(race, TASKS, () => configure(race));
  return [...race.found, ...disorder(race)];
}

/** Tasks that read monitors, each its own label. */
async function raceOfReaders(subject: Subject, seed: number, missing?: LockName): Promise<string[]> {
  const race = await startOf(subject, seed, missing);
  await tasks(race, TASKS, () => read(race));
  return race.found;
}

/** Looks at a RIS again as discovery does, under part_sel alone. */
async function lookAgain({ component, roll, found }: Race): Promise<void> {
  if (!(component instanceof ComponentNode)) throw new Error("not a component of the driver");
  const { msc, ris } = component.ris[roll(component.ris.length)]!.vmsc;
  const { index } = ris[roll(ris.length)]!;
  const idr = await msc.withPart(index, 0, (regs) => regs.read32(IDR));
  const right = PARTS[msc.id]!.ris[index]![IDR];
  if (idr !== right) found.push(`${msc} RIS ${index}: MPAMF_IDR ${idr}, not ${right}`);
}

/** All of that at once. */
async function raceOfAll(subject: Subject, seed: number, missing?: LockName): Promise<string[]> {
  const race = await startOf(subject, seed, missing);
  const kinds = [configure, read, lookAgain];
  await tasks(race, TASKS, () => kinds[race.roll(kinds.length)]!(race));
  return [...race.found, ...disorder(race)];
}

/** MSCs as firmware describes them, not probed. */
function notProbed(subject: Subject, seed: number, missing: LockName | undefined) {
  const roll = dice(seed);
  const { machine, firmware } = machineWith(PARTS);
  const found: string[] = [];
  const bus = subject.reach(machine.pages, roll, missing, (text) => found.push(text));
  const mscs = firmware.mscs.map((msc) => new Msc(msc, bus(msc), () => {}, locksWithout(missing)));
  return { roll, machine, firmware, found, mscs };
}

/** Tasks that use leases of a few MSCs side by side, each writing and reading back. */
async function raceOfLeases(subject: Subject, seed: number, missing?: LockName): Promise<string[]> {
  const race = notProbed(subject, seed, missing);
  const { roll, mscs, found } = race;
  await tasks(race, TASKS, async () => {
    const [msc, ris, partid, value] = [mscs[roll(mscs.length)]!, roll(2), roll(PARTIDS), roll(256)];
    const back = await msc.withPart(ris, partid, async (regs) => {
      await regs.write32(CPBM, value);
      return regs.read32(CPBM);
    });
    if (back !== value) found.push(`${msc} RIS ${ris} PARTID ${partid}: ${back}, written ${value}`);
  });
  return found;
}

/** Every MSC is to be probed by several tasks at once; the accesses that each page has seen. */
async function raceOfProbes(subject: Subject, seed: number, perMsc: number, missing?: LockName): Promise<string[][]> {
  const race = notProbed(subject, seed, missing);
  const { machine, firmware, mscs, found } = race;
  const tree = new Tree();
  for (const msc of mscs) addDescribed(tree, msc, firmware);
  await tasks(race, perMsc * mscs.length, (n) => probeMsc(mscs[n % mscs.length]!, tree, () => {}));
  expect(found).toEqual([]);
  return machine.pages.map(({ accesses }: FakePage) => accesses);
}

type Contest = (subject: Subject, seed: number, missing?: LockName) => Promise<string[]>;

async function overSeeds(race: Contest, subject: Subject, missing?: LockName): Promise<string[]> {
  const found: string[] = [];
  for (const seed of SEEDS) {
    for (const line of await race(subject, seed, missing)) found.push(`seed ${seed}: ${line}`);
  }
  return found;
}

const MISSED: readonly (readonly [LockName, string, Contest])[] = [
  ["cfg", "what is stored and what the hardware has drift apart", raceOfWriters],
  ["part_sel", "they write and read under each other's PARTID", raceOfLeases],
  ["mon_sel", "their readings are mixed up", raceOfReaders],
  ["mailbox", "their messages are mixed up", raceOfLeases],
];

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))("tasks that race on %s", (_, subject) => {
  test("leave in every part what was stored last", async () => {
    expect(await overSeeds(raceOfWriters, subject)).toEqual([]);
  });

  test("see nothing but the PARTID they selected", async () => {
    expect(await overSeeds(raceOfLeases, subject)).toEqual([]);
  });

  test("read the monitor and the label they asked for", async () => {
    expect(await overSeeds(raceOfReaders, subject)).toEqual([]);
  });

  test("configure, read monitors and look at ID registers without getting in each other's way", async () => {
    expect(await overSeeds(raceOfAll, subject)).toEqual([]);
  });

  test.each(MISSED.filter(([lock]) => subject.locks.includes(lock)))(
    "miss the %s lock when it is not there: %s",
    async (lock, __, race) => {
      for (const seed of SEEDS) expect(await race(subject, seed, lock), `seed ${seed}`).not.toEqual([]);
    },
  );

  test.each(subject.locks)("and do all of that at once are in disorder without the %s lock", async (lock) => {
    expect(await overSeeds(raceOfAll, subject, lock)).not.toEqual([]);
  });

  // The probe lock guards nothing that a race could mix up: probing is done once, and what it learns does not change. It sees
  // to that "once": without it, whoever comes while an MSC is being probed probes it again.
  test("probe each MSC once, however many want to; the probe lock is for that", async () => {
    for (const seed of SEEDS) {
      const once = await raceOfProbes(subject, seed, 1);
      expect(once.map(({ length }) => length).every((length) => length > 0)).toBe(true);
      expect(await raceOfProbes(subject, seed, 20), `seed ${seed}`).toEqual(once);
      const more = await raceOfProbes(subject, seed, 20, "probe");
      expect(more[0]!.length, `seed ${seed}`).toBeGreaterThan(once[0]!.length);
    }
  });

  test("are refused once a disable has overtaken them, and leave everything reset", async () => {
    for (const seed of SEEDS) {
      const race = await startOf(subject, seed, undefined);
      const { driver, machine, component, roll, found } = race;
      const codes: string[] = [];
      await tasks(race, TASKS, async (n) => {
        try {
          if (n === TASKS - 1) await driver.disable("a test");
          else if (roll(2) === 0) await driver.apply(component, n % PARTIDS, { cpbm: 1 + roll(254) });
          else await read(race);
          codes.push("done");
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      });
      // Configuring a machine that has no MPAM any more is EINVAL, reading its monitors EIO.
      expect(new Set(codes), `seed ${seed}`).toEqual(new Set(["done", "EINVAL", "EIO"]));
      expect(found, `seed ${seed}`).toEqual([]);
      for (const page of machine.pages) {
        for (let partid = 0; partid < PARTIDS; partid++) expect(page.part(0, partid, CPBM)).toBe(0xff);
      }
    }
  });
});

describe("an access", () => {
  test("says which lease it is made under, so that the order of locks is checked down to the mailbox", async () => {
    const { machine, firmware } = machineWith(PARTS);
    const under: string[] = [];
    const driver = await Driver.probe(machine, {
      firmware,
      bus: ({ id }) => {
        const say = (offset: number, access: Access | undefined): void => {
          const selected = offset >= MONITORS_FROM && offset < MONITORS_TO ? "mon_sel" : "part_sel";
          under.push(OUTSIDE.has(offset) ? "" : `${selected} held as ${access?.under?.lock?.name}`);
          expect(access?.under?.ended, `0x${offset.toString(16)}`).not.toBe(true);
        };
        return {
          sleeps: true,
          read32: async (offset, access) => {
            say(offset, access);
            return machine.pages[id]!.read32(offset);
          },
          write32: async (offset, value, access) => {
            say(offset, access);
            machine.pages[id]!.write32(offset, value);
          },
        };
      },
    });
    const [component] = driver.classes[0]!.components;
    await driver.apply(component!, 1, { cpbm: 1 });
    await driver.readMonitor(component!, { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false });
    expect(new Set(under)).toEqual(new Set(["", "part_sel held as part_sel", "mon_sel held as mon_sel"]));
  });
});
