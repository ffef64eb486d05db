// Cpus, the caches behind them, clusters and memory, as nodes of a tree say it.

import { regionsOf, wide } from "./address.ts";
import type { Findings } from "./finding.ts";
import type { DeviceTree, DtNode } from "./tree.ts";

export interface TreeCpu {
  readonly cpu: number;
  readonly node: DtNode;
  readonly numaNode: number;
}

export interface TreeCache {
  /** That of a cpu for the cache of level 1 that is described there. */
  readonly node: DtNode;
  /** Its lowest cpu. */
  readonly id: number;
  readonly level: number;
  /** 0: not said. So are those that follow. */
  readonly bytes: number;
  readonly lineBytes: number;
  readonly sets: number;
  readonly cpus: ReadonlySet<number>;
}

export interface TreeMemory {
  readonly node: DtNode;
  readonly numaNode: number;
  readonly bytes: number;
}

export interface Topology {
  /** By number: the cpu that boots is 0, the others follow in the order of the tree. */
  readonly cpus: readonly TreeCpu[];
  readonly caches: readonly TreeCache[];
  readonly cacheOf: ReadonlyMap<DtNode, TreeCache>;
  /** The cpus of every node that a cpu goes through, those of unknown level among them. */
  readonly cpusOf: ReadonlyMap<DtNode, ReadonlySet<number>>;
  readonly memory: readonly TreeMemory[];
  readonly clusters: readonly (readonly number[])[];
}

/** How many caches lie behind each other at most; a chain that is longer goes in circles. */
const CHAIN_MAXIMUM = 8;

export function readTopology(tree: DeviceTree, findings: Findings): Topology {
  const cpus = readCpus(tree, findings);
  const cpusOf = readChains(cpus, tree, findings);
  const caches = [...cpusOf].flatMap(([node, some]) => readCache(node, some, findings));
  caches.sort((a, b) => a.level - b.level || a.id - b.id);
  const cacheOf = new Map(caches.map((cache) => [cache.node, cache]));
  const memory = readMemory(tree, findings);
  return { cpus, caches, cacheOf, cpusOf, memory, clusters: readClusters(cpus, tree, findings) };
}

function isOf(type: string, node: DtNode): boolean {
  const said = node.strings("device_type")?.[0];
  return said === undefined ? node.baseName === type : said === type;
}

function readCpus(tree: DeviceTree, findings: Findings): TreeCpu[] {
  const parent = tree.root.child("cpus");
  if (!parent) {
    findings.add("error", tree.root, "there is no /cpus: a machine has at least one cpu");
    return [];
  }
  const nodes = parent.children.filter((node) => isOf("cpu", node)).filter((node) => works(node, findings));
  if (nodes.length === 0) findings.add("error", parent, "there is no cpu; a machine has at least one");
  const boots = nodes.findIndex((node) => wide(node.cells("reg") ?? []) === BigInt(tree.bootCpu) && node.has("reg"));
  if (boots > 0) nodes.unshift(...nodes.splice(boots, 1));
  return nodes.map((node, cpu) => ({ cpu, node, numaNode: node.inherited("numa-node-id") ?? 0 }));
}

/** A cpu that is disabled only waits for being brought up. */
function works(cpu: DtNode, findings: Findings): boolean {
  const status = cpu.strings("status")?.[0] ?? "okay";
  if (!status.startsWith("fail")) return true;
  findings.add("note", cpu, `status is ${JSON.stringify(status)}: there is no such cpu`, "status");
  return false;
}

