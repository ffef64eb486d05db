// The file system of tasks (more.md 4.5, 4.6), on a machine with the threads of a trace.

import { beforeEach, describe, expect, test } from "vitest";
import { Android } from "../../src/android/index.ts";
import type { Machine } from "../../src/machine/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { FakeTrace, type Row, thread } from "../machine/traces.ts";
import { machineWith } from "./machines.ts";

let machine: Machine;
let android: Android;
/** Of two traces. */
let tids: number[];

beforeEach(async () => {
  machine = await machineWith();
  android = await Android.load(machine);
  await android.mount();
  const sources = await openTraces(["synth:stream,ws=64K,n=2000", "synth:random,ws=64K,n=2000,seed=2"]);
  tids = sources.flatMap((source) => machine.addTasks(source).map(({ tid }) => tid));
});

const tasks = (partid: number) => android.readFile(`partitions/${partid}/tasks`);
const move = (partid: number, text: string | Uint8Array) => android.writeFile(`partitions/${partid}/tasks`, text);

test("all threads begin in partition 0, and one is moved by its number", async () => {
  expect(tids.length).toBeGreaterThanOrEqual(2);
  const [first, ...others] = tids as [number, ...number[]];
  expect(await tasks(0)).toBe(tids.map((tid) => `${tid}\n`).join(""));
  expect(await move(5, `${first}\n`)).toBe(`${first}\n`.length);
  expect(await tasks(5)).toBe(`${first}\n`);
  expect(await tasks(0)).toBe(others.map((tid) => `${tid}\n`).join(""));
  await move(0, `${first}`);
  expect(await tasks(5)).toBe("");
});

test("a label is one PARTID for data and for fetches, without PMG", async () => {
  await move(7, `${tids[0]}`);
  expect(machine.processor.task(tids[0] as number)?.label).toEqual({ partidD: 7, partidI: 7, pmgD: 0, pmgI: 0 });
});

test("what a moved thread asks for is counted under its partition", async () => {
  const sources = await openTraces(["synth:stream,ws=64K,n=2000"]);
  const [task] = machine.addTasks(sources[0] as (typeof sources)[0]);
  await move(9, `${task?.tid}`);
  await machine.replay(sources);
  const labels = machine.statistics().filter(({ partid }) => partid === 9);
  expect(labels).toHaveLength(1);
  expect(labels[0]).toMatchObject({ space: "ns", pmg: 0 });
});

describe("a number", () => {
  test.each([
    ["hexadecimal", (tid: number) => `0x${tid.toString(16)}`],
    ["octal", (tid: number) => `0${tid.toString(8)}`],
    ["with blanks around it", (tid: number) => ` \t${tid} \n`],
    ["with a NUL and anything after it", (tid: number) => `${tid}\0x`],
    ["with a plus", (tid: number) => `+${tid}`],
  ])("%s is taken", async (_, written) => {
    const [tid = 0] = tids;
    await move(3, written(tid));
    expect(await tasks(3)).toBe(`${tid}\n`);
  });

  test.each(["", "\n", "x", "1x", "-1", "0", "0x", "08", "99999", "1 2", "1,2", "0x7fffffff"])(
    "%j is none of a thread, and refused with EINVAL",
    async (written) => {
      await expect(move(3, written)).rejects.toMatchObject({ code: "EINVAL" });
      expect(await tasks(3)).toBe("");
    },
  );
});

test("of one write nine bytes are taken: what is beyond is for the next", async () => {
  const [tid = 0] = tids;
  const padded = `${tid}`.padStart(9, " ");
  expect(await move(2, `${padded}junk`)).toBe(9);
  expect(await tasks(2)).toBe(`${tid}\n`);
  // Ten digits are another number.
  await expect(move(2, `${tid}`.padStart(10, "1"))).rejects.toMatchObject({ code: "EINVAL" });
  const file = await android.open("partitions/4/tasks", { read: false, write: true });
  expect(await file.write(`${padded}0`)).toBe(9);
});

test("directories are 0444, files 0644, and nothing can be made, removed or moved", async () => {
  const mode = async (path: string) => (await android.stat(path)).mode.toString(8);
  expect(await Promise.all(["partitions", "partitions/3", "partitions/3/tasks"].map(mode))).toEqual([
    "444",
    "444",
    "644",
  ]);
  for (const made of [
    android.mkdir("partitions/16"),
    android.rmdir("partitions/3"),
    android.rename("partitions/3", "partitions/x"),
    android.mkdir("x"),
  ]) {
    await expect(made).rejects.toMatchObject({ code: "EPERM" });
  }
  expect(await android.readdir("partitions/3")).toEqual(["tasks"]);
});

