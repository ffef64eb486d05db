// Accesses in a batch do what the same accesses do one by one.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InterruptEvent, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { CPBM, MBWU_CTL, MBWU_L, MON_SEL, PART_SEL } from "./compare.ts";
import { powerOn } from "./machines.ts";

const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");

const accesses = fc.array(
  fc.record({
    msc: fc.nat({ max: 1 }),
    offset: fc.constantFrom(PART_SEL, CPBM, offsetOf("MPAMCFG_CMAX"), MON_SEL, MBWU_CTL, MBWU_L, ESR, ECR, 0x0a00),
    value: fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 0, max: 0xffff_ffff })),
    what: fc.constantFrom("read32", "write32", "read64", "write64"),
  }),
  { maxLength: 60 },
);

describe("a batch", () => {
  test("reads and changes what single accesses would", async () => {
    await fc.assert(
      fc.asyncProperty(accesses, async (list) => {
        const single = await powerOn();
        const machine = await powerOn();
        const batch = machine.batch();
        const expected: (bigint | undefined)[] = [];
        for (const { msc, offset, value, what } of list) {
          if (what === "read32") {
            expected[batch.read32(msc, offset)] = BigInt(single.read32(msc, offset));
          } else if (what === "read64") {
            expected[batch.read64(msc, offset)] = single.read64(msc, offset);
          } else if (what === "write32") {
            batch.write32(msc, offset, value);
            single.write32(msc, offset, value);
          } else {
            batch.write64(msc, offset, BigInt(value) * 5n);
            single.write64(msc, offset, BigInt(value) * 5n);
          }
        }
        expect(batch.run().length).toBe(list.length);
        for (const [number, value] of expected.entries()) {
          if (value !== undefined) expect([number, batch.value64(number)]).toEqual([number, value]);
        }
        expect(sweep(machine)).toEqual(sweep(single));
      }),
      { numRuns: 100 },
    );
  });

  test("may be longer than one call of the hardware takes", async () => {
    const machine = await powerOn();
    const batch = machine.batch();
    const reads: number[] = [];
    for (let i = 0; i < 5000; i++) {
      batch.write32(0, PART_SEL, i % 16);
      reads.push(batch.read32(0, PART_SEL));
    }
    expect(batch.length).toBe(10_000);
    batch.run();
    expect(reads.map((number) => batch.value(number))).toEqual(reads.map((_, i) => i % 16));
  });

  test("loses no change of a wire, however often it moves", async () => {
    const machine = await powerOn();
    const levels: number[] = [];
    machine.onInterrupt((event) => levels.push(event.level));
    const batch = machine.batch();
    batch.write32(0, ECR, 1);
    for (let i = 0; i < 6000; i++) batch.write32(0, ESR, i % 2 === 0 ? 1 << 24 : 0);
    batch.run();
    expect(levels).toEqual(Array.from({ length: 6000 }, (_, i) => 1 - (i % 2)));
  });

  test("reaches the bank of the space it names", async () => {
    const machine = await powerOn();
    const batch = machine.batch();
    batch.write32(0, PART_SEL, 7);
    const [ns, s] = [batch.read32(0, PART_SEL), batch.read32(0, PART_SEL, "s")];
    batch.run();
    expect([batch.value(ns), batch.value(s)]).toEqual([7, 0]);
  });

  test("tells of interrupts after its last access", async () => {
    const machine = await powerOn();
    const events: [InterruptEvent["level"], number][] = [];
    machine.onInterrupt((event) => events.push([event.level, machine.read32(0, CPBM)]));
    const batch = machine.batch();
    batch.write32(0, ECR, 1);
    batch.write32(0, PART_SEL, 99);
    batch.write32(0, ESR, 0);
    batch.write32(0, PART_SEL, 2);
    batch.write32(0, CPBM, 0x3c);
    batch.run();
    expect(events).toEqual([
      [1, 0x3c],
      [0, 0x3c],
    ]);
  });

  test("runs again, and is empty after clear", async () => {
    const machine = await powerOn();
    const batch = machine.batch();
    const read = batch.read32(0, PART_SEL);
    batch.run();
    machine.write32(0, PART_SEL, 3);
    expect(batch.value(read)).toBe(0);
    expect(batch.run().value(read)).toBe(3);
    expect(batch.clear().length).toBe(0);
    expect(() => batch.value(read)).toThrow(RangeError);
  });

  test("refuses what a machine refuses, and a value that has not been read", async () => {
    const machine = await powerOn();
    const batch = machine.batch();
    for (const [msc, offset] of [
      [2, 0],
      [0, 2],
      [0, 0x1_0000],
    ] as const) {
      expect(() => batch.read32(msc, offset)).toThrow(expect.objectContaining({ code: "EINVAL" }) as Error);
    }
    expect(() => batch.write64(0, 4, 1n)).toThrow(/a multiple of 8/);
    expect(batch.length).toBe(0);
    expect(() => batch.value(batch.read32(0, 0))).toThrow(RangeError);
  });
});

function sweep(machine: Machine): number[] {
  const words: number[] = [];
  for (const msc of [0, 1]) for (let offset = 0; offset < 0x1100; offset += 4) words.push(machine.read32(msc, offset));
  return words;
}
