// Probing as cpus come: who is waited for, what ends it, and what everybody can use.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { CACHE_RIS, FakeMachine, machineWith, type PartOptions } from "./machine.ts";

/** MSC 0 is reached by cpus 0 and 1, MSC 1 by cpus 2 and 3. */
const APART: readonly PartOptions[] = [
  { ris: [CACHE_RIS], firmware: { cpus: new Set([0, 1]), errorInterrupt: 23 } },
  {
    ris: [CACHE_RIS],
    firmware: { cpus: new Set([2, 3]), errorInterrupt: 23, resources: [{ ris: 0, kind: "cache", id: 2 }] },
  },
];

function apart(...offline: number[]) {
  const { machine, firmware } = machineWith(APART);
  for (const cpu of offline) machine.processor.cpus[cpu]!.online = false;
  return { machine, firmware };
}

describe("MSCs that no online cpu reaches", () => {
  test("are waited for, and nothing is enabled before", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    expect(driver.state).toEqual({ phase: "waiting", for: "cpus 2, 3 to come online and reach MSC 1" });
    expect([driver.enabled, driver.classes, machine.pages[1]!.accesses]).toEqual([false, [], []]);
    expect(driver.log.at(-1)).toMatchObject({ level: "info", text: expect.stringContaining("waits for cpus 2, 3") });
    expect(machine.pages[0]!.accesses.filter((access) => access.startsWith("W 0x0f0"))).toEqual([]);
  });

  test("are probed when one comes, and MPAM is enabled then", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    const probing = [...machine.pages[0]!.accesses];
    await machine.online(3);
    expect(driver.state).toEqual({ phase: "enabled" });
    expect(machine.pages[0]!.accesses.slice(0, probing.length + 1)).toEqual([...probing, "W 0x0f0 0x00000001"]);
    expect(machine.pages.map((page) => page.part(0, 7, 0x1000))).toEqual([0xff, 0xff]);
    expect(driver.classes[0]!.components.map(({ id }) => id)).toEqual([1, 2]);
  });

  test("that have been probed and left again are programmed when a cpu comes back", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    await machine.online(2);
    await machine.offline(2);
    const again = apart(2, 3);
    const second = await Driver.probe(again.machine, { firmware: again.firmware });
    await again.machine.offline(0);
    await again.machine.offline(1);
    again.machine.pages[0]!.forget();
    await again.machine.online(2);
    expect(second.enabled).toBe(true);
    expect(again.machine.pages[0]!.accesses).toEqual([]);
    await again.machine.online(1);
    expect(again.machine.pages[0]!.accesses.slice(0, 2)).toEqual(["W 0x0f0 0x00000001", "W 0x100 0x00000000"]);
    expect(driver.enabled).toBe(true);
  });

  test("are still waited for after a snapshot", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    const saved = JSON.parse(JSON.stringify({ driver: driver.save() }));
    const again = new FakeMachine(machine.pages, saved);
    for (const cpu of [2, 3]) again.processor.cpus[cpu]!.online = false;
    for (const page of machine.pages) page.forget();
    const copy = await Driver.restore(again);
    expect(machine.pages.map((page) => page.accesses)).toEqual([[], []]);
    expect(copy.state).toEqual(driver.state);
    await again.online(2);
    expect(copy.enabled).toBe(true);
    expect(machine.pages[0]!.accesses[0]).toBe("W 0x0f0 0x00000001");
  });
});

describe("what firmware counts and cannot describe", () => {
  test("keeps MPAM off, in words, and nothing is touched", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    const driver = await Driver.probe(machine, { firmware: { ...firmware, counted: 2 } });
    expect(driver.state).toEqual({ phase: "waiting", for: expect.stringMatching(/^one MSC of 2 .*MPAM stays off$/) });
    expect(driver.log.at(-1)!.text).toContain("one MSC of 2");
    expect(machine.pages[0]!.accesses).toEqual([]);
    await machine.offline(3);
    await machine.online(3);
    expect([driver.enabled, machine.pages[0]!.accesses]).toEqual([false, []]);
  });

  test("may be all there is; and nothing at all is EINVAL, as is less than what is described", async () => {
    const { machine, firmware } = machineWith([{ ris: [CACHE_RIS] }]);
    const driver = await Driver.probe(machine, { firmware: { ...firmware, mscs: [] } });
    expect(driver.state.phase).toBe("waiting");
    const none = Driver.probe(machine, { firmware: { ...firmware, mscs: [], counted: 0 } });
    await expect(none).rejects.toMatchObject({ code: "EINVAL", message: expect.stringContaining("no MSC") });
    const fewer = Driver.probe(machine, { firmware: { ...firmware, counted: 0 } });
    await expect(fewer).rejects.toMatchObject({ code: "EINVAL", message: expect.stringContaining("counts 0") });
  });
});

