// What power-on tells the hardware of a platform, call by call. The numbers here are those of docs/boundary.md.

import { describe, expect, test } from "vitest";
import { layOut, resourcesOf } from "../../src/machine/power-on.ts";
import { Requesters } from "../../src/machine/requesters.ts";
import type { Builder } from "../../src/machine/wasm.ts";
import { checkObject, loadPlatform, mscInstances, type Platform } from "../../src/platform/index.ts";
import { FakeTrace, thread } from "./traces.ts";

type Call = readonly [name: string, ...words: (number | bigint)[]];

/** Writes down what it is told, and numbers slices, channels and MSCs as hardware does. */
class Recorder implements Builder {
  readonly calls: Call[] = [];
  #resources = 0;
  #mscs = 0;

  #note(...call: Call): void {
    this.calls.push(call);
  }

  #take(count: number): number {
    this.#resources += count;
    return this.#resources - count;
  }

  init = (...words: Parameters<Builder["init"]>) => this.#note("init", ...words);
  configure = (...words: Parameters<Builder["configure"]>) => this.#note("configure", ...words);
  reserve = (...words: Parameters<Builder["reserve"]>) => this.#note("reserve", ...words);
  setBelow = (...words: Parameters<Builder["setBelow"]>) => this.#note("setBelow", ...words);
  addBank = (...words: Parameters<Builder["addBank"]>) => this.#note("addBank", ...words);
  addRis = (...words: Parameters<Builder["addRis"]>) => this.#note("addRis", ...words);
  addPe = (...words: Parameters<Builder["addPe"]>) => this.#note("addPe", ...words);

  addCache = (...words: Parameters<Builder["addCache"]>) => {
    this.#note("addCache", ...words);
    return this.#take(words[1]);
  };

  addNode = (...words: Parameters<Builder["addNode"]>) => {
    this.#note("addNode", ...words);
    return this.#take(words[0]);
  };

  addMsc = (...words: Parameters<Builder["addMsc"]>) => {
    this.#note("addMsc", ...words);
    return this.#mscs++;
  };

  seal = () => {
    this.#note("seal");
    return 4096;
  };
}

function told(platform: Platform): Call[] {
  const recorder = new Recorder();
  expect(layOut(recorder, platform, mscInstances(platform), 17)).toBe(4096);
  return recorder.calls;
}

function named(calls: readonly Call[], name: string): (number | bigint)[][] {
  return calls.filter(([one]) => one === name).map(([, ...words]) => words);
}

const MEMORY = 0xffff_ffff;

const small = checkObject({
  name: "every word",
  cpus: 4,
  processor: { partidMax: 7, pmgMax: 1, outstanding: 7, requesters: 3 },
  owners: 99,
  lineBytes: 128,
  pageBytes: "16 KiB",
  quantumNs: 500,
  numa: "fill",
  seed: 9,
  clusters: ["0-1", "2"],
  caches: [
    {
      ...{
        level: 3,
        cpus: "0-2",
        bytes: "64 KiB",
        slices: 2,
        ways: 8,
        policy: "random",
        inclusive: true,
        latencyNs: 33,
      },
      msc: { base: 0x3000_0000, mbw: { bwaWd: 7, window: "fixed" }, cpor: { cpbmWd: 40 } },
    },
    {
      ...{ level: 1, per: "cpu", cpus: "0,2", bytes: "4 KiB", ways: 4, policy: "plru", relabelOnWriteHit: true },
      mbwu: "upstream",
      msc: { base: 0x1000_0000, mbwu: { monitors: 1, counter: 44 } },
    },
    { level: 2, per: "cluster", cpus: "0-2", bytes: "16 KiB", ways: 16, policy: "nru" },
  ],
  memory: [
    { cpus: "0-1", bytes: "1 GiB", channels: 2, bytesPerSecond: "10 GB/s", msc: { base: 0x4000_0000 } },
    { bytes: "2 GiB", channels: 3, bytesPerSecond: "1 GB/s", latencyNs: 150, msc: { base: 0x5000_0000 } },
  ],
});

