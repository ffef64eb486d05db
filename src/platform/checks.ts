// What the keys of a platform say about each other: combinations that no machine has, or none of this version yet.

import { at, type Path, type Report, showBytes, showCpus } from "../written/index.ts";
import { checkMsc } from "./check-msc.ts";
import { estimateMemory, MEMORY_MAXIMUM } from "./estimate.ts";
import { MSC_WINDOW_BYTES, mscInstances } from "./instances.ts";
import type { WrittenPlatform } from "./schema.ts";
import type { CacheDescription, MscInstance, Platform } from "./types.ts";

export function checkPlatform(written: WrittenPlatform, platform: Platform, report: Report): void {
  checkNumbers(platform, report);
  checkCpus(platform, report);
  platform.caches.forEach((cache, index) => {
    checkGeometry(cache, ["caches", index], report);
    const writtenMsc = written.caches?.[index]?.msc;
    if (cache.msc && writtenMsc) checkMsc(cache.msc, writtenMsc, ["caches", index, "msc"], "cache", report);
  });
  platform.memory.forEach((memory, index) => {
    if (memory.bytes % platform.pageBytes !== 0) {
      const path = ["memory", index, "bytes"];
      report(path, `${at(path)} is ${memory.bytes}`, `whole pages of ${showBytes(platform.pageBytes)} are allowed`);
    }
    const writtenMsc = written.memory[index]?.msc;
    if (memory.msc && writtenMsc) checkMsc(memory.msc, writtenMsc, ["memory", index, "msc"], "memory", report);
  });
  checkPages(platform, report);
  checkMemoryLimit(platform, report);
}

function checkNumbers(platform: Platform, report: Report): void {
  if (platform.caches.length > 1) {
    report(["caches", 1], "caches[1] is a second cache", "at most one cache, of level 3, is allowed in this version");
  }
  if (platform.memory.length === 0) {
    report(["memory"], "memory is an empty list", "one memory node is needed");
  }
  if (platform.memory.length > 1) {
    report(["memory", 1], "memory[1] is a second memory node", "one memory node is allowed in this version");
  }
  const kinds = [
    { list: "caches", key: "id", ids: platform.caches.map((cache) => cache.id) },
    { list: "memory", key: "node", ids: platform.memory.map((memory) => memory.node) },
  ];
  for (const { list, key, ids } of kinds) {
    ids.forEach((id, index) => {
      const first = ids.indexOf(id);
      const path = [list, index, key];
      if (first < index) report(path, `${at(path)} is ${id}, as ${list}[${first}] has it`, "each has its own");
    });
  }
}

/** Cpus exist, and have one cache of a level and one memory node each. */
function checkCpus(platform: Platform, report: Report): void {
  const exist = (cpus: readonly number[], path: Path) => {
    const missing = cpus.filter((cpu) => cpu >= platform.cpus);
    if (missing.length === 0) return;
    report(path, `${at(path)} names cpu ${showCpus(missing)}`, `cpus 0 to ${platform.cpus - 1} are allowed here`);
  };
  const lists = [
    { list: "caches", entries: platform.caches },
    { list: "memory", entries: platform.memory },
  ];
  for (const { list, entries } of lists) {
    const taken = new Map<number, number>();
    entries.forEach((entry, index) => {
      const path = [list, index, "cpus"];
      exist(entry.cpus, path);
      if (entry.msc) exist(entry.msc.cpus, [list, index, "msc", "cpus"]);
      const twice = entry.cpus.filter((cpu) => taken.has(cpu));
      const other = taken.get(twice[0] ?? -1);
      if (other !== undefined) {
        report(path, `${at(path)} has cpu ${showCpus(twice)}, as ${list}[${other}] does`, "a cpu is allowed in one");
      }
      for (const cpu of entry.cpus) taken.set(cpu, index);
    });
  }
}

function checkGeometry(cache: CacheDescription, path: Path, report: Report): void {
  const sets = cache.bytes / (cache.ways * cache.lineBytes);
  if (Number.isInteger(sets) && Number.isInteger(Math.log2(sets))) return;
  const shape = `${cache.bytes} bytes in ${cache.ways} ways of ${cache.lineBytes}-byte lines`;
  report(
    [...path, "bytes"],
    `${at([...path, "bytes"])} makes ${Number(sets.toFixed(2))} sets (${shape})`,
    `a power of two of sets is allowed: ways * ${cache.lineBytes} * 2^n bytes`,
  );
}

/** No two register pages share an address. */
function checkPages(platform: Platform, report: Report): void {
  const pages = mscInstances(platform).sort((a, b) => a.address - b.address);
  pages.forEach((page, index) => {
    const before = pages[index - 1];
    if (!before || before.address + MSC_WINDOW_BYTES <= page.address) return;
    const [first, second] = before.msc < page.msc ? [before, page] : [page, before];
    const path = basePath(platform, second);
    const where = `${at(path)}: the register page at 0x${page.address.toString(16)}`;
    report(path, `${where} overlaps that of ${at(basePath(platform, first))}`, "each needs 64 KiB of its own");
  });
}

function basePath(platform: Platform, { resource }: MscInstance): Path {
  return resource.kind === "cache"
    ? ["caches", platform.caches.indexOf(resource.cache), "msc", "base"]
    : ["memory", platform.memory.indexOf(resource.memory), "msc", "base"];
}

function checkMemoryLimit(platform: Platform, report: Report): void {
  const { bytes, pieces } = estimateMemory(platform);
  const limit = Math.min(platform.memoryLimit, MEMORY_MAXIMUM);
  if (bytes <= limit) return;
  const largest = pieces.reduce((most, piece) => (piece.bytes > most.bytes ? piece : most));
  report(
    ["memoryLimit"],
    `the machine needs ${showBytes(bytes)}, of which ${showBytes(largest.bytes)} for ${largest.name}`,
    `memoryLimit allows ${showBytes(limit)}, and no machine may have more than ${showBytes(MEMORY_MAXIMUM)}`,
  );
}
