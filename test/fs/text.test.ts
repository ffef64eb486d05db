// The small rules of reading and writing text, apart from any file.

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatList, formatMask, parseList, parseMask } from "../../src/fs/cpumask.ts";
import { CommandStatus } from "../../src/fs/status.ts";
import { LINUX_7_3 } from "../../src/resctrl/compat.ts";
import { parseBool, parseInt32, parseUnsigned } from "../../src/tree/numbers.ts";
import { trim, untilNul } from "../../src/tree/text.ts";

test.each([
  ["12", 10, 12n],
  ["+12\n", 10, 12n],
  ["0012", 10, 12n],
  ["0x10", 0, 16n],
  ["0X1f", 16, 31n],
  ["+0xf", 16, 15n],
  ["010", 0, 8n],
  ["0", 0, 0n],
  ["08", 0, "EINVAL"],
  ["0x", 0, "EINVAL"],
  ["0x", 16, "EINVAL"],
  ["", 10, "EINVAL"],
  ["+", 10, "EINVAL"],
  ["++1", 10, "EINVAL"],
  ["-1", 10, "EINVAL"],
  [" 1", 10, "EINVAL"],
  ["1 ", 10, "EINVAL"],
  ["1\n\n", 10, "EINVAL"],
  ["4294967295", 10, 4294967295n],
  ["4294967296", 10, "ERANGE"],
  ["18446744073709551616x", 10, "ERANGE"],
] as const)("the 32-bit number %j in base %i is %s", (text, base, value) => {
  expect(parseUnsigned(text, base, 32)).toBe(value);
});

test("signed numbers reach from -2^31 to 2^31 - 1", () => {
  expect(["-2147483648", "2147483647", "-2147483649", "2147483648", "-+1"].map((text) => parseInt32(text, 0))).toEqual([
    -2147483648,
    2147483647,
    "ERANGE",
    "ERANGE",
    "EINVAL",
  ]);
});

test("booleans go by how they begin", () => {
  expect(["1", "y", "Yes", "t", "on", "ON\n", "e"].map(parseBool)).toEqual(new Array(7).fill(true));
  expect(["0", "n", "No", "f", "off", "oF", "d"].map(parseBool)).toEqual(new Array(7).fill(false));
  expect(["", "o", "2", " 1", "x"].map(parseBool)).toEqual(new Array(5).fill(undefined));
});

test("byte 0xA0 is a blank, and a NUL ends the text", () => {
  expect(trim("\xa0\t a b\r\n\v\f ")).toBe("a b");
  expect(untilNul("a\0b\0c")).toBe("a");
});

test("every set of cpus survives being shown as a mask and as a list", () => {
  const sets = fc.integer({ min: 1, max: 130 }).chain((count) => {
    return fc.tuple(fc.constant(count), fc.uniqueArray(fc.integer({ min: 0, max: count - 1 })));
  });
  fc.assert(
    fc.property(sets, ([count, cpus]) => {
      const set = new Set(cpus);
      expect(parseMask(`${formatMask(set, count)}\n`, count)).toEqual(set);
      expect(parseList(`${formatList(set)}\n`, count)).toEqual(set);
    }),
  );
});

test("a mask shows as many digits as there may be cpus", () => {
  expect(formatMask(new Set([0]), 4)).toBe("1");
  expect(formatMask(new Set([0]), 33)).toBe("0,00000001");
  expect(formatMask(new Set(), 64)).toBe("00000000,00000000");
});

test("a fixed text that does not fit in 511 bytes is dropped whole, and what follows it as well", () => {
  const status = new CommandStatus();
  status.formatted("x".repeat(500));
  status.fixed("eleven here");
  expect(status.shown).toHaveLength(511);
  status.clear();
  status.formatted("x".repeat(500));
  status.fixed("twelve bytes");
  status.formatted("y");
  status.fixed("z");
  expect(status.shown).toBe(`${"x".repeat(500)}[truncated]\n`);
});

test.each([
  ["f", 8, [0, 1, 2, 3]],
  ["0x1", 8, "EINVAL"],
  ["1,00000000", 40, [32]],
  ["01,", 8, [0]],
  ["-1,0,-1", 8, "EINVAL"],
  ["x,1", 8, "EOVERFLOW"],
  ["x,1", 40, "EINVAL"],
  ["123456789", 40, "EOVERFLOW"],
  ["z123456789", 40, "EOVERFLOW"],
  ["z12345678", 40, "EINVAL"],
  ["1z345678912", 40, "EOVERFLOW"],
  ["100", 8, "EOVERFLOW"],
] as const)("the mask %j of %i cpus is %j: what is wrong is looked for from the end", (text, count, found) => {
  const cpus = parseMask(`${text}\n`, count);
  expect(typeof cpus === "string" ? cpus : [...cpus]).toEqual(found);
});

test.each([
  ["4294967296,100", "EOVERFLOW"],
  ["100", "ERANGE"],
  ["2-1", "EINVAL"],
  ["0-7:0/4", []],
  ["0-7:5/4", "EINVAL"],
  ["0-7:1/0", "EINVAL"],
  ["0-7:2/4", [0, 1, 4, 5]],
  ["N", [7]],
  ["n", "EINVAL"],
  ["All:1/8", [0]],
  ["1-", "EINVAL"],
  [",1 ,,2,", [1, 2]],
] as const)("the list %j of 8 cpus is %j", (text, found) => {
  const cpus = parseList(`${text}\n`, 8);
  expect(typeof cpus === "string" ? cpus : [...cpus]).toEqual(found);
});

test("behind a pattern in a list a newline separates in linux-7.3, and ends the list where that is repaired", () => {
  expect(parseList("0-3:1/2\n3\n", 8)).toEqual(new Set([0, 2]));
  expect(parseList("0-3:1/2\n3\n", 8, LINUX_7_3)).toEqual(new Set([0, 2, 3]));
  expect(parseList("0\n3\n", 8, LINUX_7_3)).toEqual(new Set([0]));
});
