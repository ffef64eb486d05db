// Arrow files as other tools write them (written/README.md).
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openTrace, packTrace } from "../../src/trace/index.ts";
import { rowsOf, toBytes } from "./recordings.ts";

async function written(name: string) {
  return { name, data: await readFile(new URL(`written/${name}`, import.meta.url)) };
}

const ROWS = Array.from({ length: 1000 }, (_, i) => [
  i * 10,
  0x7f0000000000 + ((i * i) % 97) * 64,
  8,
  i % 3 === 0 ? 1 : 0,
  Math.floor(i / 100) % 2,
]);

test.each([
  "pandas-lz4.feather",
  "pandas-zstd.feather",
  "polars-lz4.arrow",
  "polars-zstd.arrow",
  "large-offsets.arrows",
])("%s is read as it is, columns of other types passed over", async (name) => {
  const trace = await openTrace(await written(name));
  expect(await rowsOf(trace)).toEqual(ROWS);
  expect(trace.requesters).toEqual([
    { asid: 0, pid: 0, tid: 7 },
    { asid: 0, pid: 0, tid: 8 },
  ]);
  expect(await rowsOf(trace, 777)).toEqual(ROWS.slice(777));
});

test("a label of the record's own is part of who asks, and is kept when the trace is packed", async () => {
  const trace = await openTrace(await written("labels.feather"));
  const label = (space: string, partid: number, pmg: number) => ({
    asid: 0,
    pid: 0,
    tid: 0,
    label: { space, partid, pmg },
  });
  const expected = [label("ns", 5, 0), label("ns", 5, 1), label("ns", 6, 0), label("rl", 5, 0)];
  expect(trace.requesters).toEqual(expected);
  expect((await rowsOf(trace)).map((row) => row[4])).toEqual([0, 1, 2, 3]);
  const packed = await openTrace(await toBytes((sink) => packTrace(trace, sink)));
  expect(packed.requesters).toEqual(expected);
});

test("nulls and doubles are refused with the column and what is needed", async () => {
  await expect(openTrace(await written("null.feather"))).rejects.toThrow(
    /^EINVAL: null\.feather: byte \d+: column address has 1 nulls in this batch; every row needs a value; 0 records/,
  );
  await expect(openTrace(await written("double.feather"))).rejects.toThrow(
    /^EINVAL: double\.feather: byte \d+: column address is Float64; whole numbers of 8 to 64 bits are needed/,
  );
});

test("two million rows in a kilobyte are read, and damage in it is refused", async () => {
  const { name, data } = await written("zeros.feather");
  expect((await openTrace({ name, data })).records).toBe(2_000_000);
  for (const file of ["pandas-lz4.feather", "pandas-zstd.feather"]) {
    const good = await written(file);
    for (let at = 8; at < good.data.length; at += 61) {
      const bad = Buffer.from(good.data);
      bad[at] = (bad[at] as number) ^ 0x41;
      const failed = await openTrace({ name, data: bad }).then(
        () => "read",
        (error: unknown) => String(error),
      );
      expect(failed).toMatch(
        /^read$|^ErrnoError: EINVAL: zeros\.feather: byte \d+: .*; \d+ records? before it (is|are) good$/,
      );
    }
  }
});
