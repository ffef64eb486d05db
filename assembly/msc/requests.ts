// Requests that break a limit: a PARTID or PMG above what an MSC says it has (registers.md 5.2, codes 2 and 4). They are
// served all the same. Every one is recorded where it arrives.

import { Resource, resourceAt } from "../model/resource";
import { labelPartid, labelPmg, labelSpace, owner, SPACES } from "../pe/owners";
import { ERRCODE_REQ_PARTID_RANGE, ERRCODE_REQ_PMG_RANGE } from "../regs/errors";
import { root } from "../root";
import { nextErrorShows, recordError } from "./errors";
import { Bank, bankOf, Msc } from "./state";
import { arrivingMax, translateIn } from "./translation";

/** Marks the resources where an owner's requests are errors. */
export function checkLimits(index: u32): void {
  const r = root();
  for (let n: u32 = 0; n < r.resourceCount; n++) {
    const resource = changetype<Resource>(resourceAt(n));
    store<u8>(resource.offends + index, <u8>brokenAt(resource, owner(index).label));
  }
}

function brokenAt(resource: Resource, label: u32): u32 {
  if (resource.msc == 0) return 0;
  const bank = bankOf(changetype<Msc>(resource.msc), labelSpace(label));
  return changetype<usize>(bank) == 0 ? 0 : brokenLimit(bank, label);
}

/** The error of a request that is both is that of its PARTID. */
function brokenLimit(bank: Bank, label: u32): u32 {
  const partid = labelPartid(label);
  if (partid > arrivingMax(bank) || translateIn(bank, partid) > bank.partidMax) return ERRCODE_REQ_PARTID_RANGE;
  return labelPmg(label) > bank.pmgMax ? ERRCODE_REQ_PMG_RANGE : 0;
}

/** A request of an owner arrives somewhere: if that is an error, it is that of the record that is under way. */
export function reportRequest(at: usize, index: u32): void {
  const resource = changetype<Resource>(at);
  const code = <u32>load<u8>(resource.offends + index);
  if (code == 0) return;
  const label = owner(index).label;
  const bank = bankOf(changetype<Msc>(resource.msc), labelSpace(label));
  const r = root();
  // Interrupts name records by how many there are with theirs.
  r.record++;
  recordError(bank, code, labelPartid(label), labelPmg(label), 0);
  r.record--;
}

// The fast kernels run records in spans: errors are recorded for a span at once.

/** Of the records of a span where they enter, each with the record that makes it. */
export function reportEntering(at: usize, requesters: usize, metas: usize, n: u32): void {
  const r = root();
  const before = r.record;
  for (let i: u32 = 0; i < n; i++) {
    const op = <u32>load<u8>(metas + i) >>> 6;
    const index = <u32>load<u16>(r.labels + (((<usize>load<u16>(requesters + (i << 1)) << 2) | op) << 1));
    r.record = before + i;
    reportRequest(at, index);
  }
  r.record = before;
}

/** Of what crosses below the cache: keys u16. A span whose errors show is of one record. */
export function reportBelow(at: usize, keys: usize, end: usize): void {
  for (; keys < end; keys += 2) reportRequest(at, <u32>load<u16>(keys) >>> 1);
}

/** Whether the next error at a resource would be seen outside. */
export function shows(at: usize): bool {
  const resource = changetype<Resource>(at);
  if (resource.msc == 0) return false;
  for (let space: u32 = 0; space < SPACES; space++) {
    const bank = bankOf(changetype<Msc>(resource.msc), space);
    if (changetype<usize>(bank) != 0 && nextErrorShows(bank)) return true;
  }
  return false;
}
