// A tree of text files held in memory, reached by the calls a kernel offers and refused with its errnos. What the files
// mean, and whether a directory may be made or moved, is decided by the owner of the tree.

import { ErrnoError } from "../errno/index.ts";
import { fromByteString } from "./bytes.ts";
import { type Caller, ROOT } from "./caller.ts";
import {
  type Attributes,
  Directory,
  type FileContent,
  pathOf,
  type Stat,
  statOf,
  TextFile,
  type TreeNode,
} from "./node.ts";
import { type DirectoryOperations, NodeCalls } from "./node-calls.ts";
import type { Access, OpenFile } from "./open-file.ts";

export interface TreeOptions extends Attributes {
  readonly operations?: DirectoryOperations;
  /** Most bytes one write may have: a page. */
  readonly maxWriteBytes?: number;
}

/** A tree of text files in memory. Paths are from its root; errors are ErrnoErrors. */
export class Tree {
  /** The directory of the path "". */
  readonly root: Directory;
  /** The same calls below a directory or on a node, for a host that keeps nodes and no paths. */
  readonly nodes: NodeCalls;
  #nextIno = 2;

  constructor(options: TreeOptions) {
    this.root = new Directory(1, "", undefined, options);
    this.nodes = new NodeCalls(options.operations ?? {}, options.maxWriteBytes ?? 4096);
  }

  // What the owner does.

  /** A new directory. EEXIST. */
  addDirectory(parent: Directory, name: string, attributes: Attributes): Directory {
    const node = this.newDirectory(parent, name, attributes);
    this.attach(node);
    return node;
  }

  /** A directory that nobody finds until it is attached, with all that has been added to it by then. */
  newDirectory(parent: Directory, name: string, attributes: Attributes): Directory {
    return new Directory(this.#nextIno++, name, parent, attributes);
  }

  /** EEXIST where the name is taken. */
  attach(node: TreeNode): void {
    const { parent } = node;
    if (parent === undefined) return;
    if (parent.children.has(node.name)) throw new ErrnoError("EEXIST", `${pathOf(node)}: there already`);
    enter(node, parent);
  }

  /** A new file. EEXIST. */
  addFile(parent: Directory, name: string, attributes: Attributes, content: FileContent): TextFile {
    const node = new TextFile(this.#nextIno++, name, parent, attributes, content);
    this.attach(node);
    return node;
  }

  /** Takes a node and all below it out of the tree. Files that are open stay open and answer ENODEV. */
  remove(node: TreeNode): void {
    leave(node);
    markRemoved(node);
  }

  /** Takes a node out of the tree; what is open below it goes on answering for itself. */
  detach(node: TreeNode): void {
    leave(node);
  }

  /** Takes everything out of the tree but its root. */
  clear(): void {
    for (const child of [...this.root.children.values()]) this.remove(child);
  }

  /** EEXIST where the name is taken. */
  move(node: TreeNode, newParent: Directory, newName: string): void {
    if (newParent.children.has(newName)) throw new ErrnoError("EEXIST", `${pathOf(newParent)}: ${newName} is there`);
    leave(node);
    node.name = newName;
    node.parent = newParent;
    enter(node, newParent);
  }

  // What a caller does, by path.

  /** ENOENT, ENOTDIR, or EACCES where a directory on the way may not be searched. */
  lookup(path: string, caller: Caller = ROOT): TreeNode {
    let at: TreeNode = this.root;
    for (const name of namesIn(path)) at = this.nodes.lookup(at, name, caller);
    if (path.endsWith("/") && at.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: a file`);
    return at;
  }

  /** ENOENT, ENOTDIR, EACCES. */
  stat(path: string, caller: Caller = ROOT): Stat {
    return statOf(this.lookup(path, caller));
  }

  /** Names, sorted. */
  readdir(path: string, caller: Caller = ROOT): string[] {
    return this.nodes.readdir(this.lookup(path, caller), caller).map(({ name }) => name);
  }

  /** ENOENT, EISDIR, EACCES. */
  open(path: string, access: Access, caller: Caller = ROOT): OpenFile {
    return this.nodes.open(this.lookup(path, caller), access, caller);
  }

  /** The whole text. ENOENT, EISDIR, EACCES, and what the file refuses with. */
  async readFile(path: string, caller: Caller = ROOT): Promise<string> {
    return fromByteString(await this.open(path, { read: true, write: false }, caller).text());
  }

  /** One write(2). Answers the number of bytes taken. */
  async writeFile(path: string, data: string | Uint8Array, caller: Caller = ROOT): Promise<number> {
    return this.open(path, { read: false, write: true }, caller).write(data);
  }

  /** EEXIST, EACCES, and what the owner of the tree refuses with; EPERM where it has no mkdir. */
  async mkdir(path: string, mode: number, caller: Caller = ROOT): Promise<void> {
    const { parent, name } = this.#entry(path, caller);
    if (name === undefined) throw new ErrnoError("EEXIST", `${path}: there already`);
    await this.nodes.mkdir(parent, name, mode, caller);
  }

  /** ENOENT, ENOTDIR, EACCES; EPERM where the owner of the tree has no rmdir. */
  async rmdir(path: string, caller: Caller = ROOT): Promise<void> {
    const node = this.lookup(path, caller);
    if (node.parent === undefined) throw new ErrnoError("EBUSY", `${path}: the root of the tree`);
    await this.nodes.rmdir(node.parent, node.name, caller);
  }

  /** ENOENT, EACCES; EPERM where the owner of the tree has no rename. */
  async rename(from: string, to: string, caller: Caller = ROOT): Promise<void> {
    const { parent, name } = this.#entry(from, caller);
    const { parent: newParent, name: newName } = this.#entry(to, caller);
    if (name === undefined || newName === undefined) throw new ErrnoError("EBUSY", `${from}: the root stays`);
    await this.nodes.rename(parent, name, newParent, newName, caller);
  }

  /** ENOENT, EPERM. */
  chmod(path: string, mode: number, caller: Caller = ROOT): void {
    this.nodes.chmod(this.lookup(path, caller), mode, caller);
  }

  /** ENOENT, EPERM. */
  chown(path: string, uid: number, gid: number, caller: Caller = ROOT): void {
    this.nodes.chown(this.lookup(path, caller), uid, gid, caller);
  }

  /** The directory a new name would go into. No name: the path leads to the root or to "." or "..". */
  #entry(path: string, caller: Caller): { parent: Directory; name: string | undefined } {
    const names = namesIn(path);
    const name = names.pop();
    const parent = this.lookup(names.join("/"), caller);
    if (parent.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: ${parent.name} is a file`);
    // A kernel that walks two paths is through with the first before it begins the second.
    if (name !== undefined) this.nodes.search(parent, caller);
    return { parent, name: name === "." || name === ".." ? undefined : name };
  }
}

function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function enter(node: TreeNode, parent: Directory): void {
  parent.children.set(node.name, node);
  if (node.kind === "directory") parent.directories++;
}

function leave(node: TreeNode): void {
  if (node.parent?.children.get(node.name) !== node) return;
  node.parent.children.delete(node.name);
  if (node.kind === "directory") node.parent.directories--;
}

function markRemoved(node: TreeNode): void {
  node.removed = true;
  if (node.kind === "directory") for (const child of node.children.values()) markRemoved(child);
}
