// Where a host keeps what it fetched and what it unpacked: a folder of this user's own, of files named by what is in them.

import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { isAbsolute, join } from "node:path";
import { threadId } from "node:worker_threads";
import { TOOL } from "../../trace/index.ts";

/** Nobody writes a file for so long without a byte. */
const LEFT_MS = 24 * 3600 * 1000;

/** Of this user: below XDG_CACHE_HOME, or ~/.cache. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local } = env;
  // A relative path there is to be ignored, says the specification of these folders.
  const base = named && isAbsolute(named) ? named : process.platform === "win32" && local ? local : undefined;
  return join(base ?? join(homedir(), ".cache"), "mpam-emulator", "traces");
}

/** Makes the folder where it is not there, for its owner alone, and clears away what nobody finished. */
export async function makeCacheFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await chmod(folder, 0o700);
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".new")) continue;
    const path = join(folder, name);
    const seen = await stat(path).catch(() => undefined);
    if (seen && Date.now() - seen.mtimeMs > LEFT_MS) await rm(path, { force: true });
  }
}

/** Where the rows of a trace lie unpacked: by its file, by whether its name says brotli, and by who unpacks. */
export function unpackedPath(folder: string, sha256: string, name: string): string {
  const by = createHash("sha256")
    .update(`${TOOL}\n${name.endsWith(".br")}`)
    .digest("hex")
    .slice(0, 12);
  return join(folder, `${sha256}.${by}.arrow`);
}

let serial = 0;

/** A name beside a file that nobody else takes: of this thread, once. */
export function ownName(path: string): string {
  return `${path}.${hostname()}.${process.pid}.${threadId}.${serial++}`;
}

/** Writes beside the final name and renames at the end, so that nobody ever sees half a file. */
export async function writeBeside<T>(path: string, write: (beside: string) => Promise<T>): Promise<T> {
  const beside = `${ownName(path)}.new`;
  try {
    const done = await write(beside);
    await rename(beside, path);
    return done;
  } finally {
    await rm(beside, { force: true });
  }
}
