// A small machine to break: its two MSCs are reached by page or by message, and a driver and resctrl run on it.

import { expect } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";

export type Way = "page" | "mailbox";
export const WAYS: readonly Way[] = ["page", "mailbox"];

export const L3 = 0;
export const MEMORY = 1;
/** Of the mailboxes; that of the L3 has an interrupt, that of memory is polled. */
export const L3_MAILBOX = 0;
export const MEMORY_MAILBOX = 3;
/** What a message to the L3 takes, ns, and a monitor there that was set up anew. */
export const MESSAGE_NS = 5000;
export const NRDY_NS = 20_000;
export const SECOND = 1_000_000_000;

export const OCCUPANCY = "web/mon_data/mon_L3_00/llc_occupancy";
export const BYTES = "web/mon_data/mon_L3_00/mbm_total_bytes";

/** Of both MSCs, beyond what they always have. */
export interface Different {
  readonly l3?: object;
  readonly memory?: object;
}

export function platformOf(way: Way, different: Different = {}): Platform {
  const at = (base: number, mailbox: number) => (way === "page" ? { base } : { mailbox });
  return checkObject(
    {
      name: `breakable by ${way}`,
      cpus: 2,
      processor: { partidMax: 3, pmgMax: 1 },
      ...(way === "mailbox" && {
        mailboxes: [
          { subspace: L3_MAILBOX, base: 0x2_0000_0000, bytes: 256, latencyUsec: MESSAGE_NS / 1000, interrupt: 70 },
          { subspace: MEMORY_MAILBOX, base: 0x2_0001_0000, bytes: 32, latencyUsec: 40 },
        ],
      }),
      caches: [
        {
          ...{ level: 3, id: 0, bytes: "64 KiB", ways: 8 },
          msc: {
            ...at(0x1_0000_0000, L3_MAILBOX),
            ...{ errorInterrupt: 44, nrdyUsec: NRDY_NS / 1000 },
            ...{ cpor: { cpbmWd: 8 }, csu: { monitors: 2, nrdy: "hw" }, mbwu: { monitors: 2, counter: 63 } },
            ...different.l3,
          },
        },
      ],
      memory: [
        {
          ...{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" },
          msc: {
            ...at(0x1_0001_0000, MEMORY_MAILBOX),
            ...{ errorInterrupt: 46, mbw: { bwaWd: 7, maxLim: "soft" } },
            ...different.memory,
          },
        },
      ],
    },
    "breakable",
  );
}

export interface Running {
  readonly way: Way;
  readonly machine: Machine;
  readonly driver: Driver;
  readonly fs: Resctrl;
  /** How often software was told that MPAM is being disabled. */
  readonly told: () => number;
}

/** A driver, and nothing on top. */
export async function booted(way: Way, different: Different = {}): Promise<Pick<Running, "machine" | "driver">> {
  const machine = await Machine.create(platformOf(way, different));
  return { machine, driver: await Driver.probe(machine) };
}

/** With a group "web" of PARTID 1, which has thread 1000, half of the L3 and half of the bandwidth. */
export async function running(way: Way, different: Different = {}): Promise<Running> {
  const { machine, driver } = await booted(way, different);
  const fs = await Resctrl.mount(driver);
  let told = 0;
  driver.onDisable(() => void told++);
  await fs.mkdir("web");
  await fs.writeFile("web/schemata", "L3:0=f\nMB:0=50\n");
  machine.addTasks(TRAFFIC);
  await fs.writeFile("web/tasks", "1000\n");
  return { way, machine, driver, fs, told: () => told };
}

/** A hundred lines, each read once: as many misses. */
export const TRAFFIC = new FakeTrace(
  "traffic",
  walk(
    Array.from({ length: 100 }, (_, line) => line),
    100,
  ),
  { requesters: [thread(1000, { cpu: 0 })] },
);
export const TRAFFIC_BYTES = 100 * 64;

/** Settings as they act on a PARTID. */
export function portions({ machine }: Pick<Running, "machine">, partid: number): number {
  return machine.inside.hardware.readSetting(L3, 1, 0, partid, offsetOf("MPAMCFG_CPBM"));
}

export function limit({ machine }: Pick<Running, "machine">, partid: number): number {
  return machine.inside.hardware.readSetting(MEMORY, 1, 0, partid, offsetOf("MPAMCFG_MBW_MAX"));
}

export async function elapsed(machine: Machine, work: () => Promise<unknown>): Promise<number> {
  const before = machine.clock.now;
  await work();
  return machine.clock.now - before;
}

/** Nothing is under way any more, and nothing is due but resctrl's look at its counters, once a second. */
export async function comesToRest({
  machine,
  driver,
  fs,
}: Pick<Running, "machine" | "driver"> & Partial<Running>): Promise<void> {
  await driver.whenIdle();
  await machine.clock.settle();
  expect(machine.clock.sleeping).toBe(false);
  const { waiting, nextDue } = machine.clock;
  expect(waiting.map(({ kind }) => kind)).toEqual(driver.enabled && fs ? ["resctrl.mbm"] : []);
  expect(nextDue).toBe(waiting[0]?.due ?? Number.POSITIVE_INFINITY);
}

/** It is disabled, it was said once, and whatever comes does not change that. */
export async function staysDisabled(running: Running, reason: string): Promise<void> {
  const { machine, driver, fs, told } = running;
  await driver.whenIdle();
  expect(machine.clock.sleeping).toBe(false);
  // An answer that is late has come by then.
  await machine.clock.advance(SECOND);
  await comesToRest(running);
  expect(driver.state).toMatchObject({ phase: "disabled", reason: expect.stringContaining(reason) });
  for (const fault of machine.faults.list) fault.remove();
  await machine.cpu(1).offline();
  await machine.cpu(1).online();
  machine.write32(L3, offsetOf("MPAMCFG_PART_SEL"), 99);
  await machine.clock.advance(3 * SECOND);
  await comesToRest(running);
  expect(driver.enabled).toBe(false);
  expect(told()).toBe(1);
  expect(driver.log.filter(({ text }) => text.startsWith("MPAM disabled"))).toHaveLength(1);
  expect(driver.disableReason).toContain(reason);
  expect([driver.classes, driver.parts.mscs]).toEqual([[], []]);
  // resctrl: the tree is empty, and nothing comes back.
  expect(await fs.readdir("/")).toEqual([]);
  await expect(fs.readFile("schemata")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(fs.mkdir("other")).rejects.toMatchObject({ name: "ErrnoError" });
  await fs.unmount();
  await expect(Resctrl.mount(driver)).rejects.toMatchObject({ code: "ENODEV" });
  const again = await Driver.restore(await Machine.restore(machine.snapshot()));
  expect([again.state, again.classes]).toEqual([driver.state, []]);
}
