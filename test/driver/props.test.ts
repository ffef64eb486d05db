// What RIS, vMSC and class have in common.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ClassNode, Tree } from "../../src/driver/classes.ts";
import { LINUX_7_3, type Oddities, REPAIRED } from "../../src/driver/compat.ts";
import type { Feature, Props } from "../../src/driver/index.ts";
import { Msc } from "../../src/driver/msc.ts";
import { copyProps, emptyProps, mergeAliases, mergeDistinct } from "../../src/driver/props.ts";
import { FEATURES } from "../golden/driver-features.ts";
import { firmwareFor } from "./machine.ts";

const WIDTHS = {
  cpbm_wd: "cpbmWd",
  mbw_pbm_bits: "mbwPbmBits",
  bwa_wd: "bwaWd",
  cmax_wd: "cmaxWd",
} as const;

interface SomeProps {
  readonly features?: readonly string[];
  readonly widths?: { readonly [width in keyof typeof WIDTHS]?: number };
}

interface Scenario {
  readonly id: string;
  readonly layout: readonly (readonly (readonly string[])[])[];
  readonly ris: { readonly [name: string]: SomeProps };
  readonly expect: {
    readonly class_features_present: readonly Feature[];
    readonly class_features_absent: readonly Feature[];
    readonly class_widths: NonNullable<SomeProps["widths"]>;
    readonly vmsc1_features_present?: readonly Feature[];
    readonly vmsc1_widths?: NonNullable<SomeProps["widths"]>;
  };
}

const { scenarios } = JSON.parse(readFileSync(new URL("../golden/driver-merge.json", import.meta.url), "utf8")) as {
  readonly scenarios: readonly Scenario[];
};

function props(features: readonly string[], widths: Partial<Omit<Props, "features">> = {}): Props {
  return { ...emptyProps(), ...widths, features: new Set(features as readonly Feature[]) };
}

function propsOf(some: SomeProps | undefined): Props {
  const widths: Partial<Record<keyof Props, number>> = {};
  for (const [name, value] of Object.entries(some?.widths ?? {})) {
    widths[WIDTHS[name as keyof typeof WIDTHS]] = value;
  }
  return props(some?.features ?? [], widths);
}

function mscs(count: number): Msc[] {
  const parts = Array.from({ length: count }, () => ({ ris: [] }));
  const bus = { sleeps: false, read32: async () => 0, write32: async () => {} };
  return firmwareFor(parts).mscs.map((described) => new Msc(described, bus, () => {}));
}

/** A class as the scenario lays it out, each vMSC on an MSC of its own, merged. */
function mergedClass(scenario: Scenario, order: "given" | "reversed", odd: Oddities): ClassNode {
  const tree = new Tree(odd);
  const all = mscs(4);
  const wanted = scenario.layout.flatMap((component, at) =>
    component.flatMap((vmsc, v) => vmsc.map((name) => ({ at, msc: all[2 * at + v]!, name }))),
  );
  if (order === "reversed") wanted.reverse();
  for (const { at, msc, name } of wanted) {
    const place = { type: "cache", level: 3, id: at + 1, cpus: [] } as const;
    tree.add(msc, name === "ris1" ? 1 : 2, place).props = propsOf(scenario.ris[name]);
  }
  const [one] = tree.classes;
  one!.merge(odd);
  return one!;
}

describe("merging, as the kernel's own tests have it", () => {
  for (const scenario of scenarios) {
    for (const [order, odd, how] of [
      ["given", REPAIRED, ""],
      ["reversed", REPAIRED, ""],
      ["given", LINUX_7_3, ", as Linux 7.3"],
      ["reversed", LINUX_7_3, ", as Linux 7.3"],
    ] as const) {
      test(`${scenario.id}, RIS added in ${order} order${how}`, () => {
        const one = mergedClass(scenario, order, odd);
        for (const feature of scenario.expect.class_features_present) expect(one.props.features).toContain(feature);
        for (const feature of scenario.expect.class_features_absent) expect(one.props.features).not.toContain(feature);
        for (const [name, width] of Object.entries(scenario.expect.class_widths)) {
          expect(one.props[WIDTHS[name as keyof typeof WIDTHS]]).toBe(width);
        }
        const vmsc = one.components.find(({ id }) => id === 1)!.vmscs[0]!;
        for (const feature of scenario.expect.vmsc1_features_present ?? []) {
          expect(vmsc.props.features).toContain(feature);
        }
        for (const [name, width] of Object.entries(scenario.expect.vmsc1_widths ?? {})) {
          expect(vmsc.props[WIDTHS[name as keyof typeof WIDTHS]]).toBe(width);
        }
      });
    }
  }

  test("a parent without anything stays so beside a child with everything, and becomes it as its alias", () => {
    const ones = props(FEATURES, {
      ...{ cpbmWd: 0xffff, mbwPbmBits: 0xffff, bwaWd: 0xffff, cmaxWd: 0xffff, cassocWd: 0xffff },
      ...{ intpriWd: 0xffff, dspriWd: 0xffff, numCsuMon: 0xffff, numMbwuMon: 0xffff },
    });
    const parent = emptyProps();
    mergeDistinct(parent, ones);
    expect(parent).toEqual(emptyProps());
    expect(mergeAliases([ones])).toEqual(ones);
    expect(mergeAliases([ones], LINUX_7_3)).toEqual(ones);
  });
});

