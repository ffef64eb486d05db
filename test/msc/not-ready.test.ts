/** NRDY of both monitor types in each of its three modes. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { get, monSel, put } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, reads, type SubjectConfig } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const NRDY = 0x8000_0000;
const USEC = 1000;

const machine = (nrdy: "hw" | "sw" | "none", nrdyUsec = 10): SubjectConfig =>
  cacheConfig({
    nrdyUsec,
    ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 2, nrdy }, mbwu: { monitors: 2, counter: 63, nrdy } }],
  });

const high = offsetOf("MSMON_MBWU_L") + 4;
const bits = (msc: MscSubject): number[] =>
  [get(msc, "MSMON_CSU"), get(msc, "MSMON_MBWU"), msc.read32(high)].map((word) => word >>> 31);

describe.each(factories)("NRDY of the $name", ({ create }) => {
  test("by hardware: set when an enabled monitor is changed, in both sizes, and cleared in time", async () => {
    const msc = await create(machine("hw"));
    expect(bits(msc)).toEqual([0, 0, 0]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    expect(bits(msc)).toEqual([0, 1, 1]);
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    expect(bits(msc)).toEqual([1, 1, 1]);
    monSel(msc, 1);
    expect(bits(msc)).toEqual([0, 0, 0]);
    monSel(msc, 0);
    msc.advance(10 * USEC - 1);
    expect(bits(msc)).toEqual([1, 1, 1]);
    msc.advance(1);
    expect(bits(msc)).toEqual([0, 0, 0]);
  });

  test.each([
    ["MSMON_CFG_CSU_FLT", [1, 0, 0]],
    ["MSMON_CFG_CSU_CTL", [1, 0, 0]],
    ["MSMON_CSU", [1, 0, 0]],
    ["MSMON_CFG_MBWU_FLT", [0, 1, 1]],
    ["MSMON_CFG_MBWU_CTL", [0, 1, 1]],
    ["MSMON_MBWU", [0, 1, 1]],
    ["MSMON_MBWU_L", [0, 1, 1]],
  ] as const)("by hardware: %s starts the time anew", async (register, expected) => {
    const msc = await create(machine("hw"));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    msc.advance(6 * USEC);
    const again = register.endsWith("CTL") ? 0x8000_0000 : 0;
    put(msc, register, again);
    msc.advance(6 * USEC);
    expect(bits(msc)).toEqual(expected);
    msc.advance(4 * USEC);
    expect(bits(msc)).toEqual([0, 0, 0]);
  });

  test("by hardware: nothing happens while the monitor is disabled, and the bit takes no write", async () => {
    const msc = await create(machine("hw"));
    for (const type of ["CSU", "MBWU"]) {
      put(msc, `MSMON_CFG_${type}_FLT`, 1);
      put(msc, `MSMON_CFG_${type}_CTL`, 0);
      put(msc, `MSMON_${type}`, NRDY + 64);
    }
    msc.write32(high, NRDY);
    expect(bits(msc)).toEqual([0, 0, 0]);
    expect([get(msc, "MSMON_CSU"), get(msc, "MSMON_MBWU")]).toEqual([64, 64]);
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_MBWU", 0);
    expect(bits(msc)).toEqual([0, 1, 1]);
  });

  test("by hardware without a time: always ready", async () => {
    const msc = await create(machine("hw", 0));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    put(msc, "MSMON_MBWU", NRDY);
    put(msc, "MSMON_CSU", NRDY);
    expect(bits(msc)).toEqual([0, 0, 0]);
  });

  test("by hardware: counting goes on meanwhile", async () => {
    const msc = await create(machine("hw"));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    msc.run(reads([1, 2]));
    msc.advance(10 * USEC);
    expect(get(msc, "MSMON_MBWU")).toBe(128);
  });

  test("by software: storage, of each size for itself, that nothing else touches", async () => {
    const msc = await create(machine("sw"));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    expect(bits(msc)).toEqual([0, 0, 0]);
    put(msc, "MSMON_MBWU", NRDY);
    expect(bits(msc)).toEqual([0, 1, 0]);
    msc.write32(high, NRDY);
    put(msc, "MSMON_MBWU", 0);
    expect(bits(msc)).toEqual([0, 0, 1]);
    put(msc, "MSMON_CSU", NRDY);
    msc.run(reads([1]));
    msc.advance(1000 * USEC);
    put(msc, "MSMON_CFG_MBWU_FLT", 1);
    put(msc, "MSMON_CFG_CSU_FLT", 1);
    expect(bits(msc)).toEqual([1, 0, 1]);
    put(msc, "MSMON_CSU", 0);
    msc.write32(high, 0);
    expect(bits(msc)).toEqual([0, 0, 0]);
  });

  test("not at all: 0 whatever is written", async () => {
    const msc = await create(machine("none"));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    put(msc, "MSMON_MBWU", NRDY);
    put(msc, "MSMON_CSU", NRDY);
    msc.write32(high, NRDY);
    expect(bits(msc)).toEqual([0, 0, 0]);
  });

  test("unless something is said CSU monitors have it by hardware and MBWU monitors by software", async () => {
    const msc = await create(cacheConfig({ nrdyUsec: 10 }));
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    put(msc, "MSMON_CFG_CSU_CTL", { EN: 1 });
    expect(bits(msc)).toEqual([1, 0, 0]);
    put(msc, "MSMON_MBWU", NRDY);
    msc.advance(10 * USEC);
    expect(bits(msc)).toEqual([0, 1, 0]);
  });
});
