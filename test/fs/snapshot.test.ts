// The tree, its limbo and its timers in a snapshot, and out of it.

import { describe, expect, test } from "vitest";
import { Core } from "../../src/fs/core.ts";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { ROOT } from "../../src/tree/index.ts";
import { FakeProcessor, type FakeShape, fakeDriver, refusal, SECOND } from "./fakes.ts";

async function mounted(shape: FakeShape = {}, options: MountOptions = {}) {
  const driver = fakeDriver(shape);
  const fs = await Resctrl.mount(driver, options);
  const { clock } = driver.machine;
  return { driver, fs, clock };
}

describe("a snapshot", () => {
  async function restored(shape: FakeShape, from: ReturnType<typeof fakeDriver>) {
    const driver = fakeDriver(shape);
    const { clock, processor } = driver.machine;
    // What the machine and the driver bring back themselves.
    const old = from.machine.processor;
    clock.now = from.machine.clock.now;
    for (const task of old.tasks) processor.setTaskLabel(task.tid, task.label);
    for (const [cpu, label] of old.cpuDefaults.entries()) processor.setCpuDefault(cpu, label);
    for (const mon of from.taken.mbwu) driver.taken.mbwu.add(mon);
    for (const { id, level, partid, config } of from.applied) {
      const component = driver.classes.find((c) => c.level === level)?.components.find((c) => c.id === id);
      if (component !== undefined) await driver.apply(component, partid, config);
    }
    driver.machine.restored = JSON.parse(JSON.stringify({ resctrl: from.machine.parts.get("resctrl")?.() ?? null }));
    return driver;
  }

  const SHAPE: FakeShape = { partidMax: 3, pmgMax: 1, mbwu: 3 };

  async function everything(fs: Resctrl): Promise<Record<string, string>> {
    const found: Record<string, string> = { status: await fs.readFile("info/last_cmd_status") };
    const walk = async (path: string): Promise<void> => {
      for (const name of await fs.readdir(path, ROOT)) {
        const at = `${path}/${name}`;
        const stat = await fs.stat(at, ROOT);
        if (stat.kind === "directory") await walk(at);
        found[at] = `${stat.mode.toString(8)} ${stat.uid} ${stat.kind === "file" ? await fs.readFile(at, ROOT) : ""}`;
      }
    };
    await walk("");
    return found;
  }

  test("brings back every file, the free lists, limbo and the timers at their times", async () => {
    const { driver, fs, clock } = await mounted(SHAPE);
    await fs.mkdir("a", 0o700);
    await fs.mkdir("a/mon_groups/m");
    await fs.mkdir("b");
    await fs.writeFile("a/tasks", "100,101\n");
    await fs.writeFile("a/mon_groups/m/tasks", "101\n");
    await fs.writeFile("a/cpus_list", "2-3\n");
    await fs.writeFile("a/mon_groups/m/cpus_list", "3\n");
    await fs.writeFile("a/schemata", "L3:0=ff\nMB:1=20\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "100\n");
    await fs.chmod("info/L3/cbm_mask", 0o600);
    await fs.chown("b/schemata", 12, 13);
    driver.occupancy.set("0/2/0", 1n << 20n);
    await clock.advance(SECOND / 2);
    await fs.rmdir("b");
    await refusal(fs.writeFile("schemata", "L3:9\n"));
    const copy = await restored(SHAPE, driver);
    copy.occupancy.set("0/2/0", 1n << 20n);
    expect(await refusal(Resctrl.mount(copy))).toMatchObject({ code: "EBUSY" });
    const again = await Resctrl.restore(copy);
    const timers = (of: typeof driver) => of.machine.clock.timers.map(({ due, kind }) => `${kind} ${due}`).sort();
    expect(timers(copy)).toEqual(timers(driver));
    expect(copy.machine.parts.get("resctrl")?.()).toEqual(driver.machine.parts.get("resctrl")?.());
    expect(await everything(again)).toEqual(await everything(fs));
    // And both go on alike: the dirty closid 2 is avoided, and freed later.
    for (const [one, of] of [[fs, driver] as const, [again, copy] as const]) {
      await one.mkdir("c");
      await one.writeFile("c/tasks", "102\n");
      expect(of.machine.processor.task(102)?.label.partidD).toBe(3);
      of.occupancy.clear();
      await of.machine.clock.advance(SECOND);
      await one.mkdir("d");
      await one.rmdir("a");
    }
    expect(await everything(again)).toEqual(await everything(fs));
  });

  test("taken while nothing was mounted still knows limbo and the settings", async () => {
    const { driver, fs } = await mounted({ partidMax: 0 });
    await fs.mkdir("mon_groups/m");
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "7\n");
    await fs.unmount();
    const copy = await restored({ partidMax: 0 }, driver);
    expect(await refusal(Resctrl.restore(copy))).toMatchObject({ code: "ENOENT" });
    const again = await Resctrl.mount(copy);
    expect(await again.readFile("info/L3_MON/max_threshold_occupancy")).toBe("7\n");
    expect(await refusal(again.mkdir("mon_groups/m"))).toMatchObject({ code: "EBUSY" });
  });

  test("keeps how it was mounted: flags, profile, owner, and what hung on them", async () => {
    const options: MountOptions = { cdp: true, debug: true, expert: true, profile: "x86", caller: { uid: 5, gid: 6 } };
    const { driver, fs } = await mounted(SHAPE, options);
    await fs.chmod("/", 0o755);
    await fs.mkdir("g", 0o700);
    await fs.chmod("g", 0o711);
    await fs.chown("g", 8, 9, { uid: 0, gid: 0 });
    await fs.writeFile("g/schemata", "L3CODE:0=f\n");
    await fs.writeFile("g/tasks", "100\n", { uid: 0, gid: 0 });
    const copy = await restored(SHAPE, driver);
    const again = await Resctrl.restore(copy);
    expect(again.mountOptions).toBe(",cdp,debug");
    expect(again.added).toEqual(fs.added);
    expect(await again.stat("g/mon_data")).toMatchObject({ mode: 0o700, uid: 5, gid: 6 });
    expect(await again.stat("g")).toMatchObject({ mode: 0o711, uid: 8, gid: 9 });
    expect(await everything(again)).toEqual(await everything(fs));
    expect(copy.machine.parts.get("resctrl")?.()).toEqual(driver.machine.parts.get("resctrl")?.());
    // What appears later belongs to whoever mounted, too.
    for (const cpu of [4, 5, 6, 7]) await copy.machine.cpu(cpu, false);
    await copy.machine.cpu(4, true);
    expect(await again.stat("g/mon_data/mon_L3_01")).toMatchObject({ mode: 0o700, uid: 5, gid: 6 });
    await again.unmount();
    expect((await Resctrl.mount(copy)).mountOptions).toBe("");
  });

  test("has domains that appeared under a changed mode as they were", async () => {
    const { driver, fs } = await mounted(SHAPE);
    await fs.chmod("mon_data", 0o700);
    for (const cpu of [4, 5, 6, 7]) await driver.machine.cpu(cpu, false);
    await driver.machine.cpu(4, true);
    const copy = await restored(SHAPE, driver);
    for (const cpu of [5, 6, 7]) await copy.machine.cpu(cpu, false);
    const again = await Resctrl.restore(copy);
    expect(await everything(again)).toEqual(await everything(fs));
    expect((await again.stat("mon_data/mon_L3_01")).mode).toBe(0o700);
  });

  test("is refused while a command is under way, whose half nobody could bring back", async () => {
    const { driver, fs } = await mounted(SHAPE);
    const save = () => driver.machine.parts.get("resctrl")?.();
    const made = fs.mkdir("g");
    // It has not begun.
    expect(save).not.toThrow();
    for (let i = 0; i < 6; i++) await Promise.resolve();
    expect(save).toThrow(expect.objectContaining({ code: "EBUSY" }));
    await made;
    expect(save).not.toThrow();
    await refusal(fs.mkdir("g/h"));
    expect(save).not.toThrow();
  });

  describe("brought back where other cpus are online than were", () => {
    async function changed(before: readonly number[], after: readonly number[], online: boolean) {
      const { driver, fs } = await mounted(SHAPE);
      for (const cpu of before) await driver.machine.cpu(cpu, !online);
      await fs.mkdir("g");
      await fs.mkdir("g/mon_groups/m");
      await fs.mkdir("gone");
      driver.occupancy.set("1/2/0", 1n << 20n);
      await fs.rmdir("gone");
      if (!online) {
        await fs.writeFile("g/cpus_list", "3-5\n");
        await fs.writeFile("g/mon_groups/m/cpus_list", "4\n");
        await fs.chmod("g/mon_data/mon_L3_01", 0o700);
      }
      const copy = await restored(SHAPE, driver);
      for (const cpu of before) await copy.machine.cpu(cpu, !online);
      for (const cpu of after) await copy.machine.cpu(cpu, online);
      return { copy, again: await Resctrl.restore(copy) };
    }

    test("cpus that are gone are in no group, nor is their domain there, where what was dirty is clean", async () => {
      const { copy, again } = await changed([], [4, 5, 6, 7], false);
      expect(await again.readFile("g/cpus_list")).toBe("3\n");
      expect(await again.readFile("g/mon_groups/m/cpus_list")).toBe("\n");
      expect(await again.readFile("cpus_list")).toBe("0-2\n");
      expect(copy.machine.processor.cpuDefaults.map(({ partidD }) => partidD)).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
      expect(await again.readdir("g/mon_data")).toEqual(["mon_L3_00"]);
      await copy.machine.clock.advance(SECOND);
      expect(copy.machine.clock.timers.map(({ kind }) => kind)).toEqual(["resctrl.mbm"]);
      expect((await Core.of(copy)).rmids.save().limbo).toEqual([]);
    });

    test("cpus that have come are the default group's, and the counters of their domain are polled", async () => {
      const { copy, again } = await changed([4, 5, 6, 7], [4, 5], true);
      expect(await again.readFile("cpus_list")).toBe("0-5\n");
      expect(await again.readFile("mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=_\n");
      const polls = copy.machine.clock.timers.filter(({ kind }) => kind === "resctrl.mbm");
      expect(polls.length).toBe(2);
    });
  });

  test("of threads from elsewhere wants them again, and says which one is missing", async () => {
    const threads = () => {
      const tasks = new FakeProcessor(1, [7, 8]);
      return {
        tasks: tasks.tasks,
        task: (tid: number) => tasks.task(tid),
        setTaskLabel: tasks.setTaskLabel.bind(tasks),
      };
    };
    const { driver, fs } = await mounted(SHAPE, { tasks: threads() });
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "7,8\n");
    await fs.writeFile("g/mon_groups/m/tasks", "8\n");
    const copy = await restored(SHAPE, driver);
    await expect(Resctrl.restore(copy)).rejects.toThrow("thread 7 was in /g");
    const again = await Resctrl.restore(copy, { tasks: threads() });
    expect(await again.readFile("g/tasks")).toBe("7\n8\n");
    expect(await again.readFile("g/mon_groups/m/tasks")).toBe("8\n");
    expect(await again.readFile("tasks")).toBe("");
  });
});
