// How fast is one cache with LRU, portions, a maximum and occupancy, against the same model written plainly?
import { CTwin } from "./c-twin.ts";
import { C_PLAIN, JS_PLAIN, OURS } from "./goals.ts";
import { type Contestant, type Row, race, timed } from "./harness.ts";
import { PlainCache } from "./js/cache.ts";
import { openCache } from "./ours.ts";
import type { Question, RunOptions } from "./question.ts";
import {
  BATCH,
  type CacheCase,
  type CacheColumns,
  cacheArguments,
  cacheCase,
  fillCache,
  PATTERNS,
  WAYS,
} from "./workload.ts";

const RECORDS = 4 << 20;
const LINE_BYTES = 64;

export const cache: Question = {
  name: "cache",
  asks: "one 16-way cache: LRU, portions, CMAX, occupancy (B1)",
  async run(options) {
    const sets = (options.cacheMiB << 20) / (LINE_BYTES * WAYS);
    const rows: Row[] = [];
    for (const pattern of PATTERNS) rows.push(...(await one(cacheCase(pattern, sets, RECORDS), options)));
    return rows;
  },
};

async function one(c: CacheCase, options: RunOptions): Promise<Row[]> {
  const columns = {
    line: new Uint32Array(c.records),
    requester: new Uint16Array(c.records),
    meta: new Uint8Array(c.records),
  };
  fillCache(columns, c);
  const twin = await CTwin.start("cache", cacheArguments(c));
  const model = new PlainCache(c);
  const contestants: Contestant[] = [await openCache(c, columns, OURS)];
  if (twin) contestants.push(twin.contestant(C_PLAIN, "plain"));
  contestants.push(plain(c, columns, model));
  try {
    const rows = await race({
      bench: "cache",
      case: c.pattern,
      operations: c.records,
      contestants,
      repetitions: options.repetitions,
    });
    options.note(`cache/${c.pattern}: ${hitRate(model)} of the accesses hit`);
    return rows;
  } finally {
    twin?.close();
  }
}

function plain(c: CacheCase, columns: CacheColumns, model: PlainCache): Contestant {
  const work = () => {
    for (let at = 0; at < c.records; at += BATCH) model.replay(columns, at, Math.min(at + BATCH, c.records));
  };
  return { name: JS_PLAIN, run: () => timed(work, () => model.checksum()) };
}

function hitRate(model: PlainCache): string {
  const accesses = model.owners.reduce((sum, o) => sum + o.accesses, 0);
  const misses = model.owners.reduce((sum, o) => sum + o.misses, 0);
  return `${((1 - misses / accesses) * 100).toFixed(1)} %`;
}
