// Where a made-up trace goes: the k-th access of a thread as a function of k alone, so that reading can start anywhere.
import { hash, hashOn } from "../random/index.ts";
import { scatter } from "./scatter.ts";
import { type PatternSpec, placesOf, type SynthSpec } from "./synth-spec.ts";
import { Zipf } from "./zipf.ts";

/** Purposes of random words. Further attempts of zipf come after the last. */
const WRITES = 0;
const SCATTER = 1;
const ROUND = 2;
const PLACES = 16;

/** Random words, numbered: hash(seed, part, purpose, thread, high and low word of k). */
class Draws {
  #high = -1;
  #prefixes: number[] = [];

  constructor(
    private readonly seed: number,
    private readonly part: number,
    private readonly purpose: number,
  ) {}

  word(k: number, thread: number): number {
    const high = Math.floor(k / 2 ** 32);
    if (high !== this.#high) {
      this.#high = high;
      this.#prefixes = [];
    }
    this.#prefixes[thread] ??= hash(this.seed, this.part, this.purpose, thread, high);
    return hashOn(this.#prefixes[thread], k >>> 0);
  }
}

/** Numbers of [0, 1) in steps of 2^-53, of two words each. */
class Uniform {
  readonly #high: Draws;
  readonly #low: Draws;

  constructor(seed: number, part: number, attempt: number) {
    this.#high = new Draws(seed, part, PLACES + 2 * attempt);
    this.#low = new Draws(seed, part, PLACES + 2 * attempt + 1);
  }

  number(k: number, thread: number): number {
    return (this.#high.word(k, thread) * 2 ** 21 + (this.#low.word(k, thread) >>> 11)) / 2 ** 53;
  }
}

/** One pattern, with its own count of accesses. */
export interface Pattern {
  /** First byte of the k-th access of a thread. */
  address(k: number, thread: number): number;
  writes(k: number, thread: number): boolean;
  readonly bytes: number;
}

export function patternOf(spec: PatternSpec, part: number, { seed, threads }: SynthSpec): Pattern {
  const { stride, at, bytes } = spec;
  const write = new Draws(seed, part, WRITES);
  const writeBelow = Math.round(spec.write * 2 ** 32);
  const place = placing(spec, part, seed, threads);
  return {
    bytes,
    address: (k, thread) => at + place(k, thread) * stride,
    writes: (k, thread) => write.word(k, thread) < writeBelow,
  };
}

/** The number of the place, below placesOf(spec). */
function placing(
  spec: PatternSpec,
  part: number,
  seed: number,
  threads: number,
): (k: number, thread: number) => number {
  const places = placesOf(spec);
  // Threads that walk begin at equal distances.
  const step = (k: number, thread: number): number => (Math.floor((thread * places) / threads) + (k % places)) % places;
  if (spec.pattern === "stream") return step;
  const order = scatter(places, hash(seed, part, SCATTER));
  // The line after order(i) is order(i + 1), and the first follows the last: one cycle through all of them.
  if (spec.pattern === "chase") return (k, thread) => order(step(k, thread));
  const uniforms: Uniform[] = [];
  const uniform = (attempt: number, k: number, thread: number): number => {
    uniforms[attempt] ??= new Uniform(seed, part, attempt);
    return uniforms[attempt].number(k, thread);
  };
  if (spec.pattern === "random") return (k, thread) => Math.floor(uniform(0, k, thread) * places);
  const zipf = new Zipf(places, spec.theta);
  return (k, thread) => order(zipf.rank((attempt) => uniform(attempt, k, thread)) - 1);
}

/** Whose turn it is: rounds of as many records as the weights add up to, each part as often as its weight, in an order of the seed. */
export class Turns {
  readonly #part: Uint16Array;
  /** How often the part had its turn before, in this round. */
  readonly #before: Uint32Array;
  readonly #weights: readonly number[];
  readonly #length: number;

  constructor(weights: readonly number[], seed: number) {
    this.#weights = weights;
    const order = weights.flatMap((weight, part) => Array.from({ length: weight }, () => part));
    for (let i = order.length - 1; i > 0; i--) {
      const other = hash(seed, ROUND, i) % (i + 1);
      [order[i], order[other]] = [order[other] as number, order[i] as number];
    }
    this.#length = order.length;
    this.#part = Uint16Array.from(order);
    const seen = weights.map(() => 0);
    this.#before = Uint32Array.from(order, (part) => (seen[part] as number)++);
  }

  part(k: number): number {
    return this.#part[k % this.#length] as number;
  }

  /** How many records of its part came before the k-th record. */
  count(k: number): number {
    const within = k % this.#length;
    const part = this.#part[within] as number;
    return Math.floor(k / this.#length) * (this.#weights[part] as number) + (this.#before[within] as number);
  }
}
