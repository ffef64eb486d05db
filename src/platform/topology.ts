// Which way requests take: which caches a cpu has, and what lies below each of them.

import { showCpus } from "../written/index.ts";
import type { CacheDescription, Platform } from "./types.ts";

/** For each cpu the caches that its requests pass, as indexes of `platform.caches`, lowest level first. */
export function cachesOfCpus(platform: Platform): number[][] {
  const ways: number[][] = Array.from({ length: platform.cpus }, () => []);
  platform.caches.forEach(({ cpus }, index) => {
    for (const cpu of cpus) ways[cpu]?.push(index);
  });
  const level = (index: number) => (platform.caches[index] as CacheDescription).level;
  for (const way of ways) way.sort((a, b) => level(a) - level(b));
  return ways;
}

/** For each cache the index of the one its misses go to, or undefined where that is memory. */
export function cachesBelow(platform: Platform): (number | undefined)[] {
  const ways = cachesOfCpus(platform);
  return platform.caches.map(({ cpus }, index) => {
    const way = ways[cpus[0] as number] ?? [];
    return way[way.indexOf(index) + 1];
  });
}

/** Caches that differ in nothing but place, and a name for all of them. */
export interface CacheGroup {
  readonly name: string;
  readonly caches: readonly [CacheDescription, ...CacheDescription[]];
}

/** The caches of a platform as a reader thinks of them, in file order. */
export function cacheGroups(platform: Platform): CacheGroup[] {
  const groups = new Map<string, [CacheDescription, ...CacheDescription[]]>();
  for (const cache of platform.caches) {
    const shape = JSON.stringify({ ...cache, id: 0, cpus: [], msc: cache.msc && { ...cache.msc, base: 0 } });
    const group = groups.get(shape);
    if (group) group.push(cache);
    else groups.set(shape, [cache]);
  }
  const oneLevel = new Set(platform.caches.map(({ level }) => level)).size === 1;
  return [...groups.values()].map((caches) => {
    const what = `${oneLevel ? "" : `L${caches[0].level} `}${caches.length === 1 ? "cache" : "caches"}`;
    return { name: `${what} ${showCpus(caches.map(({ id }) => id))}`, caches };
  });
}
