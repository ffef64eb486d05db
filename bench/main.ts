// npm run bench: asks the clock. Rows of measurements, or with --goals the verdict on each goal.
import { compilerVersion } from "./c-twin.ts";
import { type Command, USAGE, UsageError, understand } from "./command.ts";
import { GOALS, judge } from "./goals.ts";
import { ChecksumError, type Row } from "./harness.ts";
import { jsonLines, rowTable, verdictTable } from "./report.ts";

async function run(command: Command): Promise<void> {
  const compiler = compilerVersion();
  console.error(compiler ? `C twins: ${compiler}` : "C twins: absent, there is no gcc here");
  const rows: Row[] = [];
  for (const question of command.questions) {
    const measured = await question.run(command.options);
    rows.push(...measured);
    if (command.goals.length === 0 && command.json) console.log(jsonLines(measured));
  }
  const verdicts = GOALS.filter((g) => command.goals.includes(g.id)).map((g) => judge(g, rows));
  if (command.json) {
    if (verdicts.length > 0) console.log(jsonLines(verdicts));
    return;
  }
  console.log(rowTable(rows));
  if (verdicts.length > 0) console.log(`\n${verdictTable(verdicts)}`);
}

async function main(): Promise<number> {
  try {
    const command = understand(process.argv.slice(2));
    if (command) await run(command);
    else console.log(USAGE);
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
