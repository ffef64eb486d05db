/** What a part of a record does to the caches, level by level, and the requests it causes (docs/modelled.md, "Caches"). */
import type { MemoryRecord } from "../../memory-subject.ts";
import type { SubjectLabel } from "../../subject.ts";
import type { Choice } from "./cache.ts";
import type { Counting } from "./counting.ts";
import type { Cache, Machine, Slice } from "./machine.ts";
import { rankBelow } from "./priority.ts";
import type { Request, Step } from "./request.ts";

const WRITE = 1;

interface Asked {
  readonly label: SubjectLabel;
  /** As the request brings it. */
  readonly rank: number;
}

interface Served {
  readonly steps: readonly Step[];
  /** Of the level that served it. */
  readonly latencyNs: number;
  /** False: an inclusive cache could not take the line. */
  readonly taken: boolean;
}

export class Path {
  readonly requests: Request[] = [];
  /** Whether something came to the last level of caches, or to memory where there are none. */
  reachedLast = false;
  readonly #levels: readonly Cache[];
  readonly #line: number;

  constructor(
    private readonly machine: Machine,
    private readonly counting: Counting,
    private readonly record: MemoryRecord,
    private readonly label: SubjectLabel,
  ) {
    this.#levels = machine.cachesOf(machine.config.requesters[record.requester] ?? 0);
    this.#line = record.line;
  }

  /** All that the part causes. */
  walk(): void {
    const { label, record } = this;
    const write = record.op === WRITE;
    const asked = { label, rank: 0 };
    const served = this.#levels.length === 0 ? this.#memory(asked, write, record.bytes) : this.#demand(0, asked, write);
    this.#request(served.steps, served.latencyNs);
    // The line was read and is kept nowhere: what is written goes on by itself.
    const isLost = write && !served.taken && served.steps[0]?.write === false;
    if (!served.taken) this.machine.reached.note("not taken");
    if (isLost) this.#request(this.#passWrite(0, this.#line, asked).steps);
  }

  /** @param write of a record: below the first level demands are reads */
  #demand(level: number, asked: Asked, write = false): Served {
    const cache = this.#levels[level];
    if (cache === undefined) return this.#memory(asked, false, this.machine.config.lineBytes);
    const slice = this.#arrive(level, cache, this.#line, asked);
    const { label } = asked;
    const { latencyNs, inclusive, relabelOnWriteHit } = cache.config;
    if (level === 0) this.counting.enter(slice, label, write, this.record.bytes);
    slice.counts.of(label).accesses += 1;

    const found = slice.lines.find(this.#line);
    if (found !== undefined) {
      slice.lines.touch(found);
      if (write) found.held.dirty = true;
      if (write && relabelOnWriteHit) {
        this.machine.reached.note("relabelled");
        found.held.owner = label;
      }
      return { steps: [], latencyNs, taken: true };
    }
    slice.counts.of(label).misses += 1;

    const choice = slice.lines.choose(this.#line, label);
    if (choice === undefined) {
      const passed = write ? this.#passWrite(level, this.#line, asked) : this.#passRead(level, slice, asked);
      return { ...passed, taken: passed.taken && !inclusive };
    }
    this.#evict(level, slice, choice, asked.rank);
    const filled = this.#passRead(level, slice, asked);
    if (filled.taken) slice.lines.fill(choice, this.#line, label, write);
    return filled;
  }

  #passRead(level: number, slice: Slice, asked: Asked): Served {
    const below = this.#demand(level + 1, this.#leaving(slice, asked));
    return { ...below, steps: [this.#crossing(slice, asked, false), ...below.steps] };
  }

  /** A line that is written down arrives below as a write-back. */
  #passWrite(level: number, line: number, asked: Asked): Served {
    const slice = this.machine.sliceOf(this.#levels[level] as Cache, line);
    const below = this.#writeBack(level + 1, line, this.#leaving(slice, asked));
    return { ...below, steps: [this.#crossing(slice, asked, true), ...below.steps] };
  }

  #writeBack(level: number, line: number, asked: Asked): Served {
    const cache = this.#levels[level];
    if (cache === undefined) return this.#memory(asked, true, this.machine.config.lineBytes, line);
    const slice = this.#arrive(level, cache, line, asked);
    const { latencyNs } = cache.config;
    const found = slice.lines.find(line);
    if (found !== undefined) {
      slice.lines.touch(found);
      found.held.dirty = true;
      return { steps: [], latencyNs, taken: true };
    }
    const choice = slice.lines.choose(line, asked.label);
    if (choice === undefined) return this.#passWrite(level, line, asked);
    this.#evict(level, slice, choice, asked.rank);
    slice.lines.fill(choice, line, asked.label, true);
    this.machine.reached.note("write-back allocation");
    return { steps: [], latencyNs, taken: true };
  }

  /** The line of the way leaves, and with it those above where the cache is inclusive. A dirty one is written down. */
  #evict(level: number, slice: Slice, choice: Choice, rank: number): void {
    const victim = slice.lines.remove(choice);
    if (victim === undefined) return;
    const { line, owner } = victim;
    slice.evictions.of(owner).reasons[choice.reason ?? "other"] += 1;
    let { dirty } = victim;
    for (const cache of slice.cache.config.inclusive ? this.machine.above(slice.cache) : []) {
      const upper = this.machine.sliceOf(cache, line);
      const found = upper.lines.find(line);
      if (found === undefined) continue;
      upper.lines.remove(found);
      this.machine.reached.note("back-invalidation");
      upper.evictions.of(found.held.owner).reasons.inclusion += 1;
      if (found.held.dirty) dirty = true;
    }
    if (dirty) this.#request(this.#passWrite(level, line, { label: owner, rank }).steps);
  }

  #memory({ label, rank }: Asked, write: boolean, bytes: number, line = this.#line): Served {
    if (this.#levels.length === 0) this.reachedLast = true;
    const at = this.machine.channelOf(line);
    return { steps: [{ at, label, write, bytes, rank }], latencyNs: at.latencyNs, taken: true };
  }

  #arrive(level: number, cache: Cache, line: number, { label }: Asked): Slice {
    if (level === this.#levels.length - 1) this.reachedLast = true;
    const slice = this.machine.sliceOf(cache, line);
    this.counting.arrive(slice, label);
    return slice;
  }

  #crossing(at: Slice, { label, rank }: Asked, write: boolean): Step {
    return { at, label, rank, write, bytes: this.machine.config.lineBytes };
  }

  #leaving({ msc }: Slice, { label, rank }: Asked): Asked {
    return { label: msc?.leaving(label) ?? label, rank: rankBelow(msc, label, rank) };
  }

  /** @param latencyNs of the demand; none for what nobody waits for */
  #request(steps: readonly Step[], latencyNs?: number): void {
    const { label, record } = this;
    const demand = latencyNs === undefined ? undefined : { label, latencyNs };
    this.requests.push({ requester: record.requester, steps, demand, heldNs: 0 });
  }
}
