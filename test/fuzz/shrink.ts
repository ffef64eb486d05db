/** Makes a failing sequence short: fewer operations, then a simpler part, then simpler values, in bounded time. */
import type { Space, SubjectConfig, SubjectRecord } from "../helpers/subject.ts";
import { isLegal } from "./legal.ts";
import type { Operation } from "./operations.ts";
import { registerAt } from "./registers.ts";
import { type Contestant, type Finding, repeat } from "./trial.ts";

export interface Failure {
  readonly config: SubjectConfig;
  /** The last one is where it fails. */
  readonly operations: readonly Operation[];
  readonly finding: Finding;
}

/** Keys that a configuration cannot do without; the others have defaults. */
const NEEDED: ReadonlySet<string> = new Set([
  "kind",
  "sets",
  "ways",
  "version",
  "iidr",
  "nrdyUsec",
  "ns",
  "ris",
  "processor",
  "partidMax",
  "pmgMax",
  "idr",
  "cpbmWd",
  "cmaxWd",
  "bwaWd",
  "monitors",
  "counter",
  "intPartidMax",
  "nfu",
]);

/**
 * The shortest failure found by `deadline` (of performance.now). It stays of the same sort and of the same contestant; whether it is the same
 * mistake nobody can tell.
 */
export async function shrink(
  contestants: readonly Contestant[],
  failure: Failure,
  deadline: number,
): Promise<{ readonly failure: Failure; readonly trials: number }> {
  const { what, subject } = failure.finding;
  // Only the two that disagree: half of the time is spent on making subjects.
  const two = contestants.filter((_, i) => i === 0 || i === subject);
  let best = failure;
  let trials = 0;
  const late = () => performance.now() >= deadline;

  /** Takes the candidate if it still fails. */
  const attempt = async (config: SubjectConfig, operations: readonly Operation[]): Promise<boolean> => {
    if (late()) return false;
    trials++;
    const found = await repeat(two, config, operations);
    if (found?.what !== what || found.subject > 0 !== subject > 0) return false;
    best = { config, operations: operations.slice(0, found.operation + 1), finding: { ...found, subject } };
    return true;
  };

  // What was rarely asked may have been wrong for long: ask after all traffic, and keep that if it fails earlier.
  const last = failure.operations.at(-1);
  if (last) {
    await attempt(
      failure.config,
      failure.operations.flatMap((operation) => withQuestion(operation, last)),
    );
    if (best.operations.length >= failure.operations.length) best = failure;
  }

  // Coarse first: what is left is tried faster, with a simpler part too.
  await dropKinds(() => best, attempt);
  await dropOperations(() => best, attempt, best.operations.length >> 5);
  for (let better = true; better && !late(); ) {
    better = await dropKinds(() => best, attempt);
    better = (await simplifyConfig(() => best, attempt)) || better;
    better = (await dropOperations(() => best, attempt, 1)) || better;
    better = (await simplifyTogether(() => best, attempt)) || better;
    better = (await simplifyOperations(() => best, attempt)) || better;
  }
  return { failure: best, trials };
}

function withQuestion(operation: Operation, question: Operation): Operation[] {
  return operation.do === "run" ? [operation, question] : [operation];
}

type Attempt = (config: SubjectConfig, operations: readonly Operation[]) => Promise<boolean>;

/** All of one sort at once, the large sorts first: a failure that takes long to build up needs most of few sorts. */
async function dropKinds(best: () => Failure, attempt: Attempt): Promise<boolean> {
  const sizes = new Map<string, number>();
  for (const operation of best().operations) {
    for (const kind of kindsOf(operation)) sizes.set(kind, (sizes.get(kind) ?? 0) + 1);
  }
  let better = false;
  for (const [kind] of [...sizes].filter(([, size]) => size > 1).sort((a, b) => b[1] - a[1])) {
    const { config, operations } = best();
    const last = operations.length - 1;
    const rest = operations.filter((operation, i) => i === last || !kindsOf(operation).includes(kind));
    if (rest.length < operations.length) better = (await attempt(config, rest)) || better;
  }
  return better;
}

function kindsOf(operation: Operation): string[] {
  if (!("offset" in operation)) return [operation.do];
  const register = registerAt(operation.offset)?.register.name ?? "reserved";
  return ["access", operation.do, `bank ${operation.space}`, register, `${operation.do} ${register}`];
}

