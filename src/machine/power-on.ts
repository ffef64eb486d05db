// Power-on: a new memory, laid out for a platform.

import { cacheSets, estimateMemory, type MscInstance, type Platform } from "../platform/index.ts";
import { mscWords, risWords } from "./describe-hardware.ts";
import { SPACE_NUMBERS } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** Dense requester numbers are u16. */
export const REQUESTERS = 65536;

/** Which resource of the hardware stands for which part of the platform. */
export interface Resources {
  readonly cache: number | undefined;
  readonly channel: number | undefined;
}

/** Resources in the order power-on adds them: the cache, then the channel. */
export function resourcesOf(platform: Platform): Resources {
  const caches = platform.caches.length;
  return {
    cache: caches > 0 ? 0 : undefined,
    channel: platform.memory.length > 0 ? caches : undefined,
  };
}

export function layOut(
  hardware: Hardware,
  platform: Platform,
  mscs: readonly MscInstance[],
  scratchBytes: number,
): number {
  const estimate = estimateMemory(platform);
  if (estimate.bytes + scratchBytes > platform.memoryLimit) {
    throw new RangeError(
      `the machine would take ${estimate.bytes + scratchBytes} bytes, and its memoryLimit is ${platform.memoryLimit}`,
    );
  }
  hardware.init(platform.owners, REQUESTERS, scratchBytes);
  for (const cache of platform.caches) {
    const portions = (cache.msc?.ris ?? []).map((ris) => Math.min(ris.cpor?.cpbmWd ?? 0, 1024));
    hardware.addCache(cacheSets(cache), cache.ways, Math.max(1, ...portions));
  }
  for (const _ of platform.memory) hardware.addChannel();
  const { cache, channel } = resourcesOf(platform);
  for (const { description, resource } of mscs) {
    const words = mscWords(description);
    const behind = resource.kind === "cache" ? cache : channel;
    const nrdyNs = BigInt(description.nrdyUsec) * 1000n;
    const msc = hardware.addMsc(
      behind ?? 0,
      words.aidr,
      description.iidr,
      words.idr,
      words.idrHi,
      words.risMax,
      0,
      0,
      0,
      0,
      0,
      0,
      nrdyNs,
    );
    for (const [space, limits] of Object.entries(description.spaces)) {
      if (limits)
        hardware.addBank(msc, SPACE_NUMBERS[space as keyof typeof SPACE_NUMBERS], limits.partidMax, limits.pmgMax);
    }
    for (const ris of description.ris) {
      const r = risWords(ris);
      hardware.addRis(msc, ris.ris, 15, r.idr, 0, 0, r.cporIdr, r.ccapIdr, r.mbwIdr, 0, r.msmonIdr, r.csumonIdr, r.mbwumonIdr, 0, 0);
    }
  }
  return hardware.seal();
}
