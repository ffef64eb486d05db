// What one thread needs to take requests through the levels: where those come from, and where what they cause goes.

import { allocate, root } from "../root";

/** Threads that take part in a replay at most. */
export const MAX_THREADS: u32 = 8;

@unmanaged
export class Runner {
  /** Its number; whose replica of the buckets of channels it counts in. */
  index: u32;
  /** Where a look-ahead goes, so that it is read. */
  sink: u32;
  /** Two queues of requests, the one that is read and the one that is written, in turns. */
  queue: usize;
  other: usize;
  /** Where the next request to a cache is written. */
  out: usize;
  /** Requests to memory, and where the next one is written. */
  toMemory: usize;
  memoryOut: usize;

  // With more than one thread (replay/crew.ts).

  /** The place of each request of `queue` in the order of all threads, u32. */
  places: usize;
  /** How much its kernels have caused, which stands in `other`, and the places of that; and where others are read up to (replay/crew.ts). */
  caused: u32;
  causedPlaces: usize;
  heads: usize;
  /** While a kernel runs: the first request that it was given, and their places. Without places requests go to `out`. */
  first: usize;
  firstPlace: usize;
  /** For each thread a list of requests and one of their places, `listBytes` apart, and how many there are, u32. */
  lists: usize;
  listPlaces: usize;
  listCapacity: u32;
  counts: usize;
}

/** `requests`: how many a queue holds at most. */
export function buildRunner(index: u32, requests: usize): Runner {
  const at = allocate(offsetof<Runner>());
  const runner = changetype<Runner>(at);
  runner.index = index;
  runner.queue = allocate(requests * 8);
  runner.other = allocate(requests * 8);
  runner.toMemory = allocate(requests * 8);
  store<u32>(root().runners + (<usize>index << 2), <u32>at);
  return runner;
}

export function runnerAt(index: u32): Runner {
  return changetype<Runner>(load<u32>(root().runners + (<usize>index << 2)));
}
