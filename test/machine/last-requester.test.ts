// Which requester each cpu ran last: what a scan of all records from the first one finds, wherever a call or a replay ends.

import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Machine, type TraceRequester } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { EN, MBWU, MBWU_CTL, MON_SEL, OFLOW_INTR } from "./compare.ts";
import { tag } from "./machines.ts";
import { FakeTrace, generator, naive, type Row, runs, thread } from "./traces.ts";

const CPUS = 4;
const NONE = 0xffff_ffff;
const WRAP = 2 ** 31;
const QUANTUM = 100;
const LINES = 4000;

const memory = (bytesPerSecond: number) => [
  {
    bytes: "1 GiB",
    bytesPerSecond,
    msc: { base: 0x3_0000_0000, overflowInterrupt: 7, mbw: { bwaWd: 8 }, mbwu: { monitors: 1, counter: 44 } },
  },
];

function platformOf(caches: readonly object[], bytesPerSecond = 1e12): Platform {
  const processor = { partidMax: 63, pmgMax: 1, outstanding: 64, requesters: 64 };
  return checkObject({
    ...{ name: "cpus", cpus: CPUS, processor, quantumNs: QUANTUM, caches, memory: memory(bytesPerSecond) },
  });
}

const L2 = { level: 2, per: "cpu", bytes: "8 KiB", ways: 4 };
const L3 = { level: 3, bytes: "64 KiB", ways: 8, slices: 2 };

/** Platforms by the ways that their records go. */
const PLATFORMS = {
  "one cache": platformOf([{ ...L3, slices: 1 }]),
  "no cache": platformOf([]),
  levels: platformOf([L2, L3]),
  inclusive: platformOf([L2, { ...L3, inclusive: true }]),
} as const;
type Shape = keyof typeof PLATFORMS;

const machines: Machine[] = [];

afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});

async function machineOf(platform: Platform, workers: number): Promise<Machine> {
  const machine = await Machine.create(platform, { workers });
  machines.push(machine);
  machine.inside.hardware.shareFrom(1);
  return machine;
}

const found = (machine: Machine) =>
  Array.from({ length: CPUS }, (_, cpu) => machine.inside.hardware.lastRequester(cpu));

/** From the first record on. */
function scanned(last: number[], requesters: readonly number[], cpuOf: readonly (number | undefined)[]): void {
  for (const requester of requesters) {
    const cpu = cpuOf[requester];
    if (cpu !== undefined) last[cpu] = requester;
  }
}

interface Step {
  /** Before the call: a requester that comes to a cpu, or to another. */
  readonly enters: readonly [requester: number, cpu: number][];
  readonly records: number;
  /** Requesters that take part all the time, and some that have a single record. */
  readonly among: readonly number[];
  readonly rare: readonly number[];
  readonly restores: boolean;
}

const REQUESTERS = 400;
const requester = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: REQUESTERS - 1 }));

const step: fc.Arbitrary<Step> = fc.record({
  enters: fc.array(fc.tuple(requester, fc.nat({ max: CPUS - 1 })), { maxLength: 6 }),
  records: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100 }), fc.nat({ max: 9000 })),
  among: fc.array(requester, { minLength: 1, maxLength: 3 }),
  rare: fc.array(requester, { maxLength: 8 }),
  restores: fc.boolean(),
});

interface Course {
  readonly shape: Shape;
  /** So many requesters are dealt to the cpus at first. */
  readonly crowd: number;
  readonly steps: readonly Step[];
  readonly workers: number;
  readonly way: "chosen" | "wide" | "single";
  readonly seed: number;
  /** Bytes until the monitor of the channel overflows, which ends a call. */
  readonly left: number;
}

