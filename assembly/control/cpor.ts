// Cache-portion partitioning: a line may be allocated only in portions its PARTID has the bit of (MPAMCFG_CPBM<n>).

import { CPOR_IDR_CPBM_WD } from "../regs/identity";
import { fieldGet } from "../regs/field";
import { allocate } from "../root";
import { Ris } from "../msc/state";
import { Settings } from "./settings";

export function cpbmWd(ris: Ris): u32 {
  return fieldGet(CPOR_IDR_CPBM_WD, ris.cporIdr);
}

/** A part nobody has configured behaves as if unpartitioned (registers.md 3.6). */
export function buildCpbm(ris: Ris, settings: Settings, partids: u32): void {
  const words = (cpbmWd(ris) + 31) >>> 5;
  settings.cpbmWords = words;
  settings.cpbm = allocate(<usize>partids * words * 4);
  for (let partid: u32 = 0; partid < partids; partid++) {
    for (let word: u32 = 0; word < words; word++) writeCpbm(ris, settings, partid, word, u32.MAX_VALUE);
  }
}

export function readCpbm(settings: Settings, partid: u32, word: u32): u32 {
  if (word >= settings.cpbmWords) return 0;
  return load<u32>(settings.cpbm + (<usize>(partid * settings.cpbmWords + word) << 2));
}

export function writeCpbm(ris: Ris, settings: Settings, partid: u32, word: u32, value: u32): void {
  if (word >= settings.cpbmWords) return;
  store<u32>(settings.cpbm + (<usize>(partid * settings.cpbmWords + word) << 2), value & implemented(ris, word));
}

/** Bits at and past CPBM_WD are RES0, and the last word of a bitmap is usually short (D3). */
function implemented(ris: Ris, word: u32): u32 {
  const left = cpbmWd(ris) - (word << 5);
  return left >= 32 ? u32.MAX_VALUE : (1 << left) - 1;
}

/** Whether portion `portion` is open to a PARTID. */
export function ownsPortion(settings: Settings, partid: u32, portion: u32): bool {
  return ((readCpbm(settings, partid, portion >>> 5) >>> (portion & 31)) & 1) != 0;
}
