// The MPAMCFG registers: a selector, and behind it the settings of the PARTID and RIS it names (registers.md section 3).

import { controlAt, wordAt } from "../control/kinds";
import { readControl, writeControl } from "../control/settings";
import {
  MPAMCFG_DIS,
  MPAMCFG_EN,
  MPAMCFG_EN_FLAGS,
  MPAMCFG_INTPARTID,
  MPAMCFG_PART_SEL,
} from "../regs/offsets";
import { root } from "../root";
import { disable, enable, readEnFlags, writeEnFlags } from "./enabling";
import { readIntpartid, writeIntpartid } from "./narrowing";
import { selectedRis, selectEntry, writePartSel } from "./selector";
import { Bank, NO_ENTRY, risOf, settingsOf } from "./state";

export function readPartition(bank: Bank, offset: u32): u32 {
  switch (offset) {
    case MPAMCFG_PART_SEL:
      return bank.partSel;
    case MPAMCFG_EN_FLAGS:
      return readEnFlags(bank);
    case MPAMCFG_INTPARTID:
      return readIntpartid(bank);
  }
  const control = controlAt(offset);
  const word = wordAt(control, offset);
  const entry = selectEntry(bank, control, word);
  if (entry == NO_ENTRY) return 0;
  const ris = selectedRis(bank);
  const shape = risOf(bank.msc, ris).control(control);
  return readControl(settingsOf(bank, ris), shape, control, entry, word);
}

export function writePartition(bank: Bank, offset: u32, value: u32): void {
  switch (offset) {
    case MPAMCFG_PART_SEL:
      writePartSel(bank, value);
      return;
    case MPAMCFG_EN:
      enable(bank, value);
      return;
    case MPAMCFG_DIS:
      disable(bank, value);
      return;
    case MPAMCFG_EN_FLAGS:
      writeEnFlags(bank, value);
      return;
    case MPAMCFG_INTPARTID:
      writeIntpartid(bank, value);
      return;
  }
  const control = controlAt(offset);
  const word = wordAt(control, offset);
  const entry = selectEntry(bank, control, word);
  if (entry == NO_ENTRY) return;
  const ris = selectedRis(bank);
  const shape = risOf(bank.msc, ris).control(control);
  writeControl(settingsOf(bank, ris), shape, control, entry, word, value);
  root().pending = 1;
}
