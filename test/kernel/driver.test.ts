// What a driver finds in the registers of cpus, and when their labels begin and end to count (linux-driver.md 10.2, more.md 6).

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { tag } from "../machine/machines.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";

const MPAMEN = 1n << 63n;

function machineOf(processor: object = {}, cpus = 3): Promise<Machine> {
  return Machine.create(
    checkObject({
      ...{ name: "cpus", cpus, processor: { partidMax: 63, pmgMax: 3, ...processor } },
      caches: [
        {
          ...{ level: 3, id: 0, bytes: "64 KiB", ways: 16 },
          msc: {
            ...{ base: 0x1_4000_0000, version: "1.1", errorInterrupt: 44, cpor: { cpbmWd: 16 } },
            spaces: { ns: { partidMax: 31, pmgMax: 1 } },
          },
        },
      ],
      memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
    }),
  );
}

/** Accesses of registers of MSCs that a driver made. */
function watched(machine: Machine): string[] {
  const seen: string[] = [];
  machine.log("*", ({ register }) => seen.push(register));
  return seen;
}

const unlike = (cpus: number[], different: object) => ({ unlike: [{ cpus, ...different }] });

describe("a driver goes by what every cpu has", () => {
  test.each([
    [{}, 31, 1, 0],
    [{ partidMax: 15 }, 15, 1, 0],
    [unlike([2], { partidMax: 7 }), 7, 1, 0],
    [unlike([0], { pmgMax: 0 }), 31, 0, 0],
    [unlike([1], { vpmrMax: 3 }), 31, 1, 0],
    [unlike([1], { version: "1.0" }), 31, 1, 1],
    [unlike([1], { version: "0.1" }), 31, 1, 1],
    [unlike([1], { vpmrMax: "none" }), 31, 1, 1],
    [unlike([1], { firmware: { enables: false } }), 31, 1, 0],
  ])("%j: PARTIDs to %i, PMGs to %i, %i warnings", async (processor, partidMax, pmgMax, warnings) => {
    const driver = await Driver.probe(await machineOf(processor));
    expect([driver.enabled, driver.partidMax, driver.pmgMax]).toEqual([true, partidMax, pmgMax]);
    const warned = driver.log.filter(({ level }) => level === "warning");
    expect(warned.length).toBe(warnings);
    for (const { text } of warned) expect(text).toMatch(/^cpu 1 has .* = 0, and cpu 0 1: .*tainted$/);
  });

  test("with VHE as well", async () => {
    const machine = await machineOf({ vhe: true });
    const driver = await Driver.probe(machine);
    expect(driver.enabled).toBe(true);
    expect(machine.cpu(0).registers.peek("HCR_EL2")).toBe((1n << 34n) | (1n << 27n));
  });

  test("with neither EL2 nor EL3 as well", async () => {
    const driver = await Driver.probe(await machineOf({ el2: false, el3: false }));
    expect([driver.enabled, driver.partidMax]).toEqual([true, 31]);
  });
});

describe("a cpu that has not come", () => {
  test.each([{ partidMax: 3 }, { version: "none" }])(
    "and has %j lowers no label of those that have",
    async (different) => {
      const machine = await machineOf(unlike([2], different));
      await machine.cpu(2).offline();
      const driver = await Driver.probe(machine);
      expect(driver.partidMax).toBe(31);
      const trace = new FakeTrace("t", walk([1], 10), { requesters: [thread(1, { cpu: 0 })] });
      machine.addTasks(trace);
      machine.processor.setTaskLabel(1, tag(20));
      machine.processor.kernel.mode = { policy: "global", label: tag(21) };
      await machine.replay([trace]);
      const { registers } = machine.cpu(0);
      expect([registers.peek("MPAM0_EL1"), registers.peek("MPAM1_EL1")]).toEqual([0x14_0014n, MPAMEN | 0x15_0015n]);
      await expect(machine.cpu(2).online()).rejects.toThrow(/does not come online/);
      machine.processor.setTaskLabel(1, tag(22));
      expect(() => machine.processor.setTaskLabel(1, tag(64))).toThrow(/a cpu here can send 0..63/);
    },
  );
});

