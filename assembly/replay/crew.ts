// Several threads on one memory. A span goes through the levels as in levels.ts, and every slice belongs to one thread, which
// alone touches it. Before a level each thread takes its share of what is to be done, a stretch of the order of all, and deals
// it to the threads whose slices it is for; then each runs the kernel on what it was dealt, in the order of the stretches.
//
// What that causes has a place: for the request of place p those are 2p and 2p + 1. Each thread keeps what it has caused, in the
// order of places, and the next stretches are merged from that. So every slice sees its requests in the order of the records,
// whoever ran what, and the result does not depend on how many threads there are. No two threads write near each other.

import { isPart, sift } from "../model/border";
import { sliceAt, UPSTREAM } from "../model/cache";
import { PASSING } from "../model/level";
import { kindOf, ownerOf, REQUEST_BYTES, sliceOf, WRITE } from "../model/request";
import { route } from "../model/routing";
import { buildRunner, MAX_THREADS, Runner, runnerAt } from "../model/runner";
import { allocate, MAX_LEVEL, root } from "../root";
import { A_MINUTE, buildBarrier, clear, FOR_EVER, meet } from "./barrier";
import { label, levelAt, pad, PADDING, queueCapacity, runKernels, serveMemory } from "./levels";

/** Records of a span that threads share, at most and at least: what is less takes longer with them than without. */
export const CREW_RECORDS: u32 = 32768;
const CREW_LEAST: u32 = 8192;

/** Ends the places of a list. */
const LAST_PLACE: u32 = u32.MAX_VALUE;

/** Room for the threads beside the first. */
export function buildCrew(): void {
  const r = root();
  if (r.threadCapacity < 2) return;
  buildBarrier();
  const places = <usize>CREW_RECORDS << (levelsThere() - 1);
  r.threadOf = allocate(r.sliceCount);
  const share = places / r.threadCapacity + 2 * 16 + PADDING;
  const requests = max(queueCapacity(CREW_RECORDS), share);
  for (let index: u32 = 0; index < r.threadCapacity; index++) {
    const runner = buildRunner(index, requests);
    runner.places = allocate(requests * 4);
    runner.causedPlaces = allocate(requests * 4);
    runner.heads = allocate(MAX_THREADS * 8);
    // All of a share may be for one thread.
    runner.listCapacity = <u32>share;
    runner.lists = allocate(share * r.threadCapacity * REQUEST_BYTES);
    runner.listPlaces = allocate(share * r.threadCapacity * 4);
    runner.counts = allocate(MAX_THREADS * 4);
  }
}

function levelsThere(): u32 {
  let levels: u32 = 0;
  for (let n: u32 = 0; n < root().sliceCount; n++) levels |= 1 << sliceAt(n).level;
  return max(popcnt(levels), 1);
}

/** Before the others begin to work: all that there is room for, or with 1 the owner alone. */
export function setThreads(threads: u32, maySleep: bool): void {
  const r = root();
  if (threads != 1 && threads != r.threadCapacity) unreachable();
  r.threads = threads;
  r.dismissed = 0;
  r.crewLeast = CREW_LEAST;
  clear();
  r.ownerSleeps = maySleep ? 1 : 0;
  for (let level: u32 = 1; level <= MAX_LEVEL; level++) {
    let next: u32 = 0;
    for (let n: u32 = 0; n < r.sliceCount; n++) {
      if (sliceAt(n).level == level && r.threadOf != 0) store<u8>(r.threadOf + n, <u8>(next++ % threads));
    }
  }
}

/** Whether all threads run a span together. Errors are told in their order, by one. */
export function isForCrew(records: u32): bool {
  const r = root();
  return r.threads > 1 && records >= r.crewLeast && r.offended == 0;
}

