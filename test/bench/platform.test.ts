// The contestants of the platform benchmark are one platform: the same counts at every slice and channel, the same
// latencies and the same end, whatever the limits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CTwin } from "../../bench/c-twin.ts";
import { PlainPlatform } from "../../bench/js/platform.ts";
import {
  closedOurs,
  openOurs,
  openPlatform,
  platformChecksum,
  replayClosed,
  tracesOf,
} from "../../bench/ours-platform.ts";
import {
  drawPlatformColumns,
  labelsOf,
  type PlatformCase,
  platformArguments,
  platformCase,
} from "../../bench/platform-case.ts";

const RECORDS = 6000;

/** Small enough that caches fill up, and bandwidth short enough that requests wait. */
const small = fc
  .record({
    seed: fc.integer({ min: 0, max: 1000 }),
    slices: fc.constantFrom(1, 3, 4),
    channels: fc.integer({ min: 1, max: 3 }),
    lines: fc.integer({ min: 2, max: 100 }),
    outstanding: fc.integer({ min: 1, max: 20 }),
    longestGap: fc.constantFrom(1, 20, 300),
    partitions: fc.array(
      fc.record({
        l2Portions: fc.integer({ min: 0, max: 0xff }),
        l3Portions: fc.integer({ min: 0, max: 0xffff }),
        l3Limit: fc.integer({ min: 1, max: 64 }),
        max: fc.oneof(fc.constant(255), fc.integer({ min: 0, max: 254 })),
        hard: fc.boolean(),
        min: fc.integer({ min: 0, max: 255 }),
      }),
      { minLength: 8, maxLength: 8 },
    ),
  })
  .map(({ lines, ...some }): PlatformCase => {
    const c = platformCase(RECORDS);
    return { ...c, ...some, cpus: 8, l2Sets: 4, l3Sets: 4, channelBytes: lines * 64 + 13, space: 256 };
  });

test("the three contestants count and wait alike in open and in closed timing", async () => {
  await fc.assert(
    fc.asyncProperty(small, async (c) => {
      const columns = drawPlatformColumns(c);
      for (const timing of ["open", "closed"] as const) {
        const ours = await (timing === "open" ? openOurs : closedOurs)(c, columns, "ours");
        const model = new PlainPlatform(c, columns);
        const twin = await CTwin.start("platform", platformArguments(c));
        for (let turn = 0; turn < 2; turn++) {
          if (timing === "open") model.runOpen();
          else model.runClosed();
          const wanted = model.checksum();
          expect((await ours.run()).checksum).toBe(wanted);
          if (twin) expect((await twin.run(timing)).checksum).toBe(wanted);
        }
        twin?.close();
      }
    }),
    { numRuns: 25 },
  );
});

test("in the benchmark's closed timing every label waits for bandwidth, the one with a minimum least, those over a soft maximum most", async () => {
  const c = platformCase(400_000);
  const machine = await openPlatform(c);
  replayClosed(machine.inside, tracesOf(c, drawPlatformColumns(c)));
  const before = platformChecksum(machine, c);
  expect(platformChecksum(machine, c)).toBe(before);
  const held = new Map(
    machine.latencies().map(({ partid, pmg, heldNs, count }) => [`${partid}.${pmg}`, heldNs / count]),
  );
  expect(held.size).toBe(labelsOf(c));
  expect(Math.min(...held.values())).toBeGreaterThan(0);
  const { "0.0": maximum = 0, "2.0": minimum = 0, "3.0": free = 0 } = Object.fromEntries(held);
  expect(maximum).toBeGreaterThan(1.1 * free);
  expect(minimum).toBeLessThan(0.5 * free);
});
