// A tree of text files held in memory, reached by the calls a kernel offers and refused with its errnos. What the files
// mean, and whether a directory may be made or moved, is decided by the owner of the tree.

import { ErrnoError } from "../errno/index.ts";
import { fromByteString } from "./bytes.ts";
import { type Caller, MAY_EXEC, MAY_READ, MAY_WRITE, permitted, ROOT } from "./caller.ts";
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
import { type Access, OpenFile } from "./open-file.ts";

/** Called after the tree's own checks. The owner changes the tree with add, remove and move, or throws. */
export interface DirectoryOperations {
  mkdir?(parent: Directory, name: string, mode: number, caller: Caller): Promise<void>;
  rmdir?(directory: Directory, caller: Caller): Promise<void>;
  rename?(node: TreeNode, newParent: Directory, newName: string, caller: Caller): Promise<void>;
}

export interface TreeOptions extends Attributes {
  readonly operations?: DirectoryOperations;
  /** Most bytes one write may have: a page. */
  readonly maxWriteBytes?: number;
}

const NAME_MAX = 255;

export class Tree {
  readonly root: Directory;
  readonly #operations: DirectoryOperations;
  readonly #maxWriteBytes: number;
  #nextIno = 2;

  constructor(options: TreeOptions) {
    this.root = new Directory(1, "", undefined, options);
    this.#operations = options.operations ?? {};
    this.#maxWriteBytes = options.maxWriteBytes ?? 4096;
  }

