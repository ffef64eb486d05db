// What Linux reads in tables, rule by rule (linux-driver reference 8.1 to 8.8, 12.2). Tables are changed at offsets of the specification.

import { describe, expect, test } from "vitest";
import { acpiTables, describeAcpi } from "../../../src/firmware/index.ts";
import { parsePlatform } from "../../../src/platform/index.ts";
import { le, madtOf, patched, signatureOf, spliced, tableOf } from "./bytes.ts";
import * as worked from "./worked.ts";

/** Two clusters with an L3 each and memory of their own; MSCs 0 and 1 before the caches, 2 and 3 before the nodes. */
const platform = parsePlatform(`
name: rules
cpus: 4
processor: { partidMax: 7, pmgMax: 1 }
mailboxes: [{ subspace: 2, base: 0x2_0000_0000, interrupt: 60 }]
caches:
  - { level: 3, id: 0x300, cpus: 0-1, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4100_0000, nrdyUsec: 5, errorInterrupt: 44, cpor: { cpbmWd: 8 } } }
  - { level: 3, id: 0x301, cpus: 2-3, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4101_0000, cpus: 2-3, errorInterrupt: 20, overflowInterrupt: 21, cpor: { cpbmWd: 8 } } }
memory:
  - { node: 0, cpus: 0-1, bytes: 1 GiB, bytesPerSecond: 1 GB/s, msc: { base: 0x1_4200_0000, mbw: { bwaWd: 7 } } }
  - { node: 1, cpus: 2-3, bytes: 1 GiB, bytesPerSecond: 2 GB/s, msc: { mailbox: 2, mbw: { bwaWd: 7 } } }
`);
const all = acpiTables(platform);
const table = (signature: string) => all.find((one) => signatureOf(one) === signature) as Uint8Array;
const [mpam, srat, hmat, apic, pcct] = ["MPAM", "SRAT", "HMAT", "APIC", "PCCT"].map(table) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
/** Where MSC n is: each has one resource, 72 + 24 bytes. */
const mscAt = (n: number) => 36 + 96 * n;
const risAt = (n: number) => mscAt(n) + 72;

type Changes = Parameters<typeof patched>[1][];
const COMPAT = { compat: "linux-7.3" } as const;

/** The machine with one of its tables changed, or another in its place. */
function read(options: Parameters<typeof describeAcpi>[1], ...tables: readonly Uint8Array[]) {
  const names = tables.map(signatureOf);
  return describeAcpi([...all.filter((one) => !names.includes(signatureOf(one))), ...tables], options);
}
const changed = (one: Uint8Array, ...changes: Changes) => read({}, patched(one, ...changes));
const inCompat = (one: Uint8Array, ...changes: Changes) => read(COMPAT, patched(one, ...changes));
const idsOf = ({ mscs }: { readonly mscs: readonly { readonly id: number }[] }) => mscs.map(({ id }) => id);

test("the machine as it is has nothing to remark", () => {
  const found = read({});
  expect(found.remarks).toEqual([]);
  expect([found.counted, idsOf(found)]).toEqual([4, [0, 1, 2, 3]]);
});

