// Leases that end.

import { describe, expect, test } from "vitest";
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
