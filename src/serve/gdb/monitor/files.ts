// Files of this host, for clients that may name them.

import { ErrnoError } from "../../../errno/index.ts";
import type { Session } from "../session.ts";

/** Throws EPERM for a client that may not: one on a network could write anywhere. */
export function withFiles({ files }: Session): void {
  if (!files) throw new ErrnoError("EPERM", "files are for clients on a Unix socket: this one came another way");
}

/** Throws with one line where that cannot be. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path);
}

export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, bytes, { mode: 0o600 });
}
