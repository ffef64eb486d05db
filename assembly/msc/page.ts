// The register page of an MSC as the bus sees it: which group of registers an offset belongs to. Words that no register
// has read as zero and ignore writes (registers.md 1.4), and so does the page of a space the MSC does not know.

import { readMonitor, readMonitors, writeMonitor, writeMonitors } from "../monitor/page";
import { readError, writeError } from "./errors";
import { readIdentity } from "./identity";
import {
  CONTROL,
  entryAt,
  ERRORS,
  groupOf,
  IDENTITY,
  MONITOR,
  MONITORS,
  NUMBER,
  PARTITIONS,
  TRANSLATIONS,
} from "./map";
import { readControlWord, readPartition, writeControlWord, writePartition } from "./partition";
import { bankAt } from "./state";
import { readTranslation, writeTranslation } from "./translation";

// @ts-ignore: decorator
@inline
export function readPage(index: u32, offset: u32, space: u32): u32 {
  const bank = bankAt(index, space);
  if (changetype<usize>(bank) == 0) return 0;
  const entry = entryAt(offset);
  switch (groupOf(entry)) {
    case IDENTITY:
      return readIdentity(bank, offset);
    case ERRORS:
      return readError(bank, offset);
    case PARTITIONS:
      return readPartition(bank, offset);
    case CONTROL:
      return readControlWord(bank, entry & NUMBER, offset);
    case MONITOR:
      return readMonitor(bank, entry & NUMBER);
    case MONITORS:
      return readMonitors(bank, offset);
    case TRANSLATIONS:
      return readTranslation(bank, offset);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
export function writePage(index: u32, offset: u32, value: u32, space: u32): void {
  const bank = bankAt(index, space);
  if (changetype<usize>(bank) == 0) return;
  const entry = entryAt(offset);
  switch (groupOf(entry)) {
    case ERRORS:
      writeError(bank, offset, value);
      break;
    case PARTITIONS:
      writePartition(bank, offset, value);
      break;
    case CONTROL:
      writeControlWord(bank, entry & NUMBER, offset, value);
      break;
    case MONITOR:
      writeMonitor(bank, entry & NUMBER, value);
      break;
    case MONITORS:
      writeMonitors(bank, offset, value);
      break;
    case TRANSLATIONS:
      writeTranslation(bank, offset, value);
      break;
  }
}
