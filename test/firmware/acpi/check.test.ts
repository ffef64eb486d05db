import { expect, test } from "vitest";
import { acpiTables, checkAcpi, showFinding } from "../../../src/firmware/index.ts";
import { parsePlatform } from "../../../src/platform/index.ts";
import { patched, signatureOf, spliced } from "./bytes.ts";

const all = acpiTables(
  parsePlatform(`
name: checked
cpus: 4
processor: { partidMax: 7, pmgMax: 1 }
mailboxes: [{ base: 0x2_0000_0000 }, { base: 0x2_0001_0000 }]
caches:
  - { level: 3, id: 0x300, cpus: 0-1, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 8 } } }
  - { level: 3, id: 0x301, cpus: 2-3, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4101_0000, cpus: 2-3, errorInterrupt: 20, cpor: { cpbmWd: 8 } } }
memory:
  - { node: 0, cpus: 0-1, bytes: 1 GiB, bytesPerSecond: 1 GB/s, msc: { base: 0x1_4200_0000, ris: [{ ris: 0, mbw: { bwaWd: 7 } }, { ris: 1 }] } }
  - { node: 1, cpus: 2-3, bytes: 1 GiB, bytesPerSecond: 2 GB/s, msc: { mailbox: 1, mbw: { bwaWd: 7 } } }
`),
);
const table = (signature: string) => all.find((one) => signatureOf(one) === signature) as Uint8Array;
const MSC = [36, 132, 228, 348] as const;
const RIS = [108, 204, 300, 420] as const;

/** Findings when some tables are others. */
function found(...tables: readonly Uint8Array[]): string[] {
  const names = tables.map(signatureOf);
  return checkAcpi([...all.filter((one) => !names.includes(signatureOf(one))), ...tables]).map(showFinding);
}

test("tables of a platform have nothing wrong", () => {
  expect(found()).toEqual([]);
});

type Change = [at: number, size: number, value: number | bigint];

