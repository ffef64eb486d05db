// What the driver and resctrl do on a broken machine: the last column of the table in docs/firmware.md, "Faults", row by row.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { type Fault, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";
import {
  BYTES,
  booted,
  comesToRest,
  elapsed,
  L3,
  L3_MAILBOX,
  limit,
  MEMORY,
  MEMORY_MAILBOX,
  MESSAGE_NS,
  NRDY_NS,
  OCCUPANCY,
  platformOf,
  portions,
  type Running,
  running,
  SECOND,
  staysDisabled,
  TRAFFIC,
  TRAFFIC_BYTES,
  WAYS,
} from "./breakable.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => void process.on("unhandledRejection", note));
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

const CSU = { type: "csu", mon: 1, partid: 1, pmg: 0, matchPmg: true } as const;
const l3Of = (driver: Driver) => driver.classes[0]!.components[0]!;
const counts = async ({ fs }: Running) => [await fs.readFile(OCCUPANCY), await fs.readFile(BYTES)];
const TRUE = [`${TRAFFIC_BYTES}\n`, `${TRAFFIC_BYTES}\n`];

describe.each(WAYS)("by %s", (way) => {
  /** Messages take time, pages none. */
  const accesses = (count: number) => (way === "page" ? 0 : count * MESSAGE_NS);

  describe("nrdy-stuck", () => {
    test("a reader waits once as long as firmware says, and there is no number; afterwards there is", async () => {
      const broken = await running(way);
      const { machine, driver } = broken;
      await machine.replay([TRAFFIC]);
      const fault = machine.faults.add({ kind: "nrdy-stuck", msc: L3 });
      // MON_SEL, CTL, FLT; FLT, CTL, CSU, CTL set the monitor up; CSU. Then, once more, MON_SEL, CTL, FLT, CSU.
      const took = await elapsed(machine, () =>
        expect(driver.readMonitor(l3Of(driver), CSU)).rejects.toMatchObject({ code: "EBUSY" }),
      );
      expect(took).toBe(accesses(8 + 4) + NRDY_NS);
      expect(fault.fired).toBe(2);
      expect(await counts(broken)).toEqual(["Unavailable\n", "Unavailable\n"]);
      await comesToRest(broken);
      expect(driver.enabled).toBe(true);
      fault.remove();
      expect(await counts(broken)).toEqual(TRUE);
      expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
    });

    test("what is about occupancy leaves bandwidth alone", async () => {
      const broken = await running(way);
      await broken.machine.replay([TRAFFIC]);
      broken.machine.faults.add({ kind: "nrdy-stuck", msc: L3, type: "csu" });
      expect(await counts(broken)).toEqual(["Unavailable\n", `${TRAFFIC_BYTES}\n`]);
      await comesToRest(broken);
    });

    test("where firmware says that no time is needed nobody waits", async () => {
      const broken = await running(way, { l3: { nrdyUsec: 0 } });
      const { machine, driver } = broken;
      machine.faults.add({ kind: "nrdy-stuck", msc: L3 });
      const took = await elapsed(machine, () =>
        expect(driver.readMonitor(l3Of(driver), CSU)).rejects.toMatchObject({ code: "EBUSY" }),
      );
      expect(took).toBe(accesses(8 + 4));
      await comesToRest(broken);
    });

    test("an id whose occupancy nobody can read is not used again before it is read", async () => {
      const broken = await running(way);
      const { machine, fs } = broken;
      await fs.rmdir("web");
      const fault = machine.faults.add({ kind: "nrdy-stuck", msc: L3, type: "csu" });
      await machine.clock.advance(3 * SECOND);
      expect(fault.fired).toBeGreaterThan(0);
      // PARTIDs 1 to 3 have two ids each. Those of one of them are the id in question and the one of its group.
      const names = ["a", "b", "c"];
      for (const name of names) await fs.mkdir(name);
      const codes = async (): Promise<string[]> => {
        const made = await Promise.allSettled(names.map((name) => fs.mkdir(`${name}/mon_groups/m`)));
        return made.flatMap((one) => (one.status === "rejected" ? one.reason.code : []));
      };
      expect(await codes()).toEqual(["ENOSPC"]);
      fault.remove();
      await machine.clock.advance(2 * SECOND);
      expect(await codes()).toEqual(["EEXIST", "EEXIST"]);
      await comesToRest(broken);
    });
  });

  describe("write-lost", () => {
    test("nobody notices: files show what was asked for, and asking again writes nothing", async () => {
      const broken = await running(way);
      const { machine, driver, fs } = broken;
      const fault = machine.faults.add({ kind: "write-lost", msc: L3, register: "MPAMCFG_CPBM" });
      await fs.writeFile("web/schemata", "L3:0=30\n");
      expect([portions(broken, 1), fault.fired]).toEqual([0xf, 1]);
      expect(await fs.readFile("web/schemata")).toContain("L3:0=30\n");
      await fs.writeFile("web/schemata", "L3:0=30\n");
      expect(portions(broken, 1)).toBe(0xf);
      await fs.writeFile("web/schemata", "L3:0=c0\n");
      expect(portions(broken, 1)).toBe(0xc0);
      await comesToRest(broken);
      expect(driver.enabled).toBe(true);
      expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
    });

    test("of the selector: somebody else gets the setting", async () => {
      const broken = await running(way);
      const { machine, fs } = broken;
      await fs.mkdir("other");
      await fs.writeFile("other/schemata", "L3:0=80\n");
      machine.faults.add({ kind: "write-lost", msc: L3, register: "MPAMCFG_PART_SEL" });
      await fs.writeFile("web/schemata", "L3:0=30\n");
      expect([1, 2].map((partid) => portions(broken, partid))).toEqual([0xf, 0x30]);
    });

    test("of what enables a monitor: it is set up anew at the next reading", async () => {
      const broken = await running(way);
      const { machine, driver } = broken;
      await machine.replay([TRAFFIC]);
      // Two writes of CTL set a monitor up, the second one enables it.
      machine.faults.add({ kind: "write-lost", msc: L3, register: "MSMON_CFG_CSU_CTL", times: 2 });
      await driver.readMonitor(l3Of(driver), CSU);
      expect(machine.faults.list).toEqual([]);
      expect(await driver.readMonitor(l3Of(driver), CSU)).toBe(BigInt(TRAFFIC_BYTES));
      await comesToRest(broken);
    });
  });

  describe("register-stuck", () => {
    test("a count is believed", async () => {
      const broken = await running(way);
      const { machine } = broken;
      await machine.replay([TRAFFIC]);
      const faults = [
        machine.faults.add({ kind: "register-stuck", msc: L3, register: "MSMON_MBWU_L", value: 5 }),
        machine.faults.add({ kind: "register-stuck", msc: L3, register: "MSMON_CSU", value: 0x1234 }),
      ];
      expect(await counts(broken)).toEqual([`${0x1234}\n`, `${5 * 2 ** 32 + 5}\n`]);
      for (const fault of faults) fault.remove();
      expect(await counts(broken)).toEqual(TRUE);
      await comesToRest(broken);
    });

    test("so is a counter that never stands still: it is not ready", async () => {
      const broken = await running(way);
      const { machine } = broken;
      await machine.replay([TRAFFIC]);
      // Bit 63 is NRDY.
      machine.faults.add({
        ...{ kind: "register-stuck", msc: L3, register: "MSMON_MBWU_L_HI" },
        ...{ value: 0x8000_0000, mask: 0x8000_0000 },
      });
      expect(await counts(broken)).toEqual([`${TRAFFIC_BYTES}\n`, "Unavailable\n"]);
      await comesToRest(broken);
    });

    test("so is what it says that it has", async () => {
      const machine = await Machine.create(platformOf(way));
      machine.faults.add({ kind: "register-stuck", msc: L3, register: "MPAMF_CPOR_IDR", value: 4 });
      machine.faults.add({ kind: "register-stuck", msc: MEMORY, register: "MPAMF_IDR", value: 1, mask: 0xffff });
      const driver = await Driver.probe(machine);
      const fs = await Resctrl.mount(driver);
      expect(await fs.readFile("schemata")).toBe("    MB:0=100\n    L3:0=f\n");
      expect(driver.partidMax).toBe(1);
      await comesToRest({ machine, driver, fs });
    });

    test("so is an error that cannot be cleared; it ends the use of MPAM once", async () => {
      const broken = await running(way);
      const { machine } = broken;
      machine.faults.add({ kind: "register-stuck", msc: L3, register: "MPAMF_ESR", value: 0x0300_0007 });
      machine.faults.add({ kind: "error-interrupt", msc: L3, everyNs: 10_000, times: 4 });
      await machine.clock.advance(100_000);
      await staysDisabled(broken, "MSC 0 reports error 3 MSMONCFG_ID_RANGE, partid 7");
    });

    test("an error that is not to be seen is nobody's", async () => {
      const broken = await running(way);
      const { machine, driver } = broken;
      machine.faults.add({ kind: "register-stuck", msc: L3, register: "MPAMF_ESR", value: 0 });
      machine.faults.add({ kind: "error-interrupt", msc: L3, code: 1 });
      await comesToRest(broken);
      expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 1]);
    });
  });

  describe("error-interrupt", () => {
    test("without a code it is nobody's, and everything goes on", async () => {
      const broken = await running(way);
      const { machine, driver, fs } = broken;
      machine.faults.add({ kind: "error-interrupt", msc: L3 });
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY });
      await comesToRest(broken);
      expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 2]);
      await fs.writeFile("web/schemata", "L3:0=3\n");
      expect(portions(broken, 1)).toBe(3);
    });

    test.each([
      [1, "PARTID_SEL_Range"],
      [2, "Req_PARTID_Range"],
      [3, "MSMONCFG_ID_RANGE"],
      [4, "Req_PMG_Range"],
      [5, "Monitor_Range"],
      [6, "intPARTID_Range"],
      [7, "Unexpected_INTERNAL"],
      [8, "Undefined_RIS_PART_SEL"],
      [9, "RIS_No_Control"],
      [10, "Undefined_RIS_MON_SEL"],
      [11, "RIS_No_Monitor"],
      [12, "Reserved"],
      [15, "Reserved"],
    ])("code %i, %s, disables MPAM, once; controls are as at reset", async (code, name) => {
      const broken = await running(way);
      const { machine } = broken;
      expect([portions(broken, 1), limit(broken, 1)]).toEqual([0xf, 0x7e00]);
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code });
      await comesToRest(broken);
      expect([portions(broken, 1), limit(broken, 1)]).toEqual([0xff, 0xfe00]);
      for (const msc of [L3, MEMORY]) {
        expect([machine.read32(msc, offsetOf("MPAMF_ESR")), machine.read32(msc, offsetOf("MPAMF_ECR"))]).toEqual([
          0, 0,
        ]);
      }
      await staysDisabled(broken, `hardware error interrupt: MSC 1 reports error ${code} ${name}`);
    });

    test("a storm of interrupts with a code disables it once", async () => {
      const broken = await running(way);
      const { machine } = broken;
      const storm = machine.faults.add({ kind: "error-interrupt", msc: L3, code: 1, everyNs: 700, times: 300 });
      await machine.clock.advance(SECOND);
      expect(storm.fired).toBe(300);
      await staysDisabled(broken, "MSC 0 reports error 1");
    });

    test("a storm of interrupts that nobody meant disturbs no setting and no count", async () => {
      const broken = await running(way);
      const { machine, driver, fs } = broken;
      const storm = machine.faults.add({ kind: "error-interrupt", msc: L3, everyNs: 700, times: 300 });
      for (const mask of ["1", "3", "7"]) {
        await fs.writeFile("web/schemata", `L3:0=${mask}\n`);
        expect(portions(broken, 1)).toBe(Number.parseInt(mask, 16));
      }
      await machine.replay([TRAFFIC]);
      await machine.clock.advance(SECOND / 10);
      expect(await counts(broken)).toEqual(TRUE);
      await comesToRest(broken);
      expect([storm.fired, driver.spuriousInterrupts, driver.enabled]).toEqual([300, 300, true]);
    });

    test("one that is taken away before it comes again changes nothing", async () => {
      const broken = await running(way);
      const { machine, driver } = broken;
      machine.faults.add({ kind: "error-interrupt", msc: L3, everyNs: 1e6, times: 9 }).remove();
      await machine.clock.advance(SECOND / 10);
      await comesToRest(broken);
      expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 1]);
    });

    test("a pulse is answered as a level is", async () => {
      const broken = await running(way, { l3: { errorStyle: "edge" } });
      broken.machine.faults.add({ kind: "error-interrupt", msc: L3, code: 5 });
      await staysDisabled(broken, "MSC 0 reports error 5 Monitor_Range");
    });

    test("of two MSCs on one line the one that meant it is found, and the other is not disturbed", async () => {
      const broken = await running(way, { memory: { errorInterrupt: 44 } });
      const { machine, driver } = broken;
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY });
      await comesToRest(broken);
      expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 1]);
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code: 9 });
      await staysDisabled(broken, "MSC 1 reports error 9 RIS_No_Control");
      expect(driver.log.filter(({ text }) => text.includes("MSC 0"))).toEqual([]);
    });

    test.each(["open", "closed"] as const)("while traffic runs in %s timing, that goes on", async (timing) => {
      const broken = await running(way);
      const { machine, driver } = broken;
      const begin = machine.clock.now;
      machine.clock.at(begin + 50_000, "test", () => {
        machine.faults.add({ kind: "error-interrupt", msc: L3, code: 4 });
      });
      // A line every microsecond since the beginning.
      const rows = walk([...Array(100).keys()], 100).map((row) => ({ ...row, time: row.time * 1000 }));
      const traffic = new FakeTrace("slow traffic", rows, { requesters: [thread(7)] });
      const { finished, labels, time } = await machine.replay([traffic], { timing });
      expect([finished, labels.reduce((sum, { bytesRead }) => sum + bytesRead, 0)]).toEqual([true, TRAFFIC_BYTES]);
      const told = driver.log.find(({ text }) => text.startsWith("MSC 0 reports error 4"))?.time;
      expect(told).toBeGreaterThanOrEqual(begin + 50_000);
      expect(told).toBeLessThan(time);
      await staysDisabled(broken, "MSC 0 reports error 4 Req_PMG_Range");
    });

    test("one that was recorded before the machine boots is forgotten; so is what nobody meant", async () => {
      const machine = await Machine.create(platformOf(way));
      machine.faults.add({ kind: "error-interrupt", msc: L3, code: 1 });
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, everyNs: 10_000, times: 100 });
      const driver = await Driver.probe(machine);
      await machine.clock.advance(SECOND);
      await comesToRest({ machine, driver });
      expect(driver.enabled).toBe(true);
      expect(machine.read32(L3, offsetOf("MPAMF_ESR"))).toBe(0);
    });

    test("while a setting is written and a monitor is read, both end", async () => {
      const broken = await running(way);
      const { machine, fs } = broken;
      const writing = fs.writeFile("web/schemata", "L3:0=3\n");
      const reading = fs.readFile(OCCUPANCY);
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code: 2 });
      const ended = await Promise.allSettled([writing, reading]);
      expect(ended).toHaveLength(2);
      await comesToRest(broken);
      // Whoever was first: nothing is left of the setting.
      expect(portions(broken, 1)).toBe(0xff);
      await staysDisabled(broken, "MSC 1 reports error 2");
    });
  });

  describe("an MSC that is gone", () => {
    const GONE: readonly Fault[] = (["ones", "zeros", "abort"] as const).map((reads) => ({
      kind: "msc-gone",
      msc: L3,
      reads,
    }));

    test.each(GONE)("is found while probing, which ends; when it is back, the machine boots: %o", async (fault) => {
      const machine = await Machine.create(platformOf(way));
      const gone = machine.faults.add(fault);
      await expect(Driver.probe(machine)).rejects.toMatchObject({ code: "EIO" });
      await machine.clock.settle();
      expect([machine.clock.sleeping, machine.clock.nextDue]).toEqual([false, Number.POSITIVE_INFINITY]);
      gone.remove();
      const driver = await Driver.probe(machine);
      expect(driver.enabled).toBe(true);
      const fs = await Resctrl.mount(driver);
      await fs.mkdir("web");
      await fs.writeFile("web/schemata", "L3:0=3\n");
      expect(portions({ machine }, 1)).toBe(3);
    });

    test("tells of no error, and keeps the errors of others from nobody", async () => {
      const broken = await running(way);
      const { machine, driver } = broken;
      machine.faults.add({ kind: "msc-gone", msc: L3, reads: "abort" });
      const silent = machine.faults.add({ kind: "error-interrupt", msc: L3, code: 1 });
      await comesToRest(broken);
      expect([silent.fired, driver.enabled]).toEqual([0, true]);
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code: 9 });
      await comesToRest(broken);
      // What can be reached is as at reset; what cannot is told of.
      expect([portions(broken, 1), limit(broken, 1)]).toEqual([0xf, 0xfe00]);
      expect(driver.log.some(({ level, text }) => level === "error" && text.includes("resetting L3 0 failed"))).toBe(
        true,
      );
      await staysDisabled(broken, "MSC 1 reports error 9");
    });

    test("does not hide the error of another on its line", async () => {
      const broken = await running(way, { memory: { errorInterrupt: 44 } });
      const { machine } = broken;
      machine.faults.add({ kind: "msc-gone", msc: L3, reads: "abort" });
      machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code: 9 });
      await comesToRest(broken);
      // By message not reaching the first is the end already.
      await staysDisabled(broken, way === "page" ? "MSC 1 reports error 9" : "of MSC 0 failed");
    });
  });
});

