// From what a platform file says to a whole platform: every default is filled in here and nowhere else.

import { fillDevice, fillSmmu } from "./fill-io.ts";
import { fillProcessor } from "./processor.ts";
import {
  CONTROL_NAMES,
  RATE_MAXIMUM,
  type WrittenCache,
  type WrittenMailbox,
  type WrittenMemory,
  type WrittenMsc,
  type WrittenPlatform,
  type WrittenRis,
} from "./schema.ts";
import type {
  CacheDescription,
  MailboxDescription,
  MemoryDescription,
  MonitorFeatures,
  MscDescription,
  Platform,
  RisDescription,
  TranslationDescription,
} from "./types.ts";

/** Time of a request that a cache serves, by level, and of one that memory serves. */
const CACHE_LATENCY_NS = [1, 5, 20, 40] as const;
const MEMORY_LATENCY_NS = 100;

export interface Filled {
  readonly platform: Platform;
  /** For each cache of the platform the entry of the file that it comes from. */
  readonly entries: readonly number[];
}

export function fillDefaults(written: WrittenPlatform): Filled {
  const memory = written.memory.map((_, index) => fillMemory(index, written));
  const { caches, entries } = fillCaches(written, memory);
  const platform = {
    name: written.name,
    description: written.description ?? "",
    cpus: written.cpus,
    firmware: written.firmware ?? "acpi",
    socId: written.socId ?? 0,
    mailboxes: (written.mailboxes ?? []).map(fillMailbox),
    processor: fillProcessor(written.processor),
    quantumNs: written.quantumNs ?? 1000,
    lineBytes: lineBytesOf(written),
    clusters: written.clusters ?? [],
    seed: written.seed ?? 1,
    numa: written.numa ?? "interleave",
    pageBytes: written.pageBytes ?? 4096,
    owners: written.owners ?? 255,
    memoryLimit: written.memoryLimit ?? 2 ** 30,
    caches,
    memory,
    smmus: (written.smmus ?? []).map(fillSmmu),
    devices: (written.devices ?? []).map((device) => fillDevice(device, caches)),
  };
  return { platform, entries };
}

function fillMailbox(mailbox: WrittenMailbox, index: number): MailboxDescription {
  return {
    subspace: mailbox.subspace ?? index,
    base: mailbox.base,
    bytes: mailbox.bytes ?? 256,
    latencyUsec: mailbox.latencyUsec ?? 5,
    interrupt: mailbox.interrupt ?? 0,
  };
}

function allCpus(platform: WrittenPlatform): number[] {
  return Array.from({ length: platform.cpus }, (_, cpu) => cpu);
}

function lineBytesOf(platform: WrittenPlatform): number {
  return platform.lineBytes ?? 64;
}

function fillCaches(
  platform: WrittenPlatform,
  memory: readonly MemoryDescription[],
): { caches: CacheDescription[]; entries: number[] } {
  const caches: CacheDescription[] = [];
  const entries: number[] = [];
  const written = (platform.caches ?? []).map((cache) => ({ cache, instances: instancesOf(cache, platform) }));
  const ids = cacheIds(platform, written);
  written.forEach(({ cache, instances }, entry) => {
    const msc = cache.msc && fillMsc(cache.msc, platform);
    instances.forEach((cpus, instance) => {
      const id = ids.get(cpus) as number;
      caches.push(fillCache(cache, { id, cpus, instance, msc }, platform, memory));
      entries.push(entry);
    });
  });
  return { caches, entries };
}

/** The cpus of each cache that an entry stands for. */
function instancesOf(cache: WrittenCache, platform: WrittenPlatform): (readonly number[])[] {
  const cpus = cache.cpus ?? allCpus(platform);
  if (cache.per === "cpu") return cpus.map((cpu) => [cpu]);
  if (cache.per !== "cluster") return [[...cpus]];
  const serves = new Set(cpus);
  const parts = (platform.clusters ?? []).map((cluster) => cluster.filter((cpu) => serves.has(cpu)));
  return parts.filter((part) => part.length > 0);
}

/**
 * The id of each instance, by its list of cpus. ACPI names a cache by its id alone, so that those without one get the lowest that
 * no cache has, the last level first; a device tree names it by its lowest cpu.
 */
