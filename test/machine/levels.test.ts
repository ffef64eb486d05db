// Levels in bulk, on the platforms that are easily forgotten: caches of one level that differ, and requests that pass levels by.

import { afterEach, describe, expect, test } from "vitest";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { memoryMachine, type Ways } from "../helpers/memory-machine.ts";
import type { MemoryCache, MemoryConfig, MemoryNode, MemoryRecord, MemorySubject } from "../helpers/memory-subject.ts";
import { plainMemory } from "../helpers/plain/memory/subject.ts";
import { Bare } from "./hardware.ts";
import { generator } from "./traces.ts";

const ESR = offsetOf("MPAMF_ESR");
const PARTID_MON = 0xffff;

const subjects: MemorySubject[] = [];

afterEach(async () => {
  for (const subject of subjects.splice(0)) await subject.close?.();
});

const cache = (level: number, cpus: readonly number[], different: Partial<MemoryCache> = {}): MemoryCache => ({
  level,
  cpus,
  sets: 2,
  ways: 2,
  slices: 1,
  policy: "lru",
  inclusive: false,
  relabelOnWriteHit: false,
  mbwu: "downstream",
  latencyNs: 0,
  ...different,
});

const node: MemoryNode = { bytes: 2 ** 20, channels: 1, bytesPerSecond: 1e10, latencyNs: 0 };
const msc = (partidMax: number) => ({
  version: "1.1" as const,
  nrdyUsec: 0,
  spaces: { ns: { partidMax, pmgMax: 1 } },
  ris: [{ ris: 0, mbwu: { monitors: 1, counter: 44 as const } }],
});

/** Requester n is on cpu n. */
const systemOf = (caches: readonly MemoryCache[], nodes: readonly MemoryNode[] = [node]): MemoryConfig => {
  const cpus = 1 + Math.max(...caches.flatMap((one) => one.cpus));
  return {
    ...{ cpus, lineBytes: 64, pageBytes: 4096, quantumNs: 1000, outstanding: 4, seed: 5, numa: "interleave", caches },
    nodes,
    requesters: Array.from({ length: cpus }, (_, cpu) => cpu),
  };
};

/** The plain model, and the hardware with so many threads. */
async function bothOf(config: MemoryConfig, ways: Ways, workers = 1): Promise<readonly [MemorySubject, MemorySubject]> {
  const both = [await plainMemory(config), await memoryMachine(config, ways, workers)] as const;
  subjects.push(...both);
  return both;
}

function traffic(seed: number, count: number, requesters: number, lines: number): MemoryRecord[] {
  const random = generator(seed);
  return Array.from({ length: count }, () => {
    return { time: 1000, line: random(lines), requester: random(requesters), op: random(4), bytes: 1 + random(64) };
  });
}

const byPartid = (subject: MemorySubject, place: Parameters<MemorySubject["counts"]>[0]) =>
  subject.counts(place).toSorted((a, b) => a.partid - b.partid);

describe("caches of one level that differ", () => {
  test("are looked ahead for where their own sets lie", async () => {
    // The sets of the second cache take half as much each as those of the first, and there are many.
    const platform = checkObject(
      {
        name: "two shapes",
        cpus: 2,
        processor: { partidMax: 7, pmgMax: 1 },
        caches: [
          { level: 2, id: 0, cpus: "0", bytes: 4 * 32 * 64, ways: 32 },
          { level: 2, id: 1, cpus: "1", bytes: 16 * 64 * 2 ** 17, ways: 16 },
        ],
        memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
      },
      "two shapes",
    );
    const bare = await Bare.powerOn("plain", platform);
    bare.hardware.setEntry(1, 1);
    bare.hardware.fit(2 ** 17);
    const last = 2 ** 17 - 1;
    const records = Array.from({ length: 40 }, (_, i) => ({ line: last, requester: (i >> 4) & 1, op: 0, bytes: 64 }));
    expect(bare.run(records)).toBe(40);
    expect([0, 1].map((resource) => bare.hardware.linesHeld(resource, 0))).toEqual([1, 1]);
    expect(bare.hardware.recordsBy(0)).toBe(40n);
  });
});