describe("by page, an MSC that is gone", () => {
  test("ones: settings are lost unnoticed, and monitors are not ready; back, it is as it was", async () => {
    const broken = await running("page");
    const { machine, driver, fs } = broken;
    await machine.replay([TRAFFIC]);
    const gone = machine.faults.add({ kind: "msc-gone", msc: L3, reads: "ones" });
    expect(await counts(broken)).toEqual(["Unavailable\n", "Unavailable\n"]);
    const took = await elapsed(machine, () =>
      expect(driver.readMonitor(l3Of(driver), CSU)).rejects.toMatchObject({ code: "EBUSY" }),
    );
    expect(took).toBe(NRDY_NS);
    await fs.writeFile("web/schemata", "L3:0=3\n");
    expect(await fs.readFile("web/schemata")).toContain("L3:0=3\n");
    await machine.clock.advance(3 * SECOND);
    await comesToRest(broken);
    gone.remove();
    expect(portions(broken, 1)).toBe(0xf);
    expect([driver.enabled, await counts(broken)]).toEqual([true, TRUE]);
    expect(driver.log.filter(({ level }) => level !== "info")).toEqual([]);
  });

  test("zeros: monitors are configured anew at every reading, and show 0; back, they show what they had", async () => {
    const broken = await running("page");
    const { machine, driver } = broken;
    await machine.replay([TRAFFIC]);
    expect(await counts(broken)).toEqual(TRUE);
    const gone = machine.faults.add({ kind: "msc-gone", msc: L3, reads: "zeros" });
    for (const reading of [1, 2, 3]) {
      const before = gone.fired;
      expect(await driver.readMonitor(l3Of(driver), CSU)).toBe(0n);
      // MON_SEL, CTL, FLT; FLT, CTL, CSU, CTL; CSU.
      expect([reading, gone.fired - before]).toEqual([reading, 8]);
    }
    expect(await counts(broken)).toEqual(["0\n", "0\n"]);
    await comesToRest(broken);
    gone.remove();
    expect([driver.enabled, await counts(broken)]).toEqual([true, TRUE]);
  });

  test("abort: EIO, and nothing is disabled; what could not be written is written when it is asked for again", async () => {
    const broken = await running("page");
    const { machine, driver, fs } = broken;
    await machine.replay([TRAFFIC]);
    const gone = machine.faults.add({ kind: "msc-gone", msc: L3, reads: "abort" });
    await expect(fs.writeFile("web/schemata", "L3:0=3\n")).rejects.toMatchObject({ code: "EIO" });
    await expect(driver.readMonitor(l3Of(driver), CSU)).rejects.toMatchObject({ code: "EIO" });
    expect(await counts(broken)).toEqual(["Error\n", "Error\n"]);
    await fs.mkdir("other");
    await machine.clock.advance(3 * SECOND);
    await comesToRest(broken);
    expect(portions(broken, 1)).toBe(0xf);
    gone.remove();
    await fs.writeFile("web/schemata", "L3:0=3\n");
    expect(portions(broken, 1)).toBe(3);
    expect([driver.enabled, await counts(broken)]).toEqual([true, TRUE]);
    await comesToRest(broken);
  });

  test("abort: a cpu that would program it does not come; when it is back, it does, and settings act", async () => {
    // Only cpu 1 reaches memory, so its interrupt is private to a cpu.
    const broken = await booted("page", { memory: { cpus: [1], errorInterrupt: 20 } });
    const { machine, driver } = broken;
    const memory = driver.classes[1]!.components[0]!;
    await driver.apply(memory, 2, { mbwMax: 0x1e00 });
    await machine.cpu(1).offline();
    expect(limit(broken, 2)).toBe(0xfe00);
    const gone = machine.faults.add({ kind: "msc-gone", msc: MEMORY, reads: "abort" });
    await expect(machine.cpu(1).online()).rejects.toMatchObject({ code: "EIO" });
    expect([machine.cpu(1).isOnline, driver.enabled, limit(broken, 2)]).toEqual([false, true, 0xfe00]);
    gone.remove();
    await machine.cpu(1).online();
    expect([machine.cpu(1).isOnline, driver.enabled, limit(broken, 2)]).toEqual([true, true, 0x1e00]);
    await comesToRest(broken);
  });

  test("abort: a cpu goes all the same, and that is logged", async () => {
    const broken = await booted("page", { memory: { cpus: [1], errorInterrupt: 20 } });
    const { machine, driver } = broken;
    const gone = machine.faults.add({ kind: "msc-gone", msc: MEMORY, reads: "abort" });
    await driver.apply(driver.classes[1]!.components[0]!, 2, { mbwMax: 0x1e00 }).catch(() => {});
    await machine.cpu(1).offline();
    expect([machine.cpu(1).isOnline, driver.enabled]).toEqual([false, true]);
    expect(
      driver.log.filter(({ level, text }) => level === "error" && text.startsWith("cpu 1 goes: MSC 1, RIS 0")),
    ).toHaveLength(1);
    gone.remove();
    await machine.cpu(1).online();
    expect(limit(broken, 2)).toBe(0x1e00);
    await comesToRest(broken);
  });
});

