// RMIDs and CLOSIDs (resctrl-fs.md section 9): the free list, and limbo with its look once a second.

import { refuse } from "./refused.ts";
import { range } from "./text.ts";

const POLL_NS = 1_000_000_000;

interface Poll {
  readonly domain: number;
  due: number;
}

export class PlainRmids {
  /** Indices, the longest free first. */
  #free: number[];
  /** Index to the domains in which it is still dirty. */
  readonly #limbo = new Map<number, Set<number>>();
  readonly #usedClosids = new Set<number>([0]);
  /** In the order in which they were set. */
  #polls: Poll[] = [];

  constructor(
    readonly pmgs: number,
    readonly indices: number,
    readonly closids: number,
    /** Whether what is freed has to become clean first. */
    readonly occupancy: boolean,
  ) {
    this.#free = range(indices).slice(1);
  }

  get used(): number[] {
    const away = new Set([...this.#free, ...this.#limbo.keys()]);
    return range(this.indices).filter((index) => !away.has(index));
  }

  get limbo(): number[] {
    return [...this.#limbo.keys()].sort((a, b) => a - b);
  }

  get usedClosids(): number[] {
    return [...this.#usedClosids].sort((a, b) => a - b);
  }

  /** Undefined where none is left. */
  takeClosid(): number | undefined {
    const free = range(this.closids).filter((closid) => !this.#usedClosids.has(closid));
    const dirty = (closid: number) =>
      this.occupancy ? this.limbo.filter((index) => Math.floor(index / this.pmgs) === closid).length : 0;
    const least = Math.min(...free.map(dirty));
    const closid = free.find((one) => dirty(one) === least);
    if (closid !== undefined) this.#usedClosids.add(closid);
    return closid;
  }

  freeClosid(closid: number): void {
    this.#usedClosids.delete(closid);
  }

  /** ENOSPC, or EBUSY while limbo holds all that there are. */
  takeRmid(closid: number): number {
    if (this.#free.length === 0) refuse(this.#limbo.size > 0 ? "EBUSY" : "ENOSPC");
    const at = this.#free.findIndex((index) => Math.floor(index / this.pmgs) === closid);
    if (at < 0) refuse("ENOSPC");
    const [index] = this.#free.splice(at, 1);
    return index! % this.pmgs;
  }

  freeRmid(closid: number, rmid: number, domains: readonly number[], now: number): void {
    const index = closid * this.pmgs + rmid;
    if (index === 0) return;
    if (!this.occupancy) {
      this.#release(index);
      return;
    }
    this.#limbo.set(index, new Set(domains));
    for (const domain of domains) {
      if (!this.#polls.some((poll) => poll.domain === domain)) this.#polls.push({ domain, due: now + POLL_NS });
    }
  }

  /** Every look that is due by now. */
  pass(now: number, isClean: (domain: number, closid: number, rmid: number) => boolean): void {
    for (;;) {
      const due = this.#polls.filter((poll) => poll.due <= now).sort((a, b) => a.due - b.due);
      const poll = due[0];
      if (!poll) return;
      this.#clean(poll.domain, (index) => isClean(poll.domain, Math.floor(index / this.pmgs), index % this.pmgs));
      this.#polls = this.#polls.filter((one) => one !== poll);
      if (this.#busy(poll.domain)) this.#polls.push({ domain: poll.domain, due: poll.due + POLL_NS });
    }
  }

  /** A domain that goes counts as clean. */
  domainGone(domain: number): void {
    this.#clean(domain, () => true);
    this.#polls = this.#polls.filter((poll) => poll.domain !== domain);
  }

  #busy(domain: number): boolean {
    return [...this.#limbo.values()].some((domains) => domains.has(domain));
  }

  #clean(domain: number, isClean: (index: number) => boolean): void {
    for (const index of this.limbo) {
      const dirty = this.#limbo.get(index)!;
      if (!dirty.has(domain) || !isClean(index)) continue;
      dirty.delete(domain);
      if (dirty.size > 0) continue;
      this.#limbo.delete(index);
      this.#release(index);
    }
  }

  #release(index: number): void {
    this.#free = [...this.#free.filter((one) => one !== index), index];
  }
}
