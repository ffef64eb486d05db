// What the keys of a platform say about each other: combinations that no machine has.

import { at, type Path, type Report, showBytes } from "../written/index.ts";
import { checkMsc } from "./check-msc.ts";
import { checkTopology } from "./check-topology.ts";
import { estimateMemory, MEMORY_MAXIMUM } from "./estimate.ts";
import type { Filled } from "./fill.ts";
import { ADDRESS_MAXIMUM, MSC_WINDOW_BYTES, MSCS_MAXIMUM, mscInstances, RESOURCES_MAXIMUM } from "./instances.ts";
import type { WrittenPlatform } from "./schema.ts";
import type { CacheDescription, MscInstance, Platform } from "./types.ts";

export function checkPlatform(written: WrittenPlatform, filled: Filled, report: Report): void {
  const { platform, entries } = filled;
  if (platform.memory.length === 0) {
    report(["memory"], "memory is an empty list", "at least one memory node is needed");
  }
  checkTopology(written, filled, report);
  written.caches?.forEach((cache, entry) => {
    const path = ["caches", entry];
    // One instance stands for all of its entry.
    const filledCache = platform.caches[entries.indexOf(entry)];
    if (!filledCache) return;
    checkGeometry(filledCache, platform, path, report);
    if (cache.msc && filledCache.msc) checkMsc(filledCache.msc, cache.msc, [...path, "msc"], "cache", report);
  });
  platform.memory.forEach((memory, index) => {
    if (memory.bytes % platform.pageBytes !== 0) {
      const path = ["memory", index, "bytes"];
      report(path, `${at(path)} is ${memory.bytes}`, `whole pages of ${showBytes(platform.pageBytes)} are allowed`);
    }
    const writtenMsc = written.memory[index]?.msc;
    if (memory.msc && writtenMsc) checkMsc(memory.msc, writtenMsc, ["memory", index, "msc"], "memory", report);
  });
  // What follows looks at every slice and channel, and there can be far too many by mistake.
  if (!fewEnough(platform, report)) return;
  checkPages(filled, report);
  checkMemoryLimit(platform, report);
}

function fewEnough({ caches, memory }: Platform, report: Report): boolean {
  const count = (only: (part: { readonly msc?: object }) => boolean) => ({
    slices: caches.filter(only).reduce((sum, cache) => sum + cache.slices, 0),
    channels: memory.filter(only).reduce((sum, node) => sum + node.channels, 0),
  });
  const limits = [
    { ...count(() => true), most: RESOURCES_MAXIMUM, what: "" },
    { ...count(({ msc }) => msc !== undefined), most: MSCS_MAXIMUM, what: " with an msc" },
  ];
  const broken = limits.find(({ slices, channels, most }) => slices + channels > most);
  if (!broken) return true;
  const { slices, channels, most, what } = broken;
  const found = `the machine has ${slices} cache slices and ${channels} memory channels${what}`;
  report([slices > channels ? "caches" : "memory"], found, `${most} slices and channels together are allowed`);
  return false;
}

function checkGeometry(cache: CacheDescription, platform: Platform, path: Path, report: Report): void {
  if (cache.lineBytes !== platform.lineBytes) {
    const found = `${at([...path, "lineBytes"])} is ${cache.lineBytes}`;
    report([...path, "lineBytes"], found, `${platform.lineBytes}, lineBytes of the machine, is allowed`);
  }
  const { bytes, ways, slices } = cache;
  const { lineBytes } = platform;
  const sets = bytes / (slices * ways * lineBytes);
  if (Number.isInteger(sets) && Number.isInteger(Math.log2(sets))) return;
  const shape = `${bytes} bytes in ${slices === 1 ? "" : `${slices} slices of `}${ways} ways of ${lineBytes}-byte lines`;
  report(
    [...path, "bytes"],
    `${at([...path, "bytes"])} makes ${Number(sets.toFixed(2))} sets (${shape})`,
    `a power of two of sets is allowed: ${slices === 1 ? "" : "slices * "}ways * ${lineBytes} * 2^n bytes`,
  );
}

/** No two register pages share an address, over all slices of all caches and all channels. */
function checkPages(filled: Filled, report: Report): void {
  const pages = mscInstances(filled.platform).sort((a, b) => a.address - b.address);
  const last = pages.at(-1);
  if (last && last.address > ADDRESS_MAXIMUM) {
    const path = basePath(filled, last);
    const found = `${at(path)}: the last of its register pages is at 0x${last.address.toString(16)}`;
    report(path, found, "addresses below 2^52 are allowed");
  }
  const told = new Set<string>();
  pages.forEach((page, index) => {
    const before = pages[index - 1];
    if (!before || before.address + MSC_WINDOW_BYTES <= page.address) return;
    const [first, second] = before.msc < page.msc ? [before, page] : [page, before];
    const path = basePath(filled, second);
    const other = at(basePath(filled, first));
    // Two rows of pages that meet once tend to meet often.
    if (told.has(`${at(path)} ${other}`)) return;
    told.add(`${at(path)} ${other}`);
    const where = `${at(path)}: the register page at 0x${page.address.toString(16)}`;
    report(path, `${where} overlaps that of ${other}`, "each needs 64 KiB of its own");
  });
}

function basePath({ platform, entries }: Filled, { resource }: MscInstance): Path {
  return resource.kind === "cache"
    ? ["caches", entries[platform.caches.indexOf(resource.cache)] as number, "msc", "base"]
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
