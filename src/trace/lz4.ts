// lz4 frames (LZ4 Frame Format 1.6.2), read as they stream in. No library does that: those there are want a whole file in memory.
import { ByteQueue } from "./byte-queue.ts";
import { CHUNK_BYTES } from "./input.ts";
import { Xxh32, xxh32 } from "./xxh32.ts";

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
/** How far back a match reaches. */
const WINDOW = 65536;

export async function* unpackLz4(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const queue = new ByteQueue(chunks);
  try {
    for (let frames = 0; ; frames++) {
      const start = await queue.read(4);
      if (start.length === 0 && frames > 0) return;
      if (start.length < 4) throw cut();
      const magic = new DataView(start.buffer).getUint32(0, true);
      if (magic === MAGIC) yield* frame(queue);
      else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
        const bytes = await u32(queue);
        if ((await queue.skip(bytes)) < bytes) throw cut();
      } else throw new Error("lz4: damaged: a frame does not begin with its magic number");
    }
  } finally {
    await queue.close();
  }
}

interface Descriptor {
  readonly linked: boolean;
  readonly blockChecksum: boolean;
  readonly contentChecksum: boolean;
  readonly contentBytes: number | undefined;
  readonly mostBlock: number;
}

async function descriptor(queue: ByteQueue): Promise<Descriptor> {
  const flags = await exactly(queue, 2);
  const flg = flags[0] as number;
  const size = ((flags[1] as number) >> 4) & 7;
  if (flg >> 6 !== 1) throw new Error(`lz4: frame version ${flg >> 6} is not known; 1 is`);
  if ((flg & 1) !== 0) throw new Error("lz4: the frame needs a dictionary, which is not read; pack without one");
  if (size < 4) throw new Error("lz4: damaged: the frame's block size is not known");
  const length = await exactly(queue, (flg & 8) !== 0 ? 8 : 0);
  const all = new Uint8Array(2 + length.length);
  all.set(flags);
  all.set(length, 2);
  const [check] = await exactly(queue, 1);
  if (((xxh32(all) >>> 8) & 0xff) !== check)
    throw new Error("lz4: damaged: the checksum of the frame's header differs");
  const view = new DataView(length.buffer);
  return {
    linked: (flg & 0x20) === 0,
    blockChecksum: (flg & 0x10) !== 0,
    contentChecksum: (flg & 4) !== 0,
    contentBytes: length.length === 0 ? undefined : view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true),
    mostBlock: 1 << (8 + 2 * size),
  };
}

async function* frame(queue: ByteQueue): AsyncIterable<Uint8Array> {
  const { linked, blockChecksum, contentChecksum, contentBytes, mostBlock } = await descriptor(queue);
  const hash = new Xxh32();
  // What came before, as far as matches reach, and behind it the block.
  const out = new Uint8Array(WINDOW + mostBlock);
  let before = 0;
  let total = 0;
  for (;;) {
    const word = await u32(queue);
    if (word === 0) break;
    const bytes = word & 0x7fffffff;
    if (bytes > mostBlock) throw new Error(`lz4: damaged: a block of ${bytes} bytes; ${mostBlock} are the most here`);
    const block = await exactly(queue, bytes);
    if (blockChecksum && (await u32(queue)) !== xxh32(block))
      throw new Error("lz4: damaged: a block's checksum differs");
    let end: number;
    if (word >>> 31 === 1) {
      out.set(block, before);
      end = before + bytes;
    } else end = unpackBlock(block, out, before, before + mostBlock);
    const unpacked = out.subarray(before, end);
    total += unpacked.length;
    if (contentChecksum) hash.update(unpacked);
    for (let at = 0; at < unpacked.length; at += CHUNK_BYTES) yield unpacked.slice(at, at + CHUNK_BYTES);
    const keep = linked ? Math.min(WINDOW, end) : 0;
    out.copyWithin(0, end - keep, end);
    before = keep;
  }
  if (contentChecksum && (await u32(queue)) !== hash.digest())
    throw new Error("lz4: damaged: the checksum of the content differs");
  if (contentBytes !== undefined && contentBytes !== total)
    throw new Error(`lz4: damaged: ${total} bytes where the frame says ${contentBytes}`);
}

/** Unpacks a block (LZ4 Block Format) to `out` from `start` on and returns where it ends; matches reach back to 0. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number, most: number): number {
  let from = 0;
  let to = start;
  const length = (short: number): number => {
    let all = short;
    if (short === 15) {
      let byte: number;
      do {
        byte = block[from++] ?? 256;
        if (byte === 256) throw damagedBlock();
        all += byte;
      } while (byte === 255);
    }
    return all;
  };
  while (from < block.length) {
    const token = block[from++] as number;
    const literals = length(token >> 4);
    if (from + literals > block.length || to + literals > most) throw damagedBlock();
    for (let i = 0; i < literals; i++) out[to++] = block[from++] as number;
    if (from === block.length) return to;
    if (from + 2 > block.length) throw damagedBlock();
    const back = (block[from] as number) | ((block[from + 1] as number) << 8);
    from += 2;
    const match = length(token & 15) + 4;
    if (back === 0 || back > to || to + match > most) throw damagedBlock();
    for (let i = 0; i < match; i++, to++) out[to] = out[to - back] as number;
  }
  throw damagedBlock();
}

async function exactly(queue: ByteQueue, bytes: number): Promise<Uint8Array> {
  const read = await queue.read(bytes);
  if (read.length < bytes) throw cut();
  return read;
}

async function u32(queue: ByteQueue): Promise<number> {
  return new DataView((await exactly(queue, 4)).buffer).getUint32(0, true);
}

function cut(): Error {
  return new Error("lz4: truncated: it ends inside a frame");
}

function damagedBlock(): Error {
  return new Error("lz4: damaged: a block reaches past its bounds");
}
