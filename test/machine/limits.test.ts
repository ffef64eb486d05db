// Bandwidth limits of cpus in closed timing (docs/modelled.md, "The processor side"), worked by hand.

import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { tag } from "./machines.ts";
import { FakeTrace, thread } from "./traces.ts";

const ENABLED = 1n << 62n;
const HARD = 1n << 61n;
const SCALE = 1n << 63n;

/** A half and a quarter of the whole, with 8 bits: one step less, as fractions stand for one step more. */
const HALF = 0x7f00n;
const QUARTER = 0x3f00n;

/** 640 bytes a quantum of 1 us, ten lines, are the whole of a limit; the channel has ten times as many. */
const WHOLE = 640e6;

function platform(processor: object = {}, different: object = {}) {
  const memory = { bytes: "1 MiB", bytesPerSecond: 10 * WHOLE, latencyNs: 100 };
  return checkObject(
    {
      name: "limits",
      cpus: 4,
      processor: {
        ...{ partidMax: 7, pmgMax: 1, outstanding: 100, bandwidth: { bwaWd: 8, bytesPerSecond: WHOLE } },
        ...processor,
      },
      memory: [{ ...memory, msc: { base: 0x1_0000_0000, mbw: { bwaWd: 8 } } }],
      ...different,
    },
    "limits",
  );
}

interface Asker {
  readonly cpu: number;
  readonly el?: number;
  /** Lines it reads, `gap` ns apart; all at once without. */
  readonly lines: number;
  readonly gap?: number;
  /** Of each record. */
  readonly bytes?: number;
}

/** A trace with a thread for each, with the tids from 1 on. */
function traceOf(askers: readonly Asker[]): FakeTrace {
  const rows = askers.flatMap(({ lines, gap = 0, bytes = 64 }, requester) =>
    Array.from({ length: lines }, (_, i) => ({ time: i * gap, address: i * 64, bytes, op: 0, requester })),
  );
  const requesters = askers.map(({ cpu, el }, i) => thread(i + 1, { cpu, ...(el === undefined ? {} : { el }) }));
  return new FakeTrace(
    "askers",
    rows.sort((a, b) => a.time - b.time),
    { requesters },
  );
}

async function machineFor(trace: FakeTrace, ...keys: Parameters<typeof platform>): Promise<Machine> {
  const machine = await Machine.create(platform(...keys));
  machine.addTasks(trace);
  return machine;
}

/** When the quantum ended in which the last record was issued. */
async function timeOf(machine: Machine, trace: FakeTrace): Promise<number> {
  return (await machine.replay([trace], { timing: "closed" })).time;
}

function bytesOf(machine: Machine, partid: number): number {
  return machine.statistics().find((one) => one.partid === partid)?.bytesRead ?? 0;
}

function stalledOf(machine: Machine): Record<number, number> {
  return Object.fromEntries(machine.stalls().map(({ tid, stalledNs }) => [tid, stalledNs]));
}

