// The driver in a snapshot: it comes back as it was, and the hardware does not notice.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { CACHE_RIS, FakeMachine, idrHigh, MEMORY_RIS, machineWith } from "./machine.ts";

const COUNTER_31 = { ...MEMORY_RIS, 144: 0x0000_0004 };
const BANDWIDTH = { type: "mbwu", mon: 1, partid: 3, pmg: 0, matchPmg: false } as const;

/** A driver with something of everything in it. RIS 1 of MSC 0 is not described. */
async function busyDriver() {
  const { machine, firmware } = machineWith([
    {
      ris: [
        { ...CACHE_RIS, 4: idrHigh(1) },
        { ...CACHE_RIS, 4: idrHigh(1) },
      ],
      firmware: { resources: [{ ris: 0, kind: "cache", id: 1 }] },
    },
    { ris: [COUNTER_31], firmware: { resources: [{ ris: 0, kind: "memory", id: 0 }] } },
  ]);
  const driver = await Driver.probe(machine, { firmware });
  const [cache, memory] = driver.classes;
  await driver.apply(cache!.components[0]!, 3, { cpbm: 0x3c });
  await driver.apply(memory!.components[0]!, 2, { mbwMax: 0x8000 });
  driver.allocMonitor(cache!, "csu");
  driver.allocMonitor(memory!, "mbwu");
  driver.allocMonitor(memory!, "mbwu");
  await driver.readMonitor(memory!.components[0]!, BANDWIDTH);
  machine.pages[1]!.setMonitor(0, 1, 0x828, 0x8401_0042);
  await driver.readMonitor(memory!.components[0]!, BANDWIDTH);
  driver.resetMbwu(memory!.components[0]!, 3);
  return { machine, driver };
}

/** Through text, as a snapshot goes. */
async function restored(machine: FakeMachine) {
  const parts = Object.fromEntries([...machine.parts].map(([name, save]) => [name, save()]));
  const again = new FakeMachine(machine.pages, JSON.parse(JSON.stringify(parts)));
  for (const page of machine.pages) page.forget();
  return { again, driver: await Driver.restore(again) };
}

