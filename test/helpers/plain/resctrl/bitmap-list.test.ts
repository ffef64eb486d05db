// The plain model's lists of bits beside the table of more.md section 4.4.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ListOddities, parseList } from "./bitmap-list.ts";
import { SMALL_SHAPES } from "./shapes.ts";
import { printList } from "./text.ts";
import { hostile } from "./texts.ts";

const BITS = 16;
const REPAIRED: ListOddities = { newlineAfterPattern: false };
const ODD: ListOddities = { newlineAfterPattern: true };

/** The bits as a mask, or an errno. */
function parsed(text: string, count = BITS, oddities = REPAIRED): number | string {
  const set = parseList(text, count, oddities);
  return "errno" in set ? set.errno : set.cpus.reduce((mask, bit) => mask + 2 ** bit, 0);
}

describe.each([
  ["as repaired", REPAIRED],
  ["linux-7.3", ODD],
])("%s, of 16 bits", (_, oddities) => {
  test.each([
    ["0-7", 0x00ff, "0-7"],
    ["6,9", 0x0240, "6,9"],
    ["6-7", 0x00c0, "6-7"],
    ["3,2,1", 0x000e, "1-3"],
    ["1 2", 0x0006, "1-2"],
    ["1,,2", 0x0006, "1-2"],
    ["8-N", 0xff00, "8-15"],
    ["all", 0xffff, "0-15"],
    ["0-15:2/4", 0x3333, "0-1,4-5,8-9,12-13"],
    ["0-3:0/2", 0x0000, ""],
    ["\n", 0x0000, ""],
    ["0-3\n8", 0x000f, "0-3"],
  ])("%j is %i and is shown as %j", (text, mask, shown) => {
    expect(parsed(text, BITS, oddities)).toBe(mask);
    const set = parseList(text, BITS, oddities);
    expect("cpus" in set && printList(new Set(set.cpus))).toBe(`${shown}\n`);
  });

  test.each([
    ["7-4", "EINVAL"],
    ["16", "ERANGE"],
    ["0-16", "ERANGE"],
    ["0x3", "EINVAL"],
    ["-1", "EINVAL"],
    ["1-", "EINVAL"],
    ["1;2", "EINVAL"],
    ["allx", "EINVAL"],
    ["4294967296", "EOVERFLOW"],
    ["0-3:3/2", "EINVAL"],
    ["0-3:1/0", "EINVAL"],
    ["0-3:0/0", "EINVAL"],
  ])("%j is %s", (text, errno) => {
    // Nor with a newline, nor behind what is right.
    const texts = [text, `${text}\n`, `0-3,${text}`];
    expect(texts.map((one) => parsed(one, BITS, oddities))).toEqual([errno, errno, errno]);
  });
});

test("separators are commas and blanks, as many as there are, also at the ends", () => {
  const lists = [",6,9", "6,9,", " \t,6\v\f\r9, ,\n", "\u00a06,\u00a09\u00a0\n", "6, ,,9,"];
  expect(lists.map((text) => parsed(text))).toEqual(lists.map(() => 0x0240));
  expect(["", ",", " , \n", "\t"].map((text) => parsed(text))).toEqual([0, 0, 0, 0]);
});

test("N is the last bit, and all is written in any case", () => {
  expect(parsed("N")).toBe(0x8000);
  expect(parsed("N", 8)).toBe(0x80);
  expect(["All", "aLL", "ALL", "all,3"].map((text) => parsed(text))).toEqual([0xffff, 0xffff, 0xffff, 0xffff]);
  expect(["n", "3-n", "N-3", "N3", "3N", "all-3", "0-all"].map((text) => parsed(text))).toEqual(
    new Array(7).fill("EINVAL"),
  );
});

test("a pattern counts from where its range begins, and is cut at its end", () => {
  expect(parsed("1-6:2/4")).toBe(0b0110_0110);
  expect(parsed("1-5:2/4")).toBe(0b0010_0110);
  expect(parsed("all:1/8")).toBe(0x0101);
  expect(parsed("4-7:1/4294967295")).toBe(0x0010);
  expect(["3:1/2", "0-3:1", "0-3:/2", "0-3:1/", "0-3:1/2/3", "0-3:1/2-5"].map((text) => parsed(text))).toEqual(
    new Array(6).fill("EINVAL"),
  );
});

