// mpam demo, which is `npm start`: two recorded programs share a cache until a schemata line ends it.

import type { Command } from "commander";
import { openTrace } from "../trace/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { describePhase, groupTable } from "./describe-session.ts";
import { parseGroupRule } from "./groups.ts";
import { ProgressLine, percent, size } from "./output.ts";
import { parseScriptLine } from "./script.ts";
import { type Phase, type PhaseReading, runSession, type SessionResult } from "./session.ts";

const POLITE = "examples/traces/polite.arrow.br";
const GREEDY = "examples/traces/greedy.arrow.br";
const LINE = "echo L3:0=3 > greedy/schemata";
/** Leaves everything open, as it is: the run to compare with is cut at the same time. */
const NO_CHANGE = "echo L3:0=ffff > greedy/schemata";

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("two recorded programs share a cache until a schemata line ends it (npm start)")
    .option("-q, --quiet", "no progress")
    .option("--json", "one JSON object instead of text")
    .action(async (options: { quiet?: boolean; json?: boolean }) => {
      const sources = [await openTrace(bundled(POLITE)), await openTrace(bundled(GREEDY))];
      const progress = new ProgressLine(!options.quiet && !options.json);
      const run = (line: string, what: string) =>
        runSession(sources, {
          platform: bundled(DEFAULT_PLATFORM),
          groups: [parseGroupRule("polite=trace:1"), parseGroupRule("greedy=trace:2")],
          script: [parseScriptLine(`50% ${line}`)],
          onProgress: ({ records, total }) => progress.show(records, total, what),
        }).finally(() => progress.end());
      const confined = await run(LINE, "replaying");
      const shared = await run(NO_CHANGE, "the same without that line");
      process.stdout.write(options.json ? `${JSON.stringify({ confined, shared })}\n` : `${story(confined, shared)}\n`);
    });
}

function story(run: SessionResult, compared: SessionResult): string {
  const [before, confined] = run.phases;
  const shared = compared.phases[1];
  if (!before || !confined || !shared) throw new Error("the traces ended before the schemata line was written");
  const of = (phase: Phase, group: string) => phase.groups.find((reading) => reading.group === group) as PhaseReading;
  const hits = (phase: Phase, group: string) => {
    const { accesses, misses } = of(phase, group);
    return percent(accesses - misses, accesses);
  };
  const bytes = (phase: Phase, group: string) => size(Number(of(phase, group).mbmTotalBytes));
  return `Two recorded programs on ${run.platform}: 8 cpus, one L3 of 1 MiB in 16 ways, each program in a resctrl group.

Sharing everything, ${describePhase(before)}

Then one line is written through resctrl, ${describePhase(confined)}

The same time without that line:
${groupTable(shared)}

Confined to 2 of the 16 ways, greedy hits ${hits(confined, "greedy")} (without the line ${hits(shared, "greedy")}). polite is left alone:
it hits ${hits(confined, "polite")} instead of ${hits(shared, "polite")}, and moves ${bytes(confined, "polite")} to and from memory instead of ${bytes(shared, "polite")}.

Next:
  npx mpam replay ${POLITE} ${GREEDY} -g polite=trace:1 -g greedy=trace:2 -d "50% echo L3:0=f > greedy/schemata"
  npx mpam probe
  npx mpam trace info ${POLITE}`;
}