describe("MPAM: which MSCs are counted, and which can be used", () => {
  test("a table of revision 0 is none", () => {
    const found = changed(mpam, [8, 1, 0]);
    expect([found.counted, idsOf(found)]).toEqual([0, []]);
    expect(found.remarks).toEqual(["MPAM has revision 0, 1 is needed: no MSC is described"]);
  });

  test("without the table there is no MSC", () => {
    const found = describeAcpi([apic]);
    expect([found.counted, idsOf(found)]).toEqual([0, []]);
  });

  test.each([
    ["reserved", 3, 1],
    ["reserved1", 28, 4],
    ["reserved2", 44, 4],
  ] as const)("an MSC whose field %s is not 0 is left out but counted", (_, at, size) => {
    const found = changed(mpam, [mscAt(1) + at, size, 1]);
    expect([found.counted, idsOf(found)]).toEqual([4, [0, 2, 3]]);
    expect(found.remarks[0]).toMatch(/^MPAM\+0x84: MSC 1: a reserved field is not 0/);
  });

  test("a window of no bytes is a disabled MSC, and not counted", () => {
    const found = changed(mpam, [mscAt(0) + 16, 4, 0]);
    expect([found.counted, idsOf(found)]).toEqual([3, [1, 2, 3]]);
  });

  test("a mailbox MSC of size 0 is disabled, one of size 1 is reached through its subspace", () => {
    const found = changed(mpam, [mscAt(3) + 16, 4, 0]);
    expect([found.counted, idsOf(found)]).toEqual([3, [0, 1, 2]]);
    expect(read({}).mscs[3]).toMatchObject({ interface: "pcc", subspace: 2, address: 0, bytes: 0 });
    expect(inCompat(mpam, [mscAt(3) + 16, 4, 0]).counted).toBe(3);
  });

  test("Linux 7.3 counts a mailbox MSC of size 1 and cannot use it", () => {
    const found = read(COMPAT);
    expect([found.counted, idsOf(found)]).toEqual([4, [0, 1, 2]]);
    expect(found.remarks[0]).toContain("MSC 3: it is reached by a mailbox, which Linux 7.3 does not know");
  });

  test("an interface of no known kind is counted, and no MSC from there on is used", () => {
    const found = changed(mpam, [mscAt(1) + 2, 1, 0x0b]);
    expect([found.counted, idsOf(found)]).toEqual([4, [0]]);
    expect(found.remarks).toHaveLength(1);
  });

  test.each([
    ["0, which would go on for ever", 0],
    ["71, less than the fields of an MSC", 71],
    ["more than the table has left", 4000],
  ])("a length of %s is refused, with its place", (_, length) => {
    for (const compat of [{}, COMPAT]) {
      expect(() => read(compat, patched(mpam, [mscAt(1), 2, length]))).toThrow(/^EINVAL: MPAM\+0x84: .*length is/);
    }
  });

  test("a length one past the end is refused", () => {
    expect(() => changed(mpam, [mscAt(3), 2, 97])).toThrow(
      /^EINVAL: MPAM\+0x144: length is 97; 2 to 96 is allowed here$/,
    );
  });

  test("bytes behind the last MSC that are too few for another are refused", () => {
    expect(() => read({}, spliced(mpam, mpam.length, mpam.length, 1))).toThrow(/MPAM\+0x1a4: 1 bytes are left/);
  });

  test("a window past the last address cannot be mapped: counted, not used", () => {
    const found = changed(mpam, [mscAt(0) + 8, 8, 2n ** 52n - 1n]);
    expect([found.counted, idsOf(found)]).toEqual([4, [1, 2, 3]]);
  });
});

describe("MPAM: interrupts", () => {
  const interruptsOf = (flags: number) => {
    const { mscs, remarks } = changed(mpam, [mscAt(1) + 24, 4, flags], [mscAt(1) + 40, 4, flags]);
    const { errorInterrupt, overflowInterrupt } = mscs[1] ?? {};
    return { error: errorInterrupt, overflow: overflowInterrupt, remarks: remarks.length };
  };

  test.each([
    ["level, wired", 0b00000],
    ["edge", 0b00001],
    ["of a processor, valid", 0b10000],
    ["of a container, not valid", 0b01000],
  ])("%s: it is used", (_, flags) => {
    expect(interruptsOf(flags)).toEqual({ error: 20, overflow: 21, remarks: 0 });
  });

  test.each([
    ["not wired", 0b00010],
    ["not wired, of type 2", 0b00100],
    ["of a container, valid", 0b11000],
  ])("%s: it is ignored, and the MSC stays", (_, flags) => {
    expect(interruptsOf(flags)).toEqual({ error: 0, overflow: 0, remarks: 2 });
  });

  test("flags of an interrupt that is not there say nothing", () => {
    expect(changed(mpam, [mscAt(0) + 24, 4, 0b11010]).remarks).toEqual([]);
  });
});