describe("where records enter at different levels", () => {
  const slices = 4;
  const upstream = { slices, sets: 4, mbwu: "upstream" as const, msc: msc(7) };
  const uneven = systemOf([cache(1, [0]), cache(2, [0]), cache(2, [1], upstream), cache(3, [0, 1], { slices: 2 })]);
  const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
  const CTL = offsetOf("MSMON_CFG_MBWU_CTL");
  const MBWU = offsetOf("MSMON_MBWU");

  test.each([1, 2, 3])("%s threads count the bytes of records at the slice that each is for", async (workers) => {
    const both = await bothOf(uneven, "chosen", workers);
    const records = traffic(3, 2000, 2, 200);
    const read = both.map((subject) => {
      for (let slice = 0; slice < slices; slice++) {
        subject.write32(slice, MON_SEL, 0, "ns");
        subject.write32(slice, CTL, 0x8000_0000, "ns");
      }
      subject.run(records);
      return Array.from({ length: slices }, (_, slice) => subject.read32(slice, MBWU, "ns"));
    });
    expect(read[1]).toEqual(read[0]);
    expect(Math.min(...(read[0] ?? []))).toBeGreaterThan(1000);
    for (let index = 0; index < 1 + 1 + slices + 2; index++) {
      expect(both[1].lines(index)).toEqual(both[0].lines(index));
      expect(byPartid(both[1], { kind: "cache", index })).toEqual(byPartid(both[0], { kind: "cache", index }));
    }
  });

  test.each([
    ["one level", [cache(1, [0]), cache(1, [1]), cache(2, [1])]],
    ["no cache at all", [cache(1, [1])]],
  ])("the latest error at a channel is that of the last request, though it came through %s", async (_, caches) => {
    const [plain, hardware] = await bothOf(systemOf(caches, [{ ...node, msc: msc(7) }]), "chosen");
    const one = (requester: number, line: number) => ({ time: 1000, line, requester, op: 0, bytes: 64 });
    for (const subject of [plain, hardware]) {
      for (const requester of [0, 1])
        subject.setLabel(requester, "all", { space: "ns", partid: 20 + requester, pmg: 0 });
      // The second one has the longer way, and comes first.
      subject.run([one(1, 1), one(0, 2)]);
    }
    const last = (subject: MemorySubject) => subject.read32(0, ESR, "ns") & PARTID_MON;
    expect(last(plain)).toBe(20);
    expect(last(hardware)).toBe(20);
  });
});

describe("the longest span through four levels", () => {
  // Every write misses everywhere, and costs a dirty line at every level: requests double from level to level.
  const records = Array.from({ length: 33_000 }, (_, i) => ({ time: 1000, line: i, requester: 0, op: 1, bytes: 64 }));
  const levels = (slices: number) => [1, 2, 3, 4].map((level) => cache(level, [0], { ways: level, slices }));

  test.each([
    ["all of it for one of them", levels(1), 1],
    ["something for each, all for one channel", levels(4), 1],
    ["something for each, and two nodes", levels(4), 2],
  ])("comes to the same on any number of threads with %s", async (_, caches, nodes) => {
    const config = systemOf(
      caches,
      Array.from({ length: nodes }, () => node),
    );
    const [plain, one] = await bothOf(config, "chosen");
    const crews = await Promise.all([2, 3].map((workers) => memoryMachine(config, "chosen", workers)));
    subjects.push(...crews);
    const slices = caches.reduce((sum, { slices }) => sum + slices, 0);
    const told = (subject: MemorySubject) => {
      subject.run(records);
      return {
        slices: Array.from({ length: slices }, (_, index) => subject.counts({ kind: "cache", index })),
        channels: Array.from({ length: nodes }, (_, index) => subject.counts({ kind: "channel", index })),
        lines: subject.lines(slices - 1),
      };
    };
    const right = told(plain);
    for (const subject of [one, ...crews]) expect(told(subject)).toEqual(right);
  });
});
