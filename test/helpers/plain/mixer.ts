/** The hash of whatever is drawn or spread (docs/how-it-works.md; the first word is a seed, or says what is hashed). */

function mix(word: number): number {
  let x = word >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 32 bits of all the words, in order. */
export function hash(first: number, ...more: readonly number[]): number {
  let h = mix(first);
  for (const word of more) h = mix(h ^ mix(word + 0x9e37_79b9));
  return h;
}
