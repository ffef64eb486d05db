// The MSCs of a platform in the order in which machine, firmware and bus number them.

import type { MscDescription, MscInstance, Platform } from "./types.ts";

/** What a feature page may take of the address map: IHI 0099 recommends that each has its own 64 KiB. */
export const MSC_WINDOW_BYTES = 2 ** 16;

/** The most cache slices and memory channels of a machine together, and of those that have an MSC: assembly/root.ts. */
export const RESOURCES_MAXIMUM = 2048;
export const MSCS_MAXIMUM = 1024;

/** Caches in file order, slice by slice, then memory nodes, channel by channel; `msc` is the index. */
export function mscInstances(platform: Platform): MscInstance[] {
  const instances: MscInstance[] = [];
  for (const cache of platform.caches) {
    if (!cache.msc) continue;
    for (let slice = 0; slice < cache.slices; slice++) {
      const resource = { kind: "cache", cache, slice } as const;
      instances.push({ msc: instances.length, ...placeOf(cache.msc, slice), description: cache.msc, resource });
    }
  }
  for (const memory of platform.memory) {
    if (!memory.msc) continue;
    for (let channel = 0; channel < memory.channels; channel++) {
      const resource = { kind: "memory", memory, channel } as const;
      instances.push({ msc: instances.length, ...placeOf(memory.msc, channel), description: memory.msc, resource });
    }
  }
  return instances;
}

function placeOf({ base, stride }: MscDescription, page: number): { readonly address?: number } {
  return base === undefined ? {} : { address: base + page * stride };
}
