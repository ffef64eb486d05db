// Memory-bandwidth-usage monitors: a count of bytes seen through two windows, 31 bits and 44 or 63 (registers.md
// section 4). Nothing is counted here: a monitor is a base and a look at the buckets of the owners it matches.

import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_FRZ,
  CTL_OFLOW_INTR,
  CTL_OFLOW_INTR_L,
  CTL_OFLOW_STATUS,
  CTL_OFLOW_STATUS_L,
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
import { fieldGet } from "../regs/field";
import { MBWUMON_IDR_HAS_LONG, MBWUMON_IDR_HAS_RWBW, MBWUMON_IDR_LWD } from "../regs/identity";
import { EVENT_OVERFLOW, raise } from "../events";
import { root } from "../root";
import { Bank, Ris } from "../msc/state";
import { Settings } from "../control/settings";
import { arm, disarm } from "../replay/slack";
import { COUNT_READS, COUNT_WRITES, sum } from "./filter";

const SHORT_LIMIT: u64 = <u64>1 << 31;

@unmanaged
export class Mbwu {
  bank: Bank;
  ctl: u32;
  flt: u32;
  /** FLT bits that exist, and the first count the long window cannot show; 0 without one. */
  fltImplemented: u32;
  longLimit: u64;
  /** The two windows when the buckets last stood at `seen`. */
  short: u64;
  long: u64;
  seen: u64;
  nrdy: u32;
  nrdyLong: u32;
  frozen: u32;
  frozenLong: u32;
  /** Position among the armed monitors, counted from 1; 0 when not armed. */
  armed: u32;
  spare: u32;
}

export function mbwuAt(settings: Settings, mon: u32): Mbwu {
  return changetype<Mbwu>(settings.mbwu + <usize>mon * offsetof<Mbwu>());
}

export function buildMbwu(mbwu: Mbwu, bank: Bank, ris: Ris): void {
  mbwu.bank = bank;
  mbwu.ctl = CTL_TYPE_MBWU;
  mbwu.fltImplemented = FLT_PARTID | FLT_PMG | (ris.mbwumonIdr & MBWUMON_IDR_HAS_RWBW ? FLT_RWBW : 0);
  if (ris.mbwumonIdr & MBWUMON_IDR_HAS_LONG) {
    mbwu.longLimit = ris.mbwumonIdr & MBWUMON_IDR_LWD ? <u64>1 << 63 : <u64>1 << 44;
  }
}

function total(mbwu: Mbwu): u64 {
  const rwbw = fieldGet(FLT_RWBW, mbwu.flt);
  let what: u32 = 0;
  if (rwbw == RWBW_BOTH || rwbw == RWBW_READS) what |= COUNT_READS;
  if (rwbw == RWBW_BOTH || rwbw == RWBW_WRITES) what |= COUNT_WRITES;
  return sum(mbwu.bank.msc.resource, mbwu.bank.space, mbwu.ctl, mbwu.flt, what);
}

/**
 * Brings the windows up to the buckets, with what an overflow does. A monitor on which an overflow can be noticed at
 * once is armed, and the replay loop calls this at the very record; for the others it is soon enough when somebody looks.
 */
export function catchUp(mbwu: Mbwu): void {
  if ((mbwu.ctl & CTL_EN) == 0) return;
  const now = total(mbwu);
  const moved = now - mbwu.seen;
  mbwu.seen = now;
  let overflowed = false;
  if (!mbwu.frozen) {
    mbwu.short += moved;
    if (mbwu.short >= SHORT_LIMIT) {
      mbwu.short &= SHORT_LIMIT - 1;
      overflow(mbwu, CTL_OFLOW_STATUS, CTL_OFLOW_INTR);
      overflowed = true;
    }
  }
  if (mbwu.longLimit != 0 && !mbwu.frozenLong) {
    mbwu.long += moved;
    if (mbwu.long >= mbwu.longLimit) {
      mbwu.long &= mbwu.longLimit - 1;
      overflow(mbwu, CTL_OFLOW_STATUS_L, CTL_OFLOW_INTR_L);
      overflowed = true;
    }
  }
  if (overflowed && mbwu.ctl & CTL_OFLOW_FRZ) {
    mbwu.frozen = 1;
    mbwu.frozenLong = 1;
  }
}

/** Forgets where the buckets stood: after a change of filter, and when an owner's buckets have been emptied. */
export function lookAgain(mbwu: Mbwu): void {
  mbwu.seen = total(mbwu);
}

