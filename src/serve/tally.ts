// Counters that never go back, though the machine may be another one, groups come and go, and labels change hands.

import { FAMILIES, type Family, type Place } from "../report/index.ts";

/** Under whose name counts are shown, and which labels they are of. */
export interface Subject {
  /** Labels of Prometheus: group="web". */
  readonly who: Readonly<Record<string, string>>;
  /** As keyOf writes them. */
  readonly labels: ReadonlySet<string>;
}

export interface Shown {
  readonly family: Family;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Sums that are remembered though their subjects are gone. */
const MOST = 65_536;

const keyOf = (...parts: readonly unknown[]) => JSON.stringify(parts);

export class Tally {
  /** What the hardware had counted at each place when it was looked at last. */
  #seen = new Map<string, ReadonlyMap<string, number>>();
  readonly #sums = new Map<string, number>();

  /** Looks without counting: what a new machine has counted before it came is no news. */
  follow(places: readonly Place[]): void {
    this.#seen = new Map(places.map(({ family, where, counts }) => [keyOf(family, where), counts]));
  }

  /** What each subject has at each place, with what is new since the last look. */
  add(places: readonly Place[], subjects: readonly Subject[]): Shown[] {
    const shown: Shown[] = [];
    for (const { family, where, counts } of places) {
      const before = this.#seen.get(keyOf(family, where));
      for (const { who, labels } of subjects) {
        const all = { ...who, ...where };
        if (FAMILIES[family].type === "gauge") {
          shown.push({ family, labels: all, value: sum(labels, (label) => counts.get(label) ?? 0) });
          continue;
        }
        const key = keyOf(family, all);
        const more = sum(labels, (label) => since(counts.get(label) ?? 0, before?.get(label) ?? 0));
        const value = (this.#sums.get(key) ?? 0) + more;
        // The last to be counted is the last to be forgotten.
        this.#sums.delete(key);
        this.#sums.set(key, value);
        shown.push({ family, labels: all, value });
      }
    }
    this.follow(places);
    for (const key of this.#sums.keys()) {
      if (this.#sums.size <= Math.max(MOST, shown.length)) break;
      this.#sums.delete(key);
    }
    return shown;
  }
}

/** A label that others have had meanwhile begins anew. */
const since = (now: number, before: number) => (now >= before ? now - before : now);

function sum(labels: Iterable<string>, of: (label: string) => number): number {
  let total = 0;
  for (const label of labels) total += of(label);
  return total;
}
