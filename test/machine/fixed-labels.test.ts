// Labels of requesters, which hold whatever the group of their task is.
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { powerOn, tag } from "./machines.ts";
import { FakeTrace, thread, walk } from "./traces.ts";

const QUANTUM = 100;

/** Thread 1 on cpus 0 and 1, in turns: two requesters of one task. */
function twoCpus(labels: readonly object[] = [{}, {}]): FakeTrace {
  const rows = walk([1, 2], 400).map((row, i) => ({ ...row, requester: i % 2 }));
  return new FakeTrace("t", rows, { requesters: labels.map((label, cpu) => thread(1, { cpu, ...label })) });
}

function accesses(machine: Machine): Record<string, number> {
  const all = machine.statistics().filter((one) => one.accesses > 0);
  return Object.fromEntries(all.map(({ space, partid, pmg, accesses: n }) => [`${space}:${partid}:${pmg}`, n]));
}

test("a thread that was recorded on several cpus takes the default label of the one it runs on", async () => {
  const machine = await powerOn({ quantumNs: QUANTUM });
  const file = twoCpus();
  machine.addTasks(file);
  machine.processor.setCpuDefault(1, tag(4));
  machine.clock.at(150, "test", () => machine.processor.setCpuDefault(0, tag(5)));
  await machine.replay([file], { until: 250 });
  const again = await Machine.restore(machine.snapshot());
  again.processor.setCpuDefault(1, tag(6));
  await again.resume([file]);
  expect(accesses(again)).toEqual({ "ns:0:0": 100, "ns:4:0": 100 + 50, "ns:5:0": 100, "ns:6:0": 50 });
});

describe("a label fixed for one requester", () => {
  test("holds from the next edge on, in its space, and leaves the thread's other requesters alone", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = twoCpus();
    machine.addTasks(file);
    expect(machine.processor.requestersOf(1)).toEqual([0, 1]);
    machine.processor.setTaskLabel(1, tag(1));
    machine.clock.at(150, "test", () => machine.processor.setRequesterLabel(1, { space: "rl", partid: 3, pmg: 2 }));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ "ns:1:0": 100 + 200, "rl:3:2": 100 });
  });

  test("beats the task's, until it is given back", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = twoCpus();
    machine.addTasks(file);
    machine.processor.setRequesterLabel(0, { space: "s", partid: 5, pmg: 1 });
    machine.processor.setRequesterLabel(1, { space: "ns", partid: 5, pmg: 1 });
    machine.processor.setTaskLabel(1, tag(1));
    machine.clock.at(150, "test", () => machine.processor.setTaskLabel(1, tag(2)));
    machine.clock.at(250, "test", () => machine.processor.setRequesterLabel(0, undefined));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ "s:5:1": 150, "ns:5:1": 200, "ns:2:0": 50 });
    expect([...machine.processor.fixedLabels.keys()]).toEqual([1]);
  });

  test("that a trace recorded is there from the start", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = twoCpus([{ label: { space: "rt", partid: 7, pmg: 3 } }, {}]);
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(1));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ "rt:7:3": 200, "ns:1:0": 200 });
  });

  test("comes back with a snapshot", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = twoCpus();
    machine.addTasks(file);
    machine.processor.setRequesterLabel(1, { space: "rl", partid: 3, pmg: 2 });
    await machine.replay([file], { until: 200 });
    const again = await Machine.restore(machine.snapshot());
    // Marks all for the next edge.
    again.processor.setTaskLabel(1, tag(2));
    await again.resume([file]);
    expect(accesses(again)).toEqual({ "ns:0:0": 100 + 50, "rl:3:2": 200, "ns:2:0": 50 });
  });

  test("that no cpu can send, or of nobody, is refused", async () => {
    const machine = await powerOn({ partidMax: 15, pmgMax: 3 });
    const file = twoCpus();
    machine.addTasks(file);
    const { processor } = machine;
    for (const label of [
      { space: "ns", partid: 16, pmg: 0 },
      { space: "s", partid: 0, pmg: 4 },
    ] as const) {
      expect(() => processor.setRequesterLabel(0, label)).toThrow(/PARTID 0..15 and PMG 0..3/);
      const bad = new FakeTrace("bad", walk([1], 2), { requesters: [thread(9, { label })] });
      expect(() => machine.addTasks(bad)).toThrow(/bad: PARTID/);
    }
    expect(() => processor.setRequesterLabel(2, undefined)).toThrow(expect.objectContaining({ code: "ESRCH" }));
  });
});
