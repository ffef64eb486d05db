// The traces that units have in common: found by path or by URL, checked against what the plan says of them, and fetched, unpacked and
// converted once, however many units replay them.

import { availableParallelism, totalmem } from "node:os";
import { basename, join } from "node:path";
import { ErrnoError, messageOf } from "../../errno/index.ts";
import { type MarkedSource, openTrace, openTracesBy, parseTraceArgument } from "../../trace/index.ts";
import type { Stock } from "../stock.ts";
import type { TraceNamed } from "../unit.ts";
import { defaultCacheFolder } from "./cache-folder.ts";
import { fetchNamed, fetchNow } from "./fetched.ts";
import { hashOf, look, rememberHash, type Seen } from "./files.ts";
import { asOutOfReach, hasChanged, TraceOutOfReach } from "./out-of-reach.ts";
import { isUrl, parseTraceUrl, shownArgument } from "./trace-url.ts";
import type { Patience } from "./transfer.ts";
import {
  convert,
  fromRows,
  isInPlace,
  type Room,
  type Rows,
  type Unpacked,
  unpackedBefore,
  unwrap,
  wasUnpacked,
} from "./unpacked.ts";

export interface ShelfOptions {
  /** Of files that were fetched, and of rows that memory has no room for. Default: a folder of the user's own. */
  readonly cacheFolder?: string;
  /** What rows in memory may take, bytes. Default: the share of one of as many threads as there are cpus. */
  readonly memoryBytes?: number;
  /** Where it shares rows in memory with other threads. */
  readonly rows?: Stock<Rows>;
  /** Where files are looked for that are not where the plan has them. */
  readonly folders?: readonly string[];
  readonly signal?: AbortSignal;
  /** Something to tell whoever looks on. One line. */
  readonly note?: (line: string) => void;
  /** With servers. */
  readonly patience?: Partial<Patience>;
}

/** What each of so many threads may keep in memory, bytes: together a quarter of what this host has. */
export function memoryShare(threads: number): number {
  // A container has less than its host.
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(totalmem(), limit) / 4 / Math.max(1, threads));
}

interface FoundFile {
  readonly path: string;
  /** What the trace is called. */
  readonly name: string;
  readonly seen: Seen;
}

/** A trace that is open. */
interface Held extends Unpacked {
  /** Of its file, when it was opened. */
  readonly mark: string;
  readonly sha256: string;
}

/** Traces open at most: what is known of one takes memory too. */
const MOST_HELD = 256;

export class TraceShelf {
  readonly #cacheFolder: string;
  readonly #memoryBytes: number;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();
  readonly #opening = new Map<string, Promise<Held>>();
  readonly #busy = new Set<Promise<unknown>>();
  /** What there was no room for in memory: the next time it goes into the cache folder, and not to and fro. */
  readonly #outgrown = new Set<string>();

