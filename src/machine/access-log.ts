// The access log: who wants to see which register accesses, and what they are told.

import type { MscInstance, Space } from "../platform/index.ts";
import { type AccessFilter, parseAccessFilter, Wanted } from "./access-filter.ts";

/** One 32-bit access of a register page. Accesses of 8 bytes are two. */
export interface RegisterAccess {
  /** Model time, ns. */
  readonly time: number;
  /** Who made it: "driver", "host", "cpu 3", or what a batch or a bus calls itself. */
  readonly by: string;
  /** Where it came over the physical bus. */
  readonly cpu?: number;
  readonly msc: number;
  readonly space: Space;
  readonly offset: number;
  /** As MPAMCFG_CPBM3, MPAMF_IDR_HI; 0x0a00 where no register lies. */
  readonly register: string;
  readonly access: "read" | "write";
  /** The word read or written. */
  readonly value: number;
  /** Of a write: the word before it, and what it reads as after it. */
  readonly old?: number;
  readonly now?: number;
  readonly fields: Readonly<Record<string, FieldAccess>>;
  /** The error that the MSC recorded at this access, as MPAMF_ESR then has it. */
  readonly error?: RecordedError;
}

/** A field of the word: the same values, of the field. */
export interface FieldAccess {
  readonly value: number;
  readonly old?: number;
  readonly now?: number;
}

/** What MPAMF_ESR recorded. */
export interface RecordedError {
  readonly code: number;
  readonly name: string;
  readonly partidOrMon: number;
  readonly pmg: number;
  readonly ris: number;
  /** Another error was there, and is lost. */
  readonly overwrote: boolean;
}

/** Told of each access, before the next one. */
export type AccessHandler = (access: RegisterAccess) => void;

export interface AccessListener {
  readonly wanted: Wanted;
  readonly handler: AccessHandler;
  /** Of a watchpoint: only what changes something counts. */
  readonly changes: boolean;
}

export class AccessLog {
  readonly #listeners = new Set<AccessListener>();
  #telling = false;
  readonly #failures: unknown[] = [];

  constructor(
    private readonly mscs: readonly MscInstance[],
    private readonly whenWatched: (watched: boolean) => void,
  ) {}

  /** Calls `handler` for accesses that `filter` lets through; the result ends that. */
  add(filter: string | AccessFilter, handler: AccessHandler, changes: boolean): () => void {
    const wanted = new Wanted(typeof filter === "string" ? parseAccessFilter(filter) : filter, this.mscs);
    // Who watches for reads is told of all of them.
    const listener = { wanted, handler, changes: changes && wanted.access !== "read" };
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.whenWatched(true);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.whenWatched(false);
    };
  }

  /** The same as an iterator, which holds what has not been asked for yet, and ends when it is left. */
  stream(filter: string | AccessFilter, changes: boolean): AccessStream {
    const stream = new AccessStream();
    stream.whenLeft(this.add(filter, (access) => stream.put(access), changes));
    return stream;
  }

  /** Whether a handler runs. What it accesses itself is nobody's, and interrupts wait until it has ended. */
  get telling(): boolean {
    return this.#telling;
  }

  /** Those who may want this access. */
  interested(msc: number, offset: number, space: Space, access: "read" | "write", by: string): AccessListener[] {
    if (this.#telling) return [];
    return [...this.#listeners].filter(({ wanted }) => wanted.wants(msc, offset, space, access, by));
  }

  /** What a handler throws keeps nobody from hearing, and no access from being made: `rethrow` is for afterwards. */
  tell(listeners: readonly AccessListener[], access: RegisterAccess): void {
    this.#telling = true;
    for (const { handler, changes, wanted } of listeners) {
      if (changes && !hasChanged(access, wanted.fields(access.offset))) continue;
      try {
        handler(access);
      } catch (failure) {
        this.#failures.push(failure);
      }
    }
    this.#telling = false;
  }

  /** Throws what the first handler threw since the last time, if one did. */
  rethrow(): void {
    const failures = this.#failures.splice(0);
    if (failures.length > 0) throw failures[0];
  }
}

/** It reads otherwise now, or something was written to what always reads 0, as MPAMCFG_EN does. */
function hasChanged(access: RegisterAccess, asked: ReadonlySet<string> | undefined): boolean {
  const fields = Object.entries(access.fields);
  const watched = asked ? fields.flatMap(([name, one]) => (asked.has(name) ? [one] : [])) : [access];
  return watched.some(({ value, old, now }) => now !== old || (now === 0 && value !== 0));
}

/** Accesses for `for await`, oldest first. */
export class AccessStream implements AsyncIterableIterator<RegisterAccess> {
  readonly #seen: RegisterAccess[] = [];
  readonly #asked: ((result: IteratorResult<RegisterAccess>) => void)[] = [];
  #leave: (() => void) | undefined;
  #left = false;

  whenLeft(leave: () => void): void {
    this.#leave = leave;
  }

  put(access: RegisterAccess): void {
    const ask = this.#asked.shift();
    if (ask) ask({ done: false, value: access });
    else this.#seen.push(access);
  }

  next(): Promise<IteratorResult<RegisterAccess>> {
    const access = this.#seen.shift();
    if (access) return Promise.resolve({ done: false, value: access });
    if (this.#left) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  return(): Promise<IteratorResult<RegisterAccess>> {
    this.#left = true;
    this.#leave?.();
    this.#seen.length = 0;
    for (const ask of this.#asked.splice(0)) ask({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
