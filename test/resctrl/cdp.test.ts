// Code/data prioritisation (resctrl-glue.md section 6), and what follows from it for controls and monitors.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConfigType,
  cntrRead,
  configCntr,
  configIndex,
  disableCdp,
  enableCdp,
  getCdpEnabled,
  getConfig,
  getNumClosid,
  getResource,
  hidesCdp,
  matchClosid,
  matchRmid,
  monCtxAlloc,
  type ResourceId,
  rmidRead,
  saveArch,
  setCdpEnabled,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setupArch,
  updateDomains,
  updateOne,
} from "../../src/resctrl/index.ts";
import { type FakeShape, fakeDriver, refusal } from "../fs/fakes.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { archOf, control, held, monitored, outcome } from "./machine.ts";

const EXPERT = { expert: true };
const BOTH = { cdp: true, cdpl2: true, expert: true };

async function split(shape: FakeShape = {}) {
  const whole = await archOf({ l2Wd: 8, ...shape });
  setCdpEnabled(whole.arch, "L3", true, EXPERT);
  return whole;
}

describe("switching it on", () => {
  test("wants an expert's kernel, says so in the log, and changes nothing without one", async () => {
    const { arch, driver } = await archOf();
    const before = held(arch, driver);
    expect(() => setCdpEnabled(arch, "L3", true)).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
    expect(() => enableCdp(arch, { cdp: true, cdpl2: true })).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
    expect(held(arch, driver)).toEqual(before);
    expect(driver.log).toEqual(["warning: CDP not supported", "warning: CDP not supported"]);
    setCdpEnabled(arch, "L3", true, EXPERT);
    expect(driver.log.at(-1)).toBe("warning: CDP is an expert feature and may cause MPAM to malfunction.");
  });

  test("halves monitor ids and counters, takes MB away, and gives code and data their PARTIDs", async () => {
    const { arch, driver } = await archOf({ mbwu: 7 });
    driver.machine.processor.setTaskLabel(101, { partidD: 3, partidI: 3, pmgD: 1, pmgI: 1 });
    driver.machine.processor.setCpuDefault(5, { partidD: 4, partidI: 4, pmgD: 0, pmgI: 0 });
    setCdpEnabled(arch, "L3", true, EXPERT);
    const label = { partidD: 0, partidI: 1, pmgD: 0, pmgI: 0 };
    expect(held(arch, driver)).toEqual({
      on: true,
      split: ["L3"],
      mb: false,
      numRmid: 8,
      numCntrs: 3,
      tasks: [label, label, label],
      cpus: Array.from({ length: 8 }, () => label),
      global: label,
    });
    expect(getNumClosid(arch, getResource(arch, "L3"))).toBe(8);
  });

  test.each(golden.rmid_idx.cases.filter(({ closid, rmid, partid_max }) => closid + rmid === 0 && partid_max > 0))(
    "$system_num_rmid_idx monitor ids become $num_rmids_file_cdp",
    async ({ partid_max, pmg_max, num_rmids_file_no_cdp, num_rmids_file_cdp }) => {
      const { arch } = await archOf({ partidMax: partid_max, pmgMax: pmg_max });
      const { mon } = getResource(arch, "L3");
      expect(mon.numRmid).toBe(num_rmids_file_no_cdp);
      setCdpEnabled(arch, "L2", true, EXPERT);
      expect(mon.numRmid).toBe(num_rmids_file_cdp);
      setCdpEnabled(arch, "L2", false);
      expect(mon.numRmid).toBe(num_rmids_file_no_cdp);
    },
  );

  test("with one counter there is none left for a pair", async () => {
    const { arch } = await split({ mbwu: 1 });
    expect(getResource(arch, "L3").mon.numCntrs).toBe(0);
    expect(getResource(arch, "L3").mon.cntrAssignable).toBe(true);
  });

  test("with one PARTID it is EINVAL, and everything stays as it was", async () => {
    for (const asked of [{ cdp: true }, { cdpl2: true }, { cdp: true, cdpl2: true }]) {
      const { arch, driver } = await archOf({ partidMax: 0, l2Wd: 8 });
      const before = held(arch, driver);
      expect(() => enableCdp(arch, { ...asked, expert: true })).toThrow(expect.objectContaining({ code: "EINVAL" }));
      expect(held(arch, driver)).toEqual(before);
    }
  });

  test("threads that somebody else knows of are labelled as well as those of the machine", async () => {
    const { arch, driver } = await archOf();
    const mine = { tid: 7, label: { partidD: 2, partidI: 2, pmgD: 1, pmgI: 1 } };
    arch.tasks = {
      tasks: [mine],
      task: (tid) => (tid === 7 ? mine : undefined),
      setTaskLabel: (_tid, label) => {
        mine.label = label;
      },
    };
    setCdpEnabled(arch, "L3", true, EXPERT);
    const label = { partidD: 0, partidI: 1, pmgD: 0, pmgI: 0 };
    expect([mine.label, ...driver.machine.processor.tasks.map((task) => task.label)]).toEqual(
      Array.from({ length: 4 }, () => label),
    );
  });
});

