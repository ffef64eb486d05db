// What the keys of a plan say about each other: names that are there once, groups that somebody makes, axes that are one thing,
// and no more configurations than anybody waits for.

import { parseScript } from "../../script/index.ts";
import { parseGroupRule, parseGuests, parseKernelMode, parseWarmup } from "../../session/index.ts";
import { parseTraceArgument } from "../../trace/index.ts";
import {
  at,
  count,
  given,
  nearest,
  type Path,
  type Problem,
  readDuration,
  UsageError,
  type Written,
  WrittenError,
} from "../../written/index.ts";
import type { Schemata } from "../unit.ts";
import { axisOf, valuesIn } from "./axis.ts";
import { type Axis, type Family, type Goal, MEASURES, type Plan, type Workload } from "./plan.ts";
import { MOST_UNITS, type WrittenGoal, type WrittenPlan } from "./schema.ts";

/** Tells what is wrong at a place; `part` is which of a key and its value is meant. */
export type Refuse = (path: Path, found: string, allowed: string, part?: "key" | "value") => undefined;

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
    const family = { name: one.name, schemata: one.schemata ?? {}, vary: vary.filter((axis) => axis !== undefined) };
    if (vary.length === family.vary.length) checkFamily(family, path, groups, refuse);
    return family;
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

/** Without folder and without what is told behind the @. */
function shortName(argument: string): string {
  const base = argument.startsWith("synth:") ? argument : argument.replace(/^.*\//, "");
  return base.replace(/@[a-z]+=[^/]*$/, "");
}

function once(named: readonly { readonly name: string }[], path: (index: number) => Path, refuse: Refuse): void {
  const first = new Map<string, number>();
  for (const [i, { name }] of named.entries()) {
    const before = first.get(name);
    if (before === undefined) first.set(name, i);
    else refuse(path(i), `is ${name}, as ${at(path(before))} is`, "each has a name of its own");
  }
}

type Options = Pick<Plan, "replaying" | "labels" | "script" | "do">;

function optionsOf(options: NonNullable<WrittenPlan["options"]>, refuse: Refuse): Options {
  const path = (key: string): Path => ["options", key];
  const word = <const T extends string>(key: keyof typeof options, allowed: readonly T[]): T | undefined => {
    const found = options[key] as string | undefined;
    if (found === undefined) return undefined;
    const meant = nearest(found, allowed);
    return (
      allowed.find((one) => one === found) ??
      refuse(path(key), `is ${found}`, `${meant ? `did you mean ${meant}? ` : ""}${allowed.join(" or ")} is allowed`)
    );
  };
  const { warmup, until, guests = [], labels, script } = options;
  const partids = options["guest-partids"] ?? [];
  const mode = options["kernel-mode"];
  if (warmup !== undefined) trying(refuse, path("warmup"), () => parseWarmup(warmup));
  if (mode !== undefined) trying(refuse, path("kernel-mode"), () => parseKernelMode(mode));
  trying(refuse, path(guests.length > 0 ? "guests" : "guest-partids"), () => parseGuests(guests, partids));
  for (const [i, line] of (options.do ?? []).entries()) checkLine(line, ["options", "do", i], refuse);
  const ns = until === undefined ? undefined : readDuration(until);
  if (until !== undefined && (ns === undefined || ns < 1)) {
    refuse(path("until"), `is ${until}`, "a time such as 5ms is allowed");
  }
  return {
    replaying: given<Plan["replaying"]>({
      timing: word("timing", ["open", "closed"]),
      statistics: word("statistics", ["counts", "full"]),
      warmup,
      until: ns,
      guest: guests.length > 0 ? guests : undefined,
      guestPartid: partids.length > 0 ? partids : undefined,
      kernelMode: mode,
      compat: word("compat", ["linux-7.3"]),
      commandLine: options["command-line"],
    }),
    do: options.do ?? [],
    ...given<{ labels?: string; script?: string }>({ labels, script }),
  };
}

function checkLine(line: string, path: Path, refuse: Refuse): void {
  try {
    parseScript(line, "do");
  } catch (error) {
    if (!(error instanceof WrittenError)) throw error;
    for (const { column, found, allowed } of error.problems)
      refuse(path, `is refused at its column ${column}: ${found}`, allowed);
  }
}

/** What refuses a text tells the place by what it says; here the file has one. */
function trying<T>(refuse: Refuse, path: Path, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof UsageError || "errno" in error)) throw error;
    const said = error.message.replace(/^E[A-Z0-9]+: /, "");
    return refuse(path, `is refused: ${said}`, "as for mpam replay");
  }
}

