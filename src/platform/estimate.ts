// How much WebAssembly memory a machine will take, before it is built.

import { mscInstances } from "./instances.ts";
import type { CacheDescription, Platform, RisDescription } from "./types.ts";

/** What WebAssembly can address with 32 bits. */
export const MEMORY_MAXIMUM = 2 ** 32;

/** The most portions of a cache that act on traffic; registers hold as many as the architecture allows. */
export const PORTIONS_WITH_EFFECT = 1024;

/** Bytes of each thing that `init` lays out. They follow assembly/; change them together. */
const COSTS = {
  root: 64 * 1024,
  requesterTable: 512 * 1024,
  /** Columns of one call, and what crosses from level to level. */
  staging: 530 * 1024,
  mscState: 4096,
  /** Limits and flags of one PARTID, beside its portion bitmap. */
  settingsPerPartid: 8,
  portionWord: 4,
  monitor: 76,
  /** A label in use, with its share of the table that finds it. */
  owner: 34,
  /** What it moved and holds at a cache, and its ways there, once for each phase of the portions. */
  ownerAtCache: 64,
  ownerInPhase: 24,
  /** Buckets of a channel, for as many labels as there can be. */
  channel: 4 * 32 * 1024,
  /** A set in the narrow layout; the wide one takes 7 bytes a way beside it. */
  narrowSet: 64,
  wideWay: 7,
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
  const { owners } = platform;
  pieces.push({
    name: "the labels in use",
    bytes: owners * COSTS.owner,
  });
  const channels = platform.memory.reduce((sum, node) => sum + node.channels, 0);
  pieces.push({ name: "the buckets of the memory channels", bytes: channels * COSTS.channel });
  for (const cache of platform.caches) {
    // A narrow cache keeps counts for every number one of its bytes can hold.
    const uses = Math.max(owners, 256) * COSTS.ownerAtCache;
    const perSet = COSTS.narrowSet + Math.ceil((cache.ways * COSTS.wideWay) / 8) * 8;
    pieces.push({ name: `the lines of cache ${cache.id}`, bytes: cache.slices * cacheSets(cache) * perSet });
    pieces.push({
      name: `the labels at cache ${cache.id}`,
      bytes: cache.slices * (uses + owners * phases(cache) * COSTS.ownerInPhase),
    });
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

/** How many kinds of sets there are: each portion takes whole ways in sets of some of them. */
function phases(cache: CacheDescription): number {
  const portions = (cache.msc?.ris ?? []).map((ris) => Math.min(ris.cpor?.cpbmWd ?? 1, PORTIONS_WITH_EFFECT));
  return 2 ** Math.ceil(Math.log2(Math.max(cache.ways, ...portions) / cache.ways));
}

function settingsBytes(ris: RisDescription): number {
  const words = ris.cpor ? Math.ceil(ris.cpor.cpbmWd / 32) : 0;
  return words * COSTS.portionWord + COSTS.settingsPerPartid;
}
