// xxHash64 with seed 0 (xxHash specification, "XXH64 algorithm"), of which zstd frames carry the lower half. Bulk is done in halves of 32
// bits, because big integers are twenty times slower; the end of it, once a frame, in big integers.

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => wrap(value << bits) | (value >> (64n - bits));
const round = (lane: bigint, input: bigint): bigint => wrap(rotate(wrap(lane + input * P2), 31n) * P1);

const P1_HIGH = Number(P1 >> 32n) | 0;
const P1_LOW = Number(P1 & 0xffffffffn);
const P2_HIGH = Number(P2 >> 32n) | 0;
const P2_LOW = Number(P2 & 0xffffffffn);

/** The upper half of a product of two 32-bit numbers. */
function upper(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = a1 * b0 + ((a0 * b0) >>> 16);
  const middle = a0 * b1 + (low & 0xffff);
  return (a1 * b1 + (low >>> 16) + (middle >>> 16)) | 0;
}

export class Xxh64 {
  /** Four lanes, low half first. */
  #lanes = new Uint32Array(BigUint64Array.of(wrap(P1 + P2), P2, 0n, wrap(-P1)).buffer);
  #rest = new Uint8Array(32);
  #restLength = 0;
  #length = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(32 - this.#restLength, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < 32) return this;
      this.#stripe(new DataView(this.#rest.buffer), 0);
      this.#restLength = 0;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; at + 32 <= bytes.length; at += 32) this.#stripe(view, at);
    this.#rest.set(bytes.subarray(at));
    this.#restLength = bytes.length - at;
    return this;
  }

  digest(): bigint {
    const lanes = [...new BigUint64Array(this.#lanes.buffer)];
    let h = P5;
    if (this.#length >= 32) {
      h = wrap(lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i] as bigint), 0n));
      for (const lane of lanes) h = wrap((h ^ round(0n, lane)) * P1 + P4);
    }
    h = wrap(h + BigInt(this.#length));
    const view = new DataView(this.#rest.buffer);
    let at = 0;
    for (; at + 8 <= this.#restLength; at += 8)
      h = wrap(rotate(h ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
    if (at + 4 <= this.#restLength) {
      h = wrap(rotate(h ^ wrap(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
      at += 4;
    }
    for (; at < this.#restLength; at++) h = wrap(rotate(h ^ wrap(BigInt(view.getUint8(at)) * P5), 11n) * P1);
    h = wrap((h ^ (h >> 33n)) * P2);
    h = wrap((h ^ (h >> 29n)) * P3);
    return h ^ (h >> 32n);
  }

  #stripe(view: DataView, at: number): void {
    const lanes = this.#lanes;
    for (let i = 0; i < 8; i += 2) {
      const low = view.getUint32(at + 4 * i, true);
      const high = view.getUint32(at + 4 * i + 4, true);
      // lane + input * P2
      const addLow = Math.imul(low, P2_LOW) >>> 0;
      const addHigh = (upper(low, P2_LOW) + Math.imul(low, P2_HIGH) + Math.imul(high, P2_LOW)) | 0;
      const sum = (lanes[i] as number) + addLow;
      const sumLow = sum >>> 0;
      const sumHigh = ((lanes[i + 1] as number) + addHigh + (sum > 0xffffffff ? 1 : 0)) >>> 0;
      // turned by 31, times P1
      const turnedLow = ((sumLow << 31) | (sumHigh >>> 1)) >>> 0;
      const turnedHigh = ((sumHigh << 31) | (sumLow >>> 1)) >>> 0;
      lanes[i] = Math.imul(turnedLow, P1_LOW);
      lanes[i + 1] = upper(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW);
    }
  }
}