/** Runs `n` records, on the thread that owns the machine. */
export function runCrew(lines: usize, requesters: usize, metas: usize, n: u32): void {
  const r = root();
  r.jobLines = lines;
  r.jobRequesters = requesters;
  r.jobMetas = metas;
  r.jobRecords = n;
  meet(r.threads, r.ownerSleeps != 0, A_MINUTE);
  runShare(runnerAt(0));
}

/** Another thread's turn: waits for a span and runs its share. False when it is to end. */
export function work(index: u32): bool {
  const r = root();
  meet(r.threads, true, FOR_EVER);
  if (r.dismissed) return false;
  runShare(runnerAt(index));
  return true;
}

/** Sends the others away. */
export function dismiss(): void {
  const r = root();
  if (r.threads < 2) return;
  r.dismissed = 1;
  meet(r.threads, r.ownerSleeps != 0, A_MINUTE);
  r.threads = 1;
}

/** The owner may have to stay awake; the others need not, and leave it the core. */
function gather(runner: Runner): void {
  const r = root();
  meet(r.threads, runner.index != 0 || r.ownerSleeps != 0, A_MINUTE);
}

function runShare(runner: Runner): void {
  const r = root();
  let places = r.jobRecords;
  const first = shareOf(places, runner.index);
  runner.out = runner.queue;
  runner.memoryOut = runner.toMemory;
  label(
    runner,
    r.jobLines + (<usize>first << 2),
    r.jobRequesters + (<usize>first << 1),
    r.jobMetas + first,
    shareOf(places, runner.index + 1) - first,
    runner.places,
    first,
  );
  let entering = true;
  for (let number: u32 = 1; number <= MAX_LEVEL; number++) {
    if (levelAt(number).kernel == PASSING) continue;
    if (!entering) {
      gather(runner);
      places <<= 1;
      collect(runner, shareOf(places, runner.index), shareOf(places, runner.index + 1));
    }
    deal(runner, number);
    gather(runner);
    runner.out = runner.other;
    for (let index: u32 = 0; index < r.threads; index++) runList(runner, runnerAt(index), number, entering);
    runner.caused = <u32>((runner.out - runner.other) >>> 3);
    store<u32>(runner.causedPlaces + (<usize>runner.caused << 2), LAST_PLACE);
    entering = false;
  }
  serveMemory(runner);
  gather(runner);
}

/** Where the share of a thread begins. */
function shareOf(places: u32, index: u32): u32 {
  return <u32>((<u64>places * index) / root().threads);
}

/** Takes what the kernels of all threads have caused at places from `first` up to `end` into the queue, in the order of places. */
function collect(runner: Runner, first: u32, end: u32): void {
  const threads = root().threads;
  for (let index: u32 = 0; index < threads; index++) {
    const other = runnerAt(index);
    const skipped = before(other, first);
    setHead(runner, index, other.causedPlaces + (<usize>skipped << 2), other.other + <usize>skipped * REQUEST_BYTES);
  }
  if (threads == 2) mergeTwo(runner, end);
  else mergeAll(runner, end, threads);
}

/** How many of the requests that a thread has caused lie before a place. */
function before(other: Runner, place: u32): u32 {
  let least: u32 = 0;
  let most = other.caused;
  while (least < most) {
    const middle = (least + most) >>> 1;
    if (load<u32>(other.causedPlaces + (<usize>middle << 2)) < place) least = middle + 1;
    else most = middle;
  }
  return least;
}

// A head is where the list of a thread has been read up to: of its places, and of its requests.

function setHead(runner: Runner, index: u32, places: usize, requests: usize): void {
  store<usize>(runner.heads + (<usize>index << 3), places);
  store<usize>(runner.heads + (<usize>index << 3), requests, 4);
}

