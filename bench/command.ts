// The words of `npm run bench`, understood or refused.
import { parseArgs } from "node:util";
import { accounting } from "./accounting.ts";
import { armed } from "./armed.ts";
import { cache } from "./cache.ts";
import { general } from "./general.ts";
import { GOALS } from "./goals.ts";
import { growth } from "./growth.ts";
import { DEFAULT_REPETITIONS, MIN_REPETITIONS } from "./harness.ts";
import { labels } from "./labels.ts";
import { limits } from "./limits.ts";
import { mount } from "./mount.ts";
import { platform } from "./platform.ts";
import { probe } from "./probe.ts";
import type { Question } from "./question.ts";
import { reading } from "./reading.ts";
import { registers } from "./registers.ts";
import { startup } from "./startup.ts";
import { sweep } from "./sweep.ts";
import { workers } from "./workers.ts";

const QUESTIONS: readonly Question[] = [
  limits,
  accounting,
  armed,
  cache,
  general,
  platform,
  registers,
  probe,
  workers,
  sweep,
  reading,
  growth,
  labels,
  startup,
  mount,
];
/** Probes of this machine, processes that are over before anybody could count, and work that two processes share. */
const UNCOUNTED: readonly Question[] = [limits, startup, mount, sweep];
const GOAL_IDS = [...new Set(GOALS.map((g) => g.id))];

/**
 * A 32 MiB last level, the size the goals speak of: 2 MiB of sets in our layout. Another size is for looking only,
 * and is no goal.
 */
const CACHE_MIB = 32;

export const USAGE = `npm run bench -- [name ...] [--json]            measure (${QUESTIONS.map((q) => q.name).join(", ")}; default: all)
npm run bench -- --goals [id ...] [--json]      judge goals (${GOAL_IDS.join(", ")}; default: all)
npm run bench -- --goals --write                judge all, and write the run into docs/performance.md
npm run bench -- --count [name ...] [--json]    count cycles, instructions and wrong guesses of one operation (perf)
  --repetitions N   measured turns of each contestant, at least ${MIN_REPETITIONS} (default ${DEFAULT_REPETITIONS})
  --cache-mib N     size of the simulated cache, a power of two from 1 to 64 (default ${CACHE_MIB})
exit code 1 when contestants disagree about a checksum, or a goal that is missed has no bound written down; 2 when
the command is not understood`;

export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Command {
  readonly questions: readonly Question[];
  /** Empty: rows are wanted, not verdicts. */
  readonly goals: readonly string[];
  /** Events of the processor are wanted, not times. */
  readonly count: boolean;
  /** The run goes into docs/performance.md. */
  readonly write: boolean;
  readonly json: boolean;
  readonly repetitions: number;
  readonly cacheMiB: number;
}

/** What to do, or null when help is wanted. */
export function understand(argv: string[]): Command | null {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      goals: { type: "boolean", default: false },
      count: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      repetitions: { type: "string", default: String(DEFAULT_REPETITIONS) },
      "cache-mib": { type: "string", default: String(CACHE_MIB) },
    },
  });
  if (values.help) return null;
  const questions = values.count ? QUESTIONS.filter((q) => !UNCOUNTED.includes(q)) : QUESTIONS;
  const known = values.goals ? GOAL_IDS : questions.map((q) => q.name);
  for (const name of positionals) {
    if (known.includes(name)) continue;
    throw new UsageError(`no ${values.goals ? "goal" : "benchmark"} is called "${name}"; there is ${known.join(", ")}`);
  }
  const repetitions = Number(values.repetitions);
  if (!Number.isInteger(repetitions) || repetitions < MIN_REPETITIONS) {
    throw new UsageError(`--repetitions ${values.repetitions}: a whole number from ${MIN_REPETITIONS} up is wanted`);
  }
  const cacheMiB = Number(values["cache-mib"]);
  if (![1, 2, 4, 8, 16, 32, 64].includes(cacheMiB)) {
    throw new UsageError(`--cache-mib ${values["cache-mib"]}: a power of two from 1 to 64 is wanted`);
  }
  if (values.goals && cacheMiB !== CACHE_MIB) {
    throw new UsageError(`--cache-mib ${cacheMiB}: goals are judged at ${CACHE_MIB} MiB only`);
  }
  if (values.count && values.goals) throw new UsageError("--count with --goals: goals are judged by times");
  if (values.write && (!values.goals || values.json || positionals.length > 0)) {
    throw new UsageError("--write goes with --goals alone: the page has all of them");
  }
  const chosen = positionals.length > 0 ? positionals : known;
  const names = values.goals ? GOALS.filter((g) => chosen.includes(g.id)).map((g) => g.bench) : chosen;
  const { count, write, json } = values;
  return {
    questions: questions.filter((q) => names.includes(q.name) || (values.goals && q === limits)),
    goals: values.goals ? chosen : [],
    count,
    write,
    json,
    repetitions,
    cacheMiB,
  };
}
