// Results of units, put together in the order of the plan.

import { messageOf } from "../errno/index.ts";
import type { Expanded } from "./plan/expand.ts";
import type { Asked } from "./plan/make-units.ts";
import { addResults, type Outcome, type UnitResult } from "./result.ts";
import { SWEEP_FORMAT, SWEEP_VERSION, type Sweep, type Swept } from "./sweep.ts";

/** What is known of units, by name. */
export interface Results {
  /** Text of the result file. */
  result(name: string): Promise<string | undefined>;
  /** Why there is none. */
  lost(name: string): string | undefined;
}

export async function merge(expanded: Expanded, tool: string, results: Results): Promise<Sweep> {
  const { plan, asked, workloads, platforms } = expanded;
  const swept: Swept[] = [];
  for (const one of asked) swept.push({ ...one, ...(await fateOf(one, results)) });
  return {
    format: SWEEP_FORMAT,
    version: SWEEP_VERSION,
    tool,
    title: plan.title,
    timing: plan.replaying.timing ?? "open",
    goals: plan.goals,
    workloads,
    platforms,
    swept,
  };
}

type Fate = Pick<Swept, "result" | "failed" | "lost">;

/** A replay that was split has a result when all of its parts have one. */
async function fateOf({ units }: Asked, results: Results): Promise<Fate> {
  const parts: UnitResult[] = [];
  for (const name of units) {
    const text = await results.result(name);
    if (text === undefined) return { lost: results.lost(name) ?? "it has not been run" };
    const outcome = outcomeOf(text, name);
    if ("failed" in outcome) return { failed: outcome.failed };
    parts.push(outcome);
  }
  const [first] = parts as [UnitResult];
  // What parts have alike only the first one counts: the rest is added up.
  const groups = first.groups.map(({ group }) => {
    const its = parts.flatMap((part) => part.groups.filter((one) => one.group === group));
    return addResults(group, its);
  });
  return { result: { records: first.records, ns: first.ns, groups, schemata: first.schemata } };
}

function outcomeOf(text: string, name: string): Outcome {
  try {
    return JSON.parse(text) as Outcome;
  } catch (cause) {
    throw new Error(`the result of unit ${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
