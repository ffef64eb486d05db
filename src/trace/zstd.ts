// zstd by the library fzstd. Frames are looked through first: a window is memory, and a damaged header may ask for two gigabytes of it.
import { CHUNK_BYTES } from "./input.ts";

/** The window that zstd itself unpacks without being told to (--long=27). */
const MOST_WINDOW = 2 ** 27;
/** What is handed over at once: four bytes can stand for 128 KiB. */
const STEP_BYTES = 1024;
/** Magic number, descriptor, window, dictionary and content size. */
const MOST_HEADER = 18;

function isZstd(head: Uint8Array): boolean {
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
}

export async function* unpackZstd(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let out: Uint8Array[] = [];
  const decoder = new Decompress((unpacked) => out.push(unpacked));
  const frames = new Frames();
  const step = (bytes: Uint8Array, last: boolean): void => {
    try {
      decoder.push(bytes, last);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`zstd: ${/EOF/.test(text) ? "truncated: it ends inside a frame" : `damaged: ${text}`}`);
    }
  };
  const ready = function* (): Iterable<Uint8Array> {
    const all = out;
    out = [];
    for (const bytes of all)
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STEP_BYTES) {
      // The library keeps what it is given until a block is whole.
      const bytes = chunk.slice(at, at + STEP_BYTES);
      frames.see(bytes);
      step(bytes, false);
      yield* ready();
    }
  }
  frames.end();
  step(new Uint8Array(0), true);
  yield* ready();
}

/** Follows frames and blocks by their sizes (RFC 8878, 3.1), and refuses windows that are too large. */
class Frames {
  #head = new Uint8Array(MOST_HEADER);
  #have = 0;
  #skip = 0;
  #place: "frame" | "block" = "frame";
  #checksum = false;
  #last = false;

  see(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#head[this.#have++] = bytes[at++] as number;
      if (this.#have === this.#needed()) {
        if (this.#place === "frame") this.#frame();
        else this.#block();
        this.#have = 0;
      }
    }
  }

  end(): void {
    if (this.#have > 0 || this.#skip > 0 || this.#place === "block")
      throw new Error("zstd: truncated: it ends inside a frame");
  }

  /** How long the header is, as far as its first bytes tell. */
  #needed(): number {
    if (this.#place === "block") return 3;
    if (this.#have < 5) return 5;
    if (this.#skippable()) return 8;
    const flags = this.#head[4] as number;
    const single = (flags >> 5) & 1;
    const size = flags >> 6;
    return 5 + (1 - single) + [0, 1, 2, 4][flags & 3]! + (size === 0 ? single : 1 << size);
  }

  #skippable(): boolean {
    const [a, b, c, d] = this.#head;
    return ((a as number) & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18;
  }

  #frame(): void {
    const view = new DataView(this.#head.buffer);
    if (this.#skippable()) {
      this.#skip = view.getUint32(4, true);
      return;
    }
    if (!isZstd(this.#head)) throw new Error("zstd: damaged: a frame does not begin with its magic number");
    const flags = this.#head[4] as number;
    const needed = this.#needed();
    let window: number;
    if ((flags & 0x20) !== 0) {
      const bytes = flags >> 6 === 0 ? 1 : 1 << (flags >> 6);
      window = 0;
      for (let i = needed - 1; i >= needed - bytes; i--) window = window * 256 + (this.#head[i] as number);
    } else {
      const base = 2 ** (10 + ((this.#head[5] as number) >> 3));
      window = base + (base / 8) * ((this.#head[5] as number) & 7);
    }
    if (window > MOST_WINDOW) {
      throw new Error(
        `zstd: its window is ${window} bytes; up to ${MOST_WINDOW} are read: pack it again without --long or --ultra`,
      );
    }
    this.#checksum = (flags & 4) !== 0;
    this.#place = "block";
  }

  #block(): void {
    const [a, b, c] = this.#head as unknown as [number, number, number];
    const header = a | (b << 8) | (c << 16);
    const kind = (header >> 1) & 3;
    this.#last = (header & 1) === 1;
    this.#skip = kind === 1 ? 1 : header >>> 3;
    if (this.#last) {
      this.#skip += this.#checksum ? 4 : 0;
      this.#place = "frame";
    }
  }
}
