// A machine with MSCs behind firmware mailboxes: the same driver, and messages in place of loads and stores.

import { describe, expect, test } from "vitest";
import { type Component, Driver, type MpamClass } from "../../src/driver/index.ts";
import { type Fault, Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const PLATFORM = new URL("../../platforms/firmware-backed.yaml", import.meta.url);

// MSCs in the order of the file: eight L2s with pages, four slices of the L3 behind mailbox 0, two channels behind mailbox 2.
const L3_SLICES = [8, 9, 10, 11];
const CHANNELS = [12, 13];
/** What a message takes there. */
const L3_NS = 5000;
const MEMORY_NS = 40_000;

async function powerOn(): Promise<Machine> {
  return Machine.create(await loadPlatform(PLATFORM));
}

function classOf(driver: Driver, level: number): MpamClass {
  const found = driver.classes.find((one) => one.level === level);
  if (found === undefined) throw new Error(`no class of level ${level}`);
  return found;
}

function l3Of(driver: Driver): Component {
  return classOf(driver, 3).components[0]!;
}

/** Portions of a PARTID as a debugger reads them. */
function portions(machine: Machine, msc: number, partid: number): number {
  machine.write32(msc, 0x100, partid);
  return machine.read32(msc, 0x1000);
}

describe("firmware-backed", () => {
  test("is found to be what its platform file says, by page and by message alike", async () => {
    const driver = await Driver.probe(await powerOn());
    expect([driver.enabled, driver.partidMax, driver.pmgMax]).toEqual([true, 15, 1]);
    expect(driver.classes.map(({ type, level }) => [type, level])).toEqual([
      ["cache", 2],
      ["cache", 3],
      ["memory", 255],
    ]);
    expect(classOf(driver, 2).components).toHaveLength(8);
    expect(classOf(driver, 3).props).toMatchObject({ cpbmWd: 16, numCsuMon: 8, numMbwuMon: 8 });
    expect(classOf(driver, 3).props.features).toContain("msmon_mbwu_63counter");
    expect(classOf(driver, 255).props).toMatchObject({ bwaWd: 7, numMbwuMon: 4 });
  });

  test("gets every setting to all parts of a component, and has it from firmware's hand", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const callers = new Set<string>();
    const stop = machine.log("*", ({ msc, by }) => callers.add(`${msc < 8 ? "page" : "mailbox"} ${by}`));
    await driver.apply(l3Of(driver), 3, { cpbm: 0x00f0 });
    await driver.apply(classOf(driver, 2).components[5]!, 3, { cpbm: 0x0f });
    stop();
    expect(callers).toEqual(new Set(["mailbox firmware", "page driver"]));
    for (const msc of L3_SLICES) {
      expect([2, 3, 4].map((partid) => portions(machine, msc, partid))).toEqual([0xffff, 0x00f0, 0xffff]);
    }
    await driver.resetClass(classOf(driver, 3));
    for (const msc of L3_SLICES) expect(portions(machine, msc, 3)).toBe(0xffff);
  });

  test("takes the time of its messages: two for a setting, and none for a page", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = machine.clock.now;
      await work();
      return machine.clock.now - before;
    };
    // PART_SEL and the setting, in each of the parts.
    expect(await timeOf(() => driver.apply(l3Of(driver), 3, { cpbm: 1 }))).toBe(L3_SLICES.length * 2 * L3_NS);
    const memory = classOf(driver, 255).components[0]!;
    expect(await timeOf(() => driver.apply(memory, 3, { mbwMax: 0x3e00 }))).toBe(CHANNELS.length * 2 * MEMORY_NS);
    const l2 = classOf(driver, 2).components[0]!;
    expect(await timeOf(() => driver.apply(l2, 3, { cpbm: 1 }))).toBe(0);
  });

  test("gives readings of an idle machine, after the time that monitors need", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const request = { mon: 0, partid: 1, pmg: 1, matchPmg: true } as const;
    expect(await driver.readMonitor(l3Of(driver), { ...request, type: "csu" })).toBe(0n);
    expect(await driver.readMonitor(l3Of(driver), { ...request, type: "mbwu" })).toBe(0n);
    const memory = classOf(driver, 255).components[0]!;
    expect(await driver.readMonitor(memory, { ...request, type: "mbwu" })).toBe(0n);
    expect(driver.enabled).toBe(true);
  });

  test("lets two channels work side by side, and one serve its MSCs one after the other", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const before = machine.clock.now;
    const memory = classOf(driver, 255).components[0]!;
    await Promise.all([
      driver.apply(l3Of(driver), 3, { cpbm: 1 }),
      driver.readMonitor(l3Of(driver), { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false }),
      driver.apply(memory, 3, { mbwMax: 0x3e00 }),
    ]);
    // A slice is asked for: PART_SEL, CPBM; MON_SEL, CTL, FLT, four writes that configure the monitor, its value; and, after the
    // time that it needs, MON_SEL, CTL, FLT, its value. What memory is asked for takes 160 us in the meantime.
    expect(machine.clock.now - before).toBe(L3_SLICES.length * (2 + 8 + 4) * L3_NS + 20_000);
  });

  test("is the same twice, to the nanosecond", async () => {
    const run = async (): Promise<unknown[]> => {
      const machine = await powerOn();
      const accesses: unknown[] = [];
      const stop = machine.log("*", ({ msc, offset, access, value, by }) =>
        accesses.push([machine.clock.now, msc, offset, access, value, by].join()),
      );
      const driver = await Driver.probe(machine);
      await Promise.all([
        ...[1, 2, 3].map((partid) => driver.apply(l3Of(driver), partid, { cpbm: partid })),
        driver.apply(classOf(driver, 255).components[0]!, 1, { mbwMax: 0x1e00 }),
        driver.readMonitor(l3Of(driver), { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false }),
      ]);
      stop();
      return accesses;
    };
    const first = await run();
    expect(first.length).toBeGreaterThan(500);
    expect(await run()).toEqual(first);
  });
});

