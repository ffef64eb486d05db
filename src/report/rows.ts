// A run in long form: a row for each sample, group, place and measure, which is what CSV and Arrow files have.

import { REASONS } from "./counts.ts";
import type { Run } from "./run.ts";

export interface RunRow {
  /** The sample, ns. */
  readonly from: number;
  readonly to: number;
  readonly group: string;
  /** A level, `L3`; a port, `node 0.1`; or nothing, for the whole. */
  readonly place: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
}

export function* rowsOf(run: Run): Generator<RunRow> {
  for (const [sample, to] of run.samples.entries()) {
    const from = run.samples[sample - 1] ?? run.from;
    for (const series of run.groups) {
      const { group, levels, ports, latency } = series;
      const row = (place: string, measure: string, value: number | null | undefined, unit: string): RunRow[] =>
        value === null || value === undefined ? [] : [{ from, to, group, place, measure, value, unit }];
      for (const { level, bytesHeld, accesses, misses, lost } of levels) {
        yield* row(`L${level}`, "bytes_held", bytesHeld[sample], "bytes");
        yield* row(`L${level}`, "accesses", accesses[sample], "requests");
        yield* row(`L${level}`, "misses", misses[sample], "requests");
        for (const reason of lost ? REASONS : []) {
          yield* row(`L${level}`, LOST_NAMES[reason], lost?.[reason][sample], "lines");
        }
      }
      for (const { port, bytes } of ports) yield* row(port, "bytes_moved", bytes[sample], "bytes");
      if (latency) {
        yield* row("", "requests", latency.requests[sample], "requests");
        yield* row("", "latency_sum", latency.sumNs[sample], "ns");
        yield* row("", "latency_held", latency.heldNs[sample], "ns");
        yield* row("", "latency_p95", latency.p95Ns[sample], "ns");
      }
    }
    const phase = run.phases.find((one) => one.from <= from && to <= one.to);
    for (const { group, port, bytesPerSecond, hard } of phase?.limits ?? []) {
      const measure = hard ? "limit_hard" : "limit_soft";
      yield { from, to, group, place: port, measure, value: bytesPerSecond, unit: "bytes/s" };
    }
  }
}

const LOST_NAMES: { readonly [reason in (typeof REASONS)[number]]: string } = {
  other: "lost_to_others",
  ownPortion: "lost_to_itself",
  ownLimit: "lost_at_limit",
  disabled: "lost_disabled",
  inclusion: "lost_by_inclusion",
};
