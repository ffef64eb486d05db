// Who gets how much of a full channel: the shares that programmed fractions, strides, portions and priorities ask for,
// worked out by hand, against the hardware over a thousand quanta.

import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { memoryMachine } from "../helpers/memory-machine.ts";
import type { MemoryRis, MemorySubject } from "../helpers/memory-subject.ts";
import { channel, countsOf, msc, node, ns, ownPartids, put, set, system } from "./systems.ts";

/** Lines the channel serves in a quantum, quanta that are measured, and quanta before that. */
const LINES = 25;
const QUANTA = 1000;
const SETTLING = 50;

interface Settings {
  /** MPAMCFG_MBW_MAX.MAX as a whole of 2^width - 1, and HARDLIM. */
  readonly max?: number;
  readonly hard?: boolean;
  readonly min?: number;
  /** 1 and up. */
  readonly stride?: number;
  readonly portions?: number;
  readonly priority?: number;
  readonly disabled?: boolean;
}

interface Case {
  readonly what: string;
  readonly mbw: NonNullable<MemoryRis["mbw"]>;
  readonly pri?: MemoryRis["pri"];
  readonly settings: readonly Settings[];
  /** Percent of the channel. */
  readonly shares: readonly number[];
}

const wide = (bwaWd: number) => ({ bwaWd });
const hard = (max: number): Settings => ({ max, hard: true });
const soft = (max: number): Settings => ({ max });
const free: Settings = {};

const MIN = { bwaWd: 8, min: true } as const;
const PROP = { bwaWd: 8, prop: true } as const;
const PBM = (bwpbmWd: number) => ({ bwaWd: 8, bwpbmWd });
const PRI = { intpriWd: 3, intpri0IsLow: true } as const;
const strides = (...list: number[]) => list.map((stride) => ({ stride }));
const bitmaps = (...list: number[]) => list.map((portions) => ({ portions }));