describe("merging RIS of one MSC", () => {
  test("a bitmap whose widths differ is lost, and a third RIS does not bring it back", () => {
    const wide = props(["cpor_part"], { cpbmWd: 5 });
    const narrow = props(["cpor_part"], { cpbmWd: 3 });
    for (const children of [
      [wide, narrow],
      [wide, narrow, wide],
      [narrow, wide, narrow],
    ]) {
      expect(mergeAliases(children)).toEqual(emptyProps());
    }
  });

  test("fractions and monitors make do with the smallest", () => {
    const merged = mergeAliases([
      props(["mbw_max", "msmon_csu"], { bwaWd: 9, numCsuMon: 16 }),
      props(["mbw_min"], { bwaWd: 7 }),
      props(["msmon_csu"], { numCsuMon: 4 }),
    ]);
    expect(merged.features).toEqual(new Set(["mbw_max", "mbw_min", "msmon_csu"]));
    expect([merged.bwaWd, merged.numCsuMon]).toEqual([7, 4]);
  });

  test("priorities that disagree on what 0 means are lost, others are not", () => {
    const low = props(["intpri_part", "intpri_part_0_low", "dspri_part"], { intpriWd: 3, dspriWd: 2 });
    const high = props(["intpri_part"], { intpriWd: 3 });
    expect(mergeAliases([low, high]).features).toEqual(new Set(["dspri_part"]));
    expect(mergeAliases([high, low]).features).toEqual(new Set(["dspri_part"]));
  });

  test("so are priorities that two MSCs of a class disagree on", () => {
    for (const child of [
      props(["dspri_part", "cpor_part"], { dspriWd: 3, cpbmWd: 4 }),
      props(["dspri_part", "dspri_part_0_low", "cpor_part"], { dspriWd: 3, cpbmWd: 4 }),
    ]) {
      const parent = props(["dspri_part", "cpor_part"], { dspriWd: 3, cpbmWd: 4 });
      mergeDistinct(parent, child);
      const agree = !child.features.has("dspri_part_0_low");
      expect(parent.features).toEqual(new Set(agree ? ["dspri_part", "cpor_part"] : ["cpor_part"]));
    }
  });

  const someProps = fc
    .record({
      features: fc.subarray([...FEATURES]),
      widths: fc.record({
        cpbmWd: fc.integer({ min: 1, max: 3 }),
        mbwPbmBits: fc.integer({ min: 1, max: 3 }),
        bwaWd: fc.integer({ min: 1, max: 3 }),
        cmaxWd: fc.integer({ min: 1, max: 3 }),
        cassocWd: fc.integer({ min: 1, max: 3 }),
        intpriWd: fc.integer({ min: 1, max: 3 }),
        dspriWd: fc.integer({ min: 1, max: 3 }),
        numCsuMon: fc.integer({ min: 1, max: 3 }),
        numMbwuMon: fc.integer({ min: 1, max: 3 }),
      }),
    })
    .map(({ features, widths }) => {
      // As probing leaves them: "0 is low" only beside its control.
      const real = features.filter((f) => !f.endsWith("_0_low") || features.includes(f.slice(0, -6) as Feature));
      return props(real, widths);
    });

  test("the order of the RIS decides nothing", () => {
    fc.assert(
      fc.property(
        fc
          .array(someProps, { minLength: 1, maxLength: 4 })
          .chain((children) =>
            fc.tuple(fc.constant(children), fc.shuffledSubarray(children, { minLength: children.length })),
          ),
        ([children, shuffled]) => {
          expect(mergeAliases(shuffled)).toEqual(mergeAliases(children));
        },
      ),
    );
  });

  test("a class has no control that one of its vMSCs lacks, and no more of it than the least of them", () => {
    fc.assert(
      fc.property(fc.array(someProps, { minLength: 1, maxLength: 4 }), (vmscs) => {
        const merged = copyProps(vmscs[0]!);
        for (const vmsc of vmscs) mergeDistinct(merged, vmsc);
        for (const feature of merged.features) {
          for (const vmsc of vmscs) expect(vmsc.features).toContain(feature);
        }
        if (merged.features.has("cpor_part")) for (const vmsc of vmscs) expect(vmsc.cpbmWd).toBe(merged.cpbmWd);
        if (merged.features.has("mbw_max")) {
          expect(merged.bwaWd).toBe(Math.min(...vmscs.map((vmsc) => vmsc.bwaWd)));
        }
      }),
    );
  });
});
