// What probing costs when there are many MSCs: accesses are counted, no clock is asked.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { CACHE_RIS, machineWith } from "./machine.ts";
import { dice, SUBJECTS } from "./race-subjects.ts";

const SIZES = [64, 256, 1024] as const;

/** Register accesses from nothing to MPAM enabled, with so many parts alike. */
async function accessesOf(subject: (typeof SUBJECTS)[number], mscs: number): Promise<number[]> {
  const { machine, firmware } = machineWith(Array.from({ length: mscs }, () => ({ ris: [CACHE_RIS] })));
  const failures: string[] = [];
  const bus = subject.reach(machine.pages, dice(1), undefined, (text) => failures.push(text));
  const driver = await Driver.probe(machine, { firmware, bus });
  expect([driver.enabled, failures]).toEqual([true, []]);
  return machine.pages.map(({ accesses }) => accesses.length);
}

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))("probing on %s", (_, subject) => {
  test("makes as many accesses of the 1,024th MSC as of the first", async () => {
    const sums: number[] = [];
    for (const size of SIZES) {
      const each = await accessesOf(subject, size);
      expect(new Set(each).size, `${size} MSCs`).toBe(1);
      sums.push(each.reduce((sum, one) => sum + one, 0));
    }
    const [few, some, many] = sums as [number, number, number];
    const one = few / 64;
    expect([some - few, many - some]).toEqual([192 * one, 768 * one]);
  });
});
