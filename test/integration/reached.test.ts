// One driver, and MSCs that are reached by page or by message: what it does to their registers, and what it says of them, is the same.

import { describe, expect, test } from "vitest";
import { Driver, type MpamClass } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform, type MscDescription, type Platform } from "../../src/platform/index.ts";
import { synthTrace } from "../../src/trace/index.ts";

type Way = "page" | "mailbox";

const WAYS: readonly Way[] = ["page", "mailbox"];
const PLATFORMS = ["one-socket", "two-sockets", "small-server"] as const;

/** A bundled platform as it is, or with all its MSCs behind two mailboxes: those of caches, and those of memory. */
async function platformOf(name: (typeof PLATFORMS)[number], way: Way): Promise<Platform> {
  const written = await loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url));
  if (way === "page") return written;
  const behind = <T extends { readonly msc?: MscDescription }>(one: T, mailbox: number): T => {
    if (one.msc === undefined) return one;
    const { base: _, ...msc } = one.msc;
    return { ...one, msc: { ...msc, mailbox } };
  };
  return loadPlatform({
    ...written,
    mailboxes: [
      { subspace: 0, base: 0x1_6000_0000, bytes: 256, latencyUsec: 3, interrupt: 70 },
      { subspace: 1, base: 0x1_6001_0000, bytes: 32, latencyUsec: 7, interrupt: 0 },
    ],
    caches: written.caches.map((cache) => behind(cache, 0)),
    memory: written.memory.map((memory) => behind(memory, 1)),
  });
}

async function powerOn(name: (typeof PLATFORMS)[number], way: Way): Promise<Machine> {
  return Machine.create(await platformOf(name, way));
}

/** Portions of a PARTID as a debugger reads them. */
function portions(machine: Machine, partid: number, msc = 0): number {
  machine.write32(msc, 0x100, partid);
  return machine.read32(msc, 0x1000);
}

/** Everything a driver is for, one thing after the other, with traffic in between: what it says. */
async function session(machine: Machine, driver: Driver): Promise<unknown[]> {
  const said: unknown[] = [driver.partidMax, driver.pmgMax];
  const { classes } = driver;
  for (const { type, level, props, components, nrdyUsec } of classes) {
    said.push([type, level, nrdyUsec, { ...props, features: [...props.features] }, components.map(({ id }) => id)]);
  }
  const readAll = async (c: MpamClass): Promise<void> => {
    for (const type of ["csu", "mbwu"] as const) {
      if (!c.props.features.has(`msmon_${type}`)) continue;
      for (const component of c.components) {
        const request = { type, mon: 1, partid: 2, pmg: 1, matchPmg: true } as const;
        said.push([c.level, component.id, type, await driver.readMonitor(component, request)]);
      }
    }
  };
  for (const c of classes) {
    const config = c.type === "memory" ? { mbwMax: 0x7000 } : { cpbm: 0x3 };
    for (const component of c.components) await driver.apply(component, 2, config);
    await readAll(c);
  }
  const trace = synthTrace("synth:zipf,ws=1M,n=20000");
  for (const { tid } of machine.addTasks(trace)) {
    machine.processor.setTaskLabel(tid, { partidI: 2, partidD: 2, pmgI: 1, pmgD: 1 });
  }
  await machine.replay([trace]);
  for (const c of classes) await readAll(c);
  await driver.resetClass(classes[0]!);
  await driver.disable("the end of it");
  return said;
}

describe.each(PLATFORMS)("%s", (name) => {
  test("has the same registers accessed in the same order, and the same said of it, whichever way MSCs are reached", async () => {
    const [byPage, byMailbox] = await Promise.all(
      WAYS.map(async (way) => {
        const machine = await powerOn(name, way);
        const accesses: string[] = [];
        const callers = new Set<string>();
        machine.log("*", ({ msc, offset, access, value, by }) => {
          accesses.push(`MSC ${msc} ${access} 0x${offset.toString(16)} 0x${value.toString(16)}`);
          callers.add(by);
        });
        const said = await session(machine, await Driver.probe(machine));
        return { said, accesses, callers };
      }),
    );
    expect(byMailbox!.said).toEqual(byPage!.said);
    expect(byMailbox!.accesses).toEqual(byPage!.accesses);
    expect([byPage!.callers, byMailbox!.callers]).toEqual([new Set(["driver"]), new Set(["firmware"])]);
    // There was something to see.
    expect(byPage!.said.filter((line) => Array.isArray(line) && line[3] > 0n)).not.toEqual([]);
  });
});

describe.each(WAYS)("one-socket by %s", (way) => {
  test("keeps what is configured for one PARTID apart from the others, and forgets it with its class", async () => {
    const machine = await powerOn("one-socket", way);
    const driver = await Driver.probe(machine);
    const [l3] = driver.classes;
    await driver.apply(l3!.components[0]!, 3, { cpbm: 0x00f0 });
    expect([2, 3, 4].map((partid) => portions(machine, partid))).toEqual([0xffff, 0x00f0, 0xffff]);
    await driver.resetClass(l3!);
    expect(portions(machine, 3)).toBe(0xffff);
  });

  test("stops the driver with its first error, a PARTID that does not exist", async () => {
    const machine = await powerOn("one-socket", way);
    const driver = await Driver.probe(machine);
    await driver.apply(driver.classes[0]!.components[0]!, 3, { cpbm: 1 });
    machine.write32(0, 0x100, 16);
    await driver.whenIdle();
    expect(driver.enabled).toBe(false);
    expect(driver.disableReason).toContain("MSC 0 reports error 1 PARTID_SEL_Range, partid 16, pmg 0, ris 0");
    expect(portions(machine, 3)).toBe(0xffff);
    expect([machine.read32(0, 0xf8), machine.read32(0, 0xf0)]).toEqual([0, 0]);
  });

  test("goes on after a snapshot as if there had been none, to the nanosecond", async () => {
    const machine = await powerOn("one-socket", way);
    const driver = await Driver.probe(machine);
    await driver.apply(driver.classes[0]!.components[0]!, 3, { cpbm: 0x00f0 });
    const again = await Machine.restore(machine.snapshot());
    const copy = await Driver.restore(again);
    for (const [one, its] of [
      [machine, driver],
      [again, copy],
    ] as const) {
      await its.apply(its.classes[0]!.components[0]!, 4, { cpbm: 0x0f00 });
      expect([3, 4].map((partid) => portions(one, partid))).toEqual([0x00f0, 0x0f00]);
    }
    expect(again.clock.now).toBe(machine.clock.now);
    expect(JSON.stringify(copy.save())).toBe(JSON.stringify(driver.save()));
    expect(Buffer.compare(again.snapshot(), machine.snapshot())).toBe(0);
  });

  test("has cpus that come and go, and is programmed by whoever is left", async () => {
    const machine = await powerOn("one-socket", way);
    const driver = await Driver.probe(machine);
    await machine.cpu(0).offline();
    await driver.apply(driver.classes[0]!.components[0]!, 3, { cpbm: 0x00f0 });
    expect(portions(machine, 3)).toBe(0x00f0);
    await machine.cpu(0).online();
    expect(driver.enabled).toBe(true);
  });
});
