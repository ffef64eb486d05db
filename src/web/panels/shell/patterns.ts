// Patterns of the shell: *, ?, [a-z], and which paths they stand for.

import type { Files } from "./files.ts";
import type { Unit } from "./words.ts";

type Char = Extract<Unit, { char: string }>;

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  xdigit: "0-9A-Fa-f",
};

export function hasPattern(chars: readonly Char[]): boolean {
  return chars.some(({ char, quoted }) => !quoted && "*?[".includes(char));
}

/** The paths that a pattern stands for, sorted; none where nothing matches. */
export async function pathsFor(chars: readonly Char[], files: Files, directory: string): Promise<string[]> {
  const parts = split(chars);
  let found = [""];
  for (const [n, part] of parts.entries()) {
    const more = n < parts.length - 1;
    const next: string[] = [];
    for (const at of found) next.push(...(await grown(at, part, more, files, directory)));
    found = next;
  }
  return found.sort();
}

/** Paths that begin with `at`, a part longer; behind a part that is not the last there has to be a directory. */
async function grown(at: string, part: readonly Char[], more: boolean, files: Files, directory: string) {
  const text = part.map(({ char }) => char).join("");
  const end = more ? "/" : "";
  const absolute = (path: string) => (path.startsWith("/") ? path : `${directory}/${path}`);
  if (!hasPattern(part)) {
    if (text === "") return [at + end];
    const there = await files.stat(absolute(at + text)).then(
      ({ kind }) => !more || kind === "directory",
      () => false,
    );
    return there ? [at + text + end] : [];
  }
  const matches = toRegExp(part);
  const names = await files.list(absolute(at)).catch(() => []);
  return names
    .filter(({ name }) => matches.test(name) && (!name.startsWith(".") || text.startsWith(".")))
    .filter(({ kind }) => !more || kind === "directory")
    .map(({ name }) => at + name + end);
}

function split(chars: readonly Char[]): Char[][] {
  const parts: Char[][] = [[]];
  for (const one of chars) {
    if (one.char === "/") parts.push([]);
    else parts.at(-1)?.push(one);
  }
  return parts;
}

/** One part of a path as a regular expression. */
function toRegExp(chars: readonly Char[]): RegExp {
  let source = "";
  for (let n = 0; n < chars.length; n++) {
    const { char, quoted } = chars[n] as Char;
    const set = char === "[" && !quoted ? bracket(chars, n) : undefined;
    if (set) {
      source += set.source;
      n = set.end;
    } else if (!quoted && char === "*") source += "[^]*";
    else if (!quoted && char === "?") source += "[^]";
    else source += escaped(char);
  }
  return new RegExp(`^${source}$`);
}

/** [abc], [!a-z], [[:digit:]]: undefined where the bracket does not end. */
function bracket(chars: readonly Char[], from: number): { source: string; end: number } | undefined {
  const at = (n: number) => chars[n]?.char;
  let n = from + 1;
  const not = at(n) === "!" || at(n) === "^";
  if (not) n++;
  let inside = "";
  for (let first = true; at(n) !== undefined; first = false) {
    if (at(n) === "]" && !first) return { source: `[${not ? "^" : ""}${inside}]`, end: n };
    const named = /^\[:(\w+):\]/.exec(
      chars
        .slice(n)
        .map(({ char }) => char)
        .join(""),
    );
    const known = named && CLASSES[named[1] as string];
    if (named && known) {
      inside += known;
      n += named[0].length;
    } else if (at(n + 1) === "-" && at(n + 2) !== "]" && at(n + 2) !== undefined) {
      const [low, high] = [at(n) as string, at(n + 2) as string];
      // A range that goes down stands for nothing.
      if (low <= high) inside += `${escaped(low)}-${escaped(high)}`;
      n += 3;
    } else {
      inside += escaped(at(n) as string);
      n++;
    }
  }
  return undefined;
}

function escaped(char: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}
