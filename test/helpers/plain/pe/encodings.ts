/** Which name a system register instruction means: table 7.2 of the register reference, and the registers beside. */
import type { Encoding } from "../../pe-subject.ts";

export function encode(op0: number, op1: number, crn: number, crm: number, op2: number): Encoding {
  return op0 * 2 ** 14 + op1 * 2 ** 11 + crn * 2 ** 7 + crm * 2 ** 3 + op2;
}

export interface EncodingParts {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

export function decode(encoding: Encoding): EncodingParts {
  return {
    op0: Math.floor(encoding / 2 ** 14) % 4,
    op1: Math.floor(encoding / 2 ** 11) % 8,
    crn: Math.floor(encoding / 2 ** 7) % 16,
    crm: Math.floor(encoding / 2 ** 3) % 16,
    op2: encoding % 8,
  };
}

/** Of the MPAM registers op0 is 3 and CRn is 10. */
function mpam(op1: number, crm: number, op2: number): Encoding {
  return encode(3, op1, 10, crm, op2);
}

/** The number of mapping registers that the architecture has at most. */
export const VPM_REGISTERS = 8;

export const ENCODINGS: Readonly<Record<string, Encoding>> = {
  MPAMIDR_EL1: mpam(0, 4, 4),
  MPAMBWIDR_EL1: mpam(0, 4, 5),
  MPAM1_EL1: mpam(0, 5, 0),
  MPAM1_EL12: mpam(5, 5, 0),
  MPAM0_EL1: mpam(0, 5, 1),
  MPAMSM_EL1: mpam(0, 5, 3),
  MPAMBW1_EL1: mpam(0, 5, 4),
  MPAMBW1_EL12: mpam(5, 5, 4),
  MPAMBW0_EL1: mpam(0, 5, 5),
  MPAMBWSM_EL1: mpam(0, 5, 7),
  MPAMHCR_EL2: mpam(4, 4, 0),
  MPAMVPMV_EL2: mpam(4, 4, 1),
  MPAM2_EL2: mpam(4, 5, 0),
  MPAMBW2_EL2: mpam(4, 5, 4),
  MPAMBWCAP_EL2: mpam(4, 5, 6),
  MPAMVPM0_EL2: mpam(4, 6, 0),
  MPAMVPM1_EL2: mpam(4, 6, 1),
  MPAMVPM2_EL2: mpam(4, 6, 2),
  MPAMVPM3_EL2: mpam(4, 6, 3),
  MPAMVPM4_EL2: mpam(4, 6, 4),
  MPAMVPM5_EL2: mpam(4, 6, 5),
  MPAMVPM6_EL2: mpam(4, 6, 6),
  MPAMVPM7_EL2: mpam(4, 6, 7),
  MPAM3_EL3: mpam(6, 5, 0),
  MPAMBW3_EL3: mpam(6, 5, 4),
  SCR_EL3: encode(3, 6, 1, 1, 0),
  HCR_EL2: encode(3, 4, 1, 1, 0),
  ID_AA64PFR0_EL1: encode(3, 0, 0, 4, 0),
  ID_AA64PFR1_EL1: encode(3, 0, 0, 4, 1),
};

/** The name of an encoding, whether a cpu has it or not; undefined where there is none. */
export function nameOf(encoding: Encoding): string | undefined {
  return NAMES.get(encoding);
}

const NAMES = new Map(Object.entries(ENCODINGS).map(([name, encoding]) => [encoding, name]));

/** Offsets in the page that VNCR_EL2 names. */
export const SLOTS: Readonly<Record<string, number>> = {
  HCR_EL2: 0x078,
  MPAM1_EL1: 0x900,
  MPAM1_EL12: 0x900,
  MPAMBW1_EL1: 0x908,
  MPAMBW1_EL12: 0x908,
  MPAMBWCAP_EL2: 0x910,
  MPAMHCR_EL2: 0x930,
  MPAMVPMV_EL2: 0x938,
  MPAMVPM0_EL2: 0x940,
  MPAMVPM1_EL2: 0x948,
  MPAMVPM2_EL2: 0x950,
  MPAMVPM3_EL2: 0x958,
  MPAMVPM4_EL2: 0x960,
  MPAMVPM5_EL2: 0x968,
  MPAMVPM6_EL2: 0x970,
  MPAMVPM7_EL2: 0x978,
};
