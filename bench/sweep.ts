// What a unit of a sweep costs beside a replay by itself, and what a second worker brings. Everybody comes to the same results.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Platform, parsePlatform } from "../src/platform/index.ts";
import { runUnit, Threads, TraceShelf, type Unit, type UnitHost } from "../src/sweep/index.ts";
import { openTraces } from "../src/trace/index.ts";
import { LONE, ours, UNIT, UNITS_BY_TWO } from "./goals.ts";
import type { Contestant, Row } from "./harness.ts";
import type { Question, RunOptions } from "./question.ts";
import { packageRoot } from "./root.ts";

const UNITS = 32;
/** Of those that two workers share: sweeps that need two are no short ones. */
const MANY = 120;
/** Of those that unpack their traces each time, which takes longer than the replay. */
const ALONE = 4;
const RECORDS = 4_737_004;
const TOOL = "bench";

export const sweep: Question = {
  name: "sweep",
  asks: "a unit of a sweep against a replay by itself, and two workers against one (F1, F2)",
  async run(options) {
    if (availableParallelism() < 2) options.note("sweep: there is one core for all of them here");
    const rows: Row[] = [];
    for (const platform of ["one-socket", "private-l2"]) rows.push(...(await units(platform, options)));
    return rows;
  },
};

/** The recorded traces, and the L3 cut in two at every place, twice. */
async function units(name: string, { meet, repetitions }: RunOptions): Promise<Row[]> {
  const root = packageRoot();
  const path = join(root, `platforms/${name}.yaml`);
  const platform = parsePlatform(readFileSync(path, "utf8"), path);
  const traces = ["polite", "greedy"].map((trace) => join(root, `examples/traces/${trace}.arrow.br`));
  const many = Array.from({ length: MANY }, (_, i) => unitOf(i, platform, traces));
  const some = many.slice(0, UNITS);
  const shelf = new TraceShelf();
  const opened = { tool: TOOL, open: (named: Unit["work"]["traces"]) => shelf.open(named) };
  const alone = {
    tool: TOOL,
    open: (named: Unit["work"]["traces"]) => openTraces(named.map(({ argument }) => argument)),
  };
  const unit: Contestant = { name: ours(UNIT), run: () => race(some, inThreads(1)) };
  const open: Contestant = { name: LONE, run: () => race(some, oneByOne(opened)) };
  const closed: Contestant = {
    name: "a replay by itself",
    work: "fewer units",
    operations: ALONE * RECORDS,
    run: () => race(some.slice(0, ALONE), oneByOne(alone)),
  };
  const byTwo: Contestant = { name: ours(UNITS_BY_TWO), run: () => race(many, inThreads(2)) };
  const byOne: Contestant = { name: ours(UNIT), run: () => race(many, inThreads(1)) };
  const common = { bench: "sweep", repetitions, warmUpTurns: 1 };
  const [operations, more] = [UNITS * RECORDS, MANY * RECORDS];
  return [
    ...(await meet({ ...common, operations, case: name, contestants: [unit, open, closed] })),
    ...(await meet({ ...common, operations: more, case: `${name}, workers`, contestants: [byTwo, byOne] })),
  ];
}

function unitOf(index: number, platform: Platform, traces: readonly string[]): Unit {
  const cut = 1 + (index % 15);
  const [join, sort] = [0xffff & ~((1 << cut) - 1), (1 << cut) - 1].map((cbm) => `L3:0=${cbm.toString(16)}`);
  return {
    name: String(index).padStart(64, "0"),
    place: { workload: "pair", platform: platform.name, configuration: String(cut), settings: {} },
    work: {
      traces: traces.map((argument) => ({ argument })),
      platform,
      replaying: { group: ["join=trace:1", "sort=trace:2"] },
      schemata: { join: [join as string], sort: [sort as string] },
    },
  };
}

type Run = (units: readonly Unit[]) => Promise<readonly string[]>;

const inThreads =
  (count: number): Run =>
  async (units) => {
    const texts = new Map<string, string>();
    await new Threads(count, { tool: TOOL, folders: [] }).run(units, {
      async ended(one) {
        texts.set(one.unit.name, "text" in one ? one.text : one.lost);
      },
    });
    return units.map(({ name }) => texts.get(name) ?? "");
  };

const oneByOne =
  (host: UnitHost): Run =>
  async (units) => {
    const texts: string[] = [];
    for (const unit of units) texts.push(await runUnit(unit, host));
    return texts;
  };

async function race(units: readonly Unit[], run: Run) {
  const start = performance.now();
  const texts = await run(units);
  const nanoseconds = (performance.now() - start) * 1e6;
  return { nanoseconds, checksum: createHash("sha256").update(texts.join("")).digest("hex").slice(0, 16) };
}
