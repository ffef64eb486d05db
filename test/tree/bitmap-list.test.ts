// Portions as text. Expected values are the rows of the reference's table (more.md 4.4); random text goes to a second reader that was
// written from the rules of that section.

import fc from "fast-check";
import { expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { formatBitmapList, type ListRules, parseBitmapList } from "../../src/tree/index.ts";

const RULES: ListRules = { bits: 16 };

function mask(bits: readonly boolean[]): number {
  return bits.reduce((sum, bit, at) => (bit ? sum + 2 ** at : sum), 0);
}

/** The mask, or the errno. */
function parsed(text: string, rules = RULES): number | string {
  try {
    return mask(parseBitmapList(text, rules));
  } catch (error) {
    if (error instanceof ErrnoError) return error.code;
    throw error;
  }
}

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
])("of 16 portions %j is %i and prints %j", (text, value, printed) => {
  expect(parsed(text)).toBe(value);
  expect(formatBitmapList(parseBitmapList(text, RULES))).toBe(`${printed}\n`);
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
])("of 16 portions %j is %s", (text, code) => {
  expect(parsed(text)).toBe(code);
});

test.each([
  ["", 0],
  [",\t 5 , ", 0x20],
  ["ALL", 0xffff],
  ["aLl:1/8", 0x0101],
  ["N", 0x8000],
  ["0-N:1/N", 0x8001],
  ["007", 0x80],
  ["4294967295", "ERANGE"],
  ["3:1/2", "EINVAL"],
  ["n", "EINVAL"],
  ["1\0,x", 2],
  ["1\n\0x", 2],
])("and %j is %s", (text, value) => {
  expect(parsed(text)).toBe(value);
});

test("a syntax error comes before a number that is too large, that before the order, and that before the width", () => {
  expect(parsed("4294967296-x")).toBe("EINVAL");
  expect(parsed("99-4294967296")).toBe("EOVERFLOW");
  expect(parsed("99-98")).toBe("EINVAL");
  expect(parsed("98-99:3/2")).toBe("EINVAL");
  expect(parsed("98-99")).toBe("ERANGE");
});

test("the first region that is wrong decides", () => {
  expect(parsed("16,x")).toBe("ERANGE");
  expect(parsed("x,16")).toBe("EINVAL");
});

test("a newline after used/group separates in the modules of 2022, and ends the list here as any other", () => {
  const old = { bits: 16, newlineAfterPattern: true };
  expect(parsed("0-7:1/4\n8")).toBe(0x011);
  expect(parsed("0-7:1/4\n8", old)).toBe(0x111);
  expect(parsed("0-7:1/4,3\n8", old)).toBe(0x019);
  expect(parsed("0-7:1/4\nx", old)).toBe("EINVAL");
  expect(parsed("0-3\n8", old)).toBe(0x00f);
});

const bitmaps = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 });

test("what is printed is read as it was", () => {
  fc.assert(
    fc.property(bitmaps, (bits) => {
      expect(parseBitmapList(formatBitmapList(bits), { bits: bits.length })).toEqual(bits);
    }),
  );
});

test("what is printed has no two runs that touch, goes up, and names no single bit as a run", () => {
  fc.assert(
    fc.property(bitmaps, (bits) => {
      const text = formatBitmapList(bits);
      expect(text).toMatch(/^(\d+(-\d+)?(,\d+(-\d+)?)*)?\n$/);
      const runs = text
        .trim()
        .split(",")
        .flatMap((run) => (run === "" ? [] : [run.split("-").map(Number)]));
      let after = -2;
      for (const [first = 0, last] of runs) {
        expect(first).toBeGreaterThan(after + 1);
        if (last !== undefined) expect(last).toBeGreaterThan(first);
        after = last ?? first;
      }
    }),
  );
});

/** The rules once more, character by character. */
function naive(text: string, { bits, newlineAfterPattern = false }: ListRules): number | string {
  const set = new Set<number>();
  const input = text.includes("\0") ? text.slice(0, text.indexOf("\0")) : text;
  const lines = input.split("\n");
  let last = "";
  for (const line of lines) {
    for (const word of line.split(/[\s,]+/)) {
      if (word === "") continue;
      last = word;
      const [range = "", ...patterns] = word.split(":");
      const ends = range.toLowerCase() === "all" ? ["0", "N"] : range.split("-");
      if (patterns.length > 1 || ends.length > 2 || (patterns.length > 0 && ends.length < 2)) return "EINVAL";
      const pattern = patterns.length === 0 ? ["1", "1"] : (patterns[0] as string).split("/");
      if (pattern.length !== 2) return "EINVAL";
      const all = [...ends, ...pattern];
      if (!all.every((number) => number === "N" || (number !== "" && [...number].every((c) => c >= "0" && c <= "9")))) {
        return "EINVAL";
      }
      const [first, until, used, group] = [ends[0], ends.at(-1), ...pattern].map((number) =>
        number === "N" ? bits - 1 : Number(number),
      ) as [number, number, number, number];
      if ([first, until, used, group].some((number) => number > 4294967295)) return "EOVERFLOW";
      if (first > until || group === 0 || used > group) return "EINVAL";
      if (until > bits - 1) return "ERANGE";
      for (let at = first; at <= until; at += group) {
        for (let i = 0; i < used; i++) if (at + i <= until) set.add(at + i);
      }
    }
    if (!(newlineAfterPattern && last.includes(":"))) break;
  }
  return [...set].reduce((sum, bit) => sum + 2 ** bit, 0);
}

const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20).map(String) },
  { weight: 6, arbitrary: fc.constantFrom(",", "-", ":", "/", " ", "\n") },
  { weight: 4, arbitrary: fc.tuple(fc.nat(18), fc.nat(18)).map(([a, b]) => `${a}-${b}`) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(8), fc.nat(18), fc.nat(5), fc.nat(5)).map(([a, b, c, d]) => `${a}-${b}:${c}/${d}`),
  },
  { weight: 2, arbitrary: fc.constantFrom("N", "all", "ALL", "n", "\n", "\t", "4294967295", "4294967296", "0x1") },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
const lists = fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join(""));

test("random text is read as by a second reader, and nothing else is thrown", () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 40 }), fc.boolean(), (text, bits, newlineAfterPattern) => {
      const rules = { bits, newlineAfterPattern };
      expect(parsed(text, rules)).toBe(naive(text, rules));
    }),
    { numRuns: 3000 },
  );
});
