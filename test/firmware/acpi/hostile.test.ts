// Tables that mean harm: every one ends in a description or in a refusal that says where, and costs no more than its size is worth.

import { afterEach, describe, expect, test } from "vitest";
import { acpiText, checkAcpi, describeAcpi, platformFromAcpi, splitAcpi } from "../../../src/firmware/index.ts";
import { CountedReads } from "../../fuzz/acpi/counted.ts";
import { searchAcpi } from "../../fuzz/acpi/search.ts";
import { Random } from "../../fuzz/random.ts";
import { le, madtOf, patched, spliced, tableOf } from "./bytes.ts";
import * as worked from "./worked.ts";

let counted: CountedReads | undefined;
afterEach(() => {
  counted?.end();
  counted = undefined;
});

/** Reads that all readers together make of these tables. */
function readsOf(...tables: readonly Uint8Array[]): number {
  counted = new CountedReads();
  const quietly = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      expect(String(error)).toMatch(/^ErrnoError: EINVAL: ([!-~]{4}|table)\+0x/);
    }
  };
  quietly(() => describeAcpi(tables));
  quietly(() => describeAcpi(tables, { compat: "linux-7.3" }));
  quietly(() => platformFromAcpi(tables));
  quietly(() => checkAcpi(tables));
  for (const table of tables) quietly(() => acpiText(table));
  return counted.reads;
}

/** Processors of no resources below each other, the deepest first; the leaves are the first `leaves`. */
function tower(nodes: number, leaves: number): Uint8Array {
  const parts = Array.from({ length: nodes }, (_, index) => {
    const parent = index < leaves ? 36 + 20 * leaves : index === nodes - 1 ? 0 : 36 + 20 * (index + 1);
    return le([1, 0], [1, 20], [2, 0], [4, index < leaves ? 10 : 2], [4, parent], [4, index], [4, 0]);
  });
  return tableOf("PPTT", 3, ...parts);
}

describe("PPTT", () => {
  test("cpus below a tower of containers are refused when climbing it takes too long", () => {
    const uids = Array.from({ length: 1000 }, (_, uid) => uid);
    expect(() => describeAcpi([madtOf(...uids), tower(1100, 1000)])).not.toThrow();
    expect(() => describeAcpi([madtOf(...uids), tower(9000, 1000)])).toThrow(
      /^EINVAL: PPTT\+0x[0-9a-f]+: processors and caches refer to each other too often; a tree of them is allowed$/,
    );
  });

  test("a processor that names one long chain of caches again and again is refused", () => {
    const caches = 250;
    const chain = Array.from({ length: caches }, (_, index) =>
      le(
        [1, 1],
        [1, 28],
        [2, 0],
        [4, 0x90],
        [4, index === caches - 1 ? 0 : 36 + 28 * (index + 1)],
        [4, 0],
        [4, 0],
        [1, 0],
        [1, 8],
        [2, 0],
        [4, index],
      ),
    ).flat();
    const cpus = Array.from({ length: 100 }, (_, uid) =>
      le(
        [1, 0],
        [1, 20 + 4 * 50],
        [2, 0],
        [4, 10],
        [4, 0],
        [4, uid],
        [4, 50],
        ...Array.from({ length: 50 }, (): [number, number] => [4, 36]),
      ),
    ).flat();
    const tables = [madtOf(...Array.from({ length: 100 }, (_, uid) => uid)), tableOf("PPTT", 3, ...chain, ...cpus)];
    expect(() => describeAcpi(tables)).toThrow(/too often/);
    expect(readsOf(...tables)).toBeLessThan(40 * tables.reduce((sum, { length }) => sum + length, 0));
  });

  test("two caches that lead to each other, and two processors, are told once each", () => {
    const loop = patched(worked.PPTT, [0x74 + 8, 4, 0x90], [0x90 + 8, 4, 0x74]);
    const findings = checkAcpi([madtOf(0, 1), loop]).filter(({ text }) => text.includes("lead back"));
    expect(findings.map(({ severity, offset }) => [severity, offset])).toEqual([["error", 0x74]]);
    expect(describeAcpi([madtOf(0, 1), loop]).caches.map(({ id }) => id)).toContain(0x101);
    const parents = patched(worked.PPTT, [0x40 + 8, 4, 0xac]);
    expect(
      checkAcpi([madtOf(0, 1), parents]).filter(({ text }) => text.includes("the parents from here")),
    ).toHaveLength(1);
  });

  test("structures that overlap are read where they are referred to", () => {
    // A resource in the middle of another structure: whatever stands there is no cache or is one, and nothing else happens.
    for (let at = 0; at < worked.PPTT.length + 4; at++) {
      const found = describeAcpi([madtOf(0, 1), patched(worked.PPTT, [0x40 + 20, 4, at])]);
      expect(found.cpus).toHaveLength(2);
    }
  });
});

