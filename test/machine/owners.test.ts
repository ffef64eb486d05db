// Owners: a machine with few of them takes one back when no line carries it, and monitors keep what it moved (design section 7).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import {
  EN,
  label,
  linesOf,
  MATCH_PARTID,
  MATCH_PMG,
  MBWU,
  MBWU_CTL,
  MBWU_FLT,
  MBWU_L,
  MON_SEL,
  OFLOW_INTR,
  plainOf,
  run,
} from "./compare.ts";
import { platformOf, powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, naive, runs, thread, walk } from "./traces.ts";

const OPS = [0, 1, 2, 3];

/** Monitors of the cache: PARTID 1, PARTID 2, PARTID 3 with PMG 1, PMG 2, everything, what PARTID 1 writes. */
const FILTERS = [
  { flt: 1, ctl: MATCH_PARTID },
  { flt: 2, ctl: MATCH_PARTID },
  { flt: 0x1_0003, ctl: MATCH_PARTID + MATCH_PMG },
  { flt: 0x2_0000, ctl: MATCH_PMG },
  { flt: 0, ctl: 0 },
  { flt: 0x4000_0001, ctl: MATCH_PARTID },
];

function counts(read: (offset: number) => number, select: (mon: number) => void): number[][] {
  return FILTERS.map((_, mon) => {
    select(mon);
    return [MBWU_CTL, MBWU, MBWU_L, MBWU_L + 4].map(read);
  });
}

function countsOf(of: Machine | PlainSubject): number[][] {
  if (of instanceof PlainSubject) {
    return counts(
      (offset) => of.read32(offset),
      (mon) => of.write32(MON_SEL, mon),
    );
  }
  return counts(
    (offset) => of.read32(0, offset),
    (mon) => of.write32(0, MON_SEL, mon),
  );
}

function watchAll(machine: Machine, plain: PlainSubject): void {
  FILTERS.forEach(({ flt, ctl }, mon) => {
    for (const [offset, value] of [
      [MON_SEL, mon],
      [MBWU_FLT, flt],
      [MBWU_CTL, (EN + ctl) >>> 0],
    ] as const) {
      machine.write32(0, offset, value);
      plain.write32(offset, value);
    }
  });
}

describe("with four owners, a task goes through many labels", () => {
  /** A label, then traffic that fills the whole cache, so that lines of earlier labels have gone. */
  const phase = fc.record({
    partid: fc.integer({ min: 1, max: 3 }),
    pmg: fc.nat({ max: 3 }),
    seed: fc.nat({ max: 2 ** 20 }),
  });

  test("and every monitor has counted what the plain model's has", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(phase, { minLength: 4, maxLength: 14 }), async (phases) => {
        const platform = platformOf({ owners: 4, sets: 2, ways: 4 });
        const machine = await Machine.create(platform);
        const plain = plainOf(machine);
        watchAll(machine, plain);
        for (const [n, { partid, pmg, seed }] of phases.entries()) {
          // Eight lines that nothing else touches fill the cache with this label at the end.
          const last = [200, 201, 202, 203, 204, 205, 206, 207].map((line) => line * 64 + (n % 2) * 512);
          const fill = last.map((address) => ({ time: 60, address, bytes: 64, op: 0, requester: 0 }));
          const rows = [...mixed(seed, 60, 1, 30, 1), ...fill];
          const file = new FakeTrace("t", rows, { requesters: [thread(1)], spaces: [{ asid: 1, pages: 4 }] });
          machine.addTasks(file);
          machine.processor.setTaskLabel(1, tag(partid, pmg));
          label(plain, 0, OPS, partid, pmg);
          await machine.replay([file]);
          run(plain, naive([file]));
          expect([n, linesOf(machine)]).toEqual([n, plain.lines()]);
          expect([n, countsOf(machine)]).toEqual([n, countsOf(plain)]);
          expect(machine.inside.hardware.ownerCount()).toBeLessThanOrEqual(4);
        }
      }),
      runs(40),
    );
  });

  test("and a label that comes back starts its counts anew, while its monitor goes on", async () => {
    const machine = await Machine.create({ ...platformOf({ owners: 2 }), caches: [] });
    machine.write32(0, MBWU_FLT, 1);
    machine.write32(0, MBWU_CTL, (EN + MATCH_PARTID) >>> 0);
    const file = new FakeTrace("t", walk([1], 10));
    machine.addTasks(file);
    for (const [partid, moved, counted] of [
      [1, 640, 640],
      [2, 640, 640],
      [1, 1280, 640],
    ] as const) {
      machine.processor.setTaskLabel(1, tag(partid));
      await machine.replay([file]);
      expect(machine.read32(0, MBWU)).toBe(moved);
      const labels = machine.statistics().filter((one) => one.partid === partid);
      expect(labels.map(({ bytesRead }) => bytesRead)).toEqual([counted]);
    }
  });

  test("and an armed monitor raises its interrupt at the same record as if there had been owners enough", async () => {
    const raisedBy = async (owners: number): Promise<unknown[]> => {
      const machine = await Machine.create({ ...platformOf({ owners, quantumNs: 10 }), caches: [] });
      machine.write32(0, MBWU_CTL, (EN + OFLOW_INTR) >>> 0);
      machine.write32(0, MBWU, 2 ** 31 - 64 * 333);
      const file = new FakeTrace("t", walk([1], 500));
      machine.addTasks(file);
      for (let at = 5; at < 500; at += 10) {
        machine.clock.at(at, "test", () => machine.processor.setTaskLabel(1, tag(1 + (((at - 5) / 10) % 5))));
      }
      const events: unknown[] = [];
      machine.onInterrupt((event) => events.push([event.kind, event.level, event.record, event.time]));
      await machine.replay([file]);
      return events;
    };
    expect(await raisedBy(3)).toEqual([["overflow", 1, 332, 332]]);
    expect(await raisedBy(255)).toEqual([["overflow", 1, 332, 332]]);
  });
});

