// The plain JavaScript twin of a whole platform: private second levels, a last level in slices, memory channels that
// regulate in closed timing.
import { checksumText, hashAdd, hashAdd64, mix } from "../mixer.ts";
import {
  BWA_WD,
  LATENCY_NS,
  labelsOf,
  NO_MAXIMUM,
  type PlatformCase,
  type PlatformColumns,
  QUANTUM_NS,
} from "../platform-case.ts";
import { LINE_BYTES, OP_WRITE } from "../workload.ts";

const WINDOW_QUANTA = 1000;
const STEPS = 2 ** BWA_WD;

/** What the private caches and slices do on their way down. */
interface Below {
  read(line: number, owner: number): void;
  /** `demanded`: a record's own write, and not a line that was lost. */
  write(line: number, owner: number, demanded: boolean): void;
}

/** The record under way: what its caches say about it. */
interface Progress {
  requester: number;
  serviceNs: number;
  /** It has caused a request to the last level. */
  left: boolean;
  held: boolean;
}

class Cache {
  readonly accesses: Float64Array;
  readonly misses: Float64Array;
  readonly linesRead: Float64Array;
  readonly linesWritten: Float64Array;
  readonly lines: Float64Array;
  readonly #usage: Float64Array;
  readonly #setBits: number;
  // One entry per (set, way). A tag of -1 is an empty way; `used` says when the line was touched last.
  readonly #tags: Int32Array;
  readonly #owner: Uint8Array;
  readonly #dirty: Uint8Array;
  readonly #used: Float64Array;
  #touches = 0;

  constructor(
    readonly sets: number,
    readonly ways: number,
    readonly latencyNs: number,
    readonly isLast: boolean,
    /** By PARTID. */
    readonly portions: readonly number[],
    readonly limits: readonly number[],
    labels: number,
    readonly below: Below,
    readonly progress: Progress,
  ) {
    this.accesses = new Float64Array(labels);
    this.misses = new Float64Array(labels);
    this.linesRead = new Float64Array(labels);
    this.linesWritten = new Float64Array(labels);
    this.lines = new Float64Array(labels);
    this.#usage = new Float64Array(portions.length);
    this.#setBits = Math.log2(sets);
    this.#tags = new Int32Array(sets * ways).fill(-1);
    this.#owner = new Uint8Array(sets * ways);
    this.#dirty = new Uint8Array(sets * ways);
    this.#used = new Float64Array(sets * ways);
  }

  demand(line: number, owner: number, write: boolean): void {
    if (this.isLast) this.progress.left = true;
    add(this.accesses, owner, 1);
    const found = this.#find(line);
    if (found >= 0) {
      this.progress.serviceNs = this.latencyNs;
      this.#used[found] = ++this.#touches;
      if (write) this.#dirty[found] = 1;
      return;
    }
    add(this.misses, owner, 1);
    const victim = this.#victim(line, owner);
    if (victim < 0 && write) {
      add(this.linesWritten, owner, 1);
      this.below.write(line, owner, true);
      return;
    }
    if (victim >= 0) this.#evict(victim, line);
    add(this.linesRead, owner, 1);
    this.below.read(line, owner);
    if (victim >= 0) this.#fill(victim, line, owner, write);
  }

  writeBack(line: number, owner: number, demanded: boolean): void {
    if (this.isLast) this.progress.left = true;
    const found = this.#find(line);
    if (found >= 0) {
      this.#used[found] = ++this.#touches;
      this.#dirty[found] = 1;
    } else {
      const victim = this.#victim(line, owner);
      if (victim < 0) {
        add(this.linesWritten, owner, 1);
        this.below.write(line, owner, demanded);
        return;
      }
      this.#evict(victim, line);
      this.#fill(victim, line, owner, true);
    }
    if (demanded) this.progress.serviceNs = this.latencyNs;
  }

  #find(line: number): number {
    const first = (line & (this.sets - 1)) * this.ways;
    const tag = line >>> this.#setBits;
    for (let at = first; at < first + this.ways; at++) if (this.#tags[at] === tag) return at;
    return -1;
  }

