// A tree in which directories can be made, moved and removed, and files that can wait: what a session is tried on.

import { ErrnoError } from "../../../src/errno/index.ts";
import { type Caller, type Directory, Tree } from "../../../src/tree/index.ts";

const RX = { mode: 0o555, uid: 0, gid: 0 };

export interface Example {
  readonly tree: Tree;
  /** What was written, and by whom. */
  readonly written: { readonly file: string; readonly bytes: string; readonly caller: Caller }[];
  /** How many reads of /slow wait. Each ends when released, or with EINTR. */
  readonly slow: (() => void)[];
}

/**
 * /echo takes anything and reads what was written last; /count reads how often it has been read; /fixed cannot be written; /slow
 * waits; /long has 300,000 bytes; /broken fails in a way that is no refusal. Directories have a file `id`.
 */
export function exampleTree(): Example {
  const written: Example["written"] = [];
  const slow: Example["slow"] = [];
  const tree: Tree = new Tree({
    ...RX,
    operations: {
      mkdir: async (parent, name, mode, caller) => {
        await undefined;
        if (name === "refused") throw new ErrnoError("ENOSPC", "no room for one of that name");
        const directory = tree.newDirectory(parent, name, { mode, uid: caller.uid, gid: caller.gid });
        addId(directory, name);
        tree.attach(directory);
        return directory;
      },
      rmdir: async (directory) => {
        await undefined;
        tree.remove(directory);
      },
      rename: async (node, parent, name) => tree.move(node, parent, name),
    },
  });
  const addId = (directory: Directory, name: string) =>
    tree.addFile(
      directory,
      "id",
      { mode: 0o644, uid: 0, gid: 0 },
      {
        read: () => `${name}\n`,
        write: (bytes, caller) => void written.push({ file: name, bytes, caller }),
      },
    );
  const file = { mode: 0o644, uid: 0, gid: 0 };
  let echo = "";
  let count = 0;
  tree.addFile(tree.root, "echo", file, {
    read: () => echo,
    write: (bytes, caller) => {
      echo = bytes;
      written.push({ file: "echo", bytes, caller });
    },
  });
  tree.addFile(tree.root, "count", { ...file, mode: 0o444 }, { read: () => `${++count}\n` });
  tree.addFile(
    tree.root,
    "fixed",
    { ...file, mode: 0o444 },
    {
      read: () => "fixed\n",
      extended: { "user.mpam.profile": "x86" },
    },
  );
  tree.addFile(tree.root, "long", { ...file, mode: 0o444 }, { read: () => "0123456789".repeat(30_000) });
  tree.addFile(tree.root, "broken", file, {
    read: () => {
      throw new TypeError("a fault of ours");
    },
  });
  tree.addFile(
    tree.root,
    "slow",
    { ...file, mode: 0o444 },
    {
      read: (caller) =>
        new Promise((resolve, reject) => {
          slow.push(() => resolve("at last\n"));
          caller.signal?.addEventListener("abort", () => reject(new ErrnoError("EINTR", "interrupted")));
        }),
    },
  );
  return { tree, written, slow };
}
