// Requesters that are not cpus, in traffic: what they carry, from when on, and where they enter.

import { describe, expect, test } from "vitest";
import { type InterruptEvent, Machine, type TraceRequester } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { tag } from "./machines.ts";
import { CD, STE, set } from "./smmu/smmus.ts";
import { FakeTrace, generator, type Row, thread, walk } from "./traces.ts";

const QUANTUM = 100;
const CACHE = 0x1_4100_0000;

const L1 = { level: 1, per: "cpu", bytes: "4 KiB", ways: 4 };

/** An L3 with an MSC, a channel with one; an SMMU with three streams. Requests of cpus enter at the L3 too, so that it counts all. */
function platformWith(keys: object = {}, msc: object = {}, above: readonly object[] = []) {
  const monitors = { mbwu: { monitors: 4, counter: 63 } };
  return checkObject({
    name: "t",
    cpus: 2,
    processor: { partidMax: 15, pmgMax: 3 },
    quantumNs: QUANTUM,
    caches: [
      ...above,
      {
        level: 3,
        bytes: "64 KiB",
        ways: 16,
        msc: { base: CACHE, errorInterrupt: 44, cpor: { cpbmWd: 16 }, csu: { monitors: 4 }, ...monitors, ...msc },
      },
    ],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s", msc: { base: CACHE + 0x1_0000, ...monitors } }],
    smmus: [
      {
        base: 0x2b40_0000,
        partidMax: 31,
        pmgMax: 3,
        streams: [
          { sid: 1, config: "bypass", partid: 4, pmg: 1 },
          {
            sid: 2,
            config: "stage1",
            s1mpam: true,
            substreams: [
              { ssid: 1, partid: 5 },
              { ssid: 2, partid: 6 },
            ],
          },
          { sid: 3, config: "abort" },
        ],
      },
    ],
    devices: [
      { name: "nic", stream: { sid: 1 }, enters: "L3" },
      { name: "rx", stream: { sid: 2, ssid: 1 }, enters: "L3" },
      { name: "tx", stream: { sid: 2, ssid: 2 } },
      { name: "dead", stream: { sid: 3 } },
      { name: "dma", label: { partid: 7, pmg: 2 }, enters: "L3 0" },
      { name: "plain" },
    ],
    ...keys,
  });
}

const device = (name: string, more: object = {}): TraceRequester => ({
  asid: 99,
  pid: 0,
  tid: 0,
  device: name,
  ...more,
});
const stream = (sid: number, ssid?: number): TraceRequester => ({
  ...{ asid: 99, pid: 0, tid: 0 },
  stream: { smmu: 0, sid, ...(ssid === undefined ? {} : { ssid }) },
});

/** Records of the requesters in turns, a ns apart, of `lines` lines. */
function turns(requesters: readonly TraceRequester[], count: number, lines = 8): FakeTrace {
  const all = Array.from({ length: lines }, (_, i) => i);
  const rows = walk(all, count).map((row, i) => ({ ...row, requester: i % requesters.length }));
  return new FakeTrace("t", rows, { requesters });
}

/** Requests that came to the L3, by label. */
function seen(machine: Machine): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { space, partid, pmg, accesses } of machine.statistics()) {
    if (accesses > 0) found[`${space}:${partid}:${pmg}`] = accesses;
  }
  return found;
}

