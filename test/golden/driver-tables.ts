// The tables of linux-driver.md 3.1, 3.3 and 6.1, and what kunit-vectors.json has beside test/golden/driver-merge.json, driver-bitmaps.json and
// resctrl-conversion.json, row by row.

/** 3.1: requestors, in order, with 3.2's publishing between them. MSCs that are probed take the minimum without being asked. */
export type RequestorStep =
  | { readonly register: readonly [partidMax: number, pmgMax: number]; readonly refused?: "EBUSY" }
  | { readonly probe: readonly [partidMax: number, pmgMax: number] }
  | { readonly publish: true };

export const REQUESTORS: readonly {
  readonly what: string;
  readonly steps: readonly RequestorStep[];
  readonly limits: readonly [partidMax: number, pmgMax: number];
}[] = [
  { what: "the first gives both", steps: [{ register: [63, 3] }], limits: [63, 3] },
  { what: "the first can be 0", steps: [{ register: [0, 0] }], limits: [0, 0] },
  {
    what: "a later one that is smaller counts",
    steps: [{ register: [63, 3] }, { register: [31, 1] }],
    limits: [31, 1],
  },
  { what: "each limit for itself", steps: [{ register: [63, 1] }, { register: [31, 3] }], limits: [31, 1] },
  { what: "a larger one changes nothing", steps: [{ register: [31, 1] }, { register: [63, 3] }], limits: [31, 1] },
  { what: "an MSC counts as well", steps: [{ register: [63, 3] }, { probe: [15, 7] }], limits: [15, 3] },
  {
    what: "after publishing the same is accepted",
    steps: [{ register: [31, 3] }, { publish: true }, { register: [31, 3] }],
    limits: [31, 3],
  },
  {
    what: "after publishing a larger one changes nothing",
    steps: [{ register: [31, 3] }, { publish: true }, { register: [63, 7] }],
    limits: [31, 3],
  },
  {
    what: "after publishing fewer PARTIDs are refused",
    steps: [{ register: [31, 3] }, { publish: true }, { register: [30, 3], refused: "EBUSY" }],
    limits: [31, 3],
  },
  {
    what: "after publishing fewer PMGs are refused",
    steps: [{ register: [31, 3] }, { publish: true }, { register: [63, 2], refused: "EBUSY" }],
    limits: [31, 3],
  },
];

/** 3.3: the groups, in the order in which they are merged. */
export const MERGE_GROUPS: readonly {
  readonly features: readonly string[];
  readonly width: string;
  readonly policy: "drop" | "min";
}[] = [
  { features: ["cpor_part"], width: "cpbm_wd", policy: "drop" },
  { features: ["mbw_part"], width: "mbw_pbm_bits", policy: "drop" },
  { features: ["mbw_min", "mbw_max", "mbw_prop"], width: "bwa_wd", policy: "min" },
  { features: ["cmax_cmax", "cmax_cmin"], width: "cmax_wd", policy: "min" },
  { features: ["cmax_cassoc"], width: "cassoc_wd", policy: "drop" },
  { features: ["msmon_csu"], width: "num_csu_mon", policy: "min" },
  { features: ["msmon_mbwu"], width: "num_mbwu_mon", policy: "min" },
  { features: ["intpri_part"], width: "intpri_wd", policy: "min" },
  { features: ["dspri_part"], width: "dspri_wd", policy: "min" },
];

/** A parent or a child: whether it has the first feature of the group, and the width it says. */
interface Side {
  readonly has: boolean;
  readonly width: number;
}

export interface MergeCase {
  readonly alias: boolean;
  readonly parent: Side;
  readonly child: Side;
  readonly merged: Side;
  /** [odd], where it differs. */
  readonly linux73?: Side;
}

const has = (width: number): Side => ({ has: true, width });
const lacks = (width: number): Side => ({ has: false, width });