/** A running machine, and what disabling is told. */
async function running() {
  const machine = await powerOn();
  const driver = await Driver.probe(machine);
  await driver.apply(l3Of(driver), 3, { cpbm: 0x00f0 });
  await driver.apply(classOf(driver, 2).components[5]!, 3, { cpbm: 0x0f });
  let told = 0;
  driver.onDisable(() => void told++);
  return { machine, driver, told: () => told };
}

/** What is thrown. */
function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable("it went well"),
    (error: unknown) => error,
  );
}

/** A few messages for each MSC as MPAM is disabled, each given up after a tenth of a second or two. */
const LONGEST_NS = 3e9;

describe("when a mailbox fails", () => {
  test.each<[string, Fault, string]>([
    ["is silent", { kind: "mailbox", subspace: 0, how: "silent" }, "ETIMEDOUT"],
    ["answers too late", { kind: "mailbox", subspace: 0, how: "slow", ns: 150_000_000 }, "ETIMEDOUT"],
    ["answers with another token", { kind: "mailbox", subspace: 0, how: "corrupt" }, "ETIMEDOUT"],
    ["answers with an error", { kind: "mailbox", subspace: 0, how: "corrupt", what: "status" }, "EINVAL"],
    ["stays busy", { kind: "mailbox", subspace: 0, how: "corrupt", what: "busy" }, "ETIMEDOUT"],
    ["finds its MSC gone", { kind: "msc-gone", msc: 8 }, "EINVAL"],
  ])("because it %s, the caller gets EIO, MPAM is disabled once, and nothing hangs", async (_, fault, code) => {
    const { machine, driver, told } = await running();
    const l3 = l3Of(driver);
    const before = machine.clock.now;
    machine.faults.add(fault);
    const failed = await failure(driver.apply(l3, 4, { cpbm: 0x0f00 }));
    expect(failed).toMatchObject({ code: "EIO", cause: { code } });
    expect(String(failed)).toContain("mailbox 0: writing 0x100 of MSC 8 failed");
    await driver.whenIdle();
    expect(driver.state).toMatchObject({ phase: "disabled" });
    expect(driver.disableReason).toContain("mailbox 0: writing 0x100 of MSC 8 failed");
    expect(told()).toBe(1);
    expect(driver.log.filter(({ level, text }) => level === "error" && text.includes("MSC 8 failed"))).not.toEqual([]);
    // What has a page is reset, however firmware is.
    expect(portions(machine, 5, 3)).toBe(0xff);
    await expect(driver.apply(l3, 4, { cpbm: 1 })).rejects.toMatchObject({ code: "EINVAL" });
    const request = { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false } as const;
    await expect(driver.readMonitor(l3, request)).rejects.toMatchObject({ code: "EIO" });
    expect(machine.clock.now - before).toBeLessThan(LONGEST_NS);
  });

  test("once, what is behind it is reset all the same", async () => {
    const { machine, driver } = await running();
    const fault = machine.faults.add({ kind: "mailbox", subspace: 0, how: "corrupt", times: 1 });
    await expect(driver.apply(l3Of(driver), 4, { cpbm: 0x0f00 })).rejects.toMatchObject({ code: "EIO" });
    await driver.whenIdle();
    expect([driver.enabled, fault.fired]).toEqual([false, 1]);
    for (const msc of L3_SLICES)
      expect([3, 4].map((partid) => portions(machine, msc, partid))).toEqual([0xffff, 0xffff]);
  });

  test("while a monitor is read, there is no number", async () => {
    const { machine, driver } = await running();
    machine.faults.add({ kind: "mailbox", subspace: 2, how: "silent" });
    const memory = classOf(driver, 255).components[0]!;
    const request = { type: "mbwu", mon: 0, partid: 1, pmg: 0, matchPmg: false } as const;
    const failed = await failure(driver.readMonitor(memory, request));
    expect(failed).toMatchObject({ code: "EIO" });
    await driver.whenIdle();
    expect(driver.enabled).toBe(false);
    // The other mailbox works, so its MSCs are as at reset.
    for (const msc of L3_SLICES) expect(portions(machine, msc, 3)).toBe(0xffff);
  });

  test.each<Fault>([
    { kind: "mailbox", subspace: 0, how: "silent" },
    { kind: "mailbox", subspace: 2, how: "corrupt", what: "status" },
    { kind: "mailbox", subspace: 2, how: "corrupt", what: "busy" },
  ])("while MSCs are probed, probing ends with what went wrong: %o", async (fault) => {
    const machine = await powerOn();
    machine.faults.add(fault);
    await expect(Driver.probe(machine)).rejects.toMatchObject({ code: "EIO" });
    expect(machine.clock.now).toBeLessThan(LONGEST_NS);
  });

  test("with hundreds of tasks waiting for it, all of them end", async () => {
    const { machine, driver, told } = await running();
    const before = machine.clock.now;
    machine.faults.add({ kind: "mailbox", subspace: 0, how: "silent" });
    const l3 = l3Of(driver);
    const results = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) =>
        n % 2 === 0
          ? driver.apply(l3, n % 16, { cpbm: 1 + n })
          : driver.readMonitor(l3, { type: "csu", mon: n % 8, partid: n % 16, pmg: 0, matchPmg: false }),
      ),
    );
    for (const result of results) expect(result).toMatchObject({ status: "rejected" });
    const codes = new Set(results.map((result) => (result as { reason: { code: string } }).reason.code));
    expect([...codes].every((code) => ["EIO", "EINVAL", "EBUSY"].includes(code))).toBe(true);
    await driver.whenIdle();
    expect(told()).toBe(1);
    expect(machine.clock.now - before).toBeLessThan(LONGEST_NS);
  });

  test("is late but in time, it is waited for", async () => {
    const { machine, driver } = await running();
    machine.faults.add({ kind: "mailbox", subspace: 0, how: "slow", ns: 50_000_000, times: 1 });
    const before = machine.clock.now;
    await driver.apply(l3Of(driver), 4, { cpbm: 0x0f00 });
    expect(machine.clock.now - before).toBe(50_000_000 + L3_SLICES.length * 2 * L3_NS);
    expect(driver.enabled).toBe(true);
  });
});

