// The kernel mode in a snapshot, and out of it.

import { describe, expect, test } from "vitest";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { type FakeDriver, fakeDriver, refusal, SECOND } from "./fakes.ts";
import { mounted } from "./mounted.ts";

const PROPOSED: MountOptions = { proposed: ["kernel-mode"] };
const MODE = "info/kernel_mode";
const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";

async function withGroups(options: MountOptions = PROPOSED) {
  const all = await mounted({}, options);
  await all.fs.mkdir("web");
  await all.fs.mkdir("web/mon_groups/m");
  await all.fs.mkdir("mon_groups/d");
  return all;
}

/** Another machine out of a snapshot of this one; `gone` and `come` are cpus that have changed since. */
async function copyOf(
  from: FakeDriver,
  gone: readonly number[] = [],
  come: readonly number[] = [],
): Promise<FakeDriver> {
  const driver = fakeDriver();
  const { machine } = driver;
  for (const { cpu, online } of from.machine.processor.cpus) if (!online) await machine.cpu(cpu, false);
  for (const mon of from.taken.mbwu) driver.taken.mbwu.add(mon);
  machine.restored = JSON.parse(JSON.stringify({ resctrl: from.machine.parts.get("resctrl")?.() ?? null }));
  for (const cpu of gone) await machine.cpu(cpu, false);
  for (const cpu of come) await machine.cpu(cpu, true);
  return driver;
}

describe("a snapshot", () => {
  test.each(["//", "web//", "web/m/", "/d/"])(
    "keeps that %s is bound, on which cpus, and whose the files are",
    async (group) => {
      const { driver, fs } = await withGroups();
      await fs.writeFile(MODE, `${GLOBAL}:group=${group}\n`);
      const [, file = ""] = fs.added;
      expect(file).toMatch(/kmode_cpus$/);
      await fs.writeFile(`${file}_list`, "1,4-5\n");
      await fs.chmod(file, 0o600);
      const copy = await copyOf(driver);
      const again = await Resctrl.restore(copy);
      expect(await again.readFile(MODE)).toBe(await fs.readFile(MODE));
      expect(again.added).toEqual(fs.added);
      expect(await again.readFile(`${file}_list`)).toBe("1,4-5\n");
      expect((await again.stat(file)).mode).toBe(0o600);
      expect(copy.machine.processor.kernel?.mode).toEqual(driver.machine.processor.kernel?.mode);
      expect(copy.machine.parts.get("resctrl")?.()).toEqual(driver.machine.parts.get("resctrl")?.());
      await again.rmdir("web");
      await again.unmount();
      expect(copy.machine.processor.kernel?.mode).toEqual({ policy: "inherit" });
    },
  );

  test("keeps the group of each group", async () => {
    const { driver, fs } = await withGroups();
    await fs.writeFile(MODE, `${PER_GROUP}\n`);
    await fs.writeFile("info/kernel_mode_assignment", "web//:web/m/\n//:/d/\n");
    await fs.chmod("info/kernel_mode_assignment", 0o600);
    const copy = await copyOf(driver);
    const again = await Resctrl.restore(copy);
    const text = await again.readFile("info/kernel_mode_assignment");
    expect(text).toBe("//:/d/\n/d/://\nweb//:web/m/\nweb/m/://\n");
    expect((await again.stat("info/kernel_mode_assignment")).mode).toBe(0o600);
    expect(copy.machine.processor.kernel?.mode).toEqual(driver.machine.processor.kernel?.mode);
    expect(copy.machine.parts.get("resctrl")?.()).toEqual(driver.machine.parts.get("resctrl")?.());
    await again.rmdir("web");
    expect(await again.readFile("info/kernel_mode_assignment")).toBe("//:/d/\n/d/://\n");
  });

  test("knows a group that was made anew from the one whose name it has", async () => {
    const { driver, fs } = await withGroups();
    await fs.writeFile(MODE, `${PER_GROUP}\n`);
    await fs.writeFile("info/kernel_mode_assignment", "web/m/:/d/\n");
    await fs.rmdir("web/mon_groups/m");
    await driver.machine.clock.advance(5 * SECOND);
    await fs.mkdir("web/mon_groups/m");
    const again = await Resctrl.restore(await copyOf(driver));
    expect(await again.readFile("info/kernel_mode_assignment")).toContain("web/m/://\n");
  });

  test("keeps that nothing is bound, and that the files are there", async () => {
    const { driver } = await withGroups();
    const again = await Resctrl.restore(await copyOf(driver));
    expect(await again.readFile(MODE)).toMatch(/^\[inherit_ctrl_and_mon\]\n/);
  });

  test("of a mount without it says nothing of it", async () => {
    const { driver } = await withGroups({});
    const saved = JSON.stringify(driver.machine.parts.get("resctrl")?.());
    expect(saved).not.toMatch(/kernel|proposed/i);
    expect((await Resctrl.restore(await copyOf(driver))).added).toEqual([]);
  });

  test("brought back with other cpus has those that have come, and not those that have gone", async () => {
    const { driver, fs } = await withGroups();
    await driver.machine.cpu(6, false);
    await driver.machine.cpu(7, false);
    await fs.writeFile(MODE, `${GLOBAL}:group=web//\n`);
    await fs.writeFile("web/kmode_cpus_list", "1-2\n");
    const copy = await copyOf(driver, [2], [6]);
    const again = await Resctrl.restore(copy);
    expect(await again.readFile("web/kmode_cpus_list")).toBe("1,6\n");
    expect(copy.machine.processor.kernel?.mode).toMatchObject({ cpus: [1, 6] });
  });

  test("is not brought back where the machine cannot, and can be later", async () => {
    const { driver } = await withGroups();
    const copy = await copyOf(driver);
    const { kernel } = copy.machine.processor;
    copy.machine.processor.kernel = undefined;
    expect(await refusal(Resctrl.restore(copy))).toMatchObject({ code: "EOPNOTSUPP" });
    copy.machine.processor.kernel = kernel;
    await expect(Resctrl.restore(copy)).resolves.toBeDefined();
  });
});
