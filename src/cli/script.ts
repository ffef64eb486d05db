// The script of a command: what stands in --do, then what stands in the file.

import { parseScript, type ScriptLine } from "../script/index.ts";
import { textIn } from "./input.ts";

/** Throws a UsageError or a WrittenError. In places --do is a file with a line for each time it is given. */
export async function scriptOf(lines: readonly string[], path?: string): Promise<ScriptLine[]> {
  const given = parseScript(lines.map((line) => line.replaceAll("\n", " ")).join("\n"), "--do");
  return path === undefined ? given : [...given, ...parseScript(await scriptText(path), path)];
}

export function scriptText(path: string): Promise<string> {
  return textIn("script", path, "other bytes are written \\xHH within quotes");
}
