// Which pictures a run has.

import { time } from "../../written/index.ts";
import { REASONS } from "../counts.ts";
import type { GroupSeries, Run, RunPhase } from "../run.ts";
import { REASON_WORDS } from "../words.ts";
import { MOST_COLOURS } from "./colours.ts";
import type { BarPicture, Level, Line, Mark, Marks, Picture, Slot, TimePicture } from "./picture.ts";
import { said } from "./units.ts";

/** Groups with the colours they have in every picture, and those that share one. */
export interface Shown {
  readonly slots: ReadonlyMap<string, number>;
  /** How many share the last. */
  readonly rest: number;
}

/** Of several runs that are shown together: the groups that did something; where they are too many, those that did most. */
export function shownOf(runs: readonly Run[]): Shown {
  const weight = new Map<string, number>();
  for (const { groups } of runs) {
    for (const group of groups) weight.set(group.group, (weight.get(group.group) ?? 0) + weightOf(group));
  }
  const active = [...weight].filter(([, one]) => one > 0);
  const most = [...active].sort(([, a], [, b]) => b - a).slice(0, MOST_COLOURS);
  const kept = new Set(most.map(([group]) => group));
  const slots = active.filter(([group]) => kept.has(group)).map(([group], index) => [group, index] as const);
  return { slots: new Map(slots), rest: active.length - slots.length };
}

function weightOf({ levels, ports }: GroupSeries): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return (
    levels.reduce((total, { bytesHeld, accesses }) => total + largest(bytesHeld) + sum(accesses), 0) +
    ports.reduce((total, { bytes }) => total + sum(bytes), 0)
  );
}

/** A run that somebody else wrote may have more samples than a call can have arguments. */
const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);

/** What groups share first: the last level and what lies below it; levels nearer to the cpus last. */
export function picturesOf(run: Run, shown: Shown): Picture[] {
  const levels = [...new Set(run.groups.flatMap((group) => group.levels.map(({ level }) => level)))].sort(
    (a, b) => b - a,
  );
  const ofLevel = (level: number) => [occupancy(run, shown, level), hitRate(run, shown, level)];
  const all: (Picture | undefined)[] = [
    ...levels.slice(0, 1).flatMap(ofLevel),
    ...portKinds(run).flatMap((kind) => bandwidths(run, shown, kind)),
    ...latencies(run, shown),
    ...levels.slice(0, 1).flatMap((level) => evictions(run, shown, level)),
    ...levels.slice(1).flatMap((level) => [...ofLevel(level), ...evictions(run, shown, level)]),
  ];
  return all.filter((picture) => picture !== undefined);
}

/** What some groups together have in a sample, or null. */
type Values = (groups: readonly GroupSeries[], sample: number) => number | null;

/** A line for each group that is shown and has any, and one for all others. */
function linesOf(run: Run, { slots, rest }: Shown, of: Values): Line[] {
  const line = (name: string, slot: Slot, groups: readonly GroupSeries[]): Line => ({
    name,
    slot,
    values: run.samples.map((_, sample) => of(groups, sample)),
  });
  const own = run.groups.flatMap((group) => {
    const slot = slots.get(group.group);
    return slot === undefined ? [] : [line(group.group, slot, [group])];
  });
  const others = run.groups.filter(({ group }) => !slots.has(group));
  const all = rest === 0 ? own : [...own, line(`${rest} others`, "rest", others)];
  return all.filter(({ values }) => values.some((value) => value !== null));
}

/** Of amounts, which add up: those that ever have some. */
function amountsOf(run: Run, shown: Shown, of: (group: GroupSeries, sample: number) => number): Line[] {
  const sum = (groups: readonly GroupSeries[], sample: number) =>
    groups.reduce((total, group) => total + of(group, sample), 0);
  return linesOf(run, shown, sum).filter(({ values }) => values.some((value) => value !== null && value > 0));
}

const startOf = (run: Run, sample: number) => run.samples[sample - 1] ?? run.from;
const secondsOf = (run: Run, sample: number) => ((run.samples[sample] ?? 0) - startOf(run, sample)) / 1e9;

