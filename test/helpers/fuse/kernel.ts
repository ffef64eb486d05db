// The other side of the protocol: requests as a kernel writes them, replies as it reads them. Numbers and sizes are those of
// linux/fuse.h, written down here once more.

import { NUMBERS } from "../../../src/errno/index.ts";

export const OP = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  setxattr: 21,
  getxattr: 22,
  listxattr: 23,
  removexattr: 24,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  getlk: 31,
  setlk: 32,
  setlkw: 33,
  access: 34,
  create: 35,
  interrupt: 36,
  bmap: 37,
  destroy: 38,
  ioctl: 39,
  poll: 40,
  notifyReply: 41,
  batchForget: 42,
  fallocate: 43,
  readdirplus: 44,
  rename2: 45,
  lseek: 46,
  copyFileRange: 47,
  setupMapping: 48,
  removeMapping: 49,
  syncfs: 50,
  tmpfile: 51,
  statx: 52,
} as const;

export interface Sender {
  handle(request: Uint8Array): Promise<Uint8Array | undefined>;
}

export interface Who {
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
}

type Field = readonly ["u32" | "u64", number] | string | Uint8Array;

export const u32 = (value: number): Field => ["u32", value];
export const u64 = (value: number): Field => ["u64", value];
/** A name and its zero. */
export const name = (text: string): Field => `${text}\0`;

