// Cpus that come and go while MPAM is in use: what is written, saved and counted on.

import { describe, expect, test } from "vitest";
import { type Compat, Driver, type MonitorRequest } from "../../src/driver/index.ts";
import {
  IN_RESET_STATE,
  OFFLINE,
  OFFLINE_IN_RESET_STATE,
  OFFLINE_TWO_RIS,
  OFFLINE_TWO_RIS_LINUX_7_3,
  ONLINE,
  ONLINE_LINUX_7_3,
  RESTORE_LONG,
  RESTORE_WRITES,
  RESTORE_WRITES_LINUX_7_3,
  SAVE_31,
  SAVE_LONG,
  SAVE_LONG_ONE_CARRY,
} from "../golden/driver-sequences.ts";
import { CACHE_RIS, EXT, FakeMachine, idrHigh, machineWith, type PartOptions } from "./machine.ts";
import type { RisRegisters } from "./page.ts";

/** MPAMF_IDR with this PARTID_MAX, PMG_MAX 1, portions and monitors. */
function part(partidMax: number, mbwumon: number, risMax = 0): RisRegisters {
  const bits = [25, EXT, 30].reduce((word, bit) => word | (1 << bit), 0x0001_0000 | partidMax) >>> 0;
  return { 0: bits, 4: idrHigh(risMax), 48: 8, 128: 0x0002_0000, 144: mbwumon };
}

const READ: MonitorRequest = { type: "mbwu", mon: 1, partid: 1, pmg: 0, matchPmg: false };
const ELSEWHERE: PartOptions = {
  ris: [CACHE_RIS],
  firmware: { cpus: new Set([0]), errorInterrupt: 23, resources: [{ ris: 0, kind: "memory", id: 0 }] },
};

/** MSC 0 with these RIS is reached by cpus 2 and 3 alone. */
async function enabled(ris: readonly RisRegisters[], options: { compat?: Compat; iidr?: number } = {}) {
  const { compat, iidr = 0 } = options;
  const { machine, firmware } = machineWith([
    {
      iidr,
      ris,
      firmware: {
        cpus: new Set([2, 3]),
        errorInterrupt: 23,
        resources: ris.map((_, index) => ({ ris: index, kind: "cache", id: 2 })),
      },
    },
    ELSEWHERE,
  ]);
  const driver = await Driver.probe(machine, { firmware, ...(compat && { compat }) });
  const component = driver.classes.find(({ type }) => type === "cache")!.components[0]!;
  const page = machine.pages[0]!;
  page.forget();
  return { machine, firmware, driver, component, page };
}

async function leave(machine: FakeMachine): Promise<void> {
  await machine.offline(2);
  await machine.offline(3);
}

