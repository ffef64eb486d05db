// Counts of several slices, caches and channels, put together.

import { describe, expect, test } from "vitest";
import { resourcesOf } from "../../src/machine/power-on.ts";
import { exportSlices, labelStatistics, levelStatistics, type Parts } from "../../src/machine/statistics.ts";
import type { Hardware } from "../../src/machine/wasm.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { powerOn } from "./machines.ts";
import { FakeTrace, walk } from "./traces.ts";

/** Space ns, PARTID 1, PMG 2; owner 1 has no label; PARTID 3. */
const LABELS = [0x0102_0001, 0xffff_ffff, 0x0100_0003];
const FIRST = { space: "ns", partid: 1, pmg: 2 };
const LAST = { space: "ns", partid: 3, pmg: 0 };

/** Hardware whose counts say where they come from: in decimal what is counted, the resource, and the label's owner. */
function counting(): Hardware {
  const of = (what: number) => (resource: number, owner: number) => what * 10_000 + resource * 10 + owner;
  return {
    ownerCount: () => LABELS.length,
    ownerLabel: (owner: number) => LABELS[owner] ?? 0xffff_ffff,
    accesses: (resource: number, owner: number) => BigInt(of(5)(resource, owner)),
    misses: (resource: number, owner: number) => BigInt(of(4)(resource, owner)),
    linesHeld: of(3),
    bytesCrossed: (resource: number, owner: number, write: boolean) => BigInt(of(write ? 2 : 1)(resource, owner)),
    // One line in each resource: in its last set and way 1.
    lineAt: (resource: number, set: number, way: number) => (set === 1 && way === 1 ? BigInt(100 + resource) : -1n),
    lineAge: () => 0x80,
    lineOwner: () => 2,
  } as unknown as Hardware;
}

function partsOf(keys: object): Parts {
  const checked = checkObject({
    name: "t",
    cpus: 2,
    processor: { partidMax: 7, pmgMax: 3 },
    lineBytes: 32,
    memory: [
      { cpus: 0, bytes: "1 GiB", bytesPerSecond: 1e9, channels: 2 },
      { node: 5, bytes: "1 GiB", bytesPerSecond: 1e9 },
    ],
    ...keys,
  });
  const platform: Platform = checked;
  return { hardware: counting(), platform, resources: resourcesOf(platform) };
}

const L2 = { level: 2, per: "cpu", bytes: 128, ways: 2 };
const L3 = { level: 3, id: 7, bytes: 256, ways: 2, slices: 2 };
/** L3 slices are resources 0 and 1, the L2s 2 and 3, channels 4, 5 and 6. */
const TWO_LEVELS = { caches: [L3, L2] };

describe("a row for each label", () => {
  test("counts accesses where records enter, misses and lines at the last level, bytes at the channels", () => {
    const [first, last] = labelStatistics(partsOf(TWO_LEVELS));
    expect(first).toEqual({
      ...FIRST,
      accesses: 2 * 50_000 + 20 + 30,
      misses: 2 * 40_000 + 0 + 10,
      bytesHeld: (2 * 30_000 + 0 + 10) * 32,
      bytesRead: 3 * 10_000 + 40 + 50 + 60,
      bytesWritten: 3 * 20_000 + 40 + 50 + 60,
    });
    expect(last).toMatchObject({ ...LAST, accesses: 2 * 50_000 + 20 + 30 + 4 });
  });

  test("of a machine without memory counts bytes below the last level", () => {
    const parts = partsOf(TWO_LEVELS);
    const [first] = labelStatistics({ ...parts, platform: { ...parts.platform, memory: [] } });
    expect(first).toMatchObject({ bytesRead: 2 * 10_000 + 0 + 10, bytesWritten: 2 * 20_000 + 0 + 10 });
  });
});

describe("a row for each slice and channel", () => {
  test("says where it is, and what each label has there", () => {
    const rows = levelStatistics(partsOf(TWO_LEVELS));
    expect(rows.map(({ labels: _, ...where }) => where)).toEqual([
      { kind: "cache", level: 3, id: 7, slice: 0 },
      { kind: "cache", level: 3, id: 7, slice: 1 },
      { kind: "cache", level: 2, id: 0, slice: 0 },
      { kind: "cache", level: 2, id: 1, slice: 0 },
      { kind: "memory", node: 0, channel: 0 },
      { kind: "memory", node: 0, channel: 1 },
      { kind: "memory", node: 5, channel: 0 },
    ]);
    expect(rows[3]?.labels).toEqual([
      { ...FIRST, accesses: 50_030, misses: 40_030, bytesHeld: 30_030 * 32, bytesRead: 10_030, bytesWritten: 20_030 },
      { ...LAST, accesses: 50_032, misses: 40_032, bytesHeld: 30_032 * 32, bytesRead: 10_032, bytesWritten: 20_032 },
    ]);
    expect(rows[5]?.labels[0]).toEqual({
      ...FIRST,
      ...{ accesses: 0, misses: 0, bytesHeld: 0, bytesRead: 10_050, bytesWritten: 20_050 },
    });
  });

  test("leaves out labels without counts there", async () => {
    const machine = await powerOn();
    expect(machine.levels().map(({ labels }) => labels)).toEqual([[], []]);
    await machine.replay([new FakeTrace("three lines", walk([1, 2, 3], 6))]);
    const counts = { space: "ns", partid: 0, pmg: 0, bytesRead: 192, bytesWritten: 0 };
    expect(machine.levels()).toEqual([
      { kind: "cache", level: 3, id: 0, slice: 0, labels: [{ ...counts, accesses: 6, misses: 3, bytesHeld: 192 }] },
      { kind: "memory", node: 0, channel: 0, labels: [{ ...counts, accesses: 0, misses: 0, bytesHeld: 0 }] },
    ]);
  });
});

test("an export has the sets of all slices, one slice after the other", () => {
  const { slices, sets } = exportSlices(partsOf(TWO_LEVELS));
  const where = { setCount: 2 };
  expect(slices).toEqual([
    { level: 3, id: 7, slice: 0, firstSet: 0, ...where },
    { level: 3, id: 7, slice: 1, firstSet: 2, ...where },
    { level: 2, id: 0, slice: 0, firstSet: 4, ...where },
    { level: 2, id: 1, slice: 0, firstSet: 6, ...where },
  ]);
  const line = (number: number) => [{ line: number, way: 1, dirty: true, ...LAST }];
  expect(sets).toEqual([[], line(100), [], line(101), [], line(102), [], line(103)]);
});
