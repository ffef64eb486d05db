// Bandwidth counters of each domain (resctrl-fs.md section 8, resctrl-glue.md 10.3).

import type { PlainGroup } from "./group.ts";
import { range } from "./text.ts";

export class PlainCounters {
  /** Domain to the groups that have its counters, by counter. */
  readonly #taken = new Map<number, (PlainGroup | undefined)[]>();
  /** linux-7.3: one table for all domains, of the (CLOSID, RMID) that have a monitor. */
  readonly #table = new Set<string>();

  constructor(
    /** Of each domain. */
    readonly count: number,
    readonly oneTable: boolean,
  ) {}

  domainCame(domain: number): void {
    this.#taken.set(
      domain,
      range(this.count).map(() => undefined),
    );
  }

  domainGone(domain: number): void {
    for (const group of this.#taken.get(domain) ?? []) group?.counters.delete(domain);
    this.#taken.delete(domain);
  }

  available(domain: number): number {
    return this.#taken.get(domain)!.filter((group) => group === undefined).length;
  }

  /** Whether the group has one now. */
  assign(group: PlainGroup, domain: number): boolean {
    if (group.counters.has(domain)) return true;
    const counters = this.#taken.get(domain)!;
    const lowest = counters.indexOf(undefined);
    if (lowest < 0) return false;
    counters[lowest] = group;
    group.counters.set(domain, lowest);
    this.#table.add(keyOf(group));
    return true;
  }

  unassign(group: PlainGroup, domain: number): void {
    const counter = group.counters.get(domain);
    if (counter === undefined) return;
    this.#taken.get(domain)![counter] = undefined;
    group.counters.delete(domain);
    this.#table.delete(keyOf(group));
  }

  unassignAll(group: PlainGroup): void {
    for (const domain of [...group.counters.keys()]) this.unassign(group, domain);
  }

  /** Whether a read finds a monitor: in the list of the domain, and in the table where there is one. */
  counts(group: PlainGroup, domain: number): boolean {
    return group.counters.has(domain) && (!this.oneTable || this.#table.has(keyOf(group)));
  }
}

function keyOf({ closid, rmid }: PlainGroup): string {
  return `${closid}:${rmid}`;
}
