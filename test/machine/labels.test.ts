// Who asks: labels of tasks and cpus change at the next edge, and not a record before or after (design sections 6 and 7).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Machine, TaskLabel } from "../../src/machine/index.ts";
import { CPBM, countsOf, DATA, expectSame, FETCH, label, PART_SEL, plainOf, run, watch } from "./compare.ts";
import { powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, naive, runs, thread, walk } from "./traces.ts";

const QUANTUM = 100;

/** Accesses per PARTID. */
function accesses(machine: Machine): Record<number, number> {
  return Object.fromEntries(countsOf(machine).map((one) => [one.partid, one.accesses]));
}

describe("a label set in the middle of a replay", () => {
  test.each([
    // A record each ns from 0 on: those before the edge are the old label's.
    { at: 0, edge: 100 },
    { at: 1, edge: 100 },
    { at: 99, edge: 100 },
    { at: 99.5, edge: 100 },
    { at: 100, edge: 200 },
    { at: 250, edge: 300 },
  ])("at $at ns holds from the edge at $edge ns on", async ({ at, edge }) => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", walk([1, 2, 3], 1000), { batches: [1000] });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(1));
    machine.clock.at(at, "test", () => machine.processor.setTaskLabel(1, tag(2)));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 1: edge, 2: 1000 - edge });
  });

  test("is last in its quantum, and that counts: one that is taken back before the edge never was", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", walk([1], 500));
    machine.addTasks(file);
    for (const [at, partid] of [
      [110, 1],
      [150, 2],
      [310, 3],
      [399, 2],
    ] as const) {
      machine.clock.at(at, "test", () => machine.processor.setTaskLabel(1, tag(partid)));
    }
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 0: 200, 2: 300 });
  });

  test("by a timer that is due at an edge waits for the next, after what the edge has brought", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", walk([1], 500));
    machine.addTasks(file);
    machine.clock.at(50, "test", () => machine.processor.setTaskLabel(1, tag(1)));
    machine.clock.at(100, "test", () => machine.processor.setTaskLabel(1, tag(2)));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 0: 100, 1: 100, 2: 300 });
  });

  test("by an operation that slept on the clock counts from when it woke", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", walk([1], 500));
    machine.addTasks(file);
    machine.clock.at(20, "test", async () => {
      await machine.clock.sleep(200);
      for (let i = 0; i < 30; i++) await Promise.resolve();
      machine.processor.setTaskLabel(1, tag(1));
    });
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 0: 300, 1: 200 });
  });

  test("before the first record holds from the first record on", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", walk([1], 10));
    machine.addTasks(file);
    await machine.clock.advance(30);
    machine.processor.setTaskLabel(1, tag(5));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 5: 10 });
  });

  test("changes who allocates from then on, and nothing about lines that are there", async () => {
    const machine = await powerOn({ quantumNs: QUANTUM });
    const file = new FakeTrace("t", [
      ...walk([1, 2, 3], 100),
      ...walk([1, 2, 3, 4], 100).map((r) => ({ ...r, time: r.time + 100 })),
    ]);
    machine.addTasks(file);
    machine.clock.at(50, "test", () => machine.processor.setTaskLabel(1, tag(2)));
    await machine.replay([file]);
    const held = machine.statistics().filter((one) => one.bytesHeld > 0);
    expect(held.map(({ partid, bytesHeld }) => [partid, bytesHeld / 64])).toEqual([
      [0, 3],
      [2, 1],
    ]);
  });
});

test("any changes at any times: every record is counted, allocated and limited under the label of its quantum", async () => {
  const change = fc.record({
    at: fc.oneof(
      fc.nat({ max: 900 }),
      fc.nat({ max: 9 }).map((n) => n * 100),
    ),
    task: fc.nat({ max: 2 }),
    partidD: fc.nat({ max: 3 }),
    partidI: fc.nat({ max: 3 }),
    pmgD: fc.nat({ max: 3 }),
    pmgI: fc.nat({ max: 3 }),
    /** Portions written at the same time, for PARTID 1..3. */
    portions: fc.option(fc.record({ partid: fc.integer({ min: 1, max: 3 }), bits: fc.nat({ max: 0xffff }) })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 8 }),
      fc.nat({ max: 2 ** 20 }),
      fc.constantFrom(0, 37, 100),
      async (drawn, seed, start) => {
        const machine = await powerOn({ quantumNs: QUANTUM });
        const plain = plainOf(machine);
        watch(machine, plain);
        const requesters = [thread(1), thread(2), thread(3)];
        const file = new FakeTrace("t", mixed(seed, 600, 3, 200, 3), { requesters });
        machine.addTasks(file);
        await machine.clock.advance(start);
        const changes = drawn.toSorted((a, b) => a.at - b.at);
        for (const { at, task, portions, ...to } of changes) {
          machine.clock.at(start + at, "test", () => {
            machine.processor.setTaskLabel(task + 1, to);
            if (!portions) return;
            machine.write32(0, PART_SEL, portions.partid);
            machine.write32(0, CPBM, portions.bits);
          });
        }
        await machine.replay([file]);

        // The obvious way: quantum by quantum, what was asked for in one begins with the next.
        const edgeOf = (time: number): number => Math.floor(time / QUANTUM) * QUANTUM;
        const records = naive([file]).map((record) => ({ ...record, time: start + record.time }));
        const last = records.at(-1)?.time ?? 0;
        for (let from = edgeOf(start); from <= last; from += QUANTUM) {
          const inside = (time: number): boolean => edgeOf(time) === from;
          run(
            plain,
            records.filter(({ time }) => inside(time)),
          );
          for (const { at, task, portions, ...to } of changes) {
            if (!inside(start + at) || start + at > last) continue;
            label(plain, task, DATA, to.partidD, to.pmgD);
            label(plain, task, FETCH, to.partidI, to.pmgI);
            if (!portions) continue;
            plain.write32(PART_SEL, portions.partid);
            plain.write32(CPBM, portions.bits);
          }
        }
        expectSame(machine, plain);
      },
    ),
    runs(60),
  );
});

