// From a platform to ID registers: what each MSC and RIS says of itself, in the words software will read.

import {
  CCAP_IDR_CASSOC_WD,
  CCAP_IDR_CMAX_WD,
  CCAP_IDR_HAS_CASSOC,
  CCAP_IDR_HAS_CMAX_SOFTLIM,
  CCAP_IDR_HAS_CMIN,
  CCAP_IDR_NO_CMAX,
  CPOR_IDR_CPBM_WD,
  CSUMON_IDR_CSU_RO,
  CSUMON_IDR_HAS_CAPTURE,
  CSUMON_IDR_HAS_CEVNT_OFLW,
  CSUMON_IDR_HAS_OFLOW_CAPT,
  CSUMON_IDR_HAS_OFLOW_LNKG,
  CSUMON_IDR_HAS_OFSR,
  CSUMON_IDR_HAS_XCL,
  CSUMON_IDR_NO_MATCH_PARTID,
  CSUMON_IDR_NO_MATCH_PMG,
  CSUMON_IDR_NUM_MON,
  fieldPrep,
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_IMPL_IDR,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HAS_PARTID_NRW,
  IDR_HAS_PRI_PART,
  IDR_HI_HAS_DEFAULT_PARTID,
  IDR_HI_HAS_ENDIS,
  IDR_HI_HAS_ERR_MSI,
  IDR_HI_HAS_ESR,
  IDR_HI_HAS_EXTD_ESR,
  IDR_HI_HAS_IN_TL,
  IDR_HI_HAS_NFU,
  IDR_HI_HAS_OUT_TL,
  IDR_HI_HAS_RIS,
  IDR_HI_NO_IMPL_MSMON,
  IDR_HI_NO_IMPL_PART,
  IDR_HI_RIS_MAX,
  IDR_HI_SP4,
  MAX_LIM_BOTH,
  MAX_LIM_HARD,
  MAX_LIM_SOFT,
  MBW_IDR_BWA_WD,
  MBW_IDR_BWPBM_WD,
  MBW_IDR_HAS_MAX,
  MBW_IDR_HAS_MIN,
  MBW_IDR_HAS_PBM,
  MBW_IDR_HAS_PROP,
  MBW_IDR_MAX_LIM,
  MBW_IDR_WINDWR,
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_CEVNT_OFLW,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_OFLOW_CAPT,
  MBWUMON_IDR_HAS_OFLOW_LNKG,
  MBWUMON_IDR_HAS_OFSR,
  MBWUMON_IDR_HAS_RWBW,
  MBWUMON_IDR_LWD,
  MBWUMON_IDR_NO_MATCH_PARTID,
  MBWUMON_IDR_NO_MATCH_PMG,
  MBWUMON_IDR_NUM_MON,
  MBWUMON_IDR_SCALE,
  MSMON_IDR_HAS_LOCAL_CAPT_EVNT,
  MSMON_IDR_HAS_OFLOW_SR,
  MSMON_IDR_HAS_OFLW_MSI,
  MSMON_IDR_HAS_TL_MONITORING,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  MSMON_IDR_NO_HW_OFLW_INTR,
  NRDY_CSU,
  NRDY_HW,
  NRDY_MBWU,
  NRDY_NONE,
  NRDY_SW,
  OPTION_CAPT_EVENTS,
  OPTION_CLEARS_CONDITIONAL,
  OPTION_CSU_NEVER_READY,
  OPTION_ERROR_EDGE,
  OPTION_MBWU_UNITS,
  OPTION_MIN_LIMITS,
  OPTION_NFU_POISON,
  OPTION_RESET_FILL,
  OPTION_SCALE_FLOOR,
  OPTION_SELECTOR_CHECK,
  OPTION_UNFREEZE_FRZ,
  PARTID_NRW_IDR_INTPARTID_MAX,
  PRI_IDR_DSPRI_0_IS_LOW,
  PRI_IDR_DSPRI_WD,
  PRI_IDR_HAS_DSPRI,
  PRI_IDR_HAS_INTPRI,
  PRI_IDR_INTPRI_0_IS_LOW,
  PRI_IDR_INTPRI_WD,
  SELECTOR_ACS,
  SELECTOR_LAZY,
  SELECTOR_REJECT,
  TL_IDR_HAS_BASE_MASK,
  TL_IDR_HAS_DIRECT_TL,
  TL_IDR_PARTID_MAX,
  TL_MONITORING_AFTER,
  TL_MONITORING_BEFORE,
  TL_MONITORING_BETWEEN,
} from "../../assembly/regs/index.ts";
import type { MscDescription, RisDescription, Space, TranslationDescription } from "../platform/index.ts";
import { SPACE_NUMBERS } from "./spaces.ts";

