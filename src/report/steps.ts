// Samples of a recording: merged when there are too many, and what labels did put down to the groups that had them.

import type { PortBandwidth } from "../machine/index.ts";
import { afterwards, both, type Counted } from "./columns.ts";
import { keyOf } from "./counts.ts";
import type { RunLimit } from "./run.ts";
import { addLimits, type GroupBandwidth } from "./samples.ts";
import { NO_GROUP } from "./words.ts";

/** What was done between two times, by label while a phase lasts, then by group. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly phase: number;
  readonly counted: ReadonlyMap<string, Counted>;
}

/** Neighbours of a phase become one, two by two. */
export function merged(steps: readonly Step[]): Step[] {
  const fewer: Step[] = [];
  let open = false;
  for (const step of steps) {
    const last = fewer.at(-1);
    if (open && last && last.phase === step.phase) {
      fewer[fewer.length - 1] = after(last, step);
      open = false;
    } else {
      fewer.push(step);
      open = true;
    }
  }
  return fewer;
}

function after(a: Step, b: Step): Step {
  const counted = new Map<string, Counted>();
  for (const key of new Set([...a.counted.keys(), ...b.counted.keys()])) {
    const [early, late] = [a.counted.get(key), b.counted.get(key)];
    if (early && late) counted.set(key, afterwards(early, late));
    else if (late) counted.set(key, late);
    // Who is not there any more holds nothing.
    else if (early) counted.set(key, { ...early, held: new Float64Array(early.held.length) });
  }
  return { ...b, from: a.from, counted };
}

export function byGroup(
  counted: ReadonlyMap<string, Counted>,
  groupOf: ReadonlyMap<string, string>,
): ReadonlyMap<string, Counted> {
  const groups = new Map<string, Counted>();
  for (const [label, one] of counted) {
    const group = groupOf.get(label) ?? NO_GROUP;
    const others = groups.get(group);
    groups.set(group, others ? both(others, one) : one);
  }
  return groups;
}

/** As far as something ran there; a partition's limit is one, whatever the PMG, and a group without one somewhere has none. */
export function limitsOf(
  uses: readonly { readonly port: string; readonly use: PortBandwidth["labels"][number] }[],
  groupOf: ReadonlyMap<string, string>,
): RunLimit[] {
  const partitions = new Map<string, Map<string, GroupBandwidth["limit"]>>();
  const names = new Map<string, { readonly port: string; readonly group: string }>();
  for (const { port, use } of uses) {
    const group = groupOf.get(keyOf(use));
    if (group === undefined) continue;
    const key = JSON.stringify([port, group]);
    names.set(key, { port, group });
    const known = partitions.get(key) ?? new Map();
    partitions.set(key, known.set(`${use.space}:${use.partid}`, use.limit));
  }
  return [...partitions].flatMap(([key, all]) => {
    const limits = [...all.values()].flatMap((limit) => limit ?? []);
    const name = names.get(key);
    return name && limits.length === all.size ? [{ ...name, ...addLimits(limits) }] : [];
  });
}
