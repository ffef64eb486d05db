// Which cpus have which caches and which memory: that there are such cpus, and that requests have one way to go.

import { at, type Path, type Report, showCpus } from "../written/index.ts";
import type { Filled } from "./fill.ts";
import { CACHE_ID_MAXIMUM, type WrittenPlatform } from "./schema.ts";
import { cachesOfCpus } from "./topology.ts";
import type { CacheDescription, Platform } from "./types.ts";

export function checkTopology(written: WrittenPlatform, filled: Filled, report: Report): void {
  const { platform } = filled;
  const exist = (cpus: readonly number[], path: Path) => {
    const missing = cpus.filter((cpu) => cpu >= platform.cpus);
    if (missing.length === 0) return;
    report(path, `${at(path)} names cpu ${showCpus(missing)}`, `cpus 0 to ${platform.cpus - 1} are allowed here`);
  };
  checkClusters(platform, exist, report);
  written.caches?.forEach((cache, entry) => {
    if (cache.cpus) exist(cache.cpus, ["caches", entry, "cpus"]);
    if (cache.msc?.cpus) exist(cache.msc.cpus, ["caches", entry, "msc", "cpus"]);
    if (cache.per === "cluster") checkInClusters(cache.cpus, entry, platform, report);
  });
  checkCacheIds(filled, report);
  checkOneOfLevel(filled, report);
  checkShared(filled, report);
  checkUpstream(filled, report);
  checkNodes(platform, exist, report);
}

type Exist = (cpus: readonly number[], path: Path) => void;

function checkClusters(platform: Platform, exist: Exist, report: Report): void {
  const taken = new Map<number, number>();
  platform.clusters.forEach((cluster, index) => {
    const path = ["clusters", index];
    exist(cluster, path);
    const twice = cluster.filter((cpu) => taken.has(cpu));
    const other = taken.get(twice[0] ?? -1);
    if (other !== undefined) {
      report(path, `${at(path)} has cpu ${showCpus(twice)}, as clusters[${other}] does`, "a cpu is allowed in one");
    }
    for (const cpu of cluster) taken.set(cpu, index);
  });
}

function checkInClusters(cpus: readonly number[] | undefined, entry: number, platform: Platform, report: Report): void {
  const path = ["caches", entry, "per"];
  const found = `${at(path)} is cluster`;
  if (platform.clusters.length === 0) {
    report(path, found, 'the key clusters is needed, such as ["0-3", "4-7"]');
    return;
  }
  const inOne = new Set(platform.clusters.flat());
  const all = cpus ?? Array.from({ length: platform.cpus }, (_, cpu) => cpu);
  const outside = all.filter((cpu) => cpu < platform.cpus && !inOne.has(cpu));
  if (outside.length === 0) return;
  report(
    path,
    `${found}, and cpu ${showCpus(outside)} is in none`,
    "its cpus are in clusters, or cpus leaves them out",
  );
}

/** ACPI names a cache by its id alone, a device tree by its lowest cpu. */
function checkCacheIds({ platform, entries }: Filled, report: Report): void {
  const acpi = platform.firmware === "acpi";
  const taken = new Map<string, { readonly entry: number; readonly level: number }>();
  const told = new Set<number>();
  platform.caches.forEach(({ level, id, cpus }, index) => {
    const entry = entries[index] as number;
    const key = acpi ? `${id}` : `${level} ${id}`;
    const other = taken.get(key);
    taken.set(key, other ?? { entry, level });
    if (told.has(entry)) return;
    const path = ["caches", entry, "id"];
    const found = `${at(path)} is ${id}`;
    const lowest = Math.min(...cpus);
    if (other !== undefined) {
      told.add(entry);
      const rule = other.level === level ? "each has its own" : "ACPI wants ids that differ over all levels";
      report(path, `${found}, as caches[${other.entry}] has it`, rule);
    } else if (id > CACHE_ID_MAXIMUM) {
      told.add(entry);
      report(path, `${at(path)} counts on to ${id}`, `ids up to ${CACHE_ID_MAXIMUM} are allowed`);
    } else if (platform.firmware === "dt" && id !== lowest) {
      told.add(entry);
      report(path, found, `with firmware: dt the number of its lowest cpu, ${lowest}, is allowed`);
    }
  });
}

