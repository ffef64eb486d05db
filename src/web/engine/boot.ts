// Power-on of a session: platform, machine, driver and tree.

import { Driver } from "../../driver/index.ts";
import { Resctrl } from "../../fs/index.ts";
import { Machine } from "../../machine/index.ts";
import { cacheSets, type Platform, parsePlatform, platformNotes } from "../../platform/index.ts";
import { PLATFORMS } from "../platforms.ts";
import type { Setup } from "../setup.ts";
import type { Booted, CacheView } from "./protocol.ts";

/** Threads of a machine in a page, its own among them. */
const MOST_THREADS = 4;

/** For pictures: owners of so many bytes at a time. */
const SCRATCH_BYTES = 2 ** 18;

export interface Machinery {
  readonly platform: Platform;
  readonly machine: Machine;
  /** Undefined where the platform has nothing that resctrl could use. */
  readonly tree: Resctrl | undefined;
  /** Why there is no tree; "" where there is one. */
  readonly refusal: string;
}

/** Throws what is wrong with the platform, in lines. */
export async function powerOn(setup: Pick<Setup, "platform" | "seed" | "timing">): Promise<Machinery> {
  const platform = await platformOf(setup.platform);
  // Closed timing runs on one thread.
  const threads = setup.timing === "closed" ? 1 : Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  const create = (workers: number) =>
    Machine.create(platform, {
      scratchBytes: SCRATCH_BYTES,
      workers,
      ...(setup.seed === undefined ? {} : { seed: setup.seed }),
    });
  // A page whose policy lets no thread start has a machine all the same.
  const machine = await create(Math.max(1, threads)).catch((error) =>
    threads > 1 ? create(1) : Promise.reject(error),
  );
  try {
    const driver = await Driver.probe(machine);
    return { platform, machine, tree: await Resctrl.mount(driver), refusal: "" };
  } catch (error) {
    return { platform, machine, tree: undefined, refusal: error instanceof Error ? error.message : String(error) };
  }
}

async function platformOf(from: Setup["platform"]): Promise<Platform> {
  if ("text" in from) return parsePlatform(from.text, from.name);
  const text = await PLATFORMS[from.bundled]?.();
  if (text === undefined)
    throw new Error(`there is no platform ${from.bundled}: ${Object.keys(PLATFORMS).join(", ")} are bundled`);
  return parsePlatform(text, `${from.bundled}.yaml`);
}

export function describe({ platform, machine, refusal }: Machinery, problems: readonly string[]): Booted {
  const { name, description, cpus, lineBytes, caches, memory } = platform;
  return {
    platform: { name, description, cpus, lineBytes, notes: platformNotes(platform) },
    caches: caches.map(
      (cache): CacheView => ({
        name: `L${cache.level} ${cache.id}`,
        level: cache.level,
        id: cache.id,
        bytes: cache.bytes,
        ways: cache.ways,
        slices: cache.slices,
        sets: cacheSets(cache),
        portions: cache.msc?.ris.find(({ cpor }) => cpor)?.cpor?.cpbmWd ?? 0,
      }),
    ),
    memoryBytesPerSecond: memory.reduce((sum, { channels, bytesPerSecond }) => sum + channels * bytesPerSecond, 0),
    problems: refusal === "" ? problems : [`No resctrl: ${refusal}`, ...problems],
    threads: threadsInWords(machine.workers),
  };
}

function threadsInWords(workers: number): string {
  if (workers > 1) return `${workers} threads on shared memory`;
  return crossOriginIsolated ? "one thread" : "one thread, no shared memory";
}
