// A bash that is given one line after the other, as somebody at a terminal does.

import { type ChildProcess, spawn } from "node:child_process";

/** Comes in no output. */
const END = "\u0001";

export class Bash {
  readonly #process: ChildProcess;
  #output = "";
  #heard: (() => void) | undefined;

  /** Error messages are those of the C locale. */
  constructor(directory: string) {
    this.#process = spawn("bash", ["--noprofile", "--norc"], {
      cwd: directory,
      env: { PATH: process.env.PATH, LC_ALL: "C" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process.stdout?.on("data", (bytes: Buffer) => {
      this.#output += bytes.toString("latin1");
      if (this.#output.endsWith(END)) this.#heard?.();
    });
    this.#process.stdin?.write("exec 2>&1; umask 022\n");
  }

  /** What the line prints. */
  async run(line: string): Promise<string> {
    this.#output = "";
    const heard = new Promise<void>((resolve, reject) => {
      this.#heard = resolve;
      this.#process.once("close", () => reject(new Error(`bash has ended at: ${line}`)));
    });
    // $? is for the next line again.
    this.#process.stdin?.write(`${line}\n__status=$?; printf '\\001'; (exit $__status)\n`);
    await heard;
    this.#process.removeAllListeners("close");
    return this.#output.slice(0, -END.length);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#process.once("close", () => resolve()));
    this.#process.stdin?.end();
    await ended;
  }
}