/** Bytes it may still see before something happens that somebody notices; u64.MAX_VALUE when nothing can. */
export function distance(mbwu: Mbwu): u64 {
  let least = u64.MAX_VALUE;
  if (watches(mbwu, CTL_OFLOW_INTR) && !mbwu.frozen) least = SHORT_LIMIT - mbwu.short;
  if (mbwu.longLimit != 0 && watches(mbwu, CTL_OFLOW_INTR_L) && !mbwu.frozenLong) {
    least = min(least, mbwu.longLimit - mbwu.long);
  }
  return least;
}

function watches(mbwu: Mbwu, interrupt: u32): bool {
  return (mbwu.ctl & CTL_EN) != 0 && (mbwu.ctl & (interrupt | CTL_OFLOW_FRZ)) != 0;
}

function overflow(mbwu: Mbwu, status: u32, interrupt: u32): void {
  if (mbwu.ctl & status) return;
  const before = held(mbwu.ctl);
  mbwu.ctl |= status;
  if (mbwu.ctl & interrupt && root().stopOn) root().stopped = 1;
  holdLine(mbwu, before);
}

/** Whether a control word holds the overflow interrupt up: an overflow that is reported and not cleared. */
function held(ctl: u32): bool {
  return (
    ((ctl & CTL_OFLOW_STATUS) != 0 && (ctl & CTL_OFLOW_INTR) != 0) ||
    ((ctl & CTL_OFLOW_STATUS_L) != 0 && (ctl & CTL_OFLOW_INTR_L) != 0)
  );
}

/** The wired interrupt is up until the last overflow of its MSC has been cleared (registers.md 4.8). */
function holdLine(mbwu: Mbwu, before: bool): void {
  const msc = mbwu.bank.msc;
  const after = held(mbwu.ctl);
  if (after && !before && msc.overflowsUp++ == 0) raise(EVENT_OVERFLOW, msc.index, mbwu.bank.space, 1);
  if (before && !after && --msc.overflowsUp == 0) raise(EVENT_OVERFLOW, msc.index, mbwu.bank.space, 0);
}

// Registers.

export function readMbwuCtl(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return mbwu.ctl;
}

export function writeMbwuCtl(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  const before = held(mbwu.ctl);
  let implemented = CTL_EN | CTL_MATCH_PARTID | CTL_MATCH_PMG | CTL_OFLOW_FRZ | CTL_OFLOW_INTR | CTL_OFLOW_STATUS;
  if (mbwu.longLimit != 0) implemented |= CTL_OFLOW_INTR_L | CTL_OFLOW_STATUS_L;
  mbwu.ctl = (value & implemented) | CTL_TYPE_MBWU;
  lookAgain(mbwu);
  holdLine(mbwu, before);
  rearm(mbwu);
}

export function writeMbwuFlt(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.flt = value & mbwu.fltImplemented;
  lookAgain(mbwu);
  rearm(mbwu);
}

export function readMbwu(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return <u32>mbwu.short | mbwu.nrdy;
}

export function writeMbwu(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.short = value & VALUE_VALUE;
  mbwu.nrdy = value & VALUE_NRDY;
  mbwu.frozen = 0;
  clear(mbwu, CTL_OFLOW_STATUS);
}

export function readMbwuLLow(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return <u32>mbwu.long;
}

export function readMbwuLHigh(mbwu: Mbwu): u32 {
  catchUp(mbwu);
  return <u32>(mbwu.long >>> 32) | mbwu.nrdyLong;
}

export function writeMbwuLLow(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  mbwu.long = (mbwu.long & 0xffff_ffff_0000_0000) | value;
  mbwu.frozenLong = 0;
  clear(mbwu, CTL_OFLOW_STATUS_L);
}

export function writeMbwuLHigh(mbwu: Mbwu, value: u32): void {
  catchUp(mbwu);
  const high = (<u64>(value & VALUE_VALUE) << 32) & (mbwu.longLimit - 1);
  mbwu.long = high | (mbwu.long & 0xffff_ffff);
  mbwu.nrdyLong = value & VALUE_NRDY;
  mbwu.frozenLong = 0;
  clear(mbwu, CTL_OFLOW_STATUS_L);
}

/** Writing a value clears its overflow status (D15). */
function clear(mbwu: Mbwu, status: u32): void {
  const before = held(mbwu.ctl);
  mbwu.ctl &= ~status;
  holdLine(mbwu, before);
  rearm(mbwu);
}

function rearm(mbwu: Mbwu): void {
  if (watches(mbwu, CTL_OFLOW_INTR) || (mbwu.longLimit != 0 && watches(mbwu, CTL_OFLOW_INTR_L))) arm(mbwu);
  else disarm(mbwu);
}
