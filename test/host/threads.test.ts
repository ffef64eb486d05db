import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostThreads } from "../../src/host/index.ts";

const label = (partid: number, pmg = 0) => ({ partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg });

let proc = "";
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "mpam-proc-"));
});
afterEach(() => rmSync(proc, { recursive: true }));

interface Life {
  readonly parent?: number;
  readonly began?: number;
  readonly uids?: readonly [number, number, number, number];
  /** Where its stack begins: 0 where nobody may know. */
  readonly stack?: number;
  readonly cgroup?: string;
}

/** Files of a thread as procfs has them, as far as anybody looks. A name may hold brackets and blanks. */
function begin(
  pid: number,
  tid: number,
  { parent = 1, began = 100, uids = [0, 0, 0, 0], stack = 0, cgroup = "/" }: Life = {},
): void {
  const fields = Array.from<string | number>({ length: 52 }).fill(0);
  // Numbered from 1, as in proc_pid_stat(5).
  fields.splice(0, 4, tid, "(a) b (c)", "S", parent);
  fields[22 - 1] = began;
  fields[28 - 1] = stack;
  const stat = fields.join(" ");
  const status = `Name:\ta) b (c\nUid:\t${uids.join("\t")}\nGid:\t0\t0\t0\t0\n`;
  mkdirSync(join(proc, `${pid}`, "task", `${tid}`), { recursive: true });
  mkdirSync(join(proc, `${tid}`), { recursive: true });
  writeFileSync(join(proc, `${tid}`, "stat"), stat);
  writeFileSync(join(proc, `${tid}`, "status"), status);
  writeFileSync(join(proc, `${tid}`, "cgroup"), `0::${cgroup}\n`);
}

function end(pid: number): void {
  rmSync(join(proc, `${pid}`), { recursive: true });
}

/** A look is never fresh. */
function threads(): HostThreads {
  let now = 0;
  return new HostThreads(proc, () => (now += 1000));
}

const labels = (host: HostThreads) => Object.fromEntries(host.tasks.map((task) => [task.tid, task.label.partidD]));

test("a process that has come has the label of its parent, a thread that of its process", () => {
  begin(1, 1);
  begin(10, 10);
  const host = threads();
  expect(labels(host)).toEqual({ 1: 0, 10: 0 });
  host.setTaskLabel(10, label(3));
  begin(11, 11, { parent: 10 });
  // A grandchild with a lower number than its parent.
  begin(5, 5, { parent: 11 });
  expect(labels(host)).toEqual({ 1: 0, 10: 3, 11: 3, 5: 3 });
});

test("processes that nobody may look into are not taken for copies of each other", () => {
  let now = 0;
  const host = new HostThreads(proc, () => (now += 6));
  begin(1, 1, { stack: 7 });
  begin(10, 10, { stack: 0 });
  host.setTaskLabel(10, label(3));
  begin(20, 20, { stack: 0 });
  expect(labels(host)).toEqual({ 1: 0, 10: 3, 20: 0 });
});

test("children that are there before their parent moves stay where they are", () => {
  begin(1, 1);
  begin(10, 10);
  const host = threads();
  expect(labels(host)).toEqual({ 1: 0, 10: 0 });
  begin(11, 11, { parent: 10 });
  host.setTaskLabel(10, label(3));
  expect(labels(host)).toEqual({ 1: 0, 10: 3, 11: 0 });
});

test("what has ended is gone, and another thread of its number is another thread", () => {
  begin(1, 1);
  begin(10, 10, { began: 100 });
  const host = threads();
  host.setTaskLabel(10, label(3));
  end(10);
  expect(labels(host)).toEqual({ 1: 0 });
  expect(host.task(10)).toBeUndefined();
  begin(10, 10, { began: 100 });
  host.setTaskLabel(10, label(3));
  end(10);
  begin(10, 10, { began: 200 });
  expect(labels(host)).toEqual({ 1: 0, 10: 0 });
  expect(host.task(10)?.label).toEqual(label(0));
});

test("a thread that nobody has seen yet is found by its number, and knows its owner and saved owner", () => {
  begin(1, 1);
  begin(10, 10, { uids: [1000, 0, 1001, 0] });
  const host = threads();
  const task = host.task(10);
  expect(task).toMatchObject({ tid: 10, label: label(0) });
  expect([task?.uid, task?.suid]).toEqual([1000, 1001]);
  expect(host.task(77)).toBeUndefined();
  host.setTaskLabel(77, label(1));
  expect(labels(host)).toEqual({ 1: 0, 10: 0 });
});

test("a copy of a program that has just been moved has its label though its parent is another one, but not later", () => {
  begin(1, 1);
  begin(20, 20, { stack: 2000 });
  begin(21, 21, { parent: 20, stack: 2100 });
  let now = 0;
  const host = new HostThreads(proc, () => now);
  host.setTaskLabel(21, label(4));
  // As runc does: the copy is given to the parent, and the one it is a copy of ends.
  begin(22, 22, { parent: 20, stack: 2100 });
  end(21);
  begin(23, 23, { parent: 20, stack: 2300 });
  now = 500;
  expect(labels(host)).toEqual({ 1: 0, 20: 0, 22: 4, 23: 0 });
  now = 2000;
  begin(24, 24, { parent: 20, stack: 2100 });
  expect(labels(host)).toEqual({ 1: 0, 20: 0, 22: 4, 23: 0, 24: 0 });
});

test("a copy that has started another program is known by its cgroup, where its parent has another one", () => {
  begin(1, 1);
  begin(20, 20, { stack: 2000 });
  begin(21, 21, { parent: 20, stack: 2100, cgroup: "/box" });
  const host = threads();
  host.setTaskLabel(21, label(4));
  begin(22, 22, { parent: 20, stack: 2200, cgroup: "/box" });
  begin(23, 23, { parent: 20, stack: 2300 });
  end(21);
  expect(labels(host)).toEqual({ 1: 0, 20: 0, 22: 4, 23: 0 });
});

test("a copy whose parent is the same program has the label of its parent", () => {
  begin(1, 1);
  begin(20, 20, { stack: 2000 });
  begin(21, 21, { parent: 20, stack: 2000 });
  const host = threads();
  host.setTaskLabel(21, label(4));
  begin(22, 22, { parent: 20, stack: 2000 });
  begin(23, 23, { parent: 21, stack: 2000 });
  expect(labels(host)).toEqual({ 1: 0, 20: 0, 21: 4, 22: 0, 23: 4 });
});

test("a glance looks when it costs little, and sees who is new", () => {
  begin(1, 1);
  begin(20, 20);
  let now = 1000;
  const host = new HostThreads(proc, () => now);
  host.setTaskLabel(20, label(4));
  begin(21, 21, { parent: 20 });
  now += 1000;
  host.glance();
  end(20);
  expect(labels(host)).toEqual({ 1: 0, 21: 4 });
});

test("on this host, every thread of this process is there, with this user, and a child inherits", async () => {
  const host = new HostThreads();
  const own = host.task(process.pid);
  expect([own?.tid, own?.uid]).toEqual([process.pid, process.getuid?.()]);
  host.setTaskLabel(process.pid, label(2, 1));
  const child = spawn("sleep", ["60"]);
  try {
    expect(host.tasks.find(({ tid }) => tid === child.pid)?.label).toEqual(label(2, 1));
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill();
    await ended;
    expect(host.task(child.pid as number)).toBeUndefined();
  } finally {
    child.kill();
  }
});
