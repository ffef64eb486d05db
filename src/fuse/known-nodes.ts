// The nodes that the kernel knows by number. It tells how often it has been given one, and forgets as often; a node that
// has been removed from the tree keeps its number until then. Numbers are those of the tree, which uses none twice.

import { ErrnoError } from "../errno/index.ts";
import type { TreeNode } from "../tree/index.ts";

interface Known {
  readonly node: TreeNode;
  times: number;
}

export class KnownNodes {
  readonly #root: TreeNode;
  readonly #known = new Map<number, Known>();

  constructor(root: TreeNode) {
    this.#root = root;
  }

  /** How many, but for the root, which is always known. */
  get size(): number {
    return this.#known.size;
  }

  /** ESTALE for a number that is not known. */
  at(ino: number): TreeNode {
    if (ino === this.#root.ino) return this.#root;
    const known = this.#known.get(ino);
    if (known === undefined) throw new ErrnoError("ESTALE", `no node has the number ${ino}`);
    return known.node;
  }

  /** The kernel is given the number of a node once more. */
  tell(node: TreeNode): void {
    if (node === this.#root) return;
    const known = this.#known.get(node.ino);
    if (known === undefined) this.#known.set(node.ino, { node, times: 1 });
    else known.times++;
  }

  forget(ino: number, times: number): void {
    const known = this.#known.get(ino);
    if (known === undefined) return;
    known.times -= times;
    if (known.times <= 0) this.#known.delete(ino);
  }
}
