// What do armed monitors cost? The same requests with 4,096 monitors waiting for their overflow, and with one.

import { plain } from "./accounting.ts";
import { CTwin } from "./c-twin.ts";
import { C_EXACT, OURS_MANY, OURS_ONE } from "./goals.ts";
import type { Contestant, Row } from "./harness.ts";
import { zipfSpan } from "./mixer.ts";
import { openAccounting } from "./ours.ts";
import type { Question } from "./question.ts";
import { ACCOUNTING_CASES, ACCOUNTING_KEYS, ACCOUNTING_SEED, fillAccounting } from "./workload.ts";

export const armed: Question = {
  name: "armed",
  asks: "the rate with 4,096 armed monitors against the rate with one (A3)",
  async run(options) {
    const rows: Row[] = [];
    for (const c of ACCOUNTING_CASES) {
      const columns = { key: new Uint16Array(c.records), bytes: new Uint32Array(c.records) };
      fillAccounting(columns);
      const contestants: Contestant[] = [
        await openAccounting(c, columns, 4096, OURS_MANY),
        await openAccounting(c, columns, 1, OURS_ONE),
      ];
      const words = [c.records, c.passes, ACCOUNTING_SEED, ACCOUNTING_KEYS, zipfSpan(ACCOUNTING_KEYS)];
      const twin = await CTwin.start("accounting", words.map(String));
      if (twin) contestants.push(twin.contestant(C_EXACT, "exact"));
      contestants.push(plain(c, columns));
      const operations = c.records * c.passes;
      const { repetitions } = options;
      rows.push(...(await options.meet({ bench: "armed", case: c.name, operations, contestants, repetitions })));
    }
    return rows;
  },
};
