// The board that sockets share: one machine at a time, and what outlives it.

import { describe, expect, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { Board, type BoardOptions } from "../../src/serve/index.ts";

const ONE_SOCKET = new URL("../../platforms/one-socket.yaml", import.meta.url);
/** MPAMF_ECR of the L3 of one-socket, and its error line. */
const ECR = 0xf0;
const PART_SEL = 0x100;
const CMAX = 0x108;

const boardOf = async (options: Partial<BoardOptions> = {}) =>
  Board.create({ platform: await loadPlatform(ONE_SOCKET), ...options });

/** 10 lines of 64 bytes a millisecond, for 10 ms. */
const STREAM = "synth:stream,ws=1G,n=100,gap=100000";
const records = (board: Board) => Number(board.machine.inside.hardware.records());

describe("model time", () => {
  test("stands still, and moves as far as it is told to", async () => {
    const board = await boardOf();
    expect(board.machine.clock.now).toBe(0);
    expect(await board.advance(1500)).toBe(1500);
    expect(await board.advance(0)).toBe(1500);
    await board.close();
  });

  test("an infinite time ends where nothing can happen any more", async () => {
    const board = await boardOf();
    const fired: number[] = [];
    board.machine.clock.at(5e9, "test", () => void fired.push(board.machine.clock.now));
    expect(await board.advance(Number.POSITIVE_INFINITY)).toBe(5e9);
    expect(fired).toEqual([5e9]);
    await board.close();
  });

  test("can be broken off, and others have their turn meanwhile", async () => {
    const board = await boardOf();
    // A clock that never runs out of timers.
    const tick = (ns: number) => void board.machine.clock.at(ns, "tick", () => tick(ns + 1000));
    tick(1000);
    const stop = new AbortController();
    const running = board.advance(Number.POSITIVE_INFINITY, stop.signal);
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(await board.exclusive(() => board.machine.clock.now));
    stop.abort();
    const end = await running;
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(end).toBeGreaterThanOrEqual(seen.at(-1) as number);
    await board.close();
  });

  test.each([-1, Number.NaN, 2 ** 60])("does not move by %d", async (ns) => {
    const board = await boardOf();
    await expect(board.advance(ns)).rejects.toThrow(RangeError);
    await board.close();
  });

  test("steps of several clients follow each other", async () => {
    const board = await boardOf();
    expect(await Promise.all([board.advance(100), board.advance(20), board.advance(3)])).toEqual([100, 120, 123]);
    await board.close();
  });

  test("cannot be stepped where it goes by itself", async () => {
    const board = await boardOf({ speed: 1 });
    await expect(board.advance(10)).rejects.toMatchObject({ code: "EBUSY" });
    await board.close();
  });
});

describe("traces", () => {
  test("that wait for steps run as far as the clock is moved, to the record", async () => {
    const board = await boardOf();
    await board.startReplay([STREAM], { speed: 0 });
    expect(records(board)).toBe(0);
    // One every 100 us: at 0, 100, 200 and 300 us.
    await board.advance(350_000);
    expect(records(board)).toBe(4);
    await board.advance(50_001);
    expect(records(board)).toBe(5);
    expect(board.replay).toMatchObject({ over: false, byItself: false });
    await board.advance(20e6);
    expect(records(board)).toBe(100);
    expect(board.machine.clock.now).toBe(20_400_001);
    expect(board.replay).toMatchObject({ over: true });
    await board.close();
  });

  test("run by themselves otherwise; when they have ended time stands still again", async () => {
    const board = await boardOf();
    await board.startReplay([STREAM], { speed: "max" });
    while (board.live) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(records(board)).toBe(100);
    const { now } = board.machine.clock;
    expect(await board.advance(7)).toBe(now + 7);
    await board.close();
  });

  test("that cannot be opened leave what runs as it is", async () => {
    const board = await boardOf();
    await board.startReplay([STREAM], { speed: 0 });
    await expect(board.startReplay(["no-such.arrow"])).rejects.toThrow("no-such.arrow");
    await board.advance(150_000);
    expect(records(board)).toBe(2);
    expect(await board.stopReplay()).toBe(true);
    expect(await board.stopReplay()).toBe(false);
    await board.advance(1e6);
    expect(records(board)).toBe(2);
    await board.close();
  });

  test("come with lines of a script, at their times", async () => {
    const said: string[] = [];
    const board = await boardOf({ boot: {}, say: (line) => said.push(line) });
    const script = parseScript("@1ms read mode\n@end read size\n", "a script");
    await board.startReplay([STREAM], { speed: 0, script });
    await board.advance(999_999);
    expect(said).toEqual([]);
    await board.advance(1);
    expect(said).toEqual(["@1ms mode\nshareable"]);
    await board.advance(20e6);
    expect(said).toHaveLength(2);
    await board.close();
  });
});

describe("another machine", () => {
  test("comes with reset: registers are as at power-on, and handlers follow", async () => {
    const board = await boardOf();
    const machines: unknown[] = [];
    const seen: string[] = [];
    board.onMachine((machine) => machines.push(machine));
    board.log("MPAMCFG_CMAX", ({ access, value }) => seen.push(`${access} 0x${value.toString(16)}`));
    const cmax = () => board.machine.read32(0, CMAX);
    const before = cmax();
    board.machine.write32(0, CMAX, 0x1000);
    const first = board.machine;
    await board.reset();
    expect(board.machine).not.toBe(first);
    expect(machines).toEqual([board.machine]);
    expect(cmax()).toBe(before);
    expect(seen.map((line) => line.split(" ")[0])).toEqual(["read", "write", "read"]);
    await board.close();
  });

  test("comes with restore: as it was, with the software that ran on it", async () => {
    const board = await boardOf({ boot: {} });
    await board.software?.tree.mkdir("web");
    const bytes = await board.exclusive(() => board.snapshot());
    await board.software?.tree.rmdir("web");
    await board.restore(bytes);
    expect(await board.software?.tree.readdir("/")).toContain("web");
    await board.software?.tree.writeFile("web/schemata", "L3:0=f\n");
    await board.close();
  });

  test("is not made of bytes that are no snapshot", async () => {
    const board = await boardOf();
    const { machine } = board;
    await expect(board.restore(new Uint8Array(10))).rejects.toThrow("not a snapshot");
    expect(board.machine).toBe(machine);
    await board.close();
  });

  test("has lines of its own: what is up in it is told, and what is not any more", async () => {
    const board = await boardOf();
    const changes: string[] = [];
    board.onLine(({ line, level }) => changes.push(`${line} ${level}`));
    const calm = board.snapshot();
    // PARTID 16 is one too many.
    board.machine.write32(0, ECR, 1);
    board.machine.write32(0, PART_SEL, 16);
    board.machine.read32(0, CMAX);
    expect(changes).toEqual(["44 1"]);
    expect(board.linesUp).toEqual([44]);
    const upset = board.snapshot();
    await board.restore(calm);
    expect(changes).toEqual(["44 1", "44 0"]);
    await board.restore(upset);
    expect(changes).toEqual(["44 1", "44 0", "44 1"]);
    await board.reset();
    expect(changes.at(-1)).toBe("44 0");
    expect(board.linesUp).toEqual([]);
    await board.close();
  });
});

test("what a handler throws is said, and the access is made all the same", async () => {
  const said: string[] = [];
  const board = await boardOf({ say: (line) => said.push(line) });
  board.log("*", () => {
    throw new Error("a handler's own");
  });
  board.machine.write32(0, CMAX, 0x2000);
  expect(board.machine.read32(0, CMAX)).toBe(0x2000);
  expect(said).toEqual(["mpam: a handler's own", "mpam: a handler's own"]);
  await board.close();
});

test("a line of a script is done at once", async () => {
  const board = await boardOf({ boot: {} });
  await board.perform("mkdir web");
  await board.perform("write web/schemata L3:0=f");
  expect(await board.perform("read web/schemata")).toMatchObject({ text: expect.stringContaining("L3:0=f") });
  await board.perform("fault gone: msc-gone msc=0");
  expect(board.machine.faults.list).toHaveLength(1);
  await board.perform("unfault gone");
  expect(board.machine.faults.list).toHaveLength(0);
  await expect(board.perform("mkdr web")).rejects.toThrow("did you mean mkdir?");
  await expect(board.perform("@5ms mkdir web")).rejects.toMatchObject({ code: "EINVAL" });
  await expect(board.perform("# nothing")).rejects.toMatchObject({ code: "EINVAL" });
  await expect(board.perform("cpu 99 offline")).rejects.toMatchObject({ code: "EINVAL" });
  await board.close();
});

test("without resctrl, lines that need it say so", async () => {
  const board = await boardOf();
  await expect(board.perform("mkdir web")).rejects.toThrow("mpam serve --boot");
  await board.close();
});

test.each(["open", "closed"] as const)(
  "a snapshot is taken while traces run by themselves, in %s timing",
  async (timing) => {
    const board = await boardOf();
    await board.startReplay(["synth:stream,ws=1M,n=3000000"], { timing, speed: 1 });
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const [bytes, now] = await board.exclusive(() => [board.snapshot(), board.machine.clock.now] as const);
      expect(board.live?.busy).toBe(true);
      if (i < 9) continue;
      await board.restore(bytes);
      // Traces end with it, and time stands where it was.
      expect(board.live).toBeUndefined();
      expect(board.machine.clock.now).toBe(now);
      expect(board.replay).toBeUndefined();
    }
    await board.close();
  },
);

