// Results of units, put together in the order of the plan.

import { messageOf } from "../errno/index.ts";
import type { Plan } from "./plan/plan.ts";
import type { Outcome } from "./result.ts";
import {
  SWEEP_FORMAT,
  SWEEP_VERSION,
  type Sweep,
  type Swept,
  type SweptPlatform,
  type SweptWorkload,
} from "./sweep.ts";
import type { Unit } from "./unit.ts";

/** A plan, and what the platforms make of it. */
export interface Expanded {
  readonly plan: Plan;
  /** In the order of the plan; units of one work share a name. */
  readonly units: readonly Unit[];
  /** What is to be known about it, a line each. */
  readonly notes: readonly string[];
  readonly workloads: readonly SweptWorkload[];
  readonly platforms: readonly SweptPlatform[];
}

/** What is known of units, by name. */
export interface Results {
  /** Text of the result file. */
  result(name: string): Promise<string | undefined>;
  /** Why there is none. */
  lost(name: string): string | undefined;
}

export async function merge(
  { plan, units, workloads, platforms }: Expanded,
  tool: string,
  results: Results,
): Promise<Sweep> {
  const swept: Swept[] = [];
  for (const unit of units) swept.push(await sweptUnit(unit, results));
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

async function sweptUnit({ name, place, work }: Unit, results: Results): Promise<Swept> {
  const head = { place, units: [name], schemata: work.schemata };
  const text = await results.result(name);
  if (text === undefined) return { ...head, lost: results.lost(name) ?? "it has not been run" };
  const outcome = outcomeOf(text, name);
  if ("failed" in outcome) return { ...head, failed: outcome.failed };
  const { records, ns, groups, schemata } = outcome;
  return { ...head, result: { records, ns, groups, schemata } };
}

function outcomeOf(text: string, name: string): Outcome {
  try {
    return JSON.parse(text) as Outcome;
  } catch (cause) {
    throw new Error(`the result of unit ${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