/** No branch on whose is next: that is not to be guessed. */
function mergeTwo(runner: Runner, end: u32): void {
  let places = load<usize>(runner.heads);
  let requests = load<usize>(runner.heads, 4);
  let otherPlaces = load<usize>(runner.heads, 8);
  let otherRequests = load<usize>(runner.heads, 12);
  let out = runner.queue;
  let outPlaces = runner.places;
  for (;;) {
    const place = load<u32>(places);
    const otherPlace = load<u32>(otherPlaces);
    const next = min(place, otherPlace);
    if (next >= end) break;
    const mine = <usize>(place < otherPlace);
    store<u64>(out, load<u64>(mine ? requests : otherRequests));
    store<u32>(outPlaces, next);
    places += mine << 2;
    requests += mine << 3;
    otherPlaces += (1 - mine) << 2;
    otherRequests += (1 - mine) << 3;
    out += REQUEST_BYTES;
    outPlaces += 4;
  }
  runner.out = out;
}

function mergeAll(runner: Runner, end: u32, threads: u32): void {
  let out = runner.queue;
  let outPlaces = runner.places;
  for (;;) {
    let next = LAST_PLACE;
    let head = runner.heads;
    for (let index: u32 = 0; index < threads; index++) {
      const at = runner.heads + (<usize>index << 3);
      const place = load<u32>(load<usize>(at));
      head = place < next ? at : head;
      next = min(next, place);
    }
    if (next >= end) break;
    const request = load<usize>(head, 4);
    store<u64>(out, load<u64>(request));
    store<u32>(outPlaces, next);
    store<usize>(head, load<usize>(head) + 4);
    store<usize>(head, request + REQUEST_BYTES, 4);
    out += REQUEST_BYTES;
    outPlaces += 4;
  }
  runner.out = out;
}

/** Puts each request of the queue into the list of the thread that has its slice. */
function deal(runner: Runner, number: u32): void {
  const r = root();
  const requests = runner.queue;
  let n = <u32>((runner.out - requests) >>> 3);
  pad(runner.out);
  route(requests, n, levelAt(number).slices);
  if (isPart()) n = sift(requests, n, runner.places);
  const capacity = <usize>runner.listCapacity;
  memory.fill(runner.counts, 0, MAX_THREADS * 4);
  for (let i: usize = 0; i < <usize>n; i++) {
    const request = load<u64>(requests + i * REQUEST_BYTES);
    const thread = <usize>load<u8>(r.threadOf + sliceOf(request));
    const count = <usize>load<u32>(runner.counts + (thread << 2));
    const at = thread * capacity + count;
    store<u64>(runner.lists + at * REQUEST_BYTES, request);
    store<u32>(runner.listPlaces + (at << 2), load<u32>(runner.places + (i << 2)));
    store<u32>(runner.counts + (thread << 2), <u32>count + 1);
  }
  for (let thread: usize = 0; thread < <usize>r.threads; thread++) {
    pad(runner.lists + (thread * capacity + load<u32>(runner.counts + (thread << 2))) * REQUEST_BYTES);
  }
}

/** Runs what one thread has dealt to another. */
function runList(runner: Runner, dealer: Runner, number: u32, entering: bool): void {
  const at = <usize>runner.index * dealer.listCapacity;
  const requests = dealer.lists + at * REQUEST_BYTES;
  const n = load<u32>(dealer.counts + (<usize>runner.index << 2));
  runner.first = requests;
  runner.firstPlace = dealer.listPlaces + (at << 2);
  if (entering && root().upstream) countUpstream(runner, requests, n);
  runKernels(runner, number, requests, n);
  runner.firstPlace = 0;
}

/** First levels that count the bytes of records: at their places those are still to be seen. */
function countUpstream(runner: Runner, requests: usize, n: u32): void {
  const metas = root().jobMetas;
  for (let i: usize = 0; i < <usize>n; i++) {
    const request = load<u64>(requests + i * REQUEST_BYTES);
    const cache = sliceAt(sliceOf(request));
    if ((cache.flags & UPSTREAM) == 0) continue;
    const meta = <u32>load<u8>(metas + load<u32>(runner.firstPlace + (i << 2)));
    cache.countUpstream(ownerOf(request), (kindOf(request) & WRITE) != 0, (meta & 63) + 1);
  }
}
