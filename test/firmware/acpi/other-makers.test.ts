// Tables as other makers of firmware write them: other orders, structures that nobody here looks into, longer ones, old revisions.

import { describe, expect, test } from "vitest";
import { checkAcpi, describeAcpi, platformFromAcpi } from "../../../src/firmware/index.ts";
import { checkObject } from "../../../src/platform/index.ts";
import { le, madtOf, tableOf } from "./bytes.ts";
import * as worked from "./worked.ts";

type Number64 = number | bigint;

/** A PPTT whose structures know each other by name. */
class Pptt {
  readonly #parts: { readonly name: string; readonly of: (at: (name: string) => number) => number[] }[] = [];

  cache(
    name: string,
    given: { size?: number; id?: number; next?: string; attributes?: number; length?: number },
  ): this {
    const { size = 65_536, id, next, attributes = 8, length = 28 } = given;
    return this.#add(name, (at) => {
      const flags = 0x1 | 0x10 | (id === undefined ? 0 : 0x80);
      const all = le([1, 1], [1, length], [2, 0], [4, flags], [4, at(next ?? "")], [4, size], [4, 0], [1, 0]);
      return [...all, ...le([1, attributes], [2, 0], [4, id ?? 0]), ...new Array(64).fill(0)].slice(0, length);
    });
  }

  processor(name: string, given: { uid?: number; parent?: string; leaf?: boolean; has?: readonly string[] }): this {
    const { uid, parent = "", leaf = false, has = [] } = given;
    return this.#add(name, (at) =>
      le(
        [1, 0],
        [1, 20 + 4 * has.length],
        [2, 0],
        [4, (uid === undefined ? 0 : 2) | (leaf ? 8 : 0)],
        [4, at(parent)],
        [4, uid ?? 0],
        [4, has.length],
        ...has.map((one): [number, number] => [4, at(one)]),
      ),
    );
  }

  /** Of a type that nobody knows, or of one that says who made a processor. */
  other(type: number, length: number): this {
    return this.#add(`other ${this.#parts.length}`, () => [type, length, ...new Array(length - 2).fill(0xee)]);
  }

  table(revision: number): Uint8Array {
    const places = new Map<string, number>([["", 0]]);
    let end = 36;
    for (const { name, of } of this.#parts) {
      places.set(name, end);
      end += of(() => 0).length;
    }
    const at = (name: string) => places.get(name) as number;
    return tableOf("PPTT", revision, ...this.#parts.map(({ of }) => of(at)));
  }

  #add(name: string, of: (at: (name: string) => number) => number[]): this {
    this.#parts.push({ name, of });
    return this;
  }
}

const cachesIn = (...tables: Uint8Array[]) =>
  describeAcpi(tables).caches.map(({ id, level, cpus }) => [id, level, [...cpus]]);
const builtFrom = (...tables: Uint8Array[]) =>
  checkObject(platformFromAcpi(tables).platform).caches.map(({ level, cpus }) => [level, cpus]);

/** Affinities of the SRAT. */
const cpuOf = (domain: number, uid: number) => le([1, 3], [1, 18], [4, domain], [4, uid], [4, 1], [4, 0]);
const memoryOf = (domain: number, base: Number64, length = 40) => [
  ...le([1, 1], [1, length], [4, domain], [2, 0], [8, base], [8, 2 ** 30], [4, 0], [4, 1], [8, 0]),
  ...new Array(length - 40).fill(0),
];
const initiatorOf = (domain: number, flags = 1) => [
  ...le([1, 5], [1, 32], [1, 0], [1, 1], [4, domain]),
  ...new Array(16).fill(0),
  ...le([4, flags], [4, 0]),
];
const sratOf = (revision: number, ...entries: readonly number[][]) =>
  tableOf("SRAT", revision, le([4, 1], [8, 0]), ...entries);

/** Bandwidth of the HMAT. */
const localityOf = (
  data: number,
  unit: number,
  initiators: readonly number[],
  targets: readonly number[],
  entries: readonly number[],
  flags = 0,
) => {
  const length = 32 + 4 * (initiators.length + targets.length) + 2 * entries.length;
  const head = le([2, 1], [2, 0], [4, length], [1, flags], [1, data], [2, 0], [4, initiators.length]);
  const four = (value: number): [number, number] => [4, value];
  return [
    ...head,
    ...le([4, targets.length], [4, 0], [8, unit], ...initiators.map(four), ...targets.map(four)),
    ...le(...entries.map((entry): [number, number] => [2, entry])),
  ];
};
const hmatOf = (revision: number, ...structures: readonly number[][]) =>
  tableOf("HMAT", revision, le([4, 0]), ...structures);

