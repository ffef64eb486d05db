// Several threads replay one machine: what comes out is the same to the bit, however many there are.

import { afterEach, describe, expect, test, vi } from "vitest";
import { Crew } from "../../src/machine/crew.ts";
import { type InterruptEvent, Machine, type ReplayOptions } from "../../src/machine/index.ts";
import { loadPlatform, type Platform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { EN, MBWU, MBWU_CTL, MON_SEL, OFLOW_INTR } from "./compare.ts";
import { tag } from "./machines.ts";
import { FakeTrace, mixed, thread } from "./traces.ts";

const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const ROWS = 50_000;
const CPUS = 16;
const REQUESTERS = Array.from({ length: CPUS }, (_, i) => thread(i + 1, { cpu: i }));
const ROWS_OF_TRACE = mixed(7, ROWS, CPUS, 60_000, 1);
const WRAP = 2 ** 31;

/** The first bytes of any module. */
const EMPTY_MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const NO_HARDWARE = { setThreads: () => {}, dismiss: () => {} };

const machines: Machine[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  for (const machine of machines.splice(0)) await machine.close();
});

async function machineOf(workers: number): Promise<Machine> {
  const machine = await Machine.create(platform, { workers });
  machines.push(machine);
  return machine;
}

const traceOf = () => new FakeTrace("t", ROWS_OF_TRACE, { requesters: REQUESTERS, batches: [9000, 20_000] });

/** Labels, a channel whose monitor overflows early and another's much later, and labels again. */
async function replayed(machine: Machine, options: ReplayOptions = {}) {
  const events: InterruptEvent[] = [];
  machine.onInterrupt((event) => void events.push(event));
  const trace = traceOf();
  machine.addTasks(trace);
  for (const { tid } of REQUESTERS) machine.processor.setTaskLabel(tid, tag(tid));
  const channels = [...machine.mscs.keys()].filter((msc) => machine.mscs[msc]?.resource.kind === "memory");
  for (const [i, msc] of channels.entries()) {
    machine.write32(msc, MON_SEL, 0);
    machine.write32(msc, MBWU, i === 0 ? WRAP - 200_000 : 0);
    machine.write32(msc, MBWU_CTL, (EN | OFLOW_INTR) >>> 0);
  }
  machine.clock.at(ROWS / 4, "test", () => {
    for (const { tid } of REQUESTERS) machine.processor.setTaskLabel(tid, tag(CPUS + 1 - tid));
  });
  const result = await machine.replay([trace], options);
  return { result, events, state: machine.export(), levels: machine.levels() };
}

