// What a mount is asked for, and what a refused one leaves: nothing (resctrl-fs.md section 1).

import { describe, expect, test } from "vitest";
import { Core } from "../../src/fs/core.ts";
import { parseMountOptions, Resctrl } from "../../src/fs/index.ts";
import { ROOT } from "../../src/tree/index.ts";
import { FakeProcessor, type FakeShape, fakeDriver, refusal } from "./fakes.ts";

describe("the flags of mount -o", () => {
  test.each([
    ["", {}],
    ["cdp", { cdp: true }],
    ["debug,cdpl2", { debug: true, cdpl2: true }],
    ["cdp,,mba_MBps,", { cdp: true, mba_MBps: true }],
  ])("%j are %j", (text, flags) => {
    expect(parseMountOptions(text)).toEqual(flags);
  });

  test.each(["cdpl3", "CDP", "cdp=1", " cdp", "rw", "expert"])("%j is none", (text) => {
    expect(() => parseMountOptions(text)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });

  test.each([
    [{}, ""],
    [{ debug: true, cdp: true, expert: true }, ",cdp,debug"],
    [{ cdpl2: true, cdp: false, expert: true }, ",cdpl2"],
    [{ debug: true, cdpl2: true, cdp: true, expert: true }, ",cdp,cdpl2,debug"],
  ])("%j are shown as %j", async (options, shown) => {
    const fs = await Resctrl.mount(fakeDriver({ l2Wd: 8 }), options);
    expect(fs.mountOptions).toBe(shown);
  });
});

describe("a mount is refused", () => {
  test.each([
    ["an option there is not", { remount: true }, {}, "EINVAL"],
    ["a profile there is not", { profile: "arm" }, {}, "EINVAL"],
    ["cdp without expert", { cdp: true }, {}, "EOPNOTSUPP"],
    ["cdpl2 without expert", { cdpl2: true }, {}, "EOPNOTSUPP"],
    ["cdp with one PARTID", { cdp: true, expert: true }, { partidMax: 0 }, "EINVAL"],
    ["mba_MBps, always", { mba_MBps: true }, {}, "EINVAL"],
    ["mba_MBps, always, after cdp", { mba_MBps: true, cdp: true, cdpl2: true, expert: true }, {}, "EINVAL"],
  ] as [string, object, FakeShape, string][])("for %s, and leaves nothing", async (_what, options, shape, code) => {
    const driver = fakeDriver({ l2Wd: 8, ...shape });
    const own = { tasks: [{ tid: 7, label: driver.machine.processor.globalDefault }], task: () => undefined };
    const tasks = { ...own, setTaskLabel: () => {} };
    expect(await refusal(Resctrl.mount(driver, { ...options, tasks }))).toEqual({ code, status: "" });
    expect(driver.machine.clock.timers).toEqual([]);
    expect((await Core.of(driver)).arch.tasks).toBe(driver.machine.processor);
    const fs = await Resctrl.mount(driver);
    const { partidMax } = driver;
    expect(await fs.readFile("info/L3/num_closids")).toBe(`${partidMax + 1}\n`);
    expect(await fs.readdir("info")).toEqual(["L2", "L3", "L3_MON", "MB", "last_cmd_status"]);
    expect(await fs.readFile("tasks")).toBe("100\n101\n102\n");
    expect(driver.machine.processor.globalDefault).toEqual({ partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 });
  });

  test("with the kernel's words where it is for mba_MBps", async () => {
    const text = "mba_MBps requires MBM (mbm_event mode not supported) and linear scale MBA at L3 scope";
    await expect(Resctrl.mount(fakeDriver(), { mba_MBps: true })).rejects.toThrow(text);
  });

  test("when MPAM ends before it is there, and leaves no timer", async () => {
    const driver = fakeDriver();
    await Core.of(driver);
    const mounting = refusal(Resctrl.mount(driver));
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(driver.requests.length).toBeGreaterThan(0);
    await driver.disable("hardware error interrupt");
    expect(await mounting).toEqual({ code: "ENODEV", status: "" });
    expect(driver.machine.clock.timers).toEqual([]);
    expect(await refusal(Resctrl.mount(driver))).toMatchObject({ code: "ENODEV" });
  });

  test("when MPAM ends while resctrl is set up, and listens to nothing", async () => {
    const driver = fakeDriver();
    const mounting = refusal(Resctrl.mount(driver));
    await driver.disable("hardware error interrupt");
    expect(await mounting).toEqual({ code: "ENODEV", status: "" });
    expect([driver.machine.clock.timers, [...driver.machine.parts.keys()]]).toEqual([[], []]);
    expect(driver.log).toEqual(["error: MPAM disabled: hardware error interrupt"]);
  });

  test("when MPAM ends while it waits for the one before to go", async () => {
    const driver = fakeDriver();
    const before = await Resctrl.mount(driver);
    const going = before.unmount();
    const mounting = refusal(Resctrl.mount(driver));
    await Promise.resolve();
    await driver.disable("hardware error interrupt");
    await going;
    expect(await mounting).toEqual({ code: "ENODEV", status: "" });
  });

  test("by a fault half way: no counter is kept", async () => {
    const driver = fakeDriver();
    const { readMonitor } = driver;
    driver.readMonitor = () => Promise.reject(new TypeError("a fault of ours"));
    await expect(Resctrl.mount(driver, { cdp: true, expert: true })).rejects.toThrow("a fault of ours");
    driver.readMonitor = readMonitor;
    const core = await Core.of(driver);
    expect(core.monDomains().map(({ monitorOfIndex }) => monitorOfIndex.size)).toEqual([0, 0]);
    expect((await Resctrl.mount(driver)).mountOptions).toBe("");
  });

  test("for mba_MBps first of all: before CDP is tried, and another mount is looked for", async () => {
    const driver = fakeDriver();
    const wanted = { mba_MBps: true, cdp: true };
    expect(await refusal(Resctrl.mount(driver, wanted))).toEqual({ code: "EINVAL", status: "" });
    await Resctrl.mount(driver);
    expect(await refusal(Resctrl.mount(driver, { ...wanted, expert: true }))).toEqual({ code: "EINVAL", status: "" });
    expect(driver.log).toEqual([]);
  });

  test("while another one is there, and while a mount is on its way", async () => {
    const driver = fakeDriver();
    const codes = await Promise.all([refusal(Resctrl.mount(driver)), refusal(Resctrl.mount(driver))]);
    expect(codes).toEqual([undefined, { code: "EBUSY", status: "" }]);
  });

  test("at a machine with nothing for resctrl, for good, and the driver says why", async () => {
    const driver = fakeDriver({ cbmWd: 0, bwaWd: 0, csu: 0, mbwu: 0 });
    expect(await refusal(Resctrl.mount(driver))).toMatchObject({ code: "EOPNOTSUPP" });
    expect(driver.log.join("\n")).toContain("Failed to initialise resctrl: -95");
    expect(driver.enabled).toBe(false);
    expect(await refusal(Resctrl.mount(driver))).toMatchObject({ code: "ENODEV" });
  });
});

describe("what is there from the start", () => {
  test("belongs to whoever mounts, also what appears later", async () => {
    const caller = { uid: 12, gid: 34, pid: 101 };
    const fs = await Resctrl.mount(fakeDriver(), { caller });
    for (const path of ["/", "schemata", "info/L3/cbm_mask", "mon_groups", "mon_data/mon_L3_00/llc_occupancy"]) {
      expect(await fs.stat(path)).toMatchObject({ uid: 12, gid: 34 });
    }
    // And it is the caller where a call does not say.
    await fs.chmod("/", 0o755);
    await fs.mkdir("g");
    await fs.writeFile("g/tasks", "0\n", { ...ROOT, pid: 102 });
    expect(await fs.readFile("g/tasks")).toBe("102\n");
  });

  test("of the debug files are the ids of hardware, in groups of each kind", async () => {
    const fs = await Resctrl.mount(fakeDriver({ pmgMax: 3 }), { debug: true });
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    expect(await fs.readFile("ctrl_hw_id")).toBe("0\n");
    expect(await fs.readFile("g/ctrl_hw_id")).toBe("1\n");
    expect(await fs.readFile("g/mon_hw_id")).toBe("0\n");
    expect(await fs.readFile("g/mon_groups/m/mon_hw_id")).toBe("1\n");
    expect(await fs.readdir("g/mon_groups/m")).not.toContain("ctrl_hw_id");
    expect((await fs.stat("g/ctrl_hw_id")).mode).toBe(0o444);
    expect((await fs.stat("g/mon_hw_id")).mode).toBe(0o444);
  });

  test("has no mon_hw_id where nothing is monitored, and no debug file without debug", async () => {
    const bare = await Resctrl.mount(fakeDriver({ csu: 0, mbwu: 0 }), { debug: true });
    expect(await bare.readdir("/")).toEqual([
      "cpus",
      "cpus_list",
      "ctrl_hw_id",
      "info",
      "mode",
      "schemata",
      "size",
      "tasks",
    ]);
    const plain = await Resctrl.mount(fakeDriver());
    expect((await plain.readdir("/")).filter((name) => name.endsWith("hw_id"))).toEqual([]);
  });

  test("says in last_cmd_status which counters the default group did not get", async () => {
    const fs = await Resctrl.mount(fakeDriver({ mbwu: 1 }), { cdp: true, expert: true });
    const failed = [0, 1].map((d) => `Failed to allocate counter for mbm_total_bytes in domain ${d}\n`);
    expect(await fs.readFile("info/last_cmd_status")).toBe(failed.join(""));
  });
});

test("the name column is as wide as the longest name since boot: an unmount does not narrow it", async () => {
  const driver = fakeDriver({ cbmWd: 0 });
  const first = await Resctrl.mount(driver);
  expect(await first.readFile("schemata")).toBe("MB:0=100;1=100\n");
  await first.unmount();
  // Under CDP there is no MB, and with it no schema at all.
  const second = await Resctrl.mount(driver, { cdp: true, expert: true });
  expect(await second.readFile("schemata")).toBe("");
  await second.unmount();
  const third = await Resctrl.mount(driver);
  expect(await third.readFile("schemata")).toBe("MB:0=100;1=100\n");
});

test("groups of a thread are shown as in /proc", async () => {
  const fs = await Resctrl.mount(fakeDriver());
  await fs.mkdir("web");
  await fs.mkdir("web/mon_groups/m");
  await fs.mkdir("mon_groups/n");
  await fs.writeFile("web/tasks", "100,101\n");
  await fs.writeFile("web/mon_groups/m/tasks", "101\n");
  await fs.writeFile("mon_groups/n/tasks", "102\n");
  expect([100, 101, 102].map((tid) => fs.cpuResctrlGroups(tid))).toEqual([
    "res:web\nmon:\n",
    "res:web\nmon:m\n",
    "res:/\nmon:n\n",
  ]);
  expect(() => fs.cpuResctrlGroups(9)).toThrow(expect.objectContaining({ code: "ESRCH" }));
  await fs.unmount();
  expect(fs.cpuResctrlGroups(100)).toBe("res:\nmon:\n");
  const other = await Resctrl.mount(fakeDriver(), { tasks: new FakeProcessor(1, [7]) });
  await other.unmount();
  expect(other.cpuResctrlGroups(7)).toBe("res:\nmon:\n");
});
