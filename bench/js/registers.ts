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

const PARTIDS = PART.partidMax + 1;
const AIDR = 0x11;
const IDR =
  PART.partidMax |
  (PART.pmgMax << 16) |
  IDR_HAS_CCAP_PART |
  IDR_HAS_CPOR_PART |
  IDR_HAS_MBW_PART |
  IDR_EXT |
  IDR_HAS_MSMON;
const IDR_HI = IDR_HI_HAS_ESR | IDR_HI_HAS_EXTD_ESR;
const MBW_IDR = MBW_IDR_HAS_MAX | PART.bwaWd;
const MSMON_IDR = MSMON_IDR_MSMON_CSU | MSMON_IDR_MSMON_MBWU;
const MBWUMON_IDR = PART.mbwuMonitors | MBWUMON_IDR_HAS_LONG | MBWUMON_IDR_HAS_RWBW;

const CPBM_WORDS = Math.ceil(PART.cpbmWd / 32);
const LAST_CPBM_WORD = 2 ** (PART.cpbmWd % 32) - 1;
const CMAX = fractionMask(PART.cmaxWd);
const MBW_MAX = fractionMask(PART.bwaWd) | MBW_MAX_HARDLIM;
const CSU_CTL = CTL_EN | CTL_MATCH_PARTID | CTL_MATCH_PMG;
const MBWU_CTL = CSU_CTL | CTL_OFLOW_FRZ | CTL_OFLOW_INTR | CTL_OFLOW_STATUS | CTL_OFLOW_INTR_L | CTL_OFLOW_STATUS_L;
const CSU_FLT = FLT_PARTID | FLT_PMG;
const MBWU_FLT = FLT_PARTID | FLT_PMG | FLT_RWBW;
const MON_SEL = 0xffff;

export class PlainMsc {
  #partSel = 0;
  #monSel = 0;
  #esr = 0;
  readonly #cpbm = new Uint32Array(PARTIDS * CPBM_WORDS);
  readonly #cmax = new Uint32Array(PARTIDS).fill(CMAX);
  readonly #mbwMax = new Uint32Array(PARTIDS).fill(fractionMask(PART.bwaWd));
  readonly #csuCtl = new Uint32Array(PART.csuMonitors).fill(CTL_TYPE_CSU);
  readonly #csuFlt = new Uint32Array(PART.csuMonitors);
  readonly #csu = new Uint32Array(PART.csuMonitors);
  readonly #mbwuCtl = new Uint32Array(PART.mbwuMonitors).fill(CTL_TYPE_MBWU);
  readonly #mbwuFlt = new Uint32Array(PART.mbwuMonitors);
  readonly #mbwu = new Uint32Array(PART.mbwuMonitors);
  readonly #mbwuL = new Uint32Array(PART.mbwuMonitors);
  readonly #mbwuLHi = new Uint32Array(PART.mbwuMonitors);

  constructor() {
    for (let i = 0; i < PARTIDS; i++) {
      this.#cpbm[i * CPBM_WORDS] = 0xffff_ffff;
      this.#cpbm[i * CPBM_WORDS + 1] = LAST_CPBM_WORD;
    }
  }

  read32(offset: number): number {
    switch (offset) {
      case MPAMF_IDR:
        return IDR;
      case MPAMF_IDR + 4:
        return IDR_HI;
      case MPAMF_IIDR:
        return PART.iidr;
      case MPAMF_AIDR:
        return AIDR;
      case MPAMF_CPOR_IDR:
        return PART.cpbmWd;
      case MPAMF_CCAP_IDR:
        return PART.cmaxWd;
      case MPAMF_MBW_IDR:
        return MBW_IDR;
      case MPAMF_MSMON_IDR:
        return MSMON_IDR;
      case MPAMF_CSUMON_IDR:
        return PART.csuMonitors;
      case MPAMF_MBWUMON_IDR:
        return MBWUMON_IDR;
      case MPAMF_ESR:
        return this.#esr;
      case MPAMCFG_PART_SEL:
        return this.#partSel;
      case MPAMCFG_CMAX:
        return this.#partSelected() ? (this.#cmax[this.#partSel] as number) : 0;
      case MPAMCFG_MBW_MAX:
        return this.#partSelected() ? (this.#mbwMax[this.#partSel] as number) : 0;
      case MPAMCFG_CPBM:
      case MPAMCFG_CPBM + 4: {
        const word = (offset - MPAMCFG_CPBM) >> 2;
        return this.#partSelected() ? (this.#cpbm[this.#partSel * CPBM_WORDS + word] as number) : 0;
      }
      case MSMON_CFG_MON_SEL:
        return this.#monSel;
      case MSMON_CFG_CSU_FLT:
        return this.#csuSelected() ? (this.#csuFlt[this.#monSel] as number) : 0;
      case MSMON_CFG_CSU_CTL:
        return this.#csuSelected() ? (this.#csuCtl[this.#monSel] as number) : 0;
      case MSMON_CSU:
        return this.#csuSelected() ? (this.#csu[this.#monSel] as number) : 0;
      case MSMON_CFG_MBWU_FLT:
        return this.#mbwuFlt[this.#monSel] as number;
      case MSMON_CFG_MBWU_CTL:
        return this.#mbwuCtl[this.#monSel] as number;
      case MSMON_MBWU:
        return this.#mbwu[this.#monSel] as number;
      case MSMON_MBWU_L:
        return this.#mbwuL[this.#monSel] as number;
      case MSMON_MBWU_L + 4:
        return this.#mbwuLHi[this.#monSel] as number;
    }
    return 0;
  }

