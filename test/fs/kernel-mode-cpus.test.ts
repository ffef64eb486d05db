// kmode_cpus and kmode_cpus_list: where they are, what they take, and what becomes of them when groups and cpus come and go
// (docs/resctrl.md, "Kernel mode").

import { describe, expect, test } from "vitest";
import type { Resctrl } from "../../src/fs/index.ts";
import { type FakeShape, refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

const MODE = "info/kernel_mode";
const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const BOTH = { read: true, write: true };

async function bound(group: string, shape: FakeShape = {}) {
  const all = await mounted(shape, { proposed: ["kernel-mode"] });
  const { fs, driver } = all;
  await fs.mkdir("web");
  await fs.mkdir("web/mon_groups/m");
  await fs.mkdir("other");
  await bind(fs, group);
  return { ...all, mode: () => driver.machine.processor.kernel?.mode };
}

const bind = (fs: Resctrl, group: string) => fs.writeFile(MODE, `${GLOBAL}:group=${group}\n`);

const DIRECTORIES = { "//": "", "web//": "web/", "web/m/": "web/mon_groups/m/", "other//": "other/" } as const;

/** The directories that have them. */
async function where(fs: Resctrl): Promise<string[]> {
  const found: string[] = [];
  for (const at of Object.values(DIRECTORIES)) {
    const names = await fs.readdir(`/${at}`);
    const there = ["kmode_cpus", "kmode_cpus_list"].filter((name) => names.includes(name));
    expect([0, 2]).toContain(there.length);
    if (there.length > 0) found.push(at);
  }
  return found;
}

describe("the files", () => {
  test("are in the directory of the bound group and nowhere else", async () => {
    const { fs } = await bound("//");
    for (const [group, at] of Object.entries(DIRECTORIES)) {
      await bind(fs, group);
      expect(await where(fs)).toEqual([at]);
      expect(await fs.readFile(`${at}kmode_cpus`)).toBe("ff\n");
      expect(await fs.readFile(`${at}kmode_cpus_list`)).toBe("0-7\n");
      expect((await fs.stat(`${at}kmode_cpus`)).mode).toBe(0o644);
    }
    for (const other of ["inherit_ctrl_and_mon", "per_group_assign_ctrl_assign_mon"]) {
      await bind(fs, "web/m/");
      await fs.writeFile(MODE, `${other}\n`);
      expect(await where(fs)).toEqual([]);
    }
  });

  test("belong to whoever made the group", async () => {
    const { fs } = await bound("//");
    await fs.chmod("/", 0o777);
    await fs.mkdir("mine", 0o755, { uid: 5, gid: 6 });
    await bind(fs, "mine//");
    expect(await fs.stat("mine/kmode_cpus_list")).toMatchObject({ uid: 5, gid: 6, mode: 0o644 });
  });

  test("replace the set, in either spelling", async () => {
    const { fs, mode } = await bound("web/m/");
    await fs.writeFile("web/mon_groups/m/kmode_cpus", "f0\n");
    expect(await fs.readFile("web/mon_groups/m/kmode_cpus_list")).toBe("4-7\n");
    expect(mode()).toMatchObject({ policy: "global", cpus: [4, 5, 6, 7], label: { partidD: 1, pmgD: 1 } });
    await fs.writeFile("web/mon_groups/m/kmode_cpus_list", "1,3-4");
    expect(await fs.readFile("web/mon_groups/m/kmode_cpus")).toBe("1a\n");
    expect(mode()).toMatchObject({ cpus: [1, 3, 4] });
  });

  test.each(["\n", ""])("with %j are off everywhere, and the group stays bound", async (text) => {
    const { fs, mode } = await bound("web//");
    await fs.writeFile("web/kmode_cpus_list", text);
    expect(await fs.readFile("web/kmode_cpus")).toBe("00\n");
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("\n");
    expect(mode()).toMatchObject({ policy: "global", cpus: [] });
    expect(await fs.readFile(MODE)).toContain(`[${GLOBAL}:group=web//]`);
  });

  test("have nothing to do with the cpus of the group", async () => {
    const { fs, driver } = await bound("web//");
    await fs.writeFile("web/cpus_list", "1\n");
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("0-7\n");
    await fs.writeFile("web/kmode_cpus_list", "2\n");
    expect(await fs.readFile("web/cpus_list")).toBe("1\n");
    expect(driver.machine.processor.cpuDefaults.map(({ partidD }) => partidD)).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });
});

describe("what is refused", () => {
  test.each([
    ["kmode_cpus_list", "x\n", "EINVAL"],
    ["kmode_cpus_list", "3-1\n", "EINVAL"],
    ["kmode_cpus_list", "8\n", "ERANGE"],
    ["kmode_cpus", "g\n", "EINVAL"],
    ["kmode_cpus", "100\n", "EOVERFLOW"],
  ])("%s takes no %j", async (file, text, code) => {
    const { fs } = await bound("web//");
    await fs.writeFile("web/kmode_cpus_list", "1\n");
    expect(await refusal(fs.writeFile(`web/${file}`, text))).toEqual({ code, status: "Bad CPU list/mask\n" });
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("1\n");
  });

  test("a cpu that is offline", async () => {
    const { fs, driver } = await bound("web//");
    await driver.machine.cpu(3, false);
    expect(await refusal(fs.writeFile("web/kmode_cpus_list", "2-3\n"))).toEqual({
      code: "EINVAL",
      status: "Can only assign online CPUs\n",
    });
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("0-2,4-7\n");
  });

  test("a descriptor from before the group lost its binding", async () => {
    const { fs, mode, status } = await bound("web//");
    const open = await fs.open("web/kmode_cpus_list", BOTH);
    await bind(fs, "other//");
    const other = { code: "EBUSY", status: "Group is not the active kernel-mode binding\n" };
    const before = mode();
    expect(await refusal(open.write("1\n"))).toEqual(other);
    expect(await refusal(open.write("x\n"))).toEqual(other);
    expect(await refusal(open.text())).toEqual(other);
    expect(await status()).toBe(other.status);
    await fs.writeFile(MODE, "per_group_assign_ctrl_assign_mon\n");
    expect(await refusal(open.write("1\n"))).toEqual(other);
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    expect(await refusal(open.write("1\n"))).toEqual({ code: "EBUSY", status: "No active kernel-mode binding\n" });
    expect(before).toMatchObject({ cpus: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(mode()).toEqual({ policy: "inherit" });
    // Bound again, it is the file of the group.
    await bind(fs, "web//");
    await open.write("1\n");
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("1\n");
  });

  test("a descriptor of a group that is gone", async () => {
    const { fs } = await bound("web//");
    const [before, now] = [await fs.open("web/kmode_cpus", BOTH), "other/kmode_cpus"];
    await bind(fs, "other//");
    const open = await fs.open(now, BOTH);
    const removed = fs.rmdir("other");
    // It waits for the lock, which the removal has.
    const waiting = refusal(open.write("1\n"));
    await removed;
    expect(await waiting).toEqual({
      code: "ENOENT",
      status: "Resource group other deleted. No commands possible.\n",
    });
    expect(await refusal(open.write("1\n"))).toMatchObject({ code: "ENODEV" });
    await fs.rmdir("web");
    expect(await refusal(before.write("1\n"))).toMatchObject({ code: "ENODEV" });
  });
});

describe("cpus", () => {
  test("that come join, whatever the set was, and those that go leave", async () => {
    const { fs, driver, mode } = await bound("web//");
    await driver.machine.cpu(5, false);
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("0-4,6-7\n");
    await fs.writeFile("web/kmode_cpus_list", "1\n");
    await driver.machine.cpu(5, true);
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("1,5\n");
    expect(mode()).toMatchObject({ cpus: [1, 5] });
    await driver.machine.cpu(1, false);
    expect(mode()).toMatchObject({ cpus: [5] });
  });

  test("that come and go tell nobody anything where nothing is bound", async () => {
    const { fs, driver } = await bound("web//");
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    const told = driver.machine.processor.kernel?.told ?? [];
    const before = told.length;
    await driver.machine.cpu(5, false);
    await driver.machine.cpu(5, true);
    await fs.mkdir("new");
    await fs.rmdir("new");
    expect(told.length).toBe(before);
  });
});

describe("the bound group", () => {
  test.each([
    ["web//", "web"],
    ["web/m/", "web/mon_groups/m"],
    ["web/m/", "web"],
  ])("%s takes the binding with it when %s is removed", async (group, path) => {
    const { fs, mode } = await bound(group);
    await fs.rmdir(path);
    expect(await fs.readFile(MODE)).toMatch(/^\[inherit_ctrl_and_mon\]\n.*:group=uninitialized\n/);
    expect(mode()).toEqual({ policy: "inherit" });
  });

  test("stays bound when another one is removed", async () => {
    const { fs, driver } = await bound("web//");
    const told = driver.machine.processor.kernel?.told.length;
    await fs.rmdir("web/mon_groups/m");
    await fs.rmdir("other");
    expect(await fs.readFile(MODE)).toContain(`[${GLOBAL}:group=web//]`);
    expect(driver.machine.processor.kernel?.told.length).toBe(told);
  });

  test("is gone from the kernel before its label can be given out again", async () => {
    const { fs, driver } = await bound("web//", { csu: 0 });
    const { kernel } = driver.machine.processor;
    await fs.rmdir("web");
    await fs.mkdir("next", 0o755);
    await fs.writeFile("next/tasks", "100\n");
    expect(driver.machine.processor.task(100)?.label.partidD).toBe(1);
    expect(kernel?.told.at(-1)).toEqual({ policy: "inherit" });
  });

  test("moves with its files, its cpus and its new label", async () => {
    const { fs, mode } = await bound("web/m/");
    await fs.writeFile("web/mon_groups/m/kmode_cpus_list", "2\n");
    const open = await fs.open("web/mon_groups/m/kmode_cpus_list", BOTH);
    await fs.rename("web/mon_groups/m", "other/mon_groups/n");
    expect(await fs.readFile(MODE)).toContain(`[${GLOBAL}:group=other/n/]`);
    expect(await fs.readFile("other/mon_groups/n/kmode_cpus_list")).toBe("2\n");
    expect(mode()).toEqual({
      policy: "global",
      label: { partidD: 2, partidI: 2, pmgD: 1, pmgI: 1 },
      cpus: [2],
    });
    await open.write("3\n");
    expect(mode()).toMatchObject({ cpus: [3] });
    await fs.rename("other/mon_groups/n", "mon_groups/o");
    expect(await fs.readFile(MODE)).toContain(`[${GLOBAL}:group=/o/]`);
    expect(mode()).toMatchObject({ label: { partidD: 0, pmgD: 1 } });
  });
});