test("permission is that of the file, whoever the thread belongs to", async () => {
  const somebody = { uid: 1000, gid: 1000 };
  // Directories without x let nobody but root through.
  await expect(android.readFile("partitions/3/tasks", somebody)).rejects.toMatchObject({ code: "EACCES" });
  for (const path of ["partitions", "partitions/3"]) await android.chmod(path, 0o555);
  expect(await android.readFile("partitions/3/tasks", somebody)).toBe("");
  await expect(android.writeFile("partitions/3/tasks", `${tids[0]}`, somebody)).rejects.toMatchObject({
    code: "EACCES",
  });
  await android.chmod("partitions/3/tasks", 0o666);
  await android.writeFile("partitions/3/tasks", `${tids[0]}`, somebody);
  expect(await tasks(3)).toBe(`${tids[0]}\n`);
});

test("threads keep their labels when it is unmounted; mounted again it is the same", async () => {
  await move(3, `${tids[0]}`);
  const open = await android.open("partitions/3/tasks", { read: true, write: true });
  await android.unmount();
  expect([android.mounted, await android.readdir("/")]).toEqual([false, ["mpam"]]);
  await expect(android.unmount()).rejects.toMatchObject({ code: "EINVAL" });
  await expect(open.text()).rejects.toMatchObject({ code: "ENODEV" });
  expect(machine.processor.task(tids[0] as number)?.label.partidD).toBe(3);
  await android.mount();
  await android.mount();
  expect(await tasks(3)).toBe(`${tids[0]}\n`);
});

test("threads may come from elsewhere", async () => {
  const label = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };
  const threads = new Map([0, 4711].map((tid) => [tid, { tid, label }]));
  const elsewhere = await Android.load(machine, {
    tasks: {
      get tasks() {
        return [...threads.values()];
      },
      task: (tid) => threads.get(tid),
      setTaskLabel: (tid, label) => void threads.set(tid, { tid, label }),
    },
  });
  await elsewhere.mount();
  await elsewhere.writeFile("partitions/2/tasks", "4711");
  expect(await elsewhere.readFile("partitions/2/tasks")).toBe("4711\n");
  expect(threads.get(4711)?.label.partidD).toBe(2);
  // Idle threads are nobody's to move.
  await expect(elsewhere.writeFile("partitions/2/tasks", "0")).rejects.toMatchObject({ code: "EINVAL" });
});

test("paths can be those of the machine", async () => {
  const whole = await Android.load(await machineWith(), { paths: "machine" });
  expect(await whole.readdir("/")).toEqual(["sys"]);
  expect(await whole.readdir("/sys/devices/platform/30000000.msc")).toEqual(["mpam"]);
  await whole.loadPolicy();
  expect(await whole.readdir("/sys/fs/mpam")).toEqual([]);
  expect((await whole.stat("/sys/fs/mpam")).mode).toBe(0o444);
  await whole.mount();
  expect(await whole.readdir("/sys/fs/mpam/partitions")).toHaveLength(16);
  expect(await whole.readFile("/sys/devices/platform/30000000.msc/mpam/partitions/3/cpbm")).toBe("0-7\n");
});

describe("the kernel of the machine", () => {
  const read = (time: number, requester: number): Row => ({ time, address: 64 * time, bytes: 64, op: 0, requester });
  const requesters = [thread(1), thread(1, { el: 1 })].map((one) => ({ ...one, cpu: 0 }));
  const trace = () =>
    new FakeTrace(
      "t",
      Array.from({ length: 200 }, (_, time) => read(time, time % 2)),
      { requesters },
    );

  /** Reads by PARTID. */
  const reads = (on: Machine) =>
    Object.fromEntries(on.statistics().flatMap((one) => (one.bytesRead ? [[one.partid, one.bytesRead / 64]] : [])));

  test("works under PARTID 0 for every thread, and never writes MPAM1_EL1 for one", async () => {
    await move(5, `${machine.addTasks(trace())[0]?.tid}`);
    const before = machine.cpu(0).registers.peek("MPAM1_EL1");
    const { writes } = machine.processor.kernel.counts();
    await machine.replay([trace()]);
    expect(reads(machine)).toEqual({ 5: 100, 0: 100 });
    expect(machine.cpu(0).registers.peek("MPAM1_EL1")).toBe(before);
    expect(machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(0x0005_0005n);
    expect(machine.processor.kernel.counts().writes).toEqual({ ...writes, MPAM0_EL1: writes.MPAM0_EL1 + 1 });
  });

  test("gives a child the label of its parent, or 0 where that resets it", async () => {
    const [tid = 0] = tids;
    await move(5, `${tid}`);
    machine.processor.kernel.fork(tid, 4001);
    machine.processor.kernel.fork(tid, 4002, { resetOnFork: true });
    expect(await tasks(5)).toBe(`${tid}\n4001\n`);
    expect((await tasks(0)).split("\n")).toContain("4002");
  });

  test("sets exception level 2 up before the module looks, whatever lay there", async () => {
    const traps = await machineWith({ processor: { unpredictable: { reset: "ones" } } });
    expect(traps.cpu(0).registers.read("MPAM1_EL1", { el: 1 })).toMatchObject({ outcome: "trap", to: 2 });
    expect((await Android.load(traps)).partids).toBe(16);
  });

  test("may run at exception level 2", async () => {
    expect((await Android.load(await machineWith({ processor: { vhe: true } }))).partids).toBe(16);
  });
});