describe("the last cpu of an MSC goes", () => {
  test("and the MSC is reset, and its counters are saved; the one before changes nothing", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await driver.apply(component, 1, { cpbm: 1 });
    page.forget();
    await machine.offline(2);
    expect(page.accesses).toEqual([]);
    await machine.offline(3);
    expect(page.accesses).toEqual(OFFLINE);
    expect(machine.pages[1]!.part(0, 1, 0x1000)).toBe(0xff);
  });

  test("and what is in reset state is not written", async () => {
    const { machine, page } = await enabled([part(1, 2)]);
    await leave(machine);
    expect(page.accesses).toEqual(OFFLINE_IN_RESET_STATE);
    expect(page.accesses).toEqual(SAVE_31);
  });

  test("RIS by RIS; as Linux 7.3 the newest first", async () => {
    for (const [compat, expected] of [
      [undefined, OFFLINE_TWO_RIS],
      ["linux-7.3", OFFLINE_TWO_RIS_LINUX_7_3],
    ] as const) {
      const ris = part(0, 1, 1);
      const { machine, driver, component, page } = await enabled([ris, ris], compat && { compat });
      await driver.apply(component, 0, { cpbm: 1 });
      page.forget();
      await leave(machine);
      expect(page.accesses).toEqual(expected);
    }
  });

  test("and long counters are read high, low, high", async () => {
    const { machine, page } = await enabled(
      [CACHE_RIS, CACHE_RIS, part(1, 0x4000_0002)].map((ris) => ({ ...ris, 4: idrHigh(2) })),
    );
    await leave(machine);
    expect(page.accesses).toEqual(SAVE_LONG);
    const one = await enabled([part(1, 0x6000_0001)]);
    one.page.script(0x884, 1, 2, 2);
    await leave(one.machine);
    expect(one.page.accesses).toEqual(SAVE_LONG_ONE_CARRY);
  });

  test("and what fails is logged, and does not keep it", async () => {
    const { machine, driver, page } = await enabled([part(1, 2)]);
    page.broken.set(0x828, new Error("no answer"));
    await leave(machine);
    expect(driver.log.at(-1)!.text).toBe("cpu 3 goes: MSC 0, RIS 0: saving its counters failed: no answer");
    expect(driver.enabled).toBe(true);
  });

  test("and a RIS that cannot be reset keeps the next one from nothing", async () => {
    // RIS 1 has a bandwidth limit and no portions, which are what fails.
    const limit = { ...part(1, 2, 1), 0: 0x5401_0001, 64: 0x0000_0807 };
    const { machine, driver, component, page } = await enabled([part(1, 2, 1), limit]);
    await driver.apply(component, 1, { cpbm: 1, mbwMax: 0x2000 });
    page.broken.set(0x1000, new Error("no answer"));
    await leave(machine);
    expect(driver.log.filter(({ level }) => level === "error").map(({ text }) => text)).toEqual([
      "cpu 3 goes: MSC 0, RIS 0: resetting it failed: no answer",
    ]);
    expect(page.part(1, 1, 0x208)).toBe(0xffff);
  });
});

describe("while nobody reaches an MSC", () => {
  test("what is configured is kept for when somebody does", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await leave(machine);
    page.forget();
    await driver.apply(component, 1, { cpbm: 3 });
    await driver.resetClass(component.class);
    await driver.apply(component, 1, { cpbm: 5 });
    expect(page.accesses).toEqual([]);
    expect(driver.stored(component, 1)).toEqual({ cpbm: 5 });
    await machine.online(3);
    expect(page.part(0, 1, 0x1000)).toBe(5);
  });

  test("its monitors are ENXIO, and nothing is touched", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await leave(machine);
    page.forget();
    await expect(driver.readMonitor(component, READ)).rejects.toMatchObject({ code: "ENXIO" });
    expect(page.accesses).toEqual([]);
  });

  test("its error interrupt is nobody's", async () => {
    const { machine, driver, page } = await enabled([part(1, 2)]);
    await leave(machine);
    page.forget();
    page.set(0xf8, 0x0100_0000);
    machine.raise(23);
    await driver.whenIdle();
    expect([driver.enabled, driver.spuriousInterrupts, page.accesses]).toEqual([true, 1, []]);
    expect(driver.log.at(-1)!.text).toContain("no cpu that reaches MSC 0 is online");
  });

  test("an access is made by a cpu that reaches it, and by no other", async () => {
    const { machine, driver, component } = await enabled([part(1, 2)]);
    await machine.offline(2);
    // The machine refuses cpu 2, which is offline, and cpus 0 and 1, which do not reach the page.
    await driver.apply(component, 1, { cpbm: 3 });
    expect(machine.pages[0]!.part(0, 1, 0x1000)).toBe(3);
  });

  test("a reading that is under way is done before the cpu has gone", async () => {
    // Nothing of it is saved, so that nothing else waits for its monitors.
    const { machine, driver, component, page } = await enabled([CACHE_RIS]);
    page.script(0x840, 9);
    const reading = driver.readMonitor(component, { ...READ, type: "csu" });
    const gone = machine.offline(2).then(() => machine.offline(3));
    expect(await reading).toBe(9n);
    await gone;
    await expect(driver.readMonitor(component, { ...READ, type: "csu" })).rejects.toMatchObject({ code: "ENXIO" });
  });
});

