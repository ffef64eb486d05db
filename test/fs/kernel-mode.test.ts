// info/kernel_mode as proposed for Linux (docs/resctrl.md, "Kernel mode"): what it reads, takes and refuses.

import { describe, expect, test } from "vitest";
import { Resctrl } from "../../src/fs/index.ts";
import { type FakeShape, fakeDriver, refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

const PROPOSED = { proposed: ["kernel-mode"] } as const;
const MODE = "info/kernel_mode";
const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";

const INHERITING = `[inherit_ctrl_and_mon]\n${GLOBAL}:group=uninitialized\n${PER_GROUP}\n`;
const boundTo = (group: string) => `inherit_ctrl_and_mon\n[${GLOBAL}:group=${group}]\n${PER_GROUP}\n`;

async function proposed(shape: FakeShape = {}) {
  const all = await mounted(shape, PROPOSED);
  const { fs, driver } = all;
  await fs.mkdir("web");
  await fs.mkdir("web/mon_groups/m");
  await fs.mkdir("mon_groups/d");
  const told = driver.machine.processor.kernel?.told ?? [];
  told.length = 0;
  return { ...all, told };
}

describe("where nobody asks for it", () => {
  test("there is no file of it, and the kernel is told nothing", async () => {
    const { driver, fs } = await mounted();
    await fs.mkdir("web");
    await fs.rmdir("web");
    await fs.mkdir("kmode_cpus");
    expect(await fs.readdir("info")).not.toContain("kernel_mode");
    await fs.unmount();
    expect(driver.machine.processor.kernel?.told).toEqual([]);
  });

  test("a kernel that cannot be told is none of its business", async () => {
    const driver = fakeDriver();
    driver.machine.processor.kernel = undefined;
    await expect(Resctrl.mount(driver)).resolves.toBeDefined();
  });
});

describe("a mount that asks for it", () => {
  test("is refused in words where the machine cannot, and leaves nothing", async () => {
    const driver = fakeDriver();
    const { kernel } = driver.machine.processor;
    driver.machine.processor.kernel = undefined;
    await expect(Resctrl.mount(driver, PROPOSED)).rejects.toMatchObject({
      code: "EOPNOTSUPP",
      message: expect.stringMatching(/kernel-mode/),
    });
    driver.machine.processor.kernel = kernel;
    await expect(Resctrl.mount(driver, PROPOSED)).resolves.toBeDefined();
  });

  test("names proposals that there are", async () => {
    for (const wrong of [["plza"], "kernel-mode", [1]]) {
      const options = { proposed: wrong } as unknown as typeof PROPOSED;
      await expect(Resctrl.mount(fakeDriver(), options)).rejects.toMatchObject({
        code: "EINVAL",
        message: expect.stringMatching(/there is kernel-mode/),
      });
    }
  });

  test("has the modes of MPAM, and begins with the label of the task", async () => {
    const { fs, driver } = await mounted({}, PROPOSED);
    expect(await fs.readFile(MODE)).toBe(INHERITING);
    expect((await fs.stat(MODE)).mode).toBe(0o644);
    expect(await fs.readdir("info")).toContain("kernel_mode");
    expect(await fs.readdir("info")).not.toContain("kernel_mode_assignment");
    expect(driver.machine.processor.kernel?.mode).toEqual({ policy: "inherit" });
  });

  test("takes back a mode that somebody had chosen before", async () => {
    const driver = fakeDriver();
    const { kernel } = driver.machine.processor;
    if (kernel) kernel.mode = { policy: "per-group", pairs: [] };
    await Resctrl.mount(driver, PROPOSED);
    expect(kernel?.mode).toEqual({ policy: "inherit" });
  });

  test("marks the files that are only proposed", async () => {
    const { fs } = await proposed();
    const mark = { "user.mpam.proposed": "kernel-mode" };
    expect(fs.added).toEqual(["/info/kernel_mode"]);
    await fs.writeFile(MODE, `${GLOBAL}:group=web/m/\n`);
    expect(fs.added).toEqual([
      "/info/kernel_mode",
      "/web/mon_groups/m/kmode_cpus",
      "/web/mon_groups/m/kmode_cpus_list",
    ]);
    await fs.writeFile(MODE, `${PER_GROUP}\n`);
    expect(fs.added).toEqual(["/info/kernel_mode", "/info/kernel_mode_assignment"]);
    for (const path of fs.added) {
      const node = fs.tree.lookup(path);
      expect(node.kind === "file" && node.content.extended).toEqual(mark);
    }
  });

  test("keeps the names of files that come and go", async () => {
    const { fs } = await proposed({ pmgMax: 3 });
    expect(await refusal(fs.mkdir("kmode_cpus"))).toMatchObject({ code: "EEXIST" });
    expect(await refusal(fs.mkdir("kmode_cpus_list"))).toMatchObject({ code: "EEXIST" });
    await fs.mkdir("mon_groups/kmode_cpus");
    await fs.writeFile(MODE, `${GLOBAL}\n`);
    expect(await fs.readFile("kmode_cpus_list")).toBe("0-7\n");
  });
});

describe("choosing a mode", () => {
  const LABELS = { "//": [0, 0], "web//": [1, 0], "web/m/": [1, 1], "/d/": [0, 1] } as const;

  test.each(Object.entries(LABELS))("binds the group %s on every cpu", async (group, [partid, pmg]) => {
    const { fs, status, told } = await proposed();
    await fs.writeFile(MODE, `${GLOBAL}:group=${group}\n`);
    expect(await status()).toBe("ok\n");
    expect(await fs.readFile(MODE)).toBe(boundTo(group));
    const label = { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg };
    expect(told).toEqual([{ policy: "global", label, cpus: [0, 1, 2, 3, 4, 5, 6, 7] }]);
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    expect(await fs.readFile(MODE)).toBe(INHERITING);
    expect(told.at(-1)).toEqual({ policy: "inherit" });
  });

  test.each([
    ["no group is the default group", GLOBAL, "//"],
    ["blanks around", ` \t${GLOBAL}:group=web//  `, "web//"],
    ["blanks before the group", `${GLOBAL} \v:group=web/m/`, "web/m/"],
    ["blanks around no group", `  ${GLOBAL}  `, "//"],
    ["a NUL ends it", `${GLOBAL}:group=web//\0:group=//`, "web//"],
    ["a second newline", `${GLOBAL}:group=web//\n`, "web//"],
  ])("%s", async (_name, text, group) => {
    const { fs } = await proposed();
    await fs.writeFile(MODE, `${text}\n`);
    expect(await fs.readFile(MODE)).toBe(boundTo(group));
  });

  test("to inherit takes any group, and looks at none", async () => {
    const { fs } = await proposed();
    for (const group of ["//", "web//", "nobody//", "uninitialized", "", "x"]) {
      await fs.writeFile(MODE, `${GLOBAL}\n`);
      await fs.writeFile(MODE, `inherit_ctrl_and_mon:group=${group}\n`);
      expect(await fs.readFile(MODE)).toBe(INHERITING);
    }
  });

  test("with the group there is already changes nothing, not even its cpus", async () => {
    const { fs, told } = await proposed();
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    expect(told).toEqual([]);
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    await fs.writeFile("web/kmode_cpus_list", "2\n");
    const before = told.length;
    await fs.writeFile(MODE, `${GLOBAL} :group=web//\n`);
    expect(told.length).toBe(before);
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("2\n");
  });

  test("with another group begins on all cpus again", async () => {
    const { fs, told } = await proposed();
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    await fs.writeFile("web/kmode_cpus_list", "2\n");
    await fs.writeFile(MODE, `${GLOBAL}:group=web/m/\n`);
    expect(await fs.readFile("web/mon_groups/m/kmode_cpus_list")).toBe("0-7\n");
    expect(told.at(-1)).toMatchObject({ cpus: [0, 1, 2, 3, 4, 5, 6, 7], label: { partidD: 1, pmgD: 1 } });
  });

  test("binds cpus that are online, and no others", async () => {
    const { fs, driver } = await proposed();
    await driver.machine.cpu(6, false);
    await fs.writeFile(MODE, `${GLOBAL}\n`);
    expect(await fs.readFile("kmode_cpus_list")).toBe("0-5,7\n");
  });

  test("gives code and data their own PARTIDs under CDP", async () => {
    const { fs, driver } = await mounted({}, { ...PROPOSED, cdp: true, expert: true });
    await fs.mkdir("web");
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    const label = { partidD: 2, partidI: 3, pmgD: 0, pmgI: 0 };
    expect(driver.machine.processor.kernel?.mode).toMatchObject({ policy: "global", label });
  });

  test("finds groups whose names have blanks, colons, signs of their own, or more bytes than letters", async () => {
    const { fs } = await proposed();
    for (const name of [" a", "b ", "c:d", "x:group=y", "\u00fc\u20ac"]) {
      await fs.mkdir(name);
      await fs.writeFile(MODE, `${GLOBAL}:group=${name}//\n`);
      expect(await fs.readFile(MODE)).toBe(boundTo(`${name}//`));
      await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
      await fs.rmdir(name);
    }
  });
});

describe("what is refused", () => {
  /** What is written, and what last_cmd_status says of it. */
  const REFUSED: readonly (readonly [text: string, status: string])[] = [
    ["inherit\n", "Unknown kernel mode\n"],
    ["\n", "Unknown kernel mode\n"],
    [" \t\n", "Unknown kernel mode\n"],
    ["[inherit_ctrl_and_mon]\n", "Unknown kernel mode\n"],
    [`[${GLOBAL}:group=//]\n`, "Unknown kernel mode\n"],
    [":group=//\n", "Unknown kernel mode\n"],
    ["Inherit_ctrl_and_mon\n", "Unknown kernel mode\n"],
    ["none:group=uninitialized\n", "Unknown kernel mode\n"],
    [`${GLOBAL}:group\n`, "Unknown kernel mode\n"],
    [`${GLOBAL}: group=//\n`, "Unknown kernel mode\n"],
    [`inherit_ctrl_and_mon\n${GLOBAL}\n`, "Unknown kernel mode\n"],
    // A PMG means something with its PARTID only, whatever group is named.
    ["global_assign_ctrl_inherit_mon_per_cpu\n", "Kernel mode not available\n"],
    ["global_assign_ctrl_inherit_mon_per_cpu:group=web//\n", "Kernel mode not available\n"],
    ["global_assign_ctrl_inherit_mon_per_cpu:group=web/m/\n", "Kernel mode not available\n"],
    ["global_assign_ctrl_inherit_mon_per_cpu:group=uninitialized\n", "Kernel mode not available\n"],
    [`${GLOBAL}:group=uninitialized\n`, "Cannot bind to 'uninitialized' group\n"],
    [`${GLOBAL}:group=uninitialized \n`, "Cannot bind to 'uninitialized' group\n"],
    [`${GLOBAL}:group=\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=web\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=web/\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=web/m\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=web///\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=/web//\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=uninitialized/\n`, "Group must be <ctrl>/<mon>/\n"],
    [`${GLOBAL}:group=nobody//\n`, "Group not found\n"],
    [`${GLOBAL}:group=web/d/\n`, "Group not found\n"],
    [`${GLOBAL}:group=/m/\n`, "Group not found\n"],
    [`${GLOBAL}:group=nobody/m/\n`, "Group not found\n"],
    [`${GLOBAL}:group= web//\n`, "Group not found\n"],
    [`${GLOBAL}:group=info//\n`, "Group not found\n"],
    [`${GLOBAL}:group=uninitialized//\n`, "Group not found\n"],
    [`${PER_GROUP}:group=//\n`, `${PER_GROUP} takes no group\n`],
  ];

  test.each(REFUSED)("%j: EINVAL, %j", async (text, said) => {
    const { fs, status, told } = await proposed();
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    await fs.writeFile("web/kmode_cpus_list", "1-3\n");
    const before = told.length;
    expect(await refusal(fs.writeFile(MODE, text))).toEqual({ code: "EINVAL", status: said });
    expect(await status()).toBe(said);
    expect(await fs.readFile(MODE)).toBe(boundTo("web//"));
    expect(await fs.readFile("web/kmode_cpus_list")).toBe("1-3\n");
    expect(told.length).toBe(before);
  });

  test.each(["", "inherit_ctrl_and_mon", `${GLOBAL}:group=web//`, "inherit_ctrl_and_mon\n\0"])(
    "%j, which does not end with a newline: EINVAL, and last_cmd_status stays",
    async (text) => {
      const { fs, status, told } = await proposed();
      await refusal(fs.writeFile(MODE, "what\n"));
      expect(await refusal(fs.writeFile(MODE, text))).toEqual({ code: "EINVAL", status: "" });
      expect(await status()).toBe("Unknown kernel mode\n");
      expect(told).toEqual([]);
    },
  );

  test("what the kernel below refuses changes nothing", async () => {
    const { fs, driver } = await proposed();
    const { kernel } = driver.machine.processor;
    Object.defineProperty(kernel, "mode", {
      set: () => {
        throw new Error("no");
      },
    });
    await expect(fs.writeFile(MODE, `${GLOBAL}:group=web//\n`)).rejects.toThrow("no");
    expect(await fs.readFile(MODE)).toBe(INHERITING);
    expect(await fs.readdir("web")).not.toContain("kmode_cpus");
  });
});

describe("the end", () => {
  test("unmounting gives kernel work the label of its task, and the next mount begins there", async () => {
    const { fs, driver } = await proposed();
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    const open = await fs.open(MODE, { read: true, write: true });
    const cpus = await fs.open("web/kmode_cpus", { read: true, write: true });
    await fs.unmount();
    expect(driver.machine.processor.kernel?.mode).toEqual({ policy: "inherit" });
    expect(await refusal(open.write("inherit_ctrl_and_mon\n"))).toMatchObject({ code: "ENOENT" });
    expect(await refusal(open.write("no newline"))).toMatchObject({ code: "ENOENT" });
    expect(await refusal(cpus.write("1\n"))).toMatchObject({ code: "ENODEV" });
    const again = await Resctrl.mount(driver, PROPOSED);
    expect(await again.readFile(MODE)).toBe(INHERITING);
    expect(again.added).toEqual(["/info/kernel_mode"]);
    await again.unmount();
    expect((await Resctrl.mount(driver)).added).toEqual([]);
  });

  test("of MPAM does so too, and open files are as dead as others", async () => {
    const { fs, driver } = await proposed();
    await fs.writeFile(MODE, `${GLOBAL}\n`);
    const mode = await fs.open(MODE, { read: true, write: true });
    const cpus = await fs.open("kmode_cpus", { read: true, write: true });
    await driver.disable("a test");
    expect(driver.machine.processor.kernel?.mode).toEqual({ policy: "inherit" });
    expect(await refusal(mode.text())).toMatchObject({ code: "ENOENT" });
    expect(await refusal(cpus.text())).toMatchObject({ code: "ENODEV" });
    await fs.unmount();
  });
});
