// Beyond the counts: latencies, reasons, ranges of sets, and bandwidth beside its limits.

import { describe, expect, test } from "vitest";
import { type BandwidthSample, Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const HARDLIM = 0x8000_0000;

/** A cache of 4 sets of 2 ways before a channel of ten lines a quantum. */
const platform = checkObject(
  {
    name: "details",
    cpus: 2,
    processor: { partidMax: 7, pmgMax: 1, outstanding: 16 },
    caches: [
      {
        level: 3,
        bytes: 512,
        ways: 2,
        latencyNs: 20,
        msc: { base: 0x1_0000_0000, cpor: { cpbmWd: 2 }, ccap: { cmaxWd: 8 } },
      },
    ],
    memory: [
      { bytes: "1 MiB", bytesPerSecond: 640e6, latencyNs: 100, msc: { base: 0x2_0000_0000, mbw: { bwaWd: 8 } } },
    ],
  },
  "details",
);

function rowsOf(lines: readonly number[], gap: number, requester = 0): Row[] {
  return lines.map((line, i) => ({ time: i * gap, address: line * 64, bytes: 64, op: 0, requester }));
}

async function machineFor(rows: readonly Row[]): Promise<{ machine: Machine; trace: FakeTrace }> {
  const requesters = [thread(1, { cpu: 0 }), thread(2, { cpu: 1, asid: 1 })];
  const trace = new FakeTrace("rows", rows, { requesters });
  const machine = await Machine.create(platform, { statistics: "full" });
  machine.addTasks(trace);
  machine.processor.setTaskLabel(2, { partidD: 1, partidI: 1, pmgD: 0, pmgI: 0 });
  return { machine, trace };
}

describe("latencies", () => {
  test("are those of the level that serves, while nothing is held", async () => {
    const { machine, trace } = await machineFor(rowsOf([0, 0, 0, 0, 1], 200));
    await machine.replay([trace], { timing: "closed" });
    const [one] = machine.latencies();
    expect(one).toMatchObject({ partid: 0, count: 5, meanNs: (2 * 100 + 3 * 20) / 5, maxNs: 100, heldNs: 0 });
    // Buckets are an eighth of a power of two wide.
    expect(one?.p50Ns).toBeGreaterThanOrEqual(20);
    expect(one?.p50Ns).toBeLessThan(20 * 1.125);
    expect(one?.p99Ns).toBe(100);
  });

  test("grow by the time that requests were held", async () => {
    const lines = Array.from({ length: 16 }, (_, i) => i);
    const { machine, trace } = await machineFor(rowsOf(lines, 0));
    await machine.replay([trace], { timing: "closed" });
    // Ten go at once, six wait for the edge at 1000 ns.
    expect(machine.latencies()).toMatchObject([{ count: 16, heldNs: 6000, maxNs: 1100, p99Ns: 1100 }]);
    expect(machine.latencies()[0]?.meanNs).toBe((16 * 100 + 6000) / 16);
  });
});

describe("lost lines", () => {
  test("are told by reason and by range of sets", async () => {
    // Set 0 has room for 0 and 4; 8 takes the place of 0, and thread 2's 12 that of 4.
    const rows = [...rowsOf([0, 4, 8], 1), { time: 10, address: 12 * 64, bytes: 64, op: 0, requester: 1 }];
    const { machine, trace } = await machineFor(rows);
    await machine.replay([trace]);
    const [slice] = machine.details();
    expect(slice?.lost).toEqual([
      { space: "ns", partid: 0, pmg: 0, disabled: 0, ownLimit: 0, ownPortion: 1, other: 1, inclusion: 0 },
    ]);
    expect(slice?.ranges.map((one) => [one.firstSet, one.sets, one.accesses, one.misses, one.evictions])).toEqual([
      [0, 1, 4, 4, 2],
      [1, 1, 0, 0, 0],
      [2, 1, 0, 0, 0],
      [3, 1, 0, 0, 0],
    ]);
  });

  test("to one's own limit are told apart", async () => {
    const { machine, trace } = await machineFor(rowsOf([0, 4], 1));
    machine.write32(0, offsetOf("MPAMCFG_PART_SEL"), 0);
    // One of eight lines: (31 + 1) / 256.
    machine.write32(0, offsetOf("MPAMCFG_CMAX"), 31 << 8);
    await machine.replay([trace]);
    expect(machine.details()[0]?.lost).toMatchObject([{ ownLimit: 1, ownPortion: 0, other: 0 }]);
  });
});

describe("bandwidth over time", () => {
  test("is measured beside what limits it, sample by sample", async () => {
    const lines = Array.from({ length: 400 }, (_, i) => i);
    const { machine, trace } = await machineFor(rowsOf(lines, 0));
    machine.write32(1, offsetOf("MPAMCFG_PART_SEL"), 0);
    // Half of the channel: (127 + 1) / 256.
    machine.write32(1, offsetOf("MPAMCFG_MBW_MAX"), (HARDLIM | (127 << 8)) >>> 0);
    const samples: BandwidthSample[] = [];
    await machine.replay([trace], {
      timing: "closed",
      until: 40_000,
      sampleNs: 10_000,
      onSample: (sample) => samples.push(sample),
    });
    expect(samples.map(({ time, ns }) => [time, ns])).toEqual([10, 20, 30, 40].map((us) => [us * 1000, 10_000]));
    for (const sample of samples) {
      const channel = sample.ports.find(({ port }) => port === "node 0");
      expect(channel?.bytesPerSecond).toBe(640e6);
      expect(channel?.labels).toMatchObject([{ partid: 0, limit: { bytesPerSecond: 320e6, hard: true } }]);
      expect(channel?.labels[0]?.bytesPerSecond).toBeCloseTo(320e6, -7);
      expect(channel?.labels[0]?.bytesHeld).toBeGreaterThan(0);
    }
  });
});
