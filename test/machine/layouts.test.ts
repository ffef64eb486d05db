// The two layouts of a cache: which one is in use, and when it changes, shows in no result (design section 5).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { CMAX, CPBM, expectSame, label, linesOf, PART_SEL, plainOf, run, watch, write } from "./compare.ts";
import { platformOf, powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, naive, runs, thread } from "./traces.ts";

const OPS = [0, 1, 2, 3];

/** What a run is made of, but for its layouts. */
interface Scene {
  readonly sets: number;
  readonly ways: number;
  readonly policy: Policy;
  readonly seed: number;
  readonly lines: number;
  readonly portions: readonly number[];
  readonly limits: readonly number[];
}

interface Switch {
  readonly at: number;
  readonly wide: boolean;
}

const REQUESTERS = [thread(1), thread(2), thread(3)];

/** Traffic of three PARTIDs, each with portions and a limit of its own; `switches` force a layout at their times. */
async function played(scene: Scene, switches: readonly Switch[], first?: "wide"): Promise<Machine> {
  const machine = await powerOn({ sets: scene.sets, ways: scene.ways, policy: scene.policy, quantumNs: 50 });
  const file = new FakeTrace("t", mixed(scene.seed, 1500, 3, scene.lines, 2), { requesters: REQUESTERS });
  machine.addTasks(file);
  for (const tid of [1, 2, 3]) {
    machine.processor.setTaskLabel(tid, tag(tid, tid % 2));
    machine.write32(0, PART_SEL, tid);
    machine.write32(0, CPBM, scene.portions[tid - 1] ?? 0);
    machine.write32(0, CMAX, scene.limits[tid - 1] ?? 0xffff);
  }
  const { hardware } = machine.inside;
  if (first) machine.clock.at(0, "test", () => hardware.setWide(true));
  for (const { at, wide } of switches) machine.clock.at(at, "test", () => hardware.setWide(wide));
  machine.clock.at(700, "test", () => machine.processor.setTaskLabel(2, tag(3, 1)));
  await machine.replay([file]);
  return machine;
}

const portions = fc.array(fc.oneof(fc.constant(0xffff), fc.nat({ max: 0xffff })), { minLength: 3, maxLength: 3 });
const switches = fc.array(fc.record({ at: fc.nat({ max: 1400 }), wide: fc.boolean() }), { maxLength: 12 });

const POLICIES = ["lru", "plru", "nru", "random"] as const;
type Policy = (typeof POLICIES)[number];

const scene = (ways: fc.Arbitrary<number>, policies: readonly Policy[] = POLICIES): fc.Arbitrary<Scene> =>
  fc.record({
    sets: fc.constantFrom(1, 2, 8),
    ways,
    policy: fc.constantFrom(...policies),
    seed: fc.nat({ max: 2 ** 20 }),
    lines: fc.constantFrom(20, 100, 300),
    portions,
    limits: portions,
  });

describe("switching between the layouts at any time", () => {
  test("leaves a cache of 1 to 32 ways as one that never switched has it", async () => {
    await fc.assert(
      fc.asyncProperty(scene(fc.integer({ min: 1, max: 32 })), switches, async (drawn, times) => {
        const narrow = await played(drawn, []);
        const switched = await played(drawn, times);
        expect(narrow.inside.hardware.isWide()).toBe(false);
        expect(switched.export()).toEqual(narrow.export());
        expect((await played(drawn, [], "wide")).export()).toEqual(narrow.export());
      }),
      runs(40),
    );
  });

  test("keeps lines, owners, dirt and age: there and back is where it began", async () => {
    await fc.assert(
      fc.asyncProperty(scene(fc.integer({ min: 1, max: 32 })), async (drawn) => {
        const machine = await played(drawn, []);
        const { hardware } = machine.inside;
        const before = machine.export();
        hardware.setWide(true);
        expect([hardware.isWide(), machine.export()]).toEqual([true, before]);
        hardware.setWide(false);
        expect([hardware.isWide(), machine.export()]).toEqual([false, before]);
      }),
      runs(30),
    );
  });
});

