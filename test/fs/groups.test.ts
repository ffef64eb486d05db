// Making, removing and moving groups (resctrl-fs.md section 10).

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { refusal } from "./fakes.ts";
import { EPERM, mounted } from "./mounted.ts";

describe("mkdir", () => {
  test("makes a control group: shareable, no cpus, no tasks, everything open, owned by the caller", async () => {
    const { fs } = await mounted();
    await fs.writeFile("schemata", "L3:0=f\nMB:0=10\n");
    await fs.mkdir("g", 0o750);
    expect(await fs.readFile("g/schemata")).toBe("    MB:0=100;1=100\n    L3:0=ffff;1=ffff\n");
    expect(await fs.readFile("g/mode")).toBe("shareable\n");
    expect([await fs.readFile("g/tasks"), await fs.readFile("g/cpus")]).toEqual(["", "00\n"]);
    expect((await fs.stat("g")).mode).toBe(0o750);
    expect((await fs.stat("g/mon_data/mon_L3_00")).mode).toBe(0o750);
    expect((await fs.stat("g/schemata")).mode).toBe(0o644);
    await fs.mkdir("g/mon_groups/m");
    expect(await fs.readdir("g/mon_groups/m")).toEqual([
      "cpus",
      "cpus_list",
      "mbm_L3_assignments",
      "mon_data",
      "tasks",
    ]);
  });

  test("belongs to whoever calls, where the caller may write", async () => {
    const { fs } = await mounted();
    const user = { uid: 1000, gid: 100 };
    expect(await refusal(fs.mkdir("g", 0o755, user))).toMatchObject({ code: "EACCES" });
    await fs.chmod("/", 0o777);
    await fs.mkdir("g", 0o755, user);
    expect(await fs.stat("g/schemata")).toMatchObject({ uid: 1000, gid: 100 });
    await fs.writeFile("g/schemata", "L3:0=1\n", user);
    expect(await refusal(fs.writeFile("schemata", "L3:0=1\n", user))).toMatchObject({ code: "EACCES" });
  });

  test.each([
    ["a\nb", "EINVAL"],
    ["tasks", "EEXIST"],
    ["info", "EEXIST"],
    ["info/x", "ENODEV"],
    ["info/L3/x", "ENODEV"],
    ["info/L3_MON/event_configs/x", "ENODEV"],
    ["info/L3_MON/event_configs/mbm_total_bytes/x", "ENODEV"],
    ["g/x", "EPERM"],
    ["mon_data/x", "EPERM"],
    ["mon_data/mon_L3_00/x", "EPERM"],
    ["mon_groups/mon_groups", "EPERM"],
    ["mon_groups/m/x", "EPERM"],
    ["none/x", "ENOENT"],
  ])("of %j is %s, without a text", async (path, code) => {
    const { fs } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("mon_groups/m");
    expect(await refusal(fs.mkdir(path))).toEqual({ code, status: "" });
  });

  test("runs out of closids at the number the machine has, and undoes what it had begun", async () => {
    const { fs } = await mounted({ partidMax: 3 });
    for (const name of ["a", "b", "c"]) await fs.mkdir(name);
    expect(await refusal(fs.mkdir("d"))).toEqual({ code: "ENOSPC", status: "Out of CLOSIDs\n" });
    expect(await fs.readFile("info/last_cmd_status")).toBe("Out of CLOSIDs\n");
    expect(await fs.readdir("/")).not.toContain("d");
  });

  test("runs out of RMIDs per control group: ENOSPC even while limbo holds some", async () => {
    const { fs } = await mounted({ pmgMax: 1 });
    await fs.mkdir("mon_groups/m");
    expect(await refusal(fs.mkdir("mon_groups/n"))).toEqual({ code: "ENOSPC", status: "Out of RMIDs\n" });
    await fs.rmdir("mon_groups/m");
    expect(await refusal(fs.mkdir("mon_groups/n"))).toEqual({ code: "ENOSPC", status: "Out of RMIDs\n" });
  });

  test("that cannot set the first values leaves nothing behind", async () => {
    const { driver, fs } = await mounted({ partidMax: 1, csu: 0 });
    driver.applyFailure = new ErrnoError("EIO", "the bus does not answer");
    const text = "Failed to initialize allocations\n";
    expect(await refusal(fs.mkdir("g"))).toEqual({ code: "EIO", status: text });
    expect(await fs.readdir("/")).not.toContain("g");
    driver.applyFailure = undefined;
    await fs.mkdir("g");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=4;1=4\n");
  });

  test("of one name by two callers at once makes one group", async () => {
    const { fs } = await mounted({ partidMax: 2 });
    const codes = await Promise.all([refusal(fs.mkdir("g")), refusal(fs.mkdir("g"))]);
    expect(codes).toEqual([undefined, { code: "EEXIST", status: "" }]);
    // The one that lost took no closid with it.
    await fs.mkdir("h");
  });
});

