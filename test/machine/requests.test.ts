// Requests to the last level of caches, recorded in one replay and replayed in others: before that level the first has what a whole
// replay has, from there on the others have it.

import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  Machine,
  type MachineOptions,
  RequestRecorder,
  RequestStream,
  recordRequests,
  type TraceRequester,
} from "../../src/machine/index.ts";
import { checkObject, frontOf, loadPlatform, type Platform, sharesFront } from "../../src/platform/index.ts";
import { CPBM, EN, MBWU, MBWU_CTL, OFLOW_INTR, PART_SEL } from "./compare.ts";
import { tag } from "./machines.ts";
import { added, optionsOf, type Place, placesOf, prepared, type SplitRun, splitRuns } from "./split-runs.ts";
import { FakeTrace, mixed, type Row, runs, thread } from "./traces.ts";

const OFLOW_FRZ = 0x0100_0000;

const machines: Machine[] = [];

afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});

function kept(machine: Machine): Machine {
  machines.push(machine);
  return machine;
}

async function made(run: SplitRun, options: MachineOptions = {}): Promise<Machine> {
  const machine = kept(await prepared(run, options));
  machine.inside.hardware.shareFrom(1);
  return machine;
}

const options = fc.record({
  statistics: fc.constantFrom("counts" as const, "counts" as const, "full" as const),
  byEl: fc.boolean(),
  seed: fc.option(fc.nat(100), { nil: undefined }),
  workers: fc.constantFrom(1, 1, 2),
  single: fc.boolean(),
  of: fc.constantFrom(1, 1, 2, 3),
});

test("a front and a back have together what a whole replay has, whatever the platform and the changes, in parts too", async () => {
  const property = fc.asyncProperty(splitRuns(), options, async (run, { workers, single, of, seed, ...rest }) => {
    const common = { ...rest, ...(seed === undefined ? {} : { seed }) };
    const full = rest.statistics === "full";
    const whole = await made(run, common);
    const result = await whole.replay(run.traces, optionsOf(run));
    const front = await made(run, common);
    const stream = await recordRequests(front, run.traces, optionsOf(run));
    if (!stream) throw new Error("there is memory enough");
    const backs: Machine[] = [];
    for (let index = 0; index < of; index++) {
      const back = await made(run, { ...common, workers, part: { index, of } });
      backs.push(back);
      back.inside.hardware.setSingle(single);
      const {
        paths: _paths,
        labels,
        ...found
      } = await back.replay(run.traces, { ...optionsOf(run), requests: stream });
      const { paths: _none, labels: expected, ...told } = result;
      expect(found).toEqual(told);
      const names = (all: typeof labels) => all.map(({ space, partid, pmg, el }) => `${space} ${partid}:${pmg} ${el}`);
      expect(names(labels).sort()).toEqual(names(expected).sort());
    }
    const [above, ...below] = [front, ...backs].map((machine) => placesOf(machine, full));
    for (const [at, one] of placesOf(whole, full).entries()) {
      const ours = below.map((places) => places[at] as Place);
      if (one.where === "above") expect((above as Place[])[at]).toEqual(one);
      else if (one.where === "last") expect(ours[one.slice % of]).toEqual(one);
      else {
        expect(added(ours.map(({ labels }) => labels))).toEqual(one.labels);
        if (of === 1) expect(ours[0]).toEqual(one);
      }
    }
    for (const machine of machines.splice(0)) await machine.close();
  });
  await fc.assert(property, runs(60));
}, 120_000);

/** What a platform's machine does with traces: as it is set up, whole, and as a front and a back. */
async function bothWays(platform: Platform, traces: readonly FakeTrace[], setUp: (machine: Machine) => void) {
  const machineOf = async () => {
    const machine = kept(await Machine.create(platform));
    for (const trace of traces) machine.addTasks(trace);
    setUp(machine);
    return machine;
  };
  const [whole, front, back] = [await machineOf(), await machineOf(), await machineOf()];
  const result = await whole.replay(traces);
  const stream = (await recordRequests(front, traces)) as RequestStream;
  const again = await back.replay(traces, { requests: stream });
  expect([again.records, again.time, again.finished]).toEqual([result.records, result.time, result.finished]);
  const [places, above, below] = [whole, front, back].map((machine) => placesOf(machine)) as [
    Place[],
    Place[],
    Place[],
  ];
  expect(places.map(({ where }, i) => (where === "above" ? above : below)[i])).toEqual(places);
  return { whole, front, back, stream };
}

const platformNamed = (name: string) => loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url));

