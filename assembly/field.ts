// Fields of register words, as regs/field.ts has them for both compilers; here the shift is one instruction, and none at all
// where the mask is a constant.

// @ts-ignore: decorator
@inline
export function fieldGet(mask: u32, word: u32): u32 {
  return (word & mask) >>> ctz(mask);
}

// @ts-ignore: decorator
@inline
export function fieldPrep(mask: u32, value: u32): u32 {
  return (value << ctz(mask)) & mask;
}
