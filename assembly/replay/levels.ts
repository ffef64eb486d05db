// Records through the whole memory system in bulk: a pass that labels them, then one for each cache level. Every slice sees its
// requests in the order of the records, which is all that it can tell; channels only count. So the result is that of one
// record after the other (model/path.ts), where no slice asks anything of the levels above it.

import { MAX_LEVEL, Root, root } from "../root";
import { CacheSlice, sliceAt, UPSTREAM } from "../model/cache";
import { GENERAL, kernelOf, MIXED, PASSING, runKernel } from "../model/level";
import { channelOf } from "../model/memory";
import { ownerOf, packRequest, REQUEST_BYTES, sliceFor, sliceOf, WRITE } from "../model/request";
import { reportRequest } from "../msc/requests";
import { MEMORY, resourceAt } from "../model/resource";
import { Runner, runnerAt } from "../model/runner";

/** The op of a record that writes. */
const OP_WRITE: u32 = 1;

/** Look-aheads read past the end of a queue, and need a slice to look at there. */
const PADDING: u32 = 16;

/** Room in a queue for what `records` can become, each level doubling it. */
export function queueCapacity(records: u32): usize {
  return (<usize>records << root().cacheLevels) + PADDING + 1;
}

/** At edges: which kernel runs each level. */
export function planLevels(): void {
  const r = root();
  let narrow: u32 = 1;
  for (let level: u32 = 1; level <= MAX_LEVEL; level++) {
    let kernel = PASSING;
    for (let n: u32 = 0; n < r.sliceCount; n++) {
      const cache = sliceAt(n);
      if (cache.level != level) continue;
      const its = kernelOf(cache);
      if (its == GENERAL) narrow = 0;
      kernel = kernel == PASSING || kernel == its ? its : MIXED;
    }
    if (kernel != PASSING && r.skipping) kernel = MIXED;
    setPlan(level, kernel);
  }
  r.allNarrow = narrow;
}

function setPlan(level: u32, kernel: u32): void {
  store<u8>(changetype<usize>(root()) + offsetof<Root>("plan") + level, <u8>kernel);
}

function planOf(level: u32): u32 {
  return load<u8>(changetype<usize>(root()) + offsetof<Root>("plan") + level);
}

/** Runs `n` records, as `replay` of replay/loop.ts. */
export function runLevels(lines: usize, requesters: usize, metas: usize, n: u32): void {
  const runner = runnerAt(0);
  runner.out = runner.queue;
  label(runner, lines, requesters, metas, n);
  for (let level: u32 = 1; level <= MAX_LEVEL; level++) {
    const kernel = planOf(level);
    if (kernel != PASSING) runLevel(runner, level, kernel);
  }
}

/** Gives the records their labels and the slices where they enter, or counts them where they enter memory. */
function label(runner: Runner, lines: usize, requesters: usize, metas: usize, n: u32): void {
  const r = root();
  for (let i: u32 = 0; i < n; i++) {
    const line = load<u32>(lines + (<usize>i << 2));
    const requester = <usize>load<u16>(requesters + (<usize>i << 1));
    const meta = <u32>load<u8>(metas + i);
    const op = meta >>> 6;
    const owner = <u32>load<u16>(r.labels + (((requester << 2) | op) << 1));
    const entry = <u32>load<u16>(r.entries + (requester << 1));
    if (entry == MEMORY) {
      if (r.nodeCount == 0) continue;
      const channel = channelOf(line);
      channel.count(runner.index, owner, <u32>(op == OP_WRITE), (meta & 63) + 1);
      if (channel.offending != 0) reportRequest(changetype<usize>(channel), owner);
      continue;
    }
    const cache = sliceFor(resourceAt(entry), line);
    if (cache.flags & UPSTREAM) cache.countUpstream(owner, op == OP_WRITE, (meta & 63) + 1);
    store<u64>(runner.out, packRequest(line, owner, op == OP_WRITE ? WRITE : 0, cache.number));
    runner.out += REQUEST_BYTES;
  }
}

/** Takes what is in the queue through one level. */
function runLevel(runner: Runner, level: u32, kernel: u32): void {
  const requests = runner.queue;
  const n = <u32>((runner.out - requests) >>> 3);
  memory.fill(runner.out, 0, <usize>PADDING * REQUEST_BYTES);
  runner.out = runner.other;
  if (root().offended) reportArriving(requests, n, level);
  if (kernel == MIXED) runMixed(runner, level, requests, n);
  else runKernel(kernel, runner, requests, n);
  runner.queue = runner.other;
  runner.other = requests;
}

/** Errors of a level's requests; a span whose errors show is of one record. */
function reportArriving(requests: usize, n: u32, level: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const request = load<u64>(requests + <usize>i * REQUEST_BYTES);
    const cache = sliceAt(sliceOf(request));
    if (cache.level == level && cache.offending != 0) reportRequest(changetype<usize>(cache), ownerOf(request));
  }
}

/** Where slices of a level differ, or requests pass it by: in stretches of one kernel. */
function runMixed(runner: Runner, level: u32, requests: usize, n: u32): void {
  let first: u32 = 0;
  while (first < n) {
    const kernel = kernelFor(requests, first, level);
    let end = first + 1;
    while (end < n && kernelFor(requests, end, level) == kernel) end++;
    runKernel(kernel, runner, requests + <usize>first * REQUEST_BYTES, end - first);
    first = end;
  }
}

function kernelFor(requests: usize, index: u32, level: u32): u32 {
  const cache: CacheSlice = sliceAt(sliceOf(load<u64>(requests + <usize>index * REQUEST_BYTES)));
  return cache.level == level ? kernelOf(cache) : PASSING;
}
