// What parts of a class have and the class has not, or has less of: a class is what all its parts have in common
// (linux-driver.md 3.3). The driver merged already; here is looked up which two parts disagree.

import type { ClassPart, Feature, Props, RisPart, VmscPart } from "../driver/index.ts";
import { partName } from "./rules.ts";

export interface Loss {
  /** The control or monitor. */
  readonly what: string;
  /** lost: the class has none. reduced: it has less than a part. mixed: parts of one class are read as if they were alike. */
  readonly kind: "lost" | "reduced" | "mixed";
  readonly features: readonly Feature[];
  /** The two that disagree, and what each has. */
  readonly parts: readonly { readonly part: string; readonly has: string }[];
  /** What the class is left with. */
  readonly left: string;
  readonly change: string;
}

type Width = Exclude<keyof Props, "features">;

export interface Thing {
  readonly feature: Feature;
  /** In words, and the key of the platform file. */
  readonly what: string;
  readonly key: string;
  readonly width?: { readonly of: Width; readonly unit: string };
  /** Parts that count the other way round do not fit together. */
  readonly zeroIsLow?: Feature;
}

const bits = (of: Width) => ({ of, unit: "bits" });

/** In the order of the driver's features. */
export const THINGS: readonly Thing[] = [
  { feature: "cpor_part", what: "CPBM", key: "cpor.cpbmWd", width: { of: "cpbmWd", unit: "portions" } },
  { feature: "cmax_cmax", what: "CMAX", key: "ccap.cmaxWd", width: bits("cmaxWd") },
  { feature: "cmax_softlim", what: "CMAX.SOFTLIM", key: "ccap.cmaxSoftlim" },
  { feature: "cmax_cmin", what: "CMIN", key: "ccap.cmin", width: bits("cmaxWd") },
  { feature: "cmax_cassoc", what: "CASSOC", key: "ccap.cassocWd", width: bits("cassocWd") },
  { feature: "mbw_part", what: "MBW_PBM", key: "mbw.bwpbmWd", width: { of: "mbwPbmBits", unit: "portions" } },
  { feature: "mbw_max", what: "MBW_MAX", key: "mbw.max", width: bits("bwaWd") },
  { feature: "mbw_min", what: "MBW_MIN", key: "mbw.min", width: bits("bwaWd") },
  { feature: "mbw_prop", what: "MBW_PROP", key: "mbw.prop", width: bits("bwaWd") },
  {
    feature: "intpri_part",
    what: "INTPRI",
    key: "pri.intpriWd",
    width: bits("intpriWd"),
    zeroIsLow: "intpri_part_0_low",
  },
  {
    feature: "dspri_part",
    what: "DSPRI",
    key: "pri.dspriWd",
    width: bits("dspriWd"),
    zeroIsLow: "dspri_part_0_low",
  },
  { feature: "msmon_csu", what: "CSU", key: "csu.monitors", width: { of: "numCsuMon", unit: "monitors" } },
  { feature: "msmon_csu_xcl", what: "CSU of dirty lines (XCL)", key: "csu.xcl" },
  { feature: "msmon_mbwu", what: "MBWU", key: "mbwu.monitors", width: { of: "numMbwuMon", unit: "monitors" } },
  { feature: "msmon_mbwu_rwbw", what: "MBWU of reads or writes (RWBW)", key: "mbwu.rwbw" },
  { feature: "partid_nrw", what: "PARTID narrowing", key: "partidNrw" },
];

/** What `props` has of a thing. */
export function amount({ feature, width, zeroIsLow }: Thing, props: Readonly<Props>): string {
  if (!props.features.has(feature)) return "none";
  const low = zeroIsLow !== undefined && props.features.has(zeroIsLow) ? ", 0 the lowest" : "";
  return width === undefined ? "yes" : `${count(props[width.of], width.unit)}${low}`;
}

/** "1 bit", "2 bits": units are written as of many. */
function count(n: number, units: string): string {
  return `${n} ${n === 1 ? units.slice(0, -1) : units}`;
}

interface Part {
  readonly name: string;
  readonly props: Readonly<Props>;
}

export function lossesOf(one: ClassPart): Loss[] {
  const c = one.class;
  if (c.type === "unknown") return [];
  const vmscs = one.components.flatMap(({ id, vmscs }) =>
    vmscs.map((vmsc) => ({ vmsc, name: `${partName(c, id)}, MSC ${vmsc.msc}` })),
  );
  const risOf = ({ vmsc, name }: (typeof vmscs)[number]): Part[] =>
    vmsc.ris.map((ris: RisPart) => ({ name: `${name} RIS ${ris.index}`, props: ris.props }));
  const all = vmscs.flatMap(risOf);
  const losses: Loss[] = [];
  for (const thing of THINGS) {
    const { feature, width } = thing;
    if (!all.some(({ props }) => props.features.has(feature))) continue;
    if (!c.props.features.has(feature)) {
      losses.push(lost(thing, vmscs, risOf));
    } else if (
      width !== undefined &&
      !losses.some(({ kind, features }) => kind === "reduced" && features.includes(feature))
    ) {
      const loss = reduced(width.of, c.props, all);
      if (loss !== undefined) losses.push(loss);
    }
  }
  return [...losses, ...counterLosses(c.props, all)];
}

