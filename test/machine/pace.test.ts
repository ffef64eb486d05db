// Replays that somebody else paces: what they come to is what they come to without.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine, type Pace, type ReplayOptions } from "../../src/machine/index.ts";
import { Stride } from "../../src/machine/pace.ts";
import { loadPlatform, type Platform } from "../../src/platform/index.ts";
import { openTraces } from "../../src/trace/index.ts";

const platforms = Promise.all(
  ["one-socket", "two-sockets"].map((name) => loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url))),
);

const TRACES = ["synth:zipf,ws=4M,n=20k,threads=3,gap=40", "synth:stream,ws=1M,n=5k,gap=150,tid=9@start=100us"];

/** Lets model time go on in steps of the given lengths, over and over, ns. */
class Steps implements Pace {
  #until = 0;
  #turn = 0;
  rests = 0;

  constructor(private readonly steps: readonly number[]) {}

  get until(): number {
    return this.#until;
  }

  async rest(nextNs: number): Promise<void> {
    this.rests++;
    if (nextNs >= this.#until) this.#until += this.steps[this.#turn++ % this.steps.length] as number;
  }
}

async function outcome(platform: Platform, timing: NonNullable<ReplayOptions["timing"]>, pace?: Pace) {
  const machine = await Machine.create(platform);
  const fired: number[] = [];
  for (const ns of [70_001, 130_500, 260_000]) {
    machine.clock.at(ns, "test", () => {
      fired.push(machine.clock.now);
      machine.write32(0, 0x100, 0);
    });
  }
  const { records, finished, time, labels } = await machine.replay(await openTraces(TRACES), {
    timing,
    ...(pace ? { pace } : {}),
  });
  const { slices } = { slices: machine.levels() };
  return { records, finished, time, labels, fired, slices, latencies: machine.latencies() };
}

describe.each(["open", "closed"] as const)("in %s timing", (timing) => {
  test("steps of any length change nothing", { timeout: 60_000 }, async () => {
    for (const platform of await platforms) {
      const alone = await outcome(platform, timing);
      expect(alone.fired).toHaveLength(3);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 4 }),
          async (steps) => {
            const longer = steps.map((step) => step + 500);
            const pace = new Steps(longer);
            expect(await outcome(platform, timing, pace)).toEqual(alone);
            expect(pace.rests).toBeGreaterThan(5);
          },
        ),
        { numRuns: 8 },
      );
    }
  });

  test("nothing runs past where it may, and an abort ends it there", async () => {
    const [platform] = await platforms;
    const machine = await Machine.create(platform as Platform);
    const stop = new AbortController();
    const pace: Pace = {
      until: 50_000,
      async rest(nextNs) {
        if (nextNs < 50_000) return;
        stop.abort(new Error("enough"));
      },
    };
    const running = machine.replay(await openTraces(TRACES), { timing, pace, signal: stop.signal });
    await expect(running).rejects.toThrow("enough");
    expect(machine.clock.now).toBe(50_000);
    // Records of three threads, 40 ns apart, at times below 50 us.
    if (timing === "open") expect(machine.statistics().reduce((sum, one) => sum + one.accesses, 0)).toBe(3 * 1250);
  });
});

test("as much is run at a time as a millisecond takes, and without a pace as much as can be", () => {
  const pace: Pace = { until: 0, rest: async () => {} };
  const stride = new Stride(pace, 4096);
  expect(stride.size).toBe(64);
  for (let i = 0; i < 20; i++) stride.took(0.01);
  expect(stride.size).toBe(4096);
  for (const ms of [0.5, 3, 3]) stride.took(ms);
  expect(stride.size).toBe(1024);
  for (let i = 0; i < 20; i++) stride.took(50);
  expect(stride.size).toBe(1);
  const alone = new Stride(undefined, 4096);
  alone.took(50);
  expect(alone.size).toBe(4096);
});
