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
  /** Others with requests there could fill some of the same portions: that is another curve. */
  readonly shared: boolean;
  /** From small to large. */
  readonly points: readonly CurvePoint[];
}

export interface Curves {
  /** Of the last level, where it can be divided. */
  readonly cache?: Cache;
  readonly curves: readonly Curve[];
  /** What is not drawn, and why. */
  readonly notes: readonly string[];
}

export interface Cache {
  readonly resource: string;
  readonly count: number;
  readonly bytes: number;
  readonly level: number;
}

/** With fewer sizes a line would say more than is known. */
const FEWEST = 3;

export function curvesOf(sweep: Sweep, { platform, candidates }: Case): Curves {
  const swept = candidates.flatMap((one) => one.swept.filter(({ result }) => result));
  const level = swept.map(({ result }) => lastLevel(result as Result)).find((one) => one !== undefined);
  if (level === undefined) return { curves: [], notes: ["There are no caches, and no miss-ratio curves."] };
  const cache = dividedAt(
    sweep.platforms.find(({ name }) => name === platform),
    level,
  );
  if (!cache) return { curves: [], notes: [`L${level} has no portions, so there are no miss-ratio curves.`] };
  const found = new Map<string, Found>();
  for (const one of swept) {
    const parts = partsOf(one, cache);
    for (const part of parts) {
      const own = found.get(part.group) ?? { alone: new Map(), shared: new Map(), mixed: 0 };
      found.set(part.group, own);
      const size = sizeOf(part.masks);
      if (size === undefined) {
        own.mixed++;
        continue;
      }
      const isShared = parts.some((other) => other !== part && overlap(part.masks, other.masks, cache.count));
      const ratios = isShared ? own.shared : own.alone;
      const same = ratios.get(size);
      if (same) same.push(part.missRatio);
      else ratios.set(size, [part.missRatio]);
    }
  }
  const curves: Curve[] = [];
  const notes: string[] = [];
  for (const [group, { alone, shared, mixed }] of found) {
    if (mixed > 0) {
      notes.push(
        `${group} had other portions in one cache than in another in ${plural(mixed, "replay")}, left out here.`,
      );
    }
    const own = [...curve(group, alone, false, cache), ...curve(group, shared, true, cache)];
    curves.push(...own);
    const sizes = new Set([...alone.keys(), ...shared.keys()]).size;
    if (own.length === 0 && sizes > 0) {
      notes.push(`${group} had ${plural(sizes, "size")} of its part of ${cache.resource}; a curve needs ${FEWEST}.`);
    }
  }
  return { cache, curves, notes };
}

/** Miss ratios by portions. */
interface Found {
  readonly alone: Map<number, number[]>;
  readonly shared: Map<number, number[]>;
  /** Replays in which the size was another one from cache to cache. */
  mixed: number;
}

function curve(group: string, ratios: ReadonlyMap<number, readonly number[]>, shared: boolean, cache: Cache): Curve[] {
  if (ratios.size < FEWEST) return [];
  const points = [...ratios].map(([portions, all]): CurvePoint => {
    const [min, max] = extent(all);
    return { portions, bytes: (portions * cache.bytes) / cache.count, median: median(all), min, max, of: all.length };
  });
  return [{ group, shared, points: points.sort((a, b) => a.portions - b.portions) }];
}

function dividedAt(platform: SweptPlatform | undefined, level: number): Cache | undefined {
  const found = Object.entries(platform?.portions ?? {}).find(([, one]) => one.level === level && one.count > 0);
  return found && { resource: found[0], ...found[1] };
}

/** What a group could fill, as bitmaps by domain; none: everything. */
type Masks = ReadonlyMap<string, bigint>;

interface GroupPart {
  readonly group: string;
  readonly masks: Masks;
  readonly missRatio: number;
}

/** Of the groups that had requests at the last level. */
function partsOf(one: Swept, { resource, level, count }: Cache): GroupPart[] {
  return (one.result as Result).groups.flatMap(({ group, levels }) => {
    const here = levels.find((other) => other.level === level);
    if (!here || here.accesses === 0 || group.includes("/mon_groups/") || group.startsWith("label ")) return [];
    return [{ group, masks: masksOf(one, group, resource, count), missRatio: here.misses / here.accesses }];
  });
}

/** What its file showed at the end, else what was asked for, else all. */
function masksOf({ result, schemata }: Swept, group: string, resource: string, count: number): Masks {
  const asked = Object.hasOwn(schemata, group) ? (schemata[group] ?? []) : [];
  const shown = result && Object.hasOwn(result.schemata, group) ? (result.schemata[group] ?? "") : "";
  const written = domainsOf([...asked, ...shown.split("\n")]).get(resource);
  const masks = [...(written ?? [])].flatMap(([domain, mask]): [string, bigint][] =>
    /^[0-9a-f]{1,64}$/i.test(mask) ? [[domain, BigInt(`0x${mask}`)]] : [],
  );
  return new Map(masks.length === 0 ? [[EVERY, all(count)]] : masks);
}

/** Stands for each domain that is not named. */
const EVERY = "";
const all = (count: number) => (1n << BigInt(Math.min(count, 256))) - 1n;

function sizeOf(masks: Masks): number | undefined {
  const sizes = new Set([...masks.values()].map(bitsOf));
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

function overlap(a: Masks, b: Masks, count: number): boolean {
  const of = (masks: Masks, domain: string) => masks.get(domain) ?? masks.get(EVERY) ?? all(count);
  return [...a.keys(), ...b.keys()].some((domain) => (of(a, domain) & of(b, domain)) !== 0n);
}

const bitsOf = (mask: bigint) => mask.toString(2).replaceAll("0", "").length;
