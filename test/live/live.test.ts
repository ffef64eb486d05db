// A machine that lives: model time and traffic by the clock on the wall.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Live, type LiveOptions } from "../../src/live/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { parseScript, type Told } from "../../src/script/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { FakeWall } from "./fake-wall.ts";

const MS = 1e6;
const BYTES = "mon_data/mon_L3_00/mbm_total_bytes";

async function living(options: LiveOptions & { traces?: readonly string[] } = {}) {
  const machine = await Machine.create(await loadPlatform(new URL("../../platforms/one-socket.yaml", import.meta.url)));
  const tree = await Resctrl.mount(await Driver.probe(machine));
  await tree.readFile(BYTES);
  const wall = new FakeWall();
  const { traces = [], ...rest } = options;
  const live = new Live(machine, { wall, sources: await openTraces(traces), ...rest });
  const startNs = machine.clock.now;
  await live.start();
  await wall.settle();
  return { machine, tree, wall, live, time: () => machine.clock.now - startNs };
}

/** Ten lines a millisecond, none of them seen before: each is read from memory once. */
const STREAM = "synth:stream,ws=1G,n=1000,gap=100000";
const lines = async (tree: Resctrl) => Number(await tree.readFile(BYTES)) / 64;

describe("time", () => {
  test("goes with the wall where nothing happens, to the nanosecond however often somebody looks", async () => {
    const { live, wall, time } = await living();
    for (let i = 0; i < 30; i++) {
      await wall.pass(33.5);
      await live.catchUp();
    }
    expect(time()).toBe(1005 * MS);
    await live.stop();
  });

  test.each([0.25, 1, 40])("goes %d times as fast where that was asked for", async (speed) => {
    const { live, wall, time } = await living({ speed });
    await wall.pass(8);
    await live.catchUp();
    expect(time()).toBe(8 * MS * speed);
    await live.stop();
  });

  test("fires what is due on its way, at its own time, and wakes nobody in between", async () => {
    const { machine, wall, live } = await living();
    const start = machine.clock.now;
    const fired: number[] = [];
    for (const ms of [300, 700])
      machine.clock.at(start + ms * MS, "test", () => void fired.push(machine.clock.now - start));
    await live.catchUp();
    await wall.settle();
    await wall.pass(900, 1);
    expect(fired).toEqual([300 * MS, 700 * MS]);
    // One alarm at a time: for the counters that are read every second.
    expect(wall.waiting).toBe(1);
    await live.stop();
    expect(wall.waiting).toBe(0);
  });

  test("an operation that waits for model time does not wait for the wall", async () => {
    for (const traces of [[], [STREAM]]) {
      const { machine, live, wall, time } = await living({ traces });
      const began = time();
      void live.catchUp();
      let woken = false;
      const sleeping = machine.clock.sleep(50 * MS).then(() => {
        woken = true;
      });
      await wall.pass(1, 0.3);
      expect(woken).toBe(true);
      await sleeping;
      expect(time() - began).toBeGreaterThanOrEqual(50 * MS);
      await live.stop();
    }
  });

  test("is where it should be again when it has run ahead", async () => {
    const { machine, live, wall, time } = await living();
    await machine.clock.sleep(3 * MS);
    await wall.pass(1);
    await live.catchUp();
    expect(time()).toBe(3 * MS);
    await wall.pass(4);
    await live.catchUp();
    expect(time()).toBe(5 * MS);
    await live.stop();
  });
});

describe("traces", () => {
  test("run as the wall's clock goes, and stand still with it", async () => {
    const { tree, live, wall } = await living({ traces: [STREAM] });
    for (const [ms, seen] of [
      [2, 20],
      [5, 70],
      [0, 70],
    ] as const) {
      await wall.pass(ms, 1);
      expect(await lines(tree)).toBeCloseTo(seen, -0.5);
    }
    await live.stop();
  });

  test("that have ended leave time running, and the thread free", async () => {
    const { tree, live, wall, time } = await living({ traces: ["synth:stream,ws=1G,n=100,gap=100000"] });
    expect(live.busy).toBe(true);
    await wall.pass(30, 1);
    expect(live.busy).toBe(false);
    expect(await lines(tree)).toBe(100);
    await live.catchUp();
    expect(time()).toBe(30 * MS);
    await live.stop();
  });

  test("begin again together, and counters go on", async () => {
    const traces = ["synth:stream,ws=1G,n=10,gap=100000", "synth:stream,ws=1G,n=5,gap=100000"];
    const { tree, live, wall } = await living({ traces, loop: true });
    const seen: number[] = [];
    for (let lap = 0; lap < 4; lap++) {
      await wall.pass(1, 0.5);
      seen.push(Number(await tree.readFile(BYTES)));
    }
    expect(live.busy).toBe(true);
    // What is read again is in the cache: 15 lines in all, and no counter goes back.
    expect(seen.at(-1)).toBe(15 * 64);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    await live.stop();
    expect(live.busy).toBe(false);
  });

  test("run at once with speed max, and then time goes with the wall", async () => {
    const { tree, live, wall, time } = await living({ traces: [STREAM], speed: "max" });
    for (let i = 0; i < 50 && live.busy; i++) await wall.settle();
    expect(live.busy).toBe(false);
    expect(await lines(tree)).toBe(1000);
    const ended = time();
    expect(ended).toBe(99_900_000);
    await wall.pass(7);
    await live.catchUp();
    expect(time()).toBe(ended + 7 * MS);
    await live.stop();
  });

  test.each(["open", "closed"] as const)(
    "stop where they are in %s timing, and nothing moves any more",
    async (timing) => {
      const { tree, live, wall, time } = await living({ traces: [STREAM], loop: true, timing });
      await wall.pass(5, 1);
      await live.stop();
      const [then, counted] = [time(), await lines(tree)];
      expect(counted).toBeGreaterThan(20);
      expect(counted).toBeLessThan(70);
      await wall.pass(50, 1);
      expect([time(), await lines(tree)]).toEqual([then, counted]);
    },
  );

  test("obey a line that is written while they run", async () => {
    const traces = ["synth:random,ws=1M,n=200k,gap=100,tid=7"];
    const { tree, live, wall } = await living({ traces, loop: true });
    await tree.mkdir("web");
    await tree.writeFile("web/tasks", "7\n");
    await tree.writeFile("web/schemata", "L3:0=1\n");
    await wall.pass(40, 1);
    // One way of sixteen of 1 MiB.
    const held = Number(await tree.readFile("web/mon_data/mon_L3_00/llc_occupancy"));
    expect(held).toBeGreaterThan(60_000);
    expect(held).toBeLessThanOrEqual(65_536);
    await live.stop();
  });
});

