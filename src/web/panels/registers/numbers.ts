// Numbers as people write them into fields, and as they are shown.

/** Decimal, 0x hexadecimal or 0b binary, _ between digits; undefined for what is none, or does not fit. */
export function readNumber(text: string, max: bigint): bigint | undefined {
  const plain = text.trim().replaceAll("_", "").toLowerCase();
  if (!/^(0x[0-9a-f]+|0b[01]+|\d+)$/.test(plain)) return undefined;
  const value = BigInt(plain);
  return value <= max ? value : undefined;
}

/** 0x0000_00ff; of 64 bits with all its digits. */
export function showHex(value: number | bigint, bits = 32): string {
  const digits = BigInt(value)
    .toString(16)
    .padStart(bits / 4, "0");
  return `0x${digits.replace(/(?=(?:.{4})+$)(?<=.)/g, "_")}`;
}

/** Small numbers as they are, large ones in hexadecimal. */
export function showField(value: bigint, bits: number): string {
  return bits <= 8 || value < 1024n ? String(value) : `0x${value.toString(16)}`;
}

/** The lowest bit of a field, and how many it has. */
export function extentOf(mask: bigint): { low: number; bits: number } {
  const low = (mask & -mask).toString(2).length - 1;
  return { low, bits: (mask >> BigInt(low)).toString(2).length };
}

export function fieldOf(mask: bigint, value: bigint): bigint {
  return (value & mask) / (mask & -mask);
}

/** The word with another value in a field. */
export function withField(word: bigint, mask: bigint, value: bigint): bigint {
  return (word & ~mask) | ((value * (mask & -mask)) & mask);
}
