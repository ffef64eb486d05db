// The ID registers: what a part says of itself (IHI 0099, MPAMF_*IDR). MPAMF_IDR is 64 bits wide: IDR_ fields are in
// the low word, IDR_HI_ fields in the word at offset + 4.

export const IDR_PARTID_MAX: u32 = 0x0000_ffff;
export const IDR_PMG_MAX: u32 = 0x00ff_0000;
export const IDR_HAS_CCAP_PART: u32 = 0x0100_0000;
export const IDR_HAS_CPOR_PART: u32 = 0x0200_0000;
export const IDR_HAS_MBW_PART: u32 = 0x0400_0000;
export const IDR_HAS_PRI_PART: u32 = 0x0800_0000;
export const IDR_EXT: u32 = 0x1000_0000;
export const IDR_HAS_IMPL_IDR: u32 = 0x2000_0000;
export const IDR_HAS_MSMON: u32 = 0x4000_0000;
export const IDR_HAS_PARTID_NRW: u32 = 0x8000_0000;

export const IDR_HI_HAS_RIS: u32 = 0x0000_0001;
export const IDR_HI_NO_IMPL_PART: u32 = 0x0000_0010;
export const IDR_HI_NO_IMPL_MSMON: u32 = 0x0000_0020;
export const IDR_HI_HAS_EXTD_ESR: u32 = 0x0000_0040;
export const IDR_HI_HAS_ESR: u32 = 0x0000_0080;
export const IDR_HI_HAS_ERR_MSI: u32 = 0x0000_0100;
export const IDR_HI_SP4: u32 = 0x0000_0200;
export const IDR_HI_HAS_ENDIS: u32 = 0x0000_0400;
export const IDR_HI_HAS_NFU: u32 = 0x0000_0800;
export const IDR_HI_HAS_IN_TL: u32 = 0x0000_1000;
export const IDR_HI_HAS_OUT_TL: u32 = 0x0000_2000;
export const IDR_HI_HAS_DEFAULT_PARTID: u32 = 0x0000_4000;
export const IDR_HI_RIS_MAX: u32 = 0x0f00_0000;

export const SIDR_S_PARTID_MAX: u32 = 0x0000_ffff;
export const SIDR_S_PMG_MAX: u32 = 0x00ff_0000;

export const IIDR_IMPLEMENTER: u32 = 0x0000_0fff;
export const IIDR_REVISION: u32 = 0x0000_f000;
export const IIDR_VARIANT: u32 = 0x000f_0000;
export const IIDR_PRODUCT_ID: u32 = 0xfff0_0000;

export const AIDR_ARCH_MINOR_REV: u32 = 0x0000_000f;
export const AIDR_ARCH_MAJOR_REV: u32 = 0x0000_00f0;

export const CPOR_IDR_CPBM_WD: u32 = 0x0000_ffff;

export const CCAP_IDR_CMAX_WD: u32 = 0x0000_003f;
export const CCAP_IDR_CASSOC_WD: u32 = 0x0000_1f00;
export const CCAP_IDR_HAS_CASSOC: u32 = 0x1000_0000;
export const CCAP_IDR_HAS_CMIN: u32 = 0x2000_0000;
export const CCAP_IDR_NO_CMAX: u32 = 0x4000_0000;
export const CCAP_IDR_HAS_CMAX_SOFTLIM: u32 = 0x8000_0000;

export const MBW_IDR_BWA_WD: u32 = 0x0000_003f;
export const MBW_IDR_MAX_LIM: u32 = 0x0000_0300;
export const MBW_IDR_HAS_MIN: u32 = 0x0000_0400;
export const MBW_IDR_HAS_MAX: u32 = 0x0000_0800;
export const MBW_IDR_HAS_PBM: u32 = 0x0000_1000;
export const MBW_IDR_HAS_PROP: u32 = 0x0000_2000;
export const MBW_IDR_WINDWR: u32 = 0x0000_4000;
export const MBW_IDR_BWPBM_WD: u32 = 0x1fff_0000;
/** Values of MAX_LIM: which limits MPAMCFG_MBW_MAX can set. */
export const MAX_LIM_BOTH: u32 = 0;
export const MAX_LIM_SOFT: u32 = 1;
export const MAX_LIM_HARD: u32 = 2;

