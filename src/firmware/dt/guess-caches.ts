// Caches of a tree as entries of a platform file: with a shape that is modelled, and those that are alike as one entry.

import { showBytes, showCpus } from "../../written/index.ts";
import { PAGE_BYTES, STRIDE_MAXIMUM, sizeText } from "./pages.ts";
import type { TreeCache } from "./topology.ts";

const LINE_BYTES = [32, 64, 128, 256];
const WAYS_MAXIMUM = 64;
const BYTES_MAXIMUM = 2 ** 30;
/** Of a cache whose size is not said, by level. */
const BYTES_GUESS = [2 ** 15, 2 ** 18, 2 ** 22, 2 ** 23];
const WAYS_GUESS = 16;

/** That of the first cache that says one; a machine here has one for all. */
export function lineBytesOf(caches: readonly TreeCache[], remarks: string[]): number {
  const said = caches.filter(({ lineBytes }) => lineBytes !== 0);
  const all = said.find(({ lineBytes }) => LINE_BYTES.includes(lineBytes))?.lineBytes ?? 64;
  const other = said.find(({ lineBytes }) => lineBytes !== all);
  if (other) remarks.push(`${other.node} has lines of ${other.lineBytes} bytes; here all caches have ${all}`);
  return all;
}

/** Size and ways that make a power of two of sets in each slice, as near to what the tree says as can be. */
export function shapeOf(cache: TreeCache, lineBytes: number, slices: number, remarks: string[]) {
  const { node, level } = cache;
  const line = slices * lineBytes;
  const wanted = cache.bytes || (BYTES_GUESS[level - 1] as number);
  if (cache.bytes === 0) remarks.push(`${node}: ${showBytes(wanted)} are a guess`);
  const bytes = Math.min(wanted, BYTES_MAXIMUM);
  const said = cache.bytes / (cache.sets * (cache.lineBytes || lineBytes));
  const isSaid = Number.isInteger(said) && said >= 1 && said <= WAYS_MAXIMUM;
  if (!isSaid) remarks.push(`${node}: the number of its ways is a guess`);
  const near = isSaid ? said : WAYS_GUESS;
  const candidates = Array.from({ length: WAYS_MAXIMUM }, (_, at) => at + 1).sort(
    (a, b) => Math.abs(a - near) - Math.abs(b - near),
  );
  const fits = candidates.find((one) => isPowerOfTwo(bytes / (one * line)));
  const ways = fits ?? near;
  const sets = 2 ** Math.floor(Math.log2(Math.max(1, bytes / (ways * line))));
  const made = sets * ways * line;
  if (made !== wanted || (isSaid && ways !== said)) {
    remarks.push(`${node} has ${wanted} bytes; here it has ${made} in ${ways} ways: sets are a power of two`);
  }
  return { bytes: made, ways };
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}

export interface CacheEntry {
  readonly level: number;
  /** Ascending. */
  readonly cpus: readonly number[];
  readonly bytes: number;
  readonly ways: number;
  readonly slices: number;
  readonly msc: { readonly base: number; readonly stride?: number } | undefined;
}

/** Neighbours that differ in place alone become one entry: one for each cpu, or for each cluster. */
export function foldCaches(
  caches: readonly CacheEntry[],
  cpus: number,
  clusters: readonly (readonly number[])[],
): object[] {
  const runs: CacheEntry[][] = [];
  for (const cache of caches) {
    const run = runs.at(-1);
    if (run && alike(run[0] as CacheEntry, cache)) run.push(cache);
    else runs.push([cache]);
  }
  return runs.flatMap((run) => {
    const folded = fold(run, cpus, clusters);
    return folded ? [folded] : run.map((one) => entryOf(one, one.cpus, cpus));
  });
}

function alike(a: CacheEntry, b: CacheEntry): boolean {
  const shape = (cache: CacheEntry) =>
    JSON.stringify({ ...cache, cpus: [], msc: cache.msc && { ...cache.msc, base: 0 } });
  return shape(a) === shape(b);
}

function fold(run: readonly CacheEntry[], cpus: number, clusters: readonly (readonly number[])[]): object | undefined {
  const [first, second] = run;
  if (!first || !second) return undefined;
  const all = run.flatMap((cache) => cache.cpus);
  const parts = clusters.map((cluster) => cluster.filter((cpu) => all.includes(cpu))).filter((part) => part.length > 0);
  const each = [...all].sort((a, b) => a - b).map((cpu) => [cpu]);
  const are = (some: readonly (readonly number[])[]) => `${some.map(String).join(" ")}`;
  const here = are(run.map((cache) => cache.cpus));
  const per = here === are(each) ? "cpu" : here === are(parts) ? "cluster" : undefined;
  if (per === undefined) return undefined;
  if (!first.msc || !second.msc) return entryOf({ ...first, per }, all, cpus);
  const { base } = first.msc;
  const step = second.msc.base - base;
  const stride = step / first.slices;
  const even = run.every(({ msc }, at) => msc?.base === base + at * step);
  const asSlices = first.slices === 1 || stride === (first.msc.stride ?? PAGE_BYTES);
  if (!even || !asSlices || stride % PAGE_BYTES !== 0 || stride <= 0 || stride > STRIDE_MAXIMUM) return undefined;
  return entryOf({ ...first, per, msc: { ...first.msc, stride } }, all, cpus);
}

function entryOf(cache: CacheEntry & { readonly per?: string }, own: readonly number[], cpus: number): object {
  const { level, per, bytes, ways, slices, msc } = cache;
  return {
    level,
    ...(per !== undefined && { per }),
    ...(own.length < cpus && { cpus: showCpus(own) }),
    bytes: sizeText(bytes),
    ways,
    ...(slices > 1 && { slices }),
    ...(msc && { msc: mscOf(msc) }),
  };
}

function mscOf({ base, stride = PAGE_BYTES, ...others }: NonNullable<CacheEntry["msc"]>): object {
  return { base, ...(stride !== PAGE_BYTES && { stride: sizeText(stride) }), ...others };
}
