// Numbers in the register view.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  extentOf,
  fieldOf,
  readNumber,
  showField,
  showHex,
  withField,
} from "../../../src/web/panels/registers/numbers.ts";

test("numbers are decimal, hexadecimal or binary, with _ between digits", () => {
  expect(readNumber(" 0xFF_ff ", 0xffffn)).toBe(0xffffn);
  expect(readNumber("0b1010", 15n)).toBe(10n);
  expect(readNumber("010", 15n)).toBe(10n);
  for (const text of ["", "x", "-1", "1.5", "0x", "1e3", "16"]) expect(readNumber(text, 15n)).toBeUndefined();
});

test("hexadecimal has all its digits, in fours", () => {
  expect(showHex(0)).toBe("0x0000_0000");
  expect(showHex(0xdead_beef)).toBe("0xdead_beef");
  expect(showHex(0x8000_0000_0000_0001n, 64)).toBe("0x8000_0000_0000_0001");
  expect(showField(15n, 4)).toBe("15");
  expect(showField(0xffffn, 16)).toBe("0xffff");
});

test("a field goes into a word and comes out, and touches nothing else", () => {
  const masks = fc.tuple(fc.nat({ max: 63 }), fc.nat({ max: 63 })).map(([a, b]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return { low, bits: high - low + 1, mask: ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low) };
  });
  const words = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(words, words, masks, (word, value, { low, bits, mask }) => {
      expect(extentOf(mask)).toEqual({ low, bits });
      const small = value & (mask >> BigInt(low));
      const after = withField(word, mask, small);
      expect(fieldOf(mask, after)).toBe(small);
      expect(after & ~mask).toBe(word & ~mask);
    }),
  );
});
