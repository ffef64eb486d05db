// What a shell needs of a tree: resctrl has it, and so has Android.

import type { Resctrl } from "../../../src/fs/index.ts";

export type ShellTree = Pick<
  Resctrl,
  "chmod" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rmdir" | "stat"
> & {
  writeFile(path: string, data: Uint8Array): Promise<unknown>;
};
