// The plain JavaScript twin of one cache with every rule of allocation: up to 64 ways, four policies, portions, hard and
// soft maxima, minima, and a maximum of ways.
import { hashAdd, mix } from "../mixer.ts";
import {
  type CacheCase,
  type CacheColumns,
  OP_WRITE,
  type PartitionSetting,
  PORTIONS,
  RANDOM_SEED,
  requestersOf,
} from "../workload.ts";
import { cacheChecksum, type OwnerCounts } from "./cache.ts";

const ABOVE_MOST = 2;
const WITHIN = 3;
const BELOW_LEAST = 4;

export class PlainGeneralCache {
  readonly owners: readonly OwnerCounts[];
  readonly #sets: number;
  readonly #setBits: number;
  readonly #ways: number;
  readonly #leaves: number;
  readonly #policy: CacheCase["policy"];
  readonly #settings: readonly PartitionSetting[];
  /** Somebody has a minimum or a soft maximum: then whose lines they are matters. */
  readonly #keeps: boolean;
  /** By PARTID, phase and way: 1 where it may allocate. */
  readonly #open: readonly (readonly Uint8Array[])[];
  readonly #usage: Float64Array;
  // One entry per (set, way). A tag of -1 is an empty way; `used` is the access that touched the line last.
  readonly #tags: Int32Array;
  readonly #owner: Uint8Array;
  readonly #dirty: Uint8Array;
  readonly #used: Float64Array;
  /** PLRU: where the nodes of the set's tree point, from node 1 on. */
  readonly #nodes: Uint8Array;
  /** NRU: who was touched. */
  readonly #touched: Uint8Array;
  /** Random: how often a set was filled. */
  readonly #fills: Uint32Array;
  /** The ways to choose from. */
  readonly #candidates: Uint8Array;
  #now = 0;

