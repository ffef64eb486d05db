// The one source of random words, the same here and in bench/c/twin.h, so that no input crosses between processes.

export function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** One more word into a running hash; a hash starts at mix(first word). design.md section 6. */
export function hashAdd(h: number, word: number): number {
  return mix(h ^ mix(word + 0x9e3779b9));
}

/** A count as two words, low first. Exact up to 2^53. */
export function hashAdd64(h: number, count: number): number {
  return hashAdd(hashAdd(h, count >>> 0), Math.floor(count / 0x1_0000_0000));
}

/** Word `column` of record `i`. */
export function draw(seed: number, i: number, column: number): number {
  return hashAdd(hashAdd(mix(seed), i), column);
}

/** What zipfRank wants for ranks 0 .. n-1. The C twins get it as text, because pow() need not agree to the last bit. */
export function zipfSpan(n: number): number {
  return n ** 0.1 - 1;
}

/** A rank with weight about (rank + 1)^-0.9: the inverse of the continuous distribution, in exact double operations. */
export function zipfRank(word: number, span: number): number {
  const y = 1 + (word / 0x1_0000_0000) * span;
  const y2 = y * y;
  const y4 = y2 * y2;
  const y8 = y4 * y4;
  return Math.floor(y8 * y2) - 1;
}

/** How a checksum is written, so that both sides compare as text. */
export function checksumText(h: number): string {
  return h.toString(16).padStart(8, "0");
}
