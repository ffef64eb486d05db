// MPAMCFG_PART_SEL: which settings the other MPAMCFG registers show, and when a selector that leads nowhere is an error
// (registers.md 3.3 to 3.5). A part checks it when it is written, when it is used, or both (`selectorCheck`).

import {
  ERRCODE_INTPARTID_RANGE,
  ERRCODE_PARTID_SEL_RANGE,
  ERRCODE_RIS_NO_CONTROL,
  ERRCODE_UNDEFINED_RIS_PART_SEL,
  ERRCODE_UNEXPECTED_INTERNAL,
} from "../regs/errors";
import { fieldGet } from "../field";
import {
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_IMPL_IDR,
  IDR_HAS_MBW_PART,
  IDR_HAS_PARTID_NRW,
  IDR_HAS_PRI_PART,
  IDR_HI_HAS_DEFAULT_PARTID,
  IDR_HI_HAS_ENDIS,
  IDR_HI_HAS_IN_TL,
  IDR_HI_HAS_RIS,
  IDR_HI_NO_IMPL_PART,
  PARTID_NRW_IDR_INTPARTID_MAX,
  TL_IDR_HAS_DIRECT_TL,
  TL_IDR_PARTID_MAX,
} from "../regs/identity";
import { OPTION_SELECTOR_CHECK, SELECTOR_ACS, SELECTOR_LAZY, SELECTOR_REJECT } from "../regs/options";
import {
  PART_SEL_DEFAULT_PARTID,
  PART_SEL_INGRESS_TL,
  PART_SEL_INTERNAL,
  PART_SEL_PARTID,
  PART_SEL_RIS,
} from "../regs/partition";
import { recordError } from "./errors";
import { Bank, controlWords, defined, Msc, NO_ENTRY, Ris, risOf, settingsOf } from "./state";

const IDR_CONTROLS: u32 = IDR_HAS_CPOR_PART | IDR_HAS_CCAP_PART | IDR_HAS_MBW_PART | IDR_HAS_PRI_PART;
const IDR_HI_SELECTS: u32 = IDR_HI_HAS_RIS | IDR_HI_HAS_ENDIS;

export function selectorCheck(msc: Msc): u32 {
  return fieldGet(OPTION_SELECTOR_CHECK, msc.options);
}

export function isNarrowing(msc: Msc): bool {
  return (msc.idr & IDR_HAS_PARTID_NRW) != 0;
}

export function intPartidMax(msc: Msc): u32 {
  return fieldGet(PARTID_NRW_IDR_INTPARTID_MAX, msc.nrwIdr);
}

export function selectedRis(bank: Bank): u32 {
  return fieldGet(PART_SEL_RIS, bank.partSel);
}

export function selectedPartid(bank: Bank): u32 {
  return fieldGet(PART_SEL_PARTID, bank.partSel);
}

/** Whether the part has the selector at all (registers.md 3.1). */
function hasSelector(bank: Bank): bool {
  const msc = bank.msc;
  if (bank.anyIdr & IDR_CONTROLS || isNarrowing(msc) || msc.idrHi & IDR_HI_SELECTS) return true;
  if ((msc.inTlIdr | msc.outTlIdr) & TL_IDR_HAS_DIRECT_TL) return true;
  if ((msc.idr & IDR_EXT) == 0) return (bank.anyIdr & IDR_HAS_IMPL_IDR) != 0;
  return (bank.described & IDR_HI_NO_IMPL_PART) != 0;
}

/** The bits of the selector that a bank has; 0 for none. */
export function partSelBits(bank: Bank): u32 {
  if (!hasSelector(bank)) return 0;
  const msc = bank.msc;
  let bits = PART_SEL_PARTID;
  if (msc.idrHi & IDR_HI_HAS_RIS) bits |= PART_SEL_RIS;
  if (isNarrowing(msc)) bits |= PART_SEL_INTERNAL;
  if (msc.idrHi & IDR_HI_HAS_IN_TL) bits |= PART_SEL_INGRESS_TL;
  if (msc.idrHi & IDR_HI_HAS_DEFAULT_PARTID) bits |= PART_SEL_DEFAULT_PARTID;
  return bits;
}

export function writePartSel(bank: Bank, value: u32): void {
  const bits = bank.partSelBits;
  if (bits == 0) return;
  const kept = value & bits;
  const partid = fieldGet(PART_SEL_PARTID, kept);
  // Another PARTID of the same RIS: what software does all the time.
  if (((kept ^ bank.partSel) & ~PART_SEL_PARTID) == 0 && bank.partDirect && partid <= bank.partidMax) {
    bank.partSel = kept;
    bank.partSelError = 0;
    bank.partEntry = partid;
    return;
  }
  const check = selectorCheck(bank.msc);
  const code = check == SELECTOR_LAZY ? 0 : badSelector(bank, kept, check);
  if (code == 0 || check == SELECTOR_ACS) {
    bank.partSel = kept;
    bank.partSelError = code;
    followPartSel(bank);
  }
  if (code != 0) recordError(bank, code, partid, 0, capturedRis(code, kept));
}