describe("a snapshot", () => {
  test("gives the same driver back without one register access", async () => {
    const { machine, driver } = await busyDriver();
    const before = JSON.stringify(driver.save());
    const { again, driver: copy } = await restored(machine);
    for (const page of machine.pages) expect(page.accesses).toEqual([]);
    expect(JSON.stringify(copy.save())).toBe(before);
    expect(again.parts.has("driver")).toBe(true);
    expect([copy.enabled, copy.partidMax, copy.pmgMax]).toEqual([true, 7, 1]);
    expect(copy.firmware).toEqual(driver.firmware);
    expect(copy.classes.map(({ type, level, props, nrdyUsec }) => ({ type, level, props, nrdyUsec }))).toEqual(
      driver.classes.map(({ type, level, props, nrdyUsec }) => ({ type, level, props, nrdyUsec })),
    );
  });

  test("keeps what is configured, which monitors are taken and what overflows added", async () => {
    const { machine } = await busyDriver();
    const { driver } = await restored(machine);
    const [cache, memory] = driver.classes;
    expect(driver.stored(cache!.components[0]!, 3)).toEqual({ cpbm: 0x3c });
    expect(driver.stored(memory!.components[0]!, 2)).toEqual({ mbwMax: 0x8000 });
    expect([driver.allocMonitor(cache!, "csu"), driver.allocMonitor(memory!, "mbwu")]).toEqual([1, 2]);
    const [page0, page1] = machine.pages;
    page1!.setMonitor(0, 1, 0x860, 5);
    expect(await driver.readMonitor(memory!.components[0]!, BANDWIDTH)).toBe(2n ** 31n + 5n);
    page1!.setMonitor(0, 3, 0x828, 0x8001_0042);
    page1!.setMonitor(0, 3, 0x820, 3);
    page1!.setMonitor(0, 3, 0x860, 9);
    expect(await driver.readMonitor(memory!.components[0]!, { ...BANDWIDTH, mon: 3 })).toBe(0n);
    page0!.forget();
    await driver.apply(cache!.components[0]!, 3, { cpbm: 0x3c });
    expect(page0!.accesses).toEqual([]);
    await driver.resetClass(cache!);
    expect(page0!.part(0, 3, 0x1000)).toBe(0xff);
  });

  test("what the log says once is not said again", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS], firmware: { bytes: 0x1000 } }]);
    const driver = await Driver.probe(machine, { firmware });
    expect(driver.log.filter(({ text }) => text.includes("outside the window"))).toHaveLength(1);
    const { driver: copy } = await restored(machine);
    await copy.apply(copy.classes[0]!.components[0]!, 1, { cpbm: 1 });
    expect(copy.log).toEqual(driver.log);
  });

  test("an error after it still ends the use of MPAM", async () => {
    const { machine } = await busyDriver();
    const { again, driver } = await restored(machine);
    machine.pages[1]!.set(0xf8, 0x0200_0001);
    again.raise(101);
    await driver.whenIdle();
    expect(driver.disableReason).toContain("Req_PARTID_Range");
  });

  test("is not taken while an interrupt is answered or MPAM disabled: half of that would be lost", async () => {
    const { machine, driver } = await busyDriver();
    machine.raise(100);
    expect(() => driver.save()).toThrow(/^EBUSY/);
    await driver.whenIdle();
    driver.save();
    const disabled = driver.disable("a test");
    expect(() => driver.save()).toThrow(/^EBUSY/);
    await disabled;
    driver.save();
  });

  test("of a disabled driver gives a disabled driver, with the reason", async () => {
    const { machine, driver } = await busyDriver();
    await driver.disable("a test");
    const { again, driver: copy } = await restored(machine);
    expect([copy.enabled, copy.disableReason]).toEqual([false, "a test"]);
    expect([again.handlers.size, again.cpuHandlers.size]).toEqual([0, 0]);
    await copy.disable("again");
    expect(copy.disableReason).toBe("a test");
    expect(copy.log).toEqual(driver.log);
  });

  test("keeps the channels that firmware describes, wide registers and all", async () => {
    const wide = { address: 0x9000_1000, bytes: 8, preserve: 0xffff_ffff_ffff_fffen, set: 1n } as const;
    const flag = { address: 0x9000_1008, bytes: 8, mask: 2n ** 63n } as const;
    const common = { base: 0x9000_0000, bytes: 256, interrupt: 90, latencyUsec: 5, turnaroundUsec: 1 };
    const channel = { ...common, subspace: 3, doorbell: wide, update: wide, complete: flag };
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    const driver = await Driver.probe(machine, { firmware: { ...firmware, channels: [channel] } });
    const { driver: copy } = await restored(machine);
    expect(copy.firmware).toEqual(driver.firmware);
    expect(copy.firmware.channels).toEqual([channel]);
  });

  test("as Linux 7.3, keeps the order of lists, whichever MSC was probed first", async () => {
    const hole = { ...CACHE_RIS, 4: idrHigh(1) };
    const { machine, firmware } = machineWith(
      [[2], [0], [1]].map((cpus, id) => ({
        ris: [hole, hole],
        firmware: { cpus: new Set(cpus), errorInterrupt: 0, resources: [{ ris: 0, kind: "memory" as const, id }] },
      })),
    );
    const driver = await Driver.probe(machine, { firmware, compat: "linux-7.3" });
    const shape = (one: typeof driver) =>
      one.parts.classes.map(({ class: { type }, components }) => [
        type,
        components.map(({ id, vmscs }) => [id, vmscs.map(({ msc }) => msc)]),
      ]);
    // Probed by cpus 0, 1 and 2, each new vMSC at the head.
    expect(shape(driver)[0]).toEqual(["unknown", [[0, [0, 2, 1]]]]);
    const { driver: copy } = await restored(machine);
    expect(shape(copy)).toEqual(shape(driver));
    expect(JSON.stringify(copy.save())).toBe(JSON.stringify(driver.save()));
  });

  test("that is damaged is refused in words, and nobody is left listening", async () => {
    const { driver } = await busyDriver();
    const whole = JSON.parse(JSON.stringify(driver.save()));
    const [first, second] = whole.mscs;
    const [ris] = second.ris;
    const monitor = { ...ris.mbwu[0], correction: "many" };
    const damages = [
      { firmware: undefined },
      { mscs: [first] },
      { mscs: [first, { ...second, ris: [{ ...ris, mbwu: [monitor] }] }] },
      { classes: [] },
      { mailboxes: null },
    ];
    for (const damage of damages) {
      const machine = new FakeMachine([], { driver: { ...whole, ...damage } });
      await expect(Driver.restore(machine)).rejects.toThrow(/^EINVAL: the driver in the snapshot does not fit/);
      expect([machine.cpuHandlers.size, machine.handlers.size, machine.parts.size]).toEqual([0, 0, 0]);
    }
  });

  test("without a driver, or of an unknown version, is refused in words", async () => {
    await expect(Driver.restore(new FakeMachine([]))).rejects.toThrow(/EINVAL.*holds no driver/);
    await expect(Driver.restore(new FakeMachine([], { driver: { version: 99 } }))).rejects.toThrow(
      /EINVAL.*version 99/,
    );
  });
});
