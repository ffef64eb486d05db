// What the keys of a plan say about each other: names that are there once, groups that somebody makes, axes that are one thing,
// and no more configurations than anybody waits for.

import { parseGroupRule } from "../../session/index.ts";
import { parseTraceArgument } from "../../trace/index.ts";
import { at, count, type Path, type Problem, type Written } from "../../written/index.ts";
import { axisOf, valuesIn } from "./axis.ts";
import { checkGoals, goalsOf } from "./check-goals.ts";
import { checkAxes, checkSchemata } from "./check-groups.ts";
import { optionsOf } from "./check-options.ts";
import type { Family, Plan, Workload } from "./plan.ts";
import { type Refuse, trying } from "./refuse.ts";
import { MOST_UNITS, type WrittenPlan } from "./schema.ts";
import { shownTrace } from "./traces.ts";

/** The plan, which is one where no problem was added. */
export function checkPlan(written: WrittenPlan, source: Written, problems: Problem[]): Plan {
  const refuse: Refuse = (path, found, allowed, part = "value") => {
    problems.push({ ...source.place(path, part), found: `${at(path)} ${found}`, allowed });
    return undefined;
  };
  const workloads = workloadsOf(written, refuse);
  const groups = ["/", ...new Set(workloads.flatMap(({ group }) => group.map(nameOfRule)))];
  const families = (written.configurations ?? []).map((one, i): Family => {
    const path = ["configurations", i];
    const vary = (one.vary ?? []).map((axis, k) => axisOf(axis, [...path, "vary", k], refuse));
    checkSchemata(one.schemata ?? {}, [...path, "schemata"], groups, refuse);
    checkAxes(vary, [...path, "vary"], groups, refuse);
    return { name: one.name, schemata: one.schemata ?? {}, vary: vary.filter((axis) => axis !== undefined) };
  });
  once(families, (i) => ["configurations", i, "name"], refuse);
  if (written.traces.length === 0) refuse(["traces"], "is empty", "what is to be replayed is needed");
  if (written.platforms.length === 0) refuse(["platforms"], "is empty", "a platform is needed");
  if (written.configurations?.length === 0)
    refuse(["configurations"], "is empty", "it may be absent: nothing is set then");
  const plan: Plan = {
    file: source.file,
    place: (path, part = "value") => source.place(path, part),
    title: written.sweep ?? source.file.replace(/^.*[/\\]/, "").replace(/\.(ya?ml|json)$/, ""),
    workloads,
    platforms: written.platforms,
    ...optionsOf(written.options ?? {}, refuse),
    families: families.length > 0 ? families : [{ name: "nothing set", schemata: {}, vary: [] }],
    seeds: written.seeds ?? [],
    layouts: written.layouts ?? [],
    parts: written.parts ?? 1,
    goals: goalsOf(written.goals ?? [], groups, refuse),
  };
  checkGoals(plan, refuse);
  for (const key of ["seeds", "layouts"] as const) {
    const twice = plan[key].find((one, i) => plan[key].indexOf(one) < i);
    if (twice !== undefined) refuse([key], `has ${twice} twice`, "once is allowed");
  }
  if (problems.length === 0) checkSize(plan, refuse);
  return plan;
}

/** web of web=trace:1. */
export function nameOfRule(rule: string): string {
  return rule.slice(0, rule.indexOf("="));
}

function workloadsOf({ traces }: WrittenPlan, refuse: Refuse): Workload[] {
  const workloads = traces.map((one, i): Workload => {
    const path = ["traces", i];
    if (typeof one === "string") {
      trying(refuse, path, () => parseTraceArgument(one));
      return { name: shortName(one), traces: [one], group: [] };
    }
    const group = one.groups ?? [];
    for (const [k, rule] of group.entries()) {
      const place = [...path, "groups", k];
      const parsed = trying(refuse, place, () => parseGroupRule(rule));
      const number = Number(/=trace:(.*)$/.exec(rule)?.[1] ?? 1);
      if (parsed && rule.startsWith("/")) refuse(place, `is ${rule}`, "the default group is there and has all others");
      if (parsed && (number < 1 || number > one.files.length)) {
        refuse(
          place,
          `is ${rule}`,
          `there ${one.files.length === 1 ? "is trace 1" : `are traces 1 to ${one.files.length}`}`,
        );
      }
    }
    for (const [k, file] of one.files.entries()) trying(refuse, [...path, "files", k], () => parseTraceArgument(file));
    return { name: one.name ?? one.files.map(shortName).join(" + "), traces: one.files, group };
  });
  once(workloads, (i) => (typeof traces[i] === "string" ? ["traces", i] : ["traces", i, "name"]), refuse);
  return workloads;
}

/** Without what is told behind the @. */
function shortName(argument: string): string {
  try {
    return parseTraceArgument(shownTrace(argument)).name;
  } catch {
    return argument; // It has been refused.
  }
}

function once(named: readonly { readonly name: string }[], path: (index: number) => Path, refuse: Refuse): void {
  const first = new Map<string, number>();
  for (const [i, { name }] of named.entries()) {
    const before = first.get(name);
    if (before === undefined) first.set(name, i);
    else refuse(path(i), `is ${name}, as ${at(path(before))} is`, "each has a name of its own");
  }
}

/** As far as it can be known without the platforms. */
function checkSize({ families, workloads, platforms, layouts, parts }: Plan, refuse: Refuse): void {
  const rest = workloads.length * platforms.length * Math.max(layouts.length, 1) * parts;
  let sum = 0;
  for (const [i, { vary }] of families.entries()) {
    sum += rest * vary.reduce((product, axis) => product * valuesIn(axis), 1);
    if (sum <= MOST_UNITS) continue;
    refuse(["configurations", i], `brings the plan to ${count(sum)} replays`, `up to ${count(MOST_UNITS)} are allowed`);
    return;
  }
}