describe("lengths", () => {
  test.each([
    ["MPAM", worked.MPAM, 36, 2],
    ["PPTT", worked.PPTT, 37, 1],
    ["HMAT", worked.HMAT, 44, 4],
  ] as const)("every length of the first structure of %s ends", (_, table, at, size) => {
    for (let length = 0; length < 300; length += 3) {
      expect(readsOf(madtOf(0, 1), patched(table, [at, size, length]))).toBeLessThan(20_000);
      counted?.end();
    }
  });

  test.each([
    ["MPAM", worked.MPAM],
    ["PPTT", worked.PPTT],
    ["HMAT", worked.HMAT],
  ])("%s cut short anywhere is refused or read as far as it goes", (_, table) => {
    for (let length = 0; length < table.length; length++) {
      readsOf(madtOf(0, 1), table.slice(0, length));
      counted?.end();
      if (length >= 36) readsOf(madtOf(0, 1), patched(table.slice(0, length)));
      counted?.end();
    }
  });

  test("counts of four thousand million are no reason to allocate", () => {
    const most = 0xffff_ffff;
    const tables = [
      patched(worked.MPAM, [36 + 68, 4, most], [36 + 72 + 20, 4, most]),
      patched(worked.PPTT, [0x40 + 16, 4, most], [0xac + 16, 4, most]),
      patched(worked.HMAT, [0x78 + 12, 4, most], [0x78 + 16, 4, most]),
    ];
    expect(readsOf(madtOf(0, 1), ...tables)).toBeLessThan(10_000);
  });

  test("MSCs of no bytes behind each other are refused at the first", () => {
    const zeros = spliced(worked.MPAM, 36, 36, ...new Array(1000).fill(0));
    expect(() => describeAcpi([zeros])).toThrow(/^EINVAL: MPAM\+0x24: .*length is 0; 2 to 1120 is allowed here/);
  });

  test("a file of tables ends where a length lies", () => {
    const two = new Uint8Array([...worked.MPAM, ...worked.PPTT]);
    expect(splitAcpi(two).map(({ length }) => length)).toEqual([156, 312]);
    two[4] = 0;
    expect(() => splitAcpi(two)).toThrow(/^EINVAL: MPAM\+0x04: length is 0; 36 to 468/);
    two[4] = 157;
    expect(() => splitAcpi(two)).toThrow(/EINVAL: PTT/);
    expect(() => splitAcpi(new Uint8Array())).toThrow(/the table has 0 bytes/);
  });
});

test("what is drawn at random is refused with its place or read, and the work is bounded by the size", () => {
  const { failure, tables, refused } = searchAcpi({ seed: 7, count: 600 });
  expect(failure).toBeUndefined();
  expect(tables).toBeGreaterThanOrEqual(600);
  expect(refused).toBeGreaterThan(100);
});

test("bytes of no meaning at all are refused", () => {
  const random = new Random(3);
  for (let round = 0; round < 200; round++) {
    const bytes = new Uint8Array(Array.from({ length: random.below(400) }, () => random.below(256)));
    readsOf(bytes, patched(new Uint8Array([...worked.PPTT.subarray(0, 36), ...bytes])));
    counted?.end();
  }
});
