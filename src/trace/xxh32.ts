// xxHash32 with seed 0 (xxHash specification, "XXH32 algorithm"): the checksum inside lz4 frames.

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

export class Xxh32 {
  #lanes = Int32Array.of(P1 + P2, P2, 0, -P1);
  #rest = new Uint8Array(16);
  #restLength = 0;
  #length = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(16 - this.#restLength, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < 16) return this;
      this.#stripe(this.#rest, 0);
      this.#restLength = 0;
    }
    for (; at + 16 <= bytes.length; at += 16) this.#stripe(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#restLength = bytes.length - at;
    return this;
  }

  digest(): number {
    const [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    let h = this.#length >= 16 ? rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18) : P5;
    h = (h + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4)
      h = Math.imul(rotate((h + Math.imul(word(this.#rest, at), P3)) | 0, 17), P4);
    for (; at < this.#restLength; at++) {
      h = Math.imul(rotate((h + Math.imul(this.#rest[at] as number, P5)) | 0, 11), P1);
    }
    h = Math.imul(h ^ (h >>> 15), P2);
    h = Math.imul(h ^ (h >>> 13), P3);
    return (h ^ (h >>> 16)) >>> 0;
  }

  #stripe(bytes: Uint8Array, at: number): void {
    const lanes = this.#lanes;
    for (let i = 0; i < 4; i++) {
      const mixed = ((lanes[i] as number) + Math.imul(word(bytes, at + 4 * i), P2)) | 0;
      lanes[i] = Math.imul(rotate(mixed, 13), P1);
    }
  }
}

export function xxh32(bytes: Uint8Array): number {
  return new Xxh32().update(bytes).digest();
}