describe("a hard limit", () => {
  test("lets through its share of a quantum, and the rest waits for the next", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 200 },
      { cpu: 1, lines: 200 },
    ]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    await machine.replay([trace], { timing: "closed", until: 10_000 });
    // Five lines of 64 bytes a quantum; the other has its 200 in the first two.
    expect(stalledOf(machine)).toEqual({ 1: 10_000 });
    expect(bytesOf(machine, 0)).toBe((200 + 50) * 64);
    expect((await machine.resume([trace])).time).toBe(40_000);
    // In the last quantum nothing is left.
    expect(stalledOf(machine)).toEqual({ 1: 39_000 });
    expect(machine.latencies()).toMatchObject([{ partid: 0, count: 400, stalledNs: 39_000 }]);
  });

  test("stalls from when the record would have been issued", async () => {
    // Eight records in a quantum, 125 ns apart: the sixth would be issued at 625 ns.
    const trace = traceOf([{ cpu: 0, lines: 6, gap: 125 }]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(machine, trace)).toBe(2000);
    expect(stalledOf(machine)).toEqual({ 1: 375 });
  });

  test("is one for all requesters of its cpu and exception level, and none for others", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 20 },
      { cpu: 0, lines: 30 },
      { cpu: 0, el: 1, lines: 40 },
      { cpu: 1, lines: 40 },
    ]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    await machine.replay([trace], { timing: "closed", until: 1000 });
    // In the order in which they appear: the first has the whole share.
    expect(bytesOf(machine, 0)).toBe((5 + 40 + 40) * 64);
    expect(stalledOf(machine)).toEqual({ 1: 1000, 2: 1000 });
    expect((await machine.resume([trace])).time).toBe(10_000);
  });

  test("of another exception level is another register's", async () => {
    const trace = traceOf([
      { cpu: 0, el: 0, lines: 50 },
      { cpu: 0, el: 1, lines: 50 },
      { cpu: 0, el: 2, lines: 50 },
    ]);
    for (const [name, tid] of [
      ["MPAMBW0_EL1", 1],
      ["MPAMBW1_EL1", 2],
      ["MPAMBW2_EL2", 3],
    ] as const) {
      const machine = await machineFor(trace);
      machine.cpu(0).registers.poke(name, ENABLED | HARD | HALF);
      expect(await timeOf(machine, trace)).toBe(10_000);
      expect(stalledOf(machine)).toEqual({ [tid]: 9000 });
    }
  });

  test("of less than a request takes many quanta for one, and what it lacks is not lost", async () => {
    const trace = traceOf([{ cpu: 0, lines: 4 }]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD);
    // MAX = 0 is a step: 2.5 bytes a quantum, 2 and 3 in turn. After 64, 128 and 192 bytes the use has come below what a
    // quantum brings in quantum 25 (64 - 62 < 3), 51 (128 - 127 < 3) and 77 (192 - 192 < 3).
    expect(await timeOf(machine, trace)).toBe(78_000);
  });

  test("counts the bytes of records that enter memory, and lines behind a private cache, once for each part", async () => {
    // 20 records of 8 bytes, on lines of their own: 40 a quantum at memory.
    const small = traceOf([{ cpu: 0, lines: 100, bytes: 8 }]);
    const direct = await machineFor(small);
    direct.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(direct, small)).toBe(3000);
    const caches = [
      { level: 2, per: "cpu", bytes: "1 KiB", ways: 2 },
      { level: 3, bytes: "64 KiB", ways: 4 },
    ];
    const behind = await machineFor(small, {}, { caches });
    behind.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(behind, small)).toBe(20_000);
    // What stays in the private cache is not regulated: 16 lines that fit, again and again.
    const again = new FakeTrace(
      "again",
      Array.from({ length: 160 }, (_, i) => ({ time: 0, address: (i % 16) * 64, bytes: 8, op: 0, requester: 0 })),
      { requesters: [thread(1, { cpu: 0 })] },
    );
    const inside = await machineFor(again, {}, { caches });
    inside.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(inside, again)).toBe(4000);
  });

  test("counts a write-back for nobody", async () => {
    const caches = [
      { level: 2, per: "cpu", bytes: "1 KiB", ways: 2 },
      { level: 3, bytes: "64 KiB", ways: 4 },
    ];
    const writes = new FakeTrace(
      "writes",
      Array.from({ length: 100 }, (_, i) => ({ time: 0, address: i * 64, bytes: 8, op: 1, requester: 0 })),
      { requesters: [thread(1, { cpu: 0 })] },
    );
    const machine = await machineFor(writes, {}, { caches });
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(machine, writes)).toBe(20_000);
  });

  test("holds for a requester whose label is fixed, too", async () => {
    const trace = traceOf([{ cpu: 0, lines: 50 }]);
    const machine = await machineFor(trace);
    machine.processor.setRequesterLabel(0, { space: "ns", partid: 3, pmg: 0 });
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    expect(await timeOf(machine, trace)).toBe(10_000);
    expect(machine.latencies()).toMatchObject([{ partid: 3, stalledNs: 9000 }]);
  });

  test("changes at an edge, and begins with nothing used then", async () => {
    const trace = traceOf([{ cpu: 0, lines: 200 }]);
    const machine = await machineFor(trace);
    const { registers } = machine.cpu(0);
    registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    await machine.replay([trace], { timing: "closed", until: 4000 });
    expect(bytesOf(machine, 0)).toBe(20 * 64);
    registers.poke("MPAMBW0_EL1", ENABLED | HARD | QUARTER);
    // What is changed at a border waits for the next one.
    await machine.resume([trace], { until: 5000 });
    expect(bytesOf(machine, 0)).toBe(25 * 64);
    await machine.resume([trace], { until: 6000 });
    // 160 bytes: the third request goes while there is some of them left, and 32 of its bytes are the next quantum's.
    expect(bytesOf(machine, 0)).toBe(28 * 64);
    await machine.resume([trace], { until: 9000 });
    expect(bytesOf(machine, 0)).toBe((25 + 10) * 64);
    registers.poke("MPAMBW0_EL1", HARD | QUARTER);
    // Three more, then a hundred, and the last 62.
    expect((await machine.resume([trace])).time).toBe(12_000);
  });

  test("delays nobody in open timing", async () => {
    const trace = traceOf([{ cpu: 0, lines: 200 }]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HARD);
    expect((await machine.replay([trace])).time).toBe(0);
    expect(machine.stalls()).toEqual([]);
  });
});

