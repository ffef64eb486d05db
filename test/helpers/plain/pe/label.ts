/** The label of a request: the steps of section 7.4 of the register reference. */
import type { ExceptionLevel, PeLabel, RequestKind } from "../../pe-subject.ts";
import { hasMpam, virtualPartids } from "./has.ts";
import { primarySpace, spaceOf } from "./space.ts";
import type { PeState } from "./state.ts";

export function labelOf(state: PeState, el: ExceptionLevel, asked: RequestKind): PeLabel {
  const kind = kindOf(state, el, asked);
  const whose = kind === "nv2" ? 2 : el;
  if (!hasMpam(state.profile)) return unlabelled(primarySpace(state.securityState(whose)));
  const space = spaceOf(state, whose);

  // Step 1.
  if (!state.enabled()) return unlabelled(space);
  // Step 3.
  if (state.securityState(whose) === "secure" && state.field("MPAM3_EL3", "SDEFLT") === 1) return unlabelled(space);
  // Steps 2 and 4.
  const source = sourceOf(state, el, kind);
  const half = kind === "fetch" ? "I" : "D";
  const written = state.field(source, `PARTID_${half}`);
  const pmg = state.field(source, `PMG_${half}`);
  // Steps 5 to 7.
  const partid = physicalPartid(state, written, isVirtual(state, el, source));
  return {
    space,
    partid: partid === "error" ? 0 : partid,
    pmg: pmgOf(state, pmg, partid === "error"),
    flawed: partid === "error" || pmg > state.profile.pmgMax,
  };
}

function unlabelled(space: PeLabel["space"]): PeLabel {
  return { space, partid: 0, pmg: 0, flawed: false };
}

/** What a kind of request comes to on this cpu. */
export function kindOf(state: PeState, el: ExceptionLevel, asked: RequestKind): RequestKind {
  if (asked === "streaming" && !state.profile.sme) return "data";
  // NV2 makes accesses at EL1, where EL2 is enabled.
  if (asked === "nv2" && (el !== 1 || !state.el2Enabled())) return "data";
  return asked;
}

/** The register that a label comes from. */
function sourceOf(state: PeState, el: ExceptionLevel, kind: RequestKind): string {
  if (kind === "nv2") return "MPAM2_EL2";
  if (kind === "streaming" && state.profile.unpredictable.streaming === "mpamsm") return "MPAMSM_EL1";
  if (el === 3) return "MPAM3_EL3";
  if (el === 2) return "MPAM2_EL2";
  if (el === 1) return "MPAM1_EL1";
  return takesLabelOfEl1(state) ? "MPAM1_EL1" : "MPAM0_EL1";
}

/** Of EL0. */
function takesLabelOfEl1(state: PeState): boolean {
  return state.fieldOfEl2("MPAMHCR_EL2", "GSTAPP_PLK") === 1 && state.fieldOfEl2("HCR_EL2", "TGE") === 0;
}

function isVirtual(state: PeState, el: ExceptionLevel, source: string): boolean {
  const byEl1 = state.fieldOfEl2("MPAMHCR_EL2", "EL1_VPMEN") === 1;
  const byEl0 = state.fieldOfEl2("MPAMHCR_EL2", "EL0_VPMEN") === 1 && !state.el0BelongsToEl2();
  if (source === "MPAM1_EL1") return byEl1;
  if (source === "MPAM0_EL1") return byEl0;
  if (source === "MPAMSM_EL1" && el === 1) return byEl1;
  if (source === "MPAMSM_EL1" && el === 0) return byEl0;
  return false;
}

function physicalPartid(state: PeState, written: number, virtual: boolean): number | "error" {
  const { partidMax, unpredictable } = state.profile;
  if (written > partidMax) return "error";
  if (!virtual) return written;

  const v = entryOf(state, written);
  if (v === "error") return "error";
  if (v === "none") return 0;
  const physical = state.field(`MPAMVPM${Math.floor(v / 4)}_EL2`, `PhyPARTID${v}`);
  if (physical <= partidMax) return physical;
  return unpredictable.physical === "max" ? partidMax : "error";
}

/** The entry that maps a virtual PARTID: its own, else entry 0, else none. */
function entryOf(state: PeState, virtual: number): number | "none" | "error" {
  const entries = virtualPartids(state.profile);
  const choice = state.profile.unpredictable.virtual;
  let v = virtual;
  if (v >= entries) {
    if (choice === "default") return "error";
    v = choice === "zero" ? 0 : v % entries;
  }
  if (state.field("MPAMVPMV_EL2", `VPM_V${v}`) === 1) return v;
  return state.field("MPAMVPMV_EL2", "VPM_V0") === 1 ? 0 : "none";
}

function pmgOf(state: PeState, pmg: number, partidWasError: boolean): number {
  const { pmgMax, unpredictable } = state.profile;
  if (partidWasError && unpredictable.pmgOfError === "zero") return 0;
  if (pmg <= pmgMax) return pmg;
  return unpredictable.pmg === "max" ? pmgMax : 0;
}
