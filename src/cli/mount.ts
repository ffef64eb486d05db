// mpam mount: the tree at a directory, until somebody ends it.

import { resolve } from "node:path";
import { startMount } from "../fuse/index.ts";
import { endAsked } from "./ending.ts";
import { treeType } from "./interfaces.ts";
import { print } from "./output.ts";
import { type TreeFlags, treeOptions } from "./tree-options.ts";
import { checkHost } from "./way-in.ts";

/** A second signal while it unmounts ends the process at once. */
export async function mount(directory: string, flags: TreeFlags & { json?: boolean }): Promise<void> {
  const tree = await treeOptions(flags);
  checkHost(["mount", "umount"]);
  const asked = endAsked();
  const mounted = await startMount(resolve(directory), {
    boot: tree,
    type: treeType(tree.interface),
    journal: tree.journal,
  });
  print(flags.json, { mounted: mounted.directory, pid: process.pid }, `mounted ${directory}`);
  await Promise.race([asked, mounted.ended]);
  await mounted.unmount();
}
