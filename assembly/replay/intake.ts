// Records on their way in: columns of several traces, as their files have them, become the columns that the loop takes, in
// the order of all traces. Reading fills columns from outside; nothing of this is state of the hardware.

import { allocate, CALL_RECORDS, LOOK_AHEAD, root } from "../root";

/** What all traces together may use for columns that wait, beside what is staged. */
const COLUMN_BYTES: usize = 5 << 20;

/** As many records as a stream takes at once. */
const HANDED_BYTES: usize = 4096;

/** What the columns of a feed are. */
const RECORDS: u32 = 0; // line u32, requester u16, meta u8, time f64: all done but the order
const PACKED: u32 = 1; // line u32, requester u16, meta u8, step u32: docs/trace-format.md
const COLUMNS: u32 = 2; // address u64, requester u16, op u8, time u64, bytes u16

/** A packed row with this step is no access: it stands for `line` times this many ns. */
const ESCAPE: u32 = 0xffff_ffff;

/** Packed rows are within lines of 64 bytes, and accesses are cut at them. */
const LINE_SHIFT: u32 = 6;

/** Rows that are taken at once, at least and at most. */
const LEAST_BLOCK: u32 = 256;
const MOST_BLOCK: u32 = 4096;
/** Longer steps are summed one by one: a lane of the vector loop sums a quarter of a block. */
const MOST_STEP: u32 = 0x3f_ffff;
/** Rows to a turn of the vector loop; rows of a trace among others that are taken one by one first. */
const LANES: u32 = 16;
const SHORT_RUN: u32 = 16;

/** Times past this are not whole ns any more. */
const MOST_TIME: u64 = 0x1f_ffff_ffff_ffff;

/** Who asks: a requester of the trace, and where its address space lies. */
@unmanaged
class Asker {
  requester: u32;
  /** First line of the space, in lines of the machine. */
  line: u32;
  /** Lines of 64 bytes that the space has; 0 where no row may name this requester. */
  lines: u64;
  base: u64;
  bytes: u64;
}

/** One trace: the columns at hand, and where it stands in them. */
@unmanaged
class Feed {
  form: u32;
  /** Rows of the columns, and the next one; what has been taken of it already. */
  rows: u32;
  next: u32;
  part: u32;
  lines: usize;
  requesters: usize;
  metas: usize;
  times: usize;
  bytes: usize;
  /** Rows still to be passed over, and rows that may be taken then. */
  skip: u32;
  left: u32;
  /** Nothing comes after the columns. */
  ended: u32;
  /** The next row is none that could be taken. */
  refused: u32;
  askers: usize;
  askerCount: u32;
  number: u16;
  /** 1: requesters are numbered in a row from the first one's, and share a space. */
  uniform: u32;
  /** Number of the next row, and records taken in all. */
  row: f64;
  taken: u32;
  /** Time of the row before, ns as the file has it, and what is added to it. */
  traced: f64;
  later: f64;
  /** Model time of the next record; Infinity where none is at hand. */
  time: f64;
}

/** What is staged for the loop, beside its columns. */
@unmanaged
class Intake {
  /** Model time at which the traces begin. */
  start: f64;
  feedCount: u32;
  /** Records in the staged columns; how many have run. */
  staged: u32;
  ran: u32;
  /** Records whose times stand in `times`; those of later ones are sums of `steps`, from `speltTime` on. */
  spelt: u32;
  speltTime: f64;
  later: f64;
  /** Time of the last staged record: as `traced`, and in model time. */
  last: f64;
  lastTime: f64;
  times: usize;
  steps: usize;
  /** Which feed each record came from, u16: where there are several. */
  from: usize;
  handed: usize;
  feeds: usize;
}

/** Lays it out on pages of its own at the end of memory: snapshots leave them out. */
export function buildIntake(): void {
  const r = root();
  allocate((0x1_0000 - (r.top & 0xffff)) & 0xffff);
  r.intake = allocate(offsetof<Intake>());
  const records = <usize>(CALL_RECORDS + LOOK_AHEAD);
  r.stagedLines = allocate(records << 2);
  r.stagedRequesters = allocate(records << 1);
  r.stagedMetas = allocate(records);
  allocate((records << 3) + (records << 2) + (records << 1) + HANDED_BYTES + COLUMN_BYTES);
}

