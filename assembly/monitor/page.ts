// The MSMON registers: a selector, and behind it one monitor of the RIS it names (registers.md section 4). Selectors are
// checked as msc/partition.ts says.

import {
  ERRCODE_MONITOR_RANGE,
  ERRCODE_MSMONCFG_ID_RANGE,
  ERRCODE_RIS_NO_MONITOR,
  ERRCODE_UNDEFINED_RIS_MON_SEL,
} from "../regs/errors";
import { fieldGet } from "../regs/field";
import {
  CSUMON_IDR_NUM_MON,
  IDR_HI_HAS_RIS,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_NUM_MON,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
} from "../regs/identity";
import { FLT_PARTID, FLT_PMG, MON_SEL_MON, MON_SEL_RIS } from "../regs/monitor";
import {
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_MBWU,
  MSMON_MBWU_L,
} from "../regs/offsets";
import { recordError } from "../msc/errors";
import { Bank, Ris, risOf, settingsOf } from "../msc/state";
import { csuAt, readCsu, writeCsu, writeCsuCtl, writeCsuFlt } from "./csu";
import {
  mbwuAt,
  readMbwu,
  readMbwuCtl,
  readMbwuLHigh,
  readMbwuLLow,
  writeMbwu,
  writeMbwuCtl,
  writeMbwuFlt,
  writeMbwuLHigh,
  writeMbwuLLow,
} from "./mbwu";

export function readMonitor(bank: Bank, offset: u32): u32 {
  if (offset == MSMON_CFG_MON_SEL) return bank.monSel;
  const type = typeAt(offset);
  if (!selected(bank, type, offset)) return 0;
  const settings = settingsOf(bank, fieldGet(MON_SEL_RIS, bank.monSel));
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  switch (offset) {
    case MSMON_CFG_CSU_FLT:
      return csuAt(settings, mon).flt;
    case MSMON_CFG_CSU_CTL:
      return csuAt(settings, mon).ctl;
    case MSMON_CSU:
      return readCsu(csuAt(settings, mon));
    case MSMON_CFG_MBWU_FLT:
      return mbwuAt(settings, mon).flt;
    case MSMON_CFG_MBWU_CTL:
      return readMbwuCtl(mbwuAt(settings, mon));
    case MSMON_MBWU:
      return readMbwu(mbwuAt(settings, mon));
    case MSMON_MBWU_L:
      return readMbwuLLow(mbwuAt(settings, mon));
    default:
      return readMbwuLHigh(mbwuAt(settings, mon));
  }
}

export function writeMonitor(bank: Bank, offset: u32, value: u32): void {
  if (offset == MSMON_CFG_MON_SEL) {
    writeMonSel(bank, value);
    return;
  }
  const type = typeAt(offset);
  if (!selected(bank, type, offset)) return;
  const settings = settingsOf(bank, fieldGet(MON_SEL_RIS, bank.monSel));
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  switch (offset) {
    case MSMON_CFG_CSU_FLT:
      writeCsuFlt(csuAt(settings, mon), value);
      checkFilter(bank, value);
      break;
    case MSMON_CFG_CSU_CTL:
      writeCsuCtl(csuAt(settings, mon), value);
      break;
    case MSMON_CSU:
      writeCsu(csuAt(settings, mon), value);
      break;
    case MSMON_CFG_MBWU_FLT:
      writeMbwuFlt(mbwuAt(settings, mon), value);
      checkFilter(bank, value);
      break;
    case MSMON_CFG_MBWU_CTL:
      writeMbwuCtl(mbwuAt(settings, mon), value);
      break;
    case MSMON_MBWU:
      writeMbwu(mbwuAt(settings, mon), value);
      break;
    case MSMON_MBWU_L:
      writeMbwuLLow(mbwuAt(settings, mon), value);
      break;
    default:
      writeMbwuLHigh(mbwuAt(settings, mon), value);
  }
}

/** The bit of MPAMF_MSMON_IDR that says whether a register exists; 0 for an offset that no register of ours has. */
function typeAt(offset: u32): u32 {
  switch (offset) {
    case MSMON_CFG_CSU_FLT:
    case MSMON_CFG_CSU_CTL:
    case MSMON_CSU:
      return MSMON_IDR_MSMON_CSU;
    case MSMON_CFG_MBWU_FLT:
    case MSMON_CFG_MBWU_CTL:
    case MSMON_MBWU:
    case MSMON_MBWU_L:
    case MSMON_MBWU_L + 4:
      return MSMON_IDR_MSMON_MBWU;
  }
  return 0;
}

function monitors(ris: Ris, type: u32): u32 {
  if ((ris.msmonIdr & type) == 0) return 0;
  return type == MSMON_IDR_MSMON_CSU
    ? fieldGet(CSUMON_IDR_NUM_MON, ris.csumonIdr)
    : fieldGet(MBWUMON_IDR_NUM_MON, ris.mbwumonIdr);
}

function selected(bank: Bank, type: u32, offset: u32): bool {
  const msc = bank.msc;
  if ((msc.anyMsmonIdr & type) == 0) return false;
  const long = offset >= MSMON_MBWU_L;
  if (long && (msc.anyMbwumonIdr & MBWUMON_IDR_HAS_LONG) == 0) return false;
  const index = fieldGet(MON_SEL_RIS, bank.monSel);
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  const ris = risOf(msc, index);
  let code: u32 = 0;
  if (!ris.present) code = ERRCODE_UNDEFINED_RIS_MON_SEL;
  else if ((ris.msmonIdr & type) == 0) code = ERRCODE_RIS_NO_MONITOR;
  else if (mon >= monitors(ris, type)) code = ERRCODE_MONITOR_RANGE;
  if (code == 0) return !long || (ris.mbwumonIdr & MBWUMON_IDR_HAS_LONG) != 0;
  if (code != bank.monSelError) recordError(bank, code, mon, 0, index);
  return false;
}

/** An index that no monitor of the RIS has is refused; the RIS is kept, so that the error names it (9.2). */
function writeMonSel(bank: Bank, value: u32): void {
  const msc = bank.msc;
  if (msc.anyMsmonIdr == 0) return;
  const kept = value & (msc.idrHi & IDR_HI_HAS_RIS ? MON_SEL_RIS | MON_SEL_MON : MON_SEL_MON);
  const index = fieldGet(MON_SEL_RIS, kept);
  const mon = fieldGet(MON_SEL_MON, kept);
  bank.monSelError = 0;
  if (index > msc.risMax) {
    bank.monSel = kept;
    bank.monSelError = ERRCODE_UNDEFINED_RIS_MON_SEL;
    recordError(bank, ERRCODE_UNDEFINED_RIS_MON_SEL, mon, 0, index);
    return;
  }
  const ris = risOf(msc, index);
  const most = max(monitors(ris, MSMON_IDR_MSMON_CSU), monitors(ris, MSMON_IDR_MSMON_MBWU));
  if (most == 0 || mon < most) {
    bank.monSel = kept;
    return;
  }
  bank.monSel = (kept & MON_SEL_RIS) | (bank.monSel & MON_SEL_MON);
  recordError(bank, ERRCODE_MONITOR_RANGE, mon, 0, index);
}

function checkFilter(bank: Bank, value: u32): void {
  const partid = fieldGet(FLT_PARTID, value);
  const pmg = fieldGet(FLT_PMG, value);
  if (partid <= bank.partidMax && pmg <= bank.pmgMax) return;
  recordError(bank, ERRCODE_MSMONCFG_ID_RANGE, partid, pmg, fieldGet(MON_SEL_RIS, bank.monSel));
}
