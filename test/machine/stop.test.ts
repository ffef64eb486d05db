// Where a replay ends before its traces do, and goes on (design section 6): an armed stop, a time, an abort, an error.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InterruptEvent, Machine } from "../../src/machine/index.ts";
import type { PlainSubject } from "../helpers/plain/subject.ts";
import {
  countsOf,
  EN,
  expectSame,
  label,
  linesOf,
  MATCH_PARTID,
  MBWU,
  MBWU_CTL,
  MON_SEL,
  OFLOW_INTR,
  plainOf,
  run,
  watch,
  write,
} from "./compare.ts";
import { powerOn, tag } from "./machines.ts";
import { FakeTrace, mixed, type NaiveRecord, naive, runs, thread, walk } from "./traces.ts";

const OPS = [0, 1, 2, 3];
const WRAP = 2 ** 31;

function traffic(seed: number, count = 600): FakeTrace {
  return new FakeTrace("t", mixed(seed, count, 2, 300), { requesters: [thread(1), thread(2)], batches: [90, 7] });
}

/** Both with PARTID 1 on the first thread and 2 on the second, and monitor `mon` so many bytes before its end. */
async function armed(
  file: FakeTrace,
  left: readonly { mon: number; bytes: number }[],
): Promise<[Machine, PlainSubject]> {
  const machine = await powerOn();
  const plain = plainOf(machine);
  watch(machine, plain);
  machine.addTasks(file);
  for (const n of [1, 2]) {
    machine.processor.setTaskLabel(n, tag(n));
    label(plain, n - 1, OPS, n);
  }
  for (const { mon, bytes } of left) {
    write(machine, plain, MON_SEL, mon);
    write(machine, plain, MBWU_CTL, EN + MATCH_PARTID + OFLOW_INTR);
    write(machine, plain, MBWU, WRAP - bytes);
  }
  return [machine, plain];
}

/** Runs records of the plain model one by one, up to and with the one that raises an overflow; returns how many ran. */
function runToOverflow(plain: PlainSubject, records: readonly NaiveRecord[]): { ran: number; raised: boolean } {
  for (const [i, record] of records.entries()) {
    plain.run([record]);
    if (plain.interrupts().some(({ kind, level }) => kind === "overflow" && level === 1)) {
      return { ran: i + 1, raised: true };
    }
  }
  return { ran: records.length, raised: false };
}

const distance = fc.integer({ min: 1, max: 30_000 });

describe("a replay that stops on overflow", () => {
  test("ends at the very record that raised it, time and all, and goes on to the end that it would have reached", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 ** 20 }), distance, distance, async (seed, first, second) => {
        const file = traffic(seed);
        const records = naive([file]);
        const left = [
          { mon: 1, bytes: first },
          { mon: 2, bytes: second },
        ];
        const [machine, plain] = await armed(file, left);
        const [straight] = await armed(file, left);

        const stopped = await machine.replay([file], { stopOn: ["overflow"] });
        const { ran, raised } = runToOverflow(plain, records);
        expect([stopped.records, stopped.stopped?.record]).toEqual([ran, raised ? ran - 1 : undefined]);
        expect(machine.clock.now).toBe(records[ran - 1]?.time);
        expect(stopped.finished).toBe(!raised);
        expectSame(machine, plain);
        if (!raised) return;
        expect(stopped.stopped).toMatchObject({
          kind: "overflow",
          msc: 0,
          line: 45,
          level: 1,
          time: machine.clock.now,
        });

        // The line stays up: nothing raises it again.
        const end = await machine.resume([file], { stopOn: ["overflow"] });
        expect([end.records, end.finished, end.stopped]).toEqual([records.length, true, undefined]);
        run(plain, records.slice(ran));
        expectSame(machine, plain);
        const whole = await straight.replay([file]);
        expect([whole.records, whole.finished]).toEqual([records.length, true]);
        expect(machine.export()).toEqual(straight.export());
      }),
      runs(60),
    );
  });

  test("stops again and again where the handler writes the counter anew each time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 ** 20 }), fc.integer({ min: 64, max: 4000 }), async (seed, bytes) => {
        const file = traffic(seed);
        const records = naive([file]);
        const [machine, plain] = await armed(file, [{ mon: 1, bytes }]);
        machine.onInterrupt((event) => {
          if (event.level === 0) return;
          machine.write32(0, MON_SEL, 1);
          machine.write32(0, MBWU, WRAP - bytes);
        });
        let done = 0;
        for (let result = await machine.replay([file], { stopOn: ["overflow"] }); ; ) {
          const { ran, raised } = runToOverflow(plain, records.slice(done));
          done += ran;
          expect([result.records, result.stopped?.record]).toEqual([done, raised ? done - 1 : undefined]);
          if (!raised) break;
          plain.write32(MON_SEL, 1);
          plain.write32(MBWU, WRAP - bytes);
          plain.interrupts();
          result = await machine.resume([file], { stopOn: ["overflow"] });
        }
        expect(machine.clock.now).toBe(records.at(-1)?.time);
        expectSame(machine, plain);
      }),
      runs(30),
    );
  });

  test("shows its handlers the machine as it was at that record", async () => {
    const file = new FakeTrace("t", walk([0, 16, 32, 48, 64, 80, 96, 112], 1000));
    const machine = await powerOn();
    machine.write32(0, MBWU_CTL, EN + OFLOW_INTR);
    machine.write32(0, MBWU, WRAP - 500 * 64);
    const seen: unknown[] = [];
    machine.onInterrupt((event) => {
      const held = linesOf(machine).toSorted((a, b) => a.age - b.age);
      seen.push([event.record, event.time, machine.clock.now, machine.export().records, held[0]?.line]);
    });
    await machine.replay([file], { stopOn: ["overflow"] });
    // Eight lines of one set with four ways: each read misses, and the 500th brings the last byte.
    expect(seen).toEqual([[499, 499, 499, 500, (499 % 8) * 16]]);
  });

  test("and one that does not tells of the same record afterwards", async () => {
    const file = traffic(3);
    const left = [{ mon: 1, bytes: 5000 }];
    const [stopping] = await armed(file, left);
    const [going] = await armed(file, left);
    const events: InterruptEvent[] = [];
    going.onInterrupt((event) => events.push(event));
    const { stopped } = await stopping.replay([file], { stopOn: ["overflow"] });
    const { finished } = await going.replay([file]);
    expect(finished).toBe(true);
    expect(events).toEqual([stopped]);
  });
});

