// What settings mean for a cache: the portions that are open, and the most lines.

import { CCAP_IDR_CASSOC_WD, CCAP_IDR_CMAX_WD, CPOR_IDR_CPBM_WD } from "../regs/identity";
import { fieldGet } from "../field";
import { CASSOC_CASSOC, CMAX_CMAX, CMAX_SOFTLIM, CMIN_CMIN } from "../regs/partition";
import { UNLIMITED } from "../model/cache";
import { Ris } from "../msc/state";
import { CASSOC, CMAX, CMIN, CPBM } from "./kinds";
import { readControl, Settings } from "./settings";

export function cpbmWd(ris: Ris): u32 {
  return fieldGet(CPOR_IDR_CPBM_WD, ris.cporIdr);
}

/** Whether a portion is open to the PARTID of an entry. */
export function ownsPortion(ris: Ris, settings: Settings, entry: u32, portion: u32): bool {
  return ((readControl(settings, ris.control(CPBM), CPBM, entry, portion >>> 5) >>> (portion & 31)) & 1) != 0;
}

/** The limit in lines: floor((v + 1) * lines / 2^W), and all ones is the whole cache (D28). */
export function cmaxLines(ris: Ris, settings: Settings, entry: u32, lines: u32): u32 {
  const width = fieldGet(CCAP_IDR_CMAX_WD, ris.ccapIdr);
  const fraction = readControl(settings, ris.control(CMAX), CMAX, entry, 0) & CMAX_CMAX;
  const steps = (fraction >>> (16 - width)) + 1;
  if (steps == <u32>1 << width) return UNLIMITED;
  return <u32>((<u64>steps * lines) >>> width);
}

/** Whether a PARTID at its limit may still take empty ways, and lines of disabled PARTIDs. */
export function cmaxIsSoft(ris: Ris, settings: Settings, entry: u32): bool {
  return (readControl(settings, ris.control(CMAX), CMAX, entry, 0) & CMAX_SOFTLIM) != 0;
}

/** Guaranteed lines: floor(v * lines / 2^W). */
export function cminLines(ris: Ris, settings: Settings, entry: u32, lines: u32): u32 {
  const width = fieldGet(CCAP_IDR_CMAX_WD, ris.ccapIdr);
  const fraction = readControl(settings, ris.control(CMIN), CMIN, entry, 0) & CMIN_CMIN;
  return <u32>((<u64>(fraction >>> (16 - width)) * lines) >>> width);
}

/** Most ways of a set: floor((v + 1) * ways / 2^W), at least one; all ones is no limit. */
export function cassocWays(ris: Ris, settings: Settings, entry: u32, ways: u32): u32 {
  const width = fieldGet(CCAP_IDR_CASSOC_WD, ris.ccapIdr);
  const fraction = readControl(settings, ris.control(CASSOC), CASSOC, entry, 0) & CASSOC_CASSOC;
  const steps = (fraction >>> (16 - width)) + 1;
  if (steps == <u32>1 << width) return UNLIMITED;
  return max((steps * ways) >>> width, 1);
}