describe("a cache that may need the wide layout", () => {
  test("of 17 to 64 ways does as the plain model does", async () => {
    await fc.assert(
      fc.asyncProperty(scene(fc.integer({ min: 17, max: 64 }), ["lru"]), async (drawn) => {
        const machine = await Machine.create(platformOf({ sets: drawn.sets, ways: drawn.ways }));
        const plain = plainOf(machine);
        watch(machine, plain);
        const file = new FakeTrace("t", mixed(drawn.seed, 1200, 3, drawn.lines * 4, 2), { requesters: REQUESTERS });
        machine.addTasks(file);
        for (const tid of [1, 2, 3]) {
          machine.processor.setTaskLabel(tid, tag(tid));
          label(plain, tid - 1, OPS, tid);
          write(machine, plain, PART_SEL, tid);
          write(machine, plain, CPBM, drawn.portions[tid - 1] ?? 0);
          write(machine, plain, CMAX, drawn.limits[tid - 1] ?? 0);
        }
        await machine.replay([file]);
        expect(machine.inside.hardware.isWide()).toBe(drawn.ways > 32);
        run(plain, naive([file]));
        expectSame(machine, plain);
      }),
      runs(25),
    );
  });

  test("because its lines have long numbers is wide for as long as such lines are there", async () => {
    const machine = await powerOn({ sets: 1, ways: 2 });
    const { hardware } = machine.inside;
    const far = (
      line: number,
      time: number,
    ): { time: number; address: number; bytes: number; op: number; requester: number } => ({
      time,
      address: line * 64,
      bytes: 64,
      op: 1,
      requester: 0,
    });
    const dense = (last: number, lines: readonly number[]): FakeTrace =>
      new FakeTrace("t", lines.map(far), { spaces: [{ asid: 1, pages: Math.ceil((last + 1) / 64) }] });
    // One set: the tag is the line, and 0xffff is no tag that the narrow layout has.
    await machine.replay([dense(0xfffe - 63, [5, 0xffbf])]);
    expect(hardware.isWide()).toBe(false);
    await machine.replay([dense(0xffff, [0xffff, 0xfffe])]);
    expect(hardware.isWide()).toBe(true);
    expect(linesOf(machine).map(({ line }) => line)).toEqual([0xffff, 0xfffe]);
    await machine.replay([dense(10, [1])]);
    expect(hardware.isWide()).toBe(true); // 0xfffe or 0xffff is still there
    await machine.replay([dense(10, [1, 2])]);
    await machine.replay([dense(10, [3])]);
    expect(hardware.isWide()).toBe(false);
    expect(linesOf(machine).map(({ line, dirty }) => [line, dirty])).toContainEqual([3, true]);
  });
});

describe("more than 256 labels in use", () => {
  test("are told apart, line by line, from the first record on that the 257th label makes", async () => {
    const labels = 300;
    const platform = { ...platformOf({ sets: 64, ways: 8, partidMax: 127, quantumNs: 50 }), owners: 400 };
    const machine = await Machine.create(platform);
    const plain = plainOf(machine);
    watch(machine, plain);
    const requesters = Array.from({ length: labels }, (_, i) => thread(i + 1));
    const rows = mixed(17, 6000, labels, 8, 1);
    // The first half comes from 200 threads, with labels that the narrow layout can hold.
    const file = new FakeTrace(
      "t",
      rows.map((row, i) => (i < 3000 ? { ...row, requester: row.requester % 200 } : row)),
      { requesters },
    );
    machine.addTasks(file);
    const { hardware } = machine.inside;
    const give = (from: number, to: number): void => {
      for (let i = from; i < to; i++) machine.processor.setTaskLabel(i + 1, tag(1 + (i % 100), Math.floor(i / 100)));
    };
    give(0, 200);
    const middle = file.rows[3000]?.time ?? 0;
    const layouts: boolean[] = [];
    machine.clock.at(middle - 50, "test", () => {
      layouts.push(hardware.isWide());
      give(200, labels);
    });
    await machine.replay([file]);
    layouts.push(hardware.isWide());
    expect(layouts).toEqual([false, true]);
    expect(hardware.ownerCount()).toBe(labels + 1);

    const edge = Math.floor((middle - 50) / 50) * 50 + 50;
    const records = naive([file]);
    for (let i = 0; i < 200; i++) label(plain, i, OPS, 1 + (i % 100), Math.floor(i / 100));
    run(
      plain,
      records.filter(({ time }) => time < edge),
    );
    for (let i = 200; i < labels; i++) label(plain, i, OPS, 1 + (i % 100), 2);
    run(
      plain,
      records.filter(({ time }) => time >= edge),
    );
    expectSame(machine, plain);
  });

  test("begin with nothing, the 256th too, whatever empty ways were filled before it came", async () => {
    const requesters = Array.from({ length: 255 }, (_, i) => thread(i + 1));
    const machine = await Machine.create({ ...platformOf({ sets: 64, ways: 8, partidMax: 255 }), owners: 300 });
    const trace = new FakeTrace("t", mixed(4, 3000, 255, 8, 1), { requesters });
    machine.addTasks(trace);
    for (let tid = 1; tid < 255; tid++) machine.processor.setTaskLabel(tid, tag(tid));
    const { hardware } = machine.inside;
    machine.clock.at(500, "test", () => {
      expect([hardware.ownerCount(), hardware.isWide()]).toEqual([255, false]);
      machine.processor.setTaskLabel(255, tag(255));
    });
    await machine.replay([trace]);
    expect([hardware.ownerCount(), hardware.isWide()]).toEqual([256, true]);
    const held = new Map<number, number>();
    for (const { partid } of machine.export().sets.flat()) held.set(partid, (held.get(partid) ?? 0) + 1);
    expect(held.get(255)).toBeGreaterThan(0);
    for (let owner = 0; owner < 256; owner++) {
      expect(hardware.linesHeld(0, owner), `owner ${owner}`).toBe(held.get(hardware.ownerLabel(owner) & 0xffff) ?? 0);
    }
  });
});
