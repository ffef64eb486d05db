// Files of this host by their content: what SHA-256 each has, read once while its size and its times stay as they are.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A file as it was when it was looked at. */
export interface Seen {
  readonly bytes: number;
  /** Changes with whatever is written to the file. */
  readonly mark: string;
}

/** Undefined where there is no file. */
export async function look(path: string): Promise<Seen | undefined> {
  try {
    const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
    return { bytes: Number(size), mark: `${size} ${mtimeNs} ${ctimeNs} ${ino}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Files of which it is remembered. */
const MOST_KNOWN = 4096;
const known = new Map<string, { readonly mark: string; readonly sha256: string }>();

/** What is remembered of a file that is still the one that was looked at. */
export function knownHash(path: string, { mark }: Seen): string | undefined {
  const one = known.get(path);
  return one?.mark === mark ? one.sha256 : undefined;
}

export function rememberHash(path: string, { mark }: Seen, sha256: string): void {
  known.delete(path);
  known.set(path, { mark, sha256 });
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
}

/** SHA-256 of a file, hex. `seen` is the file as it was before. */
export async function hashOf(path: string, seen: Seen, signal?: AbortSignal): Promise<string> {
  const before = knownHash(path, seen);
  if (before !== undefined) return before;
  const hash = createHash("sha256");
  const chunks = createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) });
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) hash.update(chunk);
  const sha256 = hash.digest("hex");
  const after = await look(path);
  if (after?.mark === seen.mark) rememberHash(path, seen, sha256);
  return sha256;
}
