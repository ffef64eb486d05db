// What happens at an edge: configuration that has been written begins to act on traffic. For every label in use, the
// settings of its PARTID are compiled into what the cache looks at on a miss.

import { cmaxLines, cpbmWd, ownsPortion } from "../control/effect";
import { CMAX, CPBM } from "../control/kinds";
import { CacheSlice, UNLIMITED } from "../model/cache";
import { catchUpAll, lookAgainAll } from "../monitor/all";
import { isEnabled } from "../msc/enabling";
import { narrow } from "../msc/narrowing";
import { checkLimits } from "../msc/requests";
import { Bank, bankOf, defined, hasBank, MAX_RIS, mscAt, NO_ENTRY, Ris, risOf, settingsOf } from "../msc/state";
import { arrivingMax, translateIn, translateOut } from "../msc/translation";
import { downstreamOf } from "../pe/labels";
import {
  labelPartid,
  labelPartition,
  labelPmg,
  labelSpace,
  NO_OWNER,
  owner,
  packLabel,
  regroup,
} from "../pe/owners";
import { fieldGet } from "../field";
import { MSMON_IDR_HAS_TL_MONITORING, TL_MONITORING_AFTER, TL_MONITORING_BEFORE } from "../regs/identity";
import { root } from "../root";

/** A PARTID that may allocate nowhere has no entry in the settings. */
const CLOSED: u32 = NO_ENTRY;

const OUT_OF_RANGE: u32 = 0x0080_0000;

export function applyPending(): void {
  const r = root();
  r.pending = 0;
  r.offending = 0;
  r.offendingBelow = 0;
  // What monitors take a PARTID for may change: they count up to here first.
  if (r.translates) catchUpAll();
  // Egress may bring new owners, which are looked at in turn.
  for (let index: u32 = 0; index < r.ownerCount; index++) if (owner(index).live) compile(index);
  if (r.translates) lookAgainAll();
}

/** Brings a label into use. */
export function applyTo(index: u32): void {
  if (root().translates) catchUpAll();
  compile(index);
  if (root().translates) lookAgainAll();
}

function compile(index: u32): void {
  const r = root();
  const label = owner(index).label;
  if (r.translates) {
    see(index, label);
    leaveBy(index, label);
  }
  checkLimits(index);
  if (r.cache == 0) return;
  const cache = changetype<CacheSlice>(r.cache);
  const bank = bankAt(r.cache, labelSpace(label));
  if (changetype<usize>(bank) == 0) {
    allOpen(cache, index);
    regroup(index, labelPartition(label));
    return;
  }
  const entry = entryOf(bank, label);
  openWays(cache, bank, index, entry);
  cache.use(index).limit = limitOf(cache, bank, entry);
  regroup(index, groupOf(bank, label));
}

/** The bank of an address space in front of a resource, or 0. */
function bankAt(resource: usize, space: u32): Bank {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource == resource && hasBank(msc, space)) return bankOf(msc, space);
  }
  return changetype<Bank>(0);
}

/** The PARTID whose settings a request has, as the MSC knows it; NO_ENTRY for one out of range (registers.md 5.2, code 2). */
function knownPartid(bank: Bank, label: u32): u32 {
  const partid = labelPartid(label);
  if (partid > arrivingMax(bank)) return NO_ENTRY;
  const inside = translateIn(bank, partid);
  return inside > bank.partidMax ? NO_ENTRY : inside;
}

/** Where the settings of a request lie: translated, then enabled or not, then narrowed. */
function entryOf(bank: Bank, label: u32): u32 {
  let partid = knownPartid(bank, label);
  if (partid == NO_ENTRY) {
    if (bank.defaultEntry != NO_ENTRY) return bank.defaultEntry;
    partid = 0;
  }
  return isEnabled(bank, partid) ? narrow(bank, partid) : CLOSED;
}