// @ts-ignore: decorator
@inline
function intake(): Intake {
  return changetype<Intake>(root().intake);
}

// @ts-ignore: decorator
@inline
function feedAt(index: u32): Feed {
  return changetype<Feed>(intake().feeds + <usize>index * offsetof<Feed>());
}

/** `feeds` traces, at most MAX_FEEDS, begin at `start`. Answers where memory for their columns begins. */
export function openIntake(feeds: u32, start: f64): usize {
  const r = root();
  const at = intake();
  const records = <usize>(CALL_RECORDS + LOOK_AHEAD);
  at.times = r.stagedMetas + records;
  at.steps = at.times + (records << 3);
  at.from = at.steps + (records << 2);
  at.handed = at.from + (records << 1);
  at.feeds = at.handed + HANDED_BYTES;
  at.start = start;
  at.feedCount = feeds;
  at.staged = at.ran = at.spelt = 0;
  const bytes = <usize>feeds * offsetof<Feed>();
  memory.fill(at.feeds, 0, bytes);
  for (let i: u32 = 0; i < feeds; i++) {
    feedAt(i).time = Infinity;
    feedAt(i).number = <u16>i;
  }
  return at.feeds + ((bytes + 63) & ~63);
}

/** Where the intake begins, on a page of its own; nothing comes after it. */
export function intakeStart(): usize {
  return root().intake;
}

/** Where memory for columns ends. */
export function intakeEnd(): usize {
  return root().top;
}

/** Who asks in a feed, `count` entries at `askers`. */
export function setAskers(feed: u32, askers: usize, count: u32): void {
  const f = feedAt(feed);
  f.askers = askers;
  f.askerCount = count;
  const first = changetype<Asker>(askers);
  f.uniform = root().lineShift >= LINE_SHIFT ? 1 : 0;
  for (let i: u32 = 0; i < count; i++) {
    const asker = changetype<Asker>(askers + <usize>i * offsetof<Asker>());
    if (asker.requester != first.requester + i || asker.line != first.line || asker.lines != first.lines) f.uniform = 0;
  }
}

/** The next columns begin with row `row` after `skip` rows; the row before them had the time `traced`; `left` rows may be taken. */
export function beginRows(feed: u32, row: f64, traced: f64, later: f64, skip: u32, left: u32): void {
  const f = feedAt(feed);
  f.row = row;
  f.part = 0;
  f.traced = traced;
  f.later = later;
  f.skip = skip;
  f.left = left;
}

/** Gives a feed that has none its next columns. */
export function giveColumns(
  feed: u32,
  form: u32,
  rows: u32,
  lines: usize,
  requesters: usize,
  metas: usize,
  times: usize,
  bytes: usize,
): void {
  const f = feedAt(feed);
  f.form = form;
  f.rows = rows;
  f.next = 0;
  f.lines = lines;
  f.requesters = requesters;
  f.metas = metas;
  f.times = times;
  f.bytes = bytes;
  settle(f);
}

export function endFeed(feed: u32): void {
  feedAt(feed).ended = 1;
}

/** The next row of a feed is taken another way: it has no columns any more. */
export function dropColumns(feed: u32): void {
  const f = feedAt(feed);
  f.rows = f.next = f.part = f.refused = 0;
  f.time = Infinity;
}

export function feedRow(feed: u32): f64 {
  return feedAt(feed).row;
}

export function feedPart(feed: u32): u32 {
  return feedAt(feed).part;
}

/** Rows of the columns that have been taken whole. */
export function feedNext(feed: u32): u32 {
  return feedAt(feed).next;
}

/** Records taken from a feed since it was opened, modulo 2^32. */
export function feedTaken(feed: u32): u32 {
  return feedAt(feed).taken;
}

/** Whether a feed has no record at hand. */
export function isDry(feed: u32): bool {
  return feedAt(feed).time == Infinity;
}

export function isRefused(feed: u32): bool {
  return feedAt(feed).refused != 0;
}

/** The first feed that has no record at hand and has not ended; all ones when there is none. */
export function dryFeed(): u32 {
  const count = intake().feedCount;
  for (let i: u32 = 0; i < count; i++) {
    const f = feedAt(i);
    if (f.time == Infinity && !f.ended) return i;
  }
  return u32.MAX_VALUE;
}

