/** A set-associative write-back cache whose lines know who allocated them, and which allocates only where it is told it may. */
import type { SubjectLabel, SubjectLine, SubjectOccupancy } from "../subject.ts";
import type { Crossing } from "./mbwu-monitor.ts";

export const LINE_BYTES = 64;

/** What the controls of the MSC allow a request: asked at a miss only, since lookups ignore partitioning. */
export interface Allowance {
  /** Whether the request may allocate in this way of this set (CPBM; nowhere for a disabled PARTID). */
  mayAllocate(set: number, way: number): boolean;
  /** Lines its PARTID may hold (CMAX). */
  readonly limit: number;
  /** Whether a line counts against that limit. */
  isOwn(owner: SubjectLabel): boolean;
}

interface Held {
  readonly line: number;
  readonly owner: SubjectLabel;
  dirty: boolean;
  /** The time of its last use, counted in accesses. */
  lastUse: number;
}

export class PlainCache {
  readonly #sets: (Held | undefined)[][];
  #accesses = 0;

  constructor(
    private readonly sets: number,
    private readonly ways: number,
  ) {
    this.#sets = Array.from({ length: sets }, () => new Array<Held | undefined>(ways).fill(undefined));
  }

  get size(): number {
    return this.sets * this.ways;
  }

  /** One access; what it made cross the downstream side, in order. */
  access(
    line: number,
    write: boolean,
    label: SubjectLabel,
    allowance: Allowance,
  ): { hit: boolean; crossings: Crossing[] } {
    this.#accesses += 1;
    const index = line % this.sets;
    const set = this.#sets[index] ?? [];

    const hit = set.find((held) => held?.line === line);
    if (hit !== undefined) {
      hit.lastUse = this.#accesses;
      if (write) hit.dirty = true;
      return { hit: true, crossings: [] };
    }

    const way = this.#victim(set, index, allowance);
    if (way === undefined) return { hit: false, crossings: [{ label, write, bytes: LINE_BYTES }] };

    const crossings: Crossing[] = [];
    const victim = set[way];
    if (victim?.dirty) crossings.push({ label: victim.owner, write: true, bytes: LINE_BYTES });
    crossings.push({ label, write: false, bytes: LINE_BYTES });
    set[way] = { line, owner: label, dirty: write, lastUse: this.#accesses };
    return { hit: false, crossings };
  }

  /** IHI 0099, cache allocation: portions, then the capacity limit; then empty ways, lowest first; then the oldest. */
  #victim(set: readonly (Held | undefined)[], index: number, allowance: Allowance): number | undefined {
    let candidates = set.map((_, way) => way).filter((way) => allowance.mayAllocate(index, way));
    if (this.#usage(allowance) >= allowance.limit) {
      candidates = candidates.filter((way) => {
        const held = set[way];
        return held !== undefined && allowance.isOwn(held.owner);
      });
    }
    // The owners' retention priorities drop nobody here: with neither CMIN nor disabled PARTIDs, an owner ranks above the requester only
    // when the requester is above its limit, and then only its own lines are left.
    const empty = candidates.find((way) => set[way] === undefined);
    if (empty !== undefined) return empty;
    const oldestFirst = candidates.toSorted((a, b) => (set[a]?.lastUse ?? 0) - (set[b]?.lastUse ?? 0));
    return oldestFirst[0];
  }

  /** Lines that count against the limit, whatever their PMG. */
  #usage(allowance: Allowance): number {
    return this.#valid().filter((held) => allowance.isOwn(held.owner)).length;
  }

  /** Bytes held by the lines that are accepted. */
  bytesHeld(accepts: (owner: SubjectLabel, dirty: boolean) => boolean): number {
    return this.#valid().filter((held) => accepts(held.owner, held.dirty)).length * LINE_BYTES;
  }

  occupancy(): SubjectOccupancy[] {
    const found = new Map<string, { space: SubjectLabel["space"]; partid: number; pmg: number; lines: number }>();
    for (const { owner } of this.#valid()) {
      const key = `${owner.space} ${owner.partid} ${owner.pmg}`;
      const entry = found.get(key) ?? { space: owner.space, partid: owner.partid, pmg: owner.pmg, lines: 0 };
      entry.lines += 1;
      found.set(key, entry);
    }
    return [...found.values()];
  }

  lines(): SubjectLine[] {
    return this.#sets.flatMap((ways, set) =>
      ways.flatMap((held, way) => {
        if (held === undefined) return [];
        const age = ways.filter((other) => other !== undefined && other.lastUse > held.lastUse).length;
        const { space, partid, pmg } = held.owner;
        return [{ set, way, line: held.line, dirty: held.dirty, age, space, partid, pmg }];
      }),
    );
  }

  #valid(): Held[] {
    return this.#sets.flat().filter((held) => held !== undefined);
  }
}
