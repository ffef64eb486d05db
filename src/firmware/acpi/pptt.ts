// Processors, containers and caches as Linux finds them in the PPTT (linux-driver reference 8.6).

import { hex } from "./bytes.ts";
import { bitsOf, readLayout, type Values } from "./layout.ts";
import type { MadtCpu } from "./madt.ts";
import type { Remarks } from "./remarks.ts";
import { type AcpiTable, type Entry, entriesOf, isA, Steps } from "./table.ts";
import { CACHE, CACHE_FLAGS, CACHE_TYPE, PROCESSOR, PROCESSOR_FLAGS, TABLES } from "./tables.ts";

export interface PpttCache {
  readonly at: number;
  /** Absent: the table gives it none. */
  readonly id?: number;
  readonly type: "data" | "instruction" | "unified" | "unknown";
  readonly values: Values<typeof CACHE>;
}

/** A cache on the way of a cpu to memory. */
export interface CacheOnWay {
  readonly level: number;
  /** Where the processor is that it hangs at. */
  readonly owner: number;
  readonly cache: PpttCache;
}

interface Processor {
  readonly at: number;
  readonly values: Values<typeof PROCESSOR>;
  readonly resources: readonly number[];
}

const TYPES = ["data", "instruction", "unified", "unified"] as const;
/** In the order in which Linux asks for them at each level. */
const ASKED = ["instruction", "data", "unified"] as const;
/** The shortest processor node: no resources. */
const PROCESSOR_LEAST = PROCESSOR.bytes;

export class Processors {
  /** Every cache structure in the order of the table. */
  readonly caches: readonly PpttCache[];
  readonly #leaves = new Map<number, Processor>();
  readonly #containers = new Map<number, number>();
  readonly #nodes = new Map<number, Processor | undefined>();
  readonly #cacheAt = new Map<number, PpttCache | undefined>();
  readonly #steps: Steps;

