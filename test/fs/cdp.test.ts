// Code/data prioritisation as the tree shows it (resctrl-fs.md sections 4 to 6, resctrl-glue.md section 6).

import { describe, expect, test } from "vitest";
import { Core } from "../../src/fs/core.ts";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { getResource } from "../../src/resctrl/index.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { type FakeShape, fakeDriver, refusal } from "./fakes.ts";

async function mounted(shape: FakeShape = {}, options: MountOptions = { cdp: true }) {
  const driver = fakeDriver(shape);
  const fs = await Resctrl.mount(driver, { expert: true, ...options });
  const held = (level: number, id: number, partid: number) => {
    const component = driver.classes.find((c) => c.level === level)?.components.find((c) => c.id === id);
    return component && driver.stored(component, partid).cpbm;
  };
  return { driver, fs, held };
}

describe("mounted with cdp", () => {
  test("the L3 has a line for data and one for code, and there is no MB", async () => {
    const { fs } = await mounted();
    const shown = golden.schemata_display.find(({ resources }) => resources[0]?.startsWith("L3 CDP on"));
    expect(await fs.readFile("schemata")).toBe(shown?.schemata);
    expect(await fs.readdir("info")).toEqual(["L3CODE", "L3DATA", "L3_MON", "last_cmd_status"]);
  });

  test("each half has an info directory with half of the closids; all groups together have half of the RMIDs", async () => {
    const { fs } = await mounted({ partidMax: 6, pmgMax: 3 });
    for (const half of ["L3CODE", "L3DATA"]) {
      expect(await fs.readFile(`info/${half}/num_closids`)).toBe("3\n");
      expect(await fs.readFile(`info/${half}/cbm_mask`)).toBe("ffff\n");
    }
    expect(await fs.readFile("info/L3_MON/num_rmids")).toBe("14\n");
    for (const name of ["a", "b"]) await fs.mkdir(name);
    expect(await refusal(fs.mkdir("c"))).toEqual({ code: "ENOSPC", status: "Out of CLOSIDs\n" });
  });

  test("a half is set under its own PARTID: data even, code odd", async () => {
    const { fs, held } = await mounted();
    await fs.mkdir("g");
    await fs.writeFile("g/schemata", "L3CODE:0=f\nL3DATA:0=f0;1=3\n");
    expect(await fs.readFile("g/schemata")).toBe("L3DATA:0=f0;1=3\nL3CODE:0=f;1=ffff\n");
    expect([held(3, 0, 2), held(3, 0, 3), held(3, 1, 2), held(3, 1, 3)]).toEqual([0xf0, 0xf, 3, 0xffff]);
    expect(await fs.readFile("g/size")).toBe("L3DATA:0=262144;1=131072\nL3CODE:0=262144;1=1048576\n");
  });

  test("bit_usage is told for each half by itself", async () => {
    const { fs } = await mounted({ cbmWd: 4 });
    await fs.writeFile("schemata", "L3CODE:0=1\nL3DATA:0=8\n");
    expect(await fs.readFile("info/L3CODE/bit_usage")).toBe("0=HHHX;1=XXXX\n");
    expect(await fs.readFile("info/L3DATA/bit_usage")).toBe("0=XHHH;1=XXXX\n");
  });

  test.each(["L3:0=f\n", "MB:0=50\n", "L3code:0=f\n"])("%j is no line of it", async (text) => {
    const { fs } = await mounted();
    const name = text.slice(0, text.indexOf(":"));
    const status = `Unknown or unsupported resource name '${name}'\n`;
    expect(await refusal(fs.writeFile("schemata", text))).toEqual({ code: "EINVAL", status });
  });

  test("tasks carry one PARTID for data and one for code, new ones too, and are found in their groups", async () => {
    const { driver, fs } = await mounted();
    const { processor } = driver.machine;
    expect(processor.globalDefault).toEqual({ partidD: 0, partidI: 1, pmgD: 0, pmgI: 0 });
    expect(processor.task(100)?.label).toEqual({ partidD: 0, partidI: 1, pmgD: 0, pmgI: 0 });
    await fs.mkdir("g");
    await fs.mkdir("g/mon_groups/m");
    await fs.writeFile("g/tasks", "100,101\n");
    await fs.writeFile("g/mon_groups/m/tasks", "101\n");
    await fs.writeFile("g/cpus_list", "3\n");
    expect(processor.task(101)?.label).toEqual({ partidD: 2, partidI: 3, pmgD: 1, pmgI: 1 });
    expect(processor.cpuDefaults[3]).toEqual({ partidD: 2, partidI: 3, pmgD: 0, pmgI: 0 });
    expect(await fs.readFile("g/tasks")).toBe("100\n101\n");
    expect(await fs.readFile("tasks")).toBe("102\n");
  });

  test("occupancy and bandwidth are those of both halves together", async () => {
    const { driver, fs } = await mounted();
    await fs.mkdir("g");
    for (const [key, bytes] of [
      ["0/2/0", 100n],
      ["0/3/0", 11n],
    ] as const) {
      driver.occupancy.set(key, bytes);
      driver.bytes.set(key, 2n * bytes);
    }
    expect(await fs.readFile("g/mon_data/mon_L3_00/llc_occupancy")).toBe("111\n");
    expect(await fs.readFile("g/mon_data/mon_L3_00/mbm_total_bytes")).toBe("222\n");
  });

  test("a counter takes two monitors: there are half as many", async () => {
    const { fs } = await mounted({ mbwu: 5 });
    expect(await fs.readFile("info/L3_MON/num_mbm_cntrs")).toBe("0=2;1=2\n");
    await fs.mkdir("g");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=0;1=0\n");
    await fs.mkdir("h");
    expect(await fs.readFile("h/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=_\n");
  });

  test("an unmount makes everything whole again: MB, closids, labels, masks of both halves", async () => {
    const { driver, fs, held } = await mounted();
    await fs.mkdir("g");
    await fs.writeFile("g/schemata", "L3CODE:0=f\n");
    await fs.writeFile("g/tasks", "100\n");
    await fs.unmount();
    expect(held(3, 0, 3)).toBeUndefined();
    expect(driver.machine.processor.task(100)?.label).toEqual({ partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 });
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("schemata")).toBe("    MB:0=100;1=100\n    L3:0=ffff;1=ffff\n");
    expect(await again.readFile("info/L3/num_closids")).toBe("8\n");
    expect(await again.readFile("info/L3_MON/num_rmids")).toBe("16\n");
  });
});

