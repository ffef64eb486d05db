// Bytes that somebody has broken, on purpose or not: they are read, or refused as EINVAL, and never for long.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../../src/errno/index.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { DeviceTree, DtNode, type Value } from "../../../src/firmware/dt/tree.ts";
import {
  checkDeviceTree,
  describeDeviceTree,
  deviceTree,
  deviceTreeObject,
  deviceTreeText,
  platformFromDeviceTree,
} from "../../../src/firmware/index.ts";
import { checkObject } from "../../../src/platform/index.ts";
import { blobOf, PHONE, SERVER, TINY } from "./fixtures.ts";
import { drawnPlatforms } from "./platforms.ts";

const READERS = [describeDeviceTree, deviceTreeText, deviceTreeObject, checkDeviceTree];

/** Every way of reading it: an error of another kind than EINVAL with an offset is a failure. */
function readAll(blob: Uint8Array): void {
  for (const read of READERS) {
    try {
      read(blob);
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === "EINVAL")) throw error;
      expect(error.message).toMatch(/^EINVAL: device tree: offset 0x[0-9a-f]+: ./);
    }
  }
  try {
    // What is made of it is a platform, whatever it was made of.
    checkObject(platformFromDeviceTree(blob).platform);
  } catch (error) {
    if (!(error instanceof ErrnoError && error.code === "EINVAL")) throw error;
    expect(error.message).toMatch(/^EINVAL: device tree: ./);
  }
}

const base = fc.oneof(
  fc.constantFrom(blobOf(SERVER), blobOf(PHONE), blobOf(TINY)),
  drawnPlatforms.map((platform) => deviceTree(platform)),
);

/** What a broken word may be: ends of ranges, tokens, and places in a small blob. */
const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 9, 16, 17, 0x38, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff),
  fc.integer({ min: 0, max: 0x1000 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const place = fc.nat();
const change = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant("byte" as const), at: place, value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("word" as const), at: place, value: word }),
  fc.record({ kind: fc.constant("header" as const), at: fc.integer({ min: 1, max: 9 }), value: word }),
  fc.record({ kind: fc.constant("copy" as const), at: place, from: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(blob: Uint8Array, changes: readonly Change[]): Uint8Array {
  let bytes = blob.slice();
  for (const one of changes) {
    if (bytes.length < 4) return bytes;
    const at = one.at % bytes.length;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const aligned = Math.min(at - (at % 4), bytes.length - 4);
    if (one.kind === "flip") bytes[at] = (bytes[at] ?? 0) ^ (1 << one.bit);
    else if (one.kind === "byte") bytes[at] = one.value;
    else if (one.kind === "word") view.setUint32(aligned - (aligned % 4), one.value);
    else if (one.kind === "header") view.setUint32(Math.min(4 * one.at, aligned), one.value);
    else if (one.kind === "copy") bytes.copyWithin(at, one.from % bytes.length, (one.from % bytes.length) + one.length);
    else bytes = bytes.slice(0, at);
  }
  return bytes;
}

test("mutated trees are read or refused", () => {
  fc.assert(
    fc.property(base, fc.array(change, { minLength: 1, maxLength: 6 }), (blob, changes) => {
      readAll(changed(blob, changes));
    }),
    { numRuns: 500 },
  );
}, 60_000);

test("so are values that are broken in trees whose form is whole", () => {
  const set = fc.record({ node: place, property: place, at: place, value: word });
  fc.assert(
    fc.property(base, fc.array(set, { minLength: 1, maxLength: 8 }), (blob, sets) => {
      const bytes = blob.slice();
      const properties = offsetsOfValues(bytes);
      for (const { property, at, value } of sets) {
        const found = properties[property % Math.max(1, properties.length)];
        if (!found || found.length < 4) continue;
        new DataView(bytes.buffer).setUint32(found.start + 4 * (at % Math.floor(found.length / 4)), value);
      }
      readAll(bytes);
    }),
    { numRuns: 500 },
  );
}, 60_000);

/** Where the values of a well-formed blob lie. */
function offsetsOfValues(blob: Uint8Array): { start: number; length: number }[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const list: { start: number; length: number }[] = [];
  for (let at = view.getUint32(8); ; ) {
    const token = view.getUint32(at);
    at += 4;
    if (token === 1) {
      while (blob[at] !== 0) at++;
      at = (at + 4) & ~3;
    } else if (token === 3) {
      const length = view.getUint32(at);
      list.push({ start: at + 8, length });
      at = (at + 8 + length + 3) & ~3;
    } else if (token === 9) return list;
  }
}

test("bytes of no kind are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(() => describeDeviceTree(bytes)).toThrow(ErrnoError);
      readAll(bytes);
    }),
  );
});

type Properties = { readonly [name: string]: Value };

function node(name: string, properties: Properties = {}, children: readonly DtNode[] = []): DtNode {
  const made = new DtNode(name);
  for (const [key, value] of Object.entries(properties)) made.set(key, value);
  for (const child of children) made.add(child);
  return made;
}

const MANY = 5000;
const many = (make: (at: number) => DtNode, count = MANY) => Array.from({ length: count }, (_, at) => make(at));
const CELLS = { "#address-cells": [2], "#size-cells": [2] };
const MSC = { compatible: "arm,mpam-msc", "arm,not-ready-us": [1] };
const reg = (at: number) => [0, 0x1000 * at, 0, 0x1000];
const cpus = (next: (at: number) => number, count = MANY) =>
  node(
    "cpus",
    {},
    many((at) => node(`cpu@${at}`, { reg: [at], "next-level-cache": [next(at)] }), count),
  );

