// SMMUs and the driver: how registration lowers the limits of the system, and labels that software gives to streams.

import { describe, expect, test } from "vitest";
import { Driver, SmmuLabels } from "../../src/driver/index.ts";
import { describe as firmwareOf } from "../../src/firmware/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { get, STE } from "../machine/smmu/smmus.ts";

function platformWith(smmus: readonly object[], firmware = "acpi") {
  return checkObject({
    name: "t",
    cpus: 2,
    firmware,
    processor: { partidMax: 63, pmgMax: 3 },
    caches: [
      {
        level: 3,
        bytes: "64 KiB",
        ways: 16,
        msc: { base: 0x1_4000_0000, cpor: { cpbmWd: 16 }, spaces: { ns: { partidMax: 47, pmgMax: 3 } } },
      },
    ],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
    smmus,
  });
}

const STREAMS = [
  { sid: 1, config: "bypass" },
  { sid: 2, config: "stage1", partid: 3, pmg: 1 },
];
const FIRST = { base: 0x2b40_0000, partidMax: 31, pmgMax: 1, streams: STREAMS };
const NONE = { base: 0x2b60_0000, mpam: false };

describe("the limits of the system", () => {
  test.each(["acpi", "dt"])(
    "are the least of cpus, MSCs and the SMMUs that %s names, where these are registered",
    async (kind) => {
      const second = { base: 0x2b80_0000, partidMax: 40, pmgMax: 0 };
      const limits = async (smmus: readonly object[], register: boolean) => {
        const machine = await Machine.create(platformWith(smmus, kind));
        const driver = await Driver.probe(machine, { smmus: register });
        expect(driver.enabled).toBe(true);
        return [driver.partidMax, driver.pmgMax];
      };
      expect(await limits([FIRST, second], false)).toEqual([47, 3]);
      expect(await limits([FIRST], true)).toEqual([31, 1]);
      expect(await limits([FIRST, second], true)).toEqual([31, 0]);
      expect(await limits([second], true)).toEqual([40, 0]);
      // One without MPAM asks for nothing.
      expect(await limits([NONE], true)).toEqual([47, 3]);
      expect(await limits([{ ...FIRST, partidMax: 255, pmgMax: 255 }], true)).toEqual([47, 3]);
      expect(await limits([], true)).toEqual([47, 3]);
    },
  );

  test("are known before PARTIDs are programmed: none above them is", async () => {
    const machine = await Machine.create(platformWith([FIRST]));
    const selected: number[] = [];
    machine.log("MPAMCFG_PART_SEL", ({ value, write }: { value: number | bigint; write?: boolean }) => {
      if (write !== false) selected.push(Number(value) & 0xffff);
    });
    await Driver.probe(machine, { smmus: true });
    expect(Math.max(...selected)).toBe(31);
  });

  test("are told by the log, of an SMMU without MPAM and of none too", async () => {
    const log = async (smmus: readonly object[]) => {
      const driver = await Driver.probe(await Machine.create(platformWith(smmus)), { smmus: true });
      return driver.log.map(({ text }) => text).filter((text) => text.includes("SMMU"));
    };
    expect(await log([FIRST, NONE])).toEqual(["SMMU 0 has PARTIDs up to 31 and PMGs up to 1", "SMMU 1 has no MPAM"]);
    expect(await log([])).toEqual(["firmware names no SMMUs"]);
  });

  test("come too late for one that is registered later", async () => {
    const machine = await Machine.create(platformWith([FIRST]));
    const driver = await Driver.probe(machine);
    expect(() => driver.registerRequestor(31, 1)).toThrow(/EBUSY/);
  });

  test("come back with a snapshot", async () => {
    const machine = await Machine.create(platformWith([FIRST]));
    await Driver.probe(machine, { smmus: true });
    const driver = await Driver.restore(await Machine.restore(machine.snapshot()));
    expect([driver.partidMax, driver.pmgMax]).toEqual([31, 1]);
    expect(driver.smmus).toEqual([{ id: 0, partidMax: 31, pmgMax: 1 }]);
    expect(driver.firmware.smmus).toEqual([{ id: 0, address: 0x2b40_0000 }]);
  });

  test("are nobody's where an SMMU does not answer: MPAM stays off", async () => {
    const machine = await Machine.create(platformWith([FIRST]));
    const firmware = { ...firmwareOf(machine.platform), smmus: [{ id: 0, address: 0x7000_0000 }] };
    await expect(Driver.probe(machine, { firmware, smmus: true })).rejects.toThrow(/nothing answers at 0x7000000c/);
    expect((await Driver.probe(machine, { firmware })).enabled).toBe(true);
  });
});

async function labelsOf(smmus: readonly object[] = [FIRST], index = 0) {
  const machine = await Machine.create(platformWith(smmus));
  const smmu = machine.smmus[index]!;
  return { machine, smmu, labels: new SmmuLabels(machine, firmwareOf(machine.platform).smmus[index]!, smmu) };
}

