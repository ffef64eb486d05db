// Requests that break a limit: a PARTID or PMG above what an MSC says it has (registers.md 5.2, codes 2 and 4). The
// request is served all the same; the error is recorded once per bank and code from one edge to the next.

import { labelPartid, labelPmg, labelSpace, owner, SPACES } from "../pe/owners";
import { ERRCODE_REQ_PARTID_RANGE, ERRCODE_REQ_PMG_RANGE } from "../regs/errors";
import { root } from "../root";
import { recordError } from "./errors";
import { Bank, bankOf, hasBank, mscAt } from "./state";

/** Marks an owner whose label breaks a limit of some MSC. */
export function checkLimits(index: u32): void {
  const r = root();
  const entry = owner(index);
  entry.unreported = 0;
  for (let m: u32 = 0; m < r.mscCount; m++) {
    const msc = mscAt(m);
    if (hasBank(msc, labelSpace(entry.label)) && brokenLimit(bankOf(msc, labelSpace(entry.label)), entry.label)) {
      entry.unreported = 1;
    }
  }
  r.unreported += entry.unreported;
}

export function forgetRequestErrors(): void {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    for (let space: u32 = 0; space < SPACES; space++) {
      if (hasBank(mscAt(m), space)) bankOf(mscAt(m), space).requestErrors = 0;
    }
  }
}

/** Records the errors of the requests of a span, each with the record that is the first to make it. */
export function reportRequests(requesters: usize, metas: usize, n: u32): void {
  const r = root();
  const before = r.record;
  for (let i: u32 = 0; i < n && r.unreported; i++) {
    const op = <u32>load<u8>(metas + i) >>> 6;
    const index = <u32>load<u16>(r.labels + (((<usize>load<u16>(requesters + (i << 1)) << 2) | op) << 1));
    if (!owner(index).unreported) continue;
    owner(index).unreported = 0;
    r.unreported--;
    r.record = before + i + 1;
    report(owner(index).label);
  }
  r.record = before;
}

function report(label: u32): void {
  for (let m: u32 = 0; m < root().mscCount; m++) {
    const msc = mscAt(m);
    if (!hasBank(msc, labelSpace(label))) continue;
    const bank = bankOf(msc, labelSpace(label));
    const code = brokenLimit(bank, label);
    if (code == 0 || bank.requestErrors & (1 << code)) continue;
    bank.requestErrors |= 1 << code;
    recordError(bank, code, labelPartid(label), labelPmg(label), 0);
  }
}

function brokenLimit(bank: Bank, label: u32): u32 {
  if (labelPartid(label) > bank.partidMax) return ERRCODE_REQ_PARTID_RANGE;
  return labelPmg(label) > bank.pmgMax ? ERRCODE_REQ_PMG_RANGE : 0;
}
