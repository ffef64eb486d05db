// SHA-256 (FIPS 180-4) of bytes in memory: by the host where it does that, which pages do only over https or on localhost.

/** Lower-case hex. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const { subtle } = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto ?? {};
  const digest = subtle
    ? new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
    : plainSha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const BLOCK = 64;

/** The first `many` primes. */
function primes(many: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < many; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point of a root: numbers that nobody has chosen. Doubles have enough bits for these. */
const behindPoint = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;

const ROUNDS = primes(64).map((prime) => behindPoint(Math.cbrt(prime)));
const START = primes(8).map((prime) => behindPoint(Math.sqrt(prime)));

/** The 32 bytes of the digest. */
export function plainSha256(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(START);
  const whole = bytes.length - (bytes.length % BLOCK);
  const words = new Int32Array(BLOCK);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += BLOCK) compress(state, view, at, words);
  // The rest, a bit of 1, and the length in bits at the end of the last block.
  const rest = bytes.length - whole;
  const end = new Uint8Array(rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK);
  end.set(bytes.subarray(whole));
  end[rest] = 0x80;
  const last = new DataView(end.buffer);
  last.setUint32(end.length - 8, Math.floor(bytes.length / 2 ** 29));
  last.setUint32(end.length - 4, (bytes.length * 8) >>> 0);
  for (let at = 0; at < end.length; at += BLOCK) compress(state, last, at, words);
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}

const rotate = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits));

function compress(state: Int32Array, block: DataView, at: number, w: Int32Array): void {
  for (let i = 0; i < 16; i++) w[i] = block.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [early, late] = [w[i - 15] as number, w[i - 2] as number];
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + s1 + choice + (ROUNDS[i] as number) + (w[i] as number)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + s0 + majority) | 0];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word;
}
