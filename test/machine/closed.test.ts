// Closed timing on a whole machine: requesters wait for what they asked for.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type InterruptEvent, Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { OFLOW_INTR } from "./compare.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

/** 640 bytes a quantum of 1 us: ten lines. */
const RATE = 640e6;

function platform(different: object = {}) {
  return checkObject(
    {
      name: "closed",
      cpus: 2,
      processor: { partidMax: 7, pmgMax: 1, outstanding: 16 },
      memory: [
        {
          bytes: "1 MiB",
          bytesPerSecond: RATE,
          latencyNs: 100,
          msc: {
            base: 0x1_0000_0000,
            overflowInterrupt: 7,
            mbw: { bwaWd: 8 },
            mbwu: { monitors: 1, counter: 44 },
          },
        },
      ],
      ...different,
    },
    "closed",
  );
}

/** Each of two threads reads so many lines, `gap` ns apart. */
function streams(records: number, gap: number, batches: readonly number[] = [64]): FakeTrace {
  const rows: Row[] = Array.from({ length: 2 * records }, (_, i) => ({
    time: Math.floor(i / 2) * gap,
    address: Math.floor(i / 2) * 64,
    bytes: 64,
    op: 0,
    requester: i % 2,
  }));
  const requesters = [thread(1, { cpu: 0 }), thread(2, { cpu: 1 })];
  return new FakeTrace("streams", rows, { requesters, batches });
}

async function machineFor(trace: FakeTrace, different: object = {}): Promise<Machine> {
  const machine = await Machine.create(platform(different));
  machine.addTasks(trace);
  machine.processor.setTaskLabel(2, { partidD: 1, partidI: 1, pmgD: 0, pmgI: 0 });
  return machine;
}

function bytesOf(machine: Machine, partid: number): number {
  return machine.statistics().find((one) => one.partid === partid)?.bytesRead ?? 0;
}

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const HARDLIM = 0x8000_0000;

