/** Memory systems for tests, and short ways of setting them up: a test says what it wants different. */
import { offsetOf, wordOf } from "../golden/registers.ts";
import type {
  MemoryCache,
  MemoryConfig,
  MemoryCounts,
  MemoryMsc,
  MemoryNode,
  MemoryPlace,
  MemoryRecord,
  MemoryRis,
  MemorySubject,
} from "../helpers/memory-subject.ts";
import type { Space, SubjectLabel } from "../helpers/subject.ts";

export const READ = 0;
export const WRITE = 1;

/** A cache of level 1 for cpu 0 with one set of four ways. */
export function cache(different: Partial<MemoryCache> = {}): MemoryCache {
  return {
    level: 1,
    cpus: [0],
    sets: 1,
    ways: 4,
    slices: 1,
    policy: "lru",
    inclusive: false,
    relabelOnWriteHit: false,
    mbwu: "downstream",
    latencyNs: 5,
    ...different,
  };
}

/** One channel of 64 bytes a nanosecond. */
export function node(different: Partial<MemoryNode> = {}): MemoryNode {
  return { bytes: 2 ** 30, channels: 1, bytesPerSecond: 64e9, latencyNs: 100, ...different };
}

/** An MSC for PARTIDs up to 15 in Non-secure space with one instance. */
export function msc(ris: Omit<MemoryRis, "ris">, different: Partial<MemoryMsc> = {}): MemoryMsc {
  const spaces = { ns: { partidMax: 15, pmgMax: 3 } };
  return { version: "1.1", nrdyUsec: 0, spaces, ris: [{ ris: 0, ...ris }], ...different };
}

/** One cpu with four requesters, one quantum a microsecond, no caches. */
export function system(different: Partial<MemoryConfig> = {}): MemoryConfig {
  return {
    cpus: 1,
    lineBytes: 64,
    pageBytes: 4096,
    quantumNs: 1000,
    outstanding: 64,
    seed: 1,
    numa: "interleave",
    caches: [],
    nodes: [node()],
    requesters: [0, 0, 0, 0],
    ...different,
  };
}

export function ns(partid: number, pmg = 0): SubjectLabel {
  return { space: "ns", partid, pmg };
}

/** Requester r carries PARTID r. */
export function ownPartids(subject: MemorySubject, requesters: number): void {
  for (let r = 0; r < requesters; r++) subject.setLabel(r, "all", ns(r));
}

/** Records of one requester, a nanosecond apart. */
export function records(lines: readonly number[], op = READ, requester = 0, from = 0): MemoryRecord[] {
  return lines.map((line, i) => ({ time: from + i, line, requester, op, bytes: 64 }));
}

export interface Target {
  readonly msc?: number;
  readonly ris?: number;
  readonly space?: Space;
}

/** Writes a register by its fields, or a whole word. */
export function put(
  subject: MemorySubject,
  register: string,
  fields: Readonly<Record<string, number>> | number,
  { msc = 0, space = "ns" }: Target = {},
): void {
  subject.write32(msc, offsetOf(register), typeof fields === "number" ? fields : wordOf(register, fields), space);
}

/** Writes a setting of a PARTID. */
export function set(
  subject: MemorySubject,
  partid: number,
  register: string,
  fields: Readonly<Record<string, number>> | number,
  target: Target = {},
): void {
  put(subject, "MPAMCFG_PART_SEL", { PARTID_SEL: partid, RIS: target.ris ?? 0 }, target);
  put(subject, register, fields, target);
}

export function get(subject: MemorySubject, register: string, { msc = 0, space = "ns" }: Target = {}): number {
  return subject.read32(msc, offsetOf(register), space);
}

/** Counts of one label at a place; zeros where it has none. */
export function countsOf(subject: MemorySubject, place: MemoryPlace, label: SubjectLabel): Omit<MemoryCounts, "space"> {
  const found = subject.counts(place).find((one) => {
    return one.space === label.space && one.partid === label.partid && one.pmg === label.pmg;
  });
  return found ?? { ...label, accesses: 0, misses: 0, lines: 0, bytesRead: 0, bytesWritten: 0 };
}

export const channel: MemoryPlace = { kind: "channel", index: 0 };

export function slice(index: number): MemoryPlace {
  return { kind: "cache", index };
}

/** Which line each way of a set holds; undefined where it is empty. */
export function ways(subject: MemorySubject, count: number, set = 0, index = 0): (number | undefined)[] {
  const lines = subject.lines(index).filter((one) => one.set === set);
  return Array.from({ length: count }, (_, way) => lines.find((one) => one.way === way)?.line);
}
