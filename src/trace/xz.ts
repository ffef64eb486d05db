// xz by the library xz-decompress, which is xz-embedded compiled to wasm. It checks CRC32 and CRC64 as it goes.

import type { XzReadableStream as Unpacker } from "xz-decompress";
import { messageOf } from "../errno/index.ts";
import { CHUNK_BYTES } from "./input.ts";

/** What xz-embedded answers (enum xz_ret). */
const WORDS: { readonly [code: string]: string } = {
  3: "it needs more memory than there is",
  4: "its dictionary is too large; pack it again with -9 or less",
  5: "damaged: it does not begin as xz, or goes on behind its end",
  6: "its filters or its integrity check are not read; pack it again with plain xz",
  7: "damaged: its content does not unpack",
  8: "truncated: it ends inside a block",
};

/** What the library keeps for all its streams together. */
type Library = typeof Unpacker & {
  _contextMutex: { acquire(): Promise<void>; release(): void };
  _moduleInstance: WebAssembly.Instance | undefined;
  _moduleInstancePromise: Promise<void> | undefined;
};

/** Done when the stream made last has its instance. */
let made: Promise<unknown> = Promise.resolve();

/**
 * The library has one wasm instance and lets one stream use it at a time. Recordings that are merged are open together, so each gets an
 * instance of its own, which it has once its first bytes are there. Returns the reader and those.
 */
async function start(XzReadableStream: Library, packed: ReadableStream<Uint8Array>) {
  const turn = made;
  let done = (): void => {};
  made = new Promise<void>((resolve) => {
    done = resolve;
  });
  await turn;
  try {
    XzReadableStream._contextMutex = { acquire: async () => {}, release: () => {} };
    XzReadableStream._moduleInstance = undefined;
    XzReadableStream._moduleInstancePromise = undefined;
    const reader = new XzReadableStream(packed).getReader();
    return { reader, first: await reader.read() };
  } finally {
    done();
  }
}

export async function* unpackXz(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // Node hands a CommonJS module over as its default export, bundlers also by name.
  const library = (await import("xz-decompress")) as unknown as {
    XzReadableStream?: Library;
    default?: { XzReadableStream: Library };
  };
  const XzReadableStream = library.XzReadableStream ?? library.default?.XzReadableStream;
  if (XzReadableStream === undefined) throw new Error("xz cannot be unpacked here");
  const iterator = chunks[Symbol.asyncIterator]();
  let failure: unknown;
  const packed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  let reader: Awaited<ReturnType<typeof start>>["reader"] | undefined;
  try {
    const begun = await start(XzReadableStream, packed);
    reader = begun.reader;
    for (let next = begun.first; !next.done; next = await reader.read()) {
      const bytes = next.value as Uint8Array;
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.slice(at, at + CHUNK_BYTES);
    }
  } catch (error) {
    if (failure !== undefined) throw failure;
    const text = messageOf(error);
    const code = /error code (\d+)/.exec(text)?.[1];
    throw new Error(`xz: ${(code !== undefined && WORDS[code]) || text}`);
  } finally {
    await reader?.cancel().catch(() => {});
    await iterator.return?.();
  }
}