const CASES: readonly Case[] = [
  // A hard limit of (v + 1) / 2^W; who has none takes the rest.
  { what: "hard 1/2 of one bit", mbw: wide(1), settings: [hard(0), free], shares: [50, 50] },
  { what: "hard 1/8", mbw: wide(3), settings: [hard(0), free], shares: [12.5, 87.5] },
  { what: "hard 3/8", mbw: wide(3), settings: [hard(2), free], shares: [37.5, 62.5] },
  { what: "hard 5/16", mbw: wide(4), settings: [hard(4), free], shares: [31.25, 68.75] },
  { what: "hard 13/128", mbw: wide(7), settings: [hard(12), free], shares: [10.16, 89.84] },
  { what: "hard 1/256", mbw: wide(8), settings: [hard(0), free], shares: [0.39, 99.61] },
  { what: "hard 205/1024", mbw: wide(10), settings: [hard(204), free], shares: [20.02, 79.98] },
  { what: "hard 6554/65536", mbw: wide(16), settings: [hard(6553), free], shares: [10, 90] },
  { what: "hard 3/4 is no more than half beside another", mbw: wide(2), settings: [hard(2), free], shares: [50, 50] },
  { what: "two hard limits leave the channel idle", mbw: wide(8), settings: [hard(63), hard(31)], shares: [25, 12.5] },
  { what: "hard alone", mbw: wide(8), settings: [hard(76)], shares: [30.08] },
  {
    what: "three hard limits that fill it",
    mbw: wide(8),
    settings: [hard(127), hard(63), hard(63)],
    shares: [50, 25, 25],
  },
  { what: "all ones is no limit", mbw: wide(8), settings: [hard(255), hard(63)], shares: [75, 25] },
  // A soft limit holds while others want what is left.
  { what: "soft 1/4", mbw: wide(8), settings: [soft(63), free], shares: [25, 75] },
  { what: "soft 1/10", mbw: wide(16), settings: [soft(6553), free], shares: [10, 90] },
  { what: "soft alone has everything", mbw: wide(8), settings: [soft(25)], shares: [100] },
  { what: "two soft ones share what is over", mbw: wide(8), settings: [soft(63), soft(63)], shares: [50, 50] },
  { what: "and each has its own first", mbw: wide(8), settings: [soft(191), soft(31)], shares: [75, 25] },
  { what: "soft gives way to hard", mbw: wide(8), settings: [soft(63), hard(63)], shares: [75, 25] },
  { what: "soft of three", mbw: wide(8), settings: [soft(25), free, free], shares: [10.16, 44.92, 44.92] },
  // A minimum comes first, and counts.
  { what: "min 1/2 of three", mbw: MIN, settings: [{ min: 128 }, free, free], shares: [50, 25, 25] },
  { what: "min 3/5", mbw: MIN, settings: [{ min: 154 }, free], shares: [60.16, 39.84] },
  { what: "min below what it gets anyway", mbw: MIN, settings: [{ min: 77 }, free], shares: [50, 50] },
  { what: "two minima that fill it", mbw: MIN, settings: [{ min: 192 }, { min: 64 }], shares: [75, 25] },
  {
    what: "min of one and hard limit of another",
    mbw: MIN,
    settings: [{ min: 205 }, hard(25)],
    shares: [89.84, 10.16],
  },
  {
    what: "max below min holds",
    mbw: MIN,
    settings: [{ min: 205, max: 51, hard: true }, free],
    shares: [20.31, 79.69],
  },
  {
    what: "minima of four",
    mbw: MIN,
    settings: [{ min: 102 }, { min: 77 }, free, free],
    shares: [39.84, 30.08, 15.04, 15.04],
  },
  // Strides: in inverse proportion.
  { what: "equal strides", mbw: PROP, settings: strides(7, 7), shares: [50, 50] },
  { what: "strides 1 and 2", mbw: PROP, settings: strides(1, 2), shares: [66.67, 33.33] },
  { what: "strides 1 and 3", mbw: PROP, settings: strides(1, 3), shares: [75, 25] },
  { what: "strides 2 and 3", mbw: PROP, settings: strides(2, 3), shares: [60, 40] },
  { what: "strides 1, 2 and 4", mbw: PROP, settings: strides(1, 2, 4), shares: [57.14, 28.57, 14.29] },
  { what: "strides 1 and 10", mbw: PROP, settings: strides(1, 10), shares: [90.91, 9.09] },
  { what: "strides 5 and 7", mbw: PROP, settings: strides(5, 7), shares: [58.33, 41.67] },
  { what: "strides 1 and 200", mbw: PROP, settings: strides(1, 200), shares: [99.5, 0.5] },
  { what: "no stride is stride 1", mbw: PROP, settings: [free, { stride: 4 }], shares: [80, 20] },
  {
    what: "strides share what a limit leaves",
    mbw: PROP,
    settings: [hard(25), { stride: 1 }, { stride: 2 }],
    shares: [10.16, 59.9, 29.95],
  },
  // Portions: each is divided among those who may use it.
  { what: "disjoint halves", mbw: PBM(8), settings: bitmaps(0x0f, 0xf0), shares: [50, 50] },
  { what: "a quarter and the rest", mbw: PBM(8), settings: bitmaps(0x03, 0xfc), shares: [25, 75] },
  { what: "the same half", mbw: PBM(8), settings: bitmaps(0x0f, 0x0f), shares: [25, 25] },
  { what: "overlapping halves", mbw: PBM(4), settings: bitmaps(0b0011, 0b0110), shares: [37.5, 37.5] },
  { what: "one within the other", mbw: PBM(16), settings: bitmaps(0x000f, 0xffff), shares: [12.5, 87.5] },
  { what: "a tenth", mbw: PBM(10), settings: bitmaps(1, 0x3fe), shares: [10, 90] },
  { what: "thirds of nine", mbw: PBM(9), settings: bitmaps(0o007, 0o070, 0o700), shares: [33.33, 33.33, 33.33] },
  { what: "one of forty alone", mbw: PBM(40), settings: bitmaps(1), shares: [2.5] },
  {
    what: "portions and a hard limit",
    mbw: PBM(4),
    settings: [{ portions: 0b0011, ...hard(25) }, { portions: 0b1111 }],
    shares: [10.16, 89.84],
  },
  // Priority decides among equals.
  {
    what: "the higher priority",
    mbw: wide(8),
    pri: PRI,
    settings: [{ priority: 5 }, { priority: 2 }],
    shares: [100, 0],
  },
  {
    what: "the higher priority within its limit",
    mbw: wide(8),
    pri: PRI,
    settings: [{ priority: 5, ...hard(76) }, { priority: 2 }],
    shares: [30.08, 69.92],
  },
  {
    what: "a soft limit comes before priority",
    mbw: wide(8),
    pri: PRI,
    settings: [{ priority: 7, ...soft(51) }, { priority: 0 }],
    shares: [20.31, 79.69],
  },
  {
    what: "equal priorities share",
    mbw: wide(8),
    pri: PRI,
    settings: [{ priority: 3 }, { priority: 3 }, { priority: 1 }],
    shares: [50, 50, 0],
  },
  // And who is disabled waits for all others.
  { what: "disabled", mbw: wide(8), settings: [{ disabled: true }, free], shares: [0, 100] },
  { what: "disabled beside a limit", mbw: wide(8), settings: [{ disabled: true }, hard(76)], shares: [69.92, 30.08] },
];

