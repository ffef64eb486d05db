// Traces made of traces: later, over and over, pieces of one and of several together.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import {
  cutAll,
  extentOf,
  looped,
  type MarkedSource,
  openTrace,
  packTrace,
  parsePosition,
  regionOf,
  skipping,
  slice,
  startingAt,
  taking,
} from "../../src/trace/index.ts";
import { powerOn } from "../machine/machines.ts";
import { type Row as FakeRow, FakeTrace, mixed } from "../machine/traces.ts";
import { type Row, rowsOf, toBytes } from "./recordings.ts";

/** Some rows with times that stand still now and then. */
const traces = fc
  .record({ seed: fc.nat(1e6), rows: fc.integer({ min: 1, max: 60 }), sizes: fc.array(fc.nat(9), { maxLength: 3 }) })
  .map(({ seed, rows, sizes }) => new FakeTrace(`t${seed}`, mixed(seed, rows, 2, 50, 2), { batches: [...sizes, 3] }));

const plain = (rows: readonly FakeRow[]): Row[] => rows.map((r) => [r.time, r.address, r.bytes, r.op, r.requester]);

const later = (rows: readonly Row[], ns: number): Row[] =>
  rows.map(([time, ...rest]) => [time + ns, ...rest] as unknown as Row);

/** A composed source read from any row on is the rest of what it is from the start. */
async function restartable(source: MarkedSource, from: number): Promise<Row[]> {
  const all = await rowsOf(source);
  expect(source.records).toBe(all.length);
  const row = Math.min(from, all.length);
  expect(await rowsOf(source, row)).toEqual(all.slice(row));
  return all;
}

test("a trace that starts later has the same records, later", async () => {
  await fc.assert(
    fc.asyncProperty(traces, fc.nat(1000), fc.nat(70), async (trace, ns, from) => {
      expect(await restartable(startingAt(trace, ns), from)).toEqual(later(plain(trace.rows), ns));
    }),
    { numRuns: 50 },
  );
});

test("a looped trace is laps of it, one every so many ns", async () => {
  await fc.assert(
    fc.asyncProperty(traces, fc.integer({ min: 1, max: 4 }), fc.nat(300), async (trace, times, from) => {
      const rows = plain(trace.rows);
      const all = await restartable(await looped(trace, times, 500), from);
      expect(all).toEqual(Array.from({ length: times }, (_, lap) => later(rows, lap * 500)).flat());
    }),
    { numRuns: 50 },
  );
  const steady = new FakeTrace(
    "steady",
    mixed(1, 3, 1, 5, 0).map((row, i) => ({ ...row, time: 7 + 10 * i })),
  );
  const times = (await rowsOf(await looped(steady, 2))).map(([time]) => time);
  expect(times).toEqual([7, 17, 27, 37, 47, 57]);
  await expect(looped(steady, 2, 19)).rejects.toThrow(/a lap every 19 ns; one takes 20 ns/);
  await expect(looped(steady, 0)).rejects.toThrow(/a whole number from 1 on, or forever/);
});

test("a trace looped forever can be read from far away", async () => {
  const trace = new FakeTrace(
    "t",
    mixed(3, 10, 1, 5, 0).map((row, i) => ({ ...row, time: i })),
  );
  const endless = await looped(trace, "forever");
  expect(endless.records).toBe(Number.POSITIVE_INFINITY);
  for await (const batch of endless.batches(1e9 * 10 + 4)) {
    expect(batch.time[0]).toBe(1e10 + 4);
    break;
  }
  expect((await taking(endless, { record: 25 })).records).toBe(25);
  expect((await taking(endless, { ns: 31 })).records).toBe(31);
});