describe("software that labels streams", () => {
  test("writes words 4 and 5, and no other bit of them", async () => {
    const { smmu, labels } = await labelsOf();
    const ste = smmu.stream(2);
    for (let word = 0; word < 8; word++) ste.write(word, ste.read(word) | (word > 2 ? 0xa5a5_a5a5_a5a5_a5a5n : 0n));
    const before = Array.from({ length: 8 }, (_, word) => ste.read(word));
    labels.setLabel(2, { partid: 17, pmg: 1 });
    expect([get(ste, STE.PARTID), get(ste, STE.PMG)]).toEqual([17, 1]);
    expect(labels.labelOf(2)).toEqual({ partid: 17, pmg: 1 });
    const others = Array.from({ length: 8 }, (_, word) => ste.read(word) ^ before[word]!);
    expect(others.map((changed, word) => changed & ~(word === 4 ? 0xffff_0000n : word === 5 ? 0xffn : 0n))).toEqual(
      new Array(8).fill(0n),
    );
  });

  test("tells the SMMU", async () => {
    const { smmu, labels } = await labelsOf();
    labels.setLabel(2, { partid: 17, pmg: 0 });
    expect(smmu.label(2)).toMatchObject({ partid: 17, pmg: 0 });
    expect(smmu.label(1)).toMatchObject({ partid: 0, pmg: 0 });
  });

  test("is refused what the SMMU does not have", async () => {
    const { labels, smmu } = await labelsOf();
    expect(() => labels.setLabel(2, { partid: 32, pmg: 0 })).toThrow(
      "EINVAL: stream 2: PARTID 32 and PMG 0; SMMU 0 has PARTID 0..31 and PMG 0..1",
    );
    expect(() => labels.setLabel(2, { partid: 1, pmg: 2 })).toThrow(/EINVAL/);
    expect(smmu.label(2)).toMatchObject({ partid: 3, pmg: 1 });
    await expect(labels.setOwn({ partid: 32, pmg: 0 })).rejects.toThrow(
      "EINVAL: its own requests: PARTID 32 and PMG 0; SMMU 0 has PARTID 0..31 and PMG 0..1",
    );
    await expect(labels.setOwn({ partid: 0, pmg: -1 })).rejects.toThrow(/EINVAL/);
    expect(smmu.label(2, { kind: "queue" })).toMatchObject({ partid: 0, pmg: 0 });
    const none = await labelsOf([FIRST, NONE], 1);
    expect(none.labels.limits).toBeUndefined();
    expect(() => none.labels.setLabel(1, { partid: 0, pmg: 0 })).toThrow(/EIO: SMMU 1 has no MPAM/);
  });
});

describe("a kernel at boot", () => {
  test("of Linux 7.3 writes nothing", async () => {
    const { smmu, labels } = await labelsOf();
    const before = JSON.stringify(smmu.save());
    expect(await labels.boot("linux")).toEqual([]);
    expect(JSON.stringify(smmu.save())).toBe(before);
  });

  test("with a table labels its streams and what the SMMU asks for; what is out of range is 0, with a warning", async () => {
    const { machine, smmu, labels } = await labelsOf();
    const warnings = await labels.boot({
      streams: [
        { sid: 1, partid: 31, pmg: 1 },
        { sid: 2, partid: 32, pmg: 1 },
      ],
      own: { partid: 7, pmg: 2 },
    });
    expect(warnings).toEqual([
      "SMMU 0, stream 2: PARTID 32 is past 31, and taken as 0",
      "SMMU 0: PMG 2 is past 1, and taken as 0",
    ]);
    expect(smmu.label(1)).toMatchObject({ partid: 31, pmg: 1 });
    expect(smmu.label(2)).toMatchObject({ partid: 0, pmg: 1 });
    expect(smmu.label(1, { kind: "ste-fetch" })).toMatchObject({ partid: 7, pmg: 0, from: "GMPAM" });
    expect(machine.bus.load32(0, "ns", 0x2b40_0138)).toBe(7);
    // Somebody else's write is under way: it would be lost to go on.
    machine.bus.store32(0, "ns", 0x2b40_0138, 0x8000_0005);
    await labels.setOwn({ partid: 6, pmg: 0 });
    expect(machine.bus.load32(0, "ns", 0x2b40_0138)).toBe(6);
    // One after the other: each waits for the one before.
    await labels.setOwn({ partid: 8, pmg: 1 });
    await labels.setOwn({ partid: 9, pmg: 1 });
    expect(machine.bus.load32(0, "ns", 0x2b40_0138)).toBe(0x0001_0009);
  });

  test("with a table for an SMMU without MPAM says so", async () => {
    const { labels } = await labelsOf([NONE]);
    expect(await labels.boot({ streams: [{ sid: 1, partid: 1, pmg: 0 }] })).toEqual([
      "SMMU 0 has no MPAM; its table of labels is not used",
    ]);
  });
});
