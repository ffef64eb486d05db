/** What portions and capacity limits do to traffic: where a request allocates, whom it evicts, and what passes by the cache. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, type MscSubject, range, reads, select, writes } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const CMAX = offsetOf("MPAMCFG_CMAX");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");

const A = { space: "ns", partid: 1, pmg: 0 } as const;
const B = { space: "ns", partid: 2, pmg: 0 } as const;

/** A cache with portions only, requester 1 labelled A and requester 2 labelled B. */
async function portioned(
  create: (typeof factories)[number]["create"],
  sets: number,
  ways: number,
  cpbmWd: number,
): Promise<MscSubject> {
  const ris = [{ ris: 0, cpor: { cpbmWd }, mbwu: { monitors: 2, counter: 31, rwbw: true } }] as const;
  const msc = await create(cacheConfig({ sets, ways, ris }));
  msc.setLabel(1, "all", A);
  msc.setLabel(2, "all", B);
  return msc;
}

function setPortions(msc: MscSubject, partid: number, bitmap: readonly number[]): void {
  msc.write32(PART_SEL, partid);
  bitmap.forEach((word, n) => {
    msc.write32(CPBM + 4 * n, word);
  });
}

function setLimit(msc: MscSubject, partid: number, cmax: number): void {
  msc.write32(PART_SEL, partid);
  msc.write32(CMAX, cmax);
}

/** (set, way) of every line of a PARTID. */
function places(msc: MscSubject, partid: number): string[] {
  const own = msc.lines().filter((line) => line.partid === partid);
  return own.map(({ set, way }) => `${set}/${way}`).toSorted();
}

function held(msc: MscSubject, partid: number): number {
  return msc.lines().filter((line) => line.partid === partid).length;
}

