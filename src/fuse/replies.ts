// Replies to the kernel: from what is answered to bytes. A header of 16 bytes, then the body.

import { type ErrnoCode, NUMBERS } from "../errno/index.ts";
import { type Stat, toBytes } from "../tree/index.ts";
import { bytesOfName } from "./names.ts";
import {
  DIRECT_IO,
  DT_DIR,
  DT_REG,
  FEATURES,
  LEAST_MINOR,
  MAJOR,
  MAX_WRITE,
  MINOR,
  S_IFDIR,
  S_IFREG,
} from "./opcodes.ts";
import type { Header } from "./protocol.ts";
import type { Moment, Times } from "./times.ts";

const HEADER_BYTES = 16;
const ATTRIBUTE_BYTES = 88;
const ENTRY_BYTES = 40;
const BLOCK_BYTES = 4096;

/** A reply that is filled in field by field. */
class Reply {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor({ uniqueLow, uniqueHigh }: Header, bodyBytes: number) {
    this.bytes = new Uint8Array(HEADER_BYTES + bodyBytes);
    this.#view = new DataView(this.bytes.buffer);
    this.#view.setUint32(0, this.bytes.length, true);
    this.#view.setUint32(8, uniqueLow, true);
    this.#view.setUint32(12, uniqueHigh, true);
  }

  error(number: number): void {
    this.#view.setInt32(4, number, true);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(HEADER_BYTES + at, value, true);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(HEADER_BYTES + at, value, true);
  }

  u64(at: number, value: number): void {
    this.u32(at, value % 2 ** 32);
    this.u32(at + 4, Math.floor(value / 2 ** 32));
  }

  set(at: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, HEADER_BYTES + at);
  }
}

export function refused(header: Header, code: ErrnoCode): Uint8Array {
  const reply = new Reply(header, 0);
  reply.error(-NUMBERS[code]);
  return reply.bytes;
}

/** Success, with nothing to say. */
export function done(header: Header): Uint8Array {
  return new Reply(header, 0).bytes;
}

/** To a kernel of another major version: ours, and it asks again. */
export function otherMajor(header: Header): Uint8Array {
  const reply = new Reply(header, 8);
  reply.u32(0, MAJOR);
  reply.u32(4, MINOR);
  return reply.bytes;
}

/** Undefined for a kernel that is too old. */
export function init(header: Header, minor: number, readahead: number, flags: number): Uint8Array | undefined {
  if (minor < LEAST_MINOR) return undefined;
  const reply = new Reply(header, 64);
  reply.u32(0, MAJOR);
  reply.u32(4, Math.min(MINOR, minor));
  reply.u32(8, readahead);
  reply.u32(12, flags & FEATURES);
  // Requests that nobody waits for, such as the last close of a file.
  reply.u16(16, 64);
  reply.u16(18, 48);
  reply.u32(20, MAX_WRITE);
  reply.u32(24, 1);
  return reply.bytes;
}

/** Nothing is valid for any time: the kernel asks each time. */
export function attributes(header: Header, stat: Stat, times: Times): Uint8Array {
  const reply = new Reply(header, 16 + ATTRIBUTE_BYTES);
  putAttributes(reply, 16, stat, times);
  return reply.bytes;
}

/** A name leads to this node. Numbers are never used twice, so their generation is always 0. */
export function entry(header: Header, stat: Stat, times: Times): Uint8Array {
  const reply = new Reply(header, ENTRY_BYTES + ATTRIBUTE_BYTES);
  reply.u64(0, stat.ino);
  putAttributes(reply, ENTRY_BYTES, stat, times);
  return reply.bytes;
}

function putAttributes(reply: Reply, at: number, stat: Stat, { atime, mtime, ctime }: Times): void {
  reply.u64(at, stat.ino);
  reply.u64(at + 8, stat.size);
  for (const [place, { seconds, nanoseconds }] of [atime, mtime, ctime].entries()) {
    reply.u64(at + 24 + 8 * place, seconds);
    reply.u32(at + 48 + 4 * place, nanoseconds);
  }
  reply.u32(at + 60, modeOf(stat));
  reply.u32(at + 64, stat.links);
  reply.u32(at + 68, stat.uid);
  reply.u32(at + 72, stat.gid);
  reply.u32(at + 80, BLOCK_BYTES);
}

