// RMIDs that wait for their lines to leave the caches, and what else is done once a second (resctrl-fs.md section 9).

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { refusal, SECOND } from "./fakes.ts";
import { mounted } from "./mounted.ts";

describe("limbo", () => {
  test("gives an RMID back when its lines have left every domain, and not before", async () => {
    const { driver, fs, clock } = await mounted({ partidMax: 0 });
    await fs.mkdir("mon_groups/m");
    driver.occupancy.set("0/0/1", 1n << 19n);
    driver.occupancy.set("1/0/1", 1n << 19n);
    await fs.rmdir("mon_groups/m");
    const again = () => refusal(fs.mkdir("mon_groups/n"));
    const busy = { code: "EBUSY", status: "Out of RMIDs\n" };
    expect(await again()).toEqual(busy);
    await clock.advance(SECOND);
    expect(await again()).toEqual(busy);
    driver.occupancy.set("0/0/1", (1n << 19n) - 1n);
    await clock.advance(SECOND);
    expect(await again()).toEqual(busy);
    driver.occupancy.set("1/0/1", 0n);
    await clock.advance(SECOND - 1);
    expect(await again()).toEqual(busy);
    await clock.advance(1);
    expect(await again()).toBeUndefined();
    expect(clock.timers.filter(({ kind }) => kind === "resctrl.limbo")).toEqual([]);
  });

  test("takes a failed read as still dirty, and works while nothing is mounted", async () => {
    const { driver, fs, clock } = await mounted({ partidMax: 0 });
    await fs.mkdir("mon_groups/m");
    await fs.unmount();
    driver.monitorFailure = new ErrnoError("EBUSY", "NRDY");
    await clock.advance(3 * SECOND);
    const again = await Resctrl.mount(driver);
    expect(await refusal(again.mkdir("mon_groups/m"))).toMatchObject({ code: "EBUSY" });
    driver.monitorFailure = undefined;
    await clock.advance(SECOND);
    expect(await refusal(again.mkdir("mon_groups/m"))).toBeUndefined();
  });

  test("steers closids: the lowest clean one, else the one with fewest dirty RMIDs", async () => {
    const { driver, fs, clock, label } = await mounted({ partidMax: 2, pmgMax: 3 });
    const closidOf = async (name: string) => {
      await fs.mkdir(name);
      await fs.writeFile(`${name}/tasks`, "100\n");
      return label(100)[0];
    };
    expect([await closidOf("a"), await closidOf("b")]).toEqual([1, 2]);
    await fs.mkdir("a/mon_groups/m");
    for (const partid of [1, 2]) for (const pmg of [0, 1]) driver.occupancy.set(`0/${partid}/${pmg}`, 1n << 20n);
    await fs.rmdir("b");
    await fs.rmdir("a");
    // 1 has two dirty RMIDs, 2 has one.
    expect(await closidOf("c")).toBe(2);
    await fs.rmdir("c");
    // 2 has two dirty RMIDs now, as many as 1: the lowest wins.
    expect(await closidOf("d")).toBe(1);
    await fs.rmdir("d");
    driver.occupancy.clear();
    await clock.advance(2 * SECOND);
    expect(await closidOf("e")).toBe(1);
  });

  test("is skipped where nothing measures occupancy: the RMID goes to the end of the list", async () => {
    const { fs, label } = await mounted({ csu: 0, pmgMax: 2 });
    const rmidOf = async (name: string) => {
      await fs.mkdir(`mon_groups/${name}`);
      await fs.writeFile(`mon_groups/${name}/tasks`, "100\n");
      return label(100)[1];
    };
    expect(await rmidOf("a")).toBe(1);
    await fs.rmdir("mon_groups/a");
    expect([await rmidOf("b"), await rmidOf("c")]).toEqual([2, 1]);
  });
});

test("counters are read once a second while mounted, and by nobody afterwards", async () => {
  const { driver, fs, clock } = await mounted();
  driver.requests.length = 0;
  await clock.advance(SECOND - 1);
  expect(driver.requests).toEqual([]);
  await clock.advance(1 + 2 * SECOND);
  expect(driver.requests.filter(({ type }) => type === "mbwu")).toHaveLength(6);
  await fs.unmount();
  driver.requests.length = 0;
  await clock.advance(5 * SECOND);
  expect(driver.requests).toEqual([]);
});
