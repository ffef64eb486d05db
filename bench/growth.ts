// What is kept of the rate when things grow: records, slices, PARTIDs. Contestants are all ours. Where they cannot end
// alike (other records, other sets), each has a checksum of its own.

import { placeColumns, scratchFor } from "./columns.ts";
import { ours } from "./goals.ts";
import { type Contestant, MIN_REPETITIONS, type Row, timed } from "./harness.ts";
import { labelColumns, levelChecksum, openLevel } from "./ours-level.ts";
import type { Question, RunOptions } from "./question.ts";
import { type CacheCase, type CacheColumns, cacheCase, drawnColumns, setsOf } from "./workload.ts";

const RECORDS = 4 << 20;
/** The columns that "records" goes through, and what one turn runs of them: all 64 times over, or a piece. */
const LONG_RECORDS = 16 << 20;
const PASSES = 64;
const PIECE = 1 << 20;
const FEW_PARTIDS = 16;

export const growth: Question = {
  name: "growth",
  asks: "the rate kept: 1 G records against 1 M, 64 slices against 1, 65,536 PARTIDs against 16 (E2)",
  async run(options) {
    const sets = setsOf(options.cacheMiB);
    return [
      ...(await records(cacheCase("zipf", sets, LONG_RECORDS), options)),
      ...(await slices(cacheCase("zipf", sets, RECORDS), options)),
      ...(await partids(cacheCase("zipf", sets, RECORDS), options)),
    ];
  },
};

interface Opened {
  readonly run: (from: number, to: number) => void;
  readonly checksum: () => string;
}

async function open(c: CacheCase, columns: CacheColumns, slices: number, partids: number): Promise<Opened> {
  const machine = await openLevel(c, { slices, partids, scratchBytes: scratchFor(c.records) });
  labelColumns(machine, c, partids);
  return { run: placeColumns(machine.inside, columns), checksum: () => levelChecksum(machine, c, partids) };
}

/** Both go round the same columns, in a cache that has long been full. */
async function records(c: CacheCase, options: RunOptions): Promise<Row[]> {
  const columns = drawnColumns(c);
  const long = await open(c, columns, 1, FEW_PARTIDS);
  const short = await open(c, columns, 1, FEW_PARTIDS);
  for (const { run } of [long, short]) run(0, c.records);
  let next = 0;
  const contestants: Contestant[] = [
    {
      name: ours("1 G records"),
      work: "1 G records",
      operations: PASSES * c.records,
      run: () =>
        timed(() => {
          for (let pass = 0; pass < PASSES; pass++) long.run(0, c.records);
        }, long.checksum),
    },
    {
      name: ours("1 M records"),
      work: "1 M records",
      operations: PIECE,
      run: () => {
        // A piece without the clock: what others have left in the caches of this machine is nothing to do with growth.
        short.run(next, next + PIECE);
        const from = (next + PIECE) % c.records;
        next = (from + PIECE) % c.records;
        return timed(() => short.run(from, from + PIECE), short.checksum);
      },
    },
  ];
  return options.meet({
    bench: "growth",
    case: "records",
    operations: PIECE,
    contestants,
    // A turn is half a minute on a slow machine.
    repetitions: MIN_REPETITIONS,
    warmUpTurns: 1,
  });
}

async function slices(c: CacheCase, options: RunOptions): Promise<Row[]> {
  const columns = drawnColumns(c);
  const contestants: Contestant[] = [];
  for (const [count, name] of [
    [64, "64 slices"],
    [1, "1 slice"],
  ] as const) {
    const { run, checksum } = await open(c, columns, count, FEW_PARTIDS);
    contestants.push({ name: ours(name), work: name, run: () => timed(() => run(0, c.records), checksum) });
  }
  const { repetitions } = options;
  return options.meet({ bench: "growth", case: "slices", operations: c.records, contestants, repetitions });
}

async function partids(c: CacheCase, options: RunOptions): Promise<Row[]> {
  const columns = drawnColumns(c);
  const contestants: Contestant[] = [];
  for (const [count, name] of [
    [65536, "65,536 PARTIDs"],
    [FEW_PARTIDS, "16 PARTIDs"],
  ] as const) {
    const { run, checksum } = await open(c, columns, 1, count);
    contestants.push({ name: ours(name), run: () => timed(() => run(0, c.records), checksum) });
  }
  const { repetitions } = options;
  return options.meet({ bench: "growth", case: "PARTIDs", operations: c.records, contestants, repetitions });
}
