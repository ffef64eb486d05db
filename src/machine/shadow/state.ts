// What the window of a chip keeps: settings that wait, and what the slices show (docs/modelled.md, "Errata").

import type { MscInstance } from "../../platform/index.ts";
import { isMap } from "../checked-platform.ts";

export const SLICES = 12;
/** PARTIDs from this one on have no word, and nothing to wait for but the scrubbing. */
export const PARTIDS = 8192;
/** Where the words are that scrub. */
export const SCRUB = [0x1b_0000, 0x1c_0000] as const;

/** Settings that software has written and that do not act: of an entry of the tables of a RIS, each null where nothing was written. */
export interface HeldSettings {
  readonly msc: number;
  readonly ris: number;
  readonly entry: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** What the slices show of a PARTID. */
export interface ShadowWord {
  readonly partid: number;
  /** The MSC that was written last. */
  readonly msc: number;
  readonly word: number;
  readonly before: number;
  /** For each slice, how many reads still find the word from before. */
  readonly stale: number[];
}

export interface ShadowState {
  readonly held: readonly HeldSettings[];
  readonly words: readonly ShadowWord[];
  /** Which of the two words of scrubbing have been written. */
  readonly scrubbed: readonly boolean[];
}

/** Entries that are PARTIDs; one more is that of the default settings. */
export function partidsOf(mscs: readonly MscInstance[], msc: number): number {
  const { partidNrw, spaces } = (mscs.find((one) => one.msc === msc) as MscInstance).description;
  return (partidNrw?.intPartidMax ?? spaces.ns?.partidMax ?? -1) + 1;
}

/** Whether a snapshot's word for the state of windows can be used for these chips, each given by its MSCs that have the erratum. */
export function areShadowStates(states: unknown, chips: readonly (readonly MscInstance[])[]): states is ShadowState[] {
  if (!Array.isArray(states) || states.length !== chips.length) return false;
  return states.every((state, index) => isState(state, new Set(chips[index]?.map(({ msc }) => msc))));
}

const isBelow = (value: unknown, limit: number) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit;
const isWord = (value: unknown) => isBelow(value, 2 ** 32);
const isKept = (value: unknown) => value === null || isWord(value);

function isState(state: unknown, mscs: ReadonlySet<unknown>): boolean {
  if (!isMap(state)) return false;
  const { held, words, scrubbed } = state;
  return (
    Array.isArray(held) &&
    held.every(
      (one) =>
        isMap(one) && mscs.has(one.msc) && [one.ris, one.entry].every(isWord) && [one.min, one.max].every(isKept),
    ) &&
    Array.isArray(words) &&
    words.every(
      (one) =>
        isMap(one) &&
        mscs.has(one.msc) &&
        isBelow(one.partid, PARTIDS) &&
        [one.word, one.before].every(isWord) &&
        areReads(one.stale),
    ) &&
    Array.isArray(scrubbed) &&
    scrubbed.length === SCRUB.length &&
    scrubbed.every((one) => typeof one === "boolean")
  );
}

/** A slice is behind by as many reads as its number at most. */
function areReads(stale: unknown): boolean {
  return Array.isArray(stale) && stale.length === SLICES && stale.every((reads, slice) => isBelow(reads, slice + 1));
}
