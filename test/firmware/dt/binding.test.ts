// What the two bindings mean to a driver, rule by rule (linux-driver.md 9.1, 9.2).

import { describe, expect, test } from "vitest";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { DeviceTree, DtNode, type Value } from "../../../src/firmware/dt/tree.ts";
import { describeDeviceTree, type FirmwareMsc } from "../../../src/firmware/index.ts";
import { blobOf, PHONE, SERVER } from "./fixtures.ts";

type Properties = { readonly [name: string]: Value };

function node(name: string, properties: Properties = {}, ...children: DtNode[]): DtNode {
  const made = new DtNode(name);
  for (const [key, value] of Object.entries(properties)) made.set(key, value);
  for (const child of children) made.add(child);
  return made;
}

/** Phandles of the tree below. */
const [L3, L2, MEMORY, GIC] = [3, 2, 7, 9];
const RANGES = { "#address-cells": [2], "#size-cells": [2], ranges: true } as const;

interface Places {
  readonly root?: DtNode[];
  readonly inL3?: DtNode[];
  readonly inL2?: DtNode[];
  readonly inMemory?: DtNode[];
  readonly elsewhere?: DtNode[];
}

/** Cpus 0 and 1 share an L2, and all four cpus an L3; memory is of node 5. */
function treeWith(
  { root = [], inL3 = [], inL2 = [], inMemory = [], elsewhere = [] }: Places,
  l3: Properties = {},
): DtNode {
  const cpu = (reg: number, next: number) =>
    node(`cpu@${reg}`, { device_type: "cpu", reg: [reg], "next-level-cache": [next], "numa-node-id": [5] });
  const shape = { "cache-size": [65_536], "cache-line-size": [64], "cache-sets": [64] };
  return node(
    "",
    { "#address-cells": [2], "#size-cells": [2], "interrupt-parent": [GIC] },
    node("cpus", { "#address-cells": [1], "#size-cells": [0] }, cpu(0, L2), cpu(1, L2), cpu(2, L3), cpu(3, L3)),
    node(
      "l2",
      { compatible: "cache", phandle: [L2], "cache-level": [2], "next-level-cache": [L3], ...shape, ...RANGES },
      ...inL2,
    ),
    node("l3", { compatible: "cache", phandle: [L3], "cache-level": [3], ...shape, ...RANGES, ...l3 }, ...inL3),
    node(
      "memory@80000000",
      {
        device_type: "memory",
        compatible: "memory",
        phandle: [MEMORY],
        reg: [0, 0x8000_0000, 0, 0x4000_0000],
        "numa-node-id": [5],
        ...RANGES,
      },
      ...inMemory,
    ),
    node("gic", { "interrupt-controller": true, "#interrupt-cells": [3], phandle: [GIC] }),
    node("soc", { compatible: "simple-bus", ...RANGES }, ...elsewhere),
    ...root,
  );
}

/** Anything that the older binding has not: so that a tree is of the newer one. */
const NEWER = { "arm,not-ready-us": [4] };

let pages = 0;
function msc(properties: Properties = {}, ...children: DtNode[]): DtNode {
  const at = 0x4000_0000 + 0x1_0000 * (pages++ % 16);
  const reg = { compatible: "arm,mpam-msc", reg: [0, at, 0, 0x2000] };
  return node(`msc@${at.toString(16)}`, { ...reg, ...NEWER, ...properties }, ...children);
}

function ris(reg: number, properties: Properties = {}): DtNode {
  return node(`ris@${reg.toString(16)}`, { reg: [reg], ...properties });
}

const CACHE = { compatible: "arm,mpam-cache", "arm,mpam-device": [L3] };
const OF_MEMORY = { compatible: "arm,mpam-memory", "arm,mpam-device": [MEMORY] };

function told(places: Places, l3: Properties = {}) {
  return describeDeviceTree(writeFdt(new DeviceTree(treeWith(places, l3))));
}

function only(places: Places): FirmwareMsc {
  const { mscs, remarks } = told(places);
  expect(remarks).toEqual([]);
  expect(mscs).toHaveLength(1);
  return mscs[0] as FirmwareMsc;
}

