// Memory-bandwidth-usage monitors: a count of bytes seen through two windows, 31 bits and 44 or 63 (registers.md
// section 4). Nothing is counted here: a monitor is a base and a look at the buckets of the owners it matches.

import { NRDY_HW, NRDY_MBWU, NRDY_SW, OPTION_MBWU_UNITS, OPTION_SCALE_FLOOR } from "../regs/options";
import {
  CTL_CAPT_EVNT,
  CTL_CAPT_RESET,
  CTL_CEVNT_OFLW,
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_CAPT,
  CTL_OFLOW_CAPT_L,
  CTL_OFLOW_FRZ,
  CTL_OFLOW_INTR,
  CTL_OFLOW_INTR_L,
  CTL_OFLOW_LNKG,
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
  CTL_SCLEN,
  CTL_TYPE_MBWU,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  RWBW_BOTH,
  RWBW_READS,
  RWBW_WRITES,
  VALUE_NRDY,
  VALUE_VALUE,
} from "../regs/monitor";
import { fieldGet } from "../field";
import {
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_CEVNT_OFLW,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_OFLOW_CAPT,
  MBWUMON_IDR_HAS_OFLOW_LNKG,
  MBWUMON_IDR_HAS_RWBW,
  MBWUMON_IDR_LWD,
  MBWUMON_IDR_NO_MATCH_PARTID,
  MBWUMON_IDR_NO_MATCH_PMG,
  MBWUMON_IDR_SCALE,
} from "../regs/identity";
import { root } from "../root";
import { Bank, Ris } from "../msc/state";
import { Settings } from "../control/settings";
import { queue } from "../replay/looks";
import { arm, disarm } from "../replay/slack";
import { clearsStatus, unfreezesByCtl } from "./choices";
import { COUNT_READS, COUNT_WRITES, sum } from "./filter";
import { becomesReady } from "./ready";
import { holds, link, makesInterrupts, signal, updateHeld } from "./overflow";

const SHORT_BITS: u32 = 31;
/** T241-MPAM-6. */
const UNIT_SHIFT: u32 = 6;

@unmanaged
export class Mbwu {
  bank: Bank;
  ris: Ris;
  ctl: u32;
  flt: u32;
  /** CTL and FLT bits that exist. */
  ctlImplemented: u32;
  fltImplemented: u32;
  /** The first count the long window cannot show; 0 without one. */
  longLimit: u64;
  /** The two windows when the buckets last stood at `seen`: bytes, and what the part counts as one. */
  short: u64;
  long: u64;
  seen: u64;
  captured: u32;
  /** NRDY where software owns it. */
  nrdy: u32;
  nrdyLong: u32;
  frozen: u32;
  capturedLong: u64;
  frozenLong: u32;
  /** Position among the armed monitors, counted from 1; 0 when not armed. */
  armed: u32;
  /** Until when NRDY is 1 where hardware owns it. */
  readyAt: u64;
  /** root.moves when the buckets were last looked at. */
  stamp: u64;
  /** 1 while `seen` waits to be taken, before the next record moves something (replay/looks.ts). */
  waits: u32;
  /** log2 of the bytes that a part counts as one, and what the long window has seen beyond whole ones. */
  unitShift: u32;
  restLong: u32;
  spare: u32;
}

export function mbwuAt(settings: Settings, mon: u32): Mbwu {
  return changetype<Mbwu>(settings.mbwu + <usize>mon * offsetof<Mbwu>());
}

export function buildMbwu(mbwu: Mbwu, bank: Bank, ris: Ris): void {
  const idr = ris.mbwumonIdr;
  mbwu.bank = bank;
  mbwu.ris = ris;
  mbwu.fltImplemented = FLT_PARTID | FLT_PMG | (idr & MBWUMON_IDR_HAS_RWBW ? FLT_RWBW : 0);
  let bits = CTL_EN | CTL_OFLOW_FRZ | CTL_OFLOW_STATUS;
  if (idr & MBWUMON_IDR_SCALE) bits |= CTL_SCLEN;
  if ((idr & MBWUMON_IDR_NO_MATCH_PARTID) == 0) bits |= CTL_MATCH_PARTID;
  if ((idr & MBWUMON_IDR_NO_MATCH_PMG) == 0) bits |= CTL_MATCH_PMG;
  if (idr & MBWUMON_IDR_HAS_CAPTURE) bits |= CTL_CAPT_EVNT | CTL_CAPT_RESET;
  if (idr & MBWUMON_IDR_HAS_CEVNT_OFLW) bits |= CTL_CEVNT_OFLW;
  if (idr & MBWUMON_IDR_HAS_OFLOW_CAPT) bits |= CTL_OFLOW_CAPT;
  if (idr & MBWUMON_IDR_HAS_OFLOW_LNKG) bits |= CTL_OFLOW_LNKG;
  if (makesInterrupts(bank.msc)) bits |= CTL_OFLOW_INTR;
  if (idr & MBWUMON_IDR_HAS_LONG) {
    mbwu.longLimit = idr & MBWUMON_IDR_LWD ? <u64>1 << 63 : <u64>1 << 44;
    bits |= CTL_OFLOW_STATUS_L;
    if (idr & MBWUMON_IDR_HAS_OFLOW_CAPT) bits |= CTL_OFLOW_CAPT_L;
    if (makesInterrupts(bank.msc)) bits |= CTL_OFLOW_INTR_L;
  }
  mbwu.ctlImplemented = bits;
  mbwu.unitShift = bank.msc.options & OPTION_MBWU_UNITS ? UNIT_SHIFT : 0;
  resetMbwu(mbwu);
}

