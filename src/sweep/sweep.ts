// A sweep that has been run: its plan in short and what every unit came to, in the order of the plan. What answers are made of,
// and what `sweep.json` holds: the same bytes whoever ran the units.

import type { Goal } from "./plan/plan.ts";
import type { UnitResult } from "./result.ts";
import type { Place, Schemata } from "./unit.ts";

export const SWEEP_FORMAT = "mpam-sweep";
export const SWEEP_VERSION = 1;

/** What a replay of the plan came to; of one that was split, its parts together. */
export interface Swept {
  readonly place: Place;
  /** Names of the units: one, or one of each part. */
  readonly units: readonly string[];
  /** What was asked for. */
  readonly schemata: Schemata;
  /** Its parts were not independent. */
  readonly approximate?: true;
  readonly result?: Pick<UnitResult, "records" | "ns" | "groups" | "schemata">;
  /** In place of a result: why it cannot be run. One line. */
  readonly failed?: string;
  /** In place of a result: why nobody found out. One line. */
  readonly lost?: string;
}

export interface SweptWorkload {
  readonly name: string;
  /** Names without folders, and hashes. */
  readonly traces: readonly { readonly name: string; readonly sha256?: string }[];
  readonly group: readonly string[];
}

export interface SweptPlatform {
  readonly name: string;
  readonly description: string;
  /** Of each cache that can be divided, under its word in a schemata file, such as L3: how many portions, and bytes of one cache. */
  readonly portions: Readonly<
    Record<string, { readonly count: number; readonly bytes: number; readonly level: number }>
  >;
}

/** A sweep that has been run, as plain data. */
export interface Sweep {
  readonly format: typeof SWEEP_FORMAT;
  readonly version: typeof SWEEP_VERSION;
  readonly tool: string;
  readonly title: string;
  readonly timing: "open" | "closed";
  readonly goals: readonly Goal[];
  readonly workloads: readonly SweptWorkload[];
  readonly platforms: readonly SweptPlatform[];
  readonly swept: readonly Swept[];
}
