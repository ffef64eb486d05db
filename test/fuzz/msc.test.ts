/** A little of what `npm run fuzz` does, always the same: every implementation of the MSC against the plain model. */
import { expect, test } from "vitest";
import { mscContestants } from "../helpers/subjects.ts";
import { fuzz } from "./fuzz.ts";
import { foundLines } from "./report.ts";

test("every implementation answers random accesses and traffic as the plain model does", async () => {
  const { totals, found } = await fuzz(mscContestants, { seed: 1, configs: 25, operations: 25_000, shrinkSeconds: 5 });
  for (const one of found) expect.fail(foundLines("msc", mscContestants, one, totals).join("\n"));
  expect(totals).toMatchObject({ configs: 25, operations: 25_000 });
}, 60_000);
