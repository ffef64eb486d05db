// The contestants of the cache benchmarks, whatever the settings: the general path, and the cache by hand with vectors.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CTwin } from "../../bench/c-twin.ts";
import { PlainCache } from "../../bench/js/cache.ts";
import { PlainGeneralCache } from "../../bench/js/general.ts";
import { openCache } from "../../bench/ours.ts";
import {
  type CacheCase,
  cacheArguments,
  cacheCase,
  drawnColumns,
  everyControl,
  generalArguments,
  PATTERNS,
  POLICIES,
} from "../../bench/workload.ts";

const RECORDS = 4000;
const SETS = 4;

/** Limits that the registers can say exactly. */
const general = fc
  .record({
    pattern: fc.constantFrom(...PATTERNS),
    policy: fc.constantFrom(...POLICIES),
    ways: fc.integer({ min: 1, max: 64 }),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .chain(({ pattern, policy, ways, seed }) => {
    const lines = SETS * ways;
    const partition = fc.record({
      portions: fc.oneof(fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })),
      limit: fc.integer({ min: 1, max: lines }),
      soft: fc.boolean(),
      least: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: lines - 1 })),
      mostWays: fc.oneof(
        fc.constant(ways),
        fc.integer({ min: 0, max: 15 }).map((step) => Math.max(1, Math.floor(((step + 1) * ways) / 16))),
      ),
    });
    return fc.array(partition, { minLength: 8, maxLength: 8 }).map((partitions): CacheCase => {
      return { ...cacheCase(pattern, SETS, RECORDS, { ways, policy, seed }), partitions };
    });
  });

test("the general path, plain JavaScript and plain C replace alike under every policy and control", async () => {
  await fc.assert(
    fc.asyncProperty(general, async (c) => {
      const columns = drawnColumns(c);
      const model = new PlainGeneralCache(c);
      model.replay(columns, 0, RECORDS);
      const ours = await openCache(c, columns, "ours", true);
      expect((await ours.run()).checksum).toBe(model.checksum());
      const twin = await CTwin.start("general", generalArguments(c));
      if (twin) expect((await twin.run("plain")).checksum).toBe(model.checksum());
      twin?.close();
    }),
    { numRuns: 40 },
  );
});

test("with every control in use each of them turns some request away from what it would take otherwise", () => {
  const c = everyControl(cacheCase("zipf", 64, 40_000));
  const checksum = (some: CacheCase) => {
    const model = new PlainGeneralCache(some);
    model.replay(drawnColumns(some), 0, some.records);
    return model.checksum();
  };
  const all = checksum(c);
  const lines = c.sets * c.ways;
  const free = { portions: 0xffff, limit: lines, soft: false, least: 0, mostWays: c.ways };
  for (const key of ["portions", "limit", "soft", "least", "mostWays"] as const) {
    const without = { ...c, partitions: c.partitions.map((p) => ({ ...p, [key]: free[key] })) };
    expect(checksum(without), key).not.toBe(all);
  }
});

test("with portions and a maximum only, general and plain caches are one", () => {
  for (const pattern of PATTERNS) {
    const c = cacheCase(pattern, 64, 20_000);
    const columns = drawnColumns(c);
    const plain = new PlainCache(c);
    const other = new PlainGeneralCache(c);
    plain.replay(columns, 0, c.records);
    other.replay(columns, 0, c.records);
    expect(other.checksum()).toBe(plain.checksum());
  }
});

test("the cache by hand with vectors gives the checksum of the plain one, whatever the portions and limits", async () => {
  const partition = fc.record({
    portions: fc.integer({ min: 0, max: 0xffff }),
    limit: fc.integer({ min: 1, max: 256 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATTERNS),
      fc.array(partition, { minLength: 8, maxLength: 8 }),
      async (pattern, settings) => {
        const drawn = cacheCase(pattern, 16, 20_000);
        const free = { soft: false, least: 0, mostWays: drawn.ways };
        const c = { ...drawn, partitions: settings.map((setting) => ({ ...free, ...setting })) };
        const model = new PlainCache(c);
        model.replay(drawnColumns(c), 0, c.records);
        const twin = await CTwin.start("cache-vectors", cacheArguments(c));
        if (twin) expect((await twin.run("vectors")).checksum).toBe(model.checksum());
        twin?.close();
      },
    ),
    { numRuns: 20 },
  );
});
