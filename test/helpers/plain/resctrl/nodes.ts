// Files and directories: what a path leads to, and who may do what with it.

import { type Caller, permitted } from "../../../../src/tree/caller.ts";
import type { PlainGroup } from "./group.ts";
import { refuse } from "./refused.ts";

export type Kind = "root" | "group" | "mon_groups" | "mon_data" | "mon_domain" | "info";

export interface PlainFile {
  readonly read: (caller: Caller) => string;
  /** Absent: refused whatever the mode says, as EINVAL, or with `never` when it is opened. */
  readonly write?: (text: string, caller: Caller) => void;
  readonly never?: boolean;
  /** What a command on it empties: last_cmd_status when it is read, when it is written. */
  readonly clearsOnRead: boolean;
}

export class PlainNode {
  readonly children = new Map<string, PlainNode>();
  removed = false;
  mode: number;
  uid: number;
  gid: number;

  constructor(
    public name: string,
    public parent: PlainNode | undefined,
    attributes: { mode: number; uid: number; gid: number },
    readonly kind: Kind,
    readonly group: PlainGroup | undefined,
    readonly file?: PlainFile,
  ) {
    this.mode = attributes.mode;
    this.uid = attributes.uid;
    this.gid = attributes.gid;
    parent?.children.set(name, this);
  }

  /** Takes it and everything below it away. */
  remove(): void {
    this.parent?.children.delete(this.name);
    this.#forget();
  }

  #forget(): void {
    this.removed = true;
    for (const child of this.children.values()) child.#forget();
  }
}

const EXEC = 1;
export const WRITE = 2;
export const READ = 4;

export function may(node: PlainNode, wanted: number, caller: Caller): boolean {
  return permitted(node as unknown as Parameters<typeof permitted>[0], wanted, caller);
}

/** "" of the root. */
export function pathOf({ parent, name }: PlainNode): string {
  return parent ? `${pathOf(parent)}/${name}` : "";
}

/** The directory that a path names last, and the name in it. */
export function parentOf(root: PlainNode, path: string, caller: Caller): [PlainNode, string] {
  const names = path.split("/").filter((name) => name !== "");
  const last = names.pop();
  let node = root;
  for (const name of names) node = step(node, name, caller);
  if (last !== undefined) checkSearch(node, caller);
  return [node, last ?? ""];
}

export function lookup(root: PlainNode, path: string, caller: Caller): PlainNode {
  const [parent, name] = parentOf(root, path, caller);
  return name === "" ? parent : step(parent, name, caller);
}

function step(node: PlainNode, name: string, caller: Caller): PlainNode {
  checkSearch(node, caller);
  if (name.length > 255) refuse("ENAMETOOLONG");
  return node.children.get(name) ?? refuse("ENOENT");
}

function checkSearch(node: PlainNode, caller: Caller): void {
  if (node.file) refuse("ENOTDIR");
  if (!may(node, EXEC, caller)) refuse("EACCES");
}

/** A name is made or taken away in this directory. */
export function checkChange(directory: PlainNode, caller: Caller): void {
  if (!may(directory, WRITE | EXEC, caller)) refuse("EACCES");
}

/** What is true of every rename(2), whatever is moved. */
export function checkMove(node: PlainNode, newParent: PlainNode, taken: PlainNode | undefined, caller: Caller): void {
  if (isAbove(node, newParent)) refuse("EINVAL");
  if (taken && isAbove(taken, node.parent!)) refuse("ENOTEMPTY");
  if (taken === node) return;
  checkChange(node.parent!, caller);
  checkChange(newParent, caller);
  if (taken?.file && !node.file) refuse("ENOTDIR");
  if (taken && !taken.file && node.file) refuse("EISDIR");
  // Its ".." changes.
  if (!node.file && newParent !== node.parent && !may(node, WRITE, caller)) refuse("EACCES");
}

/** Or the same. */
function isAbove(node: PlainNode, below: PlainNode): boolean {
  for (let at: PlainNode | undefined = below; at; at = at.parent) if (at === node) return true;
  return false;
}
