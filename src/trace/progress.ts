// How far somebody is who reads a trace or a recording from its beginning to its end.

import type { TraceBatch } from "../machine/index.ts";
import type { Input } from "./input.ts";
import type { MarkedSource } from "./trace.ts";

/** Records of a trace, or bytes of recordings. */
export type OnProgress = (done: number, total: number) => void;

/** The batches of a trace; told after each. */
export async function* watched(source: MarkedSource, onProgress: OnProgress | undefined): AsyncIterable<TraceBatch> {
  let done = 0;
  for await (const batch of source.batches()) {
    yield batch;
    done += batch.rows;
    onProgress?.(done, source.records);
  }
}

/**
 * Inputs whose bytes are counted as they are read. Each is read twice, for its content and for its hash. One that comes as it is
 * made has no end to tell of, and makes one of its own hash.
 */
export function countedInputs(inputs: readonly Input[], onProgress: OnProgress | undefined): readonly Input[] {
  if (onProgress === undefined || inputs.some((input) => input.digest !== undefined)) return inputs;
  const total = 2 * inputs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const read = (bytes: number) => {
    done += bytes;
    onProgress(Math.min(done, total), total);
  };
  return inputs.map((input) => ({
    name: input.name,
    size: input.size,
    read: (offset: number, length: number) => input.read(offset, length),
    reader: () => input.reader(),
    async *chunks(offset?: number, end?: number) {
      for await (const chunk of input.chunks(offset, end)) {
        read(chunk.length);
        yield chunk;
      }
    },
  }));
}
