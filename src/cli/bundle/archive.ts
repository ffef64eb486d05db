// A bundle as a file: a tar file in gzip, bundle.json first.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { messageOf } from "../../errno/index.ts";
import { UsageError } from "../../written/index.ts";
import { unreadable } from "../input.ts";
import { type Contents, MANIFEST, MOST_MANIFEST, parseContents } from "./contents.ts";
import { readTar, refused, shown, TAR_END, tarHeader, tarPadding } from "./tar.ts";

/** A file of a bundle: its bytes, or where they are. */
export interface Part {
  readonly name: string;
  readonly from: Uint8Array | { readonly path: string };
}

export interface Listed {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export async function listed({ name, from }: Part): Promise<Listed> {
  const hash = createHash("sha256");
  if (from instanceof Uint8Array) return { name, bytes: from.length, sha256: hash.update(from).digest("hex") };
  let bytes = 0;
  for await (const chunk of createReadStream(from.path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { name, bytes, sha256: hash.digest("hex") };
}

/** Under another name until it is whole. */
export async function writeArchive(path: string, contents: Contents, parts: readonly Part[]): Promise<void> {
  const manifest = new TextEncoder().encode(`${JSON.stringify(contents, null, 2)}\n`);
  const partial = `${path}.partial`;
  const packed = createGzip();
  const written = pipeline(packed, createWriteStream(partial));
  const put = async (bytes: Uint8Array) => {
    if (!packed.write(bytes)) await Promise.race([once(packed, "drain"), written]);
  };
  try {
    for (const { name, from } of [{ name: MANIFEST, from: manifest }, ...parts]) {
      const { bytes } = name === MANIFEST ? { bytes: manifest.length } : sizeOf(contents, name);
      await put(tarHeader(name, bytes));
      if (from instanceof Uint8Array) await put(from);
      else for await (const chunk of createReadStream(from.path)) await put(chunk as Uint8Array);
      await put(tarPadding(bytes));
    }
    packed.end(TAR_END);
    await written;
    await rename(partial, path);
  } catch (error) {
    packed.destroy();
    await written.catch(() => undefined);
    await rm(partial, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`${path} cannot be written (${code})`, { cause: error });
  }
}

function sizeOf({ files }: Contents, name: string): Listed {
  return files.find((file) => file.name === name) as Listed;
}

/**
 * What a bundle says of itself. `take` is called for each of its files and may want the bytes; every file is held against its hash.
 * Throws a UsageError, one line that begins with the path.
 */
export async function readArchive(
  path: string,
  take: (file: Listed, contents: Contents) => ((piece: Uint8Array) => void | Promise<void>) | undefined = () =>
    undefined,
): Promise<Contents> {
  const reading = new Reading(take);
  const file = await stat(path).catch(async (cause) => {
    throw await unreadable(path, path, cause);
  });
  if (file.isDirectory())
    throw new UsageError(`${path}: is a directory; a bundle that mpam bundle make wrote is needed`);
  const source = createReadStream(path);
  const unpacked = createGunzip();
  const piped = pipeline(source, unpacked).catch(() => undefined);
  try {
    await readTar(unpacked, (entry) => reading.begin(entry));
    return reading.end();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code?.startsWith("Z_")
      ? code === "Z_BUF_ERROR"
        ? "it is cut short"
        : "it is not packed with gzip"
      : messageOf(error);
    throw new UsageError(`${path}: ${why}; a bundle that mpam bundle make wrote is needed`, { cause: error });
  } finally {
    source.destroy();
    unpacked.destroy();
    await piped;
  }
}

/** The files as they come, held against what bundle.json says. */
class Reading {
  #contents: Contents | undefined;
  readonly #seen = new Set<string>();
  #finish: () => void = () => undefined;

  constructor(readonly take: Parameters<typeof readArchive>[1] & {}) {}

  begin({ name, bytes }: { name: string; bytes: number }): (piece: Uint8Array) => void | Promise<void> {
    this.#finish();
    if (this.#seen.has(name)) throw refused(`'${shown(name)}' stands in it twice`);
    this.#seen.add(name);
    if (this.#contents === undefined) return this.#manifest(name, bytes);
    const file = this.#contents.files.find((one) => one.name === name);
    if (!file) throw refused(`'${shown(name)}' stands in it, which ${MANIFEST} does not name`);
    if (file.bytes !== bytes) throw refused(`'${name}' in it has ${bytes} bytes, and ${MANIFEST} says ${file.bytes}`);
    const hash = createHash("sha256");
    const sink = this.take(file, this.#contents);
    this.#finish = () => {
      if (hash.digest("hex") !== file.sha256)
        throw refused(`'${name}' in it is not what ${MANIFEST} says: its hash differs`);
    };
    return (piece) => {
      hash.update(piece);
      return sink?.(piece);
    };
  }

  end(): Contents {
    this.#finish();
    if (this.#contents === undefined) throw refused("it is empty");
    const absent = this.#contents.files.find(({ name }) => !this.#seen.has(name));
    if (absent) throw refused(`'${absent.name}' is missing in it`);
    return this.#contents;
  }

  #manifest(name: string, bytes: number): (piece: Uint8Array) => void {
    if (name !== MANIFEST) throw refused(`its first file is '${shown(name)}', where ${MANIFEST} is needed`);
    if (bytes > MOST_MANIFEST) throw refused(`${MANIFEST} in it is longer than 1 MiB`);
    const pieces: Uint8Array[] = [];
    this.#finish = () => {
      this.#contents = parseContents(new TextDecoder().decode(Buffer.concat(pieces)));
      this.#finish = () => undefined;
    };
    return (piece) => void pieces.push(piece.slice());
  }
}
