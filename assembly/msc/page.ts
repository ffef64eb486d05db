// The register page of an MSC as the bus sees it: which group of registers an offset belongs to. Words that no register
// has read as zero and ignore writes (registers.md 1.4), and so does the page of a space the MSC does not know.

import { MPAMCFG_PART_SEL, MPAMF_ERR_MSI_MPAM, MPAMF_IN_TL_IDR, MSMON_CFG_MON_SEL } from "../regs/offsets";
import { SPACES } from "../pe/owners";
import { root } from "../root";
import { readMonitor, writeMonitor } from "../monitor/page";
import { readError, writeError } from "./errors";
import { readIdentity } from "./identity";
import { readPartition, writePartition } from "./partition";
import { bankOf, hasBank, mscAt } from "./state";
import { readTranslation, writeTranslation } from "./translation";

const MONITORS_END: u32 = 0x0900;
const BITMAPS: u32 = 0x1000;

export function readPage(index: u32, offset: u32, space: u32): u32 {
  if (index >= root().mscCount || space >= SPACES) return 0;
  const msc = mscAt(index);
  if (!hasBank(msc, space)) return 0;
  const bank = bankOf(msc, space);
  if (offset < MPAMF_ERR_MSI_MPAM) return readIdentity(bank, offset);
  if (offset < MPAMCFG_PART_SEL) return readError(bank, offset);
  if (offset < MSMON_CFG_MON_SEL) return readPartition(bank, offset);
  if (offset < BITMAPS) return offset < MONITORS_END ? readMonitor(bank, offset) : 0;
  return offset < MPAMF_IN_TL_IDR ? readPartition(bank, offset) : readTranslation(bank, offset);
}

export function writePage(index: u32, offset: u32, value: u32, space: u32): void {
  if (index >= root().mscCount || space >= SPACES) return;
  const msc = mscAt(index);
  if (!hasBank(msc, space)) return;
  const bank = bankOf(msc, space);
  if (offset < MPAMF_ERR_MSI_MPAM) return;
  if (offset < MPAMCFG_PART_SEL) writeError(bank, offset, value);
  else if (offset < MSMON_CFG_MON_SEL) writePartition(bank, offset, value);
  else if (offset < BITMAPS) {
    if (offset < MONITORS_END) writeMonitor(bank, offset, value);
  } else if (offset < MPAMF_IN_TL_IDR) writePartition(bank, offset, value);
  else writeTranslation(bank, offset, value);
}