describe("MPAM: resources", () => {
  test("cache ids and domains are their locator's low 32 bits", () => {
    const found = changed(mpam, [risAt(0) + 8, 8, 0x7_0000_0301n], [risAt(2) + 8, 8, 0x7_0000_0001n]);
    expect(found.mscs[0]?.resources).toEqual([{ ris: 0, kind: "cache", id: 0x301 }]);
    expect(found.mscs[2]?.resources).toEqual([{ ris: 0, kind: "memory", id: 1 }]);
  });

  test("a cache that the PPTT does not have stays for the driver to refuse, with a remark", () => {
    const found = changed(mpam, [risAt(0) + 8, 8, 0x999]);
    expect(found.mscs[0]?.resources).toEqual([{ ris: 0, kind: "cache", id: 0x999 }]);
    expect(found.caches.map(({ id }) => id)).toEqual([0x300, 0x301]);
    expect(found.remarks).toEqual(["MPAM+0x6c: MSC 0: RIS 0 controls cache 0x999, which no cpu has in the PPTT"]);
  });

  test("memory of a domain that the SRAT does not have is node 0", () => {
    const found = changed(mpam, [risAt(3) + 8, 8, 9]);
    expect(found.mscs[3]?.resources).toEqual([{ ris: 0, kind: "memory", id: 0 }]);
    expect(found.remarks).toHaveLength(1);
  });

  test.each([2, 3, 4, 5, 6, 0xff])("a locator of type %i makes no RIS", (type) => {
    const found = changed(mpam, [risAt(0) + 7, 1, type]);
    expect(found.mscs[0]?.resources).toEqual([]);
    expect(found.counted).toBe(4);
  });

  test("more resources than the MSC has room for: counted, not used", () => {
    const found = changed(mpam, [mscAt(2) + 68, 4, 2]);
    expect([found.counted, idsOf(found)]).toEqual([4, [0, 1, 3]]);
    expect(found.remarks[0]).toMatch(/^MPAM\+0x144: MSC 2: resource 1 of 2: 0 bytes are left/);
  });

  test("dependencies are passed over", () => {
    const dependency = le([4, 77], [4, 0]);
    const longer = spliced(mpam, risAt(0) + 24, risAt(0) + 24, ...dependency);
    const found = read({}, patched(longer, [mscAt(0), 2, 104], [risAt(0) + 20, 4, 1]));
    expect(found.remarks).toEqual([]);
    expect(idsOf(found)).toEqual([0, 1, 2, 3]);
  });

  test("dependencies past the end are refused; Linux 7.3 lets the last list lie 24 bytes past it", () => {
    const three: Changes = [[risAt(0) + 20, 4, 3]];
    expect(idsOf(changed(mpam, ...three))).toEqual([1, 2, 3]);
    expect(changed(mpam, ...three).counted).toBe(4);
    expect(idsOf(inCompat(mpam, ...three))).toContain(0);
    expect(idsOf(inCompat(mpam, [risAt(0) + 20, 4, 4]))).not.toContain(0);
  });
});

