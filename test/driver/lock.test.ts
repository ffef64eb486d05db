// The order of locks, and leases that end.

import { describe, expect, test } from "vitest";
import { Lock, NOTHING_HELD } from "../../src/driver/lock.ts";
import { Msc } from "../../src/driver/msc.ts";
import { CACHE_RIS, firmwareFor } from "./machine.ts";
import { FakePage } from "./page.ts";

function mscOn(page: FakePage, id = 0): Msc {
  const [described] = firmwareFor([{ ris: [CACHE_RIS] }]).mscs;
  const bus = {
    sleeps: false,
    read32: async (offset: number) => page.read32(offset),
    write32: async (offset: number, value: number) => page.write32(offset, value),
  };
  return new Msc({ ...described!, id }, bus, () => {});
}

describe("locks", () => {
  test("a lock is given out in the order it was asked for, one bearer at a time", async () => {
    const lock = new Lock("cfg", "MSC 0");
    const seen: string[] = [];
    await Promise.all(
      [0, 1, 2, 3].map((n) =>
        lock.run(NOTHING_HELD, async () => {
          seen.push(`in ${n}`);
          // The earlier, the longer: without the lock the last would leave first.
          for (let turns = 0; turns < 20 - 5 * n; turns++) await undefined;
          seen.push(`out ${n}`);
        }),
      ),
    );
    expect(seen).toEqual([0, 1, 2, 3].flatMap((n) => [`in ${n}`, `out ${n}`]));
  });

  test("a body that throws lets the lock go", async () => {
    const lock = new Lock("cfg", "MSC 0");
    await expect(lock.run(NOTHING_HELD, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(lock.run(NOTHING_HELD, async () => 1)).resolves.toBe(1);
  });

  test("locks are taken in the order probe, cfg, part_sel, mon_sel and in no other", async () => {
    const names = ["probe", "cfg", "part_sel", "mon_sel"] as const;
    for (const [at, outer] of names.entries()) {
      for (const [then, inner] of names.entries()) {
        const taken = new Lock(outer, "MSC 0").run(NOTHING_HELD, (holding) =>
          new Lock(inner, "MSC 0").run(holding, async () => "both"),
        );
        if (at < then) await expect(taken).resolves.toBe("both");
        else await expect(taken).rejects.toThrow("the order is probe, cfg, part_sel, mon_sel");
      }
    }
  });

  test("nobody takes a lock of one MSC while holding one of another", async () => {
    const [one, other] = [mscOn(new FakePage({ ris: [] }), 0), mscOn(new FakePage({ ris: [] }), 1)];
    const nested = one.cfgLock.run(NOTHING_HELD, (holding) => other.withPart(0, 0, async () => {}, holding));
    await expect(nested).rejects.toThrow("one MSC at a time");
  });

  test("what was held earlier is no proof of holding it now", async () => {
    const lock = new Lock("cfg", "MSC 0");
    const old = await lock.run(NOTHING_HELD, async (holding) => holding);
    await expect(new Lock("part_sel", "MSC 0").run(old, async () => {})).rejects.toThrow("let go");
  });
});

describe("leases", () => {
  test("registers kept past the end of a lease throw, and touch nothing", async () => {
    const page = new FakePage({ ris: [CACHE_RIS] });
    const msc = mscOn(page);
    const parts = await msc.withPart(0, 1, async (regs) => regs);
    const monitors = await msc.withMonitor(0, 1, async (regs) => regs);
    page.forget();
    await expect(parts.read32(0x1000)).rejects.toThrow("after its part_sel lease ended");
    await expect(parts.write32(0x1000, 1)).rejects.toThrow("after its part_sel lease ended");
    await expect(parts.selectInternal()).rejects.toThrow("after its part_sel lease ended");
    await expect(monitors.read32(0x840)).rejects.toThrow("after its mon_sel lease ended");
    expect(page.accesses).toEqual([]);
  });

  test("a write past the window that firmware describes is made, and reported once", async () => {
    const reports: string[] = [];
    const page = new FakePage({ ris: [CACHE_RIS] });
    const [described] = firmwareFor([{ ris: [CACHE_RIS] }]).mscs;
    const bus = { sleeps: false, read32: async () => 0, write32: async (o: number, v: number) => page.write32(o, v) };
    const msc = new Msc({ ...described!, bytes: 0x1000 }, bus, (_, text) => reports.push(text));
    await msc.withPart(0, 0, async (regs) => {
      // The last word of the window is inside it.
      await regs.write32(0xffc, 1);
      expect(reports).toEqual([]);
      await regs.write32(0x1000, 1);
      await regs.write32(0x1004, 1);
    });
    expect(page.accesses).toHaveLength(4);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("0x1000");
  });
});
