// The plain JavaScript twin of one cache: LRU, portions, a hard maximum per PARTID, occupancy and lines per owner.
import { checksumText, hashAdd, hashAdd64, mix } from "../mixer.ts";
import { type CacheCase, type CacheColumns, LINE_BYTES, OP_WRITE, requestersOf, WAYS } from "../workload.ts";

/** What one owner has seen. Lines crossed downstream; bytes are 64 times that. */
export interface OwnerCounts {
  accesses: number;
  misses: number;
  linesRead: number;
  linesWritten: number;
  /** Lines held now. */
  lines: number;
}

export class PlainCache {
  readonly owners: readonly OwnerCounts[];
  readonly #sets: number;
  readonly #setBits: number;
  readonly #partids: number;
  readonly #portions: readonly number[];
  readonly #limits: readonly number[];
  readonly #usage: Float64Array;
  // One entry per (set, way). A tag of -1 is an empty way; `used` is the access that touched the line last.
  readonly #tags: Int32Array;
  readonly #owner: Uint8Array;
  readonly #dirty: Uint8Array;
  readonly #used: Float64Array;
  #now = 0;

  constructor(c: CacheCase) {
    const lines = c.sets * WAYS;
    this.#sets = c.sets;
    this.#setBits = Math.log2(c.sets);
    this.#partids = c.partitions.length;
    this.#portions = c.partitions.map((p) => p.portions);
    this.#limits = c.partitions.map((p) => p.limit);
    this.#usage = new Float64Array(this.#partids);
    this.#tags = new Int32Array(lines).fill(-1);
    this.#owner = new Uint8Array(lines);
    this.#dirty = new Uint8Array(lines);
    this.#used = new Float64Array(lines);
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
    const first = (line & (this.#sets - 1)) * WAYS;
    const tag = line >>> this.#setBits;
    const tags = this.#tags;
    const owner = this.owners[requester] as OwnerCounts;
    owner.accesses++;
    this.#now++;
    for (let at = first; at < first + WAYS; at++) {
      if (tags[at] === tag) {
        this.#used[at] = this.#now;
        if (write) this.#dirty[at] = 1;
        return;
      }
    }
    owner.misses++;
    const partid = requester % this.#partids;
    const at = this.#victim(first, partid);
    if (at < 0) {
      if (write) owner.linesWritten++;
      else owner.linesRead++;
      return;
    }
    if (tags[at] !== -1) this.#evict(at);
    tags[at] = tag;
    this.#owner[at] = requester;
    this.#dirty[at] = write ? 1 : 0;
    this.#used[at] = this.#now;
    this.#usage[partid] = (this.#usage[partid] as number) + 1;
    owner.lines++;
    owner.linesRead++;
  }

  #evict(at: number): void {
    const id = this.#owner[at] as number;
    const partid = id % this.#partids;
    const loser = this.owners[id] as OwnerCounts;
    loser.lines--;
    if (this.#dirty[at] === 1) loser.linesWritten++;
    this.#usage[partid] = (this.#usage[partid] as number) - 1;
  }

  /** The place to fill, or -1 when this PARTID may not allocate in the set. */
  #victim(first: number, partid: number): number {
    const portions = this.#portions[partid] as number;
    const ownOnly = (this.#usage[partid] as number) >= (this.#limits[partid] as number);
    let victim = -1;
    let oldest = Number.POSITIVE_INFINITY;
    for (let way = 0; way < WAYS; way++) {
      if (((portions >> way) & 1) === 0) continue;
      const at = first + way;
      const empty = this.#tags[at] === -1;
      if (ownOnly) {
        if (empty || (this.#owner[at] as number) % this.#partids !== partid) continue;
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

  checksum(): string {
    return cacheChecksum(this.owners);
  }
}

/** The checksum every contestant of the cache benchmark gives: owners in order of PMG, then PARTID. */
export function cacheChecksum(owners: readonly OwnerCounts[]): string {
  let h = mix(0);
  for (const o of owners) {
    h = hashAdd64(h, o.accesses - o.misses);
    h = hashAdd64(h, o.misses);
    h = hashAdd(h, o.lines);
    h = hashAdd64(h, o.linesRead * LINE_BYTES);
    h = hashAdd64(h, o.linesWritten * LINE_BYTES);
  }
  return checksumText(h);
}
