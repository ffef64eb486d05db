// The hooks on a real machine: cpus go and come, domains follow, and registers hold what they should.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Compat, Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { Machine, OP_FETCH, OP_READ, type TraceSource } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import {
  type Arch,
  allTasks,
  cntrRead,
  configCntr,
  enableCdp,
  findTask,
  getConfig,
  getResource,
  monCtxAlloc,
  monCtxFree,
  offlineCpu,
  onlineCpu,
  resetAllCtrls,
  rmidRead,
  saveArch,
  schedIn,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setGlobalDefault,
  setupArch,
  updateDomains,
  updateOne,
} from "../../src/resctrl/index.ts";
import { control, monitored, outcome, shown } from "./machine.ts";

const PART_SEL = 0x100;
const MBW_MAX = 0x208;
const CPBM = 0x1000;

/** In the order of the platform file: the L3s 4 and 9, then an L2 for each pair of cpus. */
const [L3_4, L3_9, L2_0, L2_1] = [0, 1, 2, 3];

/** Two clusters with an L3 each; the first one's sleeps with its cpus, and the L2s of both do. */
const PLATFORM = checkObject(
  {
    name: "two clusters",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [
      ...[4, 9].map((id, at) => ({
        ...{ level: 3, id, cpus: [2 * at, 2 * at + 1], bytes: 65_536, ways: 16 },
        msc: {
          ...{ base: 0x1_4000_0000 + id * 0x1_0000, version: "1.1", errorInterrupt: 23, cpus: [2 * at, 2 * at + 1] },
          ...{ cpor: { cpbmWd: 16 }, mbw: { bwaWd: 7, maxLim: "soft" }, csu: { monitors: 1 } },
          mbwu: { monitors: 4, counter: 44 },
          ...(id === 4 ? { power: "lost" } : {}),
        },
      })),
      ...[20, 21].map((id, at) => ({
        ...{ level: 2, id, cpus: [2 * at, 2 * at + 1], bytes: 16_384, ways: 4 },
        msc: {
          ...{ base: 0x1_5000_0000 + id * 0x1_0000, version: "1.1", cpus: [2 * at, 2 * at + 1], power: "lost" },
          cpor: { cpbmWd: 4 },
        },
      })),
    ],
    memory: [{ node: 0, bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
  },
  "test/resctrl/hotplug.test.ts",
);

interface Booted {
  readonly machine: Machine;
  readonly driver: Driver;
  readonly arch: Arch;
}

async function boot(compat?: Compat): Promise<Booted> {
  const machine = await Machine.create(PLATFORM);
  const driver = await Driver.probe(machine, compat === undefined ? {} : { compat });
  return listening({ machine, driver, arch: await setupArch(driver) });
}

/** As the filesystem does, which also has a lock. */
function listening(booted: Booted): Booted {
  const { machine, arch } = booted;
  machine.onCpu(({ cpu, online }) => (online ? onlineCpu(arch, cpu) : offlineCpu(arch, cpu)));
  return booted;
}

function register(machine: Machine, msc: number, offset: number, partid: number): number {
  machine.write32(msc, PART_SEL, partid);
  return machine.read32(msc, offset);
}

/** One thread of cpu `cpu`, 2000, whose records are reads and fetches by turns, `lines` of each, a line every 10 ns. */
function byTurns(lines: number, cpu = 0, name = "by turns"): TraceSource {
  return {
    name,
    hash: name,
    records: 2 * lines,
    addressRule: "dense",
    pageBytes: 4096,
    spaces: [{ asid: 1, pages: Math.ceil((2 * lines) / 64) }],
    requesters: [{ asid: 1, pid: 2000, tid: 2000, cpu }],
    async *batches(from = 0) {
      const at = Array.from({ length: 2 * lines - from }, (_, row) => row + from);
      yield {
        rows: at.length,
        time: Float64Array.from(at, (row) => row * 10),
        address: Float64Array.from(at, (row) => row * 64),
        bytes: Uint16Array.from(at, () => 64),
        op: Uint8Array.from(at, (row) => (row & 1 ? OP_FETCH : OP_READ)),
        requester: Uint16Array.from(at, () => 0),
      };
    },
  };
}

describe("a cluster that sleeps", () => {
  test("takes its domains along, and has its settings when it wakes", async () => {
    const { machine, arch } = await boot();
    const [l3, four] = control(arch, "L3", 0);
    const [mb, limit] = control(arch, "MB", 0);
    expect([four.id, limit.id]).toEqual([4, 4]);
    await updateOne(arch, l3, four, 2, "none", 0x00f0);
    await updateOne(arch, mb, limit, 2, "none", 50);

    await machine.cpu(0).offline();
    expect(shown(l3.ctrlDomains)).toEqual(["4 [1]", "9 [2 3]"]);
    await machine.cpu(1).offline();
    expect([l3.ctrlDomains, l3.monDomains, mb.ctrlDomains].map(shown)).toEqual([["9 [2 3]"], ["9 [2 3]"], ["9 [2 3]"]]);
    expect(shown(getResource(arch, "L2").ctrlDomains)).toEqual(["21 [2 3]"]);
    expect([register(machine, L3_4!, CPBM, 2), register(machine, L3_4!, MBW_MAX, 2)]).toEqual([0xffff, 0xfe00]);

    await machine.cpu(1).online();
    expect([l3.ctrlDomains, l3.monDomains].map(shown)).toEqual([
      ["4 [1]", "9 [2 3]"],
      ["4 [1]", "9 [2 3]"],
    ]);
    expect([register(machine, L3_4!, CPBM, 2), register(machine, L3_4!, MBW_MAX, 2)]).toEqual([0x00f0, 0x7e00]);
    expect(getConfig(arch, ...control(arch, "L3", 0), 2, "none")).toBe(0x00f0);
    expect(getConfig(arch, ...control(arch, "MB", 0), 2, "none")).toBe(50);
  });

  test("is asleep while the other one is set, and keeps its own", async () => {
    const { machine, arch } = await boot();
    const l3 = getResource(arch, "L3");
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    for (const d of l3.ctrlDomains) d.staged.set("none", 0x3);
    await updateDomains(arch, l3, 1);
    await machine.cpu(0).online();
    expect([L3_4, L3_9].map((msc) => register(machine, msc!, CPBM, 1))).toEqual([0xffff, 0x3]);
  });

  test("is reset with its class, though it sleeps", async () => {
    const { machine, arch } = await boot();
    const [l3, four] = control(arch, "L3", 0);
    await updateOne(arch, l3, four, 2, "none", 0x00f0);
    await updateOne(arch, ...control(arch, "MB", 1), 2, "none", 10);
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    await resetAllCtrls(arch, l3);
    await machine.cpu(0).online();
    expect(register(machine, L3_4!, CPBM, 2)).toBe(0xffff);
    // L3 and MB are one class, and are reset together.
    expect(register(machine, L3_9!, MBW_MAX, 2)).toBe(0xfe00);
  });

  test("has no counters when it wakes, and counts from zero when they are given again", async () => {
    const { machine, arch } = await boot();
    const read = () => outcome(cntrRead(arch, monitored(arch), 0, 0, "mbm_total_bytes"));
    await configCntr(arch, monitored(arch), "mbm_total_bytes", 0, 0, 1, true);
    await machine.replay([byTurns(500)]);
    expect(await read()).toBe(64_000n);
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    for (const cpu of [0, 1]) await machine.cpu(cpu).online();
    expect(await read()).toBe("ENOENT");
    await configCntr(arch, monitored(arch), "mbm_total_bytes", 0, 0, 2, true);
    expect(await read()).toBe(0n);
  });

  test("does not wake when somebody refuses it: its cpu is offline, and no domain is there", async () => {
    const { machine, arch } = await boot();
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    const nothing = () => {};
    const hooks = {
      ...{ onlineCtrlDomain: nothing, onlineMonDomain: nothing, offlineCtrlDomain: nothing, offlineMonDomain: nothing },
      ...{ onlineCpu: nothing, offlineCpu: nothing },
    };
    arch.fs = {
      ...hooks,
      onlineMonDomain: () => {
        throw new ErrnoError("ENOMEM", "no room");
      },
    };
    expect(await outcome(machine.cpu(1).online())).toBe("ENOMEM");
    expect([machine.cpu(1).isOnline, shown(getResource(arch, "L3").ctrlDomains)]).toEqual([false, ["9 [2 3]"]]);
    arch.fs = hooks;
    await machine.cpu(1).online();
    expect(shown(getResource(arch, "L3").ctrlDomains)).toEqual(["4 [1]", "9 [2 3]"]);
  });

  test("sleeps in a snapshot, and wakes after it with what it had", async () => {
    const { machine, driver, arch } = await boot();
    await updateOne(arch, ...control(arch, "L3", 0), 2, "none", 0x00f0);
    await configCntr(arch, monitored(arch, 1), "mbm_total_bytes", 1, 2, 3, true);
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    const saved = JSON.parse(JSON.stringify(saveArch(arch)));
    const copy = await Machine.restore(machine.snapshot());
    const restored = await Driver.restore(copy);
    const again = listening({ machine: copy, driver: restored, arch: await setupArch(restored, { saved }) });
    expect(saveArch(again.arch)).toEqual(saveArch(arch));
    expect(restored.log).toEqual(driver.log);
    await copy.cpu(0).online();
    expect(shown(getResource(again.arch, "MB").ctrlDomains)).toEqual(["4 [0]", "9 [2 3]"]);
    expect(register(copy, L3_4!, CPBM, 2)).toBe(0x00f0);
    expect(await cntrRead(again.arch, monitored(again.arch, 1), 2, 1, "mbm_total_bytes")).toBe(0n);
  });

  test("comes and goes at random, while settings are made: domains and registers are always right", async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant("cpu" as const), cpu: fc.nat(3), online: fc.boolean() }),
      fc.record({
        what: fc.constantFrom("L3" as const, "MB" as const, "L2" as const),
        partid: fc.nat(7),
        value: fc.integer({ min: 1, max: 15 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { machine, arch } = await boot();
        const online = new Set([0, 1, 2, 3]);
        const set = new Map<string, number>();
        for (const one of steps) {
          if (one.what === "cpu") {
            const refused = await outcome(one.online ? machine.cpu(one.cpu).online() : machine.cpu(one.cpu).offline());
            expect(refused === "EBUSY").toBe(!one.online && online.size === 1 && online.has(one.cpu));
            if (one.online) online.add(one.cpu);
            else if (refused === undefined) online.delete(one.cpu);
          } else {
            const r = getResource(arch, one.what);
            for (const d of r.ctrlDomains) {
              await updateOne(arch, r, d, one.partid, "none", one.value);
              set.set(`${one.what} ${d.id} ${one.partid}`, one.value);
            }
          }
          const pairs = [0, 1].map((at) => [2 * at, 2 * at + 1].filter((cpu) => online.has(cpu)));
          const expected = (ids: readonly number[]) =>
            ids.flatMap((id, at) => (pairs[at]!.length > 0 ? [`${id} [${pairs[at]!.join(" ")}]`] : []));
          const l3 = getResource(arch, "L3");
          for (const domains of [l3.ctrlDomains, l3.monDomains, getResource(arch, "MB").ctrlDomains]) {
            expect(shown(domains)).toEqual(expected([4, 9]));
          }
          expect(shown(getResource(arch, "L2").ctrlDomains)).toEqual(expected([20, 21]));
        }
        for (let partid = 0; partid <= 7; partid++) {
          for (const [at, [l3, l2]] of [
            [L3_4!, L2_0!],
            [L3_9!, L2_1!],
          ].entries()) {
            // One that has lost its power holds what it held at power-on; the other is reset by its last cpu.
            const awake = online.has(2 * at) || online.has(2 * at + 1);
            const id = at === 0 ? 4 : 9;
            const mask = awake ? (set.get(`L3 ${id} ${partid}`) ?? 0xffff) : 0xffff;
            expect(register(machine, l3!, CPBM, partid)).toBe(mask);
            const percent = awake ? set.get(`MB ${id} ${partid}`) : undefined;
            // Seven bits: the n-th band ends at n / 128, and 100 % are all of them.
            const bands = percent === undefined ? 128 : Math.floor((percent * 128 + 50) / 100);
            expect(register(machine, l3!, MBW_MAX, partid)).toBe((bands - 1) << 9);
            const l2Mask = awake ? (set.get(`L2 ${20 + at} ${partid}`) ?? 0xf) : 0xf;
            expect(register(machine, l2!, CPBM, partid)).toBe(l2Mask);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("code and data", () => {
  test("have settings of their own where the schema is split, and one for both elsewhere", async () => {
    const { machine, arch } = await boot();
    enableCdp(arch, { cdp: true, expert: true });
    const [l3, nine] = control(arch, "L3", 1);
    await updateOne(arch, l3, nine, 3, "code", 0xf000);
    await updateOne(arch, l3, nine, 3, "data", 0x000f);
    await updateOne(arch, ...control(arch, "L2", 1), 3, "none", 0x6);
    expect([6, 7].map((partid) => register(machine, L3_9!, CPBM, partid))).toEqual([0x000f, 0xf000]);
    expect([6, 7].map((partid) => register(machine, L2_1!, CPBM, partid))).toEqual([0x6, 0x6]);
    expect([6, 7].map((partid) => register(machine, L2_0!, CPBM, partid))).toEqual([0xf, 0xf]);
  });

  test("are counted apart and told together, and fill their own portions", async () => {
    const { machine, arch } = await boot();
    const trace = byTurns(2000);
    machine.addTasks(trace);
    enableCdp(arch, { cdp: true, expert: true });
    setClosidRmid(arch, findTask(arch, 2000)!, 2, 1);
    const [l3, four] = control(arch, "L3", 0);
    await updateOne(arch, l3, four, 2, "code", 0x8000);
    await updateOne(arch, l3, four, 2, "data", 0x000f);
    const d = monitored(arch);
    await configCntr(arch, d, "mbm_total_bytes", 1, 2, 1, true);
    await machine.replay([trace]);
    // 2000 lines are read and 2000 fetched, once each.
    expect(await cntrRead(arch, d, 2, 1, "mbm_total_bytes")).toBe(4000n * 64n);
    const component = d.components.get("mbm_total_bytes")!;
    const { driver } = arch;
    const half = (partid: number, mon: number) =>
      driver.readMonitor(component, { type: "mbwu", mon, partid, pmg: 1, matchPmg: true });
    expect([await half(5, 3), await half(4, 2)]).toEqual([2000n * 64n, 2000n * 64n]);
    // One way of sixteen for code and four for data: reads went to one half of the 64 sets, fetches to the other.
    const ctx = await monCtxAlloc(arch, "llc_occupancy");
    expect(await rmidRead(arch, d, 2, 1, "llc_occupancy", ctx)).toBe(5n * 32n * 64n);
    monCtxFree(arch, ctx);
  });

  test("what schedIn says is what the machine puts on requests, on every cpu", async () => {
    const numbers = fc.record({ closid: fc.nat(3), rmid: fc.nat(1), cpu: fc.nat(3) });
    const { machine, arch } = await boot();
    machine.addTasks(byTurns(10));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(numbers, { maxLength: 6 }), numbers, async (cdp, defaults, own) => {
        enableCdp(arch, { cdp, expert: true });
        if (!cdp) setGlobalDefault(arch);
        for (const { cpu, closid, rmid } of defaults) setCpuDefaultClosidRmid(arch, cpu, closid, rmid);
        setClosidRmid(arch, findTask(arch, 2000)!, own.closid, own.rmid);
        const { processor } = machine;
        const [task] = processor.tasks;
        expect(schedIn(arch, own.cpu, allTasks(arch)[0]!)).toEqual(processor.effectiveLabel(task!, own.cpu));
        const { disableCdp } = await import("../../src/resctrl/index.ts");
        disableCdp(arch);
      }),
    );
  });
});

describe("what goes wrong", () => {
  test("an error interrupt ends everything: hooks refuse, nobody waits, and controls are back", async () => {
    const { machine, driver, arch } = await boot();
    const [l3, four] = control(arch, "L3", 0);
    await updateOne(arch, l3, four, 2, "none", 0x00f0);
    await monCtxAlloc(arch, "llc_occupancy");
    const waiting = outcome(monCtxAlloc(arch, "llc_occupancy"));
    // No such PARTID.
    machine.write32(L3_9!, PART_SEL, 8);
    await driver.whenIdle();
    await driver.disable("nobody asks for this any more");
    expect(driver.disableReason).toContain("PARTID_SEL_Range");
    expect(await waiting).toBe("EINVAL");
    expect(await outcome(updateOne(arch, l3, four, 2, "none", 1))).toBe("EINVAL");
    expect([getConfig(arch, l3, four, 2, "none"), l3.ctrlDomains, l3.rid]).toEqual([0xffff, [], "L3"]);
    expect(register(machine, L3_4!, CPBM, 2)).toBe(0xffff);
    // Cpus go on coming and going.
    await machine.cpu(0).offline();
    await machine.cpu(0).online();
    expect(l3.ctrlDomains).toEqual([]);
  });

  test("a machine that resctrl has no use for has MPAM disabled, and the log says why", async () => {
    const machine = await Machine.create(
      checkObject(
        {
          ...{ name: "no use", cpus: 1, processor: { partidMax: 3, pmgMax: 0 } },
          caches: [{ level: 3, bytes: 65_536, ways: 16, msc: { base: 0x1_4000_0000, ccap: { cmaxWd: 8 } } }],
          memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
        },
        "test/resctrl/hotplug.test.ts",
      ),
    );
    const driver = await Driver.probe(machine);
    expect(await outcome(setupArch(driver))).toBe("EOPNOTSUPP");
    expect(driver.state).toEqual({ phase: "disabled", reason: "Failed to enable." });
    expect(driver.log.slice(-2)).toEqual([
      { time: 0, level: "error", text: "Failed to initialise resctrl: -95" },
      { time: 0, level: "error", text: "MPAM disabled: Failed to enable." },
    ]);
  });

  test("with compat, what is read after a signal is refused by the driver, and MPAM goes on", async () => {
    const { driver, arch } = await boot("linux-7.3");
    const first = await monCtxAlloc(arch, "llc_occupancy");
    const abort = new AbortController();
    const second = monCtxAlloc(arch, "llc_occupancy", abort.signal);
    abort.abort();
    const ctx = await second;
    expect(await outcome(rmidRead(arch, monitored(arch), 1, 0, "llc_occupancy", ctx))).toBe("EINVAL");
    monCtxFree(arch, ctx);
    monCtxFree(arch, first);
    await driver.whenIdle();
    expect(driver.enabled).toBe(true);
  });

  test("with compat a counter counts from its first reading, and without from when it is assigned", async () => {
    for (const [compat, lines] of [
      [undefined, 1200n],
      ["linux-7.3", 200n],
    ] as const) {
      const { machine, arch } = await boot(compat);
      await configCntr(arch, monitored(arch), "mbm_total_bytes", 0, 0, 1, true);
      await machine.replay([byTurns(500)]);
      const before = await cntrRead(arch, monitored(arch), 0, 0, "mbm_total_bytes");
      // Of its 1200 lines 1000 are in the cache by now.
      await machine.replay([byTurns(600, 0, "another")]);
      expect(before).toBe(compat === undefined ? 64_000n : 0n);
      expect(await cntrRead(arch, monitored(arch), 0, 0, "mbm_total_bytes")).toBe(lines * 64n);
    }
  });
});
