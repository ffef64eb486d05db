// From a platform to ID registers: what each MSC and RIS says of itself, in the words software will read.

import {
  CCAP_IDR_CMAX_WD,
  CPOR_IDR_CPBM_WD,
  CSUMON_IDR_NUM_MON,
  fieldPrep,
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HI_HAS_ESR,
  IDR_HI_HAS_EXTD_ESR,
  IDR_HI_HAS_RIS,
  IDR_HI_RIS_MAX,
  IDR_HI_SP4,
  MAX_LIM_BOTH,
  MAX_LIM_HARD,
  MAX_LIM_SOFT,
  MBW_IDR_BWA_WD,
  MBW_IDR_HAS_MAX,
  MBW_IDR_MAX_LIM,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_RWBW,
  MBWUMON_IDR_LWD,
  MBWUMON_IDR_NUM_MON,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
} from "../../assembly/regs/index.ts";
import type { MscDescription, RisDescription } from "../platform/index.ts";

const AIDR = { "0.1": 0x01, "1.0": 0x10, "1.1": 0x11 } as const;
const MAX_LIM = { both: MAX_LIM_BOTH, soft: MAX_LIM_SOFT, hard: MAX_LIM_HARD } as const;

export interface MscWords {
  readonly aidr: number;
  readonly idr: number;
  readonly idrHi: number;
  readonly risMax: number;
}

/** What does not depend on the RIS. Version 1.0 has a 32-bit MPAMF_IDR, no RIS and no bit for its error registers. */
export function mscWords(msc: MscDescription): MscWords {
  const risMax = Math.max(0, ...msc.ris.map((ris) => ris.ris));
  const extended = msc.version !== "1.0";
  const hasRis = extended && msc.ris.some((ris) => ris.ris > 0);
  const fourSpaces = msc.spaces.rt !== undefined && msc.spaces.rl !== undefined;
  return {
    aidr: AIDR[msc.version],
    idr: extended ? IDR_EXT : 0,
    idrHi: extended
      ? (IDR_HI_HAS_ESR |
          IDR_HI_HAS_EXTD_ESR |
          (hasRis ? IDR_HI_HAS_RIS : 0) |
          (fourSpaces ? IDR_HI_SP4 : 0) |
          fieldPrep(IDR_HI_RIS_MAX, risMax)) >>>
        0
      : 0,
    risMax,
  };
}

export interface RisWords {
  readonly idr: number;
  readonly cporIdr: number;
  readonly ccapIdr: number;
  readonly mbwIdr: number;
  readonly msmonIdr: number;
  readonly csumonIdr: number;
  readonly mbwumonIdr: number;
}

/** What a RIS adds: its HAS_ bits in MPAMF_IDR, and the registers those bits announce. */
export function risWords(ris: RisDescription): RisWords {
  const { cpor, ccap, mbw, csu, mbwu } = ris;
  const idr =
    (cpor ? IDR_HAS_CPOR_PART : 0) |
    (ccap ? IDR_HAS_CCAP_PART : 0) |
    (mbw ? IDR_HAS_MBW_PART : 0) |
    (csu || mbwu ? IDR_HAS_MSMON : 0);
  const long = mbwu && mbwu.counter > 31 ? MBWUMON_IDR_HAS_LONG | (mbwu.counter === 63 ? MBWUMON_IDR_LWD : 0) : 0;
  return {
    idr: idr >>> 0,
    cporIdr: cpor ? fieldPrep(CPOR_IDR_CPBM_WD, cpor.cpbmWd) : 0,
    ccapIdr: ccap ? fieldPrep(CCAP_IDR_CMAX_WD, ccap.cmaxWd) : 0,
    mbwIdr: mbw
      ? (MBW_IDR_HAS_MAX | fieldPrep(MBW_IDR_BWA_WD, mbw.bwaWd) | fieldPrep(MBW_IDR_MAX_LIM, MAX_LIM[mbw.maxLim])) >>> 0
      : 0,
    msmonIdr: ((csu ? MSMON_IDR_MSMON_CSU : 0) | (mbwu ? MSMON_IDR_MSMON_MBWU : 0)) >>> 0,
    csumonIdr: csu ? fieldPrep(CSUMON_IDR_NUM_MON, csu.monitors) : 0,
    mbwumonIdr: mbwu
      ? (fieldPrep(MBWUMON_IDR_NUM_MON, mbwu.monitors) | long | (mbwu.rwbw ? MBWUMON_IDR_HAS_RWBW : 0)) >>> 0
      : 0,
  };
}