describe("rmdir", () => {
  test("gives tasks and cpus of a control group to the default group, with its monitor groups", async () => {
    const { driver, fs, label } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "100,101\n");
    await fs.writeFile("g/mon_groups/m/tasks", "101\n");
    await fs.writeFile("g/cpus_list", "0-1\n");
    const open = await fs.open("g/mon_groups/m/tasks", { read: true, write: true });
    await fs.rmdir("g");
    expect([label(100), label(101)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(await fs.readFile("cpus_list")).toBe("0-7\n");
    expect(driver.machine.processor.cpuDefaults[0]?.partidD).toBe(0);
    expect(await refusal(open.text())).toMatchObject({ code: "ENODEV" });
    expect(await refusal(open.write("100\n"))).toMatchObject({ code: "ENODEV" });
    expect(await refusal(fs.readFile("g/tasks"))).toMatchObject({ code: "ENOENT" });
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=5;1=5\n");
  });

  test("gives tasks of a monitor group to its control group", async () => {
    const { fs, label } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "100\n");
    await fs.writeFile("g/mon_groups/m/tasks", "100\n");
    await fs.rmdir("g/mon_groups/m");
    expect(label(100)).toEqual([1, 0]);
  });

  test.each([
    ["info", "EPERM"],
    ["info/L3", "EPERM"],
    ["info/L3_MON/event_configs/mbm_total_bytes", "EPERM"],
    ["mon_groups", "EPERM"],
    ["mon_data", "EPERM"],
    ["mon_data/mon_L3_00", "EPERM"],
    ["tasks", "ENOTDIR"],
    ["/", "EBUSY"],
  ])("of %s is %s", async (path, code) => {
    const { fs } = await mounted();
    expect(await refusal(fs.rmdir(path))).toEqual({ code, status: "" });
  });

  test("while another call waits inside the group lets that one say the group is gone", async () => {
    const { fs } = await mounted();
    await fs.mkdir("g");
    const file = await fs.open("g/tasks", { read: true, write: false });
    const removed = fs.rmdir("g");
    const late = refusal(file.text());
    await removed;
    expect(await late).toEqual({ code: "ENOENT", status: "Resource group g deleted. No commands possible.\n" });
  });
});

test("a name of other letters is written in UTF-8, in texts as in messages", async () => {
  const { driver, fs } = await mounted();
  driver.applyFailure = new ErrnoError("EIO", "MSC größer");
  await expect(fs.mkdir("grüße")).rejects.toThrow("EIO: MSC größer");
  driver.applyFailure = undefined;
  await fs.mkdir("grüße");
  await expect(fs.rename("grüße", "mon_groups/x")).rejects.toThrow("grüße: not a monitor group");
  const file = await fs.open("grüße/tasks", { read: true, write: false });
  const removed = fs.rmdir("grüße");
  const late = file.text();
  await removed;
  const status = "Resource group grüße deleted. No commands possible.\n";
  await expect(late).rejects.toMatchObject({ status, message: "ENOENT: grüße: the group has been removed" });
  expect(await fs.readFile("info/last_cmd_status")).toBe(status);
});

