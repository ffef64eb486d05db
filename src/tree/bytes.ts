// Byte strings: text in which every character is one byte. Files of a tree are written and read as these.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// biome-ignore lint/suspicious/noControlCharactersInRegex: every seven-bit character is meant, control ones too
const SEVEN_BIT = /^[\x00-\x7f]*$/;

/** A JavaScript string as UTF-8, or bytes as they are. */
export function toByteString(data: string | Uint8Array): string {
  if (typeof data === "string" && SEVEN_BIT.test(data)) return data;
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The byte string read as UTF-8. */
export function fromByteString(text: string): string {
  return SEVEN_BIT.test(text) ? text : decoder.decode(toBytes(text));
}
