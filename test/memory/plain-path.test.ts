/** The way of a request through levels, slices, nodes and channels; and that what is counted on the way adds up. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashAdd, mix } from "../../bench/mixer.ts";
import type { MemoryConfig, MemoryRecord, MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import {
  cache,
  channel,
  countsOf,
  get,
  msc,
  node,
  ns,
  ownPartids,
  put,
  records,
  set,
  slice,
  system,
  WRITE,
  ways,
} from "./systems.ts";

const MBWU = { mbwu: { monitors: 1, counter: 44 } } as const;

function hash(first: number, line: number): number {
  return hashAdd(mix(first), line);
}

/** Counts everything at an MSC from now on. */
function watch(subject: MemorySubject, number: number): void {
  put(subject, "MSMON_CFG_MON_SEL", 0, { msc: number });
  put(subject, "MSMON_CFG_MBWU_CTL", { EN: 1, TYPE: 0x42 }, { msc: number });
}

function watched(subject: MemorySubject, number: number): number {
  put(subject, "MSMON_CFG_MON_SEL", 0, { msc: number });
  return get(subject, "MSMON_MBWU", { msc: number });
}

describe.each(memorySubjects)("$name", ({ create }) => {
  test("lines are hashed over the slices of a cache, and over the channels of a node", async () => {
    const subject = await create(system({ caches: [cache({ slices: 3, sets: 4 })], nodes: [node({ channels: 4 })] }));
    const lines = Array.from({ length: 40 }, (_, i) => 5 * i);
    subject.run(records(lines));
    for (const index of [0, 1, 2]) {
      const held = subject.lines(index).map(({ line }) => line);
      expect(held.every((line) => hash(1, line) % 3 === index)).toBe(true);
      expect(countsOf(subject, slice(index), ns(0)).accesses).toBe(
        lines.filter((line) => hash(1, line) % 3 === index).length,
      );
    }
    for (const index of [0, 1, 2, 3]) {
      const bytes = 64 * lines.filter((line) => hash(2, line) % 4 === index).length;
      expect(countsOf(subject, { kind: "channel", index }, ns(0)).bytesRead).toBe(bytes);
    }
  });

  test("pages go over the nodes in turn, or fill one after the other, the last taking what is beyond", async () => {
    const nodes = [node({ bytes: 2 ** 20 }), node({ bytes: 2 ** 21 })];
    const lines = [0, 63, 64, 128, 2 ** 14 - 1, 2 ** 14, 3 * 2 ** 14, 2 ** 20]; // 64 lines a page, 2^14 lines a MiB
    const served = async (numa: "interleave" | "fill"): Promise<number[]> => {
      const subject = await create(system({ numa, nodes }));
      subject.run(records(lines));
      return [0, 1].map((index) => countsOf(subject, { kind: "channel", index }, ns(0)).bytesRead / 64);
    };
    // Pages 0, 0, 1, 2, 255, 256, 768, 16384; and MiB 0, 0, 0, 0, 0, 1, 3, 64.
    expect(await served("interleave")).toEqual([6, 2]);
    expect(await served("fill")).toEqual([5, 3]);
  });

  test("a request goes through the levels that its cpu has", async () => {
    const caches = [cache({ cpus: [0] }), cache({ level: 2, cpus: [0, 1], ways: 8 })];
    const subject = await create(system({ cpus: 2, caches, requesters: [0, 1] }));
    subject.load([...records([1], 0, 0), ...records([1, 2], 0, 1, 10)]);
    subject.runTo(1000);
    expect(countsOf(subject, slice(0), ns(0))).toMatchObject({ accesses: 1, misses: 1 });
    expect(countsOf(subject, slice(1), ns(0))).toMatchObject({ accesses: 3, misses: 2 });
    expect(countsOf(subject, channel, ns(0)).bytesRead).toBe(128);
    // Served by the second level's hit, 20 ns, and twice by memory, 100 ns.
    expect(subject.latencies()).toEqual([{ ...ns(0), count: 3, sumNs: 205, maxNs: 100, heldNs: 0 }]);
  });

  test("a dirty victim is written down under its own label and becomes dirty there", async () => {
    const caches = [cache({ ways: 1 }), cache({ level: 2, ways: 4 })];
    const subject = await create(system({ caches }));
    ownPartids(subject, 2);
    subject.run([...records([0], WRITE, 1), ...records([1], 0, 0, 10)]);
    expect(subject.lines(1)).toMatchObject([
      { line: 0, dirty: true, partid: 1 },
      { line: 1, dirty: false, partid: 0 },
    ]);
    expect(countsOf(subject, slice(0), ns(1))).toMatchObject({ bytesRead: 64, bytesWritten: 64 });
    // A write-back is no demand.
    expect(countsOf(subject, slice(1), ns(1))).toMatchObject({ accesses: 1, misses: 1, bytesWritten: 0 });
  });

  test("a write-back that misses is filled dirty without a read", async () => {
    const caches = [cache({ ways: 2 }), cache({ level: 2, ways: 1 })];
    const subject = await create(system({ caches }));
    subject.run([...records([0], WRITE), ...records([1, 2], 0, 0, 10)]);
    // Line 0 left the second level clean when 1 came. Its write-back drives out line 1, and is driven out by 2.
    expect(countsOf(subject, slice(1), ns(0))).toMatchObject({ accesses: 3, bytesRead: 192, bytesWritten: 64 });
    expect(countsOf(subject, channel, ns(0))).toMatchObject({ bytesRead: 192, bytesWritten: 64 });
  });

  test("an inclusive cache takes its victims out of the caches above, and writes a line down once", async () => {
    const caches = [
      cache({ cpus: [0], sets: 2 }),
      cache({ cpus: [1], sets: 2 }),
      cache({ level: 2, cpus: [0, 1], ways: 2, inclusive: true }),
    ];
    const subject = await create(system({ cpus: 2, caches, requesters: [0, 1] }));
    ownPartids(subject, 2);
    subject.run([...records([0], WRITE, 0), ...records([0, 1], WRITE, 1, 10), ...records([2], 0, 1, 20)]);
    expect([0, 1].map((one) => subject.lines(one).map(({ line }) => line))).toEqual([[], [2, 1]]);
    expect(countsOf(subject, slice(2), ns(0)).bytesWritten).toBe(64);
    const inclusion = { disabled: 0, ownLimit: 0, ownPortion: 0, other: 0, inclusion: 1 };
    expect(subject.evictions(0)).toEqual([{ ...ns(0), reasons: inclusion }]);
    expect(subject.evictions(1)).toEqual([{ ...ns(1), reasons: inclusion }]);
  });

  test("what an inclusive cache cannot take is not taken above either, and a write passes after its read", async () => {
    const below = cache({ level: 2, ways: 4, inclusive: true, msc: msc({ cpor: { cpbmWd: 4 } }) });
    const subject = await create(system({ caches: [cache({ ways: 1 }), below] }));
    ownPartids(subject, 2);
    set(subject, 1, "MPAMCFG_CPBM", 0);
    subject.run([...records([0], 0, 0), ...records([1], WRITE, 1, 10)]);
    // The way that was chosen above has been emptied.
    expect([ways(subject, 1, 0, 0), ways(subject, 4, 0, 1)]).toEqual([
      [undefined],
      [0, undefined, undefined, undefined],
    ]);
    for (const place of [slice(0), slice(1), channel]) {
      expect(countsOf(subject, place, ns(1))).toMatchObject({ bytesRead: 64, bytesWritten: 64 });
    }
    expect(countsOf(subject, slice(1), ns(1))).toMatchObject({ accesses: 1, misses: 1 });
  });

  test("a write hit makes the line its own label's only where that is asked for", async () => {
    for (const relabelOnWriteHit of [false, true]) {
      const subject = await create(system({ caches: [cache({ relabelOnWriteHit })] }));
      ownPartids(subject, 3);
      subject.run([...records([0], 0, 1), ...records([0], 0, 2, 10)]);
      expect(subject.lines(0)).toMatchObject([{ partid: 1 }]);
      subject.run(records([0], WRITE, 2, 20));
      expect(subject.lines(0)).toMatchObject([{ partid: relabelOnWriteHit ? 2 : 1, dirty: true }]);
    }
  });

  test("each MSC on the way translates what leaves it, and finds errors under the label it sees", async () => {
    const spaces = { ns: { partidMax: 15, pmgMax: 3 } };
    const upper = msc(MBWU, { spaces, outTl: { partidMax: 15, direct: true } });
    const lower = msc(MBWU, { spaces: { ns: { partidMax: 3, pmgMax: 0 } } });
    const caches = [cache({ ways: 1, msc: upper }), cache({ level: 2, ways: 4, msc: lower })];
    const subject = await create(system({ caches }));
    subject.setLabel(0, "all", ns(1));
    subject.setLabel(1, "all", ns(2, 1));
    for (const [from, to] of [
      [1, 3],
      [2, 9],
    ] as const) {
      put(subject, "MPAMCFG_PART_SEL", { PARTID_SEL: from });
      put(subject, "MPAMCFG_OUT_TL", { ENABLE: 1, PARTID_TL: to });
    }
    subject.run(records([0], WRITE, 0));
    expect(get(subject, "MPAMF_ESR", { msc: 1 })).toBe(0);
    expect(subject.lines(1)).toMatchObject([{ line: 0, partid: 3 }]);
    subject.run(records([1], 0, 1, 10));
    expect(get(subject, "MPAMF_ESR", { msc: 0 })).toBe(0);
    expect(get(subject, "MPAMF_ESR", { msc: 1 })).toBe(0x0201_0009); // 2: PARTID out of range; PARTID 9, PMG 1
    expect(countsOf(subject, channel, ns(9, 1)).bytesRead).toBe(64);
    subject.setLabel(1, "all", ns(3, 1));
    subject.edge();
    subject.run(records([2], 0, 1, 20));
    expect(get(subject, "MPAMF_ESR", { msc: 1 })).toBe(0x8401_0003); // 4: PMG out of range, over another error
  });

  test("what ingress translation makes of a PARTID is what goes downstream, where nothing translates it again", async () => {
    const upper = msc(MBWU, { inTl: { partidMax: 15, direct: true } });
    const subject = await create(system({ caches: [cache({ msc: upper }), cache({ level: 2 })] }));
    subject.setLabel(0, "all", ns(3));
    put(subject, "MPAMCFG_PART_SEL", { PARTID_SEL: 3, INGRESS_TL: 1 });
    put(subject, "MPAMCFG_IN_TL", { ENABLE: 1, PARTID_TL: 1 });
    subject.run(records([0]));
    // Lines keep the label as it arrived.
    expect(subject.lines(0)).toMatchObject([{ partid: 3 }]);
    expect(subject.lines(1)).toMatchObject([{ partid: 1 }]);
  });

  test("a PARTID that ingress translation puts out of range is an error until the border after it was mended", async () => {
    const upper = msc(MBWU, { spaces: { ns: { partidMax: 1, pmgMax: 0 } }, inTl: { partidMax: 3, direct: true } });
    const subject = await create(system({ caches: [cache({ msc: upper })] }));
    put(subject, "MPAMCFG_PART_SEL", { PARTID_SEL: 0, INGRESS_TL: 1 });
    put(subject, "MPAMCFG_IN_TL", { ENABLE: 1, PARTID_TL: 2 });
    subject.run(records([0]));
    expect(get(subject, "MPAMF_ESR")).toBe(0x0200_0000);
    put(subject, "MPAMF_ESR", 0);
    put(subject, "MPAMCFG_IN_TL", { ENABLE: 1, PARTID_TL: 1 });
    subject.run(records([1], 0, 0, 10));
    expect(get(subject, "MPAMF_ESR")).toBe(0x0200_0000);
    put(subject, "MPAMF_ESR", 0);
    subject.run(records([2], 0, 0, 1000));
    expect(get(subject, "MPAMF_ESR")).toBe(0);
  });

  test("upstream, the bytes of records that enter are counted, and downstream the lines that cross", async () => {
    const of = (mbwu: "upstream" | "downstream") => cache({ mbwu, msc: msc(MBWU) });
    for (const mbwu of ["upstream", "downstream"] as const) {
      const subject = await create(system({ caches: [of(mbwu)] }));
      watch(subject, 0);
      subject.run([1, 2, 3].map((bytes, i) => ({ time: i, line: 0, requester: 0, op: i, bytes })));
      expect(watched(subject, 0)).toBe(mbwu === "upstream" ? 6 : 64);
      expect(countsOf(subject, slice(0), ns(0))).toMatchObject({ bytesRead: 64, bytesWritten: 0 });
    }
  });

  /** Three levels of odd shapes, each with a monitor of everything. */
  function threeLevels(lineBytes: 32 | 128): MemoryConfig {
    const caches = [
      cache({ cpus: [0], ways: 2, msc: msc(MBWU) }),
      cache({ cpus: [1], sets: 2, ways: 1, policy: "nru", msc: msc(MBWU) }),
      cache({ level: 2, cpus: [0], sets: 2, ways: 3, policy: "plru", msc: msc(MBWU) }),
      cache({ level: 3, cpus: [0, 1, 2], slices: 2, sets: 4, ways: 2, policy: "random", msc: msc(MBWU) }),
    ];
    const nodes = [node({ channels: 2, msc: msc(MBWU) })];
    return system({ cpus: 4, lineBytes, caches, nodes, requesters: [0, 1, 2, 3] });
  }

  const traffic: fc.Arbitrary<MemoryRecord[]> = fc.array(
    fc.record({
      time: fc.constant(0),
      line: fc.nat(40),
      requester: fc.nat(3),
      op: fc.nat(3),
      bytes: fc.integer({ min: 1, max: 32 }),
    }),
    { maxLength: 150 },
  );

  test("the lines counted for labels add up to the lines held, each once and where it belongs", async () => {
    await fc.assert(
      fc.asyncProperty(traffic, async (trace) => {
        const subject = await create(threeLevels(32));
        ownPartids(subject, 4);
        subject.run(trace);
        for (const [index, { sets, slices, first }] of [
          { sets: 1, slices: 1, first: 0 },
          { sets: 2, slices: 1, first: 1 },
          { sets: 2, slices: 1, first: 2 },
          { sets: 4, slices: 2, first: 3 },
          { sets: 4, slices: 2, first: 3 },
        ].entries()) {
          const lines = subject.lines(index);
          const counted = subject.counts(slice(index)).reduce((sum, one) => sum + one.lines, 0);
          expect(counted).toBe(lines.length);
          expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
          expect(
            lines.every(({ line, set: at }) => line % sets === at && hash(1, line) % slices === index - first),
          ).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("what monitors count at each level are the bytes that the level above and the trace make necessary", async () => {
    await fc.assert(
      fc.asyncProperty(traffic, async (trace) => {
        const subject = await create(threeLevels(128));
        for (let number = 0; number < 7; number++) watch(subject, number);
        subject.run(trace);
        const counts = [0, 1, 2, 3, 4].map((index) => countsOf(subject, slice(index), ns(0)));
        const channels = [0, 1].map((index) => countsOf(subject, { kind: "channel", index }, ns(0)));
        // A miss is a line read from below.
        for (const [number, { misses, bytesRead, bytesWritten }] of counts.entries()) {
          expect(bytesRead).toBe(128 * misses);
          expect(watched(subject, number)).toBe(bytesRead + bytesWritten);
        }
        // The reads of a level are the demands of the next; records of cpu 2 enter at level 3, and those of cpu 3 at memory.
        const entering = (cpu: number) => trace.filter(({ requester }) => requester === cpu).length;
        expect(counts.slice(0, 3).map(({ accesses }) => accesses)).toEqual([
          entering(0),
          entering(1),
          counts[0]?.misses,
        ]);
        const below = (counts[1]?.misses ?? 0) + (counts[2]?.misses ?? 0) + entering(2);
        expect((counts[3]?.accesses ?? 0) + (counts[4]?.accesses ?? 0)).toBe(below);
        // Each line written was made dirty by a write of the trace: no more of them than writes, less what is dirty still.
        const direct = trace.filter(({ requester }) => requester === 3);
        const bytesOf = (write: boolean) =>
          direct.filter(({ op }) => (op === WRITE) === write).reduce((sum, { bytes }) => sum + bytes, 0);
        const down = [3, 4].map((index) => counts[index]);
        const sum = (list: readonly (number | undefined)[]) => list.reduce<number>((all, one) => all + (one ?? 0), 0);
        expect(sum(channels.map(({ bytesRead }) => bytesRead))).toBe(
          sum(down.map((one) => one?.bytesRead)) + bytesOf(false),
        );
        expect(sum(channels.map(({ bytesWritten }) => bytesWritten))).toBe(
          sum(down.map((one) => one?.bytesWritten)) + bytesOf(true),
        );
        expect([5, 6].map((number) => watched(subject, number))).toEqual(
          channels.map(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten),
        );
        // A cache that loses nothing to inclusion writes down what was made dirty: by writes in it, or by what was written above.
        const written = 128 * trace.filter(({ requester, op }) => requester === 0 && op === WRITE).length;
        expect(counts[0]?.bytesWritten).toBeLessThanOrEqual(written);
      }),
      { numRuns: 25 },
    );
  });

  test("labels and settings act from the next border of a quantum, or from an edge of its own", async () => {
    const subject = await create(system({ caches: [cache({ msc: msc({ cpor: { cpbmWd: 4 } }) })] }));
    // Before the first traffic there is an edge, whatever time it is.
    subject.advance(10);
    subject.setLabel(0, "all", ns(2));
    subject.run(records([0], 0, 0, 20));
    expect(subject.lines(0)).toMatchObject([{ way: 0, partid: 2 }]);
    subject.setLabel(0, "all", ns(1));
    set(subject, 1, "MPAMCFG_CPBM", 0b0100);
    subject.run(records([1], 0, 0, 999));
    expect(subject.lines(0)).toMatchObject([
      { way: 0, partid: 2 },
      { way: 1, partid: 2 },
    ]);
    subject.run(records([2], 0, 0, 1000));
    expect(subject.lines(0)[2]).toMatchObject({ way: 2, partid: 1 });
    subject.setLabel(0, "all", ns(0));
    subject.edge();
    subject.run(records([3], 0, 0, 1001));
    expect(subject.lines(0)[3]).toMatchObject({ way: 3, partid: 0, line: 3 });
  });
});
