// 64-bit images of the registers that a hypervisor handles, and their names.

import {
  HCR_HI_E2H,
  HCR_HI_NV,
  HCR_HI_NV1,
  HCR_HI_NV2,
  HCR_TGE,
  HCR_TID3,
  MPAM_HI_MPAMEN,
  MPAM_HI_PMG_D,
  MPAM_HI_PMG_I,
  MPAM_PARTID_D,
  MPAM_PARTID_I,
  MPAM2_HI_ENMPAMSM,
  MPAM2_HI_TIDR,
  MPAM2_HI_TRAPMPAM0EL1,
  MPAM2_HI_TRAPMPAM1EL1,
  MPAMBW2_HI_NTRAP_MPAMBW0_EL1,
  MPAMBW2_HI_NTRAP_MPAMBW1_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
  MPAMHCR_EL0_VPMEN,
  MPAMHCR_EL1_VPMEN,
  MPAMHCR_GSTAPP_PLK,
  MPAMHCR_TRAP_MPAMIDR_EL1,
} from "../../assembly/regs/pe.ts";
import * as encodings from "../../assembly/regs/pe-encodings.ts";

const high = (mask: number): bigint => BigInt(mask >>> 0) << 32n;
const low = (mask: number): bigint => BigInt(mask >>> 0);

/** PARTIDs and PMGs: all that MPAM0_EL1 has. */
export const LABEL = high(MPAM_HI_PMG_D | MPAM_HI_PMG_I) | low(MPAM_PARTID_D | MPAM_PARTID_I);
/** What MPAMSM_EL1 has of it. */
export const DATA_HALF = high(MPAM_HI_PMG_D) | low(MPAM_PARTID_D);
export const MPAMEN = high(MPAM_HI_MPAMEN);

export const ENMPAMSM = high(MPAM2_HI_ENMPAMSM);
export const TRAP0 = high(MPAM2_HI_TRAPMPAM0EL1);
export const TRAP1 = high(MPAM2_HI_TRAPMPAM1EL1);
export const TIDR = high(MPAM2_HI_TIDR);
/** What of MPAM2_EL2 a host sets for a guest and takes back. */
export const TRAPS = TRAP0 | TRAP1 | TIDR | ENMPAMSM;

export const TRAP_IDR = low(MPAMHCR_TRAP_MPAMIDR_EL1);
export const PLK = low(MPAMHCR_GSTAPP_PLK);
export const EL1_VPMEN = low(MPAMHCR_EL1_VPMEN);
export const EL0_VPMEN = low(MPAMHCR_EL0_VPMEN);

export const TID3 = low(HCR_TID3);
export const TGE = low(HCR_TGE);
export const E2H = high(HCR_HI_E2H);
export const NV = high(HCR_HI_NV);
export const NV1 = high(HCR_HI_NV1);
export const NV2 = high(HCR_HI_NV2);

export const NTRAPS = high(
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1 |
    MPAMBW2_HI_NTRAP_MPAMBW0_EL1 |
    MPAMBW2_HI_NTRAP_MPAMBW1_EL1 |
    MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
);

const NAMES = new Map(Object.entries(encodings).map(([name, encoding]) => [encoding as number, name]));

export type GuestRegister = keyof typeof encodings;

const ENCODINGS: Readonly<Record<GuestRegister, number>> = { ...encodings };

export function encodingOf(name: GuestRegister): number {
  return ENCODINGS[name];
}

export function nameOf(register: number): string {
  return NAMES.get(register) ?? `0x${register.toString(16)}`;
}

/** The image with its PARTIDs, those of data and of instructions, translated. */
export function withPartids(image: bigint, translate: (partid: number) => number): bigint {
  const partid = (at: bigint) => BigInt(translate(Number((image >> at) & 0xffffn))) << at;
  return (image & ~0xffff_ffffn) | partid(16n) | partid(0n);
}

/** A trapped access, as the exception level that takes it is told. */
export function trapTo(to: 2 | 3, register: number, write: boolean) {
  return { outcome: "trap", to, ec: EC_SYSTEM_REGISTER, iss: issOf(register, write) } as const;
}

/** The syndrome of a trapped access, with Rt = 0: Op0, Op2, Op1, CRn, CRm, and 1 for a read (docs/modelled.md). */
function issOf(register: number, write: boolean): number {
  const [op0, op1] = [(register >>> 14) & 3, (register >>> 11) & 7];
  const [crn, crm, op2] = [(register >>> 7) & 15, (register >>> 3) & 15, register & 7];
  return (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (crm << 1) | (write ? 0 : 1);
}

/** Exception class of a trapped system register access. */
const EC_SYSTEM_REGISTER = 0x18;
