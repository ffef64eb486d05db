// SHA-256 of an input: what metadata and snapshots name a trace by.
import { sha256Hex } from "../random/sha256.ts";
import type { Input } from "./input.ts";

export interface Hashed {
  /** The input's chunks, once. */
  chunks(): AsyncIterable<Uint8Array>;
  /** SHA-256 of the whole input: what has not passed is read now. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

/** Hashes an input while it is read for something else, where that is possible. */
export async function hashed(input: Input): Promise<Hashed> {
  if (input.digest || !(typeof process === "object" && typeof process.versions?.node === "string")) {
    return { chunks: () => input.chunks(), digest: () => sha256(input), close: async () => {} };
  }
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  const iterator = input.chunks()[Symbol.asyncIterator]();
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      hash.update(next.value);
      yield next.value;
    }
  }
  return {
    chunks,
    async digest() {
      for await (const _ of chunks());
      return hash.digest("hex");
    },
    async close() {
      await iterator.return?.();
    },
  };
}

export async function sha256(input: Input): Promise<string> {
  if (input.digest) return input.digest();
  if (typeof process === "object" && typeof process.versions?.node === "string") {
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    for await (const chunk of input.chunks()) hash.update(chunk);
    return hash.digest("hex");
  }
  // A browser's own digest takes the whole content at once.
  return sha256Hex(await input.read(0, input.size));
}
