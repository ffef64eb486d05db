// The mixer that all random numbers and hashes come from (design, section 6).

export function mix(x: u32): u32 {
  x ^= x >>> 16;
  x *= 0x85eb_ca6b;
  x ^= x >>> 13;
  x *= 0xc2b2_ae35;
  return x ^ (x >>> 16);
}

/** hash(..., word), continued from the hash of the words before; that of the first word is mix(word). */
export function hashOn(hash: u32, word: u32): u32 {
  return mix(hash ^ mix(word + 0x9e37_79b9));
}
