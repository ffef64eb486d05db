/** What each control of bandwidth gives to requesters that want all there is: shares within one percentage point of what they ask for. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MemoryConfig, MemoryRis, MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import { cache, channel, countsOf, msc, node, ns, ownPartids, put, set, system } from "./systems.ts";

/** Ten lines a quantum. */
const TEN_LINES = 640e6;
const WARM = 20;
const QUANTA = 200;

type Mbw = NonNullable<MemoryRis["mbw"]>;

/** A channel of ten lines a quantum with these controls; requester r has PARTID r, and its own cpu and cache if there are any. */
function regulated(
  mbw: Mbw,
  ris: Omit<MemoryRis, "ris" | "mbw"> = {},
  different: Partial<MemoryConfig> = {},
): MemoryConfig {
  const one = msc({ mbw, ...ris }, { endis: { nfu: "none" } });
  return system({ outstanding: 20, nodes: [node({ bytesPerSecond: TEN_LINES, msc: one })], ...different });
}

/** As many records as nobody can issue in the time, all at once, to lines of their own. */
function saturate(subject: MemorySubject, requester: number, count = 20 * (WARM + QUANTA)): void {
  const first = (requester + 1) * 2 ** 20;
  subject.load(Array.from({ length: count }, (_, i) => ({ time: 0, line: first + i, requester, op: 0, bytes: 64 })));
}

/** The MINs of reset would give everybody everything before anything else. */
function noMinimum(subject: MemorySubject, partids: number): void {
  for (let partid = 0; partid < partids; partid++) set(subject, partid, "MPAMCFG_MBW_MIN", { MIN: 0 });
}

/** What the first PARTIDs got of the channel after it has settled, in percent of all it can give. */
function sharesOf(subject: MemorySubject, partids: number): number[] {
  const bytes = () => Array.from({ length: partids }, (_, one) => countsOf(subject, channel, ns(one)).bytesRead);
  subject.runTo(WARM * 1000);
  const before = bytes();
  subject.runTo((WARM + QUANTA) * 1000);
  return bytes().map((now, one) => ((now - (before[one] ?? 0)) / (QUANTA * 640)) * 100);
}

function expectShares(found: readonly number[], wanted: readonly number[]): void {
  for (const [one, share] of wanted.entries()) {
    expect(Math.abs((found[one] ?? 0) - share), `PARTID ${one} has ${found[one]} %, not ${share}`).toBeLessThanOrEqual(
      1,
    );
  }
}

/** v of a maximum that is so many percent, 8 bits. */
function maximum(percent: number): number {
  return (Math.round(2.56 * percent) - 1) << 8;
}

