// A replay in parts: machines that run the same records, each with some slices of the last level, hold together what one machine holds.

import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Machine, type MachineOptions } from "../../src/machine/index.ts";
import { checkObject, loadPlatform, partsOf } from "../../src/platform/index.ts";
import { powerOn, tag } from "./machines.ts";
import { added, optionsOf, type Place, placesOf, prepared, type SplitRun, splitRuns } from "./split-runs.ts";
import { FakeTrace, runs, thread, walk } from "./traces.ts";

const machines: Machine[] = [];

afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});

async function ranBy(run: SplitRun, options: MachineOptions = {}): Promise<Machine> {
  const machine = await prepared(run, options);
  machines.push(machine);
  await machine.replay(run.traces, optionsOf(run));
  return machine;
}

const platformNamed = (name: string) => loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url));

describe("a replay can be split into as many parts as", () => {
  test.each([
    ["two-sockets", 4],
    ["server", 32],
    ["private-l2", 1],
    ["four-spaces", 1],
  ])("%s has slices in one cache of its last level", async (name, parts) => {
    expect(partsOf(await platformNamed(name))).toBe(parts);
  });

  test("a node has channels, where there are no caches, and into one where a cache is inclusive", () => {
    const memory = [{ bytes: "1 GiB", channels: 3, bytesPerSecond: "1 GB/s" }];
    const cache = { level: 3, bytes: "64 KiB", ways: 16, slices: 2 };
    const platform = (caches: readonly object[]) =>
      checkObject({ name: "t", cpus: 2, processor: { partidMax: 7, pmgMax: 1 }, caches, memory });
    expect(partsOf(platform([]))).toBe(3);
    expect(partsOf(platform([cache]))).toBe(2);
    expect(partsOf(platform([{ ...cache, inclusive: true }]))).toBe(1);
    // An L2 of two slices that has an L3 below it is not the last level.
    expect(partsOf(platform([{ level: 2, bytes: "64 KiB", ways: 16, slices: 4 }, cache]))).toBe(2);
  });
});

/** What the parts have together; undefined at memory, whose monitors see what comes of one part. */
function together(parts: readonly Place[][], whole: Place, at: number): Partial<Place> {
  const ours = parts.map((places) => places[at] as Place);
  if (whole.where === "memory") return { labels: added(ours.map(({ labels }) => labels)) };
  // Before the last level all parts are alike, and a slice of it belongs to one: the others leave it empty.
  const owner = whole.where === "above" ? 0 : whole.slice % parts.length;
  for (const [index, one] of ours.entries()) {
    if (whole.where === "above") expect(one).toEqual(ours[0]);
    else if (index !== owner)
      expect([one.labels, one.lines, one.monitors?.filter((value) => value !== 0) ?? []].flat(2)).toEqual([]);
  }
  return ours[owner] as Place;
}

test("parts have together what a whole replay has, at each slice and channel, whatever the platform and the changes", async () => {
  const options = fc.record({
    of: fc.integer({ min: 2, max: 4 }),
    statistics: fc.constantFrom("counts" as const, "counts" as const, "full" as const),
    byEl: fc.boolean(),
    workers: fc.constantFrom(1, 1, 2),
    single: fc.boolean(),
  });
  const property = fc.asyncProperty(splitRuns(), options, async (run, { of, workers, single, ...rest }) => {
    const whole = await ranBy(run, rest);
    const parts: Machine[] = [];
    for (let index = 0; index < of; index++) {
      const machine = await prepared(run, { ...rest, workers, part: { index, of } });
      machines.push(machine);
      parts.push(machine);
      machine.inside.hardware.setSingle(single);
      machine.inside.hardware.shareFrom(1);
      await machine.replay(run.traces, optionsOf(run));
    }
    const full = rest.statistics === "full";
    const places = parts.map((part) => placesOf(part, full));
    for (const [at, one] of placesOf(whole, full).entries()) {
      const found = together(places, one, at);
      expect({ ...one, ...(one.where === "memory" ? { monitors: undefined } : {}) }).toEqual({
        ...one,
        monitors: undefined,
        ...found,
      });
    }
    for (const part of parts)
      expect([part.clock.now, part.export().records]).toEqual([whole.clock.now, whole.export().records]);
    for (const machine of machines.splice(0)) await machine.close();
  });
  await fc.assert(property, runs(60));
}, 120_000);

describe("a part", () => {
  test.each([
    [{ index: 0, of: 0 }, "part.of is 0; a whole number, 1 or more, is allowed"],
    [{ index: 0, of: 1.5 }, "part.of is 1.5; a whole number, 1 or more, is allowed"],
    [{ index: 2, of: 2 }, "part.index is 2; a whole number, 0 to 1, is allowed"],
    [{ index: -1, of: 2 }, "part.index is -1; a whole number, 0 to 1, is allowed"],
  ])("%j is refused", async (part, message) => {
    await expect(powerOn({}, { part })).rejects.toThrow(new RangeError(message));
  });

  test("is refused where a cache is inclusive, and in closed timing", async () => {
    const part = { index: 0, of: 2 };
    const caches = [{ level: 3, bytes: "64 KiB", ways: 16, inclusive: true }];
    const platform = checkObject({
      name: "t",
      cpus: 2,
      processor: { partidMax: 7, pmgMax: 1 },
      caches,
      memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
    });
    await expect(Machine.create(platform, { part })).rejects.toThrow(
      new RangeError("part: a replay cannot be split where a cache is inclusive"),
    );
    const trace = new FakeTrace("t", walk([1, 2], 10));
    const machine = await powerOn({}, { part });
    await expect(machine.replay([trace], { timing: "closed" })).rejects.toThrow(
      new RangeError("the machine is a part of a replay, and in closed timing no replay can be split"),
    );
    expect((await machine.replay([trace])).records).toBe(10);
  });

  test("of one slice alone has all or nothing, and stays one in a snapshot", async () => {
    const counts = async (index: number) => {
      const machine = await powerOn({}, { part: { index, of: 2 } });
      await machine.replay([new FakeTrace("t", walk([1, 2], 100))], { until: 50 });
      const again = await Machine.restore(machine.snapshot());
      await again.resume([new FakeTrace("t", walk([1, 2], 100))]);
      return again.statistics().map(({ accesses, bytesRead }) => [accesses, bytesRead]);
    };
    expect(await counts(0)).toEqual([[100, 128]]);
    expect(await counts(1)).toEqual([[0, 0]]);
  });

  test("is refused its counts where labels are more than there are numbers for", async () => {
    const tids = [1, 2, 3, 4];
    const requesters = tids.map((tid) => thread(tid));
    const trace = new FakeTrace(
      "t",
      walk([1], 400).map((row, i) => ({ ...row, requester: i % 4 })),
      { requesters },
    );
    const run = async (options: MachineOptions) => {
      const machine = await powerOn({ owners: 3, quantumNs: 10 }, options);
      machine.addTasks(trace);
      for (const partid of [1, 2, 3, 4, 5]) {
        machine.clock.at(50 * partid, "test", () => {
          for (const tid of tids) machine.processor.setTaskLabel(tid, tag(partid));
        });
      }
      return machine.replay([trace]);
    };
    expect((await run({})).finished).toBe(true);
    await expect(run({ part: { index: 1, of: 2 } })).rejects.toThrow(
      "ENOSPC: the counts of a part would not be those of the whole: numbers of labels have been used again, as the platform has 3 (owners)",
    );
  });
});
