// What the tree of a platform looks like, what no tree can say, and what a platform made of a tree is.

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../../src/errno/index.ts";
import { readFdt } from "../../../src/firmware/dt/fdt-read.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { deviceTree, platformFromDeviceTree } from "../../../src/firmware/index.ts";
import { checkObject, type Platform } from "../../../src/platform/index.ts";
import { blobOf, PHONE, SERVER } from "./fixtures.ts";

const CACHE = { level: 3, bytes: "64 KiB", ways: 16 };

function platformOf(keys: object): Platform {
  return checkObject({
    name: "t",
    firmware: "dt",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
    ...keys,
  });
}

const treeOf = (keys: object) => readFdt(deviceTree(platformOf(keys)));

function refusal(keys: object): string {
  try {
    deviceTree(platformOf(keys));
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "EINVAL") return error.message;
    throw error;
  }
  return "accepted";
}

describe("a tree", () => {
  test("has cpus by their numbers, in hexadecimal, and in clusters; those of none stand in one more", () => {
    const tree = treeOf({ cpus: 12, clusters: ["0-3", "8-11"] });
    const cpus = tree.root.child("cpus");
    expect(cpus?.children.map(({ name }) => name).slice(8)).toEqual(["cpu@8", "cpu@9", "cpu@a", "cpu@b", "cpu-map"]);
    expect(cpus?.child("cpu@b")?.cells("reg")).toEqual([11]);
    const clusters = cpus?.child("cpu-map")?.children ?? [];
    const members = clusters.map((one) => one.children.map((core) => tree.follow(core, "cpu")?.name.slice(4)));
    expect(members.map((some) => some.join())).toEqual(["0,1,2,3", "8,9,a,b", "4,5,6,7"]);
  });

  test("has memory node after node from 0x80_0000_0000 on", () => {
    const memory = [1, 2].map((gib) => ({ bytes: `${gib} GiB`, bytesPerSecond: "1 GB/s", node: gib, cpus: [] }));
    const { root } = treeOf({ memory });
    expect(root.child("memory@8000000000")?.cells("reg")).toEqual([0x80, 0, 0, 0x4000_0000]);
    expect(root.child("memory@8040000000")?.cells("reg")).toEqual([0x80, 0x4000_0000, 0, 0x8000_0000]);
    expect(root.child("memory@8040000000")?.cell("numa-node-id")).toBe(2);
    // No memory claims a cpu, and none says its node.
    expect(root.child("cpus")?.children.some((cpu) => cpu.has("numa-node-id"))).toBe(false);
  });

  test("has a cache of level 1 that is a cpu's own in the node of the cpu", () => {
    const { root } = treeOf({ caches: [{ level: 1, per: "cpu", bytes: "4 KiB", ways: 4 }, CACHE] });
    const cpu = root.child("cpus")?.child("cpu@2");
    expect([cpu?.cell("cache-size"), cpu?.cell("cache-sets"), cpu?.has("cache-unified")]).toEqual([4096, 16, true]);
    expect(root.children.map(({ name }) => name)).toContain("l3-cache-0");
    expect(root.children.map(({ name }) => name)).not.toContain("l1-cache-0");
  });

  test("has an MSC at the root where all cpus reach it, and else in the cache whose cpus do", () => {
    const l2 = { level: 2, bytes: "16 KiB", ways: 4 };
    const { root } = treeOf({
      caches: [
        { ...l2, cpus: "0-1", msc: { base: 0x4000_0000, cpus: "0-1" } },
        { ...l2, cpus: "2-3", msc: { base: 0x4001_0000 } },
        CACHE,
      ],
      // Memory that two cpus reach: in their cache, too, and RIS say what it is.
      memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s", msc: { base: 0x4002_0000, cpus: "2-3" } }],
    });
    const paths = [...root.walk()].filter((node) => node.isCompatible("arm,mpam-msc")).map(({ path }) => path);
    expect(paths).toEqual(["/l2-cache-0/msc@40000000", "/l2-cache-2/msc@40020000", "/msc@40010000"]);
    // In the order of the machine, which is not that of the tree.
    const aliases = root.child("aliases");
    expect(["msc0", "msc1", "msc2"].map((name) => aliases?.strings(name)?.[0])).toEqual([paths[0], paths[2], paths[1]]);
  });

  test("has interrupts as a GIC numbers them: rising edges where errors are pulses", () => {
    const msc = { base: 0x4000_0000, errorInterrupt: 20, overflowInterrupt: 45 };
    const cells = (keys: object) =>
      treeOf({ caches: [{ ...CACHE, msc: { ...msc, ...keys } }] })
        .root.child("msc@40000000")
        ?.cells("interrupts");
    expect(cells({})).toEqual([1, 4, 4, 0, 13, 4]);
    expect(cells({ errorStyle: "edge" })).toEqual([1, 4, 1, 0, 13, 4]);
    expect(cells({ overflowInterrupt: 0 })).toEqual([1, 4, 4]);
    expect(cells({ errorInterrupt: 1060, overflowInterrupt: 4100 })).toEqual([3, 4, 4, 2, 4, 4]);
  });

  test("of the older binding has cpus, memory and windows, and nothing else", () => {
    const msc = { base: 0x3000_0000, nrdyUsec: 5, errorInterrupt: 40, cpor: { cpbmWd: 8 } };
    const { root } = treeOf({ firmware: "android", caches: [{ ...CACHE, msc }] });
    expect(root.children.map(({ name }) => name)).toEqual(["cpus", "memory@8000000000", "msc@30000000"]);
    const window = root.child("msc@30000000");
    expect([...(window?.properties.keys() ?? [])]).toEqual(["compatible", "reg"]);
    expect(window?.cells("reg")).toEqual([0, 0x3000_0000, 0, 0x4000]);
  });
});

