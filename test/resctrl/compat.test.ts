// What kernel 7.3.4 does that is hazardous: repaired, and kept with `compat: "linux-7.3"`. What of it shows in files is
// tested in test/fs.

import { describe, expect, test } from "vitest";
import {
  bandwidthGranularity,
  cntrRead,
  configCntr,
  disableCdp,
  enableCdp,
  getCdpEnabled,
  getResource,
  judge,
  LINUX_7_3,
  monCtxAlloc,
  monCtxFree,
  pick,
  preconvertBw,
  REPAIRED,
  rmidRead,
  setCdpEnabled,
  setupArch,
  updateOne,
} from "../../src/resctrl/index.ts";
import { type FakeShape, fakeDriver } from "../fs/fakes.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { archOf, control, held, monitored, outcome } from "./machine.ts";

const COMPAT = { compat: "linux-7.3" } as const;
const EXPERT = { expert: true };
const BOTH = [
  ["repaired", undefined],
  ["with compat", "linux-7.3"],
] as const;

test("what the driver was asked for holds here too, and each hazard has a field", async () => {
  expect((await archOf()).arch.odd).toBe(REPAIRED);
  expect((await archOf(COMPAT)).arch.odd).toBe(LINUX_7_3);
  expect(Object.keys(REPAIRED)).toEqual(Object.keys(LINUX_7_3));
  expect([new Set(Object.values(REPAIRED)), new Set(Object.values(LINUX_7_3))]).toEqual([
    new Set([false]),
    new Set([true]),
  ]);
});

describe("bandwidth counters at memory, and at the L3 (2.3)", () => {
  function bothCount(shape: FakeShape, memoryFirst: boolean) {
    const driver = fakeDriver({ l3: { 3: [0, 1, 2, 3, 4, 5, 6, 7] }, bandwidth: "memory", ...shape });
    const [l3] = driver.classes;
    l3!.props.features.add("msmon_mbwu");
    Object.assign(l3!.props, { numMbwuMon: 2 });
    if (memoryFirst) driver.classes.reverse();
    return driver;
  }

  test.each([
    [false, false, "cache"],
    [false, true, "cache"],
    [true, false, "cache"],
    [true, true, "memory"],
  ])("compat %s, memory first %s: the %s counts", (compat, memoryFirst, type) => {
    const driver = bothCount(compat ? COMPAT : {}, memoryFirst);
    expect(pick(driver, "mbm_total_bytes")!.type).toBe(type);
    const verdicts = driver.classes.map((c) => [c.type, judge(driver, c, "mbm_total_bytes").outcome]);
    expect(Object.fromEntries(verdicts)).toEqual({ cache: "other", memory: "other", [type]: "exported" });
  });
});

describe("CDP that is refused (6)", () => {
  test("leaves its flags, but no labels; repaired it leaves nothing", async () => {
    for (const [, compat] of BOTH) {
      const { arch, driver } = await archOf({ partidMax: 0, l2Wd: 8, compat });
      const before = held(arch, driver);
      expect(await outcome((async () => setCdpEnabled(arch, "L3", true, EXPERT))())).toBe("EINVAL");
      // One PARTID of two PMGs: two indices, one of them under CDP. The number of counters is a later step.
      const stays = { on: true, split: ["L3"], mb: false, numRmid: 1 };
      expect(held(arch, driver)).toEqual(compat ? { ...before, ...stays } : before);
      disableCdp(arch);
      expect(held(arch, driver)).toEqual(before);
    }
  });

  test("at mount: the L2's leaves CDP on, the L3's leaves the L3 split though CDP is off", async () => {
    for (const [, compat] of BOTH) {
      const flags = async (asked: { cdp?: boolean; cdpl2?: boolean }) => {
        const { arch } = await archOf({ partidMax: 0, l2Wd: 8, compat });
        expect(() => enableCdp(arch, { ...asked, ...EXPERT })).toThrow(expect.objectContaining({ code: "EINVAL" }));
        return [arch.cdpEnabled, getCdpEnabled(arch, "L2"), getCdpEnabled(arch, "L3")];
      };
      expect(await flags({ cdpl2: true })).toEqual([compat !== undefined, compat !== undefined, false]);
      expect(await flags({ cdp: true })).toEqual([false, false, compat !== undefined]);
    }
  });

  test("for want of an expert changes nothing in either", async () => {
    for (const [, compat] of BOTH) {
      const { arch, driver } = await archOf({ compat });
      const before = held(arch, driver);
      expect(await outcome((async () => enableCdp(arch, { cdp: true }))())).toBe("EOPNOTSUPP");
      expect(held(arch, driver)).toEqual(before);
    }
  });
});

describe("bandwidth that is rounded up first (7)", () => {
  test.each(Object.entries(golden.fixed_point.per_width))("a control of %s bits", async (width, expected) => {
    const wd = Number(width);
    for (const [, compat] of BOTH) {
      const { arch, driver } = await archOf({ bwaWd: wd, compat });
      const [mb, d] = control(arch, "MB");
      expect(mb.membw.bwGran).toBe(expected.bw_gran);
      const column = compat ? expected.parse_roundup_then_mbw_max_v7_1_to_v7_3 : expected.percent_to_mbw_max;
      for (const [percent, value] of column.entries()) {
        await updateOne(arch, mb, d, 0, "none", preconvertBw(mb, percent));
        expect(driver.applied.at(-1)!.config.mbwMax, `${percent} %`).toBe(Number(value));
      }
    }
  });

  test("rounding is to the next step, and of nothing where there is none", async () => {
    const { arch } = await archOf({ bwaWd: 3, ...COMPAT });
    const mb = getResource(arch, "MB");
    expect([13, 14, 26, 40, 100].map((percent) => preconvertBw(mb, percent))).toEqual([13, 26, 26, 52, 104]);
    expect(preconvertBw({ ...mb, membw: { ...mb.membw, bwGran: bandwidthGranularity(0) } }, 40)).toBe(40);
  });
});

