// The MPAMCFG registers: a selector, and behind it the settings of the PARTID and RIS it names (registers.md section 3).
//
// Selectors are checked when they are written and stored all the same (registers.md 9.2, "ACS mode"): an error is
// recorded then, and not once more by every access made under the same selector.

import {
  ERRCODE_PARTID_SEL_RANGE,
  ERRCODE_RIS_NO_CONTROL,
  ERRCODE_UNDEFINED_RIS_PART_SEL,
} from "../regs/errors";
import { fieldGet } from "../regs/field";
import {
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_MBW_PART,
  IDR_HI_HAS_RIS,
  MBW_IDR_HAS_MAX,
} from "../regs/identity";
import { MPAMCFG_CMAX, MPAMCFG_CPBM, MPAMCFG_MBW_MAX, MPAMCFG_MBW_PBM, MPAMCFG_PART_SEL } from "../regs/offsets";
import { PART_SEL_PARTID, PART_SEL_RIS } from "../regs/partition";
import { root } from "../root";
import { readCmax, writeCmax } from "../control/ccap";
import { readCpbm, writeCpbm } from "../control/cpor";
import { readMbwMax, writeMbwMax } from "../control/mbw";
import { recordError } from "./errors";
import { Bank, risOf, settingsOf } from "./state";

export function readPartition(bank: Bank, offset: u32): u32 {
  if (offset == MPAMCFG_PART_SEL) return bank.partSel;
  const control = controlAt(offset);
  if (!selected(bank, control)) return 0;
  const settings = settingsOf(bank, fieldGet(PART_SEL_RIS, bank.partSel));
  const partid = fieldGet(PART_SEL_PARTID, bank.partSel);
  switch (control) {
    case IDR_HAS_CPOR_PART:
      return readCpbm(settings, partid, (offset - MPAMCFG_CPBM) >>> 2);
    case IDR_HAS_CCAP_PART:
      return readCmax(settings, partid);
    default:
      return readMbwMax(settings, partid);
  }
}

export function writePartition(bank: Bank, offset: u32, value: u32): void {
  if (offset == MPAMCFG_PART_SEL) {
    writePartSel(bank, value);
    return;
  }
  const control = controlAt(offset);
  if (!selected(bank, control)) return;
  const ris = fieldGet(PART_SEL_RIS, bank.partSel);
  const settings = settingsOf(bank, ris);
  const partid = fieldGet(PART_SEL_PARTID, bank.partSel);
  switch (control) {
    case IDR_HAS_CPOR_PART:
      writeCpbm(risOf(bank.msc, ris), settings, partid, (offset - MPAMCFG_CPBM) >>> 2, value);
      break;
    case IDR_HAS_CCAP_PART:
      writeCmax(risOf(bank.msc, ris), settings, partid, value);
      break;
    default:
      writeMbwMax(risOf(bank.msc, ris), settings, partid, value);
  }
  root().pending = 1;
}

/** The bit of MPAMF_IDR that says whether a register exists; 0 for an offset that no register of ours has. */
function controlAt(offset: u32): u32 {
  if (offset >= MPAMCFG_CPBM) return offset < MPAMCFG_MBW_PBM ? IDR_HAS_CPOR_PART : 0;
  if (offset == MPAMCFG_CMAX) return IDR_HAS_CCAP_PART;
  if (offset == MPAMCFG_MBW_MAX) return IDR_HAS_MBW_PART;
  return 0;
}

/** Whether the selector leads somewhere. The checks stand in the order of registers.md 3.5; the first that fails wins. */
function selected(bank: Bank, control: u32): bool {
  const msc = bank.msc;
  if ((msc.anyIdr & control) == 0) return false;
  const index = fieldGet(PART_SEL_RIS, bank.partSel);
  const partid = fieldGet(PART_SEL_PARTID, bank.partSel);
  const ris = risOf(msc, index);
  let code: u32 = 0;
  if (!ris.present) code = ERRCODE_UNDEFINED_RIS_PART_SEL;
  else if ((ris.idr & control) == 0 || (control == IDR_HAS_MBW_PART && (ris.mbwIdr & MBW_IDR_HAS_MAX) == 0))
    code = ERRCODE_RIS_NO_CONTROL;
  else if (partid > bank.partidMax) code = ERRCODE_PARTID_SEL_RANGE;
  if (code == 0) return true;
  if (code != bank.partSelError) recordError(bank, code, partid, 0, index);
  return false;
}

function writePartSel(bank: Bank, value: u32): void {
  const msc = bank.msc;
  if ((msc.anyIdr & (IDR_HAS_CPOR_PART | IDR_HAS_CCAP_PART | IDR_HAS_MBW_PART)) == 0) return;
  const implemented = PART_SEL_PARTID | (msc.idrHi & IDR_HI_HAS_RIS ? PART_SEL_RIS : 0);
  bank.partSel = value & implemented;
  const ris = fieldGet(PART_SEL_RIS, bank.partSel);
  const partid = fieldGet(PART_SEL_PARTID, bank.partSel);
  bank.partSelError = 0;
  // A hole below RIS_MAX is no error here: software selects every RIS up to it while it looks what there is.
  if (ris > msc.risMax) bank.partSelError = ERRCODE_UNDEFINED_RIS_PART_SEL;
  else if (partid > bank.partidMax) bank.partSelError = ERRCODE_PARTID_SEL_RANGE;
  if (bank.partSelError != 0) recordError(bank, bank.partSelError, partid, 0, ris);
}
