// A run in words and tables: what each group did in each phase, how long its requests took, and bandwidth over time.

import {
  addLimits,
  type CountsSince,
  type GroupBandwidth,
  type GroupSample,
  type LostLines,
  REASONS,
} from "../report/index.ts";
import type { Phase, SessionResult } from "../session/index.ts";
import { count, percent, rate, showSize, table, time } from "../written/index.ts";

const PATHS: { readonly [path in keyof SessionResult["paths"]]: string } = {
  specialised: "on specialised kernels",
  general: "on the general path",
  single: "one by one",
};

export function describeSession(result: SessionResult): string {
  const warmup = result.warmupNs > 0 ? `, ${time(result.warmupNs)} of them warm-up` : "";
  const timing = result.timing === "closed" ? " in closed timing" : "";
  return [
    ...result.phases.map((phase) => describePhase(phase, portsShown(result.phases))),
    ...(result.latencies?.length ? [latencyTable(result.latencies)] : []),
    `${count(result.records)} records, ${time(result.time)} of model time${warmup}${timing} on ${result.platform}\n${describePaths(result.paths)}`,
  ].join("\n\n");
}

/** How fast it went, which is another time every time. */
export function describeSpeed({ records, seconds, workers }: SessionResult): string {
  const together = workers > 1 ? ` with ${workers} workers` : "";
  return `${(records / seconds / 1e6).toFixed(1)} M records/s here${together}`;
}

/** Those on which something ran. */
function describePaths(paths: SessionResult["paths"]): string {
  const names = Object.keys(PATHS) as (keyof typeof PATHS)[];
  const ran = names.filter((name) => paths[name] > 0).map((name) => `${count(paths[name])} ${PATHS[name]}`);
  return `requests: ${ran.join(", ") || "none"}`;
}

/** `ports`: the kinds of ports whose bandwidth is shown. */
export function describePhase(phase: Phase, ports: readonly string[] = []): string {
  const script = phase.script.map((line) => `  ${line}\n`).join("");
  return [
    `${time(phase.from)} to ${time(phase.to)}\n${script}${groupTable(phase)}`,
    ...lossTables(phase),
    ...ports.flatMap((kind) => bandwidthTables(phase.samples ?? [], kind)),
  ].join("\n\n");
}

/** Hits of a level are a share of what came to that level. */
function groupTable({ groups }: Phase): string {
  const active = groups.filter(didSomething);
  if (active.length === 0) return "no accesses";
  const levels = groups[0]?.levels.map(({ level }) => level) ?? [];
  const timed = active.some(({ latency }) => latency);
  const stalled = active.some(({ latency }) => latency?.stalledNs);
  const head = ["group", "accesses", ...levels.map((level) => `L${level} hits`), "llc_occupancy", "mbm_total_bytes"];
  const row = (name: string, one: CountsSince, held: string, bytes: string) => [
    name,
    count(one.accesses),
    ...one.levels.map(({ accesses, misses }) => percent(accesses - misses, accesses)),
    held,
    bytes,
    ...(timed ? [nanoseconds(one.latency?.meanNs), nanoseconds(one.latency?.heldNs)] : []),
    ...(stalled ? [nanoseconds(one.latency?.stalledNs)] : []),
  ];
  const rows = active.flatMap((one) => [
    row(one.group, one, numeric(one.llcOccupancy), numeric(one.mbmTotalBytes)),
    ...(one.els ?? [])
      .filter(didSomething)
      .map((el) => row(levelName(el.el), el, count(el.bytesHeld), count(el.bytes))),
  ]);
  return table([...head, ...(timed ? ["mean latency", "held"] : []), ...(stalled ? ["stalled"] : [])], rows);
}

/** What goes straight to memory comes to no cache that would count it. */
const didSomething = ({ accesses, uncachedBytes = 0 }: CountsSince) => accesses > 0 || uncachedBytes > 0;

const levelName = (el: number) => `  EL${el}`;

