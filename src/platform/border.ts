// What of a replay in open timing can be run apart: slices of the last level, which do not know each other.

import { cachesBelow } from "./topology.ts";
import type { Platform } from "./types.ts";

/**
 * Into so many parts a replay in open timing can be split, at most (`MachineOptions.part`): the most slices that a cache in front of
 * memory has, or channels that a node has where there are no caches. 1 with an inclusive cache.
 */
export function partsOf(platform: Platform): number {
  const { caches, memory } = platform;
  if (caches.some(({ inclusive }) => inclusive)) return 1;
  if (caches.length === 0) return Math.max(1, ...memory.map(({ channels }) => channels));
  const below = cachesBelow(platform);
  return Math.max(...caches.map(({ slices }, index) => (below[index] === undefined ? slices : 1)));
}

/** Whether caches before the last level are there, and nothing of that level acts on them: then what comes to it can be recorded once for many replays. */
export function sharesFront({ caches, ...platform }: Platform): boolean {
  if (caches.some(({ inclusive }) => inclusive)) return false;
  return cachesBelow({ caches, ...platform }).some((below) => below !== undefined);
}

/**
 * What a platform has before its last level of caches, in one text: where two platforms have the same, the same requests come to
 * that level in open timing, if the same is written to the MSCs before it and the same labels are given.
 */
export function frontOf(platform: Platform): string {
  const { name: _name, description: _description, memory: _memory, memoryLimit: _limit, caches, ...rest } = platform;
  const below = cachesBelow(platform);
  let slices = 0;
  const front = caches.map((cache, index) => {
    const firstSlice = slices;
    slices += cache.slices;
    const { level, id, cpus } = cache;
    // Random replacement goes by the number of the slice among all.
    return below[index] === undefined ? { level, id, cpus } : { ...cache, firstSlice };
  });
  return JSON.stringify({ ...rest, front });
}
