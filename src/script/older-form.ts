// Lines as they were written before: TIME COMMAND, with echo TEXT > FILE. Nobody runs them; they are answered with the line
// that does the same now.

import { readTime } from "./time.ts";

/** Undefined for what is not the older form. */
export function olderForm(line: string): string | undefined {
  const [, time = "", command = ""] = /^(\S+)\s+((?:mkdir|rmdir|echo)\b.*)$/.exec(line) ?? [];
  const bare = time.replace(/^@/, "");
  const write = written(command);
  if (readTime(bare) === undefined || (time !== bare && write === undefined)) {
    const alone = written(line);
    return alone;
  }
  return `@${bare} ${write ?? command}`;
}

/** echo TEXT > FILE as a write. */
function written(command: string): string | undefined {
  const [, flag = "", single, double, plain = "", path = ""] =
    /^echo\s+(-n\s+)?(?:'([^']*)'|"([^"]*)"|([^>]*?))\s*>+\s*(\S+)$/.exec(command) ?? [];
  if (path === "") return undefined;
  return `write ${flag === "" ? "" : "-n "}${path} ${single ?? double ?? plain}`.trimEnd();
}