const course = (workers: number): fc.Arbitrary<Course> =>
  fc.record({
    shape: fc.constantFrom(...(Object.keys(PLATFORMS) as Shape[])),
    crowd: fc.constantFrom(0, 5, 129, 256, 257, REQUESTERS),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    workers: fc.constant(workers),
    way: fc.constantFrom("chosen", "wide", "single"),
    seed: fc.nat({ max: 2 ** 20 }),
    left: fc.oneof(fc.nat({ max: 50_000 }), fc.constant(WRAP)),
  });

async function follow({
  shape,
  crowd,
  steps,
  workers,
  way,
  seed,
  left,
}: Course): Promise<{ stops: number; idle: number }> {
  let machine = await machineOf(PLATFORMS[shape], workers);
  const channel = machine.mscs.length - 1;
  machine.write32(channel, MON_SEL, 0);
  machine.write32(channel, MBWU, WRAP - left);
  machine.write32(channel, MBWU_CTL, (EN | OFLOW_INTR) >>> 0);
  const random = generator(seed);
  const cpuOf = Array.from({ length: crowd }, (_, requester) => requester % CPUS);
  for (const [requester, cpu] of cpuOf.entries()) machine.inside.hardware.setCpu(requester, cpu);
  const last = Array<number>(CPUS).fill(NONE);
  let [stops, idle] = [0, 0];
  expect(found(machine)).toEqual(last);
  for (const { enters, records, among, rare, restores } of steps) {
    if (restores) {
      machine = await Machine.restore(machine.snapshot(), { workers });
      machines.push(machine);
      machine.inside.hardware.shareFrom(1);
    }
    const { hardware, memory } = machine.inside;
    for (const [requester, cpu] of enters) {
      hardware.setCpu(requester, cpu);
      cpuOf[requester] = cpu;
    }
    hardware.fit(LINES - 1);
    hardware.setWide(way === "wide");
    hardware.setSingle(way === "single");
    hardware.setStop(true);
    const requesters = Array.from({ length: records }, () => among[random(among.length)] as number);
    for (const one of rare) if (records > 0) requesters[random(records)] = one;
    for (let from = 0; from < records; ) {
      const n = 1 + random(records - from);
      new Uint32Array(memory.buffer, hardware.stagedLines(), n).set(
        requesters.slice(from, from + n).map(() => random(LINES)),
      );
      new Uint16Array(memory.buffer, hardware.stagedRequesters(), n).set(requesters.slice(from, from + n));
      new Uint8Array(memory.buffer, hardware.stagedMetas(), n).set(
        requesters.slice(from, from + n).map(() => random(256)),
      );
      const ran = hardware.replay(n);
      if (ran < n) stops++;
      const met = requesters.slice(from, from + ran);
      if (last.some((one, cpu) => one !== NONE && !met.some((requester) => cpuOf[requester] === cpu))) idle++;
      scanned(last, met, cpuOf);
      expect(found(machine), `after ${ran} of ${n} records from ${from} on`).toEqual(last);
      from += ran;
      hardware.clearEvents();
    }
  }
  for (const one of machines.splice(0)) await one.close();
  return { stops, idle };
}

