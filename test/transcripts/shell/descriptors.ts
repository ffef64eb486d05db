// Open files of a shell: a place in a text, or somewhere to write.

import { ErrnoError } from "../../../src/errno/index.ts";
import type { OpenFile } from "../../../src/tree/index.ts";
import type { ShellTree } from "./tree.ts";

/** As much as cat asks for at once. */
const CHUNK = 131_072;

export interface Descriptor {
  /** What is left of it. */
  read(most?: number): Promise<string>;
  write(text: string): Promise<void>;
}

class TreeFile implements Descriptor {
  #offset = 0;

  constructor(private readonly file: OpenFile) {}

  async read(most = Number.POSITIVE_INFINITY): Promise<string> {
    let text = "";
    while (text.length < most) {
      const bytes = await this.file.read(this.#offset, Math.min(CHUNK, most - text.length));
      if (bytes.length === 0) break;
      this.#offset += bytes.length;
      text += new TextDecoder("latin1").decode(bytes);
    }
    return text;
  }

  /** What is not taken at once is written again, as a C library does it. */
  async write(text: string): Promise<void> {
    for (let left = text; left !== ""; ) left = left.slice(await this.file.write(left));
  }
}

/** Where a command prints to. */
export function printing(print: (text: string) => void): Descriptor {
  return {
    read: async () => "",
    write: async (text) => print(text),
  };
}

/** As open(2) with O_RDONLY, or O_WRONLY, O_CREAT and O_TRUNC: nobody creates files here. */
export async function openPath(tree: ShellTree, path: string, how: "read" | "write"): Promise<Descriptor> {
  if (how === "write") {
    const parent = path.replace(/[^/]*$/, "");
    const names = await tree.readdir(parent);
    const name = path.slice(parent.length);
    if (name !== "" && !names.includes(name)) throw new ErrnoError("EACCES", `${path}: files are not made here`);
  }
  return new TreeFile(await tree.open(path, { read: how === "read", write: how === "write" }));
}