  constructor(
    private readonly table: AcpiTable | undefined,
    private readonly remarks: Remarks,
    compat: boolean,
  ) {
    this.#steps = new Steps("PPTT", table?.bytes.length ?? 0);
    const { entries, trouble } = table ? entriesOf(table, TABLES.PPTT) : { entries: [] };
    if (trouble) remarks.trouble("PPTT", trouble, "what follows is found only where something refers to it");
    this.caches = entries.flatMap((entry) => (isA(entry, CACHE) ? (this.#cache(entry.at) ?? []) : []));
    const processors = entries.filter((entry) => isA(entry, PROCESSOR)) as Entry<typeof PROCESSOR>[];
    const parents = new Set(processors.map(({ values }) => values.parent));
    const revision = table?.header.revision ?? 0;
    for (const { at, length, values } of processors) {
      const { flags, processorId } = values;
      const exact = length === PROCESSOR_LEAST + 4 * values.resourceCount;
      const leaf = revision > 1 ? (flags & PROCESSOR_FLAGS.leaf) !== 0 : !parents.has(at);
      const node = this.#node(at);
      if (!exact) {
        const right = `${PROCESSOR_LEAST + 4 * values.resourceCount} is needed for ${values.resourceCount} resources`;
        remarks.add("PPTT", at, `processor ${processorId}: length is ${length}; ${right}`);
      }
      if (node === undefined) continue;
      if (leaf && exact && !this.#leaves.has(processorId)) this.#leaves.set(processorId, node);
      if (leaf || (flags & PROCESSOR_FLAGS.idValid) === 0 || this.#containers.has(processorId)) continue;
      // Linux does not look at the length of a container.
      if (exact || compat) this.#containers.set(processorId, at);
    }
  }

  /** Where the container of that number is. */
  container(uid: number): number | undefined {
    return this.#containers.get(uid);
  }

  hasLeaf({ uid }: MadtCpu): boolean {
    return this.#leaves.has(uid);
  }

  /** The nodes above a cpu, itself included, from the leaf up. */
  ancestors({ uid }: MadtCpu): Processor[] {
    const found: Processor[] = [];
    const seen = new Set<number>();
    let node = this.#leaves.get(uid);
    while (node !== undefined) {
      this.#steps.take(node.at);
      if (seen.has(node.at)) {
        this.remarks.add("PPTT", node.at, "the parents of this processor lead back to it; the walk ends there");
        break;
      }
      seen.add(node.at);
      found.push(node);
      const { parent } = node.values;
      const above = this.#node(parent);
      if (above === undefined && parent !== 0) {
        this.remarks.add("PPTT", node.at + 8, `parent ${hex(parent)} is no processor; the walk ends there`);
      }
      node = above;
    }
    return found;
  }

  /**
   * The caches of a cpu as Linux asks for them: level by level while there is one of the level, instruction before data
   * before unified; of two of one kind the nearest.
   */
  cachesOf(cpu: MadtCpu): CacheOnWay[] {
    const found = new Map<string, CacheOnWay>();
    let level = 0;
    for (const node of this.ancestors(cpu)) {
      const here = new Map<string, CacheOnWay>();
      let deepest = level;
      for (const resource of node.resources) {
        let local = level;
        for (const cache of this.#chain(resource)) {
          local++;
          const key = `${local} ${cache.type}`;
          if (cache.type === "unknown") continue;
          const other = here.get(key);
          if (other && other.cache !== cache) {
            const what = `processor has two ${cache.type} caches of level ${local}; the one at ${hex(cache.at)} counts`;
            this.remarks.add("PPTT", node.at, what);
          }
          here.set(key, { level: local, owner: node.at, cache });
        }
        deepest = Math.max(deepest, local);
      }
      for (const [key, one] of here) found.set(key, one);
      level = deepest;
    }
    const way: CacheOnWay[] = [];
    for (let one = 1; ; one++) {
      const ofLevel = ASKED.flatMap((type) => found.get(`${one} ${type}`) ?? []);
      if (ofLevel.length === 0) return way;
      way.push(...ofLevel);
    }
  }

  /** A cache and the levels behind it. */
  #chain(first: number): PpttCache[] {
    const chain: PpttCache[] = [];
    const seen = new Set<number>();
    let at = first;
    while (true) {
      this.#steps.take(at);
      const cache = this.#cache(at);
      if (cache === undefined) {
        if (at !== 0 && !this.#isStructure(at))
          this.remarks.add("PPTT", at, "no cache is here, though something refers to it");
        return chain;
      }
      if (seen.has(at)) {
        this.remarks.add("PPTT", at, "the next levels of this cache lead back to it; the walk ends there");
        return chain;
      }
      seen.add(at);
      chain.push(cache);
      at = cache.values.nextLevel;
    }
  }

  /** Length of what an offset names, or 0 for none: a structure that begins and ends within the table. */
  #lengthAt(at: number): number {
    const bytes = this.table?.bytes;
    if (bytes === undefined || at < 2 || at + 2 > bytes.length) return 0;
    const length = bytes.number(at + 1, 1);
    return at + length > bytes.length ? 0 : length;
  }

  #isStructure(at: number): boolean {
    return this.#lengthAt(at) > 0;
  }

  #cache(at: number): PpttCache | undefined {
    if (!this.#cacheAt.has(at)) this.#cacheAt.set(at, this.#readCache(at));
    return this.#cacheAt.get(at);
  }

  #readCache(at: number): PpttCache | undefined {
    const length = this.#lengthAt(at);
    if (this.table === undefined || length < CACHE.least || this.table.bytes.number(at, 1) !== CACHE.type)
      return undefined;
    const values = readLayout(CACHE, this.table.bytes, at, at + length);
    const has = (flag: number) => (values.flags & flag) !== 0;
    const named = this.table.header.revision >= 3 && length >= CACHE.bytes && has(CACHE_FLAGS.id);
    const type = has(CACHE_FLAGS.type) ? TYPES[bitsOf(values.attributes, CACHE_TYPE)] : undefined;
    return { at, ...(named ? { id: values.cacheId } : {}), type: type ?? "unknown", values };
  }

  #node(at: number): Processor | undefined {
    if (!this.#nodes.has(at)) this.#nodes.set(at, this.#readNode(at));
    return this.#nodes.get(at);
  }

  #readNode(at: number): Processor | undefined {
    const length = this.#lengthAt(at);
    if (this.table === undefined || length < PROCESSOR_LEAST || this.table.bytes.number(at, 1) !== PROCESSOR.type) {
      return undefined;
    }
    const values = readLayout(PROCESSOR, this.table.bytes, at, at + length);
    return { at, values, resources: values.resources };
  }
}
