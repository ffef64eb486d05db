// Requests that are about nodes: found, looked at, made, moved, removed.

import { ErrnoError } from "../errno/index.ts";
import { type Directory, NAME_MAX, pathOf, type Stat, statOf, type Tree, type TreeNode } from "../tree/index.ts";
import type { Asking } from "./asking.ts";
import { KnownNodes } from "./known-nodes.ts";
import { OPCODES, SET_GID, SET_MODE, SET_UID } from "./opcodes.ts";
import type { Body, Header } from "./protocol.ts";
import type { Recorder } from "./recorder.ts";
import * as replies from "./replies.ts";
import type { Call } from "./session.ts";
import { NodeTimes } from "./times.ts";

export class TreeCalls {
  readonly known: KnownNodes;
  readonly #times: NodeTimes;

  constructor(
    private readonly tree: Tree,
    private readonly recorder: Recorder,
    now: () => number,
  ) {
    this.known = new KnownNodes(tree.root);
    this.#times = new NodeTimes(now);
  }

  calls(): [number, Call][] {
    return [
      [OPCODES.LOOKUP, (header, body, asking) => this.#lookup(header, body.name(), asking)],
      [OPCODES.GETATTR, (header) => this.#attributes(header, this.known.at(header.node))],
      [OPCODES.STATX, (header) => this.#extendedStat(header, this.known.at(header.node))],
      [OPCODES.SETATTR, (header, body, asking) => this.#setAttributes(header, body, asking)],
      [OPCODES.MKDIR, (header, body, asking) => this.#mkdir(header, body, asking)],
      [OPCODES.RMDIR, (header, body, asking) => this.#rmdir(header, body.name(), asking)],
      [OPCODES.RENAME, (header, body, asking) => this.#rename(header, body.u64(), 0, body, asking)],
      [OPCODES.RENAME2, (header, body, asking) => this.#renameWithFlags(header, body, asking)],
      [OPCODES.STATFS, (header) => replies.fileSystem(header, NAME_MAX)],
      [OPCODES.GETXATTR, (header, body) => this.#extended(header, body)],
      [OPCODES.LISTXATTR, (header, body) => this.#extendedNames(header, body.u32())],
    ];
  }

  /** ENOTDIR for the number of a file. */
  directoryAt(ino: number): Directory {
    const node = this.known.at(ino);
    if (node.kind === "file") throw new ErrnoError("ENOTDIR", `${pathOf(node)}: a file`);
    return node;
  }

  #lookup(header: Header, name: string, asking: Asking): Uint8Array | Promise<Uint8Array> {
    const parent = this.directoryAt(header.node);
    return this.recorder.run(
      asking,
      () => (parent.removed ? undefined : { op: "lookup", path: pathBelow(parent, name) }),
      () => this.#entry(header, this.tree.nodes.lookup(parent, name, asking)),
    );
  }

  async #mkdir(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const mode = body.u32() & 0o7777;
    body.skip(4);
    const name = body.name();
    const parent = this.directoryAt(header.node);
    const made = await this.recorder.run(
      asking,
      () => (parent.removed ? undefined : { op: "mkdir", path: pathBelow(parent, name), mode }),
      () => this.tree.nodes.mkdir(parent, name, mode, asking),
    );
    if (made === undefined) throw new ErrnoError("ENOENT", `${pathBelow(parent, name)}: made, and removed again`);
    return this.#entry(header, made);
  }

  async #rmdir(header: Header, name: string, asking: Asking): Promise<Uint8Array> {
    const parent = this.directoryAt(header.node);
    await this.recorder.run(
      asking,
      () => (parent.removed ? undefined : { op: "rmdir", path: pathBelow(parent, name) }),
      () => this.tree.nodes.rmdir(parent, name, asking),
    );
    return replies.done(header);
  }

  #renameWithFlags(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const to = body.u64();
    const flags = body.u32();
    body.skip(4);
    return this.#rename(header, to, flags, body, asking);
  }

  async #rename(header: Header, to: number, flags: number, body: Body, asking: Asking): Promise<Uint8Array> {
    const name = body.name();
    const newName = body.name();
    if (flags !== 0) throw new ErrnoError("EINVAL", "rename: neither exchanged nor kept from replacing");
    const parent = this.directoryAt(header.node);
    const newParent = this.directoryAt(to);
    const told = () => !parent.removed && !newParent.removed;
    await this.recorder.run(
      asking,
      () => (told() ? { op: "rename", path: pathBelow(parent, name), to: pathBelow(newParent, newName) } : undefined),
      () => this.tree.nodes.rename(parent, name, newParent, newName, asking),
    );
    return replies.done(header);
  }

  /** A size is taken and does nothing: text is made when it is read. */
  async #setAttributes(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const wanted = body.u32();
    body.skip(4 + 8 + 8 + 8);
    const seconds = [body.i64(), body.i64(), body.i64()] as const;
    const nanoseconds = [body.u32(), body.u32(), body.u32()] as const;
    const mode = body.u32() & 0o7777;
    body.skip(4);
    const [uid, gid] = [body.u32(), body.u32()];
    const node = this.known.at(header.node);
    if (wanted & (SET_UID | SET_GID)) {
      await this.#chown(node, wanted & SET_UID ? uid : node.uid, wanted & SET_GID ? gid : node.gid, asking);
    }
    if (wanted & SET_MODE) await this.#chmod(node, mode, asking);
    this.#times.set(node, wanted, seconds, nanoseconds);
    return this.#attributes(header, node);
  }

  async #chmod(node: TreeNode, mode: number, asking: Asking): Promise<void> {
    await this.recorder.run(
      asking,
      () => (node.removed ? undefined : { op: "chmod", path: pathOf(node), mode }),
      () => this.tree.nodes.chmod(node, mode, asking),
    );
  }

  async #chown(node: TreeNode, uid: number, gid: number, asking: Asking): Promise<void> {
    await this.recorder.run(
      asking,
      () => (node.removed ? undefined : { op: "chown", path: pathOf(node), uid, gid }),
      () => this.tree.nodes.chown(node, uid, gid, asking),
    );
  }

  #attributes(header: Header, node: TreeNode): Uint8Array {
    return replies.attributes(header, statNow(node), this.#times.of(node));
  }

  #extendedStat(header: Header, node: TreeNode): Uint8Array {
    return replies.extendedStat(header, statNow(node), this.#times.of(node));
  }

  #entry(header: Header, node: TreeNode): Uint8Array {
    this.known.tell(node);
    return replies.entry(header, statNow(node), this.#times.of(node));
  }

  #extended(header: Header, body: Body): Uint8Array {
    const room = body.u32();
    body.skip(4);
    const name = body.name();
    const attributes = extendedOf(this.known.at(header.node));
    if (!NAMESPACES.test(name)) throw new ErrnoError("EOPNOTSUPP", `no attributes such as ${name}`);
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value === undefined) throw new ErrnoError("ENODATA", `no attribute ${name}`);
    return replies.extended(header, value, room) ?? replies.refused(header, "ERANGE");
  }

  #extendedNames(header: Header, room: number): Uint8Array {
    const names = Object.keys(extendedOf(this.known.at(header.node))).map((name) => `${name}\0`);
    return replies.extended(header, names.join(""), room) ?? replies.refused(header, "ERANGE");
  }
}

/** A directory that has been removed has none below it; otherwise kernfs counts on as before. */
function statNow(node: TreeNode): Stat {
  const stat = statOf(node);
  return node.removed && node.kind === "directory" ? { ...stat, links: 2 } : stat;
}

/** Those that kernfs has; others, such as access lists, are unknown to it. */
const NAMESPACES = /^(user|trusted|security)\./;

function extendedOf(node: TreeNode): { readonly [name: string]: string } {
  return (node.kind === "file" && node.content.extended) || {};
}

export function pathBelow(parent: Directory, name: string): string {
  const path = pathOf(parent);
  return path === "/" ? `/${name}` : `${path}/${name}`;
}
