// npm run bench: asks the clock. Rows of measurements, with --goals the verdict on each goal, with --count what an
// operation takes of the processor.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compilerVersion } from "./c-twin.ts";
import { type Command, USAGE, UsageError, understand } from "./command.ts";
import { type Counted, count, hasPerf } from "./count.ts";
import { GOALS, judge, type Verdict } from "./goals.ts";
import { ChecksumError, type Row, race } from "./harness.ts";
import { complaints, machineSentence, measuredPart, replaceMeasured } from "./page.ts";
import type { RunOptions } from "./question.ts";
import { countTable, jsonLines, rowTable, verdictTable } from "./report.ts";
import { packageRoot } from "./root.ts";

const note = (text: string) => console.error(text);

/** Runs it; the exit code. */
async function run(command: Command): Promise<number> {
  note(`C twins: ${compilerVersion() ?? "absent, there is no gcc here"}`);
  if (command.count) return countAll(command);
  const options: RunOptions = { ...command, meet: race, note };
  const rows: Row[] = [];
  for (const question of command.questions) {
    const measured = await question.run(options);
    rows.push(...measured);
    if (command.goals.length === 0 && command.json) console.log(jsonLines(measured));
  }
  const verdicts = GOALS.filter((g) => command.goals.includes(g.id)).map((g) => judge(g, rows));
  if (command.json) {
    if (verdicts.length > 0) console.log(jsonLines(verdicts));
    return 0;
  }
  console.log(rowTable(rows));
  if (verdicts.length > 0) console.log(`\n${verdictTable(verdicts)}`);
  return command.write ? writePage(command, rows, verdicts) : 0;
}

function writePage({ repetitions }: Command, rows: readonly Row[], verdicts: readonly Verdict[]): number {
  const docs = join(packageRoot(), "docs");
  const page = join(docs, "performance.md");
  const bounds = readFileSync(join(docs, "performance-bounds.md"), "utf8");
  const part = measuredPart({ machine: machineSentence(), repetitions, rows, verdicts }, bounds);
  writeFileSync(page, replaceMeasured(readFileSync(page, "utf8"), part));
  const wrong = complaints(verdicts, bounds);
  for (const line of wrong) note(`bench: ${line}`);
  return wrong.length > 0 ? 1 : 0;
}

async function countAll(command: Command): Promise<number> {
  if (!hasPerf()) throw new UsageError("--count needs perf, which is not here");
  const counted: Counted[] = [];
  const options: RunOptions = {
    ...command,
    note,
    async meet(met) {
      counted.push(...(await count(met)));
      return [];
    },
  };
  for (const question of command.questions) await question.run(options);
  console.log(command.json ? jsonLines(counted) : countTable(counted));
  return 0;
}

async function main(): Promise<number> {
  try {
    const command = understand(process.argv.slice(2));
    if (command) return await run(command);
    console.log(USAGE);
    return 0;
  } catch (error) {
    const wrong = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    if (!wrong && !(error instanceof ChecksumError) && error instanceof Error && error.stack)
      console.error(error.stack);
    return wrong ? 2 : 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
