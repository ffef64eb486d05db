// Closed timing: every requester has a list of its own, and issues as its budget and the ports let it. Quantum by quantum
// (docs/modelled.md, "Time and edges").

import { heldAt, NONE } from "../model/held";
import { Port } from "../model/port";
import { passEdge } from "../model/regulator";
import { allocate, root } from "../root";
import { note } from "./cpus";
import { settleOwners } from "./edge";
import { chooseWay } from "./loop";
import { takeLooks } from "./looks";
import { closeGates, countLeft, countStall, isShut, openGates } from "./gates";
import { bytesOf, ownerFor, runPart } from "./part";
import { RECORD_BYTES, recordAt, Stream, STREAM_RECORDS, streamAt } from "./stream";

/** Why a run came back. */
const RAN: u32 = 0;
const HUNGRY: u32 = 1;
const STOPPED: u32 = 2;
const INTERRUPTED: u32 = 3;

export function buildStreams(capacity: u32): void {
  const r = root();
  r.streamCapacity = capacity;
  r.streams = allocate(<usize>capacity * offsetof<Stream>());
  r.waitingOf = allocate(<usize>capacity * 4);
  let leaves: u32 = 1;
  while (leaves < capacity) leaves <<= 1;
  r.line = allocate(<usize>leaves * 16);
  r.streamOf = allocate(<usize>r.requesterCapacity * 2);
  memory.fill(r.streamOf, 0xff, <usize>r.requesterCapacity * 2);
  for (let i: u32 = 0; i < capacity; i++) streamAt(i).records = allocate(<usize>STREAM_RECORDS * RECORD_BYTES);
}

/** The stream of a requester, opened if need be; NONE when there are too many. */
export function openStream(requester: u32): u32 {
  const r = root();
  const known = <u32>load<u16>(r.streamOf + (<usize>requester << 1));
  if (known != 0xffff) {
    // More may come than was thought: whoever goes on with a replay says again when it ends.
    streamAt(known).ended = 0;
    return known;
  }
  if (r.streamCount == r.streamCapacity) return NONE;
  const index = r.streamCount++;
  store<u16>(r.streamOf + (<usize>requester << 1), <u16>index);
  streamAt(index).requester = requester;
  r.gatesStale = 1;
  // In the middle of a quantum it may take part at once.
  streamAt(index).budget = r.outstanding;
  return index;
}

export function streamRoom(index: u32): u32 {
  const stream = streamAt(index);
  return STREAM_RECORDS - (stream.written - stream.read);
}

/** Appends a record to a stream that has room for it. Times are those of the trace. */
export function append(index: u32, line: u32, meta: u32, time: u64): void {
  const stream = streamAt(index);
  const at = stream.records + (<usize>(stream.written & (STREAM_RECORDS - 1)) << 4);
  store<u32>(at, line);
  store<u32>(at, meta, 4);
  store<u64>(at, time, 8);
  stream.ended = 0;
  if (stream.read == stream.written++) schedule(stream);
}

/** When the record at hand is due. */
function schedule(stream: Stream): void {
  const time = load<u64>(recordAt(stream), 8);
  stream.due = stream.started ? stream.issued + (time - stream.traced) : time;
}

/** The earliest that a stream can issue next; u64.MAX_VALUE when it has ended. */
function dueAt(stream: Stream): u64 {
  if (stream.read != stream.written) return stream.due;
  if (stream.ended) return u64.MAX_VALUE;
  const horizon = root().horizon;
  return stream.started ? stream.issued + (max(horizon, stream.traced) - stream.traced) : horizon;
}

/** Forgets all streams: a replay of other traces begins. Requests that are held stay, on nobody's budget. */
export function closeStreams(): void {
  const r = root();
  for (let i: u32 = 0; i < r.portCount; i++) {
    const port = changetype<Port>(load<u32>(r.ports + (<usize>i << 2)));
    for (let held = port.first; held != NONE; held = heldAt(held).next) heldAt(held).stream = NONE;
  }
  memory.fill(r.waitingOf, 0, <usize>r.streamCapacity * 4);
  leaveQuantum();
  for (let i: u32 = 0; i < r.streamCount; i++) {
    const records = streamAt(i).records;
    store<u16>(r.streamOf + (<usize>streamAt(i).requester << 1), 0xffff);
    memory.fill(changetype<usize>(streamAt(i)), 0, offsetof<Stream>());
    streamAt(i).records = records;
  }
  r.streamCount = 0;
  closeGates();
}

