// The MSMON registers: a selector, and behind it one monitor of the RIS it names (registers.md section 4). Selectors are
// checked as msc/selector.ts says.

import { recordError } from "../msc/errors";
import { readMsi, writeMsi } from "../msc/msi";
import { selectorCheck } from "../msc/selector";
import { Bank, defined, Ris, risOf, settingsOf } from "../msc/state";
import { arrivingMax } from "../msc/translation";
import {
  ERRCODE_MONITOR_RANGE,
  ERRCODE_MSMONCFG_ID_RANGE,
  ERRCODE_RIS_NO_MONITOR,
  ERRCODE_UNDEFINED_RIS_MON_SEL,
} from "../regs/errors";
import { fieldGet } from "../regs/field";
import {
  CSUMON_IDR_HAS_CAPTURE,
  CSUMON_IDR_HAS_OFSR,
  CSUMON_IDR_NUM_MON,
  IDR_EXT,
  IDR_HAS_IMPL_IDR,
  IDR_HI_HAS_RIS,
  IDR_HI_NO_IMPL_MSMON,
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_OFSR,
  MBWUMON_IDR_NUM_MON,
  MSMON_IDR_HAS_LOCAL_CAPT_EVNT,
  MSMON_IDR_HAS_OFLOW_SR,
  MSMON_IDR_HAS_OFLW_MSI,
  MSMON_IDR_HAS_TL_MONITORING,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  TL_MONITORING_BEFORE,
} from "../regs/identity";
import { FLT_PARTID, FLT_PMG, MON_SEL_MON, MON_SEL_RIS, VALUE_NRDY } from "../regs/monitor";
import { SELECTOR_ACS, SELECTOR_LAZY, SELECTOR_REJECT } from "../regs/options";
import {
  MSMON_CAPT_EVNT,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_CSU_CAPTURE,
  MSMON_CSU_OFSR,
  MSMON_MBWU,
  MSMON_MBWU_CAPTURE,
  MSMON_MBWU_L,
  MSMON_MBWU_L_CAPTURE,
  MSMON_MBWU_OFSR,
  MSMON_OFLOW_MSI_ATTR,
  MSMON_OFLOW_MSI_MPAM,
  MSMON_OFLOW_SR,
} from "../regs/offsets";
import { captureNow } from "./capture";
import { csuAt, readCsu, writeCsu, writeCsuCtl, writeCsuFlt } from "./csu";
import {
  mbwuAt,
  readMbwu,
  readMbwuCtl,
  readMbwuHigh,
  readMbwuLow,
  writeMbwu,
  writeMbwuCtl,
  writeMbwuFlt,
  writeMbwuHigh,
  writeMbwuLow,
} from "./mbwu";
import { updateOverflowLine } from "./overflow";
import { readCsuOfsr, readMbwuOfsr, readOflowSr } from "./summary";

const LONG_CAPTURE: u32 = MBWUMON_IDR_HAS_LONG | MBWUMON_IDR_HAS_CAPTURE;

export function readMonitor(bank: Bank, offset: u32): u32 {
  if (offset == MSMON_CFG_MON_SEL) return bank.monSel;
  if (offset >= MSMON_OFLOW_MSI_MPAM) return readOverflows(bank, offset);
  const type = typeAt(offset);
  if (!selected(bank, type, featureAt(offset))) return 0;
  const ris = risOf(bank.msc, fieldGet(MON_SEL_RIS, bank.monSel));
  const settings = settingsOf(bank, ris.index);
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  switch (offset) {
    case MSMON_CFG_CSU_FLT:
      return csuAt(settings, mon).flt;
    case MSMON_CFG_CSU_CTL:
      return csuAt(settings, mon).ctl;
    case MSMON_CSU:
      return readCsu(csuAt(settings, mon));
    case MSMON_CSU_CAPTURE:
      return csuAt(settings, mon).captured;
    case MSMON_CSU_OFSR:
      return readCsuOfsr(ris, settings, mon);
    case MSMON_CFG_MBWU_FLT:
      return mbwuAt(settings, mon).flt;
    case MSMON_CFG_MBWU_CTL:
      return readMbwuCtl(mbwuAt(settings, mon));
    case MSMON_MBWU:
      return readMbwu(mbwuAt(settings, mon));
    case MSMON_MBWU_CAPTURE:
      return mbwuAt(settings, mon).captured;
    case MSMON_MBWU_L:
      return readMbwuLow(mbwuAt(settings, mon));
    case MSMON_MBWU_L + 4:
      return readMbwuHigh(mbwuAt(settings, mon));
    case MSMON_MBWU_L_CAPTURE:
      return <u32>mbwuAt(settings, mon).capturedLong;
    case MSMON_MBWU_L_CAPTURE + 4:
      return <u32>(mbwuAt(settings, mon).capturedLong >>> 32);
    default:
      return readMbwuOfsr(ris, settings, mon);
  }
}

