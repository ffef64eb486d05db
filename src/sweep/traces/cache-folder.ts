// Where a host keeps what it fetched and what it unpacked: a folder of this user's own, of files named by what is in them.

import { createHash } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Of this user: below XDG_CACHE_HOME, or ~/.cache. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local } = env;
  // A relative path there is to be ignored, says the specification of these folders.
  const base = named && isAbsolute(named) ? named : process.platform === "win32" && local ? local : undefined;
  return join(base ?? join(homedir(), ".cache"), "mpam-emulator", "traces");
}

/** Makes the folder where it is not there, for its owner alone. */
export async function makeCacheFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await chmod(folder, 0o700);
}

/** Where the rows of a trace lie unpacked: by its file, by what it is called, which tells brotli, and by who unpacked it. */
export function unpackedPath(folder: string, sha256: string, name: string, tool: string): string {
  const by = createHash("sha256")
    .update(`${tool}\n${name.endsWith(".br") ? "br" : ""}`)
    .digest("hex")
    .slice(0, 12);
  return join(folder, `${sha256}.${by}.arrow`);
}
