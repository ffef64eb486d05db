// Files of bytes that a command is given.

import { readFile } from "node:fs/promises";
import { ErrnoError } from "../errno/index.ts";
import { UsageError } from "./failure.ts";

/** `wanted`: what is needed, for messages. */
export async function bytesIn(path: string, wanted: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${cause.code}); ${wanted}`, { cause });
  });
  if (bytes.length === 0) throw new UsageError(`${path} is empty; ${wanted}`);
  return new Uint8Array(bytes);
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
