// Bytes as the protocol has them: text of which each character is a byte, hexadecimal, and numbers in the byte order of the
// target, the low byte first.

/** Each byte as the character with its number. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  // String.fromCharCode takes so many arguments and no more.
  for (let from = 0; from < bytes.length; from += 4096)
    text += String.fromCharCode(...bytes.subarray(from, from + 4096));
  return text;
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Undefined for what is no hexadecimal of whole bytes. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, n) => Number.parseInt(text.slice(2 * n, 2 * n + 2), 16));
}

/** Text for people, as it is sent in hexadecimal. */
export function hexOfText(text: string): string {
  return toHex(new TextEncoder().encode(text));
}

/** A number in so many bytes, the low one first. */
export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => Number((value >> BigInt(8 * n)) & 0xffn));
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** A number of the protocol, hexadecimal without 0x. Undefined for what is none, or above what a number holds exactly. */
export function hexNumber(text: string): number | undefined {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) return undefined;
  const value = Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}
