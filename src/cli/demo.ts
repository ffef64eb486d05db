// mpam demo, which is `npm start`: two recorded programs share a cache until a schemata line ends it.

import { parseScript } from "../script/index.ts";
import { type Phase, type PhaseReading, parseGroupRule, runSession, type SessionResult } from "../session/index.ts";
import { openTrace } from "../trace/index.ts";
import { percent, showSize, time } from "../written/index.ts";
import { bundled } from "./bundled.ts";
import { describePhase } from "./describe-session.ts";
import { ProgressLine } from "./output.ts";

const PLATFORM = "platforms/private-l2.yaml";
const POLITE = "examples/traces/polite.arrow.br";
const GREEDY = "examples/traces/greedy.arrow.br";
const LINE = "write greedy/schemata L3:0=3";
/** Leaves everything open, as it is: the run to compare with is cut at the same time. */
const NO_CHANGE = "write greedy/schemata L3:0=ffff";

export async function demo(options: { quiet?: boolean; json?: boolean }): Promise<void> {
  const sources = [await openTrace(bundled(POLITE)), await openTrace(bundled(GREEDY))];
  const progress = new ProgressLine(!options.quiet && !options.json);
  const run = (line: string, what: string) =>
    runSession(sources, {
      platform: bundled(PLATFORM),
      timing: "closed",
      groups: [parseGroupRule("polite=trace:1"), parseGroupRule("greedy=trace:2")],
      script: parseScript(`@50% ${line}`, "demo"),
      onProgress: ({ records, total }) => progress.show(records, total, what),
    }).finally(() => progress.end());
  const confined = await run(LINE, "replaying");
  const shared = await run(NO_CHANGE, "the same without that line");
  process.stdout.write(options.json ? `${JSON.stringify({ confined, shared })}\n` : `${story(confined, shared)}\n`);
}

function story(run: SessionResult, compared: SessionResult): string {
  const [before, confined] = run.phases;
  const shared = compared.phases[1];
  if (!before || !confined || !shared) throw new Error("the traces ended before the schemata line was written");
  const of = (phase: Phase, group: string) => phase.groups.find((reading) => reading.group === group) as PhaseReading;
  const hits = (phase: Phase, group: string) => {
    const { accesses, misses } = of(phase, group).levels.find(({ level }) => level === 3) ?? { accesses: 0, misses: 0 };
    return percent(accesses - misses, accesses);
  };
  const bytes = (phase: Phase, group: string) => showSize(Number(of(phase, group).mbmTotalBytes));
  const mean = (phase: Phase, group: string) => `${(of(phase, group).latency?.meanNs ?? 0).toFixed(0)} ns`;
  return `Two recorded programs on ${run.platform}: 8 cpus with an L2 each, one L3 of 1 MiB in 16 ways, a memory channel that the two can fill.
Each program is in a resctrl group of its own, and waits for what it asks for.

Sharing everything, ${describePhase(before)}

Then one line is written through resctrl, ${describePhase(confined)}

The same without that line, ${describePhase({ ...shared, script: [] })}

With greedy confined to 2 of the 16 ways of the L3, polite hits ${hits(confined, "polite")} there instead of ${hits(shared, "polite")}, and moves ${bytes(confined, "polite")} to
and from memory instead of ${bytes(shared, "polite")}. That leaves greedy the channel: its requests take ${mean(confined, "greedy")} instead of ${mean(shared, "greedy")}, polite's ${mean(confined, "polite")} instead of
${mean(shared, "polite")}, and both are done after ${time(run.time)} instead of ${time(compared.time)}.

Next:
  npx mpam replay ${POLITE} ${GREEDY} -g polite=trace:1 -g greedy=trace:2 -p ${PLATFORM} --timing closed --sample 1ms -d "@50% write greedy/schemata MB:0=10"
  npx mpam probe ${PLATFORM}
  npx mpam trace info ${POLITE}`;
}
