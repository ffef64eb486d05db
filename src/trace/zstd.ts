// zstd by the library fzstd. Frames are looked through first: a window is memory, and a damaged header may ask for two gigabytes of it.
import { messageOf } from "../errno/index.ts";
import { CHUNK_BYTES } from "./input.ts";
import { Xxh64 } from "./xxh64.ts";

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
  const frames = new Frames();
  const out: Uint8Array[] = [];
  let hash = new Xxh64();
  const take = (unpacked: Uint8Array): void => {
    out.push(unpacked);
    if (frames.checked) hash.update(unpacked);
  };
  let decoder = new Decompress(take);
  let held = new Uint8Array(0);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const seen = frames.see(chunk.subarray(at, at + STEP_BYTES));
      // A copy: the library keeps what it is given until a block is whole.
      const fresh = chunk.slice(at, at + seen);
      const bytes = held.length === 0 ? fresh : Uint8Array.of(...held, ...fresh);
      at += seen;
      held = frames.undecided ? bytes : new Uint8Array(0);
      if (frames.undecided || frames.skipping) continue;
      try {
        decoder.push(bytes, frames.ended);
      } catch (error) {
        throw new Error(`zstd: damaged: ${messageOf(error)}`);
      }
      for (const unpacked of out.splice(0))
        for (let i = 0; i < unpacked.length; i += CHUNK_BYTES) yield unpacked.subarray(i, i + CHUNK_BYTES);
      if (!frames.ended) continue;
      if (frames.checked && Number(hash.digest() & 0xffffffffn) !== frames.checksum)
        throw new Error("zstd: damaged: the checksum of a frame's content differs");
      hash = new Xxh64();
      decoder = new Decompress(take);
    }
  }
  frames.end();
}

/** Follows frames and blocks by their sizes (RFC 8878, 3.1), so that each frame is one's own, and refuses windows that are too large. */
class Frames {
  /** Whether the bytes seen last end a frame. */
  ended = false;
  /** Whether they are of a frame that holds nothing. */
  skipping = false;
  /** Whether the frame carries a checksum, and at its end what it is. */
  checked = false;
  checksum = 0;
  #head = new Uint8Array(MOST_HEADER);
  #have = 0;
  #skip = 0;
  #place: "frame" | "block" | "checksum" = "frame";
  #last = false;

  /** Whether a frame has begun, and it is not known of what kind. */
  get undecided(): boolean {
    return this.#place === "frame" && this.#have > 0;
  }

  /** Takes in bytes up to the end of the frame, and returns how many those are. */
  see(bytes: Uint8Array): number {
    this.ended = false;
    let at = 0;
    if (this.#place === "frame" && this.#have === 0 && this.#skip === 0) this.skipping = false;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
      } else {
        this.#head[this.#have++] = bytes[at++] as number;
        if (this.#have < this.#needed()) continue;
        if (this.#place === "frame") this.#frame();
        else if (this.#place === "block") this.#block();
        else {
          this.checksum = new DataView(this.#head.buffer).getUint32(0, true);
          this.#place = "frame";
          this.ended = true;
        }
        this.#have = 0;
      }
      if (this.#skip === 0 && this.#last) this.#afterLast();
      if (this.ended || (this.skipping && this.#skip === 0)) return at;
    }
    return at;
  }

  #afterLast(): void {
    this.#last = false;
    this.#place = this.checked ? "checksum" : "frame";
    this.ended = !this.checked;
  }

  end(): void {
    if (this.#have > 0 || this.#skip > 0 || this.#place !== "frame")
      throw new Error("zstd: truncated: it ends inside a frame");
  }

  /** How long the header is, as far as its first bytes tell. */
  #needed(): number {
    if (this.#place === "block") return 3;
    if (this.#place === "checksum") return 4;
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
      this.skipping = true;
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
    this.checked = (flags & 4) !== 0;
    this.#place = "block";
  }

  #block(): void {
    const [a, b, c] = this.#head as unknown as [number, number, number];
    const header = a | (b << 8) | (c << 16);
    const kind = (header >> 1) & 3;
    this.#last = (header & 1) === 1;
    this.#skip = kind === 1 ? 1 : header >>> 3;
  }
}
