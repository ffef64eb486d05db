// Tar files (POSIX ustar) of plain files: as much of the format as a bundle needs, so that tar and every archive program opens one.

import { UsageError } from "../../written/index.ts";

const BLOCK = 512;
const MOST_BYTES = 0o77777777777;

/** The header of a file: written by nobody, at no time, so that the same content is the same bytes. */
export function tarHeader(name: string, bytes: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  const octal = (at: number, width: number, value: number) =>
    put(at, `${value.toString(8).padStart(width - 1, "0")}\0`);
  if (new TextEncoder().encode(name).length > 100)
    throw new RangeError(`a name in a tar file has up to 100 bytes: ${name}`);
  if (bytes > MOST_BYTES) throw new RangeError(`${name}: a file in a tar file has up to 8 GiB`);
  put(0, name);
  octal(100, 8, 0o644);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, bytes);
  octal(136, 12, 0);
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  put(148, `${sumOf(header).toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** What follows the bytes of a file. */
export function tarPadding(bytes: number): Uint8Array {
  return new Uint8Array((BLOCK - (bytes % BLOCK)) % BLOCK);
}

export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

export interface TarFile {
  readonly name: string;
  readonly bytes: number;
}

/** The files of a tar stream in their order: each is told, then its bytes in pieces. Throws a UsageError for what is no such tar file. */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  begin: (file: TarFile) => ((piece: Uint8Array) => void | Promise<void>) | undefined,
): Promise<void> {
  const input = new Pieces(chunks);
  for (;;) {
    const header = await input.take(BLOCK);
    if (header === undefined) throw cut();
    if (header.every((byte) => byte === 0)) return;
    const file = fileOf(header);
    const sink = begin(file);
    let left = file.bytes;
    while (left > 0) {
      const piece = await input.upTo(left);
      if (piece === undefined) throw cut();
      left -= piece.length;
      await sink?.(piece);
    }
    if ((await input.take(tarPadding(file.bytes).length)) === undefined) throw cut();
  }
}

function fileOf(header: Uint8Array): TarFile {
  const text = (at: number, length: number) => {
    const field = header.subarray(at, at + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  const number = (at: number, length: number) => {
    const digits = text(at, length).trim();
    return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
  };
  if (text(257, 5) !== "ustar" || number(148, 8) !== sumOf(header)) throw refused("it holds no tar file");
  const name = text(345, 155) === "" ? text(0, 100) : `${text(345, 155)}/${text(0, 100)}`;
  const type = text(156, 1);
  const bytes = number(124, 12);
  if (type !== "0" && type !== "") throw refused(`'${shown(name)}' in it is no plain file`);
  if (Number.isNaN(bytes)) throw refused(`'${shown(name)}' in it has no size`);
  return { name, bytes };
}

/** Of the bytes of a header, its own sum as blanks. */
function sumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

/** Bytes of a stream in the lengths that are asked for. */
class Pieces {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** 1 to `most` bytes; undefined at the end. */
  async upTo(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** So many bytes; undefined where there are fewer. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const piece = await this.upTo(length - at);
      if (piece === undefined) return undefined;
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

function cut(): UsageError {
  return refused("it is cut short");
}

/** The file's name is added by who opened it. */
export function refused(why: string): UsageError {
  return new UsageError(why);
}

/** A name from a file that anybody may have made, fit for a terminal. */
export function shown(name: string): string {
  return JSON.stringify(name).slice(1, -1).slice(0, 80);
}