function overTime(
  run: Run,
  picture: Omit<TimePicture, "kind" | "from" | "to" | "samples" | "most">,
  most: number,
): TimePicture | undefined {
  if (picture.lines.length === 0 || run.to <= run.from) return undefined;
  return { kind: "time", from: run.from, to: run.to, samples: run.samples, most, ...picture };
}

/** The highest that anything stacked or alone comes to. */
function highest(lines: readonly Line[], stacked: boolean): number {
  const samples = lines[0]?.values.map((_, sample) => lines.map(({ values }) => values[sample] ?? 0)) ?? [];
  return samples.reduce(
    (most, values) => Math.max(most, stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values)),
    0,
  );
}

/** A capacity is in the picture where that leaves enough of it to what is measured. */
const LEAST_SHARE = 1 / 3;

function withCapacity(used: number, capacity: number): { readonly most: number; readonly fits: boolean } {
  const fits = capacity > 0 && used >= LEAST_SHARE * capacity;
  return { most: fits ? Math.max(used, capacity) : used, fits };
}

const ROOM = 1.04;

function capacityLine(run: Run, value: number, what: string): Level {
  return { name: what, from: run.from, to: run.to, value, hard: true };
}

function occupancy(run: Run, shown: Shown, level: number): Picture | undefined {
  const lines = amountsOf(run, shown, (group, sample) => at(group, level)?.bytesHeld[sample] ?? 0);
  const capacity = run.platform.caches.reduce(
    (sum, cache) => sum + (cache.level === level ? cache.count * cache.bytes : 0),
    0,
  );
  const { most, fits } = withCapacity(highest(lines, true), capacity);
  return overTime(
    run,
    {
      id: `occupancy-l${level}`,
      title: `Occupancy of L${level}`,
      shows: `Bytes of L${level} that each group holds, stacked; ${plainly(run, level)} ${said(capacity, "bytes")}.`,
      unit: "bytes",
      stacked: true,
      atEnds: true,
      lines,
      levels: fits ? [capacityLine(run, capacity, `capacity ${said(capacity, "bytes")}`)] : [],
    },
    ROOM * most,
  );
}

function plainly(run: Run, level: number): string {
  const count = run.platform.caches.reduce((sum, cache) => sum + (cache.level === level ? cache.count : 0), 0);
  return count === 1 ? "it has" : `its ${count} caches have`;
}

const at = ({ levels }: GroupSeries, level: number) => levels.find((one) => one.level === level);

function hitRate(run: Run, shown: Shown, level: number): Picture | undefined {
  const of: Values = (groups, sample) => {
    const sum = (key: "accesses" | "misses") =>
      groups.reduce((total, group) => total + (at(group, level)?.[key][sample] ?? 0), 0);
    const accesses = sum("accesses");
    return accesses === 0 ? null : (accesses - sum("misses")) / accesses;
  };
  const lines = linesOf(run, shown, of);
  return overTime(
    run,
    {
      id: `hits-l${level}`,
      title: `Hit rate of L${level}`,
      shows: `Of the requests of a group that come to L${level}, the share that finds its line there.`,
      unit: "share",
      stacked: false,
      atEnds: false,
      lines,
      levels: [],
    },
    1,
  );
}

/** Memory, and caches below which something is regulated; without either those furthest from the cpus. */
function portKinds({ ports }: Run): string[] {
  const kinds = [...new Set(ports.map(({ port }) => kindOf(port)))].reverse();
  const regulated = new Set(ports.flatMap(({ port, bytesPerSecond }) => (bytesPerSecond ? [kindOf(port)] : [])));
  const wanted = kinds.filter((kind) => regulated.has(kind));
  return wanted.length > 0 ? wanted : kinds.slice(0, 1);
}

/** The kind of a port: "L3" or "node". */
const kindOf = (port: string) => port.replace(/ .*/s, "");

/** What ports are part of, "L3 0" or "node 0": slices and channels of the same have the same limits. */
const ownerOf = (port: string) => port.replace(/\..*/s, "");

