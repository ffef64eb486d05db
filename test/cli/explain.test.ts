// What mpam explain and probe print where the ready platforms show nothing of the kind: a driver that does not enable, long rows of
// MSCs, narrow terminals.

import { describe, expect, test } from "vitest";
import { explainMachine } from "../../src/cli/explain.ts";
import { findings } from "../../src/cli/found.ts";
import { refusedByDriver } from "../../src/cli/not-enabled.ts";
import { textOf } from "../../src/cli/probe.ts";
import { wrap } from "../../src/cli/wrap.ts";
import { Driver } from "../../src/driver/index.ts";
import { describe as describeFirmware } from "../../src/firmware/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { explain } from "../../src/resctrl/index.ts";

function small(msc: object = {}, more: object = {}) {
  return loadPlatform({
    name: "small",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [
      {
        level: 3,
        bytes: 65_536,
        ways: 16,
        slices: 2,
        msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 8 }, csu: { monitors: 2 }, ...msc },
      },
    ],
    memory: [{ bytes: 2 ** 30, bytesPerSecond: 1e9 }],
    ...more,
  });
}

async function explained(platform: Awaited<ReturnType<typeof small>>) {
  return explainMachine(await Machine.create(platform), platform.name, describeFirmware(platform));
}

describe("a driver that does not enable", () => {
  test("without an MSC", async () => {
    const platform = await small({}, { caches: [] });
    expect(await explained(platform)).toMatchObject({
      enabled: false,
      reason: expect.stringContaining("no MSC"),
      findings: [{ rule: "msc", found: "none", change: expect.stringContaining("`msc` at a cache") }],
    });
  });

  test("a shared error interrupt of an MSC that some cpus do not reach", async () => {
    const platform = await small({ errorInterrupt: 44, cpus: [0, 1] });
    expect(await explained(platform)).toMatchObject({
      enabled: false,
      reason: expect.stringContaining("interrupt 44"),
      findings: [
        {
          rule: "error-interrupt",
          found: "MSC 0-1: interrupt 44, and cpus 2-3 do not",
          change: "`errorInterrupt` of 16 to 31 (private), or 0; or all cpus in `msc.cpus`",
        },
      ],
    });
    expect((await explained(await small({ errorInterrupt: 31, cpus: [0, 1] }))).enabled).toBe(true);
    expect((await explained(await small({ cpus: [0, 1] }))).enabled).toBe(true);
  });

  test("an MSC that firmware counts and does not describe, or that no cpu reaches", async () => {
    const firmware = describeFirmware(await small());
    expect(refusedByDriver(firmware)).toEqual([]);
    const counted = refusedByDriver({ ...firmware, counted: 3 });
    expect(counted.map(({ rule, found }) => [rule, found])).toEqual([["counted", "2 of 3"]]);
    const [first, ...others] = firmware.mscs;
    const lonely = refusedByDriver({ ...firmware, mscs: [{ ...first, cpus: new Set() }, ...others] as never });
    expect(lonely.map(({ rule, found }) => [rule, found])).toEqual([["reachable", "none reaches MSC 0"]]);
  });

  test("the driver waits for a cpu: explain says for which", async () => {
    const platform = await small({ cpus: [3] });
    const machine = await Machine.create(platform);
    await machine.cpu(3).offline();
    const result = await explainMachine(machine, platform.name, describeFirmware(platform));
    expect(result).toMatchObject({ enabled: false, reason: expect.stringMatching(/waits for cpu 3 .*MSC 0/) });
    const driver = await Driver.probe(machine);
    const [first] = textOf(findings(driver, platform, machine.mscs)).split("\n");
    expect(first).toMatch(/^small: MPAM is not enabled: the driver waits for cpu 3/);
  });
});

test("nothing exported is said, and that mounting fails", async () => {
  const result = await explained(await small({ cpor: undefined, csu: undefined, ccap: { cmaxWd: 8 } }));
  expect(result.enabled && result.remarks[0]).toMatch(/EOPNOTSUPP/);
  expect(result.enabled && result.classes[0]?.unused).toEqual(["CMAX (8 bits)"]);
});

test("an L3 whose MSC some cpus do not reach is refused with those cpus, and who would have to be told", async () => {
  const result = await explained(await small({ cpus: [0, 1, 2] }));
  if (!result.enabled) throw new Error(result.reason);
  const verdict = result.classes[0]?.verdicts.find((one) => one.export === "L3");
  expect(verdict?.findings.filter(({ holds }) => !holds)).toMatchObject([
    {
      rule: "every-cpu",
      found: "cpus 0-2 of 0-3",
      change: "cpus 3 among those that reach the MSC of L3 0 (`msc.cpus`; the linked device of the MPAM table)",
    },
  ]);
});

test("a rule that asks for what was lost in merging names the two parts", async () => {
  const cache = (id: number, cpbmWd: number) => ({
    level: 3,
    id,
    cpus: [2 * id, 2 * id + 1],
    bytes: 65_536,
    ways: 16,
    msc: { base: 0x1_4100_0000 + id * 0x1_0000, cpor: { cpbmWd } },
  });
  const result = await explained(await small({}, { caches: [cache(0, 16), cache(1, 8)] }));
  if (!result.enabled) throw new Error(result.reason);
  const verdict = result.classes[0]?.verdicts.find((one) => one.export === "L3");
  expect(verdict).toMatchObject({ outcome: "refused", meant: true });
  expect(verdict?.findings.filter(({ holds }) => !holds)).toMatchObject([
    {
      rule: "portions",
      found: "lost in merging (L3 0, MSC 0: 16 portions; L3 1, MSC 1: 8 portions)",
      change: "`cpor.cpbmWd` alike in both",
    },
  ]);
});

