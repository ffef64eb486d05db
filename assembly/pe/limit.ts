// How much bandwidth a cpu lets its own requests have (register reference 7.7).

import { MPAMBW_HI_ENABLED, MPAMBW_HI_HARDLIM, MPAMBW_HI_HW_SCALE_ENABLE } from "../regs/pe";
import { KIND_STREAMING, LIMIT_HI_HARD, LIMIT_HI_SCALED, LIMIT_HI_THERE } from "../regs/pe-words";
import { hasSme } from "./profile";
import { MPAMBW0, MPAMBWCAP, MPAMBWSM, Pe, wide } from "./registers";
import { isHostEl0 } from "./space";
import { isByNv2, isEl2Enabled, stateBelow } from "./state";

/** A 16.16 number of bytes a second as a share of the whole, with the bits LIMIT_HI_ above it; 0 without a limit. */
export function limitOf(pe: Pe, el: u32, kind: u32): u64 {
  const at = isByNv2(pe, el, kind, stateBelow(pe)) ? 2 : el;
  const register = kind == KIND_STREAMING && hasSme(pe) ? MPAMBWSM : MPAMBW0 + at;
  const high = pe.high(register);
  if (!(high & MPAMBW_HI_ENABLED)) return 0;
  let most = pe.low(register);
  let scaled = high & MPAMBW_HI_HW_SCALE_ENABLE;
  const cap = pe.low(MPAMBWCAP);
  if (isCapped(pe, at) && cap < most) {
    most = cap;
    scaled = pe.high(MPAMBWCAP) & MPAMBW_HI_HW_SCALE_ENABLE;
  }
  const hard = high & MPAMBW_HI_HARDLIM ? LIMIT_HI_HARD : 0;
  return wide(LIMIT_HI_THERE | hard | (scaled ? LIMIT_HI_SCALED : 0), most);
}

function isCapped(pe: Pe, el: u32): bool {
  const state = stateBelow(pe);
  if (el > 1 || !isEl2Enabled(pe, state) || !(pe.high(MPAMBWCAP) & MPAMBW_HI_ENABLED)) return false;
  return el == 1 || !isHostEl0(pe, state);
}
