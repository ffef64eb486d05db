// The label table: which owner a requester's reads, writes, fetches and prefetches belong to. It is all the replay loop
// knows of tasks and cpus; editing it costs nothing per record.

import { forget as forgetMoved, resourceAt } from "../model/resource";
import { sliceAt } from "../model/cache";
import { forgetLatency } from "../model/latency";
import { catchUpAll, lookAgainAll } from "../monitor/all";
import { root } from "../root";
import { markHeld } from "../model/regulator";
import { applyTo } from "../replay/edge";
import { addOwner, bind, findOwner, markOf, NO_OWNER, owner, unbind } from "./owners";

/** Gives one kind of request (op 0..3) of a requester its label. False when no owner is to be had for it. */
export function setLabel(requester: u32, op: u32, label: u32): bool {
  const r = root();
  const index = ownerOf(r.byLevel ? label | markOf(load<u8>(r.levels + requester)) : label, 0);
  if (index == NO_OWNER) return false;
  store<u16>(r.labels + (((<usize>requester << 2) | op) << 1), <u16>index);
  return true;
}

/** The owner of a label that requests come to carry on their way, from a cache level on; NO_OWNER when the labels in use are too many. */
export function downstreamOf(label: u32, depth: u32): u32 {
  return ownerOf(label, depth);
}

function ownerOf(label: u32, depth: u32): u32 {
  let index = findOwner(label);
  if (index != NO_OWNER) {
    if (depth >= owner(index).depth) return index;
    owner(index).depth = depth;
    applyTo(index);
    return index;
  }
  index = addOwner(label);
  if (index == NO_OWNER) {
    index = recyclable();
    if (index == NO_OWNER) return NO_OWNER;
    recycle(index);
    bind(index, label);
  } else forgetEverywhere(index);
  owner(index).depth = depth;
  applyTo(index);
  return index;
}

/** An owner that no requester uses, no line carries, and nothing becomes on its way out; never owner 0. */
function recyclable(): u32 {
  const r = root();
  const used = r.marks;
  memory.fill(used, 0, r.ownerCapacity);
  const entries = <usize>r.requesterCapacity << 2;
  for (let i: usize = 0; i < entries; i++) store<u8>(used + load<u16>(r.labels + (i << 1)), 1);
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const egress = sliceAt(n).egress;
    if (egress == 0) continue;
    for (let index: u32 = 0; index < r.ownerCount; index++) {
      const below = <u32>load<u16>(egress + (<usize>index << 1));
      if (owner(index).live && below != index) store<u8>(used + below, 1);
    }
  }
  markHeld(used);
  for (let index: u32 = 1; index < r.ownerCount; index++) {
    if (load<u8>(used + index) || index == r.pinned) continue;
    if (!holdsLines(index)) return index;
  }
  return NO_OWNER;
}

function holdsLines(index: u32): bool {
  const r = root();
  for (let n: u32 = 0; n < r.sliceCount; n++) if (sliceAt(n).use(index).lines != 0) return true;
  return false;
}

/** Takes a label off its owner. What it moved stays in the base of every monitor that matched it. */
function recycle(index: u32): void {
  const r = root();
  root().reused++;
  catchUpAll();
  forgetEverywhere(index);
  forgetLatency(index);
  unbind(index);
  lookAgainAll();
}

/** What was counted under a number is nobody's: of the one that empty ways carry, too (model/narrow.ts). */
function forgetEverywhere(index: u32): void {
  for (let i: u32 = 0; i < root().resourceCount; i++) forgetMoved(resourceAt(i), index);
}
