// Two runs side by side: what was asked for, what was configured, and what each group did.

import { showCpus, time } from "../written/index.ts";
import { REASONS } from "./counts.ts";
import type { GroupTotals, Run, RunTrace } from "./run.ts";
import { describeCaches, describeMemory, REASON_WORDS } from "./words.ts";

export const DIFF_FORMAT = "mpam-run-diff";
export const DIFF_VERSION = 1;

/** What a counter counts in; a share is from 0 to 1. */
export type CounterUnit = "requests" | "bytes" | "share" | "ns" | "lines" | "records";

/** A counter that is not the same in both. */
export interface CounterDiff {
  readonly counter: string;
  readonly unit: CounterUnit;
  /** Null where that run has none. */
  readonly a: number | null;
  readonly b: number | null;
  /** b - a. */
  readonly difference: number | null;
  /** (b - a) / a; null where a is 0 or one is missing, and for shares. */
  readonly relative: number | null;
}

/** What was configured in another way; an empty text: not at all. */
export interface SettingDiff {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

/** Two runs side by side: what is the same is not in it. */
export interface RunDiff {
  readonly format: typeof DIFF_FORMAT;
  readonly version: typeof DIFF_VERSION;
  readonly a: string;
  readonly b: string;
  /** Why they should not be compared, where that is so. */
  readonly warnings: readonly string[];
  readonly configuration: readonly SettingDiff[];
  readonly run: readonly CounterDiff[];
  /** Groups that did something else, by name. */
  readonly groups: readonly { readonly group: string; readonly counters: readonly CounterDiff[] }[];
}

/** Registers that are listed one by one. */
const MOST_REGISTERS = 100;

/** `names` are what texts call them. Runs of other traces, timings or platforms are compared too, with warnings. */
export function diffRuns(a: Run, b: Run, names: { readonly a: string; readonly b: string }): RunDiff {
  return {
    format: DIFF_FORMAT,
    version: DIFF_VERSION,
    ...names,
    warnings: warningsOf(a, b),
    configuration: configurationOf(a, b),
    run: counterDiffs(runCounters(a), runCounters(b)),
    groups: groupDiffs(a, b),
  };
}

/** Whether there is anything to tell. */
export function isEmpty({ warnings, configuration, run, groups }: RunDiff): boolean {
  return warnings.length + configuration.length + run.length + groups.length === 0;
}

function warningsOf(a: Run, b: Run): string[] {
  const traces = (run: Run) => JSON.stringify(run.traces.map(({ hash }) => hash));
  const warmUp = (run: Run) => run.countFrom - run.from;
  const detail = (run: Run) => run.totals.some(({ levels }) => levels.some(({ lost }) => lost));
  return [
    ...(traces(a) === traces(b) ? [] : ["The traces are not the same: counts are of different work."]),
    ...(a.timing === b.timing
      ? []
      : [`One is in ${a.timing} timing and the other in ${b.timing}: only one of them waits, and has latencies.`]),
    ...(JSON.stringify(a.platform) === JSON.stringify(b.platform) ? [] : ["The platforms are not the same."]),
    ...(warmUp(a) === warmUp(b) ? [] : ["Warm-up did not end at the same time: totals count from other times on."]),
    ...(detail(a) === detail(b) ? [] : ["Only one of them counted why lines were lost."]),
  ];
}

function configurationOf(a: Run, b: Run): SettingDiff[] {
  const pair = (what: string, of: (run: Run) => string): SettingDiff[] => settingDiff(what, of(a), of(b));
  return [
    ...pair("platform", (run) => run.platform.name),
    ...pair("cpus", (run) => String(run.platform.cpus)),
    ...pair("caches", (run) => run.platform.caches.map(describeCaches).join("; ")),
    ...pair("memory", (run) => run.platform.memory.map(describeMemory).join("; ")),
    ...pair("traces", (run) => run.traces.map(describeTrace).join(", ")),
    ...pair("timing", (run) => run.timing),
    ...pair("seed", (run) => (run.seed === null ? "" : String(run.seed))),
    ...only(optionsOf(a), optionsOf(b), "option"),
    ...only(scriptOf(a), scriptOf(b), "script"),
    ...schemataDiffs(a, b),
    ...registerDiffs(a, b),
    ...pair("made by", (run) => run.tool),
  ];
}

/** What is made up is its name. */
const describeTrace = ({ name, hash }: RunTrace) =>
  /^[0-9a-f]{32,}$/.test(hash) ? `${name} (${hash.slice(0, 12)})` : name;

const settingDiff = (what: string, a: string, b: string): SettingDiff[] => (a === b ? [] : [{ what, a, b }]);

/** Lines of the script are told as such. */
const optionsOf = ({ options }: Run) => options.filter((option) => !/^--(do|script) /.test(option));

const scriptOf = ({ from, lines }: Run) =>
  lines.filter(({ changes }) => changes).map((line) => `${time(line.time - from)} ${line.text}`);

/** What only one of them has; a line each. */
function only(a: readonly string[], b: readonly string[], what: string): SettingDiff[] {
  const left = [...b];
  const gone = a.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...gone.map((one) => ({ what, a: one, b: "" })), ...left.map((one) => ({ what, a: "", b: one }))];
}

