// The PPTT of a platform: cpus in containers, containers in containers, and caches at each of them.

import { ErrnoError } from "../../errno/index.ts";
import { type CacheDescription, mscInstances, type Platform } from "../../platform/index.ts";
import { showCpus } from "../../written/index.ts";
import { writeLayout } from "./layout.ts";
import { bodyAt, type Maker, makeTable } from "./table.ts";
import { CACHE, CACHE_FLAGS, PROCESSOR, PROCESSOR_FLAGS } from "./tables.ts";

export interface Tree {
  readonly table: Uint8Array;
  /** The number of the container with exactly these cpus; undefined where they are all there are. */
  container(cpus: readonly number[]): number | undefined;
}

/** Read and write allocate, unified, write-back. */
const ATTRIBUTES = 0b0_10_10;
const UNIFIED = 0b10_00;
const ALL_FLAGS = Object.values(CACHE_FLAGS).reduce((sum, flag) => sum | flag, 0);

interface Container {
  readonly cpus: readonly number[];
  readonly uid: number;
  readonly parent: Container | undefined;
}

export function treeOf(platform: Platform, maker: Maker): Tree {
  const containers = containersOf(platform);
  return {
    table: makeTable("PPTT", 3, maker, writeTree(platform, [...containers.values()])),
    container: (cpus) => (cpus.length === platform.cpus ? undefined : containers.get(keyOf(cpus))?.uid),
  };
}

const keyOf = (cpus: readonly number[]) => [...cpus].sort((a, b) => a - b).join();

/** Every set of cpus that shares a cache or reaches an MSC, the large ones first; their numbers follow those of the cpus. */
function containersOf(platform: Platform): Map<string, Container> {
  const sets = new Map<string, { readonly cpus: readonly number[]; readonly why: string }>();
  const add = (cpus: readonly number[], why: string) => {
    if (!sets.has(keyOf(cpus))) sets.set(keyOf(cpus), { cpus, why });
  };
  for (const { cpus, level, id } of platform.caches) if (cpus.length > 1) add(cpus, `share L${level} cache ${id}`);
  for (const { msc, description } of mscInstances(platform)) {
    if (description.cpus.length < platform.cpus) add(description.cpus, `reach MSC ${msc}`);
  }
  const containers = new Map<string, Container>();
  // The smallest container of each cpu so far, and why it is there.
  const around: ({ readonly container: Container; readonly why: string } | undefined)[] = [];
  for (const [key, { cpus, why }] of [...sets].sort(([, a], [, b]) => b.cpus.length - a.cpus.length)) {
    const parent = around[cpus[0] as number];
    const stray = cpus.find((cpu) => around[cpu] !== parent);
    if (stray !== undefined) {
      const other = [parent, around[stray]].find(
        (one) => one && !cpus.every((cpu) => one.container.cpus.includes(cpu)),
      );
      const crossing = `cpus ${showCpus(cpus)} ${why}, cpus ${showCpus(other?.container.cpus ?? [])} ${other?.why}`;
      throw new ErrnoError("EINVAL", `PPTT: ${crossing}; ACPI needs sets of cpus that lie in one another or apart`);
    }
    const container = { cpus, uid: platform.cpus + containers.size, parent: parent?.container };
    containers.set(key, container);
    const inside = { container, why };
    for (const cpu of cpus) around[cpu] = inside;
  }
  return containers;
}

/** Where caches hang: at a container, or at a cpu that has them for itself. */
type Owner = Container | number;