describe.each(memorySubjects)("$name", ({ create }) => {
  async function shares(
    config: MemoryConfig,
    set: (subject: MemorySubject) => void,
    requesters: readonly number[],
  ): Promise<number[]> {
    const subject = await create(config);
    ownPartids(subject, 4);
    set(subject);
    for (const requester of requesters) saturate(subject, requester);
    return sharesOf(subject, 4);
  }

  const max = { bwaWd: 8 } as const;
  const everything = { bwaWd: 8, min: true, prop: true, bwpbmWd: 8 } as const;

  test("without controls all share alike", async () => {
    expectShares(await shares(regulated(max), () => {}, [0, 1, 2, 3]), [25, 25, 25, 25]);
  });

  test.each([
    { percent: 10, others: [] },
    { percent: 25, others: [2] },
    { percent: 75, others: [2, 3] },
  ])("a hard maximum of $percent % is not passed, and others have the rest: $others", async ({ percent, others }) => {
    const hard = (subject: MemorySubject) => set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: maximum(percent), HARDLIM: 1 });
    const found = await shares(regulated(max), hard, [1, ...others]);
    // Of three that share alike nobody has 75 %.
    const mine = Math.min(percent, others.length === 0 ? 100 : 100 / (others.length + 1));
    expectShares(found, [0, mine]);
    if (others.length > 0) expectShares([found.reduce((sum, share) => sum + share, 0)], [100]);
  });

  test("a soft maximum gives way when somebody else wants it, and to nobody else", async () => {
    const soft = (subject: MemorySubject) => set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: maximum(25) });
    expectShares(await shares(regulated(max), soft, [1]), [0, 100]);
    expectShares(await shares(regulated(max), soft, [1, 2]), [0, 25, 75]);
  });

  test("a minimum comes before all else; whoever has it shares what is left as others do", async () => {
    const config = regulated({ bwaWd: 8, min: true });
    const minimum = (MIN: number) => (subject: MemorySubject) => {
      noMinimum(subject, 4);
      set(subject, 1, "MPAMCFG_MBW_MIN", { MIN });
    };
    const sixty = minimum(0x9a00); // 154/256
    expectShares(await shares(config, sixty, [1, 2]), [0, 60, 40]);
    expectShares(await shares(config, sixty, [1, 2, 3]), [0, 60, 20, 20]);
    // An equal share is more than this minimum.
    expectShares(await shares(config, minimum(0x4000), [1, 2]), [0, 50, 50]);
  });

  test("a maximum holds against a larger minimum", async () => {
    const both = (subject: MemorySubject) => {
      noMinimum(subject, 4);
      set(subject, 1, "MPAMCFG_MBW_MIN", { MIN: 0x9a00 });
      set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: maximum(25), HARDLIM: 1 });
    };
    expectShares(await shares(regulated({ bwaWd: 8, min: true }), both, [1, 2]), [0, 25, 75]);
  });

  test("what one does not need goes to the others of the same preference", async () => {
    const subject = await create(regulated(max));
    ownPartids(subject, 4);
    // All ones limits nobody, and a hard limit has no Low preference to make up for anything.
    for (const one of [1, 2, 3]) set(subject, one, "MPAMCFG_MBW_MAX", { MAX: 0xffff, HARDLIM: 1 });
    const one = (_: unknown, i: number) => ({ time: 1000 * i, line: i, requester: 1, op: 0, bytes: 64 });
    subject.load(Array.from({ length: WARM + QUANTA }, one));
    for (const requester of [2, 3]) saturate(subject, requester);
    expectShares(sharesOf(subject, 4), [0, 10, 45, 45]);
  });

  test("strides share in inverse proportion", async () => {
    const config = regulated({ bwaWd: 8, prop: true });
    const strides = (subject: MemorySubject) => {
      set(subject, 1, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: 0 });
      set(subject, 2, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: 1 });
      set(subject, 3, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: 3 });
    };
    expectShares(await shares(config, strides, [1, 2, 3]), [0, 400 / 7, 200 / 7, 100 / 7]);
    expectShares(await shares(config, strides, [2, 3]), [0, 0, 200 / 3, 100 / 3]);
  });

  test("portions of the channel are had by those whose bits are set, and shared where they overlap", async () => {
    const config = regulated({ bwaWd: 0, max: false, bwpbmWd: 8 });
    const apart = (subject: MemorySubject) => {
      set(subject, 1, "MPAMCFG_MBW_PBM", 0b0000_0111);
      set(subject, 2, "MPAMCFG_MBW_PBM", 0b1111_1000);
    };
    expectShares(await shares(config, apart, [1, 2]), [0, 37.5, 62.5]);
    expectShares(await shares(config, apart, [1]), [0, 37.5]);
    const overlapping = (subject: MemorySubject) => set(subject, 2, "MPAMCFG_MBW_PBM", 0b0000_1111);
    expectShares(await shares(config, overlapping, [1, 2]), [0, 75, 25]);
  });

  test("whoever has no portion, or is disabled, has what nobody else wants", async () => {
    const last = (subject: MemorySubject) => {
      set(subject, 1, "MPAMCFG_MBW_PBM", 0);
      put(subject, "MPAMCFG_DIS", { PARTID: 2 });
    };
    expectShares(await shares(regulated(everything), last, [0, 1, 2]), [100, 0, 0]);
    expectShares(await shares(regulated(everything), last, [1, 2]), [0, 50, 50]);
  });

  test("the higher priority is served first", async () => {
    const config = regulated(max, { pri: { intpriWd: 3 } });
    const second = (subject: MemorySubject) => set(subject, 2, "MPAMCFG_PRI", { INTPRI: 1 });
    expectShares(await shares(config, second, [1, 2]), [0, 100, 0]);
    const low = regulated(max, { pri: { intpriWd: 3, intpri0IsLow: true } });
    expectShares(await shares(low, second, [1, 2]), [0, 0, 100]);
  });

  test("a priority that a cache gives its requests is that of the channel, where the channel has none of its own", async () => {
    const cpus = [0, 1];
    const caches = [cache({ cpus, msc: msc({ pri: { dspriWd: 2 } }) })];
    const config = regulated(max, {}, { caches, cpus: 2, requesters: [0, 1, 0, 1] });
    const second = (subject: MemorySubject) => set(subject, 2, "MPAMCFG_PRI", { DSPRI: 3 });
    expectShares(await shares(config, second, [1, 2]), [0, 100, 0]);
    const own = regulated(max, { pri: { intpriWd: 1 } }, { caches, cpus: 2, requesters: [0, 1, 0, 1] });
    expectShares(await shares(own, second, [1, 2]), [0, 50, 50]);
  });

  test.each([
    ["paced", [5, 5, 5, 5, 5, 5]],
    ["fixed", [10, 10, 0, 0, 10, 10]],
  ] as const)("a %s window of four quanta gives half of it so", async (window, lines) => {
    const subject = await create(regulated({ ...max, window, windwr: true }));
    ownPartids(subject, 2);
    set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: maximum(50), HARDLIM: 1 });
    put(subject, "MPAMCFG_MBW_WINWD", { US_INT: 3, US_FRAC: 1 }); // rounded up
    saturate(subject, 1, 200);
    const served = lines.map((_, quantum) => {
      const before = countsOf(subject, channel, ns(1)).bytesRead;
      subject.runTo((quantum + 1) * 1000);
      return (countsOf(subject, channel, ns(1)).bytesRead - before) / 64;
    });
    expect(served).toEqual(lines);
  });

  test("bytes that are no whole number in a quantum are not lost", async () => {
    const subject = await create(system({ outstanding: 4, nodes: [node({ bytesPerSecond: 32.9e6 })] }));
    saturate(subject, 0, 200);
    subject.runTo(100_000);
    // F(100) = 3290 bytes, less the 32 of the first quantum, in which nothing fitted: 50 lines and a rest.
    expect(countsOf(subject, channel, ns(0)).bytesRead).toBe(50 * 64);
  });

  /** Random settings of four PARTIDs, soft or hard. */
  const settings = fc.array(
    fc.record({
      MAX: fc.nat(0xffff),
      HARDLIM: fc.nat(1),
      MIN: fc.nat(0xffff),
      STRIDEM1: fc.nat(255),
      EN: fc.nat(1),
      bitmap: fc.nat(255),
    }),
    { minLength: 4, maxLength: 4 },
  );

  function write(
    subject: MemorySubject,
    all: typeof settings extends fc.Arbitrary<infer T> ? T : never,
    hard: boolean,
  ) {
    for (const [partid, { MAX, HARDLIM, MIN, STRIDEM1, EN, bitmap }] of all.entries()) {
      set(subject, partid, "MPAMCFG_MBW_MAX", { MAX, HARDLIM: hard ? HARDLIM : 0 });
      set(subject, partid, "MPAMCFG_MBW_MIN", { MIN });
      set(subject, partid, "MPAMCFG_MBW_PROP", { STRIDEM1, EN });
      set(subject, partid, "MPAMCFG_MBW_PBM", hard ? bitmap : 0xff);
    }
  }

  test("no quantum gives more than the channel has, whatever is set", async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.integer({ min: 30e6, max: 700e6 }), async (all, bytesPerSecond) => {
        const one = regulated(everything).nodes[0]?.msc;
        const subject = await create(
          system({ outstanding: 10, nodes: [node({ bytesPerSecond, ...(one && { msc: one }) })] }),
        );
        ownPartids(subject, 4);
        write(subject, all, true);
        for (const requester of [0, 1, 2, 3]) saturate(subject, requester, 200);
        for (let quantum = 1; quantum <= 20; quantum++) {
          subject.runTo(quantum * 1000);
          const served = subject.counts(channel).reduce((sum, one) => sum + one.bytesRead, 0);
          expect(served).toBeLessThanOrEqual(Math.floor((quantum * bytesPerSecond) / 1e6));
        }
      }),
      { numRuns: 25 },
    );
  });

  test("while somebody waits who is not held by a hard limit, the channel gives all it has", async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (all) => {
        const subject = await create(regulated(everything));
        ownPartids(subject, 4);
        write(subject, all, false);
        for (const requester of [0, 1, 2, 3]) saturate(subject, requester, 400);
        const served = () => subject.counts(channel).reduce((sum, one) => sum + one.bytesRead, 0);
        subject.runTo(1000);
        for (let quantum = 1; quantum < 20; quantum++) {
          const known = subject.waiting().held * 64;
          const before = served();
          subject.runTo((quantum + 1) * 1000);
          // What is granted to somebody and is less than a line, or less than a byte for each, is not served at once.
          expect(served() - before).toBeGreaterThan(Math.min(known, 640) - 4 * 64);
        }
        // But it is not lost.
        expect(served()).toBeGreaterThanOrEqual(20 * 640 - 4 * 64 - 20 * 8 * 4);
      }),
      { numRuns: 25 },
    );
  });
});