describe("a failure", () => {
  test("of a probe while a cpu comes is the cpu's, and disables for good", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    machine.pages[1]!.script(0x20, 0x20);
    await expect(machine.online(2)).rejects.toMatchObject({ code: "EIO" });
    expect(machine.processor.cpus[2]!.online).toBe(false);
    expect(driver.state).toMatchObject({ phase: "disabled", reason: expect.stringContaining("version 2.0") });
    expect(machine.cpuHandlers.size).toBe(0);
    await machine.online(2);
    expect(driver.enabled).toBe(false);
  });

  test("of a probe resets what was probed before it, and leaves alone what refused", async () => {
    const { machine, firmware } = apart();
    machine.pages[1]!.script(0x20, 0x20);
    await expect(Driver.probe(machine, { firmware })).rejects.toMatchObject({ code: "EIO" });
    expect(machine.pages[0]!.accesses.slice(-2)).toEqual(["W 0x100 0x00000007", "W 0x1000 0x000000ff"]);
    expect(machine.pages[1]!.accesses).toEqual(["R 0x020"]);
  });

  test("to enable is not the cpu's that came last", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    machine.pages[0]!.broken.set(0x1000, new Error("no answer"));
    await machine.online(2);
    expect(driver.state).toMatchObject({ phase: "disabled", reason: "failed to enable: no answer" });
    expect(driver.log.map(({ text }) => text)).toContain("enabling MPAM failed: no answer");
    expect(machine.processor.cpus[2]!.online).toBe(true);
  });
});

test("what is configured while MPAM is being enabled reaches an MSC whose cpu has gone since it was probed", async () => {
  const { machine, firmware } = machineWith(
    [[0], [3], [1]].map((cpus) => ({ ris: [CACHE_RIS], firmware: { cpus: new Set(cpus), errorInterrupt: 23 } })),
  );
  for (const cpu of [0, 1]) machine.processor.cpus[cpu]!.online = false;
  const driver = await Driver.probe(machine, { firmware });
  await machine.offline(3);
  await machine.online(0);
  let applied: Promise<void> | undefined;
  machine.pages[0]!.written = (offset) => {
    if (offset === 0x1000) applied ??= driver.apply(driver.classes[0]!.components[0]!, 1, { cpbm: 1 });
  };
  await machine.online(1);
  await applied;
  await machine.online(3);
  expect(driver.state.phase).toBe("enabled");
  expect(machine.pages.map((page) => page.part(0, 1, 0x1000))).toEqual([1, 1, 1]);
});

describe("requestors", () => {
  test("leave the least that all of them can use, before MPAM is enabled", async () => {
    const { machine, firmware } = apart(2, 3);
    const driver = await Driver.probe(machine, { firmware });
    expect([driver.partidMax, driver.pmgMax]).toEqual([7, 1]);
    for (const [partidMax, pmgMax] of [
      [-1, 0],
      [0x1_0000, 0],
      [5, 256],
      [Number.NaN, 0],
      [5, 0.5],
    ] as const) {
      expect(() => driver.registerRequestor(partidMax, pmgMax)).toThrow("EINVAL");
    }
    driver.registerRequestor(5, 9);
    driver.registerRequestor(100, 0);
    expect([driver.partidMax, driver.pmgMax]).toEqual([5, 0]);
    await machine.online(2);
    expect(machine.pages[1]!.part(0, 5, 0x1000)).toBe(0xff);
    expect(machine.pages[1]!.part(0, 6, 0x1000)).toBeUndefined();
  });

  test("that can use less come too late afterwards: EBUSY; others change nothing", async () => {
    const { machine, firmware } = apart();
    const driver = await Driver.probe(machine, { firmware });
    for (const [partidMax, pmgMax] of [
      [6, 1],
      [7, 0],
    ] as const) {
      expect(() => driver.registerRequestor(partidMax, pmgMax)).toThrow(/EBUSY.*up to 7 and 1/);
    }
    driver.registerRequestor(7, 1);
    driver.registerRequestor(63, 63);
    expect([driver.partidMax, driver.pmgMax]).toEqual([7, 1]);
  });
});