describe("the first cpu of an MSC comes back", () => {
  for (const [compat, expected] of [
    [undefined, ONLINE],
    ["linux-7.3", ONLINE_LINUX_7_3],
  ] as const) {
    test(`everything is programmed, and monitors go on${compat ? "; as Linux 7.3 without MPAMF_ECR" : ""}`, async () => {
      const { machine, driver, component, page } = await enabled([part(1, 2)], compat && { compat });
      await driver.apply(component, 1, { cpbm: 1 });
      await driver.readMonitor(component, READ);
      await leave(machine);
      page.forget();
      await machine.online(3);
      expect(page.accesses).toEqual(expected);
      page.forget();
      await machine.online(2);
      expect(page.accesses).toEqual([]);
    });
  }

  test("a long counter goes on too", async () => {
    const ris = [CACHE_RIS, CACHE_RIS, part(7, 0x6000_0002)].map((one) => ({ ...one, 4: idrHigh(2) }));
    const { machine, driver, component, page } = await enabled(ris);
    await driver.readMonitor(component, { ...READ, partid: 3 });
    await leave(machine);
    page.forget();
    await machine.online(2);
    expect(page.accesses.slice(page.accesses.indexOf("W 0x800 0x02000001"))).toEqual(RESTORE_LONG);
  });

  test("it counts writes if it counted writes; as Linux 7.3 both", async () => {
    for (const [compat, expected] of [
      [undefined, RESTORE_WRITES],
      ["linux-7.3", RESTORE_WRITES_LINUX_7_3],
    ] as const) {
      const { machine, driver, component, page } = await enabled([part(7, 0x1000_0002)], compat && { compat });
      await driver.readMonitor(component, { ...READ, partid: 3, direction: "writes" });
      await leave(machine);
      page.forget();
      await machine.online(2);
      expect(page.accesses.slice(page.accesses.indexOf("W 0x800 0x00000001"))).toEqual(expected);
    }
  });

  test("a bus that fails is the cpu's: it does not come, and nothing is left of it", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await driver.apply(component, 1, { cpbm: 3 });
    await leave(machine);
    page.broken.set(0x1000, new Error("no answer"));
    await expect(machine.online(2)).rejects.toThrow("no answer");
    expect([driver.enabled, machine.processor.cpus[2]!.online]).toEqual([true, false]);
    page.broken.clear();
    await expect(driver.readMonitor(component, READ)).rejects.toMatchObject({ code: "ENXIO" });
    await machine.online(3);
    expect(page.part(0, 1, 0x1000)).toBe(3);
  });

  test("a monitor that cannot be restored is logged, and the next reading configures it", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    page.monitorValue = undefined;
    await driver.readMonitor(component, READ);
    page.setMonitor(0, 1, 0x860, 100);
    await leave(machine);
    page.broken.set(0x820, new Error("no answer"));
    await machine.online(2);
    expect(driver.log.at(-1)!.text).toBe("MSC 0: MBWU monitor 1 was not restored: no answer");
    page.broken.clear();
    expect(await driver.readMonitor(component, READ)).toBe(100n);
  });
});

