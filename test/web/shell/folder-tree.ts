// A folder of this computer as the tree that a shell of the page runs on: so that bash can be asked the same.

import { mkdir, readdir, readFile, rename, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileView, Reply } from "../../../src/web/engine/protocol.ts";
import type { ShellTree } from "../../../src/web/panels/shell/files.ts";

async function done(call: Promise<unknown>): Promise<undefined> {
  await call;
  return undefined;
}

async function reply<T>(call: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    const { code = "ERROR", message } = error as NodeJS.ErrnoException;
    return { ok: false, code, message, status: "" };
  }
}

export function folderTree(root: string): ShellTree {
  const at = (path: string) => join(root, path);
  const view = async (path: string, name: string): Promise<FileView> => {
    const found = await stat(path);
    return { name, kind: found.isDirectory() ? "directory" : "file", mode: found.mode & 0o777, uid: 0, gid: 0 };
  };
  return {
    readFile: (path) => reply(() => readFile(at(path), "utf8")),
    writeFile: (path, text) => reply(() => done(writeFile(at(path), text, { flag: "a" }))),
    readdir: (path) =>
      reply(async () => Promise.all((await readdir(at(path))).map((name) => view(join(at(path), name), name)))),
    stat: (path) => reply(() => view(at(path), path.split("/").at(-1) ?? "")),
    mkdir: (path) => reply(() => done(mkdir(at(path)))),
    rmdir: (path) => reply(() => done(rmdir(at(path)))),
    rename: (from, to) => reply(() => done(rename(at(from), at(to)))),
  };
}
