import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { bitLetters } from "../../src/fs/info.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { FakeProcessor, type FakeShape, fakeDriver, refusal } from "./fakes.ts";

async function mounted(shape: FakeShape = {}) {
  const driver = fakeDriver(shape);
  const fs = await Resctrl.mount(driver);
  const status = () => fs.readFile("info/last_cmd_status");
  const label = (tid: number) => {
    const of = driver.machine.processor.task(tid)?.label;
    return [of?.partidD, of?.pmgD];
  };
  return { driver, fs, status, label };
}

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

describe("mode", () => {
  test.each(golden.mode)("$id: $input", async (c) => {
    const { fs, status } = await mounted();
    const refused = await refusal(fs.writeFile("mode", c.input));
    expect(refused).toEqual(c.errno === null ? undefined : { code: c.errno, status: c.status_text });
    expect(await status()).toBe(c.status_text || "ok\n");
    expect(await fs.readFile("mode")).toBe("shareable\n");
  });

  test("without a cache schema nothing can be exclusive", async () => {
    const { fs } = await mounted({ cbmWd: 0 });
    const text = "Cannot be exclusive without CAT/CDP\n";
    expect(await refusal(fs.writeFile("mode", "exclusive\n"))).toEqual({ code: "EINVAL", status: text });
  });
});

