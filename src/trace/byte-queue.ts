// A stream of chunks read in exact pieces. It holds only what has arrived, so that a length in a damaged file cannot make it allocate.

export class ByteQueue {
  /** Bytes handed out so far. */
  offset: number;
  #chunks: AsyncIterator<Uint8Array>;
  #current = new Uint8Array(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, offset = 0) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.offset = offset;
  }

  /** Exactly `length` bytes at an 8-byte aligned start, or fewer when the stream ends. */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < length && (await this.#refill())) {
      const part = this.#current.subarray(this.#at, this.#at + length - have);
      this.#at += part.length;
      have += part.length;
      parts.push(part);
    }
    this.offset += have;
    const all = new Uint8Array(have);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Passes over `length` bytes and returns how many there were. */
  async skip(length: number): Promise<number> {
    let passed = 0;
    while (passed < length && (await this.#refill())) {
      const step = Math.min(length - passed, this.#current.length - this.#at);
      this.#at += step;
      passed += step;
    }
    this.offset += passed;
    return passed;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #refill(): Promise<boolean> {
    while (this.#at === this.#current.length) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#current = next.value as Uint8Array<ArrayBuffer>;
      this.#at = 0;
    }
    return true;
  }
}
