// The plain JavaScript twin of one MSC's registers: tables for what is kept per PARTID and monitor, and a switch on the
// offset.
import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_FRZ,
  CTL_OFLOW_INTR,
  CTL_OFLOW_INTR_L,
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
  CTL_TYPE_CSU,
  CTL_TYPE_MBWU,
  ERRCODE_MONITOR_RANGE,
  ERRCODE_MSMONCFG_ID_RANGE,
  ERRCODE_PARTID_SEL_RANGE,
  ESR_ERRCODE,
  ESR_OVRWR,
  ESR_PARTID_MON,
  ESR_PMG,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  fractionMask,
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HI_HAS_ESR,
  IDR_HI_HAS_EXTD_ESR,
  MBW_IDR_HAS_MAX,
  MBW_MAX_HARDLIM,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_RWBW,
  MON_SEL_MON,
  MPAMCFG_CMAX,
  MPAMCFG_CPBM,
  MPAMCFG_MBW_MAX,
  MPAMCFG_PART_SEL,
  MPAMF_AIDR,
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_ESR,
  MPAMF_IDR,
  MPAMF_IIDR,
  MPAMF_MBW_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_MSMON_IDR,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  MSMON_MBWU,
  MSMON_MBWU_L,
  PART_SEL_PARTID,
  VALUE_L_HI_44,
  VALUE_NRDY,
  VALUE_VALUE,
} from "../../assembly/regs/index.ts";
import { OFFSET, PART, VALUE, VALUE_HI, WHAT, WHAT_WIDE, WHAT_WRITE, WORDS } from "../register-accesses.ts";

const PARTID_MAX = PART.partidMax;
const PMG_MAX = PART.pmgMax;
const CSU_MONITORS = PART.csuMonitors;
const MBWU_MONITORS = PART.mbwuMonitors;
const AIDR = 0x11;
const IIDR = PART.iidr;
const CPOR_IDR = PART.cpbmWd;
const CCAP_IDR = PART.cmaxWd;
const IDR =
  PARTID_MAX | (PMG_MAX << 16) | IDR_HAS_CCAP_PART | IDR_HAS_CPOR_PART | IDR_HAS_MBW_PART | IDR_EXT | IDR_HAS_MSMON;
const IDR_HI = IDR_HI_HAS_ESR | IDR_HI_HAS_EXTD_ESR;
const MBW_IDR = MBW_IDR_HAS_MAX | PART.bwaWd;
const MSMON_IDR = MSMON_IDR_MSMON_CSU | MSMON_IDR_MSMON_MBWU;
const MBWUMON_IDR = MBWU_MONITORS | MBWUMON_IDR_HAS_LONG | MBWUMON_IDR_HAS_RWBW;

const CPBM_WORDS = Math.ceil(PART.cpbmWd / 32);
const LAST_CPBM_WORD = 2 ** (PART.cpbmWd % 32) - 1;
const CMAX = fractionMask(PART.cmaxWd);
const MBW_MAX = fractionMask(PART.bwaWd) | MBW_MAX_HARDLIM;
const CSU_CTL = CTL_EN | CTL_MATCH_PARTID | CTL_MATCH_PMG;
const MBWU_CTL = CSU_CTL | CTL_OFLOW_FRZ | CTL_OFLOW_INTR | CTL_OFLOW_STATUS | CTL_OFLOW_INTR_L | CTL_OFLOW_STATUS_L;
const CSU_FLT = FLT_PARTID | FLT_PMG;
const ESR = ESR_OVRWR | ESR_ERRCODE | ESR_PMG | ESR_PARTID_MON;
const MBWU_FLT = FLT_PARTID | FLT_PMG | FLT_RWBW;

export class PlainMsc {
  #partSel = 0;
  #monSel = 0;
  #esr = 0;
  readonly #cpbm = new Uint32Array((PARTID_MAX + 1) * CPBM_WORDS);
  readonly #cmax = new Uint32Array(PARTID_MAX + 1).fill(CMAX);
  readonly #mbwMax = new Uint32Array(PARTID_MAX + 1).fill(fractionMask(PART.bwaWd));
  readonly #csuCtl = new Uint32Array(CSU_MONITORS).fill(CTL_TYPE_CSU);
  readonly #csuFlt = new Uint32Array(CSU_MONITORS);
  readonly #csu = new Uint32Array(CSU_MONITORS);
  readonly #mbwuCtl = new Uint32Array(MBWU_MONITORS).fill(CTL_TYPE_MBWU);
  readonly #mbwuFlt = new Uint32Array(MBWU_MONITORS);
  readonly #mbwu = new Uint32Array(MBWU_MONITORS);
  readonly #mbwuL = new Uint32Array(MBWU_MONITORS);
  readonly #mbwuLHi = new Uint32Array(MBWU_MONITORS);

