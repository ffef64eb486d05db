// The whole way: text in a file, registers of an MSC, traffic of a trace, numbers in a file.

import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine, OP_READ, type TraceSource } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { refusal, SECOND } from "./fakes.ts";

const LINES = 8192;

/** Four cpus, one L3 of 512 KiB, 16 ways and 16 portions, and a channel with a limit and counters. */
const PLATFORM = checkObject(
  {
    name: "fs",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 3 },
    caches: [
      {
        level: 3,
        id: 5,
        bytes: LINES * 64,
        ways: 16,
        msc: {
          base: 0x4000_0000,
          version: "1.1",
          nrdyUsec: 5,
          cpor: { cpbmWd: 16 },
          csu: { monitors: 1 },
          mbwu: { monitors: 4, counter: 63 },
        },
      },
    ],
    memory: [
      {
        node: 0,
        bytes: 2 ** 30,
        bytesPerSecond: 10e9,
        msc: { base: 0x4001_0000, version: "1.1", mbw: { bwaWd: 7, maxLim: "soft" } },
      },
    ],
  },
  "fs.test",
);

/** Two threads, 1000 and 2000, that read 16384 lines each once, one line every 10 ns. */
function sweep(): TraceSource {
  const rows = 4 * LINES;
  return {
    name: "sweep",
    hash: "sweep",
    records: rows,
    addressRule: "dense",
    pageBytes: 4096,
    spaces: [1, 2].map((asid) => ({ asid, pages: rows / 2 / 64 })),
    requesters: [1, 2].map((asid) => ({ asid, pid: asid * 1000, tid: asid * 1000, cpu: asid - 1 })),
    async *batches(from = 0) {
      const at = Array.from({ length: rows - from }, (_, row) => row + from);
      yield {
        rows: at.length,
        time: Float64Array.from(at, (row) => row * 10),
        address: Float64Array.from(at, (row) => (row >> 1) * 64),
        bytes: Uint16Array.from(at, () => 64),
        op: Uint8Array.from(at, () => OP_READ),
        requester: Uint16Array.from(at, (row) => row & 1),
      };
    },
  };
}

async function mounted() {
  const machine = await Machine.create(PLATFORM);
  const driver = await Driver.probe(machine);
  const fs = await Resctrl.mount(driver);
  return { machine, driver, fs };
}

const OCCUPANCY = "mon_data/mon_L3_05/llc_occupancy";
const BYTES = "mon_data/mon_L3_05/mbm_total_bytes";

test("a mask written to schemata confines what a group's threads keep in the cache, and the counters say so", async () => {
  const { machine, fs } = await mounted();
  expect(await fs.readFile("schemata")).toBe("    MB:5=100\n    L3:5=ffff\n");
  const trace = sweep();
  machine.addTasks(trace);
  await fs.mkdir("web");
  await fs.writeFile("web/schemata", "L3:5=1\nMB:5=10\n");
  await fs.writeFile("schemata", "L3:5=fffe\n");
  await fs.writeFile("web/tasks", "1000\n");
  expect(await fs.readFile("tasks")).toBe("2000\n");
  await machine.replay([trace]);
  // One way of sixteen, and the other fifteen: both threads touched more lines than fit.
  expect(await fs.readFile(`web/${OCCUPANCY}`)).toBe(`${(LINES / 16) * 64}\n`);
  expect(await fs.readFile(OCCUPANCY)).toBe(`${(LINES / 16) * 15 * 64}\n`);
  // Every line read once is a fill: 16384 lines of 64 bytes a thread.
  expect(await fs.readFile(`web/${BYTES}`)).toBe(`${2 * LINES * 64}\n`);
  expect(await fs.readFile(BYTES)).toBe(`${2 * LINES * 64}\n`);
  expect(await fs.readFile("web/schemata")).toBe("    MB:5=10\n    L3:5=1\n");
});

test("a freed group's id stays in limbo until its lines are gone", async () => {
  const { machine, fs } = await mounted();
  const trace = sweep();
  machine.addTasks(trace);
  await fs.mkdir("mon_groups/m");
  await fs.writeFile("mon_groups/m/tasks", "1000\n");
  await machine.replay([trace]);
  await fs.rmdir("mon_groups/m");
  for (const name of ["a", "b"]) await fs.mkdir(`mon_groups/${name}`);
  await machine.clock.advance(3 * SECOND);
  expect(await refusal(fs.mkdir("mon_groups/c"))).toEqual({ code: "ENOSPC", status: "Out of RMIDs\n" });
  // Half of the cache is not below the threshold; all of it may be.
  await fs.writeFile("info/L3_MON/max_threshold_occupancy", `${LINES * 64}\n`);
  await machine.clock.advance(SECOND);
  expect(await refusal(fs.mkdir("mon_groups/c"))).toBeUndefined();
});

test("a machine restored from a snapshot has the same tree over the same hardware", async () => {
  const { machine, fs } = await mounted();
  const trace = sweep();
  machine.addTasks(trace);
  await fs.mkdir("web");
  await fs.writeFile("web/schemata", "L3:5=3\n");
  await fs.writeFile("web/tasks", "1000\n");
  await machine.replay([trace]);
  const files = ["schemata", "web/schemata", "web/tasks", "tasks", `web/${OCCUPANCY}`, OCCUPANCY, `web/${BYTES}`];
  const texts = (of: Resctrl) => Promise.all(files.map((path) => of.readFile(path)));
  const expected = await texts(fs);
  const copy = await Machine.restore(machine.snapshot());
  const again = await Resctrl.restore(await Driver.restore(copy));
  expect(copy.export()).toEqual(machine.export());
  expect(await texts(again)).toEqual(expected);
  await again.rmdir("web");
  expect(await again.readFile("tasks")).toBe("1000\n2000\n");
  await again.unmount();
});

test("a driver that is disabled empties the mounted tree, and leaves no timer behind", async () => {
  const { machine, driver, fs } = await mounted();
  await driver.disable("hardware error interrupt");
  expect(await fs.readdir("/")).toEqual([]);
  expect(machine.clock.waiting).toEqual([]);
  await fs.unmount();
});
