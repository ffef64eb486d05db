// The thread that serves a mount. It owns the machine, so a program that mounts may use the mount synchronously.

import { parentPort, workerData } from "node:worker_threads";
import { ErrnoError } from "../errno/index.ts";
import type { Tree } from "../tree/index.ts";
import { JournalFile } from "./journal-file.ts";
import { say } from "./say.ts";
import { type Pace, serve } from "./serve.ts";
import { Session } from "./session.ts";

/** What is served. */
export interface Served {
  readonly tree: Tree;
  readonly pace: Pace;
  /** Model time, ns. */
  readonly modelTime: () => number;
  /** What the starting thread is told when all is ready; data that can be copied. */
  readonly says?: unknown;
  /** After the last request. */
  end(): Promise<void>;
}

/** What the starting thread hands over. */
export interface ThreadData<T> {
  readonly descriptor: number;
  /** Its first word is 1 when serving has to end. */
  readonly stop: Int32Array;
  readonly journal: string | undefined;
  readonly options: T;
}

export type Told =
  | { readonly kind: "ready"; readonly says: unknown }
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "failed"; readonly error: ToldError }
  | { readonly kind: "ended" };

/** An error on its way between threads, where classes are lost. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly stack: string | undefined;
}

/**
 * The whole life of the thread: boots, serves, ends. `tell` sends messages to the starting thread at any time. While nothing else
 * needs the thread its event loop stands still: what has to be seen at once is written by `say`.
 */
export async function serveInThread<T>(
  boot: (options: T, tell: (message: unknown) => void) => Promise<Served>,
): Promise<void> {
  const tell = (told: Told) => parentPort?.postMessage(told);
  try {
    await run(workerData as ThreadData<T>, boot, tell);
    tell({ kind: "ended" });
  } catch (error) {
    tell({ kind: "failed", error: toldError(error) });
  }
}

async function run<T>(
  { descriptor, stop, journal, options }: ThreadData<T>,
  boot: (options: T, tell: (message: unknown) => void) => Promise<Served>,
  tell: (told: Told) => void,
): Promise<void> {
  // What is refused once there is a machine would leave its traces and timers behind.
  const log = journal === undefined ? undefined : new JournalFile(journal);
  const served = await boot(options, (message) => tell({ kind: "message", message }));
  const { tree, pace, modelTime, says } = served;
  const session = new Session(tree, {
    modelTime,
    onFault: (error) => say(`mpam: ${error instanceof Error ? error.stack : error}`),
    ...(log === undefined ? {} : { journal: (entry) => log.write(entry) }),
  });
  // No thread ends while it reads the device: the starting thread unmounts, so that it can.
  process.on("uncaughtException", (error) => {
    Atomics.store(stop, 0, 1);
    tell({ kind: "failed", error: toldError(error) });
  });
  try {
    tell({ kind: "ready", says });
    await serve({ descriptor, session, pace, stopping: () => Atomics.load(stop, 0) !== 0 });
  } finally {
    await served.end();
    log?.close();
  }
}

function toldError(error: unknown): ToldError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), code: undefined, stack: undefined };
  const code = error instanceof ErrnoError ? error.code : undefined;
  const message = code === undefined ? error.message : error.message.slice(code.length + 2);
  return { name: error.name, message, code, stack: error.stack };
}