/** A monitor that waits to look at its buckets goes on waiting. */
export function resetMbwu(mbwu: Mbwu): void {
  updateHeld(mbwu.bank, holds(mbwu.ctl), false);
  disarm(mbwu);
  mbwu.ctl = CTL_TYPE_MBWU;
  mbwu.flt = 0;
  mbwu.short = 0;
  mbwu.long = 0;
  mbwu.restLong = 0;
  mbwu.captured = 0;
  mbwu.capturedLong = 0;
  mbwu.nrdy = 0;
  mbwu.nrdyLong = 0;
  mbwu.frozen = 0;
  mbwu.frozenLong = 0;
  mbwu.readyAt = 0;
}

/** log2 of what the short window shows as one: SCALE, which acts when software asks for it, or a part's own units. */
function scale(mbwu: Mbwu): u32 {
  return mbwu.ctl & CTL_SCLEN ? fieldGet(MBWUMON_IDR_SCALE, mbwu.ris.mbwumonIdr) : mbwu.unitShift;
}

function shortLimit(mbwu: Mbwu): u64 {
  return <u64>1 << (SHORT_BITS + scale(mbwu));
}

function total(mbwu: Mbwu): u64 {
  const rwbw = fieldGet(FLT_RWBW, mbwu.flt);
  let what: u32 = 0;
  if (rwbw == RWBW_BOTH || rwbw == RWBW_READS) what |= COUNT_READS;
  if (rwbw == RWBW_BOTH || rwbw == RWBW_WRITES) what |= COUNT_WRITES;
  return sum(mbwu.bank, mbwu.ctl, mbwu.flt, what);
}

/**
 * Brings the windows up to the buckets, with what an overflow does. A monitor on which an overflow can be noticed at
 * once is armed, and the replay loop calls this at the very record; for the others it is soon enough when somebody looks.
 */
// @ts-ignore: decorator
@inline
export function catchUp(mbwu: Mbwu): void {
  if ((mbwu.ctl & CTL_EN) != 0 && !mbwu.waits && mbwu.stamp != root().moves) count(mbwu);
}

function count(mbwu: Mbwu): void {
  mbwu.stamp = root().moves;
  const now = total(mbwu);
  const moved = now - mbwu.seen;
  if (moved == 0) return;
  mbwu.seen = now;
  let short = false;
  let long = false;
  if (!mbwu.frozen) {
    const limit = shortLimit(mbwu);
    mbwu.short += moved;
    short = mbwu.short >= limit;
    mbwu.short &= limit - 1;
  }
  if (mbwu.longLimit != 0 && !mbwu.frozenLong) {
    const bytes = mbwu.restLong + moved;
    mbwu.restLong = <u32>bytes & ((1 << mbwu.unitShift) - 1);
    // Near its end a 63-bit window plus what has moved is still a u64.
    mbwu.long += bytes >>> mbwu.unitShift;
    long = mbwu.long >= mbwu.longLimit;
    mbwu.long &= mbwu.longLimit - 1;
  }
  if (!short && !long) return;
  if (mbwu.ctl & CTL_OFLOW_FRZ) freeze(mbwu);
  if (short) overflow(mbwu, CTL_OFLOW_STATUS, CTL_OFLOW_INTR);
  if (long) overflow(mbwu, CTL_OFLOW_STATUS_L, CTL_OFLOW_INTR_L);
  if (short && mbwu.ctl & CTL_OFLOW_CAPT) copyShort(mbwu);
  if (long && mbwu.ctl & CTL_OFLOW_CAPT_L) copyLong(mbwu);
}

/** Forgets where the buckets stood: after a change of filter, and when an owner's buckets have been emptied. */
export function lookAgain(mbwu: Mbwu): void {
  mbwu.seen = total(mbwu);
  mbwu.stamp = root().moves;
}

