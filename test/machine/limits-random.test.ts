// Bandwidth limits of cpus in closed timing, at random: against the rule written down in the most obvious way where nothing else
// holds anybody up, and by what must hold wherever else.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { tag } from "./machines.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

const QUANTUM = 1000;
const ENABLED = 1n << 62n;
const HARD = 1n << 61n;
const SCALE = 1n << 63n;
const LIMITS = ["MPAMBW0_EL1", "MPAMBW1_EL1", "MPAMBW2_EL2"] as const;

interface Case {
  readonly cpus: number;
  /** Of the whole of a limit, and of a channel, bytes a second. */
  readonly whole: number;
  readonly channel: number;
  readonly caches: boolean;
  readonly outstanding: number;
  readonly requesters: readonly { readonly cpu: number; readonly el: number; readonly partid: number }[];
  /** By cpu and EL; 0 is none. */
  readonly limits: readonly (readonly bigint[])[];
  readonly records: readonly { requester: number; gap: number; bytes: number; op: number; line: number }[];
}

const limit = (kinds: readonly bigint[]) =>
  fc
    .tuple(fc.constantFrom(...kinds), fc.nat({ max: 255 }), fc.nat({ max: 2 }))
    .map(([kind, step, above]) =>
      kind === 0n ? 0n : ENABLED | kind | (BigInt(step) << 8n) | (kind & SCALE ? BigInt(above) << 16n : 0n),
    );

function cases(kinds: readonly bigint[], different: { channel?: number; caches?: boolean; outstanding?: number } = {}) {
  const { channel, caches, outstanding } = different;
  return fc.integer({ min: 1, max: 3 }).chain((cpus) => {
    const requester = fc
      .record({ cpu: fc.nat({ max: cpus - 1 }), el: fc.nat({ max: 2 }), partid: fc.nat({ max: 2 }) })
      // What runs at EL2 is no task's.
      .map((one) => (one.el === 2 ? { ...one, partid: 0 } : one));
    return fc.array(requester, { minLength: 1, maxLength: 5 }).chain((requesters) =>
      fc.record({
        cpus: fc.constant(cpus),
        whole: fc.constantFrom(640e6, 64e6, 1e9, 333_333_333),
        channel: channel === undefined ? fc.constantFrom(640e6, 3e9) : fc.constant(channel),
        caches: caches === undefined ? fc.boolean() : fc.constant(caches),
        outstanding: outstanding === undefined ? fc.integer({ min: 1, max: 40 }) : fc.constant(outstanding),
        requesters: fc.constant(requesters),
        limits: fc.array(fc.array(limit(kinds), { minLength: 3, maxLength: 3 }), { minLength: cpus, maxLength: cpus }),
        records: fc.array(
          fc.record({
            requester: fc.nat({ max: requesters.length - 1 }),
            gap: fc.oneof(fc.constant(0), fc.nat({ max: 3000 })),
            bytes: fc.integer({ min: 1, max: 64 }),
            op: fc.nat({ max: 3 }),
            line: fc.nat({ max: 60 }),
          }),
          { minLength: 1, maxLength: 300 },
        ),
      }),
    );
  });
}

function traceOf({ requesters, records }: Case, batches: readonly number[] = [64]): FakeTrace {
  let time = 0;
  const rows = records.map(({ requester, gap, bytes, op, line }): Row => {
    time += gap;
    return { time, address: line * 64, bytes, op, requester };
  });
  const threads = requesters.map(({ cpu, el }, i) => thread(i + 1, { cpu, el }));
  return new FakeTrace("random", rows, { requesters: threads, batches });
}

