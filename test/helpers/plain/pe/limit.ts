/** The bandwidth limit of a cpu's requests: section 7.7 of the register reference. */
import type { ExceptionLevel, PeLimit, RequestKind } from "../../pe-subject.ts";
import { kindOf } from "./label.ts";
import type { PeState } from "./state.ts";

export function limitOf(state: PeState, el: ExceptionLevel, asked: RequestKind): PeLimit | undefined {
  const kind = kindOf(state, el, asked);
  const register = registerOf(el, kind);
  if (state.field(register, "ENABLED") === 0) return undefined;
  const max = state.field(register, "MAX");
  const hard = state.field(register, "HARDLIM") === 1;
  const scaled = state.field(register, "HW_SCALE_ENABLE") === 1;
  const cap = state.field("MPAMBWCAP_EL2", "CAP");
  if (!isCapped(state, el, kind) || max <= cap) return { max, hard, scaled };
  return { max: cap, hard, scaled: state.field("MPAMBWCAP_EL2", "HW_SCALE_ENABLE") === 1 };
}

function registerOf(el: ExceptionLevel, kind: RequestKind): string {
  if (kind === "streaming") return "MPAMBWSM_EL1";
  if (kind === "nv2") return "MPAMBW2_EL2";
  return { 0: "MPAMBW0_EL1", 1: "MPAMBW1_EL1", 2: "MPAMBW2_EL2", 3: "MPAMBW3_EL3" }[el];
}

/** Of EL1 and EL0 while EL2 is enabled, but for an EL0 that is EL2's. */
function isCapped(state: PeState, el: ExceptionLevel, kind: RequestKind): boolean {
  if (kind === "nv2" || !state.el2Enabled() || state.field("MPAMBWCAP_EL2", "ENABLED") === 0) return false;
  return el === 1 || (el === 0 && !state.el0BelongsToEl2());
}
