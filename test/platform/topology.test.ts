// What a file says of levels, sharing, slices, nodes and channels, and what it becomes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cachesBelow,
  cachesOfCpus,
  checkObject,
  estimateMemory,
  loadPlatform,
  mscInstances,
  type Platform,
  PlatformError,
  platformNotes,
} from "../../src/platform/index.ts";

const KiB = 2 ** 10;
const NODE = { bytes: "1 GiB", bytesPerSecond: "10 GB/s" };

/** Eight cpus in two clusters, one node; `keys` says what is different. */
function input(keys: object): object {
  const limits = { partidMax: 7, pmgMax: 1 };
  return { name: "t", cpus: 8, processor: limits, clusters: ["0-3", "4-7"], memory: [NODE], ...keys };
}

function platformOf(keys: object): Platform {
  return checkObject(input(keys));
}

/** What it is refused with. */
function refusal(keys: object): string[] {
  try {
    platformOf(keys);
  } catch (error) {
    if (error instanceof PlatformError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const cache = (keys: object) => ({ level: 3, bytes: 64 * KiB, ways: 16, ...keys });
const L1 = { ...cache({}), level: 1, per: "cpu", bytes: 4 * KiB, ways: 4 };
const L2 = { ...cache({}), level: 2, per: "cluster" };
const MSC = { base: 0x4000_0000, mbwu: { monitors: 1, counter: 44 } };
const MBW = { base: 0x4000_0000, mbw: { bwaWd: 7 } };

describe("one entry may stand for several caches", () => {
  test("for each cpu, each cluster, or all cpus", () => {
    const { caches } = platformOf({ caches: [{ ...L1, cpus: "0-1,4" }, { ...L2, cpus: "2-5" }, cache({})] });
    expect(caches.map(({ level, id, cpus }) => [level, id, cpus])).toEqual([
      [1, 3, [0]],
      [1, 4, [1]],
      [1, 5, [4]],
      [2, 1, [2, 3]],
      [2, 2, [4, 5]],
      [3, 0, [0, 1, 2, 3, 4, 5, 6, 7]],
    ]);
  });

  test("ids count on from the one that is given; others take the lowest that no cache has, the last level first", () => {
    const ids = (caches: object[]) => platformOf({ caches }).caches.map(({ level, id }) => `${level}:${id}`);
    expect(ids([{ ...L2, id: 7 }, cache({})])).toEqual(["2:7", "2:8", "3:0"]);
    expect(
      ids([
        { ...L1, cpus: "0-2" },
        { ...L1, cpus: "3-5", id: 1 },
      ]),
    ).toEqual(["1:0", "1:4", "1:5", "1:1", "1:2", "1:3"]);
    expect(() => ids([{ ...L2, id: 7 }, cache({ id: 8 })])).toThrow(
      /caches\[1\]\.id is 8, as caches\[0\] has it; ACPI wants ids that differ over all levels/,
    );
  });

  test("with a device tree the id is the lowest cpu, and another is refused", () => {
    const of = (caches: object[]) => platformOf({ firmware: "dt", caches }).caches.map(({ level, id }) => [level, id]);
    expect(of([{ ...L2, cpus: "2-5" }, cache({})])).toEqual([
      [2, 2],
      [2, 4],
      [3, 0],
    ]);
    expect(() => of([cache({ id: 7 })])).toThrow(
      /caches\[0\]\.id is 7; with firmware: dt the number of its lowest cpu, 0, is allowed/,
    );
  });

  test("register pages lie stride apart, cache after cache, slice after slice", () => {
    const l2 = { ...L2, slices: 2, msc: { ...MSC, stride: "128 KiB" } };
    const platform = platformOf({ caches: [l2], memory: [{ ...NODE, channels: 3, msc: { base: 0x5000_0000 } }] });
    expect(mscInstances(platform).map(({ address }) => address)).toEqual([
      0x4000_0000, 0x4002_0000, 0x4004_0000, 0x4006_0000, 0x5000_0000, 0x5001_0000, 0x5002_0000,
    ]);
    expect(
      mscInstances(platform).map(({ resource: r }) =>
        r.kind === "cache" ? ["cache", r.cache.id, r.slice] : ["memory", r.memory.node, r.channel],
      ),
    ).toEqual([
      ["cache", 0, 0],
      ["cache", 0, 1],
      ["cache", 1, 0],
      ["cache", 1, 1],
      ["memory", 0, 0],
      ["memory", 0, 1],
      ["memory", 0, 2],
    ]);
  });
});

describe("what is left out", () => {
  test("latencies go by level", () => {
    const caches = [1, 2, 3, 4].map((level) => cache({ level }));
    const platform = platformOf({ caches });
    expect(platform.caches.map(({ latencyNs }) => latencyNs)).toEqual([1, 5, 20, 40]);
    expect(platform.memory[0]?.latencyNs).toBe(100);
  });

  test("a regulated slice lets through what all channels have, over the slices of its cache", () => {
    const rate = (keys: object) =>
      platformOf({ caches: [cache(keys)], memory: [{ ...NODE, cpus: "0-3", channels: 2 }, NODE] }).caches[0]
        ?.bytesPerSecond;
    expect(rate({ msc: MBW })).toBe(30e9);
    expect(rate({ msc: MBW, slices: 4 })).toBe(7.5e9);
    expect(rate({ msc: MBW, bytesPerSecond: "1 GB/s" })).toBe(1e9);
    expect(rate({ msc: MSC })).toBeUndefined();
  });

  test("that is no more than a file may say", () => {
    const node = { ...NODE, bytesPerSecond: "10 TB/s", channels: 2 };
    const platform = platformOf({ caches: [cache({ msc: MBW })], memory: [node] });
    expect(platform.caches[0]?.bytesPerSecond).toBe(1e13);
    expect(checkObject(platform)).toEqual(platform);
  });

  test("a node has the cpus that no other names, which may be none", () => {
    const cpus = (memory: object[]) => platformOf({ memory }).memory.map((node) => node.cpus);
    expect(cpus([{ ...NODE, cpus: "2-3" }, NODE])).toEqual([
      [2, 3],
      [0, 1, 4, 5, 6, 7],
    ]);
    expect(cpus([{ ...NODE, cpus: "0-7" }, NODE])).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], []]);
    expect(cpus([{ ...NODE, cpus: [] }])).toEqual([[]]);
  });

  test("lines are those of the machine", () => {
    const platform = platformOf({ lineBytes: 128, caches: [cache({})] });
    expect([platform.lineBytes, platform.caches[0]?.lineBytes]).toEqual([128, 128]);
  });
});

