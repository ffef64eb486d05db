// Domains and cpus that come and go while mounted, and while not (resctrl-fs.md sections 4, 9 and 12).

import { describe, expect, test } from "vitest";
import { Core } from "../../src/fs/core.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { type FakeShape, fakeDriver, refusal, SECOND } from "./fakes.ts";

async function mounted(shape: FakeShape = {}) {
  const driver = fakeDriver(shape);
  const fs = await Resctrl.mount(driver);
  const { machine } = driver;
  const all = async (cpus: readonly number[], online: boolean) => {
    for (const cpu of cpus) await machine.cpu(cpu, online);
  };
  const closidOf = (cpu: number) => machine.processor.cpuDefaults[cpu]?.partidD;
  return { driver, fs, machine, all, closidOf };
}

const SECOND_L3 = [4, 5, 6, 7];

describe("a cpu", () => {
  test("that goes leaves its groups, which is not remembered; one that comes is the default group's", async () => {
    const { fs, machine, closidOf } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/cpus_list", "2-3\n");
    await fs.writeFile("g/mon_groups/m/cpus_list", "3\n");
    await machine.cpu(3, false);
    expect(await fs.readFile("g/cpus_list")).toBe("2\n");
    expect(await fs.readFile("g/mon_groups/m/cpus_list")).toBe("\n");
    expect(await fs.readFile("cpus_list")).toBe("0-1,4-7\n");
    expect(await fs.readFile("cpus")).toBe("f3\n");
    await machine.cpu(3, true);
    expect(await fs.readFile("cpus_list")).toBe("0-1,3-7\n");
    expect(await fs.readFile("g/cpus_list")).toBe("2\n");
    expect([closidOf(2), closidOf(3)]).toEqual([1, 0]);
    await fs.writeFile("g/cpus_list", "2-3\n");
    expect(closidOf(3)).toBe(1);
  });

  test("that is offline cannot be assigned, nor is it given back by an unmount", async () => {
    const { driver, fs, machine } = await mounted();
    await machine.cpu(3, false);
    await fs.mkdir("g");
    const text = "Can only assign online CPUs\n";
    expect(await refusal(fs.writeFile("g/cpus_list", "2-3\n"))).toEqual({ code: "EINVAL", status: text });
    await fs.unmount();
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("cpus_list")).toBe("0-2,4-7\n");
  });

  test("that goes waits for the command under way, and takes its place before the next", async () => {
    const { fs, machine } = await mounted();
    const made = fs.mkdir("g");
    const gone = machine.cpu(7, false);
    const read = fs.readFile("cpus_list");
    await Promise.all([made, gone]);
    expect(await read).toBe("0-6\n");
  });
});

