// Which tasks and cpus a group has (resctrl-fs.md sections 11 and 12).

import { describe, expect, test } from "vitest";
import { Resctrl } from "../../src/fs/index.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { FakeProcessor, fakeDriver, refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

describe("tasks", () => {
  test.each(golden.tasks.cases.filter(({ id }) => id !== "T12" && id !== "T13"))("$id: $input", async (c) => {
    const { fs, status } = await mounted();
    await fs.mkdir("g");
    const written = fs.writeFile("g/tasks", c.input, { uid: 0, gid: 0, pid: 102 });
    expect(await refusal(written)).toEqual(c.errno === null ? undefined : { code: c.errno, status: c.status_text });
    expect(await status()).toBe(c.status_text || "ok\n");
  });

  test("those before an error stay moved, those after it are not tried", async () => {
    const { fs, label } = await mounted();
    await fs.mkdir("g");
    await refusal(fs.writeFile("g/tasks", "100,999999,101\n"));
    expect([label(100), label(101)]).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(await fs.readFile("g/tasks")).toBe("100\n");
    expect(await fs.readFile("tasks")).toBe("101\n102\n");
  });

  test("a monitor group takes only tasks of its control group, which goes on listing them", async () => {
    const { fs, label } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    expect(await refusal(fs.writeFile("g/mon_groups/m/tasks", "100\n"))).toEqual({
      code: "EINVAL",
      status: "Can't move task to different control group\nError while processing task 100\n",
    });
    await fs.writeFile("g/tasks", "100,101\n");
    await fs.writeFile("g/mon_groups/m/tasks", "100\n");
    expect([label(100), label(101)]).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(await fs.readFile("g/tasks")).toBe("100\n101\n");
    expect(await fs.readFile("g/mon_groups/m/tasks")).toBe("100\n");
    await fs.writeFile("g/tasks", "100\n");
    expect(await fs.readFile("g/mon_groups/m/tasks")).toBe("");
  });

  test("another user's task is not moved, one's own is; 0 needs a caller that is a thread", async () => {
    const { driver, fs } = await mounted();
    const [task] = driver.machine.processor.tasks;
    if (task !== undefined) task.uid = 1000;
    await fs.chmod("tasks", 0o666);
    const user = { uid: 1000, gid: 1000, pid: 100 };
    await fs.writeFile("tasks", "100\n", user);
    await fs.writeFile("tasks", "0\n", user);
    expect(await refusal(fs.writeFile("tasks", "101\n", user))).toEqual({
      code: "EPERM",
      status: "No permission to move task 101\nError while processing task 101\n",
    });
    expect(await refusal(fs.writeFile("tasks", "0\n"))).toEqual({ code: "EINVAL", status: "" });
  });

  test("who could become the owner again may move a thread, too", async () => {
    const { driver, fs } = await mounted();
    Object.assign(driver.machine.processor.tasks[0] ?? {}, { uid: 1000, suid: 2000 });
    await fs.mkdir("g");
    await fs.chmod("g/tasks", 0o666);
    expect(await refusal(fs.writeFile("g/tasks", "100\n", { uid: 3000, gid: 1 }))).toMatchObject({ code: "EPERM" });
    await fs.writeFile("g/tasks", "100\n", { uid: 2000, gid: 1 });
    expect(await fs.readFile("g/tasks")).toBe("100\n");
  });

  test("a writer that is no thread here is told of the 0 it wrote", async () => {
    const { fs } = await mounted();
    const status = "No task 0\nError while processing task 0\n";
    expect(await refusal(fs.writeFile("tasks", "0\n", { uid: 0, gid: 0, pid: 4242 }))).toEqual({
      code: "ESRCH",
      status,
    });
  });

  test("threads may come from elsewhere; those of the machine stay as they are", async () => {
    const driver = fakeDriver();
    const host = new FakeProcessor(1, [9, 8]);
    const fs = await Resctrl.mount(driver, { tasks: host });
    expect(await fs.readFile("tasks")).toBe("9\n8\n");
    await fs.mkdir("g");
    await fs.writeFile("g/tasks", "8\n");
    expect(host.task(8)?.label.partidD).toBe(1);
    expect(await refusal(fs.writeFile("g/tasks", "100\n"))).toMatchObject({ code: "ESRCH" });
    await fs.unmount();
    expect(host.task(8)?.label.partidD).toBe(0);
    expect(await (await Resctrl.mount(driver)).readFile("tasks")).toBe("100\n101\n102\n");
  });

  test("a thread that appears while mounted starts in the default group", async () => {
    const { driver, fs } = await mounted();
    driver.machine.processor.tasks.push({ tid: 200, label: driver.machine.processor.globalDefault });
    expect(await fs.readFile("tasks")).toBe("100\n101\n102\n200\n");
  });
});

