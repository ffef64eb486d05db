// Which tasks go to which group: `NAME=RULE`, where RULE picks threads by trace:N (from 1, in the order given), tid:N, pid:N or
// comm:NAME.

import type { Resctrl } from "../fs/index.ts";
import type { Machine, Task, TraceSource } from "../machine/index.ts";
import { UsageError } from "../written/index.ts";

export interface GroupRule {
  readonly group: string;
  matches(task: Task, trace: number): boolean;
}

export function parseGroupRule(text: string): GroupRule {
  const parts = /^([^=]+)=(trace|tid|pid|comm):(.+)$/.exec(text);
  if (!parts) {
    throw new UsageError(`group '${text}': NAME=trace:N, NAME=tid:N, NAME=pid:N or NAME=comm:COMMAND is allowed`);
  }
  const [, group = "", by, value = ""] = parts;
  if (by === "comm") return { group, matches: (task) => task.comm === value };
  const number = Number(value);
  if (!Number.isInteger(number)) throw new UsageError(`group '${text}': ${by} is followed by a whole number`);
  if (by === "trace") return { group, matches: (_, trace) => trace === number };
  return { group, matches: (task) => (by === "tid" ? task.tid : task.pid) === number };
}

/**
 * Makes the groups and moves the tasks of the traces in: the first rule that matches a task wins, and beats labels that the trace
 * recorded. Answers the tasks that were moved.
 */
export async function makeGroups(
  machine: Machine,
  tree: Resctrl,
  sources: readonly TraceSource[],
  rules: readonly GroupRule[],
): Promise<ReadonlySet<number>> {
  const placed = new Set<number>();
  for (const group of new Set(rules.map((rule) => rule.group))) await tree.mkdir(group);
  for (const [index, source] of sources.entries()) {
    for (const task of machine.addTasks(source)) {
      const rule = rules.find((one) => one.matches(task, index + 1));
      if (!rule) continue;
      await tree.writeFile(`${rule.group}/tasks`, `${task.tid}\n`);
      for (const requester of machine.processor.requestersOf(task.tid)) {
        machine.processor.setRequesterLabel(requester, undefined);
      }
      placed.add(task.tid);
    }
  }
  return placed;
}