describe("taking and skipping", () => {
  test("by record: a trace is what comes before a point and what comes after it", async () => {
    await fc.assert(
      fc.asyncProperty(traces, fc.nat(60), fc.nat(70), async (trace, at, from) => {
        const rows = plain(trace.rows);
        const record = Math.min(at, rows.length);
        expect(await restartable(await taking(trace, { record }), from)).toEqual(rows.slice(0, record));
        const [start = 0] = rows[record] ?? rows.at(-1) ?? [];
        expect(await restartable(await skipping(trace, { record }), from)).toEqual(later(rows.slice(record), -start));
      }),
      { numRuns: 50 },
    );
  });

  test("by time: records of that time and later come after the point, and it is the time 0", async () => {
    await fc.assert(
      fc.asyncProperty(traces, fc.nat(130), async (trace, ns) => {
        const rows = plain(trace.rows);
        expect(await rowsOf(await taking(trace, { ns }))).toEqual(rows.filter(([time]) => time < ns));
        const after = rows.filter(([time]) => time >= ns);
        expect(await rowsOf(await skipping(trace, { ns }))).toEqual(later(after, -ns));
      }),
      { numRuns: 50 },
    );
  });

  test("by marker, which moves along with its record", async () => {
    const trace = Object.assign(new FakeTrace("t", mixed(5, 30, 1, 9, 3)), { markers: [{ name: "warm", record: 12 }] });
    expect((await taking(trace, { marker: "warm" })).records).toBe(12);
    const rest = await skipping(trace, { record: 10 });
    expect(rest.markers).toEqual([{ name: "warm", record: 2 }]);
    expect((await skipping(rest, { marker: "warm" })).records).toBe(18);
    expect((await looped(startingAt(trace, 5), 2)).markers).toEqual(trace.markers);
    await expect(taking(trace, { marker: "wram" })).rejects.toThrow(/no marker 'wram'; did you mean warm\?/);
    await expect(taking(trace, { record: 31 })).rejects.toThrow(/no record 31; it has 30/);
  });
});

test("several traces are cut where their common order has the point", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(traces, { minLength: 1, maxLength: 3 }), fc.nat(180), async (files, at) => {
      const order = files
        .flatMap((trace, file) => trace.rows.map(({ time }, row) => ({ time, file, row })))
        .toSorted((a, b) => a.time - b.time || a.file - b.file || a.row - b.row);
      const record = Math.min(at, order.length);
      const before = (n: number) => files.map((_, file) => order.slice(0, n).filter((one) => one.file === file).length);
      expect((await cutAll(files, { record })).rows).toEqual(before(record));
      const key = order[record];
      if (!key) return;
      // A marker at that very record cuts at the same place.
      const marked = files.map((trace, file) =>
        file === key.file ? Object.assign(trace.cut([7]), { markers: [{ name: "x", record: key.row }] }) : trace,
      );
      expect(await cutAll(marked, { marker: "x" })).toEqual({ rows: before(record), ns: key.time });
      const byTime = await cutAll(files, { ns: key.time });
      expect(byTime.rows).toEqual(before(order.findIndex(({ time }) => time >= key.time)));
    }),
    { numRuns: 100 },
  );
});

test("a region of interest is the records between two points, and begins at time 0", async () => {
  await fc.assert(
    fc.asyncProperty(traces, traces, fc.nat(60), fc.nat(60), async (a, b, from, length) => {
      const order = [a, b]
        .flatMap(({ rows }, file) => plain(rows).map((record, row) => ({ record, file, row })))
        .toSorted((x, y) => x.record[0] - y.record[0] || x.file - y.file || x.row - y.row);
      const first = Math.min(from, order.length - 1);
      const inside = order.slice(first, first + length + 1);
      const to = { record: Math.min(first + length + 1, order.length) };
      const pieces = await regionOf([a, b], { record: first }, to);
      for (const file of [0, 1]) {
        const rows = inside.filter((one) => one.file === file).map(({ record }) => record);
        expect(await rowsOf(pieces[file] as MarkedSource)).toEqual(later(rows, -(order[first]?.record[0] ?? 0)));
      }
    }),
    { numRuns: 100 },
  );
  const trace = new FakeTrace("t", mixed(1, 30, 1, 9, 3));
  await expect(regionOf([trace], { record: 20 }, { record: 20 })).rejects.toThrow(/holds no record/);
  await expect(regionOf([trace], { record: 31 }, undefined)).rejects.toThrow(/no record 31; the traces have 30/);
});

