// Disabling at any moment of probing, enabling and coming online, on a bus that answers late: MSCs are left alone afterwards.

import { expect, test } from "vitest";
import { type Bus, MmioBus } from "../../src/bus/index.ts";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { CACHE_RIS, idrHigh, machineWith } from "./machine.ts";

/** Turns of the event loop that an access takes. */
const LATE = 60;

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await undefined;
}

const MSCS = 6;

/** Its MSCs are reached by cpu 3, which is offline. RIS 1 of each is not described. */
async function waitingDriver() {
  const hole = { ...CACHE_RIS, 4: idrHigh(1) };
  const parts = Array.from({ length: MSCS }, () => ({
    ris: [hole, hole],
    firmware: { cpus: new Set([3]), errorInterrupt: 20, resources: [{ ris: 0, kind: "cache" as const, id: 1 }] },
  }));
  const { machine, firmware } = machineWith(parts);
  machine.processor.partidMax = 1;
  machine.processor.cpus[3]!.online = false;
  const bus = ({ address, cpus }: { address: number; cpus: ReadonlySet<number> }): Bus => {
    const near = new MmioBus(machine.bus, address, () => [...cpus].find((cpu) => machine.processor.cpus[cpu]!.online));
    return {
      sleeps: true,
      read32: async (offset) => {
        await turns(LATE);
        return near.read32(offset);
      },
      write32: async (offset, value) => {
        await turns(LATE);
        return near.write32(offset, value);
      },
    };
  };
  const driver = await Driver.probe(machine, { firmware, bus });
  expect(driver.state.phase).toBe("waiting");
  return { machine, driver };
}

test("a reading that goes from MSC to MSC ends with EIO, and selects nothing any more", async () => {
  for (let moment = 0; moment < 1000; moment += 50) {
    const { machine, driver } = await waitingDriver();
    await machine.online(3);
    const component = driver.classes.find(({ type }) => type === "cache")!.components[0]!;
    const reading = driver.readMonitor(component, { type: "csu", mon: 1, partid: 1, pmg: 0, matchPmg: false });
    const ended = reading.then(
      () => "",
      (error: ErrnoError) => error.code,
    );
    await turns(moment);
    const disabled = driver.disable("a test");
    const before = machine.pages.map((page) => page.accesses.length);
    const code = await ended;
    await disabled;
    const selected = machine.pages.map((page, at) =>
      page.accesses.slice(before[at]).filter((access) => access.startsWith("W 0x800")),
    );
    // One may be on its way.
    expect([moment, code, selected.flat().length <= 1]).toEqual([moment, "EIO", true]);
  }
});

test("once it is done, no interrupt is on, no class is left, and nobody touches a register", async () => {
  const phases = new Set<string>();
  for (let moment = 0; ; moment += 50) {
    const { machine, driver } = await waitingDriver();
    let come = false;
    const coming = machine.online(3).then(
      () => (come = true),
      (error) => {
        if (!(error instanceof ErrnoError)) throw error;
      },
    );
    await turns(moment);
    const { phase } = driver.state;
    phases.add(phase);
    const whole = come;
    const untouched = machine.pages.filter(({ accesses }) => accesses.length === 0);
    await driver.disable("a test");
    const left = machine.pages.map((page) => page.accesses.length);
    const at = `at turn ${moment}, ${phase}`;
    await coming;
    await driver.whenIdle();
    expect([at, machine.pages.map((page) => page.accesses.length)]).toEqual([at, left]);
    expect([at, machine.pages.filter((page) => page.read32(0xf0) !== 0)]).toEqual([at, []]);
    // The one that is next is begun before anybody can say so.
    expect([at, untouched.filter(({ accesses }) => accesses.length > 1).length <= 1]).toEqual([at, true]);
    expect([at, driver.save().classes, driver.parts.mscs]).toEqual([at, [], []]);
    if (whole) break;
  }
  expect(phases).toEqual(new Set(["waiting", "enabled"]));
});
