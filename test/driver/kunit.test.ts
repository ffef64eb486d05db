// What the kernel's own tests of this driver assert (linux-driver.md 11). Bitmaps are in configure.test.ts, merging in
// props.test.ts, conversions here.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bandwidthGranularity, mbwMaxToPercent, minBandwidth, percentToMbwMax } from "../../src/resctrl/index.ts";
import kunit from "../golden/kunit.json" with { type: "json" };

test("every case of both suites has a test", () => {
  const here = readFileSync(new URL(import.meta.url), "utf8");
  const elsewhere = ["test_mpam_reset_msc_bitmap", "test_mpam_enable_merge_features", "test__props_mismatch"];
  expect(kunit.cases.mpam_devices_test_suite).toEqual(elsewhere);
  for (const name of kunit.cases.mpam_resctrl_test_suite) expect(here).toContain(`test("${name}`);
});

test("test_get_mba_granularity", () => {
  for (const { bwa_wd, expect_usable } of kunit.usable) expect(bandwidthGranularity(bwa_wd) > 0).toBe(expect_usable);
  for (const { bwa_wd, expect_percent } of kunit.granularity) expect(bandwidthGranularity(bwa_wd)).toBe(expect_percent);
});

test("test_mbw_max_to_percent", () => {
  expect(kunit.values).toHaveLength(42);
  for (const { width, mbw_max_16bit, assert_mbw_max_to_percent } of kunit.values) {
    expect(mbwMaxToPercent(mbw_max_16bit, width)).toBe(assert_mbw_max_to_percent);
  }
});

test("test_percent_to_mbw_max", () => {
  for (const { percent, width, assert_percent_to_mbw_max, derived_percent_to_mbw_max } of kunit.values) {
    const value = percentToMbwMax(percent, width);
    expect(value).toBeGreaterThanOrEqual(assert_percent_to_mbw_max.min);
    expect(value).toBeLessThanOrEqual(assert_percent_to_mbw_max.max);
    expect(value).toBe(derived_percent_to_mbw_max);
    if (percent === 100) expect(value).toBe(0x1_0000 - 2 ** (16 - width));
  }
});

test("test_mbw_max_to_percent_limits", () => {
  expect(kunit.limits).toHaveLength(16);
  for (const limit of kunit.limits) {
    const { width, max_value, assert_percent_of_max, assert_percent_of_zero_is_0, derived_percent_of_zero } = limit;
    expect(mbwMaxToPercent(max_value, width)).toBe(assert_percent_of_max);
    expect(mbwMaxToPercent(0, width)).toBe(minBandwidth(width));
    expect(mbwMaxToPercent(0, width)).toBe(derived_percent_of_zero);
    if (assert_percent_of_zero_is_0) expect(mbwMaxToPercent(0, width)).toBe(0);
    expect(bandwidthGranularity(width)).toBe(limit.derived_granularity);
  }
});

test("test_percent_to_max_rounding", () => {
  const up = kunit.values.filter(
    ({ percent, width, mbw_max_16bit }) => percentToMbwMax(percent, width) > mbw_max_16bit,
  );
  const { total, derived_rounded_up } = kunit.roundedUp;
  expect(up.length).toBe(derived_rounded_up);
  expect(4 * up.length).toBeGreaterThanOrEqual(total);
  expect(4 * up.length).toBeLessThanOrEqual(3 * total);
});

test("test_percent_max_roundtrip_stability", () => {
  expect(kunit.roundTrips).toHaveLength(16);
  for (const { width, domain } of kunit.roundTrips) {
    if ("below" in domain) {
      for (let value = domain.from_value ?? 0; value < (domain.below ?? 0); value += domain.step) {
        expect(percentToMbwMax(mbwMaxToPercent(value, width), width)).toBe(value);
      }
    } else {
      for (let percent = domain.from_percent ?? 0; percent <= (domain.to_percent ?? 0); percent += domain.step) {
        expect(mbwMaxToPercent(percentToMbwMax(percent, width), width)).toBe(percent);
      }
    }
  }
});
