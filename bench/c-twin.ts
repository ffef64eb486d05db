// The C twins: compiled when there is a gcc, and run as processes that take turns with us.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contestant, Turn } from "./harness.ts";
import { packageRoot } from "./root.ts";

/** Contraction would fuse the generator's multiply and add, and the input would no longer be the same on both sides. */
const FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-Wall", "-Wextra"];

let compiler: string | null | undefined;

/** The first line of `gcc --version`, or null when there is none: then the C columns are absent. */
export function compilerVersion(): string | null {
  if (compiler === undefined) {
    const tried = spawnSync("gcc", ["--version"], { encoding: "utf8" });
    compiler = tried.status === 0 ? (tried.stdout.split("\n")[0] ?? "gcc") : null;
  }
  return compiler;
}

function build(name: string): string {
  const sources = join(packageRoot(), "bench", "c");
  const directory = join(packageRoot(), "build", "bench");
  const source = join(sources, `${name}.c`);
  const binary = join(directory, name);
  const headers = readdirSync(sources).filter((file) => file.endsWith(".h"));
  const changed = Math.max(
    ...[source, ...headers.map((file) => join(sources, file))].map((at) => statSync(at).mtimeMs),
  );
  if (existsSync(binary) && statSync(binary).mtimeMs > changed) return binary;
  mkdirSync(directory, { recursive: true });
  const built = spawnSync("gcc", [...FLAGS, "-o", binary, source], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`gcc could not build bench/c/${name}.c: ${built.stderr}`);
  return binary;
}

/** One process; its contestants are the words it understands after "run". */
export class CTwin {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  readonly #said: string[] = [];
  #ended: Error | undefined;

  private constructor(name: string, process: ChildProcessWithoutNullStreams) {
    this.#name = name;
    this.#process = process;
    let complaint = "";
    process.stderr.on("data", (text) => {
      complaint += String(text);
    });
    createInterface({ input: process.stdout }).on("line", (line) => {
      const next = this.#waiting.shift();
      if (next) next.resolve(line);
      else this.#said.push(line);
    });
    const end = (why: string) => {
      this.#ended = new Error(`the C twin ${name} ended: ${complaint.trim() || why}`);
      for (const next of this.#waiting.splice(0)) next.reject(this.#ended);
    };
    process.on("error", (error) => end(error.message));
    process.on("close", (code) => end(`exit code ${code}`));
    process.stdin.on("error", (error) => end(error.message));
  }

  /** Null when there is no gcc, or when the twin says why it is absent here. Resolves when it has made its input. */
  static async start(name: string, args: readonly string[], note?: (text: string) => void): Promise<CTwin | null> {
    if (compilerVersion() === null) return null;
    const twin = new CTwin(name, spawn(build(name), args, { stdio: "pipe" }));
    const line = await twin.#line();
    if (line.startsWith("absent ")) {
      note?.(`the C twin ${name} is absent: ${line.slice("absent ".length)}`);
      return null;
    }
    if (line !== "ready") throw new Error(`the C twin ${name} said "${line}" where "ready" was expected`);
    return twin;
  }

  #line(): Promise<string> {
    const said = this.#said.shift();
    if (said !== undefined) return Promise.resolve(said);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async run(contestant: string): Promise<Turn> {
    this.#process.stdin.write(`run ${contestant}\n`);
    const line = await this.#line();
    const found = /^(\d+) ([0-9a-f]{8})$/.exec(line);
    if (!found) throw new Error(`the C twin ${this.#name} said "${line}"; "<nanoseconds> <checksum>" was expected`);
    return { nanoseconds: Number(found[1]), checksum: found[2] ?? "" };
  }

  contestant(name: string, word: string): Contestant {
    const { pid } = this.#process;
    return { name, ...(pid === undefined ? {} : { pid }), run: () => this.run(word), close: () => this.close() };
  }

  close(): void {
    this.#process.stdin.end();
  }
}
