// Chromium without a window, spoken to over a pipe.

import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Where it is: as the environment says in CHROMIUM, or on PATH. */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env.CHROMIUM;
  if (given) return given;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  }
  return undefined;
}

/** One browser with a profile of its own. */
export class Chromium {
  #asked = 0;
  #heard = "";
  readonly #answers = new Map<number, (result: unknown) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
  ) {
    // One that has ended answers nothing, and is told nothing.
    this.#to.on("error", () => {});
    this.#from.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
  }

  static async start(path: string, url: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "mpam-chromium-"));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"];
    const child = spawn(path, [...flags, `--user-data-dir=${profile}`, url], {
      // What it is asked goes through 3, what it answers through 4.
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", ({ message }) => reject(new Error(`${path} cannot be run: ${message}`)));
    }).catch(async (cause) => {
      await rm(profile, { recursive: true });
      throw cause;
    });
    return new Chromium(child, profile);
  }

  /** Dedicated workers of all pages. */
  async workers(): Promise<number> {
    const { targetInfos } = (await this.#ask("Target.getTargets", { filter: [{}] })) as {
      targetInfos: readonly { readonly type: string }[];
    };
    return targetInfos.filter(({ type }) => type === "worker").length;
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.process;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (exitCode === null && signalCode === null && this.process.kill()) await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }

  get #to(): Writable {
    return this.process.stdio[3] as Writable;
  }

  get #from(): Readable {
    return this.process.stdio[4] as Readable;
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#asked;
    this.#to.write(`${JSON.stringify({ id, method, params })}\0`);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  /** Messages end with a NUL. */
  #hear(text: string): void {
    const messages = (this.#heard + text).split("\0");
    this.#heard = messages.pop() ?? "";
    for (const { id, result } of messages.map((message) => JSON.parse(message))) {
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    }
  }
}
