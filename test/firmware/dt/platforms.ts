// Platforms drawn at random, of those that a device tree can describe.

import fc from "fast-check";
import { checkObject, type Platform, PlatformError } from "../../../src/platform/index.ts";

const BASES = { l1: 0x1_0000_0000, l2: 0x1_1000_0000, l3: 0x1_2000_0000, memory: 0x1_3000_0000 };

/** An interrupt that a GIC has, or none. */
const interrupt = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 16, max: 31 }),
  fc.integer({ min: 32, max: 1019 }),
  fc.integer({ min: 1056, max: 1119 }),
  fc.integer({ min: 4096, max: 5119 }),
);

const msc = fc.record(
  {
    nrdyUsec: fc.integer({ min: 0, max: 0xffff_ffff }),
    errorInterrupt: interrupt,
    overflowInterrupt: interrupt,
    errorStyle: fc.constantFrom("level", "edge"),
    stride: fc.constantFrom("64 KiB", "128 KiB", "1 MiB"),
    ris: fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 4 }).map((numbers) => {
      return numbers.map((ris) => ({ ris }));
    }),
  },
  { requiredKeys: [] },
);

/** 1 to 8 cpus in clusters of 2, or in none. */
const shape = fc.record({
  cpus: fc.integer({ min: 1, max: 8 }),
  clustered: fc.boolean(),
  l1: fc.boolean(),
  l2: fc.constantFrom("none", "cpu", "pairs"),
  l3: fc.boolean(),
  lineBytes: fc.constantFrom(32, 64, 128, 256),
  l1Msc: fc.option(msc),
  l2Msc: fc.option(msc),
  l3Msc: fc.option(msc),
  memoryMsc: fc.option(msc),
  slices: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  nodes: fc.integer({ min: 1, max: 3 }),
  firstNode: fc.integer({ min: 0, max: 1 }),
  /** Which node the cpus are of: all of the first, of each in turn, or only cpu 0 of one. */
  homes: fc.constantFrom("first", "turns", "one"),
  /** How near a page is to its cache: reached by its cpus alone. */
  near: fc.boolean(),
});

/** Platforms with firmware: dt, and the object of the file they come from. */
export const drawnPlatforms: fc.Arbitrary<Platform> = shape
  .map((drawn) => {
    const { cpus, clustered, lineBytes, near } = drawn;
    const pairs = Array.from({ length: Math.ceil(cpus / 2) }, (_, at) =>
      [2 * at, 2 * at + 1].filter((cpu) => cpu < cpus),
    );
    const withMsc = (description: object | null, base: number, own: readonly number[], at: number) =>
      description === null
        ? {}
        : { msc: { ...description, base: base + at * 2 ** 24, ...(near && { cpus: [...own] }) } };
    const all = Array.from({ length: cpus }, (_, cpu) => cpu);
    const l1 = drawn.l1
      ? all.map((cpu) => {
          const own = { level: 1, cpus: [cpu], bytes: 4 * lineBytes, ways: 4 };
          return { ...own, ...withMsc(drawn.l1Msc, BASES.l1, [cpu], cpu) };
        })
      : [];
    const of = { none: [], cpu: all.map((cpu) => [cpu]), pairs }[drawn.l2];
    const l2 = of.map((own, at) => {
      const cache = { level: 2, cpus: own, bytes: 64 * lineBytes, ways: 8 };
      return { ...cache, ...withMsc(drawn.l2Msc, BASES.l2, own, at) };
    });
    // A tree shows slices by their MSCs.
    const slices = drawn.l3Msc ? drawn.slices : 1;
    const cache3 = { level: 3, bytes: slices * 16 * 32 * lineBytes, ways: 16, slices };
    const l3 = drawn.l3 ? [{ ...cache3, ...withMsc(drawn.l3Msc, BASES.l3, all, 0) }] : [];
    const memory = Array.from({ length: drawn.nodes }, (_, node) => ({
      node: 3 * node + drawn.firstNode,
      cpus: all.filter((cpu) => {
        return drawn.homes === "turns"
          ? cpu % drawn.nodes === node
          : node === 0 && (cpu === 0 || drawn.homes === "first");
      }),
      bytes: 2 ** 20 * (node + 1),
      bytesPerSecond: "1 GB/s",
      channels: drawn.channels,
      // Nearer to some cpus than to others: its page stands in a cache that is not its own.
      ...withMsc(drawn.memoryMsc, BASES.memory, of[0] ?? all, node),
    }));
    return checked({
      name: "drawn",
      firmware: "dt",
      cpus,
      processor: { partidMax: 7, pmgMax: 1 },
      lineBytes,
      ...(clustered && { clusters: pairs }),
      caches: [...l1, ...l2, ...l3],
      memory,
    });
  })
  .filter((platform) => platform !== undefined);

function checked(input: object): Platform | undefined {
  try {
    return checkObject(input);
  } catch (error) {
    if (error instanceof PlatformError) return undefined;
    throw error;
  }
}
