// The contestants of the register benchmark are the same part, and are given the same accesses.
import { beforeEach, expect, test } from "vitest";
import {
  ESR_ERRCODE,
  fieldGet,
  MPAMCFG_CMAX,
  MPAMCFG_CPBM,
  MPAMCFG_MBW_MAX,
  MPAMCFG_PART_SEL,
  MPAMF_ESR,
  MPAMF_IDR,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_MBWU,
  MSMON_MBWU_L,
} from "../../assembly/regs/index.ts";
import { CTwin, compilerVersion } from "../../bench/c-twin.ts";
import { PlainMsc } from "../../bench/js/registers.ts";
import { checksumText, mix } from "../../bench/mixer.ts";
import { OurMsc } from "../../bench/ours-registers.ts";
import {
  accessesOf,
  addRead,
  BUFFER,
  LISTS,
  OFFSET,
  registerArguments,
  VALUE,
  VALUE_HI,
  WHAT,
  WHAT_WIDE,
  WHAT_WRITE,
  WORDS,
} from "../../bench/register-accesses.ts";

const RANDOM = 20_000;

/** What each access of a list read, run in batches; 0 for one that writes. */
function batched(list: Uint32Array, buffer: Uint32Array, run: (accesses: number) => void): Uint32Array {
  const all = new Uint32Array(list.length);
  for (let at = 0; at < list.length; at += BUFFER * WORDS) {
    const part = list.subarray(at, at + BUFFER * WORDS);
    buffer.set(part);
    run(part.length / WORDS);
    all.set(buffer.subarray(0, part.length), at);
  }
  return all;
}

function plainly(list: Uint32Array): Uint32Array {
  const msc = new PlainMsc();
  const buffer = new Uint32Array(BUFFER * WORDS);
  return batched(list, buffer, (n) => msc.run(buffer, n));
}

function checksumOf(ran: Uint32Array): string {
  let sum = 0;
  for (let at = 0; at < ran.length; at += WORDS) {
    if (((ran[at + WHAT] ?? 0) & WHAT_WRITE) === 0) sum = addRead(sum, ran[at + VALUE] ?? 0);
  }
  return checksumText(mix(sum));
}

for (const list of LISTS) {
  test(`plain JavaScript and plain C read the same from the ${list} list, batched and one call each`, async () => {
    const checksum = checksumOf(plainly(accessesOf(list, undefined, RANDOM)));
    for (const word of ["batch", "calls"]) {
      const twin = await CTwin.start("registers", registerArguments(list, 1, RANDOM));
      if (!twin) return expect(compilerVersion()).toBeNull();
      expect((await twin.run(word)).checksum).toBe(checksum);
      twin.close();
    }
  });

  test(`the module reads at every access of the ${list} list what plain JavaScript reads`, async () => {
    const words = accessesOf(list, undefined, RANDOM);
    const ours = await OurMsc.powerOn();
    const ran = batched(words, ours.buffer, (n) => ours.batch(n));
    expect(ran).toEqual(plainly(words));
    const again = await OurMsc.powerOn();
    expect(checksumText(mix(again.calls(words, 0)))).toBe(checksumOf(ran));
  });
}

test("an access of 64 bits in a batch is two of 32, low word first", async () => {
  const low = accessesOf("astray", 7, 2000);
  const words = new Uint32Array(low.length);
  for (let at = 0; at < low.length; at += WORDS) {
    words.set(low.subarray(at, at + WORDS), at);
    const pair = [MPAMF_IDR, MPAMCFG_CPBM, MSMON_MBWU_L].includes(low[at + OFFSET] ?? 1);
    if (pair) words[at + WHAT] = (low[at + WHAT] ?? 0) | WHAT_WIDE;
    words[at + VALUE_HI] = mix(at);
  }
  const ours = await OurMsc.powerOn();
  expect(batched(words, ours.buffer, (n) => ours.batch(n))).toEqual(plainly(words));
});

test("the driver's list fits one batch, and finds no error", () => {
  const words = accessesOf("driver");
  expect(words.length / WORDS).toBeLessThanOrEqual(BUFFER);
  const ran = plainly(words);
  for (let at = 0; at < ran.length; at += WORDS) if (ran[at + OFFSET] === MPAMF_ESR) expect(ran[at + VALUE]).toBe(0);
});

let msc: PlainMsc;
beforeEach(() => {
  msc = new PlainMsc();
});

// The numbers are those of the architecture for CPBM_WD 40, CMAX_WD 12, BWA_WD 8 and a counter of 44 bits.
test("the plain JavaScript part keeps only the bits it has", () => {
  msc.write32(MPAMCFG_PART_SEL, 5);
  for (const offset of [MPAMCFG_CPBM, MPAMCFG_CPBM + 4, MPAMCFG_CMAX, MPAMCFG_MBW_MAX])
    msc.write32(offset, 0xffff_ffff);
  expect(msc.read32(MPAMCFG_CPBM)).toBe(0xffff_ffff);
  expect(msc.read32(MPAMCFG_CPBM + 4)).toBe(0xff);
  expect(msc.read32(MPAMCFG_CMAX)).toBe(0xfff0);
  expect(msc.read32(MPAMCFG_MBW_MAX)).toBe(0x8000_ff00);
  msc.write32(MSMON_CFG_MON_SEL, 3);
  msc.write32(MSMON_MBWU_L + 4, 0xffff_ffff);
  expect(msc.read32(MSMON_MBWU_L + 4)).toBe(0x8000_0fff);
});

test("the plain JavaScript part records a PARTID, a monitor and a monitor of one type out of range", () => {
  msc.write32(MPAMCFG_PART_SEL, 64);
  expect(msc.read32(MPAMF_ESR)).toBe(0x0100_0040);
  expect(msc.read32(MPAMCFG_CMAX)).toBe(0);
  msc.write32(MSMON_CFG_MON_SEL, 64);
  expect(msc.read32(MPAMF_ESR)).toBe(0x8500_0040);
  msc.write32(MPAMF_ESR, 0);
  msc.write32(MSMON_CFG_MON_SEL, 16);
  expect(fieldGet(ESR_ERRCODE, msc.read32(MPAMF_ESR))).toBe(0);
  expect(msc.read32(MSMON_CSU)).toBe(0);
  expect(msc.read32(MPAMF_ESR)).toBe(0x0500_0010);
});

test("writing a value of the plain JavaScript part clears the overflow status of its window only", () => {
  msc.write32(MSMON_CFG_MON_SEL, 2);
  msc.write32(MSMON_CFG_MBWU_CTL, 0x0400_8000);
  expect(msc.read32(MSMON_CFG_MBWU_CTL)).toBe(0x0400_8042);
  msc.write32(MSMON_MBWU, 9);
  expect(msc.read32(MSMON_CFG_MBWU_CTL)).toBe(0x0000_8042);
  msc.write32(MSMON_MBWU_L, 9);
  expect(msc.read32(MSMON_CFG_MBWU_CTL)).toBe(0x42);
});
