// Which RMIDs are free, and which still have lines in a cache: the free list and limbo (resctrl-fs.md section 9).

import { ErrnoError } from "../errno/index.ts";

/** How (closid, rmid) pairs are numbered; index 0 is the default group's, and is never in the list. */
export interface RmidSpace {
  readonly closids: number;
  readonly rmidsPerClosid: number;
}

export interface SavedRmids {
  /** Lists that have been used, oldest entry first; the others are still 0, 1, 2, ... */
  readonly free: readonly (readonly [closid: number, rmids: readonly number[]])[];
  readonly limbo: readonly (readonly [idx: number, domains: readonly number[]])[];
}

export class RmidPool {
  /** Per closid, least recently freed first: only entries of one closid ever compete, so one list each says it all. */
  readonly #free = new Map<number, number[]>();
  /** Domains in which an index still counts as dirty. */
  readonly #limbo = new Map<number, Set<number>>();
  #freeCount: number;

  constructor(private readonly space: RmidSpace) {
    this.#freeCount = space.closids * space.rmidsPerClosid - 1;
  }

  /** EBUSY when nothing at all is free but limbo may give some back, else ENOSPC. */
  alloc(closid: number): number {
    const rmid = this.#listOf(closid).shift();
    if (rmid !== undefined) {
      this.#freeCount--;
      return rmid;
    }
    if (this.#freeCount === 0 && this.#limbo.size > 0) {
      throw new ErrnoError("EBUSY", "every RMID is in use or waits for its lines to leave the caches");
    }
    throw new ErrnoError("ENOSPC", `closid ${closid} has no RMID left of ${this.space.rmidsPerClosid}`);
  }

  /** `domains`: where lines of the group may still be. Empty: the RMID is free at once. */
  free(closid: number, rmid: number, domains: readonly number[]): void {
    if (closid === 0 && rmid === 0) return;
    if (domains.length === 0) this.#giveBack(closid, rmid);
    else this.#limbo.set(closid * this.space.rmidsPerClosid + rmid, new Set(domains));
  }

  /** Indices that are dirty in a domain, ascending. */
  dirtyIn(domain: number): number[] {
    return [...this.#limbo]
      .filter(([, domains]) => domains.has(domain))
      .map(([idx]) => idx)
      .sort((a, b) => a - b);
  }

  /** Clean in the last of its domains, an index goes to the end of its list. */
  clean(idx: number, domain: number): void {
    const domains = this.#limbo.get(idx);
    if (domains === undefined || !domains.delete(domain) || domains.size > 0) return;
    this.#limbo.delete(idx);
    const per = this.space.rmidsPerClosid;
    this.#giveBack(Math.floor(idx / per), idx % per);
  }

  /** How many RMIDs are in limbo, by closid; those that have none are not there. */
  dirtyCounts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const idx of this.#limbo.keys()) {
      const closid = Math.floor(idx / this.space.rmidsPerClosid);
      counts.set(closid, (counts.get(closid) ?? 0) + 1);
    }
    return counts;
  }

  save(): SavedRmids {
    const limbo = [...this.#limbo].map(([idx, domains]) => [idx, [...domains]] as const);
    return { free: [...this.#free].map(([closid, rmids]) => [closid, [...rmids]] as const), limbo };
  }

  restore(saved: SavedRmids): void {
    for (const [closid, rmids] of saved.free) {
      this.#freeCount += rmids.length - this.#listOf(closid).length;
      this.#free.set(closid, [...rmids]);
    }
    for (const [idx, domains] of saved.limbo) this.#limbo.set(idx, new Set(domains));
  }

  #giveBack(closid: number, rmid: number): void {
    const list = this.#listOf(closid);
    // A group that 7.3 has moved under another closid gives back what nobody had taken, or another group has.
    if (list.includes(rmid)) return;
    list.push(rmid);
    this.#freeCount++;
  }

  #listOf(closid: number): number[] {
    let list = this.#free.get(closid);
    if (list === undefined) {
      list = Array.from({ length: this.space.rmidsPerClosid }, (_, rmid) => rmid);
      if (closid === 0) list.shift();
      this.#free.set(closid, list);
    }
    return list;
  }
}
