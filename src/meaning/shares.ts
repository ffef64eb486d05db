// What fractions come to: settings that are shares of a cache, of the ways of a set, of a channel.

import { CCAP_IDR_CASSOC_WD, CCAP_IDR_CMAX_WD, fieldGet, MBW_IDR_BWA_WD } from "../../assembly/regs/index.ts";
import type { Identity } from "./presence.ts";

interface Fraction {
  /** Of a value that stands for a range the upper end counts, or the lower. */
  readonly isMost: boolean;
  readonly width: (of: Identity) => number;
}

const ofCache = (of: Identity) => fieldGet(CCAP_IDR_CMAX_WD, of.ccap);
const ofWays = (of: Identity) => fieldGet(CCAP_IDR_CASSOC_WD, of.ccap);
const ofChannel = (of: Identity) => fieldGet(MBW_IDR_BWA_WD, of.mbw);

const FRACTIONS: Readonly<Record<string, Fraction>> = {
  CMAX: { isMost: true, width: ofCache },
  CMIN: { isMost: false, width: ofCache },
  CASSOC: { isMost: true, width: ofWays },
  MIN: { isMost: false, width: ofChannel },
  MAX: { isMost: true, width: ofChannel },
};

const CONTROLS = new Set(["MPAMCFG_CMAX", "MPAMCFG_CMIN", "MPAMCFG_CASSOC", "MPAMCFG_MBW_MIN", "MPAMCFG_MBW_MAX"]);

/** The share, 0 to 1, that a setting of 16 bits stands for in a part; undefined where the field is no fraction. */
export function shareOf(register: string, field: string, value: number, of: Identity): number | undefined {
  const fraction = CONTROLS.has(register) ? FRACTIONS[field] : undefined;
  if (!fraction) return undefined;
  const width = Math.min(16, fraction.width(of));
  const steps = 2 ** width;
  return (Math.floor(value / 2 ** (16 - width)) + (fraction.isMost ? 1 : 0)) / steps;
}
