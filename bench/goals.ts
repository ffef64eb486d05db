// The goals of the clock: ratios within one run, from the table in docs/performance.md.
import type { Row } from "./harness.ts";

export interface Goal {
  readonly id: string;
  readonly case: string;
  /** Our rate over the other's, at least; where `atMost`, how many times as long as the other ours takes, at most. */
  readonly target: number;
  readonly atMost?: true;
  /** Which rows are compared: the benchmark, ours, and the one it is measured against. */
  readonly bench: string;
  readonly row: string;
  readonly ours: string;
  readonly against: string;
  /** The ratio is divided among so many workers. */
  readonly workers?: number;
}

export interface Verdict {
  readonly goal: string;
  readonly case: string;
  readonly target: number;
  readonly atMost?: true;
  /** Null when the other contestant was absent. */
  readonly value: number | null;
  /** Largest less smallest of the repetitions' ratios, over their median. */
  readonly spread: number | null;
  readonly met: boolean;
}

/** A ratio within one run holds to about a tenth, so a goal counts as met a little short of it. */
const MET_AT = 0.95;

export const OURS = "ours";
/** One of several contestants that are ours. */
export const ours = (which: string) => `${OURS}, ${which}`;
export const OURS_GENERAL = ours("general");
export const C_BULK = "C bulk, no overflow checks";
export const C_EXACT = "C exact, per record";
export const C_PLAIN = "C plain";
export const C_VECTORS = "C vectors";
export const JS_PLAIN = "JavaScript plain";
export const OURS_ONE = ours("1 armed");
export const OURS_MANY = ours("4096 armed");
export const NODE = "node -e 0";
export const REPLAY = "mpam replay";
export const UNIT = "a unit of a sweep";
export const UNITS_BY_TWO = "units by two workers";
export const LONE = "a replay by itself, its traces open";

function accounting(id: string, target: number, row: string, against: string): Goal {
  return { id, case: row, target, bench: "accounting", row, ours: OURS, against };
}

function cache(id: string, target: number, row: string, against: string): Goal {
  return { id, case: row, target, bench: "cache", row, ours: OURS, against };
}

function general(target: number, row: string): Goal {
  return { id: "B3", case: row, target, bench: "general", row, ours: OURS_GENERAL, against: C_PLAIN };
}

function platform(row: string): Goal {
  return { id: "B4", case: row, target: 3, bench: "platform", row, ours: OURS, against: C_PLAIN };
}

function registers(id: string, target: number, row: string, against: string): Goal {
  return { id, case: row, target, bench: "registers", row, ours: OURS, against };
}

function reading(target: number, row: string): Goal {
  const bench = "reading";
  return { id: "E1", case: row, target, bench, row, ours: ours("packed file"), against: ours("columns in memory") };
}

function growth(target: number, row: string, grown: string, before: string): Goal {
  return { id: "E2", case: row, target, bench: "growth", row, ours: ours(grown), against: ours(before) };
}

function sweep(row: string): Goal {
  return { id: "F1", case: row, target: 0.9, bench: "sweep", row, ours: ours(UNIT), against: LONE };
}

function twoWorkers(row: string): Goal {
  return { ...sweep(row), id: "F2", ours: ours(UNITS_BY_TWO), against: ours(UNIT), workers: 2 };
}

export const GOALS: readonly Goal[] = [
  accounting("A1", 0.95, "L2", C_BULK),
  accounting("A1", 0.95, "DRAM", C_BULK),
  accounting("A2", 1.25, "L2", C_EXACT),
  accounting("A2", 1.25, "DRAM", C_EXACT),
  { id: "A3", case: "L2", target: 0.95, bench: "armed", row: "L2", ours: OURS_MANY, against: OURS_ONE },
  { id: "A3", case: "DRAM", target: 0.95, bench: "armed", row: "DRAM", ours: OURS_MANY, against: OURS_ONE },
  cache("B1", 6, "hit95", C_PLAIN),
  cache("B1", 4.5, "zipf", C_PLAIN),
  cache("B1", 7, "uniform", C_PLAIN),
  cache("B2", 0.85, "hit95", C_VECTORS),
  cache("B2", 0.85, "zipf", C_VECTORS),
  cache("B2", 0.75, "uniform", C_VECTORS),
  general(2.4, "hit95"),
  general(2.3, "zipf"),
  general(3.6, "uniform"),
  platform("open"),
  platform("closed"),
  registers("C1", 0.9, "batched", C_PLAIN),
  registers("C2", 0.75, "driver", JS_PLAIN),
  registers("C2", 1, "random", JS_PLAIN),
  {
    id: "D1",
    case: "open",
    target: 0.9,
    bench: "workers",
    row: "open",
    ours: ours("2 workers"),
    against: ours("1 worker"),
    workers: 2,
  },
  reading(0.85, "zipf"),
  reading(0.85, "hit95"),
  reading(0.75, "accounting"),
  growth(0.95, "records", "1 G records", "1 M records"),
  growth(0.8, "slices", "64 slices", "1 slice"),
  growth(0.8, "PARTIDs", "65,536 PARTIDs", "16 PARTIDs"),
  sweep("one-socket"),
  sweep("private-l2"),
  twoWorkers("one-socket, workers"),
  twoWorkers("private-l2, workers"),
  {
    id: "S1",
    case: "small trace",
    target: 5,
    atMost: true,
    bench: "startup",
    row: "small trace",
    ours: REPLAY,
    against: NODE,
  },
];

/**
 * Judges one goal by the rows of its benchmark. A row's ratio is the first contestant's rate over its own: ours comes first and
 * the other's ratio is the value; where `atMost`, the other comes first and ours is.
 */
export function judge(goal: Goal, rows: readonly Row[]): Verdict {
  const contestant = goal.atMost ? goal.ours : goal.against;
  const row = rows.find((r) => r.bench === goal.bench && r.case === goal.row && r.contestant === contestant);
  const ratio = row?.ratio ?? null;
  const value = ratio === null ? null : ratio / (goal.workers ?? 1);
  return {
    goal: goal.id,
    case: goal.case,
    target: goal.target,
    ...(goal.atMost ? { atMost: true } : {}),
    value,
    spread: value === null ? null : (row?.spread ?? null),
    met: value !== null && (goal.atMost ? value * MET_AT <= goal.target : value >= goal.target * MET_AT),
  };
}
