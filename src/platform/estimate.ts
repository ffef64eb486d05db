// How much WebAssembly memory a machine will take, before it is built.

import { mscInstances } from "./instances.ts";
import type { CacheDescription, Platform, RisDescription } from "./types.ts";

/** What WebAssembly can address with 32 bits. */
export const MEMORY_MAXIMUM = 2 ** 32;

/** Bytes of each thing that `init` lays out. They follow assembly/; change them together. */
const COSTS = {
  root: 64 * 1024,
  requesterTable: 512 * 1024,
  staging: 1024 * 1024,
  mscState: 4096,
  /** Limits, priorities and flags of one PARTID, beside its portion bitmap. */
  settingsPerPartid: 8,
  portionWord: 4,
  monitor: 128,
  /** Buckets and usage of one owner at one resource. */
  ownerAtResource: 1024,
  /** A set of up to 16 ways: tags, ages, owners. */
  cacheSet: 64,
} as const;

export interface MemoryPiece {
  readonly name: string;
  readonly bytes: number;
}

export interface MemoryEstimate {
  readonly bytes: number;
  readonly pieces: readonly MemoryPiece[];
}

export function estimateMemory(platform: Platform): MemoryEstimate {
  const instances = mscInstances(platform);
  const pieces: MemoryPiece[] = [
    { name: "the root and its tables", bytes: COSTS.root + instances.length * COSTS.mscState },
    { name: "the requester table", bytes: COSTS.requesterTable },
    { name: "trace records on their way in", bytes: COSTS.staging },
  ];
  const resources = platform.caches.length + platform.memory.length;
  pieces.push({ name: "counts of labels in use", bytes: platform.owners * COSTS.ownerAtResource * resources });
  for (const cache of platform.caches) {
    pieces.push({ name: `the lines of cache ${cache.id}`, bytes: cache.slices * cacheSets(cache) * COSTS.cacheSet });
  }
  for (const { msc, description } of instances) {
    for (const ris of description.ris) {
      for (const [space, limits] of Object.entries(description.spaces)) {
        const where = `of MSC ${msc}, RIS ${ris.ris}, space ${space}`;
        const partids = limits.partidMax + 1;
        pieces.push({ name: `the settings of ${partids} PARTIDs ${where}`, bytes: partids * settingsBytes(ris) });
        const monitors = (ris.csu?.monitors ?? 0) + (ris.mbwu?.monitors ?? 0);
        if (monitors > 0) pieces.push({ name: `${monitors} monitors ${where}`, bytes: monitors * COSTS.monitor });
      }
    }
  }
  return { bytes: pieces.reduce((sum, piece) => sum + piece.bytes, 0), pieces };
}

export function cacheSets(cache: CacheDescription): number {
  return cache.bytes / cache.slices / (cache.ways * cache.lineBytes);
}

function settingsBytes(ris: RisDescription): number {
  const words = ris.cpor ? Math.ceil(ris.cpor.cpbmWd / 32) : 0;
  return words * COSTS.portionWord + COSTS.settingsPerPartid;
}
