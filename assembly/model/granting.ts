// What a port grants at an edge to the partitions that have requests waiting (docs/modelled.md, "Bandwidth").

import { root } from "../root";
import { heldAt, NONE } from "./held";
import { mayUse, Port, roomBelowLeast, roomBelowMost, Share, shareAt, turnWindow } from "./port";

const HIGH: u32 = 0;
const MEDIUM: u32 = 1;
const LOW: u32 = 2;
const LAST: u32 = 3;

/** Fills credits from what the quantum brings. */
export function grant(port: Port, quantum: u64): void {
  const count = gather(port, quantum);
  for (let preference = HIGH; preference <= LAST; preference++) {
    for (let i: u32 = 0; i < count; i++) {
      const share = waitingAt(i);
      share.want = wanted(port, share, preference, quantum);
    }
    let rank = nextRank(count, 0);
    while (rank != NONE) {
      for (let portion: u32 = 0; portion < port.portionCount; portion++) divide(port, portion, rank, count);
      rank = nextRank(count, rank + 1);
    }
  }
}

/** Lists the partitions with held requests in order of their keys; how many. */
function gather(port: Port, quantum: u64): u32 {
  let count: u32 = 0;
  for (let slot: u32 = 0; slot < port.shareCount; slot++) {
    const share = shareAt(port, slot);
    if (share.held == 0) continue;
    turnWindow(share, quantum);
    share.bestRank = share.rank;
    let at = count++;
    while (at > 0 && waitingAt(at - 1).key > share.key) {
      setWaiting(at, waitingAt(at - 1));
      at--;
    }
    setWaiting(at, share);
  }
  for (let index = port.first; index != NONE; index = heldAt(index).next) {
    const share = shareAt(port, heldAt(index).slot);
    // The ranks that requests bring.
    if (share.rank == NONE) share.bestRank = min(share.bestRank, heldAt(index).rank);
  }
  return count;
}

// @ts-ignore: decorator
@inline
function waitingAt(position: u32): Share {
  return changetype<Share>(load<u32>(root().sorted + (<usize>position << 2)));
}

function setWaiting(position: u32, share: Share): void {
  store<u32>(root().sorted + (<usize>position << 2), <u32>changetype<usize>(share));
}

/** What a partition asks for with one preference. */
function wanted(port: Port, share: Share, preference: u32, quantum: u64): u64 {
  const need = share.held - min(share.credit, share.held);
  if (share.lastOfAll) return preference == LAST ? need : 0;
  switch (preference) {
    case HIGH:
      return min(need, min(roomBelowLeast(port, share, quantum), roomBelowMost(port, share, quantum)));
    case MEDIUM:
      return min(need, roomBelowMost(port, share, quantum));
    case LOW:
      return share.hard ? 0 : need;
    default:
      return 0;
  }
}

/** The best rank from `from` on that somebody has who wants something, or NONE. */
function nextRank(count: u32, from: u32): u32 {
  let best = NONE;
  for (let i: u32 = 0; i < count; i++) {
    const share = waitingAt(i);
    if (share.want != 0 && share.bestRank >= from) best = min(best, share.bestRank);
  }
  return best;
}

function competes(share: Share, rank: u32, portion: u32): bool {
  return share.want != 0 && share.bestRank == rank && mayUse(share, portion);
}

/** Divides what is left of a portion among those of a rank who may use it, in proportion to their weights. */
function divide(port: Port, portion: u32, rank: u32, count: u32): void {
  const at = port.left + (<usize>portion << 3);
  let more = true;
  while (more && load<u64>(at) != 0) {
    const bytes = load<u64>(at);
    let weights: f64 = 0;
    for (let i: u32 = 0; i < count; i++) if (competes(waitingAt(i), rank, portion)) weights += waitingAt(i).weight;
    if (weights == 0) return;
    more = false;
    for (let i: u32 = 0; i < count; i++) {
      const share = waitingAt(i);
      if (!competes(share, rank, portion)) continue;
      if (share.want > min(<u64>Math.floor(exactShare(bytes, share, weights)), load<u64>(at))) continue;
      give(share, share.want, at);
      more = true;
    }
    if (more) continue;
    for (let i: u32 = 0; i < count; i++) {
      const share = waitingAt(i);
      if (!competes(share, rank, portion)) continue;
      const exact = exactShare(bytes, share, weights);
      const given = min(<u64>Math.floor(exact), load<u64>(at));
      give(share, min(given, share.want), at);
      share.rest = exact - <f64>given;
    }
  }
}

function exactShare(bytes: u64, share: Share, weights: f64): f64 {
  return (<f64>bytes * share.weight) / weights + share.rest;
}

function give(share: Share, bytes: u64, left: usize): void {
  share.want -= bytes;
  share.credit += bytes;
  share.use += bytes;
  store<u64>(left, load<u64>(left) - bytes);
}