function checkFamily(family: Family, path: Path, groups: readonly string[], refuse: Refuse): void {
  checkSchemata(family.schemata, [...path, "schemata"], groups, refuse);
  const writes = new Map<string, number>();
  for (const [k, axis] of family.vary.entries()) {
    const place = [...path, "vary", k];
    if (axis.kind === "choice") {
      for (const one of axis.choices) checkSchemata(one.schemata, [...place, "of", one.name], groups, refuse);
    } else if (axis.kind === "split") {
      for (const [i, group] of axis.between.entries()) checkGroup(group, [...place, "between", i], groups, refuse);
    } else checkGroup(axis.of, [...place, "of"], groups, refuse);
    for (const one of new Set(writtenBy(axis))) {
      const before = writes.get(one);
      if (before === undefined) writes.set(one, k);
      else refuse(place, `sets ${one}, as ${at([...path, "vary", before])} does`, "one of them may set it", "key");
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

function checkSchemata(schemata: Schemata, path: Path, groups: readonly string[], refuse: Refuse): void {
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

function checkGroup(group: string, path: Path, groups: readonly string[], refuse: Refuse, part?: "key"): void {
  if (groups.includes(group)) return;
  const meant = nearest(group, groups);
  const there = groups.length > 1 ? `there are ${groups.join(", ")}` : "groups: of traces makes some";
  refuse(path, `names the group ${group}`, `${meant ? `did you mean ${meant}? ` : ""}${there}`, part);
}

function goalsOf(goals: readonly WrittenGoal[], groups: readonly string[], refuse: Refuse): Goal[] {
  return goals.flatMap(({ highest, lowest, of = "all", at: level }, i) => {
    const path = ["goals", i];
    const said = highest ?? lowest;
    if (said === undefined || (highest !== undefined && lowest !== undefined)) {
      refuse(
        path,
        `has ${said === undefined ? "neither" : "both"} highest and lowest`,
        "one of them is allowed",
        "key",
      );
      return [];
    }
    const want = highest === undefined ? "lowest" : "highest";
    const measure = MEASURES.find((one) => one === said);
    if (measure === undefined) {
      const meant = nearest(said, MEASURES);
      refuse(
        [...path, want],
        `is ${said}`,
        `${meant ? `did you mean ${meant}? ` : ""}${MEASURES.join(", ")} are allowed`,
      );
      return [];
    }
    if (of !== "all") checkGroup(of, [...path, "of"], [...groups, "all"], refuse);
    return [{ want, measure, of, ...(level === undefined ? {} : { level }) }];
  });
}

const OF_CLOSED: readonly string[] = ["latency", "held"];

function checkGoals({ goals, replaying }: Plan, refuse: Refuse): void {
  const seen = new Map<string, number>();
  for (const [i, { want, measure, of, level }] of goals.entries()) {
    const path: Path = ["goals", i];
    if (OF_CLOSED.includes(measure) && replaying.timing !== "closed") {
      refuse([...path, want], `is ${measure}, which open timing has not`, "it needs timing: closed among the options");
    }
    if (level !== undefined && !OF_LEVELS.includes(measure)) {
      refuse([...path, "at"], `stands beside ${measure}`, `${OF_LEVELS.join(", ")} are of a level`, "key");
    }
    const key = JSON.stringify([measure, of, level]);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, i);
    else refuse(path, `is the measure of goals[${before}] again`, "once is allowed", "key");
  }
}

const OF_LEVELS: readonly string[] = ["hit rate", "miss rate", "misses", "accesses"];

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
