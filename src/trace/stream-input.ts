// Bytes that come once, from a program that is still running: read in one go, hashed on the way. Only their beginning can be
// read again, so that importers can look at it.
import { ErrnoError } from "../errno/index.ts";
import { CHUNK_BYTES, copyingReader, type Input, type Reader } from "./input.ts";

interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

export class StreamInput implements Input {
  /** Bytes that have come so far. */
  size = 0;
  /** All that has come, until it is more than a chunk. */
  #head: Uint8Array[] = [];
  #passed = false;
  #hasher: Hasher | undefined;
  readonly #stream: AsyncIterator<Uint8Array>;

  constructor(
    readonly name: string,
    stream: AsyncIterable<Uint8Array>,
  ) {
    this.#stream = stream[Symbol.asyncIterator]();
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(offset + length, CHUNK_BYTES);
    this.#check();
    while (this.size < wanted && (await this.#pull()) !== undefined);
    const head = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.#head) {
      head.set(part, at);
      at += part.length;
    }
    return head.subarray(offset, Math.min(offset + length, head.length));
  }

  reader(): Reader {
    return copyingReader(this);
  }

  async *chunks(offset = 0): AsyncIterable<Uint8Array> {
    this.#check();
    if (offset !== 0) throw this.#gone();
    for (let i = 0; ; i++) {
      let chunk = this.#head[i];
      if (chunk === undefined) {
        if (this.size > CHUNK_BYTES) {
          this.#passed = true;
          this.#head = [];
        }
        chunk = await this.#pull();
      }
      if (chunk === undefined) return;
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES) yield chunk.subarray(at, at + CHUNK_BYTES);
    }
  }

  /** SHA-256 of what has come. */
  async digest(): Promise<string> {
    return (this.#hasher ?? (await newHasher())).digest("hex");
  }

  async #pull(): Promise<Uint8Array | undefined> {
    this.#hasher ??= await newHasher();
    const step = await this.#stream.next();
    if (step.done) return undefined;
    this.#hasher.update(step.value);
    this.size += step.value.length;
    if (!this.#passed) this.#head.push(step.value);
    return step.value;
  }

  #check(): void {
    if (this.#passed) throw this.#gone();
  }

  #gone(): ErrnoError {
    return new ErrnoError("EIO", `${this.name}: comes from a running program and cannot be read twice`);
  }
}

async function newHasher(): Promise<Hasher> {
  const { createHash } = await import("node:crypto");
  return createHash("sha256");
}
