// Offsets of the registers in an MPAM feature page (IHI 0099, memory-mapped register index), and nothing else:
// Object.entries of this module names the registers in diagnostics.

export const MPAMF_IDR: u32 = 0x0000;
export const MPAMF_SIDR: u32 = 0x0008;
export const MPAMF_IIDR: u32 = 0x0018;
export const MPAMF_AIDR: u32 = 0x0020;
export const MPAMF_IMPL_IDR: u32 = 0x0028;
export const MPAMF_CPOR_IDR: u32 = 0x0030;
export const MPAMF_CCAP_IDR: u32 = 0x0038;
export const MPAMF_MBW_IDR: u32 = 0x0040;
export const MPAMF_PRI_IDR: u32 = 0x0048;
export const MPAMF_PARTID_NRW_IDR: u32 = 0x0050;
export const MPAMF_MSMON_IDR: u32 = 0x0080;
export const MPAMF_CSUMON_IDR: u32 = 0x0088;
export const MPAMF_MBWUMON_IDR: u32 = 0x0090;
export const MPAMF_ECR: u32 = 0x00f0;
export const MPAMF_ESR: u32 = 0x00f8;
export const MPAMCFG_PART_SEL: u32 = 0x0100;
export const MPAMCFG_CMAX: u32 = 0x0108;
export const MPAMCFG_CMIN: u32 = 0x0110;
export const MPAMCFG_CASSOC: u32 = 0x0118;
export const MPAMCFG_MBW_MIN: u32 = 0x0200;
export const MPAMCFG_MBW_MAX: u32 = 0x0208;
export const MPAMCFG_MBW_WINWD: u32 = 0x0220;
export const MPAMCFG_PRI: u32 = 0x0400;
export const MPAMCFG_MBW_PROP: u32 = 0x0500;
export const MPAMCFG_INTPARTID: u32 = 0x0600;
export const MSMON_CFG_MON_SEL: u32 = 0x0800;
export const MSMON_CFG_CSU_FLT: u32 = 0x0810;
export const MSMON_CFG_CSU_CTL: u32 = 0x0818;
export const MSMON_CFG_MBWU_FLT: u32 = 0x0820;
export const MSMON_CFG_MBWU_CTL: u32 = 0x0828;
export const MSMON_CSU: u32 = 0x0840;
export const MSMON_MBWU: u32 = 0x0860;
export const MSMON_MBWU_L: u32 = 0x0880;
export const MPAMCFG_CPBM: u32 = 0x1000;
export const MPAMCFG_MBW_PBM: u32 = 0x2000;