const AIDR = { "0.1": 0x01, "1.0": 0x10, "1.1": 0x11 } as const;
const MAX_LIM = { both: MAX_LIM_BOTH, soft: MAX_LIM_SOFT, hard: MAX_LIM_HARD } as const;
const TL_MONITORING = {
  between: TL_MONITORING_BETWEEN,
  before: TL_MONITORING_BEFORE,
  after: TL_MONITORING_AFTER,
} as const;
const SELECTOR = { acs: SELECTOR_ACS, reject: SELECTOR_REJECT, lazy: SELECTOR_LAZY } as const;
const NRDY = { hw: NRDY_HW, sw: NRDY_SW, none: NRDY_NONE } as const;

/** A mask where `present`, else nothing. */
function bit(present: boolean | undefined, mask: number): number {
  return present ? mask : 0;
}

/** The words ORed: unsigned, as registers are. */
function word(...parts: readonly number[]): number {
  return parts.reduce((all, part) => (all | part) >>> 0, 0);
}

/** The words of addMsc, in its order. */
export interface MscWords {
  readonly aidr: number;
  readonly iidr: number;
  readonly idr: number;
  readonly idrHi: number;
  readonly risMax: number;
  readonly msmonIdr: number;
  readonly nrwIdr: number;
  readonly inTlIdr: number;
  readonly outTlIdr: number;
  readonly options: number;
  readonly resetFill: number;
}

/** What does not depend on the RIS. Version 1.0 has a 32-bit MPAMF_IDR, no RIS and no bit for its error registers. */
export function mscWords(msc: MscDescription): MscWords {
  const extended = msc.version !== "1.0";
  const { partidNrw } = msc;
  return {
    aidr: AIDR[msc.version],
    iidr: msc.iidr,
    idr: word(bit(extended, IDR_EXT), bit(partidNrw !== undefined, IDR_HAS_PARTID_NRW)),
    idrHi: extended ? idrHigh(msc) : 0,
    risMax: risMaxOf(msc),
    msmonIdr: word(
      bit(msc.localCaptEvnt, MSMON_IDR_HAS_LOCAL_CAPT_EVNT),
      bit(msc.noHwOflwIntr, MSMON_IDR_NO_HW_OFLW_INTR),
      bit(msc.oflwMsi, MSMON_IDR_HAS_OFLW_MSI),
      bit(msc.oflowSr, MSMON_IDR_HAS_OFLOW_SR),
      fieldPrep(MSMON_IDR_HAS_TL_MONITORING, TL_MONITORING[msc.tlMonitoring]),
    ),
    nrwIdr: partidNrw ? fieldPrep(PARTID_NRW_IDR_INTPARTID_MAX, partidNrw.intPartidMax) : 0,
    inTlIdr: translationWord(msc.inTl),
    outTlIdr: translationWord(msc.outTl),
    options: optionsWord(msc),
    resetFill: msc.resetFill ?? 0,
  };
}

function risMaxOf(msc: MscDescription): number {
  return Math.max(0, ...msc.ris.map(({ ris }) => ris));
}

function idrHigh(msc: MscDescription): number {
  const risMax = risMaxOf(msc);
  return word(
    bit(msc.esr !== "none", IDR_HI_HAS_ESR),
    bit(msc.esr === 64, IDR_HI_HAS_EXTD_ESR),
    bit(msc.errMsi, IDR_HI_HAS_ERR_MSI),
    bit(msc.spaces.rt !== undefined && msc.spaces.rl !== undefined, IDR_HI_SP4),
    bit(msc.endis !== undefined, IDR_HI_HAS_ENDIS),
    bit(msc.endis !== undefined && msc.endis.nfu !== "none", IDR_HI_HAS_NFU),
    bit(msc.inTl !== undefined, IDR_HI_HAS_IN_TL),
    bit(msc.outTl !== undefined, IDR_HI_HAS_OUT_TL),
    bit(msc.defaultPartid, IDR_HI_HAS_DEFAULT_PARTID),
    bit(risMax > 0, IDR_HI_HAS_RIS),
    fieldPrep(IDR_HI_RIS_MAX, risMax),
  );
}

