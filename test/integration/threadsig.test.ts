// One real trace all the way: nine recorded threads, each in a group of its own, read through resctrl as a tool would,
// against the plain model fed with the same records and labels.

import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine, type Task, type TraceSource } from "../../src/machine/index.ts";
import { loadPlatform, type Platform } from "../../src/platform/index.ts";
import { importTrace, MemorySink, openTrace } from "../../src/trace/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import { FakeTrace, type NaiveRecord, naive, type Row } from "../machine/traces.ts";

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU_L = offsetOf("MSMON_MBWU_L");
const CPBM = offsetOf("MPAMCFG_CPBM");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");

let platform: Platform;
let trace: TraceSource;
/** The records of the trace as the plain model wants them. */
let records: NaiveRecord[];

beforeAll(async () => {
  platform = await loadPlatform(here("platforms/one-socket.yaml"));
  const sink = new MemorySink();
  await importTrace(here("examples/traces/threadsig"), sink);
  trace = await openTrace(sink.bytes());
  const rows: Row[] = [];
  for await (const batch of trace.batches()) {
    for (let i = 0; i < batch.rows; i++) {
      rows.push({
        time: batch.time[i] ?? Number.NaN,
        address: batch.address[i] ?? Number.NaN,
        bytes: batch.bytes[i] ?? 0,
        op: batch.op[i] ?? 0,
        requester: batch.requester[i] ?? 0,
      });
    }
  }
  const { requesters, spaces, pageBytes, addressRule } = trace;
  records = naive([new FakeTrace("threadsig", rows, { requesters, spaces, pageBytes, addressRule })]);
}, 60_000);

interface Reading {
  readonly occupancy: bigint;
  readonly moved: bigint;
}

interface Session {
  readonly machine: Machine;
  readonly resctrl: Resctrl;
  readonly tasks: readonly Task[];
}

/** The platform with a smaller cache, in which the threads evict each other. */
function withCache(bytes: number): Platform {
  return { ...platform, caches: platform.caches.map((cache) => ({ ...cache, bytes })) };
}

/** A mounted machine with groups g0, g1, ... that each hold one thread and may fill what `schemata` says. */
async function mounted(of: Platform, schemata: (group: number) => number): Promise<Session> {
  const machine = await Machine.create(of);
  const tasks = machine.addTasks(trace);
  const resctrl = await Resctrl.mount(await Driver.probe(machine));
  for (const [i, { tid }] of tasks.entries()) {
    await resctrl.mkdir(`g${i}`);
    await resctrl.writeFile(`g${i}/schemata`, `L3:0=${schemata(i).toString(16)}\n`);
    await resctrl.writeFile(`g${i}/tasks`, `${tid}\n`);
  }
  return { machine, resctrl, tasks };
}

async function readings({ resctrl, tasks }: Session): Promise<Reading[]> {
  const all: Reading[] = [];
  for (const i of tasks.keys()) {
    const read = async (file: string): Promise<bigint> =>
      BigInt((await resctrl.readFile(`g${i}/mon_data/mon_L3_00/${file}`)).trim());
    all.push({ occupancy: await read("llc_occupancy"), moved: await read("mbm_total_bytes") });
  }
  return all;
}

/** The same cache in the plain model: PARTID i + 1 stands for group i, and monitor i counts it. */
class PlainGroups {
  readonly #plain: PlainSubject;

