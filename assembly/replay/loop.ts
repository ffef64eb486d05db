// The replay loop of open timing: columns in, counters out. Records run in bulk, in spans as long as no armed monitor can
// overflow within one, and one by one where it can, so that overflows are exact to the record.

import { hasRoom, isPart, OUT } from "../model/border";
import { CacheSlice } from "../model/cache";
import { Channel } from "../model/channel";
import { NONE } from "../model/held";
import { fitAll } from "../model/layout";
import { Resource, resourceAt } from "../model/resource";
import { runSolo } from "../model/solo";
import { followLinks } from "../monitor/capture";
import { reportBelow, reportEntering, shows } from "../msc/requests";
import { root } from "../root";
import { look } from "./cpus";
import { CREW_RECORDS, isForCrew, runCrew } from "./crew";
import { settleOwners } from "./edge";
import { planLevels, runLevels } from "./levels";
import { takeLooks } from "./looks";
import { runPart } from "./part";
import { areRequests, runRequests, wholeRecords } from "./requests";
import { slack, spend } from "./slack";

// The ways that records go, by number. All give the same result, where they can be gone at all.

/** One cache or none, and one channel: a kernel of its own. */
const WAY_SOLO: u32 = 0;
/** Level by level. */
const WAY_LEVELS: u32 = 1;
/** One after the other, each all the way down: every rule, and any platform. */
const WAY_SINGLE: u32 = 2;

/** At edges: the layouts of the slices, and the way of the records. */
export function chooseWay(): void {
  const r = root();
  r.way = r.single || r.inclusive || r.closedRun || r.crossing == OUT ? WAY_SINGLE : isSolo() ? WAY_SOLO : WAY_LEVELS;
  fitAll(r.way == WAY_SINGLE);
  if (r.way == WAY_SOLO && r.cache != 0 && changetype<CacheSlice>(r.cache).wide) r.way = WAY_LEVELS;
  r.offended = isOffended() ? 1 : 0;
  planLevels();
}

function isSolo(): bool {
  const r = root();
  if (isPart() || areRequests()) return false;
  return r.sliceCount == 0 ? r.channel != 0 : ASC_FEATURE_SIMD && r.cache != 0;
}

function isOffended(): bool {
  const r = root();
  for (let n: u32 = 0; n < r.resourceCount; n++) if (changetype<Resource>(resourceAt(n)).offending) return true;
  return false;
}

/** The chunk: records that counting treats in bulk. */
export const CHUNK_RECORDS: u32 = 4096;

/**
 * Replays up to `n` records: columns line u32, requester u16, meta u8 (op in bits 7:6, bytes - 1 in bits 5:0), each
 * readable 16 records past their end. Returns how many ran: fewer than `n` when an armed stop ended it.
 */
export function replay(lines: usize, requesters: usize, metas: usize, n: u32): u32 {
  const r = root();
  r.stopped = 0;
  if (r.arrived) settleOwners();
  if (r.closedRun) {
    r.closedRun = 0;
    chooseWay();
  }
  takeLooks();
  if (areRequests()) {
    return r.way == WAY_SINGLE ? runRequests(lines, requesters, metas, n) : runSpans(lines, requesters, metas, n);
  }
  const done = r.way == WAY_SINGLE ? runParts(lines, requesters, metas, n) : runSpans(lines, requesters, metas, n);
  look(requesters, done);
  return done;
}

function runSpans(lines: usize, requesters: usize, metas: usize, n: u32): u32 {
  const r = root();
  let done: u32 = 0;
  while (done < n && !r.stopped) {
    const crew = ASC_FEATURE_THREADS && r.threads > 1 && r.way == WAY_LEVELS;
    const wanted = min(n - done, crew ? CREW_RECORDS : CHUNK_RECORDS);
    let span = spanOf(wanted, r.most);
    // A monitor may overflow soon: that is to be seen when all of a record has run.
    const ends = span < wanted && areRequests();
    if (ends) span = wholeRecords(metas + done, span);
    runSpan(lines + (done << 2), requesters + (done << 1), metas + done, span);
    if (r.allNarrow) r.narrowRecords += span;
    else r.bulkRecords += span;
    done += span;
    finish(span, r.most, ends || span == 1);
  }
  return done;
}

