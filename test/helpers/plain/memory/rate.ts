/** How many bytes a port lets through (docs/modelled.md, "Bandwidth": F and C). */

const SECOND = 1_000_000_000n;

export class Rate {
  readonly #whole: bigint;
  readonly #rest: bigint;

  constructor(bytesPerSecond: number, quantumNs: number) {
    const product = BigInt(bytesPerSecond) * BigInt(quantumNs);
    this.#whole = product / SECOND;
    this.#rest = product % SECOND;
  }

  /** Bytes in the quanta from `first` on, up to and without `end`. */
  between(first: number, end: number): number {
    return Number(this.#upTo(end) - this.#upTo(first));
  }

  #upTo(quantum: number): bigint {
    const n = BigInt(quantum);
    return n * this.#whole + (n * this.#rest) / SECOND;
  }
}