async function machineFor(run: Case, trace: FakeTrace, hasLimits = true): Promise<Machine> {
  const { cpus, whole, channel, caches, outstanding, requesters, limits } = run;
  const bandwidth = hasLimits ? { bwaWd: 8, hwScale: true, bytesPerSecond: whole } : "none";
  const machine = await Machine.create(
    checkObject({
      name: "random",
      cpus,
      processor: { partidMax: 7, pmgMax: 1, outstanding, bandwidth },
      quantumNs: QUANTUM,
      ...(caches
        ? {
            caches: [
              { level: 2, per: "cpu", bytes: "1 KiB", ways: 2 },
              { level: 3, bytes: "2 KiB", ways: 4, msc: { base: 0x2_0000_0000, mbw: { bwaWd: 8 } } },
            ],
          }
        : {}),
      memory: [
        { bytes: "1 MiB", bytesPerSecond: channel, latencyNs: 100, msc: { base: 0x1_0000_0000, mbw: { bwaWd: 8 } } },
      ],
    }),
  );
  machine.addTasks(trace);
  for (const [i, { partid }] of requesters.entries()) machine.processor.setTaskLabel(i + 1, tag(partid));
  if (!hasLimits) return machine;
  for (const [cpu, ofCpu] of limits.entries()) {
    for (const [el, name] of LIMITS.entries()) machine.cpu(cpu).registers.poke(name, ofCpu[el] ?? 0n);
  }
  return machine;
}

function resultOf(machine: Machine, records: number) {
  return { export: machine.export(), latencies: machine.latencies(), stalls: machine.stalls(), records };
}

/** Bytes that a limit lets through in `n` quanta. */
function broughtIn(n: number, rate: bigint): bigint {
  return (BigInt(n) * rate * BigInt(QUANTUM)) / 1_000_000_000n;
}

/** The rule, where no port holds anything and no budget runs out: when each quantum's requests leave, and who stalls how long. */
function plain({ requesters, limits, records, whole }: Case) {
  interface Gate {
    readonly rate: bigint;
    use: bigint;
  }
  const gates = new Map<string, Gate>();
  const gateOf = requesters.map(({ cpu, el, partid }) => {
    const value = limits[cpu]?.[el] ?? 0n;
    if (!(value & ENABLED)) return undefined;
    const isScaled = (value & SCALE) !== 0n;
    const key = `${cpu} ${el} ${isScaled ? partid : "all"}`;
    const max = value & 0xffff_ffffn;
    const fraction = isScaled ? (max < 256n ? 256n : max) : max + 256n;
    const n = isScaled ? new Set(requesters.filter((one) => one.partid === partid).map((one) => one.cpu)).size : 1;
    const rate = (BigInt(whole) * fraction) / 65536n / BigInt(n);
    const gate = gates.get(key) ?? { rate, use: 0n };
    gates.set(key, gate);
    return gate;
  });
  let clock = 0;
  const queues = requesters.map((): { time: number; bytes: number }[] => []);
  for (const { requester, gap, bytes } of records) {
    clock += gap;
    queues[requester]?.push({ time: clock, bytes });
  }
  const next = queues.map((queue) => queue[0]?.time ?? Number.POSITIVE_INFINITY);
  const stalledNs = requesters.map(() => 0);
  let quantum = -1;
  let last = 0;
  while (queues.some((queue) => queue.length > 0)) {
    const first = Math.max(quantum + 1, Math.floor(Math.min(...next) / QUANTUM));
    for (const gate of gates.values()) {
      const brought = quantum < 0 ? 0n : broughtIn(first, gate.rate) - broughtIn(quantum, gate.rate);
      gate.use = gate.use > brought ? gate.use - brought : 0n;
    }
    quantum = first;
    const end = (quantum + 1) * QUANTUM;
    let now = quantum * QUANTUM;
    const waits = new Set<number>();
    for (;;) {
      const due = next.map((time, i) => (waits.has(i) ? Number.POSITIVE_INFINITY : Math.max(time, now)));
      const time = Math.min(...due);
      if (time >= end) break;
      const requester = due.indexOf(time);
      const gate = gateOf[requester];
      const brings = gate && broughtIn(quantum + 1, gate.rate) - broughtIn(quantum, gate.rate);
      if (gate && brings !== undefined && gate.use >= (brings > 1n ? brings : 1n)) {
        stalledNs[requester] = (stalledNs[requester] as number) + end - time;
        waits.add(requester);
        continue;
      }
      const queue = queues[requester] as { time: number; bytes: number }[];
      const record = queue.shift() as { time: number; bytes: number };
      if (gate) gate.use += BigInt(record.bytes);
      now = time;
      last = quantum;
      next[requester] = queue[0] ? time + queue[0].time - record.time : Number.POSITIVE_INFINITY;
    }
  }
  return { time: (last + 1) * QUANTUM, stalledNs };
}

