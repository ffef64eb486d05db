// The two blocks that say how an interrupt becomes a write (IHI 0099, MPAMF_ERR_MSI_*, MSMON_OFLOW_MSI_*): words at
// MSI_MPAM, then ADDR_L, ADDR_H, DATA, ATTR.

export const MSI_MPAM_PARTID: u32 = 0x0000_ffff;
export const MSI_MPAM_PMG: u32 = 0x00ff_0000;
export const MSI_ADDR_L: u32 = 0xffff_fffc;
export const MSI_ADDR_H: u32 = 0x000f_ffff;
export const MSI_ATTR_MSIEN: u32 = 0x0000_0001;
export const MSI_ATTR_MEMATTR: u32 = 0x0f00_0000;
export const MSI_ATTR_SH: u32 = 0x3000_0000;
