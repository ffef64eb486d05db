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