describe("a signal while waiting for a monitor (10.1)", () => {
  async function signalled(shape: FakeShape) {
    const { arch, driver } = await archOf({ csu: 1, ...shape });
    const first = await monCtxAlloc(arch, "llc_occupancy");
    const abort = new AbortController();
    const second = outcome(monCtxAlloc(arch, "llc_occupancy", abort.signal));
    abort.abort();
    return { arch, driver, first, second: await second };
  }

  test("ends the reading", async () => {
    expect((await signalled({})).second).toBe("EINTR");
  });

  test("with compat lets it go on with a number that no monitor has: refused, and so is giving it back", async () => {
    const { arch, driver, first, second } = await signalled(COMPAT);
    if (typeof second === "string") throw new Error(second);
    expect(second.mon).toBe(-512);
    expect(await outcome(rmidRead(arch, monitored(arch), 1, 0, "llc_occupancy", second))).toBe("EINVAL");
    monCtxFree(arch, second);
    expect(driver.log).toEqual(["warning: llc_occupancy: freeing monitor -512, which is not allocated"]);
    expect([...driver.taken.csu]).toEqual([0]);
    monCtxFree(arch, first);
    expect([driver.taken.csu.size, arch.monitorsHeld]).toEqual([0, 0]);
  });
});

test("monitors that resctrl has none of are not waited for (10.1); with compat they are, until a signal comes", async () => {
  for (const [, compat] of BOTH) {
    const { arch, driver } = await archOf({ csu: 1, compat });
    driver.taken.csu.add(0);
    const abort = new AbortController();
    const waiting = outcome(monCtxAlloc(arch, "llc_occupancy", abort.signal));
    const soon = new Promise((resolve) => setTimeout(resolve, 5, "waits"));
    expect(await Promise.race([waiting, soon])).toBe(compat ? "waits" : "EINVAL");
    abort.abort();
    await waiting;
  }
});

test("an occupancy under CDP is what it is (10.2); with compat it is added to the last one", async () => {
  for (const [, compat] of BOTH) {
    const { arch, driver } = await archOf({ compat });
    driver.occupancy.set("0/2/0", 10n);
    driver.occupancy.set("0/4/0", 300n);
    driver.occupancy.set("0/5/0", 40n);
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    const read = (closid: number, before: bigint) =>
      rmidRead(arch, monitored(arch), closid, 0, "llc_occupancy", ctx, before);
    expect(await read(2, 5n)).toBe(10n);
    setCdpEnabled(arch, "L3", true, EXPERT);
    const first = await read(1, 0n);
    expect([first, await read(2, first)]).toEqual(compat ? [10n, 350n] : [10n, 340n]);
  }
});

describe("one table of counters for all domains (10.3)", () => {
  async function assigned(shape: FakeShape) {
    const { arch, driver } = await archOf(shape);
    const [zero, one] = [monitored(arch, 0), monitored(arch, 1)];
    await configCntr(arch, zero, "mbm_total_bytes", 0, 2, 3, true);
    await configCntr(arch, one, "mbm_total_bytes", 0, 2, 4, true);
    driver.requests.length = 0;
    const read = (d: typeof zero) => outcome(cntrRead(arch, d, 2, 0, "mbm_total_bytes"));
    return { arch, driver, zero, one, read };
  }

  test.each(BOTH)("%s: another number in another domain", async (_, compat) => {
    const { driver, zero, one, read } = await assigned({ compat });
    await read(zero);
    await read(one);
    expect(driver.requests.map(({ mon }) => mon)).toEqual(compat ? [4, 4] : [3, 4]);
  });

  test.each(BOTH)("%s: a counter taken away in one domain", async (_, compat) => {
    const { arch, zero, one, read } = await assigned({ compat });
    await configCntr(arch, zero, "mbm_total_bytes", 0, 2, 3, false);
    expect([await read(zero), await read(one)]).toEqual(["ENOENT", compat ? "ENOENT" : 0n]);
  });
});

test("a counter counts from when it is assigned (10.3); with compat from when it is read for the first time", async () => {
  for (const [, compat] of BOTH) {
    const { arch, driver } = await archOf({ compat });
    await configCntr(arch, monitored(arch), "mbm_total_bytes", 1, 2, 0, true);
    expect(driver.requests.length).toBe(compat ? 0 : 1);
    expect(driver.resets).toEqual([{ id: 0, mon: 0 }]);
  }
});

test("a snapshot has what compat keeps: flags of CDP that was refused, the one table", async () => {
  const { saveArch } = await import("../../src/resctrl/index.ts");
  const { arch, driver } = await archOf({ partidMax: 0, mbwu: 2, ...COMPAT });
  await configCntr(arch, monitored(arch), "mbm_total_bytes", 1, 0, 1, true);
  expect(() => enableCdp(arch, { cdp: true, ...EXPERT })).toThrow();
  const again = await setupArch(driver, { saved: JSON.parse(JSON.stringify(saveArch(arch))) });
  expect([again.cdpEnabled, getCdpEnabled(again, "L3"), getResource(again, "L3").mon.numCntrs]).toEqual([
    false,
    true,
    getResource(arch, "L3").mon.numCntrs,
  ]);
  expect(monitored(again, 1).monitorOfIndex).toBe(again.counterTable);
  expect([...again.counterTable]).toEqual([[1, 1]]);
});
