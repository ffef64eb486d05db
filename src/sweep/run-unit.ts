// What a unit comes to: one session, and its result as text. A function of the unit and the tool: nothing of this host gets in.

import { ErrnoError, messageOf } from "../errno/index.ts";
import { runSession } from "../session/index.ts";
import type { MarkedSource } from "../trace/index.ts";
import type { Fronts } from "./fronts.ts";
import { type Outcome, RESULT_FORMAT, RESULT_VERSION } from "./result.ts";
import type { Unit, Work } from "./unit.ts";
import { optionsOf, resultOf, type WorkResult } from "./work-session.ts";

/** What a host of units provides. */
export interface UnitHost {
  /** Names the tool in results. */
  readonly tool: string;
  /** Rejects where a trace cannot be had: that is no result. */
  open(traces: Work["traces"]): Promise<readonly MarkedSource[]>;
  /** Where units that follow each other have much in common. Without, each runs whole: the results are the same. */
  readonly fronts?: Fronts;
  readonly signal?: AbortSignal;
}

/**
 * The text of a unit's result file. A unit that cannot be run has a result that says so. Rejects where this host is to blame:
 * traces that are out of reach, no memory, an abort.
 */
export async function runUnit(unit: Unit, host: UnitHost): Promise<string> {
  const sources = await host.open(unit.work.traces);
  const head = { format: RESULT_FORMAT, version: RESULT_VERSION, name: unit.name, tool: host.tool } as const;
  let outcome: Outcome;
  try {
    outcome = { ...head, ...(await resultWith(unit.work, sources, host)) };
  } catch (error) {
    host.signal?.throwIfAborted();
    if (isOfThisHost(error)) throw error;
    outcome = { ...head, failed: messageOf(error) };
  }
  return `${JSON.stringify(outcome)}\n`;
}

async function resultWith(work: Work, sources: readonly MarkedSource[], host: UnitHost): Promise<WorkResult> {
  const options = optionsOf(work, host.signal);
  return (await host.fronts?.result(work, options, sources)) ?? resultOf(await runSession(sources, options));
}

/** Another host, or this one later, may fare better. */
function isOfThisHost(error: unknown): boolean {
  if (error instanceof ErrnoError) return error.code === "EIO" || error.code === "ENOMEM";
  return error instanceof RangeError && /WebAssembly\.Memory|Array buffer allocation/.test(error.message);
}