  constructor() {
    for (let i = 0; i < PARTID_MAX + 1; i++) {
      this.#cpbm[i * CPBM_WORDS] = 0xffff_ffff;
      this.#cpbm[i * CPBM_WORDS + 1] = LAST_CPBM_WORD;
    }
  }

  read32(offset: number): number {
    if (offset < MPAMCFG_PART_SEL) return this.#readIdentity(offset);
    if (offset < MSMON_CFG_MON_SEL || offset >= MPAMCFG_CPBM) return this.#readPartition(offset);
    return this.#readMonitor(offset);
  }

  write32(offset: number, value: number): void {
    if (offset < MSMON_CFG_MON_SEL || offset >= MPAMCFG_CPBM) this.#writePartition(offset, value);
    else this.#writeMonitor(offset, value);
  }

  #readIdentity(offset: number): number {
    switch (offset) {
      case MPAMF_IDR:
        return IDR;
      case MPAMF_IDR + 4:
        return IDR_HI;
      case MPAMF_IIDR:
        return IIDR;
      case MPAMF_AIDR:
        return AIDR;
      case MPAMF_CPOR_IDR:
        return CPOR_IDR;
      case MPAMF_CCAP_IDR:
        return CCAP_IDR;
      case MPAMF_MBW_IDR:
        return MBW_IDR;
      case MPAMF_MSMON_IDR:
        return MSMON_IDR;
      case MPAMF_CSUMON_IDR:
        return CSU_MONITORS;
      case MPAMF_MBWUMON_IDR:
        return MBWUMON_IDR;
      case MPAMF_ESR:
        return this.#esr;
    }
    return 0;
  }

  #readPartition(offset: number): number {
    const partid = this.#partSel;
    if (offset === MPAMCFG_PART_SEL) return partid;
    // A PARTID out of range stays selected; the error was recorded when it was.
    if (partid > PARTID_MAX) return 0;
    switch (offset) {
      case MPAMCFG_CMAX:
        return this.#cmax[partid] as number;
      case MPAMCFG_MBW_MAX:
        return this.#mbwMax[partid] as number;
      case MPAMCFG_CPBM:
        return this.#cpbm[partid * CPBM_WORDS] as number;
      case MPAMCFG_CPBM + 4:
        return this.#cpbm[partid * CPBM_WORDS + 1] as number;
    }
    return 0;
  }

  #writePartition(offset: number, value: number): void {
    const partid = this.#partSel;
    if (offset === MPAMCFG_PART_SEL) {
      this.#partSel = value & PART_SEL_PARTID;
      if (this.#partSel > PARTID_MAX) this.#record(ERRCODE_PARTID_SEL_RANGE, this.#partSel, 0);
    } else if (offset === MPAMF_ESR) {
      this.#esr = (value & ESR) >>> 0;
    } else if (partid <= PARTID_MAX) {
      switch (offset) {
        case MPAMCFG_CMAX:
          this.#cmax[partid] = value & CMAX;
          break;
        case MPAMCFG_MBW_MAX:
          this.#mbwMax[partid] = value & MBW_MAX;
          break;
        case MPAMCFG_CPBM:
          this.#cpbm[partid * CPBM_WORDS] = value;
          break;
        case MPAMCFG_CPBM + 4:
          this.#cpbm[partid * CPBM_WORDS + 1] = value & LAST_CPBM_WORD;
          break;
      }
    }
  }

  #readMonitor(offset: number): number {
    const mon = this.#monSel;
    switch (offset) {
      case MSMON_CFG_MON_SEL:
        return mon;
      case MSMON_CFG_CSU_FLT:
        return this.#csuSelected() ? (this.#csuFlt[mon] as number) : 0;
      case MSMON_CFG_CSU_CTL:
        return this.#csuSelected() ? (this.#csuCtl[mon] as number) : 0;
      case MSMON_CSU:
        return this.#csuSelected() ? (this.#csu[mon] as number) : 0;
      case MSMON_CFG_MBWU_FLT:
        return this.#mbwuFlt[mon] as number;
      case MSMON_CFG_MBWU_CTL:
        return this.#mbwuCtl[mon] as number;
      case MSMON_MBWU:
        return this.#mbwu[mon] as number;
      case MSMON_MBWU_L:
        return this.#mbwuL[mon] as number;
      case MSMON_MBWU_L + 4:
        return this.#mbwuLHi[mon] as number;
    }
    return 0;
  }

  #writeMonitor(offset: number, value: number): void {
    const mon = this.#monSel;
    switch (offset) {
      case MSMON_CFG_MON_SEL:
        this.#selectMonitor(value & MON_SEL_MON);
        break;
      case MSMON_CFG_CSU_FLT:
        if (!this.#csuSelected()) break;
        this.#csuFlt[mon] = value & CSU_FLT;
        this.#checkFilter(value);
        break;
      case MSMON_CFG_CSU_CTL:
        if (this.#csuSelected()) this.#csuCtl[mon] = (value & CSU_CTL) | CTL_TYPE_CSU;
        break;
      case MSMON_CSU:
        if (this.#csuSelected()) this.#csu[mon] = value & VALUE_VALUE;
        break;
      case MSMON_CFG_MBWU_FLT:
        this.#mbwuFlt[mon] = value & MBWU_FLT;
        this.#checkFilter(value);
        break;
      case MSMON_CFG_MBWU_CTL:
        this.#mbwuCtl[mon] = (value & MBWU_CTL) | CTL_TYPE_MBWU;
        break;
      case MSMON_MBWU:
        this.#mbwu[mon] = value;
        this.#clear(mon, CTL_OFLOW_STATUS);
        break;
      case MSMON_MBWU_L:
        this.#mbwuL[mon] = value;
        this.#clear(mon, CTL_OFLOW_STATUS_L);
        break;
      case MSMON_MBWU_L + 4:
        this.#mbwuLHi[mon] = value & (VALUE_L_HI_44 | VALUE_NRDY);
        this.#clear(mon, CTL_OFLOW_STATUS_L);
        break;
    }
  }

  /** Accesses one after the other; what is read takes its place in the list. */
  run(list: Uint32Array, accesses: number): void {
    for (let at = 0; at < accesses * WORDS; at += WORDS) {
      const what = list[at + WHAT] as number;
      const offset = list[at + OFFSET] as number;
      if (what & WHAT_WRITE) {
        this.write32(offset, list[at + VALUE] as number);
        if (what & WHAT_WIDE) this.write32(offset + 4, list[at + VALUE_HI] as number);
      } else {
        list[at + VALUE] = this.read32(offset);
        if (what & WHAT_WIDE) list[at + VALUE_HI] = this.read32(offset + 4);
      }
    }
  }

  #clear(mon: number, status: number): void {
    this.#mbwuCtl[mon] = (this.#mbwuCtl[mon] as number) & ~status;
  }

  /** MON_SEL reaches as far as there are MBWU monitors; there are fewer CSU monitors. */
  #csuSelected(): boolean {
    if (this.#monSel < CSU_MONITORS) return true;
    this.#record(ERRCODE_MONITOR_RANGE, this.#monSel, 0);
    return false;
  }

  #selectMonitor(mon: number): void {
    if (mon < MBWU_MONITORS) this.#monSel = mon;
    else this.#record(ERRCODE_MONITOR_RANGE, mon, 0);
  }

  #checkFilter(value: number): void {
    const partid = value & FLT_PARTID;
    const pmg = (value & FLT_PMG) >> 16;
    if (partid > PARTID_MAX || pmg > PMG_MAX) this.#record(ERRCODE_MSMONCFG_ID_RANGE, partid, pmg);
  }

  #record(code: number, partidOrMon: number, pmg: number): void {
    const again = this.#esr & ESR_ERRCODE ? ESR_OVRWR : this.#esr & ESR_OVRWR;
    this.#esr = (again | (code << 24) | (pmg << 16) | partidOrMon) >>> 0;
  }
}
