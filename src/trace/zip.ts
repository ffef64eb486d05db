// The members of a zip archive, read from its central directory (PKWARE APPNOTE 4.3 and 4.5.3). Archives are hostile until
// checked: every length and offset is compared with the file before it is used, and every member with its CRC.
import type { Input } from "./input.ts";
import { unpack } from "./packing.ts";
import { refuse } from "./refusal.ts";

export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_DIRECTORY = 64 * 1024 * 1024;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes: Uint8Array, crc = 0): number {
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ (CRC_TABLE[(c ^ (bytes[i] as number)) & 0xff] as number);
  return ~c >>> 0;
}

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

async function directory(input: Input): Promise<{ offset: number; bytes: number; entries: number }> {
  const tailAt = Math.max(0, input.size - 22 - 65535);
  const tail = viewOf(await input.read(tailAt, input.size - tailAt));
  let at = tail.byteLength - 22;
  // The record is the last thing in the file: its comment must reach exactly to the end.
  while (at >= 0 && !(tail.getUint32(at, true) === END && tail.getUint16(at + 20, true) === tail.byteLength - at - 22))
    at--;
  const bad = (what: string) => refuse({ name: input.name, offset: tailAt + Math.max(0, at), good: 0 }, what);
  if (at < 0) throw bad("the zip archive has no directory at its end: it is truncated");
  let found = {
    entries: tail.getUint16(at + 10, true),
    bytes: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  if (at >= 20 && tail.getUint32(at - 20, true) === LOCATOR64) {
    const end64 = viewOf(await input.read(u64(tail, at - 12), 56));
    if (end64.byteLength < 56 || end64.getUint32(0, true) !== END64)
      throw bad("its zip64 directory record is not where it should be");
    found = { entries: u64(end64, 32), bytes: u64(end64, 40), offset: u64(end64, 48) };
  }
  if (found.offset + found.bytes > tailAt + at)
    throw bad("its directory reaches past its end: it is truncated or damaged");
  if (found.bytes > MOST_DIRECTORY || found.entries * 46 > found.bytes)
    throw bad("its directory does not hold the entries it counts");
  return found;
}

/** Members in name order, directories left out. */
export async function zipMembers(input: Input): Promise<ZipMember[]> {
  const where = await directory(input);
  const view = viewOf(await input.read(where.offset, where.bytes));
  const members: ZipMember[] = [];
  let at = 0;
  for (let n = 0; n < where.entries; n++) {
    const bad = (what: string) => refuse({ name: input.name, offset: where.offset + at, good: 0 }, what);
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL)
      throw bad("a zip directory entry is missing");
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw bad("a zip directory entry reaches past the directory");
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes));
    if (view.getUint16(at + 8, true) & 1) throw bad(`zip member ${name} is encrypted`);
    const method = view.getUint16(at + 10, true);
    if (method !== 0 && method !== 8)
      throw bad(`zip member ${name} uses method ${method}; stored (0) and deflated (8) can be read`);
    const sizes = wideSizes(view, at, at + 46 + nameBytes, extraBytes);
    if (sizes === undefined) throw bad(`zip member ${name} has a broken zip64 field`);
    if (sizes.offset + 30 + sizes.packedBytes > where.offset) throw bad(`zip member ${name} reaches past the archive`);
    if (!name.endsWith("/")) members.push({ name, method, crc: view.getUint32(at + 16, true), ...sizes });
    at = next;
  }
  return members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The three numbers of an entry, from its zip64 extra field where they do not fit 32 bits. */
function wideSizes(view: DataView, entry: number, extra: number, extraBytes: number) {
  const narrow = [view.getUint32(entry + 24, true), view.getUint32(entry + 20, true), view.getUint32(entry + 42, true)];
  for (let at = extra; narrow.includes(0xffffffff) && at + 4 <= extra + extraBytes; ) {
    const id = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > extra + extraBytes) return undefined;
    if (id === 1) {
      let field = at + 4;
      for (let i = 0; i < 3; i++) {
        if (narrow[i] !== 0xffffffff) continue;
        if (field + 8 > at + 4 + length) return undefined;
        narrow[i] = u64(view, field);
        field += 8;
      }
      break;
    }
    at += 4 + length;
  }
  return { bytes: narrow[0] as number, packedBytes: narrow[1] as number, offset: narrow[2] as number };
}

/** A member's content in chunks; its length and CRC are checked as it passes. */
export async function* zipContent(input: Input, member: ZipMember): AsyncIterable<Uint8Array> {
  const bad = (what: string) =>
    refuse({ name: input.name, offset: member.offset, good: 0 }, `zip member ${member.name}: ${what}`);
  const local = viewOf(await input.read(member.offset, 30));
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL) throw bad("its header is missing");
  const start = member.offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const end = start + member.packedBytes;
  if (end > input.size) throw bad("it reaches past the archive");
  const packed = input.chunks(start, end);
  let crc = 0;
  let bytes = 0;
  for await (const chunk of member.method === 8 ? unpack(packed, "deflate-raw") : packed) {
    bytes += chunk.length;
    if (bytes > member.bytes) throw new Error(`zip member ${member.name} is longer than its ${member.bytes} bytes`);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (bytes !== member.bytes) throw new Error(`zip member ${member.name} ends after ${bytes} of ${member.bytes} bytes`);
  if (crc !== member.crc) throw new Error(`zip member ${member.name} is damaged: its CRC differs`);
}
