// The flattened form of a device tree, version 17: header, memory reservations, structure and strings, all big endian
// (Devicetree Specification, chapter 5).

export const FDT_MAGIC = 0xd00d_feed;
export const FDT_VERSION = 17;
/** The oldest version whose readers understand what is written. */
export const FDT_COMPATIBLE = 16;

/** Offsets in the header. */
export const HEADER = {
  magic: 0x00,
  totalsize: 0x04,
  offDtStruct: 0x08,
  offDtStrings: 0x0c,
  offMemRsvmap: 0x10,
  version: 0x14,
  lastCompVersion: 0x18,
  bootCpuidPhys: 0x1c,
  sizeDtStrings: 0x20,
  /** From version 17 on. */
  sizeDtStruct: 0x24,
} as const;

export const HEADER_BYTES = 0x28;
export const RESERVATION_BYTES = 16;

export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

/** What names may consist of: printable, and nothing that would end a component of a path. */
export const NAME = /^[\x21-\x2e\x30-\x7e]*$/;

export function aligned(offset: number): number {
  return (offset + 3) & ~3;
}
