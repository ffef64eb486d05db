// What a platform says of its cpus, and which are refused.

import { describe, expect, test } from "vitest";
import { checkObject, PlatformError, parsePlatform, processorOfCpus } from "../../src/platform/index.ts";
import { small } from "./small.ts";

const withKeys = (keys: string) => parsePlatform(small("pmgMax: 1", `pmgMax: 1, ${keys}`), "my.yaml");

function refusals(keys: string): readonly string[] {
  try {
    withKeys(keys);
  } catch (error) {
    if (error instanceof PlatformError) return error.problems.map(({ found, allowed }) => `${found}; ${allowed}`);
    throw error;
  }
  throw new Error(`${keys} is not refused`);
}

describe("cpus of a platform", () => {
  test("those that no entry of unlike names are as processor says", () => {
    const platform = withKeys("sme: true, unlike: [{ cpus: 1-2, partidMax: 3 }, { cpus: 3, version: none }]");
    const cpus = processorOfCpus(platform);
    expect(cpus.map(({ partidMax }) => partidMax)).toEqual([7, 3, 3, 7]);
    expect(cpus.map(({ version }) => version)).toEqual(["1.1", "1.1", "1.1", "none"]);
    expect(cpus.map(({ sme, pmgMax }) => [sme, pmgMax])).toEqual(Array(4).fill([true, 1]));
  });

  test("an entry of unlike has what it leaves out from processor, key by key", () => {
    const base =
      "bandwidth: { bwaWd: 8, maxLim: hard, bytesPerSecond: 5 GB/s }, firmware: { traps: true }, unpredictable: { reset: ones, pmg: max }";
    const entry = "bandwidth: { bwaWd: 4 }, firmware: { enables: false }, unpredictable: { reset: zero }";
    const [, one, two] = processorOfCpus(
      withKeys(`${base}, unlike: [{ cpus: 1, ${entry} }, { cpus: 2, bandwidth: none }]`),
    );
    expect(one?.bandwidth).toEqual({ bwaWd: 4, maxLim: "hard", hwScale: false, bytesPerSecond: 5e9 });
    expect(one?.firmware).toEqual({ enables: false, traps: true });
    expect(one?.unpredictable).toMatchObject({ reset: "zero", pmg: "max", physical: "zero" });
    expect(two?.bandwidth).toBe("none");
    expect(two?.unpredictable.reset).toBe("ones");
  });

  test("the whole of a limit is all memory channels together, unless the platform says otherwise", () => {
    const whole = (keys: string) =>
      processorOfCpus(withKeys(keys)).map(({ bandwidth }) => bandwidth !== "none" && bandwidth.bytesPerSecond);
    const [channel] = withKeys("").memory;
    const all = (channel?.channels ?? 0) * (channel?.bytesPerSecond ?? 0);
    expect(all).toBeGreaterThan(0);
    expect(whole("bandwidth: { bwaWd: 4 }")).toEqual([all, all, all, all]);
    const own = "unlike: [{ cpus: 1, bandwidth: { bwaWd: 4, bytesPerSecond: 3 GB/s } }]";
    expect(whole(`bandwidth: { bwaWd: 4, bytesPerSecond: 2 GB/s }, ${own}`)).toEqual([2e9, 3e9, 2e9, 2e9]);
  });

  test("without EL2 there are no virtual PARTIDs, unless the platform says so and is refused", () => {
    expect(withKeys("el2: false").processor.vpmrMax).toBe("none");
    const [, one] = processorOfCpus(withKeys("unlike: [{ cpus: 1, el2: false }]"));
    expect(one?.vpmrMax).toBe("none");
  });

  test("a checked platform is one again, and the same", () => {
    const keys = [
      ...["version: 0.1", "forceNs: rao", "sme: true", "tidr: true", "bandwidth: { bwaWd: 3, hwScale: true }"],
      "unlike: [{ cpus: 0, el2: false, tidr: false, bandwidth: none, forceNs: none }, { cpus: 2, version: none, pmgMax: 0 }]",
    ];
    const platform = withKeys(keys.join(", "));
    expect(checkObject(platform)).toEqual(platform);
    expect(checkObject(JSON.parse(JSON.stringify(platform)))).toEqual(platform);
  });

  test("a version without quotes is a number to YAML", () => {
    expect(withKeys("version: 1.0").processor.version).toBe("1.0");
    expect(withKeys("version: '0.1'").processor.version).toBe("0.1");
  });

  test("a cpu that has lost its MPAM may keep saying what it would have", () => {
    const keys = "rme: true, tidr: true, sdeflt: true, bandwidth: { bwaWd: 4 }, unlike: [{ cpus: 1, version: none }]";
    expect(processorOfCpus(withKeys(keys))[1]).toMatchObject({ version: "none", rme: true, tidr: true });
  });
});

