// What a trace shows of its cpus: changes of thread and of exception level, counted the obvious way.

import fc from "fast-check";
import { expect, test } from "vitest";
import { describeTrace } from "../../src/cli/describe-trace.ts";
import type { TraceRequester } from "../../src/machine/index.ts";
import { type MarkedSource, openTrace, packTrace, traceInfo } from "../../src/trace/index.ts";
import { memoryTrace, type Row, rowsOf, toBytes } from "./recordings.ts";

function traceOf(requesters: readonly TraceRequester[], whos: readonly number[], batchRows = 7): MarkedSource {
  const rows = whos.map((who, i): Row => [i, 0, 8, 0, who]);
  return { ...memoryTrace(rows, batchRows, 1), requesters };
}

/** Of every cpu: the requesters of its records, in order; then neighbours are compared. */
function counted(requesters: readonly TraceRequester[], whos: readonly number[]) {
  const all = whos.map((who) => requesters[who] as TraceRequester);
  const thread = ({ asid, pid, tid }: TraceRequester) => [asid, pid, tid].join();
  const known = all.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  return [...new Set(known)]
    .toSorted((a, b) => a - b)
    .map((cpu) => {
      const own = all.filter((who) => who.cpu === cpu);
      const changes = (of: (who: TraceRequester) => unknown) =>
        own.filter((who, i) => i > 0 && of(who) !== of(own[i - 1] as TraceRequester)).length;
      return {
        cpu,
        records: own.length,
        threads: new Set(own.map(thread)).size,
        contextSwitches: changes(thread),
        ...(requesters.some(({ el }) => el !== undefined) ? { elChanges: changes(({ el }) => el) } : {}),
      };
    });
}

const small = fc.integer({ min: 1, max: 3 });
const requester: fc.Arbitrary<TraceRequester> = fc
  .record({
    pid: small,
    tid: small,
    cpu: fc.option(fc.constantFrom(0, 1, 40), { nil: undefined }),
    el: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
  })
  .map(({ pid, tid, cpu, el }) => ({
    ...{ asid: 1, pid, tid },
    ...(cpu === undefined ? {} : { cpu }),
    ...(el === undefined ? {} : { el }),
  }));

test("context switches and changes of exception level are counted for each cpu that a trace records", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(requester, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 300 }),
      fc.integer({ min: 1, max: 50 }),
      async (requesters, drawn, batchRows) => {
        const whos = drawn.map((n) => n % requesters.length);
        expect((await traceInfo(traceOf(requesters, whos, batchRows))).cpus).toEqual(counted(requesters, whos));
      },
    ),
  );
});

const TWO_CPUS: readonly TraceRequester[] = [
  { asid: 1, pid: 1, tid: 1, cpu: 0, el: 0 },
  { asid: 1, pid: 1, tid: 1, cpu: 0, el: 1 },
  { asid: 1, pid: 1, tid: 2, cpu: 0, el: 0 },
  { asid: 1, pid: 1, tid: 2, cpu: 1, el: 0 },
];

test("the same thread on another cpu is no switch, and what happens on one cpu is none on another", async () => {
  const info = await traceInfo(traceOf(TWO_CPUS, [0, 3, 1, 3, 0, 2, 3, 2]));
  expect(info.cpus).toEqual([
    { cpu: 0, records: 5, threads: 2, contextSwitches: 1, elChanges: 2 },
    { cpu: 1, records: 3, threads: 1, contextSwitches: 0, elChanges: 0 },
  ]);
  expect(describeTrace(info)).toContain(
    [
      "cpu  records  threads  context switches  EL changes",
      "0          5        2                 1           2",
      "1          3        1                 0           0",
    ].join("\n"),
  );
});

test("a trace without exception levels has no column for them, and one without cpus no table", async () => {
  const levelless = TWO_CPUS.map(({ el: _, ...who }) => who);
  const info = await traceInfo(traceOf(levelless, [0, 2]));
  expect(info.cpus).toEqual([{ cpu: 0, records: 2, threads: 2, contextSwitches: 1 }]);
  expect(describeTrace(info)).toContain("context switches\n");
  const cpuless = TWO_CPUS.map(({ cpu: _, ...who }) => who);
  expect((await traceInfo(traceOf(cpuless, [0, 2]))).cpus).toEqual([]);
  expect(describeTrace(await traceInfo(traceOf(cpuless, [0, 2])))).not.toContain("context switches");
});

test("a file that holds each requester by itself shows the same as its rows in order", async () => {
  const trace = traceOf(
    TWO_CPUS,
    Array.from({ length: 500 }, (_, i) => (i * i) % 4),
  );
  for (const order of ["time", "requester"] as const) {
    const bytes = await toBytes((sink) => packTrace(trace, sink, { form: "packed", order }));
    const packed = await openTrace(bytes, { name: "packed.arrow" });
    const whos = (await rowsOf(packed)).map(([, , , , who]) => who);
    expect((await traceInfo(packed)).cpus).toEqual(counted(TWO_CPUS, whos));
    expect(counted(TWO_CPUS, whos)).toEqual((await traceInfo(trace)).cpus);
  }
});