describe("the requester that a cpu ran last", () => {
  test("is that of its last record after every call, however calls are cut and records go", async () => {
    let [stops, idle] = [0, 0];
    await fc.assert(
      fc.asyncProperty(course(1), async (drawn) => {
        const seen = await follow(drawn);
        stops += seen.stops;
        idle += seen.idle;
      }),
      runs(60),
    );
    expect(stops).toBeGreaterThan(10);
    expect(idle).toBeGreaterThan(10);
  }, 60_000);

  test("is that of its last record where several threads replay", async () => {
    await fc.assert(
      fc.asyncProperty(course(2), async (drawn) => void (await follow(drawn))),
      runs(12),
    );
  }, 60_000);

  test.each([256, 600])("is found wherever in a call its only record is, whichever of %i it is", async (requesters) => {
    const { hardware, memory } = (await machineOf(PLATFORMS["no cache"], 1)).inside;
    const records = 2000;
    const random = generator(requesters);
    // Each has a cpu of its own; the first of them are busy.
    for (let requester = 0; requester < requesters; requester++) hardware.setCpu(requester, requester);
    hardware.fit(0);
    const column = new Uint16Array(memory.buffer, hardware.stagedRequesters(), records);
    for (let requester = 4; requester < requesters; requester++) {
      column.set(Uint16Array.from({ length: records }, () => random(4)));
      column[random(records)] = requester;
      expect(hardware.lastRequester(requester)).toBe(NONE);
      expect(hardware.replay(records)).toBe(records);
      expect(hardware.lastRequester(requester)).toBe(requester);
    }
  });

  test("is none for cpus that have run nothing, and for those that there are not", async () => {
    const { hardware } = (await machineOf(PLATFORMS.levels, 1)).inside;
    hardware.setCpu(0, 0);
    expect([0, 1, 1023, 1024, NONE].map((cpu) => hardware.lastRequester(cpu))).toEqual(Array(5).fill(NONE));
  });
});

/** Threads 1 to 9, several to a cpu, some on two cpus or at two exception levels. */
const THREADS: readonly TraceRequester[] = Array.from({ length: 14 }, (_, i) =>
  thread((i % 9) + 1, { asid: 1, pid: 1, cpu: i < 11 ? i % 3 : 3, el: i % 2 }),
);

/** In bursts, of a few threads each. */
function bursts(seed: number, count: number, gap: number): FakeTrace {
  const random = generator(seed);
  let time = 0;
  let among = [0];
  const rows = Array.from({ length: count }, (): Row => {
    if (random(40) === 0) among = Array.from({ length: 1 + random(5) }, () => random(THREADS.length));
    time += random(gap + 1);
    return {
      time,
      address: random(LINES) * 64,
      bytes: 64,
      op: random(4),
      requester: among[random(among.length)] as number,
    };
  });
  return new FakeTrace("bursts", rows, { requesters: THREADS, batches: [300, 41] });
}

const cpuOf = THREADS.map(({ cpu }) => cpu);