describe("as many labels as there are owners", () => {
  /** No cache: no lines keep an owner. */
  async function channelOnly(owners: number): Promise<Machine> {
    return Machine.create({ ...platformOf({ owners }), caches: [] });
  }

  test("are all in use, and one more is refused", async () => {
    const machine = await channelOnly(4);
    const requesters = [thread(1), thread(2), thread(3), thread(4)];
    const rows = requesters.map((_, i) => ({ time: i, address: 0, bytes: 64, op: 0, requester: i }));
    const file = new FakeTrace("t", rows, { requesters });
    machine.addTasks(file);
    for (const tid of [1, 2, 3]) machine.processor.setTaskLabel(tid, tag(tid));
    expect((await machine.replay([file])).finished).toBe(true);
    machine.processor.setTaskLabel(4, tag(4));
    await expect(machine.replay([file])).rejects.toThrow(expect.objectContaining({ code: "ENOSPC" }));
    // One of the others gives its label back.
    machine.processor.setTaskLabel(1, tag(0));
    expect((await machine.replay([file])).finished).toBe(true);
  });

  test("may be exchanged for as many others at once, since none of the old ones is in use any longer", async () => {
    const machine = await channelOnly(3);
    const requesters = [thread(1), thread(2)];
    const rows = [0, 1, 0].map((requester, time) => ({ time, address: 0, bytes: 64, op: 0, requester }));
    const file = new FakeTrace("t", rows, { requesters });
    machine.addTasks(file);
    for (const first of [1, 3, 5]) {
      machine.processor.setTaskLabel(1, tag(first));
      machine.processor.setTaskLabel(2, tag(first + 1));
      const { labels } = await machine.replay([file]);
      const served = labels
        .filter(({ bytesRead }) => bytesRead > 0)
        .map(({ partid, bytesRead }) => [partid, bytesRead]);
      expect(served).toContainEqual([first, 128]);
      expect(served).toContainEqual([first + 1, 64]);
    }
  });

  test("of lines that are still held keep their owners, and a new one is refused until they have gone", async () => {
    const machine = await powerOn({ owners: 2, sets: 1, ways: 4 });
    const file = new FakeTrace("t", walk([1, 2], 2));
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(1));
    await machine.replay([file]);
    machine.processor.setTaskLabel(1, tag(2));
    await expect(machine.replay([file])).rejects.toThrow(expect.objectContaining({ code: "ENOSPC" }));
    machine.processor.setTaskLabel(1, tag(0));
    await machine.replay([new FakeTrace("others", walk([3, 4, 5, 6], 4), { hash: file.hash })]);
    machine.processor.setTaskLabel(1, tag(2));
    await machine.replay([new FakeTrace("more", walk([7], 1), { hash: file.hash })]);
    expect(linesOf(machine).map(({ line, partid }) => [line, partid])).toContainEqual([7, 2]);
  });
});
