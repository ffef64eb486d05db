// Which controls and monitors a RIS, a vMSC or a class has, and how those of several become those of one
// (linux-driver.md 3.3).

import { type Oddities, REPAIRED } from "./compat.ts";
import type { Feature, Props } from "./types.ts";

type Width = Exclude<keyof Props, "features">;

export function emptyProps(): Props {
  return {
    features: new Set(),
    cpbmWd: 0,
    mbwPbmBits: 0,
    bwaWd: 0,
    cmaxWd: 0,
    cassocWd: 0,
    intpriWd: 0,
    dspriWd: 0,
    numCsuMon: 0,
    numMbwuMon: 0,
  };
}

export function copyProps(props: Props): Props {
  return { ...props, features: new Set(props.features) };
}

interface Group {
  readonly features: readonly Feature[];
  readonly width: Width;
  /** What becomes of parts that differ: the control is dropped, or all make do with the smallest width. */
  readonly onMismatch: "drop" | "minimum";
}

const GROUPS: readonly Group[] = [
  { features: ["cpor_part"], width: "cpbmWd", onMismatch: "drop" },
  { features: ["mbw_part"], width: "mbwPbmBits", onMismatch: "drop" },
  { features: ["mbw_min", "mbw_max", "mbw_prop"], width: "bwaWd", onMismatch: "minimum" },
  { features: ["cmax_cmax", "cmax_cmin"], width: "cmaxWd", onMismatch: "minimum" },
  { features: ["cmax_cassoc"], width: "cassocWd", onMismatch: "drop" },
  { features: ["msmon_csu"], width: "numCsuMon", onMismatch: "minimum" },
  { features: ["msmon_mbwu"], width: "numMbwuMon", onMismatch: "minimum" },
  { features: ["intpri_part"], width: "intpriWd", onMismatch: "minimum" },
  { features: ["dspri_part"], width: "dspriWd", onMismatch: "minimum" },
];

const PRIORITIES: readonly (readonly [part: Feature, zeroIsLow: Feature])[] = [
  ["intpri_part", "intpri_part_0_low"],
  ["dspri_part", "dspri_part_0_low"],
];

/**
 * The RIS of one MSC that control the same component, as one: what any of them has, the component has.
 *
 * Linux 7.3 lets the union bring back a control that was dropped because its widths differ (with width 0), and lets the
 * order of the RIS decide about priorities. Here what two RIS disagree on stays dropped, in any order.
 */
export function mergeAliases(
  children: readonly Props[],
  odd: Pick<Oddities, "aliasWidthZero" | "aliasOrderDecides"> = REPAIRED,
): Props {
  const parent = emptyProps();
  const refused = new Set<Feature>();
  for (const child of children) {
    for (const group of GROUPS) {
      const inParent = hasAny(parent, group);
      const inChild = hasAny(child, group);
      if (!inParent && inChild) parent[group.width] = child[group.width];
      else if (inParent && inChild && parent[group.width] !== child[group.width]) {
        settle(parent, child, group, odd.aliasWidthZero ? new Set() : refused);
      }
    }
    for (const [part, zeroIsLow] of PRIORITIES) {
      if (!parent.features.has(part)) continue;
      const disagree = parent.features.has(zeroIsLow) !== child.features.has(zeroIsLow);
      if (odd.aliasOrderDecides && (disagree || !child.features.has(part))) {
        parent.features.delete(part);
        parent.features.delete(zeroIsLow);
      } else if (child.features.has(part) && disagree) refused.add(part).add(zeroIsLow);
    }
    for (const feature of child.features) parent.features.add(feature);
  }
  for (const feature of refused) parent.features.delete(feature);
  // A third RIS may have given a refused control its width again.
  for (const group of GROUPS) if (group.onMismatch === "drop" && !hasAny(parent, group)) parent[group.width] = 0;
  return parent;
}

/** Takes into `parent`, a class, one more vMSC: what one of them lacks, the class lacks. */
export function mergeDistinct(parent: Props, child: Props): void {
  const dropped = new Set<Feature>();
  for (const group of GROUPS) {
    if (!hasAny(parent, group)) continue;
    if (!hasAny(child, group) || parent[group.width] !== child[group.width]) settle(parent, child, group, dropped);
  }
  for (const [part, zeroIsLow] of PRIORITIES) {
    const disagree = parent.features.has(zeroIsLow) !== child.features.has(zeroIsLow);
    if (parent.features.has(part) && (!child.features.has(part) || disagree)) dropped.add(part).add(zeroIsLow);
  }
  for (const feature of parent.features) {
    if (dropped.has(feature) || !child.features.has(feature)) parent.features.delete(feature);
  }
}

function settle(parent: Props, child: Props, group: Group, dropped: Set<Feature>): void {
  if (group.onMismatch === "minimum") {
    parent[group.width] = Math.min(parent[group.width], child[group.width]);
    return;
  }
  parent[group.width] = 0;
  for (const feature of group.features) dropped.add(feature);
}

function hasAny(props: Props, group: Group): boolean {
  return group.features.some((feature) => props.features.has(feature));
}
