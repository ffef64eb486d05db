// The kernel on cpus that label traffic: which requests carry what, as tasks run, registers are written and cpus come and go.

import { describe, expect, test } from "vitest";
import { type KernelMode, Machine } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { tag } from "../machine/machines.ts";
import { FakeTrace, type Row, thread } from "../machine/traces.ts";

const QUANTUM = 100;
const MPAMEN = 1n << 63n;

function platformOf(processor: object = {}, cpus = 2): Platform {
  return checkObject({
    ...{ name: "labels", cpus, quantumNs: QUANTUM, processor: { partidMax: 63, pmgMax: 3, ...processor } },
    memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
  });
}

function machineOf(processor: object = {}, cpus?: number): Promise<Machine> {
  return Machine.create(platformOf(processor, cpus));
}

/** A read each ns, by the requesters in turn. */
function inTurn(count: number, requesters: number): Row[] {
  return Array.from({ length: count }, (_, time) => ({
    ...{ time, address: (time % 7) * 64, bytes: 64, op: 0, requester: time % requesters },
  }));
}

/** Reads of one requester after the other, `each` ns long. */
function oneByOne(order: readonly number[], each: number): Row[] {
  return Array.from({ length: order.length * each }, (_, time) => ({
    ...{ time, address: 0, bytes: 64, op: 0, requester: order[Math.floor(time / each)]! },
  }));
}

/** Reads per PARTID; all are Non-secure. */
function accesses(machine: Machine): Record<string, number> {
  return Object.fromEntries(Object.entries(bySpace(machine)).map(([key, n]) => [key.replace("ns:", ""), n]));
}

function bySpace(machine: Machine): Record<string, number> {
  const counted = machine.statistics().filter((one) => one.bytesRead > 0);
  return Object.fromEntries(counted.map((one) => [`${one.space}:${one.partid}`, one.bytesRead / 64]));
}

const label = (partid: number) => BigInt(partid) * 0x1_0001n;

describe("records of EL0 and EL1 of one trace", () => {
  const requesters = [thread(1), thread(1, { el: 1 }), thread(2), thread(2, { el: 1 })].map((one) => ({
    ...one,
    cpu: 0,
  }));
  const file = () => new FakeTrace("t", inTurn(400, 4), { requesters });

  test.each([
    [{ policy: "inherit" }, { 5: 200, 6: 200 }],
    [{ policy: "default" }, { 5: 100, 6: 100, 0: 200 }],
    [
      { policy: "global", label: tag(9) },
      { 5: 100, 6: 100, 9: 200 },
    ],
    [
      { policy: "global", label: tag(9), cpus: [1] },
      { 5: 200, 6: 200 },
    ],
    [
      { policy: "per-group", pairs: [{ user: tag(5), kernel: tag(7) }] },
      { 5: 100, 6: 100, 7: 100, 0: 100 },
    ],
  ] satisfies [KernelMode, object][])("go by the policy %j", async (mode, expected) => {
    const machine = await machineOf();
    machine.addTasks(file());
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    machine.processor.kernel.mode = mode;
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual(expected);
  });

  test("go by another policy from the next edge on", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    for (const tid of [1, 2]) machine.processor.setTaskLabel(tid, tag(5));
    machine.clock.at(150, "test", () => {
      machine.processor.kernel.mode = { policy: "default" };
    });
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 5: 300, 0: 100 });
  });

  test("go by a policy that a snapshot has kept", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    for (const tid of [1, 2]) machine.processor.setTaskLabel(tid, tag(5));
    machine.processor.kernel.mode = { policy: "per-group", pairs: [{ user: tag(5), kernel: tag(7) }] };
    await machine.replay([file()], { until: 200 });
    const again = await Machine.restore(machine.snapshot());
    again.processor.setTaskLabel(1, tag(6));
    await again.resume([file()]);
    // The change comes at 200, as an edge is passed, and acts from the one at 300 on.
    expect(accesses(again)).toEqual({ 5: 150 + 25, 7: 150 + 25, 6: 25, 0: 25 });
  });

  test("of EL2 and EL3 carry what is in the registers of those, which no switch writes", async () => {
    const machine = await machineOf();
    const all = [0, 1, 2, 3].map((el) => thread(1, { cpu: 0, el }));
    const trace = new FakeTrace("t", inTurn(400, 4), { requesters: all });
    machine.addTasks(trace);
    machine.processor.setTaskLabel(1, tag(5));
    await machine.replay([trace]);
    // EL3 is Secure.
    expect(bySpace(machine)).toEqual({ "ns:5": 200, "ns:0": 100, "s:0": 100 });
    const { registers } = machine.cpu(0);
    registers.poke("MPAM2_EL2", label(2));
    registers.poke("MPAM3_EL3", MPAMEN | label(3));
    await machine.replay([trace]);
    expect(bySpace(machine)).toEqual({ "ns:5": 400, "ns:0": 100, "s:0": 100, "ns:2": 100, "s:3": 100 });
  });

  test("without a recorded level are of EL0", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(5));
    machine.processor.kernel.mode = { policy: "global", label: tag(9) };
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 5: 200, 9: 200 });
  });
});

