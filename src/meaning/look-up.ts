// Meanings by name: of registers, of their fields, and of what fields hold.

import type { SystemRegisterName } from "../machine/index.ts";
import { CONFIGURATION } from "./configuration.ts";
import { ERRORS } from "./errors.ts";
import { IDENTIFICATION } from "./identification.ts";
import type { FieldsMeaning, RegisterMeaning, RegisterMeanings } from "./meaning.ts";
import { MONITORS } from "./monitors.ts";
import { PROCESSOR } from "./processor.ts";

/** Of every register in REGISTERS of the machine. */
export const MEANINGS: RegisterMeanings = { ...IDENTIFICATION, ...CONFIGURATION, ...MONITORS, ...ERRORS };

/** Of every register in SYSTEM_FIELDS of the machine. */
export const SYSTEM_MEANINGS = PROCESSOR as Readonly<Record<SystemRegisterName, FieldsMeaning>>;

const YES_OR_NO = ["no", "yes"];

/** @param name of a register as in REGISTERS: MPAMCFG_CPBM for all of the array. Throws a RangeError for another. */
export function meaningOf(name: string): RegisterMeaning {
  const meaning = MEANINGS[name];
  if (!meaning) throw new RangeError(`${name} is no register of an MSC`);
  return meaning;
}

/** Words for the values of a field, by value; undefined where it holds a number. */
export function wordsFor(meaning: FieldsMeaning, field: string): ReadonlyMap<number, string> | undefined {
  const words = meaning.values?.[field];
  if (words) return new Map(Object.entries(words).map(([value, word]) => [Number(value), word]));
  return /^(HAS_|NO_IMPL_)/.test(field) ? new Map(YES_OR_NO.entries()) : undefined;
}

/** What the value of a field is called; undefined where it has no name. */
export function wordFor(meaning: FieldsMeaning, field: string, value: number): string | undefined {
  return wordsFor(meaning, field)?.get(value);
}
