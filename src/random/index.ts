// Where all random numbers and hashes here come from: one mixer on u32, so that every machine draws the same.

/** A bijection of 32-bit words. */
export function mix(x: number): number {
  let y = x >>> 0;
  y ^= y >>> 16;
  y = Math.imul(y, 0x85ebca6b);
  y ^= y >>> 13;
  y = Math.imul(y, 0xc2b2ae35);
  y ^= y >>> 16;
  return y >>> 0;
}

/** A hash with one more word. */
export function hashOn(hash: number, word: number): number {
  return mix((hash ^ mix((word + 0x9e3779b9) >>> 0)) >>> 0);
}

/** hash(a, b, ...): the seed is the first word. */
export function hash(first: number, ...rest: readonly number[]): number {
  return rest.reduce(hashOn, mix(first));
}