describe("what no tree can say is refused", () => {
  const withMsc = (msc: object, keys: object = {}) => ({ caches: [{ ...CACHE, msc }], ...keys });
  test.each([
    ["ACPI", { firmware: "acpi" }, /t has firmware: acpi; write firmware: dt/],
    ["cpus that are no cache's", withMsc({ base: 0, cpus: "1-2" }), /MSC 0 is reached by cpus 1-2; .*those of a cache/],
    ["an SGI", withMsc({ base: 0, errorInterrupt: 15 }), /MSC 0: errorInterrupt is 15; .*32 to 1019 \(SPI\), 16 to 31/],
    ["no INTID of a GIC", withMsc({ base: 0, overflowInterrupt: 1020 }), /overflowInterrupt is 1020/],
    [
      "cpus of an MSC in the older binding",
      withMsc({ base: 0, cpus: "0-3" }, { firmware: "android", cpus: 5 }),
      /MSC 0 is reached by cpus 0-3; with firmware: android all/,
    ],
  ])("%s", (_, keys, says) => {
    expect(refusal(keys)).toMatch(says);
  });

  test("MSCs behind mailboxes", () => {
    const acpi = platformOf({
      firmware: "acpi",
      mailboxes: [{ base: 0x5000_0000 }],
      caches: [{ ...CACHE, msc: { mailbox: 0 } }],
    });
    // A platform file cannot say it; a program can.
    for (const firmware of ["dt", "android"] as const) {
      expect(() => deviceTree({ ...acpi, firmware })).toThrow(/MSC 0 is reached through a mailbox; .*ACPI/);
    }
  });
});