test.each<[string, string, Change[], RegExp]>([
  [
    "a reserved field of an MSC",
    "MPAM",
    [[MSC[0] + 28, 4, 1]],
    /^error: MPAM\+0x40: MSC: reserved1 is 0x1; 0 is right$/,
  ],
  ["a reserved field of a resource", "MPAM", [[RIS[0] + 5, 2, 1]], /^warning: MPAM\+0x71: resource: reserved is 0x1/],
  [
    "an identifier that two MSCs have",
    "MPAM",
    [[MSC[1] + 4, 4, 0]],
    /^error: MPAM\+0x88: MSC 0 has the identifier of the one at 0x24/,
  ],
  [
    "windows that overlap",
    "MPAM",
    [[MSC[1] + 8, 8, 0x1_4100_3fff]],
    /^error: MPAM\+0x8c: MSC 1: its window at 0x141003fff overlaps that of MSC 0$/,
  ],
  ["an interface that nobody knows", "MPAM", [[MSC[0] + 2, 1, 1]], /^error: MPAM\+0x26: MSC 0: interface is 0x01/],
  [
    "an MSC that is disabled",
    "MPAM",
    [[MSC[0] + 16, 4, 0]],
    /^warning: MPAM\+0x34: MSC 0: size is 0, so it is disabled$/,
  ],
  [
    "a cache that the PPTT does not have",
    "MPAM",
    [[RIS[0] + 8, 8, 0x999]],
    /^error: MPAM\+0x74: MSC 0: RIS 0 controls cache 0x999, which the PPTT/,
  ],
  [
    "a domain that the SRAT does not have",
    "MPAM",
    [[RIS[2] + 8, 8, 7]],
    /^error: MPAM\+0x134: MSC 2: RIS 0 controls memory of domain 7, which the SRAT/,
  ],
  [
    "a RIS that is described twice",
    "MPAM",
    [[RIS[2] + 24 + 4, 1, 0]],
    /^error: MPAM\+0x148: MSC 2: RIS 0 is described twice/,
  ],
  ["a RIS past 15", "MPAM", [[RIS[0] + 4, 1, 16]], /^error: MPAM\+0x70: MSC 0: RIS 16 is past 15/],
  ["a locator that says nothing", "MPAM", [[RIS[0] + 7, 1, 2]], /^warning: MPAM\+0x73: MSC 0: RIS 0: locator 0x02/],
  [
    "a container that is not there",
    "MPAM",
    [[MSC[1] + 64, 4, 77]],
    /^error: MPAM\+0xc4: MSC 1: container 77 is not in the PPTT/,
  ],
  [
    "a subspace that is not there",
    "MPAM",
    [[MSC[3] + 8, 8, 9]],
    /^error: MPAM\+0x164: MSC 3: PCC subspace 9 is not in the PCCT/,
  ],
  [
    "an interrupt that is not wired",
    "MPAM",
    [[MSC[1] + 40, 4, 2]],
    /^warning: MPAM\+0xac: MSC 1: error interrupt 20 is not wired/,
  ],
  [
    "a shared error interrupt of an MSC that few reach",
    "MPAM",
    [[MSC[1] + 36, 4, 44]],
    /^warning: MPAM\+0xa8: MSC 1: error interrupt 44 is shared/,
  ],
  [
    "fewer resources than there is room for",
    "MPAM",
    [[MSC[2] + 68, 4, 1]],
    /^warning: MPAM\+0x144: MSC 2: 24 bytes follow its resources$/,
  ],
  [
    "more resources than there is room for",
    "MPAM",
    [[MSC[2] + 68, 4, 3]],
    /^error: MPAM\+0x15c: MSC 2: resource 2 of 3: 0 bytes are left/,
  ],
  ["a length that ends nowhere", "MPAM", [[MSC[3], 2, 0]], /^error: MPAM\+0x15c: length is 0; 2 to 96/],
  // Caches at 0x24 and 0x40; empty ones at 0x5c and 0x78; containers at 0x94 and 0xac.
  [
    "an id that two caches have",
    "PPTT",
    [[0x40 + 24, 4, 0x300]],
    /^error: PPTT\+0x58: cache 768 unified has the id of the one at 0x24/,
  ],
  [
    "a next level that is no cache",
    "PPTT",
    [[0x24 + 8, 4, 0x25]],
    /^error: PPTT\+0x2c: cache 768 unified: next level 0x25 is no cache/,
  ],
  [
    "a cache that leads back to itself",
    "PPTT",
    [[0x24 + 8, 4, 0x24]],
    /^error: PPTT\+0x24: the next levels from here lead back to here/,
  ],
  [
    "a parent that is none",
    "PPTT",
    [[0x94 + 8, 4, 0x24]],
    /^error: PPTT\+0x9c: container 4: parent 0x24 is no processor/,
  ],
  ["a resource that is none", "PPTT", [[0x94 + 20, 4, 1]], /^error: PPTT\+0xa8: container 4: resource 0x1 is no cache/],
  [
    "a cache that nobody refers to",
    "PPTT",
    [[0x94 + 20, 4, 0x40]],
    /^warning: PPTT\+0x24: cache 768 unified: nothing refers to it$/,
  ],
  [
    "sizes that do not add up",
    "PPTT",
    [[0x24 + 16, 4, 63]],
    /^warning: PPTT\+0x30: cache 768 unified: 65536 bytes, but sets \* ways \* line is 64512/,
  ],
  [
    "a leaf that the MADT does not have",
    "PPTT",
    [[0xc4 + 12, 4, 9]],
    /^warning: PPTT\+0xd0: processor 9: the MADT has no cpu of this UID$/,
  ],
  [
    "ids in an old revision",
    "PPTT",
    [[8, 1, 2]],
    /^warning: PPTT\+0x28: cache 768 unified: has an id in a table of revision 2/,
  ],
  ["two cpus of one UID", "APIC", [[44 + 80 + 8, 4, 0]], /^error: APIC\+0x84: GICC has UID 0, as the one at 0x2c/],
  [
    "two cpus of one MPIDR",
    "APIC",
    [[44 + 80 + 68, 8, 0]],
    /^error: APIC\+0xc0: GICC 1: MPIDR 0x0 is that of the one at 0x2c/,
  ],
  [
    "memory that overlaps",
    "SRAT",
    [[48 + 72 + 40 + 8, 8, 0x80_0000_0000]],
    /^error: SRAT\+0xa8: memory of domain 1 at 0x8000000000 overlaps/,
  ],
  [
    "a domain of the HMAT that the SRAT does not have",
    "HMAT",
    [[40 + 16, 4, 5]],
    /^error: HMAT\+0x38: memory domain 5 has no memory in the SRAT/,
  ],
  ["a base unit of 0", "HMAT", [[120 + 24, 8, 0]], /^error: HMAT\+0x90: the base unit is 0/],
  [
    "a base unit in bytes",
    "HMAT",
    [[120 + 24, 8, 1_000_000_000]],
    /^warning: HMAT\+0xaa: a bandwidth of 2000000000 MB\/s: the base unit is in MB\/s/,
  ],
  [
    "a bandwidth past 32 bits",
    "HMAT",
    [[120 + 24, 8, 2n ** 32n]],
    /^error: HMAT\+0xaa: 2 times the base unit is 8589934592/,
  ],
  [
    "mailboxes that overlap",
    "PCCT",
    [[48 + 164 + 8, 8, 0x2_0000_0080]],
    /^error: PCCT\+0xdc: subspace 1: its memory at 0x200000080 overlaps that of subspace 0/,
  ],
  [
    "a mailbox with too little memory",
    "PCCT",
    [[48 + 16, 4, 16]],
    /^error: PCCT\+0x40: subspace 0: its memory has 16 bytes; 32 are needed/,
  ],
  [
    "a mask that no bit can meet",
    "PCCT",
    [[48 + 108, 8, 0]],
    /^error: PCCT\+0x9c: subspace 0: the mask of complete is 0/,
  ],
])("%s is found", (_, signature, changes, says) => {
  expect(found(patched(table(signature), ...changes))).toContainEqual(expect.stringMatching(says));
});

