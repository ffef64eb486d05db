// How fast is the general path, which knows every policy and every control, against the same model written plainly?
// Beside it stand other policies and numbers of ways, on the path that the machine chooses too.
import { CTwin } from "./c-twin.ts";
import { C_PLAIN, JS_PLAIN, OURS, OURS_GENERAL } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { PlainGeneralCache } from "./js/general.ts";
import { openCache } from "./ours.ts";
import type { Question, RunOptions } from "./question.ts";
import {
  BATCH,
  type CacheCase,
  type CacheColumns,
  cacheCase,
  drawnColumns,
  everyControl,
  generalArguments,
  PATTERNS,
  POLICIES,
  setsOf,
} from "./workload.ts";

const RECORDS = 2 << 20;
const OTHER_WAYS = [8, 11, 12, 20] as const;

export const general: Question = {
  name: "general",
  asks: "the general path of one cache: every control (B3), every policy, other numbers of ways",
  async run(options) {
    const sets = setsOf(options.cacheMiB);
    const rows: Row[] = [];
    for (const pattern of PATTERNS) {
      rows.push(...(await one(pattern, everyControl(cacheCase(pattern, sets, RECORDS)), options)));
    }
    for (const policy of POLICIES.slice(1)) {
      rows.push(...(await one(`zipf ${policy}`, cacheCase("zipf", sets, RECORDS, { policy }), options, true)));
    }
    for (const ways of OTHER_WAYS) {
      rows.push(...(await one(`zipf ${ways} ways`, cacheCase("zipf", sets, RECORDS, { ways }), options, true)));
    }
    return rows;
  },
};

/** `both`: also on the path that the machine chooses. */
async function one(name: string, c: CacheCase, options: RunOptions, both = false): Promise<Row[]> {
  const columns = drawnColumns(c);
  const contestants: Contestant[] = [await openCache(c, columns, OURS_GENERAL, true)];
  if (both) contestants.push(await openCache(c, columns, OURS));
  const twin = await CTwin.start("general", generalArguments(c));
  if (twin) contestants.push(twin.contestant(C_PLAIN, "plain"));
  contestants.push(plain(c, columns));
  const { repetitions } = options;
  return options.meet({ bench: "general", case: name, operations: c.records, contestants, repetitions });
}

function plain(c: CacheCase, columns: CacheColumns): Contestant {
  const model = new PlainGeneralCache(c);
  const work = () => {
    for (let at = 0; at < c.records; at += BATCH) model.replay(columns, at, Math.min(at + BATCH, c.records));
  };
  return { name: JS_PLAIN, run: () => timed(work, () => model.checksum()) };
}
