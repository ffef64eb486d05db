// Replays that share what is before the last level of caches: in every number what they come to is what whole replays come to.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";
import { Fronts, runUnit, TraceShelf, type Unit, type Work } from "../../src/sweep/index.ts";

const MEMORY = 2 ** 30;
const shelf = new TraceShelf();
const host = { tool: "a tool", open: (named: Work["traces"]) => shelf.open(named) };

const TRACES = ["synth:zipf,ws=2M,n=20k", "synth:stream,ws=8M,n=20k", "synth:random,ws=1M,n=20k,threads=4"];
const unitOf = (platform: object, change: Partial<Work> = {}): Unit => ({
  name: "0".repeat(64),
  place: { workload: "w", platform: "p", configuration: "c", settings: {} },
  work: {
    traces: TRACES.map((argument) => ({ argument })),
    platform,
    replaying: { group: ["a=trace:1", "b=trace:2"] },
    schemata: {},
    ...change,
  },
});

/** How many replays took requests that were recorded. */
class Counted extends Fronts {
  shared = 0;
  override async result(...of: Parameters<Fronts["result"]>): ReturnType<Fronts["result"]> {
    const result = await super.result(...of);
    if (result) this.shared++;
    return result;
  }
}

async function both(units: readonly Unit[], shared: number): Promise<void> {
  const fronts = new Counted(MEMORY);
  for (const unit of units) expect(await runUnit(unit, { ...host, fronts })).toBe(await runUnit(unit, host));
  expect(fronts.shared).toBe(shared);
}

const platformOf = (name: string) => loadPlatform(`platforms/${name}.yaml`);
const l3 = (cbm: number) => ({ a: [`L3:0=${cbm.toString(16)}`] });

describe("a front that is shared", () => {
  test.each(["private-l2", "two-sockets", "server", "cmn-650"])("on %s changes no number", async (name) => {
    const platform = await platformOf(name);
    await both(
      [1, 3, 7, 0xf].map((cbm) => unitOf(platform, { schemata: l3(cbm) })),
      3,
    );
  });

  test("is one of platforms that differ behind it, and of configurations with other limits of bandwidth", async () => {
    const platform = await platformOf("private-l2");
    const larger = {
      ...platform,
      memory: platform.memory.map((node) => ({ ...node, bytesPerSecond: 2 * node.bytesPerSecond })),
    };
    await both([unitOf(platform), unitOf(larger), unitOf(platform, { schemata: { b: ["MB:0=50"] } })], 2);
  });

  test("is another one with other traces, groups, options, layouts and settings before it", async () => {
    const platform = await platformOf("private-l2");
    const replaying = { group: ["a=trace:1", "b=trace:2"] };
    const units = [
      unitOf(platform),
      unitOf(platform, { traces: [{ argument: TRACES[0] as string }] }),
      unitOf(platform, { replaying: { group: ["a=trace:2", "b=trace:1"] } }),
      unitOf(platform, { replaying: { ...replaying, warmup: "10%" } }),
      unitOf(platform, { layout: 3 }),
      unitOf(platform, { schemata: { a: ["L2:1=1"] } }),
    ];
    await both(units, 0);
  });

  test("is none in closed timing, with one level of caches, and where a script acts on counts", async () => {
    const [twoLevels, one] = [await platformOf("private-l2"), await platformOf("one-socket")];
    const twice = (unit: Unit) => [unit, unit, unit];
    const replaying = { group: ["a=trace:1", "b=trace:2"] };
    await both(twice(unitOf(one)), 0);
    await both(twice(unitOf(twoLevels, { replaying: { ...replaying, timing: "closed" } })), 0);
    const script = ["@50% read a/mon_data/mon_L3_00/llc_occupancy"];
    await both(twice(unitOf(twoLevels, { replaying: { ...replaying, script } })), 0);
  });

  test("gives way to whole replays where it takes too much memory, and where a replay fails", async () => {
    const platform = await platformOf("private-l2");
    const small = new Fronts(2000);
    for (const cbm of [1, 3, 7]) {
      const unit = unitOf(platform, { schemata: l3(cbm) });
      expect(await runUnit(unit, { ...host, fronts: small })).toBe(await runUnit(unit, host));
    }
    const failing = unitOf(platform, {
      replaying: { group: ["a=trace:1", "b=trace:2"], script: ["@50% write nowhere/schemata L3:0=1"] },
    });
    await both([failing, failing, failing], 0);
    expect(await runUnit(failing, host)).toContain('"failed":');
  });

  const none: { replaying?: object; traces?: readonly string[] } = {};
  test.each([
    ["traces given twice", { ...none, traces: [TRACES[0], TRACES[0]] as string[] }],
    ["traces that begin later and are looped", { ...none, traces: [`${TRACES[0]}@start=5us`, `${TRACES[1]}@loop=2`] }],
    ["an end behind the end", { ...none, replaying: { until: 1e9 } }],
    ["kernel work of a group", { ...none, replaying: { kernelMode: "group:b" } }],
    ["a group without records", { ...none, replaying: { group: ["a=trace:9", "b=trace:1"] } }],
  ])("changes no number with %s, two platforms alternating", async (_, { traces = TRACES, replaying: more }) => {
    const platform = await platformOf("private-l2");
    const other = { ...platform, memory: platform.memory.map((node) => ({ ...node, channels: 2 * node.channels })) };
    const replaying = { group: ["a=trace:1", "b=trace:2"], ...more };
    const change = { replaying, traces: traces.map((argument) => ({ argument })) };
    await both(
      [1, 3, 7, 0xf].map((cbm, i) => unitOf(i % 2 ? other : platform, { ...change, schemata: l3(cbm) })),
      3,
    );
  });

  test("is the same for parts, in any order", async () => {
    const platform = await platformOf("two-sockets");
    const part = (index: number) => unitOf(platform, { part: { index, of: 4 }, schemata: l3(3) });
    await both([part(2), part(0), part(3), part(1), part(0)], 4);
  });

  test("changes no number whatever is written when, with warm-up, an end before the end, and reasons counted", async () => {
    const platform = await platformOf("two-sockets");
    const cbm = fc.integer({ min: 1, max: 0x7fff });
    const run = fc.record({
      cbms: fc.tuple(cbm, cbm, cbm),
      at: fc.integer({ min: 0, max: 99 }),
      line: fc.constantFrom("write b/schemata L3:0=3", "write b/schemata L2:0=1", "mkdir c", "write tasks 1000"),
      warmup: fc.constantFrom(undefined, "10%", "5k"),
      until: fc.constantFrom(undefined, 7000),
      statistics: fc.constantFrom("counts" as const, "full" as const),
      layout: fc.constantFrom(undefined, 7),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ cbms, at, line, warmup, until, statistics, layout }) => {
        const replaying = {
          group: ["a=trace:1", "b=trace:2"],
          script: [`@${at}% ${line}`],
          statistics,
          ...(warmup === undefined ? {} : { warmup }),
          ...(until === undefined ? {} : { until }),
        };
        const more = { replaying, ...(layout === undefined ? {} : { layout }) };
        const fronts = new Fronts(MEMORY);
        for (const cbm of cbms) {
          const unit = unitOf(platform, { ...more, schemata: l3(cbm) });
          expect(await runUnit(unit, { ...host, fronts })).toBe(await runUnit(unit, host));
        }
      }),
      { numRuns: 8 },
    );
  });
});
