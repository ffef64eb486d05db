// What the kernel mode does to traffic: two threads with requests of EL0 and EL1, and the counters of the groups.

import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine, OP_READ, type TraceSource } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";

const MODE = "info/kernel_mode";
const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";

/** Four cpus with an L3 that counts what it fetches. */
const PLATFORM = checkObject(
  {
    name: "kernel mode",
    cpus: 4,
    processor: { partidMax: 15, pmgMax: 3 },
    caches: [
      {
        ...{ level: 3, id: 0, bytes: 65_536, ways: 16 },
        msc: {
          ...{ base: 0x4000_0000, version: "1.1", cpor: { cpbmWd: 16 }, csu: { monitors: 1 } },
          mbwu: { monitors: 8, counter: 63 },
        },
      },
    ],
    memory: [{ node: 0, bytes: 2 ** 30, bytesPerSecond: 10e9 }],
  },
  "test/fs/kernel-mode-traffic.test.ts",
);

/** What one thread reads at one exception level, every line once. */
const LINES = 1024;
const SHARE = LINES * 64;

/** Threads 1000 on cpu 0 and 2000 on cpu 1: requesters in this order at EL0, EL1, EL0, EL1. */
const REQUESTERS = [1, 2].flatMap((asid) =>
  [0, 1].map((el) => ({ asid, pid: asid * 1000, tid: asid * 1000, cpu: asid - 1, el })),
);

function reads(): TraceSource {
  const rows = REQUESTERS.length * LINES;
  return {
    ...{ name: "reads", hash: "reads", records: rows, addressRule: "dense", pageBytes: 4096 },
    spaces: [1, 2].map((asid) => ({ asid, pages: (2 * LINES) / 64 })),
    requesters: REQUESTERS,
    async *batches(from = 0) {
      const at = Array.from({ length: rows - from }, (_, row) => row + from);
      yield {
        rows: at.length,
        time: Float64Array.from(at, (row) => row * 10),
        // Of a thread the lines of EL0 and those of EL1 alternate.
        address: Float64Array.from(at, (row) => (2 * Math.floor(row / 4) + (row & 1)) * 64),
        bytes: Uint16Array.from(at, () => 64),
        op: Uint8Array.from(at, () => OP_READ),
        requester: Uint16Array.from(at, (row) => row & 3),
      };
    },
  };
}

/** 1000 is in web, 2000 in the default group. */
async function machineWithGroups(cdp = false) {
  const machine = await Machine.create(PLATFORM);
  const options = cdp ? { cdp, expert: true } : {};
  const fs = await Resctrl.mount(await Driver.probe(machine), { proposed: ["kernel-mode"], ...options });
  const trace = reads();
  machine.addTasks(trace);
  await fs.mkdir("web");
  await fs.mkdir("kernel");
  await fs.writeFile("web/tasks", "1000\n");
  /** Shares that the groups fetch: the default group, web, kernel. */
  const counted = async () => {
    await machine.replay([trace]);
    return (await bytes(fs)).map((count) => count / SHARE);
  };
  return { machine, fs, trace, counted };
}

async function bytes(fs: Resctrl): Promise<number[]> {
  const texts = ["", "web/", "kernel/"].map((at) => fs.readFile(`${at}mon_data/mon_L3_00/mbm_total_bytes`));
  return (await Promise.all(texts)).map(Number);
}

test("kernel work carries its task's label, where nothing is chosen", async () => {
  const { counted } = await machineWithGroups();
  expect(await counted()).toEqual([2, 2, 0]);
});

test.each([false, true])(
  "CDP %s: kernel work of all threads is the bound group's, on the cpus that were chosen",
  async (cdp) => {
    const { fs, counted } = await machineWithGroups(cdp);
    await fs.writeFile(MODE, `${GLOBAL}:group=kernel//\n`);
    expect(await counted()).toEqual([1, 1, 2]);
  },
);

test("on cpus that were not chosen it is the task's", async () => {
  const { fs, counted } = await machineWithGroups();
  await fs.writeFile(MODE, `${GLOBAL}:group=kernel//\n`);
  await fs.writeFile("kernel/kmode_cpus_list", "0,2-3\n");
  expect(await counted()).toEqual([2, 1, 1]);
});

test("with the default group bound it is as before kernels were labelled", async () => {
  const { fs, counted } = await machineWithGroups();
  await fs.writeFile(MODE, `${GLOBAL}\n`);
  expect(await counted()).toEqual([3, 1, 0]);
});

test("each group has a group of its own for it, and is given another one as it goes", async () => {
  const { fs, counted } = await machineWithGroups();
  await fs.writeFile(MODE, `${PER_GROUP}\n`);
  await fs.writeFile("info/kernel_mode_assignment", "web//:kernel//\n//:web//\n");
  expect(await counted()).toEqual([1, 2, 1]);
});

test.each([
  [`${GLOBAL}:group=gone//\n`, ""],
  [`${PER_GROUP}\n`, "web//:gone//\n//:gone//\n"],
])("after %j the label of a removed group is nobody's, and its successor counts its own", async (mode, pairs) => {
  const { fs, counted } = await machineWithGroups();
  await fs.mkdir("gone");
  await fs.writeFile(MODE, mode);
  if (pairs !== "") await fs.writeFile("info/kernel_mode_assignment", pairs);
  await fs.rmdir("gone");
  await fs.mkdir("next");
  expect(await counted()).toEqual(pairs === "" ? [2, 2, 0] : [3, 1, 0]);
  expect(await fs.readFile("next/mon_data/mon_L3_00/mbm_total_bytes")).toBe("0\n");
});

test("a machine out of a snapshot goes on in the mode it was in", async () => {
  const { machine, fs, trace } = await machineWithGroups();
  await fs.writeFile(MODE, `${GLOBAL}:group=kernel//\n`);
  await fs.writeFile("kernel/kmode_cpus_list", "1\n");
  const copy = await Machine.restore(machine.snapshot());
  const again = await Resctrl.restore(await Driver.restore(copy));
  await copy.replay([trace]);
  expect(await again.readFile("kernel/kmode_cpus_list")).toBe("1\n");
  expect((await bytes(again)).map((count) => count / SHARE)).toEqual([1, 2, 1]);
});
