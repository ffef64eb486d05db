/** Priority of a request as a rank: how many steps below the highest; 0 is the best (docs/modelled.md, "Bandwidth", PRI). */
import type { SubjectLabel } from "../../subject.ts";
import { lowBits } from "../bits.ts";
import type { PlainMsc } from "../msc.ts";
import type { PartSettings } from "../settings.ts";

/** At this MSC, of a request that brings a rank from above. */
export function rankHere(msc: PlainMsc | undefined, label: SubjectLabel, brought: number): number {
  const settings = prioritising(msc, label);
  const { intpriWd, intpri0IsLow } = settings?.ris.pri ?? {};
  if (settings === undefined || intpriWd === undefined) return brought;
  return steps(settings.inForce("pri") & 0xffff, intpriWd, intpri0IsLow);
}

/** Below this MSC. */
export function rankBelow(msc: PlainMsc | undefined, label: SubjectLabel, brought: number): number {
  const settings = prioritising(msc, label);
  const { dspriWd, dspri0IsLow } = settings?.ris.pri ?? {};
  if (settings === undefined || dspriWd === undefined) return brought;
  return steps(settings.inForce("pri") >>> 16, dspriWd, dspri0IsLow);
}

/** Settings of the lowest instance of the space with priorities. */
function prioritising(msc: PlainMsc | undefined, label: SubjectLabel): PartSettings | undefined {
  return msc?.controls(label)?.settings.find(({ ris }) => ris.pri !== undefined);
}

function steps(value: number, width: number, zeroIsLow: boolean | undefined): number {
  return zeroIsLow === true ? lowBits(width) - value : value;
}
