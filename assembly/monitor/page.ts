// The MSMON registers: a selector, and behind it one monitor of the RIS it names (registers.md section 4). Selectors are
// checked as msc/selector.ts says.

import { Settings } from "../control/settings";
import { recordError } from "../msc/errors";
import { isMsi, readMsi, writeMsi } from "../msc/msi";
import { selectorCheck } from "../msc/selector";
import { Bank, defined, Ris, risOf, settingsOf } from "../msc/state";
import { arrivingMax } from "../msc/translation";
import {
  ERRCODE_MONITOR_RANGE,
  ERRCODE_MSMONCFG_ID_RANGE,
  ERRCODE_RIS_NO_MONITOR,
  ERRCODE_UNDEFINED_RIS_MON_SEL,
} from "../regs/errors";
import { fieldGet } from "../field";
import {
  IDR_EXT,
  IDR_HAS_IMPL_IDR,
  IDR_HI_HAS_RIS,
  IDR_HI_NO_IMPL_MSMON,
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
  MSMON_CFG_MON_SEL,
  MSMON_OFLOW_MSI_MPAM,
  MSMON_OFLOW_SR,
} from "../regs/offsets";
import { captureNow } from "./capture";
import { Csu, csuAt, readCsu, writeCsu, writeCsuCtl, writeCsuFlt } from "./csu";
import {
  Mbwu,
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
import {
  CSU_CAPTURE,
  CSU_CTL,
  CSU_FLT,
  CSU_OFSR,
  CSU_VALUE,
  featureOf,
  isCommon,
  isOfMbwu,
  LONG_CAPTURE,
  MBWU_CAPTURE,
  MBWU_CTL,
  MBWU_FLT,
  MBWU_LONG,
  MBWU_LONG_CAPTURE,
  MBWU_OFSR,
  MBWU_VALUE,
} from "./registers";
import { readCsuOfsr, readMbwuOfsr, readOflowSr } from "./summary";

/** One register of the selected monitor. */
export function readMonitor(bank: Bank, register: u32): u32 {
  const monitor = selected(bank, register);
  if (monitor == 0) return 0;
  const csu = changetype<Csu>(monitor);
  const mbwu = changetype<Mbwu>(monitor);
  switch (register) {
    case CSU_FLT:
      return csu.flt;
    case CSU_CTL:
      return csu.ctl;
    case CSU_VALUE:
      return readCsu(csu);
    case CSU_CAPTURE:
      return csu.captured;
    case CSU_OFSR:
      return readCsuOfsr(bank);
    case MBWU_FLT:
      return mbwu.flt;
    case MBWU_CTL:
      return readMbwuCtl(mbwu);
    case MBWU_VALUE:
      return readMbwu(mbwu);
    case MBWU_CAPTURE:
      return mbwu.captured;
    case MBWU_LONG:
      return readMbwuLow(mbwu);
    case MBWU_LONG + 1:
      return readMbwuHigh(mbwu);
    case MBWU_LONG_CAPTURE:
      return <u32>mbwu.capturedLong;
    case MBWU_LONG_CAPTURE + 1:
      return <u32>(mbwu.capturedLong >>> 32);
    case MBWU_OFSR:
      return readMbwuOfsr(bank);
  }
  return 0;
}

export function writeMonitor(bank: Bank, register: u32, value: u32): void {
  if (register == CSU_OFSR || register == MBWU_OFSR) return;
  const monitor = selected(bank, register);
  if (monitor == 0) return;
  const csu = changetype<Csu>(monitor);
  const mbwu = changetype<Mbwu>(monitor);
  switch (register) {
    case CSU_FLT:
      writeCsuFlt(csu, value);
      checkFilter(bank, value);
      break;
    case CSU_CTL:
      writeCsuCtl(csu, value);
      break;
    case CSU_VALUE:
      writeCsu(csu, value);
      break;
    case CSU_CAPTURE:
      csu.captured = value;
      break;
    case MBWU_FLT:
      writeMbwuFlt(mbwu, value);
      checkFilter(bank, value);
      break;
    case MBWU_CTL:
      writeMbwuCtl(mbwu, value);
      break;
    case MBWU_VALUE:
      writeMbwu(mbwu, value);
      break;
    case MBWU_CAPTURE:
      mbwu.captured = value;
      break;
    case MBWU_LONG:
      writeMbwuLow(mbwu, value);
      break;
    case MBWU_LONG + 1:
      writeMbwuHigh(mbwu, value);
      break;
    case MBWU_LONG_CAPTURE:
      mbwu.capturedLong = (mbwu.capturedLong & 0xffff_ffff_0000_0000) | value;
      break;
    case MBWU_LONG_CAPTURE + 1: {
      const kept = value & (<u32>((mbwu.longLimit - 1) >>> 32) | VALUE_NRDY);
      mbwu.capturedLong = (<u64>kept << 32) | (mbwu.capturedLong & 0xffff_ffff);
      break;
    }
  }
}

/** The registers of all monitors of a bank together. */
export function readMonitors(bank: Bank, offset: u32): u32 {
  if (offset == MSMON_CFG_MON_SEL) return bank.monSel;
  if (hasMsi(bank, offset)) return readMsi(bank.overflowMsi, MSMON_OFLOW_MSI_MPAM, offset);
  return offset == MSMON_OFLOW_SR && bank.anyMsmonIdr & MSMON_IDR_HAS_OFLOW_SR ? readOflowSr(bank) : 0;
}

export function writeMonitors(bank: Bank, offset: u32, value: u32): void {
  if (offset == MSMON_CFG_MON_SEL) writeMonSel(bank, value);
  else if (offset == MSMON_CAPT_EVNT) {
    if (bank.anyMsmonIdr & MSMON_IDR_HAS_LOCAL_CAPT_EVNT) captureNow(bank, value);
  } else if (hasMsi(bank, offset)) {
    writeMsi(bank.overflowMsi, MSMON_OFLOW_MSI_MPAM, offset, value);
    updateOverflowLine(bank);
  }
}

function typeIdr(ris: Ris, type: u32): u32 {
  return type == MSMON_IDR_MSMON_CSU ? ris.csumonIdr : ris.mbwumonIdr;
}

/** Whether some RIS of the bank has the register at all. */
function exists(bank: Bank, type: u32, feature: u32): bool {
  if ((bank.anyMsmonIdr & type) == 0) return false;
  if (feature == LONG_CAPTURE) return bank.anyLongCapture != 0;
  return ((type == MSMON_IDR_MSMON_CSU ? bank.anyCsumonIdr : bank.anyMbwumonIdr) & feature) == feature;
}

/** Notes which monitors the selector leads to. */
export function followMonSel(bank: Bank): void {
  const index = fieldGet(MON_SEL_RIS, bank.monSel);
  const is = defined(bank, index);
  bank.monRis = is ? changetype<usize>(risOf(bank.msc, index)) : 0;
  bank.monSettings = is ? changetype<usize>(settingsOf(bank, index)) : 0;
  bank.csu = 0;
  bank.mbwu = 0;
  if (is) followMon(bank);
}

function followMon(bank: Bank): void {
  const mon = fieldGet(MON_SEL_MON, bank.monSel);
  const ris = changetype<Ris>(bank.monRis);
  const settings = changetype<Settings>(bank.monSettings);
  bank.csu = mon < ris.csuMonitors ? changetype<usize>(csuAt(settings, mon)) : 0;
  bank.mbwu = mon < ris.mbwuMonitors ? changetype<usize>(mbwuAt(settings, mon)) : 0;
}

/** The monitor that a register shows; 0 after an error, or where there is no such register. */
// @ts-ignore: decorator
@inline
function selected(bank: Bank, register: u32): usize {
  const monitor = isOfMbwu(register) ? bank.mbwu : bank.csu;
  return monitor != 0 && isCommon(register) ? monitor : optional(bank, register, monitor);
}

/** The same where it takes more than a look. */
function optional(bank: Bank, register: u32, monitor: usize): usize {
  const mbwu = isOfMbwu(register);
  const feature = featureOf(register);
  if (monitor != 0) {
    const idr = mbwu ? changetype<Mbwu>(monitor).ris.mbwumonIdr : changetype<Csu>(monitor).ris.csumonIdr;
    return (idr & feature) == feature ? monitor : 0;
  }
  refuse(bank, mbwu ? MSMON_IDR_MSMON_MBWU : MSMON_IDR_MSMON_CSU, feature);
  return 0;
}

/** The error of a selector that leads to no monitor of a type, where the register exists at all. */
function refuse(bank: Bank, type: u32, feature: u32): void {
  if (!exists(bank, type, feature)) return;
  const index = fieldGet(MON_SEL_RIS, bank.monSel);
  const ris = risOf(bank.msc, index);
  let code = ERRCODE_MONITOR_RANGE;
  if (!defined(bank, index)) code = ERRCODE_UNDEFINED_RIS_MON_SEL;
  else if ((ris.msmonIdr & type) == 0) code = ERRCODE_RIS_NO_MONITOR;
  else if ((typeIdr(ris, type) & feature) != feature) return;
  if (code != bank.monSelError) recordError(bank, code, fieldGet(MON_SEL_MON, bank.monSel), 0, index);
}

function hasMonSel(bank: Bank): bool {
  if (bank.anyMsmonIdr != 0) return true;
  if ((bank.msc.idr & IDR_EXT) == 0) return (bank.anyIdr & IDR_HAS_IMPL_IDR) != 0;
  return (bank.described & IDR_HI_NO_IMPL_MSMON) != 0;
}

/** The bits of the selector that a bank has; 0 for none. */
export function monSelBits(bank: Bank): u32 {
  if (!hasMonSel(bank)) return 0;
  return bank.msc.idrHi & IDR_HI_HAS_RIS ? MON_SEL_RIS | MON_SEL_MON : MON_SEL_MON;
}

function writeMonSel(bank: Bank, value: u32): void {
  const bits = bank.monSelBits;
  if (bits == 0) return;
  const kept = value & bits;
  // Another monitor of the same RIS: what software does all the time.
  if (((kept ^ bank.monSel) & MON_SEL_RIS) == 0 && bank.monRis != 0) {
    const ris = changetype<Ris>(bank.monRis);
    const mon = fieldGet(MON_SEL_MON, kept);
    if (mon < ris.csuMonitors || mon < ris.mbwuMonitors) {
      bank.monSel = kept;
      bank.monSelError = 0;
      followMon(bank);
      return;
    }
  }
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
  followMonSel(bank);
  if (code != 0) recordError(bank, code, fieldGet(MON_SEL_MON, kept), 0, fieldGet(MON_SEL_RIS, kept));
}

export function resetMonSel(bank: Bank): void {
  bank.monSel = 0;
  bank.monSelError = 0;
  followMonSel(bank);
}

/** What is wrong with a selector by itself. A hole among the RIS is no error in ACS mode, as for MPAMCFG_PART_SEL. */
function badMonSel(bank: Bank, selector: u32, check: u32): u32 {
  const index = fieldGet(MON_SEL_RIS, selector);
  if (index > bank.msc.risMax) return ERRCODE_UNDEFINED_RIS_MON_SEL;
  if (!defined(bank, index)) return check == SELECTOR_REJECT ? ERRCODE_UNDEFINED_RIS_MON_SEL : 0;
  const ris = risOf(bank.msc, index);
  const most = max(ris.csuMonitors, ris.mbwuMonitors);
  return most != 0 && fieldGet(MON_SEL_MON, selector) >= most ? ERRCODE_MONITOR_RANGE : 0;
}

/** The largest PARTID a filter may ask for: which one monitors compare is `tlMonitoring`'s. */
export function filterMax(bank: Bank): u32 {
  const point = fieldGet(MSMON_IDR_HAS_TL_MONITORING, bank.msc.msmonIdr);
  return point == TL_MONITORING_BEFORE ? arrivingMax(bank) : bank.partidMax;
}

function checkFilter(bank: Bank, value: u32): void {
  const partid = fieldGet(FLT_PARTID, value);
  const pmg = fieldGet(FLT_PMG, value);
  if (partid <= bank.filterMax && pmg <= bank.pmgMax) return;
  recordError(bank, ERRCODE_MSMONCFG_ID_RANGE, partid, pmg, fieldGet(MON_SEL_RIS, bank.monSel));
}

// Overflows of a bank: no selector.

function hasMsi(bank: Bank, offset: u32): bool {
  return (bank.anyMsmonIdr & MSMON_IDR_HAS_OFLW_MSI) != 0 && isMsi(MSMON_OFLOW_MSI_MPAM, offset);
}
