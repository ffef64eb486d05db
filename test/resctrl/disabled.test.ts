// What the hooks answer when MPAM could not be set up, and when a hardware error has ended it (resctrl-glue.md section
// 16).

import { describe, expect, test } from "vitest";
import {
  allTasks,
  cntrRead,
  configCntr,
  getConfig,
  getIoAllocEnabled,
  getResource,
  ioAllocEnable,
  isEvtConfigurable,
  mbmCntrAssignEnabled,
  mbmCntrAssignSet,
  monCtxAlloc,
  monCtxFree,
  monEventConfigRead,
  monEventConfigWrite,
  preMount,
  RESOURCE_IDS,
  resetAllCtrls,
  resetCntr,
  resetRmid,
  resetRmidAll,
  rmidRead,
  roundMonVal,
  schedIn,
  setupArch,
  updateDomains,
  updateOne,
} from "../../src/resctrl/index.ts";
import { fakeDriver } from "../fs/fakes.ts";
import { archOf, control, monitored, outcome } from "./machine.ts";

describe("a machine with nothing to allocate or monitor", () => {
  test("is said with the errno, disables MPAM, and is thrown", async () => {
    const driver = fakeDriver({ cbmWd: 0, bwaWd: 0, csu: 0, mbwu: 0 });
    await expect(setupArch(driver)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
    expect(driver.enabled).toBe(false);
    expect(driver.log).toEqual(["error: Failed to initialise resctrl: -95", "error: MPAM disabled: Failed to enable."]);
    await expect(setupArch(driver)).rejects.toMatchObject({ code: "ENODEV" });
    expect(driver.log.length).toBe(2);
  });

  test("neither has one whose counters cannot all be had: no monitor stays taken", async () => {
    const driver = fakeDriver({ mbwu: 3 });
    driver.taken.mbwu.add(1);
    await expect(setupArch(driver)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(driver.log[0]).toBe("error: Failed to initialise resctrl: -28");
    expect([...driver.taken.mbwu]).toEqual([1]);
  });

  test("what is no refusal is a fault, and disables nothing", async () => {
    const driver = fakeDriver();
    Object.defineProperty(driver, "classes", {
      get: () => {
        throw new TypeError("broken");
      },
    });
    await expect(setupArch(driver)).rejects.toThrow(TypeError);
    expect([driver.enabled, driver.log]).toEqual([true, []]);
  });
});

describe("after a hardware error", () => {
  async function ended() {
    const { arch, driver } = await archOf();
    const [l3, ctrl] = control(arch, "L3");
    const [mb, limit] = control(arch, "MB");
    const mon = monitored(arch);
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    await updateOne(arch, l3, ctrl, 1, "none", 0xf);
    await updateOne(arch, mb, limit, 1, "none", 10);
    await configCntr(arch, mon, "mbm_total_bytes", 0, 1, 0, true);
    const told: string[] = [];
    arch.fs = {
      onlineCtrlDomain: () => {},
      onlineMonDomain: () => {},
      offlineCtrlDomain: () => void told.push("domain"),
      offlineMonDomain: () => void told.push("domain"),
      onlineCpu: () => {},
      offlineCpu: () => {},
      exit: () => void told.push(`exit, ${getResource(arch, "L3").monDomains.length} domains`),
    };
    await driver.disable("hardware error interrupt");
    return { arch, driver, l3, ctrl, mb, limit, mon, ctx, told };
  }

  test("controls read as their defaults, and cannot be set or reset", async () => {
    const { arch, driver, l3, ctrl, mb, limit } = await ended();
    const before = driver.applied.length;
    expect([getConfig(arch, l3, ctrl, 1, "none"), getConfig(arch, mb, limit, 1, "none")]).toEqual([0xffff, 100]);
    expect(await outcome(updateOne(arch, l3, ctrl, 1, "none", 1))).toBe("EINVAL");
    expect(await outcome(updateDomains(arch, l3, 1))).toBe("EINVAL");
    await resetAllCtrls(arch, l3);
    expect(driver.applied.length).toBe(before);
  });

  test("nothing is read: EINVAL, for those who had a monitor too, and it is let go of", async () => {
    const { arch, driver, mon, ctx } = await ended();
    expect(await outcome(rmidRead(arch, mon, 1, 0, "llc_occupancy", ctx))).toBe("EINVAL");
    expect(await outcome(cntrRead(arch, mon, 1, 0, "mbm_total_bytes"))).toBe("EINVAL");
    for (const event of ["llc_occupancy", "mbm_total_bytes"] as const) {
      expect(await outcome(monCtxAlloc(arch, event))).toBe("EINVAL");
    }
    const resets = driver.resets.length;
    resetCntr(arch, mon, "mbm_total_bytes", 1, 0);
    await configCntr(arch, mon, "mbm_total_bytes", 0, 2, 1, true);
    monCtxFree(arch, ctx);
    expect([driver.resets.length, arch.monitorsHeld]).toEqual([resets, 0]);
  });

  test("resources are there under their names, without domains, which go when the filesystem has heard", async () => {
    const { arch, told } = await ended();
    expect(RESOURCE_IDS.map((rid) => getResource(arch, rid).rid)).toEqual([...RESOURCE_IDS]);
    for (const rid of RESOURCE_IDS) {
      expect([getResource(arch, rid).ctrlDomains, getResource(arch, rid).monDomains]).toEqual([[], []]);
    }
    expect(told).toEqual(["exit, 2 domains"]);
  });

  test("tasks keep their labels, and nothing is switched", async () => {
    const { arch } = await ended();
    expect(allTasks(arch).length).toBe(3);
    expect(schedIn(arch, 0, allTasks(arch)[0]!)).toBeUndefined();
  });
});

describe("what MPAM has no answer to", () => {
  test("allocation for devices is EOPNOTSUPP, and off", async () => {
    const { arch } = await archOf();
    const l3 = getResource(arch, "L3");
    expect(() => ioAllocEnable(arch, l3, true)).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
    expect(getIoAllocEnabled(arch, l3)).toBe(false);
  });

  test("how counters are assigned is fixed: of the L3 to groups, even where nothing counts", async () => {
    const { arch } = await archOf({ mbwu: 0 });
    const [l3, mb] = [getResource(arch, "L3"), getResource(arch, "MB")];
    expect([mbmCntrAssignEnabled(arch, l3), mbmCntrAssignEnabled(arch, mb)]).toEqual([true, false]);
    expect(() => mbmCntrAssignSet(arch, l3, false)).toThrow(expect.objectContaining({ code: "EINVAL" }));
    await configCntr(arch, monitored(arch), "mbm_total_bytes", 0, 1, 0, true);
    expect(monitored(arch).monitorOfIndex.size).toBe(0);
  });

  test("events are not configured, RMIDs have no counts of their own, occupancy is not rounded", async () => {
    const { arch, driver } = await archOf();
    const d = monitored(arch);
    const before = driver.requests.length;
    preMount(arch);
    monEventConfigWrite(arch, d);
    resetRmid(arch, getResource(arch, "L3"), d, 1, 0);
    resetRmidAll(arch, getResource(arch, "L3"), d);
    expect([monEventConfigRead(arch, d), isEvtConfigurable(arch, "mbm_total_bytes")]).toEqual([undefined, false]);
    expect([driver.requests.length, driver.resets, roundMonVal(arch, 12_345)]).toEqual([before, [], 12_345]);
  });
});
