// The door: every export of the module is here and nowhere else. Numbers cross, and nothing else does.

import { EVENT_ERROR, eventAt } from "./events";
import { handTo, setCrossing as cross, setPart as beOnly, takeHanded as takenOver } from "./model/border";
import { CacheSlice, sliceAt } from "./model/cache";
import { Channel } from "./model/channel";
import { ageAt as ageIn, expect, lineAt as lineIn, ownerAt as ownerIn, writeOwners } from "./model/layout";
import { NONE } from "./model/held";
import { Port, Share, shareAt } from "./model/port";
import { bytesMoved as movedAt, KIND_CACHE, Resource, resourceAt } from "./model/resource";
import { latencyAt, latencyBucket as bucketAt } from "./model/latency";
import { readPage, writePage } from "./msc/page";
import { runBatch } from "./msc/batch";
import { readPlace, selectedPlace, writePlace } from "./msc/place";
import { mscAt } from "./msc/state";
import { resetMsc as lose } from "./msc/reset";
import { captureFromOutside } from "./monitor/capture";
import { moveTime } from "./monitor/ready";
import { access } from "./pe/access";
import { readRegister, writeRegister } from "./pe/fields";
import { generateLabel } from "./pe/generate";
import { setLabel as label } from "./pe/labels";
import { limitOf } from "./pe/limit";
import { putLimit, stalledOf } from "./pe/limited";
import { nameOf } from "./pe/names";
import { findOwner, owner, packLabel } from "./pe/owners";
import { boot, reset } from "./pe/power";
import { peAt } from "./pe/registers";
import { KIND_DATA, KIND_FETCH, WORLD_NOW } from "./regs/pe-words";
import { applyPending, settleOwners } from "./replay/edge";
import { chooseWay, replay as replayColumns, serve as serveColumns } from "./replay/loop";
import {
  append as appendTo,
  closeStreams as forgetStreams,
  openStream as streamFor,
  runQuanta as runClosed,
  streamRoom as roomIn,
} from "./replay/closed";
import { streamAt } from "./replay/stream";
import { dismiss as sendAway, setThreads as share, work as workOn } from "./replay/crew";
import { isMachine, LAYOUT, root } from "./root";

export { init, addMsc, addBank, addRis, addPe, seal } from "./build";
export { configure, reserve, addCache, addNode, setBelow, setEntry } from "./topology";
export { lastRequester, setCpu } from "./replay/cpus";
export { giveHanded, giveStaged, setBehind, setSkip, streamSkip, streamTaken } from "./replay/handover";
export {
  beginRows,
  dropColumns,
  dryFeed,
  endFeed,
  feedNext,
  feedPart,
  feedRow,
  feedTaken,
  giveColumns,
  handed,
  intakeEnd,
  intakeStart,
  isDry,
  isRefused,
  nextTime,
  openIntake,
  setAskers,
} from "./replay/intake";
export { forgetSender, setSender } from "./replay/requests";
export {
  ran,
  skipRecords,
  stage,
  stagedBefore,
  stagedFirst,
  stagedRecords,
  stagedTime,
  stageFeed,
  waitingOf,
} from "./replay/staging";

/** The layout version when this memory holds a machine this module understands, else 0. Changes nothing. */
export function attach(): u32 {
  return isMachine() ? LAYOUT : 0;
}

// Registers. Spaces are MPAM_SP: 0 Secure, 1 Non-secure, 2 Root, 3 Realm. Offsets are word aligned.

/** A word of the page of an MSC. Words that no register has read as 0. */
export function read32(msc: u32, offset: u32, space: u32): u32 {
  return readPage(msc, offset, space);
}

/** Writes a word of the page of an MSC. Interrupts that it raises wait among the events. */
export function write32(msc: u32, offset: u32, value: u32, space: u32): void {
  writePage(msc, offset, value, space);
}

/** Where a batch of accesses is staged: OPERATION_BYTES each, at most OPERATIONS of them. */
export function operations(): usize {
  return root().operations;
}

/** Runs the first `n` staged accesses in order, or fewer where interrupts must be taken first: how many. What they read stands in their value words. */
export function batch(n: u32): u32 {
  return runBatch(n);
}

