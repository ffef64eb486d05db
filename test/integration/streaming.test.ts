// A trace is the same trace however its rows reach the hardware: handed over by a source, read column by column where they
// lie in a file, or cut into batches; in one go or with breaks.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type RecordBatch, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InterruptEvent, Machine, type ReplayOptions, type TraceSource } from "../../src/machine/index.ts";
import { checkObject, loadPlatform, type Platform } from "../../src/platform/index.ts";
import {
  again,
  type Form,
  looped,
  type MarkedSource,
  MemorySink,
  openTrace,
  packTrace,
  slice,
  startingAt,
} from "../../src/trace/index.ts";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { FakeTrace, mixed, type Row, runs, thread } from "../machine/traces.ts";

let dir: string;
let files = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "mpam-streaming-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

function platformWith(lineBytes: number): Platform {
  const mbwu = { monitors: 2, counter: 31, rwbw: true };
  return checkObject(
    {
      name: "streaming",
      cpus: 3,
      lineBytes,
      quantumNs: 100,
      processor: { partidMax: 7, pmgMax: 1, outstanding: 4 },
      caches: [
        { level: 3, bytes: 16 * 4 * lineBytes, ways: 4, msc: { base: 0x1_0000_0000, overflowInterrupt: 9, mbwu } },
      ],
      memory: [{ bytes: "1 MiB", bytesPerSecond: 2e9, latencyNs: 50, msc: { base: 0x2_0000_0000, mbw: { bwaWd: 8 } } }],
    },
    "streaming",
  );
}

const PLATFORMS = new Map([32, 64, 128].map((lineBytes) => [lineBytes, platformWith(lineBytes)]));

async function written(source: MarkedSource, form: Form, order: "time" | "requester" = "time"): Promise<Uint8Array> {
  const sink = new MemorySink();
  await packTrace(source, sink, { form, order });
  return sink.bytes();
}

/** The same file in record batches of so many rows, by the library: its schema is in the footer only. */
function rebatched(bytes: Uint8Array, rows: readonly number[]): Uint8Array {
  const table = tableFromIPC(bytes);
  const batches: RecordBatch[] = [];
  for (let at = 0, turn = 0; at < table.numRows; turn++) {
    const size = rows[turn % rows.length] ?? 1;
    batches.push(...table.slice(at, at + size).batches);
    at += size;
  }
  return tableToIPC(new Table(table.schema, batches), "file");
}

/** Ways for one trace to reach the hardware. */
const WAYS: { readonly [name: string]: (trace: FakeTrace, cuts: readonly number[]) => Promise<MarkedSource> } = {
  "a source in other batches": async (trace, cuts) => trace.cut(cuts),
  "a source in one batch": async (trace) => trace.cut([1_000_000]),
  "a packed file in memory": async (trace) => openTrace(await written(trace, "packed")),
  "a packed file on disk": async (trace) => {
    const path = join(dir, `${files++}.arrow`);
    writeFileSync(path, await written(trace, "packed"));
    return openTrace(path);
  },
  "a packed file in small batches": async (trace, cuts) => openTrace(rebatched(await written(trace, "packed"), cuts)),
  "a packed Blob": async (trace) => openTrace(new Blob([new Uint8Array(await written(trace, "packed"))])),
  "a compressed packed file": async (trace) => openTrace(new Uint8Array(gzipSync(await written(trace, "packed")))),
  "plain columns": async (trace) => openTrace(await written(trace, "columns")),
  "plain columns in small batches": async (trace, cuts) => openTrace(rebatched(await written(trace, "columns"), cuts)),
};

/** Closed timing has no use for the order of different requesters. */
const APART = "a file of one requester after the other";
const CLOSED_WAYS: typeof WAYS = {
  ...WAYS,
  [APART]: async (trace: FakeTrace) => openTrace(await written(trace, "packed", "requester")),
};

const ways = fc.constantFrom(...Object.keys(WAYS));
const closedWays = fc.oneof(ways, fc.constant(APART));

