// Sizes of caches that a machine here can have: sets are a power of two in each slice, and lines are of one size.

import { showBytes } from "../../written/index.ts";
import { GUESS, MOST } from "./platform.ts";

const LINE_BYTES: readonly number[] = [32, 64, 128, 256];
/** Of a cache whose size is not said, by level. */
const BYTES_GUESS = [2 ** 15, 2 ** 18, 2 ** 22, 2 ** 23];

export interface SaidCache {
  /** What remarks call it. */
  readonly name: { toString(): string };
  readonly level: number;
  /** 0: not said. So are the others. */
  readonly bytes: number;
  readonly lineBytes: number;
  readonly ways: number;
}

/** The size that most caches say. */
export function lineBytesOf(caches: readonly Pick<SaidCache, "name" | "lineBytes">[], remark: (text: string) => void) {
  const said = caches.filter(({ lineBytes }) => lineBytes !== 0);
  const counts = new Map<number, number>();
  for (const { lineBytes } of said) {
    if (LINE_BYTES.includes(lineBytes)) counts.set(lineBytes, (counts.get(lineBytes) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  const all = most?.[0] ?? GUESS.lineBytes;
  if (most === undefined && caches.length > 0) remark(`lines of ${all} bytes are a guess: no cache says it`);
  const other = said.find(({ lineBytes }) => lineBytes !== all);
  if (other) remark(`${other.name} has lines of ${other.lineBytes} bytes; here all caches have ${all}`);
  return all;
}

/** Size and ways, as near to what is said as can be. */
export function shapeOf(cache: SaidCache, lineBytes: number, slices: number, remark: (text: string) => void) {
  const { name, level } = cache;
  const line = slices * lineBytes;
  const wanted = cache.bytes || (BYTES_GUESS[level - 1] as number);
  if (cache.bytes === 0) remark(`${name}: ${showBytes(wanted)} are a guess`);
  const bytes = Math.min(wanted, MOST.cacheBytes);
  const isSaid = Number.isInteger(cache.ways) && cache.ways >= 1 && cache.ways <= MOST.ways;
  if (!isSaid) remark(`${name}: the number of its ways is a guess`);
  const near = isSaid ? cache.ways : GUESS.ways;
  const candidates = Array.from({ length: MOST.ways }, (_, at) => at + 1).sort(
    (a, b) => Math.abs(a - near) - Math.abs(b - near),
  );
  const fits = candidates.find((one) => isPowerOfTwo(bytes / (one * line)));
  const ways = fits ?? near;
  const sets = 2 ** Math.floor(Math.log2(Math.max(1, bytes / (ways * line))));
  const made = sets * ways * line;
  if (made !== wanted || (isSaid && ways !== cache.ways)) {
    remark(`${name} has ${wanted} bytes; here it has ${made} in ${ways} ways: sets are a power of two`);
  }
  return { bytes: made, ways };
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}
