// From what a platform file says to a whole platform: every default is filled in here and nowhere else.

import {
  CONTROL_NAMES,
  type WrittenCache,
  type WrittenControls,
  type WrittenMemory,
  type WrittenMsc,
  type WrittenPlatform,
} from "./schema.ts";
import type { CacheDescription, MemoryDescription, MscDescription, Platform, RisDescription } from "./types.ts";

export function fillDefaults(written: WrittenPlatform): Platform {
  return {
    name: written.name,
    description: written.description ?? "",
    cpus: written.cpus,
    processor: written.processor,
    quantumNs: written.quantumNs ?? 1000,
    pageBytes: written.pageBytes ?? 4096,
    owners: written.owners ?? 255,
    memoryLimit: written.memoryLimit ?? 2 ** 30,
    caches: (written.caches ?? []).map((cache, index) => fillCache(cache, index, written)),
    memory: written.memory.map((memory, index) => fillMemory(memory, index, written)),
  };
}

function allCpus(platform: WrittenPlatform): number[] {
  return Array.from({ length: platform.cpus }, (_, cpu) => cpu);
}

function fillCache(cache: WrittenCache, index: number, platform: WrittenPlatform): CacheDescription {
  return {
    level: cache.level,
    id: cache.id ?? index,
    cpus: cache.cpus ?? allCpus(platform),
    bytes: cache.bytes,
    ways: cache.ways,
    lineBytes: cache.lineBytes ?? 64,
    policy: cache.policy ?? "lru",
    slices: cache.slices ?? 1,
    ...(cache.msc && { msc: fillMsc(cache.msc, platform) }),
  };
}

function fillMemory(memory: WrittenMemory, index: number, platform: WrittenPlatform): MemoryDescription {
  return {
    node: memory.node ?? index,
    cpus: memory.cpus ?? allCpus(platform),
    bytes: memory.bytes,
    channels: memory.channels ?? 1,
    bytesPerSecond: memory.bytesPerSecond,
    ...(memory.msc && { msc: fillMsc(memory.msc, platform) }),
  };
}

function fillMsc(msc: WrittenMsc, platform: WrittenPlatform): MscDescription {
  return {
    base: msc.base,
    stride: msc.stride ?? 2 ** 16,
    version: msc.version ?? "1.1",
    iidr: msc.iidr ?? 0,
    spaces: fillSpaces(msc.spaces, platform),
    nrdyUsec: msc.nrdyUsec ?? 0,
    errorInterrupt: msc.errorInterrupt ?? 0,
    overflowInterrupt: msc.overflowInterrupt ?? 0,
    cpus: msc.cpus ?? allCpus(platform),
    // The controls of a part with one resource instance may stand under `msc` itself.
    ris: msc.ris ? msc.ris.map((ris) => fillRis(ris.ris, ris)) : [fillRis(0, msc)],
  };
}

function fillSpaces(spaces: WrittenMsc["spaces"], platform: WrittenPlatform): MscDescription["spaces"] {
  if (!spaces) return { ns: { ...platform.processor } };
  const { ns, s, rt, rl } = spaces;
  return { ns, ...(s && { s }), ...(rt && { rt }), ...(rl && { rl }) };
}

function fillRis(ris: number, controls: WrittenControls): RisDescription {
  const { cpor, ccap, mbw, csu, mbwu } = controls;
  return {
    ris,
    ...(cpor && { cpor }),
    ...(ccap && { ccap }),
    ...(mbw && { mbw: { bwaWd: mbw.bwaWd, maxLim: mbw.maxLim ?? "both" } }),
    ...(csu && { csu }),
    ...(mbwu && { mbwu: { monitors: mbwu.monitors, counter: mbwu.counter, rwbw: mbwu.rwbw ?? false } }),
  };
}

/** The controls that stand under `msc` although it has a list of resource instances too. */
export function strayControls(msc: WrittenMsc): readonly string[] {
  return msc.ris ? CONTROL_NAMES.filter((name) => msc[name] !== undefined) : [];
}
