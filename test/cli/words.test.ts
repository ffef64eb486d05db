// Group rules and numbers of the command line.

import { expect, test } from "vitest";
import { parseGroupRule } from "../../src/session/groups.ts";
import { count, percent, showSize, table, time } from "../../src/written/index.ts";

const task = { tid: 7, pid: 5, comm: "sort", cpu: 0, label: { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 } };

test("a group rule picks threads by trace, thread, process or command", () => {
  expect(parseGroupRule("web=trace:2").matches(task, 2)).toBe(true);
  expect(parseGroupRule("web=trace:2").matches(task, 1)).toBe(false);
  expect(parseGroupRule("web=tid:7").matches(task, 1)).toBe(true);
  expect(parseGroupRule("web=pid:7").matches(task, 1)).toBe(false);
  expect(parseGroupRule("web=comm:sort").matches(task, 1)).toBe(true);
  expect(() => parseGroupRule("web")).toThrow("NAME=trace:N");
  expect(() => parseGroupRule("web=tid:x")).toThrow("a whole number");
});

test("numbers are printed for people", () => {
  expect(count(1_234_567)).toBe("1,234,567");
  expect(count(12n)).toBe("12");
  expect(percent(1, 3)).toBe("33.33 %");
  expect(percent(0, 0)).toBe("-");
  expect(showSize(1023)).toBe("1023 B");
  expect(showSize(1536)).toBe("1.50 KiB");
  expect(showSize(1024 * 1024 * 20)).toBe("20.0 MiB");
  expect(time(1500)).toBe("1.500 us");
  expect(table(["a", "bb"], [["x", "1"]])).toBe("a  bb\nx   1");
});
