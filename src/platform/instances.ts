// The MSCs of a platform in the order in which machine, firmware and bus number them.

import type { MscInstance, Platform } from "./types.ts";

/** What a feature page may take of the address map: IHI 0099 recommends that each has its own 64 KiB. */
export const MSC_WINDOW_BYTES = 2 ** 16;

/** The last byte that an address can name. */
export const ADDRESS_MAXIMUM = 2 ** 52 - 1;

/** The most cache slices and memory channels of a machine together, and of those that have an MSC: assembly/root.ts. */
export const RESOURCES_MAXIMUM = 2048;
export const MSCS_MAXIMUM = 1024;

/** Caches in file order, slice by slice, then memory nodes, channel by channel; `msc` is the index. */
export function mscInstances(platform: Platform): MscInstance[] {
  const instances: MscInstance[] = [];
  for (const cache of platform.caches) {
    if (!cache.msc) continue;
    for (let slice = 0; slice < cache.slices; slice++) {
      const address = cache.msc.base + slice * cache.msc.stride;
      const resource = { kind: "cache", cache, slice } as const;
      instances.push({ msc: instances.length, address, description: cache.msc, resource });
    }
  }
  for (const memory of platform.memory) {
    if (!memory.msc) continue;
    for (let channel = 0; channel < memory.channels; channel++) {
      const address = memory.msc.base + channel * memory.msc.stride;
      const resource = { kind: "memory", memory, channel } as const;
      instances.push({ msc: instances.length, address, description: memory.msc, resource });
    }
  }
  return instances;
}
