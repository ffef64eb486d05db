// Errors: what an MSC records in MPAMF_ESR and when its error interrupt is up (registers.md section 5).

import { IDR_HI_HAS_ESR, IDR_HI_HAS_EXTD_ESR, IDR_HI_HAS_RIS, IDR_EXT } from "../regs/identity";
import {
  ECR_INTEN,
  ESR_ERRCODE,
  ESR_HI_RIS,
  ESR_OVRWR,
  ESR_PARTID_MON,
  ESR_PMG,
} from "../regs/errors";
import { fieldPrep } from "../regs/field";
import { EVENT_ERROR, raise } from "../events";
import { Bank, Msc } from "./state";

/** Before v1.1 the registers have no presence bit and always exist. */
export function hasEsr(msc: Msc): bool {
  return (msc.idr & IDR_EXT) == 0 || (msc.idrHi & IDR_HI_HAS_ESR) != 0;
}

/** The latest error wins; that there was one before is all that stays of it (registers.md 5.3). */
export function recordError(bank: Bank, code: u32, partidOrMon: u32, pmg: u32, ris: u32): void {
  const msc = bank.msc;
  if (!hasEsr(msc)) return;
  const overwritten = (bank.esr & ESR_ERRCODE) != 0 ? ESR_OVRWR : bank.esr & ESR_OVRWR;
  bank.esr =
    overwritten |
    fieldPrep(ESR_ERRCODE, code) |
    fieldPrep(ESR_PMG, pmg) |
    fieldPrep(ESR_PARTID_MON, partidOrMon);
  bank.esrHi = msc.idrHi & IDR_HI_HAS_RIS && msc.idrHi & IDR_HI_HAS_EXTD_ESR ? fieldPrep(ESR_HI_RIS, ris) : 0;
  updateErrorLine(bank);
}

export function writeEsr(bank: Bank, value: u32): void {
  bank.esr = value & (ESR_OVRWR | ESR_ERRCODE | ESR_PMG | ESR_PARTID_MON);
  updateErrorLine(bank);
}

export function writeEsrHi(bank: Bank, value: u32): void {
  const msc = bank.msc;
  if (msc.idrHi & IDR_HI_HAS_EXTD_ESR && msc.idrHi & IDR_HI_HAS_RIS) bank.esrHi = value & ESR_HI_RIS;
}

export function writeEcr(bank: Bank, value: u32): void {
  bank.ecr = value & ECR_INTEN;
  updateErrorLine(bank);
}

/** Level style: up while a bank has an error code and its interrupt enabled (registers.md 5.4); one wire for all banks. */
function updateErrorLine(bank: Bank): void {
  const up: u32 = (bank.esr & ESR_ERRCODE) != 0 && (bank.ecr & ECR_INTEN) != 0 ? 1 : 0;
  if (up == bank.errorUp) return;
  bank.errorUp = up;
  const msc = bank.msc;
  if (up) {
    if (msc.errorsUp++ == 0) raise(EVENT_ERROR, msc.index, bank.space, 1);
  } else if (--msc.errorsUp == 0) raise(EVENT_ERROR, msc.index, bank.space, 0);
}
