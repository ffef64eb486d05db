// Caches, memory and what leads where: the shape of a machine.

import { MBW_PBM } from "./control/kinds";
import { fieldGet } from "./field";
import { buildSlice, CacheSlice, INCLUSIVE, leadTo, sliceAt, UPSTREAM } from "./model/cache";
import { Channel } from "./model/channel";
import { buildHeld } from "./model/held";
import { newNode, nodeAt } from "./model/memory";
import { buildPort, finishPort, Port } from "./model/port";
import { MEMORY, Resource, resourceAt } from "./model/resource";
import { buildRunner, MAX_THREADS } from "./model/runner";
import { buildCrew } from "./replay/crew";
import { bankOf, defined, hasBank, MAX_RIS, Msc, risOf } from "./msc/state";
import { SPACES } from "./pe/owners";
import { IDR_HAS_MBW_PART, MBW_IDR_BWPBM_WD } from "./regs/identity";
import { buildStreams } from "./replay/closed";
import { CHUNK_RECORDS, chooseWay } from "./replay/loop";
import { planLevels, queueCapacity } from "./replay/levels";
import { allocate, MAX_LEVEL, NO_RESOURCE, root } from "./root";

/** What is alike in the whole machine; right after `init`. */
export function configure(
  lineShift: u32,
  linesPerPage: u32,
  numaFill: u32,
  quantumNs: u64,
  outstanding: u32,
  closedRequesters: u32,
  seed: u32,
): void {
  const r = root();
  r.lineShift = lineShift;
  r.pageShift = ctz(linesPerPage);
  r.numaFill = numaFill;
  r.quantumNs = quantumNs;
  r.outstanding = outstanding;
  r.seed = seed;
  buildStreams(closedRequesters);
  const columns = <usize>CHUNK_RECORDS * 2;
  for (let i: usize = 0; i < columns; i++) store<u32>(r.lineBytes + (i << 2), <u32>1 << lineShift);
}

/** Room for so many threads, 1 to 8; after `configure`, and only in the build for shared memory. */
export function reserve(threads: u32): void {
  if (!ASC_FEATURE_THREADS || threads > MAX_THREADS) unreachable();
  root().threadCapacity = threads;
}

/** A cache of `slices` slices of `sets` sets each: the resource number of the first; the others follow it. */
export function addCache(
  level: u32,
  slices: u32,
  sets: u32,
  ways: u32,
  policy: u32,
  flags: u32,
  portionsMax: u32,
  latencyNs: u32,
  bytesPerSecond: u64,
): u32 {
  const first = root().resourceCount;
  for (let slice: u32 = 0; slice < slices; slice++) {
    const at = buildSlice(level, slice, slices, sets, ways, policy, flags, portionsMax, latencyNs);
    sliceOf(at).bytesPerSecond = bytesPerSecond;
  }
  return first;
}

/** A memory node: the resource number of its first channel; the others follow it. */
export function addNode(channels: u32, lines: u64, bytesPerSecond: u64, latencyNs: u32): u32 {
  return newNode(channels, lines, bytesPerSecond, latencyNs);
}

/** Which cache's requests go to which, by first slices; NO_RESOURCE for memory, which is where they go unless told otherwise. */
export function setBelow(cache: u32, below: u32): void {
  for (let slice: u32 = 0; slice < sliceOf(cache).slices; slice++) {
    leadTo(sliceOf(cache + slice), below == NO_RESOURCE ? 0 : resourceAt(below));
  }
}

/** Where a requester's records enter: a cache's first slice, or NO_RESOURCE for memory. */
export function setEntry(requester: u32, cache: u32): void {
  const r = root();
  if (cache == NO_RESOURCE && r.sliceCount != 0) r.uneven = 1;
  if (cache == NO_RESOURCE && r.cache != 0) {
    r.cache = 0;
    chooseWay();
  }
  if (cache != NO_RESOURCE && sliceOf(cache).level != r.firstLevel && r.skipping == 0) {
    r.skipping = 1;
    planLevels();
  }
  store<u16>(r.entries + (<usize>requester << 1), <u16>(cache == NO_RESOURCE ? MEMORY : sliceOf(cache).number));
}

function sliceOf(resource: u32): CacheSlice {
  return changetype<CacheSlice>(resourceAt(resource));
}

