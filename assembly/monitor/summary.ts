// Where overflows are: MSMON_CSU_OFSR and _MBWU_OFSR for 32 monitors, MSMON_OFLOW_SR for a bank (registers.md 4.8).
// All of it is what the control words hold at the moment of reading.

import { Settings } from "../control/settings";
import { Bank, defined, MAX_RIS, risOf, settingsOf } from "../msc/state";
import { fieldGet } from "../field";
import {
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
  MON_SEL_MON,
  MON_SEL_RIS,
  OFLOW_SR_CSU_OFLOW_PND,
  OFLOW_SR_MBWU_OFLOW_PND,
} from "../regs/monitor";
import { csuAt } from "./csu";
import { mbwuAt, readMbwuCtl } from "./mbwu";

const WINDOW: u32 = 32;

function csuPending(settings: Settings, mon: u32): bool {
  return (csuAt(settings, mon).ctl & CTL_OFLOW_STATUS) != 0;
}

function mbwuPending(settings: Settings, mon: u32): bool {
  return (readMbwuCtl(mbwuAt(settings, mon)) & (CTL_OFLOW_STATUS | CTL_OFLOW_STATUS_L)) != 0;
}

/** The 32 monitors around the selected one, of the selected RIS. */
export function readCsuOfsr(bank: Bank): u32 {
  const ris = risOf(bank.msc, fieldGet(MON_SEL_RIS, bank.monSel));
  const settings = settingsOf(bank, ris.index);
  const first = fieldGet(MON_SEL_MON, bank.monSel) & ~(WINDOW - 1);
  let pending: u32 = 0;
  for (let bit: u32 = 0; bit < WINDOW && first + bit < ris.csuMonitors; bit++) {
    if (csuPending(settings, first + bit)) pending |= 1 << bit;
  }
  return pending;
}

export function readMbwuOfsr(bank: Bank): u32 {
  const ris = risOf(bank.msc, fieldGet(MON_SEL_RIS, bank.monSel));
  const settings = settingsOf(bank, ris.index);
  const first = fieldGet(MON_SEL_MON, bank.monSel) & ~(WINDOW - 1);
  let pending: u32 = 0;
  for (let bit: u32 = 0; bit < WINDOW && first + bit < ris.mbwuMonitors; bit++) {
    if (mbwuPending(settings, first + bit)) pending |= 1 << bit;
  }
  return pending;
}

export function readOflowSr(bank: Bank): u32 {
  let pending: u32 = 0;
  for (let index: u32 = 0; index < MAX_RIS; index++) {
    if (!defined(bank, index)) continue;
    const ris = risOf(bank.msc, index);
    const settings = settingsOf(bank, index);
    for (let mon: u32 = 0; mon < ris.csuMonitors; mon++) {
      if (csuPending(settings, mon)) pending |= OFLOW_SR_CSU_OFLOW_PND | (1 << index);
    }
    for (let mon: u32 = 0; mon < ris.mbwuMonitors; mon++) {
      if (mbwuPending(settings, mon)) pending |= OFLOW_SR_MBWU_OFLOW_PND | (1 << index);
    }
  }
  return pending;
}
