// The script of a command: what stands in --do, then what stands in the file.

import { readFile } from "node:fs/promises";
import { parseScript, type ScriptLine } from "../script/index.ts";
import { UsageError } from "./failure.ts";

/** Throws a UsageError or a WrittenError. In places --do is a file with a line for each time it is given. */
export async function scriptOf(lines: readonly string[], path?: string): Promise<ScriptLine[]> {
  const given = parseScript(lines.map((line) => line.replaceAll("\n", " ")).join("\n"), "--do");
  return path === undefined ? given : [...given, ...parseScript(await textOf(path), path)];
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`script ${path}: cannot be read (${cause.code})`, { cause });
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`script ${path}: not UTF-8; other bytes are written \\xHH within quotes`, { cause });
  }
}