describe("mbm_L3_assignments", () => {
  test.each(golden.mbm_L3_assignments.cases)("$id: $input", async (c) => {
    const { fs, status } = await mounted();
    expect(await fs.readFile("mbm_L3_assignments")).toBe(golden.mbm_L3_assignments.before);
    const refused = await refusal(fs.writeFile("mbm_L3_assignments", c.input));
    expect(refused).toEqual(c.errno === null ? undefined : { code: c.errno, status: c.status_text });
    expect(await status()).toBe(c.last_cmd_status_reads);
    expect(await fs.readFile("mbm_L3_assignments")).toBe(c.assignments_after);
  });

  test("assigning twice takes one counter, and taking away what is not there is fine", async () => {
    const { fs } = await mounted();
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=e;0=e;1=_;1=_\n");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=5;1=6\n");
  });

  test("without a newline, or with more groups than counters, the refusal has its text", async () => {
    const { fs, status } = await mounted({ mbwu: 1 });
    expect(await refusal(fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=e"))).toEqual({
      code: "EINVAL",
      status: "mbm_L3_assignments: Invalid input\n",
    });
    await fs.mkdir("g");
    // mkdir succeeded, and still says what it could not do.
    const [zero, one] = [0, 1].map((d) => `Failed to allocate counter for mbm_total_bytes in domain ${d}\n`);
    expect(await status()).toBe(`${zero}${one}`);
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=_\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    expect(await refusal(fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:*=e\n"))).toEqual({
      code: "ENOSPC",
      status: `${zero}Assign operation 'mbm_total_bytes:*=e' failed\n`,
    });
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=e\n");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=0;1=0\n");
    expect(await refusal(fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:0\n"))).toEqual({
      code: "EINVAL",
      status: "Assign operation 'mbm_total_bytes:0=(null)' failed\n",
    });
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

describe("info", () => {
  const everything: Record<string, string> = {
    "L3/num_closids": "8\n",
    "L3/cbm_mask": "ffff\n",
    "L3/min_cbm_bits": "1\n",
    "L3/shareable_bits": "ffff\n",
    "L3/bit_usage": "0=XXXXXXXXXXXXXXXX;1=XXXXXXXXXXXXXXXX\n",
    "L3/sparse_masks": "1\n",
    "MB/num_closids": "8\n",
    "MB/min_bandwidth": "1\n",
    "MB/bandwidth_gran": "1\n",
    "MB/delay_linear": "1\n",
    "L3_MON/num_rmids": "16\n",
    "L3_MON/mon_features": "llc_occupancy\nmbm_total_bytes\n",
    "L3_MON/max_threshold_occupancy": "65536\n",
    "L3_MON/mbm_assign_mode": "[mbm_event]\n",
    "L3_MON/mbm_assign_on_mkdir": "1\n",
    "L3_MON/num_mbm_cntrs": "0=6;1=6\n",
    "L3_MON/available_mbm_cntrs": "0=5;1=5\n",
    "L3_MON/event_configs/mbm_total_bytes/event_filter":
      "local_reads,remote_reads,local_non_temporal_writes,remote_non_temporal_writes,local_reads_slow_memory,remote_reads_slow_memory,dirty_victim_writes_all\n",
    last_cmd_status: "ok\n",
  };

  test("has every file an MPAM machine shows, and no other", async () => {
    const { fs } = await mounted();
    const found: Record<string, string> = {};
    const walk = async (path: string): Promise<void> => {
      for (const name of await fs.readdir(path)) {
        const at = `${path}/${name}`;
        if ((await fs.stat(at)).kind === "directory") await walk(at);
        else found[at.slice("info/".length)] = await fs.readFile(at);
      }
    };
    await walk("info");
    expect(found).toEqual(everything);
    expect((await fs.stat("info")).mode).toBe(0o555);
    expect((await fs.stat("info/L3_MON/max_threshold_occupancy")).mode).toBe(0o644);
    expect((await fs.stat("info/L3_MON/event_configs/mbm_total_bytes/event_filter")).mode).toBe(0o444);
  });

  test("bits used by software lose their X when no shareable group has them", async () => {
    const { fs } = await mounted({ cbmWd: 8 });
    await fs.writeFile("schemata", "L3:0=0f\n");
    expect(await fs.readFile("info/L3/bit_usage")).toBe(`0=${golden.bit_usage[0]?.prints};1=XXXXXXXX\n`);
  });

  test.each(golden.bit_usage)("bit letters $prints", (c) => {
    const union = (masks: string[]) => masks.reduce((all, mask) => all | Number.parseInt(mask, 16), 0);
    const hardware = Number.parseInt(c.shareable_bits, 16);
    expect(
      bitLetters(c.cbm_len, hardware, union(c.shareable_groups), union(c.exclusive_groups), Number.parseInt(c.plr, 16)),
    ).toBe(c.prints);
  });

  test.each([
    ["max_threshold_occupancy", "junk\n", "EINVAL", "max_threshold_occupancy: Invalid input\n"],
    ["max_threshold_occupancy", "4294967296\n", "ERANGE", "max_threshold_occupancy: Invalid input\n"],
    [
      "max_threshold_occupancy",
      "1048577",
      "EINVAL",
      "max_threshold_occupancy: Exceeds limit (before adjustment) of 1048576 bytes\n",
    ],
    ["mbm_assign_mode", "default", "EINVAL", "mbm_assign_mode: Invalid input\n"],
    ["mbm_assign_mode", "other\n", "EINVAL", "Unsupported assign mode\n"],
    ["mbm_assign_mode", "default\n", "EINVAL", "Counter assignment mode is not configurable\n"],
    ["mbm_assign_on_mkdir", "maybe\n", "EINVAL", "mbm_assign_on_mkdir: Invalid input\n"],
  ])("%s refuses %j", async (file, text, code, said) => {
    const { fs, status } = await mounted();
    expect(await refusal(fs.writeFile(`info/L3_MON/${file}`, text))).toEqual({ code, status: said });
    expect(await status()).toBe(said);
  });

  test("settings take what they can", async () => {
    const { fs } = await mounted();
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "17\0 and more");
    expect(await fs.readFile("info/L3_MON/max_threshold_occupancy")).toBe("17\n");
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "0x1000");
    expect(await fs.readFile("info/L3_MON/max_threshold_occupancy")).toBe("4096\n");
    await fs.writeFile("info/L3_MON/mbm_assign_mode", "mbm_event\n");
    await fs.writeFile("info/L3_MON/mbm_assign_on_mkdir", "off");
    await fs.mkdir("g");
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=_\n");
  });

  test("without bandwidth counters the mode is default, and cannot be written", async () => {
    const { fs } = await mounted({ mbwu: 0 });
    expect(await fs.readdir("info/L3_MON")).toEqual([
      "max_threshold_occupancy",
      "mbm_assign_mode",
      "mon_features",
      "num_rmids",
    ]);
    expect(await fs.readFile("info/L3_MON/mbm_assign_mode")).toBe("[default]\n");
    const write = (text: string) => refusal(fs.writeFile("info/L3_MON/mbm_assign_mode", text));
    expect(await write("default\n")).toEqual({ code: "EINVAL", status: "" });
    expect(await write("mbm_event\n")).toEqual({ code: "EINVAL", status: "mbm_event mode is not supported\n" });
    expect(await refusal(fs.readFile("mbm_L3_assignments"))).toMatchObject({ code: "ENOENT" });
  });

  test("a write to a file that takes none looks at no group: last_cmd_status stays", async () => {
    const { fs, status } = await mounted();
    await fs.chmod("size", 0o644);
    await fs.chmod("info/L3/cbm_mask", 0o644);
    await refusal(fs.writeFile("schemata", "L3\n"));
    await refusal(fs.writeFile("size", "1\n"));
    await refusal(fs.writeFile("info/L3/cbm_mask", "1\n"));
    expect(await status()).toBe("Missing ':'\n");
  });

  test("a file that cannot be written is EACCES, and EINVAL once chmod lets it be opened", async () => {
    const { fs } = await mounted();
    for (const path of ["size", "info/L3/cbm_mask", "mon_data/mon_L3_00/llc_occupancy", "info/last_cmd_status"]) {
      expect(await refusal(fs.writeFile(path, "x\n"))).toEqual({ code: "EACCES", status: "" });
      await fs.chmod(path, 0o644);
      const code = path.startsWith("mon_data") ? "EACCES" : "EINVAL";
      expect(await refusal(fs.writeFile(path, "x\n"))).toEqual({ code, status: "" });
    }
    const filter = "info/L3_MON/event_configs/mbm_total_bytes/event_filter";
    await fs.chmod(filter, 0o644);
    expect(await refusal(fs.writeFile(filter, "local_reads\n"))).toEqual({
      code: "EPERM",
      status: "event_filter is not configurable\n",
    });
    expect(await refusal(fs.writeFile("schemata", `${"#".repeat(4096)}\n`))).toEqual({ code: "E2BIG", status: "" });
  });
});