function latencyTable(latencies: NonNullable<SessionResult["latencies"]>): string {
  const rows = latencies.map((one) => [
    one.el === undefined ? one.group : levelName(one.el),
    count(one.count),
    ...[one.meanNs, one.p50Ns, one.p95Ns, one.p99Ns, one.maxNs, one.heldNs].map(nanoseconds),
  ]);
  return `Latencies from the start on\n${table(["group", "requests", "mean", "p50", "p95", "p99", "longest", "held"], rows)}`;
}

const WHY: { readonly [reason in (typeof REASONS)[number]]: string } = {
  other: "to others",
  ownPortion: "to itself",
  ownLimit: "at its limit",
  disabled: "disabled",
  inclusion: "by inclusion",
};

function lossTables({ groups }: Phase): string[] {
  const rows = groups.flatMap(({ group, lost }) => (lost ?? []).map((one) => [group, one] as const));
  if (rows.length === 0) return [];
  const seen = REASONS.filter((reason) => rows.some(([, one]) => one[reason] > 0));
  const cells = ([group, one]: readonly [string, LostLines]) => [
    group,
    `L${one.level}`,
    ...seen.map((reason) => count(one[reason])),
  ];
  return [table(["lines lost by", "level", ...seen.map((reason) => WHY[reason])], rows.map(cells))];
}

/** Kinds of ports at which a group has a limit some time; without any, those furthest from the cpus. */
function portsShown(phases: readonly Phase[]): readonly string[] {
  const ports = phases.flatMap(({ samples = [] }) => samples.flatMap((sample) => sample.ports));
  const limited = ports.filter(({ groups }) => groups.some(({ limit }) => limit));
  return [...new Set((limited.length > 0 ? limited : ports.slice(-1)).map(({ port }) => kindOf(port)))];
}

const kindOf = (port: string) => port.replace(/ .*/, "");

/** None where no group moved anything. */
function bandwidthTables(samples: readonly GroupSample[], kind: string): string[] {
  const at = ({ ports }: GroupSample) => ports.filter(({ port }) => kindOf(port) === kind);
  const rows = samples.map((sample) => ({ time: sample.time, uses: at(sample).flatMap(({ groups }) => groups) }));
  const all = rows.flatMap(({ uses }) => uses);
  const groups = [...new Set(all.map(({ group }) => group))];
  if (groups.length === 0) return [];
  const columns = groups.flatMap((group) => {
    const own = (uses: readonly GroupBandwidth[]) => uses.filter((one) => one.group === group);
    const used = { head: group, cell: (uses: readonly GroupBandwidth[]) => describeUse(own(uses)) };
    const limit = { head: `limit of ${group}`, cell: (uses: readonly GroupBandwidth[]) => describeLimit(own(uses)) };
    return own(all).some((one) => one.limit) ? [used, limit] : [used];
  });
  const capacity = samples.slice(0, 1).flatMap(at);
  const most = capacity.reduce((sum, one) => sum + (one.bytesPerSecond ?? 0), 0);
  const title = `Bandwidth of ${kind === "node" ? "memory" : kind}${most > 0 ? `, at most ${rate(most)}` : ""}`;
  const cells = rows.map(({ time: end, uses }) => [time(end), ...columns.map(({ cell }) => cell(uses))]);
  return [`${title}\n${table(["until", ...columns.map(({ head }) => head)], cells)}`];
}

/** What a group moved at the ports of a kind. */
function describeUse(uses: readonly GroupBandwidth[]): string {
  return uses.length === 0 ? "-" : rate(uses.reduce((sum, one) => sum + one.bytesPerSecond, 0));
}

/** Of the ports it used; one without a limit lets it do what it likes. */
function describeLimit(uses: readonly GroupBandwidth[]): string {
  const limits = uses.flatMap(({ limit }) => limit ?? []);
  if (limits.length === 0 || limits.length < uses.length) return "-";
  const { bytesPerSecond, hard } = addLimits(limits);
  return `${rate(bytesPerSecond)} ${hard ? "hard" : "soft"}`;
}

function nanoseconds(ns: number | undefined): string {
  return ns === undefined ? "-" : time(Number(ns.toFixed(1)));
}

function numeric(text: string): string {
  return /^\d+$/.test(text) ? `${count(BigInt(text))} (${showSize(Number(text))})` : text;
}