function program(subject: MemorySubject, { mbw, pri, settings }: Case): void {
  settings.forEach((one, partid) => {
    const fraction = (value: number) => value << (16 - mbw.bwaWd);
    if (one.max !== undefined)
      set(subject, partid, "MPAMCFG_MBW_MAX", { MAX: fraction(one.max), HARDLIM: one.hard ? 1 : 0 });
    if (mbw.min) set(subject, partid, "MPAMCFG_MBW_MIN", { MIN: fraction(one.min ?? 0) });
    if (one.stride !== undefined) set(subject, partid, "MPAMCFG_MBW_PROP", { EN: 1, STRIDEM1: one.stride - 1 });
    if (one.portions !== undefined) set(subject, partid, "MPAMCFG_MBW_PBM", one.portions);
    // The second word of a wide bitmap.
    if (one.portions !== undefined && (mbw.bwpbmWd ?? 0) > 32)
      subject.write32(0, offsetOf("MPAMCFG_MBW_PBM") + 4, 0, "ns");
    if (pri) set(subject, partid, "MPAMCFG_PRI", { INTPRI: one.priority ?? 0 });
    if (one.disabled) put(subject, "MPAMCFG_DIS", { PARTID: partid });
  });
}

describe("shares of a full channel, within one percentage point", () => {
  test.each(CASES.map((one) => [one.what, one] as const))("%s", async (_, one) => {
    const subject = await memoryMachine(
      system({
        outstanding: 2 * LINES,
        nodes: [
          node({
            bytesPerSecond: LINES * 64e6,
            msc: msc({ mbw: one.mbw, ...(one.pri ? { pri: one.pri } : {}) }, { endis: { nfu: "none" } }),
          }),
        ],
      }),
    );
    ownPartids(subject, one.settings.length);
    program(subject, one);
    one.settings.forEach((_, requester) => {
      const count = LINES * (QUANTA + SETTLING + 4);
      subject.load(
        Array.from({ length: count }, (_, i) => ({
          time: 0,
          line: requester * 2 ** 20 + i,
          requester,
          op: 0,
          bytes: 64,
        })),
      );
    });
    const bytes = () => one.settings.map((_, partid) => countsOf(subject, channel, ns(partid)).bytesRead);
    subject.runTo(SETTLING * 1000);
    const before = bytes();
    subject.runTo((SETTLING + QUANTA) * 1000);
    const shares = bytes().map((now, partid) => ((now - (before[partid] ?? 0)) / (QUANTA * LINES * 64)) * 100);
    expect(
      shares.map((share, i) => Math.abs(share - (one.shares[i] ?? 0)) <= 1),
      `${shares}, not ${one.shares}`,
    ).toEqual(one.shares.map(() => true));
    // A line at most is begun before the time that is measured and ends in it.
    expect(shares.reduce((sum, share) => sum + share)).toBeLessThanOrEqual(100.001 + 100 / (QUANTA * LINES));
  });
});
