/** Which of several candidates is replaced (docs/modelled.md, "Caches": lru, plru, nru, random). */
import { hash } from "../mixer.ts";

export type Policy = "lru" | "plru" | "nru" | "random";

/** All ways of asking are about one set. Candidates are ways that hold lines, lowest first; there is at least one. */
export interface Replacement {
  touch(set: number, way: number): void;
  choose(set: number, candidates: readonly number[]): number;
  /** A line came into the set. */
  filled(set: number): void;
}

/** @param number of the slice, all slices of the file counted @param seed of the machine */
export function replacementOf(policy: Policy, ways: number, seed: number, number: number): Replacement {
  switch (policy) {
    case "lru":
      return new LeastRecent();
    case "plru":
      return new Tree(ways);
    case "nru":
      return new NotRecent();
    case "random":
      return new Drawn(seed, number);
  }
}

/** Something of each set, made when it is first needed. */
class Sets<T> {
  readonly #made = new Map<number, T>();

  constructor(private readonly make: () => T) {}

  of(set: number): T {
    const found = this.#made.get(set);
    if (found !== undefined) return found;
    const made = this.make();
    this.#made.set(set, made);
    return made;
  }
}

class LeastRecent implements Replacement {
  readonly #touched = new Sets(() => new Map<number, number>());
  #touches = 0;

  touch(set: number, way: number): void {
    this.#touches += 1;
    this.#touched.of(set).set(way, this.#touches);
  }

  choose(set: number, candidates: readonly number[]): number {
    const touched = this.#touched.of(set);
    const when = (way: number): number => touched.get(way) ?? 0;
    return candidates.reduce((oldest, way) => (when(way) < when(oldest) ? way : oldest));
  }

  filled(): void {}
}

/** A binary tree over the ways. A node is known by the first way below it and the number of ways below it. */
class Tree implements Replacement {
  readonly #span: number;
  /** Nodes that point to their upper half. */
  readonly #upper = new Sets(() => new Set<string>());

  constructor(ways: number) {
    let span = 1;
    while (span < ways) span *= 2;
    this.#span = span;
  }

  touch(set: number, way: number): void {
    const upper = this.#upper.of(set);
    let first = 0;
    for (let span = this.#span; span > 1; span /= 2) {
      const middle = first + span / 2;
      if (way < middle) upper.add(`${first} ${span}`);
      else upper.delete(`${first} ${span}`);
      if (way >= middle) first = middle;
    }
  }

  choose(set: number, candidates: readonly number[]): number {
    const upper = this.#upper.of(set);
    let first = 0;
    let left = candidates;
    for (let span = this.#span; span > 1; span /= 2) {
      const middle = first + span / 2;
      const low = left.filter((way) => way < middle);
      const high = left.filter((way) => way >= middle);
      const goesUp = low.length === 0 || (high.length > 0 && upper.has(`${first} ${span}`));
      left = goesUp ? high : low;
      if (goesUp) first = middle;
    }
    return first;
  }

  filled(): void {}
}

class NotRecent implements Replacement {
  /** Ways whose bit is 1. */
  readonly #used = new Sets(() => new Set<number>());

  touch(set: number, way: number): void {
    this.#used.of(set).add(way);
  }

  choose(set: number, candidates: readonly number[]): number {
    const used = this.#used.of(set);
    const unused = (): number | undefined => candidates.find((way) => !used.has(way));
    if (unused() === undefined) for (const way of candidates) used.delete(way);
    return unused() ?? 0;
  }

  filled(): void {}
}

class Drawn implements Replacement {
  readonly #fills = new Map<number, number>();

  constructor(
    private readonly seed: number,
    private readonly number: number,
  ) {}

  touch(): void {}

  choose(set: number, candidates: readonly number[]): number {
    const drawn = hash(this.seed, this.number, set, this.#fills.get(set) ?? 0);
    return candidates[drawn % candidates.length] ?? 0;
  }

  filled(set: number): void {
    this.#fills.set(set, (this.#fills.get(set) ?? 0) + 1);
  }
}
