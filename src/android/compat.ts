// What the two modules of 2022 do that is hazardous, one field for each. All of it is repaired, unless `compat: "android-2022"` is
// asked for. Sections are those of more.md; docs/modelled.md lists both behaviours.

import { ErrnoError } from "../errno/index.ts";

export interface Oddities {
  /** 4.2 a: as many PARTIDs are reset as the cpus have; else as many as the MSC has. */
  readonly resetsPartidsOfCpus: boolean;
  /** 4.2 b: the reset bitmap has as many ones as the cpus have PARTIDs; else as many as there are portions. */
  readonly onesForPartids: boolean;
  /** 4.2 c: a word of a bitmap is written with all words below it; else alone. */
  readonly mixesWords: boolean;
  /** 4.2 c: words of a bitmap are read 32 bytes apart; else four. */
  readonly readsFarApart: boolean;
  /** 4.4: after used/group a newline separates; else it ends the list as anywhere. */
  readonly newlineAfterPattern: boolean;
}

export const REPAIRED: Oddities = {
  resetsPartidsOfCpus: false,
  onesForPartids: false,
  mixesWords: false,
  readsFarApart: false,
  newlineAfterPattern: false,
};

export const ANDROID_2022: Oddities = {
  resetsPartidsOfCpus: true,
  onesForPartids: true,
  mixesWords: true,
  readsFarApart: true,
  newlineAfterPattern: true,
};

/** Modules whose behaviour is kept as it is, oddities and all. */
export type Compat = "android-2022";

/** EINVAL for one that is not known. */
export function odditiesOf(compat: Compat | undefined): Oddities {
  if (compat === undefined) return REPAIRED;
  if (compat === "android-2022") return ANDROID_2022;
  throw new ErrnoError("EINVAL", `compat ${JSON.stringify(compat)} is not known; "android-2022" is`);
}