function cacheIds(
  { firmware }: WrittenPlatform,
  written: readonly { readonly cache: WrittenCache; readonly instances: readonly (readonly number[])[] }[],
): Map<readonly number[], number> {
  const ids = new Map<readonly number[], number>();
  for (const { cache, instances } of written) {
    const { id } = cache;
    if (id !== undefined) instances.forEach((cpus, instance) => void ids.set(cpus, id + instance));
  }
  const taken = new Set(ids.values());
  let next = 0;
  for (const { instances } of [...written].sort((a, b) => b.cache.level - a.cache.level)) {
    for (const cpus of instances) {
      if (ids.has(cpus)) continue;
      if (firmware === "dt") {
        ids.set(cpus, Math.min(...cpus));
        continue;
      }
      while (taken.has(next)) next++;
      ids.set(cpus, next++);
    }
  }
  return ids;
}

interface Instance {
  readonly id: number;
  readonly cpus: readonly number[];
  /** Place among the instances of the entry. */
  readonly instance: number;
  /** Of the first instance. */
  readonly msc: MscDescription | undefined;
}

function fillCache(
  cache: WrittenCache,
  { id, cpus, instance, msc }: Instance,
  platform: WrittenPlatform,
  memory: readonly MemoryDescription[],
): CacheDescription {
  const slices = cache.slices ?? 1;
  const regulated = msc?.ris.some(({ mbw }) => mbw) ?? false;
  return {
    level: cache.level,
    id,
    cpus,
    bytes: cache.bytes,
    ways: cache.ways,
    lineBytes: cache.lineBytes ?? lineBytesOf(platform),
    policy: cache.policy ?? "lru",
    slices,
    inclusive: cache.inclusive ?? false,
    relabelOnWriteHit: cache.relabelOnWriteHit ?? false,
    mbwu: cache.mbwu ?? "downstream",
    latencyNs: cache.latencyNs ?? (CACHE_LATENCY_NS[cache.level - 1] as number),
    ...given({ bytesPerSecond: cache.bytesPerSecond ?? (regulated ? shareOfChannels(memory, slices) : undefined) }),
    ...(msc && { msc: ofInstance(msc, instance * slices) }),
  };
}

/** The MSC of a later instance: its pages follow those of the ones before. */
function ofInstance(msc: MscDescription, pages: number): MscDescription {
  return msc.base === undefined ? msc : { ...msc, base: msc.base + pages * msc.stride };
}

/** What a slice lets through unless its entry says otherwise: as much as all channels together, over the slices. */
function shareOfChannels(memory: readonly MemoryDescription[], slices: number): number {
  const all = memory.reduce((sum, node) => sum + node.channels * node.bytesPerSecond, 0);
  return Math.min(Math.max(Math.floor(all / slices), 1), RATE_MAXIMUM);
}

function fillMemory(index: number, platform: WrittenPlatform): MemoryDescription {
  const memory = platform.memory[index] as WrittenMemory;
  return {
    node: memory.node ?? index,
    cpus: memory.cpus ?? unnamedCpus(platform),
    bytes: memory.bytes,
    channels: memory.channels ?? 1,
    bytesPerSecond: memory.bytesPerSecond,
    latencyNs: memory.latencyNs ?? MEMORY_LATENCY_NS,
    ...(memory.msc && { msc: fillMsc(memory.msc, platform) }),
  };
}

/** The cpus that no node names. */
function unnamedCpus(platform: WrittenPlatform): number[] {
  const named = new Set(platform.memory.flatMap(({ cpus }) => cpus ?? []));
  return allCpus(platform).filter((cpu) => !named.has(cpu));
}

