// A replay that was split: its parts together are the whole, in every number.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  expandPlan,
  mergeFrom,
  parsePlan,
  runUnit,
  type Store,
  type Sweep,
  TraceShelf,
} from "../../src/sweep/index.ts";

const shelf = new TraceShelf();
const TOOL = "a tool";

/** What a plan comes to, all units run here. */
async function swept(plan: object): Promise<Sweep> {
  const expanded = await expandPlan(parsePlan(JSON.stringify(plan), "plan.json"), {
    tool: TOOL,
    platformFile: (name) => `platforms/${name}.yaml`,
  });
  const texts = new Map<string, string>();
  for (const unit of expanded.units) {
    texts.set(unit.name, await runUnit(unit, { tool: TOOL, open: (named) => shelf.open(named) }));
  }
  return mergeFrom(expanded, TOOL, { read: async (name: string) => texts.get(name) } as Store);
}

const plan = (platform: string | object, parts: number, more: object = {}) => ({
  sweep: "parts",
  traces: [
    {
      name: "three",
      files: ["synth:zipf,ws=2M,n=20k", "synth:stream,ws=8M,n=20k", "synth:random,ws=1M,n=20k,threads=4"],
      groups: ["a=trace:1", "b=trace:2"],
    },
  ],
  platforms: [platform],
  configurations: [{ name: "set", schemata: { a: "L3:0=7" } }, { name: "not set" }],
  goals: [{ lowest: "misses", of: "a" }],
  parts,
  ...more,
});

const resultsOf = (sweep: Sweep) => sweep.swept.map(({ result, failed, lost }) => ({ result, failed, lost }));

describe("parts of a replay", () => {
  test.each([
    ["two-sockets", 4],
    ["firmware-backed", 2],
    ["server", 3],
    ["cmn-650", 5],
  ])("on %s, %i of them, come to what the whole comes to", async (platform, parts) => {
    const whole = await swept(plan(platform, 1));
    const split = await swept(plan(platform, parts));
    expect(split.swept.map(({ units }) => units.length)).toEqual([parts, parts]);
    expect(resultsOf(split)).toEqual(resultsOf(whole));
    expect(whole.swept[0]?.result?.groups.find(({ group }) => group === "a")?.misses).toBeGreaterThan(1000);
  });

  test("do so with warm-up, changes in the middle and reasons counted, wherever the changes come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 1, max: 0x7fff }),
        fc.constantFrom("counts", "full"),
        async (parts, share, cbm, statistics) => {
          const options = { warmup: "10%", statistics, do: [`@${share}% write b/schemata L3:0=${cbm.toString(16)}`] };
          const more = { options };
          expect(resultsOf(await swept(plan("two-sockets", parts, more)))).toEqual(
            resultsOf(await swept(plan("two-sockets", 1, more))),
          );
        },
      ),
      { numRuns: 6 },
    );
  });
});
