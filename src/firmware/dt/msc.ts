// MSCs as the two bindings describe them (linux-driver.md 9.1, 9.2).

import type { FirmwareMsc, FirmwareResource } from "../description.ts";
import { regionsOf } from "./address.ts";
import type { Findings } from "./finding.ts";
import { EDGE_RISING, interruptsOf } from "./interrupts.ts";
import type { Topology } from "./topology.ts";
import type { DeviceTree, DtNode } from "./tree.ts";

export const MSC = "arm,mpam-msc";
/** Of a RIS node. */
export const RIS_CACHE = "arm,mpam-cache";
export const RIS_MEMORY = "arm,mpam-memory";
/** Of an MSC that stands in the node of the memory it controls. */
export const MEMORY_MSC = "arm,mpam-memory-controller-msc";
export const NOT_READY = "arm,not-ready-us";
export const DEVICE = "arm,mpam-device";

export type Binding = "dt" | "android";

export const RIS_MAXIMUM = 15;

export interface TreeMsc {
  readonly node: DtNode;
  readonly msc: FirmwareMsc;
  /** The error interrupt is a pulse. */
  readonly edge: boolean;
}

export interface TreeMscs {
  readonly binding: Binding;
  readonly mscs: readonly TreeMsc[];
  /** Nodes that are in use, described well or not. */
  readonly counted: number;
}

/** Why an MSC cannot be used. */
class Unusable extends Error {
  constructor(
    readonly node: DtNode,
    message: string,
    readonly property?: string,
  ) {
    super(message);
  }
}

export function readMscs(tree: DeviceTree, topology: Topology, findings: Findings): TreeMscs {
  const nodes = [...tree.root.walk()].filter((node) => node.isCompatible(MSC));
  for (const node of nodes.filter((one) => !one.isAvailable)) {
    findings.add("note", node, "status is not okay: it is not used, and not counted", "status");
  }
  const available = nodes.filter((node) => node.isAvailable);
  const binding = available.length > 0 && available.every(isOlder) ? "android" : "dt";
  const ids = numbersOf(available, tree, findings);
  const everyCpu = new Set(topology.cpus.map(({ cpu }) => cpu));
  const mscs = available.flatMap((node) => {
    try {
      const id = ids.get(node) as number;
      return [new MscReader(node, tree, topology, everyCpu, findings).read(id, binding)];
    } catch (problem) {
      if (!(problem instanceof Unusable)) throw problem;
      const effect = "the MSC cannot be used, and MPAM is never enabled";
      findings.add("error", problem.node, `${problem.message}: ${effect}`, problem.property);
      return [];
    }
  });
  return { binding, mscs: mscs.sort((a, b) => a.msc.id - b.msc.id), counted: available.length };
}

/** The older binding has a register window, and no word on what it is for. */
function isOlder(node: DtNode): boolean {
  const own = ["interrupts", "interrupts-extended", NOT_READY, "numa-node-id"];
  const compatible = [MEMORY_MSC, RIS_CACHE, RIS_MEMORY].some((what) => node.isCompatible(what));
  const nested = node.parent?.isCompatible("cache") ?? false;
  return node.children.length === 0 && !nested && !compatible && !own.some((name) => node.has(name));
}

/** Aliases msc0, msc1, ... number MSCs; those without get what is left, in the order of the tree. */
function numbersOf(nodes: readonly DtNode[], tree: DeviceTree, findings: Findings): Map<DtNode, number> {
  const numbers = new Map<DtNode, number>();
  const there = new Set(nodes);
  const aliases = tree.root.child("aliases");
  for (const name of aliases?.properties.keys() ?? []) {
    const number = /^msc(0|[1-9]\d{0,8})$/.exec(name)?.[1];
    if (number === undefined || !aliases) continue;
    const node = tree.byPath(aliases.strings(name)?.[0] ?? "");
    if (!node || !there.has(node)) findings.add("warning", aliases, `${name} names no MSC that is in use`, name);
    else if (numbers.has(node))
      findings.add("warning", aliases, `${name} names an MSC that has a number already`, name);
    else numbers.set(node, Number(number));
  }
  const taken = new Set(numbers.values());
  let next = 0;
  for (const node of nodes) {
    if (numbers.has(node)) continue;
    while (taken.has(next)) next++;
    numbers.set(node, next++);
  }
  return numbers;
}

class MscReader {
  constructor(
    readonly node: DtNode,
    readonly tree: DeviceTree,
    readonly topology: Topology,
    readonly everyCpu: ReadonlySet<number>,
    readonly findings: Findings,
  ) {}

