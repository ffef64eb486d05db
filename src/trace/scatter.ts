// A bijection of 0..n-1 under a seed, without a table: multiplications and shifts on the next power of two, again and again
// until the number is below n. For a start below n that ends, because the way leads back there.
import { hash } from "../random/index.ts";

const ROUNDS = 4;

/** n is 1 to 2^32. */
export function scatter(n: number, seed: number): (i: number) => number {
  if (n === 1) return () => 0;
  const bits = 32 - Math.clz32(n - 1);
  const mask = (bits === 32 ? 0xffff_ffff : (1 << bits) - 1) >>> 0;
  const shift = (bits + 1) >>> 1;
  const added = Array.from({ length: ROUNDS }, (_, round) => hash(seed, 1, round));
  const factors = Array.from({ length: ROUNDS }, (_, round) => hash(seed, 2, round) | 1);
  return (i) => {
    let x = i >>> 0;
    do {
      for (let round = 0; round < ROUNDS; round++) {
        x = ((x + (added[round] as number)) & mask) >>> 0;
        x = (Math.imul(x, factors[round] as number) & mask) >>> 0;
        x = (x ^ (x >>> shift)) >>> 0;
      }
    } while (x >= n);
    return x;
  };
}