describe("a device", () => {
  test.each([
    ["by its stream", device("nic"), "ns:4:1"],
    ["by its substream", device("rx"), "ns:5:0"],
    ["whose stream a trace names", stream(1), "ns:4:1"],
    ["whose substream a trace names", stream(2, 1), "ns:5:0"],
    ["by a label of its own", device("dma"), "ns:7:2"],
    ["by a label that the trace recorded", device("nic", { label: { space: "rl", partid: 9, pmg: 1 } }), "rl:9:1"],
  ])("is labelled %s", async (_, who, expected) => {
    const machine = await Machine.create(platformWith());
    await machine.replay([turns([who], 300)]);
    expect(seen(machine)).toEqual({ [expected]: 300 });
  });

  test("without a stream and a label has PARTID 0 and PMG 0", async () => {
    const machine = await Machine.create(platformWith());
    await machine.replay([turns([device("plain")], 300)]);
    expect(machine.statistics().map(({ partid, pmg }) => [partid, pmg])).toEqual([[0, 0]]);
  });

  test("is no task, and takes no part in what tasks and cpus are given", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([thread(5), device("nic"), stream(2, 1)], 300);
    expect(machine.addTasks(file).map(({ tid }) => tid)).toEqual([5]);
    expect(machine.processor.tasks.map(({ tid }) => tid)).toEqual([5]);
    machine.processor.setGlobalDefault(tag(0));
    for (const cpu of [0, 1]) machine.processor.setCpuDefault(cpu, tag(3));
    await machine.replay([file]);
    expect(seen(machine)).toEqual({ "ns:3:0": 100, "ns:4:1": 100, "ns:5:0": 100 });
  });

  test("can be given another label, and given back", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([device("nic")], 500);
    machine.addTasks(file);
    machine.clock.at(50, "test", () => machine.processor.setRequesterLabel(0, { space: "s", partid: 99, pmg: 9 }));
    machine.clock.at(250, "test", () => machine.processor.setRequesterLabel(0, undefined));
    await machine.replay([file]);
    expect(seen(machine)).toEqual({ "ns:4:1": 100 + 200, "s:99:9": 200 });
  });

  test.each(["open", "closed"] as const)("enters where the platform says, in %s timing", async (timing) => {
    const machine = await Machine.create(platformWith({}, {}, [L1]));
    const count = async (who: TraceRequester) => {
      const sum = () =>
        machine
          .levels()
          .map(
            (one) =>
              [
                one.kind === "cache" ? `L${one.level} ${one.id}` : "memory",
                one.labels.reduce((all, { accesses, bytesRead }) => all + accesses + bytesRead, 0),
              ] as const,
          );
      const before = sum();
      // A line that is asked for 64 times.
      await machine.replay([new FakeTrace(JSON.stringify(who), walk([1], 64), { requesters: [who] })], { timing });
      const after = sum().map(([name, n], i) => [name, n - (before[i]?.[1] ?? 0)] as const);
      return Object.fromEntries(after.filter(([, n]) => n !== 0));
    };
    expect(await count(device("plain"))).toEqual({ memory: 64 * 64 });
    expect(await count(device("nic"))).toEqual({ "L3 0": 64 + 64, memory: 64 });
    // The line is in the L3 by now.
    expect(await count(thread(1, { cpu: 1 }))).toEqual({ "L1 2": 64 + 64, "L3 0": 1 });
  });
});

describe("what a trace cannot name", () => {
  test.each([
    [device("gpu"), "t: there is no device gpu; there are nic, rx, tx, dead, dma, plain"],
    [{ ...stream(1), stream: { smmu: 1, sid: 1 } }, "t: there is no SMMU 1; there are 0 to 0"],
  ])("%j is refused, and nothing changes", async (who, message) => {
    const machine = await Machine.create(platformWith());
    const file = turns([thread(1), who], 10);
    await expect(machine.replay([file])).rejects.toThrow(message);
    expect(() => machine.addTasks(file)).toThrow(message);
    expect(machine.processor.tasks).toEqual([]);
  });

  test("where the platform has neither, it says so", async () => {
    const machine = await Machine.create(platformWith({ smmus: [], devices: [] }));
    await expect(machine.replay([turns([device("nic")], 1)])).rejects.toThrow(/none \(devices\)/);
    await expect(machine.replay([turns([stream(1)], 1)])).rejects.toThrow(/none \(smmus\)/);
  });

  test.each([
    [device("dead"), /EIO: device dead: SMMU 0 lets none of its requests pass: STE.Config of stream 3 is abort/],
    [stream(2, 9), /EIO: stream 2 of SMMU 0: .*substreams up to 3/],
    [stream(77), /EIO: stream 77 of SMMU 0: .*stream 77 has no valid STE/],
  ])("requests that end at the SMMU end the replay: %j", async (who, message) => {
    const machine = await Machine.create(platformWith());
    await expect(machine.replay([turns([who], 10)])).rejects.toThrow(message);
  });
});