describe("a label has two halves", () => {
  test("fetches carry the one for instructions; reads, writes and prefetches the one for data", async () => {
    const machine = await powerOn();
    const rows = [0, 1, 2, 3].flatMap((op) => walk([op], op + 1, { op })).map((row, time) => ({ ...row, time }));
    const file = new FakeTrace("t", rows);
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, { partidD: 1, pmgD: 2, partidI: 3, pmgI: 1 });
    await machine.replay([file]);
    expect(countsOf(machine)).toEqual([
      { partid: 1, pmg: 2, accesses: 1 + 2 + 4, misses: 3 },
      { partid: 3, pmg: 1, accesses: 3, misses: 1 },
    ]);
  });
});

describe("a task with the default tag", () => {
  async function twoCpus(): Promise<{ machine: Machine; file: FakeTrace }> {
    const machine = await powerOn({ cpus: 2, quantumNs: QUANTUM });
    const rows = walk([1], 400).map((row, i) => ({ ...row, requester: i % 2 }));
    const file = new FakeTrace("t", rows, { requesters: [thread(1), thread(2)] });
    machine.addTasks(file);
    return { machine, file };
  }

  test("takes the label of its cpu, and one with a tag of its own does not", async () => {
    const { machine, file } = await twoCpus();
    for (const cpu of [0, 1]) machine.processor.setCpuDefault(cpu, tag(4 + cpu));
    machine.clock.at(150, "test", () => machine.processor.setTaskLabel(2, tag(7)));
    machine.clock.at(250, "test", () => machine.processor.setCpuDefault(1, tag(6)));
    machine.clock.at(250, "test", () => machine.processor.setCpuDefault(0, tag(8)));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 4: 150, 5: 100, 7: 100, 8: 50 });
  });

  test("is whichever task has the tag that is the default now", async () => {
    const { machine, file } = await twoCpus();
    machine.processor.setCpuDefault(0, tag(4));
    machine.processor.setCpuDefault(1, tag(5));
    machine.processor.setTaskLabel(2, tag(9));
    machine.clock.at(150, "test", () => machine.processor.setGlobalDefault(tag(9)));
    await machine.replay([file]);
    // Task 1 keeps tag 0, which is a tag like any other from then on.
    expect(accesses(machine)).toEqual({ 4: 100, 9: 100, 0: 100, 5: 100 } as Record<number, number>);
  });
});

describe("what no cpu can send, or nobody has, is refused", () => {
  const NOWHERE: TaskLabel = tag(16);

  test("and leaves labels as they are", async () => {
    const machine = await powerOn({ partidMax: 15, pmgMax: 3 });
    const file = new FakeTrace("t", walk([1], 10));
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(2));
    const refused = [
      () => machine.processor.setTaskLabel(1, NOWHERE),
      () => machine.processor.setTaskLabel(1, { ...tag(1), pmgI: 4 }),
      () => machine.processor.setTaskLabel(1, { ...tag(1), partidI: 16 }),
      () => machine.processor.setCpuDefault(0, NOWHERE),
      () => machine.processor.setGlobalDefault(NOWHERE),
      () => machine.processor.setCpuDefault(2, tag(1)),
      () => machine.processor.setTaskLabel(1, { ...tag(1), partidD: -1 }),
      () => machine.processor.setTaskLabel(1, { ...tag(1), pmgD: 0.5 }),
      () => machine.processor.setTaskLabel(1, { partidD: 1 } as TaskLabel),
      () => machine.processor.setGlobalDefault({ ...tag(1), pmgI: Number.NaN }),
    ];
    for (const call of refused) expect(call).toThrow(expect.objectContaining({ code: "EINVAL" }));
    expect(() => machine.processor.setTaskLabel(99, tag(1))).toThrow(expect.objectContaining({ code: "ESRCH" }));
    await machine.replay([file]);
    expect(accesses(machine)).toEqual({ 2: 10 });
  });
});
