// The root struct: everything a machine is hangs from one fixed address, so that a second instance on the same memory
// finds it, a copy of the memory is a snapshot, and no module variable holds state.

/** Where the root lies. The page below it stays unused, so that 0 is never a valid address. */
export const ROOT: usize = 1024;

const MAGIC: u32 = 0x4d50_414d;

/** Changes whenever a struct laid out under the root changes. */
export const LAYOUT: u32 = 12;

/** Records staged for one call at most: V8 replaces code between calls only, so calls are kept short. */
export const CALL_RECORDS: u32 = 65536;

/** Columns are readable this many records past their end: kernels look ahead. */
export const LOOK_AHEAD: u32 = 16;

export const MAX_MSCS: u32 = 1024;

/** Cache slices and memory channels. */
export const MAX_RESOURCES: u32 = 2048;

/** Names no resource: memory, where a cache could be named. */
export const NO_RESOURCE: u32 = u32.MAX_VALUE;

/** Cache levels are 1 to 4. */
export const MAX_LEVEL: u32 = 4;

@unmanaged
export class Root {
  magic: u32;
  layout: u32;
  /** Next free byte while the machine is being built. */
  top: usize;
  sealed: u32;
  /** Register writes wait for an edge to act on traffic. */
  pending: u32;
  /** Labels have come into use that those already in use have not been held against (replay/edge.ts). */
  arrived: u32;
  /** Model time, ns. */
  now: u64;
  /** Most bytes that one request or part of a record can move past a measuring point. */
  most: u32;

  mscCount: u32;
  resourceCount: u32;
  mscs: usize;
  /** Which register each word of a page is (msc/map.ts). */
  map: usize;
  /** The banks of each MSC, four pointers. */
  banks: usize;
  resources: usize;
  /** log2 of the bytes of a line, and of the lines of a page. */
  lineShift: u32;
  pageShift: u32;
  /** Cache slices in file order, and memory nodes (model/memory.ts). */
  slices: usize;
  sliceCount: u32;
  cacheLevels: u32;
  nodes: usize;
  nodeCount: u32;
  /** Pages fill one node after the other, instead of going round. */
  numaFill: u32;
  /** Of random replacement. */
  seed: u32;
  /** Where a requester's records enter: a u16 each, the number of a cache's first slice, or MEMORY. */
  entries: usize;
  /** The one cache of a machine that has no more, and where all records enter; else 0. And the one channel. */
  cache: usize;
  channel: usize;
  /** 1: counts that only the general path makes are wanted. */
  detailed: u32;
  /** 1: all slices stay in the wide layout, whatever would fit; and 1: records run one by one, whatever could run in bulk. */
  general: u32;
  single: u32;
  /** The highest line number that is to be expected. */
  highest: u32;

  /** Which way records go (replay/loop.ts), and which kernel runs each level, from 1, as of the last edge (replay/levels.ts). */
  way: u32;
  /** A Level for each of the four. */
  levels0: u64;
  levels1: u64;
  levels2: u64;
  levels3: u64;
  /** 1: somebody's requests are errors somewhere. */
  offended: u32;
  /** 1: every slice is in its narrow layout. */
  allNarrow: u32;
  /** 1: some requests pass a level by that others go to; and 1: they come to memory from several levels, or from none. */
  skipping: u32;
  uneven: u32;
  /** 1: what runs is a replay in closed timing. */
  closedRun: u32;
  /** The first level that there is. */
  firstLevel: u32;
  /** 1: a slice holds all that the slices above it hold. */
  inclusive: u32;
  /** Which part of how many this machine is; 0 parts: the whole (model/border.ts). */
  part: u32;
  parts: u32;
  /** What crosses the border, and the kinds of what comes in; where handed-over requests go: the first, the next and the end (model/border.ts). */
  crossing: u32;
  kinds: u32;
  handed: usize;
  handedNext: usize;
  handedEnd: usize;
  /** On so many levels are there caches with memory below them. */
  lastLevels: u32;
  /** A Runner for each thread. */
  runners: usize;
  /** Threads there is room for, and that take part (replay/crew.ts); 1: the owner may sleep while it waits for the others. */
  threadCapacity: u32;
  threads: u32;
  ownerSleeps: u32;
  /** Records of a span that threads share at least. */
  crewLeast: u32;
  /** 1: the other threads are to end. */
  dismissed: u32;
  barrier: usize;
  /** The thread that a slice belongs to, u8. */
  threadOf: usize;
  /** The columns of the present span. */
  jobLines: usize;
  jobRequesters: usize;
  jobMetas: usize;
  jobRecords: u32;
  /** 1: some first level counts the bytes of records. */
  upstream: u32;
  /** Records that ran in each way: on narrow layouts only, in bulk otherwise, one by one. */
  narrowRecords: u64;
  bulkRecords: u64;
  singleRecords: u64;
  /** Of the first two, those that several threads shared. */
  sharedRecords: u64;

