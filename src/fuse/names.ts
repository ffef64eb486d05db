// Names as the kernel has them, bytes without an encoding, and as the tree has them, text. Bytes that are no UTF-8 become
// single low surrogates, which no UTF-8 gives, and come back as the same bytes.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const ESCAPE = 0xdc00;

export function nameOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

export function bytesOfName(name: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(name)) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (code > ESCAPE && code <= ESCAPE + 0xff) bytes.push(code - ESCAPE);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function escaped(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length > 0) text += decoder.decode(bytes.subarray(at, at + length));
    else text += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the character that begins there; 0 where none does. */
function characterAt(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      decoder.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Perhaps it is longer.
    }
  }
  return 0;
}
