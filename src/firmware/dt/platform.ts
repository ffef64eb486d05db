// A platform from a device tree. What registers and the memory system are like is not in the tree, and is guessed; each
// guess is a remark.

import { ErrnoError } from "../../errno/index.ts";
import { checkObject, PlatformError } from "../../platform/index.ts";
import { showCpus } from "../../written/index.ts";
import { lineBytesOf, shapeOf } from "../guess/caches.ts";
import { MscGuesses, type Part, partName, partsOf } from "../guess/mscs.ts";
import { GUESS, MOST, memoryBytes, nameOf, type PlatformGuess } from "../guess/platform.ts";
import { guessSmmus } from "../guess/smmus.ts";
import { readFdt } from "./fdt-read.ts";
import { remarkOf } from "./finding.ts";
import { foldCaches } from "./fold.ts";
import { readMachine, type TreeMachine } from "./machine.ts";
import type { TreeCache } from "./topology.ts";

/** What the driver of the older binding can use. */
const OLDER_GUESS = { cpor: { cpbmWd: 8 }, ccap: { cmaxWd: 8 } };

/**
 * The machine that a tree describes. Throws ErrnoError EINVAL, with the offset, for bytes that are no device tree, and for a
 * tree that no machine here can be built from.
 */
export function platformFromDeviceTree(dtb: Uint8Array): PlatformGuess {
  const guess = new PlatformReader(readMachine(readFdt(dtb))).read();
  try {
    checkObject(guess.platform);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const [problem] = error.problems;
    const why = `${problem?.found}; ${problem?.allowed}`;
    throw new ErrnoError("EINVAL", `device tree: no machine can be built from it: ${why}`, { cause: error });
  }
  return guess;
}

class PlatformReader {
  readonly #machine: TreeMachine;
  readonly #remarks: string[];
  readonly #mscs: MscGuesses;

  constructor(machine: TreeMachine) {
    this.#machine = machine;
    this.#remarks = machine.findings.list.map(remarkOf);
    this.#mscs = new MscGuesses(machine.topology.cpus.length, this.#remark);
  }