/** The same when there is time until the next record. Software often writes a monitor's registers one after the other. */
function lookLater(mbwu: Mbwu): void {
  if (mbwu.waits) return;
  mbwu.waits = 1;
  queue(changetype<usize>(mbwu));
}

/** Bytes it may still see before something happens that somebody notices; u64.MAX_VALUE when nothing can. */
export function distance(mbwu: Mbwu): u64 {
  let least = u64.MAX_VALUE;
  if (watchesShort(mbwu) && !mbwu.frozen) least = shortLimit(mbwu) - mbwu.short;
  if (watchesLong(mbwu) && !mbwu.frozenLong) least = min(least, bytesBeyondLong(mbwu));
  return least;
}

/** Bytes until the long window wraps; where that is more than a u64 holds, nothing comes near it. */
function bytesBeyondLong(mbwu: Mbwu): u64 {
  const left = mbwu.longLimit - mbwu.long;
  if (left > u64.MAX_VALUE >>> mbwu.unitShift) return u64.MAX_VALUE;
  return (left << mbwu.unitShift) - mbwu.restLong;
}

/** Bits of CTL by which an overflow of a window is noticed at once. */
const WATCHES_SHORT: u32 = CTL_OFLOW_INTR | CTL_OFLOW_FRZ | CTL_OFLOW_CAPT;
const WATCHES_LONG: u32 = CTL_OFLOW_INTR_L | CTL_OFLOW_FRZ | CTL_OFLOW_CAPT_L;

function watchesShort(mbwu: Mbwu): bool {
  return (mbwu.ctl & CTL_EN) != 0 && (mbwu.ctl & WATCHES_SHORT) != 0;
}

function watchesLong(mbwu: Mbwu): bool {
  return mbwu.longLimit != 0 && (mbwu.ctl & CTL_EN) != 0 && (mbwu.ctl & WATCHES_LONG) != 0;
}

function overflow(mbwu: Mbwu, status: u32, interrupt: u32): void {
  if (mbwu.ctl & status) return;
  const before = holds(mbwu.ctl);
  mbwu.ctl |= status;
  if (mbwu.ctl & interrupt) {
    signal(mbwu.bank);
    link(mbwu.bank, fieldGet(CTL_OFLOW_LNKG, mbwu.ctl));
  }
  updateHeld(mbwu.bank, before, holds(mbwu.ctl));
}

function freeze(mbwu: Mbwu): void {
  mbwu.frozen = 1;
  if (mbwu.longLimit != 0) mbwu.frozenLong = 1;
}

function nrdyMode(mbwu: Mbwu): u32 {
  return fieldGet(NRDY_MBWU, mbwu.ris.nrdy);
}

/** NRDY of a window, of which software keeps `kept`. */
function nrdy(mbwu: Mbwu, kept: u32): u32 {
  if (nrdyMode(mbwu) == NRDY_HW) return root().now < mbwu.readyAt ? VALUE_NRDY : 0;
  return kept;
}

/** A monitor that has been touched needs its time before the value holds again (registers.md 4.5). */
function settle(mbwu: Mbwu): void {
  if ((mbwu.ctl & CTL_EN) == 0 || nrdyMode(mbwu) != NRDY_HW) return;
  mbwu.readyAt = root().now + mbwu.bank.msc.nrdyNs;
  becomesReady(mbwu.readyAt);
}

function shown(mbwu: Mbwu): u32 {
  const shift = scale(mbwu);
  if (shift == 0) return <u32>mbwu.short;
  if (mbwu.bank.msc.options & (OPTION_SCALE_FLOOR | OPTION_MBWU_UNITS)) return <u32>(mbwu.short >>> shift);
  const half = <u64>1 << (shift - 1);
  return <u32>min((mbwu.short + half) >>> shift, <u64>VALUE_VALUE);
}

// Registers.

export function readMbwuCtl(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return mbwu.ctl;
}

export function writeMbwuCtl(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  const old = mbwu.ctl;
  mbwu.ctl = (value & mbwu.ctlImplemented) | CTL_TYPE_MBWU;
  if ((old ^ mbwu.ctl) & CTL_SCLEN) mbwu.short &= shortLimit(mbwu) - 1;
  if ((mbwu.frozen | mbwu.frozenLong) != 0 && unfreezesByCtl(mbwu.bank.msc, mbwu.ctl)) {
    mbwu.frozen = 0;
    mbwu.frozenLong = 0;
  }
  settle(mbwu);
  lookLater(mbwu);
  if ((old | mbwu.ctl) & (WATCHES_SHORT | WATCHES_LONG)) {
    updateHeld(mbwu.bank, holds(old), holds(mbwu.ctl));
    rearm(mbwu);
  }
}

