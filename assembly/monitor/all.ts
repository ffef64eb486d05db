// Every MBWU monitor of the machine, for the rare moments that touch them all.

import { Bank, bankOf, defined, hasBank, MAX_RIS, mscAt, risOf, settingsOf } from "../msc/state";
import { SPACES } from "../pe/owners";
import { root } from "../root";
import { catchUp, lookAgain, mbwuAt } from "./mbwu";

export function catchUpAll(): void {
  eachBank(true);
}

export function lookAgainAll(): void {
  eachBank(false);
}

function eachBank(before: bool): void {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    for (let space: u32 = 0; space < SPACES; space++) if (hasBank(msc, space)) each(bankOf(msc, space), before);
  }
}

function each(bank: Bank, before: bool): void {
  for (let i: u32 = 0; i < MAX_RIS; i++) {
    if (!defined(bank, i)) continue;
    for (let mon: u32 = 0; mon < risOf(bank.msc, i).mbwuMonitors; mon++) {
      const mbwu = mbwuAt(settingsOf(bank, i), mon);
      if (before) catchUp(mbwu);
      else lookAgain(mbwu);
    }
  }
}