  /** The place to fill, or -1 when this label may not allocate in the set. */
  #victim(line: number, owner: number): number {
    const first = (line & (this.sets - 1)) * this.ways;
    const partid = owner % this.portions.length;
    const open = this.portions[partid] as number;
    const ownOnly = (this.#usage[partid] as number) >= (this.limits[partid] as number);
    let victim = -1;
    let oldest = Number.POSITIVE_INFINITY;
    for (let way = 0; way < this.ways; way++) {
      if (((open >> way) & 1) === 0) continue;
      const at = first + way;
      const empty = this.#tags[at] === -1;
      if (ownOnly) {
        if (empty || (this.#owner[at] as number) % this.portions.length !== partid) continue;
      } else if (empty) {
        return at;
      }
      if ((this.#used[at] as number) < oldest) {
        oldest = this.#used[at] as number;
        victim = at;
      }
    }
    return victim;
  }

  /** Takes the line out; a dirty one goes down under its own label. */
  #evict(at: number, line: number): void {
    const tag = this.#tags[at] as number;
    if (tag === -1) return;
    const loser = this.#owner[at] as number;
    add(this.lines, loser, -1);
    add(this.#usage, loser % this.portions.length, -1);
    this.#tags[at] = -1;
    if (this.#dirty[at] === 0) return;
    add(this.linesWritten, loser, 1);
    this.below.write(((tag << this.#setBits) | (line & (this.sets - 1))) >>> 0, loser, false);
  }

  #fill(at: number, line: number, owner: number, dirty: boolean): void {
    add(this.lines, owner, 1);
    add(this.#usage, owner % this.portions.length, 1);
    this.#tags[at] = line >>> this.#setBits;
    this.#owner[at] = owner;
    this.#dirty[at] = dirty ? 1 : 0;
    this.#used[at] = ++this.#touches;
  }
}

function add(counts: Float64Array, at: number, more: number): void {
  counts[at] = (counts[at] as number) + more;
}

/** A request that a channel holds. */
interface Held {
  readonly owner: number;
  readonly write: boolean;
  /** A record waits for it. */
  readonly demanded: boolean;
  /** Whose budget it takes from. */
  readonly requester: number;
  readonly since: number;
}

/** The requests of one PARTID at a channel. */
class Share {
  readonly waiting: Held[] = [];
  credit = 0;
  /** Bytes granted in this window. */
  use = 0;
  window = 0;
  want = 0;
  /** What was too little for a byte. */
  rest = 0;

  constructor(
    readonly max: number,
    readonly hard: boolean,
    readonly min: number,
  ) {}

  get held(): number {
    return this.waiting.length * LINE_BYTES;
  }

  turnWindow(quantum: number): void {
    const window = Math.floor(quantum / WINDOW_QUANTA);
    if (this.window === window) return;
    this.window = window;
    this.use = 0;
  }

  roomBelowMax(windowBytes: number): number {
    if (this.max === NO_MAXIMUM) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.ceil(((this.max + 1) * windowBytes) / STEPS) - this.use);
  }

  roomBelowMin(windowBytes: number): number {
    return Math.max(0, Math.floor((this.min * windowBytes) / STEPS) - this.use);
  }
}

class Channel {
  readonly bytes: Float64Array;
  readonly #shares: readonly Share[];
  #quantum = -1;
  #left = 0;
  held = 0;

  constructor(
    readonly bytesPerQuantum: number,
    c: PlatformCase,
  ) {
    this.bytes = new Float64Array(labelsOf(c));
    this.#shares = c.partitions.map(({ max, hard, min }) => new Share(max, hard, min));
  }

  serve(owner: number): void {
    add(this.bytes, owner, LINE_BYTES);
  }

  /** Whether the request need not wait; then it has taken its bytes. */
  letsThrough(owner: number, quantum: number): boolean {
    this.#begin(quantum);
    const share = this.#shareOf(owner);
    if (share.waiting.length > 0) return false;
    share.turnWindow(quantum);
    if (share.hard && share.roomBelowMax(this.#windowBytes(quantum)) < LINE_BYTES) return false;
    if (this.#left < LINE_BYTES) return false;
    this.#left -= LINE_BYTES;
    share.use += LINE_BYTES;
    return true;
  }

  hold(request: Held): void {
    this.#shareOf(request.owner).waiting.push(request);
    this.held++;
  }

  /** The edge that begins a quantum: grants, and what they let go. */
  passEdge(quantum: number, letGo: (request: Held) => void): void {
    if (this.held === 0) return;
    this.#begin(quantum);
    this.#grant(quantum);
    for (const share of this.#shares) {
      const going = Math.min(share.waiting.length, Math.floor(share.credit / LINE_BYTES));
      for (const request of share.waiting.splice(0, going)) {
        share.credit -= LINE_BYTES;
        this.held--;
        this.serve(request.owner);
        letGo(request);
      }
      if (share.waiting.length === 0) share.rest = 0;
    }
  }

  #shareOf(owner: number): Share {
    return this.#shares[owner % this.#shares.length] as Share;
  }

  #begin(quantum: number): void {
    if (this.#quantum === quantum) return;
    this.#quantum = quantum;
    this.#left = this.bytesPerQuantum;
  }

  /** Paced: what the channel lets through from the beginning of the window to the end of this quantum. */
  #windowBytes(quantum: number): number {
    return ((quantum % WINDOW_QUANTA) + 1) * this.bytesPerQuantum;
  }

  #grant(quantum: number): void {
    const bytes = this.#windowBytes(quantum);
    const waiting = this.#shares.filter((share) => share.waiting.length > 0);
    for (const share of waiting) share.turnWindow(quantum);
    const preferences: ((share: Share) => number)[] = [
      (share) => Math.min(share.roomBelowMin(bytes), share.roomBelowMax(bytes)),
      (share) => share.roomBelowMax(bytes),
      (share) => (share.hard ? 0 : Number.POSITIVE_INFINITY),
    ];
    for (const most of preferences) {
      for (const share of waiting) share.want = Math.min(Math.max(0, share.held - share.credit), most(share));
      this.#divide(waiting);
    }
  }

  /** Divides what is left evenly among those who want some; who wants no more than its share gets that and leaves. */
  #divide(waiting: readonly Share[]): void {
    while (this.#left > 0) {
      const bytes = this.#left;
      const wanting = waiting.filter((share) => share.want > 0);
      if (wanting.length === 0) return;
      const exact = (share: Share) => bytes / wanting.length + share.rest;
      let someLeft = false;
      for (const share of wanting) {
        if (share.want > Math.min(Math.floor(exact(share)), this.#left)) continue;
        this.#give(share, share.want);
        someLeft = true;
      }
      if (someLeft) continue;
      for (const share of wanting) {
        const due = exact(share);
        const given = Math.min(Math.floor(due), this.#left);
        this.#give(share, given);
        share.rest = due - given;
      }
      return;
    }
  }

  #give(share: Share, bytes: number): void {
    this.#left -= bytes;
    share.credit += bytes;
    share.use += bytes;
    share.want -= bytes;
  }
}

/** A requester in closed timing: its rows of the columns, and when it may issue the next. */
interface Stream {
  readonly rows: readonly number[];
  next: number;
  due: number;
  budget: number;
  waiting: number;
}

export class PlainPlatform {
  readonly #caches: readonly Cache[];
  readonly #slices: readonly Cache[];
  readonly #channels: readonly Channel[];
  readonly #streams: readonly Stream[];
  readonly #latencyCounts: Float64Array;
  readonly #latencySums: Float64Array;
  readonly #progress: Progress = { requester: 0, serviceNs: 0, left: false, held: false };
  #closed = false;
  #quantum = 0;
  #now = 0;

  constructor(
    private readonly c: PlatformCase,
    private readonly columns: PlatformColumns,
  ) {
    const labels = labelsOf(c);
    const progress = this.#progress;
    this.#channels = Array.from({ length: c.channels }, () => new Channel(c.channelBytes, c));
    const memory: Below = {
      read: (line, owner) => this.#request(line, owner, false, true),
      write: (line, owner, demanded) => this.#request(line, owner, true, demanded),
    };
    const l3Portions = c.partitions.map((p) => p.l3Portions);
    const limits = c.partitions.map((p) => p.l3Limit);
    this.#slices = Array.from(
      { length: c.slices },
      () => new Cache(c.l3Sets, c.l3Ways, LATENCY_NS.l3, true, l3Portions, limits, labels, memory, progress),
    );
    const slices: Below = {
      read: (line, owner) => this.#sliceOf(line).demand(line, owner, false),
      write: (line, owner, demanded) => this.#sliceOf(line).writeBack(line, owner, demanded),
    };
    const l2Portions = c.partitions.map((p) => p.l2Portions);
    const none = c.partitions.map(() => Number.POSITIVE_INFINITY);
    this.#caches = Array.from(
      { length: c.cpus },
      () => new Cache(c.l2Sets, c.l2Ways, LATENCY_NS.l2, false, l2Portions, none, labels, slices, progress),
    );
    const rows: number[][] = Array.from({ length: labels }, () => []);
    columns.requester.forEach((who, row) => {
      rows[who]?.push(row);
    });
    this.#streams = rows.map((own) => ({ rows: own, next: 0, due: 0, budget: 0, waiting: 0 }));
    this.#latencyCounts = new Float64Array(labels);
    this.#latencySums = new Float64Array(labels);
  }

  #sliceOf(line: number): Cache {
    return this.#slices[hashAdd(mix(1), line) % this.#slices.length] as Cache;
  }

  #request(line: number, owner: number, write: boolean, demanded: boolean): void {
    const channel = this.#channels[hashAdd(mix(2), line) % this.#channels.length] as Channel;
    const progress = this.#progress;
    if (demanded) progress.serviceNs = LATENCY_NS.memory;
    if (!this.#closed || channel.letsThrough(owner, this.#quantum)) {
      channel.serve(owner);
      return;
    }
    const { requester } = progress;
    channel.hold({ owner, write, demanded, requester, since: this.#now });
    (this.#streams[requester] as Stream).waiting++;
    if (demanded) progress.held = true;
  }

  #access(row: number): void {
    const { line, requester, meta } = this.columns;
    const who = requester[row] as number;
    this.#progress.requester = who;
    (this.#caches[who >> 1] as Cache).demand(line[row] as number, who, (meta[row] as number) >> 6 === OP_WRITE);
  }

  runOpen(): void {
    for (let row = 0; row < this.columns.line.length; row++) this.#access(row);
  }

  runClosed(): void {
    const start = this.#quantum * QUANTUM_NS;
    for (const stream of this.#streams) {
      stream.next = 0;
      stream.due = this.#dueAfter(stream, start);
    }
    this.#closed = true;
    for (;;) {
      if (this.#channels.every((channel) => channel.held === 0)) {
        const due = Math.min(...this.#streams.map((stream) => stream.due));
        if (due === Number.POSITIVE_INFINITY) break;
        this.#quantum = Math.max(this.#quantum, Math.floor(due / QUANTUM_NS));
      }
      this.#runQuantum();
      this.#quantum++;
    }
    this.#closed = false;
  }

  #runQuantum(): void {
    const begin = this.#quantum * QUANTUM_NS;
    this.#now = begin;
    for (const channel of this.#channels) channel.passEdge(this.#quantum, (request) => this.#letGo(request));
    for (const stream of this.#streams) stream.budget = Math.max(0, this.c.outstanding - stream.waiting);
    for (;;) {
      let first: Stream | undefined;
      let earliest = begin + QUANTUM_NS;
      for (const stream of this.#streams) {
        if (stream.budget === 0) continue;
        const at = Math.max(stream.due, begin);
        if (at >= earliest) continue;
        earliest = at;
        first = stream;
      }
      if (!first) return;
      this.#now = earliest;
      this.#issue(first);
    }
  }

  #issue(stream: Stream): void {
    const progress = this.#progress;
    progress.left = false;
    progress.held = false;
    this.#access(stream.rows[stream.next++] as number);
    if (!progress.held) this.#served(progress.requester, progress.serviceNs);
    if (progress.left) stream.budget--;
    stream.due = this.#dueAfter(stream, this.#now);
  }

  #dueAfter(stream: Stream, ns: number): number {
    const row = stream.rows[stream.next];
    return row === undefined ? Number.POSITIVE_INFINITY : ns + (this.columns.gap[row] as number);
  }

  #letGo(request: Held): void {
    (this.#streams[request.requester] as Stream).waiting--;
    if (request.demanded) this.#served(request.requester, LATENCY_NS.memory + this.#now - request.since);
  }

  #served(label: number, ns: number): void {
    add(this.#latencyCounts, label, 1);
    add(this.#latencySums, label, ns);
  }

  checksum(): string {
    let h = mix(0);
    for (const cache of [...this.#caches, ...this.#slices]) {
      for (let label = 0; label < cache.lines.length; label++) {
        const lines = (cache.linesRead[label] as number) + (cache.linesWritten[label] as number);
        h = hashAdd64(h, cache.accesses[label] as number);
        h = hashAdd64(h, cache.misses[label] as number);
        h = hashAdd64(h, (cache.lines[label] as number) * LINE_BYTES);
        h = hashAdd64(h, lines * LINE_BYTES);
      }
    }
    for (const channel of this.#channels) for (const bytes of channel.bytes) h = hashAdd64(h, bytes);
    for (const [label, count] of this.#latencyCounts.entries()) {
      h = hashAdd64(h, count);
      h = hashAdd64(h, this.#latencySums[label] as number);
    }
    return checksumText(hashAdd64(h, this.#quantum));
  }
}