/** Chunks of half the length, and of half of that, down to `least`. */
async function dropOperations(best: () => Failure, attempt: Attempt, least: number): Promise<boolean> {
  let better = false;
  for (let size = best().operations.length >> 1; size >= Math.max(1, least); size >>= 1) {
    // From the end, because what is far back matters least and `best` is cut behind the failure.
    for (let end = best().operations.length - 1; end > 0; ) {
      const { config, operations } = best();
      const from = Math.max(0, end - size);
      const without = [...operations.slice(0, from), ...operations.slice(end)];
      if (await attempt(config, without)) {
        better = true;
        end = Math.min(from, best().operations.length - 1);
      } else end = from;
    }
  }
  return better;
}

async function simplifyConfig(best: () => Failure, attempt: Attempt): Promise<boolean> {
  let better = false;
  for (let again = true; again; ) {
    again = false;
    for (const candidate of simplerConfigs(best().config)) {
      const { config, operations } = best();
      // A change that an earlier one has overtaken is drawn again in the next round.
      const next = candidate(config);
      if (next === undefined || !isLegal(next)) continue;
      if (
        await attempt(
          next,
          operations.filter((operation) => fits(operation, next)),
        )
      ) {
        again = true;
        better = true;
      }
    }
  }
  return better;
}

function fits(operation: Operation, { spaces }: SubjectConfig): boolean {
  return !("space" in operation) || spaces[operation.space as Space] !== undefined;
}

type Change = (config: SubjectConfig) => SubjectConfig | undefined;
type Path = readonly (string | number)[];