/** Model time of the next record that is not staged, where no feed is dry; Infinity when all have ended. */
export function nextTime(): f64 {
  const count = intake().feedCount;
  let least: f64 = Infinity;
  for (let i: u32 = 0; i < count; i++) least = min(least, feedAt(i).time);
  return least;
}

/** Passes over records of a feed; how many it had not at hand. */
export function skipRecords(feed: u32, records: u32): u32 {
  const at = intake();
  const f = feedAt(feed);
  let left = records;
  while (left > 0 && f.time != Infinity && !f.refused) {
    // Taken as ever, and not kept.
    at.staged = at.spelt = 0;
    take(at, f, Infinity, min(left, CALL_RECORDS));
    left -= at.staged;
  }
  at.staged = at.spelt = 0;
  return left;
}

// What is staged.

/** Staged records that have not run begin here, and end there. */
export function stagedFirst(): u32 {
  return intake().ran;
}

export function stagedEnd(): u32 {
  return intake().staged;
}

/** Times of staged records, f64, once they are spelt. */
export function stagedTimes(): usize {
  return intake().times;
}

export function spellStaged(): void {
  spell(intake());
}

/** Where records are handed over that are not staged. */
export function handed(): usize {
  return intake().handed;
}

export function stagedRecords(): u32 {
  return intake().staged - intake().ran;
}

/** Of the records that have not run, how many are before `before`. */
export function stagedBefore(before: f64): u32 {
  const at = intake();
  if (at.staged == 0 || at.lastTime < before) return at.staged - at.ran;
  spell(at);
  let count = at.staged;
  while (count > at.ran && load<f64>(at.times + (<usize>(count - 1) << 3)) >= before) count--;
  return count - at.ran;
}

/** Model time of a staged record, counted from the first of those staged last; Infinity past them. */
export function stagedTime(index: u32): f64 {
  const at = intake();
  if (index >= at.staged) return Infinity;
  if (index == at.staged - 1) return at.lastTime;
  if (index >= at.spelt) spell(at);
  return load<f64>(at.times + (<usize>index << 3));
}

/** The first `count` of those that have not run have run now. */
export function ran(count: u32): void {
  intake().ran += count;
}

/** How many of the staged records that have not run came from a feed. */
export function waitingOf(feed: u32): u32 {
  const at = intake();
  if (at.feedCount == 1) return at.staged - at.ran;
  let count: u32 = 0;
  for (let i = at.ran; i < at.staged; i++) if (load<u16>(at.from + (<usize>i << 1)) == feed) count++;
  return count;
}

/**
 * Stages records before `before` until there are `most` of them that have not run; what had not run goes to the front. Answers
 * a feed whose next record has to be known first and is not at hand, or all ones.
 */
export function stage(before: f64, most: u32): u32 {
  const at = intake();
  bringForward(at);
  while (at.staged < most) {
    let first: u32 = u32.MAX_VALUE;
    let time = before;
    let bound = before;
    for (let i: u32 = 0; i < at.feedCount; i++) {
      const f = feedAt(i);
      if (f.time == Infinity) {
        // Nobody knows what comes first before every feed has something to show, or has ended.
        if (!f.ended) return i;
        continue;
      }
      if (f.time < time) {
        // Of equal times the earlier file goes first.
        bound = time;
        time = f.time;
        first = i;
      } else if (f.time < bound) {
        bound = after(f.time);
      }
    }
    if (first == u32.MAX_VALUE) return first;
    take(at, feedAt(first), bound, most - at.staged);
  }
  return u32.MAX_VALUE;
}

/** Stages what a feed has at hand, whatever the others have: `most` records of it at most. Nothing else may be staged. */
export function stageFeed(feed: u32, most: u32): void {
  const at = intake();
  bringForward(at);
  const f = feedAt(feed);
  if (f.time != Infinity) take(at, f, Infinity, most);
}

/** The next number after `x`, which is not negative. */
// @ts-ignore: decorator
@inline
function after(x: f64): f64 {
  return reinterpret<f64>(reinterpret<u64>(x) + 1);
}

