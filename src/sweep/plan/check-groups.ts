// What is written for groups: of groups that some workload makes, in lines, and by one axis only.

import { at, nearest, type Path } from "../../written/index.ts";
import type { Schemata } from "../unit.ts";
import type { Axis } from "./plan.ts";
import type { Refuse } from "./refuse.ts";

/** Undefined stands for one that has been refused. */
export function checkAxes(
  axes: readonly (Axis | undefined)[],
  path: Path,
  groups: readonly string[],
  refuse: Refuse,
): void {
  const writes = new Map<string, number>();
  for (const [k, axis] of axes.entries()) {
    if (!axis) continue;
    const place = [...path, k];
    if (axis.kind === "choice") {
      for (const one of axis.choices) checkSchemata(one.schemata, [...place, "of", one.name], groups, refuse);
    } else if (axis.kind === "split") {
      for (const [i, group] of axis.between.entries()) checkGroup(group, [...place, "between", i], groups, refuse);
    } else checkGroup(axis.of, [...place, "of"], groups, refuse);
    for (const one of new Set(writtenBy(axis))) {
      const before = writes.get(one);
      if (before === undefined) writes.set(one, k);
      else refuse(place, `sets ${one}, as ${at([...path, before])} does`, "one of them may set it", "key");
    }
  }
}

/** "L3 of web", as settings are called. */
function writtenBy(axis: Axis): string[] {
  if (axis.kind === "split") return axis.between.map((group) => `${axis.resource} of ${group}`);
  if (axis.kind !== "choice") return [`${axis.resource} of ${axis.of}`];
  return [
    axis.name,
    ...axis.choices.flatMap(({ schemata }) =>
      Object.entries(schemata).flatMap(([group, lines]) => lines.map((line) => `${resourceOf(line)} of ${group}`)),
    ),
  ];
}

function resourceOf(line: string): string {
  return line.slice(0, line.indexOf(":")).trim();
}

const ITEM = "\\s*(?:\\*|\\d+)\\s*=\\s*[^;=\\s]+\\s*";
const LINE = new RegExp(`^[A-Za-z0-9_]+\\s*:${ITEM}(?:;${ITEM})*$`);

export function checkSchemata(schemata: Schemata, path: Path, groups: readonly string[], refuse: Refuse): void {
  for (const [group, lines] of Object.entries(schemata)) {
    checkGroup(group, [...path, group], groups, refuse, "key");
    if (group.includes("mon_groups/"))
      refuse([...path, group], "is a monitor group", "its control group has schemata", "key");
    for (const line of lines) {
      if (LINE.test(line)) continue;
      const found = `is '${line.length > 40 ? `${line.slice(0, 37)}...` : line}'`;
      refuse([...path, group], found, "a line such as L3:0=ff;1=ff, or L3:*=ff for all domains, is allowed");
    }
  }
}

export function checkGroup(group: string, path: Path, groups: readonly string[], refuse: Refuse, part?: "key"): void {
  if (groups.includes(group)) return;
  const meant = nearest(group, groups);
  const there = groups.length > 1 ? `there are ${groups.join(", ")}` : "groups: of traces makes some";
  refuse(path, `names the group ${group}`, `${meant ? `did you mean ${meant}? ` : ""}${there}`, part);
}