test("a wrong checksum is found, with the right one", () => {
  const wrong = table("SRAT").slice();
  const right = wrong[9] as number;
  wrong[9] = right ^ 1;
  const hex = (byte: number) => `0x${byte.toString(16).padStart(2, "0")}`;
  expect(found(wrong)).toEqual([`error: SRAT+0x09: checksum is ${hex(right ^ 1)}; ${hex(right)} is right`]);
});

test("a structure too short for its fields is found", () => {
  const short = patched(spliced(table("SRAT"), 48 + 17, 48 + 18), [49, 1, 17]);
  expect(found(short)[0]).toBe("error: SRAT+0x30: GICC affinity: length is 17; at least 18 is needed");
});

test("tables that are missing, cut, or there twice are found", () => {
  expect(checkAcpi([]).map(showFinding)).toEqual([
    "warning: APIC+0x00: there is no MADT; nothing says which cpus there are",
    "error: MPAM+0x00: there is no MPAM table; software finds no MSC",
  ]);
  expect(found(table("MPAM").slice(0, 100))).toContainEqual(
    "error: MPAM+0x00: length is 444; 36 to 100, the bytes that there are, are allowed",
  );
  expect(checkAcpi([...all, table("SRAT")]).map(showFinding)).toEqual([
    "error: SRAT+0x00: this is a second table of its name; software reads the first",
  ]);
  expect(found(new Uint8Array([...table("SRAT"), 0]))).toContainEqual(
    expect.stringMatching(/^warning: SRAT\+0xc8: 1 bytes follow the table/),
  );
});
