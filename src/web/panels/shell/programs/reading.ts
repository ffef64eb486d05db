// Programs that read files: cat, head, tail, wc, sort, grep.

import { linesOf, optionsOf, type Process, type Program, quoted, wordsOf } from "./program.ts";

/** The text of each file, or of the input where none is named; `failed` for those that cannot be read. */
async function* texts(
  { input, files, path }: Process,
  names: readonly string[],
  failed: (name: string, words: string) => Promise<void>,
): AsyncGenerator<{ name: string; text: string }> {
  for (const name of names.length > 0 ? names : ["-"]) {
    if (name === "-") {
      yield { name, text: input };
      continue;
    }
    let text: string;
    try {
      text = await files.read(path(name));
    } catch (error) {
      await failed(name, wordsOf(error));
      continue;
    }
    yield { name, text };
  }
}

export const cat: Program = async (process) => {
  const { given, operands } = optionsOf(process, "nu");
  let status = 0;
  let number = 0;
  const failed = async (name: string, words: string) => {
    await process.complain(`cat: ${name}: ${words}`);
    status = 1;
  };
  for await (const { text } of texts(process, operands, failed)) {
    const numbered = () => linesOf(text).map((line) => `${String(++number).padStart(6)}\t${line}\n`);
    await process.out(given.has("n") ? numbered().join("") : text);
  }
  return status;
};

