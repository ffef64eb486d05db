// Exception levels counted apart: only counts know it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CountedLabel, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { powerOn, type Shape, tag } from "./machines.ts";
import { FakeTrace, mixed, runs, thread } from "./traces.ts";

const CACHE = 0;
const CHANNEL = 1;

const REQUESTERS = [thread(1), thread(1, { el: 1 }), thread(2), thread(2, { el: 1 }), thread(3, { el: 2 })];

interface Drawn {
  readonly seed: number;
  readonly timing: "open" | "closed";
  readonly policy: "lru" | "plru" | "random";
  readonly cpbm: number;
  readonly cmax: number;
  readonly mbwMax: number;
  readonly kernel: "inherit" | "default";
}

/** Threads 1 and 2 are in PARTIDs 5 and 6, the first under limits; a monitor of each kind looks at the first. */
async function replayed(drawn: Drawn, byEl: boolean) {
  const shape: Shape = { policy: drawn.policy };
  const machine = await powerOn(shape, { byEl });
  const file = new FakeTrace("t", mixed(drawn.seed, 3000, REQUESTERS.length, 400, 1), { requesters: REQUESTERS });
  machine.addTasks(file);
  machine.processor.setTaskLabel(1, tag(5, 1));
  machine.processor.setTaskLabel(2, tag(6));
  machine.processor.kernel.mode = { policy: drawn.kernel };
  const write = (msc: number, register: string, value: number) => machine.write32(msc, offsetOf(register), value);
  write(CACHE, "MPAMCFG_PART_SEL", 5);
  write(CACHE, "MPAMCFG_CPBM", drawn.cpbm);
  write(CACHE, "MPAMCFG_CMAX", drawn.cmax);
  write(CHANNEL, "MPAMCFG_PART_SEL", 5);
  write(CHANNEL, "MPAMCFG_MBW_MAX", drawn.mbwMax);
  for (const [msc, kind] of [
    [CACHE, "CSU"],
    [CACHE, "MBWU"],
    [CHANNEL, "MBWU"],
  ] as const) {
    write(msc, "MSMON_CFG_MON_SEL", 0);
    write(msc, `MSMON_CFG_${kind}_FLT`, (1 << 16) | 5);
    write(msc, `MSMON_CFG_${kind}_CTL`, 0x8003_0000 | (kind === "CSU" ? 0x43 : 0x42));
  }
  const { time } = await machine.replay([file], { timing: drawn.timing });
  const monitors = [
    machine.read32(CACHE, offsetOf("MSMON_CSU")),
    machine.read32(CACHE, offsetOf("MSMON_MBWU")),
    machine.read32(CHANNEL, offsetOf("MSMON_MBWU")),
  ];
  return { machine, time, monitors };
}

const keyOf = ({ space, partid, pmg }: CountedLabel) => `${space}:${partid}:${pmg}`;

/** Levels of a label together. */
function together<T extends CountedLabel>(rows: readonly T[], counts: readonly (keyof T)[]) {
  const sums: Record<string, number[]> = {};
  for (const row of rows) {
    const before = sums[keyOf(row)] ?? counts.map(() => 0);
    sums[keyOf(row)] = counts.map((count, i) => (before[i] as number) + Number(row[count]));
  }
  return Object.fromEntries(Object.entries(sums).filter(([, numbers]) => numbers.some((number) => number > 0)));
}

const lines = (machine: Machine) => machine.export().sets.map((set) => set.map(({ el: _, ...line }) => line));

const COUNTS = ["accesses", "misses", "bytesHeld", "bytesRead", "bytesWritten"] as const;

describe("a machine that counts exception levels apart", () => {
  test("does what one does that does not: lines, counts, latencies and monitors are the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          timing: fc.constantFrom("open" as const, "closed" as const),
          policy: fc.constantFrom("lru" as const, "plru" as const, "random" as const),
          cpbm: fc.constantFrom(0xffff, 0x000f, 0x00f0, 0),
          cmax: fc.constantFrom(0xff00, 0x4000, 0x0800),
          mbwMax: fc.constantFrom(0xff00, 0x0800),
          kernel: fc.constantFrom("inherit" as const, "default" as const),
        }),
        async (drawn) => {
          const [one, apart] = [await replayed(drawn, false), await replayed(drawn, true)];
          expect(apart.time).toBe(one.time);
          expect(apart.monitors).toEqual(one.monitors);
          expect(lines(apart.machine)).toEqual(lines(one.machine));
          expect(together(apart.machine.statistics(), COUNTS)).toEqual(together(one.machine.statistics(), COUNTS));
          const held = ["count", "heldNs"] as const;
          expect(together(apart.machine.latencies(), held)).toEqual(together(one.machine.latencies(), held));
        },
      ),
      runs(40),
    );
  });

  test("has a row for each label and level, and monitors that see all of them", async () => {
    const drawn = { seed: 1, timing: "open", policy: "lru", cpbm: 0xffff, cmax: 0xff00, mbwMax: 0xff00 } as const;
    const { machine, monitors } = await replayed({ ...drawn, kernel: "default" }, true);
    const rows = mixed(drawn.seed, 3000, REQUESTERS.length, 400, 1);
    const by = (...requesters: number[]) => rows.filter(({ requester }) => requesters.includes(requester)).length;
    const accesses = machine
      .statistics()
      .filter((row) => row.accesses > 0)
      .map((row) => [`${keyOf(row)} EL${row.el}`, row.accesses]);
    expect(Object.fromEntries(accesses)).toEqual({
      "ns:5:1 EL0": by(0),
      "ns:6:0 EL0": by(2),
      "ns:0:0 EL1": by(1, 3),
      "ns:0:0 EL2": by(4),
    });
    const own = machine.statistics().find((row) => row.partid === 5);
    expect(monitors[0]).toBe(own?.bytesHeld);
    const inherited = await replayed({ ...drawn, kernel: "inherit" }, true);
    const both = inherited.machine.statistics().filter((row) => row.partid === 5);
    expect(both.map(({ el }) => el)).toEqual([0, 1]);
    expect(inherited.monitors[0]).toBe(both.reduce((sum, row) => sum + row.bytesHeld, 0));
  });

  test("goes on doing so from a snapshot, for traces that come later too", async () => {
    const machine = await powerOn({}, { byEl: true });
    const restored = await Machine.restore(machine.snapshot());
    await restored.replay([new FakeTrace("t", mixed(1, 100, 2, 10), { requesters: REQUESTERS.slice(0, 2) })]);
    expect(restored.statistics().flatMap(({ el, accesses }) => (accesses > 0 ? [el] : []))).toEqual([0, 1]);
  });
});
