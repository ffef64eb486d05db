// A race: contestants take turns in one run, must agree on every checksum, and are judged by ratios of the same turn.
import { performance } from "node:perf_hooks";

export interface Turn {
  readonly nanoseconds: number;
  readonly checksum: string;
}

export interface Contestant {
  readonly name: string;
  /** What one turn does, in operations, where it is not what the race says. */
  readonly operations?: number;
  /** What it does, where contestants do not all do the same: those of one work must agree on their checksums. */
  readonly work?: string;
  /** The process that does it; absent: this one. */
  readonly pid?: number;
  /** One repetition. State goes on from turn to turn, alike for all. */
  run(): Turn | Promise<Turn>;
  close?(): void | Promise<void>;
}

export interface RaceOptions {
  readonly bench: string;
  readonly case: string;
  /** What one turn does, in operations. */
  readonly operations: number;
  /** Closed at the end. */
  readonly contestants: readonly Contestant[];
  /** Measured turns of each contestant, at least MIN_REPETITIONS. */
  readonly repetitions: number;
  /** Turns that come first and are not counted. */
  readonly warmUpTurns?: number;
}

export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly contestant: string;
  /** Median, in `unit`. */
  readonly rate: number;
  readonly unit: "M/s" | "k/s" | "GB/s" | "runs/s";
  /** Rate of the first contestant over this one's, the median of the turns' own ratios; null where nothing is compared. */
  readonly ratio: number | null;
  /** Largest less smallest of the turns' ratios, over the median; of the turns' rates where nothing is compared. */
  readonly spread: number;
  readonly checksum: string;
}

export const MIN_REPETITIONS = 5;
export const DEFAULT_REPETITIONS = 9;
export const WARM_UP_TURNS = 2;

/** The run is void: contestants did not do the same work. */
export class ChecksumError extends Error {
  override readonly name = "ChecksumError";
}

export async function race(options: RaceOptions): Promise<Row[]> {
  const { contestants, repetitions, warmUpTurns = WARM_UP_TURNS } = options;
  const where = `${options.bench}/${options.case}`;
  if (repetitions < MIN_REPETITIONS) {
    throw new RangeError(`${where}: ${repetitions} repetitions; at least ${MIN_REPETITIONS} make a median`);
  }
  /** Nanoseconds of an operation, by contestant and turn. */
  const times: number[][] = contestants.map(() => []);
  let last: Turn[] = [];
  try {
    for (let turn = 0; turn < warmUpTurns + repetitions; turn++) {
      last = [];
      for (const c of contestants) last.push(await c.run());
      refuseDifferent(where, turn, contestants, last);
      if (turn < warmUpTurns) continue;
      for (const [i, t] of last.entries()) {
        times[i]?.push(t.nanoseconds / (contestants[i]?.operations ?? options.operations));
      }
    }
  } finally {
    await closeAll(contestants);
  }
  const first = times[0] ?? [];
  return contestants.map((c, i) => {
    const own = times[i] ?? [];
    const ratios = own.map((ns, turn) => ns / (first[turn] ?? Number.NaN));
    return {
      bench: options.bench,
      case: options.case,
      contestant: c.name,
      rate: median(own.map((ns) => 1000 / ns)),
      unit: "M/s",
      ratio: median(ratios),
      spread: i === 0 ? spread(own) : spread(ratios),
      checksum: last[i]?.checksum ?? "",
    };
  });
}

function refuseDifferent(
  where: string,
  turn: number,
  contestants: readonly Contestant[],
  turns: readonly Turn[],
): void {
  const first = new Map<string | undefined, string>();
  let same = true;
  for (const [i, { checksum }] of turns.entries()) {
    const work = contestants[i]?.work;
    if (!first.has(work)) first.set(work, checksum);
    else if (first.get(work) !== checksum) same = false;
  }
  if (same) return;
  const said = turns.map((t, i) => `${contestants[i]?.name} ${t.checksum}`).join(", ");
  throw new ChecksumError(`${where}: turn ${turn}: checksums differ, so the run is void: ${said}`);
}

export async function closeAll(contestants: readonly Contestant[]): Promise<void> {
  for (const c of contestants) await c.close?.();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** Times one piece of work on this thread. */
export function timed(work: () => void, checksum: () => string): Turn {
  const start = performance.now();
  work();
  const nanoseconds = (performance.now() - start) * 1e6;
  return { nanoseconds, checksum: checksum() };
}
