// Which owners a monitor sees (registers.md 4.3): those of its bank's space whose PARTID and PMG match as far as the
// control word asks. A request PARTID is compared as it came, before narrowing; with translation as `tlMonitoring` says.

import { bytesHeld, bytesMoved } from "../model/resource";
import { Bank } from "../msc/state";
import { findOwner, labelPartid, labelPmg, labelSpace, NO_OWNER, owner, packLabel } from "../pe/owners";
import { fieldGet } from "../regs/field";
import { CTL_MATCH_PARTID, CTL_MATCH_PMG, FLT_PARTID, FLT_PMG } from "../regs/monitor";
import { root } from "../root";

export const COUNT_HELD: u32 = 1;
export const COUNT_READS: u32 = 2;
export const COUNT_WRITES: u32 = 4;
/** Of what is held, the lines that have been written to. */
export const COUNT_DIRTY: u32 = 8;

/** Bytes that a filter sees: held, read or written, as `what` asks. */
export function sum(bank: Bank, ctl: u32, flt: u32, what: u32): u64 {
  const resource = bank.msc.resource;
  const partid = fieldGet(FLT_PARTID, flt);
  const pmg = fieldGet(FLT_PMG, flt);
  const byPartid = (ctl & CTL_MATCH_PARTID) != 0;
  const byPmg = (ctl & CTL_MATCH_PMG) != 0;
  if (byPartid && byPmg && bank.seen == 0) {
    const one = findOwner(packLabel(bank.space, partid, pmg));
    return one == NO_OWNER ? 0 : ofOwner(resource, one, what);
  }
  let bytes: u64 = 0;
  const owners = root().ownerCount;
  for (let index: u32 = 0; index < owners; index++) {
    const entry = owner(index);
    if (!entry.live || labelSpace(entry.label) != bank.space) continue;
    if (byPartid && seenPartid(bank, index, entry.label) != partid) continue;
    if (byPmg && labelPmg(entry.label) != pmg) continue;
    bytes += ofOwner(resource, index, what);
  }
  return bytes;
}

function seenPartid(bank: Bank, index: u32, label: u32): u32 {
  return bank.seen == 0 ? labelPartid(label) : load<u32>(bank.seen + (<usize>index << 2));
}

function ofOwner(resource: usize, index: u32, what: u32): u64 {
  let bytes: u64 = 0;
  if (what & (COUNT_HELD | COUNT_DIRTY)) bytes += bytesHeld(resource, index, (what & COUNT_DIRTY) != 0);
  if (what & COUNT_READS) bytes += bytesMoved(resource, index, false);
  if (what & COUNT_WRITES) bytes += bytesMoved(resource, index, true);
  return bytes;
}
