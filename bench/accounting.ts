// How fast are labelled requests counted at a memory channel, with overflow exact to the record?
import { CTwin } from "./c-twin.ts";
import { C_BULK, C_EXACT, JS_PLAIN, OURS } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { PlainAccounting } from "./js/accounting.ts";
import { zipfSpan } from "./mixer.ts";
import { openAccounting } from "./ours.ts";
import type { Question, RunOptions } from "./question.ts";
import {
  ACCOUNTING_CASES,
  ACCOUNTING_KEYS,
  ACCOUNTING_SEED,
  type AccountingCase,
  type AccountingColumns,
  BATCH,
  fillAccounting,
} from "./workload.ts";

/** One armed monitor for each owner and direction. */
const ARMED = ACCOUNTING_KEYS;

export const accounting: Question = {
  name: "accounting",
  asks: "counting bytes per owner and direction, exact overflow (A1, A2)",
  async run(options) {
    const rows: Row[] = [];
    for (const c of ACCOUNTING_CASES) rows.push(...(await one(c, options)));
    return rows;
  },
};

async function one(c: AccountingCase, options: RunOptions): Promise<Row[]> {
  const columns = { key: new Uint16Array(c.records), bytes: new Uint32Array(c.records) };
  fillAccounting(columns);
  const ours = await openAccounting(c, columns, ARMED, OURS);
  const words = [c.records, c.passes, ACCOUNTING_SEED, ACCOUNTING_KEYS, zipfSpan(ACCOUNTING_KEYS)];
  const twin = await CTwin.start("accounting", words.map(String));
  const contestants: Contestant[] = [ours];
  if (twin) contestants.push(twin.contestant(C_BULK, "bulk"), twin.contestant(C_EXACT, "exact"));
  contestants.push(plain(c, columns));
  return options.meet({
    bench: "accounting",
    case: c.name,
    operations: c.records * c.passes,
    contestants,
    repetitions: options.repetitions,
  });
}

export function plain(c: AccountingCase, columns: AccountingColumns): Contestant {
  const twin = new PlainAccounting(ACCOUNTING_KEYS);
  const work = () => {
    for (let pass = 0; pass < c.passes; pass++) {
      for (let at = 0; at < c.records; at += BATCH) twin.count(columns, at, Math.min(at + BATCH, c.records));
    }
  };
  return { name: JS_PLAIN, run: () => timed(work, () => twin.checksum()) };
}
