// How fast is it from a file to a result, against the same records in memory? The packed form, the page cache warm; beside
// it plain columns, and the packed form compressed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Machine } from "../src/machine/index.ts";
import { openTraces, packTrace } from "../src/trace/index.ts";
import { placeColumns, scratchFor } from "./columns.ts";
import { ours } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { labelColumns, labelOf, levelChecksum, openLevel } from "./ours-level.ts";
import type { Question, RunOptions } from "./question.ts";
import { ASID, traceOf } from "./trace-of.ts";
import { type CacheCase, type CacheColumns, cacheCase, drawnColumns, requestersOf, setsOf } from "./workload.ts";

const RECORDS = 8 << 20;
const PARTIDS = 8;

/** Name, form and file name of what is read; the first is the one that is judged. `opens`: opening is on the clock too. */
const FORMS = [
  { name: "packed file", form: "packed", file: "packed.arrow", opens: false },
  { name: "packed file, opened", form: "packed", file: "packed.arrow", opens: true },
  { name: "file of columns", form: "columns", file: "columns.arrow", opens: false },
  { name: "packed file, gzip", form: "packed", file: "packed.arrow.gz", opens: false },
] as const;

export const reading: Question = {
  name: "reading",
  asks: "from a packed file to the result against the same records in memory, with a cache and without (E1)",
  async run(options) {
    const sets = setsOf(options.cacheMiB);
    const rows: Row[] = [];
    for (const pattern of ["zipf", "hit95"] as const) {
      rows.push(...(await one(pattern, cacheCase(pattern, sets, RECORDS), 1, options)));
    }
    rows.push(...(await one("accounting", cacheCase("zipf", sets, RECORDS), 0, options)));
    return rows;
  },
};

async function one(name: string, c: CacheCase, slices: number, options: RunOptions): Promise<Row[]> {
  const columns = drawnColumns(c);
  const requesters = Array.from({ length: requestersOf(c) }, (_, i) => ({ asid: ASID, pid: 1, tid: i + 1 }));
  const source = traceOf(`${c.pattern} ${c.records}`, columns, requesters);
  const directory = await mkdtemp(join(tmpdir(), "mpam-bench-"));
  try {
    const contestants: Contestant[] = [];
    for (const { name, form, file, opens } of FORMS) {
      const path = join(directory, file);
      await packTrace(source, path, { form, ...(file.endsWith(".gz") ? { quality: 1 } : {}) });
      contestants.push(await fromFile(c, path, slices, opens, ours(name)));
    }
    contestants.push(await fromMemory(c, columns, slices, ours("columns in memory")));
    const { repetitions } = options;
    return await options.meet({ bench: "reading", case: name, operations: c.records, contestants, repetitions });
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function fromMemory(c: CacheCase, columns: CacheColumns, slices: number, name: string): Promise<Contestant> {
  const machine = await openLevel(c, { slices, partids: PARTIDS, scratchBytes: scratchFor(c.records) });
  labelColumns(machine, c, PARTIDS);
  const run = placeColumns(machine.inside, columns);
  return {
    name,
    run: () =>
      timed(
        () => run(0, c.records),
        () => levelChecksum(machine, c, PARTIDS),
      ),
  };
}

async function fromFile(c: CacheCase, path: string, slices: number, opens: boolean, name: string): Promise<Contestant> {
  const machine = await openLevel(c, { slices, partids: PARTIDS });
  await label(machine, c, path);
  const opened = await openTraces([path]);
  return {
    name,
    async run() {
      const start = performance.now();
      await machine.replay(opens ? await openTraces([path]) : opened);
      const nanoseconds = (performance.now() - start) * 1e6;
      return { nanoseconds, checksum: levelChecksum(machine, c, PARTIDS) };
    },
  };
}

/** Requesters are numbered as the first trace names them. */
async function label(machine: Machine, c: CacheCase, path: string): Promise<void> {
  for (const source of await openTraces([path])) machine.addTasks(source);
  for (let requester = 0; requester < requestersOf(c); requester++) {
    machine.processor.setRequesterLabel(requester, { space: "ns", ...labelOf(c, PARTIDS, requester) });
  }
}
