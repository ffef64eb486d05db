// Registers by number and by physical address (design section 8).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BusAccess, type BusWindow, Machine, PhysicalBus } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { EN, MBWU_CTL, MBWU_L, MON_SEL } from "./compare.ts";
import { CACHE_BASE, CHANNEL_BASE, platformOf } from "./machines.ts";
import { runs } from "./traces.ts";

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

describe("a word by address", () => {
  test("is the word that an access of four bytes reads and writes, unsigned", async () => {
    const machine = await machineOf();
    machine.bus.store32(0, "ns", CACHE_BASE + PART_SEL, 3);
    machine.bus.store32(1, "s", CACHE_BASE + PART_SEL, 2);
    expect([machine.read32(0, PART_SEL), machine.read32(0, PART_SEL, "s")]).toEqual([3, 2]);
    machine.bus.store32(0, "ns", CACHE_BASE + CPBM, -1);
    expect(machine.bus.load32(0, "ns", CACHE_BASE + CPBM)).toBe(0xffff);
    machine.write32(0, MBWU_CTL, EN);
    expect(machine.bus.load32(3, "ns", CHANNEL_BASE + PART_SEL)).toBe(0);
    // EN is bit 31; TYPE of MBWU is 0x42.
    expect(machine.bus.load32(0, "ns", CACHE_BASE + MBWU_CTL)).toBe(0x8000_0042);
  });

  test("is refused as any access", async () => {
    const { bus } = await machineOf();
    const cases: readonly [number, "ns" | "rl", number, string, RegExp][] = [
      [0, "ns", CACHE_BASE + 2, "EINVAL", /4 bytes at 0x141000002: .*naturally aligned/],
      [0, "ns", CACHE_BASE + 0.5, "EINVAL", /naturally aligned/],
      [0, "ns", Number.NaN, "EINVAL", /naturally aligned/],
      [0, "ns", -4, "ENXIO", /nothing answers/],
      [0, "ns", CACHE_BASE - 4, "ENXIO", /nothing answers at 0x140fffffc in space ns/],
      [0, "rl", CACHE_BASE, "ENXIO", /nothing answers at 0x141000000 in space rl/],
      [2, "ns", CACHE_BASE, "ENXIO", /cpu 2 does not reach msc 0 at 0x141000000/],
      [4, "ns", CACHE_BASE, "ENXIO", /there is no cpu 4/],
      [-1, "ns", CHANNEL_BASE, "ENXIO", /there is no cpu -1/],
      [0.5, "ns", CHANNEL_BASE, "ENXIO", /there is no cpu 0.5/],
    ];
    for (const [cpu, space, address, code, words] of cases) {
      expect(() => bus.load32(cpu, space, address)).toThrow(refused(code, words) as Error);
      expect(() => bus.store32(cpu, space, address, 1)).toThrow(refused(code, words) as Error);
    }
  });

  test("is made by the cpu, or by whom the caller names, and in either case by way of the cpu", async () => {
    const machine = await machineOf();
    const seen: unknown[] = [];
    machine.log("MPAMCFG_PART_SEL", ({ by, cpu, access }) => seen.push([by, cpu, access]));
    machine.bus.store32(1, "ns", CACHE_BASE + PART_SEL, 1);
    machine.bus.load32(0, "ns", CACHE_BASE + PART_SEL, "driver");
    machine.bus.load32(1, "ns", CACHE_BASE + PART_SEL, "driver");
    machine.bus.store32(1, "ns", CACHE_BASE + PART_SEL, 1, "probe");
    machine.bus.read(at(CACHE_BASE + PART_SEL));
    expect(seen).toEqual([
      ["cpu 1", 1, "write"],
      ["driver", 0, "read"],
      ["driver", 1, "read"],
      ["probe", 1, "write"],
      ["cpu 0", 0, "read"],
    ]);
  });

  test("is looked for by name in a log, whichever cpu it came from", async () => {
    const machine = await machineOf();
    const seen: unknown[] = [];
    machine.log({ by: "driver" }, ({ cpu }) => seen.push(cpu));
    machine.bus.load32(1, "ns", CACHE_BASE + PART_SEL, "driver");
    machine.bus.load32(1, "ns", CACHE_BASE + PART_SEL);
    expect(seen).toEqual([1]);
  });
});

describe("windows", () => {
  /** Answers with the number of the window and the offset, and remembers what it was asked. */
  function window(start: number, bytes: number, asked: unknown[] = []): BusWindow {
    return {
      start,
      bytes,
      admit: (...access) => void asked.push(["admit", ...access]),
      load: (offset, width, ...by) => {
        asked.push(["load", offset, width, ...by]);
        return start / 0x1_0000 + offset;
      },
      store: (...access) => void asked.push(["store", ...access]),
    };
  }
  const everyone = { length: 2, isOnline: () => true };

  test("are found wherever they lie and whatever came before, and nothing is between them", () => {
    const places = fc.uniqueArray(fc.nat({ max: 2 ** 36 - 1 }), { minLength: 0, maxLength: 40 });
    const looks = fc.array(fc.tuple(fc.nat(), fc.constantFrom(-4, 0, 4, 0xfffc, 0x1_0000)), { maxLength: 60 });
    fc.assert(
      fc.property(places, looks, (numbers, drawn) => {
        const bus = new PhysicalBus(
          numbers.map((number) => window(number * 0x1_0000, 0x1_0000)),
          everyone,
        );
        for (const [index, offset] of drawn) {
          const number = numbers[index % Math.max(1, numbers.length)] ?? index;
          const address = number * 0x1_0000 + offset;
          const there = numbers.includes(Math.floor(address / 0x1_0000));
          const load = () => bus.load32(0, "ns", address);
          if (there) expect(load()).toBe(Math.floor(address / 0x1_0000) + (address % 0x1_0000));
          else expect(load).toThrow(refused("ENXIO", /nothing answers/) as Error);
        }
      }),
      runs(100),
    );
  });

  test("may be larger than a page, and are asked before each access whether they take it", () => {
    const asked: unknown[] = [];
    const bus = new PhysicalBus([window(0x1900_0000, 0x80_0000, asked)], everyone);
    expect(bus.read({ cpu: 1, space: "s", address: 0x197f_fff8, bytes: 8 })).toBe(0x0080_18fc_0080_18f8n);
    bus.write({ cpu: 1, space: "s", address: 0x1900_0002, bytes: 2, value: 0xabcdefn });
    bus.store32(0, "ns", 0x1900_0004, -1, "driver");
    expect(asked).toEqual([
      ["admit", 0x7f_fff8, 8, "s", 1],
      ["load", 0x7f_fff8, 4, "s", 1],
      ["load", 0x7f_fffc, 4, "s", 1],
      ["admit", 2, 2, "s", 1],
      ["store", 2, 2, 0xcdef, "s", 1],
      ["admit", 4, 4, "ns", 0],
      ["store", 4, 4, 0xffff_ffff, "ns", { by: "driver", cpu: 0 }],
    ]);
    expect(() => bus.load32(0, "ns", 0x1980_0000)).toThrow(refused("ENXIO", /nothing/) as Error);
  });
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