describe("a front and a back are the whole", () => {
  const labelled = (space: "ns" | "s" | "rt" | "rl", partid: number) => ({ label: { space, partid, pmg: 0 } });

  test.each([
    ["four-spaces", [labelled("s", 3), labelled("rl", 9), labelled("rt", 1)]],
    ["everything", []],
    ["two-sockets", [{ cpu: 9 }, { cpu: 1 }]],
    ["server", [{ cpu: 40 }]],
    ["private-l2", [{ cpu: 7 }]],
    ["io", [{ device: "disk" }, { device: "nic-tx" }, { device: "dma" }, { stream: { smmu: 0, sid: 0x10, ssid: 1 } }]],
    ["guests", [{ el: 2 }]],
    ["cmn-650", [{ cpu: 1 }]],
  ] as const)("on %s", async (name, more: readonly Partial<TraceRequester>[]) => {
    const platform = await platformNamed(name);
    const requesters = [thread(1, { cpu: 0 }), thread(2, { cpu: 2 }), ...more.map((one, i) => thread(10 + i, one))];
    const traces = [1, 2].map((file) => {
      const rows = mixed(file, 6000, requesters.length, 9000, 2);
      return new FakeTrace(`file ${file}`, rows, { requesters: requesters.map((who) => ({ ...who, pid: file })) });
    });
    const { stream } = await bothWays(platform, traces, (machine) => {
      for (const [i, { tid }] of machine.processor.tasks.entries()) machine.processor.setTaskLabel(tid, tag(i % 4, 0));
      const { msc } = machine.mscs.find(({ description: { ris } }) => ris[0]?.cpor) as { msc: number };
      machine.clock.at(3000, "test", () => {
        machine.write32(msc, PART_SEL, 1);
        machine.write32(msc, CPBM, 3);
        machine.processor.setTaskLabel(machine.processor.tasks[0]?.tid as number, tag(5));
      });
    });
    expect(stream.length).toBeGreaterThan(1000);
    expect(sharesFront(platform)).toBe(!["four-spaces", "everything", "io", "guests"].includes(name));
  });

  test.each([
    ["in bulk", false],
    ["one by one", true],
  ])("where a counter of the last level overflows and freezes in the middle of a record, %s", async (_, single) => {
    const monitors = { mbwu: { monitors: 1, counter: 31 } };
    const size = { ways: 1, bytes: 64 };
    const platform = checkObject({
      name: "t",
      cpus: 1,
      processor: { partidMax: 3, pmgMax: 1 },
      caches: [
        { level: 2, ...size },
        { level: 3, ...size, msc: { base: 0x1_4100_0000, overflowInterrupt: 45, cpor: { cpbmWd: 1 }, ...monitors } },
      ],
      memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
    });
    // Each write but the first takes the L2's only line from it, dirty. Nothing may be allocated in the L3: a line is written past it
    // and one is read. So the record that reaches an even number of lines is over it by one.
    const rows = Array.from(
      { length: 9 },
      (_, i): Row => ({ time: i, address: i * 64, bytes: 8, op: 1, requester: 0 }),
    );
    for (let lines = 3; lines < 12; lines++) {
      const { back } = await bothWays(platform, [new FakeTrace("t", rows)], (machine) => {
        machine.inside.hardware.setSingle(single);
        machine.write32(0, CPBM, 0);
        machine.write32(0, MBWU, 2 ** 31 - 64 * lines);
        machine.write32(0, MBWU_CTL, (EN | OFLOW_FRZ | OFLOW_INTR) >>> 0);
      });
      expect(back.read32(0, MBWU)).toBe(lines % 2 === 0 ? 64 : 0);
    }
  });

  test("where one call of the hardware cannot hand over all, and columns are of several pieces", async () => {
    const platform = await platformNamed("io");
    const rows = Array.from(
      { length: 200_000 },
      (_, i): Row => ({ time: i / 8, address: (i % 9000) * 64, bytes: 8, op: i % 2, requester: i % 3 }),
    );
    const requesters = [thread(1), thread(2, { device: "disk" }), thread(3, { device: "nic-rx" })];
    const { stream } = await bothWays(platform, [new FakeTrace("t", rows, { requesters })], () => {});
    expect(stream.length).toBe(200_000);
    expect(stream.data.chunks.length).toBe(4);
    // Each row is a request, at its own time.
    const times = stream.data.chunks.flatMap((chunk) => Array.from(chunk.times, (ns) => chunk.baseNs + ns));
    expect(times).toEqual(rows.map(({ time }) => stream.data.startNs + time));
    // A time in eighths of a ns is no whole number.
    expect(stream.bytes).toBe(200_000 * (4 + 2 + 1 + 8));
  });
});

