/**
 * The registers of an MSC as the specification numbers them (IHI 0099 B.a, register descriptions; the project's register reference,
 * 1.6 and sections 2 to 5): offsets in the page, what may be done to them, which selector picks their content, and the bits of each field.
 * Written from the document and not from the register page, so that one can be held against the other.
 * 64-bit registers are two 32-bit words here; the upper one is called `<name>_HI` and its masks are those of the upper word.
 * What of all this a given MSC has is in implemented.ts.
 */

export interface GoldenField {
  readonly name: string;
  readonly mask: number;
}

export type Access = "RO" | "RW" | "WO";

/**
 * What picks the content (1.6): RIS or PARTID of MPAMCFG_PART_SEL or both, or RIS and index of MSMON_CFG_MON_SEL, the index perhaps rounded
 * down to 32.
 */
export type Selector = "none" | "part-ris" | "partid" | "ris-partid" | "mon" | "mon/32";

/** "1.1" is 0.1 too; "B.a" came after 1.1. */
export type Since = "1.0" | "1.1" | "B.a";

/** 1.1: alike in all banks, perhaps different by bank, in the Secure bank only, or separate storage. */
export type Banking = "alike" | "may-differ" | "secure" | "separate";

export interface GoldenRegister {
  readonly register: string;
  readonly offset: number;
  readonly access: Access;
  readonly selector: Selector;
  readonly since: Since;
  readonly banks: Banking;
  /** An array of registers: how many, 4 bytes apart. */
  readonly count?: number;
  readonly fields: readonly GoldenField[];
}

/** A field from its highest to its lowest bit, or of one bit. */
function bits(name: string, high: number, low = high): GoldenField {
  return { name, mask: 2 ** (high + 1) - 2 ** low };
}

type Row = readonly [
  register: string,
  offset: number,
  access: Access,
  selector: Selector,
  since: Since,
  banks: Banking,
  fields: readonly GoldenField[],
  count?: number,
];

const partidPmg = [bits("PARTID", 15, 0), bits("PMG", 23, 16)];
const value = [bits("VALUE", 30, 0), bits("NRDY", 31)];
const valueLong = [bits("VALUE", 31, 0), bits("VALUE44", 31, 0)];
const valueLongHigh = [bits("VALUE", 30, 0), bits("VALUE44", 11, 0), bits("NRDY", 31)];
const msiAttr = [bits("MSIEN", 0), bits("MSI_MEMATTR", 27, 24), bits("MSI_SH", 29, 28)];
const translation = [bits("PARTID_TL", 15, 0), bits("ENABLE", 31)];

/** MSMON_CFG_CSU_CTL and MSMON_CFG_MBWU_CTL (4.1). */
const ctlCommon = [
  bits("TYPE", 7, 0),
  bits("OFLOW_LNKG", 10, 8),
  bits("MATCH_PARTID", 16),
  bits("MATCH_PMG", 17),
  bits("CEVNT_OFLW", 18),
  bits("SUBTYPE", 22, 20), // D1
  bits("OFLOW_CAPT", 23),
  bits("OFLOW_FRZ", 24),
  bits("OFLOW_INTR", 25),
  bits("OFLOW_STATUS", 26),
  bits("CAPT_RESET", 27),
  bits("CAPT_EVNT", 30, 28),
  bits("EN", 31),
];

/** MPAMF_CSUMON_IDR and MPAMF_MBWUMON_IDR (2). */
const monIdrCommon = [
  bits("NUM_MON", 15, 0),
  bits("NO_MATCH_PMG", 22),
  bits("NO_MATCH_PARTID", 23),
  bits("HAS_OFLOW_CAPT", 24),
  bits("HAS_CEVNT_OFLW", 25),
  bits("HAS_OFSR", 26),
  bits("HAS_OFLOW_LNKG", 27),
  bits("HAS_CAPTURE", 31),
];

