// Records through the whole memory system in bulk: a pass that labels them, then one for each cache level, then memory. Every
// slice sees its requests in the order of the records, which is all that it can tell; channels only count. So the result is
// that of one record after the other (model/path.ts), where no slice asks anything of the levels above it.

import { IN, isPart, SERVED, sift } from "../model/border";
import { sliceAt, UPSTREAM } from "../model/cache";
import { Channel } from "../model/channel";
import { GENERAL, GENERAL_16, kernelOf, MIXED, PASSING, runKernel } from "../model/level";
import { channelOf, Node, nodeAt } from "../model/memory";
import { kindOf, lineOf, ownerOf, packRequest, REQUEST_BYTES, sliceFor, sliceOf, WRITE } from "../model/request";
import { MEMORY } from "../model/resource";
import { route, routeToChannels, VARIOUS } from "../model/routing";
import { Runner, runnerAt } from "../model/runner";
import { reportRequest } from "../msc/requests";
import { LOOK_AHEAD, MAX_LEVEL, Root, root } from "../root";

/** The op of a record that writes. */
const OP_WRITE: u32 = 1;

/** Look-aheads read past the end of a queue, and need a slice to look at there. */
export const PADDING: u32 = LOOK_AHEAD;

/** How a level runs, as of the last edge. */
@unmanaged
class Level {
  kernel: u32;
  /** Slices of each of its caches, or VARIOUS. */
  slices: u32;
}

// @ts-ignore: decorator
@inline
export function levelAt(level: u32): Level {
  return changetype<Level>(changetype<usize>(root()) + offsetof<Root>("levels0") + <usize>(level - 1) * offsetof<Level>());
}

/** Room in a queue for what `records` can become, each level doubling it. */
export function queueCapacity(records: u32): usize {
  return (<usize>records << root().cacheLevels) + PADDING + 1;
}

/** At edges: which kernel runs each level. */
export function planLevels(): void {
  const r = root();
  const skipping = r.crossing == IN ? r.lastLevels > 1 : r.skipping != 0;
  let narrow: u32 = 1;
  for (let number: u32 = 1; number <= MAX_LEVEL; number++) {
    let kernel = PASSING;
    let slices: u32 = 1;
    for (let n: u32 = 0; n < r.sliceCount; n++) {
      const cache = sliceAt(n);
      // Requests that come in at the border meet the last levels only.
      if (cache.level != number || (r.crossing == IN && cache.below != 0)) continue;
      const its = kernelOf(cache);
      if (its == GENERAL || its == GENERAL_16) narrow = 0;
      slices = kernel == PASSING || slices == cache.slices ? cache.slices : VARIOUS;
      kernel = kernel == PASSING || kernel == its ? its : MIXED;
    }
    const level = levelAt(number);
    level.kernel = kernel != PASSING && skipping ? MIXED : kernel;
    level.slices = skipping ? VARIOUS : slices;
  }
  r.allNarrow = narrow;
}

/** Runs `n` records, as `replay` of replay/loop.ts. */
export function runLevels(lines: usize, requesters: usize, metas: usize, n: u32): void {
  const runner = runnerAt(0);
  runner.out = runner.queue;
  runner.memoryOut = runner.toMemory;
  label(runner, lines, requesters, metas, n, 0, 0);
  for (let number: u32 = 1; number <= MAX_LEVEL; number++) {
    if (levelAt(number).kernel != PASSING) runLevel(runner, number);
  }
  serveMemory(runner);
}

/**
 * Gives the records their labels and the caches where they enter, or counts them where they enter memory. With more than one
 * thread they get places, from `first` on, which go to `places`.
 */
export function label(
  runner: Runner,
  lines: usize,
  requesters: usize,
  metas: usize,
  n: u32,
  places: usize,
  first: u32,
): void {
  const r = root();
  const labels = r.labels;
  const entries = r.entries;
  const upstream = r.upstream != 0;
  const kinds = r.kinds;
  let out = runner.out;
  for (let i: u32 = 0; i < n; i++) {
    const line = load<u32>(lines + (<usize>i << 2));
    const requester = <usize>load<u16>(requesters + (<usize>i << 1));
    const meta = <u32>load<u8>(metas + i);
    const op = meta >>> 6;
    const owner = <u32>load<u16>(labels + (((requester << 2) | op) << 1));
    const entry = <u32>load<u16>(entries + (requester << 1));
    if (entry == MEMORY) {
      if (r.nodeCount != 0) enterMemory(runner, line, owner, meta);
      continue;
    }
    if (ASC_FEATURE_THREADS && places != 0) {
      store<u32>(places, first + i);
      places += 4;
    } else if (upstream) countUpstream(entry, line, owner, meta);
    store<u64>(out, packRequest(line, owner, (kinds >>> (op << 1)) & 3, entry));
    out += REQUEST_BYTES;
  }
  runner.out = out;
}

