// Labels by cpuset, as makers of phones have them (more.md 4.6).

import { expect, test } from "vitest";
import { Android, type Derivative } from "../../src/android/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { machineWith, android as phone } from "./machines.ts";

async function withThread(derivative: Derivative | undefined, machine = phone()) {
  const on = await machine;
  const android = await Android.load(on, { derivative });
  await android.mount();
  const [source] = await openTraces(["synth:stream,n=4,tid=1000"]);
  if (source) on.addTasks(source);
  return { android, label: () => on.processor.task(1000)?.label.partidD };
}

test.each([
  ["/", 0],
  ["/background", 1],
  ["/camera-daemon", 2],
  ["/system-background", 3],
  ["/foreground", 4],
  ["/restricted", 5],
  ["/top-app", 6],
  ["/dexopt", 7],
  ["/audio-app", 8],
  ["/elsewhere", 0],
])("with Samsung's module a thread in %s is PARTID %i", async (cpuset, partid) => {
  const { android, label } = await withThread("samsung");
  await android.attach(1000, "/top-app");
  await android.attach(1000, cpuset);
  expect(label()).toBe(partid);
});

test("with Samsung's module a write to tasks is taken and moves nobody", async () => {
  const { android, label } = await withThread("samsung");
  expect(await android.writeFile("partitions/3/tasks", "1000\n")).toBe(5);
  expect(label()).toBe(0);
});

test("with Xiaomi's the top app is PARTID 17, and threads can be moved as well", async () => {
  const { android, label } = await withThread("xiaomi");
  await android.attach(1000, "/top-app");
  expect(label()).toBe(17);
  await android.writeFile("partitions/3/tasks", "1000\n");
  expect(label()).toBe(3);
});

test("a label that the cpus do not have is warned of, and the thread keeps its own", async () => {
  const { android, label } = await withThread("xiaomi", machineWith());
  await android.attach(1000, "/top-app");
  expect(label()).toBe(0);
  expect(android.log.at(-1)).toMatchObject({ level: "warning", text: expect.stringMatching(/label 17 of \/top-app/) });
});

test("Arm's own knows no cpusets", async () => {
  const { android } = await withThread(undefined);
  await expect(android.attach(1000, "/top-app")).rejects.toMatchObject({ code: "EOPNOTSUPP" });
  await expect(Android.load(await machineWith(), { derivative: "toString" as Derivative })).rejects.toMatchObject({
    code: "EINVAL",
  });
  const early = await Android.load(await machineWith(), { derivative: "samsung" });
  await expect(early.attach(1000, "/top-app")).rejects.toMatchObject({ code: "ENOENT" });
});