/** An external capture event, 1..6, at an MSC; one that it does not have does nothing. */
export function capture(msc: u32, event: u32): void {
  captureFromOutside(msc, event);
}

/** The entry of the settings tables that an access of a control (its offset) would touch now; all ones for none. Records no error. */
export function selectedEntry(msc: u32, space: u32, offset: u32): u32 {
  return selectedPlace(msc, space, offset);
}

/** A word of the settings by RIS and entry, whatever is selected; 0 where there is none. */
export function readSetting(msc: u32, space: u32, ris: u32, entry: u32, offset: u32): u32 {
  return readPlace(msc, space, ris, entry, offset);
}

/** Writes a word of the settings by RIS and entry, past selectors and errors; nothing where there is none. */
export function writeSetting(msc: u32, space: u32, ris: u32, entry: u32, offset: u32, value: u32): void {
  writePlace(msc, space, ris, entry, offset, value);
}

/** Whether an MSC holds a wire up: 0 its error interrupt, 1 its overflow interrupt. */
export function isWireUp(msc: u32, kind: u32): bool {
  if (msc >= root().mscCount) return false;
  return (kind == EVENT_ERROR ? mscAt(msc).errorsUp : mscAt(msc).overflowsUp) != 0;
}

/** An MSC loses its registers: all of them are as at power-on, and traffic goes by that from the next edge. */
export function resetMsc(msc: u32): void {
  lose(msc);
}

// Time, edges and labels.

/** Time moves to `ns` since power-on. Never back. */
export function setNow(ns: u64): void {
  moveTime(ns);
}

/** Model time, ns. */
export function now(): u64 {
  return root().now;
}

/** When a monitor becomes ready next; all ones for never. No call of `replay` or `serve` may reach past it. */
export function nextReady(): u64 {
  return root().nextReady;
}

/** Whether written configuration, or labels that have come into use, wait for an edge. */
export function pending(): bool {
  return root().pending != 0 || root().arrived != 0;
}

/** What has been written acts on traffic from here on. Labels that have come into use are settled. */
export function edge(): void {
  const r = root();
  if (r.arrived && !r.pending) settleOwners();
  else applyPending();
}

/** Counts exception levels apart or not: for requesters that are labelled from now on. */
export function setByLevel(on: bool): void {
  root().byLevel = on ? 1 : 0;
}

/** The exception level of a requester's records, which only counts ask for; a device has none. */
export function setLevel(requester: u32, el: u32): void {
  store<u8>(root().levels + requester, <u8>(el + 1));
}

/** Labels one kind of request (op 0 read, 1 write, 2 fetch, 3 prefetch). False when the labels in use are too many. */
export function setLabel(requester: u32, op: u32, space: u32, partid: u32, pmg: u32): bool {
  return label(requester, op, packLabel(space, partid, pmg));
}

// System registers of cpus (docs/boundary.md; regs/pe-words.ts). A cpu's number is below how many were added.

/** An access by software at an exception level: what becomes of it. */
export function accessRegister(cpu: u32, el: u32, encoding: u32, write: bool, value: u64): u32 {
  return access(peAt(cpu), el, encoding, write, value);
}

/** What the last access read or wrote, or the offset to which it was redirected; once, so that looking leaves memory as it was. */
export function accessed(): u64 {
  const value = root().accessed;
  root().accessed = 0;
  return value;
}

/** Whether a cpu has the register of this name. */
export function hasRegister(cpu: u32, encoding: u32): bool {
  const name = nameOf(encoding);
  return changetype<usize>(name) != 0 && peAt(cpu).has(name.register);
}

/** What a register reads as, whoever may read it; only where there is one. */
export function peekRegister(cpu: u32, encoding: u32): u64 {
  return readRegister(peAt(cpu), nameOf(encoding).register);
}

/** Writes a register past all traps; only where there is one. */
export function pokeRegister(cpu: u32, encoding: u32, value: u64): void {
  writeRegister(peAt(cpu), nameOf(encoding).register, value);
}

/** A cpu is as a reset leaves it. */
export function resetPe(cpu: u32): void {
  reset(peAt(cpu));
}

/** A cpu is as boot firmware leaves it, after a reset. */
export function bootPe(cpu: u32): void {
  boot(peAt(cpu));
}

