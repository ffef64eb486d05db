// Groups as the page sees them, on a machine in Node.

import { beforeEach, describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { openTrace } from "../../src/trace/index.ts";
import { Pictures } from "../../src/web/engine/frames.ts";
import { Groups } from "../../src/web/engine/groups.ts";
import { DIRTY, OTHER } from "../../src/web/engine/protocol.ts";
import { Samples } from "../../src/web/engine/samples.ts";

let machine: Machine;
let tree: Resctrl;
let groups: Groups;

beforeEach(async () => {
  const platform = await loadPlatform(new URL("../../platforms/small-server.yaml", import.meta.url));
  machine = await Machine.create(platform, { scratchBytes: 4096 });
  tree = await Resctrl.mount(await Driver.probe(machine));
  groups = new Groups(tree);
});

/** Puts the threads of each trace into a group, and replays all together: traces of one replay lie apart in memory. */
async function run(traces: Readonly<Record<string, string>>): Promise<readonly number[]> {
  const sources = await Promise.all(Object.values(traces).map((trace) => openTrace(trace)));
  const all: number[] = [];
  for (const [i, group] of Object.keys(traces).entries()) {
    const tids = machine.addTasks(sources[i] as (typeof sources)[number]).map(({ tid }) => tid);
    await tree.writeFile(`${group}/tasks`, tids.join(","));
    all.push(...tids);
  }
  await machine.replay(sources);
  return all;
}

const colours = () => Object.fromEntries(groups.now.map(({ path, colour }) => [path, colour]));

describe("a group's colour", () => {
  test("stays its own as others come and go, and is given again when it has gone", async () => {
    await tree.mkdir("b");
    await groups.look();
    await tree.mkdir("a");
    await groups.look();
    expect(colours()).toEqual({ "": 1, b: 2, a: 3 });
    await tree.mkdir("a/mon_groups/m");
    await tree.rmdir("b");
    await groups.look();
    expect(colours()).toEqual({ "": 1, a: 3, "a/mon_groups/m": 2 });
  });
});

describe("a group's view", () => {
  test("has the lines of its schemata, and what info says that they may be", async () => {
    await tree.mkdir("a");
    await tree.writeFile("a/schemata", "L3:4=f0\nMB:4=50\n");
    await groups.look();
    const view = (await groups.views([])).find(({ path }) => path === "a");
    const [mb, l3] = view?.schemata ?? [];
    expect(l3).toEqual({
      resource: "L3",
      kind: "mask",
      bits: 12,
      min: 1,
      max: 12,
      step: 1,
      domains: [{ id: 4, value: "f0" }],
    });
    // Steps of 1/32 of the channel: 4 percent, rounded up.
    expect(mb).toEqual({
      resource: "MB",
      kind: "number",
      bits: 0,
      min: 3,
      max: 100,
      step: 4,
      domains: [{ id: 4, value: "50" }],
    });
    expect(view).toMatchObject({ partid: 1, pmg: 0, tasks: 0 });
  });

  test("has the workloads whose threads are there, whoever moved them", async () => {
    await tree.mkdir("a");
    await groups.look();
    const running = [{ workload: "w", tids: await run({ a: "synth:stream,ws=64k,n=100,threads=3,pid=7" }) }];
    const where = async () =>
      (await groups.views(running)).flatMap(({ path, workloads }) => (workloads.includes("w") ? [path] : []));
    expect(await where()).toEqual(["a"]);
    await tree.rmdir("a");
    await groups.look();
    expect(await where()).toEqual([""]);
  });
});

test("a picture has the colours of the lines' groups, dirty ones marked, and those of no group apart", async () => {
  await tree.mkdir("reads");
  await tree.mkdir("writes");
  await tree.mkdir("gone");
  await run({
    reads: "synth:stream,ws=64k,n=1024,pid=7",
    writes: "synth:stream,ws=32k,n=512,pid=8,write=100%",
    gone: "synth:stream,ws=16k,n=256,pid=9",
  });
  await tree.rmdir("gone");
  await groups.look();
  const { reads = 0, writes = 0 } = colours();
  const whole = { cache: 0, slice: 0, first: 0, count: 2048, step: 1 };
  const { cells, ways, lines } = new Pictures(machine, groups).frameOf(whole);
  const many = (cell: number) => cells.filter((one) => one === cell).length;
  expect(ways).toBe(16);
  expect([reads, writes | DIRTY, OTHER, 0].map(many)).toEqual([1024, 512, 256, 2048 * 16 - 1792]);
  expect([reads, writes, OTHER].map((colour) => lines[colour])).toEqual([1024, 512, 256]);
  const wide = { ...whole, first: 1, count: 512, step: 4 };
  const some = new Pictures(machine, groups).frameOf(wide).cells;
  expect([...some]).toEqual([...cells].filter((_, i) => Math.floor(i / 16) % 4 === 1));
  expect(new Pictures(machine, groups).frameOf({ ...whole, cache: 3 }).cells).toHaveLength(0);
  expect(new Pictures(machine, groups).frameOf({ ...whole, count: 2049 }).cells).toHaveLength(0);
});

test("samples tell what a group did since the one before", async () => {
  await tree.mkdir("a");
  await groups.look();
  const samples = new Samples(machine);
  // 1,024 lines of 64 bytes, twice: all miss, then all hit. One access each 10 ns.
  const tids = await run({ a: "synth:stream,ws=64k,n=1024,gap=10,pid=7" });
  samples.tick(groups.now);
  expect(tids).toHaveLength(1);
  const first = samples.since(0);
  const a = first.groups.find(({ path }) => path === "a");
  expect(a?.bytesHeld[0]).toBe(65_536);
  expect(a?.hitRate[0]).toBe(0);
  expect(a?.bytesPerSecond[0]).toBeCloseTo(65_536 / ((first.time[0] ?? 0) / 1e9), 0);
  expect(first.next).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await machine.replay([await openTrace("synth:stream,ws=64k,n=1024,gap=10,pid=7")]);
  samples.tick(groups.now);
  const later = samples.since(1).groups.find(({ path }) => path === "a");
  expect([...(later?.hitRate ?? [])]).toEqual([1]);
  expect([...(later?.bytesPerSecond ?? [])]).toEqual([0]);
});
