// A directory of prepared files: what is in it, and bringing a real one to that state.

import { mkdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The text of a file, or where a symbolic link leads. */
export type FileContent = string | { readonly link: string };

/** By path below the directory. */
export type Files = ReadonlyMap<string, FileContent>;

/** Files that are there already are written over, not replaced: a file somebody bound elsewhere shows the new text. */
export async function writeFiles(directory: string, files: Files, before: Files = new Map()): Promise<void> {
  for (const path of before.keys()) if (!files.has(path)) await removeWithEmptied(directory, path, files);
  for (const [path, content] of files) {
    if (before.get(path) === content) continue;
    const place = join(directory, path);
    await mkdir(dirname(place), { recursive: true });
    if (typeof content === "string") await writeFile(place, content);
    else if ((await readlink(place).catch(() => undefined)) !== content.link) await symlink(content.link, place);
  }
}

/** The file, and the highest directory above it that has nothing left. */
async function removeWithEmptied(directory: string, path: string, files: Files): Promise<void> {
  let gone = path;
  for (let above = dirname(path); above !== "."; above = dirname(above)) {
    if ([...files.keys()].some((one) => one.startsWith(`${above}/`))) break;
    gone = above;
  }
  await rm(join(directory, gone), { recursive: true, force: true });
}
