// Traces on their way into the hardware: order, cuts and places (design sections 6 and 8).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openFeeds } from "../../src/machine/feeds.ts";
import { Machine } from "../../src/machine/index.ts";
import { Merge } from "../../src/machine/merge.ts";
import { permutation, place } from "../../src/machine/placement.ts";
import { hash, mix } from "../../src/random/index.ts";
import { countsOf, DATA, expectSame, FETCH, label, linesOf, plainOf, run, watch } from "./compare.ts";
import { Bare } from "./hardware.ts";
import { platformOf, powerOn } from "./machines.ts";
import { batchSizes, FakeTrace, mixed, type NaiveRecord, naive, runs, thread, traces, walk } from "./traces.ts";

const bares = new Map<number, Promise<Bare>>();

/** Hardware with lines of so many bytes: one for all tests, as a merge leaves nothing behind. */
function bareOf(lineBytes: number): Promise<Bare> {
  const bare = bares.get(lineBytes) ?? Bare.powerOn("plain", { ...platformOf(), lineBytes });
  bares.set(lineBytes, bare);
  return bare;
}

/** The stream that calls of `capacity` records get, each ending before the next of `cuts` and taking back what a stop left. */
async function merged(
  files: readonly FakeTrace[],
  capacity: number,
  cuts: readonly number[],
  taken: readonly number[],
  lineBytes = 64,
): Promise<NaiveRecord[]> {
  let first = 0;
  const requesters = files.map((file) => file.requesters.map(() => first++));
  const { placements } = place(files, requesters, undefined, lineBytes);
  const { hardware, memory } = await bareOf(lineBytes);
  const { feeds } = openFeeds({ intake: hardware, memory }, files, placements, 0);
  const merge = new Merge(hardware, feeds);
  const columns = {
    lines: new Uint32Array(memory.buffer, hardware.stagedLines(), capacity),
    requesters: new Uint16Array(memory.buffer, hardware.stagedRequesters(), capacity),
    metas: new Uint8Array(memory.buffer, hardware.stagedMetas(), capacity),
  };
  const stream: NaiveRecord[] = [];
  for (let call = 0; ; call++) {
    const next = await merge.nextTime();
    if (next === Number.POSITIVE_INFINITY) return stream;
    const before = next + (cuts[call % cuts.length] ?? 1);
    const staged = await merge.stage(before, capacity);
    expect(staged).toBeGreaterThan(0);
    const ran = Math.min(staged, taken[call % taken.length] ?? capacity);
    merge.ran(ran);
    for (let i = 0; i < ran; i++) {
      const meta = columns.metas[i] ?? 0;
      const time = merge.timeOf(i) ?? Number.NaN;
      expect(time).toBeLessThan(before);
      stream.push({
        time,
        line: columns.lines[i] ?? 0,
        requester: columns.requesters[i] ?? 0,
        op: meta >>> 6,
        bytes: (meta & 63) + 1,
      });
    }
  }
}

describe("several traces become one stream", () => {
  test("sorted by (time, file, row) and cut at lines, whatever the batches, the size of calls, edges and stops", async () => {
    const positive = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        traces(4),
        fc.integer({ min: 1, max: 50 }),
        positive,
        positive,
        fc.constantFrom(32, 64, 128, 256),
        async (files, size, cuts, taken, lineBytes) => {
          expect(await merged(files, size, cuts, taken, lineBytes)).toEqual(naive(files, lineBytes));
        },
      ),
      runs(150),
    );
  });

  test("in which records of equal times go file by file, and within a file row by row", async () => {
    const rows = (first: number): { time: number; address: number; bytes: number; op: number; requester: number }[] =>
      [5, 5, 9].map((time, i) => ({ time, address: (first + i) * 64, bytes: 1, op: 0, requester: 0 }));
    const options = { addressRule: "identity" as const };
    const files = [0, 10, 20].map((first) => new FakeTrace(`from ${first}`, rows(first), options));
    const stream = await merged(files, 100, [1000], [100]);
    expect(stream.map(({ line }) => line)).toEqual([0, 1, 10, 11, 20, 21, 2, 12, 22]);
  });
});

