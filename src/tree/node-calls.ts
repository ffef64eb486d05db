// The calls of a kernel on the nodes of a tree, with the checks that come before what their owner decides. A node that has
// been removed answers for itself: it never leads to a new one of the same name.

import { ErrnoError } from "../errno/index.ts";
import { nearest } from "../written/index.ts";
import { type Caller, MAY_EXEC, MAY_READ, MAY_WRITE, permitted } from "./caller.ts";
import { type Directory, pathOf, type TreeNode } from "./node.ts";
import { type Access, OpenFile } from "./open-file.ts";

/** Called after the tree's own checks. The owner changes the tree with add, remove and move, or throws. */
export interface DirectoryOperations {
  /** Answers the new directory. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an owner that answers nothing is understood as well
  mkdir?(parent: Directory, name: string, mode: number, caller: Caller): Promise<Directory | void>;
  rmdir?(directory: Directory, caller: Caller): Promise<void>;
  rename?(node: TreeNode, newParent: Directory, newName: string, caller: Caller): Promise<void>;
}

/** Bytes of a name. */
export const NAME_MAX = 255;

const encoder = new TextEncoder();

/** Calls of a filesystem on nodes. */
export class NodeCalls {
  readonly #operations: DirectoryOperations;
  readonly #maxWriteBytes: number;

  constructor(operations: DirectoryOperations, maxWriteBytes: number) {
    this.#operations = operations;
    this.#maxWriteBytes = maxWriteBytes;
  }

  /** ENOTDIR, or EACCES where the directory may not be searched. */
  search(at: TreeNode, caller: Caller): void {
    searchable(at, caller);
  }

  /** ENOENT, ENOTDIR, ENAMETOOLONG, or EACCES where the directory may not be searched. */
  lookup(at: TreeNode, name: string, caller: Caller): TreeNode {
    const directory = searchable(at, caller);
    if (name === ".") return directory;
    if (name === "..") return directory.parent ?? directory;
    const next = directory.children.get(name);
    if (next !== undefined && !directory.removed) return next;
    shortEnough(name);
    throw new ErrnoError("ENOENT", `${pathOf(directory)}: no ${name} here${meant(name, directory.children)}`);
  }

