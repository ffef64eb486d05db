/** What is counted for each label. */
import type { EvictionReason, MemoryCounts, MemoryEvictions, MemoryLatency } from "../../memory-subject.ts";
import type { SubjectLabel } from "../../subject.ts";

/** Something for each label that has been asked for. */
export class ByLabel<T> {
  readonly #entries = new Map<string, { readonly label: SubjectLabel; readonly value: T }>();

  constructor(private readonly make: () => T) {}

  of({ space, partid, pmg }: SubjectLabel): T {
    const key = `${space} ${partid} ${pmg}`;
    const found = this.#entries.get(key);
    if (found !== undefined) return found.value;
    const value = this.make();
    this.#entries.set(key, { label: { space, partid, pmg }, value });
    return value;
  }

  all(): (SubjectLabel & T)[] {
    return [...this.#entries.values()].map(({ label, value }) => ({ ...label, ...value }));
  }
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

export type Counts = Mutable<Omit<MemoryCounts, keyof SubjectLabel | "lines">>;
export type Evictions = Mutable<Omit<MemoryEvictions, keyof SubjectLabel>>;
export type Latency = Mutable<Omit<MemoryLatency, keyof SubjectLabel>>;

export function noCounts(): Counts {
  return { accesses: 0, misses: 0, bytesRead: 0, bytesWritten: 0 };
}

export function noEvictions(): { reasons: Record<EvictionReason, number> } {
  return { reasons: { disabled: 0, ownLimit: 0, ownPortion: 0, other: 0, inclusion: 0 } };
}

export function noLatency(): Latency {
  return { count: 0, sumNs: 0, maxNs: 0, heldNs: 0 };
}