/** Keeps a copy of a cpu's registers, the only one there is; `restorePe` of that cpu takes it back, and leaves none. */
export function savePe(cpu: u32): void {
  peAt(cpu).save(root().peSaved);
}

/** A cpu has the registers of the copy that `savePe` made of it; there is no copy afterwards. */
export function restorePe(cpu: u32): void {
  peAt(cpu).restore(root().peSaved);
}

/** The label of a request of a kind, as a word (pe/owners.ts). */
export function generate(cpu: u32, el: u32, kind: u32): u32 {
  return generateLabel(peAt(cpu), el, kind, WORLD_NOW);
}

/** How the last one came about; once, as `accessed`. */
export function generated(): u32 {
  const steps = root().generated;
  root().generated = 0;
  return steps;
}

/** Labels all requests of a requester as the cpu would now, in a security state (MPAM_SP) or all ones for that of its registers. False when no owner is left. */
export function fillLabels(requester: u32, cpu: u32, el: u32, world: u32): bool {
  putLimit(requester, cpu, el);
  const pe = peAt(cpu);
  const data = generateLabel(pe, el, KIND_DATA, world);
  const fetch = generateLabel(pe, el, KIND_FETCH, world);
  root().generated = 0;
  return label(requester, 0, data) && label(requester, 1, data) && label(requester, 2, fetch) && label(requester, 3, data);
}

/** The bandwidth limit of a kind of request: a 16.16 number with LIMIT_HI_ bits above it; 0 without one. */
export function bandwidthLimit(cpu: u32, el: u32, kind: u32): u64 {
  return limitOf(peAt(cpu), el, kind);
}

/** Puts a requester under the limit that its cpu's registers now have for data; `fillLabels` does, too. */
export function fillLimit(requester: u32, cpu: u32, el: u32): void {
  putLimit(requester, cpu, el);
}

/** How long the limits of its cpu have stalled a requester, ns. */
export function stalledNs(requester: u32): u64 {
  return stalledOf(requester);
}

// Traffic.

/**
 * Where line numbers of records are staged, u32 each: the address shifted right by `lineShift`. Room for CALL_RECORDS
 * and LOOK_AHEAD more.
 */
export function stagedLines(): usize {
  return root().stagedLines;
}

/** Where the requesters of staged records are, u16 each. */
export function stagedRequesters(): usize {
  return root().stagedRequesters;
}

/** Where the operations and bytes of staged records are, a byte each: bytes less one in bits 5:0, operation in bits 7:6. */
export function stagedMetas(): usize {
  return root().stagedMetas;
}

/** Memory for columns of the host's own: as many bytes as `init` was told. */
export function scratch(): usize {
  return root().scratch;
}

/** Replays the first `n` staged records; returns how many ran. */
export function replay(n: u32): u32 {
  return replayColumns(root().stagedLines, root().stagedRequesters, root().stagedMetas, n);
}

/** The same for columns elsewhere in memory, readable 16 records past their end. */
export function replayFrom(lines: usize, requesters: usize, metas: usize, n: u32): u32 {
  return replayColumns(lines, requesters, metas, n);
}

/** Requests that arrive at a channel labelled: keys u16 (owner * 2 + 1 for a write), bytes u32, none above `most`. */
export function serve(resource: u32, keys: usize, bytes: usize, n: u32, most: u32): u32 {
  return serveColumns(resourceAt(resource), keys, bytes, n, most);
}

/** Records run since power-on. */
export function records(): u64 {
  return root().record;
}

/** Ends a replay at the record that raises an overflow interrupt. */
export function setStop(onOverflow: bool): void {
  root().stopOn = onOverflow ? 1 : 0;
}

/** Whether the last call ended before its end, at a record that raised an overflow interrupt (setStop). */
export function stopped(): bool {
  return root().stopped != 0;
}

/** Traffic in open timing with line numbers up to `highest` is coming: chooses layouts and kernels for it. */
export function fit(highest: u32): void {
  expect(highest);
  root().closedRun = 0;
  chooseWay();
}

/** Forces the wide layout and with it the general kernel, until taken back; results do not depend on it. */
export function setWide(wide: bool): void {
  root().general = wide ? 1 : 0;
  chooseWay();
}

