// The names of system registers, as instructions have them: which register each reaches, and what decides about an access to it
// (register reference 7.2 and 7.6). Several names may reach one register, and one name several.

import {
  HCR_TID3,
  MPAM2_HI_ENMPAMSM,
  MPAM2_HI_TIDR,
  MPAM2_HI_TRAPMPAM0EL1,
  MPAM2_HI_TRAPMPAM1EL1,
  MPAMBW2_HI_NTRAP_MPAMBW0_EL1,
  MPAMBW2_HI_NTRAP_MPAMBW1_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
  MPAMHCR_TRAP_MPAMIDR_EL1,
} from "../regs/pe";
import {
  HCR_EL2,
  ID_AA64PFR0_EL1,
  ID_AA64PFR1_EL1,
  MPAM0_EL1,
  MPAM1_EL1,
  MPAM1_EL12,
  MPAM2_EL2,
  MPAM3_EL3,
  MPAMBW0_EL1,
  MPAMBW1_EL1,
  MPAMBW1_EL12,
  MPAMBW2_EL2,
  MPAMBW3_EL3,
  MPAMBWCAP_EL2,
  MPAMBWIDR_EL1,
  MPAMBWSM_EL1,
  MPAMHCR_EL2,
  MPAMIDR_EL1,
  MPAMSM_EL1,
  MPAMVPM0_EL2,
  MPAMVPMV_EL2,
  SCR_EL3,
} from "../regs/pe-encodings";
import { allocate, root } from "../root";
import {
  HCR,
  MPAM0,
  MPAM1,
  MPAM2,
  MPAM3,
  MPAMBW0,
  MPAMBW1,
  MPAMBW2,
  MPAMBW3,
  MPAMBWCAP,
  MPAMBWIDR,
  MPAMBWSM,
  MPAMHCR,
  MPAMIDR,
  MPAMSM,
  MPAMVPM0,
  MPAMVPMS,
  MPAMVPMV,
  PFR0,
  PFR1,
  SCR,
  wide,
} from "./registers";

/** Which software a name is for: _EL1, _EL2, _EL3, and _EL12, by which a host at EL2 reaches what EL1 has. */
export const OF_EL1: u32 = 1;
export const OF_EL2: u32 = 2;
export const OF_EL3: u32 = 3;
export const OF_EL12: u32 = 12;

/** Whose controls at EL3 trap it: MPAM3_EL3, and for bandwidth MPAMBW3_EL3 also. */
export const FAMILY_SYSTEM: u32 = 0;
export const FAMILY_MPAM: u32 = 1;
export const FAMILY_BANDWIDTH: u32 = 2;

/** Accesses by NV2 go nowhere. */
export const NO_SLOT: u32 = 0;

/** Names there are at most. */
const NAMES: usize = 40;

/** Encodings have op0 = 3 above these bits. */
const INDEX_BITS: u32 = 14;

/** A bit that traps accesses from EL1 to EL2 while it is `when`. */
@unmanaged
export class Trap {
  /** 0: there is none. */
  bit: u64;
  register: u32;
  when: u32;
}

@unmanaged
export class Name {
  encoding: u32;
  level: u32;
  family: u32;
  /** The register it reaches; and at EL2 with E2H = 1. */
  register: u32;
  registerOfHost: u32;
  readOnly: u32;
  /** Offset in the page of VNCR_EL2, or NO_SLOT. */
  slot: u32;
  /** Traps it has, up to two; they stand behind it. */
  traps: u32;

  trap(n: u32): Trap {
    return changetype<Trap>(changetype<usize>(this) + offsetof<Name>() + <usize>n * offsetof<Trap>());
  }

  slotAt(offset: u32): Name {
    this.slot = offset;
    return this;
  }

  trapsWhile(when: u32, register: u32, bit: u64): Name {
    const trap = this.trap(this.traps++);
    trap.bit = bit;
    trap.register = register;
    trap.when = when;
    return this;
  }

  readsOnly(): Name {
    this.readOnly = 1;
    return this;
  }

  reachesFromHost(register: u32): Name {
    this.registerOfHost = register;
    return this;
  }
}

const NAME_BYTES: usize = offsetof<Name>() + 2 * offsetof<Trap>();

/** The name of an encoding; a null one where there is none. */
export function nameOf(encoding: u32): Name {
  const r = root();
  if (encoding >>> INDEX_BITS != 3) return changetype<Name>(0);
  const number = load<u8>(r.nameIndex + (encoding & ((1 << INDEX_BITS) - 1)));
  return number == 0 ? changetype<Name>(0) : changetype<Name>(r.names + <usize>(number - 1) * NAME_BYTES);
}

