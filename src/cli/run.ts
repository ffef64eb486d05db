// mpam run: a command in a mount namespace of its own, for which the host is the emulated machine.

import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { quoted } from "../host/index.ts";
import { UsageError } from "../written/index.ts";
import { endOf, passSignals } from "./child.ts";
import { ExitError } from "./failure.ts";
import type { Errand } from "./inside.ts";
import { type TreeFlags, treeOptions } from "./tree-options.ts";
import { onPath, wayIn } from "./way-in.ts";

/** What is used to wrap a program. */
const WRAPPERS = ["sh", "sed", "mount", "rm"];

/** As a shell says it. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/**
 * Node cannot enter a namespace, so `mpam inside` is started in one: it serves the tree and starts the command. What both share is
 * the terminal, and a channel whose end says that this process has gone.
 */
export async function run(command: string[], flags: TreeFlags & { wrap: string[] }): Promise<void> {
  const tree = await treeOptions({ ...flags, tasks: flags.tasks ?? threadsFor(flags) });
  const wrapped = flags.wrap.map(toWrap);
  const [program = ""] = command;
  if (onPath(program) === undefined) notFound(program);
  const [unshare, ...words] = wayIn();
  const child = spawn(unshare, [...words, process.execPath, ...process.execArgv, process.argv[1] ?? "", "inside"], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const done = passSignals(child);
  const ended = endOf(child);
  child.send({ command, tree, wrapped } satisfies Errand);
  child.channel?.unref();
  process.exitCode = await ended.finally(done);
}

/** Where the program is. Those that the script in its place starts itself would start each other for ever. */
function toWrap(program: string): string {
  const path = onPath(program);
  if (path === undefined) throw new UsageError(`wrap '${program}': there is no such program`);
  const own = WRAPPERS.flatMap((name) => onPath(name) ?? []).map((tool) => realpathSync(tool));
  if (!own.includes(realpathSync(path))) return path;
  throw new UsageError(`wrap '${program}': wrapping itself needs that one; name the program that looks for resctrl`);
}

/** A command expects to find itself, unless there are threads of traces to work on. */
function threadsFor({ replay }: TreeFlags): string {
  return replay === undefined ? "host" : "machine";
}

function notFound(program: string): never {
  const there = program.includes("/") && existsSync(program);
  const name = quoted(program);
  if (there) throw new ExitError(NOT_EXECUTABLE, `${name} is no program that can be run`);
  throw new ExitError(NOT_FOUND, `${name} is not found${program.includes("/") ? "" : " on the PATH"}`);
}