describe("the hardware is told", () => {
  const calls = told(small);

  test("in this order", () => {
    const order = ["init", "configure", "addCache", "addNode", "setBelow", "addMsc", "addPe", "seal"];
    const firsts = order.map((name) => calls.findIndex(([one]) => one === name));
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    const lasts = order.map((name) => calls.findLastIndex(([one]) => one === name));
    expect(lasts.slice(0, 5)).toEqual(firsts.slice(1, 6).map((next) => next - 1));
  });

  test("what holds for the whole machine", () => {
    expect(named(calls, "init")).toEqual([[99, 65536, 17]]);
    // Lines of 2^7 bytes, 128 of them in a page; pages fill node after node.
    expect(named(calls, "configure")).toEqual([[7, 128, 1, 500n, 7, 3, 9]]);
  });

  test("each cache: level, slices, sets, ways, policy, flags, portions, latency, bytes a second", () => {
    expect(named(calls, "addCache")).toEqual([
      // 64 KiB are 2 slices of 8 ways of 32 sets; (2 * 10 + 3 * 1) GB/s over 2 slices.
      [3, 2, 32, 8, 3, 1, 40, 33, 11_500_000_000n],
      [1, 1, 8, 4, 1, 6, 1, 1, 0n],
      [1, 1, 8, 4, 1, 6, 1, 1, 0n],
      [2, 1, 8, 16, 2, 0, 1, 5, 0n],
      [2, 1, 8, 16, 2, 0, 1, 5, 0n],
    ]);
  });

  test("each node: channels, lines, bytes a second, latency", () => {
    expect(named(calls, "addNode")).toEqual([
      [2, 8388608n, 10_000_000_000n, 100],
      [3, 16777216n, 1_000_000_000n, 150],
    ]);
  });

  test("what lies below each cache", () => {
    // Resources: L3 0 and 1, L1 of cpu 0 is 2, of cpu 2 is 3, L2 of 0-1 is 4, of 2 is 5.
    expect(named(calls, "setBelow")).toEqual([
      [0, MEMORY],
      [2, 4],
      [3, 5],
      [4, 0],
      [5, 0],
    ]);
  });

  test("an MSC for each slice and channel, at its resource", () => {
    expect(named(calls, "addMsc").map(([resource]) => resource)).toEqual([0, 1, 2, 3, 6, 7, 8, 9, 10]);
  });

  test("each cpu: ID_AA64PFR0_EL1, PFR1, MPAMIDR_EL1 and MPAMBWIDR_EL1 in words, and its choices", () => {
    // PFR0: four exception levels, MPAM 1; MPAMIDR_EL1: PARTID_MAX 7, HAS_HCR, VPMR_MAX 7; firmware enables.
    const usual = [0x1111, 0x100, 0x1_0000, 0x1e_0007, 1, 0, 0, 0x400];
    expect(named(calls, "addPe")).toEqual([usual, usual, usual, usual]);
    const cpus = {
      ...{ version: "0.1", partidMax: 0xffff, pmgMax: 255, sme: true, tidr: true, sdeflt: true, forceNs: "rao" },
      bandwidth: { bwaWd: 16, maxLim: "hard", hwScale: true },
      firmware: { enables: false, traps: true },
      unpredictable: {
        ...{ reset: "ones", virtual: "wrap", physical: "max", pmg: "max", pmgOfError: "zero" },
        ...{ phyPartid: "narrow", streaming: "el", altspFrcd: "forced" },
      },
      unlike: [{ cpus: 1, version: "1.1", forceNs: "none", rme: true, vpmrMax: 2, unpredictable: { virtual: "zero" } }],
    };
    const memory = [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }];
    const platform = checkObject({ name: "two", cpus: 2, processor: cpus, memory });
    expect(named(told(platform), "addPe")).toEqual([
      [0x1111, 0, 0x0101_0000, 0x1e_ffff, 0x3500_00ff, 0x8000_0010, 0x8000_0000, 0xbfd],
      [0x1111, 0x10_0100, 0x0101_0000, 0x0a_ffff, 0x2f00_00ff, 0x8000_0010, 0x8000_0000, 0x9fb],
    ]);
  });

  test("how windows of bandwidth are filled", () => {
    const last = named(calls, "addRis").map((words) => words.at(-1));
    expect(last).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(named(calls, "addRis").every((words) => words.length === 16)).toBe(true);
  });
});

describe("resources", () => {
  test("are numbered as they are added; records enter at the lowest level of their cpu, or at memory", () => {
    expect(resourcesOf(small)).toEqual({ caches: [0, 2, 3, 4, 5], nodes: [6, 8], entries: [2, 4, 3, MEMORY] });
  });

  test("of two-sockets: private L2s first, then two L3s of four slices, then two nodes of two channels", async () => {
    const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
    const l2s = Array.from({ length: 16 }, (_, cpu) => cpu);
    expect(resourcesOf(platform)).toEqual({ caches: [...l2s, 16, 20], nodes: [24, 26], entries: l2s });
    const calls = told(platform);
    expect(named(calls, "setBelow")).toEqual([
      ...l2s.map((cpu) => [cpu, cpu < 8 ? 16 : 20]),
      [16, MEMORY],
      [20, MEMORY],
    ]);
    expect(named(calls, "addMsc").map(([resource]) => resource)).toEqual(Array.from({ length: 28 }, (_, i) => i));
  });
});

test("each requester enters by the cpu it is on, when its trace is first seen", () => {
  const entered: [number, number][] = [];
  const all = new Requesters({
    cpus: small.cpus,
    capacity: 100,
    limitsOf: () => small.processor,
    enter: (requester, cpu) => entered.push([requester, cpu]),
    addTask() {},
    devices: { check() {}, add() {} },
  });
  const requesters = [thread(1, { cpu: 2 }), thread(2), thread(3), thread(1, { cpu: 2, el: 1 }), thread(4, { cpu: 7 })];
  const trace = new FakeTrace("five", [], { requesters });
  all.enrol(trace);
  all.enrol(trace);
  // Threads 2 and 3 are dealt out from cpu 0; cpu 7 of a machine of four is cpu 3.
  expect(entered).toEqual([
    [0, 2],
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 3],
  ]);
});
