// Gates: what a cpu's own bandwidth limits let its requesters issue in closed timing (docs/modelled.md, "The processor side").
// Requesters of one cpu and exception level with the same limit go by one gate, of a scaled limit those of one PARTID.

import { CacheSlice, sliceAt } from "../model/cache";
import { Channel } from "../model/channel";
import { latencyAt } from "../model/latency";
import { nodeAt } from "../model/memory";
import { Port, wasFull } from "../model/port";
import { Rate } from "../model/rate";
import { MEMORY, resourceAt } from "../model/resource";
import { limitedAt } from "../pe/limited";
import { labelPartition, owner } from "../pe/owners";
import { MAX_CPUS, MPAMBWIDR, Pe, peAt } from "../pe/registers";
import { fieldGet } from "../field";
import { MPAMBWIDR_BWA_WD } from "../regs/pe";
import { LIMIT_HI_HARD, LIMIT_HI_SCALED } from "../regs/pe-words";
import { allocate, root } from "../root";
import { Stream, streamAt } from "./stream";

/** In place of a PARTID, where the limit is that of all. */
const ALL: u32 = u32.MAX_VALUE;

/** The cpus, by number and 1, and none. */
const CPU_NUMBERS: u32 = MAX_CPUS + 1;

@unmanaged
export class Gate extends Rate {
  // Who goes by it.
  limit: u64;
  cpu: u16;
  el: u16;
  /** Space and PARTID, or ALL. */
  partition: u32;
  /** Where the records of its cpu enter. */
  entry: u32;
  /** 1: a part of a record is one request of its own bytes. */
  direct: u32;

  /** Bytes that no quantum has brought yet. */
  use: u64;
  /** The present quantum, and what it brings. */
  quantum: u64;
  allowance: u64;
  /** 1: nothing goes beyond the allowance in this quantum. */
  regulates: u32;
}

export function buildGates(): void {
  const r = root();
  if (r.mayLimit == 0) return;
  r.gates = allocate(<usize>r.streamCapacity * offsetof<Gate>());
  r.gatesBefore = allocate(<usize>r.streamCapacity * offsetof<Gate>());
  r.gateCpus = allocate(CPU_NUMBERS);
}

// @ts-ignore: decorator
@inline
function gateIn(gates: usize, index: u32): Gate {
  return changetype<Gate>(gates + <usize>index * offsetof<Gate>());
}

/** Another replay begins. */
export function closeGates(): void {
  root().gateCount = 0;
  root().gatesStale = 1;
}

/** The beginning of a quantum, before its ports grant. */
export function openGates(quantum: u64): void {
  const r = root();
  for (let i: u32 = 0; i < r.gateCount; i++) drain(gateIn(r.gates, i), quantum);
  if (r.gatesStale) findGates(quantum);
  for (let i: u32 = 0; i < r.gateCount; i++) {
    const gate = gateIn(r.gates, i);
    gate.allowance = max(gate.bytesIn(quantum + 1) - gate.bytesIn(quantum), 1);
    gate.regulates = isHard(gate) || isSaturated(gate, quantum) ? 1 : 0;
  }
}

/** What the quanta since the last one have brought. */
function drain(gate: Gate, quantum: u64): void {
  const brought = gate.bytesIn(quantum) - gate.bytesIn(gate.quantum);
  gate.use -= min(gate.use, brought);
  gate.quantum = quantum;
}

function isHard(gate: Gate): bool {
  return (<u32>(gate.limit >>> 32) & LIMIT_HI_HARD) != 0;
}

/** Whether a port below was full in the quantum before. */
function isSaturated(gate: Gate, quantum: u64): bool {
  const r = root();
  if (quantum == 0) return false;
  let first: usize = gate.entry == MEMORY ? 0 : changetype<usize>(sliceAt(gate.entry));
  while (first != 0) {
    const cache = changetype<CacheSlice>(first);
    for (let slice: u32 = 0; slice < cache.slices; slice++) {
      const port = changetype<CacheSlice>(resourceAt(cache.index + slice)).port;
      if (port != 0 && wasFull(changetype<Port>(port), quantum - 1)) return true;
    }
    first = cache.below;
  }
  for (let n: u32 = 0; n < r.nodeCount; n++) {
    for (let i: u32 = 0; i < nodeAt(n).channels; i++) {
      const channel = changetype<Channel>(resourceAt(nodeAt(n).first + i));
      if (wasFull(changetype<Port>(channel.port), quantum - 1)) return true;
    }
  }
  return false;
}

