// Power-on: a new memory, laid out for a platform.

import {
  type CacheDescription,
  cacheSets,
  cachesBelow,
  cachesOfCpus,
  estimateMemory,
  type MscDescription,
  type MscInstance,
  type PeDescription,
  type Platform,
  PORTIONS_WITH_EFFECT,
  processorOfCpus,
  type Space,
} from "../platform/index.ts";
import { peWords } from "./describe-cpu.ts";
import { mscWords, risWords } from "./describe-hardware.ts";
import { SPACE_NUMBERS } from "./spaces.ts";
import type { Builder } from "./wasm.ts";

/** Dense requester numbers are u16. */
export const REQUESTERS = 65536;

/** In place of a cache: what comes after is memory. */
export const TO_MEMORY = 0xffff_ffff;

const POLICIES = { lru: 0, plru: 1, nru: 2, random: 3 } as const;
const FLAG_INCLUSIVE = 1;
const FLAG_RELABEL_ON_WRITE_HIT = 2;
const FLAG_MBWU_UPSTREAM = 4;

/** Which resources of the hardware stand for which parts of the platform. */
export interface Resources {
  /** The first slice of each cache of the platform; the others follow it. */
  readonly caches: readonly number[];
  /** The first channel of each memory node; the others follow it. */
  readonly nodes: readonly number[];
  /** For each cpu where its records enter: the first slice of a cache, or TO_MEMORY. */
  readonly entries: readonly number[];
}

/** Resources in the order power-on adds them: caches slice by slice, then nodes channel by channel. */
export function resourcesOf(platform: Platform): Resources {
  let next = 0;
  const first = (count: number) => {
    next += count;
    return next - count;
  };
  const caches = platform.caches.map(({ slices }) => first(slices));
  const nodes = platform.memory.map(({ channels }) => first(channels));
  const entries = cachesOfCpus(platform).map(([lowest]) => caches[lowest ?? -1] ?? TO_MEMORY);
  return { caches, nodes, entries };
}

/**
 * The calls that make a memory the machine of a platform; the bytes it takes. Throws a RangeError for a machine that would
 * take more memory than the platform allows.
 */
export function layOut(
  hardware: Builder,
  platform: Platform,
  mscs: readonly MscInstance[],
  scratchBytes: number,
  workers = 1,
): number {
  const bytes = estimateMemory(platform, workers).bytes + scratchBytes;
  if (bytes > platform.memoryLimit) {
    throw new RangeError(`the machine would take ${bytes} bytes, and its memoryLimit is ${platform.memoryLimit}`);
  }
  const { processor, lineBytes } = platform;
  const resources = resourcesOf(platform);
  hardware.init(platform.owners, REQUESTERS, scratchBytes);
  hardware.configure(
    Math.log2(lineBytes),
    platform.pageBytes / lineBytes,
    platform.numa === "fill" ? 1 : 0,
    BigInt(platform.quantumNs),
    processor.outstanding,
    processor.requesters,
    platform.seed,
  );
  if (workers > 1) hardware.reserve(workers);
  for (const cache of platform.caches) addCache(hardware, cache);
  for (const { channels, bytes, bytesPerSecond, latencyNs } of platform.memory) {
    hardware.addNode(channels, BigInt(bytes / lineBytes), BigInt(Math.floor(bytesPerSecond)), latencyNs);
  }
  cachesBelow(platform).forEach((below, cache) => {
    hardware.setBelow(resources.caches[cache] as number, resources.caches[below ?? -1] ?? TO_MEMORY);
  });
  for (const { description, resource } of mscs) {
    const behind =
      resource.kind === "cache"
        ? (resources.caches[platform.caches.indexOf(resource.cache)] as number) + resource.slice
        : (resources.nodes[platform.memory.indexOf(resource.memory)] as number) + resource.channel;
    addMsc(hardware, behind, description);
  }
  for (const pe of processorOfCpus(platform)) addPe(hardware, pe);
  return hardware.seal();
}

function addCache(hardware: Builder, cache: CacheDescription): void {
  const portions = (cache.msc?.ris ?? []).map((ris) => Math.min(ris.cpor?.cpbmWd ?? 0, PORTIONS_WITH_EFFECT));
  hardware.addCache(
    cache.level,
    cache.slices,
    cacheSets(cache),
    cache.ways,
    POLICIES[cache.policy],
    (cache.inclusive ? FLAG_INCLUSIVE : 0) |
      (cache.relabelOnWriteHit ? FLAG_RELABEL_ON_WRITE_HIT : 0) |
      (cache.mbwu === "upstream" ? FLAG_MBWU_UPSTREAM : 0),
    Math.max(1, ...portions),
    cache.latencyNs,
    BigInt(Math.floor(cache.bytesPerSecond ?? 0)),
  );
}

function addMsc(hardware: Builder, resource: number, description: MscDescription): void {
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
      r.window,
    );
  }
}

function addPe(hardware: Builder, description: PeDescription): void {
  const p = peWords(description);
  hardware.addPe(p.pfr0, p.pfr0Hi, p.pfr1, p.idr, p.idrHi, p.bwidr, p.bwidrHi, p.options, p.bytesPerSecond);
}