/** 3.3: for every group of a policy. `alias` is a RIS that joins its vMSC, else a vMSC that joins its class. */
export const MERGE_CASES: { readonly [policy in "drop" | "min"]: readonly MergeCase[] } = {
  drop: [
    { alias: true, parent: lacks(0), child: has(5), merged: has(5) },
    { alias: true, parent: has(5), child: has(5), merged: has(5) },
    { alias: true, parent: has(5), child: has(3), merged: lacks(0), linux73: has(0) },
    { alias: true, parent: has(3), child: has(5), merged: lacks(0), linux73: has(0) },
    { alias: true, parent: has(5), child: lacks(0), merged: has(5) },
    { alias: false, parent: lacks(0), child: has(5), merged: lacks(0) },
    { alias: false, parent: has(5), child: has(5), merged: has(5) },
    { alias: false, parent: has(5), child: has(3), merged: lacks(0) },
    { alias: false, parent: has(5), child: lacks(0), merged: lacks(0) },
    { alias: false, parent: has(5), child: lacks(9), merged: lacks(0) },
  ],
  min: [
    { alias: true, parent: lacks(0), child: has(5), merged: has(5) },
    { alias: true, parent: has(5), child: has(5), merged: has(5) },
    { alias: true, parent: has(5), child: has(3), merged: has(3) },
    { alias: true, parent: has(3), child: has(5), merged: has(3) },
    { alias: false, parent: lacks(0), child: has(5), merged: lacks(0) },
    { alias: false, parent: has(5), child: has(5), merged: has(5) },
    { alias: false, parent: has(5), child: has(3), merged: has(3) },
    { alias: false, parent: has(3), child: has(5), merged: has(3) },
    { alias: false, parent: has(5), child: lacks(0), merged: lacks(0) },
    { alias: false, parent: has(5), child: lacks(9), merged: lacks(5) },
  ],
};

/** 3.3: as an alias a RIS without the control leaves it as it was, and takes a priority away [odd] that an earlier one had. */
export const MERGE_CHILD_LACKS: MergeCase = { alias: true, parent: has(5), child: lacks(0), merged: has(5) };
export const MERGE_PRIORITY_LACKS: MergeCase = { ...MERGE_CHILD_LACKS, linux73: lacks(5) };

/** 3.3: features of one group together, and what else is merged without a width. */
export const MERGE_FEATURES: readonly {
  readonly what: string;
  readonly alias: boolean;
  readonly parent: readonly string[];
  readonly child: readonly string[];
  readonly merged: readonly string[];
}[] = [
  {
    what: "bandwidth, as aliases",
    alias: true,
    parent: ["mbw_max"],
    child: ["mbw_min"],
    merged: ["mbw_max", "mbw_min"],
  },
  {
    what: "bandwidth, in a class",
    alias: false,
    parent: ["mbw_max", "mbw_prop"],
    child: ["mbw_max"],
    merged: ["mbw_max"],
  },
  {
    what: "capacity, as aliases",
    alias: true,
    parent: ["cmax_cmax"],
    child: ["cmax_cmin"],
    merged: ["cmax_cmax", "cmax_cmin"],
  },
  { what: "capacity, in a class", alias: false, parent: ["cmax_cmax"], child: ["cmax_cmin"], merged: [] },
  {
    what: "widths of counters, as aliases",
    alias: true,
    parent: ["msmon_mbwu", "msmon_mbwu_44counter"],
    child: ["msmon_mbwu", "msmon_mbwu_63counter"],
    merged: ["msmon_mbwu", "msmon_mbwu_44counter", "msmon_mbwu_63counter"],
  },
  {
    what: "widths of counters, in a class: neither, and it reads 31 bits",
    alias: false,
    parent: ["msmon_mbwu", "msmon_mbwu_44counter"],
    child: ["msmon_mbwu", "msmon_mbwu_63counter"],
    merged: ["msmon_mbwu"],
  },
  {
    what: "RWBW and XCL, as aliases",
    alias: true,
    parent: ["msmon_mbwu_rwbw"],
    child: ["msmon_csu_xcl"],
    merged: ["msmon_mbwu_rwbw", "msmon_csu_xcl"],
  },
  { what: "RWBW, in a class", alias: false, parent: ["msmon_mbwu_rwbw"], child: [], merged: [] },
  {
    what: "priorities that agree on what 0 is",
    alias: false,
    parent: ["intpri_part", "intpri_part_0_low", "dspri_part"],
    child: ["intpri_part", "intpri_part_0_low", "dspri_part"],
    merged: ["intpri_part", "intpri_part_0_low", "dspri_part"],
  },
  {
    what: "priorities that do not, in a class",
    alias: false,
    parent: ["intpri_part", "intpri_part_0_low", "dspri_part"],
    child: ["intpri_part", "dspri_part"],
    merged: ["dspri_part"],
  },
  {
    what: "downstream priorities that do not, in a class",
    alias: false,
    parent: ["intpri_part", "dspri_part"],
    child: ["intpri_part", "dspri_part", "dspri_part_0_low"],
    merged: ["intpri_part"],
  },
];

