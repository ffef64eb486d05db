// Power-on: a new memory, laid out for a platform.

import {
  cacheSets,
  estimateMemory,
  type MscDescription,
  type MscInstance,
  type Platform,
  PORTIONS_WITH_EFFECT,
  type Space,
} from "../platform/index.ts";
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
    const portions = (cache.msc?.ris ?? []).map((ris) => Math.min(ris.cpor?.cpbmWd ?? 0, PORTIONS_WITH_EFFECT));
    hardware.addCache(cacheSets(cache), cache.ways, Math.max(1, ...portions));
  }
  for (const _ of platform.memory) hardware.addChannel();
  const { cache, channel } = resourcesOf(platform);
  for (const { description, resource } of mscs) {
    const behind = resource.kind === "cache" ? cache : channel;
    addMsc(hardware, behind ?? 0, description);
  }
  return hardware.seal();
}

function addMsc(hardware: Hardware, resource: number, description: MscDescription): void {
  const m = mscWords(description);
  const msc = hardware.addMsc(
    resource,
    m.aidr,
    m.iidr,
    m.idr,
    m.idrHi,
    m.risMax,
    m.msmonIdr,
    m.nrwIdr,
    m.inTlIdr,
    m.outTlIdr,
    m.options,
    m.resetFill,
    BigInt(description.nrdyUsec) * 1000n,
  );
  for (const [space, limits] of Object.entries(description.spaces)) {
    hardware.addBank(msc, SPACE_NUMBERS[space as Space], limits.partidMax, limits.pmgMax);
  }
  for (const ris of description.ris) {
    const r = risWords(ris, description);
    hardware.addRis(
      msc,
      ris.ris,
      r.spaces,
      r.idr,
      r.idrHi,
      r.implIdr,
      r.cporIdr,
      r.ccapIdr,
      r.mbwIdr,
      r.priIdr,
      r.msmonIdr,
      r.csumonIdr,
      r.mbwumonIdr,
      r.winwd,
      r.nrdy,
    );
  }
}
