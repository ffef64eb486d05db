// Errors: what an MSC records in MPAMF_ESR, and when and how its error interrupt is made (registers.md section 5).

import { DELIVERY_MSI, DELIVERY_PULSE, EVENT_ERROR, raise, raisePulse, waiting } from "../events";
import { ECR_INTEN, ESR_ERRCODE, ESR_HI_RIS, ESR_OVRWR, ESR_PARTID_MON, ESR_PMG } from "../regs/errors";
import { fieldPrep } from "../field";
import { IDR_EXT, IDR_HI_HAS_ERR_MSI, IDR_HI_HAS_ESR, IDR_HI_HAS_EXTD_ESR, IDR_HI_HAS_RIS } from "../regs/identity";
import { MPAMF_ECR, MPAMF_ERR_MSI_MPAM, MPAMF_ESR } from "../regs/offsets";
import { OPTION_ERROR_EDGE } from "../regs/options";
import { isMsi, msiEnabled, readMsi, resetMsi, sendMsi, writeMsi } from "./msi";
import { Bank, Msc } from "./state";

export function readError(bank: Bank, offset: u32): u32 {
  const msc = bank.msc;
  if (!hasEsr(msc)) return 0;
  switch (offset) {
    case MPAMF_ECR:
      return bank.ecr;
    case MPAMF_ESR:
      return bank.esr;
    case MPAMF_ESR + 4:
      return bank.esrHi;
  }
  return hasMsi(msc, offset) ? readMsi(bank.errorMsi, MPAMF_ERR_MSI_MPAM, offset) : 0;
}

export function writeError(bank: Bank, offset: u32, value: u32): void {
  const msc = bank.msc;
  if (!hasEsr(msc)) return;
  switch (offset) {
    case MPAMF_ECR:
      bank.ecr = value & ECR_INTEN;
      updateLine(bank);
      return;
    case MPAMF_ESR:
      bank.esr = value & (ESR_OVRWR | ESR_ERRCODE | ESR_PMG | ESR_PARTID_MON);
      updateLine(bank);
      return;
    case MPAMF_ESR + 4:
      if (keepsRis(msc)) bank.esrHi = value & ESR_HI_RIS;
      return;
  }
  if (hasMsi(msc, offset)) writeMsi(bank.errorMsi, MPAMF_ERR_MSI_MPAM, offset, value);
}

/** As at power-on: nothing is recorded, and the wire is released. */
export function resetErrors(bank: Bank): void {
  bank.ecr = 0;
  bank.esr = 0;
  bank.esrHi = 0;
  updateLine(bank);
  resetMsi(bank.errorMsi);
}

/** Before v1.1 the registers have no presence bit and always exist. */
function hasEsr(msc: Msc): bool {
  return (msc.idr & IDR_EXT) == 0 || (msc.idrHi & IDR_HI_HAS_ESR) != 0;
}

function keepsRis(msc: Msc): bool {
  return (msc.idrHi & IDR_HI_HAS_EXTD_ESR) != 0 && (msc.idrHi & IDR_HI_HAS_RIS) != 0;
}

function hasMsi(msc: Msc, offset: u32): bool {
  return (msc.idrHi & IDR_HI_HAS_ERR_MSI) != 0 && isMsi(MPAMF_ERR_MSI_MPAM, offset);
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
  bank.esrHi = keepsRis(msc) ? fieldPrep(ESR_HI_RIS, ris) : 0;
  if (!isEdge(msc)) updateLine(bank);
  else if (bank.ecr & ECR_INTEN) {
    if (sendsMsi(bank)) sendMsi(bank, EVENT_ERROR);
    else raisePulse(EVENT_ERROR, msc.index, bank.space);
  }
}

function isEdge(msc: Msc): bool {
  return (msc.options & OPTION_ERROR_EDGE) != 0;
}

function sendsMsi(bank: Bank): bool {
  return (bank.msc.idrHi & IDR_HI_HAS_ERR_MSI) != 0 && msiEnabled(bank.errorMsi);
}

/** Whether the next error would be seen outside, so that its record must be known. */
export function nextErrorShows(bank: Bank): bool {
  if (!hasEsr(bank.msc) || (bank.ecr & ECR_INTEN) == 0) return false;
  if (!isEdge(bank.msc)) return !bank.errorUp;
  return waiting(EVENT_ERROR, bank.msc.index, bank.space, sendsMsi(bank) ? DELIVERY_MSI : DELIVERY_PULSE) == 0;
}

/** Level style: up while a bank has an error code and its interrupt enabled (registers.md 5.4); one wire for all banks. */
function updateLine(bank: Bank): void {
  const msc = bank.msc;
  if (isEdge(msc)) return;
  const up: u32 = (bank.esr & ESR_ERRCODE) != 0 && (bank.ecr & ECR_INTEN) != 0 ? 1 : 0;
  if (up == bank.errorUp) return;
  bank.errorUp = up;
  if (up) {
    if (msc.errorsUp++ == 0) raise(EVENT_ERROR, msc.index, bank.space, 1);
  } else if (--msc.errorsUp == 0) raise(EVENT_ERROR, msc.index, bank.space, 0);
}