describe("threads of one machine", () => {
  test("two, four or eight come to the same as one, and share what runs", async () => {
    for (const workers of [1, 2, 4, 8]) await machineOf(workers);
    const [one, ...others] = await Promise.all(machines.map((machine) => replayed(machine)));
    expect(one?.events.filter(({ kind }) => kind === "overflow").length).toBeGreaterThan(0);
    expect(one?.result.paths).toEqual({ specialised: ROWS + split(), general: 0, single: 0 });
    for (const other of others) expect(other).toEqual(one);
    for (const machine of machines.slice(1)) {
      expect(Number(machine.inside.hardware.recordsBy(3))).toBeGreaterThan(ROWS / 3);
    }
    expect(machines.map(({ workers }) => workers)).toEqual([1, 2, 4, 8]);
  });

  test("lose the registers of MSCs in the middle as one alone does", async () => {
    const lost = <T extends Platform["caches"][number]>(one: T): T =>
      one.msc ? { ...one, msc: { ...one.msc, power: "lost", cpus: one.cpus } } : one;
    const fragile: Platform = { ...platform, caches: platform.caches.map(lost) };
    const run = async (workers: number, goes: boolean) => {
      const machine = await Machine.create(fragile, { workers });
      machines.push(machine);
      const mscs = machine.mscs.filter(
        ({ description: { power, ris } }) => power === "lost" && ris.some((r) => r.cpor),
      );
      expect(mscs.length).toBeGreaterThan(0);
      for (const { msc } of mscs) {
        for (const { tid } of REQUESTERS) {
          machine.write32(msc, PART_SEL, tag(tid).partidD);
          machine.write32(msc, CPBM, 1);
        }
      }
      const half = Array.from({ length: CPUS / 2 }, (_, i) => CPUS / 2 + i);
      // In the middle of what runs: before it, all lines are in reach of a mask.
      machine.clock.at(ROWS / 3, "test", () => {
        if (goes) for (const cpu of half) void machine.cpu(cpu).offline();
      });
      const { result, ...found } = await replayed(machine);
      const masks = mscs.map(({ msc }) => machine.read32(msc, CPBM));
      return { ...found, masks, records: result.records };
    };
    const [one, three, whole] = [await run(1, true), await run(3, true), await run(1, false)];
    expect(three).toEqual(one);
    expect(Number(machines[1]?.inside.hardware.recordsBy(3))).toBeGreaterThan(0);
    expect(one.state.sets).not.toEqual(whole.state.sets);
    // Those of the second socket have what limits nothing: L2s of 8 portions, L3 slices of 16.
    expect([...new Set(one.masks)]).toEqual([1, 0xff, 0xffff]);
  });

  test("stop at the very record, and go on", async () => {
    const runs = await Promise.all(
      [1, 3].map(async (n) => {
        const machine = await machineOf(n);
        const first = await replayed(machine, { stopOn: ["overflow"] });
        const rest = await machine.resume([traceOf()]);
        return { first, rest: { ...rest, paths: undefined }, state: machine.export() };
      }),
    );
    expect(runs[0]?.first.result.stopped).toBeDefined();
    expect(runs[1]).toEqual(runs[0]);
  });

  test("go on with what one of them left, and the other way round", async () => {
    const whole = (await replayed(await machineOf(1))).state;
    for (const [before, after] of [
      [2, 1],
      [2, 2],
    ] as const) {
      const machine = await machineOf(before);
      await replayed(machine, { until: ROWS / 3 });
      const restored = await Machine.restore(machine.snapshot(), { workers: after });
      machines.push(restored);
      await restored.resume([traceOf()]);
      expect(restored.export(), `${before} to ${after}`).toEqual(whole);
      expect(restored.workers).toBe(after);
    }
    const alone = (await machineOf(1)).snapshot();
    await expect(Machine.restore(alone, { workers: 2 })).rejects.toThrow(
      new RangeError("workers is 2, and the snapshot is of a machine that was made for 1"),
    );
  });

  test("are left when the machine is closed, which replays on alone", async () => {
    const machine = await machineOf(2);
    await machine.close();
    expect(machine.workers).toBe(1);
    expect((await replayed(machine)).state).toEqual((await replayed(await machineOf(1))).state);
    expect(machine.inside.hardware.recordsBy(3)).toBe(0n);
  });
});

test("a thread that cannot start is told of in one line, and the others are ended", async () => {
  // It imports a.b, which nobody has: each thread fails by itself.
  const module = new WebAssembly.Module(
    new Uint8Array([...EMPTY_MODULE, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x62, 0, 0]),
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const before = threads();
  await expect(Crew.start(module, memory, NO_HARDWARE, 3)).rejects.toThrow(
    /^a thread of the machine did not start: [^\n]*"a"[^\n]*$/,
  );
  expect(threads()).toBe(before);
});

test("a thread of a page is refused by its policy, fails or is not heard of: one line each, and it is ended", async () => {
  vi.useFakeTimers();
  const ended = vi.fn();
  let act: (worker: { onerror(event: object): void }) => void = () => {};
  class Refusing {
    onerror = (_: object) => {};
    terminate = ended;
    postMessage = () => act(this);
  }
  vi.stubGlobal("Worker", Refusing);
  vi.stubGlobal("process", undefined);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(new Uint8Array(EMPTY_MODULE));
  for (const [how, line] of [
    [(worker) => worker.onerror({}), "the page refuses it, its Content-Security-Policy has to allow worker-src blob:"],
    [(worker) => worker.onerror({ message: "no room" }), "no room"],
    [() => void vi.advanceTimersByTime(30_000), "nothing was heard of it for 30 s"],
  ] as [typeof act, string][]) {
    act = how;
    ended.mockClear();
    await expect(Crew.start(module, memory, NO_HARDWARE, 2)).rejects.toThrow(
      new Error(`a thread of the machine did not start: ${line}`),
    );
    expect(ended).toHaveBeenCalledOnce();
  }
});

test("where memory cannot be shared there is one thread", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  const machine = await machineOf(4);
  expect(machine.workers).toBe(1);
});

test.each([0, 9, 1.5, Number.NaN])("%s is no number of threads", async (workers) => {
  await expect(Machine.create(platform, { workers })).rejects.toThrow(
    new RangeError(`workers is ${workers}; a whole number, 1 to 8, is allowed`),
  );
});

/** Records that come of rows which cross a border of lines. */
function split(): number {
  return ROWS_OF_TRACE.filter(({ address, bytes }) => (address % 64) + bytes > 64).length;
}

/** Threads of this process that wait for messages or work. */
function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker").length;
}