describe("a soft limit", () => {
  /** The channel has ten lines a quantum, as much as the whole of a limit. */
  const narrow = (mbw: object = { bwaWd: 8 }) => ({
    memory: [{ bytes: "1 MiB", bytesPerSecond: WHOLE, latencyNs: 100, msc: { base: 0x1_0000_0000, mbw } }],
  });

  test("does not act while there is room downstream", async () => {
    const trace = traceOf([{ cpu: 0, lines: 500 }]);
    const end = async (outstanding: number) => {
      const machine = await machineFor(trace, { outstanding });
      machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HALF);
      return timeOf(machine, trace);
    };
    // 99 a quantum, of a hundred that the channel has; or a hundred and, as it was full then, five, in turn.
    expect(await end(99)).toBe(6000);
    expect(await end(100)).toBe(9000);
  });

  test("forgets what has gone beyond it while it did not act", async () => {
    const trace = traceOf([{ cpu: 0, lines: 500 }]);
    const machine = await machineFor(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | HALF);
    await machine.replay([trace], { timing: "closed", until: 2000 });
    expect(bytesOf(machine, 0)).toBe(105 * 64);
  });

  test("acts while the channel is full, and leaves the rest to others", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 5000 },
      { cpu: 1, lines: 5000 },
    ]);
    const machine = await machineFor(trace, {}, narrow());
    machine.processor.setTaskLabel(2, tag(1));
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | QUARTER);
    // What the first has sent in the quantum before the channel was full has gone by then.
    await machine.replay([trace], { timing: "closed", until: 100_000 });
    const before = [bytesOf(machine, 0), bytesOf(machine, 1)] as const;
    await machine.resume([trace], { until: 200_000 });
    expect(bytesOf(machine, 0) - before[0]).toBe(100 * 160);
    expect(bytesOf(machine, 1) - before[1]).toBe(100 * 480);
  });

  test("does not act where only somebody's own limit holds requests", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 900, gap: 250 },
      { cpu: 1, lines: 5000 },
    ]);
    const machine = await machineFor(trace, {}, narrow());
    machine.processor.setTaskLabel(2, tag(1));
    machine.write32(0, offsetOf("MPAMCFG_PART_SEL"), 1);
    // An eighth of the channel, hard: its requests wait, and the channel has room.
    machine.write32(0, offsetOf("MPAMCFG_MBW_MAX"), 0x8000_1f00);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", ENABLED | QUARTER);
    await machine.replay([trace], { timing: "closed", until: 200_000 });
    // Four a quantum, where two and a half are allowed.
    expect(bytesOf(machine, 0)).toBe(800 * 64);
    expect(machine.stalls()).toEqual([]);
  });

  test("looks at the ports of its own caches, and not at those of others", async () => {
    const slow = { base: 0x2_0000_0000, mbw: { bwaWd: 8 } };
    const caches = [
      { level: 2, cpus: [0, 1], bytes: "1 KiB", ways: 2, bytesPerSecond: WHOLE, msc: slow },
      { level: 2, cpus: [2, 3], bytes: "1 KiB", ways: 2, bytesPerSecond: WHOLE, msc: { ...slow, base: 0x3_0000_0000 } },
    ];
    const trace = traceOf([
      { cpu: 0, lines: 5000 },
      { cpu: 1, lines: 900, gap: 250 },
      { cpu: 2, lines: 900, gap: 250 },
    ]);
    const machine = await machineFor(trace, {}, { caches });
    for (const cpu of [1, 2]) machine.cpu(cpu).registers.poke("MPAMBW0_EL1", ENABLED | QUARTER);
    await machine.replay([trace], { timing: "closed", until: 200_000 });
    expect(machine.stalls().map(({ tid }) => tid)).toEqual([2]);
  });
});