describe("a driver does without MPAM, and touches no MSC", () => {
  test.each([
    ["arm64.nompam", {}, "arm64.nompam is on the command line"],
    ["arm64.nompam", { firmware: { traps: true } }, "arm64.nompam is on the command line"],
    ["id_aa64pfr0.mpam=0 id_aa64pfr1.mpam_frac=0", {}, "arm64.nompam is on the command line"],
    ["", { version: "none" }, "the cpus have no MPAM"],
    ["", unlike([2], { version: "none" }), "cpu 2 has no MPAM, and all need it"],
    ["", unlike([1, 2], { version: "none" }), "cpus 1, 2 have no MPAM, and all need it"],
    ["", { firmware: { enables: false } }, "firmware has not enabled it: MPAM1_EL1.MPAMEN is 0 on cpu 0"],
    // Setting EL2 up writes MPAM2_EL2 without MPAMEN, which nobody but EL2 has where there is no EL3.
    ["", { el3: false }, /nobody has enabled it: MPAM1_EL1.MPAMEN is 0 on cpu 0, which has no EL3/],
    ["", { version: "1.0", ...unlike([1], { version: "0.1" }) }, /versions of MPAM that have nothing in common/],
  ])("'%s', %j", async (commandLine, processor, reason) => {
    const machine = await machineOf(processor);
    const seen = watched(machine);
    const driver = await Driver.probe(machine, { commandLine });
    expect(driver.state).toEqual({
      phase: "disabled",
      reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    });
    expect([driver.enabled, driver.classes, driver.parts.mscs, seen]).toEqual([false, [], [], []]);
    expect(driver.log.at(-1)?.text).toBe(`no MPAM: ${driver.disableReason}`);
    await driver.disable("again");
    expect(driver.log.at(-1)?.text).toBe(`no MPAM: ${driver.disableReason}`);
  });

  test("and neither when cpus come, nor after a snapshot", async () => {
    const machine = await machineOf();
    await machine.cpu(2).offline();
    const driver = await Driver.probe(machine, { commandLine: "arm64.nompam" });
    await machine.cpu(2).online();
    expect(driver.state.phase).toBe("disabled");
    const again = await Machine.restore(machine.snapshot());
    const seen = watched(again);
    expect((await Driver.restore(again)).state).toEqual(driver.state);
    expect(seen).toEqual([]);
    expect(machine.cpu(2).registers.peek("MPAM2_EL2")).toBe(MPAMEN);
  });

  test("one field alone leaves version 0.1", async () => {
    const driver = await Driver.probe(await machineOf(), { commandLine: "id_aa64pfr0.mpam=0" });
    expect(driver.enabled).toBe(true);
  });
});

test("a kernel that firmware traps ends the probe, and is not there afterwards", async () => {
  const machine = await machineOf({ firmware: { traps: true } });
  await expect(Driver.probe(machine)).rejects.toThrow(/EIO: the kernel dies.*arm64.nompam on the command line/);
  // The same machine with a way out.
  const driver = await Driver.probe(machine, { commandLine: "arm64.nompam" });
  expect(driver.state.phase).toBe("disabled");
});