  read(id: number, binding: Binding): TreeMsc {
    const window = this.#window();
    const cpus = binding === "android" ? this.everyCpu : this.#cpus();
    const { error, overflow } = this.#interrupts();
    const nrdyUsec = this.node.cell(NOT_READY);
    if (nrdyUsec === undefined && this.node.has(NOT_READY)) {
      this.findings.add("warning", this.node, `${NOT_READY} is no cell, and taken as not there`, NOT_READY);
    }
    const resources = binding === "android" ? [] : this.#resources();
    const msc: FirmwareMsc = {
      id,
      interface: "mmio",
      ...window,
      ...(nrdyUsec === undefined ? {} : { nrdyUsec }),
      errorInterrupt: error?.intid ?? 0,
      overflowInterrupt: overflow?.intid ?? 0,
      cpus,
      resources,
    };
    return { node: this.node, msc, edge: error?.flags === EDGE_RISING };
  }

  #window(): { readonly address: number; readonly bytes: number } {
    const regions = regionsOf(this.node, 2);
    if (typeof regions === "string") throw new Unusable(this.node, regions, "reg");
    const [window] = regions;
    if (regions.length > 1) {
      this.findings.add("warning", this.node, `reg has several regions; the first one counts`, "reg");
    }
    return window as { address: number; bytes: number };
  }

  /** Where it stands says who reaches it. */
  #cpus(): ReadonlySet<number> {
    const parent = this.node.parent as DtNode;
    if (!parent.parent || parent.isCompatible("memory")) return this.everyCpu;
    if (!parent.isCompatible("cache")) {
      throw new Unusable(this.node, `its parent is neither the root nor compatible with "cache" or "memory"`);
    }
    const cpus = this.topology.cpusOf.get(parent);
    if (!cpus) throw new Unusable(this.node, `no cpu has the cache that it stands in, so none reaches it`);
    return cpus;
  }

  #interrupts() {
    const names = this.node.strings("interrupt-names") ?? [];
    const list = interruptsOf(this.node, this.tree);
    if (typeof list === "string") {
      this.findings.add("warning", this.node, `${list}; it is used without interrupts`, "interrupts");
      return {};
    }
    if (list.length > 0 && names.length === 0) {
      const text = "interrupts need interrupt-names (error, overflow); it is used without interrupts";
      this.findings.add("warning", this.node, text, "interrupts");
    }
    const named = (name: string) => list[names.indexOf(name)];
    return { error: named("error"), overflow: named("overflow") };
  }

  #resources(): FirmwareResource[] {
    const children = this.node.children.filter((child) => child.isAvailable);
    const instances = children.flatMap((child) => {
      const ris = child.cell("reg");
      if (ris === undefined) this.findings.add("warning", child, "reg is missing or no cell: it is no RIS", "reg");
      return ris === undefined ? [] : [{ node: child, ris }];
    });
    if (instances.length === 0) instances.push({ node: this.node, ris: 0 });
    const taken = new Set<number>();
    return instances.map(({ node, ris }) => {
      if (ris > RIS_MAXIMUM) throw new Unusable(node, `reg says RIS ${ris}; 0 to ${RIS_MAXIMUM} are allowed`, "reg");
      if (taken.has(ris)) throw new Unusable(node, `reg says RIS ${ris}, as another node of the MSC does`, "reg");
      taken.add(ris);
      return { ris, ...this.#resource(node) };
    });
  }

  /** The first rule that applies decides what a RIS controls. */
  #resource(ris: DtNode): Omit<FirmwareResource, "ris"> {
    const parent = ris.parent as DtNode;
    if (ris.isCompatible(RIS_CACHE)) return this.#cache(this.#device(ris), ris);
    if (parent.isCompatible("cache")) return this.#cache(parent, ris);
    if (ris.isCompatible(RIS_MEMORY)) {
      this.#device(ris);
      return this.#memory(ris);
    }
    if (ris.isCompatible(MEMORY_MSC)) return this.#memory(ris);
    return { kind: "unknown", id: 0 };
  }

  #device(ris: DtNode): DtNode {
    const device = this.tree.follow(ris, DEVICE);
    if (device) return device;
    throw new Unusable(ris, `${DEVICE} is missing, or names no node`, DEVICE);
  }

  #cache(cache: DtNode, ris: DtNode): Omit<FirmwareResource, "ris"> {
    if (!cache.has("cache-level")) throw new Unusable(ris, `${cache}, its cache, has no cache-level`);
    const found = this.topology.cacheOf.get(cache);
    if (!found) throw new Unusable(ris, `no cpu has ${cache}, its cache, so that it has no id`);
    return { kind: "cache", id: found.id, level: found.level };
  }

  #memory(ris: DtNode): Omit<FirmwareResource, "ris"> {
    return { kind: "memory", id: ris.inherited("numa-node-id") ?? 0 };
  }
}