describe("rows and lines", () => {
  const one = async (address: number, bytes: number, lineBytes = 64): Promise<string[]> => {
    const file = new FakeTrace("one row", [{ time: 0, address, bytes, op: 1, requester: 0 }]);
    return (await merged([file], 10, [1], [10], lineBytes)).map((record) => `${record.line}: ${record.bytes}`);
  };

  test("a row within a line is one record, and one that ends at a border is too", async () => {
    expect(await one(64, 64)).toEqual(["1: 64"]);
    expect(await one(100, 28)).toEqual(["1: 28"]);
  });

  test("a row over borders is cut there, first part first", async () => {
    expect(await one(63, 2)).toEqual(["0: 1", "1: 1"]);
    expect(await one(60, 200)).toEqual(["0: 4", "1: 64", "2: 64", "3: 64", "4: 4"]);
  });

  test("with short lines a row is cut at each, with long ones at 64 bytes still", async () => {
    expect(await one(60, 72, 32)).toEqual(["1: 4", "2: 32", "3: 32", "4: 4"]);
    expect(await one(60, 72, 128)).toEqual(["0: 4", "0: 64", "1: 4"]);
    expect(await one(250, 10, 256)).toEqual(["0: 6", "1: 4"]);
  });

  test("the highest line is counted in lines of the machine", () => {
    const file = new FakeTrace("two pages", [{ time: 0, address: 8191, bytes: 1, op: 0, requester: 0 }]);
    const highest = [32, 64, 128, 256].map((lineBytes) => place([file], [[0]], undefined, lineBytes).highestLine);
    expect(highest).toEqual([255, 127, 63, 31]);
  });

  test("a row of no bytes touches its line", async () => {
    expect(await one(130, 0)).toEqual(["2: 1"]);
  });
});

describe("a replay", () => {
  /** Every thread under its own PARTID, and its fetches under another. */
  async function replayed(machine: Machine, files: readonly FakeTrace[]): Promise<void> {
    for (const file of files) {
      for (const { tid } of machine.addTasks(file)) {
        machine.processor.setTaskLabel(tid, { partidD: tid % 4, partidI: (tid + 1) % 4, pmgD: tid % 3, pmgI: 0 });
      }
    }
    await machine.replay(files);
  }

  test("leaves the cache, the counts and the monitors as the plain model has them", async () => {
    await fc.assert(
      fc.asyncProperty(traces(3), async (files) => {
        const machine = await powerOn();
        const plain = plainOf(machine);
        watch(machine, plain);
        let requester = 0;
        for (const { tid } of files.flatMap((file) => file.requesters)) {
          label(plain, requester, DATA, tid % 4, tid % 3);
          label(plain, requester, FETCH, (tid + 1) % 4, 0);
          requester++;
        }
        await replayed(machine, files);
        run(plain, naive(files));
        expectSame(machine, plain);
        expect(machine.export().records).toBe(naive(files).length);
      }),
      runs(40),
    );
  });

  test("of the same rows in other batches ends in the same bytes of state", async () => {
    await fc.assert(
      fc.asyncProperty(traces(3), batchSizes, batchSizes, async (files, a, b) => {
        const [one, other] = await Promise.all([powerOn(), powerOn()]);
        await replayed(
          one,
          files.map((file) => file.cut(a)),
        );
        await replayed(
          other,
          files.map((file) => file.cut(b)),
        );
        expect(other.export()).toEqual(one.export());
      }),
      runs(25),
    );
  });

  test("of more records than a call takes is the same as of as many by hand, and says how far it is", async () => {
    const rows = mixed(11, 150_000, 2, 5000, 1);
    const file = new FakeTrace("long", rows, { requesters: [thread(1), thread(2)], batches: [100_000] });
    const machine = await powerOn({ sets: 256, ways: 8 });
    const progress: number[] = [];
    const result = await machine.replay([file], {
      onProgress: ({ records, total, time }) => {
        progress.push(records);
        expect([total, time]).toEqual([150_000, machine.clock.now]);
      },
    });
    expect([result.records, result.finished, result.time]).toEqual([150_000, true, rows.at(-1)?.time]);
    expect(progress.at(-1)).toBe(150_000);
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
    const other = await powerOn({ sets: 256, ways: 8 });
    await other.replay([file.cut([997])]);
    expect(other.export()).toEqual(machine.export());
  });

  test("begins at the present model time, and a second one goes on from where the first left time and cache", async () => {
    const machine = await powerOn();
    const [a, b] = [new FakeTrace("a", walk([1, 2, 3], 10)), new FakeTrace("b", walk([1, 2, 3], 10, { time: 5 }))];
    await machine.clock.advance(1000);
    expect((await machine.replay([a])).time).toBe(1009);
    expect((await machine.replay([a])).time).toBe(1018);
    expect(countsOf(machine)).toEqual([{ partid: 0, pmg: 0, accesses: 20, misses: 3 }]);
    expect((await machine.replay([b])).time).toBe(1023);
  });

  test("of a trace with no rows is finished at once", async () => {
    const machine = await powerOn();
    const result = await machine.replay([new FakeTrace("empty", [])]);
    expect([result.records, result.finished, result.time]).toEqual([0, true, 0]);
  });
});