function writeTree({ caches, cpus }: Platform, containers: readonly Container[]): Uint8Array[] {
  const stacks = new Map<Owner, CacheDescription[]>();
  for (const cache of [...caches].sort((a, b) => a.level - b.level)) {
    const owner = ownerOf(cache, containers);
    stacks.set(owner, [...(stacks.get(owner) ?? []), cache]);
  }
  const smallest = smallestOf(containers, cpus);
  const chains = new Chains(caches);
  const starts = new Map<Owner, number>();
  const leaves = Array.from({ length: cpus }, (_, cpu) => cpu);
  for (const owner of [...containers, ...leaves]) {
    const above = typeof owner === "number" ? smallest[owner] : owner.parent;
    starts.set(owner, chains.add(owner, stacks.get(owner) ?? [], lowestFrom(above, stacks)));
  }
  const cacheParts = chains.parts();
  let at = bodyAt + cacheParts.length * CACHE.bytes;
  const places = new Map<Container, number>();
  const node = (owner: Owner, parent: Container | undefined): Uint8Array => {
    const start = starts.get(owner) ?? 0;
    const leaf = typeof owner === "number";
    const role = leaf ? PROCESSOR_FLAGS.leaf : parent === undefined ? PROCESSOR_FLAGS.package : 0;
    const part = writeLayout(PROCESSOR, {
      flags: PROCESSOR_FLAGS.idValid | role,
      parent: parent === undefined ? 0 : (places.get(parent) as number),
      processorId: leaf ? owner : owner.uid,
      resources: start === 0 ? [] : [start],
    });
    if (!leaf) places.set(owner, at);
    at += part.length;
    return part;
  };
  const containerParts = containers.map((container) => node(container, container.parent));
  return [...cacheParts, ...containerParts, ...leaves.map((cpu) => node(cpu, smallest[cpu]))];
}

function ownerOf({ cpus }: CacheDescription, containers: readonly Container[]): Owner {
  const key = keyOf(cpus);
  return cpus.length === 1 ? (cpus[0] as number) : (containers.find((one) => keyOf(one.cpus) === key) as Container);
}

/** For each cpu the smallest container that it is in; the large ones come first. */
function smallestOf(containers: readonly Container[], cpus: number): (Container | undefined)[] {
  const smallest = Array.from<Container | undefined>({ length: cpus });
  for (const container of containers) for (const cpu of container.cpus) smallest[cpu] = container;
  return smallest;
}

/** The level of the first cache on the way up from there; undefined: there is none. */
function lowestFrom(
  from: Container | undefined,
  stacks: ReadonlyMap<Owner, readonly CacheDescription[]>,
): number | undefined {
  for (let one = from; one !== undefined; one = one.parent) {
    const [lowest] = stacks.get(one) ?? [];
    if (lowest) return lowest.level;
  }
  return undefined;
}

/**
 * Cache structures. Software finds a level by counting, so that levels without a cache have structures that say nothing but
 * that they are there: no size, no id.
 */
class Chains {
  readonly #nextLevel = new Map<CacheDescription, number>();
  /** Where the empty structure is that leads to an offset. */
  readonly #empty = new Map<number, number>();

  constructor(private readonly caches: readonly CacheDescription[]) {}

  /** The caches of one owner, filled up to the level below `above`. Gives where they begin, or 0. */
  add(owner: Owner, stack: readonly CacheDescription[], above: number | undefined): number {
    // A container begins where everything below it has been filled up to.
    const first = typeof owner === "number" ? 1 : (stack[0]?.level ?? 0);
    if (stack.length === 0 && typeof owner !== "number") return 0;
    let next = 0;
    let level = above ?? (stack.at(-1)?.level ?? 0) + 1;
    for (const cache of [...stack].reverse()) {
      next = this.#fill(next, level - cache.level - 1);
      this.#nextLevel.set(cache, next);
      next = this.#place(cache);
      level = cache.level;
    }
    return this.#fill(next, level - first);
  }

  #place(cache: CacheDescription): number {
    return bodyAt + CACHE.bytes * this.caches.indexOf(cache);
  }

  #fill(next: number, levels: number): number {
    let at = next;
    for (let level = 0; level < levels; level++) {
      const place = this.#empty.get(at) ?? bodyAt + CACHE.bytes * (this.caches.length + this.#empty.size);
      this.#empty.set(at, place);
      at = place;
    }
    return at;
  }

  /** Caches in file order, then the empty ones. */
  parts(): Uint8Array[] {
    const empty = [...this.#empty.keys()].map((nextLevel) =>
      writeLayout(CACHE, { flags: CACHE_FLAGS.type, attributes: UNIFIED, nextLevel }),
    );
    return [...this.caches.map((cache) => this.#part(cache)), ...empty];
  }

  #part(cache: CacheDescription): Uint8Array {
    const { bytes, ways, lineBytes, id } = cache;
    return writeLayout(CACHE, {
      flags: ALL_FLAGS,
      nextLevel: this.#nextLevel.get(cache) ?? 0,
      bytes,
      sets: bytes / (ways * lineBytes),
      ways,
      attributes: ATTRIBUTES,
      lineBytes,
      cacheId: id,
    });
  }
}