/**
 * Runs the quanta that begin before `until`, or ends early: INTERRUPTED after a quantum that has raised interrupts, HUNGRY when
 * the next to issue may be a stream that has run dry and has not ended, STOPPED at an armed stop. Called again it goes on where it was.
 */
export function runQuanta(until: u64): u32 {
  const r = root();
  r.stopped = 0;
  if (r.arrived) settleOwners();
  r.closed = 1;
  if (!r.closedRun) {
    r.closedRun = 1;
    chooseWay();
  }
  takeLooks();
  const reason = run(until);
  r.closed = 0;
  return reason;
}

function run(until: u64): u32 {
  const r = root();
  const end = (until + r.quantumNs - 1) / r.quantumNs;
  // After a stop in the middle of it, time may have gone on without it.
  if (r.now >= (r.quantum + 1) * r.quantumNs) leaveQuantum();
  if (r.inQuantum == 0) r.quantum = max(r.quantum, (r.now + r.quantumNs - 1) / r.quantumNs);
  let reason = RAN;
  while (reason == RAN) {
    if (r.inQuantum == 0) {
      const next = nextQuantum();
      if (next >= end) return RAN;
      if (r.heldCount == 0 && isUnknown()) return HUNGRY;
      r.quantum = next;
      r.now = r.quantum * r.quantumNs;
      r.inQuantum = 1;
      r.edgePort = 0;
      openGates(r.quantum);
    }
    if (!passEdges()) return STOPPED;
    reason = issue((r.quantum + 1) * r.quantumNs);
    if (reason != RAN) break;
    r.inQuantum = 0;
    r.quantum++;
    if (r.eventCount != 0) return INTERRUPTED;
  }
  return reason;
}

/** Quanta in which nobody is due and nothing waits are left out. */
function nextQuantum(): u64 {
  const r = root();
  if (r.heldCount != 0) return r.quantum;
  let due = u64.MAX_VALUE;
  for (let i: u32 = 0; i < r.streamCount; i++) {
    due = min(due, dueAt(streamAt(i)));
  }
  return due == u64.MAX_VALUE ? due : max(r.quantum, due / r.quantumNs);
}

/** Whether the next to issue may be one that has not been read yet: no quantum begins on a guess. */
function isUnknown(): bool {
  const r = root();
  let known = u64.MAX_VALUE;
  let unknown = u64.MAX_VALUE;
  for (let i: u32 = 0; i < r.streamCount; i++) {
    const stream = streamAt(i);
    if (stream.read != stream.written) known = min(known, stream.due);
    else unknown = min(unknown, dueAt(stream));
  }
  return unknown < known;
}

/** Gives up what is left of a quantum: its grants have been made. */
function leaveQuantum(): void {
  const r = root();
  if (r.inQuantum) r.quantum++;
  r.inQuantum = 0;
}

/** The edge that begins a quantum; false where an armed stop ends it between two ports. */
function passEdges(): bool {
  const r = root();
  if (r.edgePort > r.portCount) return true;
  r.atEdge = 1;
  while (r.edgePort < r.portCount && !r.stopped) {
    passEdge(changetype<Port>(load<u32>(r.ports + (<usize>r.edgePort << 2))), r.quantum);
    r.edgePort++;
  }
  r.atEdge = 0;
  if (r.stopped) return false;
  r.edgePort++;
  for (let i: u32 = 0; i < r.streamCount; i++) {
    const held = load<u32>(r.waitingOf + (<usize>i << 2));
    streamAt(i).budget = held < r.outstanding ? r.outstanding - held : 0;
  }
  return true;
}

function issue(end: u64): u32 {
  const r = root();
  lineUp(end);
  while (!r.stopped) {
    const first = nextInLine();
    if (first == NONE) return RAN;
    const stream = streamAt(first);
    if (stream.read != stream.written && isShut(stream)) stall(first, end);
    else if (!issueFrom(first, end)) return HUNGRY;
  }
  return STOPPED;
}

