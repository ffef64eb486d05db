import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bandwidthGranularity, mbwMaxToPercent, minBandwidth, percentToMbwMax } from "../../src/resctrl/index.ts";
import vectors from "../golden/resctrl-vectors.json" with { type: "json" };

const golden = vectors.fixed_point;

describe.each(Object.entries(golden.per_width))("a bandwidth control of %s bits", (width, expected) => {
  const wd = Number(width);

  test("turns every percentage into the expected register value, and reads it back as expected", () => {
    const percents = expected.percent_to_mbw_max.map((_, percent) => percent);
    expect(percents.map((percent) => percentToMbwMax(percent, wd))).toEqual(expected.percent_to_mbw_max.map(Number));
    expect(percents.map((percent) => mbwMaxToPercent(percentToMbwMax(percent, wd), wd))).toEqual(
      expected.readback_percent,
    );
  });

  test("has the expected minimum, granularity and full scale", () => {
    expect(minBandwidth(wd)).toBe(expected.min_bw);
    expect(bandwidthGranularity(wd)).toBe(expected.bw_gran);
    expect(percentToMbwMax(100, wd)).toBe(Number(expected.reset_mbw_max));
  });
});

test("each band of a narrow control has the percentage of its upper edge", () => {
  for (const [wd, bands] of Object.entries(golden.mbw_max_to_percent)) {
    for (const [value, percent] of bands as [string, number][]) {
      expect(mbwMaxToPercent(Number(value), Number(wd))).toBe(percent);
    }
  }
});

test("the granularity is 0 without a control and at least 1 with one", () => {
  for (const { width, gran } of golden.kunit_granularity) expect(bandwidthGranularity(width)).toBe(gran);
});

test("the architecture's reference fractions are met or exceeded by at most one step", () => {
  for (const c of golden.kunit_reference_cases) {
    const raw = percentToMbwMax(c.percent, c.width) >> (16 - c.width);
    expect(raw - Number(c.reference_value)).toBeOneOf([0, 1]);
    expect(percentToMbwMax(c.percent, c.width)).toBe(Number(c.driver_value));
  }
});

test("more than 100 percent is 100 percent, never the minimum that 7.3 wraps to", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 100, max: 255 }), (wd, percent) => {
      expect(percentToMbwMax(percent, wd)).toBe(percentToMbwMax(100, wd));
    }),
  );
});

test("with 7 bits or more every percentage from the minimum on survives the register", () => {
  fc.assert(
    fc.property(fc.integer({ min: 7, max: 16 }), fc.integer({ min: 1, max: 100 }), (wd, percent) => {
      expect(mbwMaxToPercent(percentToMbwMax(percent, wd), wd)).toBe(percent);
    }),
  );
});