  /** Children, sorted by name. */
  readdir(node: TreeNode, caller: Caller): TreeNode[] {
    const directory = directoryAt(node);
    if (!permitted(directory, MAY_READ, caller)) {
      throw new ErrnoError("EACCES", `${pathOf(directory)}: not readable by uid ${caller.uid}`);
    }
    if (directory.removed) return [];
    return [...directory.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Opens a file. Even root is refused where no permission bit at all grants a direction, and nobody may write a file
   * that has no writer (resctrl-fs.md section 2).
   */
  open(node: TreeNode, access: Access, caller: Caller): OpenFile {
    if (node.kind === "directory") throw new ErrnoError("EISDIR", `${pathOf(node)}: a directory`);
    present(node);
    if (access.read && (!(node.mode & 0o444) || !permitted(node, MAY_READ, caller))) {
      throw new ErrnoError("EACCES", `${pathOf(node)}: mode ${octal(node.mode)} does not let uid ${caller.uid} read`);
    }
    if (access.write && (!(node.mode & 0o222) || !permitted(node, MAY_WRITE, caller) || !node.content.write)) {
      throw new ErrnoError("EACCES", `${pathOf(node)}: mode ${octal(node.mode)} does not let uid ${caller.uid} write`);
    }
    return new OpenFile(node, access, caller, this.#maxWriteBytes);
  }

  /** Answers what was made, which may have been removed again since; undefined when it is gone already. */
  async mkdir(at: TreeNode, name: string, mode: number, caller: Caller): Promise<TreeNode | undefined> {
    const parent = searchable(at, caller);
    shortEnough(name);
    present(parent);
    if (parent.children.has(name)) throw new ErrnoError("EEXIST", `${pathOf(parent)}: ${name} is there already`);
    writable(parent, caller);
    if (!this.#operations.mkdir) throw new ErrnoError("EPERM", `${pathOf(parent)}: no directory can be made here`);
    const made = await this.#operations.mkdir(parent, name, mode & 0o7777, caller);
    return made ?? parent.children.get(name);
  }

  /** ENOENT, ENOTDIR, EACCES, and what the owner of the tree refuses with; EPERM where it has no rmdir. */
  async rmdir(parent: Directory, name: string, caller: Caller): Promise<void> {
    const node = this.lookup(parent, name, caller);
    present(node);
    writable(parent, caller);
    if (node.kind === "file") throw new ErrnoError("ENOTDIR", `${pathOf(node)}: a file`);
    if (!this.#operations.rmdir) throw new ErrnoError("EPERM", `${pathOf(node)}: no directory can be removed here`);
    await this.#operations.rmdir(node, caller);
  }

  /** ENOENT, EEXIST, EACCES, and what the owner of the tree refuses with; EPERM where it has no rename. */
  async rename(parent: Directory, name: string, newAt: TreeNode, newName: string, caller: Caller): Promise<void> {
    const newParent = searchable(newAt, caller);
    const node = this.lookup(parent, name, caller);
    shortEnough(newName);
    present(node);
    present(newParent);
    const target = newParent.children.get(newName);
    if (isBelow(newParent, node)) throw new ErrnoError("EINVAL", `${pathOf(newParent)}: inside ${pathOf(node)}`);
    if (target === node) return;
    if (target && isBelow(node, target)) throw new ErrnoError("ENOTEMPTY", `${pathOf(target)}: holds ${pathOf(node)}`);
    writable(parent, caller);
    writable(newParent, caller);
    if (target !== undefined && target.kind !== node.kind) {
      throw new ErrnoError(target.kind === "file" ? "ENOTDIR" : "EISDIR", `${pathOf(target)}: a ${target.kind}`);
    }
    // Its ".." changes.
    if (node.kind === "directory" && parent !== newParent) writable(node, caller);
    if (!this.#operations.rename) throw new ErrnoError("EPERM", `${pathOf(node)}: nothing can be renamed here`);
    await this.#operations.rename(node, newParent, newName, caller);
  }

  /** EPERM where the caller is neither the owner nor root. */
  chmod(node: TreeNode, mode: number, caller: Caller): void {
    if (caller.uid !== 0 && caller.uid !== node.uid && !caller.checked) {
      throw new ErrnoError("EPERM", `${pathOf(node)}: owned by uid ${node.uid}`);
    }
    node.mode = mode & 0o7777;
    node.touched = true;
  }

  /** Root gives files away; an owner may give them to a group of its own. */
  chown(node: TreeNode, uid: number, gid: number, caller: Caller): void {
    const toOwnGroup = caller.uid === node.uid && uid === node.uid && (gid === node.gid || gid === caller.gid);
    if (caller.uid !== 0 && !toOwnGroup && !caller.checked) {
      throw new ErrnoError("EPERM", `${pathOf(node)}: only root gives files away`);
    }
    node.uid = uid;
    node.gid = gid;
    node.touched = true;
  }
}

function directoryAt(node: TreeNode): Directory {
  if (node.kind === "file") throw new ErrnoError("ENOTDIR", `${pathOf(node)}: a file`);
  return node;
}

function searchable(node: TreeNode, caller: Caller): Directory {
  const directory = directoryAt(node);
  if (permitted(directory, MAY_EXEC, caller)) return directory;
  throw new ErrnoError("EACCES", `${pathOf(directory)}: not searchable by uid ${caller.uid}`);
}

function present(node: TreeNode): void {
  if (node.removed) throw new ErrnoError("ENODEV", `${pathOf(node)}: has been removed`);
}

function shortEnough(name: string): void {
  if (name.length * 3 <= NAME_MAX || encoder.encode(name).length <= NAME_MAX) return;
  throw new ErrnoError("ENAMETOOLONG", `${name.slice(0, 20)}...: more than ${NAME_MAX} bytes`);
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

/** Looked for among few: who mounts a tree may ask for names all day. */
const MOST_NAMES = 64;

function meant(name: string, children: ReadonlyMap<string, TreeNode>): string {
  const near = children.size > MOST_NAMES ? undefined : nearest(name, [...children.keys()]);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