describe("switching it off", () => {
  test("brings back everything but the labels, which are those of the default group", async () => {
    const { arch, driver } = await archOf({ l2Wd: 8 });
    const before = held(arch, driver);
    enableCdp(arch, BOTH);
    expect(held(arch, driver)).toMatchObject({ on: true, split: ["L3", "L2"], mb: false });
    disableCdp(arch);
    expect(held(arch, driver)).toEqual(before);
  });

  test("MB does not appear where there is none", async () => {
    const { arch } = await archOf({ bwaWd: 0 });
    setCdpEnabled(arch, "L3", true, EXPERT);
    disableCdp(arch);
    expect(getResource(arch, "MB").allocCapable).toBe(false);
  });

  test("a cpu that came meanwhile has its MB domain afterwards, and one that went has not", async () => {
    const { arch, driver } = await archOf({ l3: { 0: [0, 1, 2, 3], 1: [4, 5, 6, 7] } });
    const { onlineCpu, offlineCpu } = await import("../../src/resctrl/index.ts");
    const ids = () => getResource(arch, "MB").ctrlDomains.map(({ id }) => id);
    for (const cpu of [4, 5, 6, 7]) await offlineCpu(arch, cpu);
    setCdpEnabled(arch, "L3", true, EXPERT);
    for (const cpu of [4, 5, 6, 7]) await onlineCpu(arch, cpu);
    for (const cpu of [0, 1, 2, 3]) await offlineCpu(arch, cpu);
    disableCdp(arch);
    expect(ids()).toEqual([1]);
    expect(driver.log.filter((line) => !line.includes("CDP"))).toEqual([]);
  });
});

describe("labels", () => {
  test.each(golden.rmid_idx.cdp_partids.filter(({ closid }) => closid <= 31))(
    "closid $closid has data under PARTID $partid_data and code under $partid_code",
    async ({ closid, partid_data, partid_code }) => {
      const { arch, driver } = await split({ partidMax: 63 });
      const [task, other] = driver.machine.processor.tasks;
      setClosidRmid(arch, task!, closid, 1);
      setCpuDefaultClosidRmid(arch, 3, closid, 0);
      expect(task!.label).toEqual({ partidD: partid_data, partidI: partid_code, pmgD: 1, pmgI: 1 });
      expect(driver.machine.processor.cpuDefaults[3]).toMatchObject({ partidD: partid_data, partidI: partid_code });
      expect([matchClosid(arch, task!, closid), matchRmid(arch, task!, closid, 1)]).toEqual([true, true]);
      expect([matchRmid(arch, task!, closid, 0), matchClosid(arch, task!, closid + 1)]).toEqual([false, false]);
      expect(matchClosid(arch, other!, closid)).toBe(closid === 0);
    },
  );
});

