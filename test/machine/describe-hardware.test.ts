// The words that power-on gives the hardware, against IHI 0099's register pages: the numbers here are of the pages and
// not of assembly/regs. What software then reads is the MSC suite's to say.

import { describe, expect, test } from "vitest";
import { mscWords, risWords } from "../../src/machine/describe-hardware.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, loadPlatform, type MscDescription } from "../../src/platform/index.ts";

const everything = await loadPlatform(new URL("../../platforms/everything.yaml", import.meta.url));

function partOf(keys: object): MscDescription {
  const platform = checkObject({
    name: "one part",
    cpus: 1,
    processor: { partidMax: 31, pmgMax: 1 },
    caches: [{ level: 3, bytes: 65536, ways: 16, msc: { base: 0x1_0000, ...keys } }],
    memory: [{ bytes: 2 ** 30, bytesPerSecond: 1e9 }],
  });
  return platform.caches[0]?.msc as MscDescription;
}

/** The words that are not 0. */
function some(words: object): object {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== 0));
}

describe("a part with every feature", () => {
  const cache = everything.caches[0]?.msc as MscDescription;
  const memory = everything.memory[0]?.msc as MscDescription;

  test("at the cache: narrowing, translation, MSIs, edges, a RIS that is not there", () => {
    expect(some(mscWords(cache))).toEqual({
      aidr: 0x11,
      iidr: 0x0201_043b,
      idr: 0x9000_0000,
      idrHi: 0x0400_77c1,
      risMax: 4,
      msmonIdr: 0xb400_0000,
      nrwIdr: 7,
      inTlIdr: 0xc000_003f,
      outTlIdr: 0xc000_003f,
      options: 0x2304,
    });
  });

  test("at the channel: a 32-bit ESR, NFU, no wire for overflows, the other choices", () => {
    expect(some(mscWords(memory))).toEqual({
      aidr: 0x11,
      iidr: 0x0201_043b,
      idr: 0x1000_0000,
      idrHi: 0x0000_0e80,
      msmonIdr: 0x7000_0000,
      options: 0x01fa,
      resetFill: 0x8000,
    });
  });

  test("each resource instance says what it has", () => {
    expect(cache.ris.map((ris) => some(risWords(ris, cache)))).toEqual([
      {
        spaces: 15,
        idr: 0x4300_0000,
        cporIdr: 40,
        ccapIdr: 0xb000_040c,
        msmonIdr: 0x0001_0000,
        csumonIdr: 0xaf00_0008,
      },
      {
        spaces: 15,
        idr: 0x4c00_0000,
        mbwIdr: 0x0030_7c0a,
        priIdr: 0x0031_0043,
        msmonIdr: 0x0002_0000,
        mbwumonIdr: 0xff06_0028,
        winwd: 0x3_e880,
        nrdy: 4,
      },
      {
        spaces: 3,
        idr: 0x6000_0000,
        idrHi: 0x30,
        implIdr: 0x1234_5678,
        msmonIdr: 0x0003_0000,
        csumonIdr: 0x40c0_0001,
        mbwumonIdr: 0x40c0_0001,
        nrdy: 2,
      },
      { spaces: 15, idr: 0x0100_0000, ccapIdr: 0x6000_0008 },
    ]);
    expect(memory.ris.map((ris) => some(risWords(ris, memory)))).toEqual([
      {
        spaces: 15,
        idr: 0x4c00_0000,
        mbwIdr: 0x0000_0907,
        priIdr: 0x0023_0000,
        msmonIdr: 0x0002_0000,
        mbwumonIdr: 0x8000_0004,
        winwd: 0x3_e800,
        nrdy: 4,
      },
    ]);
  });

  test("powers on", async () => {
    const machine = await Machine.create(everything);
    expect(machine.mscs).toHaveLength(2);
  });
});

describe("a part with less", () => {
  test("version 1.0 has no high word, whatever its errors are told by, and can narrow", () => {
    const msc = partOf({ version: "1.0", errorStyle: "edge", partidNrw: { intPartidMax: 3 } });
    expect(some(mscWords(msc))).toEqual({ aidr: 0x10, idr: 0x8000_0000, nrwIdr: 3, options: 4 });
  });

  test("version 0.1 is told from 1.1 by MPAMF_AIDR alone", () => {
    expect(mscWords(partOf({ version: "0.1" }))).toEqual({ ...mscWords(partOf({})), aidr: 0x01 });
  });

  test.each([
    ["none", 0],
    [32, 0x80],
    [64, 0xc0],
  ])("esr %s is %s in MPAMF_IDR", (esr, bits) => {
    expect(mscWords(partOf({ esr })).idrHi).toBe(bits);
  });

  test.each([
    ["between", 0],
    ["before", 0x0400_0000],
    ["after", 0x0800_0000],
  ])("tlMonitoring %s is %s in MPAMF_MSMON_IDR", (tlMonitoring, bits) => {
    expect(mscWords(partOf({ tlMonitoring })).msmonIdr).toBe(bits);
  });

  test.each([
    ["none", 0x0400],
    ["keep", 0x0c00],
    ["poison", 0x0c00],
  ])("NFU %s beside ENDIS is %s in MPAMF_IDR", (nfu, bits) => {
    expect(mscWords(partOf({ endis: { nfu } })).idrHi & 0x0c00).toBe(bits);
  });

  test("a reset value of 0 is not the same as none", () => {
    expect([mscWords(partOf({})).options, mscWords(partOf({ resetFill: 0 })).options]).toEqual([0, 8]);
  });

  test("MAX_LIM says nothing where there is no maximum", () => {
    const msc = partOf({ mbw: { bwaWd: 5, max: false, min: true, winwdUsec: 0 } });
    expect(msc.ris.map((ris) => risWords(ris, msc).mbwIdr)).toEqual([0x0405]);
  });

  test("4096 bandwidth portions fit their field", () => {
    const msc = partOf({ mbw: { bwaWd: 0, max: false, bwpbmWd: 4096, winwdUsec: 65535.99609375 } });
    expect(msc.ris.map((ris) => some(risWords(ris, msc)))).toEqual([
      { spaces: 2, idr: 0x0400_0000, mbwIdr: 0x1000_1000, winwd: 0xff_ffff },
    ]);
  });

  test("a RIS exists in the banks of its MSC, or in those it names", () => {
    const limits = { partidMax: 1, pmgMax: 1 };
    const msc = partOf({ spaces: { ns: limits, s: limits }, ris: [{ ris: 0 }, { ris: 1, spaces: ["s"] }] });
    expect(msc.ris.map((ris) => risWords(ris, msc).spaces)).toEqual([3, 1]);
  });
});
