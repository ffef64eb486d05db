/** Priority of a request as a rank: how many steps below the highest; 0 is the best (docs/modelled.md, "Bandwidth", PRI). */
import type { SubjectLabel, SubjectRis } from "../../subject.ts";
import { lowBits } from "../bits.ts";
import type { PlainMsc } from "../msc.ts";

/** At this MSC, of a request that brings a rank from above. */
export function rankHere(msc: PlainMsc | undefined, label: SubjectLabel, brought: number): number {
  const { word, intpriWd, intpri0IsLow } = prioritising(msc, label);
  return intpriWd === undefined ? brought : steps(word && word & 0xffff, intpriWd, intpri0IsLow);
}

/** Below this MSC. */
export function rankBelow(msc: PlainMsc | undefined, label: SubjectLabel, brought: number): number {
  const { word, dspriWd, dspri0IsLow } = prioritising(msc, label);
  return dspriWd === undefined ? brought : steps(word && word >>> 16, dspriWd, dspri0IsLow);
}

type Priority = NonNullable<SubjectRis["pri"]> & { readonly word?: number | undefined };

/** What the lowest instance of the space with priorities has; the word in force for the label, none for a disabled PARTID. */
function prioritising(msc: PlainMsc | undefined, label: SubjectLabel): Priority {
  const control = msc?.controls(label);
  const settings = control?.settings.find(({ ris }) => ris.pri !== undefined);
  return { ...settings?.ris.pri, word: control?.enabled ? settings?.inForce("pri") : undefined };
}

/** Without a value it is the lowest. */
function steps(value: number | undefined, width: number, zeroIsLow: boolean | undefined): number {
  if (value === undefined) return lowBits(width);
  return zeroIsLow === true ? lowBits(width) - value : value;
}