describe("PPTT", () => {
  test("cpus before what they refer to, structures of other types between", () => {
    const pptt = new Pptt()
      .other(2, 30)
      .processor("cpu0", { uid: 7, parent: "cluster", leaf: true, has: ["d0"] })
      .other(200, 12)
      .processor("cpu1", { uid: 9, parent: "cluster", leaf: true, has: ["d1"] })
      .processor("cluster", { uid: 100, parent: "package", has: ["l2"] })
      .cache("l2", { id: 20 })
      .cache("d1", { id: 11, attributes: 0 })
      .processor("package", { uid: 101 })
      .cache("d0", { id: 10, attributes: 0 });
    expect(cachesIn(madtOf(7, 9), pptt.table(3))).toEqual([
      [20, 2, [0, 1]],
      [11, 1, [1]],
      [10, 1, [0]],
    ]);
  });

  test("structures that a newer revision made longer", () => {
    const pptt = new Pptt().cache("l1", { id: 5, length: 40 }).processor("cpu", { uid: 0, leaf: true, has: ["l1"] });
    expect(cachesIn(madtOf(0), pptt.table(4))).toEqual([[5, 1, [0]]]);
  });

  test("revision 2: caches of 24 bytes and no ids, though a flag and a field say one", () => {
    const short = new Pptt().cache("l1", { length: 24 }).processor("cpu", { uid: 0, leaf: true, has: ["l1"] });
    expect(cachesIn(madtOf(0), short.table(2))).toEqual([]);
    expect(builtFrom(madtOf(0), short.table(2))).toEqual([[1, [0]]]);
    const long = new Pptt().cache("l1", { id: 5 }).processor("cpu", { uid: 0, leaf: true, has: ["l1"] });
    expect(cachesIn(madtOf(0), long.table(2))).toEqual([]);
  });

  test("threads of a core share what hangs at the core", () => {
    const pptt = new Pptt()
      .cache("l2", { id: 2 })
      .cache("d", { id: 1, attributes: 0, next: "l2" })
      .processor("core", { uid: 50, has: ["d"] })
      .processor("t0", { uid: 0, parent: "core", leaf: true })
      .processor("t1", { uid: 1, parent: "core", leaf: true });
    expect(cachesIn(madtOf(0, 1), pptt.table(3))).toEqual([
      [2, 2, [0, 1]],
      [1, 1, [0, 1]],
    ]);
  });

  test("a structure without an id that several cpus have for themselves stands for a cache of each", () => {
    const pptt = new Pptt()
      .cache("l3", {})
      .cache("l2", {})
      .cache("d", { attributes: 0, next: "l2" })
      .processor("package", { uid: 50, has: ["l3"] })
      .processor("core", { uid: 51, parent: "package", has: ["d"] })
      .processor("t0", { uid: 0, parent: "core", leaf: true })
      .processor("t1", { uid: 1, parent: "core", leaf: true })
      .processor("cpu2", { uid: 2, parent: "package", leaf: true, has: ["d"] });
    expect(builtFrom(madtOf(0, 1, 2), pptt.table(2)).sort()).toEqual([
      [1, [0, 1]],
      [1, [2]],
      [2, [0, 1]],
      [2, [2]],
      [3, [0, 1, 2]],
    ]);
  });

  test("containers in containers: an MSC of the middle one is reached by the cpus below it", () => {
    const pptt = new Pptt()
      .processor("package", { uid: 300 })
      .processor("die", { uid: 100, parent: "package" })
      .processor("cluster", { uid: 200, parent: "die" })
      .processor("cpu0", { uid: 0, parent: "cluster", leaf: true })
      .processor("cpu1", { uid: 1, parent: "die", leaf: true })
      .processor("cpu2", { uid: 2, parent: "package", leaf: true })
      // A container without an id between them.
      .processor("nameless", { parent: "die" })
      .processor("cpu3", { uid: 3, parent: "nameless", leaf: true });
    // The worked MPAM table links its MSC to ACPI0010/100.
    const { mscs } = describeAcpi([madtOf(0, 1, 2, 3), pptt.table(3), worked.MPAM]);
    expect(mscs.map(({ cpus }) => [...cpus])).toEqual([[0, 1, 3]]);
  });
});