function addName(encoding: u32, level: u32, family: u32, register: u32): Name {
  const r = root();
  const entry = changetype<Name>(r.names + <usize>r.nameCount * NAME_BYTES);
  r.nameCount++;
  store<u8>(r.nameIndex + (encoding & ((1 << INDEX_BITS) - 1)), <u8>r.nameCount);
  entry.encoding = encoding;
  entry.level = level;
  entry.family = family;
  entry.register = register;
  entry.registerOfHost = register;
  return entry;
}

export function buildNames(): void {
  const r = root();
  r.nameIndex = allocate(1 << INDEX_BITS);
  r.names = allocate(NAMES * NAME_BYTES);
  nameLabels();
  nameVirtual();
  nameBandwidth();
  addName(ID_AA64PFR0_EL1, OF_EL1, FAMILY_SYSTEM, PFR0).readsOnly().trapsWhile(1, HCR, wide(0, HCR_TID3));
  addName(ID_AA64PFR1_EL1, OF_EL1, FAMILY_SYSTEM, PFR1).readsOnly().trapsWhile(1, HCR, wide(0, HCR_TID3));
  addName(HCR_EL2, OF_EL2, FAMILY_SYSTEM, HCR).slotAt(0x078);
  addName(SCR_EL3, OF_EL3, FAMILY_SYSTEM, SCR);
}

function nameLabels(): void {
  addName(MPAMIDR_EL1, OF_EL1, FAMILY_MPAM, MPAMIDR)
    .readsOnly()
    .trapsWhile(1, MPAMHCR, wide(0, MPAMHCR_TRAP_MPAMIDR_EL1))
    .trapsWhile(1, MPAM2, wide(MPAM2_HI_TIDR, 0));
  addName(MPAM0_EL1, OF_EL1, FAMILY_MPAM, MPAM0).trapsWhile(1, MPAM2, wide(MPAM2_HI_TRAPMPAM0EL1, 0));
  addName(MPAM1_EL1, OF_EL1, FAMILY_MPAM, MPAM1)
    .slotAt(0x900)
    .reachesFromHost(MPAM2)
    .trapsWhile(1, MPAM2, wide(MPAM2_HI_TRAPMPAM1EL1, 0));
  addName(MPAM1_EL12, OF_EL12, FAMILY_MPAM, MPAM1).slotAt(0x900);
  addName(MPAM2_EL2, OF_EL2, FAMILY_MPAM, MPAM2);
  addName(MPAM3_EL3, OF_EL3, FAMILY_MPAM, MPAM3);
  addName(MPAMSM_EL1, OF_EL1, FAMILY_MPAM, MPAMSM).trapsWhile(0, MPAM2, wide(MPAM2_HI_ENMPAMSM, 0));
}

function nameVirtual(): void {
  addName(MPAMHCR_EL2, OF_EL2, FAMILY_MPAM, MPAMHCR).slotAt(0x930);
  addName(MPAMVPMV_EL2, OF_EL2, FAMILY_MPAM, MPAMVPMV).slotAt(0x938);
  for (let n: u32 = 0; n < MPAMVPMS; n++) {
    addName(MPAMVPM0_EL2 + n, OF_EL2, FAMILY_MPAM, MPAMVPM0 + n).slotAt(0x940 + 8 * n);
  }
}

function nameBandwidth(): void {
  addLimit(MPAMBWIDR_EL1, MPAMBWIDR, MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1).readsOnly();
  addLimit(MPAMBW0_EL1, MPAMBW0, MPAMBW2_HI_NTRAP_MPAMBW0_EL1);
  addLimit(MPAMBW1_EL1, MPAMBW1, MPAMBW2_HI_NTRAP_MPAMBW1_EL1).slotAt(0x908).reachesFromHost(MPAMBW2);
  addLimit(MPAMBWSM_EL1, MPAMBWSM, MPAMBW2_HI_NTRAP_MPAMBWSM_EL1);
  addName(MPAMBW1_EL12, OF_EL12, FAMILY_BANDWIDTH, MPAMBW1).slotAt(0x908);
  addName(MPAMBW2_EL2, OF_EL2, FAMILY_BANDWIDTH, MPAMBW2);
  addName(MPAMBW3_EL3, OF_EL3, FAMILY_BANDWIDTH, MPAMBW3);
  addName(MPAMBWCAP_EL2, OF_EL2, FAMILY_BANDWIDTH, MPAMBWCAP).slotAt(0x910);
}

function addLimit(encoding: u32, register: u32, bit: u32): Name {
  return addName(encoding, OF_EL1, FAMILY_BANDWIDTH, register).trapsWhile(0, MPAMBW2, wide(bit, 0));
}
