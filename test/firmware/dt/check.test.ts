// What the check says of trees: each rule by a tree that breaks it alone.

import { describe, expect, test } from "vitest";
import { readFdt } from "../../../src/firmware/dt/fdt-read.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { DtNode } from "../../../src/firmware/dt/tree.ts";
import { checkDeviceTree, deviceTree, showFinding } from "../../../src/firmware/index.ts";
import { checkObject } from "../../../src/platform/index.ts";
import { blobOf, SERVER } from "./fixtures.ts";

const platform = checkObject({
  name: "sound",
  firmware: "dt",
  cpus: 4,
  processor: { partidMax: 7, pmgMax: 1 },
  caches: [
    { level: 2, cpus: "0-1", bytes: "64 KiB", ways: 8, msc: { base: 0x4000_0000, cpus: "0-1", errorInterrupt: 20 } },
    { level: 2, cpus: "2-3", bytes: "64 KiB", ways: 8 },
    { level: 3, bytes: "1 MiB", ways: 16, msc: { base: 0x4100_0000, errorInterrupt: 40, overflowInterrupt: 41 } },
  ],
  memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s", msc: { base: 0x4200_0000 } }],
});

/** What is found after `breakIt` has been at a tree in which nothing is found. */
function found(breakIt: (at: (path: string) => DtNode, root: DtNode) => void): string[] {
  const tree = readFdt(deviceTree(platform));
  breakIt((path) => {
    const node = tree.byPath(path);
    if (!node) throw new Error(`no ${path}`);
    return node;
  }, tree.root);
  return checkDeviceTree(writeFdt(tree)).map(({ severity, place, text }) => `${severity} ${place}: ${text}`);
}

const [CPU1, L2, L3, MEMORY] = ["/cpus/cpu@1", "/l2-cache-0", "/l3-cache-0", "/memory@8000000000"];
const [MSC_L2, MSC_L3, MSC_MEMORY] = ["/l2-cache-0/msc@40000000", "/msc@41000000", "/msc@42000000"];

test("nothing is found in a sound tree", () => {
  expect(found(() => {})).toEqual([]);
});

describe("errors: software does without", () => {
  type Break = Parameters<typeof found>[0];
  test.each<[string, Break, RegExp]>([
    [
      "a phandle twice",
      (at) => at(L2).set("phandle", at(L3).cells("phandle") ?? []),
      /^error \/l3.*as \/l2-cache-0 has it/,
    ],
    ["phandle 0", (at) => at(MEMORY).set("phandle", [0]), /^error \/memory.*phandle is 0/],
    [
      "a name twice",
      (at, root) => root.add(new DtNode("msc@41000000")) && at("/"),
      /^error \/msc@41000000: the node before/,
    ],
    [
      "a cpu that is there twice",
      (at) => at(CPU1).set("reg", [0]),
      /^error \/cpus\/cpu@1: reg is that of \/cpus\/cpu@0/,
    ],
    ["a cpu without a number", (at) => at(CPU1).properties.delete("reg"), /^error \/cpus\/cpu@1: reg is missing/],
    [
      "levels that do not rise",
      (at) => at(L3).set("cache-level", [2]),
      /^error \/l2-cache-0: it is of level 2, and the next/,
    ],
    [
      "two caches of one level for a cpu",
      (at) => at(L3).set("cache-level", [2]),
      /^error .*: cpu 0 has two caches of level 2/,
    ],
    [
      "a next cache that is not there",
      (at) => at(CPU1).set("next-level-cache", [99]),
      /^error \/cpus\/cpu@1: .*names no node/,
    ],
    ["no level", (at) => at(L3).properties.delete("cache-level"), /^error \/l3-cache-0: cache-level is missing/],
    [
      "pages in one place",
      (at) => at(MSC_MEMORY).set("reg", [0, 0x4100_1000, 0, 0x1000]),
      /^error \/msc@42000000: 0x41001000 lies in \/msc@41000000, too/,
    ],
    [
      "a page in memory",
      (at) => at(MSC_L3).set("reg", [0x80, 0x1000, 0, 0x1000]),
      /^error \/msc@41000000: 0x8000001000 lies in \/memory@8000000000, too/,
    ],
    ["an empty page", (at) => at(MSC_L3).set("reg", [0, 0x4100_0000, 0, 0]), /^error \/msc@41000000: reg says 0 bytes/],
    [
      "a shared error interrupt where not all cpus reach",
      (at) => at(MSC_L2).set("interrupts", [0, 20, 4]),
      /^error \/l2-cache-0\/msc@40000000: its error interrupt 52 is shared/,
    ],
    [
      "a RIS that names no cache",
      (at) => at(`${MSC_L3}/ris@0`).properties.delete("arm,mpam-device"),
      /^error \/msc@41000000\/ris@0: .*cannot be used, and MPAM is never enabled/,
    ],
    [
      "a cpu-map with a cpu that is not there",
      (at) =>
        at("/cpus").add(new DtNode("cpu-map")).add(new DtNode("cluster0")).add(new DtNode("core0")).set("cpu", [99]),
      /^error \/cpus\/cpu-map\/cluster0\/core0: cpu names no cpu/,
    ],
  ])("%s", (_, breakIt, says) => {
    const lines = found(breakIt);
    expect(
      lines.some((line) => says.test(line)),
      lines.join("\n"),
    ).toBe(true);
  });
});

