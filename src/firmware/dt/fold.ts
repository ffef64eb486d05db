// Caches that are alike as one entry of a platform file.

import { showCpus } from "../../written/index.ts";
import type { MscEntry } from "../guess/mscs.ts";
import { PAGE_BYTES, STRIDE_MAXIMUM } from "../guess/pages.ts";

export interface CacheEntry {
  readonly level: number;
  /** Ascending. */
  readonly cpus: readonly number[];
  readonly bytes: number;
  readonly ways: number;
  readonly slices: number;
  readonly msc: MscEntry["msc"];
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
  const { base = 0 } = first.msc;
  const step = (second.msc.base ?? 0) - base;
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
    bytes,
    ways,
    ...(slices > 1 && { slices }),
    ...(msc && { msc: mscOf(msc) }),
  };
}

function mscOf({ base, stride = PAGE_BYTES, ...others }: NonNullable<CacheEntry["msc"]>): object {
  return { base, ...(stride !== PAGE_BYTES && { stride }), ...others };
}