describe("requests have one way to go", () => {
  test("from the lowest level of a cpu to the highest, then to memory", () => {
    const platform = platformOf({ caches: [cache({}), { ...L2, cpus: "0-3" }, { ...L1, cpus: "0,4" }] });
    // L3, L2 of 0-3, L1 of 0, L1 of 4.
    expect(cachesOfCpus(platform)).toEqual([[2, 1, 0], [1, 0], [1, 0], [1, 0], [3, 0], [0], [0], [0]]);
    expect(cachesBelow(platform)).toEqual([undefined, 0, 1, 0]);
  });

  test.each([
    [[cache({ cpus: "0-3" }), cache({ cpus: "3-7", msc: MSC })], /caches\[1\]\.cpus has cpu 3, as caches\[0\] does/],
    [[{ ...L1, cpus: "0-3" }, L1], /caches\[1\]\.cpus has cpu 0-3, as caches\[0\] does; .*one cache of level 1$/],
    [[L2, cache({ cpus: "0-5" })], /caches\[0\]\.cpus: cpu 4 and cpu 6 share a cache, and not that of level 3; /],
    [[cache({ level: 2 }), cache({ cpus: "0-3" }), cache({ cpus: "4-7" })], /cpu 0 and cpu 4 share .* of level 3/],
    [
      [L2, cache({ level: 4, cpus: "0-6" })],
      /caches\[0\]\.cpus: cpu 4 and cpu 7 share a cache, and not that of level 4/,
    ],
  ])("%#", (caches, says) => {
    const lines = refusal({ caches });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
  });
});

