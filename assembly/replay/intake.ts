// Records on their way in: each trace is a feed, which is given columns as its file has them. taking.ts makes records of them and
// staging.ts puts those of all feeds into one order. Nothing of this is state of the hardware.

import { allocate, CALL_RECORDS, LOOK_AHEAD, root } from "../root";

/** What all traces together may use for columns that wait, beside what is staged. */
const COLUMN_BYTES: usize = 5 << 20;

/** As many records as a stream takes at once. */
const HANDED_BYTES: usize = 4096;

/** What the columns of a feed are. */
export const RECORDS: u32 = 0; // line u32, requester u16, meta u8, time f64: all done but the order
export const PACKED: u32 = 1; // line u32, requester u16, meta u8, step u32: docs/trace-format.md
export const COLUMNS: u32 = 2; // address u64, requester u16, op u8, time u64, bytes u16

/** A packed row with this step is no access: it stands for `line` times this many ns. */
export const ESCAPE: u32 = 0xffff_ffff;

/** Packed rows are within lines of 64 bytes, and accesses are cut at them. */
export const LINE_SHIFT: u32 = 6;

/** Times past this are not whole ns any more. */
export const MOST_TIME: u64 = 0x1f_ffff_ffff_ffff;

/** Who asks: a requester of the trace, and where its address space lies. */
@unmanaged
export class Asker {
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
export class Feed {
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
export class Intake {
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
export function intake(): Intake {
  return changetype<Intake>(root().intake);
}

// @ts-ignore: decorator
@inline
export function feedAt(index: u32): Feed {
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

/** Nothing comes after what a feed has. */
export function endFeed(feed: u32): void {
  feedAt(feed).ended = 1;
}

/** The next row of a feed is taken another way: it has no columns any more. */
export function dropColumns(feed: u32): void {
  const f = feedAt(feed);
  f.rows = f.next = f.part = f.refused = 0;
  f.time = Infinity;
}

/** The row of its trace that a feed takes next, from 0. */
export function feedRow(feed: u32): f64 {
  return feedAt(feed).row;
}

/** Records of that row that have been taken: a row across lines is several. */
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

/** Whether the row that a feed has next cannot be taken, so that the host has to look at it another way. */
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

/** Where records are handed over that are not staged. */
export function handed(): usize {
  return intake().handed;
}

/** Writes down the times of all staged records. */
export function spell(at: Intake): void {
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

/** Finds the next row that is a record, and its time. */
export function settle(f: Feed): void {
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
export function refuse(f: Feed): void {
  f.refused = 1;
  f.time = Infinity;
}
