// Files, for hosts that have them. Everything here needs Node; the rest of the room loads it only when given a path.
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ErrnoError } from "../errno/index.ts";
import type { TraceBatch } from "../machine/index.ts";
import { nearest } from "../written/index.ts";
import { CHUNK_BYTES, endsEarly, type Input, type Reader, UnreadableError } from "./input.ts";
import type { ByteSink, Spool } from "./sink.ts";

const READ_BYTES = 16 * CHUNK_BYTES;

async function failed(path: string, error: unknown): Promise<UnreadableError> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT")
    return new UnreadableError("ENOENT", `${path}: no such file${await meant(path)}`, { cause: error });
  if (code === "EACCES") return new UnreadableError("EACCES", `${path}: not allowed`, { cause: error });
  if (code === "EISDIR") return new UnreadableError("EISDIR", `${path}: is a directory`, { cause: error });
  if (code === "ENOSPC") return new UnreadableError("ENOSPC", `${path}: no space left`, { cause: error });
  return new UnreadableError("EIO", `${path}: ${(error as Error).message}`, { cause: error });
}

/** A file beside it whose name is near. */
async function meant(path: string): Promise<string> {
  try {
    const near = nearest(basename(path), await readdir(dirname(path)));
    return near === undefined ? "" : `; did you mean ${join(dirname(path), near)}?`;
  } catch {
    return "";
  }
}

class FileInput implements Input {
  constructor(
    private readonly path: string,
    readonly size: number,
    readonly name: string,
  ) {}

  async #with<T>(body: (file: FileHandle) => Promise<T>): Promise<T> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.path, "r");
      return await body(file);
    } catch (error) {
      throw await failed(this.path, error);
    } finally {
      await file?.close();
    }
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#with((file) => readFully(file, offset, Math.min(length, Math.max(0, this.size - offset))));
  }

  /** Opens the file with the first read, and reads straight into memory of the caller's. */
  reader(): Reader {
    let file: Promise<FileHandle> | undefined;
    return {
      read: async (offset, into) => {
        try {
          file ??= open(this.path, "r");
          const have = await readInto(await file, offset, into);
          if (have < into.length) throw endsEarly(this.name, offset + have);
        } catch (error) {
          throw error instanceof ErrnoError ? error : await failed(this.path, error);
        }
      },
      close: async () => {
        const opened = await file?.catch(() => undefined);
        file = undefined;
        await opened?.close();
      },
    };
  }

  async *chunks(offset = 0, end = this.size): AsyncIterable<Uint8Array> {
    const file = await open(this.path, "r").catch(async (error: unknown) => {
      throw await failed(this.path, error);
    });
    try {
      for (let at = offset; at < end; ) {
        const block = await readFully(file, at, Math.min(READ_BYTES, end - at));
        if (block.length === 0) return;
        for (let i = 0; i < block.length; i += CHUNK_BYTES) yield block.subarray(i, i + CHUNK_BYTES);
        at += block.length;
      }
    } finally {
      await file.close();
    }
  }
}

async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  return buffer.subarray(0, await readInto(file, offset, buffer));
}

/** Fills `into` from `offset` on, and answers how many bytes there were. */
async function readInto(file: FileHandle, offset: number, into: Uint8Array): Promise<number> {
  let have = 0;
  while (have < into.length) {
    const { bytesRead } = await file.read(into, have, into.length - have, offset + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return have;
}

/** Under its own name, or what it is to be called. */
export async function fileInput(path: string, name = basename(path)): Promise<Input> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new ErrnoError("EISDIR", `${path}: is a directory, and one trace file is needed`);
    return new FileInput(path, found.size, name);
  } catch (error) {
    throw error instanceof ErrnoError ? error : await failed(path, error);
  }
}

/** The files a path stands for: itself, or a directory's recordings in name order (drmemtrace keeps them under trace/). */
export async function expandPath(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    if (entries.some((entry) => entry.isDirectory() && entry.name === "trace")) return expandPath(join(path, "trace"));
    const names = entries.filter(
      (entry) => !entry.isDirectory() && /\.(zip|gz|xz|zst|lz4|trace|lackey|din|csv|tsv|txt|log)$/.test(entry.name),
    );
    if (names.length === 0) {
      throw new ErrnoError(
        "EINVAL",
        `${path}: no recording in this directory (files ending in .zip, .gz, .xz, .zst, .lz4, .trace, .lackey, .din, .csv or .txt)`,
      );
    }
    return names.map((entry) => join(path, entry.name)).sort();
  } catch (error) {
    throw error instanceof ErrnoError ? error : await failed(path, error);
  }
}

let serial = 0;

/** Writes beside the final name and renames at the end, so that nobody ever sees half a file. */
export async function fileSink(path: string): Promise<ByteSink> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.${serial++}.part`);
  let file: FileHandle | undefined = await open(beside, "wx").catch(async (error: unknown) => {
    throw await failed(path, error);
  });
  const shut = async (): Promise<void> => {
    const open = file;
    file = undefined;
    await open?.close();
  };
  return {
    async write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await (file as FileHandle).write(bytes, at, bytes.length - at);
          at += bytesWritten;
        }
      } catch (error) {
        throw await failed(path, error);
      }
    },
    async close() {
      try {
        await shut();
        await rename(beside, path);
      } catch (error) {
        await rm(beside, { force: true });
        throw await failed(path, error);
      }
    },
    async abort() {
      await shut();
      await rm(beside, { force: true });
    },
  };
}

/** Rows in a file of their own beside the output: one column after the other, batch after batch. */
export async function fileSpool(output: string): Promise<Spool> {
  const path = join(dirname(output), `.${basename(output)}.${process.pid}.${serial++}.rows`);
  const file = await open(path, "wx+").catch(async (error: unknown) => {
    throw await failed(output, error);
  });
  const sizes: number[] = [];
  let end = 0;
  const bytesOf = (rows: number): number => rows * 21;
  return {
    async append(batch) {
      for (const column of [batch.time, batch.address, batch.bytes, batch.requester, batch.op]) {
        const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, at, bytes.length - at, end).catch(async (error: unknown) => {
            throw await failed(output, error);
          });
          at += bytesWritten;
          end += bytesWritten;
        }
      }
      sizes.push(batch.rows);
    },
    async *batches(): AsyncIterable<TraceBatch> {
      let offset = 0;
      for (const rows of sizes) {
        const { buffer } = await readFully(file, offset, bytesOf(rows));
        offset += bytesOf(rows);
        yield {
          rows,
          time: new Float64Array(buffer, 0, rows),
          address: new Float64Array(buffer, rows * 8, rows),
          bytes: new Uint16Array(buffer, rows * 16, rows),
          requester: new Uint16Array(buffer, rows * 18, rows),
          op: new Uint8Array(buffer, rows * 20, rows),
        };
      }
    },
    async discard() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}
