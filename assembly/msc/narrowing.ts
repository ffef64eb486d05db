// PARTID narrowing: requests' PARTIDs share intPARTIDs, and settings are those of the intPARTID (registers.md 6.3).

import { ERRCODE_INTPARTID_RANGE } from "../regs/errors";
import { fieldGet } from "../field";
import { INTPARTID_INTERNAL, INTPARTID_INTPARTID } from "../regs/partition";
import { allocate, root } from "../root";
import { recordError } from "./errors";
import { intPartidMax, selectRequestPartid } from "./selector";
import { Bank, NO_ENTRY } from "./state";

export function buildNarrowing(bank: Bank): void {
  bank.narrowed = allocate(<usize>(bank.partidMax + 1) << 2);
}

export function resetNarrowing(bank: Bank): void {
  if (bank.narrowed != 0) memory.fill(bank.narrowed, 0, <usize>(bank.partidMax + 1) << 2);
}

/** The intPARTID of a request's PARTID; itself on a part that does not narrow. */
export function narrow(bank: Bank, partid: u32): u32 {
  if (bank.narrowed == 0) return partid;
  return fieldGet(INTPARTID_INTPARTID, load<u32>(bank.narrowed + (<usize>partid << 2)));
}

export function readIntpartid(bank: Bank): u32 {
  if (bank.narrowed == 0) return 0;
  const partid = selectRequestPartid(bank);
  return partid == NO_ENTRY ? 0 : load<u32>(bank.narrowed + (<usize>partid << 2));
}

/** A value that is too large, or is not marked as an intPARTID, changes nothing (registers.md 3.5). */
export function writeIntpartid(bank: Bank, value: u32): void {
  if (bank.narrowed == 0) return;
  const partid = selectRequestPartid(bank);
  if (partid == NO_ENTRY) return;
  const intpartid = fieldGet(INTPARTID_INTPARTID, value);
  if ((value & INTPARTID_INTERNAL) == 0 || intpartid > intPartidMax(bank.msc)) {
    recordError(bank, ERRCODE_INTPARTID_RANGE, intpartid, 0, 0);
    return;
  }
  store<u32>(bank.narrowed + (<usize>partid << 2), value & (INTPARTID_INTERNAL | INTPARTID_INTPARTID));
  root().pending = 1;
}
