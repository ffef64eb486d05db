// Which requester each cpu ran last. Records are not asked for it one by one: when a call has run its records, the column of
// requesters is gone through from its end, until every cpu has been met that may have changed requesters.

import { allocate, root } from "../root";

/** Cpus of a platform at most. */
export const MAX_CPUS: u32 = 1024;

/** No call need look for this cpu: its only requester is known to be its last. */
const SETTLED: u64 = u64.MAX_VALUE;

@unmanaged
export class Cpu {
  /** The last look that met it, or SETTLED. */
  met: u64;
  /** The requester of its last record and 1; 0 for none yet. */
  last: u32;
  /** Requesters that are on it. */
  requesters: u32;
}

export function buildCpus(): void {
  const r = root();
  r.cpuOf = allocate(<usize>r.requesterCapacity * 2);
  r.cpus = allocate(<usize>(MAX_CPUS + 1) * offsetof<Cpu>());
  cpuAt(0).met = SETTLED;
}

/** By number and 1; 0 stands for the cpu of requesters that are on none. */
// @ts-ignore: decorator
@inline
function cpuAt(index: u32): Cpu {
  return changetype<Cpu>(root().cpus + <usize>index * offsetof<Cpu>());
}

// @ts-ignore: decorator
@inline
function cpuOf(requester: u32): Cpu {
  return cpuAt(load<u16>(root().cpuOf + (<usize>requester << 1)));
}

/** Puts a requester on a cpu; before, it was on another or on none. */
export function setCpu(requester: u32, number: u32): void {
  const r = root();
  const before = cpuOf(requester);
  const cpu = cpuAt(number + 1);
  if (before == cpu) return;
  if (before != cpuAt(0) && --before.requesters == 0 && before.met != SETTLED) r.sought--;
  if (cpu.requesters++ == 0 || cpu.met == SETTLED) {
    cpu.met = 0;
    r.sought++;
  }
  store<u16>(r.cpuOf + (<usize>requester << 1), <u16>(number + 1));
}

/** The requester of the last record that a cpu ran; all ones for none yet. */
export function lastRequester(number: u32): u32 {
  return number < MAX_CPUS ? cpuAt(number + 1).last - 1 : u32.MAX_VALUE;
}

/** A requester is about to run a record. */
export function note(requester: u32): void {
  cpuOf(requester).last = requester + 1;
}

/** The `n` records of this column of requesters have run. */
export function look(requesters: usize, n: u32): void {
  const r = root();
  let left = r.sought;
  if (left == 0) return;
  const turn = ++r.looks;
  for (let at = requesters + (<usize>n << 1); at > requesters && left != 0; ) {
    at -= 2;
    const requester = <u32>load<u16>(at);
    const cpu = cpuOf(requester);
    if (cpu.met >= turn) continue;
    cpu.last = requester + 1;
    cpu.met = turn;
    left--;
    if (cpu.requesters > 1) continue;
    cpu.met = SETTLED;
    r.sought--;
  }
}