describe("the driver leaves HARDLIM at 0, which is a soft limit where the part has soft ones (MPAMF_MBW_IDR.MAX_LIM)", () => {
  const cache = (id: number, maxLim: string) => ({
    level: 3,
    id,
    cpus: [2 * id, 2 * id + 1],
    bytes: 65_536,
    ways: 16,
    msc: { base: 0x1_4100_0000 + id * 0x1_0000, cpor: { cpbmWd: 16 }, mbw: { bwaWd: 7, maxLim } },
  });
  const smallWith = (first: string, second: string) => small({}, { caches: [cache(0, first), cache(1, second)] });
  async function explainedLimits(first: string, second: string) {
    const platform = await smallWith(first, second);
    const result = await explained(platform);
    if (!result.enabled) throw new Error(result.reason);
    const { as } = result.classes[0]?.verdicts.find((one) => one.export === "MB") ?? {};
    return { as, remark: result.remarks.find((remark) => remark.startsWith("MB ")) };
  }
  const steps = "1 to 100 percent, 128 steps of 1 percent or less";

  test.each([
    ["soft", "soft"],
    ["both", "both"],
    ["soft", "both"],
  ])("%s and %s: soft", async (first, second) => {
    const { as, remark } = await explainedLimits(first, second);
    expect(as).toBe(`${steps}, soft`);
    expect(remark).toMatch(/^MB is a soft limit: /);
  });

  test("hard and hard: hard, and why that is so", async () => {
    const { as, remark } = await explainedLimits("hard", "hard");
    expect(as).toBe(`${steps}, hard`);
    expect(remark).toMatch(/^MB is a hard limit here: /);
    expect(remark).toContain("MPAMF_MBW_IDR.MAX_LIM");
  });

  test.each([
    ["hard", "soft", 0],
    ["both", "hard", 1],
  ])("%s and %s: soft, and which MSC has hard ones only", async (first, second, msc) => {
    const { as, remark } = await explainedLimits(first, second);
    expect(as).toBe(`${steps}, soft, hard at MSC ${msc}`);
    expect(remark).toMatch(/^MB is a soft limit but at MSC \d: /);
  });

  test("a driver out of a snapshot explains as it did before", async () => {
    const machine = await Machine.create(await smallWith("hard", "soft"));
    const before = explain(await Driver.probe(machine));
    const after = explain(await Driver.restore(await Machine.restore(machine.snapshot())));
    expect(after).toEqual(before);
  });
});

describe("MSCs that follow each other", () => {
  async function probed(platform: Awaited<ReturnType<typeof small>>): Promise<string[]> {
    const machine = await Machine.create(platform);
    return textOf(findings(await Driver.probe(machine), platform, machine.mscs)).split("\n");
  }

  test("are one paragraph when they differ in their place only", async () => {
    const lines = await probed(await small());
    expect(lines.filter((line) => line.startsWith("MSC "))).toEqual(["MSC 0-1: L3 0.0 to 0.1"]);
    expect(lines).toContain("  page at 0x1_4100_0000 and every 0x1_0000 from there, reached by cpus 0-3");
  });

  test("are told apart when they differ in anything else", async () => {
    const cache = (id: number, monitors: number) => ({
      level: 3,
      id,
      cpus: [2 * id, 2 * id + 1],
      bytes: 65_536,
      ways: 16,
      msc: { base: 0x1_4100_0000 + id * 0x1_0000, csu: { monitors } },
    });
    const like = await probed(await small({}, { caches: [cache(0, 2), cache(1, 2)] }));
    expect(like.filter((line) => line.startsWith("MSC "))).toEqual(["MSC 0-1: L3 0 to 1"]);
    const unlike = await probed(await small({}, { caches: [cache(0, 2), cache(1, 3)] }));
    expect(unlike.filter((line) => line.startsWith("MSC "))).toEqual(["MSC 0: L3 0", "MSC 1: L3 1"]);
  });

  test("who limits PARTIDs is named, two of them, and the rest counted", async () => {
    const spaces = { ns: { partidMax: 3, pmgMax: 1 } };
    const lines = await probed(await small({ spaces }));
    expect(lines[1]).toBe("  PARTIDs to 3, from MSC 0 (L3 0.0) and MSC 1 (L3 0.1)");
    expect(lines[2]).toBe("  PMGs to 1, from MSC 0 (L3 0.0), MSC 1 (L3 0.1) and the cpus");
  });
});

test("text is broken between words, and a long word stays whole", () => {
  expect(wrap("a:", "one two three four", 4, 12)).toBe("a: one two\n    three\n    four");
  expect(wrap("  ", "one", 2, 12)).toBe("  one");
  expect(wrap("", "averyveryverylongword two", 2, 10)).toBe("averyveryverylongword\n  two");
});
