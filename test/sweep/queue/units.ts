// Units that take some milliseconds each, and what they come to when they are run here.

import { type Ended, nameOf, runUnit, type Unit } from "../../../src/sweep/index.ts";
import { openTraces } from "../../../src/trace/index.ts";

export const TOOL = "a tool of tests";

const PLATFORM = {
  name: "small",
  cpus: 1,
  processor: { partidMax: 7, pmgMax: 1 },
  caches: [
    {
      level: 3,
      bytes: "64 KiB",
      ways: 16,
      msc: { base: "0x1_4000_0000", version: "1.1", cpor: { cpbmWd: 16 }, csu: { monitors: 4 } },
    },
  ],
  memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
};

/** Different ones: each has another cut of the cache. */
export function makeUnits(
  count: number,
  { tool = TOOL, records = 2000, trace = "", schemata = "", seeds = count } = {},
): Unit[] {
  return Array.from({ length: count }, (_, i) => {
    const work: Unit["work"] = {
      traces:
        trace === ""
          ? [{ argument: `synth:random,ws=128K,n=${records},seed=${i % seeds}` }]
          : [{ argument: trace, sha256: "0".repeat(64), bytes: 1 }],
      platform: PLATFORM,
      replaying: { group: ["a=trace:1"] },
      schemata: { a: [schemata || `L3:0=${((1 << (1 + (i % 15))) - 1).toString(16)}`] },
    };
    const place = {
      workload: "one",
      platform: "small",
      configuration: `cut ${i}`,
      settings: { portions: 1 + (i % 15) },
    };
    return { name: nameOf(work, tool), place, work };
  });
}

/** What units come to, by name: run in this thread. */
export async function expected(units: readonly Unit[], tool = TOOL): Promise<Map<string, string>> {
  const host = { tool, open: (traces: Unit["work"]["traces"]) => openTraces(traces.map(({ argument }) => argument)) };
  const texts = new Map<string, string>();
  for (const unit of units) {
    const text = await runUnit(unit, host);
    if ("failed" in JSON.parse(text)) throw new Error(text);
    texts.set(unit.name, text);
  }
  return texts;
}

/** What an engine ended, by name; a unit that ends twice is a failure. */
export class Kept {
  readonly texts = new Map<string, string>();
  readonly lost = new Map<string, string>();
  readonly notes: string[] = [];

  readonly hooks = {
    ended: async (one: Ended) => {
      if (this.texts.has(one.unit.name) || this.lost.has(one.unit.name))
        throw new Error(`${one.unit.name} ended twice`);
      if ("text" in one) this.texts.set(one.unit.name, one.text);
      else this.lost.set(one.unit.name, one.lost);
    },
    note: (line: string) => void this.notes.push(line),
  };
}
