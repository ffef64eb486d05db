// Registers by number and by physical address (design section 8).

import { describe, expect, test } from "vitest";
import { type BusAccess, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { EN, MBWU_CTL, MBWU_L, MON_SEL } from "./compare.ts";
import { CACHE_BASE, CHANNEL_BASE, platformOf } from "./machines.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const IDR = offsetOf("MPAMF_IDR");
const ESR = offsetOf("MPAMF_ESR");

/** Four cpus; the cache's page is open to the first two, in the Secure space too. */
async function machineOf(): Promise<Machine> {
  const platform = platformOf({ cpus: 4 });
  const caches = platform.caches.map((cache) => {
    if (!cache.msc) throw new Error("a cache with an MSC");
    const spaces = { ...cache.msc.spaces, s: { partidMax: 3, pmgMax: 1 } };
    return { ...cache, msc: { ...cache.msc, cpus: [0, 1], spaces } };
  });
  return Machine.create({ ...platform, caches });
}

const at = (address: number, different: Partial<BusAccess> = {}): BusAccess => ({
  cpu: 0,
  space: "ns",
  address,
  bytes: 4,
  ...different,
});

const refused = (code: string, words: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });

test("a physical address is a page and an offset in it", async () => {
  const machine = await machineOf();
  machine.bus.write({ ...at(CACHE_BASE + PART_SEL), value: 3n });
  machine.bus.write({ ...at(CACHE_BASE + CPBM), value: 0xabcdn });
  expect([machine.read32(0, PART_SEL), machine.read32(0, CPBM)]).toEqual([3, 0xabcd]);
  expect(machine.bus.read(at(CACHE_BASE + CPBM))).toBe(0xabcdn);
  machine.write32(1, PART_SEL, 9);
  expect(machine.bus.read(at(CHANNEL_BASE + PART_SEL))).toBe(9n);
  expect(machine.bus.read(at(CACHE_BASE + PART_SEL))).toBe(3n);
});

test("the space of an access chooses the bank", async () => {
  const machine = await machineOf();
  machine.bus.write({ ...at(CACHE_BASE + PART_SEL, { space: "s" }), value: 2n });
  machine.bus.write({ ...at(CACHE_BASE + PART_SEL), value: 7n });
  expect([machine.read32(0, PART_SEL, "s"), machine.read32(0, PART_SEL, "ns")]).toEqual([2, 7]);
});

test("an access of eight bytes is two words, low first", async () => {
  const machine = await machineOf();
  machine.write32(0, MON_SEL, 1);
  machine.write32(0, MBWU_CTL, EN);
  machine.bus.write({ ...at(CACHE_BASE + MBWU_L, { bytes: 8 }), value: 0x0123_4567_89ab_cdefn });
  expect(machine.bus.read(at(CACHE_BASE + MBWU_L, { bytes: 8 }))).toBe(0x0123_4567_89ab_cdefn);
  expect(machine.bus.read(at(CACHE_BASE + MBWU_L))).toBe(0x89ab_cdefn);
  expect(machine.bus.read(at(CACHE_BASE + MBWU_L + 4))).toBe(0x0123_4567n);
  expect(machine.read64(0, MBWU_L)).toBe(0x0123_4567_89ab_cdefn);
  machine.write64(0, MBWU_L, 42n);
  expect(machine.read64(0, MBWU_L)).toBe(42n);
  // MPAMF_IDR: PARTID_MAX 15 and EXT below, HAS_ESR and HAS_EXTD_ESR above.
  const idr = machine.bus.read(at(CACHE_BASE + IDR, { bytes: 8 }));
  expect([idr & 0xffffn, (idr >> 28n) & 1n, (idr >> 38n) & 3n]).toEqual([15n, 1n, 3n]);
});

