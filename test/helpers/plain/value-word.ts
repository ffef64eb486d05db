/** A number and its NRDY as registers show them, in one word or two (IHI 0099, MSMON_CSU, MSMON_MBWU, _L and their captures). */

export interface Reading {
  readonly value: bigint;
  readonly nrdy: boolean;
}

/** NRDY is bit 31 of the word. */
export function wordOf({ value, nrdy }: Reading): number {
  return Number(value & 0x7fff_ffffn) + (nrdy ? 0x8000_0000 : 0);
}

export function readingOf(word: number): Reading {
  return { value: BigInt(word & 0x7fff_ffff), nrdy: word >>> 31 === 1 };
}

export function lowWordOf({ value }: Reading): number {
  return Number(value & 0xffff_ffffn);
}

/** NRDY is bit 63. */
export function highWordOf({ value, nrdy }: Reading): number {
  return Number((value >> 32n) & 0x7fff_ffffn) + (nrdy ? 0x8000_0000 : 0);
}

export function withLowWord({ value, nrdy }: Reading, word: number): Reading {
  return { value: ((value >> 32n) << 32n) | BigInt(word >>> 0), nrdy };
}

export function withHighWord({ value }: Reading, word: number): Reading {
  return { value: (BigInt(word & 0x7fff_ffff) << 32n) | (value & 0xffff_ffffn), nrdy: word >>> 31 === 1 };
}

/** A capture register: storage that a capture fills. */
export class CaptureRegister {
  #reading: Reading = { value: 0n, nrdy: false };

  constructor(private readonly bits: number) {}

  get reading(): Reading {
    return this.#reading;
  }

  set({ value, nrdy }: Reading): void {
    this.#reading = { value: BigInt.asUintN(this.bits, value), nrdy };
  }
}
