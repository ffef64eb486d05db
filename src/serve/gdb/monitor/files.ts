// Files of this host, for clients that may name them: Board.checkFiles says who may. Pipes and devices are none: they may keep a
// server waiting, or have no end.

import { ErrnoError } from "../../../errno/index.ts";

/** Of one file that is read. */
const MOST_BYTES = 512 * 2 ** 20;

/** Throws with one line where that cannot be. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  const bytes = (await sizeOf(path)) ?? 0;
  if (bytes > MOST_BYTES) throw new ErrnoError("E2BIG", `${path}: ${bytes} bytes; ${MOST_BYTES} can be read`);
  return readFile(path);
}

/** Only its owner can read it, where it is new. Throws with one line where that cannot be. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await sizeOf(path);
  await writeFile(path, bytes, { mode: 0o600 });
}

/** Undefined where nothing is there. EINVAL for what is no file. */
async function sizeOf(path: string): Promise<number | undefined> {
  const { stat } = await import("node:fs/promises");
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (there && !there.isFile()) throw new ErrnoError("EINVAL", `${path}: is no file`);
  return there?.size;
}
