// Modules, settings and labels come back with the machine.

import { expect, test } from "vitest";
import { Android } from "../../src/android/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { accesses, machineWith } from "./machines.ts";

test("a machine is restored with its modules, and nothing is probed or reset again", async () => {
  const machine = await machineWith();
  const android = await Android.load(machine, { compat: "android-2022", paths: "machine" });
  await android.mount();
  const sources = await openTraces(["synth:stream,ws=64K,n=2000"]);
  const [task] = sources.flatMap((source) => machine.addTasks(source));
  await android.writeFile("sys/fs/mpam/partitions/3/tasks", `${task?.tid}`);
  const cpbm = "sys/devices/platform/30000000.msc/mpam/partitions/3/cpbm";
  await android.writeFile(cpbm, "2-3");
  await android.chmod(cpbm, 0o600);
  const again = await Machine.restore(machine.snapshot());
  let restored: Android | undefined;
  const touched = await accesses(again, async () => {
    restored = await Android.restore(again);
  });
  expect(touched).toEqual([]);
  expect(restored?.msc).toEqual(android.msc);
  expect([restored?.partids, restored?.mounted, restored?.device]).toEqual([16, true, "30000000.msc"]);
  expect(await restored?.readFile(cpbm)).toBe("2-3\n");
  expect((await restored?.stat(cpbm))?.mode).toBe(0o600);
  expect(await restored?.readFile("sys/fs/mpam/partitions/3/tasks")).toBe(`${task?.tid}\n`);
  // As the modules of 2022 do.
  await restored?.writeFile(cpbm, "0-3:1/2\n7");
  expect(await restored?.readFile(cpbm)).toBe("0,2,7\n");
  await expect(restored?.loadArch()).rejects.toMatchObject({ code: "EEXIST" });
});

test("a snapshot of a restored machine is the same", async () => {
  const machine = await machineWith();
  await (await Android.load(machine)).mount();
  const bytes = machine.snapshot();
  const again = await Machine.restore(bytes);
  await Android.restore(again);
  expect(Buffer.compare(again.snapshot(), bytes)).toBe(0);
});

test("the mount point is there without its file system, with what was changed, and the log goes on", async () => {
  const machine = await machineWith();
  const android = await Android.load(machine, { paths: "machine" });
  await android.mount();
  await android.chmod("sys/fs/mpam", 0o700);
  await android.unmount();
  await expect(android.loadPolicy()).rejects.toMatchObject({ code: "EEXIST" });
  const other = await machineWith({ msc: undefined });
  const { log } = await Android.load(other);
  expect(log).toHaveLength(1);
  const restored = await Android.restore(await Machine.restore(machine.snapshot()));
  expect(await restored.readdir("sys/fs")).toEqual(["mpam"]);
  expect((await restored.stat("sys/fs/mpam")).mode).toBe(0o700);
  expect((await Android.restore(await Machine.restore(other.snapshot()))).log).toEqual(log);
});

test("a maker's module is the same one again", async () => {
  const machine = await machineWith();
  await (await Android.load(machine, { derivative: "samsung" })).mount();
  const restored = await Android.restore(await Machine.restore(machine.snapshot()));
  expect(await restored.writeFile("partitions/3/tasks", "no number")).toBe(9);
  await expect(restored.attach(1, "/top-app")).rejects.toMatchObject({ code: "ESRCH" });
});

test("without the policy module, and without a device", async () => {
  const machine = await machineWith({ msc: undefined });
  await Android.load(machine);
  const restored = await Android.restore(await Machine.restore(machine.snapshot()));
  expect([restored.mounted, restored.device, await restored.readdir("/")]).toEqual([false, undefined, []]);
  await restored.mount();
  expect(await restored.readdir("partitions")).toHaveLength(16);
});

test("a machine whose software was other has none to restore", async () => {
  const machine = await Machine.restore((await machineWith()).snapshot());
  await expect(Android.restore(machine)).rejects.toMatchObject({ code: "ENOENT" });
});