/** What depends on all the parts: which paths there are, and their ports. */
export function connect(): void {
  const r = root();
  let lowest: u32 = u32.MAX_VALUE;
  let entry: u32 = MEMORY;
  let last: u32 = 0;
  let lasts: u32 = 0;
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const cache = sliceAt(n);
    r.cacheLevels = max(r.cacheLevels, depthOf(cache));
    if (cache.below == 0) {
      if (last != 0 && cache.level != last) r.uneven = 1;
      last = cache.level;
      lasts |= 1 << last;
    }
    if (cache.level < lowest) {
      lowest = cache.level;
      entry = cache.number;
    }
  }
  r.firstLevel = lowest;
  r.lastLevels = popcnt(lasts);
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    if (sliceAt(n).flags & INCLUSIVE) r.inclusive = 1;
    if (sliceAt(n).flags & UPSTREAM) r.upstream = 1;
    if (isSkipping(sliceAt(n))) r.skipping = 1;
  }
  // Usually that is slice 0, and memory begins with zeroes.
  if (entry != 0) {
    for (let i: u32 = 0; i < r.requesterCapacity; i++) store<u16>(r.entries + (<usize>i << 1), <u16>entry);
  }
  // Each level doubles what it is asked for at most: a line out and a line in. A write that an inclusive level refuses is one more.
  r.most = max(<u32>4 << (r.lineShift + r.cacheLevels), 128);
  if (r.nodeCount == 1 && nodeAt(0).channels == 1) r.channel = resourceAt(nodeAt(0).first);
  if (r.sliceCount == 1 && (r.channel != 0 || r.nodeCount == 0) && sliceAt(0).narrowCells != 0 && sliceAt(0).flags == 0) {
    r.cache = changetype<usize>(sliceAt(0));
  }
  // Ports go in the order of their edges.
  for (let level: u32 = 1; level <= MAX_LEVEL; level++) {
    for (let n: u32 = 0; n < r.sliceCount; n++) if (sliceAt(n).level == level) furnishCachePort(sliceAt(n));
  }
  for (let n: u32 = 0; n < r.nodeCount; n++) {
    for (let i: u32 = 0; i < nodeAt(n).channels; i++) {
      const channel = changetype<Channel>(resourceAt(nodeAt(n).first + i));
      listPort(channel.port, portionsBefore(channel));
    }
  }
  // A budget's worth of requests, each with all that it can cause.
  buildHeld(r.streamCapacity * r.outstanding * ((1 << r.cacheLevels) + 3));
  r.runners = allocate(MAX_THREADS * 4);
  if (ASC_FEATURE_THREADS) buildCrew();
  if (r.threadCapacity < 2) buildRunner(0, queueCapacity(CHUNK_RECORDS));
  chooseWay();
}

/** Whether what a slice asks for passes by a level that others go to. */
function isSkipping(cache: CacheSlice): bool {
  if (cache.below == 0) return false;
  const below = changetype<CacheSlice>(cache.below).level;
  for (let n: u32 = 0; n < root().sliceCount; n++) {
    if (sliceAt(n).level > cache.level && sliceAt(n).level < below) return true;
  }
  return false;
}

function depthOf(cache: CacheSlice): u32 {
  return cache.below == 0 ? 1 : 1 + depthOf(changetype<CacheSlice>(cache.below));
}

function furnishCachePort(cache: CacheSlice): void {
  const portions = portionsBefore(cache);
  if (portions == 0) return;
  cache.port = buildPort(changetype<usize>(cache), cache.bytesPerSecond);
  listPort(cache.port, portions);
}

/** Bandwidth portions of the MSC in front of a resource, 1 without a bitmap; 0 without bandwidth controls. */
function portionsBefore(resource: Resource): u32 {
  if (resource.msc == 0) return 0;
  let portions: u32 = 0;
  const msc = changetype<Msc>(resource.msc);
  for (let space: u32 = 0; space < SPACES; space++) {
    if (!hasBank(msc, space)) continue;
    for (let i: u32 = 0; i < MAX_RIS; i++) {
      if (!defined(bankOf(msc, space), i) || (risOf(msc, i).idr & IDR_HAS_MBW_PART) == 0) continue;
      portions = max(portions, risOf(msc, i).controls & (1 << MBW_PBM) ? fieldGet(MBW_IDR_BWPBM_WD, risOf(msc, i).mbwIdr) : 1);
      break;
    }
  }
  return portions;
}

function listPort(at: usize, portions: u32): void {
  const r = root();
  finishPort(changetype<Port>(at), portions != 0, portions);
  store<u32>(r.ports + ((<usize>r.portCount) << 2), <u32>at);
  r.portCount++;
}
