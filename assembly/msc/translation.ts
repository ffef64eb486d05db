// PARTID translation on the way in and on the way out (registers.md 6.7).

import { fieldGet } from "../field";
import { TL_IDR_HAS_BASE_MASK, TL_IDR_HAS_DIRECT_TL, TL_IDR_PARTID_MAX } from "../regs/identity";
import {
  MPAMCFG_IN_TL,
  MPAMCFG_IN_TL_BASE,
  MPAMCFG_IN_TL_MASK,
  MPAMCFG_OUT_TL,
  MPAMCFG_OUT_TL_BASE,
  MPAMCFG_OUT_TL_MASK,
  MPAMF_IN_TL_IDR,
  MPAMF_OUT_TL_IDR,
} from "../regs/offsets";
import { PART_SEL_INGRESS_TL, TL_BASE_BASE, TL_ENABLE, TL_MASK_MASK_WD, TL_PARTID_TL } from "../regs/partition";
import { allocate, root } from "../root";
import { selectPartid } from "./selector";
import { Bank, NO_ENTRY, Translation } from "./state";

/** `most`: the largest PARTID it is asked about. */
export function newTranslation(idr: u32, most: u32): Translation {
  const tl = changetype<Translation>(allocate(offsetof<Translation>()));
  tl.idr = idr;
  if (idr & TL_IDR_HAS_DIRECT_TL) tl.direct = allocate(<usize>(most + 1) << 2);
  reset(tl, most);
  return tl;
}

/** A part with a base starts with a mask that changes nothing. */
function reset(tl: Translation, most: u32): void {
  if (tl.direct != 0) memory.fill(tl.direct, 0, <usize>(most + 1) << 2);
  tl.base = 0;
  tl.maskWd = tl.idr & TL_IDR_HAS_BASE_MASK ? 16 : 0;
}

export function resetTranslation(bank: Bank): void {
  if (exists(bank.ingress)) reset(bank.ingress, arrivingMax(bank));
  if (exists(bank.egress)) reset(bank.egress, bank.partidMax);
}

function translate(tl: Translation, partid: u32): u32 {
  if (tl.direct != 0) {
    const entry = load<u32>(tl.direct + (<usize>partid << 2));
    if (entry & TL_ENABLE) return fieldGet(TL_PARTID_TL, entry);
  }
  if ((tl.idr & TL_IDR_HAS_BASE_MASK) == 0) return partid;
  const mask = (1 << min(tl.maskWd, 16)) - 1;
  return (tl.base & ~mask) | (partid & mask);
}

function exists(tl: Translation): bool {
  return changetype<usize>(tl) != 0;
}

/** The largest PARTID that may arrive at a bank. */
export function arrivingMax(bank: Bank): u32 {
  return exists(bank.ingress) ? fieldGet(TL_IDR_PARTID_MAX, bank.ingress.idr) : bank.partidMax;
}

/** A PARTID as it is inside the MSC. One that is out of range stays as it is. */
export function translateIn(bank: Bank, partid: u32): u32 {
  return exists(bank.ingress) && partid <= arrivingMax(bank) ? translate(bank.ingress, partid) : partid;
}

/** A PARTID of the inside as the next level sees it. */
export function translateOut(bank: Bank, partid: u32): u32 {
  return exists(bank.egress) && partid <= bank.partidMax ? translate(bank.egress, partid) : partid;
}

export function readTranslation(bank: Bank, offset: u32): u32 {
  const tl = offset < MPAMF_OUT_TL_IDR ? bank.ingress : bank.egress;
  if (!exists(tl)) return 0;
  switch (offset) {
    case MPAMF_IN_TL_IDR:
    case MPAMF_OUT_TL_IDR:
      return tl.idr;
    case MPAMCFG_IN_TL:
    case MPAMCFG_OUT_TL: {
      const at = directEntry(bank, tl, offset == MPAMCFG_IN_TL);
      return at == 0 ? 0 : load<u32>(at);
    }
  }
  if ((tl.idr & TL_IDR_HAS_BASE_MASK) == 0) return 0;
  if (offset == MPAMCFG_IN_TL_BASE || offset == MPAMCFG_OUT_TL_BASE) return tl.base;
  return offset == MPAMCFG_IN_TL_MASK || offset == MPAMCFG_OUT_TL_MASK ? tl.maskWd : 0;
}

export function writeTranslation(bank: Bank, offset: u32, value: u32): void {
  const tl = offset < MPAMF_OUT_TL_IDR ? bank.ingress : bank.egress;
  if (!exists(tl)) return;
  if (offset == MPAMCFG_IN_TL || offset == MPAMCFG_OUT_TL) {
    const at = directEntry(bank, tl, offset == MPAMCFG_IN_TL);
    if (at == 0) return;
    store<u32>(at, value & (TL_ENABLE | TL_PARTID_TL));
  } else if ((tl.idr & TL_IDR_HAS_BASE_MASK) == 0) return;
  else if (offset == MPAMCFG_IN_TL_BASE || offset == MPAMCFG_OUT_TL_BASE) tl.base = value & TL_BASE_BASE;
  else if (offset == MPAMCFG_IN_TL_MASK || offset == MPAMCFG_OUT_TL_MASK) tl.maskWd = value & TL_MASK_MASK_WD;
  else return;
  root().pending = 1;
}

/** Where the direct entry of the selected PARTID lies; 0 when the selector is not about this table, or is bad. */
function directEntry(bank: Bank, tl: Translation, ingress: bool): usize {
  if (tl.direct == 0 || ((bank.partSel & PART_SEL_INGRESS_TL) != 0) != ingress) return 0;
  const partid = selectPartid(bank, ingress ? arrivingMax(bank) : bank.partidMax);
  return partid == NO_ENTRY ? 0 : tl.direct + (<usize>partid << 2);
}
