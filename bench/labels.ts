// What does it cost that requests are labelled by who runs where? Labels by task and exception level against fixed ones, what
// a change of labels takes, and what it takes to know which requester each cpu ran last.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Machine } from "../src/machine/index.ts";
import { checkObject } from "../src/platform/index.ts";
import { type MarkedSource, openTraces, packTrace } from "../src/trace/index.ts";
import { placeColumns, scratchFor } from "./columns.ts";
import { ours } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { checksumText, draw, hashAdd64, mix } from "./mixer.ts";
import { labelColumns, levelChecksum, openLevel } from "./ours-level.ts";
import type { Question, RunOptions } from "./question.ts";
import { relabelling } from "./relabelling.ts";
import { ASID, traceOf } from "./trace-of.ts";
import {
  type CacheCase,
  type CacheColumns,
  cacheCase,
  drawnColumns,
  LINE_BYTES,
  PATTERNS,
  requestersOf,
  setsOf,
  WAYS,
} from "./workload.ts";

const RECORDS = 4 << 20;
const PARTIDS = 8;
const CPUS = 8;
/** On each cpu, with records of EL0 and of EL1. */
const TASKS = 16;
/** Records between two context switches somewhere. */
const SLICE = 1000;
/** Records, which are ns, between two times at which tasks change groups, and how many do. */
const PERIOD = 65536;
const MOVED = 4;

const groupOf = (tid: number, turn: number) => ({ partid: (tid + turn) % PARTIDS, pmg: 0 });

export const labels: Question = {
  name: "labels",
  asks: "labels by task and exception level against fixed ones; a change of labels; which requester each cpu ran last",
  run: async (options) => [
    ...(await byTask(options)),
    ...(await relabelling(options)),
    ...(await lastRequesters(options)),
  ],
};

/** Nothing is limited, so that caches do the same whatever the labels are: the checksum is over all labels together. */
async function byTask(options: RunOptions): Promise<Row[]> {
  const { repetitions, cacheMiB } = options;
  const directory = await mkdtemp(join(tmpdir(), "mpam-bench-"));
  try {
    const rows: Row[] = [];
    for (const pattern of PATTERNS) {
      const c = cacheCase(pattern, setsOf(cacheMiB), RECORDS);
      const path = join(directory, `${pattern}.arrow`);
      await packTrace(switchingTrace(c), path, { form: "packed" });
      const [trace] = await openTraces([path]);
      const contestants: Contestant[] = [];
      for (const how of HOW) contestants.push(await labelled(c, trace as MarkedSource, how));
      rows.push(
        ...(await options.meet({ bench: "labels", case: pattern, operations: RECORDS, contestants, repetitions })),
      );
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true });
  }
}

const HOW = ["fixed labels", "by task and EL", "by task and EL, changing"] as const;

async function labelled(c: CacheCase, trace: MarkedSource, how: (typeof HOW)[number]): Promise<Contestant> {
  const machine = await Machine.create(platformOf(c));
  const { processor, clock } = machine;
  for (const { tid } of machine.addTasks(trace)) {
    const { partid, pmg } = groupOf(tid, 0);
    if (how === "fixed labels") {
      for (const requester of processor.requestersOf(tid)) {
        processor.setRequesterLabel(requester, { space: "ns", partid, pmg });
      }
    } else processor.setTaskLabel(tid, { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg });
  }
  let turn = 0;
  const move = () => {
    turn++;
    for (let i = 0; i < MOVED; i++) {
      const tid = 1 + ((turn * MOVED + i) % (CPUS * TASKS));
      const { partid, pmg } = groupOf(tid, turn);
      processor.setTaskLabel(tid, { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg });
    }
  };
  return {
    name: ours(how),
    async run() {
      if (how === "by task and EL, changing") {
        for (let at = PERIOD; at < c.records; at += PERIOD) clock.at(clock.now + at, "bench", move);
      }
      const start = performance.now();
      await machine.replay([trace]);
      const nanoseconds = (performance.now() - start) * 1e6;
      return { nanoseconds, checksum: totals(machine) };
    },
  };
}