const rows: readonly Row[] = [
  // 2: identification.
  [
    "MPAMF_IDR",
    0x0000,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [
      bits("PARTID_MAX", 15, 0),
      bits("PMG_MAX", 23, 16),
      bits("HAS_CCAP_PART", 24),
      bits("HAS_CPOR_PART", 25),
      bits("HAS_MBW_PART", 26),
      bits("HAS_PRI_PART", 27),
      bits("EXT", 28),
      bits("HAS_IMPL_IDR", 29),
      bits("HAS_MSMON", 30),
      bits("HAS_PARTID_NRW", 31),
    ],
  ],
  [
    "MPAMF_IDR_HI",
    0x0004,
    "RO",
    "part-ris",
    "1.1",
    "may-differ",
    [
      bits("HAS_RIS", 0),
      bits("NO_IMPL_PART", 4),
      bits("NO_IMPL_MSMON", 5),
      bits("HAS_EXTD_ESR", 6),
      bits("HAS_ESR", 7),
      bits("HAS_ERR_MSI", 8),
      bits("SP4", 9),
      bits("HAS_ENDIS", 10),
      bits("HAS_NFU", 11),
      bits("HAS_IN_TL", 12),
      bits("HAS_OUT_TL", 13),
      bits("HAS_DEFAULT_PARTID", 14),
      bits("RIS_MAX", 27, 24),
    ],
  ],
  ["MPAMF_SIDR", 0x0008, "RO", "none", "1.0", "secure", [bits("S_PARTID_MAX", 15, 0), bits("S_PMG_MAX", 23, 16)]],
  [
    "MPAMF_IIDR",
    0x0018,
    "RO",
    "none",
    "1.0",
    "alike",
    [bits("Implementer", 11, 0), bits("Revision", 15, 12), bits("Variant", 19, 16), bits("ProductID", 31, 20)],
  ],
  ["MPAMF_AIDR", 0x0020, "RO", "none", "1.0", "alike", [bits("ArchMinorRev", 3, 0), bits("ArchMajorRev", 7, 4)]],
  ["MPAMF_IMPL_IDR", 0x0028, "RO", "part-ris", "1.0", "may-differ", [bits("IMPLFEAT", 31, 0)]],
  ["MPAMF_CPOR_IDR", 0x0030, "RO", "part-ris", "1.0", "may-differ", [bits("CPBM_WD", 15, 0)]],
  [
    "MPAMF_CCAP_IDR",
    0x0038,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [
      bits("CMAX_WD", 5, 0),
      bits("CASSOC_WD", 12, 8),
      bits("HAS_CASSOC", 28),
      bits("HAS_CMIN", 29),
      bits("NO_CMAX", 30),
      bits("HAS_CMAX_SOFTLIM", 31),
    ],
  ],
  [
    "MPAMF_MBW_IDR",
    0x0040,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [
      bits("BWA_WD", 5, 0),
      bits("MAX_LIM", 9, 8),
      bits("HAS_MIN", 10),
      bits("HAS_MAX", 11),
      bits("HAS_PBM", 12),
      bits("HAS_PROP", 13),
      bits("WINDWR", 14),
      bits("BWPBM_WD", 28, 16),
    ],
  ],
  [
    "MPAMF_PRI_IDR",
    0x0048,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [
      bits("HAS_INTPRI", 0),
      bits("INTPRI_0_IS_LOW", 1),
      bits("INTPRI_WD", 9, 4),
      bits("HAS_DSPRI", 16),
      bits("DSPRI_0_IS_LOW", 17),
      bits("DSPRI_WD", 25, 20),
    ],
  ],
  ["MPAMF_PARTID_NRW_IDR", 0x0050, "RO", "none", "1.0", "may-differ", [bits("INTPARTID_MAX", 15, 0)]],
  [
    "MPAMF_MSMON_IDR",
    0x0080,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [
      bits("MSMON_CSU", 16),
      bits("MSMON_MBWU", 17),
      bits("MSMON_CSA", 18),
      bits("HAS_TL_MONITORING", 27, 26),
      bits("HAS_OFLOW_SR", 28),
      bits("HAS_OFLW_MSI", 29),
      bits("NO_HW_OFLW_INTR", 30), // D27
      bits("HAS_LOCAL_CAPT_EVNT", 31),
    ],
  ],
  [
    "MPAMF_CSUMON_IDR",
    0x0088,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [...monIdrCommon, bits("HAS_XCL", 29), bits("CSU_RO", 30)],
  ],
  [
    "MPAMF_MBWUMON_IDR",
    0x0090,
    "RO",
    "part-ris",
    "1.0",
    "may-differ",
    [...monIdrCommon, bits("SCALE", 20, 16), bits("HAS_RWBW", 28), bits("LWD", 29), bits("HAS_LONG", 30)],
  ],

  // 5.1: errors.
  ["MPAMF_ERR_MSI_MPAM", 0x00dc, "RW", "none", "1.1", "separate", partidPmg],
  ["MPAMF_ERR_MSI_ADDR_L", 0x00e0, "RW", "none", "1.1", "separate", [bits("MSI_ADDR_L", 31, 2)]],
  ["MPAMF_ERR_MSI_ADDR_H", 0x00e4, "RW", "none", "1.1", "separate", [bits("MSI_ADDR_H", 19, 0)]],
  ["MPAMF_ERR_MSI_DATA", 0x00e8, "RW", "none", "1.1", "separate", [bits("MSI_DATA", 31, 0)]],
  ["MPAMF_ERR_MSI_ATTR", 0x00ec, "RW", "none", "1.1", "separate", msiAttr],
  ["MPAMF_ECR", 0x00f0, "RW", "none", "1.0", "separate", [bits("INTEN", 0)]],
  [
    "MPAMF_ESR",
    0x00f8,
    "RW",
    "none",
    "1.0",
    "separate",
    [bits("PARTID_MON", 15, 0), bits("PMG", 23, 16), bits("ERRCODE", 27, 24), bits("OVRWR", 31)],
  ],
  ["MPAMF_ESR_HI", 0x00fc, "RW", "none", "1.1", "separate", [bits("RIS", 3, 0)]],

  // 3.1: partition configuration.
  [
    "MPAMCFG_PART_SEL",
    0x0100,
    "RW",
    "none",
    "1.0",
    "separate",
    [
      bits("PARTID_SEL", 15, 0),
      bits("INTERNAL", 16),
      bits("INGRESS_TL", 17),
      bits("DEFAULT_PARTID", 18),
      bits("RIS", 27, 24),
    ],
  ],
  ["MPAMCFG_CMAX", 0x0108, "RW", "ris-partid", "1.0", "separate", [bits("CMAX", 15, 0), bits("SOFTLIM", 31)]],
  ["MPAMCFG_CMIN", 0x0110, "RW", "ris-partid", "1.1", "separate", [bits("CMIN", 15, 0)]],
  ["MPAMCFG_CASSOC", 0x0118, "RW", "ris-partid", "1.1", "separate", [bits("CASSOC", 15, 0)]],
  ["MPAMCFG_MBW_MIN", 0x0200, "RW", "ris-partid", "1.0", "separate", [bits("MIN", 15, 0)]],
  ["MPAMCFG_MBW_MAX", 0x0208, "RW", "ris-partid", "1.0", "separate", [bits("MAX", 15, 0), bits("HARDLIM", 31)]],
  ["MPAMCFG_MBW_WINWD", 0x0220, "RW", "ris-partid", "1.0", "separate", [bits("US_FRAC", 7, 0), bits("US_INT", 23, 8)]],
  ["MPAMCFG_EN", 0x0300, "WO", "none", "1.1", "separate", [bits("PARTID", 15, 0)]],
  ["MPAMCFG_DIS", 0x0310, "WO", "none", "1.1", "separate", [bits("PARTID", 15, 0), bits("NFU", 31)]],
  ["MPAMCFG_EN_FLAGS", 0x0320, "RW", "partid", "1.1", "separate", [bits("EN", 31, 0)]],
  ["MPAMCFG_PRI", 0x0400, "RW", "ris-partid", "1.0", "separate", [bits("INTPRI", 15, 0), bits("DSPRI", 31, 16)]],
  ["MPAMCFG_MBW_PROP", 0x0500, "RW", "ris-partid", "1.0", "separate", [bits("STRIDEM1", 15, 0), bits("EN", 31)]],
  ["MPAMCFG_INTPARTID", 0x0600, "RW", "partid", "1.0", "separate", [bits("INTPARTID", 15, 0), bits("INTERNAL", 16)]],

  // 4.1: monitors.
  ["MSMON_CFG_MON_SEL", 0x0800, "RW", "none", "1.0", "separate", [bits("MON_SEL", 15, 0), bits("RIS", 27, 24)]],
  ["MSMON_CAPT_EVNT", 0x0808, "WO", "none", "1.0", "separate", [bits("NOW", 0), bits("ALL", 1)]],
  ["MSMON_CFG_CSU_FLT", 0x0810, "RW", "mon", "1.0", "separate", [...partidPmg, bits("XCL", 31)]],
  ["MSMON_CFG_CSU_CTL", 0x0818, "RW", "mon", "1.0", "separate", ctlCommon],
  ["MSMON_CFG_MBWU_FLT", 0x0820, "RW", "mon", "1.0", "separate", [...partidPmg, bits("RWBW", 31, 30)]],
  [
    "MSMON_CFG_MBWU_CTL",
    0x0828,
    "RW",
    "mon",
    "1.0",
    "separate",
    [...ctlCommon, bits("OFLOW_CAPT_L", 13), bits("OFLOW_INTR_L", 14), bits("OFLOW_STATUS_L", 15), bits("SCLEN", 19)],
  ],
  ["MSMON_CSU", 0x0840, "RW", "mon", "1.0", "separate", value],
  ["MSMON_CSU_CAPTURE", 0x0848, "RW", "mon", "1.0", "separate", value],
  ["MSMON_CSU_OFSR", 0x0858, "RO", "mon/32", "1.1", "separate", [bits("OFPND", 31, 0)]],
  ["MSMON_MBWU", 0x0860, "RW", "mon", "1.0", "separate", value],
  ["MSMON_MBWU_CAPTURE", 0x0868, "RW", "mon", "1.0", "separate", value],
  ["MSMON_MBWU_L", 0x0880, "RW", "mon", "1.1", "separate", valueLong],
  ["MSMON_MBWU_L_HI", 0x0884, "RW", "mon", "1.1", "separate", valueLongHigh],
  ["MSMON_MBWU_L_CAPTURE", 0x0890, "RW", "mon", "1.1", "separate", valueLong],
  ["MSMON_MBWU_L_CAPTURE_HI", 0x0894, "RW", "mon", "1.1", "separate", valueLongHigh],
  ["MSMON_MBWU_OFSR", 0x0898, "RO", "mon/32", "1.1", "separate", [bits("OFPND", 31, 0)]],
  ["MSMON_OFLOW_MSI_MPAM", 0x08dc, "RW", "none", "1.1", "separate", partidPmg],
  ["MSMON_OFLOW_MSI_ADDR_L", 0x08e0, "RW", "none", "1.1", "separate", [bits("MSI_ADDR_L", 31, 2)]],
  ["MSMON_OFLOW_MSI_ADDR_H", 0x08e4, "RW", "none", "1.1", "separate", [bits("MSI_ADDR_H", 19, 0)]],
  ["MSMON_OFLOW_MSI_DATA", 0x08e8, "RW", "none", "1.1", "separate", [bits("MSI_DATA", 31, 0)]],
  ["MSMON_OFLOW_MSI_ATTR", 0x08ec, "RW", "none", "1.1", "separate", msiAttr],
  [
    "MSMON_OFLOW_SR",
    0x08f0,
    "RO",
    "none",
    "1.1",
    "separate",
    [bits("RIS_PND", 15, 0), bits("CSA_OFLOW_PND", 29), bits("MBWU_OFLOW_PND", 30), bits("CSU_OFLOW_PND", 31)],
  ],

  // 3.1: bitmaps, and 6.7: translation.
  ["MPAMCFG_CPBM", 0x1000, "RW", "ris-partid", "1.0", "separate", [bits("P", 31, 0)], 1024],
  ["MPAMCFG_MBW_PBM", 0x2000, "RW", "ris-partid", "1.0", "separate", [bits("P", 31, 0)], 128],
  [
    "MPAMF_IN_TL_IDR",
    0x3000,
    "RO",
    "none",
    "B.a",
    "may-differ",
    [bits("IN_PARTID_MAX", 15, 0), bits("HAS_BASE_MASK", 30), bits("HAS_DIRECT_TL", 31)],
  ],
  ["MPAMCFG_IN_TL", 0x3008, "RW", "partid", "B.a", "separate", translation],
  ["MPAMCFG_IN_TL_BASE", 0x3010, "RW", "none", "B.a", "separate", [bits("BASE", 15, 0)]],
  ["MPAMCFG_IN_TL_MASK", 0x3018, "RW", "none", "B.a", "separate", [bits("MASK_WD", 4, 0)]],
  [
    "MPAMF_OUT_TL_IDR",
    0x3200,
    "RO",
    "none",
    "B.a",
    "may-differ",
    [bits("OUT_PARTID_MAX", 15, 0), bits("HAS_BASE_MASK", 30), bits("HAS_DIRECT_TL", 31)],
  ],
  ["MPAMCFG_OUT_TL", 0x3208, "RW", "partid", "B.a", "separate", translation],
  ["MPAMCFG_OUT_TL_BASE", 0x3210, "RW", "none", "B.a", "separate", [bits("BASE", 15, 0)]],
  ["MPAMCFG_OUT_TL_MASK", 0x3218, "RW", "none", "B.a", "separate", [bits("MASK_WD", 4, 0)]],
];

export const goldenRegisters: readonly GoldenRegister[] = rows.map(
  ([register, offset, access, selector, since, banks, fields, count]) => ({
    register,
    offset,
    access,
    selector,
    since,
    banks,
    fields,
    ...(count === undefined ? {} : { count }),
  }),
);

const byName = new Map(goldenRegisters.map((register) => [register.register, register]));

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

/** A word made of fields of a register, each given its value; a value too large for its field is an error of the test. */
export function wordOf(register: string, fields: Readonly<Record<string, number>>): number {
  let word = 0;
  for (const [name, value] of Object.entries(fields)) {
    const mask = maskOf(register, name);
    const one = (mask & -mask) >>> 0;
    if (value < 0 || value * one > mask) throw new Error(`${register}.${name} cannot hold ${value}`);
    word += value * one;
  }
  return word;
}

/** A field's value in a word. */
export function fieldOf(register: string, field: string, word: number): number {
  const mask = maskOf(register, field);
  return ((word & mask) >>> 0) / ((mask & -mask) >>> 0);
}

function find(register: string): GoldenRegister {
  const found = byName.get(register);
  if (found === undefined) throw new Error(`no register ${register}`);
  return found;
}
