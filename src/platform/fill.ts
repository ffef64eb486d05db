// From what a platform file says to a whole platform: every default is filled in here and nowhere else.

import {
  CONTROL_NAMES,
  type WrittenCache,
  type WrittenMemory,
  type WrittenMsc,
  type WrittenPlatform,
  type WrittenRis,
} from "./schema.ts";
import type {
  CacheDescription,
  MemoryDescription,
  MonitorFeatures,
  MscDescription,
  Platform,
  RisDescription,
  TranslationDescription,
} from "./types.ts";

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
  const version = msc.version ?? "1.1";
  const { spaces: _, ...shortForm } = msc;
  return {
    base: msc.base,
    stride: msc.stride ?? 2 ** 16,
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
  if (!spaces) return { ns: { ...platform.processor } };
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
