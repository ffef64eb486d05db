// Bytes to read from, wherever they are: memory, a browser's Blob, or a file (node-files.ts).
import { ErrnoError } from "../errno/index.ts";

/** The most bytes one chunk carries; importers size their row buffers by it. */
export const CHUNK_BYTES = 65536;

export interface Reader {
  /** Fills `into` with the bytes from `offset` on. */
  read(offset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface Input {
  /** The last part of the path, or what the caller called it: no directories, so that metadata holds no machine's paths. */
  readonly name: string;
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All bytes from `offset` to `end` (default: all), in chunks of at most CHUNK_BYTES. */
  chunks(offset?: number, end?: number): AsyncIterable<Uint8Array>;
  /** For many reads into memory of the caller's, of which several may be under way. */
  reader(): Reader;
  /** SHA-256 of the whole, where it was made on the way. */
  digest?(): Promise<string>;
}

/** What callers may hand in: a path (Node only), bytes, a Blob, or either of them with a name; for importers also bytes as they come (Node only). */
export type TraceInput =
  | string
  | Uint8Array
  | Blob
  | { readonly name: string; readonly data: Uint8Array | Blob }
  | { readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

export function baseName(path: string): string {
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

/** Reads by copying what an input reads. */
export function copyingReader(input: Pick<Input, "name" | "read">): Reader {
  return {
    async read(offset, into) {
      const bytes = await input.read(offset, into.length);
      if (bytes.length < into.length) throw endsEarly(input.name, offset + bytes.length);
      into.set(bytes);
    },
    async close() {},
  };
}

/** What a file has cannot be read: another time, or elsewhere, it may be. */
export class UnreadableError extends ErrnoError {}

export function endsEarly(name: string, offset: number): UnreadableError {
  return new UnreadableError("EIO", `${name}: ends at byte ${offset}; it was longer when it was opened`);
}

class BytesInput implements Input {
  readonly size: number;

  constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
  ) {
    this.size = bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, offset + length);
  }

  reader(): Reader {
    return copyingReader(this);
  }

  async *chunks(offset = 0, end = this.size): AsyncIterable<Uint8Array> {
    for (let at = offset; at < end; at += CHUNK_BYTES) yield this.bytes.subarray(at, Math.min(end, at + CHUNK_BYTES));
  }
}

class BlobInput implements Input {
  readonly size: number;

  constructor(
    readonly name: string,
    private readonly blob: Blob,
  ) {
    this.size = blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return new Uint8Array(await this.blob.slice(offset, offset + length).arrayBuffer());
  }

  reader(): Reader {
    return copyingReader(this);
  }

  async *chunks(offset = 0, end = this.size): AsyncIterable<Uint8Array> {
    const step = 16 * CHUNK_BYTES;
    for (let at = offset; at < end; at += step) {
      const block = await this.read(at, Math.min(step, end - at));
      for (let i = 0; i < block.length; i += CHUNK_BYTES) yield block.subarray(i, i + CHUNK_BYTES);
    }
  }
}

export function bytesInput(name: string, bytes: Uint8Array): Input {
  return new BytesInput(name, bytes);
}

export async function inputOf(from: TraceInput, name?: string): Promise<Input> {
  if (typeof from === "string") {
    const { fileInput } = await import("./node-files.ts");
    return fileInput(from, name);
  }
  if (from instanceof Uint8Array) return new BytesInput(name ?? "trace", from);
  if (from instanceof Blob) {
    const own = (from as Blob & { name?: string }).name;
    return new BlobInput(name ?? own ?? "trace", from);
  }
  if ("stream" in from) {
    const { StreamInput } = await import("./stream-input.ts");
    return new StreamInput(from.name, from.stream);
  }
  return inputOf(from.data, baseName(from.name));
}

/** Everything a stream of chunks carries, as one array. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