function schemataDiffs(a: Run, b: Run): SettingDiff[] {
  const lines = (run: Run) =>
    new Map(
      (run.phases.at(-1)?.groups ?? []).flatMap(({ group, schemata = "" }) =>
        schemata.split("\n").flatMap((line): [string, string][] => {
          const [schema = "", ...values] = line.trim().split(":");
          return schema === "" ? [] : [[`${group === "/" ? "" : `${group}/`}schemata ${schema}`, values.join(":")]];
        }),
      ),
    );
  return mapDiffs(lines(a), lines(b), " at the end");
}

/** PARTIDs that differ in the same way are told together. */
function registerDiffs(a: Run, b: Run): SettingDiff[] {
  const [inA, inB] = [registersOf(a), registersOf(b)];
  const all = [...new Set([...inA.keys(), ...inB.keys()])].flatMap((register) => {
    const [ofA, ofB] = [inA.get(register), inB.get(register)];
    const alike = new Map<string, SettingDiff & { readonly partids: number[] }>();
    for (const partid of new Set([...(ofA?.keys() ?? []), ...(ofB?.keys() ?? [])])) {
      for (const one of settingDiff(register, ofA?.get(partid) ?? "", ofB?.get(partid) ?? "")) {
        const key = JSON.stringify([one.a, one.b]);
        const known = alike.get(key) ?? { ...one, partids: [] };
        known.partids.push(partid);
        alike.set(key, known);
      }
    }
    return [...alike.values()].map(({ what, partids, ...values }) => {
      const which = partids.sort((one, other) => one - other);
      return { what: `${what} of PARTID${which.length > 1 ? "s" : ""} ${showCpus(which)}`, ...values };
    });
  });
  if (all.length <= MOST_REGISTERS) return all;
  const more = `${all.length - MOST_REGISTERS} more`;
  return [...all.slice(0, MOST_REGISTERS), { what: "control registers", a: more, b: more }];
}

/** Values by register, then by PARTID. */
function registersOf(run: Run): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const found = new Map<string, Map<number, string>>();
  for (const { name, ris, partids, registers } of run.settings) {
    for (const [register, value] of Object.entries(registers)) {
      const key = `${name}${ris > 0 ? ` RIS ${ris}` : ""} MPAMCFG_${register}`;
      const values = found.get(key) ?? new Map<number, string>();
      found.set(key, values);
      for (const partid of partids) values.set(partid, value);
    }
  }
  return found;
}

function mapDiffs(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>, when = ""): SettingDiff[] {
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) =>
    settingDiff(`${key}${when}`, a.get(key) ?? "", b.get(key) ?? ""),
  );
}

type Counters = ReadonlyMap<string, { readonly value: number; readonly unit: CounterUnit }>;

function runCounters(run: Run): Counters {
  return new Map([
    ["model time", { value: run.to - run.from, unit: "ns" }],
    ["records", { value: run.records, unit: "records" }],
  ]);
}

function groupDiffs(a: Run, b: Run): RunDiff["groups"] {
  const totals = (run: Run) => new Map(run.totals.map((one) => [one.group, one]));
  const [ofA, ofB] = [totals(a), totals(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])].flatMap((group) => {
    const counters = counterDiffs(groupCounters(ofA.get(group)), groupCounters(ofB.get(group)));
    return counters.length === 0 ? [] : [{ group, counters }];
  });
}

function groupCounters(totals: GroupTotals | undefined): Counters {
  if (!totals) return new Map();
  const { levels, latency } = totals;
  const counters = new Map<string, { readonly value: number; readonly unit: CounterUnit }>();
  const put = (name: string, value: number, unit: CounterUnit) => counters.set(name, { value, unit });
  put("accesses", totals.accesses, "requests");
  put("misses", totals.misses, "requests");
  for (const { level, accesses, misses, lost } of levels) {
    put(`L${level} requests`, accesses, "requests");
    if (accesses > 0) put(`L${level} hits`, (accesses - misses) / accesses, "share");
    for (const reason of lost ? REASONS : [])
      put(`L${level} lines lost ${REASON_WORDS[reason]}`, lost?.[reason] ?? 0, "lines");
  }
  put("bytes held at the end", totals.bytesHeld, "bytes");
  put("bytes read", totals.bytesRead, "bytes");
  put("bytes written", totals.bytesWritten, "bytes");
  if (latency && latency.requests > 0) {
    put("mean latency", latency.meanNs, "ns");
    put("p50 latency", latency.p50Ns, "ns");
    put("p95 latency", latency.p95Ns, "ns");
    put("p99 latency", latency.p99Ns, "ns");
    put("held", latency.heldNs, "ns");
    put("stalled", latency.stalledNs, "ns");
  }
  return counters;
}

function counterDiffs(ofA: Counters, ofB: Counters): CounterDiff[] {
  return [...new Set([...ofA.keys(), ...ofB.keys()])].flatMap((counter) => {
    const [one, other] = [ofA.get(counter), ofB.get(counter)];
    const [a, b] = [one?.value ?? null, other?.value ?? null];
    const unit = (one ?? other)?.unit ?? "requests";
    if (a === b || ((a ?? b) === 0 && (a === null || b === null))) return [];
    const difference = a === null || b === null ? null : b - a;
    const relative = difference === null || a === null || a === 0 || unit === "share" ? null : difference / a;
    return [{ counter, unit, a, b, difference, relative }];
  });
}
