// The programs that transcripts use, in the words of bash and coreutils in the C locale.

import type { Descriptor } from "./descriptors.ts";
import { openPath } from "./descriptors.ts";
import { isMissing, wordsOf } from "./failures.ts";
import type { ShellTree } from "./tree.ts";

export interface Process {
  readonly tree: ShellTree;
  readonly args: readonly string[];
  /** A path as the tree has it. */
  path(name: string): string;
  fd(number: number): Descriptor | undefined;
  complain(text: string): void;
}

/** Answers the exit status. */
export type Program = (process: Process) => Promise<number>;

const UMASK = 0o022;

const cat: Program = async ({ tree, args, path, fd, complain }) => {
  let status = 0;
  for (const name of args.length > 0 ? args : ["-"]) {
    try {
      const input = name === "-" ? fd(0) : await openPath(tree, path(name), "read");
      await fd(1)?.write((await input?.read()) ?? "");
    } catch (error) {
      complain(`cat: ${name}: ${wordsOf(error)}`);
      status = 1;
    }
  }
  return status;
};

const head: Program = async ({ tree, args, path, fd, complain }) => {
  const [option, bytes, name = "-"] = args;
  if (option !== "-c") throw new Error("head: only -c is known here");
  try {
    const input = name === "-" ? fd(0) : await openPath(tree, path(name), "read");
    await fd(1)?.write((await input?.read(Number(bytes))) ?? "");
    return 0;
  } catch (error) {
    complain(`head: cannot open '${name}' for reading: ${wordsOf(error)}`);
    return 1;
  }
};

/** Builtins write line by line, programs all at once. */
async function put(text: string, pieces: readonly string[], { fd, complain }: Process, name: string): Promise<number> {
  let status = 0;
  for (const piece of text === "" ? [] : pieces) {
    await fd(1)
      ?.write(piece)
      .catch((error: unknown) => {
        complain(`${name}: write error: ${wordsOf(error)}`);
        status = 1;
      });
  }
  return status;
}

const echo: Program = (process) => {
  const bare = process.args[0] === "-n";
  const text = `${process.args.slice(bare ? 1 : 0).join(" ")}${bare ? "" : "\n"}`;
  return put(text, text.match(/[^\n]*\n|[^\n]+/g) ?? [], process, "bash: echo");
};

function formatted([format = "", ...values]: readonly string[]): string {
  const escaped = format.replace(
    /\\([nt0\\])/g,
    (_, letter: string) => ({ n: "\n", t: "\t", "0": "\0" })[letter] ?? letter,
  );
  let next = 0;
  return escaped.replace(/%(?:s|d|%)/g, (directive) => (directive === "%%" ? "%" : (values[next++] ?? "")));
}

const printf: Program = (process) => {
  const text = formatted(process.args);
  return put(text, text.match(/[^\n]*\n|[^\n]+/g) ?? [], process, "bash: printf");
};

const binPrintf: Program = (process) => {
  const text = formatted(process.args);
  return put(text, [text], process, "/bin/printf");
};

const mkdir: Program = async ({ tree, args, path, complain }) => {
  const own = args[0] === "-m";
  const mode = own ? Number.parseInt(args[1] as string, 8) : 0o777 & ~UMASK;
  let status = 0;
  for (const name of args.slice(own ? 2 : 0)) {
    await tree.mkdir(path(name), mode).catch((error: unknown) => {
      complain(`mkdir: cannot create directory '${name}': ${wordsOf(error)}`);
      status = 1;
    });
  }
  return status;
};

const rmdir: Program = async ({ tree, args, path, complain }) => {
  let status = 0;
  for (const name of args) {
    await tree.rmdir(path(name)).catch((error: unknown) => {
      complain(`rmdir: failed to remove '${name}': ${wordsOf(error)}`);
      status = 1;
    });
  }
  return status;
};

const rm: Program = async ({ tree, args, path, complain }) => {
  for (const name of args) {
    const words = await tree.stat(path(name)).then(
      ({ kind }) => (kind === "directory" ? "Is a directory" : "Operation not permitted"),
      (error: unknown) => wordsOf(error),
    );
    complain(`rm: cannot remove '${name}': ${words}`);
  }
  return 1;
};

const mv: Program = async ({ tree, args, path, complain }) => {
  const [from = "", target = ""] = args;
  try {
    await tree.stat(path(from));
  } catch (error) {
    complain(`mv: cannot stat '${from}': ${wordsOf(error)}`);
    return 1;
  }
  const there = await tree.stat(path(target)).catch(() => undefined);
  const to = there?.kind === "directory" ? `${target.replace(/\/$/, "")}/${from.split("/").at(-1)}` : target;
  try {
    await tree.rename(path(from), path(to));
    return 0;
  } catch (error) {
    complain(`mv: cannot move '${from}' to '${to}': ${wordsOf(error)}`);
    return 1;
  }
};

const chmod: Program = async ({ tree, args, path, complain }) => {
  let status = 0;
  for (const name of args.slice(1)) {
    await tree.chmod(path(name), Number.parseInt(args[0] as string, 8)).catch((error: unknown) => {
      const what = isMissing(error) ? "cannot access" : "changing permissions of";
      complain(`chmod: ${what} '${name}': ${wordsOf(error)}`);
      status = 1;
    });
  }
  return status;
};

function symbolic(mode: number, kind: string): string {
  const bits = [..."rwxrwxrwx"].map((letter, i) => (mode & (0o400 >> i) ? letter : "-")).join("");
  return `${kind === "directory" ? "d" : "-"}${bits}`;
}

const stat: Program = async ({ tree, args, path, fd, complain }) => {
  if (args[0] !== "-c") throw new Error("stat: only -c is known here");
  let status = 0;
  for (const name of args.slice(2)) {
    try {
      const { mode, kind, links } = await tree.stat(path(name));
      const values: Record<string, string> = {
        a: (mode & 0o7777).toString(8),
        A: symbolic(mode, kind),
        n: name,
        h: String(links),
      };
      await fd(1)?.write(`${(args[1] as string).replace(/%([aAnh])/g, (_, key: string) => values[key] as string)}\n`);
    } catch (error) {
      complain(`stat: cannot stat '${name}': ${wordsOf(error)}`);
      status = 1;
    }
  }
  return status;
};

const ls: Program = async ({ tree, args, path, fd, complain }) => {
  const names = args.length > 0 ? args : ["."];
  let status = 0;
  const files: string[] = [];
  const directories: string[] = [];
  for (const name of names) {
    try {
      ((await tree.stat(path(name))).kind === "directory" ? directories : files).push(name);
    } catch (error) {
      complain(`ls: cannot access '${name}': ${wordsOf(error)}`);
      status = 2;
    }
  }
  const blocks =
    files.length > 0
      ? [
          files
            .sort()
            .map((name) => `${name}\n`)
            .join(""),
        ]
      : [];
  for (const name of directories.sort()) {
    const inside = (await tree.readdir(path(name))).map((one) => `${one}\n`).join("");
    blocks.push(names.length > 1 ? `${name}:\n${inside}` : inside);
  }
  await fd(1)?.write(blocks.join("\n"));
  return status;
};

const test: Program = async ({ tree, args, path }) => {
  const [what, name = ""] = args;
  const found = await tree.stat(path(name)).catch(() => undefined);
  const met = found !== undefined && (what === "-e" || found.kind === (what === "-d" ? "directory" : "file"));
  return met ? 0 : 1;
};

export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries({ cat, head, echo, printf, "/bin/printf": binPrintf, mkdir, rmdir, rm, mv, chmod, stat, ls, test }),
);
