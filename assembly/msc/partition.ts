// The MPAMCFG registers: a selector, and behind it the settings of the PARTID and RIS it names (registers.md section 3).

import { wordAt } from "../control/kinds";
import { readControl, Settings, writeControl } from "../control/settings";
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
import { selectEntry, writePartSel } from "./selector";
import { Bank, NO_ENTRY, Ris } from "./state";

export function readPartition(bank: Bank, offset: u32): u32 {
  switch (offset) {
    case MPAMCFG_PART_SEL:
      return bank.partSel;
    case MPAMCFG_EN_FLAGS:
      return readEnFlags(bank);
    case MPAMCFG_INTPARTID:
      return readIntpartid(bank);
  }
  return 0;
}

/** A word of a control's setting. */
// @ts-ignore: decorator
@inline
export function readControlWord(bank: Bank, control: u32, offset: u32): u32 {
  const word = wordAt(control, offset);
  const entry = selectEntry(bank, control, word);
  if (entry == NO_ENTRY) return 0;
  const shape = changetype<Ris>(bank.partRis).control(control);
  return readControl(changetype<Settings>(bank.partSettings), shape, control, entry, word);
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
}

// @ts-ignore: decorator
@inline
export function writeControlWord(bank: Bank, control: u32, offset: u32, value: u32): void {
  const word = wordAt(control, offset);
  const entry = selectEntry(bank, control, word);
  if (entry == NO_ENTRY) return;
  const shape = changetype<Ris>(bank.partRis).control(control);
  writeControl(changetype<Settings>(bank.partSettings), shape, control, entry, word, value);
  root().pending = 1;
}