type Named = { readonly vmsc: VmscPart; readonly name: string };

function lost<V extends Named>(thing: Thing, vmscs: readonly V[], risOf: (vmsc: V) => Part[]): Loss {
  const has = ({ props }: { readonly props: Readonly<Props> }) => props.features.has(thing.feature);
  const make = (parts: readonly Part[], change: string): Loss => ({
    what: thing.what,
    kind: "lost",
    features: [thing.feature],
    parts: parts.map(({ name, props }) => ({ part: name, has: amount(thing, props) })),
    left: "none",
    change,
  });
  const alike = `\`${thing.key}\` alike in both`;
  // Two RIS of one MSC that control the same thing differently.
  for (const vmsc of vmscs) {
    const parts = risOf(vmsc).filter(has);
    const [first] = parts;
    if (first === undefined || has(vmsc.vmsc)) continue;
    const other = parts.find((part) => amount(thing, part.props) !== amount(thing, first.props));
    // A width can be shared with another control: the RIS that has the other one.
    const sharing = risOf(vmsc).find((part) => part.name !== first.name);
    return make([first, ...[other ?? sharing].flatMap((part) => part ?? [])], alike);
  }
  const parts = vmscs.map((one) => ({ name: one.name, props: one.vmsc.props, quirks: one.vmsc.quirks }));
  const first = parts.find(has) ?? parts[0];
  if (first === undefined) return make([], alike);
  const without = parts.find((part) => !has(part));
  if (without !== undefined) return make([first, without], `\`${thing.key}\` at the second too`);
  const other = parts.find((part) => amount(thing, part.props) !== amount(thing, first.props));
  if (other !== undefined) return make([first, other], alike);
  const quirk = parts.find(({ quirks }) => quirks.includes("force_mbw_min"));
  return make(
    [first],
    quirk === undefined ? alike : "another `iidr`: by T241-MPAM-4 the driver keeps MBW_MIN for itself",
  );
}

/** Controls that share a width have the smallest, whichever of them a part has. */
function reduced(width: Width, merged: Readonly<Props>, all: readonly Part[]): Loss | undefined {
  const sharing = THINGS.filter((thing) => thing.width?.of === width);
  const of = (props: Readonly<Props>) => sharing.filter(({ feature }) => props.features.has(feature));
  const having = all.filter(({ props }) => of(props).length > 0);
  const widths = having.map(({ props }) => props[width]);
  const [most, least] = [Math.max(...widths), merged[width]];
  if (most <= least) return undefined;
  const show = (props: Readonly<Props>) => {
    const things = of(props).map(({ what }) => what);
    return `${things.join(", ")} ${count(props[width], sharing[0]?.width?.unit ?? "")}`;
  };
  // Compat keeps a control whose widths differ, with width 0, which no part has.
  const other = widths.includes(least) ? widths.indexOf(least) : widths.findIndex((one) => one !== most);
  const parts = [widths.indexOf(most), other].flatMap((at) => having[at] ?? []);
  return {
    what: of(merged)
      .map(({ what }) => what)
      .join(", "),
    kind: "reduced",
    features: of(merged).map(({ feature }) => feature),
    parts: parts.map(({ name, props }) => ({ part: name, has: show(props) })),
    left: count(least, sharing[0]?.width?.unit ?? ""),
    change: `\`${WIDTH_KEYS[width]}\` alike in both`,
  };
}

const WIDTH_KEYS: { readonly [width in Width]: string } = {
  cpbmWd: "cpor.cpbmWd",
  mbwPbmBits: "mbw.bwpbmWd",
  bwaWd: "mbw.bwaWd",
  cmaxWd: "ccap.cmaxWd",
  cassocWd: "ccap.cassocWd",
  intpriWd: "pri.intpriWd",
  dspriWd: "pri.dspriWd",
  numCsuMon: "csu.monitors",
  numMbwuMon: "mbwu.monitors",
};

const COUNTERS = [
  ["msmon_mbwu_63counter", 63],
  ["msmon_mbwu_44counter", 44],
  ["msmon_mbwu_31counter", 31],
] as const;

export function counterBits({ features }: Readonly<Props>): number {
  return COUNTERS.find(([feature]) => features.has(feature))?.[1] ?? 31;
}

/** Counters of a class are all read as wide as the widest that all its MSCs have. */
function counterLosses(merged: Readonly<Props>, all: readonly Part[]): Loss[] {
  if (!merged.features.has("msmon_mbwu")) return [];
  const having = all.filter(({ props }) => props.features.has("msmon_mbwu"));
  const read = counterBits(merged);
  const widths = having.map(({ props }) => counterBits(props));
  const [most, least] = [Math.max(...widths), Math.min(...widths)];
  if (most === least) return [];
  const parts = [most, least].map((width) => {
    const part = having[widths.indexOf(width)] as Part;
    return { part: part.name, has: `${width} bits` };
  });
  return [
    {
      what: "MBWU counter",
      // Of one MSC the RIS are taken together, so that a narrow counter can be read as if it were wide.
      kind: read > least ? "mixed" : "reduced",
      features: COUNTERS.map(([feature]) => feature),
      parts,
      left: `${read} bits`,
      change: "`mbwu.counter` alike in both",
    },
  ];
}
