// The traces that units have in common: found by path or by URL, checked against what the plan says of them, and opened, unpacked and
// converted once, however many units replay them.

import { basename, join } from "node:path";
import { ErrnoError } from "../../errno/index.ts";
import { type MarkedSource, MemorySink, openTrace, openTracesBy, parseTraceArgument } from "../../trace/index.ts";
import type { TraceNamed } from "../unit.ts";
import { defaultCacheFolder } from "./cache-folder.ts";
import { hashOf, look, rememberHash, type Seen } from "./files.ts";
import { hasChanged, TraceOutOfReach } from "./out-of-reach.ts";
import { isInPlace, StandIn, unpackedBytes, unpackInto } from "./unpacked.ts";

export interface ShelfOptions {
  /** Default: a folder of the user's own. */
  readonly cacheFolder?: string;
  /** What rows in memory may take, bytes. */
  readonly memoryBytes?: number;
  /** Where files are looked for that are not where the plan has them. */
  readonly folders?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A trace that is open. */
interface Held {
  /** Of its file, when it was opened. */
  readonly mark: string;
  readonly sha256: string;
  readonly source: MarkedSource;
  /** In memory. */
  readonly bytes: number;
}

export class TraceShelf {
  readonly #cacheFolder: string;
  readonly #memoryBytes: number;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();
  readonly #opening = new Map<string, Promise<Held>>();

  constructor(private readonly options: ShelfOptions = {}) {
    this.#cacheFolder = options.cacheFolder ?? defaultCacheFolder();
    this.#memoryBytes = options.memoryBytes ?? 2 ** 30;
  }

  /**
   * What openTraces gives for the arguments. The sources can be replayed again and again, and by several replays at once. Throws a
   * TraceOutOfReach for traces that are not here, and what openTraces throws for those that are not right.
   */
  open(named: readonly TraceNamed[]): Promise<readonly MarkedSource[]> {
    return openTracesBy(
      named.map(({ argument }) => argument),
      (_, i) => this.#whole(named[i] as TraceNamed),
    );
  }

  async close(): Promise<void> {
    this.#held.clear();
  }

  async #whole({ argument, sha256 }: TraceNamed): Promise<MarkedSource> {
    const { name } = parseTraceArgument(argument);
    if (name.startsWith("synth:")) return openTrace(name);
    return this.#found(name, sha256);
  }

  async #found(path: string, sha256: string | undefined): Promise<MarkedSource> {
    const { folders = [] } = this.options;
    let changed: TraceOutOfReach | undefined;
    for (const place of [path, ...folders.map((folder) => join(folder, basename(path)))]) {
      const seen = await look(place);
      if (!seen) continue;
      const held = await this.#at(place, basename(path), seen, sha256);
      if (sha256 === undefined || held.sha256 === sha256) return held.source;
      changed ??= hasChanged(place, held.sha256, sha256);
    }
    if (changed) throw changed;
    throw new TraceOutOfReach("ENOENT", `${path}: no such file`);
  }

  async #at(path: string, name: string, seen: Seen, sha256: string | undefined): Promise<Held> {
    const key = `${path}\n${name}`;
    const before = this.#held.get(key);
    if (before?.mark === seen.mark) {
      this.#held.delete(key);
      this.#held.set(key, before);
      return before;
    }
    this.#held.delete(key);
    const opening = this.#opening.get(key) ?? this.#open(path, name, seen, sha256);
    this.#opening.set(key, opening);
    try {
      const held = await opening;
      this.#held.set(key, held);
      return held;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #open(path: string, name: string, seen: Seen, sha256: string | undefined): Promise<Held> {
    let trace: MarkedSource;
    try {
      trace = await openTrace(path, { name });
    } catch (error) {
      const found = await hashOf(path, seen, this.options.signal);
      if (sha256 !== undefined && found !== sha256) throw hasChanged(path, found, sha256);
      throw error;
    }
    const { hash } = trace;
    if ((await look(path))?.mark === seen.mark) rememberHash(path, seen, hash);
    if (sha256 !== undefined && hash !== sha256) throw hasChanged(path, hash, sha256);
    if (await isInPlace(trace)) return { mark: seen.mark, sha256: hash, source: trace, bytes: 0 };
    const bytes = unpackedBytes(trace);
    if (bytes > this.#memoryBytes) return { mark: seen.mark, sha256: hash, source: trace, bytes: 0 };
    const sink = new MemorySink();
    await unpackInto(trace, sink);
    const rows = await openTrace({ name: "rows.arrow", data: sink.bytes() });
    return { mark: seen.mark, sha256: hash, source: new StandIn(trace, rows), bytes };
  }
}