describe("last_cmd_status", () => {
  test("is emptied by reading a group file, not by reading most of info nor by reading itself", async () => {
    const { fs, status } = await mounted();
    const spoil = () => refusal(fs.writeFile("schemata", "L3\n"));
    const after = async (path: string) => {
      await spoil();
      await fs.readFile(path);
      return status();
    };
    expect(await after("info/last_cmd_status")).toBe("Missing ':'\n");
    expect(await after("info/L3/bit_usage")).toBe("Missing ':'\n");
    expect(await after("info/L3_MON/max_threshold_occupancy")).toBe("Missing ':'\n");
    for (const path of ["tasks", "size", "mon_data/mon_L3_00/llc_occupancy", "info/L3_MON/available_mbm_cntrs"]) {
      expect(await after(path)).toBe("ok\n");
    }
  });
});

describe("mon_data", () => {
  const FILE = "mon_data/mon_L3_01/llc_occupancy";

  test.each(golden.mon_data_error_map.filter(({ err }) => err !== null && err !== "EBUSY"))(
    "$err reads $prints",
    async (c) => {
      const { driver, fs } = await mounted();
      driver.monitorFailure = new ErrnoError(c.err as "EIO", "as told");
      expect(await fs.readFile(FILE)).toBe(c.prints);
    },
  );

  test("a counter that is not ready is unavailable, never a number", async () => {
    const { driver, fs } = await mounted();
    driver.monitorFailure = new ErrnoError("EBUSY", "NRDY");
    expect(await fs.readFile(FILE)).toBe("Unavailable\n");
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_total_bytes")).toBe("Unavailable\n");
  });

  test("a control group sums its monitor groups, beyond what a double holds", async () => {
    const { driver, fs } = await mounted();
    await fs.mkdir("mon_groups/m");
    driver.bytes.set("1/0/0", 2n ** 62n);
    driver.bytes.set("1/0/1", 3n);
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_total_bytes")).toBe("4611686018427387907\n");
    expect(await fs.readFile("mon_groups/m/mon_data/mon_L3_01/mbm_total_bytes")).toBe("3\n");
    expect(await fs.readFile("mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes")).toBe("0\n");
  });

  test("without a counter bandwidth is unassigned, unless a monitor group has one", async () => {
    const { driver, fs } = await mounted({ mbwu: 1 });
    await fs.mkdir("mon_groups/m");
    driver.bytes.set("0/0/1", 5n);
    const [own, inner] = ["mon_data/mon_L3_00/mbm_total_bytes", "mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes"];
    expect(await fs.readFile(inner)).toBe("Unassigned\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=_\n");
    expect(await fs.readFile(own)).toBe("Unassigned\n");
    await fs.writeFile("mon_groups/m/mbm_L3_assignments", "mbm_total_bytes:0=e\n");
    expect(await fs.readFile(own)).toBe("5\n");
  });
});