describe("refused in one line each", () => {
  const TWO = [
    { ...NODE, cpus: "0-3" },
    { ...NODE, cpus: "3-7" },
  ];

  test.each<[string, object, RegExp]>([
    [
      "a cpu in two clusters",
      { clusters: ["0-3", "3-5"] },
      /^platform: clusters\[1\] has cpu 3, as clusters\[0\] does; /,
    ],
    ["a cluster of cpus that are not there", { clusters: ["6-9"] }, /clusters\[0\] names cpu 8-9; cpus 0 to 7/],
    ["per cluster without clusters", { clusters: undefined, caches: [L2] }, /caches\[0\]\.per is cluster; the key clu/],
    [
      "per cluster for cpus in none",
      { clusters: ["0-3"], caches: [L2] },
      /caches\[0\]\.per is cluster, and cpu 4-7 is in none; /,
    ],
    [
      "ids that meet",
      {
        caches: [
          { ...L1, cpus: "0-3", id: 3 },
          { ...L1, cpus: "4-7", id: 0 },
        ],
      },
      /caches\[1\]\.id is 3, as caches\[0\] has it; /,
    ],
    [
      "ids past the last",
      { caches: [{ ...L2, id: 0xffff_ffff }] },
      /caches\[0\]\.id counts on to 4294967296; ids up to/,
    ],
    ["a cpu of two nodes", { memory: TWO }, /memory\[1\]\.cpus has cpu 3, as memory\[0\] does; /],
    ["two nodes that name no cpus", { memory: [NODE, NODE] }, /memory\[1\]\.cpus has cpu 0-7, as memory\[0\] does; /],
    [
      "a node twice",
      {
        memory: [
          { ...NODE, node: 1, cpus: [] },
          { ...NODE, cpus: [] },
        ],
      },
      /memory\[1\]\.node is 1, as memory\[0\] has it; /,
    ],
    ["no memory", { memory: [] }, /memory is an empty list; at least one memory node is needed/],
    [
      "slices that have no power of two of sets",
      { caches: [cache({ slices: 3 })] },
      /caches\[0\]\.bytes makes 21\.33 sets \(65536 bytes in 3 slices of 16 ways of 64-byte lines\); .* slices \* ways \* 64/,
    ],
    [
      "long lines in a small cache",
      { lineBytes: 256, caches: [cache({ bytes: 2 * KiB })] },
      /caches\[0\]\.bytes makes 0\.5 sets \(2048 bytes in 16 ways of 256-byte lines\)/,
    ],
    [
      "lines of a cache's own",
      { lineBytes: 64, caches: [cache({ lineBytes: 128 })] },
      /caches\[0\]\.lineBytes is 128; 64, lineBytes of the machine, is allowed$/,
    ],
    [
      "upstream without monitors",
      { caches: [cache({ mbwu: "upstream" })] },
      /caches\[0\]\.mbwu is upstream without bandwidth monitors; an msc with mbwu is needed$/,
    ],
    [
      "upstream below another cache",
      { caches: [L1, cache({ mbwu: "upstream", msc: MSC })] },
      /caches\[1\]\.mbwu is upstream below another cache; /,
    ],
    [
      "upstream below another cache for one cpu",
      { caches: [{ ...L1, cpus: 7 }, cache({ mbwu: "upstream", msc: MSC })] },
      /caches\[1\]\.mbwu is upstream below another cache; /,
    ],
    [
      "pages that meet in a later instance",
      { caches: [{ ...L1, msc: MSC }, cache({ msc: { base: 0x4007_0000 } })] },
      /caches\[1\]\.msc\.base: the register page at 0x40070000 overlaps that of caches\[0\]\.msc\.base; /,
    ],
    [
      "pages that meet between slices and channels, told once",
      { caches: [cache({ slices: 4, msc: MSC })], memory: [{ ...NODE, channels: 3, msc: { base: 0x4001_0000 } }] },
      /memory\[0\]\.msc\.base: the register page at 0x40010000 overlaps that of caches\[0\]\.msc\.base; /,
    ],
    [
      "pages past the last address",
      { caches: [cache({ slices: 2, msc: { base: 2 ** 52 - 2 ** 16 } })] },
      /caches\[0\]\.msc\.base: the last of its register pages is at 0x10000000000000; addresses below 2\^52/,
    ],
    [
      "more slices and channels than there can be",
      { caches: [1, 2, 3, 4].map((level) => cache({ level, per: "cpu", slices: 64 })) },
      /^platform: the machine has 2048 cache slices and 1 memory channels; 2048 slices and channels together are allowed$/,
    ],
    [
      "more MSCs than there can be",
      {
        caches: [1, 2].map((level) => cache({ level, per: "cpu", slices: 64, msc: { base: level * 2 ** 32 } })),
        memory: [{ ...NODE, channels: 2, msc: { base: 0 } }],
      },
      /^platform: the machine has 1024 cache slices and 2 memory channels with an msc; 1024 slices and channels together/,
    ],
  ])("%s", (_, keys, says) => {
    const lines = refusal(keys);
    expect(lines, lines.join("\n")).toHaveLength(1);
    expect(lines[0]).toMatch(says);
  });

  test("a mistake of a thousand cpus is one line, and takes no time", () => {
    const lines = refusal({ caches: [{ ...L1, cpus: "0-65535", slices: 64, bytes: "1 MiB" }] });
    expect(lines).toEqual([
      "platform: caches[0].cpus names cpu 8-65535; cpus 0 to 7 are allowed here",
      "platform: the machine has 4194304 cache slices and 1 memory channels; 2048 slices and channels together are allowed",
    ]);
  });
});

