// What settings mean for a cache: the portions that are open, and the most lines.

import { CCAP_IDR_CMAX_WD, CPOR_IDR_CPBM_WD } from "../regs/identity";
import { fieldGet } from "../regs/field";
import { CMAX_CMAX } from "../regs/partition";
import { UNLIMITED } from "../model/cache";
import { Ris } from "../msc/state";
import { CMAX, CPBM } from "./kinds";
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
