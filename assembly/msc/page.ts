// The register page of an MSC as the bus sees it: which group of registers an offset belongs to. Words that no register
// has read as zero and ignore writes (registers.md 1.4), and so does the page of a space the MSC does not know.

import { MPAMCFG_PART_SEL, MPAMF_ECR, MPAMF_ESR, MSMON_CFG_MON_SEL } from "../regs/offsets";
import { readMonitor, writeMonitor } from "../monitor/page";
import { hasEsr, writeEcr, writeEsr, writeEsrHi } from "./errors";
import { readIdentity } from "./identity";
import { readPartition, writePartition } from "./partition";
import { bankOf, hasBank, mscAt } from "./state";

const MONITORS_END: u32 = 0x0900;
const PARTITIONS_AGAIN: u32 = 0x1000;

export function readPage(index: u32, offset: u32, space: u32): u32 {
  const msc = mscAt(index);
  if (!hasBank(msc, space)) return 0;
  const bank = bankOf(msc, space);
  if (offset < MPAMF_ECR) return readIdentity(bank, offset);
  if (offset < MPAMCFG_PART_SEL) {
    if (!hasEsr(msc)) return 0;
    if (offset == MPAMF_ECR) return bank.ecr;
    if (offset == MPAMF_ESR) return bank.esr;
    if (offset == MPAMF_ESR + 4) return bank.esrHi;
    return 0;
  }
  if (offset < MSMON_CFG_MON_SEL || offset >= PARTITIONS_AGAIN) return readPartition(bank, offset);
  return offset < MONITORS_END ? readMonitor(bank, offset) : 0;
}

export function writePage(index: u32, offset: u32, value: u32, space: u32): void {
  const msc = mscAt(index);
  if (!hasBank(msc, space)) return;
  const bank = bankOf(msc, space);
  if (offset < MPAMF_ECR) return;
  if (offset < MPAMCFG_PART_SEL) {
    if (!hasEsr(msc)) return;
    if (offset == MPAMF_ECR) writeEcr(bank, value);
    else if (offset == MPAMF_ESR) writeEsr(bank, value);
    else if (offset == MPAMF_ESR + 4) writeEsrHi(bank, value);
    return;
  }
  if (offset < MSMON_CFG_MON_SEL || offset >= PARTITIONS_AGAIN) writePartition(bank, offset, value);
  else if (offset < MONITORS_END) writeMonitor(bank, offset, value);
}
