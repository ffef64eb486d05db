// What Tab makes of a line: commands at the beginning of one, paths elsewhere.

import { BUILTINS, PROGRAMS } from "./programs/all.ts";
import type { Shell } from "./shell.ts";

export interface Completion {
  /** The line up to the cursor, as far as it is certain. */
  readonly line: string;
  /** What it could be, where there is more than one. */
  readonly choices: readonly string[];
}

const COMMANDS = [...BUILTINS.keys(), ...PROGRAMS.keys(), "cd", "pwd", "help", "clear", "watch"].filter(
  (name) => name !== ":",
);

/** @param line up to the cursor. */
export async function complete(line: string, shell: Shell): Promise<Completion> {
  // The last word, with what is escaped in it; quotes that are open are left alone.
  const word = /(?:[^\s;|&<>\\]|\\.)*$/.exec(line)?.[0] ?? "";
  const before = line.slice(0, line.length - word.length);
  const isCommand = /(^|[;&|]|\bdo)\s*$/.test(before) && !word.includes("/");
  const found = isCommand ? COMMANDS.filter((name) => name.startsWith(word)) : await paths(word, shell);
  const common = shared(found);
  if (common === undefined) return { line, choices: [] };
  const only = found.length === 1;
  const ending = only && !common.endsWith("/") ? " " : "";
  return { line: before + common + ending, choices: only ? [] : found.map(lastName).sort() };
}

async function paths(word: string, shell: Shell): Promise<string[]> {
  const plain = word.replace(/\\(.)/g, "$1");
  const cut = plain.lastIndexOf("/") + 1;
  const [folder, start] = [plain.slice(0, cut), plain.slice(cut)];
  const inside = await shell.files.list(shell.path(folder || ".")).catch(() => []);
  return inside
    .filter(({ name }) => name.startsWith(start))
    .map(({ name, kind }) => escaped(folder + name) + (kind === "directory" ? "/" : ""));
}

function escaped(path: string): string {
  return path.replace(/[\s'"\\$;|&<>()*?[\]{}#~`!]/g, "\\$&");
}

function lastName(path: string): string {
  return path.replace(/^.*\/(?=.)/, "");
}

function shared(words: readonly string[]): string | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  let length = first.length;
  for (const word of rest) {
    while (!word.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}
