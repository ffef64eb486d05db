// Where the threads of a crew wait for each other: they spin for a while, which takes well under a microsecond when nobody is
// late, and then they sleep.

import { allocate, root } from "../root";

/** Turns of spinning: some tens of microseconds. */
const SPINS: u64 = 10_000;

/** After so many turns one who may not sleep gives up: some ten seconds, for there is no clock here. */
const MOST_SPINS: u64 = 10_000_000_000;

/** For one who waits for work, however long that takes; and for one who waits for others at work, ns. */
export const FOR_EVER: i64 = -1;
export const A_MINUTE: i64 = 60_000_000_000;

const TIMED_OUT: i32 = 2;

@unmanaged
class Barrier {
  /** Grows each time that all have come. What is written often has a line of the host to itself. */
  generation: u32;
  sleeping: u32;
  fill1: u64;
  fill2: u64;
  fill3: u64;
  fill4: u64;
  fill5: u64;
  fill6: u64;
  fill7: u64;
  /** Who has come. */
  arrived: u32;
}

export function buildBarrier(): void {
  root().barrier = allocate(offsetof<Barrier>());
}

/** Nobody is here, whatever a snapshot says. */
export function clear(): void {
  if (root().barrier != 0) memory.fill(root().barrier, 0, offsetof<Barrier>());
}

/**
 * Goes on when `threads` have come here. Sleeps only where the host lets this thread; one that the others do not join in time
 * traps, and the machine, which is lost, has no threads any more.
 */
export function meet(threads: u32, maySleep: bool, patienceNs: i64): void {
  const at = root().barrier;
  const generation = atomic.load<u32>(at);
  if (atomic.add<u32>(at, 1, offsetof<Barrier>("arrived")) == threads - 1) {
    atomic.store<u32>(at, 0, offsetof<Barrier>("arrived"));
    atomic.store<u32>(at, generation + 1);
    if (atomic.load<u32>(at, offsetof<Barrier>("sleeping")) != 0) atomic.notify(at, -1);
    return;
  }
  let spins: u64 = 0;
  while (atomic.load<u32>(at) == generation) {
    if (++spins < SPINS) continue;
    if (!maySleep) {
      if (spins == MOST_SPINS) giveUp();
      continue;
    }
    atomic.add<u32>(at, 1, offsetof<Barrier>("sleeping"));
    const woken = atomic.wait<i32>(at, generation, patienceNs);
    atomic.sub<u32>(at, 1, offsetof<Barrier>("sleeping"));
    if (woken == TIMED_OUT) giveUp();
  }
}

function giveUp(): void {
  root().threads = 1;
  unreachable();
}
