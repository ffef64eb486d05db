// Requests that break a limit: a PARTID or PMG above what an MSC says it has (registers.md 5.2, codes 2 and 4). They are
// served all the same. Every one is recorded where it arrives: at the cache, or below it as what crosses.

import { labelPartid, labelPmg, labelSpace, owner, SPACES } from "../pe/owners";
import { ERRCODE_REQ_PARTID_RANGE, ERRCODE_REQ_PMG_RANGE } from "../regs/errors";
import { root } from "../root";
import { nextErrorShows, recordError } from "./errors";
import { Bank, bankOf, hasBank, mscAt } from "./state";
import { arrivingMax, translateIn } from "./translation";

/** Where an owner's requests are errors. */
export const OFFENDS_ENTERING: u32 = 1;
export const OFFENDS_BELOW: u32 = 2;

/** Marks an owner whose label breaks a limit of an MSC that its requests reach. */
export function checkLimits(index: u32): void {
  const r = root();
  const entry = owner(index);
  entry.offends = 0;
  if (breaks(entry.label, r.cache ? r.cache : r.channel)) {
    entry.offends |= OFFENDS_ENTERING;
    r.offending++;
  }
  if (r.cache && breaks(entry.label, r.channel)) {
    entry.offends |= OFFENDS_BELOW;
    r.offendingBelow++;
  }
}

function breaks(label: u32, resource: usize): bool {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource != resource || !hasBank(msc, labelSpace(label))) continue;
    if (brokenLimit(bankOf(msc, labelSpace(label)), label)) return true;
  }
  return false;
}

/** The error of a request that is both is that of its PARTID. */
function brokenLimit(bank: Bank, label: u32): u32 {
  const partid = labelPartid(label);
  if (partid > arrivingMax(bank) || translateIn(bank, partid) > bank.partidMax) return ERRCODE_REQ_PARTID_RANGE;
  return labelPmg(label) > bank.pmgMax ? ERRCODE_REQ_PMG_RANGE : 0;
}

/** Records the errors of the records of a span, each with the record that makes it. */
export function reportEntering(requesters: usize, metas: usize, n: u32): void {
  const r = root();
  const before = r.record;
  for (let i: u32 = 0; i < n; i++) {
    const op = <u32>load<u8>(metas + i) >>> 6;
    const index = <u32>load<u16>(r.labels + (((<usize>load<u16>(requesters + (i << 1)) << 2) | op) << 1));
    if ((owner(index).offends & OFFENDS_ENTERING) == 0) continue;
    r.record = before + i + 1;
    report(owner(index).label, r.cache ? r.cache : r.channel);
  }
  r.record = before;
}

/** Records the errors of what crosses below the cache: keys u16. A span whose errors show is of one record. */
export function reportBelow(keys: usize, end: usize): void {
  const r = root();
  r.record++;
  for (; keys < end; keys += 2) {
    const index = <u32>load<u16>(keys) >>> 1;
    if (owner(index).offends & OFFENDS_BELOW) report(owner(index).label, r.channel);
  }
  r.record--;
}

/** Whether the next error below the cache would be seen outside. */
export function showsBelow(): bool {
  const r = root();
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource != r.channel) continue;
    for (let space: u32 = 0; space < SPACES; space++) {
      if (hasBank(msc, space) && nextErrorShows(bankOf(msc, space))) return true;
    }
  }
  return false;
}

function report(label: u32, resource: usize): void {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    if (msc.resource != resource || !hasBank(msc, labelSpace(label))) continue;
    const bank = bankOf(msc, labelSpace(label));
    const code = brokenLimit(bank, label);
    if (code != 0) recordError(bank, code, labelPartid(label), labelPmg(label), 0);
  }
}
