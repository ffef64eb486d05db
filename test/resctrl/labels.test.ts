// Labels of tasks and cpus (resctrl-glue.md sections 5 and 14).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allCpus,
  allTasks,
  findTask,
  matchClosid,
  matchRmid,
  rmidIdxDecode,
  rmidIdxEncode,
  schedIn,
  setCdpEnabled,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setGlobalDefault,
  syncCpuClosidRmid,
  systemNumRmidIdx,
  type Task,
} from "../../src/resctrl/index.ts";
import { archOf } from "./machine.ts";

describe("what a cpu sends", () => {
  test.each([false, true])(
    "CDP %s: the task's label, or the cpu's where the task is in the default group",
    async (cdp) => {
      const { arch } = await archOf();
      if (cdp) setCdpEnabled(arch, "L3", true, { expert: true });
      setGlobalDefault(arch);
      const label = (closid: number, pmg: number) => ({
        ...(cdp ? { partidD: 2 * closid, partidI: 2 * closid + 1 } : { partidD: closid, partidI: closid }),
        ...{ pmgD: pmg, pmgI: pmg },
      });
      const [task] = allTasks(arch);
      setCpuDefaultClosidRmid(arch, 3, 2, 1);
      expect([schedIn(arch, 3, task!), schedIn(arch, 4, task!)]).toEqual([label(2, 1), label(0, 0)]);
      // Another RMID of closid 0 is a label of its own.
      setClosidRmid(arch, task!, 0, 1);
      expect(schedIn(arch, 3, task!)).toEqual(label(0, 1));
      setClosidRmid(arch, task!, 3, 0);
      expect(schedIn(arch, 3, task!)).toEqual(label(3, 0));
    },
  );

  test("a new default of a cpu counts from then on; without one nothing changes", async () => {
    const { arch, driver } = await archOf();
    const [task] = allTasks(arch);
    syncCpuClosidRmid(arch, 1, { closid: 2, rmid: 0 });
    syncCpuClosidRmid(arch, 1);
    expect(schedIn(arch, 1, task!)).toMatchObject({ partidD: 2 });
    expect(driver.machine.processor.cpuDefaults.filter(({ partidD }) => partidD !== 0).length).toBe(1);
  });
});

describe("numbers that no label has room for", () => {
  test("are warned of once, each kind for itself", async () => {
    const { arch, driver } = await archOf();
    const [task] = allTasks(arch);
    setClosidRmid(arch, task!, 65_535, 255);
    expect(driver.log).toEqual([]);
    setClosidRmid(arch, task!, 65_536, 256);
    setCpuDefaultClosidRmid(arch, 0, 70_000, 300);
    expect(driver.log).toEqual(["warning: closid 65536 is more than 65535", "warning: rmid 256 is more than 255"]);
  });
});

describe("threads", () => {
  test("are the machine's, until somebody else knows of others", async () => {
    const { arch, driver } = await archOf();
    expect(allTasks(arch).map(({ tid }) => tid)).toEqual([100, 101, 102]);
    const mine: Task[] = [{ tid: 5, label: { partidD: 1, partidI: 1, pmgD: 0, pmgI: 0 } }];
    const labels: unknown[] = [];
    arch.tasks = {
      tasks: mine,
      task: (tid) => mine.find((task) => task.tid === tid),
      setTaskLabel: (tid, label) => void labels.push([tid, label.partidD]),
    };
    expect([findTask(arch, 5)?.tid, findTask(arch, 100)]).toEqual([5, undefined]);
    setClosidRmid(arch, mine[0]!, 4, 0);
    expect(labels).toEqual([[5, 4]]);
    expect(driver.machine.processor.tasks.map(({ label }) => label.partidD)).toEqual([0, 0, 0]);
    expect(allCpus(arch).length).toBe(8);
  });

  test("are matched with the group they were put into, and with no other", async () => {
    const label = fc.record({ closid: fc.nat(3), rmid: fc.nat(1) });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), label, label, async (cdp, put, asked) => {
        const { arch } = await archOf();
        if (cdp) setCdpEnabled(arch, "L3", true, { expert: true });
        const [task] = allTasks(arch);
        setClosidRmid(arch, task!, put.closid, put.rmid);
        expect(matchClosid(arch, task!, asked.closid)).toBe(put.closid === asked.closid);
        const same = put.closid === asked.closid && put.rmid === asked.rmid;
        expect(matchRmid(arch, task!, asked.closid, asked.rmid)).toBe(same);
      }),
    );
  });
});

test("indices of (closid, rmid) are dense, and each leads back to its pair", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(300), fc.nat(20), async (partidMax, pmgMax) => {
      const { arch } = await archOf({ partidMax, pmgMax });
      const all = systemNumRmidIdx(arch);
      expect(all).toBe((partidMax + 1) * (pmgMax + 1));
      const pairs = new Set<string>();
      for (let idx = 0; idx < all; idx++) {
        const { closid, rmid } = rmidIdxDecode(arch, idx);
        expect(rmidIdxEncode(arch, closid, rmid)).toBe(idx);
        expect(closid <= partidMax && rmid <= pmgMax).toBe(true);
        pairs.add(`${closid}/${rmid}`);
      }
      expect(pairs.size).toBe(all);
    }),
    { numRuns: 20 },
  );
});