// Streams stand in line: a place is when one can issue, in ns of the quantum, and then its requester.
const LAST_IN_LINE: u64 = u64.MAX_VALUE;

// The line is a tree of places: each node has the lesser of its two children, the leaves are the streams', so that the first is
// at the root, and who changes place asks nobody but the nodes above it. No branch: who is first is not to be guessed.

// @ts-ignore: decorator
@inline
function nodeAt(node: u32): usize {
  return root().line + (<usize>node << 3);
}

/** Where a stream stands in line; LAST_IN_LINE when it has nothing to issue before `end`. */
function placeOf(stream: Stream, end: u64): u64 {
  if (stream.budget == 0) return LAST_IN_LINE;
  const r = root();
  const begin = r.quantum * r.quantumNs;
  const at = max(dueAt(stream), max(begin, r.now));
  return at >= end ? LAST_IN_LINE : ((at - begin) << 16) | stream.requester;
}

function lineUp(end: u64): void {
  const r = root();
  let leaves: u32 = 1;
  while (leaves < r.streamCount) leaves <<= 1;
  r.lineLeaves = leaves;
  for (let i: u32 = 0; i < leaves; i++) {
    store<u64>(nodeAt(leaves + i), i < r.streamCount ? placeOf(streamAt(i), end) : LAST_IN_LINE);
  }
  for (let node = leaves - 1; node != 0; node--) settleNode(node);
}

// @ts-ignore: decorator
@inline
function settleNode(node: u32): void {
  store<u64>(nodeAt(node), min(load<u64>(nodeAt(node << 1)), load<u64>(nodeAt(node << 1), 8)));
}

/** The first stream in line, or NONE when nobody stands there. */
function nextInLine(): u32 {
  const r = root();
  const place = load<u64>(nodeAt(1));
  return place == LAST_IN_LINE ? NONE : load<u16>(r.streamOf + (<usize>(place & 0xffff) << 1));
}

/** The first in line has to wait for the next quantum. */
function stall(index: u32, end: u64): void {
  const r = root();
  const stream = streamAt(index);
  const ns = end - r.quantum * r.quantumNs - (load<u64>(nodeAt(1)) >>> 16);
  countStall(stream, ownerFor(stream.requester, load<u32>(recordAt(stream), 4)), ns);
  stream.budget = 0;
  moveInLine(index, LAST_IN_LINE);
}

/** Where the first stands but for one. */
function firstBut(index: u32): u64 {
  let first = LAST_IN_LINE;
  for (let node = root().lineLeaves + index; node > 1; node >>>= 1) first = min(first, load<u64>(nodeAt(node ^ 1)));
  return first;
}

function moveInLine(index: u32, place: u64): void {
  let node = root().lineLeaves + index;
  store<u64>(nodeAt(node), place);
  for (node >>>= 1; node != 0; node >>>= 1) settleNode(node);
}

/** Issues from a stream until it is another one's turn, or nothing is left of its budget; false when it has run dry. */
function issueFrom(index: u32, end: u64): bool {
  const r = root();
  const stream = streamAt(index);
  const begin = r.quantum * r.quantumNs;
  const second = firstBut(index);
  let place = load<u64>(nodeAt(1));
  if (stream.read != stream.written) note(stream.requester);
  do {
    if (stream.read == stream.written) return false;
    const record = recordAt(stream);
    r.now = begin + (place >>> 16);
    stream.issued = r.now;
    stream.traced = load<u64>(record, 8);
    stream.started = 1;
    const meta = load<u32>(record, 4);
    runPart(load<u32>(record), stream.requester, meta, index);
    stream.read++;
    if (stream.read != stream.written) schedule(stream);
    if (r.partLeft) {
      stream.budget--;
      if (stream.gate != 0) countLeft(stream, bytesOf(meta));
    }
    place = placeOf(stream, end);
  } while (place < second && !r.stopped && !isShut(stream));
  moveInLine(index, place);
  return true;
}
