// How large tables say a register page is.

/** IHI 0099: the registers of MPAM v1.1 end below 0x4000; a table says the size of the page in use, not of its 64 KiB. */
export const MSC_PAGE_BYTES = 0x4000;
