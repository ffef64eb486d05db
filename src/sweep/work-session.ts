// A work as a session, and what of the session is the result of a unit.

import { checkObject } from "../platform/index.ts";
import { addCounts } from "../report/index.ts";
import { parseScript } from "../script/index.ts";
import { parseWarmup, type SessionOptions, type SessionResult, sessionFrom } from "../session/index.ts";
import { parseLabelMap } from "../trace/index.ts";
import { given } from "../written/index.ts";
import { type GroupResult, sumOf, type UnitResult } from "./result.ts";
import type { Work } from "./unit.ts";

/** What of a result depends on the work. */
export type WorkResult = Pick<UnitResult, "records" | "ns" | "groups" | "schemata">;

export function optionsOf(work: Work, signal: AbortSignal | undefined): SessionOptions {
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

export function resultOf({ records, time, warmupNs, phases, schemata }: SessionResult): WorkResult {
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
