// What happens at an edge: configuration that has been written begins to act on traffic. For every label in use, the
// settings of its PARTID are compiled into what caches and ports look at.

import { cassocWays, cmaxIsSoft, cmaxLines, cminLines, cpbmWd, ownsPortion } from "../control/effect";
import { CASSOC, CMAX, CMIN, CPBM } from "../control/kinds";
import { CacheSlice, RANK_AS_CAME, sliceAt, UNLIMITED } from "../model/cache";
import { partitionAt, rankOwners, regroup } from "../model/partition";
import { KIND_CACHE, Resource, resourceAt } from "../model/resource";
import { catchUpAll, lookAgainAll } from "../monitor/all";
import { isEnabled } from "../msc/enabling";
import { narrow } from "../msc/narrowing";
import { checkLimits } from "../msc/requests";
import { Bank, bankOf, defined, hasBank, MAX_RIS, Msc, mscAt, NO_ENTRY, Ris, risOf, settingsOf } from "../msc/state";
import { arrivingMax, translateIn, translateOut } from "../msc/translation";
import { downstreamOf } from "../pe/labels";
import { labelMark, labelPartid, labelPartition, labelPmg, labelSpace, NO_OWNER, owner, packLabel } from "../pe/owners";
import { fieldGet } from "../field";
import { MSMON_IDR_HAS_TL_MONITORING, TL_MONITORING_AFTER, TL_MONITORING_BEFORE } from "../regs/identity";
import { root } from "../root";
import { chooseWay } from "./loop";
import { downstreamRank, shareOwners } from "./shares";

/** A PARTID that may allocate nowhere has no entry in the settings. */
const CLOSED: u32 = NO_ENTRY;

const OUT_OF_RANGE: u32 = 0x0080_0000;

export function applyPending(): void {
  const r = root();
  r.pending = 0;
  // What monitors take a PARTID for may change: they count up to here first.
  if (r.translates) catchUpAll();
  // Egress may bring new owners, which are looked at in turn.
  for (let index: u32 = 0; index < r.ownerCount; index++) if (owner(index).live) compile(index);
  settleOwners();
}

/** Brings a label into use. Others may come with it: before the next record, or at the next edge, they are settled together. */
export function applyTo(index: u32): void {
  const r = root();
  if (r.translates && !r.arrived) catchUpAll();
  r.arrived = 1;
  compile(index);
}

/** What owners are to each other, for all that are there now. */
export function settleOwners(): void {
  const r = root();
  r.arrived = 0;
  gather();
  if (r.translates) lookAgainAll();
}

/** What one owner may do at each resource. */
function compile(index: u32): void {
  const r = root();
  if (r.translates) see(index, owner(index).label);
  checkLimits(index);
  for (let n: u32 = 0; n < r.sliceCount; n++) open(sliceAt(n), index);
  if (r.translates) for (let n: u32 = 0; n < r.sliceCount; n++) leaveBy(sliceAt(n), index);
}

/** What owners are to each other at each resource. */
function gather(): void {
  const r = root();
  for (let n: u32 = 0; n < r.resourceCount; n++) countOffending(changetype<Resource>(resourceAt(n)));
  for (let n: u32 = 0; n < r.sliceCount; n++) limit(sliceAt(n));
  for (let n: u32 = 0; n < r.portCount; n++) shareOwners(load<u32>(r.ports + (<usize>n << 2)));
  chooseWay();
}

function countOffending(resource: Resource): void {
  resource.offending = 0;
  for (let index: u32 = 0; index < root().ownerCount; index++) {
    if (owner(index).live && load<u8>(resource.offends + index)) resource.offending++;
  }
}

/** The bank of an address space in front of a resource, or 0. */
export function bankBefore(resource: Resource, space: u32): Bank {
  if (resource.msc == 0) return changetype<Bank>(0);
  return bankOf(changetype<Msc>(resource.msc), space);
}

/** The PARTID whose settings a request has, as the MSC knows it; NO_ENTRY for one out of range (registers.md 5.2, code 2). */
function knownPartid(bank: Bank, label: u32): u32 {
  const partid = labelPartid(label);
  if (partid > arrivingMax(bank)) return NO_ENTRY;
  const inside = translateIn(bank, partid);
  return inside > bank.partidMax ? NO_ENTRY : inside;
}

/** Where the settings of a request lie: translated, then enabled or not, then narrowed. */
export function entryOf(bank: Bank, label: u32): u32 {
  let partid = knownPartid(bank, label);
  if (partid == NO_ENTRY) {
    if (bank.defaultEntry != NO_ENTRY) return bank.defaultEntry;
    partid = 0;
  }
  return isEnabled(bank, partid) ? narrow(bank, partid) : CLOSED;
}