describe("controls", () => {
  test("a split schema has a setting for code and one for data", async () => {
    const { arch, driver } = await split();
    const [l3, d] = control(arch, "L3", 1);
    d.staged.set("code", 0xf0);
    d.staged.set("data", 0x0f);
    await updateDomains(arch, l3, 2);
    expect([driver.stored(d.component, 5), driver.stored(d.component, 4)]).toEqual([{ cpbm: 0xf0 }, { cpbm: 0x0f }]);
    expect([getConfig(arch, l3, d, 2, "code"), getConfig(arch, l3, d, 2, "data")]).toEqual([0xf0, 0x0f]);
    expect(hidesCdp(arch, l3)).toBe(false);
  });

  test("one that is not split writes the code PARTID, then the data PARTID, and reads data", async () => {
    const { arch, driver } = await split();
    const [l2, d] = control(arch, "L2", 3);
    expect([hidesCdp(arch, l2), getCdpEnabled(arch, "L2")]).toEqual([true, false]);
    await updateOne(arch, l2, d, 2, "none", 0x3c);
    expect(driver.applied.map(({ level, partid, config }) => [level, partid, config])).toEqual([
      [2, 5, { cpbm: 0x3c }],
      [2, 4, { cpbm: 0x3c }],
    ]);
    await driver.apply(d.component, 5, { cpbm: 1 });
    expect(getConfig(arch, l2, d, 2, "none")).toBe(0x3c);
    await driver.apply(d.component, 4, { cpbm: 2 });
    expect(getConfig(arch, l2, d, 2, "none")).toBe(2);
  });

  test("the first of the two writes that fails ends it", async () => {
    // Five PARTIDs: closid 2 has one for data, and none for code.
    const { arch, driver } = await split({ partidMax: 4 });
    const [l2, d] = control(arch, "L2");
    expect(await outcome(updateOne(arch, l2, d, 2, "none", 1))).toBe("EINVAL");
    expect(driver.applied).toEqual([]);
    expect(await outcome(updateOne(arch, l2, d, 3, "none", 1))).toBe("EINVAL");
    expect(await outcome(updateOne(arch, l2, d, 1, "none", 1))).toBeUndefined();
  });

  test("MB can be neither set nor read while it is on, and is what it was when it is off", async () => {
    const { arch } = await archOf();
    const [mb, d] = control(arch, "MB");
    await updateOne(arch, mb, d, 2, "none", 50);
    setCdpEnabled(arch, "L3", true, EXPERT);
    expect(getConfig(arch, mb, d, 1, "none")).toBe(100);
    expect(await outcome(updateOne(arch, mb, d, 1, "none", 20))).toBe("EINVAL");
    disableCdp(arch);
    expect(getConfig(arch, mb, d, 2, "none")).toBe(50);
  });

  test("whatever is set is what is read, for every resource, half and closid, and others keep theirs", async () => {
    const rids = fc.constantFrom<ResourceId>("L3", "L2");
    const step = fc.record({
      rid: rids,
      half: fc.boolean(),
      closid: fc.nat(3),
      value: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("none", "cdp", "cdpl2", "both"), fc.array(step), async (mode, steps) => {
        const { arch } = await archOf({ l2Wd: 8 });
        enableCdp(arch, {
          cdp: mode === "cdp" || mode === "both",
          cdpl2: mode === "cdpl2" || mode === "both",
          ...EXPERT,
        });
        const expected = new Map<string, number>();
        for (const { rid, half, closid, value } of steps) {
          const [r, d] = control(arch, rid);
          const type: ConfigType = getCdpEnabled(arch, rid) ? (half ? "code" : "data") : "none";
          await updateOne(arch, r, d, closid, type, value);
          expected.set(`${rid} ${closid} ${type}`, value);
        }
        for (const rid of ["L3", "L2"] as const) {
          const types: ConfigType[] = getCdpEnabled(arch, rid) ? ["code", "data"] : ["none"];
          const [r, d] = control(arch, rid);
          for (const closid of [0, 1, 2, 3]) {
            for (const type of types) {
              const wanted = expected.get(`${rid} ${closid} ${type}`) ?? (rid === "L2" ? 0xff : 0xffff);
              expect(getConfig(arch, r, d, closid, type), `${rid} ${closid} ${type}`).toBe(wanted);
            }
          }
        }
      }),
    );
  });
});

