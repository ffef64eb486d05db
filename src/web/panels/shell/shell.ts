// A shell on the machine's tree: runs lines as bash would, and prints what bash and coreutils would print.

import { expand, expandWhole, type Surroundings } from "./expand.ts";
import { Files, MOUNT, normal, Refused, type ShellTree } from "./files.ts";
import { HELP } from "./help.ts";
import { type Command, type CommandList, parse, type Redirection, type Simple } from "./parse.ts";
import { BUILTINS, PROGRAMS, pause } from "./programs/all.ts";
import { BadUsage, type Program, wordsOf } from "./programs/program.ts";
import { SyntaxProblem } from "./words.ts";

/** Where a shell prints. */
export interface Terminal {
  /** "note": what the shell of this page adds of its own. */
  print(text: string, kind: "out" | "err" | "note"): void;
  clear(): void;
  readonly columns: number;
}

interface Sink {
  readonly isTerminal: boolean;
  /** Throws Refused. */
  write(text: string): Promise<void>;
}

type Sinks = ReadonlyMap<number, Sink>;

const WATCH_SECONDS = 2;

/** Of the command that has been interrupted. */
const INTERRUPTED = 130;

export class Shell {
  readonly files: Files;
  readonly #variables = new Map<string, string>();
  readonly #terminal: Sinks;
  #directory = MOUNT;
  #before = MOUNT;
  #status = 0;
  #signal = new AbortController().signal;

