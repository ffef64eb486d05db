// Accesses in order, written from linux-driver.md sections 2.2, 2.4, 5.1, 6.3 and 7.4: "R offset", "W offset value".

function lines(text: string): string[] {
  return text.trim().split(/\s*\n\s*/);
}

/** 2.2: one MSC of version 1.1 with two RIS. RIS 0 has every control and both monitor types, RIS 1 portions only. */
export const PROBE = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x038
  R 0x030
  R 0x040
  R 0x048
  R 0x080
  R 0x088
  W 0x800 0x00000000
  W 0x810 0x00000000
  W 0x818 0x80030043
  W 0x840 0x80000000
  R 0x840
  W 0x840 0x00000000
  W 0x810 0x00000001
  R 0x840
  R 0x090
  R 0x050
  W 0x100 0x01000000
  R 0x000
  R 0x004
  W 0x100 0x01000000
  R 0x030
  R 0x0f8
  W 0x0fc 0x00000000
  W 0x0f8 0x00000000
`);

/** 2.2: MPAM v1.0, where MPAMF_IDR has one word and there is one RIS; portions only, nothing in MPAMF_ESR. */
export const PROBE_V10 = lines(`
  R 0x020
  R 0x000
  R 0x018
  W 0x100 0x00000000
  R 0x000
  W 0x100 0x00000000
  R 0x030
  R 0x0f8
`);

/** 5.1, 5.2: PARTID 5 of RIS 0, nothing configured; 40 portions, 33 bandwidth portions, INTPRI 3 bits with 0 low, DSPRI 4 bits with 0 high. */
export const PROGRAM_RESET = lines(`
  W 0x100 0x00000005
  W 0x600 0x00010005
  W 0x100 0x00010005
  W 0x1000 0xffffffff
  W 0x1004 0x000000ff
  W 0x2000 0xffffffff
  W 0x2004 0x00000001
  W 0x200 0x00000000
  W 0x208 0x0000ffff
  W 0x500 0x00000000
  W 0x108 0x0000ffff
  W 0x110 0x00000000
  W 0x118 0x0000ffff
  W 0x400 0x00000007
`);

/** The same with portions 4 to 35, bandwidth portion 0 and MBW_MAX 0x8000 configured. */
export const PROGRAM_CONFIGURED = lines(`
  W 0x100 0x00000005
  W 0x600 0x00010005
  W 0x100 0x00010005
  W 0x1000 0xfffffff0
  W 0x1004 0x0000000f
  W 0x2000 0x00000001
  W 0x2004 0x00000000
  W 0x200 0x00000000
  W 0x208 0x00008000
  W 0x500 0x00000000
  W 0x108 0x0000ffff
  W 0x110 0x00000000
  W 0x118 0x0000ffff
  W 0x400 0x00000007
`);

/** 6.3: CSU monitor 2 of RIS 0, not configured yet, for PARTID 3 and PMG 1. */
export const CSU_FIRST_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  W 0x810 0x00010003
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
`);

/** 6.3: the same, when nothing has to change. */
export const CSU_NEXT_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.3, 6.4: a 63-bit MBWU monitor 1 for PARTID 3 alone, not configured yet. */
export const MBWU_L_FIRST_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x880 0x00000000
  W 0x884 0x00000000
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3: the same with a counter of 31 bits. */
export const MBWU_FIRST_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x860 0x00000000
  R 0x860
`);

/** 6.3: configured and overflowed: the status is written away, the counter left alone. */
export const MBWU_OVERFLOW_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x828 0x80010042
  R 0x860
`);

/** 7.4: the handler of an MSC with a 64-bit MPAMF_ESR. */
export const ERROR_HANDLER = lines(`
  R 0x0f8
  R 0x0fc
  R 0x0f8
  W 0x0fc 0x00000000
  W 0x0f8 0x00000000
  W 0x0f0 0x00000000
`);

/** 7.4: ERRCODE and the name that is printed. */
export const ERROR_NAMES: readonly (readonly [code: number, name: string])[] = [
  [1, "PARTID_SEL_Range"],
  [2, "Req_PARTID_Range"],
  [3, "MSMONCFG_ID_RANGE"],
  [4, "Req_PMG_Range"],
  [5, "Monitor_Range"],
  [6, "intPARTID_Range"],
  [7, "Unexpected_INTERNAL"],
  [8, "Undefined_RIS_PART_SEL"],
  [9, "RIS_No_Control"],
  [10, "Undefined_RIS_MON_SEL"],
  [11, "RIS_No_Monitor"],
  [12, "Reserved"],
  [13, "Reserved"],
  [14, "Reserved"],
  [15, "Reserved"],
];
