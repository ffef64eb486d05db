// Numbers given out lowest first: monitors of a class.

export class NumberAllocator {
  readonly #taken = new Set<number>();
  /** No number below this is free. */
  #lowest = 0;

  /** The lowest free number below `count`, or undefined when all are taken. */
  take(count: number): number | undefined {
    while (this.#taken.has(this.#lowest)) this.#lowest++;
    if (this.#lowest >= count) return undefined;
    this.#taken.add(this.#lowest);
    return this.#lowest++;
  }

  /** False when the number was not taken. */
  giveBack(number: number): boolean {
    if (!this.#taken.delete(number)) return false;
    this.#lowest = Math.min(this.#lowest, number);
    return true;
  }

  /** What is taken, in ascending order. */
  save(): number[] {
    return [...this.#taken].sort((a, b) => a - b);
  }

  restore(taken: readonly number[]): void {
    this.#taken.clear();
    for (const number of taken) this.#taken.add(number);
    this.#lowest = 0;
  }
}
