// Which owners a monitor sees (registers.md 4.3): those of its bank's space whose PARTID and PMG match as far as the
// control word asks. A request PARTID is compared as it came, before narrowing; with translation as `tlMonitoring` says.

import { bytesHeld, bytesMoved, dirtyBytes } from "../model/resource";
import { Bank } from "../msc/state";
import { findOwner, labelPartid, labelPmg, labelSpace, NO_OWNER, owner, packLabel } from "../pe/owners";
import { fieldGet } from "../field";
import { CTL_MATCH_PARTID, CTL_MATCH_PMG, FLT_PARTID, FLT_PMG } from "../regs/monitor";
import { root } from "../root";

export const COUNT_HELD: u32 = 1;
export const COUNT_READS: u32 = 2;
export const COUNT_WRITES: u32 = 4;

/** Bytes that a filter sees: held, read or written, as `what` asks. */
export function sum(bank: Bank, ctl: u32, flt: u32, what: u32): u64 {
  const resource = bank.msc.resource;
  if ((ctl & CTL_MATCH_PARTID) != 0 && (ctl & CTL_MATCH_PMG) != 0 && bank.seen == 0 && root().byLevel == 0) {
    const one = findOwner(packLabel(bank.space, fieldGet(FLT_PARTID, flt), fieldGet(FLT_PMG, flt)));
    return one == NO_OWNER ? 0 : ofOwner(resource, one, what);
  }
  let bytes: u64 = 0;
  const owners = root().ownerCount;
  for (let index: u32 = 0; index < owners; index++) {
    if (matches(bank, index, ctl, flt)) bytes += ofOwner(resource, index, what);
  }
  return bytes;
}

/** Bytes of dirty lines that a filter sees. Nobody counts those as they come and go: every line is looked at. */
export function sumDirty(bank: Bank, ctl: u32, flt: u32): u64 {
  const r = root();
  for (let index: u32 = 0; index < r.ownerCount; index++) {
    store<u8>(r.marks + index, matches(bank, index, ctl, flt) ? 1 : 0);
  }
  return dirtyBytes(bank.msc.resource, r.marks);
}

function matches(bank: Bank, index: u32, ctl: u32, flt: u32): bool {
  const entry = owner(index);
  if (!entry.live || labelSpace(entry.label) != bank.space) return false;
  if (ctl & CTL_MATCH_PARTID && seenPartid(bank, index, entry.label) != fieldGet(FLT_PARTID, flt)) return false;
  return (ctl & CTL_MATCH_PMG) == 0 || labelPmg(entry.label) == fieldGet(FLT_PMG, flt);
}

function seenPartid(bank: Bank, index: u32, label: u32): u32 {
  return bank.seen == 0 ? labelPartid(label) : load<u32>(bank.seen + (<usize>index << 2));
}

function ofOwner(resource: usize, index: u32, what: u32): u64 {
  let bytes: u64 = 0;
  if (what & COUNT_HELD) bytes += bytesHeld(resource, index);
  if (what & COUNT_READS) bytes += bytesMoved(resource, index, false);
  if (what & COUNT_WRITES) bytes += bytesMoved(resource, index, true);
  return bytes;
}
