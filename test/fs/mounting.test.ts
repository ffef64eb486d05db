// What a mount brings, what an unmount takes away, and the end of MPAM (resctrl-fs.md section 1).

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { FakeProcessor, fakeDriver, refusal } from "./fakes.ts";
import { EPERM, mounted } from "./mounted.ts";

describe("mounting", () => {
  test("shows the default group with everything in it", async () => {
    const { fs } = await mounted();
    expect(await fs.readdir("/")).toEqual([
      "cpus",
      "cpus_list",
      "info",
      "mbm_L3_assignments",
      "mode",
      "mon_data",
      "mon_groups",
      "schemata",
      "size",
      "tasks",
    ]);
    expect(await fs.readdir("mon_data")).toEqual(["mon_L3_00", "mon_L3_01"]);
    expect(await fs.readdir("mon_data/mon_L3_00")).toEqual(["llc_occupancy", "mbm_total_bytes"]);
    expect((await fs.stat("/")).mode).toBe(0o555);
  });

  test("domain directories have at least two digits", async () => {
    const { fs } = await mounted({ l3: { 7: [0, 1, 2, 3], 258: [4, 5, 6, 7] } });
    expect(await fs.readdir("mon_data")).toEqual(["mon_L3_07", "mon_L3_258"]);
  });

  test("is refused twice, with cdp, with unknown options, and without MPAM", async () => {
    const { driver, fs } = await mounted();
    expect(await refusal(Resctrl.mount(driver))).toMatchObject({ code: "EBUSY" });
    await fs.unmount();
    expect(await refusal(fs.unmount())).toMatchObject({ code: "EINVAL" });
    expect(await refusal(Resctrl.mount(driver, { cdp: true }))).toMatchObject({ code: "EOPNOTSUPP" });
    expect(await refusal(Resctrl.mount(driver, { cdpl3: true } as never))).toMatchObject({ code: "EINVAL" });
    await Resctrl.mount(driver, { cdp: false });
    await driver.disable("test");
    expect(await refusal(Resctrl.mount(driver))).toMatchObject({ code: "ENODEV" });
    const bare = fakeDriver({ cbmWd: 0, bwaWd: 0, csu: 0, mbwu: 0 });
    expect(await refusal(Resctrl.mount(bare))).toMatchObject({ code: "EOPNOTSUPP" });
  });

  test("on a machine that can only monitor has no control groups, and an empty task list", async () => {
    const { fs } = await mounted({ cbmWd: 0, bwaWd: 0 });
    expect(await fs.readFile("schemata")).toBe("");
    expect(await fs.readFile("tasks")).toBe("");
    expect(await fs.readdir("info")).toEqual(["L3_MON", "last_cmd_status"]);
    expect(await refusal(fs.mkdir("g"))).toEqual(EPERM);
    await fs.mkdir("mon_groups/m");
    await fs.writeFile("mon_groups/m/tasks", "101\n");
    expect(await fs.readFile("mon_groups/m/tasks")).toBe("101\n");
  });
});

