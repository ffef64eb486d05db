/** Random words of the project's mixer: word k of a stream is hash(seed, stream, k), so a sequence can be drawn again from its number. */
import { hashAdd, mix } from "../../bench/mixer.ts";

export class Random {
  readonly #base: number;
  #drawn = 0;

  constructor(seed: number, ...stream: readonly number[]) {
    this.#base = stream.reduce(hashAdd, mix(seed >>> 0));
  }

  /** 32 bits. */
  word(): number {
    return hashAdd(this.#base, this.#drawn++);
  }

  /** 0 .. n-1. */
  below(n: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * n);
  }

  /** From first to last, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True once in n times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
