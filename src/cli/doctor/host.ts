// What the checks of mpam doctor ask of the host; tests give them another one.

import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync } from "node:fs";
import { endianness, freemem } from "node:os";
import { onPath } from "../way-in.ts";

export interface Ran {
  /** null: it could not be started, or a signal ended it. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Host {
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly endianness: string;
  readonly root: boolean;
  readonly env: { readonly [name in string]?: string | undefined };
  /** Bytes that may still be taken. */
  readonly memory: number;
  /** Where a program is. */
  which(program: string): string | undefined;
  run(program: string, ...args: readonly string[]): Ran;
  /** The code of the error with which a file cannot be opened to read and write; undefined where it can. */
  openFails(path: string): string | undefined;
  canRead(path: string): boolean;
  read(path: string): string | undefined;
}

/** Long for a version to be printed. */
const PATIENCE_MS = 10_000;

export const THIS_HOST: Host = {
  node: process.versions.node,
  platform: process.platform,
  arch: process.arch,
  endianness: endianness(),
  root: process.geteuid?.() === 0,
  env: process.env,
  get memory() {
    // Node 20.13 and later know the limit of a container.
    return (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
  },
  which: onPath,
  run(program, ...args) {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: PATIENCE_MS });
    return { status, out: stdout ?? "", err: stderr ?? "" };
  },
  openFails(path) {
    try {
      closeSync(openSync(path, "r+"));
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "error";
    }
  },
  canRead(path) {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  },
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
};