  write32(offset: number, value: number): void {
    const mon = this.#monSel;
    switch (offset) {
      case MPAMF_ESR:
        this.#esr = (value & (ESR_OVRWR | ESR_ERRCODE | ESR_PMG | ESR_PARTID_MON)) >>> 0;
        break;
      case MPAMCFG_PART_SEL:
        this.#partSel = value & PART_SEL_PARTID;
        if (this.#partSel > PART.partidMax) this.#record(ERRCODE_PARTID_SEL_RANGE, this.#partSel, 0);
        break;
      case MPAMCFG_CMAX:
        if (this.#partSelected()) this.#cmax[this.#partSel] = value & CMAX;
        break;
      case MPAMCFG_MBW_MAX:
        if (this.#partSelected()) this.#mbwMax[this.#partSel] = value & MBW_MAX;
        break;
      case MPAMCFG_CPBM:
        if (this.#partSelected()) this.#cpbm[this.#partSel * CPBM_WORDS] = value;
        break;
      case MPAMCFG_CPBM + 4:
        if (this.#partSelected()) this.#cpbm[this.#partSel * CPBM_WORDS + 1] = value & LAST_CPBM_WORD;
        break;
      case MSMON_CFG_MON_SEL:
        this.#selectMonitor(value & MON_SEL);
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
        this.#mbwuCtl[mon] = (this.#mbwuCtl[mon] as number) & ~CTL_OFLOW_STATUS;
        break;
      case MSMON_MBWU_L:
        this.#mbwuL[mon] = value;
        this.#mbwuCtl[mon] = (this.#mbwuCtl[mon] as number) & ~CTL_OFLOW_STATUS_L;
        break;
      case MSMON_MBWU_L + 4:
        this.#mbwuLHi[mon] = value & (VALUE_L_HI_44 | VALUE_NRDY);
        this.#mbwuCtl[mon] = (this.#mbwuCtl[mon] as number) & ~CTL_OFLOW_STATUS_L;
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

  /** A PARTID out of range stays selected, and the error was recorded when it was selected. */
  #partSelected(): boolean {
    return this.#partSel <= PART.partidMax;
  }

  /** MON_SEL reaches as far as there are MBWU monitors; there are fewer CSU monitors. */
  #csuSelected(): boolean {
    if (this.#monSel < PART.csuMonitors) return true;
    this.#record(ERRCODE_MONITOR_RANGE, this.#monSel, 0);
    return false;
  }

  #selectMonitor(mon: number): void {
    if (mon < PART.mbwuMonitors) this.#monSel = mon;
    else this.#record(ERRCODE_MONITOR_RANGE, mon, 0);
  }

  #checkFilter(value: number): void {
    const partid = value & FLT_PARTID;
    const pmg = (value & FLT_PMG) >> 16;
    if (partid > PART.partidMax || pmg > PART.pmgMax) this.#record(ERRCODE_MSMONCFG_ID_RANGE, partid, pmg);
  }

  #record(code: number, partidOrMon: number, pmg: number): void {
    const again = this.#esr & ESR_ERRCODE ? ESR_OVRWR : this.#esr & ESR_OVRWR;
    this.#esr = (again | (code << 24) | (pmg << 16) | partidOrMon) >>> 0;
  }
}
