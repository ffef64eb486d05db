// The IORT as far as SMMUs go (DEN0049), byte by byte: what is written, what is read, what is wrong with one.

import { expect, test } from "vitest";
import {
  acpiTables,
  acpiText,
  checkAcpi,
  describeAcpi,
  platformFromAcpi,
  showFinding,
} from "../../../src/firmware/index.ts";
import { checkObject } from "../../../src/platform/index.ts";

const platform = (smmus: readonly object[]) =>
  checkObject({
    name: "t",
    cpus: 1,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [{ level: 3, bytes: "64 KiB", ways: 16, msc: { base: 0x1_4000_0000, cpor: { cpbmWd: 8 } } }],
    memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
    smmus,
  });

const TWO = [
  { base: 0x2b40_0000, partidMax: 31, pmgMax: 1 },
  { base: 0x1_2b60_0000, mpam: false },
];

const signature = (table: Uint8Array) => String.fromCharCode(...table.subarray(0, 4));
const iortOf = (tables: readonly Uint8Array[]) => tables.find((table) => signature(table) === "IORT");

/** The tables, with some bytes of the IORT changed and its checksum right again. */
function patched(...changes: readonly (readonly [at: number, bytes: readonly number[]])[]): Uint8Array[] {
  return acpiTables(platform(TWO)).map((table) => {
    if (signature(table) !== "IORT") return table;
    const copy = table.slice();
    for (const [at, bytes] of changes) copy.set(bytes, at);
    const length = new DataView(copy.buffer).getUint32(4, true);
    copy[9] = 0;
    copy[9] = (256 - (copy.subarray(0, length).reduce((sum, byte) => sum + byte, 0) % 256)) % 256;
    return copy;
  });
}

test("is there where there are SMMUs", () => {
  expect(iortOf(acpiTables(platform([])))).toBeUndefined();
  expect(describeAcpi(acpiTables(platform([]))).smmus).toEqual([]);
});

test("has a node of 68 bytes for each SMMU", () => {
  const table = iortOf(acpiTables(platform(TWO))) as Uint8Array;
  const view = new DataView(table.buffer, table.byteOffset);
  const u32 = (at: number) => view.getUint32(at, true);
  expect(table.length).toBe(36 + 12 + 2 * 68);
  // Nodes and where they begin.
  expect([u32(36), u32(40), u32(44)]).toEqual([2, 48, 0]);
  for (const [at, identifier, base] of [
    [48, 0, 0x2b40_0000n],
    [48 + 68, 1, 0x1_2b60_0000n],
  ] as const) {
    // Type 4 is an SMMUv3; length; revision 4 is that of E.b.
    expect([view.getUint8(at), view.getUint16(at + 1, true), view.getUint8(at + 3)]).toEqual([4, 68, 4]);
    expect([u32(at + 4), u32(at + 8)]).toEqual([identifier, 0]);
    expect(view.getBigUint64(at + 16, true)).toBe(base);
    // Flags, model generic, no interrupts.
    for (const field of [24, 28, 40, 44, 48, 52, 56, 60, 64]) expect(u32(at + field)).toBe(0);
  }
});

test("tells software where SMMUs are, and nothing else of them", () => {
  const tables = acpiTables(platform(TWO));
  expect(describeAcpi(tables)).toMatchObject({
    smmus: [
      { id: 0, address: 0x2b40_0000 },
      { id: 1, address: 0x1_2b60_0000 },
    ],
    remarks: [],
  });
  const { platform: found, remarks } = platformFromAcpi(tables);
  expect(found.smmus).toEqual([
    { base: 0x2b40_0000, mpam: false },
    { base: 0x1_2b60_0000, mpam: false },
  ]);
  expect(remarks).toContain("SMMUs are taken for ones without MPAM: what they have is in registers");
  expect(checkAcpi(tables).filter(({ place }) => place === "IORT")).toEqual([]);
  expect(acpiText(iortOf(tables) as Uint8Array)).toMatch(/SMMUv3[\s\S]*base.*0x0*2b400000/);
});

test("other nodes are passed over, and structures begin where the body says", () => {
  // A named component in place of the first SMMU.
  expect(describeAcpi(patched([48, [1]])).smmus).toEqual([{ id: 1, address: 0x1_2b60_0000 }]);
  // The first node is taken for padding.
  const later = patched([36, [1]], [40, [48 + 68]]);
  expect(describeAcpi(later)).toMatchObject({ smmus: [{ id: 1, address: 0x1_2b60_0000 }], remarks: [] });
  expect(checkAcpi(later).filter(({ place }) => place === "IORT")).toEqual([]);
});

const NODE = 48;
test.each([
  [
    "nodes that begin before the body ends",
    [[40, [47]]],
    /^error: IORT\+0x24: structures begin at 47; 48 to 184 is allowed/,
    [],
  ],
  ["nodes that begin past the end", [[40, [185]]], /^error: IORT\+0x24: structures begin at 185/, []],
  ["a length of 0", [[NODE + 1, [0, 0]]], /^error: IORT\+0x30: length is 0/, []],
  [
    "a node that is too short",
    [[NODE + 1, [59, 0]]],
    /^error: IORT\+0x30: SMMUv3: length is 59; at least 60 is needed/,
    [],
  ],
  ["a wrong count", [[36, [3]]], /^error: IORT\+0x24: it announces 3 nodes, and 2 are there/, [0, 1]],
  [
    "an identifier twice",
    [[NODE + 68 + 4, [0]]],
    /^error: IORT\+0x78: SMMU 0 has the identifier of the node at 0x30/,
    [0, 0],
  ],
  [
    "a base twice",
    [[NODE + 68 + 16, [0, 0, 0x40, 0x2b, 0]]],
    /^error: IORT\+0x84: SMMU 1: its base is that of the node at 0x30/,
    [0, 1],
  ],
  [
    "a base of no 64 KiB",
    [[NODE + 17, [0x10]]],
    /^error: IORT\+0x40: SMMU 0: its base 0x2b401000 is no multiple of 64 KiB/,
    [1],
  ],
  [
    "a base past 2^52",
    [[NODE + 22, [0x10]]],
    /^error: IORT\+0x40: SMMU 0: its base 0x1000002b400000 is past 2\^52/,
    [1],
  ],
  ["a reserved flag", [[NODE + 24, [0x20]]], /^warning: IORT\+0x48: SMMUv3: flags has reserved bits 0x20/, [0, 1]],
] as const)("%s is found, and software goes on", (_, changes, finding, left) => {
  const tables = patched(...changes);
  expect(checkAcpi(tables).map(showFinding)).toContainEqual(expect.stringMatching(finding));
  const found = describeAcpi(tables);
  expect(found.smmus.map(({ id }) => id)).toEqual(left);
  if (left.length < 2) expect(found.remarks.some((line) => line.startsWith("IORT"))).toBe(true);
});

test("a locator that names no SMMU is found", () => {
  const tables = acpiTables(platform(TWO)).map((table) => {
    if (signature(table) !== "MPAM") return table;
    const copy = table.slice();
    // The resource behind the MSC: locator type 2, node 1 or 7.
    copy[36 + 72 + 7] = 2;
    copy[36 + 72 + 8] = 7;
    return copy;
  });
  const lines = checkAcpi(tables).map(showFinding);
  expect(lines).toContainEqual(
    expect.stringMatching(/^error: MPAM\+0x74: .*controls SMMU 7, which the IORT does not have/),
  );
});
