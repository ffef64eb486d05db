// The tables of linux-driver.md 3.3 and 6.1, row by row.

import { describe, expect, test } from "vitest";
import { Driver, type Feature, type Props } from "../../src/driver/index.ts";
import { emptyProps, mergeAliases, mergeDistinct } from "../../src/driver/props.ts";
import {
  ALLOCATION,
  ALLOCATION_WITHOUT,
  MERGE_CASES,
  MERGE_CHILD_LACKS,
  MERGE_FEATURES,
  MERGE_GROUPS,
  MERGE_PRIORITY_LACKS,
  type MergeCase,
} from "../golden/driver-tables.ts";
import { CACHE_RIS, machineWith } from "./machine.ts";

const WIDTHS: { readonly [width: string]: keyof Omit<Props, "features"> } = {
  cpbm_wd: "cpbmWd",
  mbw_pbm_bits: "mbwPbmBits",
  bwa_wd: "bwaWd",
  cmax_wd: "cmaxWd",
  cassoc_wd: "cassocWd",
  num_csu_mon: "numCsuMon",
  num_mbwu_mon: "numMbwuMon",
  intpri_wd: "intpriWd",
  dspri_wd: "dspriWd",
};

function props(features: readonly string[], widths: Partial<Props> = {}): Props {
  return { ...emptyProps(), ...widths, features: new Set(features as readonly Feature[]) };
}

function merged(alias: boolean, parent: Props, child: Props): Props {
  if (alias) return mergeAliases([parent, child]);
  mergeDistinct(parent, child);
  return parent;
}

describe("merging", () => {
  for (const { features, width, policy } of MERGE_GROUPS) {
    const [feature] = features as [string];
    const key = WIDTHS[width] as keyof Omit<Props, "features">;
    const side = ({ has, width: wd }: MergeCase["parent"]): Props => props(has ? [feature] : [], { [key]: wd });
    const lacking = feature.endsWith("pri_part") ? MERGE_PRIORITY_LACKS : MERGE_CHILD_LACKS;
    for (const one of [...MERGE_CASES[policy], lacking]) {
      const words = ({ has, width: wd }: MergeCase["parent"]): string => `${has ? "has" : "lacks"} it, ${wd}`;
      const title = `${feature}: parent ${words(one.parent)}; child ${words(one.child)}`;
      test(`${title}; ${one.alias ? "of one MSC" : "of a class"}`, () => {
        const { features: left, [key]: wd } = merged(one.alias, side(one.parent), side(one.child));
        expect({ has: left.has(feature as Feature), width: wd }).toEqual(one.merged);
      });
    }
  }

  for (const { what, alias, parent, child, merged: expected } of MERGE_FEATURES) {
    test(what, () => {
      const widths = { bwaWd: 4, cmaxWd: 4, intpriWd: 2, dspriWd: 2, numMbwuMon: 3 };
      expect(merged(alias, props(parent, widths), props(child, widths)).features).toEqual(new Set(expected));
    });
  }
});

describe("allocation", () => {
  const driverOn = async (monitors: number) => {
    const { machine, firmware } = machineWith([{ ris: [{ ...CACHE_RIS, 136: monitors }] }]);
    const driver = await Driver.probe(machine, { firmware });
    return { driver, ofClass: driver.classes[0]!.components[0]!.class };
  };

  test("gives out the lowest that is free, until none is", async () => {
    const { driver, ofClass } = await driverOn(3);
    for (const step of ALLOCATION) {
      if ("free" in step) driver.freeMonitor(ofClass, "csu", step.free);
      else if (typeof step.alloc === "number") expect(driver.allocMonitor(ofClass, "csu")).toBe(step.alloc);
      else expect(() => driver.allocMonitor(ofClass, "csu")).toThrow(step.alloc);
    }
  });

  test("of a type that the class lacks is refused", async () => {
    const { driver, ofClass } = await driverOn(3);
    expect(() => driver.allocMonitor(ofClass, "mbwu")).toThrow(ALLOCATION_WITHOUT);
  });
});
