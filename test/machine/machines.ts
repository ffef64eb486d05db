// Machines for these tests: small ones with every feature of the slice, which a test changes where it says so.

import { Machine, type MachineOptions } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import type { SubjectConfig, SubjectRis } from "../helpers/subject.ts";

export interface Shape {
  readonly sets?: number;
  readonly ways?: number;
  readonly policy?: string;
  readonly partidMax?: number;
  readonly pmgMax?: number;
  readonly cpus?: number;
  readonly quantumNs?: number;
  readonly owners?: number;
  readonly memoryLimit?: number;
  /** More keys of the processor. */
  readonly processor?: object;
  /** Of the cache's MSC. */
  readonly ris?: readonly SubjectRis[];
}

export const CACHE_BASE = 0x1_4100_0000;
export const CHANNEL_BASE = 0x1_4200_0000;

const CACHE_RIS: SubjectRis = {
  ris: 0,
  cpor: { cpbmWd: 16 },
  ccap: { cmaxWd: 8 },
  csu: { monitors: 4 },
  mbwu: { monitors: 8, counter: 63, rwbw: true },
};

const CHANNEL_RIS: SubjectRis = {
  ris: 0,
  mbw: { bwaWd: 8, maxLim: "soft" },
  mbwu: { monitors: 8, counter: 44, rwbw: true },
};

/** A cache of 16 sets and 4 ways in front of a channel; MSC 0 and MSC 1. */
export function platformOf(shape: Shape = {}): Platform {
  const {
    sets = 16,
    ways = 4,
    policy = "lru",
    partidMax = 15,
    pmgMax = 3,
    cpus = 2,
    quantumNs = 100,
    ris = [CACHE_RIS],
  } = shape;
  const checked = checkObject(
    {
      name: "under test",
      cpus,
      processor: { partidMax, pmgMax, ...shape.processor },
      quantumNs,
      ...(shape.memoryLimit === undefined ? {} : { memoryLimit: shape.memoryLimit }),
      caches: [
        {
          level: 3,
          id: 0,
          bytes: sets * ways * 64,
          ways,
          policy,
          msc: { base: CACHE_BASE, version: "1.1", errorInterrupt: 44, overflowInterrupt: 45, ris },
        },
      ],
      memory: [
        {
          node: 0,
          bytes: "1 GiB",
          bytesPerSecond: "10 GB/s",
          msc: { base: CHANNEL_BASE, version: "1.1", errorInterrupt: 46, overflowInterrupt: 47, ris: [CHANNEL_RIS] },
        },
      ],
    },
    "test/machine/machines.ts",
  );
  return { ...checked, owners: shape.owners ?? checked.owners };
}

export function powerOn(shape: Shape = {}, options: MachineOptions = {}): Promise<Machine> {
  return Machine.create(platformOf(shape), options);
}

/** The cache of such a platform for the plain model. */
export function plainConfig(platform: Platform): SubjectConfig {
  const [cache] = platform.caches;
  if (!cache?.msc) throw new Error("the plain model has an MSC at its cache");
  const {
    base: _base,
    stride: _stride,
    errorInterrupt: _error,
    overflowInterrupt: _overflow,
    cpus: _cpus,
    ...msc
  } = cache.msc;
  return {
    kind: "cache",
    sets: cache.bytes / 64 / cache.ways,
    ways: cache.ways,
    ...msc,
    processor: platform.processor,
  };
}

/** A label for data and instructions alike. */
export function tag(partid: number, pmg = 0): { partidD: number; partidI: number; pmgD: number; pmgI: number } {
  return { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg };
}
