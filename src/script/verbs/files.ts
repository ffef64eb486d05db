// write, read, mkdir, rmdir, rename: what one does to files and directories.

import { type Action, DONE, type ScriptTree } from "../line.ts";
import type { Verb } from "./verb.ts";

const NEWLINE = 10;

function changing(run: (tree: ScriptTree) => Promise<unknown>): Action {
  return {
    changes: true,
    async run({ tree }) {
      await run(tree);
      return DONE;
    },
  };
}

export const write: Verb = {
  usage: "write [-n] PATH TEXT",
  read(words) {
    const bare = words.peek() === "-n";
    if (bare) words.word(this.usage);
    const path = words.path(this.usage);
    const { bytes } = words.rest();
    const data = bare ? bytes : Uint8Array.from([...bytes, NEWLINE]);
    return changing((tree) => tree.writeFile(path, data));
  },
};

export const read: Verb = {
  usage: "read PATH",
  read(words) {
    const path = words.path(this.usage);
    words.end();
    return { changes: false, run: async ({ tree }) => ({ text: await tree.readFile(path) }) };
  },
};

export const mkdir: Verb = {
  usage: "mkdir PATH",
  read(words) {
    const path = words.path(this.usage);
    words.end();
    return changing((tree) => tree.mkdir(path));
  },
};

export const rmdir: Verb = {
  usage: "rmdir PATH",
  read(words) {
    const path = words.path(this.usage);
    words.end();
    return changing((tree) => tree.rmdir(path));
  },
};

export const rename: Verb = {
  usage: "rename FROM TO",
  read(words) {
    const from = words.path(this.usage);
    const to = words.path(this.usage);
    words.end();
    return changing((tree) => tree.rename(from, to));
  },
};