export const PRI_IDR_HAS_INTPRI: u32 = 0x0000_0001;
export const PRI_IDR_INTPRI_0_IS_LOW: u32 = 0x0000_0002;
export const PRI_IDR_INTPRI_WD: u32 = 0x0000_03f0;
export const PRI_IDR_HAS_DSPRI: u32 = 0x0001_0000;
export const PRI_IDR_DSPRI_0_IS_LOW: u32 = 0x0002_0000;
export const PRI_IDR_DSPRI_WD: u32 = 0x03f0_0000;

export const PARTID_NRW_IDR_INTPARTID_MAX: u32 = 0x0000_ffff;

export const MSMON_IDR_MSMON_CSU: u32 = 0x0001_0000;
export const MSMON_IDR_MSMON_MBWU: u32 = 0x0002_0000;
export const MSMON_IDR_MSMON_CSA: u32 = 0x0004_0000;
export const MSMON_IDR_HAS_TL_MONITORING: u32 = 0x0c00_0000;
export const MSMON_IDR_HAS_OFLOW_SR: u32 = 0x1000_0000;
export const MSMON_IDR_HAS_OFLW_MSI: u32 = 0x2000_0000;
export const MSMON_IDR_NO_HW_OFLW_INTR: u32 = 0x4000_0000;
export const MSMON_IDR_HAS_LOCAL_CAPT_EVNT: u32 = 0x8000_0000;

/** Values of HAS_TL_MONITORING: which PARTID monitors compare. */
export const TL_MONITORING_BETWEEN: u32 = 0;
export const TL_MONITORING_BEFORE: u32 = 1;
export const TL_MONITORING_AFTER: u32 = 2;

export const CSUMON_IDR_NUM_MON: u32 = 0x0000_ffff;
export const CSUMON_IDR_NO_MATCH_PMG: u32 = 0x0040_0000;
export const CSUMON_IDR_NO_MATCH_PARTID: u32 = 0x0080_0000;
export const CSUMON_IDR_HAS_OFLOW_CAPT: u32 = 0x0100_0000;
export const CSUMON_IDR_HAS_CEVNT_OFLW: u32 = 0x0200_0000;
export const CSUMON_IDR_HAS_OFSR: u32 = 0x0400_0000;
export const CSUMON_IDR_HAS_OFLOW_LNKG: u32 = 0x0800_0000;
export const CSUMON_IDR_HAS_XCL: u32 = 0x2000_0000;
export const CSUMON_IDR_CSU_RO: u32 = 0x4000_0000;
export const CSUMON_IDR_HAS_CAPTURE: u32 = 0x8000_0000;

export const MBWUMON_IDR_NUM_MON: u32 = 0x0000_ffff;
export const MBWUMON_IDR_SCALE: u32 = 0x001f_0000;
export const MBWUMON_IDR_NO_MATCH_PMG: u32 = 0x0040_0000;
export const MBWUMON_IDR_NO_MATCH_PARTID: u32 = 0x0080_0000;
export const MBWUMON_IDR_HAS_OFLOW_CAPT: u32 = 0x0100_0000;
export const MBWUMON_IDR_HAS_CEVNT_OFLW: u32 = 0x0200_0000;
export const MBWUMON_IDR_HAS_OFSR: u32 = 0x0400_0000;
export const MBWUMON_IDR_HAS_OFLOW_LNKG: u32 = 0x0800_0000;
export const MBWUMON_IDR_HAS_RWBW: u32 = 0x1000_0000;
export const MBWUMON_IDR_LWD: u32 = 0x2000_0000;
export const MBWUMON_IDR_HAS_LONG: u32 = 0x4000_0000;
export const MBWUMON_IDR_HAS_CAPTURE: u32 = 0x8000_0000;

// MPAMF_IN_TL_IDR, MPAMF_OUT_TL_IDR
export const TL_IDR_PARTID_MAX: u32 = 0x0000_ffff;
export const TL_IDR_HAS_BASE_MASK: u32 = 0x4000_0000;
export const TL_IDR_HAS_DIRECT_TL: u32 = 0x8000_0000;