function fillMsc(msc: WrittenMsc, platform: WrittenPlatform): MscDescription {
  const version = msc.version ?? "1.1";
  const { spaces: _, ...shortForm } = msc;
  return {
    ...given({ base: msc.base, mailbox: msc.mailbox }),
    stride: msc.stride ?? 2 ** 16,
    errata: msc.errata ?? [],
    power: msc.power ?? "kept",
    version,
    iidr: msc.iidr ?? 0,
    spaces: fillSpaces(msc.spaces, platform),
    nrdyUsec: msc.nrdyUsec ?? 0,
    errorInterrupt: msc.errorInterrupt ?? 0,
    overflowInterrupt: msc.overflowInterrupt ?? 0,
    cpus: msc.cpus ?? allCpus(platform),
    esr: msc.esr ?? (version === "1.0" ? 32 : 64),
    errorStyle: msc.errorStyle ?? "level",
    errMsi: msc.errMsi ?? false,
    noHwOflwIntr: msc.noHwOflwIntr ?? false,
    oflwMsi: msc.oflwMsi ?? false,
    oflowSr: msc.oflowSr ?? false,
    localCaptEvnt: msc.localCaptEvnt ?? false,
    captEvents: msc.captEvents ?? [],
    ...given({
      partidNrw: msc.partidNrw,
      endis: msc.endis && { nfu: msc.endis.nfu ?? "none" },
      inTl: fillTranslation(msc.inTl),
      outTl: fillTranslation(msc.outTl),
      resetFill: msc.resetFill,
    }),
    tlMonitoring: msc.tlMonitoring ?? "between",
    defaultPartid: msc.defaultPartid ?? false,
    selectorCheck: msc.selectorCheck ?? "acs",
    valueClearsStatus: msc.valueClearsStatus ?? "always",
    unfreeze: msc.unfreeze ?? "value",
    scaleRounding: msc.scaleRounding ?? "nearest",
    // The controls of a part with one resource instance may stand under `msc` itself.
    ris: (msc.ris ?? [{ ...shortForm, ris: 0 }]).map(fillRis),
  };
}

function fillSpaces(spaces: WrittenMsc["spaces"], platform: WrittenPlatform): MscDescription["spaces"] {
  const { partidMax, pmgMax } = platform.processor;
  if (!spaces) return { ns: { partidMax, pmgMax } };
  const { ns, s, rt, rl } = spaces;
  return { ns, ...(s && { s }), ...(rt && { rt }), ...(rl && { rl }) };
}

function fillTranslation(written: WrittenMsc["inTl"]): TranslationDescription | undefined {
  return written && { ...written, direct: written.direct ?? false, baseMask: written.baseMask ?? false };
}

function fillRis({ ris, spaces, impl, cpor, ccap, mbw, pri, csu, mbwu }: WrittenRis): RisDescription {
  return {
    ris,
    ...given({
      spaces,
      impl: impl && { idr: impl.idr, noPart: impl.noPart ?? false, noMsmon: impl.noMsmon ?? false },
      cpor,
      ccap: ccap && {
        cmaxWd: ccap.cmaxWd,
        noCmax: ccap.noCmax ?? false,
        cmaxSoftlim: ccap.cmaxSoftlim ?? false,
        cmin: ccap.cmin ?? false,
        ...given({ cassocWd: ccap.cassocWd }),
      },
      mbw: mbw && {
        bwaWd: mbw.bwaWd,
        max: mbw.max ?? true,
        maxLim: mbw.maxLim ?? "both",
        min: mbw.min ?? false,
        prop: mbw.prop ?? false,
        ...given({ bwpbmWd: mbw.bwpbmWd }),
        window: mbw.window ?? "paced",
        windwr: mbw.windwr ?? false,
        winwdUsec: mbw.winwdUsec ?? 1000,
      },
      pri: pri && {
        ...given({ intpriWd: pri.intpriWd, dspriWd: pri.dspriWd }),
        intpri0IsLow: pri.intpri0IsLow ?? false,
        dspri0IsLow: pri.dspri0IsLow ?? false,
      },
      csu: csu && { ...fillMonitors(csu, "hw"), csuRo: csu.csuRo ?? false, xcl: csu.xcl ?? false },
      mbwu: mbwu && {
        ...fillMonitors(mbwu, "sw"),
        counter: mbwu.counter,
        rwbw: mbwu.rwbw ?? false,
        scale: mbwu.scale ?? 0,
      },
    }),
  };
}

function fillMonitors(
  written: NonNullable<WrittenRis["csu"] | WrittenRis["mbwu"]>,
  nrdy: MonitorFeatures["nrdy"],
): MonitorFeatures {
  return {
    monitors: written.monitors,
    capture: written.capture ?? false,
    oflowLnkg: written.oflowLnkg ?? false,
    ofsr: written.ofsr ?? false,
    cevntOflw: written.cevntOflw ?? false,
    oflowCapt: written.oflowCapt ?? false,
    noMatchPartid: written.noMatchPartid ?? false,
    noMatchPmg: written.noMatchPmg ?? false,
    nrdy: written.nrdy ?? nrdy,
  };
}

/** The keys that have a value: an absent part has no key. */
function given<T extends object>(keys: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(keys).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** The controls that stand under `msc` although it has a list of resource instances too. */
export function strayControls(msc: WrittenMsc): readonly string[] {
  return msc.ris ? CONTROL_NAMES.filter((name) => msc[name] !== undefined) : [];
}