describe("what monitors have counted", () => {
  test("is watched again after a cpu that came in vain", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await driver.readMonitor(component, READ);
    page.setMonitor(0, 1, 0x860, 100);
    await leave(machine);
    page.broken.set(0xf0, new Error("no answer"));
    await expect(machine.online(2)).rejects.toThrow("no answer");
    page.broken.clear();
    await machine.online(2);
    expect(page.monitor(0, 1, 0x828)).toBe(0x8001_0042);
    page.setMonitor(0, 1, 0x860, 5);
    expect(await driver.readMonitor(component, READ)).toBe(105n);
  });

  const counters = [
    [0x0000_0002, 0x860, 31],
    [0x4000_0002, 0x880, 44],
    [0x6000_0002, 0x880, 63],
  ] as const;
  for (const [mbwumon, offset, width] of counters) {
    test(`${width} bits: is there again after power was lost, overflow and all`, async () => {
      const { machine, driver, component, page } = await enabled([part(1, mbwumon)]);
      await driver.readMonitor(component, READ);
      page.setMonitor(0, 1, offset, 1000);
      page.setMonitor(0, 1, 0x828, 0x8001_0042 | (width === 31 ? 0x0400_0000 : 0x8000));
      await leave(machine);
      await machine.online(2);
      page.setMonitor(0, 1, offset, 5);
      expect(await driver.readMonitor(component, READ)).toBe(2n ** BigInt(width) + 1005n);
      expect(await driver.readMonitor(component, READ)).toBe(2n ** BigInt(width) + 1005n);
    });
  }

  test("is masked and scaled; as Linux 7.3 it is the raw register, NRDY and all", async () => {
    for (const [compat, expected] of [
      [undefined, 64n * (7n + 5n)],
      ["linux-7.3", 0x8000_0007n + 64n * 5n],
    ] as const) {
      const { machine, driver, component, page } = await enabled([part(1, 2)], {
        iidr: 0x2410_036b,
        ...(compat && { compat }),
      });
      await driver.readMonitor(component, READ);
      page.setMonitor(0, 1, 0x860, 0x8000_0007);
      await leave(machine);
      await machine.online(2);
      page.setMonitor(0, 1, 0x860, 5);
      expect(await driver.readMonitor(component, READ)).toBe(expected);
    }
  });

  test("is gone when it was to be reset; as Linux 7.3 it comes back", async () => {
    for (const [compat, expected] of [
      [undefined, 0n],
      ["linux-7.3", 77n],
    ] as const) {
      const { machine, driver, component, page } = await enabled([part(1, 2)], compat && { compat });
      await driver.readMonitor(component, READ);
      page.setMonitor(0, 1, 0x860, 77);
      driver.resetMbwu(component, 1);
      await leave(machine);
      await machine.online(2);
      expect(await driver.readMonitor(component, READ)).toBe(expected);
    }
  });

  test("is kept through a snapshot between going and coming", async () => {
    const { machine, driver, component, page } = await enabled([part(1, 2)]);
    await driver.readMonitor(component, READ);
    page.setMonitor(0, 1, 0x860, 77);
    await leave(machine);
    const before = JSON.stringify(driver.save());
    const again = new FakeMachine(machine.pages, JSON.parse(`{"driver":${before}}`));
    for (const cpu of [2, 3]) again.processor.cpus[cpu]!.online = false;
    const copy = await Driver.restore(again);
    expect(JSON.stringify(copy.save())).toBe(before);
    const there = copy.classes.find(({ type }) => type === "cache")!.components[0]!;
    await expect(copy.readMonitor(there, READ)).rejects.toMatchObject({ code: "ENXIO" });
    await again.online(3);
    expect(page.monitor(0, 1, 0x828)).toBe(0x8001_0042);
    expect(await copy.readMonitor(there, READ)).toBe(77n);
  });
});

describe("in_reset_state", () => {
  for (const { events, flag } of IN_RESET_STATE) {
    test(`after ${events.join(", ") || "enabling"} it is ${flag}`, async () => {
      const { machine, driver, component } = await enabled([part(1, 2)]);
      for (const event of events) {
        if (event === "apply") await driver.apply(component, 1, { cpbm: 3 });
        else if (event === "reset") await driver.resetClass(component.class);
        else if (event === "offline") await leave(machine);
        else await machine.online(2);
      }
      expect(driver.save().mscs[0]!.ris[0]!.inResetState).toBe(flag);
    });
  }
});