describe("in a replay", () => {
  test.each([1, 2])(
    "in open timing it is right at every edge, at stops and at the end, %i at work",
    async (workers) => {
      const file = bursts(workers, 4000, 3);
      const requesters = naive([file]).map(({ requester }) => requester);
      for (const shape of Object.keys(PLATFORMS) as Shape[]) {
        const machine = await machineOf(PLATFORMS[shape], workers);
        const channel = machine.mscs.length - 1;
        machine.write32(channel, MON_SEL, 0);
        machine.write32(channel, MBWU, WRAP - 60_000);
        machine.write32(channel, MBWU_CTL, (EN | OFLOW_INTR) >>> 0);
        machine.addTasks(file);
        let looks = 0;
        const check = () => {
          const last = Array<number>(CPUS).fill(NONE);
          scanned(last, requesters.slice(0, Number(machine.inside.hardware.records())), cpuOf);
          expect(found(machine), `${shape}, ${machine.clock.now} ns`).toEqual(last);
          looks++;
        };
        for (let at = 0; at < 6000; at += 170) {
          // What is changed at `at` has its edge in the next quantum.
          machine.clock.at(at, "test", () => {
            check();
            machine.processor.setTaskLabel(1 + ((at / 170) % 9), tag(1 + (at % 60)));
          });
        }
        const first = await machine.replay([file], { stopOn: ["overflow"] });
        expect(first.stopped).toBeDefined();
        check();
        const restored = await Machine.restore(machine.snapshot(), { workers });
        machines.push(restored);
        expect(found(restored)).toEqual(found(machine));
        await machine.resume([file]);
        await restored.resume([file]);
        check();
        expect(found(restored)).toEqual(found(machine));
        expect(looks).toBeGreaterThan(30);
      }
    },
  );

  test("in closed timing it is that of the last record to be issued, at edges, stops and the end", async () => {
    // Nothing waits here: records are issued at their times, of equal times the lesser requester first.
    for (const seed of [1, 2, 3]) {
      const file = bursts(seed, 3000, 12);
      const requesters = file.rows
        .toSorted((a, b) => a.time - b.time || a.requester - b.requester)
        .map((row) => row.requester);
      const machine = await machineOf(PLATFORMS.levels, 1);
      const channel = machine.mscs.length - 1;
      machine.write32(channel, MON_SEL, 0);
      machine.write32(channel, MBWU, WRAP - 60_000);
      machine.write32(channel, MBWU_CTL, (EN | OFLOW_INTR) >>> 0);
      machine.addTasks(file);
      let looks = 0;
      const check = () => {
        const last = Array<number>(CPUS).fill(NONE);
        scanned(last, requesters.slice(0, Number(machine.inside.hardware.records())), cpuOf);
        expect(found(machine), `${machine.clock.now} ns`).toEqual(last);
        looks++;
      };
      for (let at = 0; at < 18_000; at += 400) {
        machine.clock.at(at, "test", () => {
          check();
          machine.processor.setTaskLabel(1, tag(1 + ((at / 400) % 50)));
        });
      }
      expect((await machine.replay([file], { timing: "closed", stopOn: ["overflow"] })).stopped).toBeDefined();
      check();
      const restored = await Machine.restore(machine.snapshot());
      expect(found(restored)).toEqual(found(machine));
      await restored.resume([file]);
      await machine.resume([file]);
      expect(machine.inside.hardware.heldRequests()).toBe(0);
      check();
      expect(looks).toBeGreaterThan(30);
      expect(found(restored)).toEqual(found(machine));
      // And in open timing after it.
      const other = new FakeTrace("other", bursts(seed + 9, 200, 3).rows, { requesters: THREADS });
      await machine.replay([other]);
      const last = found(restored).map((one) => one);
      scanned(
        last,
        other.rows.map((row) => THREADS.length + row.requester),
        [...cpuOf, ...cpuOf],
      );
      expect(found(machine)).toEqual(last);
    }
  });

  test("in closed timing where requesters wait it is one of those that have just issued", async () => {
    const file = bursts(4, 3000, 3);
    // Each row has a requester, a thread and a label of its own: counts of labels tell who has issued.
    const requesters = THREADS.map((one, i) => ({ ...one, tid: i + 1 }));
    const trace = new FakeTrace("waiting", file.rows, { requesters });
    const machine = await machineOf(platformOf([{ ...L3, msc: { base: 0x2_0000_0000, cpor: { cpbmWd: 8 } } }], 2e9), 1);
    machine.addTasks(trace);
    for (const { tid } of requesters) machine.processor.setTaskLabel(tid, tag(tid));
    const issued = () => {
      const counts = Array<number>(requesters.length).fill(0);
      for (const { partid, accesses } of machine.statistics()) if (partid > 0) counts[partid - 1] = accesses;
      return counts;
    };
    let before = issued();
    const newest: Set<number>[] = Array.from({ length: CPUS }, () => new Set([NONE]));
    let certain = 0;
    for (let at = 0; at < 400_000; at += QUANTUM) {
      machine.clock.at(at, "test", () => {
        const now = issued();
        for (let cpu = 0; cpu < CPUS; cpu++) {
          const grown = now.flatMap((count, i) => (cpuOf[i] === cpu && count > (before[i] as number) ? [i] : []));
          if (grown.length > 0) newest[cpu] = new Set(grown);
          if (grown.length === 1) certain++;
          expect(newest[cpu]).toContain(machine.inside.hardware.lastRequester(cpu));
        }
        before = now;
      });
    }
    const { finished, time } = await machine.replay([trace], { timing: "closed" });
    expect(finished && time > 2 * (trace.rows.at(-1)?.time ?? 0)).toBe(true);
    expect(certain).toBeGreaterThan(100);
  });
});
