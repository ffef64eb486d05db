// Owners: dense numbers for the labels in use, small enough for a cache line to carry.
//
// A label is one word: space [25:24], PMG [23:16], PARTID [15:0], where a space is the MPAM_SP encoding (0 Secure,
// 1 Non-secure, 2 Root, 3 Realm). Owner 0 is (Non-secure, 0, 0), the label of whoever has none.

import { allocate, root } from "../root";

export const SPACE_S: u32 = 0;
export const SPACE_NS: u32 = 1;
export const SPACE_RT: u32 = 2;
export const SPACE_RL: u32 = 3;
export const SPACES: u32 = 4;

export const NO_OWNER: u32 = u32.MAX_VALUE;

@unmanaged
export class Owner {
  label: u32;
  /** Ring of the owners whose lines count together (`group`). */
  nextOfPartition: u32;
  live: u32;
  /** Which owners' lines count together: space and PARTID, or where PARTIDs share settings, what they share. */
  group: u32;
  /** 1 while only requests that leave the cache carry it, translated on their way out. */
  below: u32;
  /** Its requests are errors where they enter, or below the cache (msc/requests.ts): OFFENDS_ bits. */
  offends: u32;
}

// @ts-ignore: decorator
@inline
export function owner(index: u32): Owner {
  return changetype<Owner>(root().owners + <usize>index * offsetof<Owner>());
}

// @ts-ignore: decorator
@inline
export function nextOfPartition(index: u32): u32 {
  return owner(index).nextOfPartition;
}

export function packLabel(space: u32, partid: u32, pmg: u32): u32 {
  return (space << 24) | (pmg << 16) | partid;
}

export function labelPartid(label: u32): u32 {
  return label & 0xffff;
}

export function labelPmg(label: u32): u32 {
  return (label >>> 16) & 0xff;
}

export function labelSpace(label: u32): u32 {
  return label >>> 24;
}

/** Space and PARTID: what settings and limits go by. */
export function labelPartition(label: u32): u32 {
  return label & 0xff00_ffff;
}

function mix(x: u32): u32 {
  x ^= x >>> 16;
  x *= 0x85eb_ca6b;
  x ^= x >>> 13;
  x *= 0xc2b2_ae35;
  return x ^ (x >>> 16);
}

export function buildOwners(capacity: u32): void {
  const r = root();
  r.ownerCapacity = capacity;
  let buckets: u32 = 16;
  while (buckets < capacity * 2) buckets <<= 1;
  r.ownerHashMask = buckets - 1;
  r.ownerHash = allocate(<usize>buckets * 4);
  r.owners = allocate(<usize>capacity * offsetof<Owner>());
  addOwner(packLabel(SPACE_NS, 0, 0));
}

/** The owner of a label, or NO_OWNER. */
export function findOwner(label: u32): u32 {
  const r = root();
  let slot = mix(label) & r.ownerHashMask;
  let entry = load<u32>(r.ownerHash + (<usize>slot << 2));
  while (entry != 0 && owner(entry - 1).label != label) {
    slot = (slot + 1) & r.ownerHashMask;
    entry = load<u32>(r.ownerHash + (<usize>slot << 2));
  }
  return entry == 0 ? NO_OWNER : entry - 1;
}

/** Gives a label that has none its number; NO_OWNER when all are taken. */
export function addOwner(label: u32): u32 {
  const r = root();
  if (r.ownerCount == r.ownerCapacity) return NO_OWNER;
  const index = r.ownerCount++;
  bind(index, label);
  return index;
}

/** Puts a label on a number that carries none, and files it. */
export function bind(index: u32, label: u32): void {
  const entry = owner(index);
  entry.label = label;
  entry.live = 1;
  entry.nextOfPartition = index;
  entry.group = labelPartition(label);
  entry.offends = 0;
  entry.below = 0;
  file(index);
  join(index);
}

/** Puts an owner into the ring of its group. */
function join(index: u32): void {
  const entry = owner(index);
  for (let other: u32 = 0; other < root().ownerCount; other++) {
    if (other != index && owner(other).live && owner(other).group == entry.group) {
      entry.nextOfPartition = owner(other).nextOfPartition;
      owner(other).nextOfPartition = index;
      return;
    }
  }
}

/** Takes an owner out of its ring. */
function leave(index: u32): void {
  let before = index;
  while (owner(before).nextOfPartition != index) before = owner(before).nextOfPartition;
  owner(before).nextOfPartition = owner(index).nextOfPartition;
  owner(index).nextOfPartition = index;
}

/** Counts an owner's lines with those of another group from now on. */
export function regroup(index: u32, group: u32): void {
  if (owner(index).group == group) return;
  leave(index);
  owner(index).group = group;
  join(index);
}

/** Takes the label off a number. */
export function unbind(index: u32): void {
  leave(index);
  owner(index).live = 0;
  const r = root();
  memory.fill(r.ownerHash, 0, <usize>(r.ownerHashMask + 1) * 4);
  for (let other: u32 = 0; other < r.ownerCount; other++) if (owner(other).live) file(other);
}

function file(index: u32): void {
  const r = root();
  let slot = mix(owner(index).label) & r.ownerHashMask;
  while (load<u32>(r.ownerHash + (<usize>slot << 2)) != 0) slot = (slot + 1) & r.ownerHashMask;
  store<u32>(r.ownerHash + (<usize>slot << 2), index + 1);
}
