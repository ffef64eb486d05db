// What the keys of a platform say about each other: combinations that no machine has.

import { at, type Path, type Report, showBytes } from "../written/index.ts";
import { ADDRESS_MAXIMUM, type AddressRange, addressMap } from "./address-map.ts";
import { checkErrata } from "./check-errata.ts";
import { checkDevices, checkSmmus } from "./check-io.ts";
import { checkMailboxes, checkReached } from "./check-mailboxes.ts";
import { checkMsc } from "./check-msc.ts";
import { checkProcessor } from "./check-processor.ts";
import { checkTopology } from "./check-topology.ts";
import { estimateMemory, MEMORY_MAXIMUM } from "./estimate.ts";
import type { Filled } from "./fill.ts";
import { MSCS_MAXIMUM, RESOURCES_MAXIMUM } from "./instances.ts";
import type { WrittenPlatform } from "./schema.ts";
import type { CacheDescription, Platform } from "./types.ts";

export function checkPlatform(written: WrittenPlatform, filled: Filled, report: Report): void {
  const { platform, entries } = filled;
  if (platform.memory.length === 0) {
    report(["memory"], "memory is an empty list", "at least one memory node is needed");
  }
  checkProcessor(platform, report);
  checkTopology(written, filled, report);
  written.caches?.forEach((cache, entry) => {
    const path = ["caches", entry];
    // One instance stands for all of its entry.
    const filledCache = platform.caches[entries.indexOf(entry)];
    if (!filledCache) return;
    checkGeometry(filledCache, platform, path, report);
    if (cache.msc && filledCache.msc) {
      checkReached(filledCache.msc, platform, [...path, "msc"], report);
      checkErrata(filledCache.msc, [...path, "msc"], report);
      checkMsc(filledCache.msc, cache.msc, [...path, "msc"], "cache", report);
    }
  });
  platform.memory.forEach((memory, index) => {
    if (memory.bytes % platform.pageBytes !== 0) {
      const path = ["memory", index, "bytes"];
      report(path, `${at(path)} is ${memory.bytes}`, `whole pages of ${showBytes(platform.pageBytes)} are allowed`);
    }
    const writtenMsc = written.memory[index]?.msc;
    if (memory.msc && writtenMsc) {
      checkReached(memory.msc, platform, ["memory", index, "msc"], report);
      checkErrata(memory.msc, ["memory", index, "msc"], report);
      checkMsc(memory.msc, writtenMsc, ["memory", index, "msc"], "memory", report);
    }
  });
  // What follows looks at every slice and channel, and there can be far too many by mistake.
  if (!fewEnough(platform, report)) return;
  checkMap(filled, report);
  checkMailboxes(platform, report);
  checkSmmus(platform, written, report);
  checkDevices(platform, written, report);
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

/** What lies in the address map does not overlap. */
function checkMap(filled: Filled, report: Report): void {
  const ranges = addressMap(filled.platform).sort((a, b) => a.start - b.start);
  const last = ranges.at(-1);
  if (last && last.start > ADDRESS_MAXIMUM) {
    const path = pathOf(filled, last);
    const found = `${at(path)}: the last of its ${last.what}s is at 0x${last.start.toString(16)}`;
    report(path, found, "addresses below 2^52 are allowed");
  }
  const told = new Set<string>();
  ranges.forEach((range, index) => {
    const before = ranges[index - 1];
    if (!before || before.start + before.bytes <= range.start) return;
    const [first, second] = before.order < range.order ? [before, range] : [range, before];
    const path = pathOf(filled, second);
    const other = at(pathOf(filled, first));
    // Two rows of pages that meet once tend to meet often.
    if (told.has(`${at(path)} ${other}`)) return;
    told.add(`${at(path)} ${other}`);
    const where = `${at(path)}: the ${second.what} at 0x${second.start.toString(16)}`;
    report(path, `${where} overlaps that of ${other}`, `each needs ${showBytes(second.bytes)} of its own`);
  });
}

function pathOf({ platform, entries }: Filled, { of }: AddressRange): Path {
  if (typeof of === "number") return ["mailboxes", of, "base"];
  if ("smmu" in of) return ["smmus", of.smmu, ...of.key];
  const { resource } = of;
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
