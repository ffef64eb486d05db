// Files that a command is given: their bytes or their text, or why not.

import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ErrnoError } from "../errno/index.ts";
import { nearest, UsageError } from "../written/index.ts";

/** `wanted`: what is needed, for messages. */
export async function bytesIn(path: string, wanted: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(async (cause) => {
    throw await unreadable(path, path, cause, `; ${wanted}`);
  });
  if (bytes.length === 0) throw new UsageError(`${path} is empty; ${wanted}`);
  return new Uint8Array(bytes);
}

/** A text that people write and that is longer is a device or a mistake. */
export const MOST_TEXT = 16 * 2 ** 20;

/** `what` it is, for messages: "script". UTF-8; `otherwise` says how other bytes are written. Throws a UsageError. */
export async function textIn(what: string, path: string, otherwise?: string): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of createReadStream(path)) {
      length += part.length;
      if (length > MOST_TEXT) throw new UsageError(`${what} ${path}: longer than 16 MiB, which none is`);
      parts.push(part);
    }
  } catch (cause) {
    throw cause instanceof UsageError ? cause : await unreadable(`${what} ${path}`, path, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch (cause) {
    throw new UsageError(`${what} ${path}: not UTF-8${otherwise === undefined ? "" : `; ${otherwise}`}`, { cause });
  }
}

/** Why a file cannot be read, and the name that was probably meant where there is none. `named`: as the message begins. */
export async function unreadable(named: string, path: string, cause: unknown, more = ""): Promise<UsageError> {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? `no such file${await meant(path)}` : `cannot be read (${code})`;
  return new UsageError(`${named}: ${why}${why.endsWith("?") ? "" : more}`, { cause });
}

/** What lies beside it under a name that is near. */
async function meant(path: string): Promise<string> {
  const beside = await readdir(dirname(path)).catch(() => []);
  const near = nearest(basename(path), beside);
  return near === undefined ? "" : `; did you mean ${join(dirname(path), near)}?`;
}

/** What refuses the bytes of a file does not know its name. */
export function about<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    throw new UsageError(`${path}: ${error.message.replace(/^EINVAL: /, "")}`, { cause: error });
  }
}
