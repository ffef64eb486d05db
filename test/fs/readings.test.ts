// Readings of mon_data that wait, fail or are given up, and what a kernel 7.3 shows instead (resctrl-fs.md section 9).

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Core } from "../../src/fs/core.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { monCtxAlloc, monCtxFree } from "../../src/resctrl/index.ts";
import { ROOT } from "../../src/tree/index.ts";
import { type FakeShape, fakeDriver, refusal, SECOND } from "./fakes.ts";
import { mounted } from "./mounted.ts";

const OCCUPANCY = "mon_data/mon_L3_00/llc_occupancy";
const BYTES = "mon_data/mon_L3_00/mbm_total_bytes";

describe("a reader without a monitor", () => {
  /** Somebody beside resctrl has the only monitor; resctrl hands it on when it is given back. */
  async function taken() {
    const { driver, fs } = await mounted();
    const { arch } = await Core.of(driver);
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    return { driver, fs, giveBack: () => monCtxFree(arch, ctx) };
  }

  test("waits for one, and reads then", async () => {
    const { driver, fs, giveBack } = await taken();
    driver.occupancy.set("0/0/0", 77n);
    let text: string | undefined;
    const reading = fs.readFile(OCCUPANCY).then((read) => {
      text = read;
    });
    for (let i = 0; i < 50; i++) await Promise.resolve();
    expect(text).toBeUndefined();
    giveBack();
    await reading;
    expect(text).toBe("77\n");
  });

  test("can give up: there is no reading, and others go on", async () => {
    const { fs, giveBack } = await taken();
    const ended = new AbortController();
    const reading = fs.readFile(OCCUPANCY, { ...ROOT, signal: ended.signal });
    const next = fs.readFile("tasks");
    for (let i = 0; i < 50; i++) await Promise.resolve();
    ended.abort();
    expect(await reading).toBe("Unavailable\n");
    expect(await next).toBe("100\n101\n102\n");
    giveBack();
    expect(await fs.readFile(OCCUPANCY)).toBe("0\n");
  });
});

describe("what fails otherwise", () => {
  test.each([
    ["EBUSY", "Unavailable\n"],
    ["EOPNOTSUPP", "Unavailable\n"],
    ["ETIMEDOUT", "Error\n"],
  ] as const)("%s is a word, never a number; under 7.3 it is a number", async (code, word) => {
    const { driver, fs } = await mounted();
    const old = await mounted({ compat: "linux-7.3" });
    for (const one of [driver, old.driver]) one.monitorFailure = new ErrnoError(code, "as told");
    expect(await fs.readFile(OCCUPANCY)).toBe(word);
    expect(await fs.readFile(BYTES)).toBe(word);
    expect(await old.fs.readFile(OCCUPANCY)).toBe("0\n");
    expect(await old.fs.readFile(BYTES)).toBe("0\n");
  });

  test.each(["EIO", "EINVAL", "ENOENT"] as const)("%s is the same word under 7.3", async (code) => {
    const { driver, fs } = await mounted();
    const old = await mounted({ compat: "linux-7.3" });
    for (const one of [driver, old.driver]) one.monitorFailure = new ErrnoError(code, "as told");
    expect(await old.fs.readFile(OCCUPANCY)).toBe(await fs.readFile(OCCUPANCY));
  });

  test("of one of several groups is not shown while another has a value", async () => {
    const { driver, fs } = await mounted({ pmgMax: 2 });
    await fs.mkdir("mon_groups/a");
    await fs.mkdir("mon_groups/b");
    driver.bytes.set("0/0/2", 40n);
    for (const group of ["", "mon_groups/a/"]) {
      await fs.writeFile(`${group}mbm_L3_assignments`, "mbm_total_bytes:0=_\n");
    }
    expect(await fs.readFile(BYTES)).toBe("40\n");
    expect(await fs.readFile(`mon_groups/a/${BYTES}`)).toBe("Unassigned\n");
  });
});

