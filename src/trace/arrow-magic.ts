// How an Arrow file or stream is known, by its first bytes.

const MAGIC = "ARROW1";

export function isArrow(head: Uint8Array): boolean {
  return startsWithMagic(head) || (head[0] === 0xff && head[1] === 0xff && head[2] === 0xff && head[3] === 0xff);
}

export function startsWithMagic(bytes: Uint8Array, at = 0): boolean {
  for (let i = 0; i < MAGIC.length; i++) if (bytes[at + i] !== MAGIC.charCodeAt(i)) return false;
  return true;
}