/** What STATX_BASIC_STATS stands for. */
const BASIC = 0x7ff;
const NEVER: Moment = { seconds: 0, nanoseconds: 0 };

export function extendedStat(header: Header, stat: Stat, { atime, mtime, ctime }: Times): Uint8Array {
  const reply = new Reply(header, 32 + 256);
  const at = 32;
  reply.u32(at, BASIC);
  reply.u32(at + 4, BLOCK_BYTES);
  reply.u32(at + 16, stat.links);
  reply.u32(at + 20, stat.uid);
  reply.u32(at + 24, stat.gid);
  reply.u16(at + 28, modeOf(stat));
  reply.u64(at + 32, stat.ino);
  reply.u64(at + 40, stat.size);
  // Access, birth (not told), change of attributes, change of content.
  for (const [place, { seconds, nanoseconds }] of [atime, NEVER, ctime, mtime].entries()) {
    reply.u64(at + 64 + 16 * place, seconds);
    reply.u32(at + 72 + 16 * place, nanoseconds);
  }
  return reply.bytes;
}

function modeOf({ kind, mode }: Stat): number {
  return (kind === "directory" ? S_IFDIR : S_IFREG) | mode;
}

export function openedFile(header: Header, handle: number): Uint8Array {
  return opened(header, handle, DIRECT_IO);
}

export function openedDirectory(header: Header, handle: number): Uint8Array {
  return opened(header, handle, 0);
}

function opened(header: Header, handle: number, flags: number): Uint8Array {
  const reply = new Reply(header, 16);
  reply.u64(0, handle);
  reply.u32(8, flags);
  return reply.bytes;
}

export function data(header: Header, bytes: Uint8Array): Uint8Array {
  const reply = new Reply(header, bytes.length);
  reply.set(0, bytes);
  return reply.bytes;
}

export function written(header: Header, bytes: number): Uint8Array {
  const reply = new Reply(header, 8);
  reply.u32(0, bytes);
  return reply.bytes;
}

export function fileSystem(header: Header, nameMax: number): Uint8Array {
  const reply = new Reply(header, 80);
  reply.u32(40, BLOCK_BYTES);
  reply.u32(44, nameMax);
  reply.u32(48, BLOCK_BYTES);
  return reply.bytes;
}

/** An extended attribute, or a list of names: its length when no room is given, undefined when it does not fit. */
export function extended(header: Header, value: string, room: number): Uint8Array | undefined {
  const bytes = toBytes(value);
  if (room === 0) return written(header, bytes.length);
  return bytes.length > room ? undefined : data(header, bytes);
}

export interface DirectoryEntry {
  readonly ino: number;
  readonly kind: Stat["kind"];
  readonly name: string;
}

/**
 * Entries from number `first` on, as many as fit; each says the number of the next. Undefined where there is one and not even
 * that fits.
 */
export function directory(
  header: Header,
  entries: readonly DirectoryEntry[],
  first: number,
  room: number,
): Uint8Array | undefined {
  const chosen: { readonly place: number; readonly name: Uint8Array; readonly entry: DirectoryEntry }[] = [];
  let length = 0;
  for (let index = first; index < entries.length; index++) {
    const entry = entries[index] as DirectoryEntry;
    const name = bytesOfName(entry.name);
    const size = 24 + Math.ceil(name.length / 8) * 8;
    if (length + size > room) break;
    chosen.push({ place: length, name, entry });
    length += size;
  }
  if (chosen.length === 0 && first < entries.length) return undefined;
  const reply = new Reply(header, length);
  for (const [count, { place, name, entry }] of chosen.entries()) {
    reply.u64(place, entry.ino);
    reply.u64(place + 8, first + count + 1);
    reply.u32(place + 16, name.length);
    reply.u32(place + 20, entry.kind === "directory" ? DT_DIR : DT_REG);
    reply.set(place + 24, name);
  }
  return reply.bytes;
}