describe("by page, an MSC that is gone and shares its line", () => {
  test("ones: another's interrupt finds them in MPAMF_ESR, and believes them", async () => {
    const broken = await running("page", { memory: { errorInterrupt: 44 } });
    const { machine } = broken;
    machine.faults.add({ kind: "msc-gone", msc: L3, reads: "ones" });
    machine.faults.add({ kind: "error-interrupt", msc: MEMORY });
    await staysDisabled(broken, "MSC 0 reports error 15 Reserved");
  });

  test("zeros: it has no error", async () => {
    const broken = await running("page", { memory: { errorInterrupt: 44 } });
    const { machine, driver } = broken;
    machine.faults.add({ kind: "msc-gone", msc: L3, reads: "zeros" });
    machine.faults.add({ kind: "error-interrupt", msc: MEMORY });
    await comesToRest(broken);
    expect([driver.enabled, driver.spuriousInterrupts]).toEqual([true, 1]);
  });
});

test("an error while the machine boots, as soon as it can be told, makes that fail", async () => {
  const machine = await Machine.create(platformOf("mailbox"));
  machine.faults.add({ kind: "error-interrupt", msc: L3, code: 6, everyNs: 10_000, times: 1000 });
  await expect(Driver.probe(machine)).rejects.toMatchObject({
    code: "EIO",
    message: expect.stringContaining("error 6"),
  });
  await machine.clock.advance(SECOND);
  expect([machine.clock.sleeping, machine.clock.nextDue]).toEqual([false, Number.POSITIVE_INFINITY]);
});