/** Every single step towards a simpler part; each is a change of whatever the configuration is by then. */
function simplerConfigs(config: SubjectConfig): Change[] {
  const changes: Change[] = [];
  changes.push(
    (now) => fewerBanks(now, ["ns"]),
    (now) => fewerBanks(now, ["ns", "s"]),
  );
  const visit = (value: unknown, path: Path): void => {
    const key = path.at(-1);
    if (path[0] === "processor") return;
    if (typeof key === "number" || (path.length > 0 && !needed(path))) changes.push((now) => without(now, path));
    if (typeof value === "number") {
      for (const smaller of smallerNumbers(value)) {
        changes.push((now) => replaced(now, path, value, smaller));
      }
    } else if (Array.isArray(value)) {
      value.forEach((one, i) => {
        visit(one, [...path, i]);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [name, one] of Object.entries(value)) visit(one, [...path, name]);
    }
  };
  visit(config, []);
  changes.push((now) => (now.version === "1.1" ? undefined : { ...now, version: "1.1" }));
  return changes;
}

function fewerBanks(config: SubjectConfig, kept: readonly string[]): SubjectConfig | undefined {
  const banks = Object.entries(config.spaces);
  if (banks.length <= kept.length) return undefined;
  return { ...config, spaces: Object.fromEntries(banks.filter(([space]) => kept.includes(space))) };
}

/** One less only of small ones: no part is worth a thousand trials. */
function smallerNumbers(value: number): number[] {
  const candidates = [0, 1, 2, Math.floor(value / 2), ...(value <= 64 ? [value - 1] : [])];
  return [...new Set(candidates)].filter((one) => one < value && one >= 0);
}

function needed(path: Path): boolean {
  const key = String(path.at(-1));
  return NEEDED.has(key) || (key === "spaces" && path.length === 1) || (path[0] === "spaces" && path.length === 2);
}

function without(config: SubjectConfig, path: Path): SubjectConfig | undefined {
  return changed(config, path, (parent, key) => {
    if (Array.isArray(parent)) {
      if (!(Number(key) < parent.length)) return false;
      parent.splice(Number(key), 1);
      return true;
    }
    if (!(key in parent)) return false;
    delete parent[key];
    return true;
  });
}

function replaced(config: SubjectConfig, path: Path, from: number, to: number): SubjectConfig | undefined {
  return changed(config, path, (parent, key) => {
    if (parent[key] !== from) return false;
    parent[key] = to;
    return true;
  });
}

type Node = { [key: string | number]: unknown };

function changed(
  config: SubjectConfig,
  path: Path,
  change: (parent: Node, key: string | number) => boolean,
): SubjectConfig | undefined {
  const copy = structuredClone(config);
  let parent: unknown = copy;
  for (const step of path.slice(0, -1)) parent = (parent as Node | undefined)?.[step];
  const key = path.at(-1);
  if (typeof parent !== "object" || parent === null || key === undefined) return undefined;
  return change(parent as Node, key) ? copy : undefined;
}

/** What has to change in several places at once: the bank, and the number of a requester. */
async function simplifyTogether(best: () => Failure, attempt: Attempt): Promise<boolean> {
  const allNonSecure = (operation: Operation): Operation => {
    if (operation.do === "label") return { ...operation, label: { ...operation.label, space: "ns" } };
    return "space" in operation ? { ...operation, space: "ns" } : operation;
  };
  const renamed =
    (from: number) =>
    (operation: Operation): Operation => {
      if (operation.do === "label" && operation.requester === from) return { ...operation, requester: 0 };
      if (operation.do !== "run") return operation;
      const records = operation.records.map((record) =>
        record.requester === from ? { ...record, requester: 0 } : record,
      );
      return { ...operation, records };
    };
  const changes = [allNonSecure, ...Array.from({ length: 15 }, (_, i) => renamed(i + 1))];
  let better = false;
  for (const change of changes) {
    const { config, operations } = best();
    const next = operations.map(change);
    if (JSON.stringify(next, digits) === JSON.stringify(operations, digits)) continue;
    better = (await attempt(config, next)) || better;
  }
  return better;
}

function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

async function simplifyOperations(best: () => Failure, attempt: Attempt): Promise<boolean> {
  let better = false;
  for (let i = 0; i < best().operations.length; i++) {
    for (let again = true; again; ) {
      again = false;
      const operation = best().operations[i];
      if (operation === undefined) break;
      for (const simpler of simplerOperations(operation)) {
        const { config, operations } = best();
        const next = operations.with(i, simpler);
        if (!fits(simpler, config) || !(await attempt(config, next))) continue;
        again = true;
        better = true;
        break;
      }
    }
  }
  return better;
}

/** Each strictly simpler than what it stands for, so that this ends. */
function* simplerOperations(operation: Operation): Generator<Operation> {
  if ("space" in operation && operation.space !== "ns") yield { ...operation, space: "ns" };
  switch (operation.do) {
    case "write32":
      for (const value of simplerWords(operation.value)) yield { ...operation, value };
      return;
    case "write64": {
      const { offset, value, space } = operation;
      yield { do: "write32", offset, value: Number(value & 0xffff_ffffn), space };
      yield { do: "write32", offset: offset + 4, value: Number(value >> 32n), space };
      if (value !== 0n) yield { ...operation, value: 0n };
      for (let bit = 0n; bit < 64n; bit++) {
        if ((value >> bit) & 1n) yield { ...operation, value: value & ~(1n << bit) };
      }
      return;
    }
    case "read64": {
      const { offset, space } = operation;
      yield { do: "read32", offset, space };
      yield { do: "read32", offset: offset + 4, space };
      return;
    }
    case "label": {
      const { label, op, requester } = operation;
      if (label.space !== "ns") yield { ...operation, label: { ...label, space: "ns" } };
      if (label.pmg > 0) yield { ...operation, label: { ...label, pmg: 0 } };
      for (const partid of smallerNumbers(label.partid)) yield { ...operation, label: { ...label, partid } };
      if (op !== "all") yield { ...operation, op: "all" };
      if (requester > 0) yield { ...operation, requester: 0 };
      return;
    }
    case "advance":
      for (const ns of [1, 1000, operation.ns >> 1]) if (ns > 0 && ns < operation.ns) yield { ...operation, ns };
      return;
    case "capture":
      if (operation.event > 1) yield { ...operation, event: 1 };
      return;
    case "run":
      for (const records of simplerRecords(operation.records)) yield { ...operation, records };
  }
}

/** Fewer bits, and nothing but bits of the same place. */
function* simplerWords(value: number): Generator<number> {
  if (value === 0) return;
  yield 0;
  for (const mask of [0xffff, 0xffff_0000]) {
    if ((value & mask) >>> 0 !== value) yield (value & mask) >>> 0;
  }
  for (let bit = 0; bit < 32; bit++) {
    if (value & (1 << bit)) yield (value & ~(1 << bit)) >>> 0;
  }
}

function* simplerRecords(records: readonly SubjectRecord[]): Generator<SubjectRecord[]> {
  for (let size = records.length; size >= 1; size = size >> 1) {
    for (let from = 0; from < records.length; from += size) yield records.toSpliced(from, size);
  }
  if (records.some((record) => record.op > 0)) yield records.map((record) => ({ ...record, op: 0 }));
  if (records.some((record) => record.bytes < 64)) yield records.map((record) => ({ ...record, bytes: 64 }));
  if (records.length > 12) return;
  for (const [i, record] of records.entries()) {
    for (const line of smallerNumbers(record.line)) yield records.with(i, { ...record, line });
    if (record.op > 0) yield records.with(i, { ...record, op: 0 });
    if (record.requester > 0) yield records.with(i, { ...record, requester: 0 });
    if (record.bytes < 64) yield records.with(i, { ...record, bytes: 64 });
  }
}