/** Part of a file's name, whatever a port is called. */
const idOf = (place: string) => place.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** Of all ports of a kind together; then of those with limits that are not everywhere, each for itself. */
function bandwidths(run: Run, shown: Shown, kind: string): (Picture | undefined)[] {
  const ports = run.ports.map(({ port }) => port).filter((port) => kindOf(port) === kind);
  const all = new Set(ports);
  const partial = run.phases.flatMap((phase) =>
    phase.limits.filter(
      ({ port, group }) => all.has(port) && shown.slots.has(group) && !limitIn(run, phase, group, all),
    ),
  );
  const owners = [...new Set(partial.map(({ port }) => ownerOf(port)))].sort();
  const name = kind === "node" ? "memory" : kind;
  return [
    bandwidth(run, shown, all, name, kind === "node" ? "Bandwidth of memory" : `Bandwidth below ${kind}`),
    ...owners.map((owner) => {
      const own = new Set(ports.filter((port) => ownerOf(port) === owner));
      const place = kind === "node" ? `${name} ${owner.replace(/.* /s, "")}` : owner;
      return bandwidth(run, shown, own, place, kind === "node" ? `Bandwidth of ${owner}` : `Bandwidth below ${owner}`);
    }),
  ];
}

function bandwidth(
  run: Run,
  shown: Shown,
  ports: ReadonlySet<string>,
  place: string,
  title: string,
): Picture | undefined {
  const lines = amountsOf(run, shown, (group, sample) => {
    const bytes = group.ports.reduce((sum, one) => sum + (ports.has(one.port) ? (one.bytes[sample] ?? 0) : 0), 0);
    return bytes / secondsOf(run, sample);
  });
  const limits = limitsAt(run, shown, ports);
  const capacity = run.ports.reduce(
    (sum, { port, bytesPerSecond = 0 }) => sum + (ports.has(port) ? bytesPerSecond : 0),
    0,
  );
  const used = Math.max(highest(lines, false), ...limits.map(({ value }) => value));
  const { most, fits } = withCapacity(used, capacity);
  const waits = run.timing === "open" ? "; in open timing nothing waits, and more may pass" : "";
  const gives = capacity === 0 ? "" : `; at most ${said(capacity, "bytes/s")} together${waits}`;
  const dashed = limits.length > 0 ? " Soft limits are dashed lines, hard ones solid." : "";
  return overTime(
    run,
    {
      id: `bandwidth-${idOf(place)}`,
      title,
      shows: `Bytes that each group reads and writes there in a second${gives}.${dashed}`,
      unit: "bytes/s",
      stacked: false,
      atEnds: false,
      lines,
      levels: [...(fits ? [capacityLine(run, capacity, `capacity ${said(capacity, "bytes/s")}`)] : []), ...limits],
    },
    ROOM * most,
  );
}

/** Limits of a group at some ports together, where it has one at each that it used; phases with the same become one. */
function limitsAt(run: Run, { slots }: Shown, ports: ReadonlySet<string>): Level[] {
  const found: Level[] = [];
  for (const phase of run.phases) {
    for (const [group, slot] of slots) {
      const limit = limitIn(run, phase, group, ports);
      if (!limit) continue;
      const name = `${group} ${limit.hard ? "hard" : "soft"} ${said(limit.value, "bytes/s")}`;
      const last = found.findIndex((one) => one.name === name && one.to === phase.from);
      const from = last < 0 ? phase.from : (found[last] as Level).from;
      const level = { name, from, to: phase.to, value: limit.value, hard: limit.hard, slot };
      if (last < 0) found.push(level);
      else found[last] = level;
    }
  }
  return found;
}

function limitIn(run: Run, phase: RunPhase, group: string, ports: ReadonlySet<string>) {
  const limits = phase.limits.filter((limit) => limit.group === group && ports.has(limit.port));
  const series = run.groups.find((one) => one.group === group);
  const used = (series?.ports ?? []).filter(
    ({ port, bytes }) => ports.has(port) && bytes.some((value, sample) => value > 0 && isIn(run, phase, sample)),
  );
  if (limits.length === 0 || limits.length < used.length) return undefined;
  return {
    value: limits.reduce((sum, one) => sum + one.bytesPerSecond, 0),
    hard: limits.every(({ hard }) => hard),
  };
}