describe("a replay that ends early by", () => {
  const file = traffic(9);
  const records = naive([file]);
  const middle = records[300]?.time ?? 0;
  const early = records.filter(({ time }) => time < middle);

  async function fresh(): Promise<[Machine, PlainSubject]> {
    return armed(file, []);
  }

  async function goesOn(machine: Machine, plain: PlainSubject): Promise<void> {
    run(plain, early);
    expectSame(machine, plain);
    const end = await machine.resume([file]);
    expect([end.records, end.finished]).toEqual([records.length, true]);
    run(plain, records.slice(early.length));
    expectSame(machine, plain);
    expect(machine.clock.now).toBe(records.at(-1)?.time);
  }

  test("time runs the records before it and stands at it", async () => {
    const [machine, plain] = await fresh();
    const result = await machine.replay([file], { until: middle });
    expect([result.records, result.time, result.finished]).toEqual([early.length, middle, false]);
    await goesOn(machine, plain);
  });

  test("time runs to that time even when there is no more to replay, and fires what is due", async () => {
    const [machine] = await fresh();
    const fired: number[] = [];
    for (const at of [99_999, 100_000, 100_001]) machine.clock.at(at, "test", () => void fired.push(at));
    const result = await machine.replay([file], { until: 100_000 });
    expect([result.time, result.finished, fired]).toEqual([100_000, true, [99_999, 100_000]]);
  });

  test("time at any moments, again and again, leaves nothing of itself behind", async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const [machine] = await fresh();
        const [straight] = await fresh();
        const change = (of: Machine): void => {
          of.clock.at(333, "test", () => of.processor.setTaskLabel(1, tag(3)));
        };
        change(machine);
        change(straight);
        let until = 0;
        await machine.replay([file], { until });
        for (const step of drawn) {
          until += step;
          await machine.resume([file], { until });
          expect(machine.clock.now).toBe(until);
        }
        await machine.resume([file]);
        await straight.replay([file]);
        expect({ ...machine.export(), now: 0 }).toEqual({ ...straight.export(), now: 0 });
      }),
      runs(20),
    );
  });

  test("time in the middle of a batch goes on with the same rows however they are cut then", async () => {
    for (const batches of [[7], [1], [1000], [41, 300, 2]]) {
      const [machine, plain] = await fresh();
      await machine.replay([file], { until: middle });
      run(plain, early);
      expectSame(machine, plain);
      expect((await machine.resume([file.cut(batches)])).records).toBe(records.length);
      run(plain, records.slice(early.length));
      expectSame(machine, plain);
    }
  });

  test("time keeps an edge that something waits for where it is, though time goes on before the replay does", async () => {
    const machine = await powerOn({ quantumNs: 100 });
    const steady = new FakeTrace("steady", walk([1], 500));
    machine.addTasks(steady);
    machine.clock.at(110, "test", () => machine.processor.setTaskLabel(1, tag(2)));
    await machine.replay([steady], { until: 150 });
    await machine.clock.advance(700);
    await machine.resume([steady]);
    const counted = countsOf(machine).map(({ partid, accesses }) => [partid, accesses]);
    expect(counted).toEqual([
      [0, 200],
      [2, 300],
    ]);
  });

  test("an abort at a time runs the records before it", async () => {
    const [machine, plain] = await fresh();
    const abort = new AbortController();
    machine.clock.at(middle, "test", () => abort.abort());
    await expect(machine.replay([file], { signal: abort.signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    expect(machine.clock.now).toBe(middle);
    await goesOn(machine, plain);
  });

  test("an abort before it begins runs none", async () => {
    const [machine] = await fresh();
    const reason = new Error("no longer wanted");
    await expect(machine.replay([file], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(machine.export().records).toBe(0);
    expect((await machine.resume([file])).finished).toBe(true);
  });

  test("the error of a timer runs the records before it", async () => {
    const [machine, plain] = await fresh();
    machine.clock.at(middle, "test", () => Promise.reject(new Error("broken")));
    await expect(machine.replay([file])).rejects.toThrow("broken");
    await goesOn(machine, plain);
  });

  test("a row it cannot read says which, and goes on from there when the trace has been mended", async () => {
    const [machine, plain] = await fresh();
    const rows = file.rows.map((row, i) => (i === 250 ? { ...row, requester: 2 } : row));
    const { requesters, spaces, hash } = file;
    const broken = new FakeTrace("broken.arrow", rows, { requesters, spaces, hash, batches: [100] });
    await expect(machine.replay([broken])).rejects.toThrow(/^broken\.arrow: row 250 names requester 2 of 2$/);
    // A batch is taken whole or not at all.
    run(plain, records.slice(0, 200));
    expectSame(machine, plain);
    const end = await machine.resume([file]);
    expect([end.records, end.finished]).toEqual([records.length, true]);
    run(plain, records.slice(200));
    expectSame(machine, plain);
  });
});

describe("one replay at a time", () => {
  test("a second one is refused while one runs, which it does not disturb", async () => {
    const [file, other] = [traffic(1), traffic(2)];
    const [machine] = await armed(file, []);
    const [alone] = await armed(file, []);
    const running = machine.replay([file]);
    await expect(machine.replay([other])).rejects.toThrow(expect.objectContaining({ code: "EBUSY" }));
    expect((await running).finished).toBe(true);
    await alone.replay([file]);
    expect(machine.export()).toEqual(alone.export());
    expect((await machine.resume([file])).finished).toBe(true);
  });

  test("goes on only with the traces that it began with, in their order", async () => {
    const [a, b, c] = [1, 2, 3].map(
      (n) => new FakeTrace(`file ${n}`, mixed(n, 50, 1, 20), { requesters: [thread(n)] }),
    );
    if (!a || !b || !c) throw new Error("three traces");
    const machine = await powerOn();
    const refused = expect.objectContaining({ code: "EINVAL" });
    await expect(machine.resume([a])).rejects.toThrow(refused);
    await machine.replay([a, b], { until: 20 });
    for (const others of [[a], [b, a], [a, c], [a, b, c], []]) {
      await expect(machine.resume(others)).rejects.toThrow(refused);
    }
    expect((await machine.resume([a, b])).finished).toBe(true);
  });
});

describe("a replay that is refused changes nothing", () => {
  const file = traffic(1);
  const refusals: [string, readonly FakeTrace[], object, RegExp][] = [
    [
      "for a timing there is not",
      [file],
      { timing: "lockstep" },
      /^timing is "lockstep"; "open", "closed" is allowed$/,
    ],
    [
      "for a stop there is not",
      [file],
      { stopOn: ["error"] },
      /^stopOn is \["error"\]; a list of "overflow" is allowed$/,
    ],
    ["for a stop that is no list", [file], { stopOn: "overflow" }, /^stopOn is "overflow"; a list/],
    [
      "for a time that is none",
      [file],
      { until: Number.NaN },
      /^until is NaN; a model time in ns, 0 or more, is allowed$/,
    ],
    ["for a time before all time", [file], { until: -1 }, /^until is -1; /],
    [
      "for traces that reach too far",
      [traffic(2), new FakeTrace("wide", [], { spaces: [{ asid: 1, pages: 2 ** 26 + 1 }] })],
      {},
      /^wide: the traces together touch/,
    ],
    [
      "for more requesters than there are numbers",
      [
        new FakeTrace("few", [], { requesters: [thread(1)] }),
        new FakeTrace("many", [], { requesters: Array.from({ length: 65_536 }, (_, i) => thread(i + 2)), spaces: [] }),
      ],
      {},
      /^many: more than 65536 requesters/,
    ],
  ];

  test.each(refusals)("%s", async (_, files, options, message) => {
    const [machine] = await armed(file, []);
    await machine.replay([file], { until: 300 });
    const before = machine.snapshot();
    const refused = await machine.replay(files, options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RangeError);
    expect((refused as Error).message).toMatch(message);
    expect(Buffer.compare(machine.snapshot(), before)).toBe(0);
    expect((await machine.resume([file])).finished).toBe(true);
  });
});