// What is drawn.

const cutsOf = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });

/** A row, over and over: some of a file's rows are alike, so that there are many of them. */
const step = fc.record({
  gap: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(0, 0, 1, 3, 40) },
    { weight: 1, arbitrary: fc.constant(2 ** 33) },
  ),
  address: fc.nat({ max: 6 * 4096 }),
  bytes: fc.oneof(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 200 })),
  op: fc.nat({ max: 3 }),
  requester: fc.nat({ max: 2 }),
});

interface Drawn {
  readonly steps: readonly {
    readonly gap: number;
    readonly address: number;
    readonly bytes: number;
    readonly op: number;
    readonly requester: number;
  }[];
  readonly times: number;
  readonly spaces: number;
  readonly identity: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
  times: fc.integer({ min: 1, max: 12 }),
  spaces: fc.integer({ min: 1, max: 2 }),
  identity: fc.boolean(),
});

function traceOf({ steps, times, spaces, identity }: Drawn, file: number): FakeTrace {
  let time = 0;
  const rows: Row[] = Array.from({ length: steps.length * times }, (_, i) => {
    const { gap, ...row } = steps[i % steps.length] as Drawn["steps"][number];
    // A long gap is long once.
    time += i < steps.length ? gap : Math.min(gap, 40);
    return { ...row, address: row.address + ((i * 64) % 4096), time };
  });
  const tids = [1, 2, 3].map((n) => 10 * file + n);
  const requesters = tids.map((tid, i) => thread(tid, { asid: 10 * file + (i % spaces), cpu: i }));
  return new FakeTrace(`file ${file}`, rows, { requesters, addressRule: identity ? "identity" : "dense" });
}

function aligned(one: Drawn, within: number): Drawn {
  return { ...one, steps: one.steps.map((row) => ({ ...row, address: row.address & within })) };
}

// What is done with it.

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU = offsetOf("MSMON_MBWU");
const ARMED = wordOf("MSMON_CFG_MBWU_CTL", { EN: 1, OFLOW_INTR: 1 });

async function machineFor(lineBytes: number, seed: number | undefined, armed: number, sources: readonly TraceSource[]) {
  const platform = PLATFORMS.get(lineBytes) as Platform;
  const machine = await Machine.create(platform, seed === undefined ? {} : { seed });
  for (const source of sources) machine.addTasks(source);
  for (const { tid } of machine.processor.tasks)
    machine.processor.setTaskLabel(tid, { partidD: tid % 4, partidI: (tid + 1) % 4, pmgD: tid % 2, pmgI: 0 });
  machine.write32(0, MBWU_CTL, ARMED);
  machine.write32(0, MBWU, 2 ** 31 - armed);
  machine.write32(1, PART_SEL, 1);
  machine.write32(1, MBW_MAX, 0x8000_0000 + (64 << 8));
  return machine;
}

type Heard = Pick<InterruptEvent, "msc" | "time" | "record" | "level">[];

function listen(machine: Machine, heard: Heard): void {
  machine.onInterrupt(({ msc, time, record, level }) =>
    heard.push({ msc, time, level, ...(record === undefined ? {} : { record }) }),
  );
}

interface Break {
  readonly at: number;
  readonly how: "until" | "abort" | "snapshot";
}

const breaks = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: 3000 }), how: fc.constantFrom("until", "abort", "snapshot") }),
  { maxLength: 4 },
) as fc.Arbitrary<Break[]>;

