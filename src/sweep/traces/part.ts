// A piece of a file that is being fetched: kept in a folder of its own, with the version it is of, so that whoever comes after an
// interruption goes on. One owner at a time; the rename of the folder decides who.

import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
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
    const own = ownName(free);
    const taken = (await moved(free, own)) || (await inherit(folder, `${key}.part.`, own));
    if (taken === "busy") return undefined;
    if (!taken) await mkdir(own, { mode: 0o700 });
    const bytes = join(own, "bytes");
    const file = await open(bytes, taken ? "r+" : "w+", 0o600).catch(() => open(bytes, "w+", 0o600));
    const { size: have } = await file.stat();
    const version = have > 0 ? await readFile(join(own, "version"), "utf8").catch(() => undefined) : undefined;
    return new Part(own, free, file, { have, ...(version ? { version } : {}) });
  }

  async onVersion(version: string | undefined): Promise<void> {
    await writeFile(join(this.path, "version"), version ?? "", { mode: 0o600 });
  }

  get bytes(): string {
    return join(this.path, "bytes");
  }

  /** It is whole: from now on it is this file. */
  async finish(path: string): Promise<void> {
    await this.file.close();
    await rename(this.bytes, path);
    await rm(this.path, { recursive: true, force: true });
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

/** Takes over from an owner that is gone. */
async function inherit(folder: string, prefix: string, own: string): Promise<boolean | "busy"> {
  let busy = false;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    if (await isOwned(join(folder, name), name.slice(prefix.length))) busy = true;
    else if (await moved(join(folder, name), own)) return true;
  }
  return busy ? "busy" : false;
}

async function isOwned(path: string, owner: string): Promise<boolean> {
  const [, host, pid] = /^(.*)\.(\d+)\.\d+\.\d+$/.exec(owner) ?? [];
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
