// What a tree is made of: directories and text files with owners and permission bits.

import type { Caller } from "./caller.ts";

/**
 * What a file says and what happens to what is written. Text is a byte string: one character per byte, so that a writer
 * sees exactly the bytes of the write and a status text can give them back.
 */
export interface FileContent {
  /** The text, made anew. */
  read(caller: Caller): string | Promise<string>;
  /** Absent: the file can never be opened for writing, whatever its mode. Answers how many bytes it took, where not all. */
  write?(bytes: string, caller: Caller): Taken | Promise<Taken>;
  /** What stat shows as its size, bytes; 0 where nothing is said. */
  readonly size?: number;
  /** Extended attributes by name. */
  readonly extended?: { readonly [name: string]: string };
}

/** Of a write: so many bytes; all of them where nothing is said. */
// biome-ignore lint/suspicious/noConfusingVoidType: most files take all, and answer nothing
export type Taken = number | void;

/** Permission bits and owner. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

abstract class Node {
  mode: number;
  uid: number;
  gid: number;
  /** Set for good when the node leaves the tree: open files of it answer ENODEV from then on. */
  removed = false;
  /** True once chmod or chown was used: a snapshot must bring the attributes back. */
  touched = false;

  constructor(
    readonly ino: number,
    public name: string,
    public parent: Directory | undefined,
    attributes: Attributes,
  ) {
    this.mode = attributes.mode & 0o7777;
    this.uid = attributes.uid;
    this.gid = attributes.gid;
  }
}

/** A directory. */
export class Directory extends Node {
  /** Tells it from a file. */
  readonly kind = "directory";
  /** By name. */
  readonly children = new Map<string, TreeNode>();
  /** How many of the children are directories. */
  directories = 0;
}

/** A file of text. */
export class TextFile extends Node {
  /** Tells it from a directory. */
  readonly kind = "file";

  constructor(
    ino: number,
    name: string,
    parent: Directory,
    attributes: Attributes,
    /** What it says, and what becomes of writes. */
    readonly content: FileContent,
  ) {
    super(ino, name, parent, attributes);
  }
}

/** What a tree is made of. */
export type TreeNode = Directory | TextFile;

/** What stat(2) shows. */
export interface Stat extends Attributes {
  readonly ino: number;
  readonly kind: TreeNode["kind"];
  readonly links: number;
  /** What the file says, 0 as a rule: text is made when it is read. */
  readonly size: number;
}

export function statOf(node: TreeNode): Stat {
  const { ino, kind, mode, uid, gid } = node;
  if (node.kind === "directory") return { ino, kind, mode, uid, gid, links: 2 + node.directories, size: 0 };
  return { ino, kind, mode, uid, gid, links: 1, size: node.content.size ?? 0 };
}

/** Absolute path of a node, "/" for the root. */
export function pathOf(node: TreeNode): string {
  const names: string[] = [];
  for (let at: TreeNode = node; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return `/${names.join("/")}`;
}