function bringForward(at: Intake): void {
  const left = at.staged - at.ran;
  if (at.ran == 0) return;
  if (left > 0) {
    const r = root();
    spell(at);
    memory.copy(r.stagedLines, r.stagedLines + (<usize>at.ran << 2), <usize>left << 2);
    memory.copy(r.stagedRequesters, r.stagedRequesters + (<usize>at.ran << 1), <usize>left << 1);
    memory.copy(r.stagedMetas, r.stagedMetas + at.ran, left);
    memory.copy(at.times, at.times + (<usize>at.ran << 3), <usize>left << 3);
    memory.copy(at.from, at.from + (<usize>at.ran << 1), <usize>left << 1);
  }
  at.staged = at.spelt = left;
  at.ran = 0;
}

/** Writes down the times of all staged records. */
function spell(at: Intake): void {
  const start = at.start;
  const later = at.later;
  const times = at.times;
  const steps = at.steps;
  const staged = at.staged;
  let traced = at.speltTime;
  for (let i = at.spelt; i < staged; i++) {
    traced += <f64>load<u32>(steps + (<usize>i << 2));
    store<f64>(times + (<usize>i << 3), start + (traced + later));
  }
  at.spelt = staged;
}

// Taking.

/** Takes records of a feed whose times are before `bound`, as many as are at hand, at least one and at most `most`. */
function take(at: Intake, f: Feed, bound: f64, most: u32): void {
  const before = at.staged;
  if (f.form == PACKED && root().lineShift >= LINE_SHIFT) takePacked(at, f, bound, most);
  else if (f.form == RECORDS) takeRecords(at, f, bound, most);
  else takeRows(at, f, bound, most);
  f.taken += at.staged - before;
}

/** Notes whose the next `count` records are. */
function sign(at: Intake, f: Feed, count: u32): void {
  for (let to = <usize>at.staged, end = to + count; to < end; to++) store<u16>(at.from + (to << 1), f.number);
}

/** Finds the next row that is a record, and its time. */
function settle(f: Feed): void {
  const start = intake().start;
  for (; f.next < f.rows && f.left > 0; f.next++) {
    const i = <usize>f.next;
    if (f.form == RECORDS) {
      f.time = load<f64>(f.times + (i << 3));
      return;
    }
    let traced: f64;
    if (f.form == PACKED) {
      const step = load<u32>(f.times + (i << 2));
      if (step == ESCAPE) {
        f.traced += <f64>load<u32>(f.lines + (i << 2)) * <f64>ESCAPE;
        continue;
      }
      traced = f.traced + <f64>step;
    } else {
      const time = load<u64>(f.times + (i << 3));
      if (time > MOST_TIME || <f64>time < f.traced) {
        refuse(f);
        return;
      }
      traced = <f64>time;
    }
    if (f.skip == 0) {
      f.time = start + (traced + f.later);
      return;
    }
    f.skip--;
    f.traced = traced;
  }
  f.time = Infinity;
}

/** Reading the row another way says what is wrong with it. */
function refuse(f: Feed): void {
  f.refused = 1;
  f.time = Infinity;
}

function takeRecords(at: Intake, f: Feed, bound: f64, most: u32): void {
  spell(at);
  const times = f.times + (<usize>f.next << 3);
  let n = min(f.rows - f.next, most);
  if (load<f64>(times + (<usize>(n - 1) << 3)) >= bound) {
    n = 1;
    while (load<f64>(times + (<usize>n << 3)) < bound) n++;
  }
  const r = root();
  const to = <usize>at.staged;
  const next = <usize>f.next;
  memory.copy(r.stagedLines + (to << 2), f.lines + (next << 2), <usize>n << 2);
  memory.copy(r.stagedRequesters + (to << 1), f.requesters + (next << 1), <usize>n << 1);
  memory.copy(r.stagedMetas + to, f.metas + next, n);
  memory.copy(at.times + (to << 3), times, <usize>n << 3);
  sign(at, f, n);
  f.next += n;
  at.staged += n;
  at.spelt = at.staged;
  at.lastTime = load<f64>(times + (<usize>(n - 1) << 3));
  settle(f);
}

