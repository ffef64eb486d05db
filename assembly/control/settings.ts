// What one RIS keeps in one bank: a table per control, and its monitors. A table has `words` u32 an entry; an entry is a
// PARTID's, with narrowing an intPARTID's, and one more is for the default settings where there are any.

import { allocate } from "../root";
import { MBW_WINWD } from "./kinds";
import { Bank, Control, CONTROLS, Ris } from "../msc/state";

@unmanaged
export class Settings {
  /** A pointer per control. */
  tables: usize;
  csu: usize;
  mbwu: usize;
}

const POISON: u32 = 0xa5a5_a5a5;

export function buildTables(bank: Bank, ris: Ris, settings: Settings): void {
  settings.tables = allocate(<usize>CONTROLS * 4);
  for (let control: u32 = 0; control < CONTROLS; control++) {
    const shape = ris.control(control);
    // What software can only read needs no table.
    if (shape.words == 0 || shape.mask == 0) continue;
    store<u32>(settings.tables + (<usize>control << 2), <u32>allocate(<usize>bank.entries * shape.words * 4));
  }
  resetTables(bank, ris, settings);
}

/** What nobody has configured yet. */
export function resetTables(bank: Bank, ris: Ris, settings: Settings): void {
  for (let control: u32 = 0; control < CONTROLS; control++) {
    const shape = ris.control(control);
    for (let entry: u32 = 0; entry < bank.entries; entry++) {
      const filled = bank.msc.fills && control != MBW_WINWD && entry != 0 && entry != bank.defaultEntry;
      fill(settings, shape, control, entry, filled ? bank.msc.resetFill : shape.reset);
    }
  }
}

function fill(settings: Settings, shape: Control, control: u32, entry: u32, value: u32): void {
  for (let word: u32 = 0; word < shape.words; word++) writeControl(settings, shape, control, entry, word, value);
}

// @ts-ignore: decorator
@inline
function at(settings: Settings, shape: Control, control: u32, entry: u32, word: u32): usize {
  return <usize>load<u32>(settings.tables + (<usize>control << 2)) + ((<usize>entry * shape.words + word) << 2);
}

/** A word of a control's setting; 0 past the last word. */
// @ts-ignore: decorator
@inline
export function readControl(settings: Settings, shape: Control, control: u32, entry: u32, word: u32): u32 {
  if (word >= shape.words) return 0;
  return shape.mask == 0 ? shape.ones : load<u32>(at(settings, shape, control, entry, word));
}

// @ts-ignore: decorator
@inline
export function writeControl(
  settings: Settings,
  shape: Control,
  control: u32,
  entry: u32,
  word: u32,
  value: u32,
): void {
  if (word >= shape.words || shape.mask == 0) return;
  // All words of a bitmap but the last are whole.
  const mask = word + 1 < shape.words ? u32.MAX_VALUE : shape.mask;
  store<u32>(at(settings, shape, control, entry, word), (value & mask) | shape.ones);
}

/** MPAMCFG_DIS.NFU on a part that forgets: what the settings of a PARTID hold from now on is of no use. */
export function poison(ris: Ris, settings: Settings, entry: u32): void {
  for (let control: u32 = 0; control < CONTROLS; control++) {
    const shape = ris.control(control);
    if (shape.words != 0) fill(settings, shape, control, entry, POISON);
  }
}
