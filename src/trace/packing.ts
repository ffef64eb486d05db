// gzip, brotli and raw deflate around any stream: node:zlib where there is one, the browser's own streams elsewhere.
import { CHUNK_BYTES, type Input } from "./input.ts";
import type { Packing } from "./node-zlib.ts";
import type { ByteSink } from "./sink.ts";

export type { Packing } from "./node-zlib.ts";

const hasNode = (): boolean => typeof process === "object" && typeof process.versions?.node === "string";

export async function* unpack(chunks: AsyncIterable<Uint8Array>, packing: Packing): AsyncIterable<Uint8Array> {
  if (hasNode()) {
    const { unpackWithNode } = await import("./node-zlib.ts");
    yield* unpackWithNode(chunks, packing);
    return;
  }
  if (packing === "brotli") throw new Error("brotli cannot be unpacked here; gzip can");
  const iterator = chunks[Symbol.asyncIterator]();
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream(packing)).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (let at = 0; at < next.value.length; at += CHUNK_BYTES) yield next.value.subarray(at, at + CHUNK_BYTES);
    }
  } finally {
    await reader.cancel();
  }
}

export async function packInto(sink: ByteSink, packing: "gzip" | "brotli", quality?: number): Promise<ByteSink> {
  const { packingSink } = await import("./node-zlib.ts");
  return packingSink(sink, packing, quality);
}

/** What an output's name asks for. */
export function packingByName(name: string): "gzip" | "brotli" | undefined {
  if (name.endsWith(".gz")) return "gzip";
  return name.endsWith(".br") ? "brotli" : undefined;
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The content of a file that may be packed, from its start. Brotli has no mark of its own: its ending says it. */
export async function contentOf(
  input: Input,
): Promise<{ packing?: "gzip" | "brotli"; chunks(): AsyncIterable<Uint8Array> }> {
  if (isGzip(await input.read(0, 2))) return { packing: "gzip", chunks: () => unpack(input.chunks(), "gzip") };
  if (input.name.endsWith(".br")) return { packing: "brotli", chunks: () => unpack(input.chunks(), "brotli") };
  return { chunks: () => input.chunks() };
}
