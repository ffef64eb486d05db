// A plan: what a sweep is to compare, as its file says it (docs/sweeps.md). What the platforms make of it is expand.ts's.

import type { Path } from "../../written/index.ts";
import type { Replaying, Schemata } from "../unit.ts";

/** Traces that are replayed together. */
export interface Workload {
  readonly name: string;
  /** As for `mpam replay`, paths from the plan's folder. */
  readonly traces: readonly string[];
  readonly group: readonly string[];
}

/** A setting that takes several values. */
export type Axis =
  /** Every way to cut the portions of a cache in two: the first group gets the lower ones. */
  | { readonly kind: "split"; readonly resource: string; readonly between: readonly [string, string] }
  /** So many portions for a group, from the lowest or the highest on. */
  | {
      readonly kind: "portions";
      readonly resource: string;
      readonly of: string;
      readonly range: Range;
      readonly from: "low" | "high";
    }
  /** A number for a group, such as percent of MB. */
  | { readonly kind: "value"; readonly resource: string; readonly of: string; readonly range: Range }
  /** One of these. */
  | { readonly kind: "choice"; readonly name: string; readonly choices: readonly Choice[] };

/** A named piece of a configuration. */
export interface Choice {
  readonly name: string;
  readonly schemata: Schemata;
}

/** Values as listed, or from `min` to `max`; what is absent is the platform's own least or most. */
export type Range =
  | { readonly values: readonly number[] }
  | { readonly min?: number; readonly max?: number; readonly step?: number };

/** Configurations that differ in their axes: all combinations. Without axes it is one. */
export interface Family {
  readonly name: string;
  readonly schemata: Schemata;
  readonly vary: readonly Axis[];
}

/** What is measured of a unit. */
export const MEASURES = [
  "hit rate",
  "miss rate",
  "misses",
  "accesses",
  "occupancy",
  "traffic",
  "bandwidth",
  "latency",
  "held",
] as const;
export type Measure = (typeof MEASURES)[number];

/** How far a goal may go: one of `value` and `percentOfUnset` is there. */
export interface Limit {
  readonly is: "atMost" | "atLeast";
  /** Shares of 1, bytes, bytes/s, ns, requests. */
  readonly value?: number;
  /** Of what the configuration that sets nothing has: the same workload on the same platform, with the same seeds and layouts. */
  readonly percentOfUnset?: number;
}

/** What a good configuration has much or little of. */
export interface Goal {
  readonly want: "highest" | "lowest";
  readonly measure: Measure;
  /** A group, or "all". */
  readonly of: string;
  /** Of hits, misses and accesses: a level of caches; absent: the last one. */
  readonly level?: number;
  /** What misses it is not among the good ones, however good it is otherwise. */
  readonly limit?: Limit;
}

export interface Plan {
  /** Its path; what it names lies beside it. */
  readonly file: string;
  /** Where something stands in it, as its keys lead there; line 0 where it came from an object. */
  place(path: Path, part?: "key" | "value"): { readonly line: number; readonly column: number };
  readonly title: string;
  readonly workloads: readonly Workload[];
  /** Names of platforms that come with the package, paths from the plan's folder, or objects. */
  readonly platforms: readonly (string | object)[];
  /** As it stands there: the text of a label map and the lines of a script come with expansion. */
  readonly replaying: Omit<Replaying, "group" | "labels" | "script">;
  /** Paths from the plan's folder. */
  readonly labels?: string;
  readonly script?: string;
  /** Script lines, before those of the script. */
  readonly do: readonly string[];
  readonly families: readonly Family[];
  /** Of random replacement: each unit on a platform that has it is repeated with these. */
  readonly seeds: readonly number[];
  /** Of the pages. */
  readonly layouts: readonly number[];
  /** Into how many parts each replay is split; 1: not at all. */
  readonly parts: number;
  readonly goals: readonly Goal[];
}
