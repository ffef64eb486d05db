// Interrupts as messages: the registers that say what is written where (registers.md sections 4.8 and 5.4), and the
// writing.

import { EVENT_ERROR, raiseMsi } from "../events";
import { MSI_ADDR_H, MSI_ADDR_L, MSI_ATTR_MEMATTR, MSI_ATTR_MSIEN, MSI_ATTR_SH, MSI_MPAM_PARTID, MSI_MPAM_PMG } from "../regs/msi";
import { MPAMF_ERR_MSI_ATTR, MPAMF_ERR_MSI_MPAM } from "../regs/offsets";
import { Bank, MsiBlock } from "./state";

// The registers of a block lie in a row, MSI_MPAM first and MSI_ATTR last.
const LAST: u32 = MPAMF_ERR_MSI_ATTR - MPAMF_ERR_MSI_MPAM;

/** Whether an offset is in the block that begins at `first`. */
export function isMsi(first: u32, offset: u32): bool {
  return offset >= first && offset - first <= LAST;
}

/** The word of a block that begins at `first`. */
export function readMsi(block: MsiBlock, first: u32, offset: u32): u32 {
  switch ((offset - first) >>> 2) {
    case 0:
      return block.mpam;
    case 1:
      return block.addressLow;
    case 2:
      return block.addressHigh;
    case 3:
      return block.data;
    default:
      return block.attributes;
  }
}

export function writeMsi(block: MsiBlock, first: u32, offset: u32, value: u32): void {
  switch ((offset - first) >>> 2) {
    case 0:
      block.mpam = value & (MSI_MPAM_PARTID | MSI_MPAM_PMG);
      break;
    case 1:
      block.addressLow = value & MSI_ADDR_L;
      break;
    case 2:
      block.addressHigh = value & MSI_ADDR_H;
      break;
    case 3:
      block.data = value;
      break;
    default:
      block.attributes = value & (MSI_ATTR_MSIEN | MSI_ATTR_MEMATTR | MSI_ATTR_SH);
  }
}

export function resetMsi(block: MsiBlock): void {
  memory.fill(changetype<usize>(block), 0, offsetof<MsiBlock>());
}

export function msiEnabled(block: MsiBlock): bool {
  return (block.attributes & MSI_ATTR_MSIEN) != 0;
}

export function sendMsi(bank: Bank, kind: u32): void {
  const block = kind == EVENT_ERROR ? bank.errorMsi : bank.overflowMsi;
  const address = (<u64>block.addressHigh << 32) | block.addressLow;
  raiseMsi(kind, bank.msc.index, bank.space, address, block.data, block.attributes, block.mpam);
}