/** Private L2s, an L3 of two slices. */
async function small(keys: object = {}): Promise<Platform> {
  return checkObject({
    name: "small",
    cpus: 2,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [
      { level: 2, per: "cpu", bytes: "4 KiB", ways: 4, policy: "random" },
      { level: 3, bytes: "16 KiB", ways: 8, slices: 2, msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 8 } } },
    ],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
    ...keys,
  });
}

const TRACE = new FakeTrace("t", mixed(1, 3000, 2, 900, 3), { requesters: [thread(1), thread(2)] });

async function recorded(
  options: Parameters<typeof recordRequests>[2] = {},
  platform?: Platform,
): Promise<RequestStream> {
  const machine = kept(await Machine.create(platform ?? (await small())));
  return (await recordRequests(machine, [TRACE], options)) as RequestStream;
}

describe("a stream of requests", () => {
  test("takes eleven bytes a request, and is plain data that threads can share", async () => {
    const stream = await recorded({ shared: true });
    expect(stream.bytes).toBe(stream.length * 11);
    expect(stream.records).toBe(3000);
    expect(stream.data.chunks[0]?.lines.buffer).toBeInstanceOf(SharedArrayBuffer);
    const copy = new RequestStream(structuredClone((await recorded()).data));
    const [one, two] = [kept(await Machine.create(await small())), kept(await Machine.create(await small()))];
    await one.replay([TRACE], { requests: stream });
    await two.replay([TRACE], { requests: copy });
    expect(two.export()).toEqual(one.export());
  });

  test("fits machines that differ from their last level on, and begins when they do", async () => {
    const stream = await recorded();
    const larger = await small({
      caches: [
        { level: 2, per: "cpu", bytes: "4 KiB", ways: 4, policy: "random" },
        { level: 3, bytes: "64 KiB", ways: 16, slices: 4 },
      ],
      memory: [{ bytes: "1 GiB", channels: 2, bytesPerSecond: "1 GB/s" }],
    });
    const [whole, back] = [kept(await Machine.create(larger)), kept(await Machine.create(larger))];
    for (const machine of [whole, back]) await machine.clock.advance(12_345);
    await whole.replay([TRACE]);
    const result = await back.replay([TRACE], { requests: stream });
    expect(result.time).toBe(whole.clock.now);
    const below = (machine: Machine) => placesOf(machine).filter(({ where }) => where !== "above");
    expect(below(back)).toEqual(below(whole));
  });

  test("ends where its recording was told to", async () => {
    const stream = await recorded({ until: 1000 });
    const [whole, back] = [kept(await Machine.create(await small())), kept(await Machine.create(await small()))];
    const expected = await whole.replay([TRACE], { until: 1000 });
    const { records, time, finished } = await back.replay([TRACE], { until: 1000, requests: stream });
    expect({ records, time, finished }).toEqual({ records: expected.records, time: 1000, finished: false });
  });

  test("leaves the machine to other replays, and so does recording", async () => {
    const stream = await recorded();
    const [front, back] = [kept(await Machine.create(await small())), kept(await Machine.create(await small()))];
    await recordRequests(front, [TRACE]);
    await back.replay([TRACE], { requests: stream });
    for (const machine of [front, back]) {
      const before = machine.statistics();
      await machine.replay([TRACE]);
      const more = (key: "accesses" | "bytesRead") => (machine.statistics()[0]?.[key] ?? 0) - (before[0]?.[key] ?? 0);
      // Rows within lines: 3000 records, and not all of them find their lines.
      expect([more("accesses"), more("bytesRead") > 0]).toEqual([3000, true]);
      expect(machine.snapshot().length).toBeGreaterThan(0);
    }
  });

  test.each([
    ["until the end is wanted", {}, { until: 100 }, "EINVAL: the requests were recorded to the end"],
    [
      "earlier than it is wanted",
      { until: 100 },
      {},
      "EINVAL: the requests were recorded until 100 ns after the start",
    ],
  ])("is refused where it was recorded otherwise: %s", async (_, then, now, message) => {
    const stream = await recorded(then);
    const machine = kept(await Machine.create(await small()));
    await expect(machine.replay([TRACE], { ...now, requests: stream })).rejects.toThrow(message);
    expect((await machine.replay([TRACE])).records).toBe(3000);
  });

  test("is refused on another front, for other traces, and with other pages", async () => {
    const stream = await recorded();
    const other = await small({ lineBytes: 128 });
    const replay = async (platform: Platform, trace: FakeTrace, options: MachineOptions = {}) =>
      kept(await Machine.create(platform, options)).replay([trace], { requests: stream });
    await expect(replay(other, TRACE)).rejects.toThrow(
      "EINVAL: the requests were recorded on a platform that is another one before its last level of caches",
    );
    await expect(replay(await small(), new FakeTrace("u", TRACE.rows))).rejects.toThrow(
      "EINVAL: the requests were recorded from other traces",
    );
    await expect(replay(await small(), TRACE, { seed: 4 })).rejects.toThrow(
      "EINVAL: the requests were recorded with no seed",
    );
  });

  test("is refused where nobody has the labels of its requests", async () => {
    const machine = kept(await Machine.create(await small()));
    machine.addTasks(TRACE);
    machine.processor.setTaskLabel(1, tag(5, 1));
    const stream = (await recordRequests(machine, [TRACE])) as RequestStream;
    const bare = kept(await Machine.create(await small()));
    await expect(bare.replay([TRACE], { requests: stream })).rejects.toThrow(
      "EINVAL: requests have the label ns 5:1, and nobody has it here: groups must be as in the recording",
    );
    expect((await bare.replay([TRACE])).records).toBe(3000);
  });

  test("is none where labels are more than there are numbers for", async () => {
    const machine = kept(await Machine.create(await small({ owners: 3, quantumNs: 10 })));
    machine.addTasks(TRACE);
    for (const partid of [1, 2, 3, 4, 5]) {
      machine.clock.at(800 * partid, "test", () => {
        for (const tid of [1, 2]) machine.processor.setTaskLabel(tid, tag(partid));
      });
    }
    // One line at a time: labels are soon nobody's.
    const rows = TRACE.rows.map((row) => ({ ...row, address: 0, bytes: 8 }));
    const trace = new FakeTrace(TRACE.name, rows, { requesters: TRACE.requesters, addressRule: "identity" });
    const recorder = new RequestRecorder();
    await expect(machine.replay([trace], { requests: recorder })).rejects.toThrow(
      /^ENOSPC: the counts of a part would not be/,
    );
    expect(recorder.stream).toBeUndefined();
  });

  test("is none where it takes more memory than it may", async () => {
    expect(await recorded({ bytes: 1000 })).toBeUndefined();
    const recorder = new RequestRecorder({ bytes: 1000 });
    const machine = kept(await Machine.create(await small()));
    await expect(machine.replay([TRACE], { requests: recorder })).rejects.toThrow(
      /^ENOMEM: the first \d+ requests to the last level take more than 1000 bytes$/,
    );
    expect(recorder.stream).toBeUndefined();
    expect((await machine.replay([TRACE])).records).toBe(3000);
  });

  test.each([
    ["closed timing", { timing: "closed" }],
    ["stops", { stopOn: ["overflow"] }],
    ["a pace", { pace: { until: 0, rest: async () => {} } }],
  ] as const)("does not go with %s", async (_, more) => {
    const machine = kept(await Machine.create(await small()));
    const stream = await recorded();
    for (const requests of [stream, new RequestRecorder()]) {
      await expect(machine.replay([TRACE], { ...more, requests })).rejects.toThrow(
        new RangeError("requests cross to and from replays in open timing, without stopOn and pace"),
      );
    }
  });

  test("is in no snapshot, and no replay is gone on with through one", async () => {
    const machine = kept(await Machine.create(await small()));
    const failures: unknown[] = [];
    machine.clock.at(500, "test", () => {
      try {
        machine.snapshot();
      } catch (error) {
        failures.push(error);
      }
    });
    const stream = (await recordRequests(machine, [TRACE])) as RequestStream;
    expect(failures.map(String)).toEqual([
      "ErrnoError: EBUSY: requests to the last level are recorded or replayed: snapshots are taken before or after",
    ]);
    await expect(machine.resume([TRACE])).rejects.toThrow("EINVAL: there is no replay to go on with");
    await expect(machine.resume([TRACE], { requests: stream })).rejects.toThrow(RangeError);
  });
});

test("a platform has a front where caches lie before others, none of them inclusive", async () => {
  const platform = await small();
  expect(sharesFront(platform)).toBe(true);
  const caches = platform.caches.map((cache) => ({ ...cache, inclusive: cache.level === 3 }));
  expect(sharesFront({ ...platform, caches })).toBe(false);
  expect(sharesFront({ ...platform, caches: platform.caches.filter(({ level }) => level === 3) })).toBe(false);
  expect(frontOf({ ...platform, name: "other", memory: [] })).toBe(frontOf(platform));
  expect(frontOf({ ...platform, owners: 3 })).not.toBe(frontOf(platform));
});