describe("a note says what has no effect where it stands", () => {
  const notes = (keys: object) => platformNotes(platformOf(keys));

  test("inclusion of nothing, relabelling where no record comes, a rate that nothing regulates", () => {
    expect(
      notes({ caches: [{ ...L1, inclusive: true }, cache({ relabelOnWriteHit: true, bytesPerSecond: 1 })] }),
    ).toEqual([
      "L1 caches 1-8: inclusive holds what caches above hold, and there are none",
      "L3 cache 0: relabelOnWriteHit acts on writes of records, and they come to a lower level first",
      "L3 cache 0: bytesPerSecond acts where the msc has mbw",
    ]);
    expect(notes({ caches: [{ ...L1, relabelOnWriteHit: true }, cache({ inclusive: true })] })).toEqual([]);
  });

  test("bandwidth controls and priorities in several resource instances: the lowest of a space acts", () => {
    const ris = (number: number, keys: object) => ({ ris: number, mbw: { bwaWd: 7 }, ...keys });
    const limits = { partidMax: 1, pmgMax: 0 };
    const of = (msc: object) => notes({ caches: [cache({ msc: { base: 0x4000_0000, ...msc } })] });
    expect(of({ ris: [ris(4, {}), ris(2, { pri: { intpriWd: 3 } }), ris(7, { pri: { dspriWd: 1 } })] })).toEqual([
      "cache 0: mbw of RIS 2 acts; that of RIS 4, 7 is stored only",
      "cache 0: pri of RIS 2 acts; that of RIS 7 is stored only",
    ]);
    const spaces = { ns: limits, s: limits };
    expect(of({ spaces, ris: [ris(0, { spaces: ["ns"] }), ris(1, { spaces: ["s"] })] })).toEqual([]);
    expect(of({ spaces, ris: [ris(0, { spaces: ["s"] }), ris(1, {})] })).toEqual([
      "cache 0: mbw of RIS 0 acts in space s; that of RIS 1 is stored only",
    ]);
  });

  test("one node cannot overflow into another", () => {
    expect(notes({ numa: "fill" })).toEqual(["numa: fill fills one node after the other, and there is one"]);
  });
});