function takePacked(at: Intake, f: Feed, bound: f64, most: u32): void {
  const end = at.staged + most;
  // Of several traces a run is often short.
  if (at.feedCount > 1) takeSteps(at, f, bound, min(SHORT_RUN, most));
  for (let block = LEAST_BLOCK; f.time < bound && at.staged < end; block = min(block << 1, MOST_BLOCK)) {
    const n = min(min(f.rows - f.next, f.left), min(block, end - at.staged));
    if (!(f.uniform && n >= LANES && takeBlock(at, f, bound, n & ~(LANES - 1)))) takeSteps(at, f, bound, n);
  }
}

/** What is staged from here on continues the times of what is there, or those are written down. */
function follow(at: Intake, f: Feed): void {
  if (at.spelt < at.staged && (at.last != f.traced || at.later != f.later)) spell(at);
  if (at.spelt == at.staged) at.speltTime = f.traced;
  at.later = f.later;
}

/** Takes `n` packed rows at once, a multiple of LANES, or those before `bound`; none and false where one of them is not ordinary. */
function takeBlock(at: Intake, f: Feed, bound: f64, n: u32): bool {
  const r = root();
  const asker = changetype<Asker>(f.askers);
  const shift = <i32>(r.lineShift - LINE_SHIFT);
  const line = i32x4.splat(asker.line);
  const requester = i16x8.splat(<i16>asker.requester);
  let line0 = f.lines + (<usize>f.next << 2);
  let who0 = f.requesters + (<usize>f.next << 1);
  let meta0 = f.metas + f.next;
  let step0 = f.times + (<usize>f.next << 2);
  let lineTo = r.stagedLines + (<usize>at.staged << 2);
  let whoTo = r.stagedRequesters + (<usize>at.staged << 1);
  let metaTo = r.stagedMetas + at.staged;
  let stepTo = at.steps + (<usize>at.staged << 2);
  let lines = i32x4.splat(0);
  let whos = i16x8.splat(0);
  let steps = i32x4.splat(0);
  let sums = i32x4.splat(0);
  for (const end = line0 + (<usize>n << 2); line0 < end; ) {
    let l = v128.load(line0);
    lines = i32x4.max_u(lines, l);
    v128.store(lineTo, i32x4.add(i32x4.shr_u(l, shift), line));
    l = v128.load(line0, 16);
    lines = i32x4.max_u(lines, l);
    v128.store(lineTo, i32x4.add(i32x4.shr_u(l, shift), line), 16);
    l = v128.load(line0, 32);
    lines = i32x4.max_u(lines, l);
    v128.store(lineTo, i32x4.add(i32x4.shr_u(l, shift), line), 32);
    l = v128.load(line0, 48);
    lines = i32x4.max_u(lines, l);
    v128.store(lineTo, i32x4.add(i32x4.shr_u(l, shift), line), 48);
    let s = v128.load(step0);
    steps = i32x4.max_u(steps, s);
    sums = i32x4.add(sums, s);
    v128.store(stepTo, s);
    s = v128.load(step0, 16);
    steps = i32x4.max_u(steps, s);
    sums = i32x4.add(sums, s);
    v128.store(stepTo, s, 16);
    s = v128.load(step0, 32);
    steps = i32x4.max_u(steps, s);
    sums = i32x4.add(sums, s);
    v128.store(stepTo, s, 32);
    s = v128.load(step0, 48);
    steps = i32x4.max_u(steps, s);
    sums = i32x4.add(sums, s);
    v128.store(stepTo, s, 48);
    const a = v128.load(who0);
    const b = v128.load(who0, 16);
    whos = i16x8.max_u(whos, i16x8.max_u(a, b));
    v128.store(whoTo, i16x8.add(a, requester));
    v128.store(whoTo, i16x8.add(b, requester), 16);
    v128.store(metaTo, v128.load(meta0));
    line0 += 64;
    step0 += 64;
    who0 += 32;
    meta0 += 16;
    lineTo += 64;
    stepTo += 64;
    whoTo += 32;
    metaTo += 16;
  }
  // Long steps could not be summed in 32 bits; an escape is the longest.
  if (maxLine(steps) > MOST_STEP || <u64>maxLine(lines) >= asker.lines || maxWho(whos) >= f.askerCount) return false;
  follow(at, f);
  let count = n;
  let traced = f.traced + <f64>sumOf(sums);
  if (!(at.start + (traced + f.later) < bound)) {
    count = 0;
    traced = f.traced;
    for (step0 = f.times + (<usize>f.next << 2); ; step0 += 4) {
      const time = traced + <f64>load<u32>(step0);
      if (!(at.start + (time + f.later) < bound)) break;
      traced = time;
      count++;
    }
  }
  if (at.feedCount > 1) sign(at, f, count);
  pass(at, f, count, traced);
  if (at.feedCount > 1) spell(at);
  settle(f);
  return true;
}