/** Forces records to run one by one, until taken back; results do not depend on it. */
export function setSingle(single: bool): void {
  root().single = single ? 1 : 0;
  chooseWay();
}

/** Records that ran: 0 on specialised kernels, 1 in bulk on the general path, 2 one by one; 3 of the first two by several threads. */
export function recordsBy(way: u32): u64 {
  const r = root();
  if (way == 3) return r.sharedRecords;
  return way == 0 ? r.narrowRecords : way == 1 ? r.bulkRecords : r.singleRecords;
}

/** Whether the first slice is in its wide layout. */
export function isWide(): bool {
  const r = root();
  return r.sliceCount != 0 && sliceAt(0).wide != 0;
}

/** The machine is part `index` of `count` from now on: in open timing it runs everything before the last level, and there the slices whose number modulo `count` is `index`. */
export function setPart(index: u32, count: u32): void {
  beOnly(index, count);
  chooseWay();
}

/** Of how many parts the machine is one; 0 for a whole one. */
export function parts(): u32 {
  return root().parts;
}

/**
 * What crosses the border in front of the last level in open timing, from now on: 0 nothing but the traffic, 1 what comes there is handed
 * over and not run, 2 requests come in there in place of records (docs/boundary.md).
 */
export function setCrossing(crossing: u32): void {
  cross(crossing);
  chooseWay();
}

/** Where requests are handed over, 16 bytes each, and how many there is room for, 64 or more: before `setCrossing(1)`. */
export function handOverAt(at: usize, room: u32): void {
  handTo(at, room);
}

/** Requests handed over since the last time. A call of `replay` ends early where there is no room for those of another record. */
export function takeHanded(): u32 {
  return takenOver();
}

/** Whether what only the general path counts is wanted, from now on. */
export function setDetailed(detailed: bool): void {
  root().detailed = detailed ? 1 : 0;
  chooseWay();
}

// Threads (replay/crew.ts): one owns the machine and calls everything else, the others only `work`. In the build for shared memory.

/** Before the other threads begin to `work`: so many share long spans from now on; `maySleep`: the owner's host lets it sleep. */
export function setThreads(threads: u32, maySleep: bool): void {
  if (ASC_FEATURE_THREADS) share(threads, maySleep);
}

/** Spans of fewer records than this are for the owner alone; results do not depend on it. */
export function shareFrom(records: u32): void {
  root().crewLeast = records;
}

/** On a thread of its own, 1 and up: waits for a span and runs its share. False when the thread is to end. */
export function work(thread: u32): bool {
  return ASC_FEATURE_THREADS && workOn(thread);
}

/** Threads that there is room for; 0 for the owner alone. */
export function threadCapacity(): u32 {
  return root().threadCapacity;
}

/** Lets the other threads end. */
export function dismiss(): void {
  if (ASC_FEATURE_THREADS) sendAway();
}

// Closed timing (replay/closed.ts).

/** The stream of a requester's records, opened if need be; all ones when there are too many. */
export function openStream(requester: u32): u32 {
  return streamFor(requester);
}

/** Records a stream can take now. */
export function streamRoom(stream: u32): u32 {
  return roomIn(stream);
}

/** Appends a record: meta as in the columns, time as the trace has it. Only where there is room. */
export function append(stream: u32, line: u32, meta: u32, time: u64): void {
  appendTo(stream, line, meta, time);
}

/** Traces have been read up to this time: no stream gets anything earlier yet. */
export function setHorizon(ns: u64): void {
  root().horizon = ns;
}

/** The quantum that runs next, or runs now. */
export function quantum(): u64 {
  return root().quantum;
}

/** Nothing comes after what a stream has. */
export function endStream(stream: u32): void {
  streamAt(stream).ended = 1;
}

/** Records of a stream that have been issued. */
export function streamIssued(stream: u32): u32 {
  return streamAt(stream).read;
}

/** Ends a replay in closed timing: streams are given back. */
export function closeStreams(): void {
  forgetStreams();
}

/** Runs the quanta that begin before `until`: 0 done, 1 a stream has run dry, 2 an armed stop, 3 interrupts after a quantum. Called again it goes on. */
export function runQuanta(until: u64): u32 {
  return runClosed(until);
}

