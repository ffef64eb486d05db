/** Cache storage usage monitors: what they measure, what they keep, and when they are ready. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, type MscSubject, range, reads, select, writes } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const FLT = offsetOf("MSMON_CFG_CSU_FLT");
const CTL = offsetOf("MSMON_CFG_CSU_CTL");
const CSU = offsetOf("MSMON_CSU");

const EN = 0x8000_0000;
const MATCH_PARTID = 0x0001_0000;
const MATCH_PMG = 0x0002_0000;
const NRDY = 0x8000_0000;

/** The order in which a driver sets a monitor up. */
function start(msc: MscSubject, mon: number, flt: number, match: number, space: "ns" | "s" = "ns"): void {
  msc.write32(MON_SEL, mon, space);
  msc.write32(FLT, flt, space);
  msc.write32(CTL, match + 0x43, space);
  msc.write32(CSU, 0, space);
  msc.write32(CTL, EN + match + 0x43, space);
}

function usage(msc: MscSubject, mon: number, space: "ns" | "s" = "ns"): number {
  msc.write32(MON_SEL, mon, space);
  return msc.read32(CSU, space);
}

/** 5 lines of (1, 0), 3 of (1, 1), 2 of (2, 1), and 4 of the Secure (1, 1). */
async function occupied(create: (typeof factories)[number]["create"], nrdyUsec = 0): Promise<MscSubject> {
  const msc = await create(cacheConfig({ nrdyUsec }));
  msc.setLabel(0, "all", { space: "ns", partid: 1, pmg: 0 });
  msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 1 });
  msc.setLabel(2, "all", { space: "ns", partid: 2, pmg: 1 });
  msc.setLabel(3, "all", { space: "s", partid: 1, pmg: 1 });
  msc.run([...reads(range(0, 5), 0), ...writes(range(10, 3), 1), ...reads([20, 21], 2), ...reads(range(30, 4), 3)]);
  return msc;
}