describe("a platform made of a tree", () => {
  test("has of SERVER what a machine can have, and remarks on the rest", () => {
    const { platform, remarks } = platformFromDeviceTree(blobOf(SERVER));
    const built = checkObject(platform);
    expect(built.name).toBe("A server, by hand");
    expect([built.cpus, built.firmware, built.clusters]).toEqual([
      4,
      "dt",
      [
        [0, 1],
        [2, 3],
      ],
    ]);
    // 64 KiB in 256 sets of lines of 64 bytes: 4 ways; and so forth.
    expect(built.caches.map(({ level, id, bytes, ways }) => [level, id, bytes, ways])).toEqual([
      [1, 1, 0x1_0000, 4],
      [2, 0, 0x4_0000, 8],
      [2, 2, 0x8_0000, 8],
      [3, 0, 0x20_0000, 16],
    ]);
    expect(built.caches.map(({ msc }) => msc?.base)).toEqual([undefined, undefined, 0x201_0000, 0x1_3002_0000]);
    expect(built.caches[3]?.msc).toMatchObject({ errorInterrupt: 48, errorStyle: "edge", nrdyUsec: 10 });
    expect(built.caches[3]?.msc?.ris.map(({ ris }) => ris)).toEqual([2, 3, 15]);
    expect(built.memory.map(({ node, bytes, cpus, msc }) => [node, bytes, cpus, msc?.base])).toEqual([
      [0, 2 ** 31, [0, 1], undefined],
      [1, 2 ** 32, [2, 3], 0x2000_0000],
    ]);
    for (const says of [
      /controls L3 0 and node 1/,
      /msc@20010000 controls nothing/,
      /bandwidth .* guess/,
      /registers/,
    ]) {
      expect(remarks.filter((remark) => says.test(remark))).toHaveLength(1);
    }
  });

  test("has of PHONE a system cache before its MSC, which is a guess", () => {
    const { platform, remarks } = platformFromDeviceTree(blobOf(PHONE));
    const built = checkObject(platform);
    expect(built.firmware).toBe("android");
    expect(built.caches).toHaveLength(1);
    expect(built.caches[0]).toMatchObject({ level: 3, cpus: [0, 1], msc: { base: 0x3000_0000 } });
    expect(built.caches[0]?.msc?.ris[0]).toMatchObject({ cpor: { cpbmWd: 8 }, ccap: { cmaxWd: 8 } });
    expect(remarks.join("\n")).toMatch(/system cache .* is a guess/);
  });

  test("takes MSCs of one cache at equal distances for its slices, and those of a node for channels", () => {
    const msc = { base: 0x4000_0000, stride: "128 KiB" };
    const memory = [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s", channels: 2, msc: { base: 0x5000_0000 } }];
    const given = platformOf({ caches: [{ ...CACHE, bytes: "192 KiB", slices: 3, msc }], memory });
    const built = checkObject(platformFromDeviceTree(deviceTree(given)).platform);
    expect(built.caches[0]).toMatchObject({ slices: 3, ways: 16, msc: { base: 0x4000_0000, stride: 2 ** 17 } });
    expect(built.memory[0]).toMatchObject({ channels: 2, msc: { base: 0x5000_0000, stride: 2 ** 16 } });
  });

  test("says caches that are alike once", () => {
    const l2 = { level: 2, bytes: "16 KiB", ways: 4, msc: { base: 0x4000_0000 } };
    const of = (keys: object) => platformFromDeviceTree(deviceTree(platformOf(keys))).platform.caches;
    expect(of({ caches: [{ ...l2, per: "cpu" }, CACHE] })).toMatchObject([{ level: 2, per: "cpu" }, { level: 3 }]);
    expect(of({ clusters: ["0-1", "2-3"], caches: [{ ...l2, per: "cluster" }] })).toMatchObject([{ per: "cluster" }]);
    const unlike = [
      { ...l2, cpus: "0-1" },
      { ...l2, cpus: "2-3", bytes: "32 KiB", msc: { base: 0x4100_0000 } },
    ];
    expect(of({ caches: unlike })).toHaveLength(2);
    // Alike, and not at equal distances.
    const places = [0x4000_0000, 0x4001_0000, 0x4007_0000, 0x4008_0000];
    const uneven = places.map((base, cpu) => ({ ...l2, cpus: [cpu], msc: { base } }));
    expect(of({ caches: uneven })).toHaveLength(4);
    expect(of({ caches: uneven.slice(0, 2) })).toMatchObject([{ per: "cpu", cpus: "0-1" }]);
  });

  test("has its MSCs in the order of their numbers, and slices in that of their places", () => {
    const memory = [0, 1].map((node) => ({ node, cpus: [], bytes: "1 GiB", bytesPerSecond: "1 GB/s" }));
    const given = platformOf({
      caches: [{ ...CACHE, slices: 2, bytes: "128 KiB", msc: { base: 0x4000_0000 } }],
      memory: memory.map((one) => ({ ...one, msc: { base: 0x5000_0000 + one.node * 2 ** 20 } })),
    });
    const tree = readFdt(deviceTree(given));
    const aliases = tree.root.child("aliases");
    aliases?.set("msc0", "/msc@40010000").set("msc1", "/msc@40000000");
    aliases?.set("msc2", "/msc@50100000").set("msc3", "/msc@50000000");
    const built = checkObject(platformFromDeviceTree(writeFdt(tree)).platform);
    expect(built.caches[0]).toMatchObject({ slices: 2, msc: { base: 0x4000_0000, stride: 2 ** 16 } });
    expect(built.memory.map(({ node }) => node)).toEqual([1, 0]);
  });

  test("gives each register page 64 KiB, though real ones lie closer", () => {
    const given = platformOf({ caches: [{ ...CACHE, slices: 2, bytes: "128 KiB", msc: { base: 0x4000_0000 } }] });
    const dtb = deviceTree(given);
    // The second page moves from 0x40010000 to 0x40001000.
    const tree = readFdt(dtb);
    const value = tree.root.child("msc@40010000")?.properties.get("reg")?.value;
    value?.set([0x40, 0x00, 0x10, 0x00], 4);
    const { platform, remarks } = platformFromDeviceTree(dtb);
    expect(checkObject(platform).caches[0]).toMatchObject({ slices: 2, msc: { base: 0x4000_0000, stride: 2 ** 16 } });
    expect(remarks.join("\n")).toMatch(/register page has 64 KiB/);
  });

  test("changes sizes that no machine has, and says so", () => {
    const tree = deviceTree(platformOf({ caches: [CACHE] }));
    const cache = readFdt(tree).root.child("l3-cache-0");
    // 100000 bytes in 64 sets of lines of 64 bytes are no number of ways.
    cache?.properties.get("cache-size")?.value.set([0, 1, 0x86, 0xa0]);
    const { platform, remarks } = platformFromDeviceTree(tree);
    expect(checkObject(platform).caches[0]?.bytes).toBeLessThanOrEqual(100_000);
    expect(remarks.join("\n")).toMatch(/l3-cache-0 has 100000 bytes; here it has \d+/);
  });
});
