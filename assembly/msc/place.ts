// Settings by where they lie, past selectors and errors: for whoever stands between software and the registers, and may not be
// seen to select anything. Offsets are those of MPAMCFG registers that are controls.

import { wordAt } from "../control/kinds";
import { readControl, writeControl } from "../control/settings";
import { root } from "../root";
import { CONTROL, entryAt, groupOf, NUMBER } from "./map";
import { Bank, bankAt, defined, MAX_RIS, NO_ENTRY, Ris, risOf, settingsOf } from "./state";

/** The entry of the settings that a use of the register now would touch; NO_ENTRY where it would be an error, or touch nothing. */
export function selectedPlace(index: u32, space: u32, offset: u32): u32 {
  const bank = bankAt(index, space);
  if (changetype<usize>(bank) == 0 || bank.partEntry == NO_ENTRY) return NO_ENTRY;
  return has(changetype<Ris>(bank.partRis), offset) ? bank.partEntry : NO_ENTRY;
}

/** 0 where there is none. */
export function readPlace(index: u32, space: u32, ris: u32, entry: u32, offset: u32): u32 {
  const bank = bankAt(index, space);
  if (!exists(bank, ris, entry, offset)) return 0;
  const control = entryAt(offset) & NUMBER;
  const shape = risOf(bank.msc, ris).control(control);
  return readControl(settingsOf(bank, ris), shape, control, entry, wordAt(control, offset));
}

/** Acts on traffic from the next edge. */
export function writePlace(index: u32, space: u32, ris: u32, entry: u32, offset: u32, value: u32): void {
  const bank = bankAt(index, space);
  if (!exists(bank, ris, entry, offset)) return;
  const control = entryAt(offset) & NUMBER;
  const shape = risOf(bank.msc, ris).control(control);
  writeControl(settingsOf(bank, ris), shape, control, entry, wordAt(control, offset), value);
  root().pending = 1;
}

function exists(bank: Bank, ris: u32, entry: u32, offset: u32): bool {
  if (changetype<usize>(bank) == 0 || ris >= MAX_RIS || !defined(bank, ris)) return false;
  return entry < bank.entries && has(risOf(bank.msc, ris), offset);
}

function has(ris: Ris, offset: u32): bool {
  const entry = entryAt(offset);
  return groupOf(entry) == CONTROL && ((ris.controls >>> (entry & NUMBER)) & 1) != 0;
}
