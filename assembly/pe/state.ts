// In which security state a cpu is, and which fields of EL2 act (docs/modelled.md, "The processor side"). States are numbered as
// the address spaces are: MPAM_SP.

import { SCR_EEL2, SCR_HI_NSE, SCR_NS } from "../regs/pe";
import { KIND_NV2 } from "../regs/pe-words";
import { SPACE_NS, SPACE_RL, SPACE_RT, SPACE_S } from "./owners";
import { hasEl2, hasEl3, hasRme } from "./profile";
import { HCR, Pe, SCR } from "./registers";

/** The state of all exception levels below EL3. */
export function stateBelow(pe: Pe): u32 {
  if (!hasEl3(pe)) return SPACE_NS;
  if (pe.high(SCR) & SCR_HI_NSE) return SPACE_RL;
  return pe.low(SCR) & SCR_NS ? SPACE_NS : SPACE_S;
}

export function stateAt(pe: Pe, el: u32): u32 {
  if (el < 3) return stateBelow(pe);
  return hasRme(pe) ? SPACE_RT : SPACE_S;
}

/** Whether EL2 is there for software in `state`, one of those below EL3. */
export function isEl2Enabled(pe: Pe, state: u32): bool {
  return hasEl2(pe) && (state != SPACE_S || (pe.low(SCR) & SCR_EEL2) != 0);
}

/** Words of HCR_EL2 as they act on an exception level: 0 where EL2 is not enabled. */
export function actingHcr(pe: Pe, el: u32, state: u32): u64 {
  return el == 2 || isEl2Enabled(pe, state) ? pe.word(HCR) : 0;
}

/** Whether a request is EL2's because NV2 made it of an access from EL1. Elsewhere that kind is data like other. */
export function isByNv2(pe: Pe, el: u32, kind: u32, state: u32): bool {
  return kind == KIND_NV2 && el == 1 && isEl2Enabled(pe, state);
}
