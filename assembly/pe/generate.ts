// Which label a request of a cpu carries (register reference 7.4), and how it came about, in root().generated (regs/pe-words.ts).

import { fieldGet, fieldPrep } from "../field";
import {
  HCR_TGE,
  MPAM3_HI_SDEFLT,
  MPAM_HI_PMG_D,
  MPAM_HI_PMG_I,
  MPAM_PARTID_D,
  MPAM_PARTID_I,
  MPAMHCR_EL0_VPMEN,
  MPAMHCR_EL1_VPMEN,
  MPAMHCR_GSTAPP_PLK,
  MPAMIDR_HI_PMG_MAX,
  MPAMIDR_PARTID_MAX,
} from "../regs/pe";
import {
  GENERATED_DISABLED,
  GENERATED_ENTRY,
  GENERATED_ENTRY_INVALID,
  GENERATED_ERROR_PARTID,
  GENERATED_ERROR_PHYSICAL,
  GENERATED_ERROR_PMG,
  GENERATED_ERROR_VIRTUAL,
  GENERATED_MAPPED,
  GENERATED_NO_MPAM,
  GENERATED_PHYSICAL_CAPPED,
  GENERATED_SDEFLT,
  GENERATED_SOURCE,
  GENERATED_STATE,
  GENERATED_VIRTUAL,
  GENERATED_VIRTUAL_MOVED,
  GENERATED_ZERO_INVALID,
  KIND_FETCH,
  KIND_STREAMING,
  PE_ERROR_PMG_ZERO,
  PE_PHYSICAL_MAX,
  PE_PMG_MAX,
  PE_STREAMING_AS_EL,
  PE_VIRTUAL,
  VIRTUAL_DEFAULT,
  VIRTUAL_WRAP,
  WORLD_NOW,
} from "../regs/pe-words";
import { root } from "../root";
import { isEnabled } from "./fields";
import { packLabel, SPACE_S } from "./owners";
import { hasMpam, hasSme, virtualPartids } from "./profile";
import { HCR, MPAM0, MPAM1, MPAM2, MPAM3, MPAMHCR, MPAMIDR, MPAMSM, MPAMVPM0, MPAMVPMV, Pe } from "./registers";
import { isHostEl0, spaceOf } from "./space";
import { isByNv2, isEl2Enabled, stateAt } from "./state";

const PARTID_ERRORS: u32 = GENERATED_ERROR_PARTID | GENERATED_ERROR_VIRTUAL | GENERATED_ERROR_PHYSICAL;

/** The label (owners.ts) of one kind of request. `world`: the security state below EL3, or WORLD_NOW. */
export function generateLabel(pe: Pe, el: u32, kind: u32, world: u32): u32 {
  const state = world == WORLD_NOW || el == 3 ? stateAt(pe, el) : world;
  root().generated = fieldPrep(GENERATED_STATE, state);
  if (!hasMpam(pe)) {
    note(GENERATED_NO_MPAM);
    return packLabel(state, 0, 0);
  }
  const byNv2 = isByNv2(pe, el, kind, state);
  const space = spaceOf(pe, byNv2 ? 2 : el, state);
  if (!isEnabled(pe)) {
    note(GENERATED_DISABLED);
    return packLabel(space, 0, 0);
  }
  if (state == SPACE_S && pe.high(MPAM3) & MPAM3_HI_SDEFLT) {
    note(GENERATED_SDEFLT);
    return packLabel(space, 0, 0);
  }
  const source = byNv2 ? MPAM2 : sourceOf(pe, el, kind, state);
  note(fieldPrep(GENERATED_SOURCE, source));
  const isFetch = kind == KIND_FETCH;
  const partid = fieldGet(isFetch ? MPAM_PARTID_I : MPAM_PARTID_D, pe.low(source));
  const pmg = fieldGet(isFetch ? MPAM_HI_PMG_I : MPAM_HI_PMG_D, pe.high(source));
  const physical = physicalOf(pe, partid, isVirtual(pe, el, source, state));
  return packLabel(space, physical, pmgOf(pe, pmg));
}

// @ts-ignore: decorator
@inline
function note(what: u32): void {
  root().generated |= what;
}

/** The register that a label is taken from: MPAM0 to MPAM3, or MPAMSM. */
function sourceOf(pe: Pe, el: u32, kind: u32, state: u32): u32 {
  if (kind == KIND_STREAMING && hasSme(pe) && !(pe.options & PE_STREAMING_AS_EL)) return MPAMSM;
  if (el != 0) return MPAM0 + el;
  const locked = isEl2Enabled(pe, state) && pe.low(MPAMHCR) & MPAMHCR_GSTAPP_PLK && !(pe.low(HCR) & HCR_TGE);
  return locked ? MPAM1 : MPAM0;
}

/** MPAMHCR_EL2 is 0 where the cpu has none. */
function isVirtual(pe: Pe, el: u32, source: u32, state: u32): bool {
  if (!isEl2Enabled(pe, state)) return false;
  const ofEl = source == MPAMSM ? el : source - MPAM0;
  if (ofEl == 1) return (pe.low(MPAMHCR) & MPAMHCR_EL1_VPMEN) != 0;
  return ofEl == 0 && (pe.low(MPAMHCR) & MPAMHCR_EL0_VPMEN) != 0 && !isHostEl0(pe, state);
}

function physicalOf(pe: Pe, partid: u32, isVirtual: bool): u32 {
  const most = pe.low(MPAMIDR) & MPAMIDR_PARTID_MAX;
  if (isVirtual) note(GENERATED_VIRTUAL);
  if (partid > most) {
    note(GENERATED_ERROR_PARTID);
    return 0;
  }
  if (!isVirtual) return partid;
  const entries = virtualPartids(pe);
  if (partid >= entries) {
    const choice = fieldGet(PE_VIRTUAL, pe.options);
    if (choice == VIRTUAL_DEFAULT) {
      note(GENERATED_ERROR_VIRTUAL);
      return 0;
    }
    note(GENERATED_VIRTUAL_MOVED);
    partid = choice == VIRTUAL_WRAP ? partid % entries : 0;
  }
  return mapped(pe, partid, most);
}

/** What MPAMVPMV_EL2 and MPAMVPM<n>_EL2 make of a virtual PARTID that has an entry. */
function mapped(pe: Pe, entry: u32, most: u32): u32 {
  const valid = pe.low(MPAMVPMV);
  if (!((valid >>> entry) & 1)) {
    note(GENERATED_ENTRY_INVALID);
    entry = 0;
    if (!(valid & 1)) {
      note(GENERATED_ZERO_INVALID);
      return 0;
    }
  }
  note(GENERATED_MAPPED | fieldPrep(GENERATED_ENTRY, entry));
  const physical = <u32>(pe.word(MPAMVPM0 + (entry >>> 2)) >>> ((entry & 3) << 4)) & 0xffff;
  if (physical <= most) return physical;
  if (pe.options & PE_PHYSICAL_MAX) {
    note(GENERATED_PHYSICAL_CAPPED);
    return most;
  }
  note(GENERATED_ERROR_PHYSICAL);
  return 0;
}

function pmgOf(pe: Pe, pmg: u32): u32 {
  const most = fieldGet(MPAMIDR_HI_PMG_MAX, pe.high(MPAMIDR));
  const inRange = pmg <= most;
  if (!inRange) note(GENERATED_ERROR_PMG);
  if (root().generated & PARTID_ERRORS && pe.options & PE_ERROR_PMG_ZERO) return 0;
  if (inRange) return pmg;
  return pe.options & PE_PMG_MAX ? most : 0;
}
