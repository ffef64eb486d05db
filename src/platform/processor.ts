// What a platform says of its cpus: which MPAM each has (docs/modelled.md, "The processor side").

import type { WrittenPe, WrittenPlatform } from "./schema.ts";
import type { PeDescription, Platform } from "./types.ts";

type WrittenProcessor = WrittenPlatform["processor"];

/** The keys of all cpus, and of those that differ, each whole. `wholeRate`: of all memory channels together. */
export function fillProcessor(written: WrittenProcessor, wholeRate: number): Platform["processor"] {
  return {
    ...fillPe(written, written, wholeRate),
    outstanding: written.outstanding ?? 64,
    requesters: written.requesters ?? 64,
    unlike: (written.unlike ?? []).map((entry) => ({
      cpus: entry.cpus,
      ...fillPe(
        merged(written, entry),
        { partidMax: entry.partidMax ?? written.partidMax, pmgMax: entry.pmgMax ?? written.pmgMax },
        wholeRate,
      ),
    })),
  };
}

/** What an entry of `unlike` leaves out is as with all others, key by key. */
function merged(all: WrittenPe, entry: WrittenPe): WrittenPe {
  const { bandwidth } = entry;
  return {
    ...all,
    ...given(entry),
    ...given({
      firmware: entry.firmware && { ...all.firmware, ...entry.firmware },
      unpredictable: entry.unpredictable && { ...all.unpredictable, ...entry.unpredictable },
      bandwidth:
        typeof bandwidth === "object" && typeof all.bandwidth === "object"
          ? { ...all.bandwidth, ...bandwidth }
          : bandwidth,
    }),
  };
}

function given<T extends object>(keys: T): T {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as T;
}

function fillPe(
  written: WrittenPe,
  { partidMax, pmgMax }: Pick<WrittenProcessor, "partidMax" | "pmgMax">,
  wholeRate: number,
): PeDescription {
  const el2 = written.el2 ?? true;
  const { bandwidth = "none", firmware, unpredictable } = written;
  return {
    version: written.version ?? "1.1",
    partidMax,
    pmgMax,
    el2,
    el3: written.el3 ?? true,
    vpmrMax: written.vpmrMax ?? (el2 ? 7 : "none"),
    tidr: written.tidr ?? false,
    sdeflt: written.sdeflt ?? false,
    forceNs: written.forceNs ?? "none",
    rme: written.rme ?? false,
    sme: written.sme ?? false,
    bandwidth:
      bandwidth === "none"
        ? bandwidth
        : {
            bwaWd: bandwidth.bwaWd,
            maxLim: bandwidth.maxLim ?? "both",
            hwScale: bandwidth.hwScale ?? false,
            bytesPerSecond: bandwidth.bytesPerSecond ?? wholeRate,
          },
    firmware: { enables: firmware?.enables ?? true, traps: firmware?.traps ?? false },
    vhe: written.vhe ?? false,
    unpredictable: {
      reset: unpredictable?.reset ?? "zero",
      virtual: unpredictable?.virtual ?? "default",
      physical: unpredictable?.physical ?? "zero",
      pmg: unpredictable?.pmg ?? "zero",
      pmgOfError: unpredictable?.pmgOfError ?? "keep",
      phyPartid: unpredictable?.phyPartid ?? "full",
      streaming: unpredictable?.streaming ?? "mpamsm",
      altspFrcd: unpredictable?.altspFrcd ?? "any",
    },
  };
}

/** What each cpu has, by its number. */
export function processorOfCpus({ cpus, processor }: Pick<Platform, "cpus" | "processor">): PeDescription[] {
  const all: PeDescription[] = Array.from({ length: cpus }, () => processor);
  for (const entry of processor.unlike) for (const cpu of entry.cpus) all[cpu] = entry;
  return all;
}