describe("closed timing", () => {
  test("takes as long as the trace says while the channel has room", async () => {
    const trace = streams(100, 500);
    const machine = await machineFor(trace);
    const result = await machine.replay([trace], { timing: "closed" });
    // The last is issued in the quantum of 49.5 us.
    expect(result).toMatchObject({ finished: true, records: 200, time: 50_000 });
    expect(bytesOf(machine, 0)).toBe(6400);
  });

  test("keeps to the trace's times however many records there are", async () => {
    const trace = streams(12_000, 300, [1000, 7, 4000]);
    const machine = await machineFor(trace);
    const result = await machine.replay([trace], { timing: "closed" });
    expect(result).toMatchObject({ finished: true, records: 24_000, time: 3_600_000 });
  });

  test("does the same on a machine that could run on the fast path", async () => {
    const caches = [{ level: 3, bytes: "8 KiB", ways: 4, msc: { base: 0x3_0000_0000, cpor: { cpbmWd: 4 } } }];
    const trace = new FakeTrace(
      "again and again",
      Array.from({ length: 3000 }, (_, i) => ({
        ...{ time: i * 40, address: ((i * 7919) % 300) * 64, bytes: 64, op: i % 3 === 0 ? 1 : 0, requester: i % 2 },
      })),
      { requesters: [thread(1, { cpu: 0 }), thread(2, { cpu: 1 })] },
    );
    const exports = [];
    for (const statistics of ["counts", "full"] as const) {
      const machine = await Machine.create(platform({ caches }), { statistics });
      machine.addTasks(trace);
      machine.processor.setTaskLabel(2, { partidD: 1, partidI: 1, pmgD: 0, pmgI: 0 });
      await machine.replay([trace], { timing: "closed" });
      exports.push(machine.export());
    }
    expect(exports[0]).toEqual(exports[1]);
    // 300 lines of two threads go through 128 lines of cache again and again.
    expect(exports[0]?.labels[0]?.misses).toBeGreaterThan(500);
  });

  test("takes as long as the channel needs when it has not", async () => {
    const trace = streams(500, 0);
    const machine = await machineFor(trace);
    const result = await machine.replay([trace], { timing: "closed" });
    // 1000 lines, ten a quantum.
    expect(result).toMatchObject({ finished: true, records: 1000, time: 100_000 });
  });

  test("slows a confined thread, and the other gains what it leaves", async () => {
    const trace = streams(2000, 0);
    const machine = await machineFor(trace);
    machine.write32(0, PART_SEL, 1);
    // A fifth of the channel: 51/256 and one more.
    machine.write32(0, MBW_MAX, (HARDLIM | (50 << 8)) >>> 0);
    await machine.replay([trace], { timing: "closed", until: 200_000 });
    const whole = 200 * 640;
    expect(bytesOf(machine, 1) / whole).toBeCloseTo(51 / 256, 2);
    expect(bytesOf(machine, 0) / whole).toBeCloseTo(205 / 256, 2);
  });

  test("a change while it runs acts from the next border of a quantum on", async () => {
    const trace = streams(2000, 0);
    const machine = await machineFor(trace);
    await machine.replay([trace], { timing: "closed", until: 100_000 });
    const before = bytesOf(machine, 1);
    machine.write32(0, PART_SEL, 1);
    machine.write32(0, MBW_MAX, HARDLIM);
    await machine.resume([trace], { until: 101_000 });
    expect(bytesOf(machine, 1) - before).toBe(320);
    await machine.resume([trace], { until: 201_000 });
    // 1/256 of 640 bytes from then on.
    expect(bytesOf(machine, 1) - before - 320).toBeLessThanOrEqual(2.5 * 100);
  });

  test("does not depend on how the trace is cut, nor on pauses, snapshots and restores", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 4 }),
        fc.integer({ min: 0, max: 60 }),
        async (batches, pauses, gap) => {
          const whole = streams(700, gap);
          const expected = await machineFor(whole);
          const { time } = await expected.replay([whole], { timing: "closed" });
          const cut = streams(700, gap, batches);
          let machine = await machineFor(cut);
          const stops = pauses.toSorted((a, b) => a - b);
          let result = await machine.replay([cut], { timing: "closed", until: stops[0] ?? 1000 });
          for (const until of stops.slice(1)) {
            machine = await Machine.restore(machine.snapshot());
            result = await machine.resume([cut], { until });
          }
          if (!result.finished) result = await machine.resume([cut]);
          expect(result.finished).toBe(true);
          expect(Math.max(time, machine.clock.now)).toBe(machine.clock.now);
          expect(machine.levels()).toEqual(expected.levels());
          expect(machine.export().records).toBe(expected.export().records);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("an armed stop ends it at the record, and interrupts have the time of their record", async () => {
    const trace = streams(500, 0);
    const machine = await machineFor(trace);
    machine.write32(0, offsetOf("MSMON_CFG_MON_SEL"), 0);
    machine.write32(0, offsetOf("MSMON_CFG_MBWU_CTL"), (0x8000_0042 | OFLOW_INTR) >>> 0);
    // Five lines before it wraps.
    machine.write32(0, offsetOf("MSMON_MBWU"), 2 ** 31 - 320);
    const heard: InterruptEvent[] = [];
    machine.onInterrupt((event) => heard.push(event));
    const result = await machine.replay([trace], { timing: "closed", stopOn: ["overflow"] });
    expect(result.stopped).toMatchObject({ kind: "overflow", record: 4, time: 0, line: 7 });
    expect(result.records).toBe(5);
    expect(heard).toHaveLength(1);
    expect((await machine.resume([trace])).finished).toBe(true);
    expect(bytesOf(machine, 0) + bytesOf(machine, 1)).toBe(64_000);
  });

  test("more requesters than the platform has room for are refused in words", async () => {
    const trace = streams(1, 0);
    const processor = { partidMax: 7, pmgMax: 1, requesters: 1 };
    const machine = await machineFor(trace, { processor });
    await expect(machine.replay([trace], { timing: "closed" })).rejects.toThrow(
      /the traces have 2 requesters, and processor.requesters of the platform gives closed timing room for 1/,
    );
  });

  test("goes on to the end from wherever it stood, and ends where nothing is left", async () => {
    const trace = streams(200, 500);
    for (const until of [1000, 20_000, 99_000, 100_000, 150_000]) {
      const machine = await machineFor(trace);
      await machine.replay([trace], { timing: "closed", until });
      const restored = await Machine.restore(machine.snapshot());
      for (const one of [machine, restored]) {
        expect(await one.resume([trace])).toMatchObject({ finished: true, records: 400 });
        expect(one.clock.now).toBe(Math.max(until, 100_000));
      }
      expect(await machine.resume([trace])).toMatchObject({ finished: true, records: 400 });
    }
  });

  test("without anybody who asks it ends at once", async () => {
    const machine = await Machine.create(platform());
    expect(await machine.replay([], { timing: "closed" })).toMatchObject({ finished: true, records: 0, time: 0 });
  });

  test("a replay that is refused leaves the one that stopped before as it was", async () => {
    const trace = streams(200, 500);
    const machine = await machineFor(trace);
    await machine.replay([trace], { timing: "closed", until: 20_000 });
    const many = Array.from({ length: 65 }, (_, i) => thread(100 + i));
    const other = new FakeTrace("many", [{ time: 0, address: 0, bytes: 8, op: 0, requester: 0 }], { requesters: many });
    await expect(machine.replay([other], { timing: "closed" })).rejects.toThrow(/have 65 requesters/);
    expect(await machine.resume([trace])).toMatchObject({ finished: true, records: 400 });
  });

  test("time that passes after an armed stop is not gone back to", async () => {
    const trace = streams(500, 0);
    const machine = await machineFor(trace);
    machine.write32(0, offsetOf("MSMON_CFG_MON_SEL"), 0);
    machine.write32(0, offsetOf("MSMON_CFG_MBWU_CTL"), (0x8000_0042 | OFLOW_INTR) >>> 0);
    machine.write32(0, offsetOf("MSMON_MBWU"), 2 ** 31 - 64 * 105);
    await machine.replay([trace], { timing: "closed", stopOn: ["overflow"] });
    const stopped = machine.clock.now;
    await machine.clock.advance(1_000_000);
    const heard: InterruptEvent[] = [];
    machine.onInterrupt((event) => heard.push(event));
    await machine.resume([trace], { until: stopped + 1_020_000 });
    // Twenty quanta of ten lines, and not a thousand of them.
    const served = (bytesOf(machine, 0) + bytesOf(machine, 1)) / 64;
    expect(served).toBeLessThanOrEqual(105 + 10 + 210);
    for (const { time } of heard) expect(time).toBeGreaterThanOrEqual(stopped + 1_000_000);
  });

  test("a trace that fails in the middle has run up to there, and the clock says so", async () => {
    const good = streams(100, 500);
    const bad = streams(100, 500, [50]);
    const batches = bad.batches.bind(bad);
    bad.batches = async function* (from?: number) {
      let left = 2;
      for await (const batch of batches(from)) {
        if (left-- === 0) throw new Error("the disk is gone");
        yield batch;
      }
    };
    const machine = await machineFor(bad);
    await expect(machine.replay([bad], { timing: "closed" })).rejects.toThrow("the disk is gone");
    // The last of the hundred waits: the other thread might have had one at the same time.
    expect(machine.inside.hardware.records()).toBe(99n);
    expect(machine.clock.now).toBe(Number(machine.inside.hardware.now()));
    machine.addTasks(good);
    const from = Math.ceil(machine.clock.now / 1000) * 1000;
    expect((await machine.replay([good], { timing: "closed" })).time).toBe(from + 50_000);
  });

  test("an aborted replay moves nothing", async () => {
    const trace = streams(10, 0);
    const machine = await machineFor(trace);
    await machine.clock.advance(500);
    const replay = machine.replay([trace], { timing: "closed", signal: AbortSignal.abort() });
    await expect(replay).rejects.toThrow();
    expect(machine.clock.now).toBe(500);
  });

  test("goes on in its own timing only", async () => {
    const trace = streams(100, 0);
    const machine = await machineFor(trace);
    await machine.replay([trace], { timing: "closed", until: 2000 });
    await expect(machine.resume([trace], { timing: "open" })).rejects.toThrow(/closed timing, and goes on in it/);
  });
});