/** Replays with breaks, each at its time, and tells what comes of it. */
async function replayed(
  first: Machine,
  sources: readonly TraceSource[],
  options: ReplayOptions,
  pauses: readonly Break[],
): Promise<{ machine: Machine; heard: Heard }> {
  let machine = first;
  const heard: Heard = [];
  listen(machine, heard);
  let began = false;
  const go = (more: ReplayOptions) => {
    const running = began
      ? machine.resume(sources, { ...options, ...more })
      : machine.replay(sources, { ...options, ...more });
    began = true;
    return running;
  };
  for (const { at, how } of pauses.toSorted((a, b) => a.at - b.at)) {
    if (at <= machine.clock.now) continue;
    if (how === "abort") {
      const abort = new AbortController();
      machine.clock.at(at, "abort", () => abort.abort());
      const ended = await go({ signal: abort.signal }).then(
        ({ finished }) => finished,
        (error: Error) => error.name,
      );
      expect([true, false, "AbortError"]).toContain(ended);
      continue;
    }
    await go({ until: at });
    if (how === "until") continue;
    machine = await Machine.restore(machine.snapshot());
    listen(machine, heard);
  }
  for (let end = await go({}); !end.finished; end = await go({})) expect(end.stopped).toBeDefined();
  return { machine, heard };
}

describe("whatever way the rows come, and with whatever breaks, a replay leaves the same machine and raises the same interrupts", () => {
  test.each(["open", "closed"] as const)("in %s timing", async (timing) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(drawn, timing === "open" ? ways : closedWays, cutsOf), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(64, 64, 32, 128),
        fc.constantFrom(undefined, undefined, 7),
        fc.integer({ min: 1, max: 40_000 }),
        fc.boolean(),
        breaks,
        async (all, lineBytes, seed, armed, stops, pauses) => {
          // Packed rows have places in lines of 64 bytes only, which short lines would tell apart.
          const within = lineBytes < 64 ? ~63 : ~0;
          const traces = all.map(([one], file) => traceOf(aligned(one, within), file));
          const sources = await Promise.all(
            all.map(([, way, cuts], i) => (CLOSED_WAYS[way] as (typeof WAYS)[string])(traces[i] as FakeTrace, cuts)),
          );
          const options: ReplayOptions = { timing, ...(stops ? { stopOn: ["overflow"] } : {}) };
          const plain = await machineFor(lineBytes, seed, armed, traces);
          const expected = await replayed(plain, traces, options, []);
          const machine = await machineFor(lineBytes, seed, armed, sources);
          const { machine: end, heard } = await replayed(machine, sources, options, pauses);
          expect({ ...end.export(), now: 0 }).toEqual({ ...expected.machine.export(), now: 0 });
          expect(heard).toEqual(expected.heard);
        },
      ),
      runs(60),
    );
  });
});

test("pieces, laps and later beginnings of a file are those of the rows in it", async () => {
  await fc.assert(
    fc.asyncProperty(
      drawn,
      ways,
      cutsOf,
      fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 400 }), fc.nat({ max: 900 }), fc.integer({ min: 1, max: 4 })),
      fc.nat({ max: 2000 }),
      async (one, way, cuts, [from, length, ns, laps], until) => {
        // Rows within lines: a packed file has as many rows then.
        const trace = traceOf({ ...one, steps: aligned(one, ~63).steps.map((row) => ({ ...row, bytes: 32 })) }, 1);
        const source = await (WAYS[way] as (typeof WAYS)[string])(trace, cuts);
        const end = Math.min(trace.records, from + length);
        const compose = async (whole: MarkedSource) => {
          const piece = slice(whole, Math.min(from, end), end, 5);
          return [startingAt(await looped(piece, laps), ns), again(whole, 2)];
        };
        const [expected, machine] = await Promise.all(
          [trace, source].map(async (whole) => {
            const sources = await compose(whole);
            const machine = await machineFor(64, undefined, 1e6, sources);
            await machine.replay(sources, { until });
            return { machine, end: await machine.resume(sources) };
          }),
        );
        expect(machine?.end.records).toBe(expected?.end.records);
        expect(machine?.machine.export()).toEqual(expected?.machine.export());
      },
    ),
    runs(60),
  );
});