describe("MPAM: the linked device", () => {
  const linked = (compat: Parameters<typeof describeAcpi>[1], hid: string, uid: number) => {
    const letters = [...hid.padEnd(8, "\0")].map((letter, index): [number, number, number] => [
      mscAt(0) + 56 + index,
      1,
      letter.charCodeAt(0),
    ]);
    return read(compat, patched(mpam, ...letters, [mscAt(0) + 64, 4, uid])).mscs[0]?.cpus;
  };

  test("a processor container says which cpus reach the MSC", () => {
    const { mscs } = read({});
    expect(mscs.map(({ cpus }) => [...cpus])).toEqual([
      [0, 1, 2, 3],
      [2, 3],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    // The containers are numbered after the cpus: those of the first L3, then those of the second.
    expect(linked({}, "ACPI0010", 4)).toEqual(new Set([0, 1]));
  });

  test("a container that is not there leaves no cpu", () => {
    expect(linked({}, "ACPI0010", 99)).toEqual(new Set());
    expect(linked({}, "ACPI0010", 0), "a leaf is no container").toEqual(new Set());
  });

  test("a single processor does too, though Linux 7.3 does not look at it", () => {
    expect(linked({}, "ACPI0007", 3)).toEqual(new Set([3]));
    expect(linked(COMPAT, "ACPI0007", 3)).toEqual(new Set([0, 1, 2, 3]));
  });

  test("any other device says nothing of cpus", () => {
    expect(linked({}, "PNP0A08", 4)).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe("PPTT", () => {
  const caches = (one: Uint8Array, ...uids: readonly number[]) =>
    describeAcpi([madtOf(...(uids.length > 0 ? uids : [0, 1])), one]).caches.map(({ id, level, cpus }) => [
      id,
      level,
      [...cpus],
    ]);
  const without = (id: number) => caches(worked.PPTT).filter(([other]) => other !== id);

  test("ids need revision 3, a node of 28 bytes, and their flag", () => {
    expect(caches(patched(worked.PPTT, [8, 1, 2]))).toEqual([]);
    expect(caches(patched(worked.PPTT, [0x24 + 4, 4, 0x11]))).toEqual(without(0x300));
    const short = patched(spliced(worked.PPTT, 0x24 + 24, 0x24 + 28), [0x25, 1, 24]);
    expect(caches(short).map(([id]) => id)).not.toContain(0x300);
  });

  test("a cache without a valid type counts as a level and is none that software finds", () => {
    // L2 of cpu 0 loses its type: level 2 is a gap there, and the search ends before level 3.
    expect(caches(patched(worked.PPTT, [0x58 + 4, 4, 0x81]))).toEqual([
      [0x300, 3, [1]],
      ...without(0x102).filter(([id]) => id !== 0x300),
    ]);
  });

  test("cpus are joined by UID, whatever their order", () => {
    expect(caches(worked.PPTT, 1, 0).find(([id]) => id === 0x102)).toEqual([0x102, 2, [1]]);
  });

  test("a cpu that the PPTT does not have has no caches", () => {
    const found = describeAcpi([madtOf(0, 7), worked.PPTT]);
    expect(found.caches.find(({ id }) => id === 0x300)?.cpus).toEqual(new Set([0]));
    expect(found.remarks).toContainEqual(expect.stringMatching(/UID 7 is not in the PPTT/));
  });

  test("a leaf whose length is not that of its resources is no leaf", () => {
    // 0xac: the leaf of cpu 0, with two resources.
    expect(caches(patched(worked.PPTT, [0xac + 16, 4, 1])).find(([id]) => id === 0x102)).toBeUndefined();
  });

  test("up to revision 1 a leaf is what nobody names as parent", () => {
    const old = patched(worked.PPTT, [8, 1, 1], [0xac + 4, 4, 2], [0x11c + 4, 4, 2]);
    const { remarks } = describeAcpi([madtOf(0, 1), old]);
    expect(remarks.filter((line) => line.includes("is not in the PPTT"))).toEqual([]);
    const newer = patched(old, [8, 1, 2]);
    expect(
      describeAcpi([madtOf(0, 1), newer]).remarks.filter((line) => line.includes("is not in the PPTT")),
    ).toHaveLength(2);
  });

  const containers = (one: Uint8Array, options = {}) =>
    describeAcpi([madtOf(0, 1), one, worked.MPAM], options).mscs[0]?.cpus.size;

  test("a container needs its id to be valid, and to be no leaf", () => {
    expect(containers(worked.PPTT)).toBe(2);
    expect(containers(patched(worked.PPTT, [0x40 + 4, 4, 1]))).toBe(0);
    expect(containers(patched(worked.PPTT, [0x40 + 4, 4, 0x0b]))).toBe(0);
  });

  test("a container of another length than its resources need is none; Linux 7.3 does not look", () => {
    const wrong = patched(worked.PPTT, [0x40 + 16, 4, 0]);
    expect(containers(wrong)).toBe(0);
    expect(containers(wrong, COMPAT)).toBe(2);
  });

  test("of two caches of one kind and level at a processor the last counts", () => {
    // The second resource of cpu 0, its instruction cache, becomes a data cache.
    const found = describeAcpi([madtOf(0), patched(worked.PPTT, [0x90 + 21, 1, 0])]);
    expect(found.caches.map(({ id }) => id)).toEqual([0x300, 0x102, 0x103]);
    expect(found.remarks).toContainEqual(
      expect.stringMatching(/^PPTT\+0xac: processor has two data caches of level 1/),
    );
  });

  test("an offset below 2, past the end, or of something that overruns the table is none", () => {
    for (const offset of [1, 0x138, 0xffff_ffff]) {
      expect(caches(patched(worked.PPTT, [0x40 + 20, 4, offset])), String(offset)).toEqual(without(0x300));
    }
    const overrun = patched(worked.PPTT, [0x100 + 1, 1, 0xff]);
    expect(caches(overrun, 0).map(([id]) => id)).not.toContain(0x113);
  });

  test("a cache that leads back to itself, and a parent that does, are followed once", () => {
    expect(caches(patched(worked.PPTT, [0x24 + 8, 4, 0x24])).find(([id]) => id === 0x300)).toEqual([0x300, 3, [0, 1]]);
    const found = describeAcpi([madtOf(0, 1), patched(worked.PPTT, [0x40 + 8, 4, 0x40])]);
    expect(found.remarks).toContainEqual(expect.stringMatching(/^PPTT\+0x40: the parents of this processor lead back/));
  });

  test("structures behind one of no length are found where something refers to them, and nowhere else", () => {
    const found = describeAcpi([madtOf(0, 1), patched(worked.PPTT, [0x90 + 1, 1, 0])]);
    // No leaf is behind it that the scan would find.
    expect(found.caches).toEqual([]);
    expect(found.remarks[0]).toMatch(/^PPTT\+0x90: length is 0/);
  });

  test("an id that two caches have is that of the first that a cpu meets", () => {
    const found = describeAcpi([madtOf(0, 1), patched(worked.PPTT, [0x24 + 24, 4, 0x102])]);
    expect(found.caches.find(({ id }) => id === 0x102)).toMatchObject({ level: 2, cpus: new Set([0, 1]) });
    expect(found.remarks).toContainEqual(expect.stringMatching(/^PPTT\+0x24: cache 258 is L2 at 0x58 and L3 here/));
  });
});

describe("SRAT", () => {
  test("domains are numbered by first use, cpus before memory", () => {
    const entries = (...domains: readonly [number, number][]) =>
      domains.flatMap(([domain, uid]) => le([1, 3], [1, 18], [4, domain], [4, uid], [4, 1], [4, 0]));
    const memory = (domain: number) =>
      le([1, 1], [1, 40], [4, domain], [2, 0], [8, 0], [8, 4096], [4, 0], [4, 1], [8, 0]);
    const one = tableOf("SRAT", 3, ...le([4, 1], [8, 0]), ...memory(9), ...entries([5, 1], [2, 0]), ...memory(2));
    const found = describeAcpi([madtOf(0, 1), one]);
    expect(found.cpus).toEqual([
      { cpu: 0, node: 1 },
      { cpu: 1, node: 0 },
    ]);
    expect(found.nodes.map(({ node, cpus }) => [node, [...cpus]])).toEqual([
      [0, [1]],
      [1, [0]],
      [2, []],
    ]);
  });

  test("entries that are not enabled are ignored", () => {
    // 48: the entry of cpu 0, flags at 10.
    const found = changed(srat, [48 + 10, 4, 0]);
    expect(found.cpus.map(({ node }) => node)).toEqual([0, 0, 1, 1]);
    const off = changed(srat, [48 + 4 * 18 + 40 + 28, 4, 0], [48 + 2 * 18 + 10, 4, 0], [48 + 3 * 18 + 10, 4, 0]);
    expect(off.nodes).toHaveLength(1);
  });

  test("up to revision 1 domains of memory are their low 8 bits", () => {
    const wide: Changes = [[48 + 4 * 18 + 2, 4, 0x100]];
    expect(changed(srat, ...wide, [8, 1, 1]).nodes).toHaveLength(2);
    expect(changed(srat, ...wide).nodes).toHaveLength(3);
  });

  test("a short entry ends NUMA: everything is of node 0", () => {
    const short = patched(spliced(srat, 48 + 17, 48 + 18), [48 + 1, 1, 17]);
    const found = read({}, short);
    expect(found.nodes).toEqual([{ node: 0, cpus: new Set([0, 1, 2, 3]) }]);
    expect(found.remarks[0]).toMatch(/^SRAT\+0x30: .*length is 17; at least 18 is needed; without NUMA/);
  });

  test("without the table there is node 0", () => {
    expect(describeAcpi([apic]).nodes).toEqual([{ node: 0, cpus: new Set([0, 1, 2, 3]) }]);
  });
});

describe("MADT", () => {
  const gicc = (n: number) => 44 + 80 * n;

  test.each([
    ["enabled", 1, 4],
    ["online-capable", 8, 4],
    ["neither", 0, 3],
    ["neither, but of an edge", 2, 3],
  ])("a cpu that is %s", (_, flags, cpus) => {
    expect(changed(apic, [gicc(1) + 12, 4, flags]).cpus).toHaveLength(cpus);
  });

  test("an MPIDR with bits outside of its affinities, or that of another, is no cpu", () => {
    expect(changed(apic, [gicc(1) + 68, 8, 1n << 31n]).cpus).toHaveLength(3);
    expect(changed(apic, [gicc(1) + 68, 8, 0]).cpus).toHaveLength(3);
    expect(changed(apic, [gicc(1) + 68, 8, 0xff_0000_0000n]).cpus).toHaveLength(4);
  });

  test("cpus are numbered in the order of the table, and joined by their UID", () => {
    const found = read({}, madtOf(3, 2, 1, 0));
    expect(found.cpus.map(({ node }) => node)).toEqual([1, 1, 0, 0]);
    expect(found.caches.find(({ id }) => id === 0x300)?.cpus).toEqual(new Set([2, 3]));
  });

  test.each([76, 80, 82, 88])("a GICC of %i bytes is read", (length) => {
    const one = new Array(length).fill(0);
    one.splice(0, 2, 11, length);
    one[12] = 1;
    expect(describeAcpi([tableOf("APIC", 5, ...le([8, 0]), ...one)]).cpus).toHaveLength(1);
  });

  test("a table whose structures cannot be told apart is refused", () => {
    expect(() => changed(apic, [gicc(2) + 1, 1, 0])).toThrow(
      /^EINVAL: APIC\+0xcc: length is 0; 2 to 160 is allowed here$/,
    );
  });
});

describe("HMAT", () => {
  const peaks = (...changes: Changes) => changed(hmat, ...changes).nodes.map(({ peak }) => peak?.read);
  // Two of type 0, then the bandwidths from 40 + 2 * 40 on: two initiators, two targets, entries at 48.
  const LOCALITY = 40 + 80;

  test("bandwidth is entry times base unit, the most of any initiator", () => {
    expect(peaks()).toEqual([1e9, 2e9]);
    expect(peaks([LOCALITY + 48, 2, 3])).toEqual([3e9, 2e9]);
    expect(peaks([LOCALITY + 48, 2, 0xffff])).toEqual([1e9, 2e9]);
    expect(peaks([LOCALITY + 48, 2, 0xffff], [LOCALITY + 52, 2, 0])).toEqual([undefined, 2e9]);
  });

  test("other hierarchies than memory, and latencies, say nothing of it", () => {
    expect(peaks([LOCALITY + 8, 1, 1])).toEqual([undefined, undefined]);
    expect(peaks([LOCALITY + 9, 1, 0])).toEqual([undefined, undefined]);
    expect(peaks([LOCALITY + 9, 1, 4]), "of reads alone").toEqual([undefined, undefined]);
  });

  test("what exceeds 32 bits is not known", () => {
    expect(peaks([LOCALITY + 24, 8, 2n ** 31n])).toEqual([2 ** 31 * 1e6, undefined]);
  });

  test("in revision 1 values are tenths, rounded up, and less than 10 is nothing", () => {
    expect(
      peaks(
        [8, 1, 1],
        [LOCALITY + 24, 8, 1],
        [LOCALITY + 48, 2, 101],
        [LOCALITY + 50, 2, 9],
        [LOCALITY + 52, 2, 0],
        [LOCALITY + 54, 2, 0],
      ),
    ).toEqual([11e6, undefined]);
  });

  test.each([
    ["another revision", [8, 1, 3]],
    ["domain attributes of another length than 40", [40 + 4, 4, 41]],
    ["a memory domain that the SRAT does not have", [40 + 16, 4, 9]],
    ["an initiator that the SRAT does not have", [40 + 12, 4, 9]],
    ["more entries than there is room for", [LOCALITY + 12, 4, 3]],
    ["counts that no table could hold", [LOCALITY + 12, 4, 0xffff_ffff]],
    ["a structure of no length", [LOCALITY + 4, 4, 0]],
  ] as [string, [number, number, number]][])("%s: the whole table is ignored", (_, change) => {
    const found = changed(hmat, change);
    expect(found.nodes.map(({ peak }) => peak)).toEqual([undefined, undefined]);
    expect(found.remarks).toEqual([expect.stringMatching(/^HMAT\+.*the table is ignored$/)]);
  });
});

describe("PCCT", () => {
  // Two subspaces of type 0 with 62 bytes each are before it.
  const AT = 48 + 2 * 62;

  test("subspaces are numbered by their place; those of type 3 are channels", () => {
    const at = (offset: number) => ({ address: 0x2_0000_1000 + offset, bytes: 4 });
    expect(read({}).channels).toEqual([
      {
        subspace: 2,
        base: 0x2_0000_0000,
        bytes: 256,
        interrupt: 60,
        doorbell: { ...at(0), preserve: 0n, set: 1n },
        acknowledge: { ...at(0x18), preserve: 0n, set: 1n },
        complete: { ...at(8), mask: 1n },
        update: { ...at(0x10), preserve: 0xffff_fffen, set: 0n },
        error: { ...at(0x20), mask: 1n },
        latencyUsec: 5,
        turnaroundUsec: 0,
      },
    ]);
  });

  test("an access size that is not given is what the bits of the register need", () => {
    const [channel] = changed(pcct, [AT + 20 + 3, 1, 0], [AT + 96 + 1, 1, 64], [AT + 96 + 3, 1, 0]).channels;
    expect([channel?.doorbell.bytes, channel?.complete.bytes]).toEqual([4, 8]);
  });

  test("registers that may be missing are missing when their address is 0", () => {
    const [channel] = changed(pcct, [AT + 60 + 4, 8, 0], [AT + 144 + 4, 8, 0]).channels;
    expect([channel?.acknowledge, channel?.error]).toEqual([undefined, undefined]);
  });

  test.each([
    ["its memory is less than the longest message", [AT + 16, 4, 31]],
    ["its doorbell is an I/O port", [AT + 20, 1, 1]],
    ["a register is read by 16 bits", [AT + 96 + 3, 1, 2]],
    ["it has no register to complete", [AT + 96 + 4, 8, 0]],
  ] as [string, [number, number, number]][])("a channel is left out where %s, and its MSCs are told", (_, change) => {
    const found = changed(pcct, change);
    expect(found.channels).toEqual([]);
    expect(found.remarks).toEqual([
      expect.stringMatching(/^PCCT\+0xac: subspace 2: /),
      expect.stringMatching(/MSC 3: there is no PCC channel 2/),
    ]);
    expect(idsOf(found)).toEqual([0, 1, 2, 3]);
  });
});

describe("tables as files", () => {
  test("a wrong checksum is told, and the table is used", () => {
    const wrong = mpam.slice();
    wrong[9] = (wrong[9] as number) ^ 0xff;
    const found = read({}, wrong);
    expect(found.remarks).toEqual([expect.stringMatching(/^MPAM\+0x09: the checksum is wrong/)]);
    expect(found.counted).toBe(4);
  });

  test("of two tables of one name the first counts; tables of other names are no matter", () => {
    const found = describeAcpi([...all, patched(mpam, [mscAt(0) + 16, 4, 0]), tableOf("FACP", 6, 1, 2, 3)]);
    expect(found.counted).toBe(4);
    expect(found.remarks).toEqual(["MPAM: there is a second table of this name; the first counts"]);
  });

  test("bytes behind the end of a table are not of it", () => {
    expect(read({}, new Uint8Array([...mpam, 1, 2, 3])).remarks).toEqual([]);
  });

  test.each([
    ["no bytes", new Uint8Array(), /^EINVAL: table\+0x00: the table has 0 bytes; a header takes 36$/],
    ["less than a header", mpam.slice(0, 35), /^EINVAL: MPAM\+0x00: the table has 35 bytes; a header takes 36$/],
    ["a length past its end", mpam.slice(0, 100), /^EINVAL: MPAM\+0x04: length is 420; 36 to 100/],
  ])("%s is refused", (_, bytes, message) => {
    expect(() => read({}, bytes)).toThrow(message);
  });
});