describe("rename", () => {
  const SOURCE = "Source must be a MON group\n";
  const TARGET = "Destination must be a mon_groups subdirectory\n";

  test.each([
    ["info", "mon_groups/x", "ENOENT", ""],
    ["mon_groups/m", "info/x", "ENOENT", ""],
    ["tasks", "mon_groups/x", "EPERM", "Source and destination must be directories"],
    ["g", "mon_groups/x", "EPERM", SOURCE],
    ["mon_groups", "x", "EPERM", SOURCE],
    ["mon_groups/m", "x", "EPERM", TARGET],
    ["mon_groups/m", "mon_groups/mon_groups", "EPERM", TARGET],
    ["mon_groups/m", "g/x", "EPERM", TARGET],
    ["mon_groups/m", "mon_groups/n", "EEXIST", ""],
  ])("of %s to %s is %s", async (from, to, code, status) => {
    const { fs } = await mounted({ pmgMax: 3 });
    await fs.mkdir("g");
    await fs.mkdir("mon_groups/m");
    await fs.mkdir("mon_groups/n");
    expect(await refusal(fs.rename(from, to))).toEqual({ code, status });
  });

  test("empties last_cmd_status, as mkdir and rmdir do", async () => {
    const { fs } = await mounted();
    const after = async (call: () => Promise<unknown>) => {
      await refusal(fs.writeFile("schemata", "L3\n"));
      await call();
      return fs.readFile("info/last_cmd_status");
    };
    expect(await after(() => fs.mkdir("mon_groups/m"))).toBe("ok\n");
    expect(await after(() => fs.rename("mon_groups/m", "mon_groups/n"))).toBe("ok\n");
    expect(await after(() => refusal(fs.rename("mon_groups/n", "info/x")))).toBe("Missing ':'\n");
    expect(await after(() => fs.rmdir("mon_groups/n"))).toBe("ok\n");
    expect(await after(() => refusal(fs.rmdir("mon_groups")))).toBe("ok\n");
    expect(await after(() => refusal(fs.rmdir("info")))).toBe("Missing ':'\n");
  });

  test("to a name that is taken in another control group changes nothing", async () => {
    const { fs, label } = await mounted({ pmgMax: 2 });
    for (const path of ["g", "g/mon_groups/m", "mon_groups/m"]) await fs.mkdir(path);
    await fs.writeFile("mon_groups/m/tasks", "100\n");
    expect(await refusal(fs.rename("mon_groups/m", "g/mon_groups/m"))).toEqual({ code: "EEXIST", status: "" });
    expect(label(100)).toEqual([0, 1]);
    // Nor has it taken an RMID there.
    await fs.mkdir("g/mon_groups/n");
    await fs.rmdir("g");
  });

  test("within a control group only changes the name", async () => {
    const { fs, label } = await mounted();
    await fs.mkdir("mon_groups/m");
    await fs.writeFile("mon_groups/m/tasks", "100\n");
    await fs.rename("mon_groups/m", "mon_groups/renamed");
    expect(await fs.readFile("mon_groups/renamed/tasks")).toBe("100\n");
    expect(label(100)).toEqual([0, 1]);
  });

  test("to another control group takes the tasks along, under an RMID that is free there", async () => {
    const { fs, label } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("h");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "100\n");
    await fs.writeFile("g/mon_groups/m/tasks", "100\n");
    await fs.mkdir("h/mon_groups/n");
    await fs.rmdir("h/mon_groups/n");
    expect(await refusal(fs.rename("g/mon_groups/m", "h/mon_groups/m"))).toEqual({
      code: "ENOSPC",
      status: "Out of RMIDs\n",
    });
    expect(label(100)).toEqual([1, 1]);
    await fs.rename("g/mon_groups/m", "mon_groups/m");
    expect(label(100)).toEqual([0, 1]);
    expect(await fs.readFile("mon_groups/m/tasks")).toBe("100\n");
    expect(await fs.readFile("mon_groups/m/mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=e\n");
    expect(await fs.readFile("mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes")).toBe("0\n");
    expect(await fs.readFile("g/tasks")).toBe("");
  });

  test("of a group that monitors cpus stays within its control group", async () => {
    const { fs } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("mon_groups/m");
    await fs.writeFile("mon_groups/m/cpus", "1\n");
    expect(await refusal(fs.rename("mon_groups/m", "g/mon_groups/m"))).toEqual({
      code: "EPERM",
      status: "Cannot move a MON group that monitors CPUs\n",
    });
    await fs.rename("mon_groups/m", "mon_groups/n");
  });
});

describe("on a machine without monitors", () => {
  test.each(["g/x", "info/x"])("mkdir %s is EPERM, and looks at no group: last_cmd_status stays", async (path) => {
    const { fs } = await mounted({ csu: 0, mbwu: 0 });
    await fs.mkdir("g");
    await refusal(fs.writeFile("schemata", "L3\n"));
    expect(await refusal(fs.mkdir(path))).toEqual(EPERM);
    expect(await fs.readFile("info/last_cmd_status")).toBe("Missing ':'\n");
  });

  test("no RMID is dealt, however often groups come and go", async () => {
    const { fs, label } = await mounted({ csu: 0, mbwu: 0, pmgMax: 1, partidMax: 1 });
    for (let i = 0; i < 3; i++) {
      await fs.mkdir("g");
      await fs.writeFile("g/tasks", "100\n");
      expect(label(100)).toEqual([1, 0]);
      await fs.rmdir("g");
    }
  });
});