// @ts-ignore: decorator
@inline
function enterMemory(runner: Runner, line: u32, owner: u32, meta: u32): void {
  const channel = channelOf(line);
  if (channel.border == SERVED) serveAt(channel, runner, owner, <u32>(meta >>> 6 == OP_WRITE), (meta & 63) + 1);
}

function countUpstream(entry: u32, line: u32, owner: u32, meta: u32): void {
  const cache = sliceFor(changetype<usize>(sliceAt(entry)), line);
  if (cache.flags & UPSTREAM && cache.border == SERVED) cache.countUpstream(owner, meta >>> 6 == OP_WRITE, (meta & 63) + 1);
}

/** Takes what is in the queue through one level. */
function runLevel(runner: Runner, number: u32): void {
  const level = levelAt(number);
  const requests = runner.queue;
  let n = <u32>((runner.out - requests) >>> 3);
  pad(runner.out);
  route(requests, n, level.slices);
  if (isPart()) {
    n = sift(requests, n, 0);
    pad(requests + <usize>n * REQUEST_BYTES);
  }
  runner.out = runner.other;
  if (root().offended) reportArriving(requests, n, number);
  runKernels(runner, number, requests, n);
  runner.queue = runner.other;
  runner.other = requests;
}

/** Ends a list of requests. */
export function pad(end: usize): void {
  memory.fill(end, 0, <usize>PADDING * REQUEST_BYTES);
}

export function runKernels(runner: Runner, number: u32, requests: usize, n: u32): void {
  const kernel = levelAt(number).kernel;
  if (kernel == MIXED) runMixed(runner, number, requests, n);
  else runKernel(kernel, runner, requests, n);
}

/** Errors of a level's requests; a span whose errors show is of one record. */
function reportArriving(requests: usize, n: u32, number: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const request = load<u64>(requests + <usize>i * REQUEST_BYTES);
    const cache = sliceAt(sliceOf(request));
    if (cache.level == number && cache.offending != 0) reportRequest(changetype<usize>(cache), ownerOf(request));
  }
}

/** Where slices of a level differ, or requests pass it by: in stretches of one kernel. */
function runMixed(runner: Runner, number: u32, requests: usize, n: u32): void {
  let first: u32 = 0;
  while (first < n) {
    const kernel = kernelFor(requests, first, number);
    let end = first + 1;
    while (end < n && kernelFor(requests, end, number) == kernel) end++;
    runKernel(kernel, runner, requests + <usize>first * REQUEST_BYTES, end - first);
    first = end;
  }
}

function kernelFor(requests: usize, index: u32, number: u32): u32 {
  const cache = sliceAt(sliceOf(load<u64>(requests + <usize>index * REQUEST_BYTES)));
  return cache.level == number ? kernelOf(cache) : PASSING;
}

export function serveMemory(runner: Runner): void {
  const r = root();
  if (r.nodeCount == 0) return;
  const requests = runner.toMemory;
  const n = <u32>((runner.memoryOut - requests) >>> 3);
  if (r.nodeCount == 1 && r.offended == 0) {
    const node = nodeAt(0);
    if (popcnt(node.channels) == 1) return serveNode(runner, node, requests, n);
  }
  const bytes = <u32>1 << r.lineShift;
  for (let i: usize = 0; i < <usize>n; i++) {
    const request = load<u64>(requests + i * REQUEST_BYTES);
    serveAt(channelOf(lineOf(request)), runner, ownerOf(request), kindOf(request) & WRITE, bytes);
  }
}

/** One node, whose channels can be found for four requests at a time. */
function serveNode(runner: Runner, node: Node, requests: usize, n: u32): void {
  const r = root();
  const bytes = <u32>1 << r.lineShift;
  routeToChannels(requests, n, node.channels);
  const channels = r.resources + (<usize>node.first << 2);
  for (const end = requests + <usize>n * REQUEST_BYTES; requests < end; requests += REQUEST_BYTES) {
    const request = load<u64>(requests);
    const channel = changetype<Channel>(load<u32>(channels + (<usize>sliceOf(request) << 2)));
    channel.count(runner.index, ownerOf(request), kindOf(request) & WRITE, bytes);
  }
}

// @ts-ignore: decorator
@inline
function serveAt(channel: Channel, runner: Runner, owner: u32, write: u32, bytes: u32): void {
  channel.count(runner.index, owner, write, bytes);
  if (channel.offending != 0) reportRequest(changetype<usize>(channel), owner);
}
