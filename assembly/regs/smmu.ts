// Registers of an SMMUv3 that have to do with MPAM (IHI 0070, 6.3). Offsets are from page 0 of a Security state; those of
// Secure state lie SMMU_S further on in the Non-secure page.

export const SMMU_S: u32 = 0x8000;

export const SMMU_IDR1: u32 = 0x0004;
export const SMMU_IDR3: u32 = 0x000c;
export const SMMU_AIDR: u32 = 0x001c;
export const SMMU_CR0: u32 = 0x0020;
export const SMMU_CR0ACK: u32 = 0x0024;
export const SMMU_MPAMIDR: u32 = 0x0130;
export const SMMU_GMPAM: u32 = 0x0138;
export const SMMU_GBPMPAM: u32 = 0x013c;

export const SMMU_S_IDR1_SECURE_IMPL: u32 = 0x8000_0000;

export const SMMU_IDR3_MPAM: u32 = 0x0000_0080;
export const SMMU_IDR3_PASIDTT: u32 = 0x0001_0000;

export const SMMU_CR0_SMMUEN: u32 = 0x0000_0001;
export const SMMU_CR0_ATSCHK: u32 = 0x0000_0010;

export const SMMU_MPAMIDR_PARTID_MAX: u32 = 0x0000_ffff;
export const SMMU_MPAMIDR_PMG_MAX: u32 = 0x00ff_0000;
export const SMMU_MPAMIDR_HAS_MPAM_NS: u32 = 0x0200_0000;

// SMMU_GMPAM and SMMU_GBPMPAM.
export const SMMU_GMPAM_PARTID: u32 = 0x0000_ffff;
export const SMMU_GMPAM_PMG: u32 = 0x00ff_0000;
export const SMMU_GMPAM_MPAM_NS: u32 = 0x0100_0000;
export const SMMU_GMPAM_UPDATE: u32 = 0x8000_0000;
