// The kernel's own tests of conversions (linux-driver.md 11.4, 11.5) beside those of convert.test.ts.

import { describe, expect, test } from "vitest";
import { bandwidthGranularity, mbwMaxToPercent, minBandwidth, percentToMbwMax } from "../../src/resctrl/index.ts";
import { MBA_USABLE, PERCENT_LIMITS, PERCENT_ROUND_TRIPS, PERCENT_ROUNDED_UP } from "../golden/driver-tables.ts";
import vectors from "../golden/resctrl-vectors.json" with { type: "json" };

const golden = vectors.fixed_point;

test.each(MBA_USABLE)("MBW_MAX of %i bits can be used: %s", (bwaWd, usable) => {
  expect(bandwidthGranularity(bwaWd) > 0).toBe(usable);
});

test.each(PERCENT_LIMITS)(
  "of %i bits the largest value is 100 %%, and 0 is the minimum",
  (bwaWd, largest, percentOfZero) => {
    expect(mbwMaxToPercent(largest, bwaWd)).toBe(100);
    expect(percentToMbwMax(100, bwaWd)).toBe(largest);
    expect([mbwMaxToPercent(0, bwaWd), minBandwidth(bwaWd)]).toEqual([percentOfZero, percentOfZero]);
  },
);

test("each reference case has its percentage", () => {
  for (const { width, reference_value, reference_to_percent } of golden.kunit_reference_cases) {
    expect(mbwMaxToPercent(Number(reference_value) << (16 - width), width)).toBe(reference_to_percent);
  }
});

test("of the reference cases a quarter to three quarters are rounded up", () => {
  const cases = golden.kunit_reference_cases;
  const up = cases.filter(({ percent, width, reference_value }) => {
    return percentToMbwMax(percent, width) > Number(reference_value) << (16 - width);
  });
  expect({ of: cases.length, up: up.length }).toEqual(PERCENT_ROUNDED_UP);
});

describe("what comes back as it was", () => {
  for (const one of PERCENT_ROUND_TRIPS) {
    test(`of ${one.bwaWd} bits: ${"valueStep" in one ? "every value" : "every percentage"}`, () => {
      if ("valueStep" in one) {
        for (let value = 0; value < 0x1_0000; value += one.valueStep) {
          expect(percentToMbwMax(mbwMaxToPercent(value, one.bwaWd), one.bwaWd)).toBe(value);
        }
      } else {
        for (let percent = one.fromPercent; percent <= 100; percent++) {
          expect(mbwMaxToPercent(percentToMbwMax(percent, one.bwaWd), one.bwaWd)).toBe(percent);
        }
      }
    });
  }
});
