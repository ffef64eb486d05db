// Records of several traces in one order, (time, file, row), in the columns that the loop takes.

import { CALL_RECORDS, root } from "../root";
import { Feed, feedAt, Intake, intake, spell } from "./intake";
import { take } from "./taking";

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

/** Stages what a feed has at hand, whatever the others have: `most` records of it at most. Nothing else may be staged. */
export function stageFeed(feed: u32, most: u32): void {
  const at = intake();
  bringForward(at);
  const f = feedAt(feed);
  if (f.time != Infinity) take(at, f, Infinity, most);
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

/** Staged records that have not run. */
export function stagedRecords(): u32 {
  return intake().staged - intake().ran;
}

/** Staged records that have not run begin here, and end there. */
export function stagedFirst(): u32 {
  return intake().ran;
}

export function stagedEnd(): u32 {
  return intake().staged;
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

/** Times of staged records, f64, once they are spelt. */
export function stagedTimes(): usize {
  return intake().times;
}

export function spellStaged(): void {
  spell(intake());
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