// Each takes some tens of milliseconds; were the time to grow with the square of the size, it would be minutes.
describe("large trees take no longer than their size lets expect", () => {
  test.each<[string, () => DtNode]>([
    ["cpus with one cache", () => node("", CELLS, [cpus(() => 1), node("c", { phandle: [1], "cache-level": [2] })])],
    [
      "caches in a long row",
      () => {
        const row = (at: number) =>
          node(`c${at}`, { phandle: [at + 1], "cache-level": [at % 256], "next-level-cache": [at + 2] });
        return node("", CELLS, [cpus((at) => at + 1), ...many(row)]);
      },
    ],
    ["MSCs", () => node("", CELLS, [cpus(() => 1, 4), ...many((at) => node(`msc@${at}`, { ...MSC, reg: reg(at) }))])],
    [
      "MSCs of one cache, at equal distances",
      () => {
        const ris = () => node("ris@0", { compatible: "arm,mpam-cache", reg: [0], "arm,mpam-device": [1] });
        const mscs = many((at) => node(`msc@${at}`, { ...MSC, reg: [0, 0x1_0000 * at, 0, 0x1000] }, [ris()]));
        const cache = node("c", { compatible: "cache", phandle: [1], "cache-level": [2] });
        return node("", CELLS, [cpus(() => 1, 4), cache, ...mscs]);
      },
    ],
    [
      "MSCs behind a bus of many ranges",
      () => {
        const ranges = Array.from({ length: 6 * MANY }, (_, at) => at);
        const bus = { ...CELLS, compatible: "cache", phandle: [1], "cache-level": [2], ranges };
        return node("", CELLS, [
          cpus(() => 1, 4),
          node(
            "c",
            bus,
            many((at) => node(`m@${at}`, { ...MSC, reg: reg(at) })),
          ),
        ]);
      },
    ],
    [
      "regions behind buses behind each other, all of many ranges",
      () => {
        const cells = { "#address-cells": [1], "#size-cells": [1] };
        // The last one has everything.
        const ranges = [...Array.from({ length: 3 * 255 }, () => 0), 0, 0, 0xffff_ffff];
        const root = node("", cells, [cpus(() => 1, 4)]);
        let deep = root;
        for (let at = 0; at < 60; at++) deep = deep.add(node(`bus${at}`, { ...cells, ranges }));
        deep.set("compatible", "memory");
        const regions = Array.from({ length: 40_000 }, (_, at) => at + 1);
        deep.add(node("msc@1", { ...MSC, reg: regions }));
        for (const one of many((at) => node(`m@${at}`, { ...MSC, reg: [at + 1, 1] }), 4000)) deep.add(one);
        return root;
      },
    ],
    [
      "RIS of memory, and memory",
      () => {
        const memory = (at: number) => node(`memory@${at}`, { reg: reg(at), phandle: [at + 1], "numa-node-id": [at] });
        const ris = (at: number) =>
          node(`ris@${at}`, { compatible: "arm,mpam-memory", reg: [at % 16], "arm,mpam-device": [MANY - at] });
        const mscs = many((at) => node(`msc@${at}`, { ...MSC, reg: reg(at), "numa-node-id": [at] }, [ris(at)]));
        return node("", CELLS, [cpus(() => 1, 4), ...many(memory), ...mscs]);
      },
    ],
    [
      "aliases",
      () => {
        const aliases = node("aliases");
        for (let at = 0; at < MANY; at++) aliases.set(`msc${at}`, `/msc@${MANY - at}`);
        return node("", CELLS, [aliases, ...many((at) => node(`msc@${at}`, { ...MSC, reg: reg(at) }))]);
      },
    ],
    [
      "children of one name, with one phandle",
      () =>
        node(
          "",
          CELLS,
          many(() => node("same", { phandle: [1], compatible: "cache", "next-level-cache": [1] })),
        ),
    ],
    [
      "long names in the depth",
      () => {
        const root = node("", CELLS);
        let deep = root;
        for (let at = 0; at < 60; at++) deep = deep.add(node("n".repeat(255)));
        for (const one of many((at) => node(`m@${at}`, { ...MSC, reg: reg(at) }), 2000)) deep.add(one);
        return root;
      },
    ],
    [
      "clusters in clusters",
      () => {
        const map = node("cpu-map");
        let deep = map;
        for (let at = 0; at < 50; at++) deep = deep.add(node("core0", { cpu: [1] }));
        for (const one of many((at) => node(`core${at}`, { cpu: [1] }), 1000)) deep.add(one);
        const cpu = node("cpu@0", { reg: [0], phandle: [1] });
        return node("", CELLS, [node("cpus", {}, [cpu, map])]);
      },
    ],
  ])(
    "%s",
    (_, build) => {
      readAll(writeFdt(new DeviceTree(build())));
    },
    20_000,
  );

  test("a strings block that is one long name", () => {
    const count = 50_000;
    const structure = 12 * count + 16;
    const strings = 2 ** 19;
    const blob = new Uint8Array(0x38 + structure + strings).fill(0x61);
    const view = new DataView(blob.buffer);
    const header = [0xd00d_feed, blob.length, 0x38, 0x38 + structure, 0x28, 17, 16, 0, strings, structure];
    header.forEach((value, at) => void view.setUint32(4 * at, value));
    for (let at = 0x28; at < 0x38; at++) blob[at] = 0;
    [1, 0].forEach((value, at) => void view.setUint32(0x38 + 4 * at, value));
    for (let at = 0; at < count; at++) {
      [3, 0, 10 * at].forEach((value, cell) => void view.setUint32(0x40 + 12 * at + 4 * cell, value));
    }
    expect(() => describeDeviceTree(blob)).toThrow(/more than 255 characters/);
  });
});