// @ts-ignore: decorator
@inline
function maxLine(v: v128): u32 {
  const a = max<u32>(i32x4.extract_lane(v, 0), i32x4.extract_lane(v, 1));
  return max(a, max<u32>(i32x4.extract_lane(v, 2), i32x4.extract_lane(v, 3)));
}

function sumOf(v: v128): u64 {
  const halves = i64x2.add(i64x2.extend_low_i32x4_u(v), i64x2.extend_high_i32x4_u(v));
  return i64x2.extract_lane(halves, 0) + i64x2.extract_lane(halves, 1);
}

// @ts-ignore: decorator
@inline
function maxWho(v: v128): u32 {
  const words = i32x4.max_u(v128.and(v, i32x4.splat(0xffff)), i32x4.shr_u(v, 16));
  return maxLine(words);
}

/** `count` rows are staged; the last of them has the time `traced`. */
// @ts-ignore: decorator
@inline
function pass(at: Intake, f: Feed, count: u32, traced: f64): void {
  f.next += count;
  f.left -= count;
  f.row += <f64>count;
  f.traced = traced;
  at.staged += count;
  at.last = traced;
  at.later = f.later;
  at.lastTime = at.start + (traced + f.later);
}

/** Takes packed rows one by one: at most `n`, up to `bound` or to an escape row. */
function takeSteps(at: Intake, f: Feed, bound: f64, n: u32): void {
  const r = root();
  const several = at.feedCount > 1;
  if (!several) follow(at, f);
  const start = at.start;
  const later = f.later;
  const shift = r.lineShift - LINE_SHIFT;
  const count = min(min(n, f.left), f.rows - f.next);
  const askers = f.askers;
  const askerCount = f.askerCount;
  const number = f.number;
  const to = <usize>at.staged;
  const whoTo = r.stagedRequesters + (to << 1);
  const metaTo = r.stagedMetas + to;
  const timeTo = at.times + (to << 3);
  const stepTo = at.steps + (to << 2);
  const fromTo = at.from + (to << 1);
  const lineTo = r.stagedLines + (to << 2);
  const next = <usize>f.next;
  const lines = f.lines + (next << 2);
  const whos = f.requesters + (next << 1);
  const metas = f.metas + next;
  const steps = f.times + (next << 2);
  let traced = f.traced;
  let time = f.time;
  let step = load<u32>(steps);
  let refused = false;
  let i: usize = 0;
  for (;;) {
    const who = <u32>load<u16>(whos + (i << 1));
    const line = load<u32>(lines + (i << 2));
    const asker = changetype<Asker>(askers + <usize>who * offsetof<Asker>());
    if (who >= askerCount || <u64>line >= asker.lines) {
      refused = true;
      break;
    }
    store<u32>(lineTo + (i << 2), (line >> shift) + asker.line);
    store<u16>(whoTo + (i << 1), <u16>asker.requester);
    store<u8>(metaTo + i, load<u8>(metas + i));
    if (several) {
      store<f64>(timeTo + (i << 3), time);
      store<u16>(fromTo + (i << 1), number);
    } else store<u32>(stepTo + (i << 2), step);
    traced += <f64>step;
    i++;
    if (i == count) break;
    step = load<u32>(steps + (i << 2));
    if (step == ESCAPE) break;
    time = start + (traced + <f64>step + later);
    if (!(time < bound)) break;
  }
  if (several) at.spelt += <u32>i;
  pass(at, f, <u32>i, traced);
  if (refused) refuse(f);
  else if (<u32>i < count && step != ESCAPE) f.time = time;
  else settle(f);
}

