import { expect, test } from "vitest";
import { type Layout, readLayout, type Values, writeLayout } from "../../../src/firmware/acpi/layout.ts";
import {
  type AnyEntry,
  bodyOf,
  entriesOf,
  isA,
  makeTable,
  openTable,
  resourcesOf,
} from "../../../src/firmware/acpi/table.ts";
import {
  CACHE,
  DOMAIN_ATTRIBUTES,
  LOCALITY,
  MSC,
  PROCESSOR,
  RESOURCE,
  SIDE_CACHE,
  TABLES,
} from "../../../src/firmware/acpi/tables.ts";
import { describeAcpi } from "../../../src/firmware/index.ts";
import { le, madtOf, tableOf } from "./bytes.ts";
import * as worked from "./worked.ts";

const MAKER = { oemId: "MPAMTS", oemTableId: "EXAMPLE1", oemRevision: 1, creatorId: "MPTS", creatorRevision: 1 };

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

test("the worked MPAM table is written byte for byte", () => {
  const resources = joined(
    writeLayout(RESOURCE, { identifier: 0, ris: 0, locator: 0, descriptor1: 0x300n }),
    writeLayout(RESOURCE, { identifier: 1, ris: 1, locator: 1, descriptor1: 0n }),
  );
  const msc = writeLayout(MSC, {
    length: 72 + resources.length,
    identifier: 7,
    base: 0x1_4100_0000n,
    size: 0x4000,
    errorInterrupt: 44,
    maxNrdyUsec: 5,
    linkedHid: "ACPI0010",
    linkedUid: 100,
    resourceCount: 2,
  });
  expect(makeTable("MPAM", 1, MAKER, [msc, resources])).toEqual(worked.MPAM);
});

test("the worked PPTT is written byte for byte", () => {
  const cache = (nextLevel: number, bytes: number, attributes: number, cacheId: number) =>
    writeLayout(CACHE, { flags: 0x91, nextLevel, bytes, attributes, cacheId });
  const cpu = (processorId: number, ...resources: number[]) =>
    writeLayout(PROCESSOR, { flags: 0x0a, parent: 0x40, processorId, resources });
  const parts = [
    cache(0, 0x10000, 0x0a, 0x300),
    writeLayout(PROCESSOR, { flags: 3, processorId: 100, resources: [0x24] }),
    cache(0, 0x10000, 0x0a, 0x102),
    cache(0x58, 0x10000, 0x02, 0x101),
    cache(0x58, 0x10000, 0x04, 0x103),
    cpu(0, 0x74, 0x90),
    cache(0, 0x10000, 0x0a, 0x112),
    cache(0xc8, 0x10000, 0x02, 0x111),
    cache(0xc8, 0x10000, 0x04, 0x113),
    cpu(1, 0xe4, 0x100),
  ];
  expect(makeTable("PPTT", 3, MAKER, parts)).toEqual(worked.PPTT);
});

test("the worked HMAT is written byte for byte", () => {
  const domains = { initiators: [0], targets: [0, 1] };
  const parts = [
    writeLayout(TABLES.HMAT.body, {}),
    writeLayout(DOMAIN_ATTRIBUTES, { flags: 1, initiator: 0, memory: 0 }),
    writeLayout(DOMAIN_ATTRIBUTES, { flags: 1, initiator: 0, memory: 1 }),
    writeLayout(LOCALITY, { data: 0, baseUnit: 1000n, ...domains, entries: [90, 250] }),
    writeLayout(LOCALITY, { data: 3, baseUnit: 100n, ...domains, entries: [2048, 512] }),
    writeLayout(SIDE_CACHE, { memory: 1, bytes: 0x400_0000n, attributes: 0x0040_1111 }),
  ];
  expect(makeTable("HMAT", 2, MAKER, parts)).toEqual(worked.HMAT);
});

function valuesIn<T extends Layout>(entries: readonly AnyEntry[], layout: T): Values<T>[] {
  return entries.flatMap((entry) => (isA(entry, layout) ? [entry.values] : []));
}

