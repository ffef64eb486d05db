// Where results are kept: a folder with a file for each, named like its unit. A file is there whole or not at all, and whoever
// writes the same name writes the same bytes: so any number of processes may write, and be killed, at any moment.

import { randomUUID } from "node:crypto";
import { access, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../errno/index.ts";
import { UsageError } from "../written/index.ts";
import { type Outcome, RESULT_FORMAT, RESULT_VERSION } from "./result.ts";

/** Beginnings of files that nobody has gone on with for so long are of processes that are gone, ms. */
const ABANDONED_MS = 3_600_000;

const NAME = /^[0-9a-f]{64}$/;

export class Store {
  /** Files of units lie below `folder`, in folders by the first two digits of their names. */
  constructor(readonly folder: string) {}

  /** Makes the folder. Throws a UsageError where no results can be kept there. */
  async ready(): Promise<void> {
    try {
      await makeFolder(this.folder);
      await access(this.folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new UsageError(`store ${this.folder}: cannot be written: ${messageOf(cause)}`, { cause });
    }
  }

  /** The text of a result; undefined where it is not known. */
  async read(name: string): Promise<string | undefined> {
    try {
      const text = await readFile(this.#path(name), "utf8");
      return isResultOf(text, name) ? text : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Keeps a result. Writing it again changes nothing. */
  async write(name: string, text: string): Promise<void> {
    const path = this.#path(name);
    const beside = `${path}.${randomUUID()}`;
    try {
      await makeFolder(dirname(path));
      await writeFile(beside, text);
      await rename(beside, path);
    } catch (cause) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw new Error(`the results in ${this.folder} cannot be written: ${messageOf(cause)}`, { cause });
    }
  }

  /** Removes what processes have begun to write that are gone. */
  async sweepOut(): Promise<void> {
    for (const folder of await readdir(this.folder).catch(() => [])) {
      for (const file of await readdir(join(this.folder, folder)).catch(() => [])) {
        if (!/^[0-9a-f]{64}\.json\.[0-9a-f-]+(\.\d+)?$/.test(file)) continue;
        const path = join(this.folder, folder, file);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
        if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { force: true });
      }
    }
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError(`'${name}' names no unit; 64 hex digits are needed`);
    return join(this.folder, name.slice(0, 2), `${name}.json`);
  }
}

/** With those above it. One by one: where there can be no folders, as in /proc, mkdir with `recursive` never ends. */
async function makeFolder(folder: string): Promise<void> {
  const made = async () => {
    try {
      await mkdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") return error as NodeJS.ErrnoException;
      if (!(await stat(folder)).isDirectory()) return error as NodeJS.ErrnoException;
    }
    return undefined;
  };
  let refused = await made();
  const above = dirname(resolve(folder));
  if (refused?.code === "ENOENT") {
    if (!(await stat(above).catch(() => undefined))) await makeFolder(above);
    // Another process may have made it meanwhile.
    refused = await made();
  }
  if (refused) throw refused;
}

/** Whether a file holds the result it is named for: others are as if they were not there. */
function isResultOf(text: string, name: string): boolean {
  try {
    const { format, version, name: its } = JSON.parse(text) as Partial<Outcome>;
    return format === RESULT_FORMAT && version === RESULT_VERSION && its === name;
  } catch {
    return false;
  }
}
