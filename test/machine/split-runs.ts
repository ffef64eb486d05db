// Runs drawn at random that can be taken apart: platforms of several shapes, traces of threads and devices, and what is written while
// they replay. What a machine has counted is told by place, before the last level of caches and from there on.

import fc from "fast-check";
import { type LevelStatistics, Machine, type MachineOptions, type TraceRequester } from "../../src/machine/index.ts";
import type { ReplayOptions } from "../../src/machine/replay.ts";
import { cachesBelow, checkObject, type Platform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import {
  CMAX,
  CPBM,
  CSU,
  CSU_CTL,
  CSU_FLT,
  EN,
  MATCH_PARTID,
  MBWU,
  MBWU_CTL,
  MBWU_FLT,
  MON_SEL,
  PART_SEL,
} from "./compare.ts";
import { tag } from "./machines.ts";
import { FakeTrace, mixed, thread } from "./traces.ts";

const CPUS = 4;
const PARTIDS = 4;
const KIB = 1024;
const OUT_TL = offsetOf("MPAMCFG_OUT_TL");
const TL_ENABLE = 0x8000_0000;

const monitors = { csu: { monitors: 2 }, mbwu: { monitors: 2, counter: 63, rwbw: true } };
let page = 0;
const msc = (more: object = {}) => ({
  base: 0x1_4000_0000 + 0x100_0000 * page++,
  version: "1.1",
  ...monitors,
  ...more,
});
const limits = { cpor: { cpbmWd: 8 }, ccap: { cmaxWd: 8, cmin: true, cmaxSoftlim: true } };

interface Draw {
  readonly slices: number;
  readonly channels: number;
  readonly policy: string;
  readonly upstream: boolean;
  readonly translates: boolean;
}

/** Small enough for everybody to be in everybody's way. */
const SHAPES = {
  "private L2s before an L3": (draw: Draw) => ({ caches: [l2s(draw), l3(draw)], memory: [node(draw)] }),
  "three levels": (draw: Draw) => ({
    caches: [
      { level: 1, per: "cpu", bytes: KIB, ways: 2, policy: draw.policy },
      { ...l2s(draw), mbwu: "downstream" },
      l3(draw),
    ],
    memory: [node(draw)],
  }),
  "two sockets": (draw: Draw) => ({
    caches: [
      l2s(draw),
      { ...l3(draw), cpus: "0-1" },
      { ...l3({ ...draw, slices: draw.slices + 1 }), id: 9, cpus: "2-3" },
    ],
    memory: [
      { ...node(draw), node: 0, cpus: "0-1" },
      { ...node({ ...draw, channels: 2 }), node: 1, cpus: "2-3" },
    ],
  }),
  "an L3 for some cpus": (draw: Draw) => ({
    caches: [l2s(draw), { ...l3(draw), cpus: "0-1" }],
    memory: [node(draw)],
  }),
  "an L3 alone": (draw: Draw) => ({
    caches: [{ ...l3(draw), mbwu: draw.upstream ? "upstream" : "downstream" }],
    memory: [node(draw)],
  }),
  "no caches": (draw: Draw) => ({ caches: [], memory: [node(draw)] }),
} as const;

function l2s({ policy, upstream, translates }: Draw): object {
  const outTl = translates ? { outTl: { partidMax: 63, direct: true } } : {};
  return {
    level: 2,
    per: "cpu",
    bytes: 2 * KIB,
    ways: 4,
    policy,
    mbwu: upstream ? "upstream" : "downstream",
    msc: { ...msc({ cpor: { cpbmWd: 4 }, ...outTl }), stride: 65536 },
  };
}

function l3({ slices, policy }: Draw): { level: number; slices: number } {
  const size = { bytes: 4 * KIB * slices, ways: 8, slices };
  const one = { ...msc(limits), stride: 65536 };
  return { level: 3, id: 8, ...size, policy, msc: one } as { level: number; slices: number };
}

function node({ channels }: Draw): object {
  return {
    bytes: "1 GiB",
    channels,
    bytesPerSecond: "10 GB/s",
    msc: { ...msc({ mbw: { bwaWd: 7 } }), csu: undefined, stride: 65536 },
  };
}

function platformOf(shape: keyof typeof SHAPES, draw: Draw): Platform {
  page = 0;
  const { caches, memory } = SHAPES[shape](draw);
  const l3There = caches.some((cache) => "level" in cache && (cache as { level: number }).level === 3);
  return checkObject(
    JSON.parse(
      JSON.stringify({
        name: shape,
        cpus: CPUS,
        processor: { partidMax: 63, pmgMax: 3 },
        quantumNs: 100,
        caches,
        memory,
        devices: [
          { name: "dma", label: { partid: 3 } },
          { name: "nic", label: { partid: 2, pmg: 1 }, ...(l3There ? { enters: "L3 8" } : {}) },
        ],
      }),
    ),
    shape,
  );
}

/** What is done at a model time. */
interface Step {
  readonly at: number;
  readonly what: "label" | "portions" | "maximum" | "device" | "translation";
  readonly which: number;
  readonly partid: number;
  readonly value: number;
}

export interface SplitRun {
  readonly shape: string;
  readonly platform: Platform;
  readonly traces: readonly FakeTrace[];
  readonly script: readonly Step[];
  readonly until: number | undefined;
}

const device = (name: string): TraceRequester => ({ asid: 99, pid: 0, tid: 0, device: name });

const step: fc.Arbitrary<Step> = fc.record({
  at: fc.nat(2000),
  what: fc.constantFrom("label", "label", "portions", "portions", "maximum", "device", "translation"),
  which: fc.nat(7),
  partid: fc.nat(PARTIDS - 1),
  value: fc.nat(255),
});

/** Of `rows` records and up to two traces. */
export function splitRuns(rows = 600): fc.Arbitrary<SplitRun> {
  const draw = fc.record({
    slices: fc.integer({ min: 1, max: 4 }),
    channels: fc.integer({ min: 1, max: 3 }),
    policy: fc.constantFrom("lru", "plru", "nru", "random"),
    upstream: fc.boolean(),
    translates: fc.boolean(),
  });
  return fc
    .record({
      shape: fc.constantFrom(...(Object.keys(SHAPES) as (keyof typeof SHAPES)[])),
      draw,
      seeds: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
      gap: fc.nat(4),
      script: fc.array(step, { maxLength: 8 }),
      until: fc.option(fc.integer({ min: 1, max: 1500 }), { nil: undefined }),
    })
    .map(({ shape, draw, seeds, gap, script, until }) => ({
      shape,
      platform: platformOf(shape, draw),
      traces: seeds.map((seed, file) => {
        const threads = [0, 1, 2].map((n) => thread(10 * file + n + 1, { cpu: (file + n) % CPUS, el: n % 2 }));
        const requesters = [...threads, device("dma"), device("nic")];
        return new FakeTrace(`file ${file}`, mixed(seed, rows, requesters.length, 400, gap), {
          requesters,
          batches: [90],
        });
      }),
      script,
      until,
      // A failure prints no rows.
      [fc.toStringMethod]: () => JSON.stringify({ shape, draw, seeds, gap, script, until }),
    }));
}

/** A machine with the tasks and monitors of a run, and its steps on the clock. */
export async function prepared(run: SplitRun, options: MachineOptions = {}): Promise<Machine> {
  const machine = await Machine.create(run.platform, options);
  for (const trace of run.traces) machine.addTasks(trace);
  const tids = machine.processor.tasks.map(({ tid }) => tid);
  for (const [i, tid] of tids.entries()) machine.processor.setTaskLabel(tid, tag(1 + (i % (PARTIDS - 1)), i % 2));
  for (const { msc, resource } of machine.mscs) {
    for (const mon of [0, 1]) {
      machine.write32(msc, MON_SEL, mon);
      const flts = resource.kind === "cache" ? [CSU_FLT, MBWU_FLT] : [MBWU_FLT];
      for (const flt of flts) machine.write32(msc, flt, mon + 1);
      for (const flt of flts) machine.write32(msc, flt === CSU_FLT ? CSU_CTL : MBWU_CTL, EN + MATCH_PARTID);
    }
  }
  for (const one of run.script) machine.clock.at(one.at, "test", () => perform(machine, one));
  return machine;
}

/** Of each trace the fourth requester is a device. */
const DEVICE = 3;

function perform(machine: Machine, { what, which, partid, value }: Step): void {
  const { processor, mscs } = machine;
  if (what === "label") {
    const { tid } = processor.tasks[which % processor.tasks.length] as { tid: number };
    processor.setTaskLabel(tid, tag(partid, value & 3));
  } else if (what === "device") {
    processor.setRequesterLabel(DEVICE, { space: "ns", partid, pmg: value & 3 });
  } else {
    const having = { portions: "cpor", maximum: "ccap" } as const;
    const able = mscs.filter(({ description: { ris, outTl } }) =>
      what === "translation" ? outTl : ris[0]?.[having[what]],
    );
    const { msc } = able[which % Math.max(able.length, 1)] ?? {};
    if (msc === undefined) return;
    machine.write32(msc, PART_SEL, partid);
    if (what === "portions") machine.write32(msc, CPBM, value);
    else if (what === "maximum") machine.write32(msc, CMAX, (value << 8) >>> 0);
    else machine.write32(msc, OUT_TL, (TL_ENABLE | (value % 8)) >>> 0);
  }
}

export function optionsOf({ until }: SplitRun): ReplayOptions {
  return until === undefined ? {} : { until };
}

/** What a slice or a channel has counted and holds. */
export interface Place {
  readonly name: string;
  readonly where: "above" | "last" | "memory";
  /** Of slices, in the cache. */
  readonly slice: number;
  readonly labels: LevelStatistics["labels"];
  readonly lines?: unknown;
  readonly details?: unknown;
  readonly monitors?: readonly number[];
}

/** `full`: with what only the general path counts. */
export function placesOf(machine: Machine, full = false): Place[] {
  const below = cachesBelow(machine.platform);
  const { slices, sets } = machine.export();
  const details = full ? machine.details() : [];
  return machine.levels().map((one): Place => {
    const labels = [...one.labels].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    if (one.kind === "memory") {
      const msc = machine.mscs.find(
        ({ resource }) =>
          resource.kind === "memory" && resource.memory.node === one.node && resource.channel === one.channel,
      );
      const name = `node ${one.node}, channel ${one.channel}`;
      return {
        name,
        where: "memory",
        slice: one.channel,
        labels,
        ...(msc ? { monitors: readings(machine, msc.msc, false) } : {}),
      };
    }
    const index = machine.platform.caches.findIndex(({ level, id }) => level === one.level && id === one.id);
    const held = slices.find(({ level, id, slice }) => level === one.level && id === one.id && slice === one.slice);
    const msc = machine.mscs.find(
      ({ resource }) =>
        resource.kind === "cache" && resource.cache === machine.platform.caches[index] && resource.slice === one.slice,
    );
    return {
      name: `L${one.level} ${one.id}, slice ${one.slice}`,
      where: below[index] === undefined ? "last" : "above",
      slice: one.slice,
      labels,
      lines: held && sets.slice(held.firstSet, held.firstSet + held.setCount),
      details: details.find(({ level, id, slice }) => level === one.level && id === one.id && slice === one.slice),
      ...(msc ? { monitors: readings(machine, msc.msc, true) } : {}),
    };
  });
}

function readings(machine: Machine, msc: number, cache: boolean): number[] {
  return [0, 1].flatMap((mon) => {
    machine.write32(msc, MON_SEL, mon);
    const offsets = cache ? [CSU, MBWU] : [MBWU];
    return offsets.map((offset) => machine.read32(msc, offset));
  });
}

type Labelled = LevelStatistics["labels"][number];

function keyOf({ space, partid, pmg, el = -1 }: Labelled): string {
  return `${space} ${partid} ${pmg} ${el}`;
}

/** Counts of labels added up. */
export function added(all: readonly LevelStatistics["labels"][]): Labelled[] {
  const sums = new Map<string, Labelled>();
  for (const one of all.flat()) {
    const sum = sums.get(keyOf(one));
    const add = (key: "accesses" | "misses" | "bytesHeld" | "bytesRead" | "bytesWritten") =>
      one[key] + (sum?.[key] ?? 0);
    sums.set(keyOf(one), {
      ...one,
      accesses: add("accesses"),
      misses: add("misses"),
      bytesHeld: add("bytesHeld"),
      bytesRead: add("bytesRead"),
      bytesWritten: add("bytesWritten"),
    });
  }
  return [...sums.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
