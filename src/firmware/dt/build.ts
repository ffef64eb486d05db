// The device tree of a platform, as its firmware hands it to software (docs/firmware.md).

import { ErrnoError } from "../../errno/index.ts";
import {
  type CacheDescription,
  cachesBelow,
  cachesOfCpus,
  type MemoryDescription,
  type MscInstance,
  mscInstances,
  type Platform,
  SMMU_WINDOW_BYTES,
} from "../../platform/index.ts";
import { showCpus } from "../../written/index.ts";
import { MSC_PAGE_BYTES } from "../page.ts";
import { writeFdt } from "./fdt-write.ts";
import { EDGE_RISING, INTERRUPTS, interruptCells, LEVEL_HIGH } from "./interrupts.ts";
import { DEVICE, MSC, NOT_READY, RIS_CACHE, RIS_MEMORY } from "./msc.ts";
import { SMMU } from "./smmu.ts";
import { DeviceTree, DtNode, twoCells, type Value } from "./tree.ts";

/** Where memory begins, node after node. */
const MEMORY_BASE = 0x80_0000_0000;

/**
 * The bytes of a platform's device tree, in the binding that `firmware` names: dt or android. Throws ErrnoError EINVAL for
 * what the binding cannot say.
 */
export function deviceTree(platform: Platform): Uint8Array {
  return writeFdt(treeOf(platform));
}

export function treeOf(platform: Platform): DeviceTree {
  if (platform.firmware === "acpi") {
    throw refusal(`${platform.name} has firmware: acpi; write firmware: dt or firmware: android in the platform file`);
  }
  return new TreeBuilder(platform).build();
}

