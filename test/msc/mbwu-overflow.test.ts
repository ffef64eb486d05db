/** Overflow of bandwidth counters: exact to the record, in each width, with status, interrupt and freeze. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { cacheConfig, type MscSubject, memoryConfig, range, reads, writes } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const MBWU_L = offsetOf("MSMON_MBWU_L");

const EN = 0x8000_0000;
const STATUS = 0x0400_0000;
const INTR = 0x0200_0000;
const FRZ = 0x0100_0000;
const MATCH_PARTID = 0x0001_0000;
const STATUS_L = 0x0000_8000;
const INTR_L = 0x0000_4000;
const TYPE = 0x42;

const memoryOf = (counter: 31 | 44 | 63) =>
  memoryConfig({ ris: [{ ris: 0, mbw: { bwaWd: 8, maxLim: "both" }, mbwu: { monitors: 4, counter, rwbw: true } }] });

/** Ten full lines, 640 bytes. */
const TEN = reads(range(0, 10));

function control(msc: MscSubject, bits: number): void {
  msc.write32(CTL, EN + bits);
}

describe.each(factories)("overflow in the $name", ({ create }) => {
  test("the largest number is no overflow, and one byte more is (ACS 214)", async () => {
    const msc = await create(memoryOf(31));
    control(msc, INTR);
    msc.write32(MBWU, 0x7fff_ffff - 64);
    msc.run(reads([0]));
    expect(msc.read32(MBWU)).toBe(0x7fff_ffff);
    expect(msc.read32(CTL)).toBe(EN + INTR + TYPE);
    expect(msc.interrupts()).toEqual([]);
    msc.run([{ line: 0, requester: 0, op: 0, bytes: 1 }]);
    expect(msc.read32(MBWU)).toBe(0);
    expect(msc.read32(CTL)).toBe(EN + STATUS + INTR + TYPE);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
  });

  test("the interrupt names the record that overflowed, and counting goes on after it", async () => {
    const msc = await create(memoryOf(31));
    control(msc, INTR);
    msc.write32(MBWU, 0x8000_0000 - 200);
    msc.run(TEN); // the fourth passes 2^31 by 56
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 3 }]);
    expect(msc.read32(MBWU)).toBe(56 + 6 * 64);
  });

  test.each([
    [44, 0xfff_ffff_ffffn],
    [63, 0x7fff_ffff_ffff_ffffn],
  ] as const)("a %i-bit counter wraps after its own largest number (ACS 218)", async (counter, largest) => {
    const msc = await create(memoryOf(counter));
    control(msc, INTR_L);
    msc.write64(MBWU_L, largest - 128n);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 2 }]);
    expect(msc.read64(MBWU_L)).toBe(640n - 129n);
    expect(msc.read32(CTL)).toBe(EN + STATUS_L + INTR_L + TYPE);
    expect(msc.read32(MBWU)).toBe(640);
  });

  test("the short counter overflows beside a long one that does not, and keeps its status apart", async () => {
    const msc = await create(memoryOf(44));
    control(msc, INTR_L);
    msc.write64(MBWU_L, 0x7fff_ffffn);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(TEN);
    expect(msc.read32(MBWU)).toBe(639);
    expect(msc.read64(MBWU_L)).toBe(0x7fff_ffffn + 640n);
    expect(msc.read32(CTL)).toBe(EN + STATUS + INTR_L + TYPE);
    expect(msc.interrupts()).toEqual([]);
  });

  test("both sizes may overflow at one record", async () => {
    const msc = await create(memoryOf(63));
    control(msc, INTR + INTR_L);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.write64(MBWU_L, 0x7fff_ffff_ffff_ffffn);
    msc.run(TEN);
    expect(msc.read32(CTL)).toBe(EN + STATUS + INTR + STATUS_L + INTR_L + TYPE);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([639, 639n]);
  });

  test("without its enable an overflow leaves its status only", async () => {
    const msc = await create(memoryOf(31));
    control(msc, 0);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(TEN);
    expect(msc.read32(CTL)).toBe(EN + STATUS + TYPE);
    expect(msc.interrupts()).toEqual([]);
  });

  test("a status that is still set raises nothing again, and once cleared it does", async () => {
    const msc = await create(memoryOf(31));
    control(msc, INTR);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    control(msc, INTR); // status cleared by writing 0
    expect(msc.read32(CTL)).toBe(EN + INTR + TYPE);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
    expect(msc.read32(MBWU)).toBe(639);
    msc.write32(MBWU, 0x7fff_ffff - 64);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 1 }]);
  });

  test("writing a number clears the status of that size only", async () => {
    const msc = await create(memoryOf(44));
    control(msc, INTR + INTR_L);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.write64(MBWU_L, 0xfff_ffff_ffffn);
    msc.run(TEN);
    msc.interrupts();
    msc.write32(MBWU, 0);
    expect(msc.read32(CTL)).toBe(EN + INTR + STATUS_L + INTR_L + TYPE);
    expect(msc.interrupts()).toEqual([]);
    msc.write64(MBWU_L, 0n);
    expect(msc.read32(CTL)).toBe(EN + INTR + INTR_L + TYPE);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
  });

  test("the interrupt falls when the last overflowed monitor is cleared", async () => {
    const msc = await create(memoryOf(31));
    for (const mon of [0, 1]) {
      msc.write32(MON_SEL, mon);
      control(msc, INTR);
      msc.write32(MBWU, 0x7fff_ffff);
    }
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
    control(msc, INTR);
    expect(msc.interrupts()).toEqual([]);
    msc.write32(MON_SEL, 0);
    control(msc, INTR);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 0 }]);
  });

  test("status bits are ordinary storage, so a 1 written stays", async () => {
    const msc = await create(memoryOf(44));
    control(msc, STATUS + STATUS_L);
    expect(msc.read32(CTL)).toBe(EN + STATUS + STATUS_L + TYPE);
  });

  test("only matching records bring an overflow nearer", async () => {
    const msc = await create(memoryOf(31));
    msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 0 });
    msc.setLabel(2, "all", { space: "s", partid: 1, pmg: 0 });
    msc.write32(FLT, 0x4000_0001);
    control(msc, INTR + MATCH_PARTID);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run([...reads([0, 1], 1), ...writes([2, 3], 0), ...writes([4], 2), ...writes([5, 6], 1)]);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 5 }]);
    expect(msc.read32(MBWU)).toBe(127);
  });

  test("the record's number is that within its own run", async () => {
    const msc = await create(memoryOf(31));
    control(msc, INTR);
    msc.write32(MBWU, 0x8000_0000 - 13 * 64);
    msc.run(TEN);
    msc.run(TEN);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 2 }]);
  });

  test("an overflow deep in a long run is found at its record", async () => {
    const msc = await create(memoryOf(44));
    control(msc, INTR_L);
    msc.write64(MBWU_L, 0x1000_0000_0000n - 9000n * 64n);
    msc.run(reads(range(0, 12_000)));
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 8999 }]);
    expect(msc.read64(MBWU_L)).toBe(3000n * 64n);
  });

  test("freezing stops the number after it wrapped, until it is written (ACS 305)", async () => {
    const msc = await create(memoryOf(31));
    control(msc, FRZ);
    msc.write32(MBWU, 0x8000_0000 - 100);
    msc.run(TEN); // wraps at the second record
    expect(msc.read32(MBWU)).toBe(28);
    msc.run(TEN);
    expect(msc.read32(MBWU)).toBe(28);
    expect(msc.read32(CTL)).toBe(EN + STATUS + FRZ + TYPE);
    msc.write32(MBWU, 1000);
    expect(msc.read32(CTL)).toBe(EN + FRZ + TYPE);
    msc.run(TEN);
    expect(msc.read32(MBWU)).toBe(1640);
  });

  test("neither clearing the status, nor the freeze bit, nor disabling for a while thaws a number", async () => {
    const msc = await create(memoryOf(31));
    control(msc, FRZ);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(TEN);
    for (const bits of [EN + FRZ, EN, 0, EN]) {
      msc.write32(CTL, bits);
      msc.run(TEN);
      expect(msc.read32(MBWU)).toBe(63);
    }
    msc.write32(MBWU, 0);
    msc.run(TEN);
    expect(msc.read32(MBWU)).toBe(640);
  });

  test("freezing stops both sizes, and each is thawed by its own write (ACS 306)", async () => {
    const msc = await create(memoryOf(44));
    control(msc, FRZ);
    msc.write32(MBWU, 0x8000_0000 - 64);
    msc.write64(MBWU_L, 0n);
    msc.run(TEN); // the first record wraps the short one
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([0, 64n]);
    msc.write32(MBWU, 0);
    msc.run(TEN);
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([640, 64n]);
    msc.write64(MBWU_L, 5n);
    msc.run(TEN);
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([1280, 645n]);
  });

  test("a long overflow freezes the short number too", async () => {
    const msc = await create(memoryOf(63));
    control(msc, FRZ + INTR_L);
    msc.write64(MBWU_L, 0x7fff_ffff_ffff_ffffn - 100n);
    msc.run(TEN); // the second record wraps the long one
    expect([msc.read32(MBWU), msc.read64(MBWU_L)]).toEqual([128, 27n]);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 1 }]);
  });

  test("writing half of the long number thaws it", async () => {
    const msc = await create(memoryOf(63));
    control(msc, FRZ);
    msc.write64(MBWU_L, 0x7fff_ffff_ffff_ffffn);
    msc.run(TEN);
    msc.write32(MBWU_L, 7);
    msc.run(TEN);
    expect(msc.read64(MBWU_L)).toBe(647n);
  });

  test("setting the freeze bit after an overflow freezes nothing", async () => {
    const msc = await create(memoryOf(31));
    control(msc, 0);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(reads([0]));
    control(msc, FRZ + STATUS);
    msc.run(reads([1]));
    expect(msc.read32(MBWU)).toBe(127);
  });

  test("below a cache a write-back and a fill of one record are one step", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 1 }));
    msc.run(writes([0]));
    control(msc, FRZ + INTR);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run(reads([1, 2]));
    expect(msc.read32(MBWU)).toBe(127);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
  });

  test("below a cache the overflow is at the record that missed, whose write-back may be somebody else's", async () => {
    const msc = await create(cacheConfig({ sets: 1, ways: 1 }));
    msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 0 });
    msc.run(writes([0], 1));
    msc.write32(FLT, 0x4000_0001);
    control(msc, INTR + MATCH_PARTID);
    msc.write32(MBWU, 0x7fff_ffff);
    msc.run([...writes([0, 0], 1), ...reads([0, 8], 0)]);
    expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 3 }]);
    expect(msc.read32(MBWU)).toBe(63);
  });
});
