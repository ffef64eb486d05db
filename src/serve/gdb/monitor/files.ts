// Files of this host, for clients that may name them: Board.checkFiles says who may.

/** Throws with one line where that cannot be. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path);
}

export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, bytes, { mode: 0o600 });
}
