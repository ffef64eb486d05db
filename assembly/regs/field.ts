// Getting at a field of a register word. A field is its mask; the shift is the mask's lowest set bit.

/** The field of `word` that `mask` covers, moved down to bit 0. */
export function fieldGet(mask: u32, word: u32): u32 {
  return ((word & mask) >>> shiftOf(mask)) >>> 0;
}

/** `value` moved up to where `mask` is; what does not fit is cut. */
export function fieldPrep(mask: u32, value: u32): u32 {
  return ((value << shiftOf(mask)) & mask) >>> 0;
}

/** Position of the lowest set bit of a mask that is not 0. */
export function shiftOf(mask: u32): u32 {
  let shift: u32 = 0;
  let rest: u32 = mask;
  while ((rest & 1) === 0) {
    rest = rest >>> 1;
    shift = shift + 1;
  }
  return shift;
}