describe("nothing answers", () => {
  test.each([
    ["below the page", CACHE_BASE - 4],
    ["above it", CACHE_BASE + 0x1_0000],
    ["at 0", 0],
  ])("%s", async (_, address) => {
    const machine = await machineOf();
    const words = new RegExp(`nothing answers at 0x${address.toString(16)}`);
    expect(() => machine.bus.read(at(address))).toThrow(refused("ENXIO", words) as Error);
    expect(() => machine.bus.write({ ...at(address), value: 1n })).toThrow(refused("ENXIO", words) as Error);
  });

  test("in a space that the part does not know", async () => {
    const machine = await machineOf();
    expect(() => machine.bus.read(at(CACHE_BASE, { space: "rl" }))).toThrow(refused("ENXIO", /space rl/) as Error);
    expect(() => machine.bus.read(at(CHANNEL_BASE, { space: "s" }))).toThrow(refused("ENXIO", /space s/) as Error);
    expect(machine.bus.read(at(CACHE_BASE, { space: "s" })) & 0xffffn).toBe(3n);
  });

  test("to a cpu that the part is out of reach of, and nothing is written", async () => {
    const machine = await machineOf();
    const access = at(CACHE_BASE + PART_SEL, { cpu: 2 });
    expect(() => machine.bus.read(access)).toThrow(refused("ENXIO", /cpu 2 does not reach msc 0/) as Error);
    expect(() => machine.bus.write({ ...access, value: 5n })).toThrow(refused("ENXIO", /cpu 2/) as Error);
    expect(machine.read32(0, PART_SEL)).toBe(0);
    expect(machine.bus.read(at(CHANNEL_BASE + PART_SEL, { cpu: 2 }))).toBe(0n);
  });
});

describe("an access is refused", () => {
  test.each([
    [CACHE_BASE + 2, 4],
    [CACHE_BASE + 1, 4],
    [CACHE_BASE + 4, 8],
    [CACHE_BASE, 2],
    [CACHE_BASE, 16],
    [CACHE_BASE + 0.5, 4],
  ])("at 0x%x of %i bytes", async (address, bytes) => {
    const machine = await machineOf();
    const access = at(address, { bytes: bytes as 4 });
    expect(() => machine.bus.read(access)).toThrow(refused("EINVAL", /naturally aligned/) as Error);
    expect(() => machine.bus.write({ ...access, value: 1n })).toThrow(refused("EINVAL", /naturally aligned/) as Error);
  });

  test("by number to an msc that is not there, or between words, or past the window", async () => {
    const machine = await machineOf();
    for (const [msc, offset] of [
      [2, 0],
      [-1, 0],
      [0, 2],
      [0, -4],
      [0, 0x1_0000],
      [0, Number.NaN],
    ] as const) {
      expect(() => machine.read32(msc, offset)).toThrow(refused("EINVAL", /./) as Error);
      expect(() => machine.write32(msc, offset, 1)).toThrow(refused("EINVAL", /./) as Error);
    }
  });

  test.each(["NS", "", "constructor", 1])("in a space called %j, watched or not and in batches", async (name) => {
    const machine = await machineOf();
    const space = name as "ns";
    const wanted = refused("EINVAL", /space .*: s, ns, rt or rl is allowed$/) as Error;
    const accesses = [
      () => machine.read32(0, 0, space),
      () => machine.write32(0, 0, 1, space),
      () => machine.read64(0, 0, space),
      () => machine.batch().read32(0, 0, space),
    ];
    for (const access of accesses) expect(access).toThrow(wanted);
    machine.log("*", () => undefined);
    for (const access of accesses) expect(access).toThrow(wanted);
  });
});

test("words that no register has read as zero and take no value, over the whole window", async () => {
  const machine = await machineOf();
  const named = new Set([0x0108, 0x0100, 0x0800, 0x0810, 0x0818, 0x0820, 0x0828, 0x00f0, 0x00f8, 0x00fc]);
  for (let offset = 0x900; offset < 0x1_0000; offset += 4) {
    if (named.has(offset) || offset === CPBM) continue;
    machine.write32(0, offset, 0xffff_ffff);
    expect([offset, machine.read32(0, offset)]).toEqual([offset, 0]);
  }
  expect(machine.read32(0, ESR)).toBe(0);
});

test("an interrupt of an error says which part, which wire and when, and again when it is released", async () => {
  const machine = await machineOf();
  const events: unknown[] = [];
  const off = machine.onInterrupt((event) => events.push(event));
  machine.write32(0, offsetOf("MPAMF_ECR"), 1);
  await machine.clock.advance(70);
  machine.write32(0, PART_SEL, 99);
  const raised = { kind: "error", msc: 0, space: "ns", line: 44, level: 1, delivery: "wire", count: 1, time: 70 };
  expect(events).toEqual([raised]);
  machine.write32(0, ESR, 0);
  expect(events).toEqual([raised, { ...raised, level: 0 }]);
  off();
  machine.write32(0, PART_SEL, 99);
  expect(events).toHaveLength(2);
});