describe("address spaces", () => {
  test("lie end to end in file order: equal addresses of two processes share no line", async () => {
    const rows = walk([0, 1], 4);
    const machine = await powerOn();
    const requesters = [thread(1), thread(2), thread(3, { asid: 1 })];
    const both = [0, 1, 2].flatMap((requester) => rows.map((row) => ({ ...row, requester })));
    const spaces = [
      { asid: 1, pages: 3 },
      { asid: 2, pages: 2 },
    ];
    const first = new FakeTrace("first", both, { requesters, spaces });
    const second = new FakeTrace("second", rows, { spaces: [{ asid: 1, pages: 1 }] });
    await machine.replay([first, second]);
    // 64 lines a page; the second file begins after 3 + 2 pages. Threads of one space share its lines.
    expect(
      linesOf(machine)
        .map(({ line }) => line)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 192, 193, 320, 321]);
  });

  test("of recorded addresses lie where they were recorded, and a record there may be anywhere in 38 bits", async () => {
    const machine = await powerOn();
    const rows = [0, 2 ** 38 - 64].map((address, time) => ({ time, address, bytes: 64, op: 0, requester: 0 }));
    await machine.replay([new FakeTrace("far", rows, { addressRule: "identity", spaces: [{ asid: 1, pages: 2 }] })]);
    expect(
      linesOf(machine)
        .map(({ line }) => line)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 2 ** 32 - 1]);
  });

  test("that reach further are refused by file, row and place", async () => {
    const machine = await powerOn();
    const rows = [0, 0, 2 ** 38].map((address, time) => ({ time, address, bytes: 64, op: 0, requester: 0 }));
    const file = new FakeTrace("too-far.arrow", rows, {
      addressRule: "identity",
      spaces: [{ asid: 1, pages: 1 }],
      batches: [2],
    });
    await expect(machine.replay([file])).rejects.toThrow(/^too-far\.arrow: row 2 is at byte 274877906944.*dense/);
    const pages = 2 ** 26 + 1;
    const wide = new FakeTrace("wide.arrow", [], { spaces: [{ asid: 1, pages }] });
    await expect(machine.replay([wide])).rejects.toThrow(/^wide\.arrow: the traces together touch 274877911040 bytes/);
  });
});