  constructor(
    of: Platform,
    private readonly groups: number,
    portions: (group: number) => number,
  ) {
    const [cache] = of.caches;
    if (!cache?.msc) throw new Error("one-socket has an L3 with an MSC");
    const mbwu = { monitors: groups, counter: 63 as const, rwbw: false };
    this.#plain = new PlainSubject({
      kind: "cache",
      sets: cache.bytes / 64 / cache.ways,
      ways: cache.ways,
      version: "1.1",
      iidr: 0,
      nrdyUsec: 0,
      spaces: { ns: platform.processor },
      ris: [{ ris: 0, cpor: { cpbmWd: 16 }, mbwu }],
      processor: platform.processor,
    });
    for (let group = 0; group < groups; group++) {
      this.#plain.write32(PART_SEL, group + 1);
      this.#plain.write32(CPBM, portions(group));
      this.#plain.write32(MON_SEL, group);
      this.#plain.write32(MBWU_FLT, group + 1);
      this.#plain.write32(MBWU_CTL, 0x8001_0000);
      this.place(group, group);
    }
  }

  /** Puts a thread into a group. */
  place(requester: number, group: number): void {
    this.#plain.setLabel(requester, "all", { space: "ns", partid: group + 1, pmg: 0 });
  }

  run(some: readonly NaiveRecord[]): void {
    this.#plain.run(some);
  }

  readings(): Reading[] {
    const held = this.#plain.occupancy();
    return Array.from({ length: this.groups }, (_, group) => {
      this.#plain.write32(MON_SEL, group);
      const lines = held.find(({ partid }) => partid === group + 1)?.lines ?? 0;
      return { occupancy: BigInt(lines) * 64n, moved: this.#plain.read64(MBWU_L) };
    });
  }
}

const ALL = (): number => 0xffff;

/** Group i has four of the sixteen portions, three of which it shares with the next. */
const FOUR = (group: number): number => 0xf << group;

describe("nine recorded threads, each in a group of its own", () => {
  test("read, of the whole trace, the occupancy and bytes that the plain model has for each", async () => {
    const session = await mounted(platform, ALL);
    expect(session.tasks).toHaveLength(9);
    const result = await session.machine.replay([trace]);
    expect([result.finished, result.records]).toEqual([true, records.length]);
    const plain = new PlainGroups(platform, 9, ALL);
    plain.run(records);
    const read = await readings(session);
    expect(read).toEqual(plain.readings());
    // The program fits: each line came once, and stays with the thread that had it first.
    expect(new Set(records.map(({ line }) => line)).size * 64).toBe(
      read.reduce((sum, { occupancy }) => sum + Number(occupancy), 0),
    );
    for (const { occupancy, moved } of read) expect(moved).toBe(occupancy);
  });

  test("in the first 40 us in a cache of a sixteenth of the size, each with portions of its own, read evictions and write-backs as the plain model has them", async () => {
    const small = withCache(65536);
    const session = await mounted(small, FOUR);
    const some = records.filter(({ time }) => time < 40_000);
    expect((await session.machine.replay([trace], { until: 40_000 })).records).toBe(some.length);
    const plain = new PlainGroups(small, 9, FOUR);
    plain.run(some);
    const read = await readings(session);
    expect(read).toEqual(plain.readings());
    expect(read.reduce((sum, { occupancy }) => sum + Number(occupancy), 0)).toBeLessThanOrEqual(65536);
    expect(read.some(({ occupancy, moved }) => moved > 2n * occupancy)).toBe(true);
  });

  test("in the first 10 us there, one moved to another's group in the middle, read what the plain model has when it moves at the next edge", async () => {
    const small = withCache(65536);
    const session = await mounted(small, FOUR);
    const { machine, resctrl, tasks } = session;
    machine.clock.at(2_300, "test", () => resctrl.writeFile("g2/tasks", `${tasks[1]?.tid}\n`));
    await machine.replay([trace], { until: 10_000 });
    expect(await resctrl.readFile("g1/tasks")).toBe("");
    expect((await resctrl.readFile("g2/tasks")).trim().split("\n")).toEqual([1, 2].map((i) => `${tasks[i]?.tid}`));

    const edge = 3_000; // one-socket has quanta of 1 us
    const movedAt = (at: number): Reading[] => {
      const plain = new PlainGroups(small, 9, FOUR);
      plain.run(records.filter(({ time }) => time < at));
      plain.place(1, 2);
      plain.run(records.filter(({ time }) => time >= at && time < 10_000));
      return plain.readings();
    };
    const read = await readings(session);
    expect(read).toEqual(movedAt(edge));
    // These records tell edges apart: had the thread moved a quantum before or after, the numbers would be others.
    expect(read).not.toEqual(movedAt(edge - 1000));
    expect(read).not.toEqual(movedAt(edge + 1000));
  });
});
