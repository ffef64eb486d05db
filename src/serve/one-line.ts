// A line of a script that is to happen at once.

import { ErrnoError } from "../errno/index.ts";
import { parseScript, type ScriptLine } from "../script/index.ts";

/** Throws EINVAL for a line with a time and for several, a WrittenError for what is none. */
export function oneLine(text: string): ScriptLine {
  if (/^\s*@/.test(text)) throw new ErrnoError("EINVAL", `'${text}': it happens at once, and no time stands before it`);
  const [line, more] = parseScript(text, "line");
  if (line === undefined || more !== undefined) throw new ErrnoError("EINVAL", `'${text}': one line is needed`);
  return line;
}
