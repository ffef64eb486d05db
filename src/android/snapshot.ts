// Owners and permissions that somebody has changed, as plain data and back.

import { type Attributes, pathOf, type Tree, type TreeNode } from "../tree/index.ts";

export interface Changed extends Attributes {
  readonly path: string;
}

export function changedIn(tree: Tree): Changed[] {
  return below(tree.root);
}

function below(node: TreeNode): Changed[] {
  const { mode, uid, gid } = node;
  const own = node.touched ? [{ path: pathOf(node), mode, uid, gid }] : [];
  return node.kind === "file" ? own : [...own, ...[...node.children.values()].flatMap(below)];
}

/** Of a tree with the same files. */
export function changeIn(tree: Tree, changed: readonly Changed[]): void {
  for (const { path, mode, uid, gid } of changed) {
    tree.chmod(path, mode);
    tree.chown(path, uid, gid);
  }
}
