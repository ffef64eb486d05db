// The root struct: everything a machine is hangs from one fixed address, so that a second instance on the same memory
// finds it, a copy of the memory is a snapshot, and no module variable holds state.

/** Where the root lies. The page below it stays unused, so that 0 is never a valid address. */
export const ROOT: usize = 1024;

const MAGIC: u32 = 0x4d50_414d;

/** Changes whenever a struct laid out under the root changes. */
export const LAYOUT: u32 = 3;

/** Records staged for one call at most: V8 replaces code between calls only, so calls are kept short. */
export const CALL_RECORDS: u32 = 65536;

/** Columns are readable this many records past their end: kernels look ahead. */
export const LOOK_AHEAD: u32 = 16;

export const MAX_MSCS: u32 = 256;

@unmanaged
export class Root {
  magic: u32;
  layout: u32;
  /** Next free byte while the machine is being built. */
  top: usize;
  sealed: u32;
  /** Register writes wait for an edge to act on traffic. */
  pending: u32;
  /** Model time, ns. */
  now: u64;

  mscCount: u32;
  resourceCount: u32;
  mscs: usize;
  /** Which register each word of a page is (msc/map.ts). */
  map: usize;
  /** The banks of each MSC, four pointers. */
  banks: usize;
  resources: usize;
  /** The cache records enter, and the channel behind it; 0 where the machine has none. */
  cache: usize;
  channel: usize;

  requesterCapacity: u32;
  ownerCapacity: u32;
  ownerCount: u32;
  ownerHashMask: u32;
  labels: usize;
  owners: usize;
  ownerHash: usize;
  /** A byte per owner, for sweeps. */
  marks: usize;

  /** Bytes any armed monitor may still see before one of them can overflow; near and far as replay/slack.ts. */
  nearSlack: u64;
  farSlack: u64;
  armed: usize;
  armedCount: u32;
  nearCount: u32;
  monitorCount: u32;
  /** MBWU monitors that look at their buckets before the next record (replay/looks.ts). */
  waiting: usize;
  waitingCount: u32;

  stopOn: u32;
  stopped: u32;
  eventCount: u32;
  events: usize;
  /** Records run since power-on: stamps interrupts. */
  record: u64;

  stagedLines: usize;
  stagedRequesters: usize;
  stagedMetas: usize;
  crossingKeys: usize;
  crossingBytes: usize;
  lineBytes: usize;
  scratch: usize;
  operations: usize;
  scratchBytes: u32;
  /** Where what a look-ahead reads goes, so that it is read; 0 between calls. */
  sink: u32;
  /** Owners whose requests break a limit of an MSC where they enter. */
  offending: u32;
  /** The same for requests as they leave the cache. */
  offendingBelow: u32;
  /** Overflows have raised capture events that nobody has followed yet. */
  linked: u32;
  /** 1 where some MSC translates PARTIDs. */
  translates: u32;
  /** An owner that must keep its label while others get theirs; 0 for none. */
  pinned: u32;
  /** The owner each owner becomes on its way out of the cache, u16; 0 where nobody translates there. */
  egress: usize;
  /** The next and the last moment at which a monitor becomes ready, ns; no next one is u64.MAX_VALUE (monitor/ready.ts). */
  nextReady: u64;
  lastReady: u64;
}

// @ts-ignore: decorator
@inline
export function root(): Root {
  return changetype<Root>(ROOT);
}

/** Starts the root of an empty memory. Whoever attaches to a machine never calls this. */
export function powerOn(): void {
  const r = root();
  r.magic = MAGIC;
  r.layout = LAYOUT;
  r.nextReady = u64.MAX_VALUE;
  r.top = (ROOT + offsetof<Root>() + 63) & ~63;
}

/** True when this memory holds a machine that this module understands. */
export function isMachine(): bool {
  return root().magic == MAGIC && root().layout == LAYOUT && root().sealed != 0;
}

/** `bytes` of zeroed memory on a cache-line boundary; only while the machine is being built. */
export function allocate(bytes: usize): usize {
  const r = root();
  const at = r.top;
  const end = at + bytes;
  if (r.sealed || end < at) unreachable();
  r.top = (end + 63) & ~63;
  const pages = <i32>((r.top + 0xffff) >>> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  return at;
}
