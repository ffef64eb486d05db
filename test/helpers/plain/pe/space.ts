/** The PARTID space of requests: section 7.5 of the register reference. */
import type { ExceptionLevel, PeLabel } from "../../pe-subject.ts";
import type { PeState, SecurityState } from "./state.ts";

type Space = PeLabel["space"];

/** `el`: whose request it is; EL0 where E2H, TGE = 1, 1 is EL2's. */
export function spaceOf(state: PeState, el: ExceptionLevel): Space {
  const executing = state.securityState(el);
  if (!state.profile.rme) {
    if (executing === "nonsecure") return "ns";
    return state.field("MPAM3_EL3", "FORCE_NS") === 1 ? "ns" : "s";
  }
  return usesAlternative(state, el) ? alternativeSpace(state, executing) : primarySpace(executing);
}

export function primarySpace(executing: SecurityState): Space {
  const spaces = { root: "rt", secure: "s", nonsecure: "ns", realm: "rl" } as const;
  return spaces[executing];
}

function alternativeSpace(state: PeState, executing: SecurityState): Space {
  if (executing === "root") return state.field("MPAM3_EL3", "RT_ALTSP_NS") === 1 ? "ns" : "s";
  return "ns";
}

function usesAlternative(state: PeState, el: ExceptionLevel): boolean {
  if (el === 3) return state.field("MPAM3_EL3", "ALTSP_EL3") === 1;
  if (el === 2) return el2UsesAlternative(state);
  if (el === 0 && state.el0BelongsToEl2()) return el2UsesAlternative(state);
  return el1UsesAlternative(state);
}

/** EL3 has the say, and says so. */
export function forcedByEl3(state: PeState): boolean {
  return state.field("MPAM3_EL3", "ALTSP_HEN") === 0 && state.field("MPAM3_EL3", "ALTSP_HFC") === 1;
}

export function el2UsesAlternative(state: PeState): boolean {
  if (forcedByEl3(state)) return true;
  return state.field("MPAM3_EL3", "ALTSP_HEN") === 1 && controlOfEl2(state, "ALTSP_EL2") === 1;
}

export function el1UsesAlternative(state: PeState): boolean {
  if (forcedByEl3(state)) return true;
  if (!state.el2Enabled()) return false;
  return state.field("MPAM3_EL3", "ALTSP_HEN") === 1 && controlOfEl2(state, "ALTSP_HFC") === 1;
}

/** ALTSP fields of MPAM2_EL2 count as 0 while MPAM3_EL3.MPAMEN = 0. */
function controlOfEl2(state: PeState, field: "ALTSP_HFC" | "ALTSP_EL2"): number {
  return state.field("MPAM3_EL3", "MPAMEN") === 1 ? state.field("MPAM2_EL2", field) : 0;
}