describe("the lower of two", () => {
  test("CAP limits EL1 and EL0, not EL0 of a host at EL2, and nothing where there is no limit", async () => {
    const trace = traceOf([
      { cpu: 0, el: 0, lines: 50 },
      { cpu: 0, el: 1, lines: 50 },
    ]);
    const stalled = async (vhe: boolean, limit: bigint) => {
      const machine = await machineFor(trace, { vhe });
      const { registers } = machine.cpu(0);
      registers.poke("MPAMBW0_EL1", limit);
      registers.poke("MPAMBW1_EL1", limit);
      registers.poke("MPAMBWCAP_EL2", ENABLED | QUARTER);
      await machine.replay([trace], { timing: "closed", until: 1000 });
      return bytesOf(machine, 0) / 64;
    };
    // Three requests begin in 160 bytes, five are 320.
    expect(await stalled(false, ENABLED | HARD | HALF)).toBe(3 + 3);
    expect(await stalled(true, ENABLED | HARD | HALF)).toBe(5 + 3);
    expect(await stalled(false, HARD | HALF)).toBe(50 + 50);
  });
});

describe("hardware scaling", () => {
  const bandwidth = { bwaWd: 8, hwScale: true, bytesPerSecond: WHOLE };
  const ONE = 0x1_0000n;

  test("divides a limit by the cpus of this replay that send the same PARTID", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 50 },
      { cpu: 1, lines: 50 },
      { cpu: 2, lines: 50 },
      { cpu: 2, lines: 50 },
    ]);
    const machine = await machineFor(trace, { bandwidth });
    machine.processor.setTaskLabel(3, tag(5));
    machine.processor.setTaskLabel(4, tag(5));
    for (const cpu of [0, 2]) machine.cpu(cpu).registers.poke("MPAMBW0_EL1", SCALE | ENABLED | HARD | ONE);
    await machine.replay([trace], { timing: "closed", until: 1000 });
    // The first two share ten lines; nobody else sends PARTID 5, whose two threads share one cpu.
    expect(bytesOf(machine, 0)).toBe((5 + 50) * 64);
    expect(bytesOf(machine, 5)).toBe(10 * 64);
    machine.processor.setTaskLabel(2, tag(5));
    await machine.resume([trace], { until: 2000 });
    expect([bytesOf(machine, 0), bytesOf(machine, 5)]).toEqual([(10 + 50) * 64, 20 * 64]);
    // From the next border on the second, which has nothing left to send, counts with the others.
    await machine.resume([trace], { until: 3000 });
    expect([bytesOf(machine, 0), bytesOf(machine, 5)]).toEqual([(20 + 50) * 64, 25 * 64]);
  });

  test("is more than the whole where MAX says so, and of each PARTID by itself", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 50 },
      { cpu: 0, lines: 50 },
    ]);
    const machine = await machineFor(trace, { bandwidth });
    machine.processor.setTaskLabel(2, tag(1));
    machine.cpu(0).registers.poke("MPAMBW0_EL1", SCALE | ENABLED | HARD | 0x2_8000n);
    await machine.replay([trace], { timing: "closed", until: 1000 });
    // Two and a half times ten lines, for each.
    expect([bytesOf(machine, 0), bytesOf(machine, 1)]).toEqual([25 * 64, 25 * 64]);
  });

  test("a number as it stands, and a step where it is less", async () => {
    const trace = traceOf([{ cpu: 0, lines: 3 }]);
    const end = async (max: bigint) => {
      const machine = await machineFor(trace, { bandwidth });
      machine.cpu(0).registers.poke("MPAMBW0_EL1", SCALE | ENABLED | HARD | max);
      return timeOf(machine, trace);
    };
    // 1/256 both: 64 bytes in 25 quanta, 128 in 51, as above.
    expect(await end(0x100n)).toBe(52_000);
    expect(await end(0n)).toBe(52_000);
    // 2/256 are 5 bytes a quantum: use 64 - 60 < 5 in quantum 12, 128 - 125 < 5 in quantum 25.
    expect(await end(0x200n)).toBe(26_000);
  });
});

describe("the whole", () => {
  test("is that of all channels unless the platform says otherwise; each cpu may have its own", async () => {
    const trace = traceOf([
      { cpu: 0, lines: 90 },
      { cpu: 1, lines: 90 },
    ]);
    const unlike = [{ cpus: [1], bandwidth: { bwaWd: 8, bytesPerSecond: 2 * WHOLE } }];
    const machine = await machineFor(trace, { bandwidth: { bwaWd: 8 }, unlike });
    machine.processor.setTaskLabel(2, tag(1));
    for (const cpu of [0, 1]) machine.cpu(cpu).registers.poke("MPAMBW0_EL1", ENABLED | HARD | HALF);
    await machine.replay([trace], { timing: "closed", until: 1000 });
    // The channel has a hundred lines a quantum.
    expect([bytesOf(machine, 0), bytesOf(machine, 1)]).toEqual([50 * 64, 10 * 64]);
  });
});