/** Whether the limit of its cpu keeps a stream from issuing in this quantum. */
// @ts-ignore: decorator
@inline
export function isShut(stream: Stream): bool {
  const gate = changetype<Gate>(stream.gate);
  return stream.gate != 0 && gate.regulates != 0 && gate.use >= gate.allowance;
}

/** A part of a record of `bytes` has left the cpu. */
export function countLeft(stream: Stream, bytes: u32): void {
  const gate = changetype<Gate>(stream.gate);
  if (gate.use >= gate.allowance) return;
  gate.use += gate.direct ? bytes : <u32>1 << root().lineShift;
}

/** A record of a stream waits for another quantum. */
export function countStall(stream: Stream, owner: u32, ns: u64): void {
  limitedAt(stream.requester).stalledNs += ns;
  latencyAt(owner).stalledNs += ns;
}

/** Who goes by which gate. Those of before go on with what they had. */
function findGates(quantum: u64): void {
  const r = root();
  r.gatesStale = 0;
  if (r.limitedCount == 0 && r.gateCount == 0) return;
  const before = r.gates;
  const countBefore = r.gateCount;
  r.gates = r.gatesBefore;
  r.gatesBefore = before;
  r.gateCount = 0;
  for (let i: u32 = 0; i < r.streamCount; i++) {
    const stream = streamAt(i);
    stream.gate = limitedAt(stream.requester).limit == 0 ? 0 : gateOf(stream.requester, before, countBefore, quantum);
  }
}

/** The gate of a requester that has a limit. */
function gateOf(requester: u32, before: usize, countBefore: u32, quantum: u64): usize {
  const r = root();
  const limited = limitedAt(requester);
  const limit = limited.limit;
  const cpu = limited.cpu;
  const el = limited.el;
  const partition = isScaled(limit) ? partitionOf(requester) : ALL;
  const known = gateWith(r.gates, r.gateCount, limit, cpu, el, partition);
  if (changetype<usize>(known) != 0) return changetype<usize>(known);
  const gate = gateIn(r.gates, r.gateCount++);
  gate.limit = limit;
  gate.cpu = cpu;
  gate.el = el;
  gate.partition = partition;
  gate.entry = load<u16>(r.entries + (<usize>requester << 1));
  gate.direct = gate.entry == MEMORY || sliceAt(gate.entry).below == 0 ? 1 : 0;
  gate.setRate(rateOf(peAt(cpu), limit, partition));
  const old = gateWith(before, countBefore, limit, cpu, el, partition);
  gate.use = changetype<usize>(old) == 0 ? 0 : old.use;
  gate.quantum = quantum;
  return changetype<usize>(gate);
}

function gateWith(gates: usize, count: u32, limit: u64, cpu: u16, el: u16, partition: u32): Gate {
  for (let i: u32 = 0; i < count; i++) {
    const gate = gateIn(gates, i);
    if (gate.limit == limit && gate.cpu == cpu && gate.el == el && gate.partition == partition) return gate;
  }
  return changetype<Gate>(0);
}

function isScaled(limit: u64): bool {
  return (<u32>(limit >>> 32) & LIMIT_HI_SCALED) != 0;
}

/** Of its data. */
function partitionOf(requester: u32): u32 {
  return labelPartition(owner(load<u16>(root().labels + (<usize>requester << 3))).label);
}

/** Bytes a second that a limit stands for. */
function rateOf(pe: Pe, limit: u64, partition: u32): u64 {
  const step = <u64>1 << (16 - fieldGet(MPAMBWIDR_BWA_WD, pe.low(MPAMBWIDR)));
  const most = <u64>(<u32>limit);
  const fraction = isScaled(limit) ? max(most, step) : most + step;
  const whole = pe.bytesPerSecond;
  // In two steps: the product may need more than 64 bits.
  const bytes = (whole >>> 16) * fraction + (((whole & 0xffff) * fraction) >>> 16);
  return max(partition == ALL ? bytes : bytes / cpusWith(partition), 1);
}

/** How many cpus the requesters of this replay are on whose data carries a PARTID. */
function cpusWith(partition: u32): u32 {
  const r = root();
  memory.fill(r.gateCpus, 0, CPU_NUMBERS);
  let count: u32 = 0;
  for (let i: u32 = 0; i < r.streamCount; i++) {
    const requester = streamAt(i).requester;
    if (partitionOf(requester) != partition) continue;
    const cpu = load<u16>(r.cpuOf + (<usize>requester << 1));
    const seen = r.gateCpus + cpu;
    if (cpu == 0 || load<u8>(seen)) continue;
    store<u8>(seen, 1);
    count++;
  }
  return max(count, 1);
}
