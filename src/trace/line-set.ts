// Distinct lines, as a bit each within the 4 KiB that hold them: a Set of lines is a hundred times larger, and full at 2^24.

/** 64 lines of 64 bytes. */
const BLOCK_LINES = 64;

export class LineSet {
  size = 0;
  #blocks = new Map<number, number>();
  /** Two words for each block, in the order of their numbers. */
  #bits = new Uint32Array(64);

  add(line: number): void {
    const block = Math.floor(line / BLOCK_LINES);
    const within = line % BLOCK_LINES;
    this.#set(2 * this.#number(block) + (within >>> 5), 1 << (within & 31));
  }

  addAll(other: LineSet): void {
    for (const [block, theirs] of other.#blocks) {
      const number = this.#number(block);
      for (const word of [0, 1]) this.#set(2 * number + word, other.#bits[2 * theirs + word] as number);
    }
  }

  #number(block: number): number {
    let number = this.#blocks.get(block);
    if (number === undefined) {
      number = this.#blocks.size;
      this.#blocks.set(block, number);
      if (2 * number === this.#bits.length) {
        const bits = new Uint32Array(2 * this.#bits.length);
        bits.set(this.#bits);
        this.#bits = bits;
      }
    }
    return number;
  }

  #set(word: number, bits: number): void {
    const before = this.#bits[word] as number;
    this.#bits[word] = before | bits;
    for (let fresh = bits & ~before; fresh !== 0; fresh &= fresh - 1) this.size++;
  }
}