  constructor(c: CacheCase) {
    const lines = c.sets * c.ways;
    this.#sets = c.sets;
    this.#setBits = Math.log2(c.sets);
    this.#ways = c.ways;
    this.#leaves = 2 ** Math.ceil(Math.log2(c.ways));
    this.#policy = c.policy;
    this.#settings = c.partitions;
    this.#keeps = c.partitions.some((p) => p.least > 0 || (p.soft && p.limit < lines));
    let phases = 1;
    while (c.ways * phases < PORTIONS) phases *= 2;
    this.#open = c.partitions.map(({ portions }) =>
      Array.from({ length: phases }, (_, phase) =>
        Uint8Array.from({ length: c.ways }, (_, way) => {
          const cell = way * phases + phase;
          return (portions >>> Math.floor((cell * PORTIONS) / (c.ways * phases))) & 1;
        }),
      ),
    );
    this.#usage = new Float64Array(c.partitions.length);
    this.#tags = new Int32Array(lines).fill(-1);
    this.#owner = new Uint8Array(lines);
    this.#dirty = new Uint8Array(lines);
    this.#used = new Float64Array(lines);
    this.#nodes = new Uint8Array(c.sets * this.#leaves);
    this.#touched = new Uint8Array(lines);
    this.#fills = new Uint32Array(c.sets);
    this.#candidates = new Uint8Array(c.ways);
    this.owners = Array.from({ length: requestersOf(c) }, () => {
      return { accesses: 0, misses: 0, linesRead: 0, linesWritten: 0, lines: 0 };
    });
  }

  replay(columns: CacheColumns, from: number, to: number): void {
    const { line, requester, meta } = columns;
    for (let i = from; i < to; i++) {
      this.#access(line[i] as number, requester[i] as number, (meta[i] as number) >> 6 === OP_WRITE);
    }
  }

  #access(line: number, requester: number, write: boolean): void {
    const set = line & (this.#sets - 1);
    const first = set * this.#ways;
    const tag = line >>> this.#setBits;
    const tags = this.#tags;
    const owner = this.owners[requester] as OwnerCounts;
    owner.accesses++;
    this.#now++;
    for (let way = 0; way < this.#ways; way++) {
      if (tags[first + way] === tag) {
        this.#touch(set, way);
        if (write) this.#dirty[first + way] = 1;
        return;
      }
    }
    owner.misses++;
    const partid = requester % this.#settings.length;
    const count = this.#findCandidates(set, partid);
    if (count === 0) {
      if (write) owner.linesWritten++;
      else owner.linesRead++;
      return;
    }
    const way = this.#victim(set, count);
    const at = first + way;
    if (tags[at] !== -1) this.#evict(at);
    tags[at] = tag;
    this.#owner[at] = requester;
    this.#dirty[at] = write ? 1 : 0;
    this.#usage[partid] = (this.#usage[partid] as number) + 1;
    this.#fills[set] = (this.#fills[set] as number) + 1;
    this.#touch(set, way);
    owner.lines++;
    owner.linesRead++;
  }

  #evict(at: number): void {
    const id = this.#owner[at] as number;
    const partid = id % this.#settings.length;
    const loser = this.owners[id] as OwnerCounts;
    loser.lines--;
    if (this.#dirty[at] === 1) loser.linesWritten++;
    this.#usage[partid] = (this.#usage[partid] as number) - 1;
  }

  /** Whose lines are given up first. */
  #retention(partid: number): number {
    const usage = this.#usage[partid] as number;
    const setting = this.#settings[partid] as PartitionSetting;
    if (usage > setting.limit) return ABOVE_MOST;
    return usage < setting.least ? BELOW_LEAST : WITHIN;
  }

  /** Lists the ways that a line of this PARTID may take; how many. */
  #findCandidates(set: number, partid: number): number {
    const first = set * this.#ways;
    const setting = this.#settings[partid] as PartitionSetting;
    const phases = this.#open[partid] as readonly Uint8Array[];
    const open = phases[set & (phases.length - 1)] as Uint8Array;
    const full = (this.#usage[partid] as number) >= setting.limit;
    const crowded = setting.mostWays < this.#ways && this.#waysOf(first, partid) >= setting.mostWays;
    const rank = this.#keeps ? this.#retention(partid) : WITHIN;
    let count = 0;
    for (let way = 0; way < this.#ways; way++) {
      if (open[way] === 0) continue;
      if (this.#tags[first + way] === -1) {
        if (crowded || (full && !setting.soft)) continue;
      } else {
        const holder = (this.#owner[first + way] as number) % this.#settings.length;
        if (holder !== partid) {
          if (full || crowded) continue;
          if (this.#keeps && this.#retention(holder) > rank) continue;
        }
      }
      this.#candidates[count++] = way;
    }
    return count;
  }

  #waysOf(first: number, partid: number): number {
    let ways = 0;
    for (let at = first; at < first + this.#ways; at++) {
      if (this.#tags[at] !== -1 && (this.#owner[at] as number) % this.#settings.length === partid) ways++;
    }
    return ways;
  }

  #victim(set: number, count: number): number {
    const first = set * this.#ways;
    const candidates = this.#candidates;
    for (let i = 0; i < count; i++) {
      const way = candidates[i] as number;
      if (this.#tags[first + way] === -1) return way;
    }
    if (this.#policy === "lru") return this.#oldest(first, count);
    if (this.#policy === "plru") return this.#pointed(set, count);
    if (this.#policy === "nru") return this.#unused(first, count);
    const hash = hashAdd(hashAdd(hashAdd(mix(RANDOM_SEED), 0), set), this.#fills[set] as number);
    return candidates[hash % count] as number;
  }

  #oldest(first: number, count: number): number {
    let victim = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const way = this.#candidates[i] as number;
      const used = this.#used[first + way] as number;
      if (used >= oldest) continue;
      oldest = used;
      victim = way;
    }
    return victim;
  }

  /** Node n has the children 2n and 2n + 1, and points to one of them. */
  #pointed(set: number, count: number): number {
    const root = set * this.#leaves;
    let low = 0;
    let node = 1;
    for (let half = this.#leaves >> 1; half > 0; half >>= 1) {
      let up = this.#nodes[root + node] as number;
      const from = low + up * half;
      if (!this.#liesIn(from, from + half, count)) up = 1 - up;
      low += up * half;
      node = node * 2 + up;
    }
    return low;
  }

  #liesIn(from: number, to: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      const way = this.#candidates[i] as number;
      if (way >= from && way < to) return true;
    }
    return false;
  }

  #unused(first: number, count: number): number {
    for (let i = 0; i < count; i++) {
      const way = this.#candidates[i] as number;
      if (this.#touched[first + way] === 0) return way;
    }
    for (let i = 0; i < count; i++) this.#touched[first + (this.#candidates[i] as number)] = 0;
    return this.#candidates[0] as number;
  }

  #touch(set: number, way: number): void {
    const at = set * this.#ways + way;
    if (this.#policy === "lru") this.#used[at] = this.#now;
    else if (this.#policy === "nru") this.#touched[at] = 1;
    else if (this.#policy === "plru") this.#pointAway(set, way);
  }

  #pointAway(set: number, way: number): void {
    const root = set * this.#leaves;
    let low = 0;
    let node = 1;
    for (let half = this.#leaves >> 1; half > 0; half >>= 1) {
      const up = way >= low + half ? 1 : 0;
      this.#nodes[root + node] = 1 - up;
      low += up * half;
      node = node * 2 + up;
    }
  }

  checksum(): string {
    return cacheChecksum(this.owners);
  }
}