test("the worked MPAM table reads as what was put into it", () => {
  const table = openTable(worked.MPAM);
  expect(table.header).toMatchObject({
    signature: "MPAM",
    length: 156,
    revision: 1,
    oemId: "MPAMTS",
    oemTableId: "EXAMPLE1",
  });
  const { entries, trouble } = entriesOf(table, TABLES.MPAM);
  expect(trouble).toBeUndefined();
  expect(valuesIn(entries, MSC)).toMatchObject([
    {
      length: 120,
      interface: 0,
      identifier: 7,
      base: 0x1_4100_0000n,
      size: 0x4000,
      overflowInterrupt: 0,
      errorInterrupt: 44,
      errorFlags: 0,
      maxNrdyUsec: 5,
      linkedHid: "ACPI0010",
      linkedUid: 100,
      resourceCount: 2,
    },
  ]);
  const [msc] = entries;
  if (msc === undefined || !isA(msc, MSC)) throw new Error("no MSC");
  expect(resourcesOf(table, msc).resources.map(({ at, values }) => ({ at, ...values }))).toMatchObject([
    { at: 0x6c, ris: 0, locator: 0, descriptor1: 0x300n, dependencies: [] },
    { at: 0x84, identifier: 1, ris: 1, locator: 1, descriptor1: 0n },
  ]);
});

test("the worked HMAT reads as what was put into it, structures where they were put", () => {
  const table = openTable(worked.HMAT);
  expect(bodyOf(table, TABLES.HMAT.body)).toEqual({ reserved: 0 });
  const { entries } = entriesOf(table, TABLES.HMAT);
  expect(entries.map(({ at, type, length }) => [at, type, length])).toEqual([
    [0x28, 0, 40],
    [0x50, 0, 40],
    [0x78, 1, 48],
    [0xa8, 1, 48],
    [0xd8, 2, 32],
  ]);
  expect(valuesIn(entries, LOCALITY)).toMatchObject([
    { data: 0, baseUnit: 1000n, initiators: [0], targets: [0, 1], entries: [90, 250] },
    { data: 3, baseUnit: 100n, initiators: [0], targets: [0, 1], entries: [2048, 512] },
  ]);
  expect(valuesIn(entries, SIDE_CACHE)).toMatchObject([{ memory: 1, bytes: 0x400_0000n, attributes: 0x0040_1111 }]);
});

test("a structure of an older revision ends before the fields that came later", () => {
  const old = new Uint8Array(76);
  old.set([11, 76]);
  const bytes = openTable(tableOf("APIC", 4, ...old, 0xff, 0xff, 0xff, 0xff)).bytes;
  const { trbeInterrupt, efficiencyClass, length } = readLayout(TABLES.APIC.structures[0], bytes, 36, 36 + 76);
  expect({ trbeInterrupt, efficiencyClass, length }).toEqual({ trbeInterrupt: 0, efficiencyClass: 0, length: 76 });
});

/** Domain 0 with cpu 0 and memory, domain 1 with memory alone. */
const SRAT = tableOf(
  "SRAT",
  3,
  ...le([4, 1], [8, 0]),
  ...le([1, 3], [1, 18], [4, 0], [4, 0], [4, 1], [4, 0]),
  ...[0, 1].flatMap((domain) =>
    le(
      [1, 1],
      [1, 40],
      [4, domain],
      [2, 0],
      [8, 0x80_0000_0000 + domain * 2 ** 30],
      [8, 2 ** 30],
      [4, 0],
      [4, 1],
      [8, 0],
    ),
  ),
);

test("the worked tables describe the machine that their makers meant", () => {
  const found = describeAcpi([madtOf(0, 1), worked.PPTT, worked.MPAM, SRAT, worked.HMAT]);
  expect(found.counted).toBe(1);
  expect(found.mscs).toEqual([
    {
      id: 7,
      interface: "mmio",
      address: 0x1_4100_0000,
      bytes: 0x4000,
      nrdyUsec: 5,
      errorInterrupt: 44,
      overflowInterrupt: 0,
      cpus: new Set([0, 1]),
      resources: [
        { ris: 0, kind: "cache", id: 0x300 },
        { ris: 1, kind: "memory", id: 0 },
      ],
    },
  ]);
  expect(found.caches.map(({ id, level, cpus }) => [id, level, [...cpus]])).toEqual([
    [0x300, 3, [0, 1]],
    [0x102, 2, [0]],
    [0x101, 1, [0]],
    [0x103, 1, [0]],
    [0x112, 2, [1]],
    [0x111, 1, [1]],
    [0x113, 1, [1]],
  ]);
  expect(found.nodes).toEqual([
    { node: 0, cpus: new Set([0, 1]), peak: { read: 204_800e6, write: 204_800e6 } },
    { node: 1, cpus: new Set(), peak: { read: 51_200e6, write: 51_200e6 } },
  ]);
  expect(found.remarks).toEqual([]);
});