test("N counts in a pattern too", () => {
  expect(parsed("0-N:1/N")).toBe(0x8001);
  expect(parsed("all:N/N")).toBe(0xffff);
  expect(parsed("1-N:N/N")).toBe(0xfffe);
  expect(parsed("0-7:0/N")).toBe(0);
  expect(parsed("0-7:2/N", 8)).toBe(0x83);
  expect(parsed("0-7:N/8", 8)).toBe(0x7f);
  expect(["0-3:N/4", "0-3:1/n", "0-3:1/3N", "3:1/N"].map((text) => parsed(text))).toEqual(new Array(4).fill("EINVAL"));
  // Of one bit N is 0, and no group is of none.
  expect(parsed("all:0/N", 1)).toBe("EINVAL");
});

/** What it is as repaired, and in linux-7.3. */
function bothWays(text: string, count = BITS) {
  return [REPAIRED, ODD].map((oddities) => parsed(text, count, oddities));
}

test("a newline ends a list, but in linux-7.3 it separates behind a pattern", () => {
  expect(bothWays("0-3\nx")).toEqual([0x000f, 0x000f]);
  expect(bothWays("0-3,\n8")).toEqual([0x000f, 0x000f]);
  expect(bothWays("\n8")).toEqual([0, 0]);
  expect(bothWays("0-3:1/2\n")).toEqual([0x0005, 0x0005]);
  expect(bothWays("0-3:1/2\n8")).toEqual([0x0005, 0x0105]);
  expect(bothWays("0-3:1/2 ,\n\n,8")).toEqual([0x0005, 0x0105]);
  expect(bothWays("all:1/8\n1")).toEqual([0x0101, 0x0103]);
  // Only the one behind the pattern.
  expect(bothWays("0-3:1/2\n8\n9")).toEqual([0x0005, 0x0105]);
  expect(bothWays("0-3:1/2,8\n9")).toEqual([0x0105, 0x0105]);
  expect(bothWays("0-3:1/2\n8-9:1/2\n1")).toEqual([0x0005, 0x0107]);
  expect(bothWays("0-3:1/2\nx")).toEqual([0x0005, "EINVAL"]);
  expect(bothWays("0-3:1/2\n16")).toEqual([0x0005, "ERANGE"]);
});

test("lists are drawn that a newline behind a pattern makes two of, and patterns that count with N", () => {
  const shape = SMALL_SHAPES.small!;
  const drawn = fc.sample(hostile(shape).cpus_list, { seed: 1, numRuns: 2000 });
  const differing = drawn.map((text) => bothWays(text, shape.cpus)).filter(([repaired, odd]) => repaired !== odd);
  expect(differing.filter(([, odd]) => typeof odd === "number").length).toBeGreaterThan(20);
  expect(differing.filter(([, odd]) => typeof odd === "string").length).toBeGreaterThan(5);
  const counted = drawn.filter((text) => /:N\/|\/N/.test(text)).map((text) => parsed(text, shape.cpus));
  expect(counted.filter((mask) => typeof mask === "number").length).toBeGreaterThan(20);
  expect(counted).toContain("EINVAL");
});

test("of two faults in a region the form comes first, then the size, the order, the range", () => {
  expect(parsed("4294967296-")).toBe("EINVAL");
  expect(parsed("4294967296-0")).toBe("EOVERFLOW");
  expect(parsed("0-3:1/4294967296")).toBe("EOVERFLOW");
  expect(parsed("4294967295")).toBe("ERANGE");
  expect(parsed("20-17")).toBe("EINVAL");
  expect(parsed("0-20:1/0")).toBe("EINVAL");
  expect(parsed("0-20:1/2")).toBe("ERANGE");
});

test("of two regions the first that is wrong decides", () => {
  expect(parsed("16,x")).toBe("ERANGE");
  expect(parsed("x,16")).toBe("EINVAL");
  expect(parsed("4294967296,7-4")).toBe("EOVERFLOW");
});
