// Programs about directories: ls, mkdir, rmdir, mv, rm.

import type { FileView } from "../../../engine/protocol.ts";
import { optionsOf, type Process, type Program, quoted, wordsOf } from "./program.ts";

export const ls: Program = async (process) => {
  const { given, operands } = optionsOf(process, "laA1dFRhrn");
  const names = operands.length > 0 ? operands : ["."];
  let status = 0;
  const plain: FileView[] = [];
  const directories: string[] = [];
  for (const name of [...names].sort()) {
    try {
      const found = await process.files.stat(process.path(name));
      if (found.kind === "directory" && !given.has("d")) directories.push(name);
      else plain.push({ ...found, name });
    } catch (error) {
      await process.complain(`ls: cannot access ${quoted(name)}: ${wordsOf(error)}`);
      status = 2;
    }
  }
  const listing = new Listing(process, given);
  const blocks: string[] = plain.length > 0 ? [await listing.of(plain, "")] : [];
  const titled = names.length > 1 || given.has("R");
  while (directories.length > 0) {
    const name = directories.shift() as string;
    const inside = await process.files.list(process.path(name));
    const dots = given.has("a")
      ? [".", ".."].map((dot): FileView => ({ name: dot, kind: "directory", mode: 0o555, uid: 0, gid: 0 }))
      : [];
    const total = given.has("l") || given.has("n") ? "total 0\n" : "";
    blocks.push((titled ? `${name}:\n` : "") + total + (await listing.of([...dots, ...inside], name)));
    if (given.has("R")) {
      const deeper = inside
        .filter(({ kind }) => kind === "directory")
        .map((one) => `${name.replace(/\/$/, "")}/${one.name}`);
      directories.unshift(...deeper);
    }
  }
  await process.out(blocks.join("\n"));
  return status;
};

class Listing {
  constructor(
    private readonly process: Process,
    private readonly given: ReadonlyMap<string, string>,
  ) {}

  async of(found: readonly FileView[], below: string): Promise<string> {
    const all = this.given.has("r") ? [...found].reverse() : found;
    if (this.given.has("l") || this.given.has("n")) return this.#long(all, below);
    const names = all.map((one) => this.#shown(one));
    const { columns } = this.process;
    if (columns === undefined || this.given.has("1")) return names.map((name) => `${name}\n`).join("");
    return inColumns(names, columns);
  }

  #shown({ name, kind }: FileView): string {
    return this.given.has("F") && kind === "directory" ? `${name}/` : name;
  }

  async #long(found: readonly FileView[], below: string): Promise<string> {
    const rows: string[][] = [];
    for (const one of found) {
      const links = one.kind === "file" ? 1 : await this.#links(below === "" ? one.name : `${below}/${one.name}`);
      const owner = (id: number) => (id === 0 && !this.given.has("n") ? "root" : String(id));
      rows.push([symbolic(one), String(links), owner(one.uid), owner(one.gid), "0", this.#shown(one)]);
    }
    const width = (column: number) => Math.max(...rows.map((row) => (row[column] as string).length));
    const widths = [0, 1, 2, 3, 4].map(width);
    const line = ([mode = "", links = "", uid = "", gid = "", size = "", name = ""]: string[]) =>
      `${mode} ${links.padStart(widths[1] ?? 0)} ${uid.padEnd(widths[2] ?? 0)} ${gid.padEnd(widths[3] ?? 0)} ${size.padStart(widths[4] ?? 0)} ${name}\n`;
    return rows.map(line).join("");
  }

  async #links(name: string): Promise<number> {
    const inside = await this.process.files.list(this.process.path(name)).catch(() => []);
    return 2 + inside.filter(({ kind }) => kind === "directory").length;
  }
}

function symbolic({ mode, kind }: FileView): string {
  const bits = [..."rwxrwxrwx"].map((letter, n) => (mode & (0o400 >> n) ? letter : "-")).join("");
  return `${kind === "directory" ? "d" : "-"}${bits}`;
}