/** The same, were it enabled. */
function entryOfEnabled(bank: Bank, label: u32): u32 {
  const partid = knownPartid(bank, label);
  if (partid != NO_ENTRY) return narrow(bank, partid);
  return bank.defaultEntry != NO_ENTRY ? bank.defaultEntry : narrow(bank, 0);
}

/** PARTIDs that share settings count their lines together, on the parts where that can be; one out of range counts alone. */
function groupOf(bank: Bank, label: u32): u32 {
  const own = labelPartition(label);
  if (bank.narrowed == 0 && changetype<usize>(bank.ingress) == 0) return own;
  const partid = knownPartid(bank, label);
  // A bit of the PMG, which no group has, keeps the two kinds apart.
  return partid == NO_ENTRY ? own | OUT_OF_RANGE : packLabel(labelSpace(label), narrow(bank, partid), 0);
}

function has(bank: Bank, ris: u32, control: u32): bool {
  return defined(bank, ris) && ((risOf(bank.msc, ris).controls >>> control) & 1) != 0;
}

function open(cache: CacheSlice, index: u32): void {
  const label = owner(index).label;
  const bank = bankBefore(cache, labelSpace(label));
  const detail = cache.detail(index);
  if (changetype<usize>(bank) == 0) {
    detail.key = labelPartition(label);
    detail.disabled = 0;
    detail.rank = RANK_AS_CAME;
    allOpen(cache, index);
    return;
  }
  const entry = entryOf(bank, label);
  detail.key = groupOf(bank, label);
  detail.disabled = entry == CLOSED ? 1 : 0;
  detail.rank = downstreamRank(bank, entry);
  openWays(cache, bank, index, entry);
}

function allOpen(cache: CacheSlice, index: u32): void {
  const all = cache.ways == 64 ? u64.MAX_VALUE : (<u64>1 << cache.ways) - 1;
  for (let phase: u32 = 0; phase < cache.phases; phase++) cache.openWays(index, phase, all);
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

/** What each partition of a slice may hold. */
function limit(cache: CacheSlice): void {
  regroup(cache);
  cache.extended = 0;
  for (let index: u32 = 0; index < root().ownerCount; index++) {
    if (!owner(index).live) continue;
    if (cache.detail(index).partition == index) {
      limitPartition(cache, index);
      rankOwners(cache, index);
    }
    cache.use(index).limit = partitionAt(cache, cache.detail(index).partition).limit;
  }
}

function limitPartition(cache: CacheSlice, index: u32): void {
  const partition = partitionAt(cache, index);
  partition.limit = UNLIMITED;
  partition.soft = 0;
  partition.least = 0;
  partition.ways = UNLIMITED;
  const label = owner(index).label;
  const bank = bankBefore(cache, labelSpace(label));
  if (changetype<usize>(bank) == 0) return;
  const entry = entryOfEnabled(bank, label);
  for (let i: u32 = 0; i < MAX_RIS; i++) {
    if (!defined(bank, i)) continue;
    const ris = risOf(bank.msc, i);
    const settings = settingsOf(bank, i);
    if (has(bank, i, CMAX)) {
      const lines = cmaxLines(ris, settings, entry, cache.lines);
      const soft: u32 = cmaxIsSoft(ris, settings, entry) ? 1 : 0;
      if (lines < partition.limit) partition.soft = soft;
      else if (lines == partition.limit) partition.soft &= soft;
      partition.limit = min(partition.limit, lines);
    }
    if (has(bank, i, CMIN)) partition.least = max(partition.least, cminLines(ris, settings, entry, cache.lines));
    if (has(bank, i, CASSOC)) partition.ways = min(partition.ways, cassocWays(ris, settings, entry, cache.ways));
  }
  const soft = partition.soft != 0 && partition.limit != UNLIMITED;
  if (soft || partition.least != 0 || partition.ways != UNLIMITED) cache.extended = 1;
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

/** Which owner an owner is below a slice. Where labels run out it keeps its own. */
function leaveBy(cache: CacheSlice, index: u32): void {
  const r = root();
  if (cache.egress == 0) return;
  let below = index;
  const label = owner(index).label;
  const bank = bankBefore(cache, labelSpace(label));
  if (changetype<usize>(bank) != 0 && owner(index).depth <= cache.level) {
    const known = knownPartid(bank, label);
    if (known != NO_ENTRY) {
      // Nobody may be using this owner yet, and labels may be few.
      const before = r.pinned;
      r.pinned = index;
      const outside = packLabel(labelSpace(label), translateOut(bank, known), labelPmg(label));
      const found = downstreamOf(outside | labelMark(label), cache.level + 1);
      r.pinned = before;
      if (found != NO_OWNER) below = found;
    }
  }
  store<u16>(cache.egress + (<usize>index << 1), <u16>below);
}
