// When monitors become ready (registers.md 4.5). A capture in the middle of a call copies NRDY too, and time stands still
// within a call: the host ends a call at the next moment at which some monitor becomes ready.

import { Bank, bankOf, defined, hasBank, MAX_RIS, mscAt, risOf, settingsOf } from "../msc/state";
import { SPACES } from "../pe/owners";
import { root } from "../root";
import { csuAt } from "./csu";
import { mbwuAt } from "./mbwu";

/** A monitor becomes ready at `ns`. */
export function becomesReady(ns: u64): void {
  const r = root();
  if (ns <= r.now) return;
  r.nextReady = min(r.nextReady, ns);
  r.lastReady = max(r.lastReady, ns);
}

/** Time moves. Most often whoever was not ready became so all at once, and there is nobody to look for. */
export function moveTime(ns: u64): void {
  const r = root();
  r.now = ns;
  if (ns < r.nextReady) return;
  r.nextReady = u64.MAX_VALUE;
  if (ns >= r.lastReady) return;
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    for (let space: u32 = 0; space < SPACES; space++) if (hasBank(msc, space)) lookAt(bankOf(msc, space));
  }
}

function lookAt(bank: Bank): void {
  for (let i: u32 = 0; i < MAX_RIS; i++) {
    if (!defined(bank, i)) continue;
    const ris = risOf(bank.msc, i);
    const settings = settingsOf(bank, i);
    for (let mon: u32 = 0; mon < ris.csuMonitors; mon++) becomesReady(csuAt(settings, mon).readyAt);
    for (let mon: u32 = 0; mon < ris.mbwuMonitors; mon++) becomesReady(mbwuAt(settings, mon).readyAt);
  }
}