test("a host at EL2 labels its own requests by MPAM2_EL2, and those of its programs by MPAM0_EL1", async () => {
  const machine = await machineOf({ vhe: true });
  const requesters = [0, 1, 2].map((el) => thread(1, { cpu: 0, el }));
  const trace = new FakeTrace("t", inTurn(300, 3), { requesters });
  machine.addTasks(trace);
  machine.processor.setTaskLabel(1, tag(5));
  machine.processor.kernel.mode = { policy: "global", label: tag(9) };
  await machine.replay([trace]);
  // EL1 is a guest's there, and nobody has written MPAM1_EL1.
  expect(accesses(machine)).toEqual({ 5: 100, 0: 100, 9: 100 });
  expect(machine.cpu(0).registers.peek("MPAM2_EL2")).toBe(MPAMEN | label(9));
  expect(machine.cpu(0).registers.peek("MPAM1_EL1")).toBe(MPAMEN);
});

describe("the task of a cpu", () => {
  const requesters = [1, 2].map((tid) => thread(tid, { cpu: 0 }));

  test("is that of its last record when somebody looks at registers", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", oneByOne([0, 1, 0, 1], 50), { requesters });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    const seen: bigint[] = [];
    const look = () => seen.push(machine.cpu(0).registers.peek("MPAM0_EL1"));
    await machine.replay([file], { until: 50 });
    look();
    await machine.resume([file], { until: 100 });
    look();
    await machine.resume([file]);
    look();
    expect(seen).toEqual([label(5), label(6), label(6)]);
    expect(accesses(machine)).toEqual({ 5: 100, 6: 100 });
    const { switches, writes } = machine.processor.kernel.counts(0);
    expect([switches, writes.MPAM0_EL1]).toEqual([1, 1 + 2]);
  });

  test("holds what was written by hand until another one is seen there, at the next edge", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", oneByOne([0, 0, 0, 0, 1, 0, 0, 0], 50), { requesters });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    machine.clock.at(40, "test", () => machine.cpu(0).registers.poke("MPAM0_EL1", label(9)));
    await machine.replay([file]);
    // Written at 40, in force from 100 on; task 2 runs from 200 to 249 and was the last at none of the edges.
    expect(accesses(machine)).toEqual({ 5: 100, 9: 100 + 150, 6: 50 });
    expect(machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(label(9));
  });

  test("does not, once it was seen", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", oneByOne([0, 0, 1, 1, 0, 0], 50), { requesters });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    machine.cpu(0).registers.poke("MPAM0_EL1", label(9));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 9: 100, 6: 100, 5: 100 });
    expect(machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(label(5));
  });

  test("goes on being the only one to have it in a machine that was restored", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", oneByOne([0, 0, 1, 1, 0, 0], 50), { requesters });
    machine.addTasks(file);
    machine.cpu(0).registers.poke("MPAM0_EL1", label(9));
    await machine.replay([file], { until: 150 });
    const again = await Machine.restore(machine.snapshot());
    await again.resume([file]);
    expect(accesses(again)).toEqual({ 9: 100, 0: 200 });
  });

  test("has it from the first record on, also where its trace came after", async () => {
    const machine = await machineOf();
    machine.cpu(0).registers.write("MPAM0_EL1", label(9), { el: 1 });
    await machine.replay([new FakeTrace("t", oneByOne([0, 1], 100), { requesters })]);
    expect(accesses(machine)).toEqual({ 9: 100, 0: 100 });
  });

  test("shares what no switch writes with all others: virtual PARTIDs", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", inTurn(200, 2), { requesters });
    machine.addTasks(file);
    const { registers } = machine.cpu(0);
    registers.poke("MPAMVPM0_EL2", 0x0000_0000_0020_0010n);
    registers.poke("MPAMVPMV_EL2", 3n);
    registers.write("MPAMHCR_EL2", 1n, { el: 2 });
    machine.processor.setTaskLabel(2, tag(1));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 16: 100, 32: 100 });
  });
});