describe("a domain", () => {
  test("goes with its last cpu, out of every file and every mon_data", async () => {
    const { fs, all } = await mounted();
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/schemata", "L3:1=3\nMB:1=20\n");
    const counter = await fs.open("g/mon_data/mon_L3_01/llc_occupancy", { read: true, write: false });
    await all(SECOND_L3.slice(1), false);
    expect(await fs.readdir("mon_data")).toEqual(["mon_L3_00", "mon_L3_01"]);
    await all([4], false);
    for (const group of ["", "g/", "g/mon_groups/m/"]) {
      expect(await fs.readdir(`${group}mon_data`)).toEqual(["mon_L3_00"]);
      expect(await fs.readFile(`${group}mbm_L3_assignments`)).toBe("mbm_total_bytes:0=e\n");
    }
    expect(await fs.readFile("g/schemata")).toBe("    MB:0=100\n    L3:0=ffff\n");
    expect(await fs.readFile("g/size")).toBe("    MB:0=100\n    L3:0=1048576\n");
    expect(await fs.readFile("info/L3/bit_usage")).toBe("0=XXXXXXXXXXXXXXXX\n");
    expect(await fs.readFile("info/L3_MON/num_mbm_cntrs")).toBe("0=6\n");
    expect(await refusal(counter.text())).toMatchObject({ code: "ENODEV" });
    expect(await refusal(fs.writeFile("g/schemata", "L3:1=3\n"))).toEqual({ code: "EINVAL", status: "" });
    const status = "Invalid domain id 1\n";
    expect(await refusal(fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:1=_\n"))).toMatchObject({ status });
  });

  test("comes back with its controls as they were, all counters free, and nothing assigned", async () => {
    const { fs, all } = await mounted();
    await fs.chmod("/", 0o777);
    await fs.mkdir("g", 0o750, { uid: 12, gid: 13 });
    await fs.writeFile("g/schemata", "L3:1=3\nMB:1=20\n");
    await all(SECOND_L3, false);
    await all(SECOND_L3, true);
    expect(await fs.readFile("g/schemata")).toBe("    MB:0=100;1=20\n    L3:0=ffff;1=3\n");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=4;1=6\n");
    expect(await fs.readFile("mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=_\n");
    expect(await fs.readFile("g/mon_data/mon_L3_01/mbm_total_bytes")).toBe("Unassigned\n");
    expect(await fs.readFile("g/mon_data/mon_L3_01/llc_occupancy")).toBe("0\n");
    expect(await fs.stat("g/mon_data/mon_L3_01")).toMatchObject({ mode: 0o750, uid: 12, gid: 13 });
    expect(await fs.stat("g/mon_data/mon_L3_01/llc_occupancy")).toMatchObject({ mode: 0o444, uid: 12, gid: 13 });
    await fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:1=e\n");
    expect(await fs.readFile("g/mon_data/mon_L3_01/mbm_total_bytes")).toBe("0\n");
  });

  test("that comes takes the mode that mon_data has by then", async () => {
    const { fs, all } = await mounted();
    await fs.chmod("mon_data", 0o700);
    await fs.chown("mon_data", 12, 13);
    await all(SECOND_L3, false);
    await all(SECOND_L3, true);
    // The owner stays whoever made the group.
    expect(await fs.stat("mon_data/mon_L3_01")).toMatchObject({ mode: 0o700, uid: 0, gid: 0 });
    expect((await fs.stat("mon_data/mon_L3_00")).mode).toBe(0o555);
  });

  test("is found gone by a reader who waited for it, without a word in last_cmd_status", async () => {
    const { fs, all } = await mounted();
    const counter = await fs.open("mon_data/mon_L3_01/llc_occupancy", { read: true, write: false });
    await all(SECOND_L3.slice(1), false);
    const gone = all([4], false);
    const late = refusal(counter.text());
    await gone;
    expect(await late).toEqual({ code: "ENOENT", status: "" });
    expect(await fs.readFile("info/last_cmd_status")).toBe("ok\n");
  });

  test("has its workers only while it is there", async () => {
    const { driver, fs, machine, all } = await mounted({ pmgMax: 3 });
    const due = () => machine.clock.timers.map(({ kind }) => kind).sort();
    await fs.mkdir("mon_groups/m");
    await fs.rmdir("mon_groups/m");
    expect(due()).toEqual(["resctrl.limbo", "resctrl.limbo", "resctrl.mbm", "resctrl.mbm"]);
    await all(SECOND_L3, false);
    expect(due()).toEqual(["resctrl.limbo", "resctrl.mbm"]);
    await all(SECOND_L3, true);
    expect(due()).toEqual(["resctrl.limbo", "resctrl.mbm", "resctrl.mbm"]);
    await fs.unmount();
    await all(SECOND_L3, false);
    await all(SECOND_L3, true);
    expect(due()).toEqual(["resctrl.limbo"]);
    driver.requests.length = 0;
    await machine.clock.advance(2 * SECOND);
    expect(due()).toEqual([]);
  });

  test("that goes counts as clean for what is in limbo", async () => {
    const { driver, fs, machine, all } = await mounted({ partidMax: 0 });
    await fs.mkdir("mon_groups/m");
    driver.occupancy.set("1/0/1", 1n << 20n);
    await fs.rmdir("mon_groups/m");
    await machine.clock.advance(SECOND);
    expect(await refusal(fs.mkdir("mon_groups/n"))).toEqual({ code: "EBUSY", status: "Out of RMIDs\n" });
    await all(SECOND_L3, false);
    expect(await refusal(fs.mkdir("mon_groups/n"))).toBeUndefined();
  });

  test("may go while limbo or the poll of its counters is at work", async () => {
    const { driver, fs, machine, all } = await mounted();
    await fs.mkdir("g");
    await fs.rmdir("g");
    await all(SECOND_L3.slice(1), false);
    const moved = machine.clock.advance(SECOND);
    await Promise.resolve();
    await Promise.all([moved, all([4], false)]);
    await machine.clock.advance(2 * SECOND);
    expect(await fs.readdir("mon_data")).toEqual(["mon_L3_00"]);
    expect(driver.enabled).toBe(true);
  });
});

test("while nothing is mounted cpus and domains come and go all the same", async () => {
  const { driver, fs, all } = await mounted();
  await fs.unmount();
  await all(SECOND_L3, false);
  const without = await Resctrl.mount(driver);
  expect(await without.readFile("schemata")).toBe("    MB:0=100\n    L3:0=ffff\n");
  expect(await without.readFile("cpus_list")).toBe("0-3\n");
  await all(SECOND_L3, true);
  expect(await without.readFile("schemata")).toBe("    MB:0=100;1=100\n    L3:0=ffff;1=ffff\n");
  expect(await without.readdir("mon_data")).toEqual(["mon_L3_00", "mon_L3_01"]);
});

test("cpus that go or come while resctrl is set up are heard of", async () => {
  const driver = fakeDriver();
  await driver.machine.cpu(0, false);
  const mounting = Resctrl.mount(driver);
  for (const cpu of SECOND_L3) await driver.machine.cpu(cpu, false);
  await driver.machine.cpu(0, true);
  const fs = await mounting;
  expect(await fs.readFile("cpus_list")).toBe("0-3\n");
  expect(await fs.readdir("mon_data")).toEqual(["mon_L3_00"]);
  await driver.machine.cpu(5, true);
  expect(await fs.readFile("cpus_list")).toBe("0-3,5\n");
  expect(await fs.readdir("mon_data")).toEqual(["mon_L3_00", "mon_L3_01"]);
});

test("after MPAM has been disabled nobody listens to cpus any more", async () => {
  const { driver, fs, all } = await mounted();
  const core = await Core.of(driver);
  await driver.disable("hardware error interrupt");
  await all(SECOND_L3, false);
  expect(core.cpus.size).toBe(8);
  expect(await fs.readdir("/")).toEqual([]);
  await fs.unmount();
});

test("a worker that finds a fault is at work again a second later", async () => {
  const { driver, machine } = await mounted();
  const read = driver.readMonitor.bind(driver);
  driver.readMonitor = () => Promise.reject(new TypeError("a fault of ours"));
  await expect(machine.clock.advance(SECOND)).rejects.toThrow("a fault of ours");
  driver.readMonitor = read;
  const polls = machine.clock.timers.filter(({ kind }) => kind === "resctrl.mbm");
  expect(polls.map(({ due }) => due)).toEqual([SECOND, 2 * SECOND]);
});
