// The built command line as a person runs it.

import { type ChildProcess, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./fuse/mounts.ts";

export const COMMAND = join(ROOT, "dist/esm/cli.js");

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<Ended>;
}

export function start(...args: string[]): Started {
  return startIn({}, ...args);
}

export function startIn(where: SpawnOptionsWithoutStdio, ...args: string[]): Started {
  const child = spawn(process.execPath, [COMMAND, ...args], where);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, out, err })));
  return { child, said: () => out, ended };
}

export const mpam = (...args: string[]) => start(...args).ended;