test("two-sockets: a private L2 for each cpu, an L3 of four slices and a node of two channels for each socket", async () => {
  const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
  const [first, second] = platform.clusters;
  expect(platform.caches.slice(0, 16).map(({ level, id, cpus }) => [level, id, cpus])).toEqual(
    Array.from({ length: 16 }, (_, cpu) => [2, cpu + 2, [cpu]]),
  );
  expect(platform.caches.slice(16).map(({ level, id, cpus, slices }) => [level, id, cpus, slices])).toEqual([
    [3, 0, first, 4],
    [3, 1, second, 4],
  ]);
  expect(platform.memory.map(({ node, cpus, channels }) => [node, cpus, channels])).toEqual([
    [0, first, 2],
    [1, second, 2],
  ]);
  const addresses = mscInstances(platform).map(({ address = 0 }) => address - 0x1_4000_0000);
  expect(addresses).toEqual([
    ...Array.from({ length: 16 }, (_, cpu) => cpu * 0x1_0000),
    ...Array.from({ length: 8 }, (_, slice) => 0x100_0000 + slice * 0x1_0000),
    ...[0x200_0000, 0x201_0000, 0x280_0000, 0x281_0000],
  ]);
  // Four channels of 25.6 GB/s, over four slices.
  expect(platform.caches[16]?.bytesPerSecond).toBe(25.6e9);
});

test("whatever a file says of caches and nodes, the answer is a platform that means the same again, or lines", () => {
  const some = (keys: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(keys, { requiredKeys: [] }).map((drawn) => Object.fromEntries(Object.entries(drawn)));
  const cpus = fc.uniqueArray(fc.nat({ max: 8 }), { minLength: 1, maxLength: 6 });
  const msc = fc
    .constantFrom(undefined, MSC, MBW)
    .chain((one) => fc.nat({ max: 40 }).map((page) => one && { ...one, base: 0x1_0000 * (page + 1) }));
  const drawnCache = some({
    level: fc.integer({ min: 1, max: 4 }),
    per: fc.constantFrom("cpu", "cluster", "all"),
    id: fc.nat({ max: 3 }),
    cpus,
    slices: fc.constantFrom(1, 2, 3, 4),
    policy: fc.constantFrom("lru", "plru", "nru", "random"),
    mbwu: fc.constantFrom("upstream", "downstream"),
    msc,
  }).map(cache);
  const drawnNode = some({ cpus, channels: fc.integer({ min: 1, max: 3 }), msc }).map((keys) => ({ ...NODE, ...keys }));
  const drawn = some({
    clusters: fc.array(cpus, { maxLength: 2 }),
    lineBytes: fc.constantFrom(32, 64, 128, 256),
    caches: fc.array(drawnCache, { maxLength: 3 }),
    memory: fc.array(drawnNode, { minLength: 1, maxLength: 2 }),
  });
  fc.assert(
    fc.property(drawn, (keys) => {
      const lines = refusal(keys);
      for (const line of lines) expect(line).toMatch(/^platform: .+; .+$/);
      if (lines.length > 0) return;
      const platform = platformOf(keys);
      expect(checkObject(JSON.parse(JSON.stringify(platform)))).toEqual(platform);
      expect(estimateMemory(platform).bytes).toBeGreaterThan(0);
      expect(new Set(estimateMemory(platform).pieces.map(({ name }) => name)).size).toBe(
        estimateMemory(platform).pieces.length,
      );
      for (const note of platformNotes(platform)) expect(note).toMatch(/^(L\d )?(cache|caches|memory|numa)/);
      // Each way goes up in levels, and two that meet stay together.
      for (const way of cachesOfCpus(platform)) {
        const levels = way.map((index) => platform.caches[index]?.level ?? 0);
        expect(levels).toEqual([...new Set(levels)].sort());
        expect(way.map((index) => cachesBelow(platform)[index])).toEqual([
          ...way.slice(1),
          ...(way[0] === undefined ? [] : [undefined]),
        ]);
      }
    }),
    { numRuns: 1000 },
  );
});
