// How fast is a whole platform, two levels of caches, memory, limits of bandwidth and every monitor on, against the same
// model written plainly? In open timing, and in closed timing, where channels regulate.
import { CTwin } from "./c-twin.ts";
import { C_PLAIN, JS_PLAIN, OURS } from "./goals.ts";
import { type Contestant, type Row, timed } from "./harness.ts";
import { PlainPlatform } from "./js/platform.ts";
import { closedOurs, openOurs } from "./ours-platform.ts";
import { drawPlatformColumns, platformArguments, platformCase } from "./platform-case.ts";
import type { Question, RunOptions } from "./question.ts";

const RECORDS = 2 << 20;

const TIMINGS = ["open", "closed"] as const;

export const platform: Question = {
  name: "platform",
  asks: "8 cpus with private caches, 4 slices, 2 channels, limits, all monitors, in open and in closed timing (B4)",
  async run(options) {
    const rows: Row[] = [];
    for (const timing of TIMINGS) rows.push(...(await one(timing, options)));
    return rows;
  },
};

async function one(timing: (typeof TIMINGS)[number], options: RunOptions): Promise<Row[]> {
  const c = platformCase(RECORDS);
  const columns = drawPlatformColumns(c);
  const contestants: Contestant[] = [await (timing === "open" ? openOurs : closedOurs)(c, columns, OURS)];
  const twin = await CTwin.start("platform", platformArguments(c));
  if (twin) contestants.push(twin.contestant(C_PLAIN, timing));
  const model = new PlainPlatform(c, columns);
  const work = timing === "open" ? () => model.runOpen() : () => model.runClosed();
  contestants.push({ name: JS_PLAIN, run: () => timed(work, () => model.checksum()) });
  const { repetitions } = options;
  return options.meet({ bench: "platform", case: timing, operations: RECORDS, contestants, repetitions });
}
