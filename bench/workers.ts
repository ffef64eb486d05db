// What a second worker brings: one platform of 8 slices in open timing, replayed by 1, 2, 4 and 8 workers to the same end.
import { availableParallelism } from "node:os";
import { placeColumns, scratchFor } from "./columns.ts";
import { ours } from "./goals.ts";
import { type Contestant, timed } from "./harness.ts";
import { openPlatform, platformChecksum } from "./ours-platform.ts";
import { drawPlatformColumns, type PlatformCase, type PlatformColumns, platformCase } from "./platform-case.ts";
import type { Question } from "./question.ts";

const RECORDS = 4 << 20;
/** The first is the one that others are compared with. */
const WORKERS = [2, 1, 4, 8] as const;

export const workers: Question = {
  name: "workers",
  asks: "two workers against one on a platform of 8 slices, open timing (D1)",
  async run(options) {
    if (availableParallelism() < 2) options.note("workers: there is one core for all of them here");
    const c = platformCase(RECORDS, { slices: 8 });
    const columns = drawPlatformColumns(c);
    const contestants: Contestant[] = [];
    for (const count of WORKERS) contestants.push(await contestant(c, columns, count));
    const { repetitions } = options;
    return options.meet({ bench: "workers", case: "open", operations: RECORDS, contestants, repetitions });
  },
};

async function contestant(c: PlatformCase, columns: PlatformColumns, count: number): Promise<Contestant> {
  const machine = await openPlatform(c, { workers: count, scratchBytes: scratchFor(c.records) });
  if (machine.workers !== count)
    throw new Error(`the machine has ${machine.workers} workers where ${count} were asked for`);
  const run = placeColumns(machine.inside, columns);
  return {
    name: ours(count === 1 ? "1 worker" : `${count} workers`),
    run: () =>
      timed(
        () => run(0, c.records),
        () => platformChecksum(machine, c),
      ),
    close: () => machine.close(),
  };
}
