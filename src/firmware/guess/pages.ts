// Where register pages can lie in a machine here: each has 64 KiB of its own, which real parts do not always give it.

/** What a register page takes of the address map. */
export const PAGE_BYTES = 2 ** 16;
export const STRIDE_MAXIMUM = 2 ** 40;
const ADDRESS_END = 2 ** 52;
/** Where a page goes whose own place cannot be had. */
const ELSEWHERE = 0x1_4000_0000;

export interface Row {
  readonly base: number;
  readonly stride: number;
}

/** The pages that have been given away. */
export class Pages {
  readonly #taken = new Set<number>();
  #elsewhere = ELSEWHERE;

  /** A row of `count` pages, where it was if that can be. */
  place(base: number, count: number, stride: number): Row {
    const fitting = stride > 0 && stride % PAGE_BYTES === 0 && stride <= STRIDE_MAXIMUM;
    const step = count > 1 && fitting ? stride : PAGE_BYTES;
    const own = { base: base - (base % PAGE_BYTES), stride: step };
    const row = this.#isFree(own, count) ? own : this.#another(count);
    for (let at = 0; at < count; at++) this.#taken.add(row.base + at * row.stride);
    return row;
  }

  #isFree({ base, stride }: Row, count: number): boolean {
    if (base + count * stride > ADDRESS_END) return false;
    return Array.from({ length: count }, (_, at) => base + at * stride).every((page) => !this.#taken.has(page));
  }

  /** After the last that was given away here. */
  #another(count: number): Row {
    const row = () => ({ base: this.#elsewhere, stride: PAGE_BYTES });
    while (!this.#isFree(row(), count)) this.#elsewhere += PAGE_BYTES;
    return row();
  }
}
