/** What a part of a record does to the caches, level by level, and the requests it causes (docs/modelled.md, "Caches"). */
import type { MemoryRecord } from "../../memory-subject.ts";
import type { SubjectLabel } from "../../subject.ts";
import type { Choice } from "./cache.ts";
import type { Cache, Machine, Slice } from "./machine.ts";
import { rankBelow } from "./priority.ts";
import type { Moment, Request, Step, Waiting } from "./request.ts";

const WRITE = 1;

interface Asked {
  readonly label: SubjectLabel;
  /** As the request brings it. */
  readonly rank: number;
  readonly request: Request;
}

export class Path {
  /** Whether something came to the last level of caches (to memory where there are none), or is held on its way there. */
  costs = false;
  readonly #levels: readonly Cache[];
  readonly #line: number;

  constructor(
    private readonly machine: Machine,
    private readonly record: MemoryRecord,
    private readonly label: SubjectLabel,
  ) {
    this.#levels = machine.cachesOf(machine.config.requesters[record.requester] ?? 0);
    this.#line = record.line;
  }

  /** All that the part causes, as far as nothing holds it. */
  walk(moment: Moment): void {
    const { label, record } = this;
    const write = record.op === WRITE;
    const asked = { label, rank: 0, request: this.#request(label) };
    const isTaken =
      this.#levels.length === 0
        ? this.#memory(moment, asked, write, record.bytes)
        : this.#demand(moment, 0, asked, write);
    // The line was read and is kept nowhere: what is written goes on by itself.
    if (write && !isTaken) this.#passWrite(moment, 0, this.#line, { ...asked, request: this.#request() });
  }

  /**
   * @param write of a record: below the first level demands are reads
   * @returns false where an inclusive cache could not take the line, and a write has not passed it by
   */
  #demand(moment: Moment, level: number, asked: Asked, write = false): boolean {
    const cache = this.#levels[level];
    if (cache === undefined) return this.#memory(moment, asked, false, this.machine.config.lineBytes);
    const slice = this.#arrive(moment, level, cache, this.#line, asked);
    const { label } = asked;
    const { latencyNs, inclusive, relabelOnWriteHit } = cache.config;
    if (level === 0) moment.counting.enter(slice, label, write, this.record.bytes);
    slice.counts.of(label).accesses += 1;

    const found = slice.lines.find(this.#line);
    if (found !== undefined) {
      slice.lines.touch(found);
      if (write) found.held.dirty = true;
      if (write && relabelOnWriteHit) {
        this.machine.reached.note("relabelled");
        found.held.owner = label;
      }
      moment.served(asked.request, latencyNs);
      return true;
    }
    slice.counts.of(label).misses += 1;

    const choice = slice.lines.choose(this.#line, label);
    if (choice === undefined) {
      if (write) return this.#passWrite(moment, level, this.#line, asked);
      const isTaken = this.#passRead(moment, level, slice, asked) && !inclusive;
      if (!isTaken && level > 0) this.machine.reached.note("not taken");
      return isTaken;
    }
    this.#evict(moment, level, slice, choice);
    const isTaken = this.#passRead(moment, level, slice, asked);
    if (isTaken) slice.lines.fill(choice, this.#line, label, write);
    return isTaken;
  }

  #passRead(moment: Moment, level: number, slice: Slice, asked: Asked): boolean {
    return this.#cross(moment, slice, asked, false, (then) =>
      this.#demand(then, level + 1, this.#leaving(slice, asked)),
    );
  }

  /** A line that is written down arrives below as a write-back. */
  #passWrite(moment: Moment, level: number, line: number, asked: Asked): boolean {
    const slice = this.machine.sliceOf(this.#levels[level] as Cache, line);
    return this.#cross(moment, slice, asked, true, (then) =>
      this.#writeBack(then, level + 1, line, this.#leaving(slice, asked)),
    );
  }

  #writeBack(moment: Moment, level: number, line: number, asked: Asked): boolean {
    const cache = this.#levels[level];
    if (cache === undefined) return this.#memory(moment, asked, true, this.machine.config.lineBytes, line);
    const slice = this.#arrive(moment, level, cache, line, asked);
    const found = slice.lines.find(line);
    if (found !== undefined) {
      slice.lines.touch(found);
      found.held.dirty = true;
    } else {
      const choice = slice.lines.choose(line, asked.label);
      if (choice === undefined) return this.#passWrite(moment, level, line, asked);
      this.#evict(moment, level, slice, choice);
      slice.lines.fill(choice, line, asked.label, true);
      this.machine.reached.note("write-back allocation");
    }
    moment.served(asked.request, cache.config.latencyNs);
    return true;
  }

  /** The line of the way leaves, and with it those above where the cache is inclusive. A dirty one is written down. */
  #evict(moment: Moment, level: number, slice: Slice, choice: Choice): void {
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
    if (dirty) this.#passWrite(moment, level, line, { label: owner, rank: 0, request: this.#request() });
  }

  #memory(moment: Moment, { label, rank, request }: Asked, write: boolean, bytes: number, line = this.#line): boolean {
    if (this.#levels.length === 0) this.costs = true;
    const at = this.machine.channelOf(line);
    moment.counting.arrive(at, label);
    return this.#come(moment, { at, label, write, bytes, rank }, request, (then) => {
      then.served(request, at.latencyNs);
      return true;
    });
  }

  #arrive({ counting }: Moment, level: number, cache: Cache, line: number, { label }: Asked): Slice {
    if (level === this.#levels.length - 1) this.costs = true;
    const slice = this.machine.sliceOf(cache, line);
    counting.arrive(slice, label);
    return slice;
  }

  /** A line crosses below a slice. */
  #cross(moment: Moment, at: Slice, { label, rank, request }: Asked, write: boolean, onward: Waiting["onward"]) {
    const { lineBytes } = this.machine.config;
    return this.#come(moment, { at, label, rank, write, bytes: lineBytes }, request, onward);
  }

  /** To a step. What is held there counts as taken below. */
  #come(moment: Moment, step: Step, request: Request, onward: Waiting["onward"]): boolean {
    if (!moment.admit({ ...step, request, onward })) {
      this.costs = true;
      return true;
    }
    moment.counting.cross(step);
    return onward(moment);
  }

  #leaving({ msc }: Slice, { label, rank, request }: Asked): Asked {
    return { label: msc?.leaving(label) ?? label, rank: rankBelow(msc, label, rank), request };
  }

  /** @param demand of the part that waits for it */
  #request(demand?: SubjectLabel): Request {
    return { requester: this.record.requester, demand, heldNs: 0 };
  }
}
