// info/kernel_mode_assignment: a group for the kernel work of each group (docs/resctrl.md, "Kernel mode").

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import type { MountOptions } from "../../src/fs/index.ts";
import type { TaskLabel } from "../../src/resctrl/index.ts";
import { type FakeShape, refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

const MODE = "info/kernel_mode";
const MAP = "info/kernel_mode_assignment";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";
const BOTH = { read: true, write: true };

async function perGroup(shape: FakeShape = {}, options: MountOptions = {}) {
  const all = await mounted(shape, { ...options, proposed: ["kernel-mode"] });
  const { fs, driver } = all;
  await fs.mkdir("web");
  await fs.mkdir("web/mon_groups/m");
  await fs.mkdir("kernel");
  await fs.mkdir("mon_groups/d");
  await fs.writeFile(MODE, `${PER_GROUP}\n`);
  const told = driver.machine.processor.kernel?.told ?? [];
  /** Of each label the one of its kernel work, both as PARTID/PMG of data. */
  const labels = () => {
    const mode = told.at(-1);
    const shown = ({ partidD, pmgD }: TaskLabel) => `${partidD}/${pmgD}`;
    if (mode?.policy !== "per-group") return undefined;
    return Object.fromEntries(mode.pairs.map(({ user, kernel }) => [shown(user), shown(kernel)]));
  };
  return { ...all, told, labels };
}

const ALL_DEFAULT = "//://\n/d/://\nweb//://\nweb/m/://\nkernel//://\n";

describe("the mode in which each group has a group for its kernel work", () => {
  test("begins with the default group for all", async () => {
    const { fs, labels } = await perGroup();
    expect(await fs.readFile(MODE)).toBe(
      `inherit_ctrl_and_mon\nglobal_assign_ctrl_assign_mon_per_cpu:group=uninitialized\n[${PER_GROUP}]\n`,
    );
    expect(await fs.readFile(MAP)).toBe(ALL_DEFAULT);
    expect((await fs.stat(MAP)).mode).toBe(0o644);
    expect(labels()).toEqual({ "0/0": "0/0", "0/1": "0/0", "1/0": "0/0", "1/1": "0/0", "2/0": "0/0" });
  });

  test("takes one group for another, a line each", async () => {
    const { fs, labels, told } = await perGroup();
    const before = told.length;
    await fs.writeFile(MAP, "web//:kernel//\nweb/m/:/d/\n//:web/m/\n");
    expect(told.length).toBe(before + 1);
    expect(await fs.readFile(MAP)).toBe("//:web/m/\n/d/://\nweb//:kernel//\nweb/m/:/d/\nkernel//://\n");
    expect(labels()).toEqual({ "0/0": "1/1", "0/1": "0/0", "1/0": "2/0", "1/1": "0/1", "2/0": "0/0" });
    // Its own group is "follow the task", the default group "as before MPAM labelled kernel work".
    await fs.writeFile(MAP, "web//:web//\n");
    await fs.writeFile(MAP, "web/m/://\n");
    expect(labels()).toMatchObject({ "1/0": "1/0", "1/1": "0/0", "0/0": "1/1" });
  });

  test("takes what it reads, and the last line of a group counts", async () => {
    const { fs } = await perGroup();
    await fs.writeFile(MAP, "web//:kernel//\nkernel//:web//\nweb//:/d/\n");
    const text = await fs.readFile(MAP);
    expect(text).toBe("//://\n/d/://\nweb//:/d/\nweb/m/://\nkernel//:web//\n");
    await fs.writeFile(MAP, text);
    expect(await fs.readFile(MAP)).toBe(text);
  });

  test("written again changes nothing, and chosen anew begins from the start", async () => {
    const { fs, told } = await perGroup();
    await fs.writeFile(MAP, "web//:kernel//\n");
    const before = told.length;
    await fs.writeFile(MODE, `${PER_GROUP}\n`);
    expect(told.length).toBe(before);
    expect(await fs.readFile(MAP)).toContain("web//:kernel//\n");
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    expect(await fs.readdir("info")).not.toContain("kernel_mode_assignment");
    await fs.writeFile(MODE, `${PER_GROUP}\n`);
    expect(await fs.readFile(MAP)).toBe(ALL_DEFAULT);
  });

  test("stays one file, whatever is written", async () => {
    const { fs } = await perGroup();
    const { ino } = await fs.stat(MAP);
    await fs.chmod(MAP, 0o600);
    await fs.writeFile(MAP, "web//:kernel//\n");
    await fs.mkdir("new");
    expect(await fs.stat(MAP)).toMatchObject({ ino, mode: 0o600 });
  });

  test("has a pair of PARTIDs for each under CDP", async () => {
    const { fs, driver } = await perGroup({}, { cdp: true, expert: true });
    await fs.writeFile(MAP, "web//:kernel//\n");
    const of = (partidD: number) => ({ partidD, partidI: partidD + 1, pmgD: 0, pmgI: 0 });
    const mode = driver.machine.processor.kernel?.mode;
    expect(mode?.policy === "per-group" && mode.pairs).toContainEqual({ user: of(2), kernel: of(4) });
  });

  test("tells names with colons and blanks from its own", async () => {
    const { fs } = await perGroup();
    for (const name of ["a:b", " c", "d ", ":"]) {
      await fs.mkdir(name);
      await fs.writeFile(MAP, `${name}//:${name}//\n`);
      expect(await fs.readFile(MAP)).toContain(`\n${name}//:${name}//\n`);
      await fs.rmdir(name);
    }
  });
});

describe("what is refused", () => {
  const LINE = "Assignment must be <user group>:<kernel group>\n";
  const SPELLING = "Group must be <ctrl>/<mon>/\n";
  test.each([
    ["\n", LINE],
    ["web//\n", LINE],
    ["web// kernel//\n", LINE],
    ["web//:kernel//\n\n", LINE],
    ["web//:\n", SPELLING],
    [":kernel//\n", SPELLING],
    ["web:kernel//\n", SPELLING],
    ["web/:kernel//\n", SPELLING],
    ["web//:kernel\n", SPELLING],
    ["web//:kernel///\n", SPELLING],
    ["web//:kernel// \n", SPELLING],
    ["web//:kernel//:web//\n", SPELLING],
    ["web//:nobody//\n", "Group not found\n"],
    ["nobody//:web//\n", "Group not found\n"],
    [" web//:kernel//\n", "Group not found\n"],
    ["web//:uninitialized\n", "Cannot bind to 'uninitialized' group\n"],
    ["uninitialized:web//\n", "Cannot bind to 'uninitialized' group\n"],
  ])("%j: EINVAL, and no line of it takes effect", async (text, status) => {
    const { fs, told } = await perGroup();
    await fs.writeFile(MAP, "web//:kernel//\n");
    const before = [await fs.readFile(MAP), told.length];
    expect(await refusal(fs.writeFile(MAP, `kernel//:web//\n${text}`))).toEqual({ code: "EINVAL", status });
    expect([await fs.readFile(MAP), told.length]).toEqual(before);
  });

  test.each(["", "web//:kernel//"])("%j, which does not end with a newline: last_cmd_status stays", async (text) => {
    const { fs, status } = await perGroup();
    await refusal(fs.writeFile(MODE, "what\n"));
    expect(await refusal(fs.writeFile(MAP, text))).toEqual({ code: "EINVAL", status: "" });
    expect(await status()).toBe("Unknown kernel mode\n");
  });

  test("a descriptor from before the mode was changed", async () => {
    const { fs } = await perGroup();
    const open = await fs.open(MAP, BOTH);
    await fs.writeFile(MODE, "inherit_ctrl_and_mon\n");
    const stale = { code: "EBUSY", status: `Kernel mode is not ${PER_GROUP}\n` };
    expect(await refusal(open.write("web//:kernel//\n"))).toEqual(stale);
    expect(await refusal(open.text())).toEqual(stale);
    await fs.unmount();
    expect(await refusal(open.text())).toMatchObject({ code: "ENOENT" });
  });
});

describe("groups", () => {
  test("that are made have the default group for their kernel work", async () => {
    const { fs, labels } = await perGroup();
    await fs.mkdir("new");
    await fs.mkdir("kernel/mon_groups/n");
    expect(await fs.readFile(MAP)).toBe("//://\n/d/://\nweb//://\nweb/m/://\nkernel//://\nkernel/n/://\nnew//://\n");
    expect(labels()).toMatchObject({ "3/0": "0/0", "2/1": "0/0" });
  });

  test("that are removed leave their users to the default group, before anybody has their label next", async () => {
    const { fs, labels } = await perGroup({ csu: 0 });
    await fs.mkdir("kernel/mon_groups/k");
    await fs.writeFile(MAP, "web//:kernel//\nweb/m/:kernel/k/\nkernel//:web/m/\n/d/:web//\n");
    await fs.rmdir("kernel");
    expect(await fs.readFile(MAP)).toBe("//://\n/d/:web//\nweb//://\nweb/m/://\n");
    expect(labels()).toEqual({ "0/0": "0/0", "0/1": "1/0", "1/0": "0/0", "1/1": "0/0" });
    await fs.mkdir("next");
    expect(labels()).toEqual({ "0/0": "0/0", "0/1": "1/0", "1/0": "0/0", "1/1": "0/0", "2/0": "0/0" });
  });

  test("that are moved keep theirs under their new label", async () => {
    const { fs, labels } = await perGroup();
    await fs.writeFile(MAP, "web/m/:web/m/\nkernel//:web/m/\n");
    await fs.rename("web/mon_groups/m", "kernel/mon_groups/n");
    expect(await fs.readFile(MAP)).toBe("//://\n/d/://\nweb//://\nkernel//:kernel/n/\nkernel/n/:kernel/n/\n");
    expect(labels()).toEqual({ "0/0": "0/0", "0/1": "0/0", "1/0": "0/0", "2/0": "2/1", "2/1": "2/1" });
  });

  test("that could not be made leave no trace", async () => {
    const { fs, driver, labels } = await perGroup();
    driver.applyFailure = new ErrnoError("EIO", "no");
    const before = [await fs.readFile(MAP), labels()];
    await fs.mkdir("new").catch(() => undefined);
    expect([await fs.readFile(MAP), labels()]).toEqual(before);
  });
});