describe("what software writes to an SMMU", () => {
  test("acts from the edge after the invalidation on", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([device("nic")], 1000);
    const smmu = machine.smmus[0]!;
    machine.clock.at(120, "test", () => set(smmu.stream(1), STE.PARTID, 9));
    machine.clock.at(330, "test", () => smmu.invalidate({ op: "CFGI_STE", sid: 1 }));
    await machine.replay([file]);
    expect(seen(machine)).toEqual({ "ns:4:1": 400, "ns:9:1": 600 });
  });

  test("of one substream leaves the other alone", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([device("rx"), stream(2, 2)], 1000);
    const smmu = machine.smmus[0]!;
    machine.clock.at(330, "test", () => {
      for (const ssid of [1, 2]) set(smmu.stream(2).cd(ssid), CD.PARTID, 10 + ssid);
      smmu.invalidate({ op: "CFGI_CD", sid: 2, ssid: 1 });
    });
    await machine.replay([file]);
    // The second enters memory: its requests are counted there alone.
    expect(seen(machine)).toEqual({ "ns:5:0": 200, "ns:11:0": 300 });
    expect(
      machine
        .statistics()
        .map(({ partid }) => partid)
        .sort((a, b) => a - b),
    ).toEqual([0, 5, 6, 11]);
  });

  test("to its registers acts when Update is 0 again, in the middle of a quantum as at its end", async () => {
    for (const at of [0, 120, 199, 200]) {
      const machine = await Machine.create(platformWith());
      const file = turns([device("nic")], 1000);
      machine.clock.at(at, "test", () => {
        machine.bus.store32(0, "ns", 0x2b40_013c, 0x8000_0008);
        machine.bus.store32(0, "ns", 0x2b40_0020, 0);
      });
      await machine.replay([file]);
      const edge = (Math.floor(at / QUANTUM) + 1) * QUANTUM;
      expect(seen(machine)).toEqual({ "ns:4:1": edge, "ns:8:0": 1000 - edge });
    }
  });

  test("before a replay acts from its first edge on that is due", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([device("nic")], 1000);
    machine.addTasks(file);
    machine.bus.store32(0, "ns", 0x2b40_0020, 0);
    await machine.replay([file]);
    expect(seen(machine)).toEqual({ "ns:4:1": 100, "ns:0:0": 900 });
    expect(machine.bus.load32(0, "ns", 0x2b40_0024)).toBe(0);
  });

  test("that ends a stream's requests ends the replay there, and it goes on when they pass again", async () => {
    const machine = await Machine.create(platformWith());
    const file = turns([device("nic")], 1000);
    const smmu = machine.smmus[0]!;
    machine.clock.at(330, "test", () => {
      set(smmu.stream(1), STE.V, 0);
      smmu.invalidate({ op: "CFGI_STE", sid: 1 });
    });
    await expect(machine.replay([file])).rejects.toThrow(/EIO: device nic: .*no valid STE/);
    expect(seen(machine)).toEqual({ "ns:4:1": 400 });
    set(smmu.stream(1), STE.V, 1);
    set(smmu.stream(1), STE.PARTID, 9);
    smmu.invalidate({ op: "CFGI_STE", sid: 1 });
    await machine.resume([file]);
    expect(Object.values(seen(machine)).reduce((sum, n) => sum + n)).toBe(1000);
  });
});

test("labels come back with a snapshot: those in force, those that wait, and what nobody has invalidated", async () => {
  const file = turns([thread(1), device("nic"), stream(2, 1)], 900);
  const machine = await Machine.create(platformWith());
  const smmu = machine.smmus[0]!;
  machine.clock.at(250, "test", () => {
    set(smmu.stream(1), STE.PARTID, 9);
    set(smmu.stream(2).cd(1), CD.PARTID, 10);
    smmu.invalidate({ op: "CFGI_STE", sid: 1 });
  });
  await machine.replay([file], { until: 280 });
  const bytes = machine.snapshot();
  const again = await Machine.restore(bytes);
  await machine.resume([file]);
  await again.resume([file]);
  expect(again.export()).toEqual(machine.export());
  expect(seen(again)).toEqual({ "ns:0:0": 300, "ns:4:1": 100, "ns:9:1": 200, "ns:5:0": 300 });
  again.smmus[0]?.invalidate({ op: "CFGI_ALL" });
  expect(again.smmus[0]?.label(2, { ssid: 1 })).toMatchObject({ partid: 10 });
});

test("threads and devices that change together find owners, where there are as many as labels", async () => {
  const machine = await Machine.create(
    platformWith({ caches: [], devices: [{ name: "nic", stream: { sid: 1 } }], owners: 3 }),
  );
  const file = turns([thread(1), device("nic")], 1000);
  machine.addTasks(file);
  machine.processor.setTaskLabel(1, tag(3));
  const smmu = machine.smmus[0]!;
  const change = (at: number, mine: number, its: number) =>
    machine.clock.at(at, "test", () => {
      machine.processor.setTaskLabel(1, tag(mine));
      set(smmu.stream(1), STE.PARTID, its);
      smmu.invalidate({ op: "CFGI_STE", sid: 1 });
    });
  const counted: Record<string, number> = {};
  machine.clock.at(299, "test", () => {
    for (const { partid, pmg, bytesRead } of machine.statistics()) counted[`${partid}:${pmg}`] = bytesRead / 64;
  });
  change(50, 5, 6);
  change(150, 6, 5);
  change(350, 7, 8);
  await machine.replay([file]);
  // All three at once: the device has PMG 1, so that both change to labels that nobody has, and those that they leave are gone.
  expect(counted).toEqual({ "0:0": 0, "6:0": 50, "5:1": 49 });
  const last = machine.statistics().map(({ partid, bytesRead }) => [partid, bytesRead / 64]);
  expect(last).toEqual(
    expect.arrayContaining([
      [7, 300],
      [8, 300],
    ]),
  );
});

