// What an overflow sets off outside its monitor: the interrupt, on a wire or as a message, and capture events for the
// monitors it is linked with (registers.md 4.6 and 4.8).

import { EVENT_OVERFLOW, raise } from "../events";
import { msiEnabled, resetMsi, sendMsi } from "../msc/msi";
import { Bank, Msc } from "../msc/state";
import { MSMON_IDR_HAS_OFLW_MSI, MSMON_IDR_NO_HW_OFLW_INTR } from "../regs/identity";
import { CTL_OFLOW_INTR, CTL_OFLOW_INTR_L, CTL_OFLOW_STATUS, CTL_OFLOW_STATUS_L, EVENT_LOCAL } from "../regs/monitor";
import { fieldGet } from "../field";
import { OPTION_CAPT_EVENTS } from "../regs/options";
import { root } from "../root";

/** Whether there is a way to tell software of an overflow at all. */
export function makesInterrupts(msc: Msc): bool {
  return (msc.msmonIdr & MSMON_IDR_HAS_OFLW_MSI) != 0 || (msc.msmonIdr & MSMON_IDR_NO_HW_OFLW_INTR) == 0;
}

function sendsMsi(bank: Bank): bool {
  return (bank.msc.msmonIdr & MSMON_IDR_HAS_OFLW_MSI) != 0 && msiEnabled(bank.overflowMsi);
}

/** Whether a control word calls for the interrupt: an overflow that is reported and not cleared. */
export function holds(ctl: u32): bool {
  return (
    ((ctl & CTL_OFLOW_STATUS) != 0 && (ctl & CTL_OFLOW_INTR) != 0) ||
    ((ctl & CTL_OFLOW_STATUS_L) != 0 && (ctl & CTL_OFLOW_INTR_L) != 0)
  );
}

/** An overflow that software wants to hear of has just happened. */
export function signal(bank: Bank): void {
  if (root().stopOn) root().stopped = 1;
  if (sendsMsi(bank)) sendMsi(bank, EVENT_OVERFLOW);
}

export function updateHeld(bank: Bank, before: bool, now: bool): void {
  if (before == now) return;
  if (now) bank.overflowsHeld++;
  else bank.overflowsHeld--;
  updateOverflowLine(bank);
}

/** The wired interrupt is up until the last overflow of its MSC has been cleared, or messages take its place. */
export function updateOverflowLine(bank: Bank): void {
  const msc = bank.msc;
  const wired = (msc.msmonIdr & MSMON_IDR_NO_HW_OFLW_INTR) == 0 && !sendsMsi(bank);
  const up: u32 = wired && bank.overflowsHeld != 0 ? 1 : 0;
  if (up == bank.overflowUp) return;
  bank.overflowUp = up;
  if (up) {
    if (msc.overflowsUp++ == 0) raise(EVENT_OVERFLOW, msc.index, bank.space, 1);
  } else if (--msc.overflowsUp == 0) raise(EVENT_OVERFLOW, msc.index, bank.space, 0);
}

/** As at power-on: no monitor of the bank holds the wire up any more. */
export function resetOverflows(bank: Bank): void {
  bank.linked = 0;
  resetMsi(bank.overflowMsi);
  updateOverflowLine(bank);
}

/** Whether capture event 1..6 exists in a part. */
export function hasEvent(msc: Msc, event: u32): bool {
  return event > 0 && event < EVENT_LOCAL && ((fieldGet(OPTION_CAPT_EVENTS, msc.options) >>> (event - 1)) & 1) != 0;
}

/** Raises a capture event for when all monitors have counted the record (docs/modelled.md, "Monitors"). */
export function link(bank: Bank, event: u32): void {
  if (!hasEvent(bank.msc, event)) return;
  bank.linked |= 1 << event;
  root().linked = 1;
}