test("a machine of two threads reads a file into the memory they share, and goes on from a snapshot", async () => {
  const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
  const trace = new FakeTrace("t", mixed(5, 200_000, 2, 50_000, 1), { requesters: [thread(1), thread(2)] });
  const path = join(dir, "shared.arrow");
  writeFileSync(path, await written(trace, "packed"));
  const file = await openTrace(path);
  const alone = await Machine.create(platform);
  await alone.replay([trace]);
  const two = await Machine.create(platform, { workers: 2 });
  await two.replay([file], { until: 90_000 });
  const restored = await Machine.restore(two.snapshot(), { workers: 2 });
  try {
    for (const machine of [two, restored]) {
      expect((await machine.resume([file])).records).toBe(200_000);
      expect(machine.export()).toEqual(alone.export());
    }
  } finally {
    await Promise.all([two.close(), restored.close()]);
  }
});

describe("a file of one requester after the other", () => {
  /** Its rows in the order that it has them in. */
  function byRequester(trace: FakeTrace): FakeTrace {
    const { requesters, spaces, addressRule } = trace;
    const rows = trace.rows.toSorted((a, b) => a.time - b.time || a.requester - b.requester);
    return new FakeTrace(trace.name, rows, { requesters, spaces, addressRule });
  }

  test("has its rows by time and then by requester, from any row on", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.nat({ max: 500 }), async (one, from) => {
        const trace = traceOf({ ...one, steps: aligned(one, ~63).steps.map((row) => ({ ...row, bytes: 32 })) }, 1);
        const apart = await openTrace(await written(trace, "packed", "requester"));
        const rows: Row[] = [];
        for await (const batch of apart.batches(from)) {
          for (let i = 0; i < batch.rows; i++) {
            const at = (column: ArrayLike<number>) => column[i] as number;
            const { time, address, bytes, op, requester } = batch;
            rows.push({
              ...{ time: at(time), address: at(address), bytes: at(bytes) },
              ...{ op: at(op), requester: at(requester) },
            });
          }
        }
        expect(apart.records).toBe(trace.records);
        expect(rows).toEqual(byRequester(trace).rows.slice(from));
      }),
      runs(60),
    );
  });

  test("replays in that order in open timing, with whatever breaks", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, drawn, breaks, fc.boolean(), async (a, b, pauses, stops) => {
        const traces = [traceOf(aligned(a, ~63), 1), traceOf(b, 2)] as const;
        const apart = await openTrace(await written(traces[0], "packed", "requester"));
        const expectedSources = [byRequester(traces[0]), traces[1]];
        const options: ReplayOptions = stops ? { stopOn: ["overflow"] } : {};
        const plain = await machineFor(64, undefined, 5000, expectedSources);
        const expected = await replayed(plain, expectedSources, options, []);
        const sources = [apart, traces[1]];
        const machine = await machineFor(64, undefined, 5000, sources);
        const { machine: end, heard } = await replayed(machine, sources, options, pauses);
        expect({ ...end.export(), now: 0 }).toEqual({ ...expected.machine.export(), now: 0 });
        expect(heard).toEqual(expected.heard);
      }),
      runs(60),
    );
  });

  test("is refused where a batch has rows of several, and where it is compressed", async () => {
    const trace = new FakeTrace(
      "t",
      [0, 1, 2, 3].map((i) => ({ time: i, address: 64 * i, bytes: 8, op: 0, requester: i % 2 })),
      {
        requesters: [thread(1), thread(2)],
      },
    );
    const apart = await written(trace, "packed", "requester");
    const ordered = tableFromIPC(await written(trace, "packed"));
    ordered.schema.metadata.set("mpam.order", "requester");
    await expect(openTrace(tableToIPC(ordered, "file"))).rejects.toThrow(/of one requester/);
    await expect(openTrace(new Uint8Array(gzipSync(apart)))).rejects.toThrow(/unpack it/);
    await expect(packTrace(trace, new MemorySink(), { form: "columns", order: "requester" })).rejects.toThrow(
      /packed form only/,
    );
  });
});