/** A request with its header. */
export function request(
  opcode: number,
  unique: number,
  node: number,
  fields: readonly Field[],
  who: Who = {},
): Uint8Array {
  const parts = fields.map(bytesOf);
  const length = 40 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, opcode, true);
  view.setBigUint64(8, BigInt(unique), true);
  view.setBigUint64(16, BigInt(node), true);
  view.setUint32(24, who.uid ?? 0, true);
  view.setUint32(28, who.gid ?? 0, true);
  view.setUint32(32, who.pid ?? 100, true);
  let at = 40;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(field: Field): Uint8Array {
  if (field instanceof Uint8Array) return field;
  if (typeof field === "string") return new TextEncoder().encode(field);
  const [width, value] = field;
  const bytes = new Uint8Array(width === "u32" ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (width === "u32") view.setUint32(0, value, true);
  else view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return bytes;
}

const NAMES = new Map<number, string>(Object.entries(NUMBERS).map(([code, number]) => [number, code]));

export interface Answer {
  /** "ok" or the name of the errno. */
  readonly code: string;
  readonly body: Uint8Array;
  u32(at: number): number;
  u64(at: number): number;
}

/** Throws where the bytes are no reply to request number `unique`. */
export function answer(reply: Uint8Array, unique: number): Answer {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  if (reply.length < 16) throw new Error(`a reply of ${reply.length} bytes`);
  if (view.getUint32(0, true) !== reply.length) throw new Error("the length in the header is not that of the reply");
  if (view.getBigUint64(8, true) !== BigInt(unique)) throw new Error("a reply to another request");
  const error = view.getInt32(4, true);
  if (error > 0 || error <= -1000) throw new Error(`error ${error}`);
  if (error !== 0 && reply.length !== 16) throw new Error("an error with a body");
  return {
    code: error === 0 ? "ok" : (NAMES.get(-error) ?? `errno ${-error}`),
    body: reply.subarray(16),
    u32: (at) => view.getUint32(16 + at, true),
    u64: (at) => Number(view.getBigUint64(16 + at, true)),
  };
}

export interface Attr {
  readonly ino: number;
  readonly size: number;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
}

function attrAt(a: Answer, at: number): Attr {
  return {
    ino: a.u64(at),
    size: a.u64(at + 8),
    mode: a.u32(at + 60),
    links: a.u32(at + 64),
    uid: a.u32(at + 68),
    gid: a.u32(at + 72),
    mtime: Number(BigInt.asIntN(64, BigInt(a.u32(at + 32)) + (BigInt(a.u32(at + 36)) << 32n))) + a.u32(at + 52) / 1e9,
  };
}

export interface Listed {
  readonly ino: number;
  readonly next: number;
  readonly type: number;
  readonly name: string;
}

/** A kernel's view of a session, call by call. Calls that are refused throw an Error whose message is the errno. */
export class Kernel {
  #unique = 2;

  constructor(
    readonly session: Sender,
    readonly who: Who = {},
  ) {}

  /** Number of the request that is sent next. */
  get next(): number {
    return this.#unique;
  }

  async raw(opcode: number, node: number, ...fields: Field[]): Promise<Answer> {
    const unique = this.#unique;
    this.#unique += 2;
    const reply = await this.session.handle(request(opcode, unique, node, fields, this.who));
    if (reply === undefined) throw new Error("no reply");
    return answer(reply, unique);
  }

  async silent(opcode: number, node: number, ...fields: Field[]): Promise<void> {
    const unique = this.#unique;
    this.#unique += 2;
    const reply = await this.session.handle(request(opcode, unique, node, fields, this.who));
    if (reply !== undefined) throw new Error("a reply that nobody wants");
  }

  async call(opcode: number, node: number, length: number | undefined, ...fields: Field[]): Promise<Answer> {
    const a = await this.raw(opcode, node, ...fields);
    if (a.code !== "ok") throw new Error(a.code);
    if (length !== undefined && a.body.length !== length) {
      throw new Error(`opcode ${opcode}: a body of ${a.body.length} bytes, not of ${length}`);
    }
    return a;
  }

  init(minor = 31, flags = 0xffffffff): Promise<Answer> {
    // From 7.36 on the request has 48 bytes more.
    const more = minor >= 36 ? [new Uint8Array(48)] : [];
    return this.call(OP.init, 0, undefined, u32(7), u32(minor), u32(65536), u32(flags), ...more);
  }

  async lookup(parent: number, text: string): Promise<number> {
    const a = await this.call(OP.lookup, parent, 128, name(text));
    if (a.u64(8) !== 0) throw new Error("a generation");
    if (a.u64(16) !== 0 || a.u64(24) !== 0 || a.u32(32) !== 0 || a.u32(36) !== 0) throw new Error("something to cache");
    if (attrAt(a, 40).ino !== a.u64(0)) throw new Error("two numbers of one node");
    return a.u64(0);
  }

  /** The node at a path from the root. */
  async walk(path: string): Promise<number> {
    let node = 1;
    for (const part of path.split("/").filter((one) => one !== "")) node = await this.lookup(node, part);
    return node;
  }

  async getattr(node: number): Promise<Attr> {
    return attrAt(await this.call(OP.getattr, node, 104, u32(0), u32(0), u64(0)), 16);
  }

  async setattr(
    node: number,
    valid: number,
    set: { mode?: number; uid?: number; gid?: number; size?: number; atime?: number; mtime?: number } = {},
  ): Promise<Attr> {
    const { mode = 0, uid = 0, gid = 0, size = 0, atime = 0, mtime = 0 } = set;
    const times = [u64(atime), u64(mtime), u64(0), u32(0), u32(0), u32(0)];
    const owner = [u32(mode), u32(0), u32(uid), u32(gid), u32(0)];
    return attrAt(
      await this.call(OP.setattr, node, 104, u32(valid), u32(0), u64(0), u64(size), u64(0), ...times, ...owner),
      16,
    );
  }

  async open(node: number, flags: number): Promise<number> {
    const a = await this.call(OP.open, node, 16, u32(flags), u32(0));
    if (a.u32(8) !== 1) throw new Error("not FOPEN_DIRECT_IO");
    return a.u64(0);
  }

  async read(handle: number, offset = 0, size = 4096): Promise<string> {
    const rest = [u32(0), u64(0), u32(0), u32(0)];
    const a = await this.call(OP.read, 1, undefined, u64(handle), u64(offset), u32(size), ...rest);
    if (a.body.length > size) throw new Error("more than was asked for");
    return Buffer.from(a.body).toString("latin1");
  }

  async write(handle: number, data: string | Uint8Array, offset = 0): Promise<number> {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    const head = [u64(handle), u64(offset), u32(bytes.length), u32(0), u64(0), u32(0), u32(0)];
    return (await this.call(OP.write, 1, 8, ...head, bytes)).u32(0);
  }

  async release(handle: number): Promise<void> {
    await this.call(OP.release, 1, 0, u64(handle), u32(0), u32(0), u64(0));
  }

  async mkdir(parent: number, text: string, mode = 0o755): Promise<number> {
    return (await this.call(OP.mkdir, parent, 128, u32(mode), u32(0), name(text))).u64(0);
  }

  async rmdir(parent: number, text: string): Promise<void> {
    await this.call(OP.rmdir, parent, 0, name(text));
  }

  async rename(parent: number, from: string, target: number, to: string): Promise<void> {
    await this.call(OP.rename, parent, 0, u64(target), name(from), name(to));
  }

  async opendir(node: number): Promise<number> {
    const a = await this.call(OP.opendir, node, 16, u32(0), u32(0));
    return a.u64(0);
  }

  async readdir(handle: number, offset = 0, size = 4096): Promise<Listed[]> {
    const rest = [u32(0), u64(0), u32(0), u32(0)];
    const a = await this.call(OP.readdir, 1, undefined, u64(handle), u64(offset), u32(size), ...rest);
    if (a.body.length > size) throw new Error("more than was asked for");
    const found: Listed[] = [];
    for (let at = 0; at < a.body.length; ) {
      const length = a.u32(at + 16);
      const text = Buffer.from(a.body.subarray(at + 24, at + 24 + length)).toString("utf8");
      found.push({ ino: a.u64(at), next: a.u64(at + 8), type: a.u32(at + 20), name: text });
      at += 24 + Math.ceil(length / 8) * 8;
      if (at > a.body.length) throw new Error("an entry that is cut off");
    }
    return found;
  }

  async releasedir(handle: number): Promise<void> {
    await this.call(OP.releasedir, 1, 0, u64(handle), u32(0), u32(0), u64(0));
  }

  async forget(node: number, times: number): Promise<void> {
    await this.silent(OP.forget, node, u64(times));
  }

  async text(path: string): Promise<string> {
    const handle = await this.open(await this.walk(path), 0);
    const text = await this.read(handle);
    await this.release(handle);
    return text;
  }
}
