// Groups and domains appear and vanish whole: whoever looks at the tree at any moment sees all of one or nothing.

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { type Directory, pathOf, type TreeNode } from "../../src/tree/index.ts";
import { type FakeShape, fakeDriver, refusal } from "./fakes.ts";

async function mounted(shape: FakeShape = {}) {
  const driver = fakeDriver(shape);
  return { driver, fs: await Resctrl.mount(driver, { debug: true }) };
}

function pathsBelow(node: TreeNode): string[] {
  const inner = node.kind === "file" ? [] : [...node.children.values()].flatMap(pathsBelow);
  return [pathOf(node), ...inner];
}

/** Every different state of the tree from before a call until its end. */
async function statesDuring(root: Directory, call: () => Promise<unknown>): Promise<string[]> {
  const states = new Set<string>([pathsBelow(root).join("\n")]);
  let ended = false;
  const done = call().finally(() => {
    ended = true;
  });
  while (!ended) {
    await Promise.resolve();
    states.add(pathsBelow(root).join("\n"));
  }
  await done;
  states.add(pathsBelow(root).join("\n"));
  return [...states];
}

describe("one look more or less", () => {
  test.each([
    ["mkdir of a control group", [], (fs: Resctrl) => fs.mkdir("g")],
    ["mkdir of a monitor group", ["g"], (fs: Resctrl) => fs.mkdir("g/mon_groups/m")],
    ["rmdir of a group and all below it", ["g", "g/mon_groups/m"], (fs: Resctrl) => fs.rmdir("g")],
    ["rmdir of a monitor group", ["g", "g/mon_groups/m"], (fs: Resctrl) => fs.rmdir("g/mon_groups/m")],
    ["rename to another group", ["g", "mon_groups/m"], (fs: Resctrl) => fs.rename("mon_groups/m", "g/mon_groups/n")],
    ["unmount", ["g", "g/mon_groups/m"], (fs: Resctrl) => fs.unmount()],
  ] as const)("%s has two states: before and after", async (what, groups, call) => {
    const { fs } = await mounted();
    for (const group of groups) await fs.mkdir(group);
    const states = await statesDuring(fs.tree.root, () => call(fs));
    // An unmount is one call for whoever mounted, and removes one group after the other.
    expect(states.length).toBeLessThanOrEqual(what === "unmount" ? 3 : 2);
    expect(states.length).toBeGreaterThan(1);
  });

  test("mkdir that fails has one", async () => {
    const { driver, fs } = await mounted();
    driver.applyFailure = new ErrnoError("EIO", "the bus does not answer");
    const states = await statesDuring(fs.tree.root, () => refusal(fs.mkdir("g")));
    expect(states).toHaveLength(1);
  });

  test("a group whose mkdir fails gives back its closid, its RMID and its counters", async () => {
    const { driver, fs } = await mounted({ partidMax: 1, csu: 0, mbwu: 2 });
    driver.applyFailure = new ErrnoError("EIO", "the bus does not answer");
    for (let i = 0; i < 5; i++) expect(await refusal(fs.mkdir("g"))).toMatchObject({ code: "EIO" });
    driver.applyFailure = undefined;
    await fs.mkdir("g");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=0;1=0\n");
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=e\n");
  });

  test("a domain of one group has two", async () => {
    const { driver, fs } = await mounted();
    const { machine } = driver;
    for (const cpu of [5, 6, 7]) await machine.cpu(cpu, false);
    expect(await statesDuring(fs.tree.root, () => machine.cpu(4, false))).toHaveLength(2);
    expect(await statesDuring(fs.tree.root, () => machine.cpu(4, true))).toHaveLength(2);
  });
});

test("what waits for a group that is being removed is told, and can do nothing with it", async () => {
  const { fs } = await mounted();
  await fs.mkdir("g");
  await fs.mkdir("g/mon_groups/m");
  const tasks = await fs.open("g/tasks", { read: true, write: true });
  const removed = fs.rmdir("g");
  const late = [
    refusal(tasks.write("100\n")),
    refusal(fs.readFile("g/mon_groups/m/tasks")),
    refusal(fs.mkdir("g/mon_groups/n")),
    refusal(fs.rmdir("g")),
    refusal(fs.rename("g/mon_groups/m", "mon_groups/m")),
  ];
  await removed;
  const text = (name: string) => `Resource group ${name} deleted. No commands possible.\n`;
  expect(await Promise.all(late)).toEqual([
    { code: "ENOENT", status: text("g") },
    { code: "ENOENT", status: text("m") },
    { code: "ENODEV", status: text("g") },
    { code: "ENOENT", status: text("g") },
    { code: "ENOENT", status: "" },
  ]);
  expect(await fs.readFile("tasks")).toBe("100\n101\n102\n");
});
