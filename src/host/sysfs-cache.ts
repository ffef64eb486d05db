// cpuN/cache: the caches of one cpu. The id of a cache is the domain id of resctrl.

import { formatMask } from "../fs/index.ts";
import type { CacheDescription, Platform } from "../platform/index.ts";
import { showCpus } from "../written/index.ts";
import type { Files } from "./files.ts";

interface Leaf {
  readonly level: number;
  readonly type: "Data" | "Instruction" | "Unified";
  /** Absent: the cpu says that there is such a cache, and the platform file nothing more. */
  readonly cache?: CacheDescription;
}

/** Of an online cpu; paths begin with `index0`. */
export function cacheFiles(platform: Platform, cpu: number, online: ReadonlySet<number>): Files {
  const files = new Map<string, string>();
  for (const [index, { level, type, cache }] of leavesOf(platform, cpu).entries()) {
    const sharing = cache ? cache.cpus.filter((one) => online.has(one)) : [cpu];
    const add = (name: string, value: string | number) => files.set(`index${index}/${name}`, `${value}\n`);
    add("level", level);
    add("type", type);
    add("shared_cpu_list", showCpus(sharing));
    add("shared_cpu_map", formatMask(new Set(sharing), platform.cpus));
    // Programs stop at a cache without an id. One that firmware does not describe is private to its cpu.
    add("id", cache?.id ?? cpu);
    if (cache === undefined) continue;
    add("size", `${Math.floor(cache.bytes / 1024)}K`);
    add("ways_of_associativity", cache.ways);
    add("coherency_line_size", cache.lineBytes);
    add("number_of_sets", cache.bytes / cache.ways / cache.lineBytes);
    // Only the PPTT says how a cache allocates.
    if (platform.firmware !== "acpi") continue;
    add("allocation_policy", "ReadWriteAllocate");
    add("write_policy", "WriteBack");
  }
  return files;
}

/**
 * In the order in which Linux numbers them. Every Arm cpu has a first level of two halves, and caches at each level up to its
 * last, so that index 3 is level 3 (which tools rely on) even where the platform file has nothing below.
 */
function leavesOf(platform: Platform, cpu: number): Leaf[] {
  const own = platform.caches.filter(({ cpus }) => cpus.includes(cpu));
  const last = Math.max(0, ...own.map(({ level }) => level));
  return Array.from({ length: last }, (_, below) => below + 1).flatMap((level): Leaf[] => {
    const cache = own.find((one) => one.level === level);
    if (cache) return [{ level, type: "Unified", cache }];
    if (level > 1) return [{ level, type: "Unified" }];
    return [
      { level, type: "Data" },
      { level, type: "Instruction" },
    ];
  });
}