export function writeMonitor(bank: Bank, offset: u32, value: u32): void {
  switch (offset) {
    case MSMON_CFG_MON_SEL:
      writeMonSel(bank, value);
      return;
    case MSMON_CAPT_EVNT:
      if (bank.anyMsmonIdr & MSMON_IDR_HAS_LOCAL_CAPT_EVNT) captureNow(bank, value);
      return;
  }
  if (offset == MSMON_CSU_OFSR || offset == MSMON_MBWU_OFSR) return;
  if (offset >= MSMON_OFLOW_MSI_MPAM) {
    if (isMsi(bank, offset)) {
      writeMsi(bank.overflowMsi, msiRegister(offset), value);
      updateOverflowLine(bank);
    }
    return;
  }
  const type = typeAt(offset);
  if (!selected(bank, type, featureAt(offset))) return;
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
    case MSMON_CSU_CAPTURE:
      csuAt(settings, mon).captured = value;
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
    case MSMON_MBWU_CAPTURE:
      mbwuAt(settings, mon).captured = value;
      break;
    case MSMON_MBWU_L:
      writeMbwuLow(mbwuAt(settings, mon), value);
      break;
    case MSMON_MBWU_L + 4:
      writeMbwuHigh(mbwuAt(settings, mon), value);
      break;
    case MSMON_MBWU_L_CAPTURE: {
      const mbwu = mbwuAt(settings, mon);
      mbwu.capturedLong = (mbwu.capturedLong & 0xffff_ffff_0000_0000) | value;
      break;
    }
    case MSMON_MBWU_L_CAPTURE + 4: {
      const mbwu = mbwuAt(settings, mon);
      const kept = value & (<u32>((mbwu.longLimit - 1) >>> 32) | VALUE_NRDY);
      mbwu.capturedLong = (<u64>kept << 32) | (mbwu.capturedLong & 0xffff_ffff);
      break;
    }
  }
}

/** The bit of MPAMF_MSMON_IDR that says whether a register exists; 0 for an offset that no register has. */
function typeAt(offset: u32): u32 {
  switch (offset) {
    case MSMON_CFG_CSU_FLT:
    case MSMON_CFG_CSU_CTL:
    case MSMON_CSU:
    case MSMON_CSU_CAPTURE:
    case MSMON_CSU_OFSR:
      return MSMON_IDR_MSMON_CSU;
    case MSMON_CFG_MBWU_FLT:
    case MSMON_CFG_MBWU_CTL:
    case MSMON_MBWU:
    case MSMON_MBWU_CAPTURE:
    case MSMON_MBWU_L:
    case MSMON_MBWU_L + 4:
    case MSMON_MBWU_L_CAPTURE:
    case MSMON_MBWU_L_CAPTURE + 4:
    case MSMON_MBWU_OFSR:
      return MSMON_IDR_MSMON_MBWU;
  }
  return 0;
}

/** The bits of MPAMF_CSUMON_IDR or MPAMF_MBWUMON_IDR that an optional register of a type needs. */
function featureAt(offset: u32): u32 {
  switch (offset) {
    case MSMON_CSU_CAPTURE:
      return CSUMON_IDR_HAS_CAPTURE;
    case MSMON_CSU_OFSR:
      return CSUMON_IDR_HAS_OFSR;
    case MSMON_MBWU_CAPTURE:
      return MBWUMON_IDR_HAS_CAPTURE;
    case MSMON_MBWU_L:
    case MSMON_MBWU_L + 4:
      return MBWUMON_IDR_HAS_LONG;
    case MSMON_MBWU_L_CAPTURE:
    case MSMON_MBWU_L_CAPTURE + 4:
      return LONG_CAPTURE;
    case MSMON_MBWU_OFSR:
      return MBWUMON_IDR_HAS_OFSR;
  }
  return 0;
}

function typeIdr(ris: Ris, type: u32): u32 {
  return type == MSMON_IDR_MSMON_CSU ? ris.csumonIdr : ris.mbwumonIdr;
}

function monitors(ris: Ris, type: u32): u32 {
  if ((ris.msmonIdr & type) == 0) return 0;
  return type == MSMON_IDR_MSMON_CSU
    ? fieldGet(CSUMON_IDR_NUM_MON, ris.csumonIdr)
    : fieldGet(MBWUMON_IDR_NUM_MON, ris.mbwumonIdr);
}

/** Whether some RIS of the bank has the register at all. */
function exists(bank: Bank, type: u32, feature: u32): bool {
  if ((bank.anyMsmonIdr & type) == 0) return false;
  if (feature == LONG_CAPTURE) return bank.anyLongCapture != 0;
  return ((type == MSMON_IDR_MSMON_CSU ? bank.anyCsumonIdr : bank.anyMbwumonIdr) & feature) == feature;
}

