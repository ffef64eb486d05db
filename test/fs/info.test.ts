// The directory info, and last_cmd_status (resctrl-fs.md sections 2 to 4).

import { describe, expect, test } from "vitest";
import { bitLetters } from "../../src/fs/info.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

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

  test("a file without a bit for a direction is closed even to root, until chmod gives one", async () => {
    const { fs } = await mounted();
    await fs.chmod("tasks", 0o200);
    expect(await refusal(fs.readFile("tasks"))).toEqual({ code: "EACCES", status: "" });
    await fs.writeFile("tasks", "100\n");
    await fs.chmod("tasks", 0o004);
    expect(await fs.readFile("tasks")).toBe("100\n101\n102\n");
    expect(await refusal(fs.writeFile("tasks", "100\n"))).toEqual({ code: "EACCES", status: "" });
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
    const clearing = [
      ...["tasks", "size", "mon_data/mon_L3_00/llc_occupancy", "info/L3_MON/available_mbm_cntrs"],
      ...["info/L3_MON/mbm_assign_on_mkdir", "info/L3_MON/event_configs/mbm_total_bytes/event_filter"],
    ];
    for (const path of clearing) {
      expect(await after(path)).toBe("ok\n");
    }
  });
});