export function writeMbwuFlt(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.flt = value & mbwu.fltImplemented;
  settle(mbwu);
  lookLater(mbwu);
}

export function readMbwu(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return shown(mbwu) | nrdy(mbwu, mbwu.nrdy);
}

export function writeMbwu(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.short = <u64>(value & VALUE_VALUE) << scale(mbwu);
  if (nrdyMode(mbwu) == NRDY_SW) mbwu.nrdy = value & VALUE_NRDY;
  mbwu.frozen = 0;
  written(mbwu, CTL_OFLOW_STATUS);
}

export function readMbwuLow(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return <u32>mbwu.long;
}

export function readMbwuHigh(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return <u32>(mbwu.long >>> 32) | nrdy(mbwu, mbwu.nrdyLong);
}

export function writeMbwuLow(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.long = (mbwu.long & 0xffff_ffff_0000_0000) | value;
  mbwu.restLong = 0;
  mbwu.frozenLong = 0;
  written(mbwu, CTL_OFLOW_STATUS_L);
}

export function writeMbwuHigh(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  const high = (<u64>(value & VALUE_VALUE) << 32) & (mbwu.longLimit - 1);
  mbwu.long = high | (mbwu.long & 0xffff_ffff);
  mbwu.restLong = 0;
  if (nrdyMode(mbwu) == NRDY_SW) mbwu.nrdyLong = value & VALUE_NRDY;
  mbwu.frozenLong = 0;
  written(mbwu, CTL_OFLOW_STATUS_L);
}

/** A value has been written: its status goes (D15), and the monitor needs its time. */
function written(mbwu: Mbwu, status: u32): void {
  if (mbwu.ctl & status) {
    const links = mbwu.ris.mbwumonIdr & (MBWUMON_IDR_HAS_CEVNT_OFLW | MBWUMON_IDR_HAS_OFLOW_LNKG);
    if (clearsStatus(mbwu.bank.msc, links)) {
      const before = holds(mbwu.ctl);
      mbwu.ctl &= ~status;
      updateHeld(mbwu.bank, before, holds(mbwu.ctl));
    }
  }
  settle(mbwu);
  if (mbwu.armed) rearm(mbwu);
}

function rearm(mbwu: Mbwu): void {
  if (watchesShort(mbwu) || watchesLong(mbwu)) arm(mbwu);
  else disarm(mbwu);
}

// Capture.

/** A capture event the monitor is sensitive to (registers.md 4.6 and 4.7). */
export function captureMbwu(mbwu: Mbwu): void {
  catchUp(mbwu);
  const plain = (mbwu.ctl & CTL_CEVNT_OFLW) == 0;
  const long = mbwu.longLimit != 0;
  if (!plain) {
    const before = holds(mbwu.ctl);
    mbwu.ctl |= long ? CTL_OFLOW_STATUS | CTL_OFLOW_STATUS_L : CTL_OFLOW_STATUS;
    if (mbwu.ctl & CTL_OFLOW_FRZ) freeze(mbwu);
    updateHeld(mbwu.bank, before, holds(mbwu.ctl));
  }
  // Hardware's NRDY is one bit for both windows: both copies have it as it was.
  const readyAt = mbwu.readyAt;
  if (plain || mbwu.ctl & CTL_OFLOW_CAPT) copyShort(mbwu);
  if (long && (plain || mbwu.ctl & CTL_OFLOW_CAPT_L)) {
    mbwu.readyAt = readyAt;
    copyLong(mbwu);
  }
  rearm(mbwu);
}

function captures(mbwu: Mbwu): bool {
  return (mbwu.ris.mbwumonIdr & MBWUMON_IDR_HAS_CAPTURE) != 0;
}

function copyShort(mbwu: Mbwu): void {
  if (!captures(mbwu)) return;
  mbwu.captured = shown(mbwu) | nrdy(mbwu, mbwu.nrdy);
  mbwu.nrdy = 0;
  mbwu.readyAt = 0;
  if (mbwu.ctl & CTL_CAPT_RESET) mbwu.short = 0;
}

function copyLong(mbwu: Mbwu): void {
  if (!captures(mbwu)) return;
  mbwu.capturedLong = mbwu.long | (<u64>nrdy(mbwu, mbwu.nrdyLong) << 32);
  mbwu.nrdyLong = 0;
  mbwu.readyAt = 0;
  if ((mbwu.ctl & CTL_CAPT_RESET) == 0) return;
  mbwu.long = 0;
  mbwu.restLong = 0;
}
