// How fast is one cache with LRU, portions, a maximum and occupancy, against the same model written plainly, and against
// one written by hand with vectors?
import { CTwin } from "./c-twin.ts";
import { C_PLAIN, C_VECTORS, JS_PLAIN, OURS } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { PlainCache } from "./js/cache.ts";
import { openCache } from "./ours.ts";
import type { Question, RunOptions } from "./question.ts";
import {
  BATCH,
  type CacheCase,
  type CacheColumns,
  cacheArguments,
  cacheCase,
  drawnColumns,
  PATTERNS,
  setsOf,
} from "./workload.ts";

const RECORDS = 4 << 20;

export const cache: Question = {
  name: "cache",
  asks: "one 16-way cache: LRU, portions, CMAX, occupancy (B1, B2)",
  async run(options) {
    const rows: Row[] = [];
    for (const pattern of PATTERNS) {
      rows.push(...(await one(cacheCase(pattern, setsOf(options.cacheMiB), RECORDS), options)));
    }
    return rows;
  },
};

async function one(c: CacheCase, options: RunOptions): Promise<Row[]> {
  const columns = drawnColumns(c);
  const twin = await CTwin.start("cache", cacheArguments(c));
  const vectors = await CTwin.start("cache-vectors", cacheArguments(c), options.note);
  const model = new PlainCache(c);
  const contestants: Contestant[] = [await openCache(c, columns, OURS)];
  if (twin) contestants.push(twin.contestant(C_PLAIN, "plain"));
  if (vectors) contestants.push(vectors.contestant(C_VECTORS, "vectors"));
  contestants.push(plain(c, columns, model));
  const rows = await options.meet({
    bench: "cache",
    case: c.pattern,
    operations: c.records,
    contestants,
    repetitions: options.repetitions,
  });
  options.note(`cache/${c.pattern}: ${hitRate(model)} of the accesses hit`);
  return rows;
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
