// What does it cost that requests are labelled by who runs where?
import { placeColumns, scratchFor } from "./columns.ts";
import { ours } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { labelColumns, levelChecksum, openLevel } from "./ours-level.ts";
import type { Question, RunOptions } from "./question.ts";
import { type CacheCase, type CacheColumns, cacheCase, drawnColumns, requestersOf, setsOf } from "./workload.ts";

const RECORDS = 4 << 20;
const PARTIDS = 8;

export const labels: Question = {
  name: "labels",
  asks: "labels by task and exception level against fixed ones; what relabelling takes; knowing what each cpu ran last",
  run: async (options) => [...(await lastRequesters(options))],
};

/** Which requester each cpu ran last is looked for at the end of a call: not at all, of busy cpus, of cpus of which one is idle. */
async function lastRequesters(options: RunOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, pattern, slices] of [
    ["last, no cache", "zipf", 0],
    ["last, hit95", "hit95", 1],
    ["last, 4 slices", "zipf", 4],
  ] as const) {
    const c = cacheCase(pattern, setsOf(options.cacheMiB), RECORDS);
    const columns = drawnColumns(c);
    const contestants: Contestant[] = [];
    for (const cpus of ["no cpus", "busy cpus", "an idle cpu", "many"] as const) {
      contestants.push(await contestant(c, columns, slices, cpus));
    }
    const { repetitions } = options;
    rows.push(...(await options.meet({ bench: "labels", case: name, operations: RECORDS, contestants, repetitions })));
  }
  return rows;
}

async function contestant(c: CacheCase, columns: CacheColumns, slices: number, cpus: string): Promise<Contestant> {
  const machine = await openLevel(c, { slices, partids: PARTIDS, scratchBytes: scratchFor(c.records) });
  labelColumns(machine, c, PARTIDS);
  const { hardware } = machine.inside;
  // Two requesters on each cpu, and two more that never ask for anything.
  const requesters = cpus === "no cpus" ? 0 : requestersOf(c) + (cpus === "an idle cpu" ? 2 : 0);
  if (cpus === "many")
    for (let requester = 0; requester < 1000; requester++) hardware.setCpu(requester, requester >> 1);
  for (let requester = 0; requester < requesters; requester++) hardware.setCpu(requester, requester >> 1);
  const run = placeColumns(machine.inside, columns);
  return {
    name: ours(cpus),
    run: () =>
      timed(
        () => run(0, c.records),
        () => levelChecksum(machine, c, PARTIDS),
      ),
  };
}
