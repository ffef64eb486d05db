/** Registers that are lost with their power, and what traffic goes by then (docs/firmware.md, "Cpus that come and go"). */
import { describe, expect, test } from "vitest";
import type { MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import { cache, channel, countsOf, get, msc, node, ns, ownPartids, put, set, slice, system } from "./systems.ts";

/** 256 lines a quantum. */
const CHANNEL = 256 * 64e6;

describe.each(memorySubjects)("$name", ({ create }) => {
  /** Undefined where the subject cannot lose them. */
  async function limited(): Promise<{ subject: MemorySubject; lose: () => void; lines: () => number } | undefined> {
    const one = msc({ mbw: { bwaWd: 8 }, mbwu: { monitors: 1, counter: 63 } });
    const subject = await create(system({ outstanding: 1000, nodes: [node({ bytesPerSecond: CHANNEL, msc: one })] }));
    if (subject.reset === undefined) return undefined;
    ownPartids(subject, 2);
    set(subject, 1, "MPAMCFG_MBW_MAX", { MAX: 31 << 8, HARDLIM: 1 });
    put(subject, "MSMON_CFG_MBWU_CTL", { EN: 1 });
    subject.load(Array.from({ length: 9000 }, (_, line) => ({ time: 0, line, requester: 1, op: 0, bytes: 64 })));
    const lose = subject.reset.bind(subject, 0);
    return { subject, lose, lines: () => countsOf(subject, channel, ns(1)).bytesRead / 64 };
  }

  test("a limit acts up to the next edge, and not beyond", async () => {
    const found = await limited();
    if (found === undefined) return;
    const { subject, lose, lines } = found;
    subject.runTo(10_000);
    const taken = [9, 10, 11, 12].map((quantum, i) => {
      if (i === 1) lose();
      const before = lines();
      subject.runTo((quantum + 2) * 1000);
      return lines() - before;
    });
    expect(taken).toEqual([32, 32, 256, 256]);
  });

  test("a count stops at once, and what passes is counted by nobody", async () => {
    const found = await limited();
    if (found === undefined) return;
    const { subject, lose } = found;
    subject.runTo(10_000);
    expect(get(subject, "MSMON_MBWU")).toBeGreaterThan(0);
    lose();
    subject.runTo(20_000);
    expect([get(subject, "MSMON_MBWU"), get(subject, "MSMON_CFG_MBWU_CTL")]).toEqual([0, 0x42]);
  });

  test("of two slices one loses its settings, and lines stay in both", async () => {
    const one = msc({ cpor: { cpbmWd: 4 } });
    const subject = await create(system({ caches: [cache({ sets: 4, slices: 2, msc: one })] }));
    if (subject.reset === undefined) return;
    for (const number of [0, 1]) set(subject, 0, "MPAMCFG_CPBM", 0b0001, { msc: number });
    const records = (from: number) =>
      Array.from({ length: 200 }, (_, i) => ({ time: from + i, line: i, requester: 0, op: 0, bytes: 64 }));
    subject.run(records(0));
    const held = () => [0, 1].map((index) => countsOf(subject, slice(index), ns(0)).lines);
    expect(held()).toEqual([4, 4]);
    subject.reset(1);
    expect(held()).toEqual([4, 4]);
    subject.edge();
    subject.run(records(1000));
    expect(held()).toEqual([4, 16]);
  });
});