test.each(["open", "closed"] as const)("steps of any length come to the same machine, in %s timing", async (timing) => {
  const traces = ["synth:zipf,ws=2M,n=4000,gap=500,seed=1", "synth:stream,ws=1G,n=3000,gap=700,write=0.3"];
  const ranIn = async (steps: readonly number[]) => {
    const board = await boardOf();
    await board.startReplay(traces, { timing, speed: 0 });
    for (const ns of steps) await board.advance(ns);
    expect(board.replay?.over).toBe(true);
    const { now: _, ...state } = board.machine.export();
    await board.close();
    return state;
  };
  const whole = await ranIn([10e6]);
  expect(whole.records).toBe(7000);
  expect(await ranIn([1, 999, 12_345, 700_000, 0, 2_000_000, 8e6])).toEqual(whole);
  expect(await ranIn([Number.POSITIVE_INFINITY])).toEqual(whole);
});

test("once it is closed, what waited for its turn is refused, and does not keep it", async () => {
  const board = await boardOf();
  let ran = 0;
  const work = Array.from({ length: 3 }, () => board.exclusive(() => ran++));
  const closed = board.close();
  for (const one of work) await expect(one).rejects.toThrow(/^ENODEV: the server ends/);
  await closed;
  await expect(board.advance(1)).rejects.toThrow(/^ENODEV/);
  expect(ran).toBe(0);
});

test("a log of an MSC that another platform lacks does not keep that one from coming", async () => {
  const said: string[] = [];
  const board = await boardOf({ say: (line) => said.push(line) });
  const small = await boardOf({
    platform: await loadPlatform(new URL("../../platforms/minimal.yaml", import.meta.url)),
  });
  const snapshot = small.snapshot();
  const last = board.machine.mscs.length - 1;
  expect(last).toBeGreaterThan(small.machine.mscs.length - 1);
  const end = board.log(`msc:${last}`, () => {});
  const home = board.snapshot();
  await board.restore(snapshot);
  expect(board.machine.platform.name).toBe(small.machine.platform.name);
  expect(said).toEqual([expect.stringContaining(`msc:${last}`)]);
  await board.restore(home);
  let seen = 0;
  board.log("MPAMF_AIDR", () => seen++);
  board.machine.read32(last, 0x20);
  expect(seen).toBe(1);
  end();
  await board.close();
  await small.close();
});