describe("unmounting", () => {
  test("puts tasks, cpus, controls and counters back, and empties the tree", async () => {
    const { driver, fs, label } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "100\n");
    await fs.writeFile("g/mon_groups/m/tasks", "100\n");
    await fs.writeFile("g/cpus_list", "1-2\n");
    await fs.writeFile("g/schemata", "L3:0=1\n");
    await fs.writeFile("schemata", "L3:0=2\nMB:1=20\n");
    await fs.unmount();
    expect(label(100)).toEqual([0, 0]);
    expect(driver.machine.processor.cpuDefaults.map(({ partidD }) => partidD)).toEqual(new Array(8).fill(0));
    expect(await fs.readdir("/")).toEqual([]);
    expect(await refusal(fs.readFile("schemata"))).toMatchObject({ code: "ENOENT" });
    expect(await refusal(fs.mkdir("g"))).toMatchObject({ code: "ENODEV" });
    expect(driver.machine.clock.timers.map(({ kind }) => kind)).toEqual(["resctrl.limbo", "resctrl.limbo"]);
    const again = await Resctrl.mount(driver);
    expect(await again.readdir("/")).not.toContain("g");
    expect(await again.readFile("schemata")).toBe("    MB:0=100;1=100\n    L3:0=ffff;1=ffff\n");
    expect(await again.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=5;1=5\n");
  });

  test("looks at the threads as often with many groups as with one; so does a snapshot", async () => {
    async function looks(groups: number) {
      const driver = fakeDriver();
      const own = new FakeProcessor(1, [7, 8]);
      let count = 0;
      const tasks = {
        get tasks() {
          count++;
          return own.tasks;
        },
        task: (tid: number) => own.task(tid),
        setTaskLabel: own.setTaskLabel.bind(own),
      };
      const fs = await Resctrl.mount(driver, { tasks });
      for (let at = 0; at < groups; at++) await fs.mkdir(`g${at}`);
      await fs.writeFile("g0/tasks", "8\n");
      count = 0;
      driver.machine.parts.get("resctrl")?.();
      const saved = count;
      await fs.unmount();
      expect(own.task(8)?.label.partidD).toBe(0);
      return [saved, count];
    }
    expect(await looks(7)).toEqual(await looks(1));
  });

  test("resets the controls of every class, also of those that have no line under CDP", async () => {
    const driver = fakeDriver({ bandwidth: "memory", l2Wd: 8, l3: { 0: [0, 1, 2, 3, 4, 5, 6, 7] } });
    const fs = await Resctrl.mount(driver);
    await fs.writeFile("schemata", "L2:3=1\nL3:0=1\nMB:0=10\n");
    await fs.unmount();
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("schemata")).toBe(
      `    MB:0=100\n    L2:${[0, 1, 2, 3, 4, 5, 6, 7].map((cpu) => `${cpu}=ff`).join(";")}\n    L3:0=ffff\n`,
    );
  });

  test("that cannot reset one class resets the others, says so, and is over all the same", async () => {
    const { driver, fs } = await mounted({ bandwidth: "memory", l3: { 0: [0, 1, 2, 3, 4, 5, 6, 7] } });
    await fs.writeFile("schemata", "L3:0=1\nMB:0=10\n");
    const reset = driver.resetClass.bind(driver);
    driver.resetClass = (c) => (c.type === "cache" ? Promise.reject(new ErrnoError("EIO", "no answer")) : reset(c));
    expect(await refusal(fs.unmount())).toMatchObject({ code: "EIO" });
    expect(await refusal(fs.unmount())).toMatchObject({ code: "EINVAL" });
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("schemata")).toBe("    MB:0=100\n    L3:0=1\n");
  });

  test("keeps the reuse threshold, assign-on-mkdir and RMIDs in limbo", async () => {
    const { driver, fs } = await mounted({ partidMax: 0 });
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "4096\n");
    await fs.writeFile("info/L3_MON/mbm_assign_on_mkdir", "0\n");
    await fs.mkdir("mon_groups/m");
    await fs.unmount();
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("info/L3_MON/max_threshold_occupancy")).toBe("4096\n");
    expect(await again.readFile("info/L3_MON/mbm_assign_on_mkdir")).toBe("0\n");
    expect(await refusal(again.mkdir("mon_groups/m"))).toEqual({ code: "EBUSY", status: "Out of RMIDs\n" });
  });

  test("is done also when a fault ends it half way", async () => {
    const { driver, fs, clock } = await mounted({ csu: 0 });
    await fs.mkdir("g");
    driver.resetClass = () => Promise.reject(new TypeError("a fault of ours"));
    await expect(fs.unmount()).rejects.toThrow("a fault of ours");
    expect(clock.timers).toEqual([]);
    expect(await refusal(fs.unmount())).toMatchObject({ code: "EINVAL" });
    expect(await refusal(Resctrl.mount(driver))).toBeUndefined();
  });

  test("leaves open files of groups with ENODEV, and those of info with ENOENT", async () => {
    const { fs } = await mounted();
    const read = { read: true, write: false };
    const [tasks, info] = [await fs.open("tasks", read), await fs.open("info/L3/cbm_mask", read)];
    await fs.unmount();
    expect(await refusal(tasks.text())).toMatchObject({ code: "ENODEV" });
    expect(await refusal(info.text())).toMatchObject({ code: "ENOENT" });
  });
});

test("when MPAM is disabled the tree empties, timers stop, and unmounting still works", async () => {
  const { driver, fs, clock } = await mounted();
  await fs.mkdir("g");
  await fs.mkdir("gone");
  await fs.rmdir("gone");
  const open = await fs.open("g/schemata", { read: true, write: true });
  await driver.disable("hardware error interrupt");
  expect(await fs.readdir("/")).toEqual([]);
  expect(clock.timers).toEqual([]);
  expect(await refusal(open.write("L3:0=1\n"))).toMatchObject({ code: "ENODEV" });
  expect(await refusal(fs.mkdir("h"))).toMatchObject({ code: "ENODEV" });
  expect(driver.machine.parts.has("resctrl")).toBe(false);
  await fs.unmount();
});

test.each(["g", "mon_groups/m"])("wherever MPAM ends while %s is made, the tree is empty afterwards", async (path) => {
  for (let steps = 0; steps < 50; steps++) {
    const { driver, fs } = await mounted();
    const making = refusal(fs.mkdir(path));
    for (let step = 0; step < steps; step++) await Promise.resolve();
    await driver.disable("hardware error interrupt");
    await making;
    expect(await fs.readdir("/")).toEqual([]);
  }
});
