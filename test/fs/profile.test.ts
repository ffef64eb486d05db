// The profile x86: what it adds, and that it changes nothing else (docs/resctrl.md).

import { describe, expect, test } from "vitest";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import type { TreeNode } from "../../src/tree/index.ts";
import { type FakeShape, fakeDriver, refusal } from "./fakes.ts";

async function mounted(shape: FakeShape = {}, options: MountOptions = { profile: "x86" }) {
  const driver = fakeDriver(shape);
  return { driver, fs: await Resctrl.mount(driver, options) };
}

async function textsBelow(fs: Resctrl, path = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await fs.readdir(path)) {
    const at = `${path}/${name}`;
    const { kind, mode } = await fs.stat(at);
    if (kind === "directory") Object.assign(found, await textsBelow(fs, at));
    found[at] = `${mode.toString(8)} ${kind === "file" ? await fs.readFile(at) : ""}`;
  }
  return found;
}

describe("the profile x86", () => {
  test("adds local bytes, their filter and the throttle mode, and says which files those are", async () => {
    const { fs } = await mounted({ pmgMax: 3 });
    await fs.mkdir("mon_groups/m");
    expect(fs.added).toEqual([
      "/info/L3_MON/event_configs/mbm_local_bytes/event_filter",
      "/info/MB/thread_throttle_mode",
      "/mon_data/mon_L3_00/mbm_local_bytes",
      "/mon_data/mon_L3_01/mbm_local_bytes",
      "/mon_groups/m/mon_data/mon_L3_00/mbm_local_bytes",
      "/mon_groups/m/mon_data/mon_L3_01/mbm_local_bytes",
    ]);
    const marks = (node: TreeNode) => (node.kind === "file" ? node.content.extended : undefined);
    expect(marks(fs.tree.lookup("/info/MB/thread_throttle_mode"))).toEqual({ "user.mpam.profile": "x86" });
    expect(marks(fs.tree.lookup("/mon_data/mon_L3_00/mbm_total_bytes"))).toBeUndefined();
  });

  test("shows as local bytes what the counter of all bytes has", async () => {
    const { driver, fs } = await mounted();
    driver.bytes.set("1/0/0", 12345n);
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_local_bytes")).toBe("12345\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_local_bytes")).toBe("Unassigned\n");
    expect(await fs.readFile("mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=_\n");
    expect(await refusal(fs.writeFile("mbm_L3_assignments", "mbm_local_bytes:1=e\n"))).toEqual({
      code: "ENOENT",
      status: "Invalid event mbm_local_bytes\n",
    });
  });

  test("has the texts of x86 in the files it adds", async () => {
    const { fs } = await mounted();
    expect(await fs.readFile("info/MB/thread_throttle_mode")).toBe("max\n");
    const filter = "info/L3_MON/event_configs/mbm_local_bytes/event_filter";
    expect(await fs.readFile(filter)).toBe("local_reads,local_non_temporal_writes,local_reads_slow_memory\n");
    expect(await fs.readFile("info/L3_MON/mon_features")).toBe("llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    expect((await fs.stat(filter)).mode).toBe(0o444);
    expect((await fs.stat("mon_data/mon_L3_00/mbm_local_bytes")).mode).toBe(0o444);
  });

  test("leaves all the rest as it is", async () => {
    const plain = await mounted({}, {});
    const profiled = await mounted();
    for (const { fs } of [plain, profiled]) await fs.mkdir("g");
    expect(plain.fs.added).toEqual([]);
    const texts = await textsBelow(profiled.fs);
    for (const path of profiled.fs.added) delete texts[path];
    delete texts["/info/L3_MON/event_configs/mbm_local_bytes"];
    const features = texts["/info/L3_MON/mon_features"]?.replace("mbm_local_bytes\n", "") ?? "";
    expect({ ...texts, "/info/L3_MON/mon_features": features }).toEqual(await textsBelow(plain.fs));
  });

  test("adds nothing that nothing stands behind: no MB, no counters, no such files", async () => {
    const { fs } = await mounted({ bwaWd: 0, mbwu: 0 });
    expect(fs.added).toEqual([]);
    const cdp = await mounted({ mbwu: 0 }, { profile: "x86", cdp: true, expert: true });
    expect(cdp.fs.added).toEqual([]);
  });

  test("counts a domain that comes while mounted", async () => {
    const { driver, fs } = await mounted();
    for (const cpu of [4, 5, 6, 7]) await driver.machine.cpu(cpu, false);
    expect(fs.added).not.toContain("/mon_data/mon_L3_01/mbm_local_bytes");
    await driver.machine.cpu(5, true);
    expect(fs.added).toContain("/mon_data/mon_L3_01/mbm_local_bytes");
  });
});
