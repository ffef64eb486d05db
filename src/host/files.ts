// A directory of prepared files: what is in it, and bringing a real one to that state.

import { mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The text of a file, or where a symbolic link leads. */
export type FileContent = string | { readonly link: string };

/** By path below the directory. */
export type Files = ReadonlyMap<string, FileContent>;

/**
 * Files that are there already are written over, not replaced: a file somebody bound elsewhere shows the new text. In memory and
 * small, hundreds of them take less time than their turns in the event loop would.
 */
export function writeFiles(directory: string, files: Files, before: Files = new Map()): void {
  for (const path of before.keys()) if (!files.has(path)) removeWithEmptied(directory, path, files);
  for (const [path, content] of files) {
    if (before.get(path) === content) continue;
    const place = join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof content === "string") writeFileSync(place, content);
    else if (leadsTo(place) !== content.link) symlinkSync(content.link, place);
  }
}

function leadsTo(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch {
    return undefined;
  }
}

/** The file, and the highest directory above it that has nothing left. */
function removeWithEmptied(directory: string, path: string, files: Files): void {
  let gone = path;
  for (let above = dirname(path); above !== "."; above = dirname(above)) {
    if ([...files.keys()].some((one) => one.startsWith(`${above}/`))) break;
    gone = above;
  }
  rmSync(join(directory, gone), { recursive: true, force: true });
}
