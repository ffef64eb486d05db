// Script lines: what happens in the resctrl tree, and when. `TIME COMMAND`, where TIME is model time (1.5ms, 200us, 3000ns,
// or a share of the run such as 50%), and COMMAND is mkdir, rmdir, or echo TEXT > FILE, as one would type it.

import type { Resctrl } from "../fs/index.ts";
import { readDuration, readPercent } from "../written/index.ts";
import { UsageError } from "./failure.ts";

export interface ScriptLine {
  /** Model time in ns from the start of the replay, or a share of it. */
  readonly at: { readonly ns: number } | { readonly share: number };
  readonly text: string;
  run(tree: Resctrl): Promise<void>;
}

/** Throws a UsageError that says what a line may be. */
export function parseScriptLine(line: string): ScriptLine {
  const parts = /^(\S+)\s+(.+)$/.exec(line.trim());
  if (!parts) throw new UsageError(`script line '${line}': a time and a command are needed, as in 50% mkdir web`);
  const [, when = "", text = ""] = parts;
  return { at: parseTime(when), text, run: parseCommand(text) };
}

function parseTime(when: string): ScriptLine["at"] {
  const share = readPercent(when);
  if (share !== undefined) return { share };
  const ns = readDuration(when);
  if (ns !== undefined) return { ns };
  throw new UsageError(`script time '${when}': a share of the run up to 100% or a time such as 250us is allowed`);
}

function parseCommand(text: string): (tree: Resctrl) => Promise<void> {
  const directory = /^(mkdir|rmdir)\s+(\S+)$/.exec(text);
  if (directory) {
    const path = directory[2] ?? "";
    return (tree) => (directory[1] === "mkdir" ? tree.mkdir(path) : tree.rmdir(path));
  }
  const echo = /^echo\s+(?:'([^']*)'|"([^"]*)"|(.*?))\s*>\s*(\S+)$/.exec(text);
  if (echo) {
    const content = echo[1] ?? echo[2] ?? echo[3] ?? "";
    return (tree) => tree.writeFile(echo[4] ?? "", `${content}\n`);
  }
  throw new UsageError(`script command '${text}': mkdir DIR, rmdir DIR or echo TEXT > FILE is allowed`);
}