describe("cpus", () => {
  test("are shown as words of 32 and as ranges", async () => {
    const { fs } = await mounted({ cpus: 40 });
    expect(await fs.readFile("cpus")).toBe("ff,ffffffff\n");
    expect(await fs.readFile("cpus_list")).toBe("0-39\n");
    await fs.mkdir("g");
    expect(await fs.readFile("g/cpus")).toBe("00,00000000\n");
    expect(await fs.readFile("g/cpus_list")).toBe("\n");
    await fs.writeFile("g/cpus", "1,00000003,\n");
    expect(await fs.readFile("g/cpus_list")).toBe("0-1,32\n");
  });

  test("given to a group leave the others, and drop back to the default group", async () => {
    const { driver, fs } = await mounted();
    await fs.mkdir("a");
    await fs.mkdir("b");
    await fs.writeFile("a/cpus_list", "0-3");
    await fs.writeFile("b/cpus_list", "3-4\n");
    expect([await fs.readFile("a/cpus_list"), await fs.readFile("b/cpus"), await fs.readFile("cpus_list")]).toEqual([
      "0-2\n",
      "18\n",
      "5-7\n",
    ]);
    const partids = () => driver.machine.processor.cpuDefaults.map(({ partidD }) => partidD);
    expect(partids()).toEqual([1, 1, 1, 2, 2, 0, 0, 0]);
    await fs.writeFile("a/cpus", "\n");
    expect(await fs.readFile("cpus_list")).toBe("0-2,5-7\n");
    expect(partids()).toEqual([0, 0, 0, 2, 2, 0, 0, 0]);
  });

  test("of a monitor group stay the control group's, and siblings lose them", async () => {
    const { driver, fs } = await mounted({ pmgMax: 3 });
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.mkdir("g/mon_groups/n");
    await fs.writeFile("g/cpus_list", "0-3\n");
    expect(await refusal(fs.writeFile("g/mon_groups/m/cpus_list", "3-4\n"))).toEqual({
      code: "EINVAL",
      status: "Can only add CPUs to mongroup that belong to parent\n",
    });
    await fs.writeFile("g/mon_groups/m/cpus_list", "0-1\n");
    await fs.writeFile("g/mon_groups/n/cpus_list", "1-2\n");
    expect(await fs.readFile("g/mon_groups/m/cpus_list")).toBe("0\n");
    expect(await fs.readFile("g/cpus_list")).toBe("0-3\n");
    const pmgs = () => driver.machine.processor.cpuDefaults.slice(0, 4).map(({ pmgD }) => pmgD);
    expect(pmgs()).toEqual([1, 2, 2, 0]);
    await fs.writeFile("g/cpus_list", "0-3\n");
    expect(await fs.readFile("g/mon_groups/n/cpus_list")).toBe("\n");
    expect(pmgs()).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ["cpus", "xyz\n", "EINVAL", "Bad CPU list/mask\n"],
    ["cpus", "1ff\n", "EOVERFLOW", "Bad CPU list/mask\n"],
    ["cpus", "123456789\n", "EOVERFLOW", "Bad CPU list/mask\n"],
    ["cpus_list", "3-1\n", "EINVAL", "Bad CPU list/mask\n"],
    ["cpus_list", "8\n", "ERANGE", "Bad CPU list/mask\n"],
    ["cpus_list", "0x1\n", "EINVAL", "Bad CPU list/mask\n"],
    ["cpus_list", "4294967296\n", "EOVERFLOW", "Bad CPU list/mask\n"],
    ["cpus_list", "7\n", "EINVAL", "Can only assign online CPUs\n"],
    ["../cpus_list", "1-2\n", "EINVAL", "Can't drop CPUs from default group\n"],
  ])("%s refuses %j with %s", async (file, text, code, status) => {
    const driver = fakeDriver();
    const last = driver.machine.processor.cpus[7];
    if (last !== undefined) last.online = false;
    const fs = await Resctrl.mount(driver);
    await fs.mkdir("g");
    expect(await refusal(fs.writeFile(`g/${file}`, text))).toEqual({ code, status });
  });

  test.each([
    ["0-7:2/4\n", "0-1,4-5\n"],
    ["all\n", "0-7\n"],
    ["6-N\n", "6-7\n"],
    ["1 2,,3\n4\n", "1-3\n"],
    ["3,2,1\n", "1-3\n"],
  ])("cpus_list takes %j", async (text, shown) => {
    const { fs } = await mounted();
    await fs.mkdir("g");
    await fs.writeFile("g/cpus_list", text);
    expect(await fs.readFile("g/cpus_list")).toBe(shown);
  });
});
