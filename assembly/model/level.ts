// The kernels of a level: requests in their order, each to its slice, and what they cause below in the same order. One kernel
// for each shape of the narrow layout, and the general one for the wide layout, which knows every policy and every control.

import { LOOK_AHEAD, root } from "../root";
import { CacheSlice, DIRTY, LRU, NO_WAY, NRU, OwnerUse, PLRU, RANDOM, RELABEL } from "./cache";
import { candidates } from "./candidates";
import { countEviction, countRange, RANGE_DEMANDS, RANGE_EVICTIONS, RANGE_MISSES, relabel, replace } from "./lines";
import { countLine } from "./partition";
import { lanesOf } from "./narrow";
import { bitsIn, lanesWith, take, touch as touchLane } from "./narrow-set";
import { choose, touch } from "./policy";
import { FULL, kindOf, lineOf, ownerOf, packRequest, READ, sliceOf, WRITE, WRITE_BACK } from "./request";
import { Runner } from "./runner";
import { find, lineIn, ownerIn, setAt, setState, stateIn, VALID } from "./wide";

// Kernels by number: policy, 4 more with 32 lanes, or one of these.
export const GENERAL_16: u32 = 8;
export const GENERAL: u32 = 9;
/** No kernel: the request is for a level further down. */
export const PASSING: u32 = 10;
/** Of a level whose slices differ. */
export const MIXED: u32 = 11;

const WIDE_LANES: u32 = 4;

export function kernelOf(cache: CacheSlice): u32 {
  if (cache.wide) return cache.lanes == 16 ? GENERAL_16 : GENERAL;
  return cache.policy + (lanesOf(cache) == 32 ? WIDE_LANES : 0);
}

/** Runs `n` requests that have the same kernel, readable some requests past their end. */
export function runKernel(kernel: u32, runner: Runner, requests: usize, n: u32): void {
  if (ASC_FEATURE_SIMD && kernel < GENERAL_16) return runNarrow(kernel, runner, requests, n);
  switch (kernel) {
    case GENERAL_16:
      return general16(runner, requests, n);
    case GENERAL:
      return general(runner, requests, n);
    default:
      return letPass(runner, requests, n);
  }
}

function runNarrow(kernel: u32, runner: Runner, requests: usize, n: u32): void {
  switch (kernel) {
    case LRU:
      return lru16(runner, requests, n);
    case PLRU:
      return plru16(runner, requests, n);
    case NRU:
      return nru16(runner, requests, n);
    case RANDOM:
      return random16(runner, requests, n);
    case LRU + WIDE_LANES:
      return lru32(runner, requests, n);
    case PLRU + WIDE_LANES:
      return plru32(runner, requests, n);
    case NRU + WIDE_LANES:
      return nru32(runner, requests, n);
    default:
      return random32(runner, requests, n);
  }
}

function lru16(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, LRU, 16);
}

function plru16(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, PLRU, 16);
}

function nru16(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, NRU, 16);
}

function random16(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, RANDOM, 16);
}

function lru32(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, LRU, 32);
}

function plru32(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, PLRU, 32);
}

function nru32(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, NRU, 32);
}

function random32(runner: Runner, requests: usize, n: u32): void {
  run(runner, requests, n, RANDOM, 32);
}

// @ts-ignore: decorator
@inline
function run(runner: Runner, requests: usize, n: u32, policy: u32, lanes: usize): void {
  const slices = root().slices;
  const end = requests + (<usize>n << 3);
  for (; requests < end; requests += 8) {
    const ahead = load<u64>(requests, LOOK_AHEAD << 3);
    const next = changetype<CacheSlice>(load<u32>(slices + (<usize>sliceOf(ahead) << 2)));
    // Its sets may be smaller than these, and beyond them there may be no memory.
    const stride: usize = lanes == 16 ? 64 : lanesOf(next) * 4;
    runner.sink = load<u32>(next.narrowCells + <usize>(lineOf(ahead) & (next.sets - 1)) * stride);

    const request = load<u64>(requests);
    const cache = changetype<CacheSlice>(load<u32>(slices + (<usize>sliceOf(request) << 2)));
    const line = lineOf(request);
    const number = line & (cache.sets - 1);
    const tag = line >>> cache.setShift;
    const set = cache.narrowCells + <usize>number * lanes * 4;
    const states = set + lanes * 2;
    const owner = ownerOf(request);
    const kind = kindOf(request);
    const read = <u32>(kind < FULL);
    const use = cache.use(owner);
    use.accesses += read;
    const low = lanesWith(set, tag);
    const high = lanes == 16 ? low : lanesWith(set + 32, tag);
    const found = bitsIn(low, high, lanes);
    if (found != 0) {
      touchLane(cache, states, ctz(found), low, high, (kind & WRITE) << 7, policy, lanes);
      continue;
    }
    const taken = take(cache, use, set, number, owner, (kind & WRITE) << 7, policy, lanes);
    if (taken == NO_WAY) {
      pass(runner, requests, cache, use, line, owner, kind);
      continue;
    }
    // As in the kernel of a single cache, nothing branches on whether a line was dirty, or needs to be read.
    const way = taken & ~DIRTY;
    const wasDirty = (taken & DIRTY) >>> 7;
    const loser = <u32>load<u8>(set + lanes * 3 + way);
    const lost = (<u32>load<u16>(set + (<usize>way << 1)) << cache.setShift) | number;
    const loserUse = cache.use(loser);
    loserUse.evicted++;
    loserUse.writtenLines += wasDirty;
    send(runner, requests, 0, cache, lost, loser & (0 - wasDirty), WRITE_BACK, wasDirty);
    use.readLines += read;
    use.gained += 1 - read;
    send(runner, requests, 1, cache, line, owner, READ, read);
    store<u16>(set + (<usize>way << 1), <u16>tag);
    store<u8>(set + lanes * 3 + way, <u8>owner);
  }
}