describe("a cpu that comes when features are final", () => {
  const late = async (different: object, commandLine = "") => {
    const machine = await machineOf(unlike([2], different));
    await machine.cpu(2).offline();
    const driver = await Driver.probe(machine, { commandLine });
    return { machine, driver };
  };

  test.each([
    [{ version: "none" }, "MPAM version mismatch"],
    [{ version: "0.1" }, "MPAM version mismatch"],
    [{ vpmrMax: "none" }, "Missing MPAM HCR"],
    [{ partidMax: 31 }, "max values are mismatched"],
    [{ pmgMax: 0 }, "max values are mismatched"],
  ])("as %j is parked, and everything else goes on: %s", async (different, words) => {
    const { machine, driver } = await late(different);
    await expect(machine.cpu(2).online()).rejects.toThrow(`cpu 2 does not come online: `);
    await expect(machine.cpu(2).online()).rejects.toThrow(words);
    expect([machine.cpu(2).isOnline, driver.enabled]).toEqual([false, true]);
    expect(driver.log.at(-1)).toMatchObject({ level: "error", text: expect.stringMatching(`^CPU2: .*${words}`) });
  });

  test.each([[{ partidMax: 127, pmgMax: 7 }], [{ version: "1.0" }], [{ vpmrMax: 0 }]])(
    "as %j is welcome",
    async (different) => {
      const { machine, driver } = await late(different);
      await machine.cpu(2).online();
      expect([machine.cpu(2).isOnline, driver.partidMax]).toEqual([true, 31]);
    },
  );

  test("is not asked where MPAM is not used", async () => {
    const { machine } = await late({ version: "none" }, "arm64.nompam");
    await machine.cpu(2).online();
    expect(machine.cpu(2).isOnline).toBe(true);
  });

  test("is asked in a restored machine too, and the driver hears it", async () => {
    const { machine } = await late({ partidMax: 31 });
    const again = await Machine.restore(machine.snapshot());
    const driver = await Driver.restore(again);
    await expect(again.cpu(2).online()).rejects.toThrow("max values are mismatched");
    expect(driver.log.at(-1)?.text).toMatch(/^CPU2: /);
  });
});

describe("labels", () => {
  async function labelled() {
    const cache = (id: number) => ({
      ...{ level: 3, id, cpus: [id], bytes: "64 KiB", ways: 16 },
      msc: { base: 0x1_4000_0000 + id * 0x1_0000, version: "1.1", cpor: { cpbmWd: 16 }, cpus: [id] },
    });
    const machine = await Machine.create(
      checkObject({
        ...{ name: "two", cpus: 2, processor: { partidMax: 63, pmgMax: 3 }, caches: [cache(0), cache(1)] },
        memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
      }),
    );
    const file = new FakeTrace("t", walk([1, 2], 20), { requesters: [1, 2].map((tid) => thread(tid, { cpu: 0 })) });
    machine.addTasks(file);
    machine.processor.setTaskLabel(1, tag(5));
    const run = async () => {
      await machine.replay([file]);
      return machine.inside.hardware.labelOf(0, 0) & 0xffff;
    };
    return { machine, run };
  }

  test("are put into registers once MPAM is enabled, and not while the driver waits", async () => {
    const { machine, run } = await labelled();
    expect(await run()).toBe(5);
    await machine.cpu(1).offline();
    // The MSC of cpu 1 cannot be reached.
    const driver = await Driver.probe(machine);
    expect([driver.state.phase, await run()]).toEqual(["waiting", 0]);
    await machine.cpu(1).online();
    expect([driver.state.phase, await run()]).toEqual(["enabled", 5]);
  });

  test("stay as registers have them when MPAM is disabled, for everybody on the cpu", async () => {
    const { machine, run } = await labelled();
    const driver = await Driver.probe(machine);
    expect(await run()).toBe(5);
    await driver.disable("test");
    machine.processor.setTaskLabel(1, tag(6));
    expect(await run()).toBe(5);
    expect(machine.inside.hardware.labelOf(1, 0) & 0xffff).toBe(5);
    machine.processor.kernel.idle(0);
    expect(await run()).toBe(5);
    await machine.cpu(0).offline();
    await machine.cpu(0).online();
    expect(await run()).toBe(0);
  });

  test("without MPAM are 0", async () => {
    const { machine, run } = await labelled();
    await Driver.probe(machine, { commandLine: "arm64.nompam" });
    expect(await run()).toBe(0);
  });
});
