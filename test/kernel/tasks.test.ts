// Tasks that come and go.

import { expect, test } from "vitest";
import { running, tag } from "./kernels.ts";

test("a thread that is forked has its parent's tag, and one of its own from then on", () => {
  const { kernel } = running();
  kernel.setTag(1, tag(5, 1));
  expect(kernel.fork(1, 40)).toMatchObject({ tid: 40, pid: 1, label: tag(5, 1) });
  kernel.setTag(1, tag(6));
  expect(kernel.task(40)?.label).toEqual(tag(5, 1));
  kernel.setTag(40, tag(7));
  expect(kernel.task(1)?.label).toEqual(tag(6));
});

test("a fork that resets begins in the default group, whatever its label is", () => {
  const { kernel } = running();
  kernel.setGlobalDefault(tag(0, 1));
  kernel.setTag(1, tag(5));
  expect(kernel.fork(1, 40, { resetOnFork: true, pid: 40 })).toMatchObject({ pid: 40, label: tag(0, 1) });
});

test("a thread that ends is in the list no longer, and its number is free", () => {
  const { kernel, changes } = running();
  kernel.exit(2);
  expect(changes).toEqual([{ tid: 2 }]);
  expect(kernel.tasks.map(({ tid }) => tid)).toEqual([1, 3]);
  expect(kernel.fork(1, 2).tid).toBe(2);
});

test("the thread of a trace that was forked before keeps the tag", () => {
  const { kernel } = running();
  kernel.setTag(1, tag(5));
  kernel.fork(1, 40);
  kernel.addTask({ tid: 40, pid: 40, comm: "sort", cpu: 1 });
  expect(kernel.task(40)).toEqual({ tid: 40, pid: 40, comm: "sort", cpu: 1, label: tag(5) });
});

test.each([
  ["ESRCH", (kernel) => kernel.fork(99, 40)],
  ["EEXIST", (kernel) => kernel.fork(1, 2)],
  ["EINVAL", (kernel) => kernel.fork(1, 0)],
  ["EINVAL", (kernel) => kernel.fork(1, 1.5)],
  ["ESRCH", (kernel) => kernel.exit(99)],
  ["ESRCH", (kernel) => kernel.setTag(99, tag(1))],
  ["EINVAL", (kernel) => kernel.setTag(1, tag(64))],
  ["EINVAL", (kernel) => kernel.setCpuDefault(2, tag(1))],
  ["EINVAL", (kernel) => kernel.setGlobalDefault({ ...tag(0), pmgI: 4 })],
] satisfies [string, (kernel: ReturnType<typeof running>["kernel"]) => unknown][])("%s: %s", (code, call) => {
  const { kernel } = running();
  const before = kernel.save();
  expect(() => call(kernel)).toThrow(expect.objectContaining({ code }));
  expect(kernel.save()).toEqual(before);
});