/** The cpus of each node with a cache, ascending, found by following next-level-cache from each of them. */
function readChains(cpus: readonly TreeCpu[], tree: DeviceTree, findings: Findings): Map<DtNode, Set<number>> {
  const cpusOf = new Map<DtNode, Set<number>>();
  const nextOf = new Map<DtNode, DtNode | undefined>();
  const next = (node: DtNode) => {
    if (!nextOf.has(node)) nextOf.set(node, readNext(node, tree, findings));
    return nextOf.get(node);
  };
  const circles = new Set<DtNode>();
  for (const { cpu, node } of cpus) {
    if (hasOwnCache(node)) cpusOf.set(node, new Set([cpu]));
    let cache = next(node);
    const seen = new Set<DtNode>();
    for (; cache && seen.size < CHAIN_MAXIMUM && !seen.has(cache); cache = next(cache)) {
      seen.add(cache);
      const some = cpusOf.get(cache) ?? new Set();
      cpusOf.set(cache, some.add(cpu));
    }
    if (!cache || circles.has(cache)) continue;
    circles.add(cache);
    findings.add("error", cache, `next-level-cache of ${node} leads in a circle`, "next-level-cache");
  }
  return cpusOf;
}

function readNext(node: DtNode, tree: DeviceTree, findings: Findings): DtNode | undefined {
  const next = tree.follow(node, "next-level-cache");
  if (!next && node.has("next-level-cache")) {
    findings.add("error", node, "next-level-cache names no node", "next-level-cache");
  }
  return next;
}

/** A cpu node may describe the cache of level 1 that the cpu has. */
function hasOwnCache(cpu: DtNode): boolean {
  return cpu.has("cache-size") || cpu.has("d-cache-size");
}

function readCache(node: DtNode, cpus: ReadonlySet<number>, findings: Findings): TreeCache[] {
  // Of two caches of level 1 it is the one for data.
  const first = isOf("cpu", node);
  const level = first ? 1 : node.cell("cache-level");
  if (level === undefined || level < 1 || level > 255) {
    findings.add("error", node, "cache-level is missing or no level: which cache it is cannot be told", "cache-level");
    return [];
  }
  const of = (...names: string[]) =>
    names.flatMap((name) => [name, `d-${name}`]).reduce<number>((value, name) => value || (node.cell(name) ?? 0), 0);
  const bytes = of("cache-size");
  const lineBytes = of("cache-line-size", "cache-block-size");
  if (bytes === 0) findings.add("warning", node, "cache-size is missing");
  if (lineBytes === 0) findings.add("warning", node, "cache-line-size is missing");
  const [id = 0] = cpus;
  return [{ node, id, level, bytes, lineBytes, sets: of("cache-sets"), cpus }];
}

function readMemory(tree: DeviceTree, findings: Findings): TreeMemory[] {
  const nodes = tree.root.children.filter((node) => isOf("memory", node) && node.isAvailable);
  if (nodes.length === 0) findings.add("warning", tree.root, "there is no memory node");
  return nodes.map((node) => {
    const regions = regionsOf(node);
    if (typeof regions === "string") findings.add("error", node, regions, "reg");
    const bytes = typeof regions === "string" ? 0 : regions.reduce((sum, region) => sum + region.bytes, 0);
    return { node, numaNode: node.cell("numa-node-id") ?? 0, bytes };
  });
}

/** The innermost clusters of cpu-map, which have cores. */
function readClusters(cpus: readonly TreeCpu[], tree: DeviceTree, findings: Findings): number[][] {
  const map = tree.root.child("cpus")?.child("cpu-map");
  const numbers = new Map(cpus.map(({ cpu, node }) => [node, cpu]));
  const clusters: number[][] = [];
  for (const node of map?.walk() ?? []) {
    const cores = node.children.filter(({ name }) => /^core\d+$/.test(name));
    const members = cores.flatMap((core) => [...core.walk()].filter((one) => one.has("cpu")));
    const found = members.flatMap((member) => {
      const number = numbers.get(tree.follow(member, "cpu") as DtNode);
      if (number === undefined) findings.add("error", member, "cpu names no cpu that there is", "cpu");
      return number ?? [];
    });
    if (found.length > 0) clusters.push([...new Set(found)].sort((a, b) => a - b));
  }
  return clusters;
}
