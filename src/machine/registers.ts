// Registers for people: which word of a feature page belongs to which register, and what its fields are called. Offsets
// and masks are those of assembly/regs; names are those of the architecture (IHI 0099, register descriptions).

import * as regs from "../../assembly/regs/index.ts";
import * as offsets from "../../assembly/regs/offsets.ts";

/** Fields of one 32-bit word, by name: the mask of each. */
export type FieldMasks = Readonly<Record<string, number>>;

/** A register of a feature page. `offset` in bytes; fields as masks. */
export interface Register {
  readonly name: string;
  readonly offset: number;
  readonly width: 32 | 64;
  /** An array of registers, 4 bytes apart; 1 for any other. */
  readonly count: number;
  /** Words of the register, low first: one, or two where it is 64 bits wide. */
  readonly words: readonly FieldMasks[];
}

/** A word of the page: what a 32-bit access reaches. */
export interface RegisterWord {
  /** As MPAMCFG_CPBM3 in an array; the upper word of a 64-bit register has _HI behind its name. */
  readonly name: string;
  readonly register: Register;
  readonly offset: number;
  readonly fields: FieldMasks;
}

/** A register by name, and its fields as numbers. */
export interface DecodedRegister {
  readonly register: string;
  readonly fields: Readonly<Record<string, number>>;
}

const OFFSETS = { ...offsets };
type Name = keyof typeof OFFSETS;

const WHOLE = 0xffff_ffff;

const FILTER: FieldMasks = { PARTID: regs.FLT_PARTID, PMG: regs.FLT_PMG };
const VALUE: FieldMasks = { VALUE: regs.VALUE_VALUE, NRDY: regs.VALUE_NRDY };
const VALUE_L: readonly FieldMasks[] = [{ VALUE: WHOLE }, { VALUE: regs.VALUE_L_HI_63, NRDY: regs.VALUE_NRDY }];
const PENDING: FieldMasks = { OFPND: WHOLE };
const MSI_MPAM: FieldMasks = { PARTID: regs.MSI_MPAM_PARTID, PMG: regs.MSI_MPAM_PMG };
const MSI_ADDR_L: FieldMasks = { MSI_ADDR_L: regs.MSI_ADDR_L };
const MSI_ADDR_H: FieldMasks = { MSI_ADDR_H: regs.MSI_ADDR_H };
const MSI_DATA: FieldMasks = { MSI_DATA: WHOLE };
const MSI_ATTR: FieldMasks = {
  MSIEN: regs.MSI_ATTR_MSIEN,
  MSI_MEMATTR: regs.MSI_ATTR_MEMATTR,
  MSI_SH: regs.MSI_ATTR_SH,
};
const CONTROL_LOW: FieldMasks = { TYPE: regs.CTL_TYPE, OFLOW_LNKG: regs.CTL_OFLOW_LNKG };
const CONTROL_HIGH: FieldMasks = {
  SUBTYPE: regs.CTL_SUBTYPE,
  OFLOW_CAPT: regs.CTL_OFLOW_CAPT,
  OFLOW_FRZ: regs.CTL_OFLOW_FRZ,
  OFLOW_INTR: regs.CTL_OFLOW_INTR,
  OFLOW_STATUS: regs.CTL_OFLOW_STATUS,
  CAPT_RESET: regs.CTL_CAPT_RESET,
  CAPT_EVNT: regs.CTL_CAPT_EVNT,
  EN: regs.CTL_EN,
};
const TL: FieldMasks = { PARTID_TL: regs.TL_PARTID_TL, ENABLE: regs.TL_ENABLE };

