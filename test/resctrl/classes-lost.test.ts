// What a class lost in merging, and between which two parts: small trees merged by the driver's own rules
// (linux-driver.md 3.3), so that what is told is told of real merges.

import { expect, test } from "vitest";
import type { ClassPart, Feature, MpamClass, Props, Quirk } from "../../src/driver/index.ts";
import { emptyProps, mergeAliases, mergeDistinct } from "../../src/driver/props.ts";
import { lossesOf } from "../../src/resctrl/lost.ts";

type Oddities = Parameters<typeof mergeAliases>[1];

type Given = Partial<Omit<Props, "features">> & { readonly features: readonly Feature[] };

function props({ features, ...widths }: Given): Props {
  return { ...emptyProps(), ...widths, features: new Set(features) };
}

interface Msc {
  readonly ris: readonly Given[];
  readonly quirks?: readonly Quirk[];
}

/** A class of L3s, component by component, each of one MSC with these RIS; merged as the driver merges. */
function classOf(mscs: readonly Msc[], odd?: Oddities): ClassPart {
  const vmscs = mscs.map(({ ris, quirks = [] }, msc) => {
    const parts = ris.map((one, index) => ({
      msc,
      index,
      described: true,
      affinity: new Set([msc]),
      props: props(one),
      hardOnly: false,
    }));
    return {
      msc,
      props: mergeAliases(
        parts.map((part) => part.props),
        odd,
      ),
      quirks,
      ris: parts,
    };
  });
  const merged = { ...vmscs[0]?.props, features: new Set(vmscs[0]?.props.features) } as Props;
  for (const vmsc of vmscs) mergeDistinct(merged, vmsc.props);
  if (vmscs.some(({ quirks }) => quirks.includes("force_mbw_min"))) merged.features.delete("mbw_min");
  const c: MpamClass = {
    type: "cache",
    level: 3,
    props: merged,
    nrdyUsec: 0,
    affinity: new Set(mscs.map((_, msc) => msc)),
    components: [],
  };
  return { class: c, components: vmscs.map((vmsc, id) => ({ id, vmscs: [vmsc] })) };
}

function told(...mscs: Msc[]): string[] {
  return lossesOf(classOf(mscs)).map(
    ({ kind, what, parts, left, change }) =>
      `${kind} ${what}: ${parts.map(({ part, has }) => `${part}: ${has}`).join("; ")} -> ${left}; ${change}`,
  );
}

const CPBM = (cpbmWd: number): Given => ({ features: ["cpor_part"], cpbmWd });
const MAX = (bwaWd: number): Given => ({ features: ["mbw_max"], bwaWd });

test("parts that are alike lose nothing", () => {
  expect(told({ ris: [CPBM(16)] }, { ris: [CPBM(16)] })).toEqual([]);
  expect(told({ ris: [CPBM(16), MAX(7)] })).toEqual([]);
});

test("a control that one MSC lacks is lost between the two", () => {
  expect(told({ ris: [CPBM(16)] }, { ris: [CPBM(16)] }, { ris: [MAX(7)] })).toEqual([
    "lost CPBM: L3 0, MSC 0: 16 portions; L3 2, MSC 2: none -> none; `cpor.cpbmWd` at the second too",
    "lost MBW_MAX: L3 2, MSC 2: 7 bits; L3 0, MSC 0: none -> none; `mbw.max` at the second too",
  ]);
});

test("portions of two widths are lost, between MSCs and between RIS of one", () => {
  expect(told({ ris: [CPBM(16)] }, { ris: [CPBM(8)] })).toEqual([
    "lost CPBM: L3 0, MSC 0: 16 portions; L3 1, MSC 1: 8 portions -> none; `cpor.cpbmWd` alike in both",
  ]);
  expect(told({ ris: [CPBM(16), CPBM(8)] })).toEqual([
    "lost CPBM: L3 0, MSC 0 RIS 0: 16 portions; L3 0, MSC 0 RIS 1: 8 portions -> none; `cpor.cpbmWd` alike in both",
  ]);
});

test("limits of two widths are reduced to the smaller", () => {
  expect(told({ ris: [MAX(6)] }, { ris: [MAX(9)] })).toEqual([
    "reduced MBW_MAX: L3 1, MSC 1 RIS 0: MBW_MAX 9 bits; L3 0, MSC 0 RIS 0: MBW_MAX 6 bits -> 6 bits; `mbw.bwaWd` alike in both",
  ]);
});

test("priorities that count from different ends are lost, of whatever width", () => {
  const high: Given = { features: ["intpri_part"], intpriWd: 3 };
  const low: Given = { features: ["intpri_part", "intpri_part_0_low"], intpriWd: 3 };
  expect(told({ ris: [high] }, { ris: [low] })).toEqual([
    "lost INTPRI: L3 0, MSC 0: 3 bits; L3 1, MSC 1: 3 bits, 0 the lowest -> none; `pri.intpriWd` alike in both",
  ]);
});

test("of monitors there are as many as the part has that has fewest", () => {
  const csu = (numCsuMon: number): Given => ({ features: ["msmon_csu"], numCsuMon });
  expect(told({ ris: [csu(4)] }, { ris: [csu(2)] })).toEqual([
    "reduced CSU: L3 0, MSC 0 RIS 0: CSU 4 monitors; L3 1, MSC 1 RIS 0: CSU 2 monitors -> 2 monitors; `csu.monitors` alike in both",
  ]);
});

test("MBW_MIN of a part with T241-MPAM-4 is lost to the driver", () => {
  const both: Given = { features: ["mbw_max", "mbw_min"], bwaWd: 7 };
  expect(told({ ris: [both], quirks: ["force_mbw_min"] })).toEqual([
    "lost MBW_MIN: L3 0, MSC 0: 7 bits -> none; another `iidr`: by T241-MPAM-4 the driver keeps MBW_MIN for itself",
  ]);
});

test.each([
  [[["63"], ["44"]], "reduced", 31],
  [[["63"], ["31"]], "reduced", 31],
  [[["63", "44"], ["44"]], "reduced", 44],
  [[["63", "44"]], "mixed", 63],
  [[["44", "31"], ["44"]], "mixed", 44],
] as const)("counters of %j are %s to %d bits", (mscs, kind, left) => {
  const mbwu = (bits: string): Given => ({
    features: ["msmon_mbwu", `msmon_mbwu_${bits}counter` as Feature],
    numMbwuMon: 4,
  });
  const losses = lossesOf(classOf(mscs.map((widths) => ({ ris: widths.map(mbwu) }))));
  expect(losses.map((loss) => [loss.what, loss.kind, loss.left])).toEqual([["MBWU counter", kind, `${left} bits`]]);
});

test("with compat, where a width of 0 is left of two that differ, the two are named", () => {
  const one = classOf([{ ris: [CPBM(16), CPBM(8)] }], { aliasWidthZero: true, aliasOrderDecides: false });
  expect(one.class.props.features.has("cpor_part")).toBe(true);
  expect(lossesOf(one)).toMatchObject([
    { kind: "reduced", left: "0 portions", parts: [{ has: "CPBM 16 portions" }, { has: "CPBM 8 portions" }] },
  ]);
});

test("of what firmware does not describe nothing is said to be lost", () => {
  const one = classOf([{ ris: [CPBM(16)] }, { ris: [MAX(7)] }]);
  expect(lossesOf({ ...one, class: { ...one.class, type: "unknown" } })).toEqual([]);
});