export function resetPartSel(bank: Bank): void {
  bank.partSel = 0;
  bank.partSelError = 0;
  followPartSel(bank);
}

/** What is wrong with a selector by itself, whatever register it will be used for. */
function badSelector(bank: Bank, selector: u32, check: u32): u32 {
  const ris = fieldGet(PART_SEL_RIS, selector);
  // Software selects every RIS up to RIS_MAX while it looks what there is, so ACS mode takes a hole among them for no error.
  if (ris > bank.msc.risMax || (check == SELECTOR_REJECT && !defined(bank, ris))) return ERRCODE_UNDEFINED_RIS_PART_SEL;
  if (selector & PART_SEL_DEFAULT_PARTID) return 0;
  const partid = fieldGet(PART_SEL_PARTID, selector);
  if (selector & PART_SEL_INGRESS_TL) {
    return partid > fieldGet(TL_IDR_PARTID_MAX, bank.msc.inTlIdr) ? ERRCODE_PARTID_SEL_RANGE : 0;
  }
  if (selector & PART_SEL_INTERNAL) return partid > intPartidMax(bank.msc) ? ERRCODE_INTPARTID_RANGE : 0;
  return partid > bank.partidMax ? ERRCODE_PARTID_SEL_RANGE : 0;
}

function capturedRis(code: u32, selector: u32): u32 {
  if (code == ERRCODE_INTPARTID_RANGE || code == ERRCODE_UNEXPECTED_INTERNAL) return 0;
  return fieldGet(PART_SEL_RIS, selector);
}

/** Records an error of a use, unless writing the selector has recorded the same. */
function refuse(bank: Bank, code: u32): void {
  if (code == bank.partSelError) return;
  recordError(bank, code, selectedPartid(bank), 0, capturedRis(code, bank.partSel));
}

/** Notes where the selector leads. */
export function followPartSel(bank: Bank): void {
  const ris = selectedRis(bank);
  const is = defined(bank, ris);
  bank.partRis = is ? changetype<usize>(risOf(bank.msc, ris)) : 0;
  bank.partSettings = is ? changetype<usize>(settingsOf(bank, ris)) : 0;
  bank.partEntry = is && badEntry(bank) == 0 ? entryOf(bank) : NO_ENTRY;
  const special = PART_SEL_DEFAULT_PARTID | PART_SEL_INGRESS_TL;
  bank.partDirect = is && !isNarrowing(bank.msc) && (bank.partSel & special) == 0 ? 1 : 0;
}

/** The error of a control's use that the PARTID is to blame for, or 0. */
function badEntry(bank: Bank): u32 {
  if (bank.partSel & PART_SEL_DEFAULT_PARTID) return 0;
  const partid = selectedPartid(bank);
  if (!isNarrowing(bank.msc)) return partid > bank.partidMax ? ERRCODE_PARTID_SEL_RANGE : 0;
  const internal = (bank.partSel & PART_SEL_INTERNAL) != 0;
  return internal && partid <= intPartidMax(bank.msc) ? 0 : ERRCODE_INTPARTID_RANGE;
}

function entryOf(bank: Bank): u32 {
  return bank.partSel & PART_SEL_DEFAULT_PARTID ? bank.defaultEntry : selectedPartid(bank);
}

/** The entry of the settings tables that the selector leads to; NO_ENTRY after an error, or where there is no such word. */
// @ts-ignore: decorator
@inline
export function selectEntry(bank: Bank, control: u32, word: u32): u32 {
  const good =
    bank.partEntry != NO_ENTRY && ((changetype<Ris>(bank.partRis).controls >>> control) & 1) != 0;
  return good ? bank.partEntry : refuseControl(bank, control, word);
}

/** Records what is wrong with the use of a control, where some RIS of the bank has the word at all. */
function refuseControl(bank: Bank, control: u32, word: u32): u32 {
  if (word >= controlWords(bank, control)) return NO_ENTRY;
  let code = badEntry(bank);
  if (bank.partRis == 0) code = ERRCODE_UNDEFINED_RIS_PART_SEL;
  else if (((changetype<Ris>(bank.partRis).controls >>> control) & 1) == 0) code = ERRCODE_RIS_NO_CONTROL;
  refuse(bank, code);
  return NO_ENTRY;
}

/** The selected PARTID where a register goes by the PARTID alone, up to `most`; NO_ENTRY after an error. */
export function selectPartid(bank: Bank, most: u32): u32 {
  const partid = selectedPartid(bank);
  if (partid <= most) return partid;
  refuse(bank, ERRCODE_PARTID_SEL_RANGE);
  return NO_ENTRY;
}

/** The same for MPAMCFG_INTPARTID, which is asked about a request's PARTID and nothing else. */
export function selectRequestPartid(bank: Bank): u32 {
  if ((bank.partSel & PART_SEL_INTERNAL) == 0) return selectPartid(bank, bank.partidMax);
  refuse(bank, ERRCODE_UNEXPECTED_INTERNAL);
  return NO_ENTRY;
}
