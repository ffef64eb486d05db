// Cache-storage-usage monitors: bytes of cache held by lines that match (registers.md section 4).

import { NRDY_CSU, NRDY_HW, NRDY_SW, OPTION_CSU_NEVER_READY } from "../regs/options";
import { fieldGet } from "../field";
import {
  CSUMON_IDR_CSU_RO,
  CSUMON_IDR_HAS_CAPTURE,
  CSUMON_IDR_HAS_CEVNT_OFLW,
  CSUMON_IDR_HAS_OFLOW_CAPT,
  CSUMON_IDR_HAS_OFLOW_LNKG,
  CSUMON_IDR_HAS_XCL,
  CSUMON_IDR_NO_MATCH_PARTID,
  CSUMON_IDR_NO_MATCH_PMG,
} from "../regs/identity";
import {
  CTL_CAPT_EVNT,
  CTL_CEVNT_OFLW,
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_CAPT,
  CTL_OFLOW_FRZ,
  CTL_OFLOW_LNKG,
  CTL_OFLOW_STATUS,
  CTL_TYPE_CSU,
  FLT_PARTID,
  FLT_PMG,
  FLT_XCL,
  VALUE_NRDY,
  VALUE_VALUE,
} from "../regs/monitor";
import { root } from "../root";
import { clearsStatus, unfreezesByCtl } from "./choices";
import { Bank, Ris } from "../msc/state";
import { Settings } from "../control/settings";
import { COUNT_HELD, sum, sumDirty } from "./filter";
import { becomesReady } from "./ready";

@unmanaged
export class Csu {
  bank: Bank;
  ris: Ris;
  ctl: u32;
  flt: u32;
  /** CTL bits that exist. */
  ctlImplemented: u32;
  spare: u32;
  /** What the monitor shows while it is disabled or frozen. */
  value: u32;
  captured: u32;
  /** NRDY where software owns it. */
  nrdy: u32;
  frozen: u32;
  /** Until when NRDY is 1 where hardware owns it. */
  readyAt: u64;
}

export function csuAt(settings: Settings, mon: u32): Csu {
  return changetype<Csu>(settings.csu + <usize>mon * offsetof<Csu>());
}

export function buildCsu(csu: Csu, bank: Bank, ris: Ris): void {
  csu.bank = bank;
  csu.ris = ris;
  csu.ctlImplemented = implemented(ris.csumonIdr);
  resetCsu(csu);
}

export function resetCsu(csu: Csu): void {
  csu.ctl = CTL_TYPE_CSU;
  csu.flt = 0;
  csu.value = 0;
  csu.captured = 0;
  csu.nrdy = 0;
  csu.frozen = 0;
  csu.readyAt = 0;
}

/** Bits of MSMON_CFG_CSU_CTL that exist. Counting cannot overflow it; only a capture event can act as if it had. */
function implemented(idr: u32): u32 {
  let bits = CTL_EN;
  if ((idr & CSUMON_IDR_NO_MATCH_PARTID) == 0) bits |= CTL_MATCH_PARTID;
  if ((idr & CSUMON_IDR_NO_MATCH_PMG) == 0) bits |= CTL_MATCH_PMG;
  if (idr & CSUMON_IDR_HAS_CAPTURE) bits |= CTL_CAPT_EVNT;
  if (idr & CSUMON_IDR_HAS_CEVNT_OFLW) bits |= CTL_CEVNT_OFLW | CTL_OFLOW_STATUS | CTL_OFLOW_FRZ;
  if (idr & CSUMON_IDR_HAS_OFLOW_CAPT) bits |= CTL_OFLOW_CAPT;
  if (idr & CSUMON_IDR_HAS_OFLOW_LNKG) bits |= CTL_OFLOW_LNKG;
  return bits;
}

function measures(csu: Csu): bool {
  return (csu.ctl & CTL_EN) != 0 && !csu.frozen;
}

/** While enabled the monitor measures; disabled, it keeps what it last showed. */
function shown(csu: Csu): u32 {
  if (!measures(csu)) return csu.value;
  const bytes = csu.flt & FLT_XCL ? sumDirty(csu.bank, csu.ctl, csu.flt) : sum(csu.bank, csu.ctl, csu.flt, COUNT_HELD);
  return <u32>bytes & VALUE_VALUE;
}

/** Keeps what it shows, for when it measures no more. */
function latch(csu: Csu): void {
  if (measures(csu)) csu.value = shown(csu);
}

function nrdyMode(csu: Csu): u32 {
  return fieldGet(NRDY_CSU, csu.ris.nrdy);
}

function nrdy(csu: Csu): u32 {
  if (nrdyMode(csu) != NRDY_HW) return csu.nrdy;
  return root().now < csu.readyAt || neverReady(csu) ? VALUE_NRDY : 0;
}

/** CMN-650-3642720. */
function neverReady(csu: Csu): bool {
  return (csu.bank.msc.options & OPTION_CSU_NEVER_READY) != 0 && (csu.ctl & CTL_EN) != 0;
}

/** A monitor that has been touched needs its time before the value holds again (registers.md 4.5). */
function settle(csu: Csu): void {
  const nrdyNs = csu.bank.msc.nrdyNs;
  if (nrdyMode(csu) != NRDY_HW || nrdyNs == 0 || (csu.ctl & CTL_EN) == 0) return;
  csu.readyAt = root().now + nrdyNs;
  becomesReady(csu.readyAt);
}

// Registers.

export function readCsu(csu: Csu): u32 {
  return nrdy(csu) | shown(csu);
}

export function writeCsu(csu: Csu, value: u32): void {
  if (csu.ris.csumonIdr & CSUMON_IDR_CSU_RO) return;
  csu.value = value & VALUE_VALUE;
  if (nrdyMode(csu) == NRDY_SW) csu.nrdy = value & VALUE_NRDY;
  csu.frozen = 0;
  const linked = csu.ris.csumonIdr & (CSUMON_IDR_HAS_CEVNT_OFLW | CSUMON_IDR_HAS_OFLOW_LNKG);
  if (clearsStatus(csu.bank.msc, linked)) csu.ctl &= ~CTL_OFLOW_STATUS;
  settle(csu);
}

export function writeCsuFlt(csu: Csu, value: u32): void {
  csu.flt = value & (FLT_PARTID | FLT_PMG | (csu.ris.csumonIdr & CSUMON_IDR_HAS_XCL ? FLT_XCL : 0));
  settle(csu);
}

export function writeCsuCtl(csu: Csu, value: u32): void {
  if ((value & CTL_EN) == 0) latch(csu);
  csu.ctl = (value & csu.ctlImplemented) | CTL_TYPE_CSU;
  if (unfreezesByCtl(csu.bank.msc, csu.ctl)) csu.frozen = 0;
  settle(csu);
}

// Capture.

/** A capture event the monitor is sensitive to (registers.md 4.6 and 4.7). */
export function captureCsu(csu: Csu): void {
  if (csu.ctl & CTL_CEVNT_OFLW) {
    csu.ctl |= CTL_OFLOW_STATUS;
    if (csu.ctl & CTL_OFLOW_CAPT) copy(csu);
    if (csu.ctl & CTL_OFLOW_FRZ) {
      latch(csu);
      csu.frozen = 1;
    }
  } else copy(csu);
}

function copy(csu: Csu): void {
  csu.captured = readCsu(csu);
  csu.readyAt = 0;
  csu.nrdy = 0;
}
