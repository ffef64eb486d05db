// Memory nodes: proximity domains of the SRAT, and their bandwidth from the HMAT (linux-driver reference 8.7, more.md 1.4).

import type { MadtCpu } from "./madt.ts";
import type { Remarks } from "./remarks.ts";
import { type AcpiTable, entriesOf, isA, type Trouble } from "./table.ts";
import { GICC_AFFINITY, INITIATOR_AFFINITY, MEMORY_AFFINITY, SRAT_ENABLED, TABLES } from "./tables.ts";

export interface MemoryRange {
  readonly domain: number;
  readonly base: bigint;
  readonly bytes: bigint;
  readonly at: number;
}

/** Proximity domains, numbered as nodes by their first use. Without a usable SRAT there is node 0 and nothing else. */
export class Domains {
  /** Enabled memory in the order of the table. */
  readonly memory: readonly MemoryRange[] = [];
  /** False: software has one node for everything. */
  readonly usable: boolean = false;
  readonly #nodes = new Map<number, number>();
  readonly #ofUid = new Map<number, number>();

  constructor(srat: AcpiTable | undefined, remarks: Remarks) {
    if (srat === undefined) return;
    const { entries, trouble } = entriesOf(srat, TABLES.SRAT);
    const broken = trouble ?? firstTrouble(entries);
    if (broken) {
      remarks.trouble("SRAT", broken, "without NUMA everything is of node 0");
      return;
    }
    this.usable = true;
    // Software reads the entries of cpus and other initiators before those of memory, and numbers domains as they come.
    for (const entry of entries) {
      const isCpu = isA(entry, GICC_AFFINITY);
      if (!isCpu && !isA(entry, INITIATOR_AFFINITY)) continue;
      if ((entry.values.flags & SRAT_ENABLED) === 0) continue;
      this.#use(entry.values.domain);
      if (isCpu) this.#ofUid.set(entry.values.uid, entry.values.domain);
    }
    const memory: MemoryRange[] = [];
    for (const entry of entries) {
      if (!isA(entry, MEMORY_AFFINITY) || (entry.values.flags & SRAT_ENABLED) === 0) continue;
      const domain = srat.header.revision > 1 ? entry.values.domain : entry.values.domain % 256;
      this.#use(domain);
      memory.push({ domain, base: entry.values.base, bytes: entry.values.bytes, at: entry.at });
    }
    this.memory = memory;
  }

  #use(domain: number): void {
    if (!this.#nodes.has(domain)) this.#nodes.set(domain, this.#nodes.size);
  }

  /** The number that software gives the domain, or undefined where the SRAT has none of it. */
  nodeOf(domain: number): number | undefined {
    return this.#nodes.get(domain);
  }

  domainOf({ uid }: MadtCpu): number | undefined {
    return this.#ofUid.get(uid);
  }

  /** Node by node, or node 0 alone. */
  get domains(): readonly number[] {
    return [...this.#nodes.keys()];
  }
}

function firstTrouble(entries: readonly { readonly trouble?: Trouble }[]): Trouble | undefined {
  return entries.find((entry) => entry.trouble)?.trouble;
}