  /** @param name with which messages begin. */
  constructor(
    tree: ShellTree,
    private readonly terminal: Terminal,
    private readonly name = "-bash",
  ) {
    this.files = new Files(tree);
    const printing = (kind: "out" | "err"): Sink => ({
      isTerminal: true,
      write: async (text) => terminal.print(text, kind),
    });
    this.#terminal = new Map([
      [1, printing("out")],
      [2, printing("err")],
    ]);
  }

  get directory(): string {
    return this.#directory;
  }

  get status(): number {
    return this.#status;
  }

  /** Ends when all of the line has run; with the status of its last command. */
  async run(line: string, signal: AbortSignal = new AbortController().signal): Promise<number> {
    this.#signal = signal;
    try {
      await this.#list(parse(line), this.#terminal, "");
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      this.terminal.print(`${this.name}: ${error.message}\n`, "err");
      this.#status = error.exitStatus;
    }
    return this.#status;
  }

  async #list(list: CommandList, sinks: Sinks, input: string): Promise<void> {
    for (const { when, not, commands } of list) {
      if ((when === "&&" && this.#status !== 0) || (when === "||" && this.#status === 0)) continue;
      await this.#pipeline(commands, sinks, input);
      if (this.#signal.aborted) {
        this.#status = INTERRUPTED;
        return;
      }
      if (not) this.#status = this.#status === 0 ? 1 : 0;
    }
  }

  /** One command after the other: each has all that the one before has printed. */
  async #pipeline(commands: readonly Command[], sinks: Sinks, input: string): Promise<void> {
    let passed = input;
    for (const [n, command] of commands.entries()) {
      let text = "";
      const pipe: Sink = {
        isTerminal: false,
        write: async (more) => {
          text += more;
        },
      };
      const last = n === commands.length - 1;
      const directory = this.#directory;
      await this.#command(command, last ? sinks : new Map([...sinks, [1, pipe]]), passed);
      // Each command of a pipeline has a shell of its own.
      if (commands.length > 1) this.#directory = directory;
      passed = text;
    }
  }

  async #command(command: Command, sinks: Sinks, input: string): Promise<void> {
    const opened = await this.#redirected(command.redirections, sinks, input);
    if (!opened) this.#status = 1;
    else if (command.kind === "simple") await this.#simple(command, opened.sinks, opened.input);
    else {
      const values = await expand(command.words, this.#surroundings());
      this.#status = 0;
      for (const value of values) {
        this.#variables.set(command.variable, value);
        await this.#list(command.body, opened.sinks, opened.input);
        if (this.#signal.aborted) return;
      }
    }
  }

  #surroundings(): Surroundings {
    return { files: this.files, directory: this.#directory, variable: (name) => this.#variable(name) };
  }

  #variable(name: string): string {
    if (name === "?") return String(this.#status);
    if (name === "PWD") return this.#directory;
    if (name === "OLDPWD") return this.#before;
    if (name === "HOME") return MOUNT;
    if (name === "0") return this.name;
    return this.#variables.get(name) ?? "";
  }

  path(name: string): string {
    return name.startsWith("/") ? name : `${this.#directory}/${name}`;
  }

  /** Undefined where a file could not be opened, and that has been said. */
  async #redirected(redirections: readonly Redirection[], sinks: Sinks, input: string) {
    const all = new Map(sinks);
    let read = input;
    for (const { fd, how, target } of redirections) {
      const [name, ...more] = await expand([target], this.#surroundings());
      try {
        if (name === undefined || more.length > 0) {
          await this.#complain(sinks, `${target.raw}: ambiguous redirect`);
          return undefined;
        }
        if (how === "copy") {
          const of = all.get(Number(name));
          if (!of) throw new Refused("EBADF");
          all.set(fd, of);
        } else if (how === "read") read = await this.files.read(this.path(name));
        else {
          const path = this.path(name);
          if (name === "") throw new Refused("ENOENT");
          await this.files.openForWriting(path);
          all.set(fd, { isTerminal: false, write: (text) => this.files.write(path, text) });
        }
      } catch (error) {
        await this.#complain(sinks, `${name}: ${wordsOf(error)}`);
        return undefined;
      }
    }
    return { sinks: all, input: read };
  }

  async #complain(sinks: Sinks, text: string): Promise<void> {
    await sinks.get(2)?.write(`${this.name}: ${text}\n`);
  }

  async #simple({ words }: Simple, sinks: Sinks, input: string): Promise<void> {
    const assigned = words.findIndex(({ raw }) => !/^[A-Za-z_]\w*=/.test(raw));
    const assignments = assigned < 0 ? words : words.slice(0, assigned);
    for (const { raw, units, hasQuotes } of assignments) {
      const name = raw.slice(0, raw.indexOf("="));
      const value = { kind: "word" as const, raw, units: units.slice(name.length + 1), hasQuotes };
      this.#variables.set(name, expandWhole(value, this.#surroundings()));
    }
    const [name, ...args] = await expand(words.slice(assignments.length), this.#surroundings());
    if (name === undefined) this.#status = 0;
    else this.#status = await this.#call(name, args, sinks, input);
    this.#tellStatus();
  }

  async #call(name: string, args: readonly string[], sinks: Sinks, input: string): Promise<number> {
    if (name === "cd") return this.#cd(args, sinks);
    if (name === "watch") return this.#watch(args);
    if (name === "clear") {
      this.terminal.clear();
      return 0;
    }
    const own = this.#own(name);
    const builtin = own ?? BUILTINS.get(name);
    const program = builtin ?? PROGRAMS.get(name);
    if (program) return this.#program(name, program, builtin !== undefined, args, sinks, input);
    if (name.includes("/")) {
      const found = await this.files.stat(this.path(name)).catch(wordsOf);
      const words =
        typeof found === "string" ? found : found.kind === "directory" ? "Is a directory" : "Permission denied";
      await this.#complain(sinks, `${name}: ${words}`);
      return words === "No such file or directory" ? 127 : 126;
    }
    await this.#complain(sinks, `${name}: command not found`);
    return 127;
  }

  /** Builtins that know the shell. */
  #own(name: string): Program | undefined {
    if (name === "pwd") {
      return async ({ out }) => {
        await out(`${this.#directory}\n`);
        return 0;
      };
    }
    if (name !== "help") return undefined;
    return async ({ out }) => {
      await out(HELP);
      return 0;
    };
  }

  async #program(
    name: string,
    program: Program,
    isBuiltin: boolean,
    args: readonly string[],
    sinks: Sinks,
    input: string,
  ): Promise<number> {
    const sink = sinks.get(1);
    let failed = false;
    let waiting = "";
    const prefix = isBuiltin ? `${this.name}: ` : "";
    const complain = async (text: string) => {
      // Builtins tell how they are used without saying who speaks.
      await sinks.get(2)?.write(`${text.startsWith(`${name}: usage:`) ? "" : prefix}${text}\n`);
    };
    const write = async (text: string) => {
      try {
        await sink?.write(text);
      } catch (error) {
        await complain(`${name}: write error: ${wordsOf(error)}`);
        failed = true;
      }
    };
    const out = async (text: string) => {
      if (text === "") return;
      if (sink?.isTerminal || name === "cat") await write(text);
      // A builtin's output is sent off line by line: two lines to a file are two writes.
      else if (isBuiltin) for (const line of text.match(/[^\n]*\n|[^\n]+/g) ?? []) await write(line);
      else waiting += text;
    };
    const columns = sink?.isTerminal ? this.terminal.columns : undefined;
    try {
      const status = await program({
        name,
        args,
        input,
        files: this.files,
        columns,
        signal: this.#signal,
        path: (one) => this.path(one),
        out,
        complain,
      });
      if (waiting !== "") await write(waiting);
      return failed && status === 0 ? 1 : status;
    } catch (error) {
      if (!(error instanceof BadUsage)) throw error;
      await complain(error.message);
      return name === "ls" || name === "grep" ? 2 : 1;
    }
  }

  async #cd(args: readonly string[], sinks: Sinks): Promise<number> {
    const [name = MOUNT, ...more] = args.filter((arg) => arg !== "--");
    if (more.length > 0) {
      await this.#complain(sinks, "cd: too many arguments");
      return 1;
    }
    const target = name === "-" ? this.#before : name === "" ? this.#directory : name;
    try {
      if ((await this.files.stat(this.path(target))).kind === "file") throw new Refused("ENOTDIR");
    } catch (error) {
      await this.#complain(sinks, `cd: ${name}: ${wordsOf(error)}`);
      return 1;
    }
    [this.#before, this.#directory] = [this.#directory, normal(this.path(target))];
    if (name === "-") await sinks.get(1)?.write(`${this.#directory}\n`);
    return 0;
  }

  /** Runs a line again and again, on a cleared terminal, until it is interrupted. */
  async #watch(args: readonly string[]): Promise<number> {
    const joined = /^-n\s*(\d*\.?\d+)\s+/.exec(args.join(" "));
    const seconds = Math.max(0.1, joined ? Number(joined[1]) : WATCH_SECONDS);
    const line = joined ? args.join(" ").slice(joined[0].length) : args.join(" ");
    if (line === "" || /^watch\b/.test(line)) {
      this.terminal.print("Usage: watch [-n SECONDS] COMMAND\n", "err");
      return 1;
    }
    const list = parse(line);
    while (!this.#signal.aborted) {
      this.terminal.clear();
      this.terminal.print(`Every ${seconds.toFixed(1)}s: ${line}   (Ctrl-C ends it)\n\n`, "note");
      await this.#list(list, this.#terminal, "");
      await pause(seconds * 1000, this.#signal);
    }
    return INTERRUPTED;
  }

  /** What the kernel said of a call that it refused: on a real machine one has to look it up. */
  #tellStatus(): void {
    const said = this.files.takeStatus();
    if (said !== "") this.terminal.print(`info/last_cmd_status: ${said}\n`, "note");
  }
}