describe("with an L2 beside the L3", () => {
  const SHAPE: FakeShape = { cpus: 2, l3: { 0: [0, 1] }, l2Wd: 8, csu: 0, mbwu: 0 };

  test("cdp splits the L3 only: the L2 has all closids, and writes both PARTIDs", async () => {
    const { fs, held } = await mounted(SHAPE);
    expect(await fs.readFile("schemata")).toBe("    L2:0=ff;1=ff\nL3DATA:0=ffff\nL3CODE:0=ffff\n");
    expect(await fs.readFile("info/L2/num_closids")).toBe("8\n");
    expect(await fs.readFile("info/L3CODE/num_closids")).toBe("4\n");
    await fs.mkdir("g");
    await fs.writeFile("g/schemata", "L2:1=3\n");
    expect([held(2, 1, 2), held(2, 1, 3)]).toEqual([3, 3]);
    expect(await fs.readFile("g/schemata")).toContain("    L2:0=ff;1=3\n");
  });

  test("cdpl2 splits the L2 only, both split both", async () => {
    const l2 = await mounted(SHAPE, { cdpl2: true });
    expect(await l2.fs.readFile("schemata")).toBe("L2DATA:0=ff;1=ff\nL2CODE:0=ff;1=ff\n    L3:0=ffff\n");
    expect(await l2.fs.readdir("info")).toEqual(["L2CODE", "L2DATA", "L3", "last_cmd_status"]);
    const both = await mounted(SHAPE, { cdp: true, cdpl2: true });
    expect(await both.fs.readFile("schemata")).toBe(
      "L2DATA:0=ff;1=ff\nL2CODE:0=ff;1=ff\nL3DATA:0=ffff\nL3CODE:0=ffff\n",
    );
  });
});

describe("on a cache that hardware does not share", () => {
  /** The default group has portion 1 for data and 0 for code, the group g what is written. */
  async function unshared(schemata: string) {
    const driver = fakeDriver({ cbmWd: 4, l3: { 0: [0, 1, 2, 3, 4, 5, 6, 7] } });
    const { arch } = await Core.of(driver);
    getResource(arch, "L3").cache.shareableBits = 0;
    const fs = await Resctrl.mount(driver, { cdp: true, expert: true });
    await fs.mkdir("g");
    await fs.writeFile("schemata", "L3CODE:0=1\nL3DATA:0=2\n");
    await fs.writeFile("g/schemata", schemata);
    return fs;
  }
  const exclusive = (fs: Resctrl) => refusal(fs.writeFile("g/mode", "exclusive\n"));

  test.each([
    ["L3CODE:0=c\nL3DATA:0=4\n", undefined],
    ["L3CODE:0=2\nL3DATA:0=c\n", { code: "EINVAL", status: "Schemata overlaps\n" }],
    ["L3CODE:0=c\nL3DATA:0=1\n", { code: "EINVAL", status: "Schemata overlaps\n" }],
  ])("a group with %j is exclusive by both halves of the others", async (schemata, refused) => {
    expect(await exclusive(await unshared(schemata))).toEqual(refused);
  });

  test("nobody gets code where an exclusive group has data, when made or by writing", async () => {
    const fs = await unshared("L3CODE:0=c\nL3DATA:0=4\n");
    await exclusive(fs);
    const text = "Overlaps with exclusive group\n";
    expect(await refusal(fs.writeFile("schemata", "L3DATA:0=8\n"))).toEqual({ code: "EINVAL", status: text });
    expect(await refusal(fs.writeFile("schemata", "L3CODE:0=4\n"))).toEqual({ code: "EINVAL", status: text });
    await fs.mkdir("h");
    expect(await fs.readFile("h/schemata")).toBe("L3DATA:0=3\nL3CODE:0=3\n");
    expect(await fs.readFile("info/L3CODE/bit_usage")).toBe("0=EESS\n");
    await fs.writeFile("schemata", "L3DATA:0=3\nL3CODE:0=3\n");
    await fs.writeFile("h/schemata", "L3DATA:0=3\nL3CODE:0=3\n");
    const taken = await refusal(fs.writeFile("g/schemata", "L3DATA:0=5\n"));
    expect(taken).toEqual({ code: "EINVAL", status: "Overlaps with other group\n" });
  });

  test("a group for which no bit is left is not made, and nothing stays of it", async () => {
    const fs = await unshared("L3CODE:0=c\nL3DATA:0=4\n");
    await exclusive(fs);
    await fs.writeFile("schemata", "L3CODE:0=3\nL3DATA:0=3\n");
    expect(await refusal(fs.writeFile("mode", "exclusive\n"))).toBeUndefined();
    const counters = await fs.readFile("info/L3_MON/available_mbm_cntrs");
    expect(await refusal(fs.mkdir("h"))).toEqual({ code: "ENOSPC", status: "No space on L3DATA:0\n" });
    expect(await fs.readdir("/")).not.toContain("h");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe(counters);
  });
});
