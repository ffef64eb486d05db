// What happens at an edge: configuration that has been written begins to act on traffic.

import { cmaxLines } from "../control/ccap";
import { cpbmWd, ownsPortion } from "../control/cpor";
import { Settings } from "../control/settings";
import { CacheSlice, UNLIMITED } from "../model/cache";
import { Bank, bankOf, hasBank, MAX_RIS, Msc, mscAt, Ris, risOf, settingsOf } from "../msc/state";
import { labelPartid, labelSpace, owner } from "../pe/owners";
import { IDR_HAS_CCAP_PART, IDR_HAS_CPOR_PART } from "../regs/identity";
import { checkLimits, forgetRequestErrors } from "../msc/requests";
import { root } from "../root";

export function applyPending(): void {
  const r = root();
  r.pending = 0;
  r.unreported = 0;
  forgetRequestErrors();
  for (let index: u32 = 0; index < r.ownerCount; index++) if (owner(index).live) applyTo(index);
}

/** Compiles the settings of an owner's PARTID into what the cache looks at on a miss. */
export function applyTo(index: u32): void {
  const r = root();
  checkLimits(index);
  if (r.cache == 0) return;
  const cache = changetype<CacheSlice>(r.cache);
  const label = owner(index).label;
  openWays(cache, index, label);
  cache.use(index).limit = limitOf(cache, label);
}

/** A PARTID that the MSC does not know is treated as PARTID 0 (registers.md 5.2, code 2). */
function knownPartid(bank: Bank, label: u32): u32 {
  const partid = labelPartid(label);
  return partid > bank.partidMax ? 0 : partid;
}

function limitOf(cache: CacheSlice, label: u32): u32 {
  const r = root();
  let limit = UNLIMITED;
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource != changetype<usize>(cache) || !hasBank(msc, labelSpace(label))) continue;
    const bank = bankOf(msc, labelSpace(label));
    for (let i: u32 = 0; i < MAX_RIS; i++) {
      const ris = risOf(msc, i);
      if (!ris.present || (ris.idr & IDR_HAS_CCAP_PART) == 0) continue;
      limit = min(limit, cmaxLines(ris, settingsOf(bank, i), knownPartid(bank, label), cache.lines));
    }
  }
  return limit;
}

function openWays(cache: CacheSlice, index: u32, label: u32): void {
  for (let phase: u32 = 0; phase < cache.phases; phase++) {
    let mask: u64 = 0;
    for (let way: u32 = 0; way < cache.ways; way++) {
      if (mayAllocate(cache, label, way, phase)) mask |= <u64>1 << way;
    }
    cache.openWays(index, phase, mask);
  }
}

/** Every RIS with a portion bitmap must agree that the portion of this way is open. */
function mayAllocate(cache: CacheSlice, label: u32, way: u32, phase: u32): bool {
  const r = root();
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource != changetype<usize>(cache) || !hasBank(msc, labelSpace(label))) continue;
    const bank = bankOf(msc, labelSpace(label));
    for (let i: u32 = 0; i < MAX_RIS; i++) {
      const ris = risOf(msc, i);
      if (!ris.present || (ris.idr & IDR_HAS_CPOR_PART) == 0) continue;
      if (!ownsPortion(settingsOf(bank, i), knownPartid(bank, label), portionOf(cache, ris, way, phase))) return false;
    }
  }
  return true;
}

/** The portion of a way in the sets of one phase (design, section 9). R is this bitmap's own, as if it stood alone. */
function portionOf(cache: CacheSlice, ris: Ris, way: u32, phase: u32): u32 {
  const width = cpbmWd(ris);
  let r: u32 = 1;
  while (cache.ways * r < width) r <<= 1;
  const cell = way * r + (phase & (r - 1));
  return <u32>((<u64>cell * width) / (cache.ways * r));
}
