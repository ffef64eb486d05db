// A small shell on a tree in memory: it reads what transcripts have, and answers as bash would.

import { type Descriptor, openPath, printing } from "./descriptors.ts";
import { wordsOf } from "./failures.ts";
import { PROGRAMS } from "./programs.ts";
import type { ShellTree } from "./tree.ts";
import { parseLine, type Redirection, type Simple } from "./words.ts";

type Table = Map<number, Descriptor>;

export class Shell {
  #output = "";
  #status = 0;
  #directory: string[] = [];
  readonly #table: Table;

  constructor(private readonly tree: ShellTree) {
    const terminal = printing((text) => {
      this.#output += text;
    });
    this.#table = new Map([
      [0, printing(() => {})],
      [1, terminal],
      [2, terminal],
    ]);
  }

  /** Answers what the line prints. */
  async run(line: string): Promise<string> {
    this.#output = "";
    for (const command of parseLine(line, () => this.#status)) {
      if (command.when === "&&" && this.#status !== 0) continue;
      if (command.when === "||" && this.#status === 0) continue;
      this.#status = await this.#simple(command);
    }
    return this.#output;
  }

  #complain(text: string): void {
    this.#output += `${text}\n`;
  }

  #path(name: string): string {
    const path = name.startsWith("/") ? [] : [...this.#directory];
    for (const part of name.split("/")) {
      if (part === "..") path.pop();
      else if (part !== "" && part !== ".") path.push(part);
    }
    return `/${path.join("/")}`;
  }

  async #simple({ words, redirections }: Simple): Promise<number> {
    const [name = "", ...args] = words;
    const table = name === "exec" ? this.#table : new Map(this.#table);
    for (const one of redirections) {
      const failure = await this.#redirect(table, one);
      if (failure === undefined) continue;
      this.#complain(`bash: ${failure}`);
      return 1;
    }
    if (name === "exec") return 0;
    if (name === "cd") return this.#change(args[0] ?? "/");
    const program = PROGRAMS.get(name);
    if (!program) throw new Error(`${name}: this shell does not have it`);
    return program({
      tree: this.tree,
      args,
      path: (one) => this.#path(one),
      fd: (number) => table.get(number),
      complain: (text) => this.#complain(text),
    });
  }

  /** What is wrong with it, if something is. */
  async #redirect(table: Table, one: Redirection): Promise<string | undefined> {
    if (one.how === "close") table.delete(one.fd);
    else if (one.how === "copy") {
      const of = table.get(one.of);
      if (of === undefined) return `${one.of}: Bad file descriptor`;
      table.set(one.fd, of);
    } else {
      try {
        table.set(one.fd, await openPath(this.tree, this.#path(one.path), one.how));
      } catch (error) {
        return `${one.path}: ${wordsOf(error)}`;
      }
    }
    return undefined;
  }

  async #change(name: string): Promise<number> {
    try {
      if ((await this.tree.stat(this.#path(name))).kind === "directory") {
        this.#directory = this.#path(name)
          .split("/")
          .filter((part) => part !== "");
        return 0;
      }
      this.#complain(`bash: cd: ${name}: Not a directory`);
    } catch (error) {
      this.#complain(`bash: cd: ${name}: ${wordsOf(error)}`);
    }
    return 1;
  }
}
