// Enabling and disabling PARTIDs (MPAMCFG_EN, _DIS, _EN_FLAGS; registers.md 3.7): of requests, for the whole MSC, whatever
// the selector says of RIS and narrowing (D5).

import { poison } from "../control/settings";
import { ERRCODE_PARTID_SEL_RANGE } from "../regs/errors";
import { fieldGet } from "../field";
import { IDR_HI_HAS_NFU } from "../regs/identity";
import { OPTION_NFU_POISON } from "../regs/options";
import { DIS_NFU, DIS_PARTID, EN_PARTID } from "../regs/partition";
import { allocate, root } from "../root";
import { recordError } from "./errors";
import { selectedRis, selectPartid } from "./selector";
import { Bank, defined, MAX_RIS, NO_ENTRY, risOf, settingsOf } from "./state";

/** PARTIDs that MPAMCFG_EN_FLAGS shows at once. */
const FLAGS: u32 = 32;

export function buildEnabled(bank: Bank): void {
  bank.enabled = allocate(bank.partidMax + 1);
  resetEnabled(bank);
}

export function resetEnabled(bank: Bank): void {
  if (bank.enabled != 0) memory.fill(bank.enabled, 1, bank.partidMax + 1);
}

export function isEnabled(bank: Bank, partid: u32): bool {
  return bank.enabled == 0 || load<u8>(bank.enabled + partid) != 0;
}

export function enable(bank: Bank, value: u32): void {
  set(bank, fieldGet(EN_PARTID, value), 1);
}

export function disable(bank: Bank, value: u32): void {
  const partid = fieldGet(DIS_PARTID, value);
  if (!set(bank, partid, 0)) return;
  const msc = bank.msc;
  if ((value & DIS_NFU) == 0 || (msc.idrHi & IDR_HI_HAS_NFU) == 0 || (msc.options & OPTION_NFU_POISON) == 0) return;
  for (let ris: u32 = 0; ris < MAX_RIS; ris++) {
    if (defined(bank, ris)) poison(risOf(msc, ris), settingsOf(bank, ris), partid);
  }
}

function set(bank: Bank, partid: u32, to: u8): bool {
  if (bank.enabled == 0) return false;
  if (partid > bank.partidMax) {
    recordError(bank, ERRCODE_PARTID_SEL_RANGE, partid, 0, selectedRis(bank));
    return false;
  }
  store<u8>(bank.enabled + partid, to);
  root().pending = 1;
  return true;
}

export function readEnFlags(bank: Bank): u32 {
  const first = firstFlag(bank);
  if (first == NO_ENTRY) return 0;
  let flags: u32 = 0;
  for (let bit: u32 = 0; bit < FLAGS && first + bit <= bank.partidMax; bit++) {
    flags |= <u32>load<u8>(bank.enabled + first + bit) << bit;
  }
  return flags;
}

export function writeEnFlags(bank: Bank, value: u32): void {
  const first = firstFlag(bank);
  if (first == NO_ENTRY) return;
  for (let bit: u32 = 0; bit < FLAGS && first + bit <= bank.partidMax; bit++) {
    store<u8>(bank.enabled + first + bit, <u8>((value >>> bit) & 1));
  }
  root().pending = 1;
}

function firstFlag(bank: Bank): u32 {
  if (bank.enabled == 0) return NO_ENTRY;
  const partid = selectPartid(bank, bank.partidMax);
  return partid == NO_ENTRY ? NO_ENTRY : partid & ~(FLAGS - 1);
}
