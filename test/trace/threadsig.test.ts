import { readdir, readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { importTrace, MemorySink, openTrace, type TraceInfo, traceInfo } from "../../src/trace/index.ts";

// Counted independently of this project, by reading the 12-byte records.
const COUNTS = `
| 872805 | 38567 | 6303 | 41683 | 3559 | 25834 | 18828 | 486 |
| 872884 | 231037 | 41274 | 338595 | 24168 | 199147 | 131111 | 122 |
| 872894 | 184318 | 32775 | 268765 | 19174 | 158312 | 103961 | 190 |
| 872901 | 73339 | 12833 | 103577 | 7400 | 60342 | 40778 | 183 |
| 872902 | 92098 | 16232 | 132335 | 9388 | 77047 | 51579 | 168 |
| 872903 | 116411 | 20590 | 168146 | 11964 | 98278 | 65428 | 168 |
| 872904 | 68591 | 11990 | 97588 | 6910 | 56700 | 38041 | 181 |
| 872905 | 96910 | 17160 | 141201 | 9997 | 82415 | 54558 | 104 |
| 872906 | 74061 | 13051 | 107842 | 7590 | 62790 | 41457 | 101 |`
  .trim()
  .split("\n")
  .map((line) => line.split("|").slice(1, -1).map(Number));

const directory = new URL("../../examples/traces/threadsig/", import.meta.url).pathname;
let bytes: Uint8Array;
let info: TraceInfo;

beforeAll(async () => {
  const sink = new MemorySink();
  await importTrace(directory, sink);
  bytes = sink.bytes();
  info = await traceInfo(await openTrace(bytes));
});

test("a recorded nine-thread program has, per thread, the accesses counted in its files", () => {
  const counted = info.threads.map((thread, i) => [
    thread.tid,
    info.sources[i]?.records,
    thread.reads,
    thread.bytesRead,
    thread.writes,
    thread.bytesWritten,
    thread.instructions,
    thread.dataLines,
  ]);
  expect(counted).toEqual(COUNTS);
  expect(info.requesters).toHaveLength(9);
});

test("its records are in the order of their times, and the same however the trace is read", async () => {
  const names = (await readdir(directory)).sort();
  const blobs = await Promise.all(
    names.map(async (name) => ({ name, data: new Blob([new Uint8Array(await readFile(directory + name))]) })),
  );
  const sink = new MemorySink();
  await importTrace(blobs, sink);
  expect(Buffer.compare(sink.bytes(), bytes)).toBe(0);
  let last = 0;
  for await (const batch of (await openTrace(new Blob([new Uint8Array(bytes)]))).batches()) {
    for (const time of batch.time) {
      if (time < last) expect.unreachable(`${time} after ${last}`);
      last = time;
    }
  }
  // The longest thread has 131,111 instructions, one ns each, the first at 0.
  expect(last).toBe(131110);
});