const isIn = (run: Run, { from, to }: RunPhase, sample: number) =>
  startOf(run, sample) >= from && (run.samples[sample] ?? 0) <= to;

function latencies(run: Run, shown: Shown): (Picture | undefined)[] {
  const mean: Values = (groups, sample) => {
    const sum = (key: "requests" | "sumNs") =>
      groups.reduce((total, { latency }) => total + (latency?.[key][sample] ?? 0), 0);
    return sum("requests") === 0 ? null : sum("sumNs") / sum("requests");
  };
  const tail: Values = (groups, sample) => {
    const all = groups.flatMap(({ latency }) => latency?.p95Ns[sample] ?? []);
    return all.length === 0 ? null : largest(all);
  };
  const picture = (id: string, title: string, shows: string, of: Values) => {
    const lines = linesOf(run, shown, of);
    const rest = { unit: "ns", stacked: false, atEnds: false, lines, levels: [] } as const;
    return overTime(run, { id, title, shows, ...rest }, ROOM * highest(lines, false));
  };
  const others = shown.rest > 0 ? " Of the others it is the largest of theirs." : "";
  return [
    picture(
      "latency-mean",
      "Mean latency",
      "How long the requests of a sample took on average, waiting included.",
      mean,
    ),
    picture(
      "latency-p95",
      "95th percentile of latency",
      `95 of 100 requests of a sample took no longer; exact to an eighth.${others}`,
      tail,
    ),
  ];
}

function evictions(run: Run, shown: Shown, level: number): (Picture | undefined)[] {
  const lines = amountsOf(run, shown, (group, sample) => {
    const lost = at(group, level)?.lost;
    return lost ? REASONS.reduce((sum, reason) => sum + (lost[reason][sample] ?? 0), 0) / secondsOf(run, sample) : 0;
  });
  const most = ROOM * highest(lines, true);
  const picture = overTime(
    run,
    {
      id: `evictions-l${level}`,
      title: `Lines lost by L${level}`,
      shows: `Lines of each group that L${level} gave up in a second, stacked by whose lines they were.`,
      unit: "lines/s",
      stacked: true,
      atEnds: false,
      lines,
      levels: [],
    },
    most,
  );
  return picture ? [picture, reasons(run, shown, level)] : [];
}

function reasons(run: Run, { slots }: Shown, level: number): BarPicture | undefined {
  const bars = run.totals.flatMap(({ group, levels }) => {
    const slot = slots.get(group);
    const lost = levels.find((one) => one.level === level)?.lost;
    if (slot === undefined || !lost) return [];
    const parts = REASONS.map((reason, shade) => ({ name: REASON_WORDS[reason], value: lost[reason], shade }));
    return [{ name: group, slot, parts: parts.filter(({ value }) => value > 0) }];
  });
  const most = Math.max(0, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  if (most === 0) return undefined;
  return {
    kind: "bars",
    id: `reasons-l${level}`,
    title: `Why L${level} lost lines`,
    shows: `Lines of each group that L${level} gave up, by who or what took their place.`,
    unit: "lines",
    most,
    bars: bars.filter(({ parts }) => parts.length > 0),
  };
}

/** Lines of the script that change something, numbered, and interrupts that were raised. */
export function marksOf(run: Run): Marks {
  const changes = run.lines.filter((line) => line.changes);
  return {
    lines: changes.map(({ time, text }, index) => ({ time, text, number: index + 1, short: shorter(text) })),
    interrupts: run.interrupts
      .filter(({ level }) => level === 1)
      .map((one): Mark => {
        const several = one.count > 1 ? `${one.count} x ` : "";
        return { time: one.time, text: `${several}${one.kind} interrupt of ${one.source} at ${time(one.time)}` };
      }),
    ...(run.countFrom > run.from ? { warmUntil: run.countFrom } : {}),
  };
}

/** "write web/schemata L3:0=3" as "web L3:0=3". */
function shorter(text: string): string {
  return text.replace(/^write\s+(\S+)\/schemata\s+/, "$1 ").replace(/^write\s+/, "");
}
