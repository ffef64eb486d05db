// What a unit comes to: one session, and its result as text. A function of the unit and the tool: nothing of this host gets in.

import { ErrnoError, messageOf } from "../errno/index.ts";
import { runSession } from "../session/index.ts";
import { type MarkedSource, renamedTrace, UnreadableError } from "../trace/index.ts";
import type { Fronts } from "./fronts.ts";
import { oneLine } from "./one-line.ts";
import { type Outcome, RESULT_FORMAT, RESULT_VERSION } from "./result.ts";
import { TraceOutOfReach } from "./traces/out-of-reach.ts";
import { isUrl, parseTraceUrl, shownUrl } from "./traces/trace-url.ts";
import type { TraceNamed, Unit, Work } from "./unit.ts";
import { optionsOf, resultOf, type WorkResult } from "./work-session.ts";

/** What a host of units provides. */
export interface UnitHost {
  /** Names the tool in results. */
  readonly tool: string;
  /** Rejects where a trace cannot be had: that is no result. */
  open(traces: Work["traces"]): Promise<readonly MarkedSource[]>;
  /** Where units that follow each other have much in common. Without, each runs whole: the results are the same. */
  readonly fronts?: Fronts;
  /** What runs the sessions of units, as runSession does. */
  readonly run?: typeof runSession;
  readonly signal?: AbortSignal;
}

/**
 * The text of a unit's result file. A unit that cannot be run has a result that says so. Rejects where this host is to blame:
 * traces that are out of reach, no memory, an abort.
 */
export async function runUnit(unit: Unit, host: UnitHost): Promise<string> {
  const head = { format: RESULT_FORMAT, version: RESULT_VERSION, name: unit.name, tool: host.tool } as const;
  let outcome: Outcome;
  try {
    outcome = { ...head, ...(await resultWith(unit.work, host)) };
  } catch (error) {
    host.signal?.throwIfAborted();
    if (isOfThisHost(error)) throw error;
    outcome = { ...head, failed: oneLine(withoutPlaces(messageOf(error), unit.work.traces)) };
  }
  return `${JSON.stringify(outcome)}\n`;
}

async function resultWith(work: Work, host: UnitHost): Promise<WorkResult> {
  const sources = await openedBy(host, work.traces);
  const options = optionsOf(work, host.signal);
  const run = host.run ?? runSession;
  return (await host.fronts?.result(work, options, sources, run)) ?? resultOf(await run(sources, options));
}

/** What is wrong with a trace that has its hash is wrong everywhere; whatever else keeps it away is this host's. */
async function openedBy({ open, signal }: UnitHost, traces: Work["traces"]): Promise<readonly MarkedSource[]> {
  try {
    return await open(traces);
  } catch (error) {
    signal?.throwIfAborted();
    const isWrong = error instanceof ErrnoError && !(error instanceof TraceOutOfReach) && error.code === "EINVAL";
    if (isWrong && traces.every(isPinned)) throw error;
    throw error instanceof TraceOutOfReach ? error : new TraceOutOfReach("EIO", messageOf(error), { cause: error });
  }
}

const isPinned = ({ argument, sha256 }: TraceNamed) => sha256 !== undefined || argument.startsWith("synth:");

/** Hosts have the same trace at other places and under other names: in results it is called by its number. */
function withoutPlaces(message: string, traces: Work["traces"]): string {
  const [code = ""] = /^(E[A-Z0-9]+: )?/.exec(message) ?? [];
  const said = message.slice(code.length);
  for (const [i, { argument, sha256 }] of traces.entries()) {
    if (sha256 === undefined) continue;
    const options = renamedTrace(argument, "");
    const whole = argument.slice(0, argument.length - options.length);
    const path = whole.replaceAll("@@", "@");
    const url = isUrl(path) ? shownUrl(path) : path;
    const file = isUrl(path) ? parseTraceUrl(path).name : path.replace(/^.*[/\\]/s, "");
    for (const [name, other] of [
      ...[argument, `${url}${options}`].map((one) => [one, `trace ${i + 1}${options}`] as const),
      ...[whole, path, url, file].map((one) => [one, `trace ${i + 1}`] as const),
    ]) {
      if (said.startsWith(`${name}:`)) return `${code}${other}${said.slice(name.length)}`;
    }
  }
  return message;
}

/** Another host, or this one later, may fare better. */
function isOfThisHost(error: unknown): boolean {
  if (error instanceof TraceOutOfReach || error instanceof UnreadableError) return true;
  if (error instanceof ErrnoError) return error.code === "ENOMEM";
  return error instanceof RangeError && /WebAssembly\.Memory|Array buffer allocation/.test(error.message);
}
