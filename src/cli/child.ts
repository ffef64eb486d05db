// A command that is run for somebody: it gets the signals that are meant for it, and its end is ours.

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";

/** What somebody sends to a program that runs another for them. */
const PASSED = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"] as const;
/** What a terminal sends to all of a job. */
const BY_TERMINAL: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH", "SIGCONT"]);

/** Hands signals on until the result is called. What the terminal has sent, the command has got from it too. */
export function passSignals(child: ChildProcess): () => void {
  const pass = (signal: NodeJS.Signals) => {
    if (!(BY_TERMINAL.has(signal) && inForeground())) child.kill(signal);
  };
  for (const signal of PASSED) process.on(signal, pass);
  return () => {
    for (const signal of PASSED) process.off(signal, pass);
  };
}

/** Exit code of a command, as a shell has it: 128 and the number of the signal that ended it. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Rejects where it cannot be started. */
export function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/** Whether this process belongs to the job that has the terminal: a shell may have given it to the command alone. */
function inForeground(): boolean {
  const fields = statFields();
  return fields !== undefined && fields[2] === fields[5];
}

/** Fields of /proc/self/stat behind the name: state, parent, process group, session, terminal, its foreground group. */
function statFields(): string[] | undefined {
  try {
    const text = readFileSync("/proc/self/stat", "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