/** The cpus of an entry's instances, or of an entry that has `all`. */
function cpusOfEntries({ platform, entries }: Filled): Map<number, { level: number; cpus: number[] }> {
  const all = new Map<number, { level: number; cpus: number[] }>();
  platform.caches.forEach(({ level, cpus }, index) => {
    const entry = entries[index] as number;
    const one = all.get(entry) ?? { level, cpus: [] };
    all.set(entry, one);
    one.cpus.push(...cpus);
  });
  return all;
}

function checkOneOfLevel(filled: Filled, report: Report): void {
  const taken = new Map<string, number>();
  for (const [entry, { level, cpus }] of cpusOfEntries(filled)) {
    const path = ["caches", entry, "cpus"];
    const twice = cpus.filter((cpu) => taken.has(`${level} ${cpu}`));
    const other = taken.get(`${level} ${twice[0]}`);
    if (other !== undefined) {
      const found = `${at(path)} has cpu ${showCpus(twice)}, as caches[${other}] does`;
      report(path, found, `a cpu is allowed in one cache of level ${level}`);
    }
    for (const cpu of cpus) taken.set(`${level} ${cpu}`, entry);
  }
}

/** A line that leaves a shared cache has one way to go: cpus that share it share what lies below. */
function checkShared({ platform, entries }: Filled, report: Report): void {
  const ways = cachesOfCpus(platform);
  const told = new Set<number>();
  platform.caches.forEach(({ level, cpus }, index) => {
    const entry = entries[index] as number;
    const [first] = cpus;
    if (first === undefined || told.has(entry)) return;
    for (const higher of [2, 3, 4].filter((one) => one > level)) {
      const below = (cpu: number) => ways[cpu]?.find((cache) => platform.caches[cache]?.level === higher);
      const other = cpus.find((cpu) => cpu < platform.cpus && below(cpu) !== below(first));
      if (other === undefined) continue;
      told.add(entry);
      const path = ["caches", entry, "cpus"];
      const found = `${at(path)}: cpu ${first} and cpu ${other} share a cache, and not that of level ${higher}`;
      report(path, found, "cpus that share a cache share all of higher levels");
      return;
    }
  });
}

function checkUpstream({ platform, entries }: Filled, report: Report): void {
  const ways = cachesOfCpus(platform);
  const told = new Set<number>();
  const enters = ({ cpus }: CacheDescription, index: number) =>
    cpus.every((cpu) => cpu >= platform.cpus || ways[cpu]?.[0] === index);
  platform.caches.forEach((cache, index) => {
    const entry = entries[index] as number;
    if (cache.mbwu === "downstream" || told.has(entry)) return;
    const path = ["caches", entry, "mbwu"];
    if (!cache.msc?.ris.some(({ mbwu }) => mbwu)) {
      report(path, `${at(path)} is upstream without bandwidth monitors`, "an msc with mbwu is needed");
      told.add(entry);
    } else if (!enters(cache, index)) {
      const found = `${at(path)} is upstream below another cache`;
      report(path, found, "upstream is allowed at the lowest level of all its cpus");
      told.add(entry);
    }
  });
}

/** A cpu belongs to one node; a node may have none. */
function checkNodes(platform: Platform, exist: Exist, report: Report): void {
  const taken = new Map<number, number>();
  platform.memory.forEach((memory, index) => {
    const path = ["memory", index, "cpus"];
    exist(memory.cpus, path);
    if (memory.msc) exist(memory.msc.cpus, ["memory", index, "msc", "cpus"]);
    const twice = memory.cpus.filter((cpu) => taken.has(cpu));
    const other = taken.get(twice[0] ?? -1);
    if (other !== undefined) {
      report(path, `${at(path)} has cpu ${showCpus(twice)}, as memory[${other}] does`, "a cpu is allowed in one");
    }
    for (const cpu of memory.cpus) taken.set(cpu, index);
  });
  const nodes = platform.memory.map(({ node }) => node);
  nodes.forEach((node, index) => {
    const first = nodes.indexOf(node);
    const path = ["memory", index, "node"];
    if (first < index) report(path, `${at(path)} is ${node}, as memory[${first}] has it`, "each has its own");
  });
}