/** Every register there is an offset for; tsc holds the two lists together. */
const WORDS: Readonly<Record<Name, FieldMasks | readonly FieldMasks[]>> = {
  MPAMF_IDR: [
    {
      PARTID_MAX: regs.IDR_PARTID_MAX,
      PMG_MAX: regs.IDR_PMG_MAX,
      HAS_CCAP_PART: regs.IDR_HAS_CCAP_PART,
      HAS_CPOR_PART: regs.IDR_HAS_CPOR_PART,
      HAS_MBW_PART: regs.IDR_HAS_MBW_PART,
      HAS_PRI_PART: regs.IDR_HAS_PRI_PART,
      EXT: regs.IDR_EXT,
      HAS_IMPL_IDR: regs.IDR_HAS_IMPL_IDR,
      HAS_MSMON: regs.IDR_HAS_MSMON,
      HAS_PARTID_NRW: regs.IDR_HAS_PARTID_NRW,
    },
    {
      HAS_RIS: regs.IDR_HI_HAS_RIS,
      NO_IMPL_PART: regs.IDR_HI_NO_IMPL_PART,
      NO_IMPL_MSMON: regs.IDR_HI_NO_IMPL_MSMON,
      HAS_EXTD_ESR: regs.IDR_HI_HAS_EXTD_ESR,
      HAS_ESR: regs.IDR_HI_HAS_ESR,
      HAS_ERR_MSI: regs.IDR_HI_HAS_ERR_MSI,
      SP4: regs.IDR_HI_SP4,
      HAS_ENDIS: regs.IDR_HI_HAS_ENDIS,
      HAS_NFU: regs.IDR_HI_HAS_NFU,
      HAS_IN_TL: regs.IDR_HI_HAS_IN_TL,
      HAS_OUT_TL: regs.IDR_HI_HAS_OUT_TL,
      HAS_DEFAULT_PARTID: regs.IDR_HI_HAS_DEFAULT_PARTID,
      RIS_MAX: regs.IDR_HI_RIS_MAX,
    },
  ],
  MPAMF_SIDR: { S_PARTID_MAX: regs.SIDR_S_PARTID_MAX, S_PMG_MAX: regs.SIDR_S_PMG_MAX },
  MPAMF_IIDR: {
    Implementer: regs.IIDR_IMPLEMENTER,
    Revision: regs.IIDR_REVISION,
    Variant: regs.IIDR_VARIANT,
    ProductID: regs.IIDR_PRODUCT_ID,
  },
  MPAMF_AIDR: { ArchMinorRev: regs.AIDR_ARCH_MINOR_REV, ArchMajorRev: regs.AIDR_ARCH_MAJOR_REV },
  MPAMF_IMPL_IDR: { IMPLFEAT: WHOLE },
  MPAMF_CPOR_IDR: { CPBM_WD: regs.CPOR_IDR_CPBM_WD },
  MPAMF_CCAP_IDR: {
    CMAX_WD: regs.CCAP_IDR_CMAX_WD,
    CASSOC_WD: regs.CCAP_IDR_CASSOC_WD,
    HAS_CASSOC: regs.CCAP_IDR_HAS_CASSOC,
    HAS_CMIN: regs.CCAP_IDR_HAS_CMIN,
    NO_CMAX: regs.CCAP_IDR_NO_CMAX,
    HAS_CMAX_SOFTLIM: regs.CCAP_IDR_HAS_CMAX_SOFTLIM,
  },
  MPAMF_MBW_IDR: {
    BWA_WD: regs.MBW_IDR_BWA_WD,
    MAX_LIM: regs.MBW_IDR_MAX_LIM,
    HAS_MIN: regs.MBW_IDR_HAS_MIN,
    HAS_MAX: regs.MBW_IDR_HAS_MAX,
    HAS_PBM: regs.MBW_IDR_HAS_PBM,
    HAS_PROP: regs.MBW_IDR_HAS_PROP,
    WINDWR: regs.MBW_IDR_WINDWR,
    BWPBM_WD: regs.MBW_IDR_BWPBM_WD,
  },
  MPAMF_PRI_IDR: {
    HAS_INTPRI: regs.PRI_IDR_HAS_INTPRI,
    INTPRI_0_IS_LOW: regs.PRI_IDR_INTPRI_0_IS_LOW,
    INTPRI_WD: regs.PRI_IDR_INTPRI_WD,
    HAS_DSPRI: regs.PRI_IDR_HAS_DSPRI,
    DSPRI_0_IS_LOW: regs.PRI_IDR_DSPRI_0_IS_LOW,
    DSPRI_WD: regs.PRI_IDR_DSPRI_WD,
  },
  MPAMF_PARTID_NRW_IDR: { INTPARTID_MAX: regs.PARTID_NRW_IDR_INTPARTID_MAX },
  MPAMF_MSMON_IDR: {
    MSMON_CSU: regs.MSMON_IDR_MSMON_CSU,
    MSMON_MBWU: regs.MSMON_IDR_MSMON_MBWU,
    MSMON_CSA: regs.MSMON_IDR_MSMON_CSA,
    HAS_TL_MONITORING: regs.MSMON_IDR_HAS_TL_MONITORING,
    HAS_OFLOW_SR: regs.MSMON_IDR_HAS_OFLOW_SR,
    HAS_OFLW_MSI: regs.MSMON_IDR_HAS_OFLW_MSI,
    NO_HW_OFLW_INTR: regs.MSMON_IDR_NO_HW_OFLW_INTR,
    HAS_LOCAL_CAPT_EVNT: regs.MSMON_IDR_HAS_LOCAL_CAPT_EVNT,
  },
  MPAMF_CSUMON_IDR: {
    NUM_MON: regs.CSUMON_IDR_NUM_MON,
    NO_MATCH_PMG: regs.CSUMON_IDR_NO_MATCH_PMG,
    NO_MATCH_PARTID: regs.CSUMON_IDR_NO_MATCH_PARTID,
    HAS_OFLOW_CAPT: regs.CSUMON_IDR_HAS_OFLOW_CAPT,
    HAS_CEVNT_OFLW: regs.CSUMON_IDR_HAS_CEVNT_OFLW,
    HAS_OFSR: regs.CSUMON_IDR_HAS_OFSR,
    HAS_OFLOW_LNKG: regs.CSUMON_IDR_HAS_OFLOW_LNKG,
    HAS_XCL: regs.CSUMON_IDR_HAS_XCL,
    CSU_RO: regs.CSUMON_IDR_CSU_RO,
    HAS_CAPTURE: regs.CSUMON_IDR_HAS_CAPTURE,
  },
  MPAMF_MBWUMON_IDR: {
    NUM_MON: regs.MBWUMON_IDR_NUM_MON,
    SCALE: regs.MBWUMON_IDR_SCALE,
    NO_MATCH_PMG: regs.MBWUMON_IDR_NO_MATCH_PMG,
    NO_MATCH_PARTID: regs.MBWUMON_IDR_NO_MATCH_PARTID,
    HAS_OFLOW_CAPT: regs.MBWUMON_IDR_HAS_OFLOW_CAPT,
    HAS_CEVNT_OFLW: regs.MBWUMON_IDR_HAS_CEVNT_OFLW,
    HAS_OFSR: regs.MBWUMON_IDR_HAS_OFSR,
    HAS_OFLOW_LNKG: regs.MBWUMON_IDR_HAS_OFLOW_LNKG,
    HAS_RWBW: regs.MBWUMON_IDR_HAS_RWBW,
    LWD: regs.MBWUMON_IDR_LWD,
    HAS_LONG: regs.MBWUMON_IDR_HAS_LONG,
    HAS_CAPTURE: regs.MBWUMON_IDR_HAS_CAPTURE,
  },
  MPAMF_ERR_MSI_MPAM: MSI_MPAM,
  MPAMF_ERR_MSI_ADDR_L: MSI_ADDR_L,
  MPAMF_ERR_MSI_ADDR_H: MSI_ADDR_H,
  MPAMF_ERR_MSI_DATA: MSI_DATA,
  MPAMF_ERR_MSI_ATTR: MSI_ATTR,
  MPAMF_ECR: { INTEN: regs.ECR_INTEN },
  MPAMF_ESR: [
    { PARTID_MON: regs.ESR_PARTID_MON, PMG: regs.ESR_PMG, ERRCODE: regs.ESR_ERRCODE, OVRWR: regs.ESR_OVRWR },
    { RIS: regs.ESR_HI_RIS },
  ],
  MPAMCFG_PART_SEL: {
    PARTID_SEL: regs.PART_SEL_PARTID,
    INTERNAL: regs.PART_SEL_INTERNAL,
    INGRESS_TL: regs.PART_SEL_INGRESS_TL,
    DEFAULT_PARTID: regs.PART_SEL_DEFAULT_PARTID,
    RIS: regs.PART_SEL_RIS,
  },
  MPAMCFG_CMAX: { CMAX: regs.CMAX_CMAX, SOFTLIM: regs.CMAX_SOFTLIM },
  MPAMCFG_CMIN: { CMIN: regs.CMIN_CMIN },
  MPAMCFG_CASSOC: { CASSOC: regs.CASSOC_CASSOC },
  MPAMCFG_MBW_MIN: { MIN: regs.MBW_MIN_MIN },
  MPAMCFG_MBW_MAX: { MAX: regs.MBW_MAX_MAX, HARDLIM: regs.MBW_MAX_HARDLIM },
  MPAMCFG_MBW_WINWD: { US_FRAC: regs.MBW_WINWD_US_FRAC, US_INT: regs.MBW_WINWD_US_INT },
  MPAMCFG_EN: { PARTID: regs.EN_PARTID },
  MPAMCFG_DIS: { PARTID: regs.DIS_PARTID, NFU: regs.DIS_NFU },
  MPAMCFG_EN_FLAGS: { EN: WHOLE },
  MPAMCFG_PRI: { INTPRI: regs.PRI_INTPRI, DSPRI: regs.PRI_DSPRI },
  MPAMCFG_MBW_PROP: { STRIDEM1: regs.MBW_PROP_STRIDEM1, EN: regs.MBW_PROP_EN },
  MPAMCFG_INTPARTID: { INTPARTID: regs.INTPARTID_INTPARTID, INTERNAL: regs.INTPARTID_INTERNAL },
  MSMON_CFG_MON_SEL: { MON_SEL: regs.MON_SEL_MON, RIS: regs.MON_SEL_RIS },
  MSMON_CAPT_EVNT: { NOW: regs.CAPT_EVNT_NOW, ALL: regs.CAPT_EVNT_ALL },
  MSMON_CFG_CSU_FLT: { ...FILTER, XCL: regs.FLT_XCL },
  MSMON_CFG_CSU_CTL: {
    ...CONTROL_LOW,
    MATCH_PARTID: regs.CTL_MATCH_PARTID,
    MATCH_PMG: regs.CTL_MATCH_PMG,
    CEVNT_OFLW: regs.CTL_CEVNT_OFLW,
    ...CONTROL_HIGH,
  },
  MSMON_CFG_MBWU_FLT: { ...FILTER, RWBW: regs.FLT_RWBW },
  MSMON_CFG_MBWU_CTL: {
    ...CONTROL_LOW,
    OFLOW_CAPT_L: regs.CTL_OFLOW_CAPT_L,
    OFLOW_INTR_L: regs.CTL_OFLOW_INTR_L,
    OFLOW_STATUS_L: regs.CTL_OFLOW_STATUS_L,
    MATCH_PARTID: regs.CTL_MATCH_PARTID,
    MATCH_PMG: regs.CTL_MATCH_PMG,
    CEVNT_OFLW: regs.CTL_CEVNT_OFLW,
    SCLEN: regs.CTL_SCLEN,
    ...CONTROL_HIGH,
  },
  MSMON_CSU: VALUE,
  MSMON_CSU_CAPTURE: VALUE,
  MSMON_CSU_OFSR: PENDING,
  MSMON_MBWU: VALUE,
  MSMON_MBWU_CAPTURE: VALUE,
  MSMON_MBWU_L: VALUE_L,
  MSMON_MBWU_L_CAPTURE: VALUE_L,
  MSMON_MBWU_OFSR: PENDING,
  MSMON_OFLOW_MSI_MPAM: MSI_MPAM,
  MSMON_OFLOW_MSI_ADDR_L: MSI_ADDR_L,
  MSMON_OFLOW_MSI_ADDR_H: MSI_ADDR_H,
  MSMON_OFLOW_MSI_DATA: MSI_DATA,
  MSMON_OFLOW_MSI_ATTR: MSI_ATTR,
  MSMON_OFLOW_SR: {
    RIS_PND: regs.OFLOW_SR_RIS_PND,
    CSA_OFLOW_PND: regs.OFLOW_SR_CSA_OFLOW_PND,
    MBWU_OFLOW_PND: regs.OFLOW_SR_MBWU_OFLOW_PND,
    CSU_OFLOW_PND: regs.OFLOW_SR_CSU_OFLOW_PND,
  },
  MPAMCFG_CPBM: { P: WHOLE },
  MPAMCFG_MBW_PBM: { P: WHOLE },
  MPAMF_IN_TL_IDR: {
    IN_PARTID_MAX: regs.TL_IDR_PARTID_MAX,
    HAS_BASE_MASK: regs.TL_IDR_HAS_BASE_MASK,
    HAS_DIRECT_TL: regs.TL_IDR_HAS_DIRECT_TL,
  },
  MPAMCFG_IN_TL: TL,
  MPAMCFG_IN_TL_BASE: { BASE: regs.TL_BASE_BASE },
  MPAMCFG_IN_TL_MASK: { MASK_WD: regs.TL_MASK_MASK_WD },
  MPAMF_OUT_TL_IDR: {
    OUT_PARTID_MAX: regs.TL_IDR_PARTID_MAX,
    HAS_BASE_MASK: regs.TL_IDR_HAS_BASE_MASK,
    HAS_DIRECT_TL: regs.TL_IDR_HAS_DIRECT_TL,
  },
  MPAMCFG_OUT_TL: TL,
  MPAMCFG_OUT_TL_BASE: { BASE: regs.TL_BASE_BASE },
  MPAMCFG_OUT_TL_MASK: { MASK_WD: regs.TL_MASK_MASK_WD },
};