/** What is said of an MSC that cannot be used: nothing of it is in the list, and it is counted. */
function refusal(places: Places, l3: Properties = {}): string {
  const { mscs, counted, remarks } = told(places, l3);
  expect(mscs).toEqual([]);
  expect(counted).toBe(1);
  return remarks.filter((remark) => remark.includes("cannot be used")).join("\n");
}

describe("what a RIS controls: the first rule that applies", () => {
  test("1: arm,mpam-cache is the cache that arm,mpam-device names", () => {
    expect(only({ root: [msc({}, ris(0, CACHE))] }).resources).toEqual([{ ris: 0, kind: "cache", id: 0, level: 3 }]);
    // Though it stands in another, and is said to be memory, too.
    const both = { ...CACHE, compatible: ["arm,mpam-memory", "arm,mpam-cache"] };
    expect(only({ inL2: [msc({}, ris(1, both))] }).resources).toEqual([{ ris: 1, kind: "cache", id: 0, level: 3 }]);
    expect(only({ inL2: [msc({ ...CACHE, compatible: ["arm,mpam-msc", "arm,mpam-cache"] })] }).resources).toEqual([
      { ris: 0, kind: "cache", id: 0, level: 3 },
    ]);
  });

  test("1: without arm,mpam-device the MSC cannot be used", () => {
    expect(refusal({ root: [msc({}, ris(0, { compatible: "arm,mpam-cache" }))] })).toMatch(
      /ris@0 at 0x[0-9a-f]+: arm,mpam-device is missing/,
    );
    expect(refusal({ root: [msc({}, ris(0, { ...CACHE, "arm,mpam-device": [77] }))] })).toMatch(/names no node/);
  });

  test("2: an MSC that stands in a cache and has no RIS nodes is RIS 0 of that cache", () => {
    expect(only({ inL2: [msc()] }).resources).toEqual([{ ris: 0, kind: "cache", id: 0, level: 2 }]);
    // Before rules 3 and 4.
    const memory = { ...OF_MEMORY, compatible: ["arm,mpam-memory-controller-msc", "arm,mpam-msc", "arm,mpam-memory"] };
    expect(only({ inL3: [msc(memory)] }).resources).toEqual([{ ris: 0, kind: "cache", id: 0, level: 3 }]);
  });

  test("3: arm,mpam-memory is the NUMA node of the RIS, and not of the memory it names", () => {
    const inNode = (properties: Properties, of: Properties = {}) =>
      only({ root: [msc(of, ris(3, { ...OF_MEMORY, ...properties }))] }).resources;
    expect(inNode({ "numa-node-id": [5] })).toEqual([{ ris: 3, kind: "memory", id: 5 }]);
    expect(inNode({}, { "numa-node-id": [5] })).toEqual([{ ris: 3, kind: "memory", id: 5 }]);
    expect(inNode({})).toEqual([{ ris: 3, kind: "memory", id: 0 }]);
  });

  test("3: without arm,mpam-device the MSC cannot be used", () => {
    expect(refusal({ root: [msc({}, ris(0, { compatible: "arm,mpam-memory" }))] })).toMatch(
      /arm,mpam-device is missing/,
    );
  });

  test("4: arm,mpam-memory-controller-msc is the memory it stands in, by its NUMA node", () => {
    const compatible = ["arm,mpam-memory-controller-msc", "arm,mpam-msc"];
    expect(only({ inMemory: [msc({ compatible })] }).resources).toEqual([{ ris: 0, kind: "memory", id: 5 }]);
    expect(only({ root: [msc({ compatible })] }).resources).toEqual([{ ris: 0, kind: "memory", id: 0 }]);
  });

  test("5: anything else is unknown", () => {
    expect(only({ root: [msc()] }).resources).toEqual([{ ris: 0, kind: "unknown", id: 0 }]);
    expect(only({ root: [msc({}, ris(2), ris(4, CACHE))] }).resources).toEqual([
      { ris: 2, kind: "unknown", id: 0 },
      { ris: 4, kind: "cache", id: 0, level: 3 },
    ]);
    // The RIS node of an MSC in a cache does not stand in the cache itself.
    expect(only({ inL3: [msc({}, ris(1))] }).resources).toEqual([{ ris: 1, kind: "unknown", id: 0 }]);
  });

  test("a RIS is an available child whose reg can be read", () => {
    const off = ris(1, { ...CACHE, status: "disabled" });
    expect(only({ root: [msc({}, off, ris(2, CACHE))] }).resources.map((one) => one.ris)).toEqual([2]);
    const { mscs, remarks } = told({ root: [msc({}, node("ris", CACHE), ris(2, CACHE))] });
    expect(mscs[0]?.resources.map((one) => one.ris)).toEqual([2]);
    expect(remarks.join()).toMatch(/\/ris at 0x.*reg is missing/);
  });

  test("RIS are numbered 0 to 15, each once", () => {
    expect(only({ root: [msc({}, ris(15, CACHE))] }).resources[0]?.ris).toBe(15);
    expect(refusal({ root: [msc({}, ris(16, CACHE))] })).toMatch(/RIS 16; 0 to 15/);
    const twice = node("ris@7", { ...CACHE, reg: [3] });
    expect(refusal({ root: [msc({}, ris(3, CACHE), twice)] })).toMatch(/RIS 3, as another/);
  });

  test("a cache needs a level, and a cpu that has it", () => {
    expect(refusal({ root: [msc({}, ris(0, { ...CACHE, "arm,mpam-device": [MEMORY] }))] })).toMatch(/no cache-level/);
    const orphan = node("orphan", { compatible: "cache", phandle: [20], "cache-level": [2] });
    const places = { root: [orphan, msc({}, ris(0, { ...CACHE, "arm,mpam-device": [20] }))] };
    expect(refusal(places)).toMatch(/no cpu has \/orphan/);
  });
});

