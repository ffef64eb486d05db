/** Parts of 32-bit words. */

export function bit(word: number, position: number): boolean {
  return ((word >>> position) & 1) === 1;
}

/** The bit at a position where the condition holds, else 0. */
export function flag(condition: boolean | undefined, position: number): number {
  return condition === true ? 2 ** position : 0;
}

/** The lowest `width` bits, 0..32. */
export function lowBits(width: number): number {
  return 2 ** width - 1;
}

/** A 16-bit fraction keeps its `width` top bits. */
export function fractionBits(width: number): number {
  return lowBits(16) - lowBits(16 - width);
}
