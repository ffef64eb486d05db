// A label map at work: requesters get labels of their own, threads and cpus go to groups. As in Linux the group of a thread
// beats that of its cpu, which beats the root.

import type { Resctrl } from "../fs/index.ts";
import { isDevice, type Machine, type TraceRequester, type TraceSource } from "../machine/index.ts";
import { groupPaths } from "../report/index.ts";
import type { LabelMap, LabelOutcome, LabelRule } from "../trace/index.ts";
import { WrittenError } from "../written/index.ts";
import { groupPath, withParent } from "./group-path.ts";

type GroupOutcome = LabelOutcome & { readonly group: string };

const isGroup = (outcome: LabelOutcome): outcome is GroupOutcome => "group" in outcome;
const takesCpus = (rule: LabelRule) => rule.cpus !== undefined && isGroup(rule.outcome);

/**
 * Labels the requesters of the traces; threads of `placed` have been given to groups by somebody else. Throws a WrittenError for a
 * group that does not exist, cpus that the machine lacks, and threads that a group would get in part.
 */
export async function applyLabels(
  machine: Machine,
  tree: Resctrl,
  sources: readonly TraceSource[],
  labels: LabelMap,
  placed: ReadonlySet<number>,
): Promise<void> {
  const groups = new Set((await groupPaths(tree)).map(groupPath));
  for (const outcome of outcomesOf(labels)) {
    if (!isGroup(outcome) || groups.has(outcome.group)) continue;
    const made = [...groups].filter((path) => path !== "").join(", ");
    throw refused(
      labels,
      outcome,
      `there is no group ${outcome.group}`,
      `${made === "" ? "none has been made yet" : `there are ${made}`}; a script line makes one before the first record: @0 mkdir ${outcome.group}`,
    );
  }
  await placeCpus(machine, tree, labels);
  for (const source of sources) {
    const decided = new Map<number, Decided[]>();
    for (const task of machine.addTasks(source)) decided.set(task.tid, []);
    const { requesters } = machine.processor.enrol(source);
    const threads = new Map(
      [...decided.keys()].flatMap((tid) => machine.processor.requestersOf(tid).map((r) => [r, tid])),
    );
    for (const [i, who] of source.requesters.entries()) {
      const requester = requesters[i] as number;
      if (isDevice(who)) {
        labelDevice(machine, labels, who, requester);
        continue;
      }
      const tid = threads.get(requester) as number;
      if (placed.has(tid)) continue;
      const cpu = who.cpu ?? machine.processor.task(tid)?.cpu;
      const outcome = outcomeFor(labels, who, cpu);
      if (outcome === "own") continue;
      const fixed = outcome !== undefined && !isGroup(outcome) ? outcome.label : undefined;
      machine.processor.setRequesterLabel(requester, fixed);
      if (!fixed) decided.get(tid)?.push(outcome as GroupOutcome | undefined);
    }
    for (const [tid, outcomes] of decided) await placeThread(tree, labels, tid, outcomes);
  }
}

/** A device is in no group: a rule gives it a label, or leaves it the one that it has. */
function labelDevice(machine: Machine, labels: LabelMap, who: TraceRequester, requester: number): void {
  const rule = labels.rules.find((one) => one.matches(who));
  if (!rule) return;
  const { outcome } = rule;
  if (!isGroup(outcome)) {
    machine.processor.setRequesterLabel(requester, outcome.label);
    return;
  }
  const name = who.device ?? `stream ${who.stream?.sid}`;
  throw refused(
    labels,
    outcome,
    `the group ${outcome.group || "/"} would get ${name}`,
    "a device has no task: give it a label",
  );
}

/** The group a requester's thread shall be in; undefined where no group is asked for. */
type Decided = GroupOutcome | undefined;

function outcomesOf({ rules, default: last }: LabelMap): LabelOutcome[] {
  return [...rules.map(({ outcome }) => outcome), ...(last ? [last] : [])];
}

/** "own": the label that the trace recorded. Undefined: the thread stays where it is. */
function outcomeFor(labels: LabelMap, who: TraceRequester, cpu: number | undefined): LabelOutcome | undefined | "own" {
  const placed = cpu === undefined ? who : { ...who, cpu };
  const matching = labels.rules.filter((rule) => rule.matches(placed));
  const first = matching[0];
  if (first === undefined) return who.label ? "own" : labels.default;
  if (!takesCpus(first)) return first.outcome;
  return matching.find((rule) => isGroup(rule.outcome) && !takesCpus(rule))?.outcome;
}

async function placeThread(tree: Resctrl, labels: LabelMap, tid: number, outcomes: readonly Decided[]): Promise<void> {
  const wanted = outcomes.find((outcome) => outcome !== undefined);
  if (wanted === undefined) return;
  if (outcomes.some((outcome) => outcome?.group !== wanted.group)) {
    throw refused(
      labels,
      wanted,
      `the group ${wanted.group || "/"} would get thread ${tid} in part, on some of its cpus or exception levels`,
      "a group takes whole threads; give those requesters a label instead",
    );
  }
  for (const path of withParent(wanted.group)) await tree.writeFile(`${path}/tasks`, `${tid}\n`);
}

/** Rules that ask for cpus alone: the first that names a cpu gives it to its group. */
async function placeCpus(machine: Machine, tree: Resctrl, labels: LabelMap): Promise<void> {
  const cpus = machine.processor.cpus.map(({ cpu }) => cpu);
  const taken = new Map<number, string>();
  for (const { cpus: names, outcome } of labels.rules) {
    if (names === undefined || !isGroup(outcome)) continue;
    const named = cpus.filter((cpu) => names(cpu));
    if (named.length === 0) {
      throw refused(labels, outcome, "the rule names no cpu of the platform", `it has cpus 0 to ${cpus.length - 1}`);
    }
    for (const cpu of named) if (!taken.has(cpu)) taken.set(cpu, outcome.group);
  }
  for (const group of new Set(taken.values())) {
    const wanted = cpus.filter((cpu) => taken.get(cpu) === group);
    for (const path of withParent(group)) {
      if (path === "") continue;
      const there = (await tree.readFile(`${path}/cpus_list`)).trim();
      await tree.writeFile(`${path}/cpus_list`, `${[there, ...wanted].filter((one) => one !== "").join(",")}\n`);
    }
  }
}

function refused(labels: LabelMap, { place }: LabelOutcome, found: string, allowed: string): WrittenError {
  return new WrittenError(labels.file, [{ ...place, found, allowed }]);
}
