// Owners: dense numbers for the labels in use, small enough for a cache line to carry.
//
// A label is one word: space [25:24], PMG [23:16], PARTID [15:0], where a space is the MPAM_SP encoding (0 Secure,
// 1 Non-secure, 2 Root, 3 Realm). Owner 0 is (Non-secure, 0, 0), the label of whoever has none.
// Where exception levels are counted apart, bits [28:26] are the level and 1: one label has an owner for each level then, and no
// control or monitor sees a difference.

import { mix } from "../mixer";
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
  live: u32;
  /** The lowest cache level where it can appear: 0 where records enter, more if only what is translated on its way carries it. */
  depth: u32;
}

// @ts-ignore: decorator
@inline
export function owner(index: u32): Owner {
  return changetype<Owner>(root().owners + <usize>index * offsetof<Owner>());
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
  return (label >>> 24) & 3;
}

/** Space and PARTID: what settings and limits go by. */
export function labelPartition(label: u32): u32 {
  return label & 0x0300_ffff;
}

/** The level that it is counted for, as it stands in the word. */
export function labelMark(label: u32): u32 {
  return label & 0x1c00_0000;
}

/** The mark of what root().levels has for a requester. */
export function markOf(levelAndOne: u32): u32 {
  return levelAndOne << 26;
}

export function buildOwners(capacity: u32): void {
  const r = root();
  r.ownerCapacity = capacity;
  let buckets: u32 = 16;
  while (buckets < capacity * 2) buckets <<= 1;
  r.ownerHashMask = buckets - 1;
  r.ownerHash = allocate(<usize>buckets * 4);
  r.keyHash = allocate(<usize>buckets * 4);
  r.sorted = allocate(<usize>(2 * capacity + 8) * 4);
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
  entry.depth = 0;
  file(index);
}

/** Takes the label off a number. */
export function unbind(index: u32): void {
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