function general16(runner: Runner, requests: usize, n: u32): void {
  runGeneral(runner, requests, n, 16);
}

function general(runner: Runner, requests: usize, n: u32): void {
  runGeneral(runner, requests, n, 0);
}

/** Any number of ways, any policy, every control: on the wide layout. With 0 lanes each slice says how many it has. */
// @ts-ignore: decorator
@inline
function runGeneral(runner: Runner, requests: usize, n: u32, most: u32): void {
  const slices = root().slices;
  const detailed = root().detailed;
  const end = requests + (<usize>n << 3);
  for (; requests < end; requests += 8) {
    const ahead = load<u64>(requests, LOOK_AHEAD << 3);
    const next = changetype<CacheSlice>(load<u32>(slices + (<usize>sliceOf(ahead) << 2)));
    const coming = setAt(next, lineOf(ahead) & (next.sets - 1));
    runner.sink = load<u32>(coming) + load<u32>(coming, 64);

    const request = load<u64>(requests);
    const cache = changetype<CacheSlice>(load<u32>(slices + (<usize>sliceOf(request) << 2)));
    const line = lineOf(request);
    const number = line & (cache.sets - 1);
    const set = setAt(cache, number);
    const lanes: u32 = most == 16 ? 16 : cache.lanes;
    const owner = ownerOf(request);
    const kind = kindOf(request);
    const read = <u32>(kind < FULL);
    const use = cache.use(owner);
    use.accesses += read;
    if (detailed && read) countRange(cache, number, RANGE_DEMANDS);
    const found = find(set, line >>> cache.setShift, lanes);
    if (found != NO_WAY) {
      touch(cache, set, found, lanes);
      if ((kind & WRITE) == 0) continue;
      setState(cache, set, found, stateIn(cache, set, found) | DIRTY);
      if (read && cache.flags & RELABEL) relabel(cache, set, found, owner);
      continue;
    }
    if (detailed && read) countRange(cache, number, RANGE_MISSES);
    const open = candidates(cache, set, number, owner, lanes);
    if (open == 0) {
      pass(runner, requests, cache, use, line, owner, kind);
      continue;
    }
    const way = choose(cache, set, number, open, lanes);
    const state = stateIn(cache, set, way);
    if (state & VALID) {
      const loser = ownerIn(cache, set, way);
      if (detailed) {
        countRange(cache, number, RANGE_EVICTIONS);
        countEviction(cache, set, loser, owner);
      }
      const wasDirty = (state & DIRTY) >>> 7;
      countLine(cache, loser, -1);
      const loserUse = cache.use(loser);
      loserUse.evicted++;
      loserUse.writtenLines += wasDirty;
      send(runner, requests, 0, cache, lineIn(cache, set, number, way), loser, WRITE_BACK, wasDirty);
    }
    use.readLines += read;
    use.gained += 1 - read;
    send(runner, requests, 1, cache, line, owner, READ, read);
    replace(cache, set, way, line, owner, (kind & WRITE) << 7, lanes);
  }
}

/** No way may be taken: the request passes down as it is. */
function pass(
  runner: Runner,
  requests: usize,
  cache: CacheSlice,
  use: OwnerUse,
  line: u32,
  owner: u32,
  kind: u32,
): void {
  const write = kind & WRITE;
  const read = <u32>(kind < FULL);
  use.writtenLines += write;
  use.readLines += 1 - write;
  use.passedWrites += write & read;
  use.passedReads += 1 - write;
  send(runner, requests, 0, cache, line, owner, write ? WRITE_BACK : READ, 1);
}

function letPass(runner: Runner, requests: usize, n: u32): void {
  if (ASC_FEATURE_THREADS && runner.firstPlace != 0) {
    for (const end = requests + (<usize>n << 3); requests < end; requests += 8) {
      keep(runner, requests, 0, load<u64>(requests), 1);
    }
    return;
  }
  memory.copy(runner.out, requests, <usize>n << 3);
  runner.out += <usize>n << 3;
}

/**
 * Something crosses the downstream side of a slice, if `really` is 1; with 0 it leaves no trace. Because of the request at
 * `requests`, which causes at most two, `which` is 0 and 1.
 */
// @ts-ignore: decorator
@inline
function send(
  runner: Runner,
  requests: usize,
  which: u32,
  cache: CacheSlice,
  line: u32,
  owner: u32,
  kind: u32,
  really: u32,
): void {
  const below = cache.egress == 0 ? owner : <u32>load<u16>(cache.egress + (<usize>owner << 1));
  if (ASC_FEATURE_THREADS && runner.firstPlace != 0 && cache.below != 0) {
    keep(runner, requests, which, packRequest(line, below, kind, cache.belowNumber), really);
    return;
  }
  const pointer = changetype<usize>(runner) + cache.outbox;
  const out = load<usize>(pointer);
  store<u64>(out, packRequest(line, below, kind, cache.belowNumber));
  store<usize>(pointer, out + (<usize>really << 3));
}

/** With more than one thread what a request causes has a place of its own (replay/crew.ts). */
// @ts-ignore: decorator
@inline
function keep(runner: Runner, requests: usize, which: u32, request: u64, really: u32): void {
  const cause = load<u32>(runner.firstPlace + ((requests - runner.first) >>> 1));
  store<u32>(runner.causedPlaces + ((runner.out - runner.other) >>> 1), (cause << 1) | which);
  store<u64>(runner.out, request);
  runner.out += <usize>really << 3;
}