/** PARTIDs that share settings count their lines together, on the parts where that can be; one out of range counts alone. */
function groupOf(bank: Bank, label: u32): u32 {
  const own = labelPartition(label);
  if (bank.narrowed == 0 && changetype<usize>(bank.ingress) == 0) return own;
  const partid = knownPartid(bank, label);
  // A bit of the PMG, which no group has, keeps the two kinds apart.
  return partid == NO_ENTRY ? own | OUT_OF_RANGE : packLabel(labelSpace(label), narrow(bank, partid), 0);
}

function limitOf(cache: CacheSlice, bank: Bank, entry: u32): u32 {
  let limit = UNLIMITED;
  if (entry == CLOSED) return limit;
  for (let i: u32 = 0; i < MAX_RIS; i++) {
    if (!has(bank, i, CMAX)) continue;
    limit = min(limit, cmaxLines(risOf(bank.msc, i), settingsOf(bank, i), entry, cache.lines));
  }
  return limit;
}

function has(bank: Bank, ris: u32, control: u32): bool {
  return defined(bank, ris) && ((risOf(bank.msc, ris).controls >>> control) & 1) != 0;
}

function allOpen(cache: CacheSlice, index: u32): void {
  const all = cache.ways == 64 ? u64.MAX_VALUE : (<u64>1 << cache.ways) - 1;
  for (let phase: u32 = 0; phase < cache.phases; phase++) cache.openWays(index, phase, all);
  cache.use(index).limit = UNLIMITED;
}

function openWays(cache: CacheSlice, bank: Bank, index: u32, entry: u32): void {
  for (let phase: u32 = 0; phase < cache.phases; phase++) {
    let mask: u64 = 0;
    for (let way: u32 = 0; way < cache.ways; way++) {
      if (mayAllocate(cache, bank, entry, way, phase)) mask |= <u64>1 << way;
    }
    cache.openWays(index, phase, mask);
  }
}

/** Every RIS with a portion bitmap must agree that the portion of this way is open. */
function mayAllocate(cache: CacheSlice, bank: Bank, entry: u32, way: u32, phase: u32): bool {
  if (entry == CLOSED) return false;
  for (let i: u32 = 0; i < MAX_RIS; i++) {
    if (!has(bank, i, CPBM)) continue;
    const ris = risOf(bank.msc, i);
    if (!ownsPortion(ris, settingsOf(bank, i), entry, portionOf(cache, ris, way, phase))) return false;
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

/** What the monitors of each MSC take an owner's PARTID for. */
function see(index: u32, label: u32): void {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    if (!hasBank(msc, labelSpace(label))) continue;
    const bank = bankOf(msc, labelSpace(label));
    if (bank.seen == 0) continue;
    const point = fieldGet(MSMON_IDR_HAS_TL_MONITORING, msc.msmonIdr);
    let partid = labelPartid(label);
    const known = knownPartid(bank, label);
    if (known != NO_ENTRY && point != TL_MONITORING_BEFORE) {
      partid = point == TL_MONITORING_AFTER ? translateOut(bank, known) : known;
    }
    store<u32>(bank.seen + (<usize>index << 2), partid);
  }
}

/** Which owner an owner is below the cache. Where labels run out it keeps its own. */
function leaveBy(index: u32, label: u32): void {
  const r = root();
  if (r.egress == 0) return;
  let below = index;
  const bank = bankAt(r.cache, labelSpace(label));
  if (changetype<usize>(bank) != 0 && !owner(index).below) {
    const known = knownPartid(bank, label);
    if (known != NO_ENTRY) {
      // Nobody may be using this owner yet, and labels may be few.
      r.pinned = index;
      const found = downstreamOf(packLabel(labelSpace(label), translateOut(bank, known), labelPmg(label)));
      r.pinned = 0;
      if (found != NO_OWNER) below = found;
    }
  }
  store<u16>(r.egress + (<usize>index << 1), <u16>below);
}