describe("monitors", () => {
  test("occupancy is that of code and of data, read with one monitor", async () => {
    const { arch, driver } = await split();
    driver.occupancy.set("1/4/1", 4096n);
    driver.occupancy.set("1/5/1", 64n);
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    expect(await rmidRead(arch, monitored(arch, 1), 2, 1, "llc_occupancy", ctx)).toBe(4160n);
    expect(driver.requests.map(({ mon, partid, pmg }) => [mon, partid, pmg])).toEqual([
      [0, 5, 1],
      [0, 4, 1],
    ]);
    expect([...driver.taken.csu]).toEqual([0]);
  });

  test("a half that cannot be read is the failure of both", async () => {
    const { arch, driver } = await split();
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    const { readMonitor } = driver;
    for (const failing of [4, 5]) {
      driver.readMonitor = (component, request) =>
        request.partid === failing
          ? Promise.reject(Object.assign(new Error("stuck"), { code: "EBUSY" }))
          : readMonitor.call(driver, component, request);
      expect(await outcome(rmidRead(arch, monitored(arch), 2, 0, "llc_occupancy", ctx))).toBe("EBUSY");
    }
  });

  test("a counter is a pair of monitors, and its value the sum of the two", async () => {
    const { arch, driver } = await split({ mbwu: 6 });
    driver.bytes.set("0/6/1", 100n);
    driver.bytes.set("0/7/1", 20n);
    const d = monitored(arch);
    await configCntr(arch, d, "mbm_total_bytes", 1, 3, 2, true);
    expect(driver.resets.map(({ mon }) => mon).sort()).toEqual([4, 5]);
    expect(await cntrRead(arch, d, 3, 1, "mbm_total_bytes")).toBe(120n);
    const pairs = driver.requests.map(({ mon, partid }) => [partid, mon]);
    expect(new Map(pairs as [number, number][])).toEqual(
      new Map([
        [6, 4],
        [7, 5],
      ]),
    );
    await configCntr(arch, d, "mbm_total_bytes", 1, 3, 2, false);
    expect(await outcome(cntrRead(arch, d, 3, 1, "mbm_total_bytes"))).toBe("ENOENT");
    expect(d.monitorOfIndex.size).toBe(0);
  });

  test("no monitor counts for two groups, however counters are given and taken", async () => {
    const step = fc.record({ closid: fc.nat(3), rmid: fc.nat(1), counter: fc.nat(3), at: fc.nat(1), on: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 40 }), async (cdp, steps) => {
        const { arch } = await archOf({ mbwu: 8 });
        if (cdp) setCdpEnabled(arch, "L3", true, EXPERT);
        const owners = [new Map<number, string>(), new Map<number, string>()];
        for (const { closid, rmid, counter, at, on } of steps) {
          const who = `${closid}/${rmid}`;
          const mine = owners[at]!;
          const has = [...mine].find(([, owner]) => owner === who)?.[0];
          // As the filesystem does: a counter that is free, or the one that the group has.
          if (on ? mine.has(counter) || has !== undefined : has === undefined) continue;
          await configCntr(arch, monitored(arch, at), "mbm_total_bytes", rmid, closid, on ? counter : has!, on);
          if (on) mine.set(counter, who);
          else mine.delete(has!);
        }
        for (const at of [0, 1]) {
          const { monitorOfIndex } = monitored(arch, at);
          const mons = [...monitorOfIndex.values()];
          expect(new Set(mons).size).toBe(mons.length);
          expect(mons.length).toBe(owners[at]!.size * (cdp ? 2 : 1));
          for (const [counter, who] of owners[at]!) {
            const [closid, rmid] = who.split("/").map(Number) as [number, number];
            for (const type of cdp ? (["code", "data"] as const) : (["none"] as const)) {
              expect(monitorOfIndex.get(configIndex(closid, type) * 2 + rmid)).toBe(configIndex(counter, type));
            }
          }
        }
      }),
    );
  });
});

test("a snapshot has it: what is split, the counters of pairs, and nothing is labelled anew", async () => {
  const { arch, driver } = await split({ mbwu: 6 });
  await configCntr(arch, monitored(arch), "mbm_total_bytes", 0, 1, 2, true);
  setClosidRmid(arch, driver.machine.processor.tasks[0]!, 2, 1);
  const before = held(arch, driver);
  const pairs = [...monitored(arch).monitorOfIndex];
  const saved = JSON.parse(JSON.stringify(saveArch(arch)));
  const other = fakeDriver({ l2Wd: 8, mbwu: 6 });
  Object.assign(other.machine.processor, {
    tasks: driver.machine.processor.tasks,
    cpuDefaults: driver.machine.processor.cpuDefaults,
    globalDefault: driver.machine.processor.globalDefault,
  });
  const again = await setupArch(other, { saved });
  expect(held(again, other)).toEqual(before);
  expect([...monitored(again).monitorOfIndex]).toEqual(pairs);
  expect([...other.taken.mbwu]).toEqual([]);
  expect(other.log).toEqual([]);
  expect(await refusal(updateOne(again, ...control(again, "MB"), 1, "none", 20))).toMatchObject({ code: "EINVAL" });
});
