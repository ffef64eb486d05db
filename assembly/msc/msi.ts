// Interrupts as messages: the registers that say what is written where (registers.md sections 4.8 and 5.4), and the
// writing.

import { EVENT_ERROR, raiseMsi } from "../events";
import { MSI_ADDR_H, MSI_ADDR_L, MSI_ATTR_MEMATTR, MSI_ATTR_MSIEN, MSI_ATTR_SH, MSI_MPAM_PARTID, MSI_MPAM_PMG } from "../regs/msi";
import { Bank, MsiBlock } from "./state";

/** `register`: the word within the block, MSI_MPAM first. */
export function readMsi(block: MsiBlock, register: u32): u32 {
  switch (register) {
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

export function writeMsi(block: MsiBlock, register: u32, value: u32): void {
  switch (register) {
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

export function msiEnabled(block: MsiBlock): bool {
  return (block.attributes & MSI_ATTR_MSIEN) != 0;
}

export function sendMsi(bank: Bank, kind: u32): void {
  const block = kind == EVENT_ERROR ? bank.errorMsi : bank.overflowMsi;
  const address = (<u64>block.addressHigh << 32) | block.addressLow;
  raiseMsi(kind, bank.msc.index, bank.space, address, block.data, block.attributes, block.mpam);
}
