// Where a finished trace goes, and where its rows wait until the metadata is known.
import type { TraceBatch } from "../machine/index.ts";

export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  /** The result appears under its name now, and not before. */
  close(): Promise<void>;
  /** Nothing stays. */
  abort(): Promise<void>;
}

/** A sink in memory, for browsers and tests. */
export class MemorySink implements ByteSink {
  #parts: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes.slice());
  }

  async close(): Promise<void> {}

  async abort(): Promise<void> {
    this.#parts = [];
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Rows put aside: footprint and requesters stand at the front of the file, but are known only after the last row. */
export interface Spool {
  append(batch: TraceBatch): Promise<void>;
  batches(): AsyncIterable<TraceBatch>;
  discard(): Promise<void>;
}

export class MemorySpool implements Spool {
  #kept: TraceBatch[] = [];

  async append(batch: TraceBatch): Promise<void> {
    this.#kept.push(batch);
  }

  async *batches(): AsyncIterable<TraceBatch> {
    yield* this.#kept;
  }

  async discard(): Promise<void> {
    this.#kept = [];
  }
}
