// An MSC that has lost its power: every register as at power-on. Lines of its cache, what is on its way and what has been
// counted for statistics are no registers.

import { resetTables } from "../control/settings";
import { csuAt, resetCsu } from "../monitor/csu";
import { mbwuAt, resetMbwu } from "../monitor/mbwu";
import { resetOverflows } from "../monitor/overflow";
import { resetMonSel } from "../monitor/page";
import { SPACES } from "../pe/owners";
import { root } from "../root";
import { resetEnabled } from "./enabling";
import { resetErrors } from "./errors";
import { resetNarrowing } from "./narrowing";
import { resetPartSel } from "./selector";
import { Bank, bankOf, defined, hasBank, MAX_RIS, mscAt, Ris, risOf, settingsOf } from "./state";
import { resetTranslation } from "./translation";

export function resetMsc(index: u32): void {
  if (index >= root().mscCount) return;
  const msc = mscAt(index);
  for (let space: u32 = 0; space < SPACES; space++) if (hasBank(msc, space)) resetBank(bankOf(msc, space));
  root().pending = 1;
}

function resetBank(bank: Bank): void {
  for (let i: u32 = 0; i < MAX_RIS; i++) if (defined(bank, i)) resetRis(bank, risOf(bank.msc, i));
  resetEnabled(bank);
  resetNarrowing(bank);
  resetTranslation(bank);
  resetPartSel(bank);
  resetMonSel(bank);
  resetErrors(bank);
  resetOverflows(bank);
}

function resetRis(bank: Bank, ris: Ris): void {
  const settings = settingsOf(bank, ris.index);
  resetTables(bank, ris, settings);
  for (let mon: u32 = 0; mon < ris.csuMonitors; mon++) resetCsu(csuAt(settings, mon));
  for (let mon: u32 = 0; mon < ris.mbwuMonitors; mon++) resetMbwu(mbwuAt(settings, mon));
}
