// What a register takes, and what it reads as: bits that exist only beside others, and copies of what other registers say
// (register reference 7.3).

import {
  MPAM1_HI_ALTSP_FRCD,
  MPAM1_HI_FORCED_NS,
  MPAM2_HI_ALTSP_FRCD,
  MPAM3_HI_ALTSP_HEN,
  MPAM3_HI_FORCE_NS,
  MPAM_HI_MPAMEN,
  MPAMBW_HI_HW_SCALE_ENABLE,
  MPAMBW_MAX_WHOLE,
} from "../regs/pe";
import { PE_FRCD_FORCED } from "../regs/pe-words";
import { SPACE_S } from "./owners";
import { highestEl } from "./profile";
import { MPAM0, MPAM1, MPAM2, MPAM3, MPAMBW0, MPAMBWCAP, Pe, wide } from "./registers";
import { isAlternativeAtEl1, isAlternativeAtEl2 } from "./space";
import { stateBelow } from "./state";

/** Writes a register: only what there is of it takes anything. */
export function writeRegister(pe: Pe, register: u32, value: u64): void {
  const isLimit = register >= MPAMBW0 && register <= MPAMBWCAP;
  // Without hardware scaling a limit is a fraction.
  if (isLimit && !(value & wide(MPAMBW_HI_HW_SCALE_ENABLE, 0))) value &= ~wide(0, MPAMBW_MAX_WHOLE);
  pe.put(register, value);
}

export function readRegister(pe: Pe, register: u32): u64 {
  let copies: u32 = 0;
  if (register == MPAM1) copies = copiesInMpam1(pe);
  else if (register == MPAM2) copies = copiesInMpam2(pe);
  return pe.word(register) | wide(copies, 0);
}

/** MPAMEN, as the highest exception level has it. */
export function isEnabled(pe: Pe): bool {
  return (pe.high(MPAM0 + highestEl(pe)) & MPAM_HI_MPAMEN) != 0;
}

function copiesInMpam1(pe: Pe): u32 {
  let copies: u32 = isEnabled(pe) ? MPAM_HI_MPAMEN : 0;
  if (pe.high(MPAM3) & MPAM3_HI_FORCE_NS && stateBelow(pe) == SPACE_S) copies |= MPAM1_HI_FORCED_NS;
  if (isAlternativeAtEl1(pe, stateBelow(pe))) copies |= MPAM1_HI_ALTSP_FRCD;
  return copies;
}

function copiesInMpam2(pe: Pe): u32 {
  let copies: u32 = isEnabled(pe) ? MPAM_HI_MPAMEN : 0;
  const byItself = (pe.high(MPAM3) & MPAM3_HI_ALTSP_HEN) != 0;
  if (isAlternativeAtEl2(pe) && !(byItself && pe.options & PE_FRCD_FORCED)) copies |= MPAM2_HI_ALTSP_FRCD;
  return copies;
}
