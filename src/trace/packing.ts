// What may be around any stream: gzip, brotli and raw deflate by node:zlib or the browser's own streams, zstd, lz4 and xz everywhere.
import { CHUNK_BYTES, type Input } from "./input.ts";
import type { Packing } from "./node-zlib.ts";
import type { ByteSink } from "./sink.ts";

/** All that are read. Each is loaded when it is needed. */
export type Unpacking = Packing | "zstd" | "lz4" | "xz";

const hasNode = (): boolean => typeof process === "object" && typeof process.versions?.node === "string";

export async function* unpack(chunks: AsyncIterable<Uint8Array>, packing: Unpacking): AsyncIterable<Uint8Array> {
  if (packing === "zstd") {
    const { unpackZstd } = await import("./zstd.ts");
    yield* unpackZstd(chunks);
    return;
  }
  if (packing === "lz4") {
    const { unpackLz4 } = await import("./lz4.ts");
    yield* unpackLz4(chunks);
    return;
  }
  if (packing === "xz") {
    const { unpackXz } = await import("./xz.ts");
    yield* unpackXz(chunks);
    return;
  }
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

function starts(head: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, i) => head[i] === byte);
}

function packingOf(head: Uint8Array, name: string): Unpacking | undefined {
  if (starts(head, 0x1f, 0x8b, 8)) return "gzip";
  if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  if (starts(head, 0x04, 0x22, 0x4d, 0x18)) return "lz4";
  if (starts(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return "xz";
  return name.endsWith(".br") ? "brotli" : undefined;
}

export interface Content {
  readonly packing?: Unpacking;
  /** From its start; of chunks of the packed file that come another way than the input's own, where they are given. */
  chunks(packed?: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** The content of a file that may be packed. Brotli has no mark of its own: its ending says it. */
export async function contentOf(input: Input): Promise<Content> {
  const packing = packingOf(await input.read(0, 8), input.name);
  return packing === undefined
    ? { chunks: (packed = input.chunks()) => packed }
    : { packing, chunks: (packed = input.chunks()) => unpack(packed, packing) };
}
