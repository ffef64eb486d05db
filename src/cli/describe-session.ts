// A run in words and tables: what each group did in each phase, how long its requests took, and bandwidth over time.

import { type LostLines, REASONS } from "./counts.ts";
import { count, percent, rate, size, table, time } from "./output.ts";
import { addLimits, type GroupSample } from "./samples.ts";
import type { Phase, SessionResult } from "./session.ts";

export function describeSession(result: SessionResult): string {
  const speed = (result.records / result.seconds / 1e6).toFixed(1);
  const warmup = result.warmupNs > 0 ? `, ${time(result.warmupNs)} of them warm-up` : "";
  const timing = result.timing === "closed" ? " in closed timing" : "";
  return [
    ...result.phases.map(describePhase),
    ...(result.latencies?.length ? [latencyTable(result.latencies)] : []),
    `${count(result.records)} records, ${time(result.time)} of model time${warmup}${timing} on ${result.platform}; ${speed} M records/s here`,
  ].join("\n\n");
}

export function describePhase(phase: Phase): string {
  const script = phase.script.map((line) => `  $ ${line}\n`).join("");
  return [
    `${time(phase.from)} to ${time(phase.to)}\n${script}${groupTable(phase)}`,
    ...lossTables(phase),
    ...bandwidthTables(phase.samples ?? []),
  ].join("\n\n");
}

/** Hits of a level are a share of what came to that level. */
export function groupTable({ groups }: Phase): string {
  const active = groups.filter((one) => one.accesses > 0);
  const levels = groups[0]?.levels.map(({ level }) => level) ?? [];
  const timed = active.some(({ latency }) => latency);
  const head = ["group", "accesses", ...levels.map((level) => `L${level} hits`), "llc_occupancy", "mbm_total_bytes"];
  const rows = active.map((one) => [
    one.group,
    count(one.accesses),
    ...one.levels.map(({ accesses, misses }) => percent(accesses - misses, accesses)),
    numeric(one.llcOccupancy),
    numeric(one.mbmTotalBytes),
    ...(timed ? [nanoseconds(one.latency?.meanNs), nanoseconds(one.latency?.heldNs)] : []),
  ]);
  return table([...head, ...(timed ? ["mean latency", "held"] : [])], rows);
}

function latencyTable(latencies: NonNullable<SessionResult["latencies"]>): string {
  const rows = latencies.map((one) => [
    one.group,
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

/** A table for each kind of port at which something is regulated. */
function bandwidthTables(samples: readonly GroupSample[]): string[] {
  const ports = samples[0]?.ports ?? [];
  const kinds = [...new Set(ports.filter((one) => one.bytesPerSecond !== undefined).map(({ port }) => kindOf(port)))];
  const shown = kinds.length > 0 ? kinds : ports.slice(-1).map(({ port }) => kindOf(port));
  return shown.map((kind) => bandwidthTable(samples, kind));
}

const kindOf = (port: string) => port.replace(/ .*/, "");

function bandwidthTable(samples: readonly GroupSample[], kind: string): string {
  const at = ({ ports }: GroupSample) => ports.filter(({ port }) => kindOf(port) === kind);
  const uses = samples.map((sample) => at(sample).flatMap(({ groups }) => groups));
  const groups = [...new Set(uses.flatMap((one) => one.map(({ group }) => group)))];
  const limited = new Set(uses.flatMap((one) => one.flatMap(({ group, limit }) => (limit ? group : []))));
  const rows = samples.map((sample, i) => [
    time(sample.time),
    ...groups.flatMap((group) => {
      const own = uses[i]?.filter((one) => one.group === group) ?? [];
      const limits = own.flatMap(({ limit }) => limit ?? []);
      const { bytesPerSecond, hard } = addLimits(limits);
      // Ports without a limit let the group do what it likes.
      const limit =
        limits.length > 0 && limits.length === own.length ? `${rate(bytesPerSecond)} ${hard ? "hard" : "soft"}` : "-";
      return [rate(own.reduce((sum, one) => sum + one.bytesPerSecond, 0)), ...(limited.has(group) ? [limit] : [])];
    }),
  ]);
  const head = groups.flatMap((group) => [group, ...(limited.has(group) ? ["limit"] : [])]);
  const [first] = samples;
  const capacity = (first ? at(first) : []).reduce((sum, one) => sum + (one.bytesPerSecond ?? 0), 0);
  const most = capacity > 0 ? `, at most ${rate(capacity)}` : "";
  return `Bandwidth of ${kind === "node" ? "memory" : kind}${most}\n${table(["until", ...head], rows)}`;
}

function nanoseconds(ns: number | undefined): string {
  return ns === undefined ? "-" : time(Number(ns.toFixed(1)));
}

function numeric(text: string): string {
  return /^\d+$/.test(text) ? `${count(BigInt(text))} (${size(Number(text))})` : text;
}