test("a replay of composed traces can be broken off anywhere and taken up from a snapshot", async () => {
  const sources = async () => {
    const chase = await openTrace("synth:chase,ws=16k,n=300,gap=3,write=0.5");
    const zipf = await openTrace("synth:mix,of=zipf:2+stream:1,ws=64k,n=2000,threads=3,seed=9");
    return [
      startingAt(await looped(await skipping(chase, { record: 20 }), 4), 50),
      await taking(startingAt(zipf, 7), { ns: 500 }),
    ];
  };
  const whole = await powerOn();
  await whole.replay(await sources());
  for (const until of [1, 333, 900, 2222]) {
    const machine = await powerOn();
    await machine.replay(await sources(), { until });
    const again = await Machine.restore(machine.snapshot());
    expect((await again.resume(await sources())).finished).toBe(true);
    expect(again.export()).toEqual(whole.export());
  }
});

test("a trace without an end is replayed until a time", async () => {
  const machine = await powerOn();
  const stream = await looped(await openTrace("synth:stream,ws=1k,n=16,gap=10"), "forever");
  const { records, finished } = await machine.replay([stream], { until: 10_000 });
  expect({ records, finished }).toEqual({ records: 1000, finished: false });
});

test("a point is a time, a number of records or a name", () => {
  expect(["2ms", "1.5 us", "5000", "5M", "warm", "marker:5", ""].map(parsePosition)).toEqual([
    { ns: 2e6 },
    { ns: 1500 },
    { record: 5000 },
    { record: 5e6 },
    { marker: "warm" },
    { marker: "5" },
    undefined,
  ]);
});

test("markers are kept in files; packing, which splits records, moves them along", async () => {
  const rows: FakeRow[] = [
    { time: 0, address: 0, bytes: 200, op: 0, requester: 0 },
    { time: 1, address: 60, bytes: 8, op: 0, requester: 0 },
    { time: 2, address: 0, bytes: 8, op: 0, requester: 0 },
  ];
  const markers = [
    { name: "first", record: 0 },
    { name: "second", record: 1 },
    { name: "end", record: 3 },
  ];
  const source = new FakeTrace("t", rows);
  const columns = await openTrace(await toBytes((sink) => packTrace(source, sink, { form: "columns", markers })));
  expect(columns).toMatchObject({ markers });
  // 200 bytes are four lines, and bytes 60 to 67 two.
  const packed = await openTrace(await toBytes((sink) => packTrace(columns as MarkedSource, sink)));
  expect((packed as MarkedSource).markers).toEqual([
    { name: "first", record: 0 },
    { name: "second", record: 4 },
    { name: "end", record: 7 },
  ]);
  await expect(toBytes((sink) => packTrace(source, sink, { markers: [{ name: "x", record: 4 }] }))).rejects.toThrow(
    /marker x stands at record 4; t has 3/,
  );
  await expect(
    toBytes((sink) => packTrace(columns as MarkedSource, sink, { markers: [{ name: "end", record: 1 }] })),
  ).rejects.toThrow(/two markers end/);
});

test("a trace without a record has no extent, and no row of it is asked for", async () => {
  const asked: number[] = [];
  class Counted extends FakeTrace {
    override batches(from = 0) {
      asked.push(from);
      return super.batches(Math.max(0, from));
    }
  }
  const none = slice(new Counted("t", mixed(1, 3, 1, 50, 1)), 1, 1);
  expect(await extentOf(none)).toBeUndefined();
  expect(asked).toEqual([]);
});