describe("MADT", () => {
  const giccOf = (uid: number, length: number) => {
    const gicc = new Array(length).fill(0);
    gicc[0] = 11;
    gicc[1] = length;
    gicc[8] = uid;
    gicc[12] = 1;
    gicc[68] = uid;
    return gicc;
  };

  test("GICCs of every release, among structures of others, and longer ones", () => {
    const others = [
      [12, 24, ...new Array(22).fill(0)],
      [13, 24, ...new Array(22).fill(0)],
      [0x80, 5, 1, 2, 3],
    ];
    const giccs = [76, 80, 82, 88, 100].map((length, index) => giccOf(index + 1, length));
    const madt = tableOf(
      "APIC",
      7,
      le([4, 0], [4, 0]),
      ...giccs.flatMap((gicc, index) => [gicc, others[index % 3] ?? []]),
    );
    const { cpus, remarks } = describeAcpi([madt]);
    expect(cpus.map(({ cpu }) => cpu)).toEqual([0, 1, 2, 3, 4]);
    expect(remarks.filter((line) => /GICC|length/.test(line))).toEqual([]);
  });
});

describe("SRAT", () => {
  test("revision 1: domains of memory have 8 bits; memory before cpus, and longer", () => {
    const srat = sratOf(1, memoryOf(0x105, 2n ** 40n, 48), cpuOf(5, 0), cpuOf(6, 1), memoryOf(6, 0));
    const { cpus, nodes } = describeAcpi([madtOf(0, 1), srat]);
    expect(cpus.map(({ node }) => node)).toEqual([0, 1]);
    expect(nodes.map(({ node, cpus: members }) => [node, [...members]])).toEqual([
      [0, [0]],
      [1, [1]],
    ]);
  });

  test("entries of x86 and of devices are passed over, and initiators have domains of their own before memory", () => {
    const apicAffinity = [0, 16, ...new Array(14).fill(0xff)];
    const its = [4, 12, ...new Array(10).fill(0xff)];
    const srat = sratOf(
      3,
      apicAffinity,
      its,
      initiatorOf(9),
      cpuOf(4, 0),
      initiatorOf(8, 0),
      memoryOf(7, 0),
      memoryOf(4, 2n ** 40n),
    );
    const { cpus, nodes, remarks } = describeAcpi([madtOf(0), srat]);
    expect(cpus.map(({ node }) => node)).toEqual([1]);
    expect(nodes.map(({ node }) => node)).toEqual([0, 1, 2]);
    expect(remarks.filter((line) => line.includes("SRAT"))).toEqual([]);
    // The HMAT may speak of an initiator that is no cpu.
    const attributes = le([2, 0], [2, 0], [4, 40], [2, 1], [2, 0], [4, 9], [4, 7], [4, 0], [8, 0], [8, 0]);
    const hmat = hmatOf(2, attributes, localityOf(3, 100, [9, 4], [7], [50, 20]));
    const told = describeAcpi([madtOf(0), srat, hmat]);
    expect(told.nodes[2]?.peak).toEqual({ read: 5e9, write: 5e9 });
    expect(told.remarks.filter((line) => line.includes("HMAT"))).toEqual([]);
    expect(
      checkAcpi([srat, hmat]).filter(
        ({ severity, ...one }) => /HMAT|SRAT/.test(JSON.stringify(one)) && severity === "error",
      ),
    ).toEqual([]);
  });
});

describe("HMAT", () => {
  const srat = sratOf(3, cpuOf(0, 0), memoryOf(0, 0), memoryOf(1, 2n ** 40n));
  const peaks = (revision: number, ...structures: readonly number[][]) =>
    describeAcpi([madtOf(0), srat, hmatOf(revision, ...structures)]).nodes.map(({ peak }) => peak);

  test("several structures for one pair: the most of memory itself counts", () => {
    expect(
      peaks(
        2,
        localityOf(3, 1000, [0], [0, 1], [10, 5]),
        // Of a memory-side cache: not memory's own.
        localityOf(3, 1000, [0], [0, 1], [90, 90], 1),
        // Non-sequential transfers, and reads by themselves.
        localityOf(3, 1000, [0], [0, 1], [4, 4], 0x20),
        localityOf(4, 1000, [0], [0], [20]),
        // Latency, data of no known kind, and a structure of no known type.
        localityOf(0, 1000, [0], [0], [100]),
        localityOf(9, 1000, [0], [0], [0xfff0]),
        [...le([2, 77], [2, 0], [4, 16]), ...new Array(8).fill(0xff)],
      ),
    ).toEqual([
      { read: 20e9, write: 10e9 },
      { read: 5e9, write: 5e9 },
    ]);
  });

  test("what is longer than its entries need is fine; what nobody reaches has no bandwidth", () => {
    const longer = [...localityOf(3, 1000, [0], [0, 1], [0xffff, 3]), 1, 2, 3, 4];
    longer.splice(4, 4, ...le([4, longer.length]));
    expect(peaks(2, longer)).toEqual([undefined, { read: 3e9, write: 3e9 }]);
  });
});

