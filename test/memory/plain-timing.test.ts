/** When records are issued in closed timing, what holds them, and how long that takes: worked by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
} from "./systems.ts";

/** One line a quantum. */
const ONE_LINE = 64e6;

describe.each(memorySubjects)("$name", ({ create }) => {
  test("a requester alone on an idle channel issues at its recorded times", async () => {
    const gaps = fc.array(fc.nat(40), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(gaps, async (list) => {
        const times = list.map((_, i) => list.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0));
        const trace = times.map((time, line) => ({ time, line, requester: 0, op: 0, bytes: 64 }));
        const subject = await create(system({ quantumNs: 10 }));
        subject.load(trace);
        for (let end = 10; end <= (times.at(-1) ?? 0) + 10; end += 10) {
          subject.runTo(end);
          const later = trace.filter((record) => record.time >= end).length;
          expect(subject.waiting()).toEqual({ records: later, held: 0 });
        }
        const { count, heldNs } = subject.latencies()[0] ?? {};
        expect({ count, heldNs }).toEqual({ count: list.length, heldNs: 0 });
      }),
      { numRuns: 40 },
    );
  });

  test("what does not fit is held to the next edge, and a requester whose budget is used up waits", async () => {
    const subject = await create(system({ outstanding: 2, nodes: [node({ bytesPerSecond: ONE_LINE })] }));
    subject.load(records([0, 1, 2, 3]));
    const waiting = [1, 2, 3, 4].map((quanta) => {
      subject.runTo(quanta * 1000);
      return subject.waiting();
    });
    // The first is served at 0, the second waits from 1 to 1000. The others are issued at 1000 and 1001, and wait to 2000 and 3000.
    expect(waiting).toEqual([
      { records: 2, held: 1 },
      { records: 0, held: 2 },
      { records: 0, held: 1 },
      { records: 0, held: 0 },
    ]);
    const heldNs = 999 + 1000 + 1999;
    expect(subject.latencies()).toEqual([{ ...ns(0), count: 4, sumNs: 400 + heldNs, maxNs: 2099, heldNs }]);
  });

  test("what is held counts against the budget of its requester until it is let through", async () => {
    const subject = await create(system({ outstanding: 2, nodes: [node({ bytesPerSecond: 32e6 })] }));
    subject.load(records([0, 1, 2, 3, 4]));
    // Half a line a quantum: nothing fits in a quantum, and credit for a line is there at every second edge.
    const waiting = [1, 2, 3, 4, 5].map((quanta) => {
      subject.runTo(quanta * 1000);
      return Object.values(subject.waiting());
    });
    expect(waiting).toEqual([
      [3, 2],
      [3, 2],
      [2, 2],
      [2, 2],
      [1, 2],
    ]);
  });

  test("within a partition nobody passes another, though there were room", async () => {
    const subject = await create(system({ nodes: [node({ bytesPerSecond: 100e6 })] }));
    const sizes = [64, 64, 32];
    subject.load(sizes.map((bytes, i) => ({ time: i, line: i, requester: 0, op: 0, bytes })));
    subject.runTo(1000);
    expect(countsOf(subject, channel, ns(0)).bytesRead).toBe(64);
    expect(subject.waiting().held).toBe(2);
    subject.runTo(2000);
    expect(subject.waiting().held).toBe(0);
  });

  test("who waited issues later from then on, and the times between records stay", async () => {
    const subject = await create(system({ outstanding: 1, nodes: [node({ bytesPerSecond: ONE_LINE })] }));
    // 0 at its time; 1 at 1000, when the budget is there again; 2 was to come 1500 after 1, so at 2500.
    subject.load([0, 100, 1600].map((time, line) => ({ time, line, requester: 0, op: 0, bytes: 64 })));
    const left = [1000, 2000, 3000].map((end) => {
      subject.runTo(end);
      return subject.waiting().records;
    });
    expect(left).toEqual([2, 1, 0]);
    subject.load([{ time: 1700, line: 3, requester: 0, op: 0, bytes: 64 }]);
    subject.runTo(4000); // 100 after 2500 is past: at the beginning of the quantum
    expect(subject.waiting()).toEqual({ records: 0, held: 0 });
  });

  test("of equal times the requester with the smaller number issues first", async () => {
    const subject = await create(system({ nodes: [node({ bytesPerSecond: ONE_LINE })] }));
    ownPartids(subject, 3);
    subject.load([...records([1], 0, 2), ...records([2], 0, 1)]);
    subject.runTo(1000);
    expect(countsOf(subject, channel, ns(1)).bytesRead).toBe(64);
    expect(countsOf(subject, channel, ns(2)).bytesRead).toBe(0);
  });

  test("only what leaves the private caches takes from the budget, and every part where there is one level", async () => {
    const one = [cache()];
    const two = [cache(), cache({ level: 2 })];
    const issued = async (caches: readonly ReturnType<typeof cache>[]) => {
      const subject = await create(system({ outstanding: 1, caches }));
      subject.load(records([0, 0, 0, 1, 2]));
      return [1000, 2000, 3000].map((end) => {
        subject.runTo(end);
        return 5 - subject.waiting().records;
      });
    };
    expect(await issued(two)).toEqual([1, 4, 5]); // a miss; two hits and a miss; a miss
    expect(await issued(one)).toEqual([1, 2, 3]);
  });

  test("a write-back and a fill of one part take one", async () => {
    const caches = [cache({ ways: 1 }), cache({ level: 2, ways: 2 })];
    const subject = await create(system({ outstanding: 2, caches }));
    subject.load(records([0, 1, 2, 3], WRITE));
    const issued = [1000, 2000].map((end) => {
      subject.runTo(end);
      return 4 - subject.waiting().records;
    });
    expect(issued).toEqual([2, 4]);
  });

  test("what a cache's port lets through joins the backlog of the channel at the same edge, behind what is there", async () => {
    const caches = [cache({ bytesPerSecond: ONE_LINE, msc: msc({ mbw: { bwaWd: 8 } }) })];
    const memory = [node({ bytesPerSecond: ONE_LINE })];
    const alone = await create(system({ cpus: 2, caches, nodes: memory, requesters: [0, 1] }));
    const two = [0, 1].map((line) => ({ time: 0, line, requester: 0, op: 0, bytes: 64 }));
    alone.load(two);
    alone.runTo(3000);
    // Through both ports at the first edge.
    expect(alone.latencies()).toMatchObject([{ count: 2, heldNs: 1000 }]);

    const crowded = await create(system({ cpus: 2, caches, nodes: memory, requesters: [0, 1] }));
    ownPartids(crowded, 2);
    crowded.load([
      ...two,
      ...[500, 501, 502].map((time, i) => ({ time, line: 9 + i, requester: 1, op: 0, bytes: 64 })),
    ]);
    crowded.runTo(6000);
    // Three of cpu 1 are before it: one at each of the edges 1000, 2000 and 3000.
    expect(crowded.latencies().find(({ partid }) => partid === 0)).toMatchObject({ count: 2, heldNs: 4000 });
    expect(crowded.latencies().find(({ partid }) => partid === 1)).toMatchObject({ heldNs: 500 + 1499 + 2498 });
  });

  test("a regulated side is counted when it is crossed, and lines are in their places at once", async () => {
    const one = msc({ mbw: { bwaWd: 8 }, mbwu: { monitors: 1, counter: 44 } });
    const caches = [cache({ bytesPerSecond: ONE_LINE, msc: one })];
    const subject = await create(system({ caches }));
    put(subject, "MSMON_CFG_MON_SEL", 0);
    put(subject, "MSMON_CFG_MBWU_CTL", { EN: 1, TYPE: 0x42 });
    subject.load(records([0, 1, 2]));
    const seen = [1000, 2000, 3000].map((end) => {
      subject.runTo(end);
      return [get(subject, "MSMON_MBWU"), countsOf(subject, slice(0), ns(0)).lines];
    });
    expect(seen).toEqual([
      [64, 3],
      [128, 3],
      [192, 3],
    ]);
  });

  test("errors are told when a request comes to a port, overflows when it is let through; at an edge of no record", async () => {
    const channels = msc(
      { mbw: { bwaWd: 8 }, mbwu: { monitors: 1, counter: 31 } },
      { spaces: { ns: { partidMax: 1, pmgMax: 0 } } },
    );
    const subject = await create(system({ nodes: [node({ bytesPerSecond: ONE_LINE, msc: channels })] }));
    subject.setLabel(1, "all", ns(5));
    put(subject, "MPAMF_ECR", { INTEN: 1 });
    put(subject, "MSMON_CFG_MON_SEL", 0);
    put(subject, "MSMON_CFG_MBWU_CTL", { EN: 1, TYPE: 0x42, OFLOW_INTR: 1 });
    put(subject, "MSMON_MBWU", 0x7fff_ffff - 100); // the second line is too much
    subject.load([...records([0, 1], 0, 0), ...records([2], 0, 1, 10)]);
    subject.runTo(1000);
    expect(subject.interrupts(0)).toEqual([{ kind: "error", level: 1, record: 2 }]);
    expect(get(subject, "MPAMF_ESR")).toBe(0x0200_0005);
    subject.runTo(2000);
    expect(subject.interrupts(0)).toEqual([{ kind: "overflow", level: 1 }]);
  });

  test("write-backs come to the port before what caused them, and nobody waits for them", async () => {
    const caches = [cache({ ways: 1, bytesPerSecond: ONE_LINE, msc: msc({ mbw: { bwaWd: 8 } }) })];
    const subject = await create(system({ caches }));
    subject.load(records([0, 1], WRITE));
    subject.runTo(1000);
    expect(subject.waiting()).toEqual({ records: 0, held: 2 });
    subject.runTo(2000);
    expect(countsOf(subject, slice(0), ns(0))).toMatchObject({ bytesRead: 64, bytesWritten: 64 });
    subject.runTo(3000);
    // The second demand came at 1 and was let through at 2000, after the write-back.
    expect(subject.latencies()).toMatchObject([{ count: 2, heldNs: 1999 }]);
  });

  test("settings written at a border act from the next one on, also on what is held", async () => {
    const one = msc({ mbw: { bwaWd: 8 } });
    const subject = await create(system({ nodes: [node({ bytesPerSecond: ONE_LINE, msc: one })] }));
    ownPartids(subject, 2);
    // 1/256 of 64 bytes a quantum, and the window is a thousand of them.
    set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: 0, HARDLIM: 1 });
    subject.load(records([0], 0, 1));
    subject.runTo(10_000);
    expect(subject.waiting().held).toBe(1);
    set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: 0xffff, HARDLIM: 1 });
    subject.runTo(11_000);
    expect(subject.waiting().held).toBe(1);
    subject.runTo(12_000);
    expect(subject.waiting().held).toBe(0);
    expect(subject.latencies()).toMatchObject([{ partid: 1, heldNs: 11_000 }]);
  });

  test("a label set at a border waits for the next, also behind one that was set before", async () => {
    const subject = await create(system({ quantumNs: 1000 }));
    const at = (time: number) => records([0], 0, 0, time);
    subject.load([...at(0), ...at(1000), ...at(2000), ...at(3000)]);
    subject.runTo(1000);
    subject.setLabel(0, "all", ns(1));
    subject.runTo(2000);
    subject.setLabel(0, "all", ns(2));
    subject.runTo(4000);
    // 0 and 1000 without a label, 2000 with the first, 3000 with the second.
    expect([0, 1, 2].map((one) => countsOf(subject, channel, ns(one)).bytesRead)).toEqual([128, 64, 64]);
  });

  test("open timing counts no latencies", async () => {
    const subject = await create(system({ caches: [cache()] }));
    subject.run(records([0, 0, 1]));
    expect(subject.latencies()).toEqual([]);
  });
});