describe("an MSC that has fewer PARTIDs than the SMMU", () => {
  const ECR = offsetOf("MPAMF_ECR");
  const ESR = offsetOf("MPAMF_ESR");
  const few = { spaces: { ns: { partidMax: 7, pmgMax: 0 } } };

  test.each([
    // IHI 0099, MPAMF_ESR.ERRCODE: 2 request PARTID out of range, 4 request PMG out of range.
    ["PARTID", 20, 0, 2],
    ["PMG", 4, 1, 4],
  ])("takes a %s that it lacks for an error", async (_, partid, pmg, code) => {
    const machine = await Machine.create(platformWith({}, few));
    const heard: InterruptEvent[] = [];
    machine.onInterrupt((event) => void heard.push(event));
    machine.write32(0, ECR, 1);
    const smmu = machine.smmus[0]!;
    set(smmu.stream(1), STE.PARTID, partid);
    set(smmu.stream(1), STE.PMG, pmg);
    smmu.invalidate({ op: "CFGI_STE", sid: 1 });
    expect(smmu.label(1)).toMatchObject({ partid, pmg, flawed: false });
    await machine.replay([turns([device("nic")], 100)]);
    expect(heard.some((event) => "msc" in event && event.msc === 0 && event.kind === "error")).toBe(true);
    const esr = machine.read32(0, ESR);
    expect([(esr >>> 24) & 15, esr & 0xffff, (esr >>> 16) & 0xff]).toEqual([code, partid, pmg]);
  });

  test("counts nothing wrong in labels that it has", async () => {
    const machine = await Machine.create(platformWith({}, few));
    machine.write32(0, ECR, 1);
    await machine.replay([turns([device("rx")], 100)]);
    expect(machine.read32(0, ESR)).toBe(0);
  });
});

test.each(["open", "closed"] as const)(
  "a replay of cpus and a DMA engine, in %s timing: monitors count each under its label",
  async (timing) => {
    const machine = await Machine.create(platformWith());
    const random = generator(8);
    const rows: Row[] = Array.from({ length: 6000 }, (_, time) => {
      const requester = random(3);
      return { time: 2 * time, address: random(requester === 0 ? 64 : 4000) * 64, bytes: 64, op: random(2), requester };
    });
    // Each in memory of its own.
    const who = [thread(1), device("nic"), device("tx", { asid: 98 })];
    const file = new FakeTrace("t", rows, { requesters: who });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(2));
    const at = (name: string) => offsetOf(name);
    for (const msc of [0, 1]) {
      for (const [mon, partid] of [2, 4, 6].entries()) {
        machine.write32(msc, at("MSMON_CFG_MON_SEL"), mon);
        machine.write32(msc, at("MSMON_CFG_MBWU_FLT"), partid);
        machine.write32(msc, at("MSMON_CFG_MBWU_CTL"), 0x8001_0002);
        if (msc === 1) continue;
        machine.write32(msc, at("MSMON_CFG_CSU_FLT"), partid);
        machine.write32(msc, at("MSMON_CFG_CSU_CTL"), 0x8001_0043);
      }
    }
    await machine.replay([file], { timing });
    const value = (msc: number, mon: number, register: string) => {
      machine.write32(msc, at("MSMON_CFG_MON_SEL"), mon);
      return machine.read32(msc, at(register)) & 0x7fff_ffff;
    };
    const sent = [0, 1, 2].map((one) => rows.filter((row) => row.requester === one).length);
    // What enters memory is counted there, whole, and nothing of it in the L3.
    expect(value(1, 2, "MSMON_MBWU")).toBe(64 * (sent[2] as number));
    expect(value(0, 2, "MSMON_MBWU")).toBe(0);
    expect(value(0, 2, "MSMON_CSU")).toBe(0);
    // The device that goes through the L3 holds lines there, and makes traffic below it, no more than it asks for twice over.
    expect(value(0, 1, "MSMON_CSU")).toBeGreaterThan(1024);
    const below = value(1, 1, "MSMON_MBWU");
    expect(below).toBe(value(0, 1, "MSMON_MBWU"));
    expect(below).toBeGreaterThan(0);
    expect(below).toBeLessThanOrEqual(2 * 64 * (sent[1] as number));
    const [own] = machine.statistics().filter(({ partid }) => partid === 4);
    expect(own?.accesses).toBe(sent[1]);
  },
);
