// Ports at work in closed timing: what is let through at once, what is held, and what an edge lets go.

import { root } from "../root";
import { CacheSlice } from "./cache";
import { Channel } from "./channel";
import { grant } from "./granting";
import { append, hasRoom, Held, heldAt, NONE, release } from "./held";
import { noteServed } from "./latency";
import { beyond } from "./path";
import { begin, mayUse, Port, roomBelowMost, Share, shareAt, turnWindow } from "./port";
import { KIND_CACHE, Resource } from "./resource";
import { settle } from "../replay/settle";

/** Whether a new request need not wait; then it has taken its bytes. At an edge everything that comes joins what waits. */
export function letsThrough(at: usize, owner: u32, bytes: u32): bool {
  const r = root();
  const port = changetype<Port>(at);
  // There is room for all that can wait, unless an earlier replay has left some: then nothing more waits.
  if (!hasRoom()) return true;
  if (r.atEdge) return false;
  begin(port, r.quantum);
  const share = shareAt(port, load<u16>(port.slotOf + (<usize>owner << 1)));
  if (share.held != 0 || share.lastOfAll) return false;
  turnWindow(share, r.quantum);
  if (share.hard && roomBelowMost(port, share, r.quantum) < bytes) return false;
  return take(port, share, bytes);
}

/** Takes bytes from what is left of a partition's portions, the lowest first; all of them or none. */
function take(port: Port, share: Share, bytes: u32): bool {
  let there: u64 = 0;
  for (let i: u32 = 0; i < port.portionCount && there < bytes; i++) {
    if (mayUse(share, i)) there += load<u64>(port.left + (<usize>i << 3));
  }
  if (there < bytes) return false;
  let wanted = <u64>bytes;
  for (let i: u32 = 0; wanted != 0; i++) {
    if (!mayUse(share, i)) continue;
    const at = port.left + (<usize>i << 3);
    const some = min(wanted, load<u64>(at));
    store<u64>(at, load<u64>(at) - some);
    wanted -= some;
  }
  share.use += bytes;
  return true;
}

/** Keeps a request until an edge lets it go. */
export function holdAt(
  at: usize,
  line: u32,
  owner: u32,
  bytes: u32,
  write: bool,
  demanded: bool,
  rank: u32,
): void {
  const r = root();
  const port = changetype<Port>(at);
  const held = append(port);
  held.line = line;
  held.owner = owner;
  held.slot = load<u16>(port.slotOf + (<usize>owner << 1));
  held.bytes = bytes;
  held.write = write ? 1 : 0;
  held.rank = rank;
  held.demand = demanded ? 1 : 0;
  held.stream = r.partStream;
  held.partOwner = r.partOwner;
  held.serviceNs = r.partServiceNs;
  held.since = r.now;
  held.issued = r.partIssued;
  held.heldNs = r.partHeldNs;
  shareAt(port, held.slot).held += bytes;
  countHeld(port, held, true);
  r.partLeft = 1;
  if (demanded) r.partHeld = 1;
  countWaiting(r.partStream, 1);
}

/** A cache has counted what crosses already, but its monitors see it when it is let through. */
function countHeld(port: Port, held: Held, more: bool): void {
  if (changetype<Resource>(port.resource).kind != KIND_CACHE) return;
  const detail = changetype<CacheSlice>(port.resource).detail(held.owner);
  const bytes = more ? held.bytes : -held.bytes;
  if (held.write) detail.heldWrites += bytes;
  else detail.heldReads += bytes;
}

function countWaiting(stream: u32, by: i32): void {
  if (stream == NONE) return;
  const at = root().waitingOf + (<usize>stream << 2);
  store<u32>(at, load<u32>(at) + by);
}

/** The edge of a quantum at one port: grants, and what they let through. */
export function passEdge(port: Port, quantum: u64): void {
  if (port.count == 0) return;
  begin(port, quantum);
  grant(port, quantum);
  let index = port.first;
  port.first = NONE;
  let last = NONE;
  let kept: u32 = 0;
  while (index != NONE) {
    const held = heldAt(index);
    const next = held.next;
    if (mayGo(port, held)) {
      letGo(port, index);
    } else {
      if (last == NONE) port.first = index;
      else heldAt(last).next = index;
      held.next = NONE;
      last = index;
      kept++;
      shareAt(port, held.slot).stuck = 1;
    }
    index = next;
  }
  port.last = last;
  port.count = kept;
  for (let slot: u32 = 0; slot < port.shareCount; slot++) {
    const share = shareAt(port, slot);
    share.stuck = 0;
    if (share.held != 0) continue;
    share.use -= min(share.use, share.credit);
    share.credit = 0;
    share.rest = 0;
  }
}

function mayGo(port: Port, held: Held): bool {
  const share = shareAt(port, held.slot);
  return share.stuck == 0 && share.credit >= held.bytes;
}

function letGo(port: Port, index: u32): void {
  const r = root();
  const held = heldAt(index);
  const share = shareAt(port, held.slot);
  share.credit -= held.bytes;
  share.held -= held.bytes;
  countHeld(port, held, false);
  countWaiting(held.stream, -1);
  r.partStream = held.stream;
  r.partOwner = held.partOwner;
  r.partIssued = held.issued;
  r.partHeldNs = held.heldNs + (r.now - held.since);
  r.partServiceNs = held.serviceNs;
  r.partHeld = 0;
  const owner = held.owner;
  const line = held.line;
  const write = held.write != 0;
  const demanded = held.demand != 0;
  const rank = held.rank;
  const bytes = held.bytes;
  release(index);
  if (changetype<Resource>(port.resource).kind == KIND_CACHE) {
    beyond(changetype<CacheSlice>(port.resource), line, owner, write, demanded, rank);
  } else changetype<Channel>(port.resource).serveOne(owner, write, bytes);
  if (demanded && r.partHeld == 0) noteServed();
  settle();
}

/** Marks the owners that held requests carry, or count for. */
export function markHeld(marks: usize): void {
  const r = root();
  for (let n: u32 = 0; n < r.portCount; n++) {
    const port = changetype<Port>(load<u32>(r.ports + (<usize>n << 2)));
    for (let index = port.first; index != NONE; index = heldAt(index).next) {
      store<u8>(marks + heldAt(index).owner, 1);
      store<u8>(marks + heldAt(index).partOwner, 1);
    }
  }
}
