// Where overflows are: MSMON_CSU_OFSR and _MBWU_OFSR for 32 monitors, MSMON_OFLOW_SR for a bank (registers.md 4.8).
// All of it is what the control words hold at the moment of reading.

import { Settings } from "../control/settings";
import { Bank, defined, MAX_RIS, Ris, risOf, settingsOf } from "../msc/state";
import { fieldGet } from "../regs/field";
import { CSUMON_IDR_NUM_MON, MBWUMON_IDR_NUM_MON, MSMON_IDR_MSMON_CSU, MSMON_IDR_MSMON_MBWU } from "../regs/identity";
import {
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
  OFLOW_SR_CSU_OFLOW_PND,
  OFLOW_SR_MBWU_OFLOW_PND,
} from "../regs/monitor";
import { csuAt } from "./csu";
import { mbwuAt, readMbwuCtl } from "./mbwu";

const WINDOW: u32 = 32;

function csuCount(ris: Ris): u32 {
  return ris.msmonIdr & MSMON_IDR_MSMON_CSU ? fieldGet(CSUMON_IDR_NUM_MON, ris.csumonIdr) : 0;
}

function mbwuCount(ris: Ris): u32 {
  return ris.msmonIdr & MSMON_IDR_MSMON_MBWU ? fieldGet(MBWUMON_IDR_NUM_MON, ris.mbwumonIdr) : 0;
}

function csuPending(settings: Settings, mon: u32): bool {
  return (csuAt(settings, mon).ctl & CTL_OFLOW_STATUS) != 0;
}

function mbwuPending(settings: Settings, mon: u32): bool {
  return (readMbwuCtl(mbwuAt(settings, mon)) & (CTL_OFLOW_STATUS | CTL_OFLOW_STATUS_L)) != 0;
}

export function readCsuOfsr(ris: Ris, settings: Settings, mon: u32): u32 {
  const first = mon & ~(WINDOW - 1);
  let pending: u32 = 0;
  for (let bit: u32 = 0; bit < WINDOW && first + bit < csuCount(ris); bit++) {
    if (csuPending(settings, first + bit)) pending |= 1 << bit;
  }
  return pending;
}

export function readMbwuOfsr(ris: Ris, settings: Settings, mon: u32): u32 {
  const first = mon & ~(WINDOW - 1);
  let pending: u32 = 0;
  for (let bit: u32 = 0; bit < WINDOW && first + bit < mbwuCount(ris); bit++) {
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
    for (let mon: u32 = 0; mon < csuCount(ris); mon++) {
      if (csuPending(settings, mon)) pending |= OFLOW_SR_CSU_OFLOW_PND | (1 << index);
    }
    for (let mon: u32 = 0; mon < mbwuCount(ris); mon++) {
      if (mbwuPending(settings, mon)) pending |= OFLOW_SR_MBWU_OFLOW_PND | (1 << index);
    }
  }
  return pending;
}
