// Miss-ratio curves: what share of a group's requests missed in the last level of caches, over how much of it the group could fill.

import { plural } from "../../written/index.ts";
import type { Sweep, Swept, SweptPlatform } from "../sweep.ts";
import { domainsOf } from "./best.ts";
import type { Case } from "./cases.ts";
import { lastLevel, type Result } from "./measures.ts";
import { extent, median } from "./numbers.ts";

export interface CurvePoint {
  /** Of one cache. */
  readonly portions: number;
  readonly bytes: number;
  /** Miss ratios, whatever the others had. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Replays. */
  readonly of: number;
}

export interface Curve {
  readonly group: string;
  /** From small to large. */
  readonly points: readonly CurvePoint[];
}

export interface Curves {
  /** Of the last level, where it can be divided. */
  readonly cache?: {
    readonly resource: string;
    readonly count: number;
    readonly bytes: number;
    readonly level: number;
  };
  readonly curves: readonly Curve[];
  /** What is not drawn, and why. */
  readonly notes: readonly string[];
}

/** With fewer sizes a line would say more than is known. */
const FEWEST = 3;

export function curvesOf(sweep: Sweep, { platform, candidates }: Case): Curves {
  const swept = candidates.flatMap((one) => one.swept.filter(({ result }) => result));
  const level = swept.map(({ result }) => lastLevel(result as Result)).find((one) => one !== undefined);
  const known = sweep.platforms.find(({ name }) => name === platform);
  const cache = level === undefined ? undefined : dividedAt(known, level);
  if (level === undefined) return { curves: [], notes: ["There are no caches, and no miss-ratio curves."] };
  if (!cache) return { curves: [], notes: [`L${level} has no portions, so there are no miss-ratio curves.`] };
  const groups = new Set(swept.flatMap(({ result }) => (result as Result).groups.map(({ group }) => group)));
  const curves: Curve[] = [];
  const notes: string[] = [];
  for (const group of groups) {
    if (group.includes("/mon_groups/") || group.startsWith("label ")) continue;
    const ratios = new Map<number, number[]>();
    let mixed = 0;
    for (const one of swept) {
      const ratio = missRatio(one.result as Result, group, level);
      if (ratio === undefined) continue;
      const portions = portionsOf(one, group, cache.resource, cache.count);
      const same = portions === undefined ? undefined : ratios.get(portions);
      if (portions === undefined) mixed++;
      else if (same) same.push(ratio);
      else ratios.set(portions, [ratio]);
    }
    const points = [...ratios].map(([portions, all]): CurvePoint => {
      const [min, max] = extent(all);
      return { portions, bytes: (portions * cache.bytes) / cache.count, median: median(all), min, max, of: all.length };
    });
    points.sort((a, b) => a.portions - b.portions);
    if (mixed > 0)
      notes.push(
        `${group} had other portions in one cache than in another in ${plural(mixed, "replay")}, left out here.`,
      );
    if (points.length >= FEWEST) curves.push({ group, points });
    else if (points.length > 0) {
      const sizes = points.length === 1 ? "one size" : `${points.length} sizes`;
      notes.push(`${group} had ${sizes} of its part of ${cache.resource}; a curve needs ${FEWEST}.`);
    }
  }
  return { cache, curves, notes };
}

function dividedAt(platform: SweptPlatform | undefined, level: number): Curves["cache"] {
  const found = Object.entries(platform?.portions ?? {}).find(([, one]) => one.level === level && one.count > 0);
  return found && { resource: found[0], ...found[1] };
}

/** Undefined: it had no requests there. */
function missRatio({ groups }: Result, group: string, level: number): number | undefined {
  const here = groups.find((one) => one.group === group)?.levels.find((one) => one.level === level);
  return here && here.accesses > 0 ? here.misses / here.accesses : undefined;
}

/** How many a group may fill: what its file showed at the end, else what was asked for, else all. Undefined: it depends on the cache. */
function portionsOf({ result, schemata }: Swept, group: string, resource: string, all: number): number | undefined {
  const asked = Object.hasOwn(schemata, group) ? (schemata[group] ?? []) : [];
  const shown = result && Object.hasOwn(result.schemata, group) ? (result.schemata[group] ?? "") : "";
  const masks = [
    ...(domainsOf([...asked, ...shown.split("\n")])
      .get(resource)
      ?.values() ?? []),
  ];
  const sizes = new Set(masks.map(bitsOf));
  if (sizes.size === 0) return all;
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

function bitsOf(mask: string): number {
  const digits = [...mask.replace(/^0x/i, "")].map((digit) => Number.parseInt(digit, 16));
  return digits.reduce((sum, digit) => sum + (BITS[digit] ?? 0), 0);
}

const BITS = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];
