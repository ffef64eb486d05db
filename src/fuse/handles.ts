// Files and directories that are open.

import { ErrnoError } from "../errno/index.ts";
import type { Directory, OpenFile } from "../tree/index.ts";
import type { DirectoryEntry } from "./replies.ts";

export interface OpenDirectory {
  readonly directory: Directory;
  /** What was there when reading began: offsets stay right while entries come and go. */
  entries: readonly DirectoryEntry[] | undefined;
}

export class Handles {
  readonly #files = new Map<number, OpenFile>();
  readonly #directories = new Map<number, OpenDirectory>();
  #next = 1;

  get size(): number {
    return this.#files.size + this.#directories.size;
  }

  addFile(file: OpenFile): number {
    this.#files.set(this.#next, file);
    return this.#next++;
  }

  addDirectory(directory: Directory): number {
    this.#directories.set(this.#next, { directory, entries: undefined });
    return this.#next++;
  }

  /** EBADF for a number that no open file has. */
  file(handle: number): OpenFile {
    return found(this.#files.get(handle), handle);
  }

  directory(handle: number): OpenDirectory {
    return found(this.#directories.get(handle), handle);
  }

  closeFile(handle: number): void {
    this.#files.delete(handle);
  }

  closeDirectory(handle: number): void {
    this.#directories.delete(handle);
  }
}

function found<T>(one: T | undefined, handle: number): T {
  if (one === undefined) throw new ErrnoError("EBADF", `nothing is open under number ${handle}`);
  return one;
}
