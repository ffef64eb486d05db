// Memory-bandwidth limits: the largest share of the bandwidth a PARTID should take (MPAMCFG_MBW_MAX). The register is
// here; the regulator that acts on it is not yet.

import { MAX_LIM_BOTH, MAX_LIM_HARD, MBW_IDR_BWA_WD, MBW_IDR_MAX_LIM } from "../regs/identity";
import { fieldGet } from "../regs/field";
import { fractionMask, MBW_MAX_HARDLIM, MBW_MAX_MAX } from "../regs/partition";
import { allocate } from "../root";
import { Ris } from "../msc/state";
import { Settings } from "./settings";

export function buildMbwMax(ris: Ris, settings: Settings, partids: u32): void {
  settings.mbwMax = allocate(<usize>partids * 4);
  for (let partid: u32 = 0; partid < partids; partid++) writeMbwMax(ris, settings, partid, MBW_MAX_MAX);
}

export function readMbwMax(settings: Settings, partid: u32): u32 {
  return load<u32>(settings.mbwMax + (<usize>partid << 2));
}

/** HARDLIM is a choice only where both kinds of limit exist, and reads 1 where every limit is hard. */
export function writeMbwMax(ris: Ris, settings: Settings, partid: u32, value: u32): void {
  const lim = fieldGet(MBW_IDR_MAX_LIM, ris.mbwIdr);
  let kept = value & fractionMask(fieldGet(MBW_IDR_BWA_WD, ris.mbwIdr));
  if (lim == MAX_LIM_BOTH) kept |= value & MBW_MAX_HARDLIM;
  else if (lim == MAX_LIM_HARD) kept |= MBW_MAX_HARDLIM;
  store<u32>(settings.mbwMax + (<usize>partid << 2), kept);
}