function selected(bank: Bank, type: u32, feature: u32): bool {
  if (!exists(bank, type, feature)) return false;
  const index = fieldGet(MON_SEL_RIS, bank.monSel);
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  const ris = risOf(bank.msc, index);
  let code: u32 = 0;
  if (!defined(bank, index)) code = ERRCODE_UNDEFINED_RIS_MON_SEL;
  else if ((ris.msmonIdr & type) == 0) code = ERRCODE_RIS_NO_MONITOR;
  else if ((typeIdr(ris, type) & feature) != feature) return false;
  else if (mon >= monitors(ris, type)) code = ERRCODE_MONITOR_RANGE;
  if (code == 0) return true;
  if (code != bank.monSelError) recordError(bank, code, mon, 0, index);
  return false;
}

function hasMonSel(bank: Bank): bool {
  if (bank.anyMsmonIdr != 0) return true;
  if ((bank.msc.idr & IDR_EXT) == 0) return (bank.anyIdr & IDR_HAS_IMPL_IDR) != 0;
  return (bank.described & IDR_HI_NO_IMPL_MSMON) != 0;
}

function writeMonSel(bank: Bank, value: u32): void {
  if (!hasMonSel(bank)) return;
  const kept = value & (bank.msc.idrHi & IDR_HI_HAS_RIS ? MON_SEL_RIS | MON_SEL_MON : MON_SEL_MON);
  const check = selectorCheck(bank.msc);
  const code = check == SELECTOR_LAZY ? 0 : badMonSel(bank, kept, check);
  bank.monSelError = 0;
  if (code == 0) bank.monSel = kept;
  else if (check == SELECTOR_ACS) {
    // An index that no monitor has is refused, but the RIS is kept, so that the error names it (9.2).
    if (code == ERRCODE_MONITOR_RANGE) bank.monSel = (kept & MON_SEL_RIS) | (bank.monSel & MON_SEL_MON);
    else {
      bank.monSel = kept;
      bank.monSelError = code;
    }
  }
  if (code != 0) recordError(bank, code, fieldGet(MON_SEL_MON, kept), 0, fieldGet(MON_SEL_RIS, kept));
}

/** What is wrong with a selector by itself. A hole among the RIS is no error in ACS mode, as for MPAMCFG_PART_SEL. */
function badMonSel(bank: Bank, selector: u32, check: u32): u32 {
  const index = fieldGet(MON_SEL_RIS, selector);
  if (index > bank.msc.risMax) return ERRCODE_UNDEFINED_RIS_MON_SEL;
  if (!defined(bank, index)) return check == SELECTOR_REJECT ? ERRCODE_UNDEFINED_RIS_MON_SEL : 0;
  const ris = risOf(bank.msc, index);
  const most = max(monitors(ris, MSMON_IDR_MSMON_CSU), monitors(ris, MSMON_IDR_MSMON_MBWU));
  return most != 0 && fieldGet(MON_SEL_MON, selector) >= most ? ERRCODE_MONITOR_RANGE : 0;
}

/** The largest PARTID a filter may ask for: which one monitors compare is `tlMonitoring`'s. */
function seenMax(bank: Bank): u32 {
  const point = fieldGet(MSMON_IDR_HAS_TL_MONITORING, bank.msc.msmonIdr);
  return point == TL_MONITORING_BEFORE ? arrivingMax(bank) : bank.partidMax;
}

function checkFilter(bank: Bank, value: u32): void {
  const partid = fieldGet(FLT_PARTID, value);
  const pmg = fieldGet(FLT_PMG, value);
  if (partid <= seenMax(bank) && pmg <= bank.pmgMax) return;
  recordError(bank, ERRCODE_MSMONCFG_ID_RANGE, partid, pmg, fieldGet(MON_SEL_RIS, bank.monSel));
}

// Overflows of a bank: no selector.

function isMsi(bank: Bank, offset: u32): bool {
  return (
    (bank.anyMsmonIdr & MSMON_IDR_HAS_OFLW_MSI) != 0 &&
    (offset == MSMON_OFLOW_MSI_MPAM || (offset > MSMON_OFLOW_MSI_MPAM && offset <= MSMON_OFLOW_MSI_ATTR))
  );
}

function msiRegister(offset: u32): u32 {
  return (offset - MSMON_OFLOW_MSI_MPAM) >>> 2;
}

function readOverflows(bank: Bank, offset: u32): u32 {
  if (isMsi(bank, offset)) return readMsi(bank.overflowMsi, msiRegister(offset));
  return offset == MSMON_OFLOW_SR && bank.anyMsmonIdr & MSMON_IDR_HAS_OFLOW_SR ? readOflowSr(bank) : 0;
}