class TreeBuilder {
  readonly #platform: Platform;
  readonly #instances: readonly MscInstance[];
  readonly #root = new DtNode("");
  readonly #phandles = new Map<DtNode, number>();
  readonly #cpus: readonly DtNode[];
  readonly #memory: ReadonlyMap<MemoryDescription, DtNode>;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#instances = mscInstances(platform);
    this.#cpus = Array.from({ length: platform.cpus }, (_, cpu) => node(`cpu@${hex(cpu)}`, { device_type: "cpu" }));
    this.#memory = new Map(platform.memory.map((memory, at) => [memory, this.#memoryNode(memory, at)]));
  }

  build(): DeviceTree {
    const { name } = this.#platform;
    this.#root.set("#address-cells", [2]).set("#size-cells", [2]).set("compatible", "mpam-emulator,machine");
    this.#root.set("model", name);
    if (this.#platform.firmware === "android") this.#addOlder();
    else this.#addAll();
    for (const { base } of this.#platform.smmus) {
      const reg = [...twoCells(base), ...twoCells(SMMU_WINDOW_BYTES)];
      this.#root.add(node(`iommu@${hex(base)}`, { compatible: SMMU, reg, "#iommu-cells": [1] }));
    }
    return new DeviceTree(this.#root);
  }

  /** The older binding: cpus, memory, and a window for each MSC. */
  #addOlder(): void {
    this.#addCpus();
    this.#addMemory();
    for (const { msc, address, description } of this.#instances) {
      if (description.cpus.length < this.#platform.cpus) {
        throw refusal(
          `MSC ${msc} is reached by cpus ${showCpus(description.cpus)}; with firmware: android all cpus are`,
        );
      }
      this.#root.add(mscNode(windowOf(msc, address)));
    }
  }

  #addAll(): void {
    const placed = this.#instances.map((instance) => ({ instance, place: this.#placeOf(instance) }));
    const caches = this.#cacheNodes(new Set(placed.flatMap(({ place }) => place ?? [])));
    const aliases = this.#root.add(node("aliases"));
    const controller = this.#instances.some(({ description: { errorInterrupt: e, overflowInterrupt: o } }) => e || o)
      ? node("interrupt-controller", {
          compatible: "arm,gic-v3",
          "#address-cells": [0],
          "#interrupt-cells": [3],
          "interrupt-controller": true,
        })
      : undefined;
    if (controller) this.#root.set("interrupt-parent", [this.#phandle(controller)]);
    this.#addCpus();
    this.#linkCaches(caches);
    for (const cache of caches.values()) this.#root.add(cache);
    this.#addMemory();
    if (controller) this.#root.add(controller);
    for (const { instance, place } of placed) {
      const parent = (place && caches.get(place)) ?? this.#root;
      if (parent !== this.#root && parent.children.length === 0) {
        parent.set("#address-cells", [2]).set("#size-cells", [2]).set("ranges", true);
      }
      const msc = parent.add(this.#mscNode(instance, caches));
      aliases.set(`msc${instance.msc}`, msc.path);
    }
    if (placed.length === 0) this.#root.children.splice(this.#root.children.indexOf(aliases), 1);
  }

  /** The cache in whose node an MSC has to stand to be reached by its cpus; undefined for the root: all reach it. */
  #placeOf({ msc, description, resource }: MscInstance): CacheDescription | undefined {
    const { cpus, caches } = this.#platform;
    if (description.cpus.length === cpus) return undefined;
    const fits = caches.filter((cache) => sameCpus(cache.cpus, description.cpus));
    const own = fits.find((cache) => resource.kind === "cache" && cache === resource.cache);
    const place = own ?? fits.sort((a, b) => b.level - a.level)[0];
    if (place) return place;
    const where = `MSC ${msc} is reached by cpus ${showCpus(description.cpus)}`;
    throw refusal(`${where}; a device tree can say all cpus, or those of a cache`);
  }

  /** A cache of level 1 that one cpu has for itself, and that nothing points to, is described in the node of the cpu. */
  #cacheNodes(places: ReadonlySet<CacheDescription>): Map<CacheDescription, DtNode> {
    const apart = ({ level, cpus, msc }: CacheDescription) => level > 1 || cpus.length > 1 || msc !== undefined;
    const caches = this.#platform.caches.filter((cache) => apart(cache) || places.has(cache));
    return new Map(
      caches.map((cache) => {
        const properties = { compatible: "cache", "cache-level": [cache.level], ...shapeOf(cache) };
        return [cache, node(`l${cache.level}-cache-${cache.id}`, properties)];
      }),
    );
  }

  #linkCaches(nodes: ReadonlyMap<CacheDescription, DtNode>): void {
    const { caches } = this.#platform;
    const below = cachesBelow(this.#platform);
    const link = (from: DtNode, cache: number | undefined) => {
      const to = nodes.get(caches[cache ?? -1] as CacheDescription);
      if (to) from.set("next-level-cache", [this.#phandle(to)]);
    };
    cachesOfCpus(this.#platform).forEach((way, cpu) => {
      const inside = way.find((cache) => !nodes.has(caches[cache] as CacheDescription));
      const at = this.#cpus[cpu] as DtNode;
      if (inside !== undefined) {
        for (const [name, value] of Object.entries(shapeOf(caches[inside] as CacheDescription))) at.set(name, value);
      }
      link(
        at,
        way.find((cache) => cache !== inside),
      );
    });
    caches.forEach((cache, index) => {
      const from = nodes.get(cache);
      if (from) link(from, below[index]);
    });
  }

  #addCpus(): void {
    const { memory, clusters } = this.#platform;
    const parent = this.#root.add(node("cpus", { "#address-cells": [1], "#size-cells": [0] }));
    const nodes = new Map(memory.flatMap((one) => one.cpus.map((cpu) => [cpu, one.node] as const)));
    this.#cpus.forEach((cpu, number) => {
      cpu.set("compatible", "arm,armv8").set("reg", [number]);
      const numa = nodes.get(number);
      if (numa !== undefined) cpu.set("numa-node-id", [numa]);
      parent.add(cpu);
    });
    if (clusters.length === 0) return;
    const inOne = new Set(clusters.flat());
    const others = this.#cpus.flatMap((_, cpu) => (inOne.has(cpu) ? [] : [cpu]));
    const map = parent.add(node("cpu-map"));
    [...clusters, ...(others.length > 0 ? [others] : [])].forEach((cpus, number) => {
      const cluster = map.add(node(`cluster${number}`));
      cpus.forEach((cpu, core) => {
        cluster.add(node(`core${core}`, { cpu: [this.#phandle(this.#cpus[cpu] as DtNode)] }));
      });
    });
  }

  #addMemory(): void {
    for (const memory of this.#memory.values()) this.#root.add(memory);
  }

  #memoryNode({ node: numa, bytes }: MemoryDescription, at: number): DtNode {
    const before = this.#platform.memory.slice(0, at).reduce((sum, memory) => sum + memory.bytes, 0);
    const base = MEMORY_BASE + before;
    const reg = [...twoCells(base), ...twoCells(bytes)];
    return node(`memory@${hex(base)}`, { device_type: "memory", reg, "numa-node-id": [numa] });
  }

  #mscNode(instance: MscInstance, caches: ReadonlyMap<CacheDescription, DtNode>): DtNode {
    const { msc, address, description, resource } = instance;
    const device = resource.kind === "cache" ? caches.get(resource.cache) : this.#memory.get(resource.memory);
    const phandle = this.#phandle(device as DtNode);
    const at = mscNode(windowOf(msc, address));
    const interrupts = [
      { name: "error", intid: description.errorInterrupt, edge: description.errorStyle === "edge" },
      { name: "overflow", intid: description.overflowInterrupt, edge: false },
    ].filter(({ intid }) => intid !== 0);
    if (interrupts.length > 0) {
      const cells = ({ name, intid, edge }: (typeof interrupts)[number]) => {
        const known = interruptCells(intid, edge ? EDGE_RISING : LEVEL_HIGH);
        if (known) return known;
        throw refusal(`MSC ${msc}: ${name}Interrupt is ${intid}; a device tree can say ${INTERRUPTS}`);
      };
      at.set("interrupts", interrupts.flatMap(cells)).set(
        "interrupt-names",
        interrupts.map(({ name }) => name),
      );
    }
    at.set(NOT_READY, [description.nrdyUsec]);
    if (resource.kind === "memory") at.set("numa-node-id", [resource.memory.node]);
    at.set("#address-cells", [1]).set("#size-cells", [0]);
    const compatible = resource.kind === "cache" ? RIS_CACHE : RIS_MEMORY;
    for (const { ris } of description.ris)
      at.add(node(`ris@${hex(ris)}`, { compatible, reg: [ris], [DEVICE]: [phandle] }));
    return at;
  }

  /** The number by which properties name a node; it has one from then on. */
  #phandle(of: DtNode): number {
    const phandle = this.#phandles.get(of) ?? this.#phandles.size + 1;
    this.#phandles.set(of, phandle);
    of.set("phandle", [phandle]);
    return phandle;
  }
}

function windowOf(msc: number, address: number | undefined): number {
  if (address !== undefined) return address;
  throw refusal(`MSC ${msc} is reached through a mailbox; a device tree can say register pages, ACPI tables say both`);
}

function mscNode(address: number): DtNode {
  return node(`msc@${hex(address)}`, { compatible: MSC, reg: [...twoCells(address), ...twoCells(MSC_PAGE_BYTES)] });
}

function shapeOf({ bytes, ways, lineBytes }: CacheDescription) {
  return {
    "cache-unified": true,
    "cache-size": [bytes],
    "cache-sets": [bytes / (ways * lineBytes)],
    "cache-line-size": [lineBytes],
  } as const;
}

function node(name: string, properties: { readonly [name: string]: Value } = {}): DtNode {
  const made = new DtNode(name);
  for (const [key, value] of Object.entries(properties)) made.set(key, value);
  return made;
}

function sameCpus(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((cpu) => others.includes(cpu));
}

function hex(value: number): string {
  return value.toString(16);
}

function refusal(problem: string): ErrnoError {
  return new ErrnoError("EINVAL", `device tree: ${problem}`);
}