describe("who asks", () => {
  /** A record at 0, and one at 1 s. */
  const SPARSE = "synth:stream,ws=1G,n=2,gap=1000000000,tid=7";
  const held = async (tree: Resctrl, group: string) =>
    Number(await tree.readFile(`${group}mon_data/mon_L3_00/llc_occupancy`));

  test.each(["open", "closed"] as const)("changes what the next record finds, in %s timing", async (timing) => {
    const { tree, live, wall, time } = await living({ traces: [SPARSE], timing });
    await wall.pass(300, 10);
    await live.catchUp();
    await tree.mkdir("web");
    await tree.writeFile("web/tasks", "7\n");
    await wall.pass(600, 10);
    await live.catchUp();
    expect(time()).toBeCloseTo(900 * MS, -4);
    expect([await held(tree, ""), await held(tree, "web/")]).toEqual([64, 0]);
    await wall.pass(300, 10);
    await live.catchUp();
    expect([await held(tree, ""), await held(tree, "web/")]).toEqual([64, 64]);
    await live.stop();
  });

  test("is answered whatever fails meanwhile, and who wants to know is told", async () => {
    const { machine, tree, live, wall, time } = await living();
    machine.clock.at(machine.clock.now + 5 * MS, "test", () => {
      throw new Error("a timer that fails");
    });
    const ended = live.ended.catch((error: unknown) => String(error));
    await wall.pass(7);
    await live.catchUp();
    await wall.pass(1);
    await live.catchUp();
    expect(time()).toBe(8 * MS);
    expect(await tree.readFile("mode")).toBe("shareable\n");
    expect(await ended).toBe("Error: a timer that fails");
    await live.stop();
  });
});

describe("a script", () => {
  test("runs its first lines before anybody sees the tree, others at their times, the last after the traces", async () => {
    const told: Told[] = [];
    const script = "@0 mkdir web\n@2ms mkdir db\n@50% mkdir half\n@end mkdir late\n@end+5ms expect late/mode shareable";
    const { tree, live, wall } = await living({ traces: ["synth:stream,n=100,gap=100000"] });
    await live.stop();
    const again = new Live((await living()).machine, {
      wall,
      sources: await openTraces(["synth:stream,n=100,gap=100000"]),
      script: { lines: parseScript(script, "s"), tree, hooks: { onLine: (one) => void told.push(one) } },
    });
    await again.start();
    expect(await tree.readdir("/")).toContain("web");
    await wall.pass(40, 0.5);
    expect(told.map(({ line, at }) => [line.text.split(" ")[1], at])).toEqual([
      ["web", 0],
      ["db", 2 * MS],
      ["half", 4_950_000],
      ["late", 9_900_000],
      ["late/mode", 14_900_000],
    ]);
    expect(again.busy).toBe(false);
    expect(again.missed).toBe(0);
    await again.stop();
  });

  test("finds the threads of the traces from the first line on", async () => {
    const { machine, tree, wall } = await living();
    const lines = parseScript("@0 mkdir web\nwrite web/tasks 7\nexpect web/tasks 7", "s");
    const sources = await openTraces(["synth:stream,n=10,tid=7"]);
    const live = new Live(machine, { wall, sources, loop: true, script: { lines, tree } });
    await live.start();
    expect(live.missed).toBe(0);
    await live.stop();
  });

  test.each([
    ["@50% mkdir a", true, /s:1: the traces run over and over/],
    ["@end mkdir a", false, /s:1: there are no traces/],
  ])("with %s needs an end", async (line, loop, says) => {
    const { machine, tree } = await living();
    const sources = loop ? await openTraces([STREAM]) : [];
    const live = new Live(machine, { sources, loop, script: { lines: parseScript(line, "s"), tree } });
    await expect(live.start()).rejects.toThrow(says);
  });

  test("that is refused ends with the line, and says so to who asks", async () => {
    const { machine, tree, wall } = await living();
    const live = new Live(machine, {
      wall,
      script: { lines: parseScript("@1ms rmdir web\n@9ms mkdir web", "s"), tree },
    });
    await live.start();
    await wall.pass(3, 1);
    await expect(live.ended).rejects.toThrow(/^s:1:1: rmdir web: ENOENT/);
    expect(live.busy).toBe(false);
  });
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("%d is no speed", async (speed) => {
  const machine = await Machine.create(await loadPlatform(new URL("../../platforms/one-socket.yaml", import.meta.url)));
  expect(() => new Live(machine, { speed })).toThrow("a number above 0, or max, is allowed");
});
