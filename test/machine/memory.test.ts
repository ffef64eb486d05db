// The memory a machine takes: known before it is built, and refused in words where it is too much (design section 5).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, estimateMemory, type Platform } from "../../src/platform/index.ts";
import type { SubjectRis } from "../helpers/subject.ts";
import { Bare } from "./hardware.ts";
import { platformOf } from "./machines.ts";
import { runs } from "./traces.ts";

const LIMITS: SubjectRis = { ris: 0, cpor: { cpbmWd: 16 }, ccap: { cmaxWd: 8 }, mbw: { bwaWd: 8, maxLim: "soft" } };

async function used(platform: Platform, workers = 1): Promise<number> {
  return (await Bare.powerOn(workers > 1 ? "shared" : "plain", platform, 0, workers)).top;
}

/** A cache for each of four cpus at each of these levels, or one for all. */
function tall(levels: readonly number[], different: object = {}): Platform {
  const caches = levels.map((level) => ({
    ...{ level, bytes: 2 ** 16, ways: 16, ...(level === 4 ? {} : { per: "cpu" }), ...different },
  }));
  const memory = [{ bytes: "1 GiB", channels: 2, bytesPerSecond: "1 GB/s" }];
  return checkObject({ name: "tall", cpus: 4, processor: { partidMax: 15, pmgMax: 3 }, caches, memory }, "tall");
}

const ris = (number: number): fc.Arbitrary<SubjectRis> =>
  fc
    .record({
      cpor: fc.option(
        fc.record({ cpbmWd: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constantFrom(1000, 1024, 32768)) }),
      ),
      ccap: fc.option(fc.constant({ cmaxWd: 8 })),
      mbw: fc.option(fc.constant({ bwaWd: 8, maxLim: "both" as const })),
      csu: fc.option(fc.record({ monitors: fc.integer({ min: 1, max: 40 }) })),
      mbwu: fc.option(
        fc.record({
          monitors: fc.integer({ min: 1, max: 40 }),
          counter: fc.constant(63 as const),
          rwbw: fc.boolean(),
        }),
      ),
    })
    .map((drawn) => {
      const present = Object.entries(drawn).filter(([, value]) => value !== null);
      return { ris: number, ...Object.fromEntries(present) };
    });

const instances = fc
  .integer({ min: 1, max: 8 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, number) => ris(number))));

const platforms = fc
  .record({
    sets: fc.constantFrom(1, 2, 64, 1024, 16384),
    ways: fc.integer({ min: 1, max: 16 }),
    partidMax: fc.nat({ max: 100 }),
    owners: fc.integer({ min: 1, max: 255 }),
    ris: instances,
    spaces: fc.constantFrom(1, 2, 4),
  })
  .map(({ spaces, ...shape }) => {
    const limits = { partidMax: shape.partidMax, pmgMax: 1 };
    const platform = platformOf({ memoryLimit: 2 ** 32, ...shape });
    const all = { ns: limits, ...(spaces > 1 ? { s: limits } : {}), ...(spaces > 2 ? { rt: limits, rl: limits } : {}) };
    const caches = platform.caches.map((cache) => ({
      ...cache,
      ...(cache.msc ? { msc: { ...cache.msc, spaces: all } } : {}),
    }));
    return { ...platform, caches };
  });

describe("the estimate", () => {
  test("is never less than what is laid out, and at most a quarter more", async () => {
    await fc.assert(
      fc.asyncProperty(platforms, async (platform) => {
        const estimate = estimateMemory(platform).bytes;
        const bytes = await used(platform);
        expect(estimate).toBeGreaterThanOrEqual(bytes);
        expect(estimate / bytes).toBeLessThanOrEqual(1.25);
      }),
      runs(60),
    );
  });

  test.each([
    ["a small machine", platformOf()],
    ["no partitions at all", platformOf({ sets: 1, ways: 1, ris: [{ ris: 0 }], owners: 1 })],
    ["a large cache", platformOf({ sets: 2 ** 16, ways: 16 })],
    ["many PARTIDs with both limits", platformOf({ partidMax: 65535, ris: [LIMITS] })],
    ["more labels than a platform file allows", platformOf({ owners: 4096, partidMax: 1023 })],
    ["the most ways", platformOf({ ways: 64, sets: 1024 })],
  ])("holds for %s", async (_, platform) => {
    const estimate = estimateMemory(platform).bytes;
    const bytes = await used(platform);
    expect(estimate).toBeGreaterThanOrEqual(bytes);
    expect(estimate / bytes).toBeLessThanOrEqual(1.25);
  });
});

describe("the estimate with threads", () => {
  test.each([
    ["no cache", []],
    ["one level", [4]],
    ["two levels that are not neighbours", [1, 3]],
    ["four levels", [1, 2, 3, 4]],
  ])("holds for %s", async (_, levels) => {
    for (const workers of [1, 2, 3, 8]) {
      for (const different of [{}, { ways: 32, policy: "plru" }, { ways: 64 }, { inclusive: true }]) {
        const platform = tall(levels, different);
        const estimate = estimateMemory(platform, workers).bytes;
        const bytes = await used(platform, workers);
        expect(estimate, `${workers} workers, ${JSON.stringify(different)}`).toBeGreaterThanOrEqual(bytes);
        expect(estimate / bytes).toBeLessThanOrEqual(1.25);
      }
    }
  });
});

describe("a machine is refused in words", () => {
  const written = {
    name: "as a file says it",
    cpus: 2,
    processor: { partidMax: 15, pmgMax: 3 },
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
  };

  test.each([
    ["nothing", undefined],
    ["a name", "small.yaml"],
    ["what a file says, before it is checked", written],
    ["a list", [written]],
    ["a cache without its size", { ...platformOf(), caches: [{ level: 3 }] }],
    [
      "an msc without resource instances",
      { ...platformOf(), caches: [{ ...platformOf().caches[0], msc: { base: 0 } }] },
    ],
  ])("for %s in place of a platform", async (_, platform) => {
    const refused = new TypeError("not a checked platform: loadPlatform or parsePlatform makes one");
    await expect(Machine.create(platform as unknown as Platform)).rejects.toThrow(refused);
  });

  test.each([-1, 1.5, 2 ** 32])("for the seed %d", async (seed) => {
    const words = `seed is ${seed}; a whole number, 0 to 4294967295, is allowed`;
    await expect(Machine.create(platformOf(), { seed })).rejects.toThrow(new RangeError(words));
  });

  test.each([-5, 0.5, Number.NaN])("for %d bytes of columns", async (scratchBytes) => {
    const words = `scratchBytes is ${scratchBytes}; a whole number of bytes, 0 or more, is allowed`;
    await expect(Machine.create(platformOf(), { scratchBytes })).rejects.toThrow(new RangeError(words));
  });
});

describe("a machine that takes more than its limit is refused", () => {
  const platform = platformOf({ sets: 1024, ways: 16 });
  const { bytes } = estimateMemory(platform);

  test("in words, with both numbers", async () => {
    const tight = { ...platform, memoryLimit: bytes - 1 };
    const words = `the machine would take ${bytes} bytes, and its memoryLimit is ${bytes - 1}`;
    await expect(Machine.create(tight)).rejects.toThrow(new RangeError(words));
    await Machine.create({ ...platform, memoryLimit: bytes });
  });

  test("also where columns of the host's own are what is too much", async () => {
    const exact = { ...platform, memoryLimit: bytes + 4096 };
    await Machine.create(exact, { scratchBytes: 4096 });
    await expect(Machine.create(exact, { scratchBytes: 4097 })).rejects.toThrow(RangeError);
  });
});
