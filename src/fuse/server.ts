// The starting thread's side of a thread that serves: the open /dev/fuse is here, mounted by whoever wants to.

import { close, closeSync, constants, existsSync, fstat, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type ErrnoCode, ErrnoError, messageOf, NUMBERS } from "../errno/index.ts";
import type { ThreadData, Told, ToldError } from "./worker.ts";

const DEVICE = "/dev/fuse";

/** Of open(2): no request, and no permission needed. */
export const O_PATH = 0o10000000;

/** What the tree is for those who look into a table of mounts: the type of the kernel's own, with `fuse.` before it. */
export type TreeType = "resctrl" | "mpam";

/** What a tree is served with, from a thread of its own. */
export interface ServerOptions<T> {
  /** For what boots in the serving thread. */
  readonly boot: T;
  /** resctrl where nothing is said. */
  readonly type?: TreeType;
  /** What runs there and calls `serveInThread`; a machine with its tree (src/cli/mount-worker.ts) where nothing is said. */
  readonly worker?: string | URL;
  /** One line of JSON for each operation. */
  readonly journal?: string | undefined;
  /** What the serving thread tells meanwhile. */
  readonly onMessage?: (message: unknown) => void;
}

/** The thread that serves a mount. Linux with /dev/fuse, and the right to mount. */
export class Server {
  /** Ends when the mount has gone and the last request has been answered. Rejects when the serving thread failed. */
  readonly ended: Promise<void>;
  /** When the serving thread has failed. It ends when it is asked something once more. */
  readonly failed: Promise<void>;
  readonly #stop: Int32Array;

  private constructor(
    /**
     * /dev/fuse, to be mounted by a program that has it as descriptor N with the options `mountOptions(N)`. That program must
     * not keep it open: the mount would outlive this process.
     */
    readonly descriptor: number,
    /** What booting had to say. */
    readonly says: unknown,
    stop: Int32Array,
    ended: Promise<void>,
    failed: Promise<void>,
  ) {
    this.#stop = stop;
    this.ended = ended;
    this.failed = failed;
    // Whoever wants to hear of a failure waits for it.
    ended.catch(() => undefined);
  }

  /** Boots a machine in a thread of its own. Rejects with what booting was refused with; ENODEV where there is no FUSE. */
  static async start<T>(options: ServerOptions<T>): Promise<Server> {
    const descriptor = openDevice();
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const data: ThreadData<T> = { descriptor, stop, journal: options.journal, options: options.boot };
    const worker = new Worker(options.worker ?? workerFile(), {
      workerData: data,
      // Words such as --input-type, which were meant for the program that mounts, are not taken by a thread.
      execArgv: [],
    });
    const ended = lastWord(worker).finally(() => closed(descriptor));
    const failed = new Promise<void>((resolve) => {
      worker.on("message", ({ kind }: Told) => kind === "failed" && resolve());
    });
    const says = await new Promise<unknown>((resolve, reject) => {
      worker.on("message", (told: Told) => {
        if (told.kind === "ready") resolve(told.says);
        else if (told.kind === "message") options.onMessage?.(told.message);
      });
      ended.catch(reject);
    });
    return new Server(descriptor, says, stop, ended, failed);
  }

  /** From now on the next request is the last one. */
  letGo(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  /** For a process on its way out, after `letGo` and a nudge: whoever reads the device has it for one more request. */
  closeNow(): void {
    closeSync(this.descriptor);
  }
}

/** Options of mount(8), type fuse.resctrl or fuse.mpam, for /dev/fuse as descriptor `descriptor` of that program. */
export function mountOptions(descriptor: number): string {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return [
    `fd=${descriptor}`,
    "rootmode=40000",
    `user_id=${uid}`,
    `group_id=${gid}`,
    "allow_other,default_permissions,nosuid,nodev,noexec",
  ].join(",");
}

function openDevice(): number {
  try {
    return openSync(DEVICE, constants.O_RDWR);
  } catch (error) {
    const why = existsSync(DEVICE) ? messageOf(error) : `there is no ${DEVICE}`;
    throw new ErrnoError("ENODEV", `a mount needs FUSE: ${why}`, { cause: error });
  }
}

/** Lies beside this file in dist; where the sources run it is the one that was built. */
function workerFile(): string {
  const name = "mount-worker.js";
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? `../../dist/esm/${name}` : name, here));
}

function lastWord(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    worker.on("message", (told: Told) => {
      if (told.kind === "failed") failure = errorFrom(told.error);
    });
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", (code) => {
      if (code !== 0) failure ??= new Error(`the thread that serves has ended with exit code ${code}`);
      if (failure === undefined) resolve();
      else reject(failure);
    });
  });
}

function errorFrom({ name, message, code, stack }: ToldError): Error {
  if (code !== undefined && code in NUMBERS) return new ErrnoError(code as ErrnoCode, message);
  return Object.assign(new Error(message), { name, stack });
}

/** The last descriptor: whoever still has files open there gets ENOTCONN. */
function closed(descriptor: number): Promise<void> {
  return new Promise((resolve) => close(descriptor, () => resolve()));
}

/**
 * Makes the kernel ask something, through any descriptor of the mount, so that the serving thread sees that it has to end. Only
 * ever without waiting in this thread: when serving has ended meanwhile, the answer comes when this thread closes the device.
 */
export function nudge(inside: number): Promise<void> {
  return new Promise((resolve) => fstat(inside, () => resolve()));
}