describe("warnings and notes: it can be used", () => {
  type Break = Parameters<typeof found>[0];
  test.each<[string, Break, RegExp]>([
    [
      "another unit address",
      (at) => at(MSC_L3).set("reg", [0, 0x4300_0000, 0, 0x1000]),
      /^warning .*@43000000, what reg/,
    ],
    [
      "a cache that says no word of being one",
      (at) => at(L3).properties.delete("compatible"),
      /^warning \/l3-cache-0: .*not compatible with "cache"/,
    ],
    [
      "a cache that nobody has",
      (_, root) => root.add(new DtNode("x")).set("compatible", "cache"),
      /^warning \/x: no cpu/,
    ],
    [
      "a size without sense",
      (at) => at(L3).set("cache-size", [1000]),
      /^warning \/l3-cache-0: cache-size 1000 is no multiple/,
    ],
    ["no size", (at) => at(L3).properties.delete("cache-size"), /^warning \/l3-cache-0: cache-size is missing/],
    [
      "no line size",
      (at) => at(L3).properties.delete("cache-line-size"),
      /^warning \/l3-cache-0: cache-line-size is missing/,
    ],
    [
      "interrupts in another order",
      (at) => at(MSC_L3).set("interrupt-names", ["overflow", "error"]),
      /^warning .*overflow, error; error, overflow/,
    ],
    [
      "no #size-cells",
      (at) => at(MSC_L3).properties.delete("#size-cells"),
      /^warning .*#address-cells 1 and #size-cells 0/,
    ],
    [
      "a RIS of another binding",
      (at) => at(`${MSC_L3}/ris@0`).set("compatible", "example,ris"),
      /^warning .*neither arm,mpam-cache nor arm,mpam-memory/,
    ],
    [
      "a RIS of memory that names a cache",
      (at) => at(`${MSC_MEMORY}/ris@0`).set("arm,mpam-device", at(L3).cells("phandle") ?? []),
      /^warning .*arm,mpam-device is \/l3-cache-0, which is no memory/,
    ],
    [
      "a RIS of another node than its memory",
      (at) => at(MSC_MEMORY).set("numa-node-id", [3]),
      /^warning .*it is of NUMA node 3, which counts, and its memory, \/memory@8000000000, of node 0/,
    ],
    [
      "a node without memory",
      (at) => at(MSC_MEMORY).set("numa-node-id", [3]),
      /^warning .*no memory is of NUMA node 3/,
    ],
    [
      "a RIS beside MSCs",
      (_, root) => root.add(new DtNode("ris")).set("compatible", "arm,mpam-cache"),
      /^warning \/ris: its parent/,
    ],
    ["an alias of nothing", (at) => at("/aliases").set("msc9", "/x"), /^warning \/aliases: msc9 names no MSC/],
    [
      "an alias of an MSC that has one",
      (at) => at("/aliases").set("msc9", MSC_L3 as string),
      /^warning \/aliases: msc9 names an MSC that has a number/,
    ],
    [
      "not ready for how long",
      (at) => at(MSC_L3).properties.delete("arm,not-ready-us"),
      /^note .*arm,not-ready-us is missing/,
    ],
    ["out of use", (at) => at(MSC_L3).set("status", "disabled"), /^note \/msc@41000000: status is not okay/],
  ])("%s", (_, breakIt, says) => {
    const lines = found(breakIt);
    expect(
      lines.some((line) => says.test(line)),
      lines.join("\n"),
    ).toBe(true);
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

test("errors come first, and every finding has its place in the blob", () => {
  const findings = checkDeviceTree(blobOf(SERVER));
  expect(findings.map(({ severity }) => severity)).toEqual(["error", "warning", "note", "note", "note", "note"]);
  const [first] = findings;
  const text = new TextDecoder().decode(blobOf(SERVER).subarray((first?.offset ?? 0) + 4));
  expect(text.startsWith("msc@20020000\0")).toBe(true);
  expect(first && showFinding(first)).toMatch(/^error: \/soc\/msc@20020000 at 0x[0-9a-f]+: its parent/);
});

test("bytes that follow the tree are told of", () => {
  const longer = new Uint8Array([...deviceTree(platform), 0, 0, 0]);
  expect(checkDeviceTree(longer)).toMatchObject([{ severity: "warning", text: "3 bytes follow the tree" }]);
});

test("bytes that are no tree are one error, with its place", () => {
  const blob = deviceTree(platform);
  new DataView(blob.buffer).setUint32(4, 0x7fff_ffff);
  expect(checkDeviceTree(blob)).toMatchObject([{ severity: "error", place: "device tree", offset: 4 }]);
});
