// A machine and the plain model side by side: the same registers, labels and records, and what both then hold.

import { expect } from "vitest";
import type { Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import type { SubjectLine } from "../helpers/subject.ts";
import { plainConfig } from "./machines.ts";
import type { NaiveRecord } from "./traces.ts";

export const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
export const CPBM = offsetOf("MPAMCFG_CPBM");
export const CMAX = offsetOf("MPAMCFG_CMAX");
export const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
export const CSU_FLT = offsetOf("MSMON_CFG_CSU_FLT");
export const CSU_CTL = offsetOf("MSMON_CFG_CSU_CTL");
export const CSU = offsetOf("MSMON_CSU");
export const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
export const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
export const MBWU = offsetOf("MSMON_MBWU");
export const MBWU_L = offsetOf("MSMON_MBWU_L");

export const EN = 0x8000_0000;
export const MATCH_PARTID = 0x0001_0000;
export const MATCH_PMG = 0x0002_0000;
export const OFLOW_INTR = 0x0200_0000;

/** All four kinds of access, or fetches, or everything else. */
export const DATA = [0, 1, 3];
export const FETCH = [2];

export function plainOf(machine: Machine): PlainSubject {
  return new PlainSubject(plainConfig(machine.platform));
}

/** Writes a word of the cache's MSC in both. */
export function write(machine: Machine, plain: PlainSubject, offset: number, value: number): void {
  machine.write32(0, offset, value >>> 0);
  plain.write32(offset, value >>> 0);
}

/** The storage and bandwidth monitors 0..3 of both watch PARTIDs 0..3. */
export function watch(machine: Machine, plain: PlainSubject): void {
  for (const partid of [0, 1, 2, 3]) {
    write(machine, plain, MON_SEL, partid);
    for (const offset of [CSU_FLT, MBWU_FLT]) write(machine, plain, offset, partid);
    for (const offset of [CSU_CTL, MBWU_CTL]) write(machine, plain, offset, EN + MATCH_PARTID);
  }
}

/** Gives a requester of the plain model its label; the machine's tasks have theirs by other means. */
export function label(plain: PlainSubject, requester: number, ops: readonly number[], partid: number, pmg = 0): void {
  for (const op of ops) plain.setLabel(requester, op, { space: "ns", partid, pmg });
}

export function run(plain: PlainSubject, records: readonly NaiveRecord[]): void {
  if (records.length > 0) plain.run(records);
}

export function linesOf(machine: Machine): SubjectLine[] {
  return machine
    .export()
    .sets.flatMap((lines, set) => lines.map((line, age) => ({ ...line, set, age })))
    .toSorted((a, b) => a.set - b.set || a.way - b.way);
}

function byLabel<T extends { space: string; partid: number; pmg: number }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => a.space.localeCompare(b.space) || a.partid - b.partid || a.pmg - b.pmg);
}

/** Accesses and misses per label that has any. */
export function countsOf(machine: Machine): { partid: number; pmg: number; accesses: number; misses: number }[] {
  const seen = machine.statistics().filter((one) => one.accesses > 0);
  return byLabel(seen).map(({ partid, pmg, accesses, misses }) => ({ partid, pmg, accesses, misses }));
}

/** Lines with labels and ages, counts per label, and what monitors 0..3 show. */
export function expectSame(machine: Machine, plain: PlainSubject): void {
  expect(linesOf(machine)).toEqual(plain.lines());
  const counts = byLabel(plain.statistics().filter((one) => one.accesses > 0));
  expect(countsOf(machine)).toEqual(
    counts.map(({ partid, pmg, accesses, misses }) => ({ partid, pmg, accesses, misses })),
  );
  expect(readings(machine)).toEqual(readings(plain));
}

/** What the monitors 0..3 of the cache show. */
export function readings(of: Machine | PlainSubject): { mon: number; held: number; moved: bigint }[] {
  return [0, 1, 2, 3].map((mon) => {
    if (of instanceof PlainSubject) {
      of.write32(MON_SEL, mon);
      return { mon, held: of.read32(CSU), moved: of.read64(MBWU_L) };
    }
    of.write32(0, MON_SEL, mon);
    return { mon, held: of.read32(0, CSU), moved: of.read64(0, MBWU_L) };
  });
}