describe("cpus that there cannot be", () => {
  test.each([
    ["version: 2.0", ['processor.version is 2.0; "0.1", "1.0", "1.1" or none is allowed']],
    ["vpmrMax: 8", ["processor.vpmrMax is 8; the last MPAMVPM<n>_EL2, 0 to 7, or none is allowed"]],
    [
      "bandwidth: 3",
      ["processor.bandwidth is 3; a map with the keys bwaWd, maxLim, hwScale, bytesPerSecond is allowed"],
    ],
    [
      "bandwidth: all",
      ["processor.bandwidth is all; none, or a map with the keys bwaWd, maxLim, hwScale, bytesPerSecond, is allowed"],
    ],
    [
      "bandwidth: { bwaWd: 4, bytesPerSecond: 0 }",
      ['processor.bandwidth.bytesPerSecond is 0; bytes a second such as "12.8 GB/s", 1 to 10 TB/s, are allowed'],
    ],
    ["bandwidth: { bwaWd: 17 }", ["processor.bandwidth.bwaWd is 17; a number of fraction bits, 1 to 16, is allowed"]],
    ["unpredictable: { reset: one }", ["processor.unpredictable.reset is one; zero or ones is allowed"]],
    ["el2: false, vpmrMax: 3", ["processor.vpmrMax is 3; it needs el2: true"]],
    ["el2: false, tidr: true", ["processor.tidr is true; it needs el2: true"]],
    ["el2: false, vhe: true", ["processor.vhe is true; it needs el2: true"]],
    ["el3: false, sdeflt: true", ["processor.sdeflt is true; it needs el3: true"]],
    ["version: 1.0, tidr: true", ["processor.tidr is true; it needs version 0.1 or 1.1"]],
    ["version: 1.0, sdeflt: true", ["processor.sdeflt is true; it needs version 0.1 or 1.1"]],
    ["version: 1.0, bandwidth: { bwaWd: 4 }", ["processor.bandwidth stands; it needs version 0.1 or 1.1"]],
    ["forceNs: rw", ["processor.forceNs is rw; it needs version 0.1"]],
    ["version: 0.1, forceNs: rao, el3: false", ["processor.forceNs is rao; it needs el3: true"]],
    ["version: 0.1, rme: true", ["processor.rme is true; it needs version 1.1"]],
    ["rme: true, el2: false, el3: false", ["processor.rme is true; it needs el2: true and el3: true"]],
    ["version: none, rme: true, el3: false", ["processor.rme is true; it needs el3: true"]],
    ["unlike: [{ cpus: 4 }]", ["processor.unlike[0].cpus names cpu 4; cpus 0 to 3 are allowed"]],
    [
      "unlike: [{ cpus: 0-1 }, { cpus: 1-2 }]",
      ["processor.unlike[1].cpus names cpu 1 again; each cpu is allowed in one entry"],
    ],
    ["unlike: [{ cpus: 1, el2: false, tidr: true }]", ["processor.unlike[0].tidr is true; it needs el2: true"]],
    ["tidr: true, unlike: [{ cpus: 1, el2: false }]", ["processor.unlike[0].tidr is true; it needs el2: true"]],
  ])("%s", (keys, problems) => {
    expect(refusals(keys)).toEqual(problems);
  });
});