/** Whether a quantum has begun and not ended. */
export function inQuantum(): bool {
  return root().inQuantum != 0;
}

/** Records that streams have at hand. */
export function unissuedRecords(): u64 {
  let records: u64 = 0;
  for (let i: u32 = 0; i < root().streamCount; i++) records += streamAt(i).written - streamAt(i).read;
  return records;
}

/** Requests that ports hold back now. */
export function heldRequests(): u32 {
  return root().heldCount;
}

// Interrupts, oldest first, until they are cleared.

/** Events that wait. Look after every call that accesses registers, moves time or runs records. */
export function eventCount(): u32 {
  return root().eventCount;
}

/** What the interrupt is for: EVENT_ERROR or EVENT_OVERFLOW. */
export function eventKind(index: u32): u32 {
  return eventAt(index).kind;
}

/** The MSC it comes from. */
export function eventMsc(index: u32): u32 {
  return eventAt(index).msc;
}

/** The bank it comes from (MPAM_SP); of a wire, the one that changed it. */
export function eventSpace(index: u32): u32 {
  return eventAt(index).space;
}

/** 1: the wire rises; 0: it is released. 1 for pulses and MSIs. */
export function eventLevel(index: u32): u32 {
  return eventAt(index).level;
}

/** 0 a wire, 1 a pulse, 2 an MSI; pulses and MSIs with how many there were. */
export function eventDelivery(index: u32): u32 {
  return eventAt(index).delivery;
}

/** How many pulses or MSIs alike there were since the events were cleared; 1 for a wire. */
export function eventRepeats(index: u32): u32 {
  return eventAt(index).count;
}

/** The address to which an MSI writes, in the address space of its bank. */
export function eventAddress(index: u32): u64 {
  return eventAt(index).address;
}

/** The word that an MSI writes. */
export function eventData(index: u32): u32 {
  return eventAt(index).data;
}

/** MPAMF_ERR_MSI_ATTR or MSMON_OFLOW_MSI_ATTR as the bank has it: memory attributes and shareability of an MSI. */
export function eventAttributes(index: u32): u32 {
  return eventAt(index).attributes;
}

/** The label on the write of an MSI: PARTID [15:0], PMG [23:16]. */
export function eventMpam(index: u32): u32 {
  return eventAt(index).mpam;
}

/** Records run since power-on when it happened, the one that made it among them; 0 for what an edge let through. */
export function eventRecord(index: u32): u64 {
  return eventAt(index).record;
}

/** Model time when it happened, ns; within a call of open timing that stands still. */
export function eventTime(index: u32): u64 {
  return eventAt(index).time;
}

/** Forgets the events: the host has them all. */
export function clearEvents(): void {
  root().eventCount = 0;
}

// What the hardware holds, for statistics and comparisons.

/** Numbers of owners that are or were in use; they begin at 0. */
export function ownerCount(): u32 {
  return root().ownerCount;
}

/** How often a number has been taken from one label, with its counts, for another. */
export function ownersReused(): u32 {
  return root().reused;
}

/** Space [25:24], PMG [23:16], PARTID [15:0]; all ones for a number that carries no label. */
export function ownerLabel(index: u32): u32 {
  return owner(index).live ? owner(index).label : u32.MAX_VALUE;
}

/** The owner of a label; all ones for a label that is not in use. */
export function ownerOf(space: u32, partid: u32, pmg: u32): u32 {
  return findOwner(packLabel(space, partid, pmg));
}

/** The label that a kind of request (op) of a requester carries, as a word. */
export function labelOf(requester: u32, op: u32): u32 {
  return owner(load<u16>(root().labels + (((<usize>requester << 2) | op) << 1))).label;
}

/** Bytes of an owner that a monitor of bandwidth at this resource has seen, in one direction. */
export function bytesMoved(resource: u32, index: u32, write: bool): u64 {
  return movedAt(resourceAt(resource), index, write);
}

/** Requests of an owner to a cache slice, without write-backs from above. */
export function accesses(resource: u32, index: u32): u64 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).accesses;
}

/** Those of them that did not find their line. */
export function misses(resource: u32, index: u32): u64 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).misses;
}

/** Lines of a cache slice that carry an owner. */
export function linesHeld(resource: u32, index: u32): u32 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).lines;
}