describe("waiting for a mailbox", () => {
  test("ends when the caller loses patience: nothing of it has been sent, and what others have begun goes on", async () => {
    const { machine, driver } = await running();
    const l3 = l3Of(driver);
    const written: string[] = [];
    machine.log("*", ({ register, access }) => {
      if (access === "write") written.push(register);
    });
    const configuring = driver.apply(l3, 4, { cpbm: 0x0f00 });
    // Its first message is under way.
    await machine.clock.sleep(L3_NS / 5);
    const aborter = new AbortController();
    const request = { type: "csu", mon: 0, partid: 1, pmg: 0, matchPmg: false } as const;
    const reading = driver.readMonitor(l3, request, { signal: aborter.signal });
    machine.clock.at(machine.clock.now + L3_NS / 5, "impatience", () => aborter.abort(new Error("enough")));
    await expect(reading).rejects.toThrow("enough");
    await configuring;
    expect(new Set(written)).toEqual(new Set(["MPAMCFG_PART_SEL", "MPAMCFG_CPBM0"]));
    for (const msc of L3_SLICES) expect(portions(machine, msc, 4)).toBe(0x0f00);
    // Asked again, there is an answer.
    expect(await driver.readMonitor(l3, request)).toBe(0n);
    expect(driver.enabled).toBe(true);
  });
});
