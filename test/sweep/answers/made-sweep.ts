// Sweeps made of formulas, so that what is best of them is known before anything computes it.

import type { Goal } from "../../../src/sweep/plan/plan.ts";
import type { GroupResult } from "../../../src/sweep/result.ts";
import { SWEEP_FORMAT, SWEEP_VERSION, type Sweep, type Swept } from "../../../src/sweep/sweep.ts";
import type { Place, Schemata } from "../../../src/sweep/unit.ts";

export type Result = NonNullable<Swept["result"]>;

export interface MadeConfiguration {
  readonly configuration: string;
  readonly settings?: Place["settings"];
  readonly schemata: Schemata;
}

export interface Making {
  readonly title?: string;
  readonly timing?: "open" | "closed";
  readonly goals: readonly Goal[];
  readonly workloads?: readonly string[];
  readonly platforms?: readonly string[];
  readonly configurations: readonly MadeConfiguration[];
  readonly seeds?: readonly number[];
  /** A text: why it failed. */
  result(place: Place, schemata: Schemata): Result | string;
}

export const PORTIONS = 16;
/** Of one cache, bytes. */
export const CACHE = 1 << 20;

export function makeSweep(making: Making): Sweep {
  const { goals, workloads = ["a pair"], platforms = ["plain"], configurations, seeds = [undefined] } = making;
  const swept = platforms.flatMap((platform) =>
    workloads.flatMap((workload) =>
      configurations.flatMap(({ configuration, settings = {}, schemata }) =>
        seeds.map((seed): Swept => {
          const place = { workload, platform, configuration, settings, ...(seed === undefined ? {} : { seed }) };
          const result = making.result(place, schemata);
          const units = [`unit of ${JSON.stringify(place)}`];
          return { place, units, schemata, ...(typeof result === "string" ? { failed: result } : { result }) };
        }),
      ),
    ),
  );
  return {
    format: SWEEP_FORMAT,
    version: SWEEP_VERSION,
    tool: "mpam-emulator 1.2.3",
    title: making.title ?? "who gets the cache",
    timing: making.timing ?? "open",
    goals,
    workloads: workloads.map((name) => ({
      name,
      traces: [{ name: `${name}.arrow`, sha256: "ab".repeat(32) }, { name: "synth:stream,ws=8M" }],
      group: ["polite=trace:1", "greedy=trace:2"],
    })),
    platforms: platforms.map((name) => ({
      name,
      description: `the platform ${name}`,
      portions: { L3: { count: PORTIONS, bytes: CACHE, level: 3 } },
    })),
    swept,
  };
}

export interface MadeGroup {
  readonly accesses?: number;
  readonly misses?: number;
  readonly occupancy?: number | string;
  readonly traffic?: number | string;
  readonly latency?: GroupResult["latency"];
}

export function group(name: string, made: MadeGroup = {}): GroupResult {
  const { accesses = 0, misses = 0, occupancy = 0, traffic = 0, latency } = made;
  return {
    group: name,
    accesses: 2 * accesses,
    misses,
    levels: [
      { level: 2, accesses: 2 * accesses, misses: accesses },
      { level: 3, accesses, misses },
    ],
    llcOccupancy: String(occupancy),
    mbmTotalBytes: String(traffic),
    ...(latency ? { latency } : {}),
  };
}

export const result = (groups: readonly GroupResult[], schemata: Result["schemata"] = {}): Result => ({
  records: 1000,
  ns: 1_000_000,
  groups,
  schemata,
});

/** The k lowest portions and the rest, as masks. */
export const lower = (k: number): string => (2 ** k - 1).toString(16);
export const upper = (k: number): string => (2 ** PORTIONS - 2 ** k).toString(16);

/** What a schemata file shows of an L3 with two domains. */
export const shownL3 = (mask: string): string =>
  `    MB:0=100\n    L3:0=${mask.padStart(4, "0")};1=${mask.padStart(4, "0")}\n`;

export const HIT_RATE: Goal = { want: "highest", measure: "hit rate", of: "polite", level: 3 };
export const BANDWIDTH: Goal = { want: "highest", measure: "bandwidth", of: "greedy" };

/** Every way to cut 16 portions in two, as a plan would name them. */
export const splits: readonly MadeConfiguration[] = Array.from({ length: PORTIONS - 1 }, (_, index) => {
  const k = index + 1;
  return {
    configuration: "cut in two",
    settings: { "L3 of polite": k },
    schemata: { polite: [`L3:0=${lower(k)};1=${lower(k)}`], greedy: [`L3:0=${upper(k)};1=${upper(k)}`] },
  };
});

export const nothingSet: MadeConfiguration = { configuration: "nothing set", schemata: {} };

/**
 * The more portions polite has, the more it hits: k of 16 of its requests. Greedy moves (16 - k) GB/s. So each split is as good as
 * any other, and the middle is the knee. With nothing set both have half of what is worst for them.
 */
export function pair(place: Place, schemata: Schemata): Result {
  const k = Number(place.settings["L3 of polite"] ?? 0.5);
  const moved = k === 0.5 ? 0.5 : PORTIONS - k;
  const shown = Object.entries(schemata).map(([name]) => [name, shownL3(name === "polite" ? lower(k) : upper(k))]);
  return result(
    [
      group("/"),
      group("polite", { accesses: 16_000, misses: 1000 * (PORTIONS - k), occupancy: k * 65_536, traffic: 64_000 }),
      group("greedy", { accesses: 32_000, misses: 32_000, occupancy: (PORTIONS - k) * 65_536, traffic: moved * 1e6 }),
    ],
    Object.fromEntries(shown),
  );
}

export const pairSweep = (also: Partial<Making> = {}): Sweep =>
  makeSweep({ goals: [HIT_RATE, BANDWIDTH], configurations: [nothingSet, ...splits], result: pair, ...also });
