// Records out of raw columns: a feed's rows are checked, placed and cut at lines, and staged behind what is there. Packed rows
// go by vectors, block by block, as long as nothing is out of the ordinary.

import { root } from "../root";
import { Asker, ESCAPE, Feed, Intake, LINE_SHIFT, MOST_TIME, PACKED, RECORDS, refuse, settle, spell } from "./intake";

/** Rows that are taken at once, at least and at most. */
const LEAST_BLOCK: u32 = 256;
const MOST_BLOCK: u32 = 4096;
/** Longer steps are summed one by one: a lane of the vector loop sums a quarter of a block. */
const MOST_STEP: u32 = 0x3f_ffff;
/** Rows to a turn of the vector loop; rows of a trace among others that are taken one by one first. */
const LANES: u32 = 16;
const SHORT_RUN: u32 = 16;

/** Takes records of a feed whose times are before `bound`, as many as are at hand, at least one and at most `most`. */
export function take(at: Intake, f: Feed, bound: f64, most: u32): void {
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
    const plain = ASC_FEATURE_SIMD && f.uniform != 0 && n >= LANES;
    if (!(plain && takeBlock(at, f, bound, n & ~(LANES - 1)))) takeSteps(at, f, bound, n);
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
