// Cache-storage-usage monitors: bytes of cache held by lines that match (registers.md section 4).

import {
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_TYPE_CSU,
  FLT_PARTID,
  FLT_PMG,
  VALUE_NRDY,
  VALUE_VALUE,
} from "../regs/monitor";
import { root } from "../root";
import { Bank } from "../msc/state";
import { Settings } from "../control/settings";
import { COUNT_HELD, sum } from "./filter";

const CTL_IMPLEMENTED: u32 = CTL_EN | CTL_MATCH_PARTID | CTL_MATCH_PMG;

@unmanaged
export class Csu {
  bank: Bank;
  ctl: u32;
  flt: u32;
  /** What the monitor shows while it is disabled. */
  value: u32;
  readyAt: u64;
}

export function csuAt(settings: Settings, mon: u32): Csu {
  return changetype<Csu>(settings.csu + <usize>mon * offsetof<Csu>());
}

export function buildCsu(csu: Csu, bank: Bank): void {
  csu.bank = bank;
  csu.ctl = CTL_TYPE_CSU;
}

/** While enabled the monitor measures; disabled, it keeps what it last showed. */
export function readCsu(csu: Csu): u32 {
  const nrdy = root().now < csu.readyAt ? VALUE_NRDY : 0;
  return nrdy | (csu.ctl & CTL_EN ? measure(csu) : csu.value);
}

export function writeCsu(csu: Csu, value: u32): void {
  csu.value = value & VALUE_VALUE;
  settle(csu);
}

export function writeCsuFlt(csu: Csu, value: u32): void {
  latch(csu);
  csu.flt = value & (FLT_PARTID | FLT_PMG);
  settle(csu);
}

export function writeCsuCtl(csu: Csu, value: u32): void {
  latch(csu);
  csu.ctl = (value & CTL_IMPLEMENTED) | CTL_TYPE_CSU;
  settle(csu);
}

function measure(csu: Csu): u32 {
  return <u32>sum(csu.bank.msc.resource, csu.bank.space, csu.ctl, csu.flt, COUNT_HELD) & VALUE_VALUE;
}

function latch(csu: Csu): void {
  if (csu.ctl & CTL_EN) csu.value = measure(csu);
}

/** A monitor that has been touched needs its time before the value holds again (registers.md 4.5). */
function settle(csu: Csu): void {
  const nrdyNs = csu.bank.msc.nrdyNs;
  if (nrdyNs != 0 && csu.ctl & CTL_EN) csu.readyAt = root().now + nrdyNs;
}
