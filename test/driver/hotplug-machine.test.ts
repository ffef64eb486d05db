// Cpus of the real machine come and go, and MSCs lose their registers meanwhile.

import { describe, expect, test } from "vitest";
import { Driver, type MonitorRequest } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { FakeTrace, mixed, thread } from "../machine/traces.ts";

const RIS = { ris: 0, cpor: { cpbmWd: 16 }, csu: { monitors: 2 }, mbwu: { monitors: 2, counter: 44 } };
const READ: MonitorRequest = { type: "mbwu", mon: 1, partid: 0, pmg: 0, matchPmg: false };

/** An L3 for cpus 0 and 1, which sleeps with them, and one for cpus 2 and 3, which does not. Memory is everybody's. */
function powerOn(): Promise<Machine> {
  const cache = (id: number, cpus: readonly number[], different: object) => ({
    ...{ level: 3, id, cpus, bytes: 65_536, ways: 16 },
    msc: { base: 0x1_4000_0000 + id * 0x1_0000, version: "1.1", errorInterrupt: 23, cpus, ris: [RIS], ...different },
  });
  const machine = {
    name: "two clusters",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [cache(0, [0, 1], { power: "lost" }), cache(1, [2, 3], {})],
    memory: [{ node: 0, bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
  };
  return Machine.create(checkObject(machine, "test/driver/hotplug-machine.test.ts"));
}

function portions(machine: Machine, msc: number, partid: number): number {
  machine.write32(msc, 0x100, partid);
  return machine.read32(msc, 0x1000);
}

describe("a cluster that sleeps", () => {
  test("finds its settings when it wakes, and its counters go on where they were", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const component = driver.classes[0]!.components[0]!;
    await driver.apply(component, 3, { cpbm: 0x00f0 });
    await driver.readMonitor(component, READ);
    const trace = new FakeTrace("t", mixed(1, 3000, 1, 5000), { requesters: [thread(7, { cpu: 0 })] });
    await machine.replay([trace]);
    const before = await driver.readMonitor(component, READ);
    expect(before).toBeGreaterThan(0n);

    await machine.cpu(0).offline();
    expect(portions(machine, 0, 3)).toBe(0x00f0);
    await machine.cpu(1).offline();
    expect(portions(machine, 0, 3)).toBe(0xffff);
    await expect(driver.readMonitor(component, READ)).rejects.toMatchObject({ code: "ENXIO" });
    await driver.apply(component, 4, { cpbm: 0x0f00 });

    await machine.cpu(1).online();
    expect([3, 4].map((partid) => portions(machine, 0, partid))).toEqual([0x00f0, 0x0f00]);
    expect(machine.read32(0, 0xf0)).toBe(1);
    expect(await driver.readMonitor(component, READ)).toBe(before);
    await machine.replay([new FakeTrace("u", mixed(2, 3000, 1, 5000), { requesters: [thread(8, { cpu: 1 })] })]);
    expect(await driver.readMonitor(component, READ)).toBeGreaterThan(before);
  });

  test("is waited for at boot, before a snapshot and after it", async () => {
    const machine = await powerOn();
    await machine.cpu(0).offline();
    await machine.cpu(1).offline();
    const driver = await Driver.probe(machine);
    expect(driver.state).toEqual({ phase: "waiting", for: "cpus 0, 1 to come online and reach MSC 0" });
    const again = await Machine.restore(machine.snapshot());
    const copy = await Driver.restore(again);
    expect(copy.state).toEqual(driver.state);
    for (const [one, booted] of [
      [machine, driver],
      [again, copy],
    ] as const) {
      await one.cpu(1).online();
      expect(booted.state).toEqual({ phase: "enabled" });
      expect(booted.classes[0]!.components.map(({ id }) => id)).toEqual([0, 1]);
    }
    expect(JSON.stringify(copy.save())).toBe(JSON.stringify(driver.save()));
  });

  test("asleep in a snapshot wakes with everything it had", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    const component = driver.classes[0]!.components[0]!;
    await driver.apply(component, 3, { cpbm: 0x00f0 });
    await driver.readMonitor(component, READ);
    await machine.replay([new FakeTrace("t", mixed(1, 3000, 1, 5000), { requesters: [thread(7, { cpu: 0 })] })]);
    const before = await driver.readMonitor(component, READ);
    await machine.cpu(0).offline();
    await machine.cpu(1).offline();
    const again = await Machine.restore(machine.snapshot());
    const copy = await Driver.restore(again);
    await again.cpu(0).online();
    expect(portions(again, 0, 3)).toBe(0x00f0);
    expect(await copy.readMonitor(copy.classes[0]!.components[0]!, READ)).toBe(before);
  });

  test("tells of an error when it has woken: MPAMF_ECR is written again", async () => {
    const machine = await powerOn();
    const driver = await Driver.probe(machine);
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    await machine.cpu(0).online();
    machine.write32(0, 0x100, 8);
    await driver.whenIdle();
    expect(driver.disableReason).toContain("MSC 0 reports error 1 PARTID_SEL_Range, partid 8");
    expect(driver.classes).toEqual([]);
  });
});
