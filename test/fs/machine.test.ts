// The tree on a real machine whose cpus go and come, and whose code and data have PARTIDs of their own.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { Machine, OP_FETCH, OP_READ, type TraceSource } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { refusal, SECOND } from "./fakes.ts";

const PART_SEL = 0x100;
const MBW_MAX = 0x208;
const CPBM = 0x1000;
const WAYS = 16;
const LINES = 1024;
/** Bytes of one way. */
const WAY = (LINES / WAYS) * 64;

/** Two L3s of 64 KiB, of cpus 0 and 1, and of cpus 2 and 3; the second forgets its registers with its last cpu. */
const PLATFORM = checkObject(
  {
    name: "two L3s",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [4, 9].map((id, at) => ({
      ...{ level: 3, id, cpus: [2 * at, 2 * at + 1], bytes: LINES * 64, ways: WAYS },
      msc: {
        ...{ base: 0x1_4000_0000 + id * 0x1_0000, version: "1.1", cpus: [2 * at, 2 * at + 1], nrdyUsec: 5 },
        ...{ cpor: { cpbmWd: 16 }, mbw: { bwaWd: 7, maxLim: "soft" }, csu: { monitors: 1 } },
        mbwu: { monitors: 4, counter: 63 },
        ...(id === 9 ? { power: "lost" } : {}),
      },
    })),
    memory: [{ node: 0, bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
  },
  "test/fs/machine.test.ts",
);

/** One thread, 7, on a cpu: `rows` lines, each fetched or read once, or the first half fetched and the others read. */
function walk(rows: number, cpu: number, op: number | "half"): TraceSource {
  const opOf = (row: number) => (op !== "half" ? op : row < rows / 2 ? OP_FETCH : OP_READ);
  return {
    ...{ name: `walk ${op}`, hash: `walk ${op}`, records: rows, addressRule: "dense", pageBytes: 4096 },
    spaces: [{ asid: 1, pages: Math.ceil(rows / 64) }],
    requesters: [{ asid: 1, pid: 7, tid: 7, cpu }],
    async *batches(skip = 0) {
      const at = Array.from({ length: rows - skip }, (_, row) => row + skip);
      yield {
        rows: at.length,
        time: Float64Array.from(at, (row) => row * 10),
        address: Float64Array.from(at, (row) => row * 64),
        bytes: new Uint16Array(at.length).fill(64),
        op: Uint8Array.from(at, opOf),
        requester: new Uint16Array(at.length),
      };
    },
  };
}

async function mounted(options: MountOptions = {}) {
  const machine = await Machine.create(PLATFORM);
  const driver = await Driver.probe(machine);
  const fs = await Resctrl.mount(driver, { expert: true, ...options });
  return { machine, driver, fs };
}

/** What an L3's registers hold for a PARTID. */
function registersOf(machine: Machine, msc: number, partid: number): { cpbm: number; mbwMax: number } {
  machine.write32(msc, PART_SEL, partid);
  return { cpbm: machine.read32(msc, CPBM), mbwMax: machine.read32(msc, MBW_MAX) & 0xffff };
}

async function cpus(machine: Machine, numbers: readonly number[], online: boolean): Promise<void> {
  for (const cpu of numbers) await (online ? machine.cpu(cpu).online() : machine.cpu(cpu).offline());
}

describe("cpus that go and come", () => {
  test("take their L3 out of the tree; its registers hold again what the tree says when it comes back", async () => {
    const { machine, fs } = await mounted();
    await fs.mkdir("web");
    await fs.writeFile("web/schemata", "L3:9=f0\nMB:9=50\n");
    await fs.writeFile("web/cpus_list", "2-3\n");
    expect(registersOf(machine, 1, 1)).toEqual({ cpbm: 0xf0, mbwMax: 0x7e00 });
    await cpus(machine, [2, 3], false);
    expect(await fs.readFile("web/schemata")).toBe("    MB:4=100\n    L3:4=ffff\n");
    expect(await fs.readdir("web/mon_data")).toEqual(["mon_L3_04"]);
    expect([await fs.readFile("cpus_list"), await fs.readFile("web/cpus_list")]).toEqual(["0-1\n", "\n"]);
    await cpus(machine, [2], true);
    expect(await fs.readFile("web/schemata")).toBe("    MB:4=100;9=50\n    L3:4=ffff;9=f0\n");
    expect(registersOf(machine, 1, 1)).toEqual({ cpbm: 0xf0, mbwMax: 0x7e00 });
    expect([await fs.readFile("cpus_list"), await fs.readFile("web/cpus_list")]).toEqual(["0-2\n", "\n"]);
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("4=2;9=4\n");
  });

  test("leave a count that goes on from zero when a counter is assigned again", async () => {
    const { machine, fs } = await mounted();
    const trace = walk(100, 2, OP_READ);
    machine.addTasks(trace);
    await machine.replay([trace]);
    const file = "mon_data/mon_L3_09/mbm_total_bytes";
    expect(await fs.readFile(file)).toBe("6400\n");
    await cpus(machine, [2, 3], false);
    await cpus(machine, [2, 3], true);
    expect(await fs.readFile(file)).toBe("Unassigned\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:*=e\n");
    expect(await fs.readFile(file)).toBe("0\n");
  });

  test("do not end limbo, nor the polls of the L3 that stays", async () => {
    const { machine, fs } = await mounted();
    await fs.mkdir("web");
    await fs.rmdir("web");
    await cpus(machine, [2, 3], false);
    await machine.clock.advance(3 * SECOND);
    await cpus(machine, [2, 3], true);
    await machine.clock.advance(3 * SECOND);
    await fs.mkdir("web");
    expect(await fs.readFile("web/mon_data/mon_L3_09/llc_occupancy")).toBe("0\n");
    await fs.unmount();
    await machine.clock.advance(3 * SECOND);
    expect(machine.clock.waiting).toEqual([]);
  });
});

describe("code and data", () => {
  test("are confined by the masks of their own halves, and counted together", async () => {
    const { machine, fs } = await mounted({ cdp: true, debug: true });
    await fs.mkdir("web");
    const occupancy = "web/mon_data/mon_L3_04/llc_occupancy";
    await fs.writeFile("web/schemata", "L3CODE:4=3\nL3DATA:4=f\n");
    expect(await fs.readFile("web/ctrl_hw_id")).toBe("1\n");
    expect([registersOf(machine, 0, 2).cpbm, registersOf(machine, 0, 3).cpbm]).toEqual([0xf, 3]);
    const trace = walk(8 * LINES, 0, "half");
    machine.addTasks(trace);
    await fs.writeFile("web/tasks", "7\n");
    const occupied: string[] = [];
    machine.clock.at(30 * LINES, "look", async () => {
      occupied.push(await fs.readFile(occupancy));
    });
    await machine.replay([trace]);
    // Code fills its two ways; then data has four, two of which are those of the code.
    expect(occupied).toEqual([`${2 * WAY}\n`]);
    expect(await fs.readFile(occupancy)).toBe(`${4 * WAY}\n`);
    expect(await fs.readFile("web/mon_data/mon_L3_04/mbm_total_bytes")).toBe(`${8 * LINES * 64}\n`);
  });

  test("are one again after an unmount, in registers and in labels", async () => {
    const { machine, driver, fs } = await mounted({ cdp: true });
    await fs.mkdir("web");
    await fs.writeFile("web/schemata", "L3CODE:4=3\nL3DATA:4=f\n");
    await fs.unmount();
    expect([registersOf(machine, 0, 2).cpbm, registersOf(machine, 0, 3).cpbm]).toEqual([0xffff, 0xffff]);
    const trace = walk(100, 0, OP_FETCH);
    machine.addTasks(trace);
    expect(machine.processor.task(7)?.label).toEqual({ partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 });
    const again = await Resctrl.mount(driver);
    expect(await again.readFile("schemata")).toBe("    MB:4=100;9=100\n    L3:4=ffff;9=ffff\n");
  });

  test("come out of a snapshot as two, with an L3 that was away", async () => {
    const { machine, fs } = await mounted({ cdp: true, debug: true, profile: "x86" });
    await fs.mkdir("web");
    await fs.writeFile("web/schemata", "L3CODE:9=3\nL3DATA:4=f\n");
    const trace = walk(100, 0, OP_READ);
    machine.addTasks(trace);
    await fs.writeFile("web/tasks", "7\n");
    await cpus(machine, [2, 3], false);
    await machine.replay([trace]);
    const copy = await Machine.restore(machine.snapshot());
    const again = await Resctrl.restore(await Driver.restore(copy));
    for (const one of [fs, again]) {
      expect(one.mountOptions).toBe(",cdp,debug");
      expect(await one.readFile("web/schemata")).toBe("L3DATA:4=f\nL3CODE:4=ffff\n");
      expect(await one.readFile("web/tasks")).toBe("7\n");
      expect(await one.readFile("web/mon_data/mon_L3_04/mbm_local_bytes")).toBe("6400\n");
    }
    for (const at of [machine, copy]) await cpus(at, [3], true);
    for (const one of [fs, again]) {
      expect(await one.readFile("web/schemata")).toBe("L3DATA:4=f;9=ffff\nL3CODE:4=ffff;9=3\n");
      await one.writeFile("web/mbm_L3_assignments", "mbm_total_bytes:9=e\n");
    }
    expect(copy.export()).toEqual(machine.export());
    expect(registersOf(copy, 1, 3)).toEqual(registersOf(machine, 1, 3));
  });
});

test("what fails half way leaves what was applied before it: the first L3 has its mask, the second has not", async () => {
  const { machine, fs } = await mounted();
  await fs.mkdir("web");
  const gone = machine.faults.add({ kind: "msc-gone", msc: 1, reads: "abort" });
  expect(await refusal(fs.writeFile("web/schemata", "L3:9=f;4=f\nMB:4=50\n"))).toMatchObject({ code: "EIO" });
  gone.remove();
  // Bandwidth is applied first, then the L3s by ascending id, in whatever order they were written.
  expect(await fs.readFile("web/schemata")).toMatch(/^ {4}MB:4=50;9=100\n {4}L3:4=f;/);
  expect(registersOf(machine, 0, 1)).toEqual({ cpbm: 0xf, mbwMax: 0x7e00 });
  expect(registersOf(machine, 1, 1).cpbm).toBe(0xffff);
});