/** 6.1: monitors 0 to 2 of a type, given out and given back in this order. */
export const ALLOCATION: readonly ({ readonly alloc: number | "ENOSPC" } | { readonly free: number })[] = [
  { alloc: 0 },
  { alloc: 1 },
  { alloc: 2 },
  { alloc: "ENOSPC" },
  { free: 1 },
  { alloc: 1 },
  { alloc: "ENOSPC" },
  { free: 2 },
  { free: 0 },
  { alloc: 0 },
  { alloc: 2 },
  { alloc: "ENOSPC" },
];

/** 6.1: a class without monitors of the type. */
export const ALLOCATION_WITHOUT = "EOPNOTSUPP";

/** 11.3: a parent without anything, and a child with every feature and every width 0xffff. */
export const PROPS_MISMATCH: readonly { readonly alias: boolean; readonly parent: "nothing" | "as the child" }[] = [
  { alias: false, parent: "nothing" },
  { alias: true, parent: "as the child" },
];

/** 11.4: whether MBW_MAX of so many bits can be used. Granularities: resctrl-conversion.json. */
export const MBA_USABLE: readonly (readonly [bwaWd: number, usable: boolean])[] = [
  [0, false],
  [1, true],
  [16, true],
];

/** 11.5, test_mbw_max_to_percent_limits: of each width the largest value, which is 100 %, and the percentage of 0 (from 8 bits on it has to be 0). */
export const PERCENT_LIMITS: readonly (readonly [bwaWd: number, largest: number, percentOfZero: number])[] = [
  [1, 0x8000, 50],
  [2, 0xc000, 25],
  [3, 0xe000, 13],
  [4, 0xf000, 6],
  [5, 0xf800, 3],
  [6, 0xfc00, 2],
  [7, 0xfe00, 1],
  [8, 0xff00, 0],
  [9, 0xff80, 0],
  [10, 0xffc0, 0],
  [11, 0xffe0, 0],
  [12, 0xfff0, 0],
  [13, 0xfff8, 0],
  [14, 0xfffc, 0],
  [15, 0xfffe, 0],
  [16, 0xffff, 0],
];

/** 11.5, test_percent_to_max_rounding: of the 42 reference cases of resctrl-conversion.json so many are rounded up; a quarter to three quarters may be. */
export const PERCENT_ROUNDED_UP = { of: 42, up: 18 };

/** 11.5, test_percent_max_roundtrip_stability: what comes back as it was: values in steps below 7 bits, percentages from 7 bits on. */
export const PERCENT_ROUND_TRIPS: readonly (
  | { readonly bwaWd: number; readonly valueStep: number }
  | { readonly bwaWd: number; readonly fromPercent: number }
)[] = [
  { bwaWd: 1, valueStep: 0x8000 },
  { bwaWd: 2, valueStep: 0x4000 },
  { bwaWd: 3, valueStep: 0x2000 },
  { bwaWd: 4, valueStep: 0x1000 },
  { bwaWd: 5, valueStep: 0x0800 },
  { bwaWd: 6, valueStep: 0x0400 },
  { bwaWd: 7, fromPercent: 1 },
  { bwaWd: 8, fromPercent: 0 },
  { bwaWd: 9, fromPercent: 0 },
  { bwaWd: 10, fromPercent: 0 },
  { bwaWd: 11, fromPercent: 0 },
  { bwaWd: 12, fromPercent: 0 },
  { bwaWd: 13, fromPercent: 0 },
  { bwaWd: 14, fromPercent: 0 },
  { bwaWd: 15, fromPercent: 0 },
  { bwaWd: 16, fromPercent: 0 },
];
