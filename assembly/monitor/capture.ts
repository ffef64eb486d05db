// Capture events: from outside, from software, and by linkage from overflows (registers.md 4.7).

import { Bank, bankOf, defined, hasBank, MAX_RIS, Msc, mscAt, risOf, settingsOf } from "../msc/state";
import { SPACE_NS, SPACE_RL, SPACE_RT, SPACE_S, SPACES } from "../pe/owners";
import { fieldGet } from "../field";
import { CSUMON_IDR_HAS_CAPTURE, MBWUMON_IDR_HAS_CAPTURE } from "../regs/identity";
import { CAPT_EVNT_ALL, CAPT_EVNT_NOW, CTL_CAPT_EVNT, EVENT_LOCAL } from "../regs/monitor";
import { root } from "../root";
import { captureCsu, csuAt } from "./csu";
import { captureMbwu, mbwuAt } from "./mbwu";
import { hasEvent } from "./overflow";

/** An event of the host's: it reaches the monitors of all spaces. */
export function captureFromOutside(index: u32, event: u32): void {
  if (index >= root().mscCount) return;
  const msc = mscAt(index);
  if (!hasEvent(msc, event)) return;
  for (let space: u32 = 0; space < SPACES; space++) reach(msc, space, 1 << event);
}

/** A write of MSMON_CAPT_EVNT: the bank's own monitors, and with ALL those of the banks below it (D26). */
export function captureNow(bank: Bank, value: u32): void {
  if ((value & CAPT_EVNT_NOW) == 0) return;
  const msc = bank.msc;
  const events: u32 = 1 << EVENT_LOCAL;
  reach(msc, bank.space, events);
  if ((value & CAPT_EVNT_ALL) == 0 || bank.space == SPACE_NS) return;
  if (bank.space == SPACE_RT) {
    reach(msc, SPACE_RL, events);
    reach(msc, SPACE_S, events);
  }
  reach(msc, SPACE_NS, events);
}

/** Follows the events that the overflows of one record have raised. */
export function followLinks(): void {
  const r = root();
  if (!r.linked) return;
  r.linked = 0;
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    for (let space: u32 = 0; space < SPACES; space++) {
      if (!hasBank(msc, space)) continue;
      const bank = bankOf(msc, space);
      const events = bank.linked;
      bank.linked = 0;
      if (events != 0) reach(msc, space, events);
    }
  }
}

/** Every monitor of a bank that is sensitive to one of the events takes part, once. */
function reach(msc: Msc, space: u32, events: u32): void {
  if (!hasBank(msc, space)) return;
  const bank = bankOf(msc, space);
  for (let ris: u32 = 0; ris < MAX_RIS; ris++) {
    if (!defined(bank, ris)) continue;
    const entry = risOf(msc, ris);
    const settings = settingsOf(bank, ris);
    if (entry.csumonIdr & CSUMON_IDR_HAS_CAPTURE) {
      for (let mon: u32 = 0; mon < entry.csuMonitors; mon++) {
        const csu = csuAt(settings, mon);
        if (isSensitive(csu.ctl, events)) captureCsu(csu);
      }
    }
    if (entry.mbwumonIdr & MBWUMON_IDR_HAS_CAPTURE) {
      for (let mon: u32 = 0; mon < entry.mbwuMonitors; mon++) {
        const mbwu = mbwuAt(settings, mon);
        if (isSensitive(mbwu.ctl, events)) captureMbwu(mbwu);
      }
    }
  }
}

/** Event 0 is none: its bit is never set. */
function isSensitive(ctl: u32, events: u32): bool {
  return ((events >>> fieldGet(CTL_CAPT_EVNT, ctl)) & 1) != 0;
}
