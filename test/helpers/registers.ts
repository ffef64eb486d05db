/** Short ways of saying what the MSC tests say most: error records, monitors, and values of registers from their fields. */
import { offsetOf, wordOf } from "../golden/registers.ts";
import type { MscSubject, Space, SubjectInterrupt } from "./subject.ts";

const ESR = offsetOf("MPAMF_ESR");

/** The fields of MPAMF_ESR. */
export interface Syndrome {
  readonly code: number;
  readonly partidMon: number;
  readonly pmg: number;
  readonly ris: number;
  readonly ovrwr: number;
}

export const NOTHING: Syndrome = { code: 0, partidMon: 0, pmg: 0, ris: 0, ovrwr: 0 };

export function syndrome(msc: MscSubject, space: Space = "ns"): Syndrome {
  const low = msc.read32(ESR, space);
  return {
    code: (low >>> 24) & 0xf,
    partidMon: low & 0xffff,
    pmg: (low >>> 16) & 0xff,
    ris: msc.read32(ESR + 4, space),
    ovrwr: low >>> 31,
  };
}

/** One error since ESR was cleared; fields not named are 0. */
export function single(code: number, partidMon: number, more: Partial<Syndrome> = {}): Syndrome {
  return { ...NOTHING, code, partidMon, ...more };
}

export function clearEsr(msc: MscSubject, space: Space = "ns"): void {
  msc.write32(ESR + 4, 0, space);
  msc.write32(ESR, 0, space);
}

/** Writes a register by name and fields, or a whole word. */
export function put(
  msc: MscSubject,
  register: string,
  fields: Readonly<Record<string, number>> | number,
  space: Space = "ns",
): void {
  msc.write32(offsetOf(register), typeof fields === "number" ? fields : wordOf(register, fields), space);
}

export function get(msc: MscSubject, register: string, space: Space = "ns"): number {
  return msc.read32(offsetOf(register), space);
}

export function partSel(msc: MscSubject, fields: Readonly<Record<string, number>>, space: Space = "ns"): void {
  put(msc, "MPAMCFG_PART_SEL", fields, space);
}

export function monSel(msc: MscSubject, index: number, ris = 0, space: Space = "ns"): void {
  put(msc, "MSMON_CFG_MON_SEL", { MON_SEL: index, RIS: ris }, space);
}

/** What was told of one kind, without the order among kinds. */
export function toldOf(kind: "error" | "overflow", events: readonly SubjectInterrupt[]): readonly SubjectInterrupt[] {
  return events.filter((event) => event.kind === kind);
}