test("an error that nobody could look at is looked at when a cpu that can has come", async () => {
  const broken = await booted("page", { memory: { cpus: [1], errorInterrupt: 20 } });
  const { machine, driver } = broken;
  await machine.cpu(1).offline();
  machine.faults.add({ kind: "error-interrupt", msc: MEMORY, code: 9 });
  await comesToRest(broken);
  expect(driver.log.at(-1)).toMatchObject({
    level: "warning",
    text: expect.stringContaining("no cpu that reaches MSC 1"),
  });
  expect(driver.enabled).toBe(true);
  await machine.cpu(1).online();
  await comesToRest(broken);
  expect(driver.disableReason).toContain("MSC 1 reports error 9");
});

describe("a mailbox", () => {
  const LATE = { how: "slow", ns: 150_000_000 } as const;
  /** A few messages are given up as MPAM is disabled, each after a tenth of a second or two. */
  const LONGEST_NS = 2 * SECOND;

  const REACTIONS: readonly [string, object, string][] = [
    ["is too slow", LATE, "ETIMEDOUT"],
    ["is silent", { how: "silent" }, "ETIMEDOUT"],
    ["has another token", { how: "corrupt" }, "ETIMEDOUT"],
    ["has an error", { how: "corrupt", what: "status" }, "EINVAL"],
    ["stays busy", { how: "corrupt", what: "busy" }, "ETIMEDOUT"],
  ];
  const MAILBOXES = [
    ["with an interrupt", L3_MAILBOX, "L3:0=3\n", "of MSC 0 failed"],
    ["that is polled", MEMORY_MAILBOX, "MB:0=20\n", "of MSC 1 failed"],
  ] as const;

  describe.each(MAILBOXES)("%s", (_, subspace, line, reason) => {
    test.each(REACTIONS)("that %s: writing is EIO, and MPAM is disabled for good", async (_, fault, cause) => {
      const broken = await running("mailbox");
      const { machine, driver, fs } = broken;
      machine.faults.add({ kind: "mailbox", subspace, ...fault } as Fault);
      const took = await elapsed(machine, async () => {
        await expect(fs.writeFile("web/schemata", line)).rejects.toMatchObject({ code: "EIO", cause: { code: cause } });
        await driver.whenIdle();
      });
      expect(took).toBeLessThan(LONGEST_NS);
      // The other MSC is reached, and is as at reset.
      expect(subspace === L3_MAILBOX ? limit(broken, 1) : portions(broken, 1)).toBe(
        subspace === L3_MAILBOX ? 0xfe00 : 0xff,
      );
      await staysDisabled(broken, reason);
    });

    test.each(REACTIONS)("that %s once is the end as well, and what is behind it is reset", async (_, fault) => {
      const broken = await running("mailbox");
      const { machine, driver, fs } = broken;
      const once = machine.faults.add({ kind: "mailbox", subspace, ...fault, times: 1 } as Fault);
      await expect(fs.writeFile("web/schemata", line)).rejects.toMatchObject({ code: "EIO" });
      await driver.whenIdle();
      expect(once.fired).toBe(1);
      const lost = "what" in fault && fault.what === "busy";
      // A channel that nobody gives back, and one that lost its message, stay firmware's: nobody else rings.
      const stuck = lost || ("how" in fault && fault.how === "silent");
      const reset = subspace === L3_MAILBOX ? 0xff : 0xfe00;
      const found = subspace === L3_MAILBOX ? portions(broken, 1) : limit(broken, 1);
      expect(found).toBe(stuck ? (subspace === L3_MAILBOX ? 0xf : 0x7e00) : reset);
      await staysDisabled(broken, reason);
    });

    test.each(REACTIONS)("that %s while the machine boots: probing ends, and nothing waits", async (_, fault) => {
      const machine = await Machine.create(platformOf("mailbox"));
      machine.faults.add({ kind: "mailbox", subspace, ...fault } as Fault);
      const took = await elapsed(machine, () => expect(Driver.probe(machine)).rejects.toMatchObject({ code: "EIO" }));
      expect(took).toBeLessThan(LONGEST_NS);
      expect(machine.clock.sleeping).toBe(false);
      // An answer that is late has come by then.
      await machine.clock.advance(SECOND);
      expect([machine.clock.sleeping, machine.clock.nextDue]).toEqual([false, Number.POSITIVE_INFINITY]);
    });
  });

  test.each(REACTIONS)("that %s: counters are an error, and then there are none", async (_, fault) => {
    const broken = await running("mailbox");
    const { machine, fs } = broken;
    machine.faults.add({ kind: "mailbox", subspace: L3_MAILBOX, ...fault } as Fault);
    expect(await fs.readFile(OCCUPANCY)).toBe("Error\n");
    await staysDisabled(broken, "of MSC 0 failed");
  });

  test("that is silent is found by resctrl's own look at its counters, though nobody asks", async () => {
    const broken = await running("mailbox");
    const { machine } = broken;
    machine.faults.add({ kind: "mailbox", subspace: L3_MAILBOX, how: "silent" });
    await machine.clock.advance(2 * SECOND);
    await staysDisabled(broken, "of MSC 0 failed");
  });

  test("that is slow and in time is waited for, and everything goes on", async () => {
    const broken = await running("mailbox");
    const { machine, driver, fs } = broken;
    const slow = machine.faults.add({ kind: "mailbox", subspace: L3_MAILBOX, how: "slow", ns: 90_000_000 });
    const took = await elapsed(machine, () => fs.writeFile("web/schemata", "L3:0=3\n"));
    // PART_SEL and CPBM.
    expect([took, portions(broken, 1)]).toEqual([2 * (MESSAGE_NS + 90_000_000), 3]);
    slow.remove();
    expect(await elapsed(machine, () => fs.writeFile("web/schemata", "L3:0=7\n"))).toBe(2 * MESSAGE_NS);
    await comesToRest(broken);
    expect(driver.enabled).toBe(true);
  });

  test("that fails leaves the other to those who use it meanwhile", async () => {
    const broken = await running("mailbox");
    const { machine, driver } = broken;
    const memory = driver.classes[1]!.components[0]!;
    machine.faults.add({ kind: "mailbox", subspace: L3_MAILBOX, how: "silent" });
    const failing = driver.apply(l3Of(driver), 2, { cpbm: 1 });
    await driver.apply(memory, 2, { mbwMax: 0x1e00 });
    expect(limit(broken, 2)).toBe(0x1e00);
    await expect(failing).rejects.toMatchObject({ code: "EIO" });
    await staysDisabled(broken, "of MSC 0 failed");
  });

  test("whose MSC is gone answers -9: EIO, and MPAM is disabled", async () => {
    const broken = await running("mailbox");
    const { machine, fs } = broken;
    machine.faults.add({ kind: "msc-gone", msc: L3 });
    const failed = fs.writeFile("web/schemata", "L3:0=3\n");
    await expect(failed).rejects.toMatchObject({ code: "EIO", cause: { code: "EINVAL" } });
    await staysDisabled(broken, "firmware answers -9 (hardware error)");
  });

  test("that worked again boots again: another driver finds it", async () => {
    const broken = await running("mailbox");
    const { machine, driver, fs } = broken;
    machine.faults.add({ kind: "mailbox", subspace: L3_MAILBOX, how: "corrupt", what: "status", times: 1 });
    await expect(fs.writeFile("web/schemata", "L3:0=3\n")).rejects.toMatchObject({ code: "EIO" });
    await driver.whenIdle();
    await fs.unmount();
    const next = await Driver.probe(machine);
    expect([driver.enabled, next.enabled]).toEqual([false, true]);
    const again = await Resctrl.mount(next);
    await again.writeFile("schemata", "L3:0=3\n");
    expect(portions(broken, 0)).toBe(3);
    await comesToRest({ machine, driver: next, fs: again });
  });
});