describe.each(factories)("storage usage monitors of the $name", ({ create }) => {
  test("start disabled, with their type and nothing else", async () => {
    const msc = await create(cacheConfig());
    for (const mon of range(0, 4)) {
      msc.write32(MON_SEL, mon);
      expect([msc.read32(FLT), msc.read32(CTL), msc.read32(CSU)]).toEqual([0, 0x43, 0]);
    }
  });

  test("control and filter keep the bits that exist, and the type", async () => {
    const msc = await create(cacheConfig());
    msc.write32(CTL, 0xffff_ffff);
    expect(msc.read32(CTL)).toBe(0x8003_0043);
    msc.write32(CTL, 0);
    expect(msc.read32(CTL)).toBe(0x43);
    msc.write32(FLT, 0xffff_ffff);
    expect(msc.read32(FLT)).toBe(0x00ff_ffff);
    msc.write32(FLT, 0x0002_0007);
    expect(msc.read32(FLT)).toBe(0x0002_0007);
  });

  test("are separate by index, instance and bank", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 2 } },
      { ris: 1, csu: { monitors: 2 } },
    ];
    const msc = await create(cacheConfig({ ris }));
    const where = (["ns", "s"] as const).flatMap((space) =>
      [0, 1].flatMap((r) =>
        [0, 1].map((mon) => ({ space, sel: select(r, mon), flt: mon + 2 * r + (space === "s" ? 4 : 0) })),
      ),
    );
    for (const { space, sel, flt } of where) {
      msc.write32(MON_SEL, sel, space);
      msc.write32(FLT, flt, space);
    }
    for (const { space, sel, flt } of where) {
      msc.write32(MON_SEL, sel, space);
      expect(msc.read32(FLT, space)).toBe(flt);
    }
  });

  test("a monitor without a filter measures every line of its bank's space", async () => {
    const msc = await occupied(create);
    start(msc, 0, 0, 0);
    start(msc, 0, 0, 0, "s");
    expect(usage(msc, 0)).toBe(10 * 64);
    expect(usage(msc, 0, "s")).toBe(4 * 64);
  });

  test("a monitor filters by PARTID, by PARTID and PMG, or by PMG alone", async () => {
    const msc = await occupied(create);
    start(msc, 0, 0x0001_0001, MATCH_PARTID);
    start(msc, 1, 0x0001_0001, MATCH_PARTID + MATCH_PMG);
    start(msc, 2, 0x0001_0001, MATCH_PMG);
    start(msc, 3, 0x0000_0003, MATCH_PARTID);
    expect(range(0, 4).map((mon) => usage(msc, mon))).toEqual([8 * 64, 3 * 64, 5 * 64, 0]);
  });

  test("a monitor enabled late sees what was there before, and follows what comes and goes", async () => {
    const msc = await occupied(create);
    start(msc, 0, 2, MATCH_PARTID);
    expect(usage(msc, 0)).toBe(2 * 64);
    msc.run(reads([22, 23, 20], 2));
    expect(usage(msc, 0)).toBe(4 * 64);
    msc.run(reads(range(1000, 1024), 0)); // the whole cache four times over
    expect(usage(msc, 0)).toBe(0);
  });

  test("a line counts for its allocator, whoever uses it", async () => {
    const msc = await occupied(create);
    start(msc, 0, 2, MATCH_PARTID);
    msc.run(writes(range(0, 5), 2));
    expect(usage(msc, 0)).toBe(2 * 64);
  });

  test("a full line counts whole, however few bytes were asked for", async () => {
    const msc = await create(cacheConfig());
    start(msc, 0, 0, 0);
    msc.run([{ line: 7, requester: 0, op: 0, bytes: 1 }]);
    expect(usage(msc, 0)).toBe(64);
  });

  test("a changed filter shows at once", async () => {
    const msc = await occupied(create);
    start(msc, 0, 1, MATCH_PARTID);
    msc.write32(FLT, 2);
    expect(usage(msc, 0)).toBe(2 * 64);
    msc.write32(CTL, EN + 0x43);
    expect(usage(msc, 0)).toBe(10 * 64);
  });

  test("a disabled monitor keeps what it measured last, and takes writes (ACS 155)", async () => {
    const msc = await occupied(create);
    start(msc, 0, 2, MATCH_PARTID);
    msc.run(reads([22], 2));
    msc.write32(CTL, MATCH_PARTID + 0x43);
    expect(usage(msc, 0)).toBe(3 * 64);
    msc.run(reads([23, 24], 2));
    msc.write32(FLT, 1);
    expect(usage(msc, 0)).toBe(3 * 64);
    msc.write32(CSU, 0x1234);
    expect(usage(msc, 0)).toBe(0x1234);
    msc.run(reads([25], 2));
    expect(usage(msc, 0)).toBe(0x1234);
  });

  test("a number written to an enabled monitor lasts no longer than the next update", async () => {
    const msc = await occupied(create);
    start(msc, 0, 2, MATCH_PARTID);
    msc.write32(CSU, 0x1234);
    msc.run(reads([22], 2));
    expect(usage(msc, 0)).toBe(3 * 64);
  });

  test("a monitor that needs no time is always ready, whatever is written to its ready bit", async () => {
    const msc = await occupied(create);
    msc.write32(CSU, NRDY);
    expect(usage(msc, 0)).toBe(0);
    start(msc, 0, 2, MATCH_PARTID);
    expect(usage(msc, 0)).toBe(2 * 64);
  });

  test("a monitor that needs 10 us is not ready until they have passed since its last change", async () => {
    const msc = await occupied(create, 10);
    start(msc, 0, 2, MATCH_PARTID);
    expect(usage(msc, 0) & NRDY).not.toBe(0);
    msc.advance(9_999);
    expect(usage(msc, 0) & NRDY).not.toBe(0);
    msc.advance(1);
    expect(usage(msc, 0)).toBe(2 * 64);
    for (const change of [FLT, CTL, CSU]) {
      msc.write32(change, change === CTL ? EN + MATCH_PARTID : 2);
      msc.advance(6_000);
      expect(usage(msc, 0) & NRDY).not.toBe(0);
      msc.write32(change, change === CTL ? EN + MATCH_PARTID : 2);
      msc.advance(6_000);
      expect(usage(msc, 0) & NRDY).not.toBe(0);
      msc.advance(4_000);
      expect(usage(msc, 0)).toBe(2 * 64);
    }
  });

  test("changing a disabled monitor makes nobody wait, and one monitor waits for itself only", async () => {
    const msc = await occupied(create, 10);
    msc.write32(FLT, 2);
    msc.write32(CTL, MATCH_PARTID);
    msc.write32(CSU, 5);
    expect(usage(msc, 0)).toBe(5);
    start(msc, 1, 2, MATCH_PARTID);
    expect(usage(msc, 1) & NRDY).not.toBe(0);
    expect(usage(msc, 0)).toBe(5);
  });

  test("traffic alone keeps a monitor ready", async () => {
    const msc = await occupied(create, 10);
    start(msc, 0, 2, MATCH_PARTID);
    msc.advance(10_000);
    msc.run(reads([22], 2));
    expect(usage(msc, 0)).toBe(3 * 64);
  });

  test("a filter out of range measures the owners it names all the same", async () => {
    const msc = await create(cacheConfig());
    msc.setLabel(0, "all", { space: "ns", partid: 40, pmg: 0 });
    msc.run(reads([1, 2, 3]));
    start(msc, 0, 40, MATCH_PARTID);
    start(msc, 1, 0, MATCH_PARTID);
    expect([usage(msc, 0), usage(msc, 1)]).toEqual([3 * 64, 0]);
  });
});
