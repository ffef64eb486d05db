// A plan made into units: traces are looked at, platforms are booted once to ask what they take, and every combination gets a
// name.

import { inOrder, type Problem, WrittenError } from "../../written/index.ts";
import type { SweptPlatform, SweptWorkload } from "../sweep.ts";
import type { Unit } from "../unit.ts";
import { type Booted, bootedOf } from "./booted.ts";
import { type ExpandHost, namedWorkloads, platformsOf, replayingOf, workloadsOf } from "./inputs.ts";
import { type Asked, blocksOf, makeUnits, partsOf } from "./make-units.ts";
import { cut } from "./parse.ts";
import type { Plan } from "./plan.ts";
import type { Telling } from "./telling.ts";
import { shownTrace } from "./traces.ts";

export interface Expanded {
  readonly plan: Plan;
  /** Each name once, at its first place. */
  readonly units: readonly Unit[];
  /** Everything that was asked for, in the order of the plan, with the names of the units that answer it. */
  readonly asked: readonly Asked[];
  /** What became of the plan that its writer may not expect. One line each. */
  readonly notes: readonly string[];
  readonly platforms: readonly SweptPlatform[];
  readonly workloads: readonly SweptWorkload[];
}

/** Throws a WrittenError that names every problem at its place in the plan. */
export async function expandPlan(plan: Plan, host: ExpandHost): Promise<Expanded> {
  const { dirname } = await import("node:path");
  const problems: Problem[] = [];
  const notes = new Set<string>();
  const telling: Telling = {
    refuse: (path, found, allowed) => problems.push({ ...plan.place(path, "value"), found, allowed }),
    note: (line) => notes.add(line),
  };
  const checked = () => {
    if (problems.length > 0) throw new WrittenError(plan.file, cut(inOrder(problems)));
  };
  const folder = dirname(plan.file);
  const replaying = await replayingOf(plan, folder, telling);
  const platforms = await platformsOf(plan, folder, host, telling);
  const placed = await workloadsOf(plan, folder, telling);
  checked();
  const booted: Booted[] = [];
  for (const [i, one] of platforms.entries()) {
    host.progress?.(`asking ${one.name} what it takes`);
    const found = await bootedOf(plan, one, ["platforms", i], telling);
    if (found) booted.push(found);
  }
  const parts = partsOf(plan, host, replaying, booted, telling);
  const blocks = blocksOf(plan, placed, booted, parts, telling);
  // Reading the traces takes longest, so it comes when nothing else is wrong.
  checked();
  const workloads = await namedWorkloads(placed, host, telling);
  checked();
  const { units, asked } = makeUnits(plan, host, replaying, workloads, blocks);
  return {
    plan,
    units,
    asked,
    notes: [...notes],
    platforms: booted.map(({ described }) => described),
    workloads: workloads.map(({ workload: { name, group }, traces }) => ({
      name,
      traces: traces.map(({ argument, sha256 }) => ({
        name: shownTrace(argument),
        ...(sha256 === undefined ? {} : { sha256 }),
      })),
      group,
    })),
  };
}
