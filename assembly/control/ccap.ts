// Cache-capacity partitioning: the largest part of the cache a PARTID may hold (MPAMCFG_CMAX).

import { CCAP_IDR_CMAX_WD } from "../regs/identity";
import { fieldGet } from "../regs/field";
import { CMAX_CMAX, fractionMask } from "../regs/partition";
import { allocate } from "../root";
import { Ris } from "../msc/state";
import { UNLIMITED } from "../model/cache";
import { Settings } from "./settings";

export function buildCmax(ris: Ris, settings: Settings, partids: u32): void {
  settings.cmax = allocate(<usize>partids * 4);
  for (let partid: u32 = 0; partid < partids; partid++) writeCmax(ris, settings, partid, CMAX_CMAX);
}

export function readCmax(settings: Settings, partid: u32): u32 {
  return load<u32>(settings.cmax + (<usize>partid << 2));
}

export function writeCmax(ris: Ris, settings: Settings, partid: u32, value: u32): void {
  store<u32>(settings.cmax + (<usize>partid << 2), value & fractionMask(width(ris)));
}

/** The limit in lines: floor((v + 1) * lines / 2^W), and all ones is the whole cache (D28). */
export function cmaxLines(ris: Ris, settings: Settings, partid: u32, lines: u32): u32 {
  const w = width(ris);
  const steps = (readCmax(settings, partid) >>> (16 - w)) + 1;
  if (steps == <u32>1 << w) return UNLIMITED;
  return <u32>((<u64>steps * lines) >>> w);
}

function width(ris: Ris): u32 {
  return fieldGet(CCAP_IDR_CMAX_WD, ris.ccapIdr);
}