function ends(name: "head" | "tail"): Program {
  return async (process) => {
    // -5 is an old way to write -n 5.
    const args = process.args.map((arg, n) => (n === 0 && /^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
    const { given, operands } = optionsOf({ name, args }, "n:c:qv");
    const counts = given.get("c") ?? given.get("n") ?? "10";
    if (!/^[-+]?\d+$/.test(counts)) {
      await process.complain(`${name}: invalid number of ${given.has("c") ? "bytes" : "lines"}: ‘${counts}’`);
      return 1;
    }
    let status = 0;
    let first = true;
    const failed = async (file: string, words: string) => {
      const reading = words === "Is a directory";
      await process.complain(
        `${name}: ${reading ? "error reading" : "cannot open"} ${quoted(file)}${reading ? "" : " for reading"}: ${words}`,
      );
      status = 1;
    };
    const titled = (operands.length > 1 || given.has("v")) && !given.has("q");
    for await (const { name: file, text } of texts(process, operands, failed)) {
      if (titled) await process.out(`${first ? "" : "\n"}==> ${file === "-" ? "standard input" : file} <==\n`);
      first = false;
      const pieces = given.has("c") ? [...text] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
      await process.out(part(pieces, counts, name).join(""));
    }
    return status;
  };
}

function part(pieces: readonly string[], counts: string, name: "head" | "tail"): readonly string[] {
  const count = Math.abs(Number(counts));
  if (name === "head") return pieces.slice(0, counts.startsWith("-") ? Math.max(0, pieces.length - count) : count);
  return counts.startsWith("+")
    ? pieces.slice(Math.max(0, count - 1))
    : pieces.slice(Math.max(0, pieces.length - count));
}

export const head = ends("head");
export const tail = ends("tail");

export const wc: Program = async (process) => {
  const { given, operands } = optionsOf(process, "lwc");
  const which = given.size > 0 ? given : new Map([..."lwc"].map((letter) => [letter, ""]));
  let status = 0;
  const failed = async (name: string, words: string) => {
    await process.complain(`wc: ${name}: ${words}`);
    status = 1;
  };
  const rows: { counts: number[]; name: string }[] = [];
  for await (const { name, text } of texts(process, operands, failed)) {
    const all = {
      l: text.split("\n").length - 1,
      w: text.split(/\s+/).filter((word) => word !== "").length,
      c: new TextEncoder().encode(text).length,
    };
    const counts = (["l", "w", "c"] as const).filter((letter) => which.has(letter)).map((letter) => all[letter]);
    rows.push({ counts, name: operands.length > 0 ? name : "" });
  }
  if (rows.length > 1) {
    rows.push({
      counts: rows[0]?.counts.map((_, n) => rows.reduce((sum, { counts }) => sum + (counts[n] ?? 0), 0)) ?? [],
      name: "total",
    });
  }
  const single = rows.length === 1 && which.size === 1;
  const width = single
    ? 1
    : Math.max(
        ...rows.flatMap(({ counts }) => counts).map((count) => String(count).length),
        operands.length > 0 ? 1 : 7,
      );
  for (const { counts, name } of rows) {
    await process.out(
      `${[...counts.map((count) => String(count).padStart(width)), ...(name ? [name] : [])].join(" ")}\n`,
    );
  }
  return status;
};

export const sort: Program = async (process) => {
  const { given, operands } = optionsOf(process, "nru");
  let status = 0;
  const lines: string[] = [];
  const failed = async (name: string, words: string) => {
    await process.complain(`sort: cannot read: ${name}: ${words}`);
    status = 2;
  };
  for await (const { text } of texts(process, operands, failed)) lines.push(...linesOf(text));
  if (status !== 0) return status;
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const number = (line: string) => Number.parseFloat(line) || 0;
  lines.sort(given.has("n") ? (a, b) => number(a) - number(b) || (given.has("u") ? 0 : byText(a, b)) : byText);
  if (given.has("r")) lines.reverse();
  const same = (a: string, b: string) => (given.has("n") ? number(a) === number(b) : a === b);
  const kept = given.has("u") ? lines.filter((line, n) => n === 0 || !same(line, lines[n - 1] as string)) : lines;
  await process.out(kept.map((line) => `${line}\n`).join(""));
  return status;
};

export const grep: Program = async (process) => {
  const { given, operands } = optionsOf(process, "vinclqhHEFrRwxose:");
  const pattern = given.get("e") ?? operands[0];
  const rest = given.has("e") ? operands : operands.slice(1);
  if (pattern === undefined) {
    await process.complain("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.");
    return 2;
  }
  const matcher = regExpOf(pattern, given);
  if (!matcher) {
    await process.complain(`grep: ${pattern}: this is no pattern`);
    return 2;
  }
  const recursive = given.has("r") || given.has("R");
  const names = recursive ? await below(process, rest.length > 0 ? rest : ["."], rest.length > 0) : rest;
  let found = false;
  let failures = false;
  const failed = async (name: string, words: string) => {
    if (!given.has("s")) await process.complain(`grep: ${name}: ${words}`);
    failures = true;
  };
  const named = !given.has("h") && (given.has("H") || recursive || names.length > 1);
  for await (const { name, text } of texts(process, names, failed)) {
    const shown = name === "-" ? "(standard input)" : name;
    const hits = linesOf(text)
      .map((line, n) => ({ line, n: n + 1 }))
      .filter(({ line }) => matcher.test(line) !== given.has("v"));
    if (hits.length > 0) found = true;
    if (given.has("q")) continue;
    const prefix = named ? `${shown}:` : "";
    if (given.has("l")) await process.out(hits.length > 0 ? `${shown}\n` : "");
    else if (given.has("c")) await process.out(`${prefix}${hits.length}\n`);
    else {
      const number = (n: number) => (given.has("n") ? `${n}:` : "");
      const global = new RegExp(matcher.source, `${matcher.flags}g`);
      const pieces = (line: string) =>
        given.has("o") ? (line.match(global) ?? []).filter((piece) => piece !== "") : [line];
      await process.out(
        hits.flatMap(({ line, n }) => pieces(line).map((piece) => `${prefix}${number(n)}${piece}\n`)).join(""),
      );
    }
  }
  if (failures && !(found && given.has("q"))) return 2;
  return found ? 0 : 1;
};

/** All files below, by path. */
async function below({ files, path }: Process, names: readonly string[], prefixed: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const stat = await files.stat(path(name)).catch(() => undefined);
    if (stat?.kind !== "directory") {
      found.push(name);
      continue;
    }
    const at = prefixed ? `${name.replace(/\/$/, "")}/` : name === "." ? "" : `${name}/`;
    for (const one of await files.list(path(name))) {
      const inside = at + one.name;
      found.push(...(one.kind === "directory" ? await below({ files, path } as Process, [inside], true) : [inside]));
    }
  }
  return found;
}

/** Basic expressions have their operators behind a backslash, extended ones without. */
function regExpOf(pattern: string, given: ReadonlyMap<string, string>): RegExp | undefined {
  const source = pattern.split("\n").map((one) => {
    if (given.has("F")) return one.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return given.has("E") ? one : one.replace(/\[(?:\]|\^\])?[^\]]*\]|\\[+?(){}|]|[+?(){}|]|^\*/g, turned);
  });
  const whole = source.length > 1 ? `(?:${source.join("|")})` : source[0];
  const framed = given.has("x") ? `^(?:${whole})$` : given.has("w") ? `(?<!\\w)(?:${whole})(?!\\w)` : (whole as string);
  const classes = framed
    .replaceAll("[:digit:]", "0-9")
    .replaceAll("[:alpha:]", "A-Za-z")
    .replaceAll("[:space:]", "\\s")
    .replaceAll("[:alnum:]", "A-Za-z0-9");
  try {
    return new RegExp(classes, given.has("i") ? "i" : "");
  } catch {
    return undefined;
  }
}

function turned(piece: string): string {
  if (piece.startsWith("[")) return piece;
  return piece.startsWith("\\") ? piece.slice(1) : `\\${piece}`;
}