describe("limits of cpus", () => {
  test("are as the rule says where nothing else holds anybody up", async () => {
    await fc.assert(
      fc.asyncProperty(
        cases([0n, HARD, HARD | SCALE], { channel: 1e12, caches: false, outstanding: 1000 }),
        async (run) => {
          const trace = traceOf(run);
          const machine = await machineFor(run, trace);
          const { time } = await machine.replay([trace], { timing: "closed" });
          const stalls = new Map(machine.stalls().map(({ tid, stalledNs }) => [tid, stalledNs]));
          const stalledNs = run.requesters.map((_, i) => stalls.get(i + 1) ?? 0);
          expect({ time, stalledNs }).toEqual(plain(run));
          const byLabel = machine.latencies().reduce((sum, one) => sum + (one.stalledNs ?? 0), 0);
          expect(byLabel).toBe(stalledNs.reduce((sum, ns) => sum + ns, 0));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("are never exceeded by more than a request, whatever else goes on", async () => {
    await fc.assert(
      fc.asyncProperty(cases([HARD], { caches: false }), fc.nat({ max: 20 }), async (run, from) => {
        // Each cpu has a label of its own for EL0 and one for EL1.
        const requesters = run.requesters.map(({ cpu, el }) => ({ cpu, el: el & 1, partid: cpu * 2 + (el & 1) }));
        const own = { ...run, requesters, channel: 1e12, outstanding: 1000 };
        const trace = traceOf(own);
        const machine = await machineFor(own, trace);
        let before = new Map<number, number>();
        let began = 0;
        for (let quantum = 1; quantum <= from + 40; quantum++) {
          await (quantum === 1
            ? machine.replay([trace], { timing: "closed", until: QUANTUM })
            : machine.resume([trace], { until: quantum * QUANTUM }));
          const bytes = new Map(machine.statistics().map((one) => [one.partid, one.bytesRead + one.bytesWritten]));
          if (quantum <= from) {
            before = bytes;
            began = quantum;
            continue;
          }
          for (const { cpu, el, partid } of requesters) {
            const rate = (BigInt(own.whole) * (((own.limits[cpu]?.[el] ?? 0n) & 0xffffn) + 256n)) / 65536n;
            const moved = (bytes.get(partid) ?? 0) - (before.get(partid) ?? 0);
            expect(moved).toBeLessThan(Number(broughtIn(quantum, rate) - broughtIn(began, rate)) + 64);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("do not depend on how the trace is cut, nor on pauses, snapshots and restores", async () => {
    const kinds = [0n, HARD, ENABLED, SCALE, HARD | SCALE];
    await fc.assert(
      fc.asyncProperty(
        cases(kinds),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.boolean()), { maxLength: 4 }),
        async (run, batches, pauses) => {
          const whole = traceOf(run);
          const machine = await machineFor(run, whole);
          const wanted = resultOf(machine, (await machine.replay([whole], { timing: "closed" })).records);

          const trace = whole.cut(batches);
          let other = await machineFor(run, trace);
          let until = 0;
          let records = 0;
          for (const [ns, restore] of pauses) {
            until += ns;
            const options = { until, timing: "closed" } as const;
            const result = await (until === ns ? other.replay([trace], options) : other.resume([trace], options));
            records = result.records;
            if (restore) other = await Machine.restore(other.snapshot());
          }
          const result = await (until === 0 ? other.replay([trace], { timing: "closed" }) : other.resume([trace]));
          records = result.records;
          const got = resultOf(other, records);
          expect({ ...got, export: { ...got.export, now: 0 } }).toEqual({
            ...wanted,
            export: { ...wanted.export, now: 0 },
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("change nothing while none is enabled", async () => {
    await fc.assert(
      fc.asyncProperty(cases([0n, HARD]), async (run) => {
        const without = { ...run, limits: run.limits.map((ofCpu) => ofCpu.map((value) => value & ~ENABLED)) };
        const trace = traceOf(run);
        const results = [];
        for (const hasLimits of [true, false]) {
          const machine = await machineFor(without, trace, hasLimits);
          results.push(resultOf(machine, (await machine.replay([trace], { timing: "closed" })).records));
        }
        expect(results[0]).toEqual(results[1]);
      }),
      { numRuns: 40 },
    );
  });
});