function platformOf(c: CacheCase) {
  const msc = { base: 0x1000_0000, cpor: { cpbmWd: 16 }, ccap: { cmaxWd: 16 } };
  return checkObject({
    name: "bench",
    cpus: CPUS,
    processor: { partidMax: PARTIDS - 1, pmgMax: 1 },
    memoryLimit: 2 ** 31,
    caches: [{ level: 3, bytes: c.sets * c.ways * LINE_BYTES, ways: WAYS, msc }],
    memory: [{ bytes: 2 ** 32, bytesPerSecond: 1e11 }],
  });
}

/** The accesses of a case, made by tasks that take turns on their cpus; a quarter at EL1. */
function switchingTrace(c: CacheCase): MarkedSource {
  const columns = drawnColumns(c);
  const running = Array<number>(CPUS).fill(0);
  const requester = columns.requester.map((_, i) => {
    if (i % SLICE === 0) running[draw(c.seed, i, 3) % CPUS] = draw(c.seed, i, 4) % TASKS;
    const cpu = draw(c.seed, i, 5) % CPUS;
    return (cpu * TASKS + (running[cpu] as number)) * 2 + ((draw(c.seed, i, 6) & 3) === 0 ? 1 : 0);
  });
  const requesters = Array.from({ length: CPUS * TASKS * 2 }, (_, i) => {
    const task = i >> 1;
    return { asid: ASID, pid: 1, tid: task + 1, cpu: Math.floor(task / TASKS), el: i & 1 };
  });
  return traceOf(`labels ${c.pattern}`, { ...columns, requester }, requesters);
}

function totals(machine: Machine): string {
  const statistics = machine.statistics();
  let h = mix(0);
  for (const key of ["accesses", "misses", "bytesRead", "bytesWritten", "bytesHeld"] as const) {
    h = hashAdd64(
      h,
      statistics.reduce((sum, label) => sum + label[key], 0),
    );
  }
  return checksumText(h);
}

// Which requester each cpu ran last is looked for when a call ends.

const WHERE = [
  { case: "last, no cache", pattern: "zipf", slices: 0 },
  { case: "last, hit95", pattern: "hit95", slices: 1 },
  { case: "last, 4 slices", pattern: "zipf", slices: 4 },
] as const;

/** Requesters that are on cpus, two on each. Those that the columns lack stand idle, and are looked for in vain. */
const KNOWN = [
  { name: "no cpus", requesters: () => 0 },
  { name: "busy cpus", requesters: requestersOf },
  { name: "one idle cpu", requesters: (c: CacheCase) => requestersOf(c) + 2 },
  { name: "500 idle cpus", requesters: (c: CacheCase) => requestersOf(c) + 1000 },
] as const;

async function lastRequesters(options: RunOptions): Promise<Row[]> {
  const { repetitions, cacheMiB } = options;
  const rows: Row[] = [];
  for (const { case: name, pattern, slices } of WHERE) {
    const c = cacheCase(pattern, setsOf(cacheMiB), RECORDS);
    const columns = drawnColumns(c);
    const contestants: Contestant[] = [];
    for (const known of KNOWN) contestants.push(await looking(c, columns, slices, known));
    rows.push(...(await options.meet({ bench: "labels", case: name, operations: RECORDS, contestants, repetitions })));
  }
  return rows;
}

async function looking(
  c: CacheCase,
  columns: CacheColumns,
  slices: number,
  { name, requesters }: (typeof KNOWN)[number],
): Promise<Contestant> {
  const machine = await openLevel(c, { slices, partids: PARTIDS, scratchBytes: scratchFor(c.records) });
  labelColumns(machine, c, PARTIDS);
  for (let requester = 0; requester < requesters(c); requester++) {
    machine.inside.hardware.setCpu(requester, requester >> 1);
  }
  const run = placeColumns(machine.inside, columns);
  return {
    name: ours(name),
    run: () =>
      timed(
        () => run(0, c.records),
        () => levelChecksum(machine, c, PARTIDS),
      ),
  };
}
