// Lines of the interrupt controller, which several may hold up.

import { expect, test } from "vitest";
import type { InterruptEvent } from "../../src/machine/index.ts";
import { InterruptLines } from "../../src/serve/interrupt-lines.ts";

const event = (msc: number, level: 0 | 1, more: object = {}) =>
  ({
    kind: "error",
    msc,
    space: "ns",
    line: 44,
    level,
    delivery: "wire",
    count: 1,
    time: 0,
    ...more,
  }) as InterruptEvent;
const told = (lines: InterruptLines, one: InterruptEvent) =>
  lines.changes(one).map(({ line, level }) => `${line} ${level}`);

test("a line is up while somebody holds it up", () => {
  const lines = new InterruptLines();
  expect(told(lines, event(0, 1))).toEqual(["44 1"]);
  expect(told(lines, event(1, 1))).toEqual([]);
  expect(told(lines, event(0, 0))).toEqual([]);
  expect(lines.up).toEqual([44]);
  expect(told(lines, event(1, 0, { kind: "overflow" }))).toEqual([]);
  expect(told(lines, event(1, 0))).toEqual(["44 0"]);
  expect(told(lines, event(1, 0))).toEqual([]);
  expect(lines.up).toEqual([]);
});

test("a pulse is seen on a line that is down", () => {
  const lines = new InterruptLines();
  expect(told(lines, event(0, 1, { delivery: "pulse" }))).toEqual(["44 1", "44 0"]);
  lines.changes(event(1, 1));
  expect(told(lines, event(0, 1, { delivery: "pulse" }))).toEqual([]);
});

test("messages and lines that lead nowhere change none; mailboxes have theirs", () => {
  const lines = new InterruptLines();
  expect(told(lines, event(0, 1, { delivery: "msi" }))).toEqual([]);
  expect(told(lines, event(0, 1, { line: 0 }))).toEqual([]);
  expect(told(lines, event(0, 1, { kind: "mailbox", msc: undefined, subspace: 2, line: 70 }))).toEqual(["70 1"]);
  expect(lines.up).toEqual([70]);
});
