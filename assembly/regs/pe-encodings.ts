// The system registers of a cpu, by the encoding of the instruction that reaches them: op0 [15:14], op1 [13:11], CRn [10:7],
// CRm [6:3], op2 [2:0] (DDI 0487 and IHI 0099, "Accessing the register"). Encodings only: the names of this page are those of the
// registers.

export const MPAMIDR_EL1: u32 = 0xc524;
export const MPAMBWIDR_EL1: u32 = 0xc525;
export const MPAM1_EL1: u32 = 0xc528;
export const MPAM0_EL1: u32 = 0xc529;
export const MPAMSM_EL1: u32 = 0xc52b;
export const MPAMBW1_EL1: u32 = 0xc52c;
export const MPAMBW0_EL1: u32 = 0xc52d;
export const MPAMBWSM_EL1: u32 = 0xc52f;

export const MPAMHCR_EL2: u32 = 0xe520;
export const MPAMVPMV_EL2: u32 = 0xe521;
export const MPAM2_EL2: u32 = 0xe528;
export const MPAMBW2_EL2: u32 = 0xe52c;
export const MPAMBWCAP_EL2: u32 = 0xe52e;
export const MPAMVPM0_EL2: u32 = 0xe530;
export const MPAMVPM1_EL2: u32 = 0xe531;
export const MPAMVPM2_EL2: u32 = 0xe532;
export const MPAMVPM3_EL2: u32 = 0xe533;
export const MPAMVPM4_EL2: u32 = 0xe534;
export const MPAMVPM5_EL2: u32 = 0xe535;
export const MPAMVPM6_EL2: u32 = 0xe536;
export const MPAMVPM7_EL2: u32 = 0xe537;

export const MPAM1_EL12: u32 = 0xed28;
export const MPAMBW1_EL12: u32 = 0xed2c;

export const MPAM3_EL3: u32 = 0xf528;
export const MPAMBW3_EL3: u32 = 0xf52c;

export const ID_AA64PFR0_EL1: u32 = 0xc020;
export const ID_AA64PFR1_EL1: u32 = 0xc021;
export const HCR_EL2: u32 = 0xe088;
export const SCR_EL3: u32 = 0xf088;