/** As few rows as fit, filled from above. */
function inColumns(names: readonly string[], columns: number): string {
  if (names.length === 0) return "";
  for (let rows = 1; ; rows++) {
    const across = Math.ceil(names.length / rows);
    const column = (n: number) => names.slice(n * rows, (n + 1) * rows);
    const widths = Array.from({ length: across }, (_, n) => Math.max(0, ...column(n).map((name) => name.length)) + 2);
    const total = widths.reduce((sum, width) => sum + width, 0) - 2;
    if (total >= columns && rows < names.length) continue;
    const line = (row: number) =>
      Array.from({ length: across }, (_, n) => (column(n)[row] ?? "").padEnd(widths[n] ?? 0))
        .join("")
        .trimEnd();
    return Array.from({ length: rows }, (_, row) => `${line(row)}\n`).join("");
  }
}

export const mkdir: Program = async (process) => {
  const { given, operands } = optionsOf(process, "pm:v");
  if (operands.length === 0) return missing(process);
  let status = 0;
  for (const name of operands) {
    for (const at of given.has("p") ? onTheWay(name) : [name]) {
      try {
        if (given.has("p") && (await isDirectory(process, at))) continue;
        await process.files.mkdir(process.path(at));
        if (given.has("v")) await process.out(`mkdir: created directory ${quoted(at)}\n`);
      } catch (error) {
        await process.complain(`mkdir: cannot create directory ‘${at}’: ${wordsOf(error)}`);
        status = 1;
        break;
      }
    }
  }
  return status;
};

/** a/b/c: a, a/b, a/b/c. */
function onTheWay(path: string): string[] {
  const names = path.replace(/\/+$/, "").split("/");
  return names.map((_, n) => names.slice(0, n + 1).join("/")).filter((at) => at !== "");
}

async function isDirectory({ files, path }: Process, name: string): Promise<boolean> {
  return files.stat(path(name)).then(
    ({ kind }) => kind === "directory",
    () => false,
  );
}

async function missing({ name, complain }: Process): Promise<number> {
  await complain(`${name}: missing operand\nTry '${name} --help' for more information.`);
  return 1;
}

export const rmdir: Program = async (process) => {
  const { operands } = optionsOf(process, "v");
  if (operands.length === 0) return missing(process);
  let status = 0;
  for (const name of operands) {
    try {
      if ((await process.files.stat(process.path(name))).kind === "file") {
        await process.complain(`rmdir: failed to remove ${quoted(name)}: Not a directory`);
        status = 1;
      } else await process.files.rmdir(process.path(name));
    } catch (error) {
      await process.complain(`rmdir: failed to remove ${quoted(name)}: ${wordsOf(error)}`);
      status = 1;
    }
  }
  return status;
};

export const mv: Program = async (process) => {
  const { operands } = optionsOf(process, "vfn");
  const [from, target] = operands;
  if (from === undefined || target === undefined || operands.length > 2) {
    const lacks =
      from === undefined ? "missing file operand" : `missing destination file operand after ${quoted(from)}`;
    const said = operands.length > 2 ? "this one moves one directory at a time" : lacks;
    await process.complain(`mv: ${said}\nTry 'mv --help' for more information.`);
    return 1;
  }
  try {
    await process.files.stat(process.path(from));
  } catch (error) {
    await process.complain(`mv: cannot stat ${quoted(from)}: ${wordsOf(error)}`);
    return 1;
  }
  const into = await isDirectory(process, target);
  const to = into ? `${target.replace(/\/+$/, "")}/${from.replace(/\/+$/, "").split("/").at(-1)}` : target;
  try {
    await process.files.rename(process.path(from), process.path(to));
    return 0;
  } catch (error) {
    await process.complain(`mv: cannot move ${quoted(from)} to ${quoted(to)}: ${wordsOf(error)}`);
    return 1;
  }
};

/** Files of the tree cannot be removed; groups go with rmdir. */
export const rm: Program = async (process) => {
  const { given, operands } = optionsOf(process, "rRfv");
  if (operands.length === 0) return given.has("f") ? 0 : missing(process);
  let status = 0;
  for (const name of operands) {
    const words = await process.files
      .stat(process.path(name))
      .then(
        ({ kind }) =>
          kind === "directory" && !given.has("r") && !given.has("R") ? "Is a directory" : "Operation not permitted",
        wordsOf,
      );
    if (given.has("f") && words === "No such file or directory") continue;
    await process.complain(`rm: cannot remove ${quoted(name)}: ${words}`);
    status = 1;
  }
  return status;
};