describe("who reaches an MSC", () => {
  const cpus = (places: Places) => [...only(places).cpus];
  test("at the root, or in memory: all cpus; in a cache: the cpus of the cache", () => {
    expect(cpus({ root: [msc()] })).toEqual([0, 1, 2, 3]);
    expect(cpus({ inMemory: [msc()] })).toEqual([0, 1, 2, 3]);
    expect(cpus({ inL3: [msc()] })).toEqual([0, 1, 2, 3]);
    expect(cpus({ inL2: [msc({}, ris(0, CACHE))] })).toEqual([0, 1]);
  });

  test("anywhere else nobody knows, so that it cannot be used", () => {
    expect(refusal({ elsewhere: [msc()] })).toMatch(/neither the root nor compatible with "cache" or "memory"/);
  });

  test("in a cache that no cpu has: nobody", () => {
    const orphan = node("orphan", { compatible: "cache", "cache-level": [2], ...RANGES }, msc({}, ris(0, CACHE)));
    expect(refusal({ root: [orphan] })).toMatch(/no cpu has the cache/);
  });
});

describe("counting", () => {
  test("nodes that are available count, described well or not; others are not there", () => {
    const off = msc({ status: "disabled" });
    const failed = msc({ status: "fail" });
    const ok = [msc({ status: "ok" }), msc({ status: "okay" }), msc()];
    const bad = msc({}, ris(0, { compatible: "arm,mpam-cache" }));
    const { mscs, counted, remarks } = told({ root: [off, failed, ...ok, bad] });
    expect(counted).toBe(4);
    expect(mscs.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(remarks.filter((remark) => remark.includes("not counted"))).toHaveLength(2);
  });

  test("aliases number MSCs; those without one take what is left, in the order of the tree", () => {
    const [a, b, c] = [msc(), msc(), msc()];
    const numbered = () => treeWith({ root: [a as DtNode, b as DtNode, c as DtNode] });
    const tree = numbered();
    tree.add(
      node("aliases", { msc0: (c as DtNode).path, msc7: (a as DtNode).path, serial0: "/soc", msc9: "/nowhere" }),
    );
    const { mscs, remarks } = describeDeviceTree(writeFdt(new DeviceTree(tree)));
    const addressOf = (one: DtNode | undefined) => one?.cells("reg")?.[1];
    expect(mscs.map(({ id, address }) => [id, address])).toEqual([
      [0, addressOf(c)],
      [1, addressOf(b)],
      [7, addressOf(a)],
    ]);
    expect(remarks.join()).toMatch(/\/aliases .*msc9 names no MSC/);
  });
});

describe("windows", () => {
  test("addresses go through the ranges of the buses above", () => {
    const bus = node(
      "l9",
      {
        compatible: "cache",
        "cache-level": [4],
        phandle: [30],
        "#address-cells": [1],
        "#size-cells": [1],
        ranges: [0, 1, 0x5000_0000, 0x8000, 0x8000, 2, 0, 0x1_0000],
      },
      // The first address after the first range, and one within the second.
      node("msc@8000", { compatible: "arm,mpam-msc", reg: [0x8000, 0x800] }),
      node("msc@9000", { compatible: "arm,mpam-msc", reg: [0x9000, 0x800] }),
    );
    const { mscs } = told({ root: [bus] }, { "next-level-cache": [30] });
    expect(mscs.map(({ address, bytes }) => [address, bytes])).toEqual([
      [0x2_0000_0000, 0x800],
      [0x2_0000_1000, 0x800],
    ]);
  });

  test("without a way up there is no address", () => {
    const inCache = (properties: Properties) =>
      node("l9", { compatible: "cache", "cache-level": [4], phandle: [30], ...properties }, msc());
    const next = { "next-level-cache": [30] };
    expect(refusal({ root: [inCache({ "#address-cells": [2], "#size-cells": [2] })] }, next)).toMatch(/has no ranges/);
    const elsewhere = { ...RANGES, ranges: [0, 0, 0, 0, 0, 0x1000] };
    expect(refusal({ root: [inCache(elsewhere)] }, next)).toMatch(/does not have address 0x4/);
    expect(refusal({ root: [inCache({ ...RANGES, ranges: [1, 2, 3] })] }, next)).toMatch(/3 cells; entries of 6/);
    expect(refusal({ root: [inCache({ ...RANGES, "#address-cells": [3] })] }, next)).toMatch(/#address-cells 3/);
  });

  test("reg is one region of whole cells below 2^53", () => {
    expect(refusal({ root: [msc({ reg: [0, 1, 2] })] })).toMatch(/reg has 3 cells; entries of 4/);
    expect(refusal({ root: [msc({ reg: new Uint8Array(5) })] })).toMatch(/no list of cells/);
    expect(refusal({ root: [msc({ reg: [0xffff_ffff, 0, 0, 1] })] })).toMatch(/above 2\^53/);
    const { mscs, remarks } = told({ root: [msc({ reg: [0, 0x1000, 0, 0x100, 0, 0x2000, 0, 0x100] })] });
    expect(mscs[0]?.address).toBe(0x1000);
    expect(remarks.join()).toMatch(/several regions; the first one counts/);
    const bare = node("msc", { compatible: "arm,mpam-msc", ...NEWER });
    expect(refusal({ root: [bare] })).toMatch(/reg is missing/);
  });
});

describe("interrupts", () => {
  const lines = (properties: Properties) => {
    const { mscs, remarks } = told({ root: [msc(properties)] });
    return { error: mscs[0]?.errorInterrupt, overflow: mscs[0]?.overflowInterrupt, remarks };
  };
  const NAMES = { "interrupt-names": ["error", "overflow"] };

  // Binding arm,gic-v3: SPIs begin at INTID 32, PPIs at 16, extended ones at 4096 and 1056.
  test.each([
    ["SPIs", [0, 12, 4, 0, 987, 4], 44, 1019],
    ["PPIs", [1, 0, 4, 1, 15, 4], 16, 31],
    ["extended SPIs", [2, 0, 4, 2, 1023, 4], 4096, 5119],
    ["extended PPIs", [3, 0, 4, 3, 63, 4], 1056, 1119],
  ])("%s", (_, interrupts, error, overflow) => {
    expect(lines({ interrupts, ...NAMES })).toEqual({ error, overflow, remarks: [] });
  });

  test("go by their names", () => {
    expect(lines({ interrupts: [0, 1, 4], "interrupt-names": ["overflow"] })).toMatchObject({ error: 0, overflow: 33 });
    expect(lines({ interrupts: [0, 1, 4, 0, 2, 4], "interrupt-names": ["overflow", "error"] })).toMatchObject({
      error: 34,
      overflow: 33,
    });
    const unnamed = lines({ interrupts: [0, 1, 4] });
    expect(unnamed).toMatchObject({ error: 0, overflow: 0 });
    expect(unnamed.remarks.join()).toMatch(/interrupt-names/);
  });

  test("may name their controllers one by one", () => {
    const extended = { "interrupts-extended": [GIC, 0, 3, 4, GIC, 1, 5, 4], interrupts: [0, 9, 4], ...NAMES };
    expect(lines(extended)).toMatchObject({ error: 35, overflow: 21, remarks: [] });
  });

  test.each([
    ["one past the last of its kind", { interrupts: [0, 988, 4] }, /<0 988> is no interrupt of a GIC/],
    ["a kind that there is not", { interrupts: [7, 1, 4] }, /<7 1>/],
    ["an entry cut short", { interrupts: [0, 1, 4, 0] }, /fewer than 3 cells/],
    ["no controller", { interrupts: [0, 1, 4], "interrupt-parent": [99] }, /interrupt-parent/],
    ["a controller that is no GIC", { interrupts: [0, 1, 4], "interrupt-parent": [L3] }, /\/l3 is no GIC/],
  ])("that cannot be told are left out, and the MSC stays: %s", (_, properties, says) => {
    const found = lines({ ...NAMES, ...properties } as Properties);
    expect(found).toMatchObject({ error: 0, overflow: 0 });
    expect(found.remarks.join()).toMatch(says);
  });
});

describe("how long monitors may take", () => {
  test("is said where the property is, 0 among it, and not said elsewhere", () => {
    expect(only({ root: [msc({ "arm,not-ready-us": [10] })] }).nrdyUsec).toBe(10);
    expect(only({ root: [msc({ "arm,not-ready-us": [0] })] }).nrdyUsec).toBe(0);
    const without = node("msc@1000", { compatible: "arm,mpam-msc", reg: [0, 0x1000, 0, 0x100] });
    expect(only({ inL3: [without] })).not.toHaveProperty("nrdyUsec");
  });
});

describe("trees written by hand", () => {
  test("SERVER", () => {
    const { remarks, ...description } = describeDeviceTree(blobOf(SERVER));
    // The cpu with reg 0 boots, so it is cpu 0 though it stands second; that of status fail is none.
    const [all, first, second] = [new Set([0, 1, 2, 3]), new Set([0, 1]), new Set([2, 3])];
    expect(description).toEqual({
      cpus: [
        { cpu: 0, node: 0 },
        { cpu: 1, node: 0 },
        { cpu: 2, node: 1 },
        { cpu: 3, node: 1 },
      ],
      caches: [
        { id: 1, level: 1, bytes: 0x1_0000, lineBytes: 64, cpus: new Set([1]) },
        { id: 0, level: 2, bytes: 0x4_0000, lineBytes: 64, cpus: first },
        { id: 2, level: 2, bytes: 0x8_0000, lineBytes: 64, cpus: second },
        { id: 0, level: 3, bytes: 0x20_0000, lineBytes: 64, cpus: all },
      ],
      nodes: [
        { node: 0, cpus: first },
        { node: 1, cpus: second },
      ],
      mscs: [
        {
          id: 0,
          interface: "mmio",
          address: 0x201_0000,
          bytes: 0x2000,
          errorInterrupt: 23,
          overflowInterrupt: 0,
          cpus: second,
          resources: [{ ris: 0, kind: "cache", id: 2, level: 2 }],
        },
        {
          id: 1,
          interface: "mmio",
          address: 0x1_3002_0000,
          bytes: 0x3000,
          nrdyUsec: 10,
          errorInterrupt: 48,
          overflowInterrupt: 49,
          cpus: all,
          resources: [
            { ris: 2, kind: "cache", id: 0, level: 3 },
            { ris: 3, kind: "memory", id: 1 },
            { ris: 15, kind: "unknown", id: 0 },
          ],
        },
        {
          id: 2,
          interface: "mmio",
          address: 0x2000_0000,
          bytes: 0x2000,
          nrdyUsec: 0,
          errorInterrupt: 0,
          overflowInterrupt: 0,
          cpus: all,
          resources: [{ ris: 0, kind: "memory", id: 1 }],
        },
        {
          id: 3,
          interface: "mmio",
          address: 0x2001_0000,
          bytes: 0x2000,
          errorInterrupt: 0,
          overflowInterrupt: 0,
          cpus: all,
          resources: [{ ris: 0, kind: "unknown", id: 0 }],
        },
      ],
      counted: 5,
      channels: [],
      smmus: [],
    });
    expect(remarks).toHaveLength(3);
    expect(remarks.join("\n")).toMatch(/\/soc\/msc@20020000 .* cannot be used/);
  });

  test("PHONE: the older binding says a window, and no word on what is behind it", () => {
    const both = new Set([0, 1]);
    expect(describeDeviceTree(blobOf(PHONE))).toEqual({
      cpus: [
        { cpu: 0, node: 0 },
        { cpu: 1, node: 0 },
      ],
      caches: [],
      nodes: [{ node: 0, cpus: both }],
      mscs: [
        {
          id: 0,
          interface: "mmio",
          address: 0x3000_0000,
          bytes: 0x3000,
          errorInterrupt: 0,
          overflowInterrupt: 0,
          cpus: both,
          resources: [],
        },
      ],
      counted: 1,
      channels: [],
      smmus: [],
      remarks: [],
    });
  });
});

describe("topology", () => {
  const told = (root: DtNode) => describeDeviceTree(writeFdt(new DeviceTree(root)));
  const cpu = (reg: number, properties: Properties) =>
    node(`cpu@${reg}`, { device_type: "cpu", reg: [reg], ...properties });

  test("caches that name each other are a circle, and it is told once", () => {
    const cache = (phandle: number, next: number) =>
      node(`c${phandle}`, {
        compatible: "cache",
        "cache-level": [phandle],
        phandle: [phandle],
        "next-level-cache": [next],
        "cache-size": [64],
        "cache-line-size": [64],
      });
    const cpus = node("cpus", {}, ...[0, 1, 2].map((reg) => cpu(reg, { "next-level-cache": [2] })));
    const { caches, remarks } = told(node("", {}, cpus, cache(2, 3), cache(3, 2)));
    expect(caches.map(({ level, cpus: some }) => [level, some.size])).toEqual([
      [2, 3],
      [3, 3],
    ]);
    expect(remarks.filter((remark) => remark.includes("circle"))).toHaveLength(1);
  });

  test("a cache is named by its lowest cpu", () => {
    const { caches } = told(treeWith({}));
    expect(caches.map(({ id, level, cpus }) => [level, id, [...cpus]])).toEqual([
      [2, 0, [0, 1]],
      [3, 0, [0, 1, 2, 3]],
    ]);
  });

  test("memory of one NUMA node is one node, whichever number of memory nodes it has", () => {
    const memory = (base: number, numa: number) =>
      node(`memory@${base}`, { device_type: "memory", reg: [0, base, 0, 4096], "numa-node-id": [numa] });
    const cells = { "#address-cells": [2], "#size-cells": [2] };
    const cpus = node("cpus", {}, cpu(0, { "numa-node-id": [1] }));
    const { nodes } = told(node("", cells, cpus, memory(0, 1), memory(4096, 2), memory(8192, 1)));
    expect(nodes).toEqual([
      { node: 1, cpus: new Set([0]) },
      { node: 2, cpus: new Set() },
    ]);
  });

  test("a tree without anything is told of", () => {
    const { remarks, cpus, mscs, counted } = told(node(""));
    expect([cpus, mscs, counted]).toEqual([[], [], 0]);
    expect(remarks.join("\n")).toMatch(/no \/cpus.*no memory/s);
  });
});
