// The script of a command: what stands in --do, then what stands in the file.

import { createReadStream } from "node:fs";
import { parseScript, type ScriptLine } from "../script/index.ts";
import { UsageError } from "./failure.ts";

/** Throws a UsageError or a WrittenError. In places --do is a file with a line for each time it is given. */
export async function scriptOf(lines: readonly string[], path?: string): Promise<ScriptLine[]> {
  const given = parseScript(lines.map((line) => line.replaceAll("\n", " ")).join("\n"), "--do");
  return path === undefined ? given : [...given, ...parseScript(await textOf(path), path)];
}

/** A file that is longer is a device or a mistake. */
const MOST_BYTES = 16 * 2 ** 20;

async function bytesOf(path: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of createReadStream(path)) {
    length += part.length;
    if (length > MOST_BYTES) throw new UsageError(`script ${path}: longer than 16 MiB, which no script is`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function textOf(path: string): Promise<string> {
  const bytes = await bytesOf(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`script ${path}: cannot be read (${cause.code})`, { cause });
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`script ${path}: not UTF-8; other bytes are written \\xHH within quotes`, { cause });
  }
}
