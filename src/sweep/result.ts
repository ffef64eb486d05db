// What a unit comes to: plain data, written as JSON of one line, the same bytes whoever runs it.

import { addCounts, type CountsSince } from "../report/index.ts";

export const RESULT_FORMAT = "mpam-unit";
export const RESULT_VERSION = 1;

/** What a group did from the end of warm-up on. */
export interface GroupResult extends CountsSince {
  /** "/" is the default group. */
  readonly group: string;
  /** Bytes at the end and bytes moved, as the files of resctrl say: a number, or a word where the counter had none. */
  readonly llcOccupancy: string;
  readonly mbmTotalBytes: string;
}

interface Headed {
  readonly format: typeof RESULT_FORMAT;
  readonly version: typeof RESULT_VERSION;
  /** Of the unit. */
  readonly name: string;
  /** What ran it. */
  readonly tool: string;
}

/** What a unit comes to. */
export interface UnitResult extends Headed {
  readonly records: number;
  /** Model time from the end of warm-up to the end, ns. */
  readonly ns: number;
  readonly groups: readonly GroupResult[];
  /** What the schemata files of the groups say at the end. */
  readonly schemata: Readonly<Record<string, string>>;
}

/** A unit that cannot be run, whoever tries: what it says is wrong. */
export interface UnitFailure extends Headed {
  /** One line. */
  readonly failed: string;
}

/** Either; a failure is a result too, since it would fail again. */
export type Outcome = UnitResult | UnitFailure;

/** Of readings of several spans, or parts: a word in place of a number is passed on. */
export function sumOf(texts: readonly string[]): string {
  const word = texts.find((text) => !/^\d+$/.test(text));
  return word ?? texts.reduce((sum, text) => sum + BigInt(text), 0n).toString();
}

/** What a group did in several parts of a replay. */
export function addResults(group: string, parts: readonly GroupResult[]): GroupResult {
  return {
    group,
    ...addCounts(parts),
    llcOccupancy: sumOf(parts.map(({ llcOccupancy }) => llcOccupancy)),
    mbmTotalBytes: sumOf(parts.map(({ mbmTotalBytes }) => mbmTotalBytes)),
  };
}