describe("a row is refused by file, row and place", () => {
  const row = { time: 0, address: 4000, bytes: 64, op: 0, requester: 0 };
  const spaces = [{ asid: 1, pages: 1 }];

  test.each([undefined, 1])("where it reaches past the pages of its address space, under the seed %s", async (seed) => {
    const options = seed === undefined ? {} : { seed };
    const reaching = new FakeTrace("t.arrow", [row, { ...row, address: 4033 }], { spaces });
    const wanted = "t.arrow: row 1 reaches byte 4096 of its address space, which has 4096";
    const machine = await Machine.create(platformOf(), options);
    await expect(machine.replay([reaching])).rejects.toThrow(new RangeError(wanted));
    const far = new FakeTrace("t.arrow", [{ ...row, address: 8192 }], { spaces });
    await expect((await Machine.create(platformOf(), options)).replay([far])).rejects.toThrow(
      /row 0 reaches byte 8255/,
    );
    const whole = new FakeTrace("t.arrow", [{ ...row, address: 4032 }], { spaces });
    expect((await (await Machine.create(platformOf(), options)).replay([whole])).records).toBe(1);
  });

  test.each([-64, Number.NaN])("where its address is %d", async (address) => {
    const machine = await powerOn();
    await expect(machine.replay([new FakeTrace("t", [{ ...row, address }], { spaces })])).rejects.toThrow(/^t: row 0/);
  });

  test("where the trace does not list its address space; one that is not used may be missing", async () => {
    const requesters = [thread(1), thread(7)];
    const machine = await powerOn();
    const unused = new FakeTrace("unused", [{ ...row, address: 0 }], { requesters, spaces });
    expect((await machine.replay([unused])).records).toBe(1);
    const used = new FakeTrace("used", [{ ...row, requester: 1 }], { requesters, spaces });
    const wanted = "used: row 0 is of address space 7, which the trace does not list";
    await expect(machine.replay([used])).rejects.toThrow(new RangeError(wanted));
  });
});

describe("a seed", () => {
  // The finaliser of MurmurHash3: the hash of no bytes under the seeds 1 and 0xffffffff is published.
  test("goes through the mixer of the design", () => {
    expect([mix(0), mix(1), mix(0xffff_ffff)]).toEqual([0, 0x514e_28b7, 0x81f1_6f39]);
    expect(hash(7)).toBe(mix(7));
    expect(hash(7, 9)).toBe(mix((mix(7) ^ mix((9 + 0x9e37_79b9) >>> 0)) >>> 0));
  });

  test("permutes the pages of a space: each page once, the same for the same seed", () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 9 }), (pages, seed, space) => {
        const order = [...permutation(pages, seed, space)];
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: pages }, (_, i) => i));
        expect([...permutation(pages, seed, space)]).toEqual(order);
      }),
      runs(100),
    );
    expect([...permutation(50, 1, 0)]).not.toEqual([...permutation(50, 2, 0)]);
    expect([...permutation(50, 1, 0)]).not.toEqual([...permutation(50, 1, 1)]);
  });

  const file = new FakeTrace("file", mixed(5, 4000, 1, 40 * 64));

  async function under(seed?: number): Promise<Machine> {
    const machine = await Machine.create(platformOf(), seed === undefined ? {} : { seed });
    await machine.replay([file]);
    return machine;
  }

  test("gives the same counts when it is the same, others when it is another, and moves whole pages only", async () => {
    const [none, one, same, other] = await Promise.all([under(), under(1), under(1), under(2)]);
    expect(same?.export()).toEqual(one?.export());
    expect(other && linesOf(other)).not.toEqual(one && linesOf(one));
    expect(none && linesOf(none)).not.toEqual(one && linesOf(one));
    // Lines keep their place in the page, and 16 sets see no difference between pages: the counts are those of no seed.
    expect(one && countsOf(one)).toEqual(none && countsOf(none));
    const order = permutation(40, 1, 0);
    const moved = none && linesOf(none).map(({ line }) => (order[Math.floor(line / 64)] ?? 0) * 64 + (line % 64));
    expect(one && linesOf(one).map(({ line }) => line)).toEqual(moved);
  });
});

test("tasks of a trace are made once, keep their thread numbers where they are free, and are dealt to cpus in turn", async () => {
  const machine = await powerOn({ cpus: 3 });
  const requesters = [thread(7), thread(8), thread(8, { el: 1 }), thread(9, { cpu: 2 })];
  const first = new FakeTrace("first", [], { requesters });
  const tasks = machine.addTasks(first);
  expect(tasks.map(({ tid, cpu }) => [tid, cpu])).toEqual([
    [7, 0],
    [8, 1],
    [9, 2],
  ]);
  expect(machine.addTasks(first)).toEqual(tasks);
  const again = machine.addTasks(new FakeTrace("second", [], { requesters: [thread(7), thread(10)] }));
  expect(again.map(({ tid, cpu }) => [tid, cpu])).toEqual([
    [10, 2],
    [11, 0],
  ]);
  expect(machine.processor.tasks).toHaveLength(5);
});
