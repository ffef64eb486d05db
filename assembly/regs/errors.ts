// Errors an MSC records (IHI 0099, MPAMF_ESR, MPAMF_ECR). MPAMF_ESR is 64 bits wide with an extended layout: ESR_HI_
// fields are in the word at offset + 4.

export const ECR_INTEN: u32 = 0x0000_0001;

export const ESR_PARTID_MON: u32 = 0x0000_ffff;
export const ESR_PMG: u32 = 0x00ff_0000;
export const ESR_ERRCODE: u32 = 0x0f00_0000;
export const ESR_OVRWR: u32 = 0x8000_0000;
export const ESR_HI_RIS: u32 = 0x0000_000f;

export const ERRCODE_NONE: u32 = 0;
export const ERRCODE_PARTID_SEL_RANGE: u32 = 1;
export const ERRCODE_REQ_PARTID_RANGE: u32 = 2;
export const ERRCODE_MSMONCFG_ID_RANGE: u32 = 3;
export const ERRCODE_REQ_PMG_RANGE: u32 = 4;
export const ERRCODE_MONITOR_RANGE: u32 = 5;
export const ERRCODE_INTPARTID_RANGE: u32 = 6;
export const ERRCODE_UNEXPECTED_INTERNAL: u32 = 7;
export const ERRCODE_UNDEFINED_RIS_PART_SEL: u32 = 8;
export const ERRCODE_RIS_NO_CONTROL: u32 = 9;
export const ERRCODE_UNDEFINED_RIS_MON_SEL: u32 = 10;
export const ERRCODE_RIS_NO_MONITOR: u32 = 11;