describe("MPAM", () => {
  const mscOf = (identifier: number, kind: number, size: number) => [
    ...le([2, 72], [1, kind], [1, 0], [4, identifier], [8, 0x1_0000_0000], [4, size]),
    ...new Array(52).fill(0),
  ];

  test("what is disabled is not counted, whatever its interface is, and the MSCs behind it can be used", () => {
    const mpam = tableOf("MPAM", 1, mscOf(1, 7, 0), mscOf(3, 0, 0x4000));
    const { counted, mscs } = describeAcpi([madtOf(0), mpam]);
    expect([counted, mscs.map(({ id }) => id)]).toEqual([1, [3]]);
  });
});

describe("what is wrong in them", () => {
  test("a revision 1 of SRAT and HMAT is judged by its own rules", () => {
    const srat = sratOf(1, cpuOf(5, 0), memoryOf(0x105, 0));
    // Without the flag of a valid memory domain nobody looks at it.
    const attributes = le([2, 0], [2, 0], [4, 40], [2, 0], [2, 0], [4, 0], [4, 9], [4, 0], [8, 0], [8, 0]);
    const found = checkAcpi([srat, hmatOf(1, attributes, localityOf(3, 1000, [5], [5], [10]))]);
    expect(found.filter(({ place }) => place === "HMAT")).toEqual([]);
    expect(found.filter(({ place }) => place === "SRAT").map(({ text }) => text)).toEqual([
      "domain 261 is cut to 5 in a table of revision 1; 2 and more keep it",
    ]);
  });

  test("memory within memory, and behind what lies within", () => {
    const range = (domain: number, base: number, bytes: number) => {
      const entry = memoryOf(domain, base);
      entry.splice(16, 8, ...le([8, bytes]));
      return entry;
    };
    const srat = sratOf(3, range(0, 0x10_0000, 0x100_0000), range(1, 0x20_0000, 0x1000), range(2, 0x40_0000, 0x1000));
    const found = checkAcpi([srat]).filter(({ place, severity }) => place === "SRAT" && severity === "error");
    expect(found.map(({ text }) => text)).toEqual([
      "memory of domain 1 at 0x200000 overlaps that at 0x100000",
      "memory of domain 2 at 0x400000 overlaps that at 0x100000",
    ]);
  });
});

test("thousands of MSCs before caches of their own, which all cpus but one reach, take time by their number", () => {
  const [cpus, mscs] = [4000, 4000];
  const pptt = new Pptt().processor("box", { uid: 100_000 });
  for (let cpu = 0; cpu < cpus; cpu++) {
    pptt.cache(`c${cpu}`, { id: cpu });
    pptt.processor(`p${cpu}`, { uid: cpu, leaf: true, parent: cpu === 0 ? "" : "box", has: [`c${cpu}`] });
  }
  const nodes = Array.from({ length: mscs }, (_, msc) => [
    ...le([2, 96], [1, 0], [1, 0], [4, msc], [8, 0x1_0000_0000 + msc], [4, 0x4000]),
    ...new Array(36).fill(0),
    ..."ACPI0010".split("").map((letter) => letter.charCodeAt(0)),
    ...le([4, 100_000], [4, 1], [4, 0], [1, 0], [2, 0], [1, 0], [8, msc], [4, 0], [4, 0]),
  ]);
  const tables = [
    madtOf(...Array.from({ length: cpus }, (_, cpu) => cpu)),
    pptt.table(3),
    tableOf("MPAM", 1, ...nodes),
  ];
  const { platform } = platformFromAcpi(tables);
  expect(platform.caches).toHaveLength(1024);
  expect(describeAcpi(tables).mscs.at(-1)?.cpus.size).toBe(cpus - 1);
}, 10_000);
