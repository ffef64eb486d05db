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
  readonly measure: Measure;
  readonly value: number;
  readonly unit: string;
}

export const MEASURES = {
  bytes_held: { unit: "bytes", place: "level", meaning: "held at the end of the sample" },
  accesses: { unit: "requests", place: "level", meaning: "that came there" },
  misses: { unit: "requests", place: "level", meaning: "that did not find their line there" },
  lost_to_others: { unit: "lines", place: "level", meaning: "another PARTID took the place" },
  lost_to_itself: { unit: "lines", place: "level", meaning: "a request of its own PARTID needed the place" },
  lost_at_limit: {
    unit: "lines",
    place: "level",
    meaning: "a request of its own PARTID was at its CMAX or CASSOC limit",
  },
  lost_disabled: { unit: "lines", place: "level", meaning: "its PARTID was disabled" },
  lost_by_inclusion: { unit: "lines", place: "level", meaning: "an inclusive cache below lost the line" },
  bytes_moved: { unit: "bytes", place: "port", meaning: "read and written" },
  requests: { unit: "requests", place: "whole", meaning: "that ended; closed timing" },
  latency_sum: { unit: "ns", place: "whole", meaning: "of all requests together" },
  latency_held: { unit: "ns", place: "whole", meaning: "time that limits and full ports held them" },
  latency_p95: { unit: "ns", place: "whole", meaning: "exact to an eighth; no row without requests" },
  limit_soft: { unit: "bytes/s", place: "port", meaning: "that a group may exceed where there is bandwidth to spare" },
  limit_hard: { unit: "bytes/s", place: "port", meaning: "that it may not exceed" },
} as const;

export type Measure = keyof typeof MEASURES;

export function* rowsOf(run: Run): Generator<RunRow> {
  for (const [sample, to] of run.samples.entries()) {
    const from = run.samples[sample - 1] ?? run.from;
    for (const series of run.groups) {
      const { group, levels, ports, latency } = series;
      const row = (place: string, measure: Measure, value: number | null | undefined): RunRow[] =>
        value === null || value === undefined ? [] : [{ from, to, group, place, measure, value, ...unitOf(measure) }];
      for (const { level, bytesHeld, accesses, misses, lost } of levels) {
        yield* row(`L${level}`, "bytes_held", bytesHeld[sample]);
        yield* row(`L${level}`, "accesses", accesses[sample]);
        yield* row(`L${level}`, "misses", misses[sample]);
        for (const reason of lost ? REASONS : []) {
          yield* row(`L${level}`, LOST_NAMES[reason], lost?.[reason][sample]);
        }
      }
      for (const { port, bytes } of ports) yield* row(port, "bytes_moved", bytes[sample]);
      if (latency) {
        yield* row("", "requests", latency.requests[sample]);
        yield* row("", "latency_sum", latency.sumNs[sample]);
        yield* row("", "latency_held", latency.heldNs[sample]);
        yield* row("", "latency_p95", latency.p95Ns[sample]);
      }
    }
    const phase = run.phases.find((one) => one.from <= from && to <= one.to);
    for (const { group, port, bytesPerSecond, hard } of phase?.limits ?? []) {
      const measure = hard ? "limit_hard" : "limit_soft";
      yield { from, to, group, place: port, measure, value: bytesPerSecond, ...unitOf(measure) };
    }
  }
}

const unitOf = (measure: Measure) => ({ unit: MEASURES[measure].unit });

const LOST_NAMES: { readonly [reason in (typeof REASONS)[number]]: Measure } = {
  other: "lost_to_others",
  ownPortion: "lost_to_itself",
  ownLimit: "lost_at_limit",
  disabled: "lost_disabled",
  inclusion: "lost_by_inclusion",
};
