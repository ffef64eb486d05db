// Where calls of the hardware end (design section 6): after 65,536 records, at edges, when monitors become ready,
// and nowhere else that batches of a trace or a clock on the wall could move. Handlers hear at the end of a call of what happened in it.

import { beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import { CPBM, countsOf, EN, linesOf, MBWU, MBWU_CTL, MON_SEL, OFLOW_INTR } from "./compare.ts";
import { plainConfig, platformOf, powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, naive, thread, walk } from "./traces.ts";

const CALL = 65536;
const WRAP = 2 ** 31;

const CUTS = [[64], [5000, 0, 13], [200_000]];

/** Monitor 0 of an msc raises its interrupt when so many bytes more have moved. */
function arm(machine: Machine, bytes: number, msc = 0): void {
  machine.write32(msc, MBWU_CTL, EN + OFLOW_INTR);
  machine.write32(msc, MBWU, WRAP - bytes);
}

function spend(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("without stopOn, what a handler writes", () => {
  const long = new FakeTrace("long", mixed(1, 90_000, 1, 4000, 3));
  const few = new FakeTrace("few", mixed(2, 5000, 1, 4000, 3));

  const plain = new PlainSubject(plainConfig(platformOf()));
  beforeAll(() => {
    const records = naive([long]);
    plain.run(records.slice(0, CALL));
    plain.write32(CPBM, 1);
    plain.run(records.slice(CALL));
  });

  test.each(CUTS)("acts from the call after the interrupt on, in batches of %j rows", async (...batches) => {
    for (const ms of [0, 20]) {
      const machine = await powerOn();
      arm(machine, 500 * 64);
      machine.onInterrupt(() => {
        machine.write32(0, CPBM, 1);
        spend(ms);
      });
      await machine.replay([long.cut(batches)]);
      expect(linesOf(machine)).toEqual(plain.lines());
      expect(machine.statistics()[0]?.misses).toBe(plain.statistics()[0]?.misses);
    }
  });

  test("waits for the border after the record that raised the interrupt, not after the one the handler ran at", async () => {
    const machine = await powerOn({ quantumNs: 1000 });
    // Eight lines of one set with four ways: each read misses, and the 200th brings the last byte.
    const file = new FakeTrace("t", walk([0, 16, 32, 48, 64, 80, 96, 112], 3000));
    machine.addTasks(file);
    arm(machine, 200 * 64);
    machine.onInterrupt(() => machine.processor.setTaskLabel(1, tag(2)));
    machine.clock.at(1500, "cut", () => undefined);
    await machine.replay([file]);
    expect(countsOf(machine).map(({ partid, accesses }) => [partid, accesses])).toEqual([
      [0, 1500],
      [2, 1500],
    ]);
  });

  test("of several interrupts, waits for the border after its own", async () => {
    const machine = await powerOn({ quantumNs: 1000 });
    const file = new FakeTrace("t", walk([0, 16, 32, 48, 64, 80, 96, 112], 3000));
    machine.addTasks(file);
    arm(machine, 200 * 64);
    arm(machine, 1300 * 64, 1);
    const seen: [number, number][] = [];
    machine.onInterrupt(({ msc = -1, time }) => {
      seen.push([msc, time]);
      if (msc === 1) machine.processor.setTaskLabel(1, tag(2));
    });
    machine.clock.at(1500, "cut", () => undefined);
    await machine.replay([file]);
    expect(seen).toEqual([
      [0, 199],
      [1, 1299],
    ]);
    expect(countsOf(machine).map(({ partid, accesses }) => [partid, accesses])).toEqual([
      [0, 2000],
      [2, 1000],
    ]);
  });

  test("by an operation that it started is the same, however the trace is cut", async () => {
    const misses = new Set<number | undefined>();
    for (const batches of CUTS) {
      const machine = await powerOn();
      arm(machine, 500 * 64);
      machine.onInterrupt(() => {
        void (async () => {
          for (let i = 0; i < 30; i++) await Promise.resolve();
          machine.write32(0, CPBM, 1);
        })();
      });
      await machine.replay([long.cut(batches)]);
      misses.add(machine.statistics()[0]?.misses);
    }
    expect(misses.size).toBe(1);
    const undisturbed = await powerOn();
    await undisturbed.replay([long]);
    expect(misses).not.toContain(undisturbed.statistics()[0]?.misses);
  });

  test("finds time where the last record of its call stands", async () => {
    for (const batches of CUTS) {
      const machine = await powerOn();
      arm(machine, 500 * 64);
      const seen: number[] = [];
      machine.onInterrupt(() => seen.push(machine.clock.now));
      await machine.replay([few.cut(batches)]);
      expect(seen).toEqual([few.rows.at(-1)?.time]);
    }
  });
});

test("more traces than a byte can number go on from an armed stop with the records they stopped before", async () => {
  const files = Array.from({ length: 300 }, (_, file) => {
    const rows = walk([0, 1, 2], 3).map((row, i) => ({ ...row, time: i * 1000 + file }));
    return new FakeTrace(`file ${file}`, rows, { requesters: [thread(file + 1)] });
  });
  const machine = await powerOn();
  arm(machine, 270 * 64);
  const { stopped, records } = await machine.replay(files, { stopOn: ["overflow"] });
  expect([stopped?.record, records]).toEqual([269, 270]);
  const end = await machine.resume(files);
  expect([end.records, end.finished]).toEqual([900, true]);
  expect(machine.statistics().reduce((sum, { accesses }) => sum + accesses, 0)).toBe(900);
});

describe("what an overflow captures in the middle of a call", () => {
  const linked = { capture: true, nrdy: "hw" } as const;
  const CTL = wordOf("MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_CAPT: 1, OFLOW_INTR: 1, OFLOW_LNKG: 1 });
  const CAPTURE = offsetOf("MSMON_MBWU_CAPTURE");

  /** Monitors that need a microsecond; each record of the trace, one a ns, moves 64 bytes. */
  async function settling(): Promise<Machine> {
    const ris = {
      ris: 0,
      csu: { monitors: 1, ...linked },
      mbwu: { monitors: 2, counter: 31 as const, oflowCapt: true, oflowLnkg: true, ...linked },
    };
    const platform = platformOf({ ris: [ris] });
    const caches = platform.caches.map((cache) =>
      cache.msc ? { ...cache, msc: { ...cache.msc, nrdyUsec: 1, captEvents: [1] } } : cache,
    );
    return Machine.create({ ...platform, caches });
  }
  const file = new FakeTrace("t", walk([0, 16, 32, 48, 64, 80, 96, 112], 4000));

  test.each([
    [1, 1],
    [500, 1],
    [1000, 1],
    [1001, 0],
    [3000, 0],
  ])("by record %d has NRDY as it is at that record", async (record, nrdy) => {
    for (const batches of [[1], [64], [4000]]) {
      const machine = await settling();
      machine.write32(0, offsetOf("MSMON_CFG_CSU_CTL"), wordOf("MSMON_CFG_CSU_CTL", { EN: 1, CAPT_EVNT: 1 }));
      machine.write32(0, MBWU_CTL, CTL);
      machine.write32(0, MBWU, WRAP - record * 64);
      await machine.replay([file.cut(batches)]);
      expect(machine.read32(0, CAPTURE) >>> 31).toBe(nrdy);
      expect(machine.read32(0, offsetOf("MSMON_CSU_CAPTURE")) >>> 31).toBe(nrdy);
      // The count has just wrapped.
      expect(machine.read32(0, CAPTURE) << 1).toBe(0);
    }
  });

  test.each([
    [1200, [0, 1]],
    [1500, [0, 1]],
    [1501, [0, 0]],
  ])("by record %d has NRDY of monitors that become ready one after the other", async (record, nrdy) => {
    const machine = await settling();
    const write = (mon: number, moved: number): void => {
      machine.write32(0, MON_SEL, mon);
      machine.write32(0, MBWU_CTL, CTL);
      machine.write32(0, MBWU, WRAP - (record - moved) * 64);
    };
    write(0, 0);
    machine.clock.at(500, "write", () => write(1, 500));
    await machine.replay([file]);
    const captured = [0, 1].map((mon) => {
      machine.write32(0, MON_SEL, mon);
      return machine.read32(0, CAPTURE) >>> 31;
    });
    expect(captured).toEqual(nrdy);
  });
});
