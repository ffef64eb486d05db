/**
 * The registers of the first slice as the specification numbers them (IHI 0099, register descriptions): offsets in the page and field masks.
 * Written from the document and not from the register page, so that one can be held against the other.
 * 64-bit registers are two 32-bit words here; the upper one is called `<name>_HI` and its masks are those of the upper word.
 */

export interface GoldenField {
  readonly name: string;
  readonly mask: number;
}

export interface GoldenRegister {
  readonly register: string;
  readonly offset: number;
  /** An array of registers: how many, 4 bytes apart. */
  readonly count?: number;
  readonly fields: readonly GoldenField[];
}

export const goldenRegisters: readonly GoldenRegister[] = [
  {
    register: "MPAMF_IDR",
    offset: 0x0000,
    fields: [
      { name: "PARTID_MAX", mask: 0x0000_ffff },
      { name: "PMG_MAX", mask: 0x00ff_0000 },
      { name: "HAS_CCAP_PART", mask: 0x0100_0000 },
      { name: "HAS_CPOR_PART", mask: 0x0200_0000 },
      { name: "HAS_MBW_PART", mask: 0x0400_0000 },
      { name: "HAS_PRI_PART", mask: 0x0800_0000 },
      { name: "EXT", mask: 0x1000_0000 },
      { name: "HAS_IMPL_IDR", mask: 0x2000_0000 },
      { name: "HAS_MSMON", mask: 0x4000_0000 },
      { name: "HAS_PARTID_NRW", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MPAMF_IDR_HI",
    offset: 0x0004,
    fields: [
      { name: "HAS_RIS", mask: 0x0000_0001 },
      { name: "NO_IMPL_PART", mask: 0x0000_0010 },
      { name: "NO_IMPL_MSMON", mask: 0x0000_0020 },
      { name: "HAS_EXTD_ESR", mask: 0x0000_0040 },
      { name: "HAS_ESR", mask: 0x0000_0080 },
      { name: "HAS_ERR_MSI", mask: 0x0000_0100 },
      { name: "SP4", mask: 0x0000_0200 },
      { name: "HAS_ENDIS", mask: 0x0000_0400 },
      { name: "HAS_NFU", mask: 0x0000_0800 },
      { name: "HAS_IN_TL", mask: 0x0000_1000 },
      { name: "HAS_OUT_TL", mask: 0x0000_2000 },
      { name: "HAS_DEFAULT_PARTID", mask: 0x0000_4000 },
      { name: "RIS_MAX", mask: 0x0f00_0000 },
    ],
  },
  {
    register: "MPAMF_SIDR",
    offset: 0x0008,
    fields: [
      { name: "S_PARTID_MAX", mask: 0x0000_ffff },
      { name: "S_PMG_MAX", mask: 0x00ff_0000 },
    ],
  },
  {
    register: "MPAMF_IIDR",
    offset: 0x0018,
    fields: [
      { name: "Implementer", mask: 0x0000_0fff },
      { name: "Revision", mask: 0x0000_f000 },
      { name: "Variant", mask: 0x000f_0000 },
      { name: "ProductID", mask: 0xfff0_0000 },
    ],
  },
  {
    register: "MPAMF_AIDR",
    offset: 0x0020,
    fields: [
      { name: "ArchMinorRev", mask: 0x0000_000f },
      { name: "ArchMajorRev", mask: 0x0000_00f0 },
    ],
  },
  { register: "MPAMF_CPOR_IDR", offset: 0x0030, fields: [{ name: "CPBM_WD", mask: 0x0000_ffff }] },
  {
    register: "MPAMF_CCAP_IDR",
    offset: 0x0038,
    fields: [
      { name: "CMAX_WD", mask: 0x0000_003f },
      { name: "CASSOC_WD", mask: 0x0000_1f00 },
      { name: "HAS_CASSOC", mask: 0x1000_0000 },
      { name: "HAS_CMIN", mask: 0x2000_0000 },
      { name: "NO_CMAX", mask: 0x4000_0000 },
      { name: "HAS_CMAX_SOFTLIM", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MPAMF_MBW_IDR",
    offset: 0x0040,
    fields: [
      { name: "BWA_WD", mask: 0x0000_003f },
      { name: "MAX_LIM", mask: 0x0000_0300 },
      { name: "HAS_MIN", mask: 0x0000_0400 },
      { name: "HAS_MAX", mask: 0x0000_0800 },
      { name: "HAS_PBM", mask: 0x0000_1000 },
      { name: "HAS_PROP", mask: 0x0000_2000 },
      { name: "WINDWR", mask: 0x0000_4000 },
      { name: "BWPBM_WD", mask: 0x1fff_0000 },
    ],
  },
  {
    register: "MPAMF_MSMON_IDR",
    offset: 0x0080,
    fields: [
      { name: "MSMON_CSU", mask: 0x0001_0000 },
      { name: "MSMON_MBWU", mask: 0x0002_0000 },
      { name: "HAS_OFLOW_SR", mask: 0x1000_0000 },
      { name: "HAS_OFLW_MSI", mask: 0x2000_0000 },
      { name: "NO_HW_OFLW_INTR", mask: 0x4000_0000 },
      { name: "HAS_LOCAL_CAPT_EVNT", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MPAMF_CSUMON_IDR",
    offset: 0x0088,
    fields: [
      { name: "NUM_MON", mask: 0x0000_ffff },
      { name: "NO_MATCH_PMG", mask: 0x0040_0000 },
      { name: "NO_MATCH_PARTID", mask: 0x0080_0000 },
      { name: "HAS_OFLOW_CAPT", mask: 0x0100_0000 },
      { name: "HAS_CEVNT_OFLW", mask: 0x0200_0000 },
      { name: "HAS_OFSR", mask: 0x0400_0000 },
      { name: "HAS_OFLOW_LNKG", mask: 0x0800_0000 },
      { name: "HAS_XCL", mask: 0x2000_0000 },
      { name: "CSU_RO", mask: 0x4000_0000 },
      { name: "HAS_CAPTURE", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MPAMF_MBWUMON_IDR",
    offset: 0x0090,
    fields: [
      { name: "NUM_MON", mask: 0x0000_ffff },
      { name: "SCALE", mask: 0x001f_0000 },
      { name: "NO_MATCH_PMG", mask: 0x0040_0000 },
      { name: "NO_MATCH_PARTID", mask: 0x0080_0000 },
      { name: "HAS_OFLOW_CAPT", mask: 0x0100_0000 },
      { name: "HAS_CEVNT_OFLW", mask: 0x0200_0000 },
      { name: "HAS_OFSR", mask: 0x0400_0000 },
      { name: "HAS_OFLOW_LNKG", mask: 0x0800_0000 },
      { name: "HAS_RWBW", mask: 0x1000_0000 },
      { name: "LWD", mask: 0x2000_0000 },
      { name: "HAS_LONG", mask: 0x4000_0000 },
      { name: "HAS_CAPTURE", mask: 0x8000_0000 },
    ],
  },
  { register: "MPAMF_ECR", offset: 0x00f0, fields: [{ name: "INTEN", mask: 0x0000_0001 }] },
  {
    register: "MPAMF_ESR",
    offset: 0x00f8,
    fields: [
      { name: "PARTID_MON", mask: 0x0000_ffff },
      { name: "PMG", mask: 0x00ff_0000 },
      { name: "ERRCODE", mask: 0x0f00_0000 },
      { name: "OVRWR", mask: 0x8000_0000 },
    ],
  },
  { register: "MPAMF_ESR_HI", offset: 0x00fc, fields: [{ name: "RIS", mask: 0x0000_000f }] },
  {
    register: "MPAMCFG_PART_SEL",
    offset: 0x0100,
    fields: [
      { name: "PARTID_SEL", mask: 0x0000_ffff },
      { name: "INTERNAL", mask: 0x0001_0000 },
      { name: "INGRESS_TL", mask: 0x0002_0000 },
      { name: "DEFAULT_PARTID", mask: 0x0004_0000 },
      { name: "RIS", mask: 0x0f00_0000 },
    ],
  },
  {
    register: "MPAMCFG_CMAX",
    offset: 0x0108,
    fields: [
      { name: "CMAX", mask: 0x0000_ffff },
      { name: "SOFTLIM", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MPAMCFG_MBW_MAX",
    offset: 0x0208,
    fields: [
      { name: "MAX", mask: 0x0000_ffff },
      { name: "HARDLIM", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_CFG_MON_SEL",
    offset: 0x0800,
    fields: [
      { name: "MON_SEL", mask: 0x0000_ffff },
      { name: "RIS", mask: 0x0f00_0000 },
    ],
  },
  {
    register: "MSMON_CFG_CSU_FLT",
    offset: 0x0810,
    fields: [
      { name: "PARTID", mask: 0x0000_ffff },
      { name: "PMG", mask: 0x00ff_0000 },
      { name: "XCL", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_CFG_CSU_CTL",
    offset: 0x0818,
    fields: [
      { name: "TYPE", mask: 0x0000_00ff },
      { name: "OFLOW_LNKG", mask: 0x0000_0700 },
      { name: "MATCH_PARTID", mask: 0x0001_0000 },
      { name: "MATCH_PMG", mask: 0x0002_0000 },
      { name: "CEVNT_OFLW", mask: 0x0004_0000 },
      { name: "SUBTYPE", mask: 0x0070_0000 },
      { name: "OFLOW_CAPT", mask: 0x0080_0000 },
      { name: "OFLOW_FRZ", mask: 0x0100_0000 },
      { name: "OFLOW_INTR", mask: 0x0200_0000 },
      { name: "OFLOW_STATUS", mask: 0x0400_0000 },
      { name: "CAPT_RESET", mask: 0x0800_0000 },
      { name: "CAPT_EVNT", mask: 0x7000_0000 },
      { name: "EN", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_CFG_MBWU_FLT",
    offset: 0x0820,
    fields: [
      { name: "PARTID", mask: 0x0000_ffff },
      { name: "PMG", mask: 0x00ff_0000 },
      { name: "RWBW", mask: 0xc000_0000 },
    ],
  },
  {
    register: "MSMON_CFG_MBWU_CTL",
    offset: 0x0828,
    fields: [
      { name: "TYPE", mask: 0x0000_00ff },
      { name: "OFLOW_LNKG", mask: 0x0000_0700 },
      { name: "OFLOW_CAPT_L", mask: 0x0000_2000 },
      { name: "OFLOW_INTR_L", mask: 0x0000_4000 },
      { name: "OFLOW_STATUS_L", mask: 0x0000_8000 },
      { name: "MATCH_PARTID", mask: 0x0001_0000 },
      { name: "MATCH_PMG", mask: 0x0002_0000 },
      { name: "CEVNT_OFLW", mask: 0x0004_0000 },
      { name: "SCLEN", mask: 0x0008_0000 },
      { name: "SUBTYPE", mask: 0x0070_0000 },
      { name: "OFLOW_CAPT", mask: 0x0080_0000 },
      { name: "OFLOW_FRZ", mask: 0x0100_0000 },
      { name: "OFLOW_INTR", mask: 0x0200_0000 },
      { name: "OFLOW_STATUS", mask: 0x0400_0000 },
      { name: "CAPT_RESET", mask: 0x0800_0000 },
      { name: "CAPT_EVNT", mask: 0x7000_0000 },
      { name: "EN", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_CSU",
    offset: 0x0840,
    fields: [
      { name: "VALUE", mask: 0x7fff_ffff },
      { name: "NRDY", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_MBWU",
    offset: 0x0860,
    fields: [
      { name: "VALUE", mask: 0x7fff_ffff },
      { name: "NRDY", mask: 0x8000_0000 },
    ],
  },
  {
    register: "MSMON_MBWU_L",
    offset: 0x0880,
    fields: [
      { name: "VALUE", mask: 0xffff_ffff },
      { name: "VALUE44", mask: 0xffff_ffff },
    ],
  },
  {
    register: "MSMON_MBWU_L_HI",
    offset: 0x0884,
    fields: [
      { name: "VALUE", mask: 0x7fff_ffff },
      { name: "VALUE44", mask: 0x0000_0fff },
      { name: "NRDY", mask: 0x8000_0000 },
    ],
  },
  { register: "MPAMCFG_CPBM", offset: 0x1000, count: 1024, fields: [{ name: "P", mask: 0xffff_ffff }] },
];

/** Offset of a register in its page. */
export function offsetOf(register: string): number {
  return find(register).offset;
}

/** Mask of a field, unsigned. */
export function maskOf(register: string, field: string): number {
  const found = find(register).fields.find((f) => f.name === field);
  if (found === undefined) throw new Error(`${register} has no field ${field}`);
  return found.mask;
}

function find(register: string): GoldenRegister {
  const found = goldenRegisters.find((r) => r.register === register);
  if (found === undefined) throw new Error(`no register ${register} in this slice`);
  return found;
}
