// A piece of a file that is being fetched: kept in a folder of its own, with the version it is of, so that whoever comes after an
// interruption goes on. One owner at a time; the rename of the folder decides who.

import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { ownName } from "./cache-folder.ts";
import type { Begun } from "./transfer.ts";

/** An owner that has written nothing for so long is gone, whatever its process does. */
const GONE_MS = 120_000;

export class Part {
  private constructor(
    readonly path: string,
    /** Its name while nobody has it. */
    private readonly free: string,
    readonly file: FileHandle,
    readonly begun: Begun,
  ) {}

  /** Takes over what somebody left, or begins. Undefined while somebody else is at it. `key`: what is fetched. */
  static async claim(folder: string, key: string): Promise<Part | undefined> {
    const free = join(folder, `${key}.part`);
    const before = await partsOf(folder, free);
    if (before.some(({ isOwned }) => isOwned)) return undefined;
    const own = ownName(`${free}.${stamp()}`);
    let taken = await moved(free, own);
    for (const { path } of before) taken ||= await moved(path, own);
    if (!taken) await mkdir(own, { mode: 0o700 });
    const bytes = join(own, "bytes");
    const file = await open(bytes, taken ? "r+" : "w+", 0o600).catch(() => open(bytes, "w+", 0o600));
    const { size: have } = await file.stat();
    const version = have > 0 ? await readFile(join(own, "version"), "utf8").catch(() => undefined) : undefined;
    const part = new Part(own, free, file, { have, ...(version ? { version } : {}) });
    await part.touch();
    // Of those who came at the same time the first one stays. Two that stay would do no harm, and the same work.
    const others = await partsOf(folder, free);
    if (!others.some(({ path, isOwned }) => isOwned && path < own)) return part;
    await part.leave();
    return undefined;
  }

  async onVersion(version: string | undefined): Promise<void> {
    await writeFile(join(this.path, "version"), version ?? "", { mode: 0o600 });
  }

  get bytes(): string {
    return join(this.path, "bytes");
  }

  /** It is whole: from now on it is this file. False where another one has taken it. */
  async finish(path: string): Promise<boolean> {
    await this.file.close();
    try {
      await rename(this.bytes, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    } finally {
      await this.#remove();
    }
  }

  /** Leaves it to whoever comes next. */
  async leave(): Promise<void> {
    await this.file.close();
    if (this.begun.have === 0 || !(await moved(this.path, this.free))) await this.#remove();
  }

  /** It is of no use to anybody. */
  async drop(): Promise<void> {
    await this.file.close();
    await this.#remove();
  }

  async #remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** Says that the owner lives, where it writes nothing. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.bytes, now, now).catch(() => undefined);
  }
}

/** Only one of several gets it. */
async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

/** In the order of owners' names: when they came, host, process, thread, number. */
function stamp(): string {
  const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  return String(microseconds).padStart(17, "0");
}

/** All parts that have or had an owner. */
async function partsOf(folder: string, free: string): Promise<{ path: string; isOwned: boolean }[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(free)}.`)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, isOwned: await isOwned(path, name.slice(basename(free).length)) };
    }),
  );
}

async function isOwned(path: string, owner: string): Promise<boolean> {
  const [, host, pid] = /^\.\d+\.(.*)\.(\d+)\.\d+\.\d+$/.exec(owner) ?? [];
  if (host === hostname() && pid !== undefined && !isAlive(Number(pid))) return false;
  const seen = (await stat(join(path, "bytes")).catch(() => undefined)) ?? (await stat(path).catch(() => undefined));
  return seen !== undefined && Date.now() - seen.mtimeMs < GONE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