describe("the one table of counters under 7.3", () => {
  test("lets a domain lose what is taken away in another, and gives none where none is assigned", async () => {
    const { fs } = await mounted({ compat: "linux-7.3" });
    const other = "mon_data/mon_L3_01/mbm_total_bytes";
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    expect(await fs.readFile("mbm_L3_assignments")).toBe("mbm_total_bytes:0=e;1=_\n");
    expect(await fs.readFile(BYTES)).toBe("Unassigned\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=_;0=e\n");
    expect(await fs.readFile(BYTES)).toBe("0\n");
    expect(await fs.readFile(other)).toBe("Unassigned\n");
  });

  test("is a table for each domain here", async () => {
    const { fs } = await mounted();
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    expect(await fs.readFile(BYTES)).toBe("0\n");
  });
});

describe("the limbo scan under CDP", () => {
  async function freed(shape: FakeShape) {
    const driver = fakeDriver({ partidMax: 1, pmgMax: 2, l3: { 0: [0, 1, 2, 3, 4, 5, 6, 7] }, ...shape });
    const fs = await Resctrl.mount(driver, { cdp: true, expert: true });
    await fs.writeFile("info/L3_MON/max_threshold_occupancy", "100\n");
    for (const name of ["a", "b"]) await fs.mkdir(`mon_groups/${name}`);
    // 60 bytes each, as code and as data: below the threshold one by one, above it together.
    for (const pmg of [1, 2]) for (const partid of [0, 1]) driver.occupancy.set(`0/${partid}/${pmg}`, 30n);
    for (const name of ["a", "b"]) await fs.rmdir(`mon_groups/${name}`);
    await driver.machine.clock.advance(SECOND);
    const made: (string | undefined)[] = [];
    for (const name of ["c", "d"]) made.push((await refusal(fs.mkdir(`mon_groups/${name}`)))?.status);
    return made;
  }

  test("looks at each id by itself, 7.3 at the sum of all it has read", async () => {
    expect(await freed({})).toEqual([undefined, undefined]);
    expect(await freed({ compat: "linux-7.3" })).toEqual([undefined, "Out of RMIDs\n"]);
  });
});

describe("a monitor group that is moved under 7.3", () => {
  test("gives back an RMID that was free there, and nobody has it twice", async () => {
    const { driver, fs } = await mounted({ compat: "linux-7.3", csu: 0, pmgMax: 1 });
    for (const path of ["g", "g/mon_groups/m", "h"]) await fs.mkdir(path);
    await fs.rename("g/mon_groups/m", "h/mon_groups/m");
    await fs.rmdir("h/mon_groups/m");
    await fs.mkdir("h/mon_groups/n");
    expect(await refusal(fs.mkdir("h/mon_groups/o"))).toEqual({ code: "ENOSPC", status: "Out of RMIDs\n" });
    expect(driver.enabled).toBe(true);
  });

  test("keeps its RMID, which somebody may have there, and gives back what is not its own", async () => {
    const { driver, fs } = await mounted({ compat: "linux-7.3", csu: 0, pmgMax: 2 });
    const label = (tid: number) => driver.machine.processor.task(tid)?.label;
    for (const path of ["g", "g/mon_groups/m", "h", "h/mon_groups/n"]) await fs.mkdir(path);
    await fs.writeFile("g/tasks", "100\n");
    await fs.writeFile("g/mon_groups/m/tasks", "100\n");
    await fs.writeFile("h/tasks", "101\n");
    await fs.writeFile("h/mon_groups/n/tasks", "101\n");
    await fs.rename("g/mon_groups/m", "h/mon_groups/m");
    expect(label(100)).toEqual({ partidD: 2, partidI: 2, pmgD: 1, pmgI: 1 });
    expect(label(100)).toEqual(label(101));
    // Both count as one.
    expect(await fs.readFile("h/mon_groups/n/tasks")).toBe("100\n101\n");
    await fs.rmdir("h/mon_groups/m");
    // n still has RMID 1 of h, and now a new group has it too; 1 of g is lost for good.
    for (const name of ["o", "p"]) await fs.mkdir(`h/mon_groups/${name}`);
    await fs.mkdir("g/mon_groups/q");
    expect(await refusal(fs.mkdir("g/mon_groups/r"))).toEqual({ code: "ENOSPC", status: "Out of RMIDs\n" });
  });
});