function translationWord(translation: TranslationDescription | undefined): number {
  if (!translation) return 0;
  return word(
    fieldPrep(TL_IDR_PARTID_MAX, translation.partidMax),
    bit(translation.direct, TL_IDR_HAS_DIRECT_TL),
    bit(translation.baseMask, TL_IDR_HAS_BASE_MASK),
  );
}

function optionsWord(msc: MscDescription): number {
  return word(
    fieldPrep(OPTION_SELECTOR_CHECK, SELECTOR[msc.selectorCheck]),
    bit(msc.errorStyle === "edge", OPTION_ERROR_EDGE),
    bit(msc.resetFill !== undefined, OPTION_RESET_FILL),
    bit(msc.endis?.nfu === "poison", OPTION_NFU_POISON),
    bit(msc.valueClearsStatus === "conditional", OPTION_CLEARS_CONDITIONAL),
    bit(msc.unfreeze === "value-or-frz", OPTION_UNFREEZE_FRZ),
    bit(msc.scaleRounding === "floor", OPTION_SCALE_FLOOR),
    bit(msc.errata.includes("T241-MPAM-6"), OPTION_MBWU_UNITS),
    bit(msc.errata.includes("CMN-650-3642720"), OPTION_CSU_NEVER_READY),
    bit(msc.errata.includes("T241-MPAM-4"), OPTION_MIN_LIMITS),
    ...msc.captEvents.map((event) => fieldPrep(OPTION_CAPT_EVENTS, 1 << (event - 1))),
  );
}

/** The words of addRis, in its order. */
export interface RisWords {
  /** Bit n: it exists in the bank of space n. */
  readonly spaces: number;
  readonly idr: number;
  readonly idrHi: number;
  readonly implIdr: number;
  readonly cporIdr: number;
  readonly ccapIdr: number;
  readonly mbwIdr: number;
  readonly priIdr: number;
  readonly msmonIdr: number;
  readonly csumonIdr: number;
  readonly mbwumonIdr: number;
  readonly winwd: number;
  readonly nrdy: number;
  /** How windows of bandwidth are filled: 0 paced, 1 fixed. */
  readonly window: number;
}

/** What a RIS adds: its HAS_ bits in MPAMF_IDR, and the registers those bits announce. */
export function risWords(ris: RisDescription, msc: MscDescription): RisWords {
  const { impl, cpor, ccap, mbw, pri, csu, mbwu } = ris;
  const spaces = ris.spaces ?? (Object.keys(msc.spaces) as Space[]);
  return {
    spaces: word(...spaces.map((space) => 1 << SPACE_NUMBERS[space])),
    idr: word(
      bit(impl !== undefined, IDR_HAS_IMPL_IDR),
      bit(cpor !== undefined, IDR_HAS_CPOR_PART),
      bit(ccap !== undefined, IDR_HAS_CCAP_PART),
      bit(mbw !== undefined, IDR_HAS_MBW_PART),
      bit(pri !== undefined, IDR_HAS_PRI_PART),
      bit(csu !== undefined || mbwu !== undefined, IDR_HAS_MSMON),
    ),
    idrHi: word(bit(impl?.noPart, IDR_HI_NO_IMPL_PART), bit(impl?.noMsmon, IDR_HI_NO_IMPL_MSMON)),
    implIdr: impl?.idr ?? 0,
    cporIdr: cpor ? fieldPrep(CPOR_IDR_CPBM_WD, cpor.cpbmWd) : 0,
    ccapIdr: ccapWord(ccap),
    mbwIdr: mbwWord(mbw),
    priIdr: priWord(pri),
    msmonIdr: word(bit(csu !== undefined, MSMON_IDR_MSMON_CSU), bit(mbwu !== undefined, MSMON_IDR_MSMON_MBWU)),
    csumonIdr: csuWord(csu),
    mbwumonIdr: mbwuWord(mbwu),
    // 16.8: whole microseconds in bits 23:8, 256ths of one below.
    winwd: mbw ? Math.round(mbw.winwdUsec * 256) : 0,
    nrdy: word(csu ? fieldPrep(NRDY_CSU, NRDY[csu.nrdy]) : 0, mbwu ? fieldPrep(NRDY_MBWU, NRDY[mbwu.nrdy]) : 0),
    window: mbw?.window === "fixed" ? 1 : 0,
  };
}

