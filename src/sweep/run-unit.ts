// What a unit comes to: one session, and its result as text. A function of the unit and the tool: nothing of this host gets in.

import { ErrnoError, messageOf } from "../errno/index.ts";
import { checkObject } from "../platform/index.ts";
import { addCounts } from "../report/index.ts";
import { parseScript } from "../script/index.ts";
import { parseWarmup, runSession, type SessionOptions, type SessionResult, sessionFrom } from "../session/index.ts";
import { type MarkedSource, parseLabelMap } from "../trace/index.ts";
import { given } from "../written/index.ts";
import { type GroupResult, type Outcome, RESULT_FORMAT, RESULT_VERSION, sumOf } from "./result.ts";
import type { Unit, Work } from "./unit.ts";

/** What a host of units provides. */
export interface UnitHost {
  /** Names the tool in results. */
  readonly tool: string;
  /** Rejects where a trace cannot be had: that is no result. */
  open(traces: Work["traces"]): Promise<readonly MarkedSource[]>;
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
    outcome = { ...head, ...resultOf(await runSession(sources, optionsOf(unit.work, host.signal))) };
  } catch (error) {
    host.signal?.throwIfAborted();
    if (isOfThisHost(error)) throw error;
    outcome = { ...head, failed: messageOf(error) };
  }
  return `${JSON.stringify(outcome)}\n`;
}

function optionsOf(work: Work, signal: AbortSignal | undefined): SessionOptions {
  const { script = [], labels, warmup, until, ...words } = work.replaying;
  const flags = Object.fromEntries(
    Object.entries(words).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
  );
  return {
    ...sessionFrom(flags),
    platform: checkObject(work.platform),
    schemata: work.schemata,
    script: parseScript(script.join("\n"), "script"),
    ...given<Pick<SessionOptions, "labels" | "warmup" | "until" | "seed" | "part" | "signal">>({
      labels: labels === undefined ? undefined : parseLabelMap(labels, "labels"),
      warmup: warmup === undefined ? undefined : parseWarmup(warmup),
      until,
      seed: work.layout,
      part: work.part,
      signal,
    }),
  };
}

function resultOf({ records, time, warmupNs, phases, schemata }: SessionResult) {
  const names = [...new Set(phases.flatMap((phase) => phase.groups.map(({ group }) => group)))];
  return { records, ns: time - warmupNs, groups: names.map((name) => groupResult(name, phases)), schemata };
}

/** Of all phases together: occupancy is that of the end, and one word in place of a number is passed on. */
function groupResult(group: string, phases: SessionResult["phases"]): GroupResult {
  const seen = phases.flatMap((phase) => phase.groups.filter((one) => one.group === group));
  return {
    group,
    ...addCounts(seen),
    llcOccupancy: seen.at(-1)?.llcOccupancy ?? "-",
    mbmTotalBytes: sumOf(seen.map(({ mbmTotalBytes }) => mbmTotalBytes)),
  };
}

/** Another host, or this one later, may fare better. */
function isOfThisHost(error: unknown): boolean {
  if (error instanceof ErrnoError) return error.code === "EIO" || error.code === "ENOMEM";
  return error instanceof RangeError && /WebAssembly\.Memory|Array buffer allocation/.test(error.message);
}
