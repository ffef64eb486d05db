// What is inside a file that gzip, brotli, zstd, lz4 or xz wrap: as bytes, for those who want to unpack it once.
import { hashed } from "./hash.ts";
import { baseName, inputOf, type TraceInput } from "./input.ts";
import { contentOf } from "./packing.ts";

export interface Unwrapped {
  /** The content, once. */
  chunks(): AsyncIterable<Uint8Array>;
  /** SHA-256 of the file as it is, hex. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

/** Undefined where nothing is around the file. */
export async function unwrapped(from: TraceInput, name?: string): Promise<Unwrapped | undefined> {
  const input = await inputOf(from, name === undefined ? undefined : baseName(name));
  const content = await contentOf(input);
  if (content.packing === undefined) return undefined;
  const whole = await hashed(input);
  return { chunks: () => content.chunks(whole.chunks()), digest: () => whole.digest(), close: () => whole.close() };
}