  read(): PlatformGuess {
    const { topology, tree, mscs } = this.#machine;
    const { cpus, clusters } = topology;
    if (cpus.length === 0 || cpus.length > MOST.cpus) {
      throw new ErrnoError("EINVAL", `device tree: it has ${cpus.length} cpus; a machine has 1 to ${MOST.cpus}`);
    }
    const parts = partsOf(
      mscs.mscs.map((one) => ({ ...one, name: one.node })),
      this.#remark,
    );
    const lineBytes = lineBytesOf(topology.caches.map(saidBy), this.#remark);
    const caches = this.#caches(parts, lineBytes);
    const memory = this.#memory(parts);
    const smmus = guessSmmus(this.#machine.smmus, this.#remark);
    this.#remark("what cpus can put on a request (processor) is a guess: a device tree does not say it");
    if (mscs.mscs.length > 0) this.#remark("controls and monitors of MSCs are guesses: they are in registers");
    const platform = {
      name: nameOf(tree.root.strings("model")?.[0], "device-tree"),
      description: "Made from a device tree",
      firmware: mscs.binding,
      cpus: cpus.length,
      processor: GUESS.processor,
      ...(clusters.length > 0 && { clusters: this.#clusters() }),
      ...(lineBytes !== 64 && { lineBytes }),
      ...(caches.length > 0 && { caches }),
      memory,
      ...(smmus.length > 0 && { smmus }),
    };
    return { platform, remarks: this.#remarks };
  }

  readonly #remark = (text: string): void => {
    this.#remarks.push(text);
  };

  #clusters(): string[] {
    const taken = new Set<number>();
    return this.#machine.topology.clusters.flatMap((cluster) => {
      const cpus = cluster.filter((cpu) => !taken.has(cpu));
      for (const cpu of cpus) taken.add(cpu);
      if (cpus.length < cluster.length) this.#remark(`cpu-map has a cpu in two clusters: it stays in the first`);
      return cpus.length > 0 ? [showCpus(cpus)] : [];
    });
  }

  #caches(parts: ReadonlyMap<string, Part>, lineBytes: number): object[] {
    const { topology, mscs } = this.#machine;
    const usable = topology.caches.filter((cache) => this.#isUsable(cache));
    const older = mscs.binding === "android" ? (parts.get("") ?? []) : [];
    const unknown = mscs.binding === "dt" ? (parts.get("") ?? []) : [];
    for (const { name } of unknown) this.#remark(`${name} controls nothing that is known, and is left out`);
    const system = older.length > 0 ? this.#systemCache(usable, lineBytes) : undefined;
    const all = system && !usable.includes(system) ? [...usable, system] : usable;
    const membersOf = (cache: TreeCache) =>
      cache === system ? older : (parts.get(partName({ kind: "cache", ...cache })) ?? []);
    // MSCs are numbered in the order of the caches: the order of the tree is kept.
    const withMsc = all
      .filter((cache) => membersOf(cache).length > 0)
      .sort((a, b) => idOf(membersOf(a)) - idOf(membersOf(b)));
    const ordered = all.map((cache) => (membersOf(cache).length > 0 ? (withMsc.shift() as TreeCache) : cache));
    const made = ordered.map((cache) => {
      const controls = cache === system ? OLDER_GUESS : GUESS.cache;
      const { slices, msc } = this.#mscs.of(membersOf(cache), `cache ${cache.node}`, controls);
      const shape = shapeOf({ ...saidBy(cache), ways: waysOf(cache, lineBytes) }, lineBytes, slices, this.#remark);
      return { cpus: [...cache.cpus], level: cache.level, ...shape, slices, msc };
    });
    return foldCaches(made, topology.cpus.length, topology.clusters);
  }

  #isUsable(cache: TreeCache): boolean {
    if (cache.level <= MOST.level) return true;
    this.#remark(`${cache.node} is of level ${cache.level}, and left out: up to ${MOST.level} levels are modelled`);
    return false;
  }

  /** The older binding does not say which cache its MSC stands before: the last that all cpus share, or one that is added. */
  #systemCache(caches: readonly TreeCache[], lineBytes: number): TreeCache {
    const { cpus } = this.#machine.topology;
    const shared = caches.filter((cache) => cache.cpus.size === cpus.length);
    const last = shared.at(-1);
    if (last) {
      this.#remark(`that the MSC stands before ${last.node} is a guess: the older binding does not say it`);
      return last;
    }
    const level = Math.min(Math.max(2, ...caches.map((cache) => cache.level)) + 1, MOST.level);
    this.#remark(`the system cache that the MSC stands before (level ${level}) is a guess: the tree describes none`);
    const everyCpu = new Set(cpus.map(({ cpu }) => cpu));
    const shape = { bytes: 2 ** 22, lineBytes, sets: 2 ** 22 / (16 * lineBytes) };
    return { node: this.#machine.tree.root, id: 0, level, ...shape, cpus: everyCpu };
  }

  #memory(parts: ReadonlyMap<string, Part>): object[] {
    const { topology } = this.#machine;
    const bytesOf = new Map<number, number>();
    for (const { numaNode, bytes } of topology.memory) bytesOf.set(numaNode, (bytesOf.get(numaNode) ?? 0) + bytes);
    if (bytesOf.size > MOST.nodes) {
      throw new ErrnoError("EINVAL", `device tree: ${bytesOf.size} memory nodes; a machine has up to ${MOST.nodes}`);
    }
    if (bytesOf.size === 0) {
      bytesOf.set(0, GUESS.memoryBytes);
      this.#remark("4 GiB of memory are a guess: the tree has no memory node");
    }
    this.#remark("bandwidth of memory is a guess: a device tree does not say it");
    const homeless = topology.cpus.filter(({ numaNode }) => !bytesOf.has(numaNode));
    if (homeless.length > 0) {
      const cpus = showCpus(homeless.map(({ cpu }) => cpu));
      this.#remark(`cpu ${cpus} is of a NUMA node that has no memory; here it is of none`);
    }
    for (const [part, members] of parts) {
      const node = /^node (\d+)$/.exec(part)?.[1];
      if (node === undefined || bytesOf.has(Number(node))) continue;
      for (const one of members) this.#remark(`${one.name} controls node ${node}, which has no memory; it is left out`);
    }
    const membersOf = (node: number) => parts.get(`node ${node}`) ?? [];
    const nodes = [...bytesOf].sort(([a], [b]) => idOf(membersOf(a)) - idOf(membersOf(b)));
    return nodes.map(([node, bytes]) => {
      const cpus = topology.cpus.filter(({ numaNode }) => numaNode === node).map(({ cpu }) => cpu);
      const { slices, msc } = this.#mscs.of(membersOf(node), `node ${node}`, GUESS.memory);
      return {
        node,
        cpus: cpus.length === 0 ? [] : showCpus(cpus),
        bytes: memoryBytes(node, bytes, this.#remark),
        ...(slices > 1 && { channels: slices }),
        bytesPerSecond: GUESS.bytesPerSecond,
        ...(msc && { msc }),
      };
    });
  }
}

/** By which parts are ordered: those without an MSC come first. */
function idOf(part: Part): number {
  return part[0]?.msc.id ?? -1;
}

const saidBy = ({ node, level, bytes, lineBytes }: TreeCache) => ({ name: node, level, bytes, lineBytes });

/** 0: not said. */
function waysOf({ bytes, sets, lineBytes }: TreeCache, lineBytesOfAll: number): number {
  return sets === 0 ? 0 : bytes / (sets * (lineBytes || lineBytesOfAll));
}
