// Compressed streams by node:zlib; loaded only where it exists.
import { type Duplex, pipeline, Readable } from "node:stream";
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
  createInflateRaw,
} from "node:zlib";
import { CHUNK_BYTES } from "./input.ts";
import type { ByteSink } from "./sink.ts";

export type Packing = "gzip" | "brotli" | "deflate-raw";

export async function* unpackWithNode(chunks: AsyncIterable<Uint8Array>, packing: Packing): AsyncIterable<Uint8Array> {
  const options = { chunkSize: CHUNK_BYTES };
  const unpacker =
    packing === "gzip"
      ? createGunzip(options)
      : packing === "brotli"
        ? createBrotliDecompress(options)
        : createInflateRaw(options);
  const input = Readable.from(chunks, { objectMode: true });
  // The error of either end arrives through the iteration below; leaving it early is not an error.
  pipeline(input, unpacker, () => {});
  for await (const chunk of unpacker) yield chunk as Uint8Array;
}

/** A sink that packs what goes through it. `quality`: gzip 1 to 9, brotli 0 to 11. */
export function packingSink(sink: ByteSink, packing: "gzip" | "brotli", quality?: number): ByteSink {
  const packer: Duplex =
    packing === "gzip"
      ? createGzip({ level: quality ?? 9, chunkSize: CHUNK_BYTES })
      : createBrotliCompress({
          chunkSize: CHUNK_BYTES,
          params: {
            [constants.BROTLI_PARAM_QUALITY]: quality ?? 9,
            [constants.BROTLI_PARAM_LGWIN]: 24,
          },
        });
  const copied = (async () => {
    for await (const chunk of packer) await sink.write(chunk as Uint8Array);
  })();
  copied.catch(() => {});
  return {
    async write(bytes) {
      // A failure below surfaces here and not only at the end.
      await Promise.race([
        copied,
        new Promise<void>((resolve, reject) => packer.write(bytes, (error) => (error ? reject(error) : resolve()))),
      ]);
    },
    async close() {
      packer.end();
      await copied;
      await sink.close();
    },
    async abort() {
      packer.destroy();
      await copied.catch(() => {});
      await sink.abort();
    },
  };
}