function ccapWord(ccap: RisDescription["ccap"]): number {
  if (!ccap) return 0;
  return word(
    fieldPrep(CCAP_IDR_CMAX_WD, ccap.cmaxWd),
    fieldPrep(CCAP_IDR_CASSOC_WD, ccap.cassocWd ?? 0),
    bit(ccap.cassocWd !== undefined, CCAP_IDR_HAS_CASSOC),
    bit(ccap.cmin, CCAP_IDR_HAS_CMIN),
    bit(ccap.noCmax, CCAP_IDR_NO_CMAX),
    bit(ccap.cmaxSoftlim, CCAP_IDR_HAS_CMAX_SOFTLIM),
  );
}

function mbwWord(mbw: RisDescription["mbw"]): number {
  if (!mbw) return 0;
  return word(
    fieldPrep(MBW_IDR_BWA_WD, mbw.bwaWd),
    mbw.max ? fieldPrep(MBW_IDR_MAX_LIM, MAX_LIM[mbw.maxLim]) : 0,
    bit(mbw.min, MBW_IDR_HAS_MIN),
    bit(mbw.max, MBW_IDR_HAS_MAX),
    bit(mbw.bwpbmWd !== undefined, MBW_IDR_HAS_PBM),
    bit(mbw.prop, MBW_IDR_HAS_PROP),
    bit(mbw.windwr, MBW_IDR_WINDWR),
    fieldPrep(MBW_IDR_BWPBM_WD, mbw.bwpbmWd ?? 0),
  );
}

function priWord(pri: RisDescription["pri"]): number {
  if (!pri) return 0;
  return word(
    bit(pri.intpriWd !== undefined, PRI_IDR_HAS_INTPRI),
    bit(pri.intpri0IsLow, PRI_IDR_INTPRI_0_IS_LOW),
    fieldPrep(PRI_IDR_INTPRI_WD, pri.intpriWd ?? 0),
    bit(pri.dspriWd !== undefined, PRI_IDR_HAS_DSPRI),
    bit(pri.dspri0IsLow, PRI_IDR_DSPRI_0_IS_LOW),
    fieldPrep(PRI_IDR_DSPRI_WD, pri.dspriWd ?? 0),
  );
}

function csuWord(csu: RisDescription["csu"]): number {
  if (!csu) return 0;
  return word(
    fieldPrep(CSUMON_IDR_NUM_MON, csu.monitors),
    bit(csu.noMatchPmg, CSUMON_IDR_NO_MATCH_PMG),
    bit(csu.noMatchPartid, CSUMON_IDR_NO_MATCH_PARTID),
    bit(csu.oflowCapt, CSUMON_IDR_HAS_OFLOW_CAPT),
    bit(csu.cevntOflw, CSUMON_IDR_HAS_CEVNT_OFLW),
    bit(csu.ofsr, CSUMON_IDR_HAS_OFSR),
    bit(csu.oflowLnkg, CSUMON_IDR_HAS_OFLOW_LNKG),
    bit(csu.xcl, CSUMON_IDR_HAS_XCL),
    bit(csu.csuRo, CSUMON_IDR_CSU_RO),
    bit(csu.capture, CSUMON_IDR_HAS_CAPTURE),
  );
}

function mbwuWord(mbwu: RisDescription["mbwu"]): number {
  if (!mbwu) return 0;
  return word(
    fieldPrep(MBWUMON_IDR_NUM_MON, mbwu.monitors),
    fieldPrep(MBWUMON_IDR_SCALE, mbwu.scale),
    bit(mbwu.noMatchPmg, MBWUMON_IDR_NO_MATCH_PMG),
    bit(mbwu.noMatchPartid, MBWUMON_IDR_NO_MATCH_PARTID),
    bit(mbwu.oflowCapt, MBWUMON_IDR_HAS_OFLOW_CAPT),
    bit(mbwu.cevntOflw, MBWUMON_IDR_HAS_CEVNT_OFLW),
    bit(mbwu.ofsr, MBWUMON_IDR_HAS_OFSR),
    bit(mbwu.oflowLnkg, MBWUMON_IDR_HAS_OFLOW_LNKG),
    bit(mbwu.rwbw, MBWUMON_IDR_HAS_RWBW),
    bit(mbwu.counter === 63, MBWUMON_IDR_LWD),
    bit(mbwu.counter > 31, MBWUMON_IDR_HAS_LONG),
    bit(mbwu.capture, MBWUMON_IDR_HAS_CAPTURE),
  );
}
