/** What becomes of an access to a system register: UNDEFINED, redirected, trapped, or made (section 7.6). */
import type { Encoding, ExceptionLevel, PeAccess } from "../../pe-subject.ts";
import { decode, nameOf, SLOTS } from "./encodings.ts";
import { hasRegister, isReadOnly } from "./has.ts";
import type { PeState } from "./state.ts";

export type Direction = "read" | "write";

/** `register`: the one that the access reaches. */
export type Decision = Exclude<PeAccess, { outcome: "done" }> | { readonly outcome: "made"; readonly register: string };

export function decide(state: PeState, encoding: Encoding, el: ExceptionLevel, direction: Direction): Decision {
  const name = nameOf(encoding);
  if (name === undefined || isUndefined(state, name, el, direction)) return { outcome: "undefined" };

  const offset = slotOf(state, name, el);
  // What is trapped of names of EL1 goes nowhere; the others go to memory whatever traps.
  if (offset !== undefined && !name.endsWith("_EL1")) return { outcome: "memory", offset };
  const to = trapsToEl3(state, name, el) ? 3 : trapsToEl2(state, name, el) ? 2 : undefined;
  if (to !== undefined) return { outcome: "trap", to, ec: 0x18, iss: issOf(encoding, direction) };
  if (offset !== undefined) return { outcome: "memory", offset };
  return { outcome: "made", register: reached(state, name, el) };
}

function isUndefined(state: PeState, name: string, el: ExceptionLevel, direction: Direction): boolean {
  if (el === 0) return true;
  if (!hasRegister(state.profile, name)) return true;
  if (direction === "write" && isReadOnly(name)) return true;
  if (name.endsWith("_EL3")) return el !== 3;
  if (name.endsWith("_EL2")) return el === 1 && !nested(state);
  if (name.endsWith("_EL12")) {
    if (el === 1) return !nested(state);
    if (el === 2) return state.field("HCR_EL2", "E2H") === 0;
    return state.fieldOfEl2("HCR_EL2", "E2H") === 0;
  }
  return false;
}

/** NV of a guest at EL1. */
function nested(state: PeState): boolean {
  return state.fieldOfEl2("HCR_EL2", "NV") === 1;
}

/** The offset that NV2 sends an access to. */
function slotOf(state: PeState, name: string, el: ExceptionLevel): number | undefined {
  if (el !== 1 || !nested(state) || state.fieldOfEl2("HCR_EL2", "NV2") === 0) return undefined;
  const nv1 = state.fieldOfEl2("HCR_EL2", "NV1") === 1;
  if (name.endsWith("_EL2")) return SLOTS[name];
  if (name.endsWith("_EL12")) return nv1 ? undefined : SLOTS[name];
  return nv1 ? SLOTS[name] : undefined;
}

function trapsToEl3(state: PeState, name: string, el: ExceptionLevel): boolean {
  if (el === 3 || !state.profile.el3 || !name.startsWith("MPAM")) return false;
  if (state.field("MPAM3_EL3", "TRAPLOWER") === 1) return true;
  return name.startsWith("MPAMBW") && state.field("MPAMBW3_EL3", "nTRAPLOWER") === 0;
}

function trapsToEl2(state: PeState, name: string, el: ExceptionLevel): boolean {
  if (el !== 1 || !state.el2Enabled()) return false;
  if (name.endsWith("_EL2") || name.endsWith("_EL12")) return true; // By NV; without it they are UNDEFINED.
  switch (name) {
    case "MPAM0_EL1":
      return state.field("MPAM2_EL2", "TRAPMPAM0EL1") === 1;
    case "MPAM1_EL1":
      return state.field("MPAM2_EL2", "TRAPMPAM1EL1") === 1;
    case "MPAMIDR_EL1":
      return state.field("MPAMHCR_EL2", "TRAP_MPAMIDR_EL1") === 1 || state.field("MPAM2_EL2", "TIDR") === 1;
    case "MPAMSM_EL1":
      return state.field("MPAM2_EL2", "EnMPAMSM") === 0;
    case "MPAMBW0_EL1":
    case "MPAMBW1_EL1":
    case "MPAMBWSM_EL1":
    case "MPAMBWIDR_EL1":
      return state.field("MPAMBW2_EL2", `nTRAP_${name}`) === 0;
    case "ID_AA64PFR0_EL1":
    case "ID_AA64PFR1_EL1":
      return state.field("HCR_EL2", "TID3") === 1;
    default:
      return false;
  }
}

/** With Rt = 0. */
function issOf(encoding: Encoding, direction: Direction): number {
  const { op0, op1, crn, crm, op2 } = decode(encoding);
  const read = direction === "read" ? 1 : 0;
  return op0 * 2 ** 20 + op2 * 2 ** 17 + op1 * 2 ** 14 + crn * 2 ** 10 + crm * 2 ** 1 + read;
}

/** VHE: names of EL1 at EL2 with E2H = 1 reach EL2's registers, and _EL12 names those of EL1. */
function reached(state: PeState, name: string, el: ExceptionLevel): string {
  if (name.endsWith("_EL12")) return name.replace("_EL12", "_EL1");
  if (el === 2 && state.field("HCR_EL2", "E2H") === 1) {
    if (name === "MPAM1_EL1") return "MPAM2_EL2";
    if (name === "MPAMBW1_EL1") return "MPAMBW2_EL2";
  }
  return name;
}
