// Which PARTIDs and PMGs everybody can use who puts them on requests (linux-driver.md 3.1).

import { ErrnoError } from "../errno/index.ts";

/** The largest PARTID and PMG that a requester can use. */
export interface Limits {
  readonly partidMax: number;
  readonly pmgMax: number;
}

export class Requestors {
  #limits: Limits | undefined;
  #published = false;

  /** 0 and 0 while nobody has registered. */
  get limits(): Limits {
    return this.#limits ?? { partidMax: 0, pmgMax: 0 };
  }

  /** PARTIDs are in use, and there can no longer be fewer of them. */
  get published(): boolean {
    return this.#published;
  }

  /** Takes what both this one and those before it can use. EBUSY: less than what has been published. */
  register({ partidMax, pmgMax }: Limits): void {
    const before = this.#limits;
    if (this.#published && (partidMax < this.limits.partidMax || pmgMax < this.limits.pmgMax)) {
      const { partidMax: partids, pmgMax: pmgs } = this.limits;
      const wanted = `a requestor of PARTIDs up to ${partidMax} and PMGs up to ${pmgMax}`;
      throw new ErrnoError("EBUSY", `${wanted} comes too late; those up to ${partids} and ${pmgs} are in use`);
    }
    if (!this.#published)
      this.#limits = before === undefined ? { partidMax, pmgMax } : least(before, { partidMax, pmgMax });
  }

  /** What an MSC can tell apart. It is no requestor: it only lowers what those may use. */
  lower(to: Limits): void {
    this.#limits = least(this.limits, to);
  }

  publish(): void {
    this.#published = true;
  }

  restore(limits: Limits, published: boolean): void {
    this.#limits = limits;
    this.#published = published;
  }
}

function least(a: Limits, b: Limits): Limits {
  return { partidMax: Math.min(a.partidMax, b.partidMax), pmgMax: Math.min(a.pmgMax, b.pmgMax) };
}