describe.each(factories)("cache controls of the $name", ({ create }) => {
  test("with as many portions as ways a portion is a way", async () => {
    const msc = await portioned(create, 4, 4, 4);
    setPortions(msc, 1, [0b0101]);
    msc.run(reads(range(0, 64), 1));
    const wanted = range(0, 4).flatMap((set) => [`${set}/0`, `${set}/2`]);
    expect(places(msc, 1)).toEqual(wanted);
  });

  test("with fewer portions than ways a portion is several ways", async () => {
    const msc = await portioned(create, 1, 8, 4);
    setPortions(msc, 1, [0b0010]);
    msc.run(reads(range(0, 20), 1));
    expect(places(msc, 1)).toEqual(["0/2", "0/3"]);
  });

  test("with fewer portions that do not divide the ways, each way belongs to the portion its number falls in", async () => {
    // 5 ways, 3 portions, R = 1: ways 0..4 belong to floor(way * 3 / 5) = 0 0 1 1 2.
    const msc = await portioned(create, 1, 5, 3);
    setPortions(msc, 1, [0b010]);
    setPortions(msc, 2, [0b100]);
    msc.run([...reads(range(0, 20), 1), ...reads(range(100, 20), 2)]);
    expect(places(msc, 1)).toEqual(["0/2", "0/3"]);
    expect(places(msc, 2)).toEqual(["0/4"]);
  });

  test("with more portions than ways a portion is a way of some sets", async () => {
    // 4 ways, 16 portions, R = 4: portion 4 * way + set mod 4.
    const msc = await portioned(create, 8, 4, 16);
    setPortions(msc, 1, [(1 << 0) | (1 << 6)]);
    msc.run(reads(range(0, 64), 1));
    expect(places(msc, 1)).toEqual(["0/0", "2/1", "4/0", "6/1"]);
  });

  test("with a width that fills no power of two, cells share portions evenly", async () => {
    // 4 ways, 6 portions, R = 2: cells 0..7 belong to portions 0 0 1 2 3 3 4 5.
    const msc = await portioned(create, 2, 4, 6);
    setPortions(msc, 1, [0b000010]);
    msc.run(reads(range(0, 32), 1));
    expect(places(msc, 1)).toEqual(["0/1"]);
    setPortions(msc, 2, [0b001001]);
    msc.run(reads(range(100, 32), 2));
    expect(places(msc, 2)).toEqual(["0/0", "0/2", "1/0", "1/2"]);
  });

  test("bitmaps wider than a word reach their upper words", async () => {
    // 16 ways, 64 portions, R = 4: portion 47 is way 11 of sets 3, 7, ...
    const msc = await portioned(create, 8, 16, 64);
    setPortions(msc, 1, [0, 0x0000_8000]);
    msc.run(reads(range(0, 64), 1));
    expect(places(msc, 1)).toEqual(["3/11", "7/11"]);
  });

  test("a thousand portions of a small cache fall partly on sets that it has not", async () => {
    // 16 ways, 1024 portions, R = 64; 8 sets: portion 64 * way + set, and portions with remainder above 7 hold nothing.
    const msc = await portioned(create, 8, 16, 1024);
    const bitmap = new Array<number>(32).fill(0);
    bitmap[(64 * 3 + 5) >> 5] = 2 ** ((64 * 3 + 5) % 32);
    bitmap[(64 * 7 + 40) >> 5] = 2 ** ((64 * 7 + 40) % 32);
    setPortions(msc, 1, bitmap);
    msc.run(reads(range(0, 64), 1));
    expect(places(msc, 1)).toEqual(["5/3"]);
  });

  test("two PARTIDs in separate portions never evict each other", async () => {
    const msc = await portioned(create, 4, 4, 4);
    setPortions(msc, 1, [0b0011]);
    setPortions(msc, 2, [0b1100]);
    msc.run(reads(range(0, 8), 1));
    const before = msc.lines().filter(({ partid }) => partid === 1);
    msc.run(reads(range(100, 400), 2));
    expect(msc.lines().filter(({ partid }) => partid === 1)).toHaveLength(before.length);
    expect(held(msc, 1)).toBe(8);
    expect(held(msc, 2)).toBe(8);
  });

  test("a shared portion is fought over and the others are not", async () => {
    const msc = await portioned(create, 1, 4, 4);
    setPortions(msc, 1, [0b0011]);
    setPortions(msc, 2, [0b0110]);
    msc.run([...reads([0, 1], 1), ...reads([2, 3], 2)]);
    // B found way 2 empty, and then evicted the older of ways 1 and 2.
    expect(msc.lines().map(({ way, line }) => [way, line])).toEqual([
      [0, 0],
      [1, 3],
      [2, 2],
    ]);
  });

  test("lookups ignore portions, so a line outside them is hit", async () => {
    const msc = await portioned(create, 1, 4, 4);
    msc.run(reads([7], 1)); // way 0
    setPortions(msc, 1, [0b1000]);
    setPortions(msc, 2, [0b1000]);
    msc.run([...reads([7], 1), ...reads([7], 2)]);
    expect(places(msc, 1)).toEqual(["0/0"]);
    expect(msc.statistics()).toContainEqual({ ...A, accesses: 2, misses: 1 });
    expect(msc.statistics()).toContainEqual({ ...B, accesses: 1, misses: 0 });
  });

  test("shrinking a bitmap leaves old lines where they are until somebody else takes them", async () => {
    const msc = await portioned(create, 1, 4, 4);
    msc.run(reads([0, 1, 2, 3], 1));
    setPortions(msc, 1, [0b0001]);
    expect(held(msc, 1)).toBe(4);
    msc.run(reads([4, 5], 1));
    expect(msc.lines().map(({ line }) => line)).toEqual([5, 1, 2, 3]);
    msc.run(reads([6], 2));
    expect(msc.lines().map(({ line }) => line)).toEqual([5, 6, 2, 3]);
  });

  test("without any portion nothing is allocated, and requests pass by", async () => {
    const msc = await portioned(create, 1, 4, 4);
    setPortions(msc, 1, [0]);
    msc.write32(offsetOf("MSMON_CFG_MBWU_FLT"), 0x8000_0001); // reads of PARTID 1
    msc.write32(offsetOf("MSMON_CFG_MBWU_CTL"), 0x8001_0042);
    msc.write32(MON_SEL, 1);
    msc.write32(offsetOf("MSMON_CFG_MBWU_FLT"), 0x4000_0001); // writes of PARTID 1
    msc.write32(offsetOf("MSMON_CFG_MBWU_CTL"), 0x8001_0042);
    msc.run([...reads([0, 0, 1], 1), ...writes([0, 5], 1), { line: 9, requester: 1, op: 2, bytes: 4 }]);
    expect(msc.lines()).toEqual([]);
    expect(msc.statistics()).toEqual([{ ...A, accesses: 6, misses: 6 }]);
    expect(msc.read32(offsetOf("MSMON_MBWU"))).toBe(2 * 64);
    msc.write32(MON_SEL, 0);
    expect(msc.read32(offsetOf("MSMON_MBWU"))).toBe(4 * 64);
  });

  test("the settings of a bank hold for the requests of its space only", async () => {
    const msc = await portioned(create, 1, 4, 4);
    setPortions(msc, 1, [0b0001]);
    msc.setLabel(3, "all", { space: "s", partid: 1, pmg: 0 });
    msc.run(reads([0, 1, 2, 3], 3));
    expect(msc.lines()).toHaveLength(4);
    msc.run(reads([4, 5], 1));
    expect(msc.lines().map(({ way, space }) => [way, space])).toEqual([
      [0, "ns"],
      [1, "s"],
      [2, "s"],
      [3, "s"],
    ]);
  });

  test("a request with a PARTID out of range is served as PARTID 0 and owns its lines itself", async () => {
    const msc = await portioned(create, 1, 4, 4);
    setPortions(msc, 0, [0b0110]);
    msc.setLabel(4, "all", { space: "ns", partid: 32, pmg: 2 });
    msc.run(reads([0, 1, 2], 4));
    expect(msc.occupancy()).toEqual([{ space: "ns", partid: 32, pmg: 2, lines: 2 }]);
    expect(places(msc, 32)).toEqual(["0/1", "0/2"]);
  });

  test.each([
    [8, 0x3f00, 64], // v = 63 of 256 parts of 256 lines
    [8, 0x0000, 1],
    [8, 0x8000, 129],
    [8, 0xff00, 256],
    [8, 0xfe00, 255],
    [1, 0x0000, 128],
    [1, 0x8000, 256],
    [3, 0x4000, 96], // v = 2 of 8
    [12, 0x1550, 21], // v = 0x155: 342 * 256 / 4096 = 21.4
    [16, 0x7fff, 128],
    [16, 0x0000, 0], // 1/65536 of 256 lines
    [16, 0x00fe, 0],
    [16, 0x00ff, 1],
    [16, 0xffff, 256],
  ])("a limit of %i bits with the value %i lets a PARTID hold %i of 256 lines", async (cmaxWd, cmax, lines) => {
    const msc = await create(cacheConfig({ ris: [{ ris: 0, ccap: { cmaxWd } }] }));
    setLimit(msc, 1, cmax);
    msc.setLabel(1, "all", A);
    msc.run(reads(range(0, 600), 1));
    expect(held(msc, 1)).toBe(lines);
  });

  test("at its limit a PARTID replaces its own lines, oldest first, and nobody else's", async () => {
    // 4 lines in one set; v = 1 of 4: 2 lines.
    const msc = await create(cacheConfig({ sets: 1, ways: 4, ris: [{ ris: 0, ccap: { cmaxWd: 2 } }] }));
    setLimit(msc, 1, 0x4000);
    msc.setLabel(1, "all", A);
    msc.setLabel(2, "all", B);
    msc.run([...reads([10], 2), ...reads([0, 1], 1), ...reads([11], 2), ...reads([0, 2, 3], 1)]);
    expect(msc.lines().map(({ way, line, partid }) => [way, line, partid])).toEqual([
      [0, 10, 2],
      [1, 3, 1],
      [2, 2, 1],
      [3, 11, 2],
    ]);
  });

  test("at its limit a PARTID does not take empty ways either", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 4, ris: [{ ris: 0, ccap: { cmaxWd: 2 } }] }));
    setLimit(msc, 1, 0x0000); // 1 line
    msc.setLabel(1, "all", A);
    msc.run(reads([0, 1, 2], 1));
    expect(msc.lines().map(({ way, line }) => [way, line])).toEqual([[0, 2]]);
  });

  test("at its limit a PARTID without a line in the set passes by", async () => {
    const msc = await create(cacheConfig({ sets: 2, ways: 2, ris: [{ ris: 0, ccap: { cmaxWd: 2 } }] }));
    setLimit(msc, 1, 0x4000); // 2 lines
    msc.setLabel(1, "all", A);
    msc.run(reads([0, 2, 1, 3, 1], 1));
    expect(msc.lines().map(({ line }) => line)).toEqual([0, 2]);
    expect(msc.statistics()).toEqual([{ ...A, accesses: 5, misses: 5 }]);
  });

  test("usage is counted for a PARTID whatever the PMG, and for each space apart", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 8, ris: [{ ris: 0, ccap: { cmaxWd: 3 } }] }));
    setLimit(msc, 1, 0x6000); // v = 3 of 8: 4 lines
    msc.setLabel(1, "all", A);
    msc.setLabel(2, "all", { ...A, pmg: 1 });
    msc.setLabel(3, "all", { ...A, space: "s" });
    msc.run([...reads([20, 21], 3), ...reads([0, 1], 1), ...reads([2, 3], 2), ...reads([4], 1)]);
    // The fifth line of the PARTID replaced its oldest, and the Secure PARTID of the same number is somebody else.
    expect(msc.lines().map(({ line }) => line)).toEqual([20, 21, 4, 1, 2, 3]);
    msc.run(reads([5], 1)); // may take a line of its other PMG, once it is the oldest of the PARTID
    msc.run(reads([6], 1));
    expect(msc.lines().map(({ line, pmg }) => [line, pmg])).toEqual([
      [20, 0],
      [21, 0],
      [4, 0],
      [5, 0],
      [6, 0],
      [3, 1],
    ]);
  });

  test("a limit lowered below the usage evicts nobody at once, and its owner only recycles from then on", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 4, ris: [{ ris: 0, ccap: { cmaxWd: 2 } }] }));
    msc.setLabel(1, "all", A);
    msc.setLabel(2, "all", B);
    msc.run(reads([0, 1, 2], 1));
    setLimit(msc, 1, 0x0000);
    expect(held(msc, 1)).toBe(3);
    msc.run(reads([3, 4], 1));
    expect(msc.lines().map(({ line }) => line)).toEqual([3, 4, 2]);
    msc.run(reads([10, 11, 12], 2));
    expect(held(msc, 1)).toBe(1);
  });

  test("raising a limit lets its owner grow again", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 4, ris: [{ ris: 0, ccap: { cmaxWd: 2 } }] }));
    msc.setLabel(1, "all", A);
    setLimit(msc, 1, 0x0000);
    msc.run(reads([0, 1, 2], 1));
    setLimit(msc, 1, 0x8000);
    msc.run(reads([3, 4, 5], 1));
    expect(held(msc, 1)).toBe(3);
  });

  test("portions and a limit hold together, wherever the instances put them", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 } },
      { ris: 1, ccap: { cmaxWd: 4 } },
    ];
    const msc = await create(cacheConfig({ sets: 4, ways: 4, ris }));
    msc.write32(PART_SEL, select(0, 1));
    msc.write32(CPBM, 0b1100);
    msc.write32(PART_SEL, select(1, 1));
    msc.write32(CMAX, 0x4000); // v = 4 of 16: 5 lines
    msc.setLabel(1, "all", A);
    msc.run(reads(range(0, 64), 1));
    expect(held(msc, 1)).toBe(5);
    expect(msc.lines().every(({ way }) => way >= 2)).toBe(true);
  });

  test("own lines outside the portions are no candidates at the limit", async () => {
    const ris = [{ ris: 0, cpor: { cpbmWd: 4 }, ccap: { cmaxWd: 2 } }];
    const msc = await create(cacheConfig({ sets: 1, ways: 4, ris }));
    msc.setLabel(1, "all", A);
    msc.run(reads([0, 1], 1)); // ways 0 and 1
    setPortions(msc, 1, [0b1100]);
    setLimit(msc, 1, 0x4000); // 2 lines
    msc.run(reads([2], 1));
    expect(msc.lines().map(({ line }) => line)).toEqual([0, 1]);
  });
});