/** The line in a way, or -1. */
export function lineAt(resource: u32, set: u32, way: u32): i64 {
  return lineIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}

/** The owner of the line in a way; ask only where there is a line. */
export function lineOwner(resource: u32, set: u32, way: u32): u32 {
  return ownerIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}

/** Age in bits 6:0, dirty in bit 7. */
export function lineAge(resource: u32, set: u32, way: u32): u32 {
  return ageIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}

/**
 * Owner [14:0] and dirty [15] of every way, 0xffff for an empty one, as u16 in the scratch memory: of `count` sets, each `step` after
 * the one before. Answers how many sets there is room for; those are there.
 */
export function ownersOf(resource: u32, first: u32, count: u32, step: u32): u32 {
  const cache = changetype<CacheSlice>(resourceAt(resource));
  const sets = min(count, root().scratchBytes / (2 * cache.ways));
  writeOwners(cache, first, sets, step, root().scratch);
  return sets;
}

/** Lines an owner lost at a slice, by reason (model/cache.ts, LOST_); general path only. */
export function linesLost(resource: u32, index: u32, why: u32): u64 {
  const cache = changetype<CacheSlice>(resourceAt(resource));
  return load<u64>(changetype<usize>(cache.detail(index)) + (<usize>why << 3));
}

/** What has happened in one of 64 ranges of sets: 0 demands, 1 misses, 2 evictions; general path only. */
export function rangeCount(resource: u32, range: u32, what: u32): u64 {
  return load<u64>(changetype<CacheSlice>(resourceAt(resource)).ranges + <usize>range * 24 + (<usize>what << 3));
}

/** Bytes of an owner that have left a resource downstream, in one direction: what a port let through. */
export function bytesCrossed(resource: u32, index: u32, write: bool): u64 {
  const at = resourceAt(resource);
  if (changetype<Resource>(at).kind == KIND_CACHE) return changetype<CacheSlice>(at).bytesCrossed(index, write);
  return changetype<Channel>(at).bytesMoved(index, write);
}

/** Closed timing, of an owner's parts of records: 0 count, 1 sum, 2 largest, 3 time held, 4 time stalled by limits of cpus, ns. */
export function latency(index: u32, what: u32): u64 {
  return load<u64>(changetype<usize>(latencyAt(index)) + (<usize>what << 3));
}

/**
 * Parts of records whose time lies in a bucket: below 16 ns one a ns; above, bucket 8 e + m begins at (8 + m) 2^(e -
 * 1) ns.
 */
export function latencyBucket(index: u32, bucket: u32): u32 {
  return bucketAt(index, bucket);
}

// What the port of a resource thinks of an owner's partition; 0 everywhere without a port.

/** Bytes held. */
export function bytesWaiting(resource: u32, index: u32): u64 {
  const share = shareOf(resource, index);
  return changetype<usize>(share) == 0 ? 0 : share.held;
}

/** Its limit as a fraction of the port: steps of 1/2^bits, 0 without a limit (MPAMCFG_MBW_MAX, as of the last edge). */
export function limitSteps(resource: u32, index: u32): u32 {
  const share = shareOf(resource, index);
  return changetype<usize>(share) == 0 || share.most == NONE ? 0 : share.most + 1;
}

/** The fraction's width of `limitSteps`: its steps are 1/2^bits of the port. */
export function limitBits(resource: u32, index: u32): u32 {
  const share = shareOf(resource, index);
  return changetype<usize>(share) == 0 ? 0 : share.fractionBits;
}

/** Whether that limit is hard: what is more waits though the port has room. */
export function limitIsHard(resource: u32, index: u32): bool {
  const share = shareOf(resource, index);
  return changetype<usize>(share) != 0 && share.hard != 0;
}

function shareOf(resource: u32, index: u32): Share {
  const at = resourceAt(resource);
  const isCache = changetype<Resource>(at).kind == KIND_CACHE;
  const port = isCache ? changetype<CacheSlice>(at).port : changetype<Channel>(at).port;
  if (port == 0) return changetype<Share>(0);
  return shareAt(changetype<Port>(port), load<u16>(changetype<Port>(port).slotOf + (<usize>index << 1)));
}
