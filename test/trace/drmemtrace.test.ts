import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type ImportOptions, importTrace, openTrace, traceInfo } from "../../src/trace/index.ts";
import { drmemtrace, rowsOf, toBytes, zip } from "./recordings.ts";

const START = [
  [25, 0, 7],
  [28, 12, 7],
  [22, 4, 501],
  [24, 4, 500],
  [28, 3, 0x7000_0000_0002n],
] as const;
const END = [
  [23, 4, 501],
  [26, 0, 0],
] as const;

const SMALL = drmemtrace([
  ...START,
  [10, 4, 0x40_1000],
  [0, 8, 0x7fff_0000_0010n],
  [47, 8, 0x1234],
  [14, 2, 0x40_1004],
  [1, 4, 0x7fff_0000_0020n],
  [28, 3, 5],
  [2, 1, 0x50_0000],
  [49, 3, 0x40_1006],
  [17, 2, 0x0302n],
  [1, 0, 0x7fff_0000_0030n],
  ...END,
]);

// By hand: the marker in the middle moves the thread to cpu 5; type 49 is none of 10 to 16; the bundle's two instructions follow 0x401006,
// where the instruction at 0x401004 ended.
const ROWS = [
  [0, 0x000, 4, 2, 0],
  [0, 0x1010, 8, 0, 0],
  [1, 0x004, 2, 2, 0],
  [1, 0x1020, 4, 1, 0],
  [1, 0x2000, 1, 3, 0],
  [2, 0x006, 2, 2, 0],
  [3, 0x008, 3, 2, 0],
  [3, 0x1030, 0, 1, 0],
];

async function imported(data: Uint8Array, options?: ImportOptions) {
  return openTrace(await toBytes((sink) => importTrace({ name: "t.trace", data }, sink, options)));
}

test("drmemtrace records become rows with instruction times, and unknown types are skipped", async () => {
  const trace = await imported(SMALL);
  expect(await rowsOf(trace)).toEqual(ROWS);
  expect(trace.requesters).toEqual([{ asid: 500, pid: 500, tid: 501, source: "t.trace" }]);
  expect(trace.metadata?.sources[0]).toMatchObject({
    name: "t.trace",
    bytes: SMALL.length,
    records: SMALL.length / 12,
  });
});

test("a thread on another cpu is another requester where that is asked for", async () => {
  const trace = await imported(SMALL, { cpus: "record" });
  expect(trace.requesters.map((who) => who.cpu)).toEqual([2, 5]);
  expect((await rowsOf(trace)).map((row) => row[4])).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect((await traceInfo(trace)).threads).toHaveLength(1);
});

test("plain, gzip and zip hold the same trace, and zip members follow each other in name order", async () => {
  const cut = 12 * 7 + 5;
  const members = [["chunk.0001", SMALL.slice(cut)] as const, ["chunk.0000", SMALL.slice(0, cut)] as const];
  for (const data of [new Uint8Array(gzipSync(SMALL)), zip(members), zip(members, 0)]) {
    expect(await rowsOf(await imported(data))).toEqual(ROWS);
  }
});

test("threads of one program merge by their own instruction counts, earlier files first", async () => {
  const thread = (tid: number, page: number) =>
    drmemtrace([
      [25, 0, 7],
      [22, 4, tid],
      [24, 4, 9],
      [10, 1, page],
      [0, 1, page],
      [10, 1, page],
      [10, 1, page],
      [1, 1, page],
      [26, 0, 0],
    ]);
  const trace = await openTrace(await toBytes((sink) => importTrace([thread(1, 0x9000), thread(2, 0x5000)], sink)));
  expect(await rowsOf(trace)).toEqual([
    [0, 0, 1, 2, 0],
    [0, 0, 1, 0, 0],
    [0, 4096, 1, 2, 1],
    [0, 4096, 1, 0, 1],
    [1, 0, 1, 2, 0],
    [1, 4096, 1, 2, 1],
    [2, 0, 1, 2, 0],
    [2, 0, 1, 1, 0],
    [2, 4096, 1, 2, 1],
    [2, 4096, 1, 1, 1],
  ]);
});

test("a file cut at any byte, plain or zipped, is refused with the byte and the records before it", async () => {
  for (const bytes of [SMALL, zip([["a", SMALL]]), new Uint8Array(gzipSync(SMALL))]) {
    for (let end = 0; end < bytes.length; end++) {
      const failed = await imported(bytes.slice(0, end)).then(
        () => "accepted",
        (error: unknown) => String(error),
      );
      expect(failed, `cut at ${end}`).toMatch(
        /^ErrnoError: EINVAL: t\.trace: byte \d+: .*; \d+ records? before it (is|are) good$/,
      );
    }
  }
});

test("a zip whose bytes are damaged never gives a trace that differs", async () => {
  const good = zip([["a", SMALL]]);
  const expected = JSON.stringify(ROWS);
  let refused = 0;
  for (let at = 0; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = (bad[at] as number) ^ 0x55;
    try {
      expect(JSON.stringify(await rowsOf(await imported(bad)))).toBe(expected);
    } catch (error) {
      if (!String(error).startsWith("ErrnoError: EINVAL: t.trace: byte ")) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(good.length / 2);
});