function runSpan(lines: usize, requesters: usize, metas: usize, n: u32): void {
  if (root().way == WAY_SOLO) run(lines, requesters, metas, n);
  else if (ASC_FEATURE_THREADS && isForCrew(n)) {
    root().sharedRecords += n;
    runCrew(lines, requesters, metas, n);
  } else runLevels(lines, requesters, metas, n);
}

function runParts(lines: usize, requesters: usize, metas: usize, n: u32): u32 {
  const r = root();
  let done: u32 = 0;
  while (done < n && !r.stopped && (r.crossing != OUT || hasRoom())) {
    runPart(load<u32>(lines + (done << 2)), load<u16>(requesters + (done << 1)), load<u8>(metas + done), NONE);
    done++;
  }
  return done;
}

/** Serves `n` requests that arrive at a channel labelled: keys u16 (owner * 2 + 1 for writes), bytes u32 of at most `most`. */
export function serve(channel: usize, keys: usize, bytes: usize, n: u32, most: u32): u32 {
  const r = root();
  r.stopped = 0;
  if (r.arrived) settleOwners();
  takeLooks();
  let done: u32 = 0;
  while (done < n && !r.stopped) {
    const span = spanOf(min(n - done, CHUNK_RECORDS), most);
    changetype<Channel>(channel).serve(keys + (done << 1), bytes + (done << 2), span);
    done += span;
    finish(span, most, span == 1);
  }
  return done;
}

/** How many of `records` may run without a look at the monitors. */
function spanOf(records: u32, most: u32): u32 {
  const r = root();
  // Level by level, requests come to memory in the order of the records only where all have the same way to it.
  if (r.offended && (r.uneven || errorsShow())) return 1;
  const bytes = slack(<u64>records * most + 1);
  if (bytes > <u64>records * most) return records;
  // The last byte before the limit may still be used: overflow is reaching the limit, not coming near it.
  return max(<u32>((bytes - 1) / most), 1);
}

/** Whether the next error somewhere would be seen outside, with the record that made it. */
function errorsShow(): bool {
  const r = root();
  for (let n: u32 = 0; n < r.resourceCount; n++) {
    if (changetype<Resource>(resourceAt(n)).offending && shows(resourceAt(n))) return true;
  }
  return false;
}

/** `short`: it was cut short because of a limit. */
function finish(span: u32, most: u32, short: bool): void {
  const r = root();
  r.record += span;
  r.moves += span;
  spend(<u64>span * most);
  // A single record may have crossed a limit: that must be seen now, with this record's number.
  if (!short) return;
  slack(most + 1);
  followLinks();
}

function run(lines: usize, requesters: usize, metas: usize, n: u32): void {
  const r = root();
  const channel = changetype<Channel>(r.channel);
  const first = r.cache != 0 ? r.cache : r.channel;
  if (changetype<Resource>(first).offending) reportEntering(first, requesters, metas, n);
  if (r.cache == 0) {
    label(requesters, metas, n);
    channel.serve(r.crossingKeys, r.crossingBytes, n);
    return;
  }
  if (!ASC_FEATURE_SIMD) return;
  const cache = changetype<CacheSlice>(r.cache);
  const keys = r.crossingKeys;
  const end = runSolo(cache, lines, requesters, metas, n, keys);
  if (cache.egress) translateKeys(cache.egress, keys, end);
  if (r.channel == 0) return;
  if (channel.offending) reportBelow(r.channel, keys, end);
  channel.serve(keys, r.lineBytes, <u32>((end - keys) >>> 1));
}

/** What leaves the cache carries the label of the outside. */
function translateKeys(egress: usize, keys: usize, end: usize): void {
  for (; keys < end; keys += 2) {
    const key = <u32>load<u16>(keys);
    store<u16>(keys, <u16>((<u32>load<u16>(egress + ((key >>> 1) << 1)) << 1) | (key & 1)));
  }
}

/** Without a cache the records themselves are what the channel serves. */
function label(requesters: usize, metas: usize, n: u32): void {
  const r = root();
  const labels = r.labels;
  for (let i: u32 = 0; i < n; i++) {
    const meta = <u32>load<u8>(metas + i);
    const op = meta >>> 6;
    const owner = <u32>load<u16>(labels + (((<usize>load<u16>(requesters + (i << 1)) << 2) | op) << 1));
    store<u16>(r.crossingKeys + (i << 1), <u16>((owner << 1) | (op == 1 ? 1 : 0)));
    store<u32>(r.crossingBytes + (i << 2), (meta & 63) + 1);
  }
}
