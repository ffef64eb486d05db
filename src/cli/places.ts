// Where a command writes: looked at before anything takes time, and refused in words. `named` is how a message begins.

import { access, constants, mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../written/index.ts";

/** Throws a UsageError where a file cannot come to be. */
export async function checkPlace(named: string, path: string): Promise<void> {
  const folder = dirname(path);
  const cannot = (why: string, cause?: unknown) => new UsageError(`${named}: cannot be written: ${why}`, { cause });
  const place = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    throw cannot(cause.code === "ENOENT" ? `there is no folder ${folder}` : `${folder} (${cause.code})`, cause);
  });
  if (!place.isDirectory()) throw cannot(`${folder} is no folder`);
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    throw cannot(`${folder} (${cause.code})`, cause);
  });
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) throw cannot("something that is no file has that name");
  if (there) {
    await access(path, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
      throw cannot(String(cause.code), cause);
    });
  }
}

/** Throws a UsageError where what is written would take the place of a file that is read. */
export async function checkNoInput(
  named: string,
  path: string,
  inputs: readonly (string | undefined)[],
): Promise<void> {
  const real = (one: string) => realpath(one).catch(() => resolve(one));
  const read = await Promise.all(inputs.flatMap((one) => (one === undefined ? [] : real(one))));
  if (read.includes(await real(path))) throw new UsageError(`${named}: this is a file that the replay reads`);
}

/** A file that is quickly made. Throws a UsageError. */
export async function writeTo(path: string, bytes: string | Uint8Array): Promise<void> {
  await writeFile(path, bytes).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: cannot be written (${cause.code})`, { cause });
  });
}

/** Made where there is none, with those above it. Throws a UsageError. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: ${cause.code === "EEXIST" ? "is no folder" : `cannot be made (${cause.code})`}`, {
      cause,
    });
  });
}