  // What the owner does.

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
    parent.children.set(node.name, node);
  }

  addFile(parent: Directory, name: string, attributes: Attributes, content: FileContent): TextFile {
    const node = new TextFile(this.#nextIno++, name, parent, attributes, content);
    this.attach(node);
    return node;
  }

  /** Takes a node and all below it out of the tree. Files that are open stay open and answer ENODEV. */
  remove(node: TreeNode): void {
    node.parent?.children.delete(node.name);
    markRemoved(node);
  }

  /** Takes a node out of the tree; what is open below it goes on answering for itself. */
  detach(node: TreeNode): void {
    node.parent?.children.delete(node.name);
  }

  /** Takes everything out of the tree but its root. */
  clear(): void {
    for (const child of [...this.root.children.values()]) this.remove(child);
  }

  /** EEXIST where the name is taken. */
  move(node: TreeNode, newParent: Directory, newName: string): void {
    if (newParent.children.has(newName)) throw new ErrnoError("EEXIST", `${pathOf(newParent)}: ${newName} is there`);
    node.parent?.children.delete(node.name);
    node.name = newName;
    node.parent = newParent;
    newParent.children.set(newName, node);
  }

  // What a caller does.

  /** ENOENT, ENOTDIR, or EACCES where a directory on the way may not be searched. */
  lookup(path: string, caller: Caller = ROOT): TreeNode {
    let at: TreeNode = this.root;
    for (const name of namesIn(path)) at = step(at, name, path, caller);
    if (path.endsWith("/") && at.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: a file`);
    return at;
  }

  stat(path: string, caller: Caller = ROOT): Stat {
    return statOf(this.lookup(path, caller));
  }

  /** Names, sorted. */
  readdir(path: string, caller: Caller = ROOT): string[] {
    const node = this.#directory(path, caller);
    if (!permitted(node, MAY_READ, caller))
      throw new ErrnoError("EACCES", `${path}: not readable by uid ${caller.uid}`);
    return [...node.children.keys()].sort();
  }

  /**
   * Opens a file. Even root is refused where no permission bit at all grants a direction, and nobody may write a file
   * that has no writer (resctrl-fs.md section 2).
   */
  open(path: string, access: Access, caller: Caller = ROOT): OpenFile {
    const node = this.lookup(path, caller);
    if (node.kind === "directory") throw new ErrnoError("EISDIR", `${path}: a directory`);
    if (access.read && (!(node.mode & 0o444) || !permitted(node, MAY_READ, caller))) {
      throw new ErrnoError("EACCES", `${path}: mode ${octal(node.mode)} does not let uid ${caller.uid} read`);
    }
    if (access.write && (!(node.mode & 0o222) || !permitted(node, MAY_WRITE, caller) || !node.content.write)) {
      throw new ErrnoError("EACCES", `${path}: mode ${octal(node.mode)} does not let uid ${caller.uid} write`);
    }
    return new OpenFile(node, access, caller, this.#maxWriteBytes);
  }

  async readFile(path: string, caller: Caller = ROOT): Promise<string> {
    return fromByteString(await this.open(path, { read: true, write: false }, caller).text());
  }

  async writeFile(path: string, data: string | Uint8Array, caller: Caller = ROOT): Promise<void> {
    await this.open(path, { read: false, write: true }, caller).write(data);
  }

  async mkdir(path: string, mode: number, caller: Caller = ROOT): Promise<void> {
    const { parent, name } = this.#entry(path, caller);
    if (name === undefined || parent.children.has(name)) throw new ErrnoError("EEXIST", `${path}: there already`);
    writable(parent, caller);
    if (!this.#operations.mkdir) throw new ErrnoError("EPERM", `${path}: no directory can be made here`);
    await this.#operations.mkdir(parent, name, mode & 0o7777, caller);
  }

  async rmdir(path: string, caller: Caller = ROOT): Promise<void> {
    const node = this.lookup(path, caller);
    if (node.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: a file`);
    if (node.parent === undefined) throw new ErrnoError("EBUSY", `${path}: the root of the tree`);
    writable(node.parent, caller);
    if (!this.#operations.rmdir) throw new ErrnoError("EPERM", `${path}: no directory can be removed here`);
    await this.#operations.rmdir(node, caller);
  }

  async rename(from: string, to: string, caller: Caller = ROOT): Promise<void> {
    const node = this.lookup(from, caller);
    const { parent, name } = this.#entry(to, caller);
    if (node.parent === undefined || name === undefined) throw new ErrnoError("EBUSY", `${from}: the root stays`);
    writable(node.parent, caller);
    writable(parent, caller);
    const target = parent.children.get(name);
    if (target === node) return;
    if (isBelow(parent, node)) throw new ErrnoError("EINVAL", `${to}: inside ${from}`);
    if (target !== undefined) {
      if (isBelow(node, target)) throw new ErrnoError("ENOTEMPTY", `${to}: holds ${from}`);
      if (node.kind === "directory" && target.kind === "file") throw new ErrnoError("ENOTDIR", `${to}: a file`);
      if (node.kind === "file" && target.kind === "directory") throw new ErrnoError("EISDIR", `${to}: a directory`);
    }
    if (!this.#operations.rename) throw new ErrnoError("EPERM", `${from}: nothing can be renamed here`);
    await this.#operations.rename(node, parent, name, caller);
  }

  chmod(path: string, mode: number, caller: Caller = ROOT): void {
    const node = this.lookup(path, caller);
    if (caller.uid !== 0 && caller.uid !== node.uid) throw new ErrnoError("EPERM", `${path}: owned by uid ${node.uid}`);
    node.mode = mode & 0o7777;
    node.touched = true;
  }

  chown(path: string, uid: number, gid: number, caller: Caller = ROOT): void {
    const node = this.lookup(path, caller);
    if (caller.uid !== 0) throw new ErrnoError("EPERM", `${path}: only root gives files away`);
    node.uid = uid;
    node.gid = gid;
    node.touched = true;
  }

  #directory(path: string, caller: Caller): Directory {
    const node = this.lookup(path, caller);
    if (node.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: a file`);
    return node;
  }

  /** The directory a new name would go into. No name: the path leads to the root or to "." or "..". */
  #entry(path: string, caller: Caller): { parent: Directory; name: string | undefined } {
    const names = namesIn(path);
    const name = names.pop();
    const parent = this.#directory(names.join("/"), caller);
    if (name === undefined || name === "." || name === "..") return { parent, name: undefined };
    if (new TextEncoder().encode(name).length > NAME_MAX) {
      throw new ErrnoError("ENAMETOOLONG", `${name.slice(0, 20)}...: more than ${NAME_MAX} bytes`);
    }
    if (!permitted(parent, MAY_EXEC, caller)) throw new ErrnoError("EACCES", `${path}: not searchable`);
    return { parent, name };
  }
}

function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function step(at: TreeNode, name: string, path: string, caller: Caller): TreeNode {
  if (at.kind === "file") throw new ErrnoError("ENOTDIR", `${path}: ${at.name} is a file`);
  if (!permitted(at, MAY_EXEC, caller)) throw new ErrnoError("EACCES", `${path}: ${at.name} is not searchable`);
  if (name === ".") return at;
  if (name === "..") return at.parent ?? at;
  const next = at.children.get(name);
  if (next === undefined) throw new ErrnoError("ENOENT", `${path}: no ${name} in ${pathOf(at)}`);
  return next;
}

function writable(directory: Directory, caller: Caller): void {
  if (permitted(directory, MAY_WRITE | MAY_EXEC, caller)) return;
  const mode = octal(directory.mode);
  throw new ErrnoError("EACCES", `${pathOf(directory)}: mode ${mode} does not let uid ${caller.uid} change it`);
}

/** Whether `node` is `ancestor` or lies below it. */
function isBelow(node: TreeNode, ancestor: TreeNode): boolean {
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}

function markRemoved(node: TreeNode): void {
  node.removed = true;
  if (node.kind === "directory") for (const child of node.children.values()) markRemoved(child);
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
