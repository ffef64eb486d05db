/** Makes a failing sequence of a memory system short: fewer steps and records, then a simpler system, in bounded time. */
import type { MemoryConfig, MemoryRecord } from "../../helpers/memory-subject.ts";
import { hasLegalMscs } from "./legal.ts";
import type { MemoryOperation } from "./operations.ts";
import { type MemoryContestant, type MemoryFailure, memoryTrial } from "./search.ts";

type Attempt = (config: MemoryConfig, operations: readonly MemoryOperation[]) => Promise<boolean>;

/** The shortest found by `deadline` (of performance.now) that fails in the same manner with the same contestant. */
export async function shrink(
  contestants: readonly MemoryContestant[],
  failure: MemoryFailure,
  deadline: number,
): Promise<{ readonly failure: MemoryFailure; readonly trials: number }> {
  const { what, subject } = failure.finding;
  // Only the two that disagree.
  const two = contestants.filter((_, i) => i === 0 || i === subject);
  let best = failure;
  let trials = 0;
  const attempt: Attempt = async (config, operations) => {
    if (performance.now() >= deadline) return false;
    trials += 1;
    const found = await memoryTrial(two, config, (done) => operations[done]);
    if (found?.what !== what || found.subject > 0 !== subject > 0) return false;
    best = { config, operations: operations.slice(0, found.operation + 1), finding: { ...found, subject } };
    return true;
  };
  for (let better = true; better && performance.now() < deadline; ) {
    better = await dropSteps(() => best, attempt);
    better = (await dropRecords(() => best, attempt)) || better;
    better = (await simplify(() => best, attempt)) || better;
  }
  return { failure: best, trials };
}

/** Chunks of half the length, of half of that, and so on, from the end. */
async function dropSteps(best: () => MemoryFailure, attempt: Attempt): Promise<boolean> {
  let better = false;
  for (let size = best().operations.length >> 1; size >= 1; size >>= 1) {
    for (let end = best().operations.length; end > 0; ) {
      const from = Math.max(0, end - size);
      const { config, operations } = best();
      if (await attempt(config, operations.toSpliced(from, end - from))) better = true;
      end = Math.min(from, best().operations.length);
    }
  }
  return better;
}

/** Fewer records or writes; undefined where there are none from there on. */
function without(operation: MemoryOperation | undefined, from: number, size: number): MemoryOperation | undefined {
  if (operation?.do === "write" && from < operation.writes.length) {
    return { ...operation, writes: operation.writes.toSpliced(from, size) };
  }
  if (operation !== undefined && "records" in operation && from < operation.records.length) {
    return { ...operation, records: operation.records.toSpliced(from, size) };
  }
  return undefined;
}

async function dropRecords(best: () => MemoryFailure, attempt: Attempt): Promise<boolean> {
  let better = false;
  for (let i = best().operations.length - 1; i >= 0; i--) {
    for (let size = 1024; size >= 1; size >>= 1) {
      for (let from = 0; ; ) {
        const { config, operations } = best();
        const shorter = without(operations[i], from, size);
        if (shorter === undefined) break;
        if (await attempt(config, operations.with(i, shorter))) better = true;
        else from += size;
      }
    }
    for (const change of [plainOp, fullBytes]) {
      const { config, operations } = best();
      const one = operations[i];
      if (one === undefined || !("records" in one)) break;
      const records = one.records.map((record) => change(record, config));
      if (JSON.stringify(records) === JSON.stringify(one.records)) continue;
      if (await attempt(config, operations.with(i, { ...one, records }))) better = true;
    }
  }
  return better;
}

function plainOp(record: MemoryRecord): MemoryRecord {
  return { ...record, op: 0 };
}

function fullBytes(record: MemoryRecord, { lineBytes }: MemoryConfig): MemoryRecord {
  return { ...record, bytes: Math.min(64, lineBytes) };
}

type Path = readonly (string | number)[];

/** Keys that a system cannot do without; those of an MSC or instance that are not here have defaults. */
const NEEDED: ReadonlySet<string> = new Set(
  (
    "cpus lineBytes pageBytes quantumNs outstanding seed numa caches nodes requesters level sets ways slices policy inclusive " +
    "relabelOnWriteHit mbwu latencyNs bytes channels bytesPerSecond msc version nrdyUsec spaces ns partidMax pmgMax ris cpbmWd " +
    "cmaxWd bwaWd monitors counter intPartidMax nfu"
  ).split(" "),
);

/** The simplest first. */
const SIMPLER: Readonly<Record<string, readonly unknown[]>> = {
  policy: ["lru"],
  inclusive: [false],
  relabelOnWriteHit: [false],
  mbwu: ["downstream"],
  numa: ["interleave"],
  version: ["1.1"],
  lineBytes: [64],
  outstanding: [64],
  latencyNs: [0],
  sets: [1, 2],
  ways: [1, 2],
  nrdyUsec: [0],
};

/** Simpler in one place; the numbers of MSCs, slices and channels stay. */
async function simplify(best: () => MemoryFailure, attempt: Attempt): Promise<boolean> {
  let better = false;
  for (const path of pathsOf(best().config)) {
    const key = path.at(-1);
    // A cache has a key of the name too.
    const isMonitor = key === "mbwu" && path.includes("msc");
    const removable = typeof key === "string" && (!NEEDED.has(key) || isMonitor);
    const changes: unknown[] = removable ? [undefined] : [];
    if (typeof key === "string") changes.push(...(SIMPLER[key] ?? []));
    if (typeof key === "number" && path.at(-2) === "ris") changes.push(undefined);
    for (const change of changes) {
      const { config, operations } = best();
      const next = changed(config, path, change);
      // What comes after the value that is there, or after one that will do, is not as simple.
      if (next === undefined) break;
      if (!hasLegalMscs(next) || !(await attempt(next, operations))) continue;
      better = true;
      break;
    }
  }
  return better;
}

/** The larger parts first. */
function pathsOf(config: MemoryConfig): Path[] {
  const paths: Path[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (path.length > 0) paths.push(path);
    if (Array.isArray(value)) for (const [i, one] of value.entries()) visit(one, [...path, i]);
    else if (typeof value === "object" && value !== null) {
      for (const [key, one] of Object.entries(value)) visit(one, [...path, key]);
    }
  };
  visit(config, []);
  return paths.sort((a, b) => a.length - b.length);
}

/** A copy with another value there, or with nothing; undefined where that is no change. */
function changed(config: MemoryConfig, path: Path, to: unknown): MemoryConfig | undefined {
  const copy = structuredClone(config);
  let parent: unknown = copy;
  for (const step of path.slice(0, -1)) {
    parent =
      typeof parent === "object" && parent !== null ? (parent as Record<string | number, unknown>)[step] : undefined;
  }
  const key = path.at(-1);
  if (typeof parent !== "object" || parent === null || key === undefined || !(key in parent)) return undefined;
  const node = parent as Record<string | number, unknown>;
  if (typeof node[key] === typeof to && (node[key] === to || typeof to === "object")) return undefined;
  if (to !== undefined) node[key] = to;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete node[key];
  return copy;
}