  /** Closed timing: its quantum in ns, the number of the present one, and whether that runs. */
  quantumNs: u64;
  quantum: u64;
  closed: u32;
  /** Traces have been read up to here: what a stream gets yet is no earlier. */
  horizon: u64;
  /** 1 in the middle of a quantum; and the port whose edge is next, past all of them when budgets are known. */
  inQuantum: u32;
  edgePort: u32;
  /** 1 while the ports go through the edge of a quantum. */
  atEdge: u32;
  /** Ports in the order of their edges. */
  ports: usize;
  portCount: u32;
  outstanding: u32;
  streams: usize;
  streamCapacity: u32;
  streamCount: u32;
  /** A stream number per requester, u16. */
  streamOf: usize;
  /** The line in which streams stand: a tree of u64, and how many leaves it has (replay/closed.ts). */
  line: usize;
  lineLeaves: u32;
  /** Held requests of each stream, u32. */
  waitingOf: usize;
  /** Requests held anywhere, and the pool they are kept in (model/held.ts). */
  heldCount: u32;
  heldFree: u32;
  /** Places of the pool that nobody has used yet begin here. */
  heldFresh: u32;
  heldCapacity: u32;
  held: usize;

  /** The part of a record that is under way: who asked, and what has become of it (model/part.ts). */
  partOwner: u32;
  partStream: u32;
  partHeld: u32;
  /** It has caused a request beyond the private caches, or one that is held. */
  partLeft: u32;
  /** Time it takes where it was served, and time it has been held so far. */
  partServiceNs: u32;
  partIssued: u64;
  partHeldNs: u64;
  latencies: usize;

  requesterCapacity: u32;
  /** The cpu of each requester, u16, and what is known of each cpu (replay/cpus.ts). */
  cpuOf: usize;
  cpus: usize;
  /** Requesters up to the last that is on a cpu. */
  cpuRequesters: u32;
  /** Cpus to look for, and those that the present look has not met yet; looks so far. */
  sought: u32;
  unmet: u32;
  looks: u64;
  /** A byte per requester, and a bit for each of the first: its cpu has not been met. */
  cpuMarks: usize;
  cpuSieve: usize;
  ownerCapacity: u32;
  ownerCount: u32;
  /** How often a number has been taken from one label for another. */
  reused: u32;
  ownerHashMask: u32;
  labels: usize;
  /** The exception level of each requester and 1, u8, 0 without one; and whether levels are counted apart. */
  levels: usize;
  byLevel: u32;
  owners: usize;
  ownerHash: usize;
  /** Partitions of a port in order, while it grants. */
  sorted: usize;
  /** A byte per owner, for sweeps. */
  marks: usize;
  /** As large as `ownerHash`, for sweeps. */
  keyHash: usize;

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
  /** Grows whenever something may have moved past a measuring point. */
  moves: u64;
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
  /** Overflows have raised capture events that nobody has followed yet. */
  linked: u32;
  /** 1 where some MSC translates PARTIDs. */
  translates: u32;
  /** An owner that must keep its label while others get theirs; 0 for none. */
  pinned: u32;
  /** The next and the last moment at which a monitor becomes ready, ns; no next one is u64.MAX_VALUE (monitor/ready.ts). */
  nextReady: u64;
  lastReady: u64;
  /** Traces on their way in (replay/intake.ts). */
  intake: usize;

  /** Cpus (pe/registers.ts): a pointer for each, and the copy of one's registers. */
  pes: usize;
  peCount: u32;
  peSaved: usize;
  /** 1: some cpu has registers that limit its bandwidth. The limit of each requester, or 0 where none can have one (pe/limited.ts). */
  mayLimit: u32;
  limited: usize;
  /** Requesters that have a limit. */
  limitedCount: u32;
  /** Gates of the closed replay and of before they were last found, and whether that is out of date (replay/gates.ts). */
  gates: usize;
  gatesBefore: usize;
  gateCount: u32;
  gatesStale: u32;
  /** A byte for each cpu, for counting. */
  gateCpus: usize;
  /** The names of their registers, and for each encoding which it is, from 1, in a byte (pe/names.ts). */
  names: usize;
  nameCount: u32;
  nameIndex: usize;
  /** What the last access to one read, and how the last label came about (regs/pe-words.ts). */
  accessed: u64;
  generated: u32;
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
  // Of records, op 1 writes (model/border.ts).
  r.kinds = 0x04;
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
