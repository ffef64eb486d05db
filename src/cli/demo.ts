// mpam demo, which is `npm start`: two recorded programs share a cache until a schemata line ends it.

import type { Command } from "commander";
import { openTrace } from "../trace/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { parseGroupRule } from "./groups.ts";
import { ProgressLine, percent } from "./output.ts";
import { describePhase } from "./replay.ts";
import { parseScriptLine } from "./script.ts";
import { type PhaseReading, runSession, type SessionResult } from "./session.ts";

const POLITE = "examples/traces/polite.arrow.br";
const GREEDY = "examples/traces/greedy.arrow.br";
const LINE = "echo L3:0=3 > greedy/schemata";

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("two recorded programs share a cache until a schemata line ends it (npm start)")
    .option("-q, --quiet", "no progress")
    .option("--json", "one JSON object instead of text")
    .action(async (options: { quiet?: boolean; json?: boolean }) => {
      const sources = [await openTrace(bundled(POLITE)), await openTrace(bundled(GREEDY))];
      const progress = new ProgressLine(!options.quiet && !options.json);
      const result = await runSession(sources, {
        platform: bundled(DEFAULT_PLATFORM),
        groups: [parseGroupRule("polite=trace:1"), parseGroupRule("greedy=trace:2")],
        script: [parseScriptLine(`50% ${LINE}`)],
        onProgress: ({ records, total }) => progress.show(records, total, "replaying"),
      }).finally(() => progress.end());
      process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${story(result)}\n`);
    });
}

function story(result: SessionResult): string {
  const [shared, confined] = result.phases;
  if (!shared || !confined) throw new Error("the traces ended before the schemata line was written");
  const hits = (phase: typeof shared, group: string) => {
    const one = phase.groups.find((reading) => reading.group === group) as PhaseReading;
    return percent(one.accesses - one.misses, one.accesses);
  };
  return `Two recorded programs on ${result.platform}: 8 cpus, one L3 of 1 MiB in 16 ways, each program in a resctrl group.

Sharing everything, ${describePhase(shared)}

Then one line is written through resctrl, ${describePhase(confined)}

Confined to 2 of the 16 ways, greedy hits ${hits(shared, "greedy")} -> ${hits(confined, "greedy")}; polite keeps its lines and hits ${hits(shared, "polite")} -> ${hits(confined, "polite")}.

Next:
  npx mpam replay ${POLITE} ${GREEDY} -g polite=trace:1 -g greedy=trace:2 -d "50% echo L3:0=f > greedy/schemata"
  npx mpam probe
  npx mpam trace info ${POLITE}`;
}