  constructor(private readonly options: ShelfOptions = {}) {
    const { cacheFolder = defaultCacheFolder(), memoryBytes = memoryShare(availableParallelism()), signal } = options;
    this.#cacheFolder = cacheFolder;
    this.#memoryBytes = memoryBytes;
    this.#signal = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }

  /**
   * What openTraces gives for the arguments. The sources can be replayed again and again, and by several replays at once. Throws a
   * TraceOutOfReach for traces that this host cannot get, and what openTraces throws for those that are not right.
   */
  async open(named: readonly TraceNamed[]): Promise<readonly MarkedSource[]> {
    this.#signal.throwIfAborted();
    const opening = openTracesBy(
      named.map(({ argument }) => shownArgument(argument)),
      (_, i) => this.#whole(named[i] as TraceNamed),
    );
    this.#busy.add(opening);
    try {
      return await opening;
    } finally {
      this.#busy.delete(opening);
    }
  }

  /** Ends what is being fetched, and lets go of all memory. Sources that were given stay good. */
  async close(): Promise<void> {
    this.#closing.abort(new ErrnoError("EINTR", "the traces have been closed"));
    await Promise.allSettled(this.#busy);
    this.#held.clear();
  }

  async #whole({ argument, sha256, bytes }: TraceNamed): Promise<MarkedSource> {
    const { name } = parseTraceArgument(argument);
    if (name.startsWith("synth:")) return openTrace(name);
    if (!isUrl(name)) return this.#found(name, sha256);
    const url = parseTraceUrl(name);
    const options = {
      cacheFolder: this.#cacheFolder,
      signal: this.#signal,
      ...(this.options.patience ? { patience: this.options.patience } : {}),
    };
    const known = { ...(bytes === undefined ? {} : { bytes }) };
    const file =
      sha256 === undefined ? await fetchNow(url, options) : await fetchNamed(url, { sha256, ...known }, options);
    const seen = await look(file.path);
    if (!seen) throw new TraceOutOfReach("EIO", `${url.shown}: was taken away from ${this.#cacheFolder}`);
    return (await this.#at(file.path, url.name, seen, file.sha256)).source;
  }

  async #found(path: string, sha256: string | undefined): Promise<MarkedSource> {
    const { folders = [] } = this.options;
    const places = [path, ...folders.map((folder) => join(folder, basename(path)))];
    let changed: TraceOutOfReach | undefined;
    for (const place of places) {
      const seen = await look(place).catch((error: unknown) => {
        throw new TraceOutOfReach("EIO", `${place}: ${messageOf(error)}`);
      });
      if (!seen) continue;
      const held = await this.#at(place, basename(path), seen, sha256).catch((error: unknown) => {
        if (error instanceof TraceOutOfReach && error.code === "ESTALE") changed ??= error;
        else throw error;
      });
      if (held) return held.source;
    }
    if (changed) throw changed;
    const more = folders.length === 0 ? "" : `, nor ${basename(path)} in ${folders.join(", ")}`;
    throw new TraceOutOfReach("ENOENT", `${path}: no such file${more}`);
  }

  /** The trace in a file of this host. Throws ESTALE where it is not the one that is named. */
  async #at(path: string, name: string, seen: Seen, sha256: string | undefined): Promise<Held> {
    const key = `${path}\n${name}`;
    let held = this.#held.get(key);
    // What lies in the cache folder may be cleared away at any time.
    if (held?.mark !== seen.mark || (held.file !== undefined && !(await look(held.file)))) {
      const opening = this.#opening.get(key) ?? this.#share(key, { path, name, seen }, sha256);
      this.#opening.set(key, opening);
      try {
        held = await opening;
      } finally {
        if (this.#opening.get(key) === opening) this.#opening.delete(key);
      }
    }
    if (sha256 !== undefined && held.sha256 !== sha256) throw hasChanged(path, held.sha256, sha256);
    this.#keep(key, held);
    return held;
  }

  /** What another thread has unpacked is not unpacked here. */
  async #share(key: string, file: FoundFile, sha256: string | undefined): Promise<Held> {
    const { rows } = this.options;
    if (!rows) return await this.#open(key, file, sha256);
    const { mark } = file.seen;
    const stockKey = `${key}\n${mark}`;
    const taken = await rows.take(stockKey, "wait");
    if (typeof taken === "object") return { ...(await fromRows(taken.thing)), mark, sha256: taken.thing.hash };
    if (taken !== "make") return await this.#open(key, file, sha256);
    let made: Rows | undefined;
    try {
      const held = await this.#open(key, file, sha256);
      made = inSharedMemory(held);
      return made ? { ...held, ...(await fromRows(made)) } : held;
    } finally {
      rows.put(stockKey, made);
    }
  }

  async #open(key: string, { path, name, seen }: FoundFile, sha256: string | undefined): Promise<Held> {
    const room: Room = {
      cacheFolder: this.#cacheFolder,
      memoryBytes: this.#outgrown.has(key) ? 0 : this.#memoryBytes,
      signal: this.#signal,
    };
    const { mark } = seen;
    if (sha256 !== undefined && (await wasUnpacked(name, sha256, room))) {
      const found = await hashOf(path, seen, this.#signal);
      if (found !== sha256) throw hasChanged(path, found, sha256);
      const before = await unpackedBefore(name, sha256, room);
      if (before) return { ...before, mark, sha256 };
    }
    // Only speed is at stake: a trace can be replayed from where it is.
    let trouble: unknown;
    const trying = (unpacking: Promise<Unpacked | undefined>) =>
      unpacking.catch((error: unknown) => {
        this.#signal.throwIfAborted();
        trouble = error;
        return undefined;
      });
    const unwrapped = await trying(unwrap(path, name, room));
    if (unwrapped) return this.#seen(path, seen, unwrapped);
    const source = await this.#plain(path, name, seen, sha256);
    const isSlow = !(await isInPlace(source));
    const converted = isSlow && trouble === undefined ? await trying(convert(source, source, room)) : undefined;
    if (trouble !== undefined) this.options.note?.(`${name}: is unpacked for each unit: ${messageOf(trouble)}`);
    return this.#seen(path, seen, converted ?? { source, bytes: 0 });
  }

  async #seen(path: string, seen: Seen, unpacked: Unpacked): Promise<Held> {
    const { hash: sha256 } = unpacked.source;
    const after = await look(path);
    if (after?.mark !== seen.mark) throw new TraceOutOfReach("ESTALE", `${path}: changes while it is read`);
    rememberHash(path, seen, sha256);
    return { ...unpacked, mark: seen.mark, sha256 };
  }

  /** The trace as it is. What is wrong with another file than the one that is named says nothing. */
  async #plain(path: string, name: string, seen: Seen, sha256: string | undefined): Promise<MarkedSource> {
    try {
      return await openTrace(path, { name });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof ErrnoError)) throw new TraceOutOfReach("EIO", `${path}: ${messageOf(error)}`);
      if (error.code !== "EINVAL") throw asOutOfReach(error);
      const found = sha256 === undefined ? undefined : await hashOf(path, seen, this.#signal);
      throw found === undefined || found === sha256 ? error : hasChanged(path, found, sha256 as string);
    }
  }

  #keep(key: string, held: Held): void {
    this.#held.delete(key);
    this.#held.set(key, held);
    let bytes = 0;
    for (const one of this.#held.values()) bytes += one.bytes;
    for (const [oldest, one] of this.#held) {
      if ((bytes <= this.#memoryBytes && this.#held.size <= MOST_HELD) || oldest === key) break;
      this.#held.delete(oldest);
      if (one.bytes > 0) this.#outgrown.add(oldest);
      bytes -= one.bytes;
    }
  }
}

/** Undefined where its rows are not in memory, or no memory is left for them to be there twice. */
function inSharedMemory({ source: { name }, sha256: hash, data }: Held): Rows | undefined {
  if (!data) return undefined;
  try {
    const shared = new Uint8Array(new SharedArrayBuffer(data.length));
    shared.set(data);
    return { name, hash, data: shared };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
