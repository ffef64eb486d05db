import fc from "fast-check";
import { expect, test } from "vitest";
import {
  readCount,
  readCpus,
  readDuration,
  readNumber,
  readPercent,
  readRate,
  readSize,
  showBytes,
  showCpus,
} from "../../src/written/quantity.ts";

test.each([
  ["1 KiB", 1024],
  ["1kB", 1000],
  ["1.5 MiB", 1_572_864],
  ["2 GB", 2_000_000_000],
  ["12 B", 12],
  ["0x1000", 4096],
  [512, 512],
  ["-1 KiB", undefined],
  ["1 kib", undefined],
  ["KiB", undefined],
  ["1 KiB/s", undefined],
  [null, undefined],
])("%j read as a size is %s bytes", (text, bytes) => {
  expect(readSize(text)).toBe(bytes);
});

test("a rate is a size with or without /s", () => {
  expect([readRate("12.8 GB/s"), readRate("12.8 GB / s"), readRate(5)]).toEqual([12.8e9, 12.8e9, 5]);
});

test.each(["1_", "_1", "0x", "1e3", "0b1", "", " 1", "Infinity"])("%j is not a number here", (text) => {
  expect(readNumber(text)).toBeUndefined();
});

test("cpus shown as ranges read back as the same cpus", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1 }), (cpus) => {
      expect(readCpus(showCpus(cpus))).toEqual([...cpus].sort((a, b) => a - b));
    }),
  );
});

test.each(["3-1", "0-", "-1", "a", "1;2", "0-4000000000", ",", ""])("%j names no cpus", (text) => {
  expect(readCpus(text)).toBeUndefined();
});

test("bytes are shown in the largest unit they fill", () => {
  expect([0, 1023, 1024, 1536, 2 ** 20, 2 ** 32].map(showBytes)).toEqual([
    "0 bytes",
    "1023 bytes",
    "1 KiB",
    "1.5 KiB",
    "1 MiB",
    "4 GiB",
  ]);
});

test("durations need a unit, shares end at 100%, and counts may be in powers of 1000", () => {
  expect(["3ns", "1.5 us", "2ms", "1s", "7", "-1ms", "2m", ""].map(readDuration)).toEqual([
    3,
    1500,
    2e6,
    1e9,
    ...[undefined, undefined, undefined, undefined],
  ]);
  expect(["0%", "12.5 %", "100%", "101%", "5"].map(readPercent)).toEqual([0, 0.125, 1, undefined, undefined]);
  expect(["20", "1.5k", "5M", "2G", "0x10", "1.0005k", "5m", "-1"].map(readCount)).toEqual([
    20,
    1500,
    5e6,
    2e9,
    16,
    ...[undefined, undefined, undefined],
  ]);
});