describe("a cpu", () => {
  const requesters = [thread(1, { cpu: 0 }), thread(2, { cpu: 1 })];
  const file = () => new FakeTrace("t", inTurn(200, 2), { requesters });

  test("that was off comes back with the label of its task", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    machine.processor.setTaskLabel(2, tag(6));
    await machine.replay([file()]);
    machine.cpu(1).registers.poke("MPAM2_EL2", label(3));
    await machine.cpu(1).offline();
    await machine.cpu(1).online();
    expect(machine.cpu(1).registers.peek("MPAM0_EL1")).toBe(label(6));
    expect(machine.cpu(1).registers.peek("MPAM2_EL2") & 0xffff_ffffn).toBe(0n);
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 0: 200, 6: 200 });
  });

  test("that sleeps loses what was written by hand", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    machine.cpu(0).registers.poke("MPAM0_EL1", label(9));
    await machine.replay([file()]);
    machine.processor.kernel.idle(0);
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 9: 100, 0: 300 });
  });

  test("that somebody has reset sends what its registers say, whatever runs there, until it comes again", async () => {
    const machine = await machineOf();
    machine.addTasks(file());
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    const { registers } = machine.cpu(0);
    registers.boot();
    registers.poke("MPAM0_EL1", label(9));
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 9: 100, 6: 100 });
    await machine.cpu(0).offline();
    await machine.cpu(0).online();
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 9: 100, 6: 200, 5: 100 });
  });

  test("for which firmware has not enabled MPAM sends PARTID 0", async () => {
    const machine = await machineOf({ unlike: [{ cpus: [1], firmware: { enables: false } }] });
    machine.addTasks(file());
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setTaskLabel(2, tag(6));
    await machine.replay([file()]);
    expect(accesses(machine)).toEqual({ 5: 100, 0: 100 });
  });

  test("whose firmware traps is the kernel's end, said at the first edge", async () => {
    const machine = await machineOf({ firmware: { traps: true } });
    await expect(machine.replay([file()])).rejects.toThrow(/EIO: the kernel dies on cpu 0 .*arm64.nompam/);
  });

  test("that traps later is too", async () => {
    const machine = await machineOf();
    const two = new FakeTrace("two", inTurn(200, 2), { requesters: [1, 2].map((tid) => thread(tid, { cpu: 0 })) });
    machine.addTasks(two);
    machine.processor.setTaskLabel(2, tag(6));
    machine.cpu(0).registers.poke("MPAM3_EL3", MPAMEN | (1n << 62n));
    await expect(machine.replay([two])).rejects.toThrow(/cpu 0 as it writes MPAM1_EL1: it traps to EL3/);
    expect(machine.cpu(0).registers.peek("MPAM1_EL1")).toBe(MPAMEN);
  });
});

describe("limits are those of the cpus", () => {
  test("of all for a task, and of its own for a requester with a label of its own", async () => {
    const machine = await machineOf({ unlike: [{ cpus: [1], partidMax: 15, pmgMax: 1 }] });
    const { processor } = machine;
    expect([processor.partidMax, processor.pmgMax]).toEqual([15, 1]);
    machine.addTasks(new FakeTrace("t", [], { requesters: [thread(1, { cpu: 0 }), thread(2, { cpu: 1 })] }));
    expect(() => processor.setTaskLabel(1, tag(16))).toThrow("0..15");
    processor.setRequesterLabel(0, { space: "ns", partid: 63, pmg: 3 });
    expect(() => processor.setRequesterLabel(1, { space: "ns", partid: 16, pmg: 0 })).toThrow("PARTID 0..15");
  });

  test("one without MPAM leaves PARTID 0 to all", async () => {
    const machine = await machineOf({ unlike: [{ cpus: [1], version: "none" }] });
    expect([machine.processor.partidMax, machine.processor.pmgMax]).toEqual([0, 0]);
    await machine.replay([new FakeTrace("t", inTurn(10, 1))]);
    expect(machine.processor.kernel.features?.without).toMatch(/cpu 1 has no MPAM/);
  });
});

describe("threads that come and go", () => {
  test("one that was forked before its trace came begins with its parent's label", async () => {
    const machine = await machineOf();
    const parent = new FakeTrace("parent", [], { requesters: [thread(1)] });
    machine.addTasks(parent);
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.kernel.fork(1, 40);
    machine.processor.kernel.fork(1, 41, { resetOnFork: true });
    const child = new FakeTrace("child", inTurn(200, 2), { requesters: [thread(40), thread(41)] });
    expect(machine.addTasks(child).map(({ tid }) => tid)).toEqual([40, 41]);
    await machine.replay([child]);
    expect(accesses(machine)).toEqual({ 5: 100, 0: 100 });
  });

  test("one that has ended and goes on in its trace counts as one of the default group", async () => {
    const machine = await machineOf();
    const file = new FakeTrace("t", inTurn(300, 2), { requesters: [thread(1, { cpu: 0 }), thread(2, { cpu: 0 })] });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(5));
    machine.processor.setCpuDefault(0, tag(3));
    machine.clock.at(50, "test", () => machine.processor.kernel.exit(1));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 5: 50, 3: 50 + 200 });
    expect(machine.processor.tasks.map(({ tid }) => tid)).toEqual([2]);
  });
});
