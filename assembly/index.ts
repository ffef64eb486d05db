// The door: every export of the module is here and nowhere else. Numbers cross, and nothing else does.

import { eventAt } from "./events";
import { CacheSlice } from "./model/cache";
import { ageAt as ageIn, fit as fitLayout, lineAt as lineIn, ownerAt as ownerIn, setWide as setLayout } from "./model/layout";
import { bytesMoved as movedAt } from "./model/resource";
import { resourceAt } from "./build";
import { readPage, writePage } from "./msc/page";
import { runBatch } from "./msc/batch";
import { captureFromOutside } from "./monitor/capture";
import { moveTime } from "./monitor/ready";
import { setLabel as label } from "./pe/labels";
import { findOwner, owner, packLabel } from "./pe/owners";
import { applyPending } from "./replay/edge";
import { replay as replayColumns, serve as serveColumns } from "./replay/loop";
import { isMachine, LAYOUT, root } from "./root";

export { init, addCache, addChannel, addMsc, addBank, addRis, seal } from "./build";

/** The layout version when this memory holds a machine this module understands, else 0. Changes nothing. */
export function attach(): u32 {
  return isMachine() ? LAYOUT : 0;
}

// Registers. Spaces are MPAM_SP: 0 Secure, 1 Non-secure, 2 Root, 3 Realm. Offsets are word aligned.

export function read32(msc: u32, offset: u32, space: u32): u32 {
  return readPage(msc, offset, space);
}

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

// Time, edges and labels.

export function setNow(ns: u64): void {
  moveTime(ns);
}

export function now(): u64 {
  return root().now;
}

/** When a monitor becomes ready next; all ones for never. No call of `replay` or `serve` may reach past it. */
export function nextReady(): u64 {
  return root().nextReady;
}

/** Whether written configuration waits for an edge. */
export function pending(): bool {
  return root().pending != 0;
}

export function edge(): void {
  applyPending();
}

/** Labels one kind of request (op 0 read, 1 write, 2 fetch, 3 prefetch). False when the labels in use are too many. */
export function setLabel(requester: u32, op: u32, space: u32, partid: u32, pmg: u32): bool {
  return label(requester, op, packLabel(space, partid, pmg));
}

// Traffic.

export function stagedLines(): usize {
  return root().stagedLines;
}

export function stagedRequesters(): usize {
  return root().stagedRequesters;
}

export function stagedMetas(): usize {
  return root().stagedMetas;
}

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

export function stopped(): bool {
  return root().stopped != 0;
}

/** At an edge: chooses the layout of the cache for traffic with line numbers up to `highest`. */
export function fit(highest: u32): void {
  const r = root();
  if (r.cache) fitLayout(changetype<CacheSlice>(r.cache), highest, r.ownerCount);
}

/** Forces a layout, at an edge; results do not depend on it. Narrow only where `fit` would choose it. */
export function setWide(wide: bool): void {
  const r = root();
  if (r.cache) setLayout(changetype<CacheSlice>(r.cache), wide);
}

export function isWide(): bool {
  const r = root();
  return r.cache != 0 && changetype<CacheSlice>(r.cache).wide != 0;
}

// Interrupts, oldest first, until they are cleared.

export function eventCount(): u32 {
  return root().eventCount;
}

export function eventKind(index: u32): u32 {
  return eventAt(index).kind;
}

export function eventMsc(index: u32): u32 {
  return eventAt(index).msc;
}

export function eventSpace(index: u32): u32 {
  return eventAt(index).space;
}

export function eventLevel(index: u32): u32 {
  return eventAt(index).level;
}

/** 0 a wire, 1 a pulse, 2 an MSI; pulses and MSIs with how many there were. */
export function eventDelivery(index: u32): u32 {
  return eventAt(index).delivery;
}

export function eventRepeats(index: u32): u32 {
  return eventAt(index).count;
}

/** What an MSI writes: address, data, MSI_*_ATTR as it is programmed, PARTID [15:0] and PMG [23:16]. */
export function eventAddress(index: u32): u64 {
  return eventAt(index).address;
}

export function eventData(index: u32): u32 {
  return eventAt(index).data;
}

export function eventAttributes(index: u32): u32 {
  return eventAt(index).attributes;
}

export function eventMpam(index: u32): u32 {
  return eventAt(index).mpam;
}

export function eventRecord(index: u32): u64 {
  return eventAt(index).record;
}

export function clearEvents(): void {
  root().eventCount = 0;
}

// What the hardware holds, for statistics and comparisons.

export function ownerCount(): u32 {
  return root().ownerCount;
}

/** Space [25:24], PMG [23:16], PARTID [15:0]; all ones for a number that carries no label. */
export function ownerLabel(index: u32): u32 {
  return owner(index).live ? owner(index).label : u32.MAX_VALUE;
}

export function ownerOf(space: u32, partid: u32, pmg: u32): u32 {
  return findOwner(packLabel(space, partid, pmg));
}

export function labelOf(requester: u32, op: u32): u32 {
  return owner(load<u16>(root().labels + (((<usize>requester << 2) | op) << 1))).label;
}

export function bytesMoved(resource: u32, index: u32, write: bool): u64 {
  return movedAt(resourceAt(resource), index, write);
}

export function accesses(resource: u32, index: u32): u64 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).accesses;
}

export function misses(resource: u32, index: u32): u64 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).misses;
}

export function linesHeld(resource: u32, index: u32): u32 {
  return changetype<CacheSlice>(resourceAt(resource)).use(index).lines;
}

/** The line in a way, or -1. */
export function lineAt(resource: u32, set: u32, way: u32): i64 {
  return lineIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}

export function lineOwner(resource: u32, set: u32, way: u32): u32 {
  return ownerIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}

/** Age in bits 6:0, dirty in bit 7. */
export function lineAge(resource: u32, set: u32, way: u32): u32 {
  return ageIn(changetype<CacheSlice>(resourceAt(resource)), set, way);
}