/** Portions of the widest bitmaps, 32 a register: 32,768 of a cache, 4,096 of bandwidth. */
const COUNTS: Readonly<Partial<Record<Name, number>>> = { MPAMCFG_CPBM: 1024, MPAMCFG_MBW_PBM: 128 };

/** All registers of a feature page, by offset. */
export const REGISTERS: readonly Register[] = (Object.keys(WORDS) as Name[])
  .map((name): Register => {
    const words = [WORDS[name]].flat() as readonly FieldMasks[];
    return { name, offset: OFFSETS[name], width: words.length === 2 ? 64 : 32, count: COUNTS[name] ?? 1, words };
  })
  .sort((a, b) => a.offset - b.offset);

let byOffset: ReadonlyMap<number, RegisterWord> | undefined;

/** Every word of a page that some register has, by offset; made when somebody first looks. */
export function registerWords(): ReadonlyMap<number, RegisterWord> {
  byOffset ??= new Map(REGISTERS.flatMap(wordsOf).map((word) => [word.offset, word]));
  return byOffset;
}

function wordsOf(register: Register): RegisterWord[] {
  const { name, offset, count, words } = register;
  if (count > 1) {
    const fields = words[0] as FieldMasks;
    return Array.from({ length: count }, (_, n) => ({ name: `${name}${n}`, register, offset: offset + 4 * n, fields }));
  }
  return words.map((fields, n) => ({ name: n === 0 ? name : `${name}_HI`, register, offset: offset + 4 * n, fields }));
}

/** What a word of a feature page says; undefined where no register lies. */
export function decodeRegister(offset: number, value: number): DecodedRegister | undefined {
  const word = registerWords().get(offset);
  return word && { register: word.name, fields: decodeFields(word.fields, value) };
}

export function decodeFields(fields: FieldMasks, value: number): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).map(([name, mask]) => [name, regs.fieldGet(mask, value)]));
}

const ERRORS = new Map(
  Object.entries(regs)
    .filter(([name]) => name.startsWith("ERRCODE_"))
    .map(([name, code]) => [code as number, name.slice("ERRCODE_".length)]),
);

/** The name of an ERRCODE of MPAMF_ESR. */
export function errorCodeName(code: number): string {
  return ERRORS.get(code) ?? "RESERVED";
}
