// The PARTID space of a request (register reference 7.5): that of the security state, or the alternative one.

import {
  HCR_HI_E2H,
  HCR_TGE,
  MPAM2_HI_ALTSP_EL2,
  MPAM2_HI_ALTSP_HFC,
  MPAM3_HI_ALTSP_EL3,
  MPAM3_HI_ALTSP_HEN,
  MPAM3_HI_ALTSP_HFC,
  MPAM3_HI_FORCE_NS,
  MPAM3_HI_RT_ALTSP_NS,
  MPAM_HI_MPAMEN,
} from "../regs/pe";
import { GENERATED_ALTERNATIVE, GENERATED_FORCED_NS } from "../regs/pe-words";
import { root } from "../root";
import { SPACE_NS, SPACE_RT, SPACE_S } from "./owners";
import { MPAM2, MPAM3, Pe, wide } from "./registers";
import { actingHcr, isEl2Enabled } from "./state";

export function spaceOf(pe: Pe, el: u32, state: u32): u32 {
  // Only a cpu without RME has FORCE_NS.
  if (state == SPACE_S && pe.high(MPAM3) & MPAM3_HI_FORCE_NS) {
    root().generated |= GENERATED_FORCED_NS;
    return SPACE_NS;
  }
  if (!isAlternative(pe, el, state)) return state;
  root().generated |= GENERATED_ALTERNATIVE;
  if (state == SPACE_RT && !(pe.high(MPAM3) & MPAM3_HI_RT_ALTSP_NS)) return SPACE_S;
  return SPACE_NS;
}

function isAlternative(pe: Pe, el: u32, state: u32): bool {
  if (el == 3) return (pe.high(MPAM3) & MPAM3_HI_ALTSP_EL3) != 0;
  if (el == 2 || (el == 0 && isHostEl0(pe, state))) return isAlternativeAtEl2(pe);
  return isAlternativeAtEl1(pe, state);
}

/** Whether EL0 is EL2's: EL2 is enabled, and E2H and TGE are both 1. */
export function isHostEl0(pe: Pe, state: u32): bool {
  const both = wide(HCR_HI_E2H, HCR_TGE);
  return (actingHcr(pe, 0, state) & both) == both;
}

export function isAlternativeAtEl2(pe: Pe): bool {
  return isChosen(pe, MPAM2_HI_ALTSP_EL2, true);
}

/** At EL1, and at EL0 where it is not EL2's. */
export function isAlternativeAtEl1(pe: Pe, state: u32): bool {
  return isChosen(pe, MPAM2_HI_ALTSP_HFC, isEl2Enabled(pe, state));
}

/** By EL3 for all below it, or, where EL3 leaves it to EL2 (ALTSP_HEN), by a bit of MPAM2_EL2. */
function isChosen(pe: Pe, bit: u32, el2: bool): bool {
  const mpam3 = pe.high(MPAM3);
  if (!(mpam3 & MPAM3_HI_ALTSP_HEN)) return (mpam3 & MPAM3_HI_ALTSP_HFC) != 0;
  return el2 && (mpam3 & MPAM_HI_MPAMEN) != 0 && (pe.high(MPAM2) & bit) != 0;
}
