// Fields of the system registers of a cpu (IHI 0099, MPAM*_ELx). They are 64 bits wide: a field is in the low word, or, with HI in
// its name, in the high one.

// MPAM0_EL1, MPAM1_EL1, MPAM2_EL2, MPAM3_EL3; MPAMSM_EL1 has the D half.
export const MPAM_PARTID_I: u32 = 0x0000_ffff;
export const MPAM_PARTID_D: u32 = 0xffff_0000;
export const MPAM_HI_PMG_I: u32 = 0x0000_00ff;
export const MPAM_HI_PMG_D: u32 = 0x0000_ff00;

// MPAM1_EL1, MPAM2_EL2, MPAM3_EL3
export const MPAM_HI_MPAMEN: u32 = 0x8000_0000;

export const MPAM1_HI_FORCED_NS: u32 = 0x1000_0000;
export const MPAM1_HI_ALTSP_FRCD: u32 = 0x0040_0000;

export const MPAM2_HI_TIDR: u32 = 0x0400_0000;
export const MPAM2_HI_ALTSP_HFC: u32 = 0x0100_0000;
export const MPAM2_HI_ALTSP_EL2: u32 = 0x0080_0000;
export const MPAM2_HI_ALTSP_FRCD: u32 = 0x0040_0000;
export const MPAM2_HI_ENMPAMSM: u32 = 0x0004_0000;
export const MPAM2_HI_TRAPMPAM0EL1: u32 = 0x0002_0000;
export const MPAM2_HI_TRAPMPAM1EL1: u32 = 0x0001_0000;

export const MPAM3_HI_TRAPLOWER: u32 = 0x4000_0000;
export const MPAM3_HI_SDEFLT: u32 = 0x2000_0000;
export const MPAM3_HI_FORCE_NS: u32 = 0x1000_0000;
export const MPAM3_HI_ALTSP_HEN: u32 = 0x0200_0000;
export const MPAM3_HI_ALTSP_HFC: u32 = 0x0100_0000;
export const MPAM3_HI_ALTSP_EL3: u32 = 0x0080_0000;
export const MPAM3_HI_RT_ALTSP_NS: u32 = 0x0010_0000;

export const MPAMHCR_TRAP_MPAMIDR_EL1: u32 = 0x8000_0000;
export const MPAMHCR_GSTAPP_PLK: u32 = 0x0000_0100;
export const MPAMHCR_EL1_VPMEN: u32 = 0x0000_0002;
export const MPAMHCR_EL0_VPMEN: u32 = 0x0000_0001;

export const MPAMVPMV_VPM_V: u32 = 0xffff_ffff;

/** PhyPARTID fields of an MPAMVPM<n>_EL2: two a word, this is the lower. */
export const MPAMVPM_PHYPARTID: u32 = 0x0000_ffff;

export const MPAMIDR_PARTID_MAX: u32 = 0x0000_ffff;
export const MPAMIDR_HAS_HCR: u32 = 0x0002_0000;
export const MPAMIDR_VPMR_MAX: u32 = 0x001c_0000;
export const MPAMIDR_HI_PMG_MAX: u32 = 0x0000_00ff;
export const MPAMIDR_HI_HAS_BW_CTRL: u32 = 0x0100_0000;
export const MPAMIDR_HI_HAS_ALTSP: u32 = 0x0200_0000;
export const MPAMIDR_HI_HAS_TIDR: u32 = 0x0400_0000;
export const MPAMIDR_HI_SP4: u32 = 0x0800_0000;
export const MPAMIDR_HI_HAS_FORCE_NS: u32 = 0x1000_0000;
export const MPAMIDR_HI_HAS_SDEFLT: u32 = 0x2000_0000;

export const MPAMBWIDR_BWA_WD: u32 = 0x0000_003f;
/** Values as MAX_LIM of MPAMF_MBW_IDR. */
export const MPAMBWIDR_MAX_LIM: u32 = 0xc000_0000;
export const MPAMBWIDR_HI_HAS_HW_SCALE: u32 = 0x8000_0000;

// MPAMBW0_EL1, MPAMBW1_EL1, MPAMBWSM_EL1, MPAMBW2_EL2, MPAMBW3_EL3; MPAMBWCAP_EL2 has CAP for MAX, and no HARDLIM.
/** A fraction, its implemented bits on top. */
export const MPAMBW_MAX_FRACTION: u32 = 0x0000_ffff;
/** What a 16.16 number has above the fraction. */
export const MPAMBW_MAX_WHOLE: u32 = 0xffff_0000;
export const MPAMBW_HI_HW_SCALE_ENABLE: u32 = 0x8000_0000;
export const MPAMBW_HI_ENABLED: u32 = 0x4000_0000;
export const MPAMBW_HI_HARDLIM: u32 = 0x2000_0000;

export const MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1: u32 = 0x0010_0000;
export const MPAMBW2_HI_NTRAP_MPAMBW0_EL1: u32 = 0x0008_0000;
export const MPAMBW2_HI_NTRAP_MPAMBW1_EL1: u32 = 0x0004_0000;
export const MPAMBW2_HI_NTRAP_MPAMBWSM_EL1: u32 = 0x0002_0000;

export const MPAMBW3_HI_NTRAPLOWER: u32 = 0x0002_0000;

export const SCR_NS: u32 = 0x0000_0001;
export const SCR_EEL2: u32 = 0x0004_0000;
export const SCR_HI_NSE: u32 = 0x4000_0000;

export const HCR_TID3: u32 = 0x0004_0000;
export const HCR_TGE: u32 = 0x0800_0000;
export const HCR_HI_E2H: u32 = 0x0000_0004;
export const HCR_HI_NV: u32 = 0x0000_0400;
export const HCR_HI_NV1: u32 = 0x0000_0800;
export const HCR_HI_NV2: u32 = 0x0000_2000;

export const PFR0_EL0: u32 = 0x0000_000f;
export const PFR0_EL1: u32 = 0x0000_00f0;
export const PFR0_EL2: u32 = 0x0000_0f00;
export const PFR0_EL3: u32 = 0x0000_f000;
export const PFR0_HI_MPAM: u32 = 0x0000_0f00;
export const PFR0_HI_RME: u32 = 0x00f0_0000;
export const PFR1_MPAM_FRAC: u32 = 0x000f_0000;
export const PFR1_SME: u32 = 0x0f00_0000;