/** Takes rows one by one and cuts them at lines. */
function takeRows(at: Intake, f: Feed, bound: f64, most: u32): void {
  const r = root();
  const start = at.start;
  const later = f.later;
  const shift = <u64>r.lineShift;
  const cut = <u64>1 << min<u64>(shift, LINE_SHIFT);
  const end = at.staged + most;
  spell(at);
  while (f.time < bound && at.staged < end) {
    // What lies within a line, as most of it does; packed rows are here only where lines are short.
    let row = f.form == PACKED || f.part > 0 ? f.rows : f.next;
    const last = row + min(min(f.left, f.rows - row), end - at.staged);
    let traced = f.traced;
    let to = <usize>at.staged;
    for (; row < last; row++, to++) {
      const i = <usize>row;
      const traceTime = load<u64>(f.times + (i << 3));
      const time = start + (<f64>traceTime + later);
      const address = load<u64>(f.lines + (i << 3));
      const bytes = <u64>load<u16>(f.bytes + (i << 1));
      const who = <u32>load<u16>(f.requesters + (i << 1));
      const asker = changetype<Asker>(f.askers + <usize>who * offsetof<Asker>());
      if (!(time < bound) || traceTime > MOST_TIME || <f64>traceTime < traced) break;
      if (who >= f.askerCount || address > MOST_TIME || address + bytes > asker.bytes) break;
      // One of no bytes is cut below, too.
      const line = (asker.base + address) >> shift;
      if (bytes - 1 >= cut - (address & (cut - 1)) || line > u32.MAX_VALUE) break;
      store<u32>(r.stagedLines + (to << 2), <u32>line);
      store<u16>(r.stagedRequesters + (to << 1), <u16>asker.requester);
      store<u8>(r.stagedMetas + to, <u8>((<u32>load<u8>(f.metas + i) << 6) | <u32>(bytes - 1)));
      store<f64>(at.times + (to << 3), time);
      traced = <f64>traceTime;
    }
    const count = <u32>to - at.staged;
    if (count > 0) {
      sign(at, f, count);
      at.spelt += count;
      pass(at, f, count, traced);
      settle(f);
    } else if (!takeRow(at, f, end)) return;
  }
}

/** Takes one row, cut at lines; false where it could not be, or not all of it. */
function takeRow(at: Intake, f: Feed, end: u32): bool {
  const r = root();
  const shift = <u64>r.lineShift;
  const cut = <u64>1 << min<u64>(shift, LINE_SHIFT);
  const i = <usize>f.next;
  let address: u64;
  let bytes: u64;
  let op: u32;
  let traced: f64;
  if (f.form == PACKED) {
    const meta = <u32>load<u8>(f.metas + i);
    address = <u64>load<u32>(f.lines + (i << 2)) << LINE_SHIFT;
    bytes = (meta & 63) + 1;
    op = meta >> 6;
    traced = f.traced + <f64>load<u32>(f.times + (i << 2));
  } else {
    address = load<u64>(f.lines + (i << 3));
    bytes = max<u64>(load<u16>(f.bytes + (i << 1)), 1);
    op = load<u8>(f.metas + i) & 3;
    traced = <f64>load<u64>(f.times + (i << 3));
  }
  const who = <u32>load<u16>(f.requesters + (i << 1));
  const asker = changetype<Asker>(f.askers + <usize>who * offsetof<Asker>());
  if (
    who >= f.askerCount ||
    address > MOST_TIME ||
    address + bytes > asker.bytes ||
    (asker.base + address + bytes - 1) >> shift > u32.MAX_VALUE
  ) {
    refuse(f);
    return false;
  }
  const last = address + bytes;
  for (let part: u32 = 0; address < last; part++) {
    const next = min(last, (address & ~(cut - 1)) + cut);
    if (part >= f.part) {
      if (at.staged == end) {
        f.part = part;
        return false;
      }
      const to = <usize>at.staged;
      store<u32>(r.stagedLines + (to << 2), <u32>((asker.base + address) >> shift));
      store<u16>(r.stagedRequesters + (to << 1), <u16>asker.requester);
      store<u8>(r.stagedMetas + to, <u8>((op << 6) | <u32>(next - address - 1)));
      store<f64>(at.times + (to << 3), f.time);
      store<u16>(at.from + (to << 1), f.number);
      at.lastTime = f.time;
      at.spelt = ++at.staged;
    }
    address = next;
  }
  f.part = 0;
  f.next++;
  f.left--;
  f.row += 1;
  f.traced = traced;
  settle(f);
  return true;
}
