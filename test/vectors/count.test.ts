// Every vector there is is run somewhere, and each of these tests knows which.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { appliedBy, golden, isRounded, onMachine, wayOfSchemata } from "./ways.ts";

/** What the reference has, by section. */
const THERE_ARE = {
  ...{ schemata: 114, mbm_L3_assignments: 21, tasks: 13, mode: 6, mon_data_error_map: 5 },
  ...{ size_file: 3, bit_usage: 3, schemata_display: 4, rmid_idx: 40, cdp_partids: 6, occupancy_threshold: 4 },
  ...{ per_width: 16, kunit_reference_cases: 42, kunit_granularity: 7, kunit_usable: 3 },
};

test("none has been lost", () => {
  const { fixed_point: fixed, rmid_idx: rmid } = golden;
  expect({
    schemata: golden.schemata.cases.length,
    mbm_L3_assignments: golden.mbm_L3_assignments.cases.length,
    tasks: golden.tasks.cases.length,
    mode: golden.mode.length,
    mon_data_error_map: golden.mon_data_error_map.length,
    size_file: golden.size_file.length,
    bit_usage: golden.bit_usage.length,
    schemata_display: golden.schemata_display.length,
    rmid_idx: rmid.cases.length,
    cdp_partids: rmid.cdp_partids.length,
    occupancy_threshold: rmid.occupancy_threshold.length,
    per_width: Object.keys(fixed.per_width).length,
    kunit_reference_cases: fixed.kunit_reference_cases.length,
    kunit_granularity: fixed.kunit_granularity.length,
    kunit_usable: fixed.kunit_usable.length,
  }).toEqual(THERE_ARE);
  const ids = golden.schemata.cases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("lines of schemata: 92 on machines both ways, 2 one way, 15 with made-up resources, 5 where no file leads", () => {
  const ways = golden.schemata.cases.map(wayOfSchemata);
  const onMachines = ways.flatMap((way) => (way.on === "machine" ? [way.kernels.length] : []));
  expect({
    bothWays: onMachines.filter((kernels) => kernels === 2).length,
    oneWay: onMachines.filter((kernels) => kernels === 1).length,
    fakes: ways.filter(({ on }) => on === "fakes").length,
    refused: ways.filter(({ on }) => on === "mode file").length,
  }).toEqual({ bothWays: 92, oneWay: 2, fakes: 15, refused: 5 });
});

test("lines that are rounded under compat come to something else without, or to what the vector says by chance", () => {
  const rounded = golden.schemata.cases.filter((one) => isRounded(one, "linux-7.3") && appliedBy(one).length > 0);
  expect(rounded.map(({ id }) => id)).toEqual(["S065", "S067", "S069", "S070", "S072", "S111"]);
});

test("what is left to made-up resources is run in tests that read the same file", async () => {
  const left = {
    size: golden.size_file.filter((one) => !onMachine.size(one)).length,
    bitUsage: golden.bit_usage.filter((one) => !onMachine.bitUsage(one)).length,
    errorMap: golden.mon_data_error_map.filter((one) => !onMachine.errorMap(one)).length,
  };
  expect(left).toEqual({ size: 1, bitUsage: 2, errorMap: 2 });
  for (const file of ["fs/schemata", "fs/files", "resctrl/convert", "resctrl/kunit", "resctrl/hooks"]) {
    const text = await readFile(new URL(`../${file}.test.ts`, import.meta.url), "utf8");
    expect(text).toContain("../golden/resctrl-vectors.json");
  }
});
