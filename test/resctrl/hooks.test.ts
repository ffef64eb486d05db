import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import {
  allocCapable,
  cntrRead,
  configCntr,
  configIndex,
  getConfig,
  getNumClosid,
  getResource,
  monCapable,
  monCtxAlloc,
  monCtxFree,
  type ResourceId,
  rmidIdxDecode,
  rmidIdxEncode,
  rmidRead,
  setCdpEnabled,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setupArch,
  systemNumRmidIdx,
  updateDomains,
  updateOne,
} from "../../src/resctrl/index.ts";
import { type FakeShape, fakeDriver, refusal } from "../fs/fakes.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };

async function machineWith(shape: FakeShape = {}) {
  const driver = fakeDriver(shape);
  return { driver, arch: await setupArch(driver) };
}

async function domainIds(shape: FakeShape, rid: ResourceId) {
  return getResource((await machineWith(shape)).arch, rid).ctrlDomains.map(({ id }) => id);
}

const SINGLE_L3 = { l3: { 3: [0, 1, 2, 3, 4, 5, 6, 7] } };

describe("which class serves what", () => {
  test("an L3 with portions and a limit gives L3 and MB, domains by cache id", async () => {
    const { arch } = await machineWith({ l3: { 258: [0, 1, 2, 3], 4: [4, 5, 6, 7] } });
    expect(getResource(arch, "L3").ctrlDomains.map(({ id }) => id)).toEqual([4, 258]);
    expect(getResource(arch, "MB").ctrlDomains.map(({ id }) => id)).toEqual([4, 258]);
    expect(getResource(arch, "L2").allocCapable).toBe(false);
    expect(getResource(arch, "SMBA").allocCapable).toBe(false);
  });

  test("more than 32 portions are more than resctrl can say, so there is no L3 schema", async () => {
    expect(getResource((await machineWith({ cbmWd: 33 })).arch, "L3").allocCapable).toBe(false);
    expect(getResource((await machineWith({ cbmWd: 32 })).arch, "L3").allocCapable).toBe(true);
  });

  test("an L3 that some cpus do not have is not used", async () => {
    const partial = fakeDriver({ l3: { 0: [0, 1, 2, 3] }, bandwidth: "memory", bwaWd: 7 });
    await expect(setupArch(partial)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
  });

  test("a limit at memory is MB where one L3 and one node make its traffic that of the L3", async () => {
    expect(await domainIds({ ...SINGLE_L3, bandwidth: "memory" }, "MB")).toEqual([3]);
    expect(await domainIds({ ...SINGLE_L3, bandwidth: "memory", nodes: 2 }, "MB")).toEqual([]);
    expect(await domainIds({ ...SINGLE_L3, bandwidth: "memory", l4: true }, "MB")).toEqual([]);
    expect(await domainIds({ bandwidth: "memory" }, "MB")).toEqual([]);
  });

  test("counters at memory make mbm_total_bytes under the same conditions", async () => {
    const at = async (shape: FakeShape) => [
      ...(await machineWith({ ...shape, bandwidth: "memory" })).arch.events.keys(),
    ];
    expect(await at(SINGLE_L3)).toEqual(["llc_occupancy", "mbm_total_bytes"]);
    expect(await at({ ...SINGLE_L3, nodes: 2 })).toEqual(["llc_occupancy"]);
  });

  test("an L3 that counts bandwidth is preferred to memory, in whichever order they come", async () => {
    for (const reversed of [false, true]) {
      const driver = fakeDriver({ ...SINGLE_L3, bandwidth: "memory" });
      const [l3, memory] = driver.classes;
      l3?.props.features.add("msmon_mbwu").add("mbw_max");
      if (l3 !== undefined) Object.assign(l3.props, { numMbwuMon: 2, bwaWd: 5 });
      if (reversed) driver.classes.reverse();
      const arch = await setupArch(driver);
      expect(memory?.props.numMbwuMon).toBe(6);
      expect(arch.events.get("mbm_total_bytes")).toBe(l3);
      expect(arch.slots.get("MB")?.class).toBe(l3);
    }
  });

  test("monitors without controls still make an L3 that can be monitored and not allocated", async () => {
    const { arch } = await machineWith({ cbmWd: 0, bwaWd: 0 });
    expect([allocCapable(arch), monCapable(arch)]).toEqual([false, true]);
    expect(getResource(arch, "L3").monDomains.map(({ id }) => id)).toEqual([0, 1]);
  });

  test("nothing to allocate or to monitor is EOPNOTSUPP, a disabled driver ENODEV", async () => {
    const bare = fakeDriver({ cbmWd: 0, bwaWd: 0, csu: 0, mbwu: 0 });
    await expect(setupArch(bare)).rejects.toMatchObject({ code: "EOPNOTSUPP" });
    const off = fakeDriver();
    off.enabled = false;
    await expect(setupArch(off)).rejects.toMatchObject({ code: "ENODEV" });
  });

  test("every bandwidth monitor is taken at setup, and none is when one cannot be had", async () => {
    const { driver } = await machineWith({ mbwu: 3 });
    expect([...driver.taken.mbwu]).toEqual([0, 1, 2]);
    const short = fakeDriver({ mbwu: 3 });
    short.taken.mbwu.add(1);
    const alloc = short.allocMonitor.bind(short);
    let calls = 0;
    short.allocMonitor = (c, type) => {
      if (++calls > 2) throw new ErrnoError("ENOSPC", "none");
      return alloc(c, type);
    };
    await expect(setupArch(short)).rejects.toMatchObject({ code: "ENOSPC" });
    expect([...short.taken.mbwu]).toEqual([1]);
  });

  test.each(golden.rmid_idx.occupancy_threshold)(
    "the reuse threshold of a $cache_size byte cache is its share",
    async (c) => {
      const { arch } = await machineWith({ cacheBytes: c.cache_size, partidMax: c.partid_max, pmgMax: c.pmg_max });
      expect([arch.rmidLimitBytes, arch.rmidThresholdBytes]).toEqual([c.limit, c.threshold]);
    },
  );
});

describe("closid and rmid", () => {
  test.each(golden.rmid_idx.cases)("index of ($closid, $rmid) with PARTID $partid_max, PMG $pmg_max", async (c) => {
    const { arch } = await machineWith({ partidMax: c.partid_max, pmgMax: c.pmg_max });
    expect(rmidIdxEncode(arch, c.closid, c.rmid)).toBe(c.idx);
    expect(rmidIdxDecode(arch, c.idx)).toEqual({ closid: c.closid, rmid: c.rmid });
    expect(systemNumRmidIdx(arch)).toBe(c.system_num_rmid_idx);
    expect(getNumClosid(arch, getResource(arch, "L3"))).toBe(c.partid_max + 1);
  });

  test("under CDP data is even and code odd; without it the PARTID is the closid", () => {
    for (const { closid, partid_data, partid_code } of golden.rmid_idx.cdp_partids) {
      expect([configIndex(closid, "data"), configIndex(closid, "code")]).toEqual([partid_data, partid_code]);
      expect(configIndex(closid, "none")).toBe(closid);
    }
  });

  test("CDP is refused and may be switched off", async () => {
    const { arch } = await machineWith();
    expect(() => setCdpEnabled(arch, "L3", true)).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
    setCdpEnabled(arch, "L3", false);
  });

  test("tasks and cpus get the PARTID and PMG for data and instructions alike", async () => {
    const { arch, driver } = await machineWith();
    const { processor } = driver.machine;
    const task = processor.task(100);
    if (task !== undefined) setClosidRmid(arch, task, 3, 1);
    setCpuDefaultClosidRmid(arch, 2, 4, 0);
    expect(processor.task(100)?.label).toEqual({ partidD: 3, partidI: 3, pmgD: 1, pmgI: 1 });
    expect(processor.cpuDefaults[2]).toEqual({ partidD: 4, partidI: 4, pmgD: 0, pmgI: 0 });
  });
});

describe("controls", () => {
  test("a bandwidth write leaves the mask of the same class as it is", async () => {
    const { arch, driver } = await machineWith();
    const [l3, mb] = [getResource(arch, "L3"), getResource(arch, "MB")];
    const [d, other] = l3.ctrlDomains;
    if (d === undefined || other === undefined || mb.ctrlDomains[0] === undefined) throw new Error("no domains");
    await updateOne(arch, l3, d, 2, "none", 0xf0);
    await updateOne(arch, mb, mb.ctrlDomains[0], 2, "none", 50);
    expect(driver.stored(d.component, 2)).toEqual({ cpbm: 0xf0, mbwMax: 0x7e00 });
    expect(getConfig(arch, mb, mb.ctrlDomains[0], 2, "none")).toBe(50);
    expect(getConfig(arch, l3, other, 2, "none")).toBe(0xffff);
    expect(await refusal(updateOne(arch, l3, d, 8, "none", 1))).toEqual({ code: "EINVAL", status: "" });
  });

  test("with MPAM disabled updates are EINVAL, and every control reads as its default", async () => {
    const { arch, driver } = await machineWith();
    const l3 = getResource(arch, "L3");
    const [d] = l3.ctrlDomains;
    if (d === undefined) throw new Error("no domain");
    await updateOne(arch, l3, d, 0, "none", 1);
    await driver.disable("test");
    expect((await refusal(updateOne(arch, l3, d, 0, "none", 2)))?.code).toBe("EINVAL");
    expect((await refusal(updateDomains(arch, l3, 0)))?.code).toBe("EINVAL");
    expect(getConfig(arch, l3, d, 0, "none")).toBe(0xffff);
    expect((await refusal(monCtxAlloc(arch, "llc_occupancy")))?.code).toBe("EINVAL");
  });
});

describe("monitors", () => {
  test("a reader waits for the only occupancy monitor until it is given back", async () => {
    const { arch } = await machineWith({ csu: 1 });
    const first = await monCtxAlloc(arch, "llc_occupancy");
    const order: string[] = [];
    const second = monCtxAlloc(arch, "llc_occupancy").then((ctx) => {
      order.push("second");
      return ctx;
    });
    await Promise.resolve();
    order.push("free");
    monCtxFree(arch, first);
    monCtxFree(arch, await second);
    expect(order).toEqual(["free", "second"]);
  });

  test("waiting for a monitor that nobody will give back is refused", async () => {
    const { arch, driver } = await machineWith({ csu: 1 });
    driver.taken.csu.add(0);
    expect((await refusal(monCtxAlloc(arch, "llc_occupancy")))?.code).toBe("EINVAL");
  });

  test("occupancy is read by PARTID and PMG", async () => {
    const { arch, driver } = await machineWith();
    const d = getResource(arch, "L3").monDomains[1];
    if (d === undefined) throw new Error("no domain");
    driver.occupancy.set("1/5/1", 4096n);
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    expect(await rmidRead(arch, d, 5, 1, "llc_occupancy", ctx)).toBe(4096n);
    expect(driver.requests.at(-1)).toEqual({ type: "csu", mon: 0, partid: 5, pmg: 1, matchPmg: true });
    expect((await refusal(rmidRead(arch, d, 5, 1, "mbm_total_bytes", ctx)))?.code).toBe("EINVAL");
  });

  test("taking a counter away in one domain leaves the other domain counting", async () => {
    const { arch, driver } = await machineWith();
    const [zero, one] = getResource(arch, "L3").monDomains;
    if (zero === undefined || one === undefined) throw new Error("no domains");
    driver.bytes.set("1/2/0", 640n);
    await configCntr(arch, zero, "mbm_total_bytes", 0, 2, 3, true);
    await configCntr(arch, one, "mbm_total_bytes", 0, 2, 4, true);
    expect(driver.resets).toEqual([
      { id: 0, mon: 3 },
      { id: 1, mon: 4 },
    ]);
    await configCntr(arch, zero, "mbm_total_bytes", 0, 2, 3, false);
    expect((await refusal(cntrRead(arch, zero, 2, 0, "mbm_total_bytes")))?.code).toBe("ENOENT");
    expect(await cntrRead(arch, one, 2, 0, "mbm_total_bytes")).toBe(640n);
  });

  test("an assigned counter is programmed at once, not at the next poll", async () => {
    const { arch, driver } = await machineWith();
    const [zero] = getResource(arch, "L3").monDomains;
    if (zero === undefined) throw new Error("no domain");
    await configCntr(arch, zero, "mbm_total_bytes", 1, 2, 0, true);
    expect(driver.requests).toEqual([{ type: "mbwu", mon: 0, partid: 2, pmg: 1, matchPmg: true }]);
  });
});
