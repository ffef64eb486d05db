// The tree at a directory of this host, until it is unmounted by us or by anybody.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, realpathSync, stat, statfsSync, statSync } from "node:fs";
import { ErrnoError, messageOf } from "../errno/index.ts";
import { Guard, isMounted } from "./guard.ts";
import { nudge, O_PATH, Server, type ServerOptions } from "./server.ts";

/** What statfs(2) says of FUSE. */
const FUSE_SUPER_MAGIC = 0x65735546;
/** A minute of model time costs ten milliseconds or so. */
const PULSE_MS = 20_000;
/** Who serves ends within so long of being asked something. */
const PATIENCE_MS = 500;

/** A mount that stands. */
export interface Mounted {
  /** Real path of the directory. */
  readonly directory: string;
  /** What booting had to say. */
  readonly says: unknown;
  /** When the mount has gone, whoever unmounted it. Rejects when the serving thread failed. */
  readonly ended: Promise<void>;
  /** Also while it is busy: whoever has files open there gets ENOTCONN. A second call waits for the same end. */
  unmount(): Promise<void>;
}

/**
 * Boots a machine and mounts its tree. ENOENT, ENOTDIR for the directory, EBUSY where a tree is mounted there, ENODEV where there
 * is no FUSE, EPERM in the words of mount(8), and what booting is refused with; then nothing is left behind.
 *
 * The process can only exit when the mount has gone: `process.exit` unmounts on its own, and waits for that.
 */
export async function startMount<T>(directory: string, options: ServerOptions<T>): Promise<Mounted> {
  const place = realDirectory(directory);
  if (statfsSync(place).type === FUSE_SUPER_MAGIC && isMounted(place)) {
    throw new ErrnoError("EBUSY", `${directory}: a tree is mounted there already`);
  }
  const server = await Server.start(options);
  let guard: Guard;
  try {
    guard = await Guard.mount(place, server.descriptor, options.type ?? "resctrl");
  } catch (error) {
    server.letGo();
    await server.ended.catch(() => undefined);
    throw error;
  }
  const atExit = () => unmountAtOnce(place, server, guard);
  process.once("exit", atExit);
  const pulse = keptInStep(place);
  let unmounting: Promise<void> | undefined;
  const ended = server.ended.finally(async () => {
    process.removeListener("exit", atExit);
    clearInterval(pulse);
    // Also when the kernel has cut it off, or serving has failed: nothing dead stays mounted.
    await guard.unmount();
  });
  ended.catch(() => undefined);
  const unmount = async () => {
    const inside = entered(place);
    server.letGo();
    await guard.unmount();
    // Where the directory leads elsewhere by now, that was not heard.
    const late = setTimeout(() => cutOff(guard), PATIENCE_MS);
    try {
      await Promise.all([inside === undefined ? undefined : nudge(inside), ended]);
    } finally {
      clearTimeout(late);
      if (inside !== undefined) closeSync(inside);
    }
  };
  const unmountOnce = () => {
    unmounting ??= unmount();
    return unmounting;
  };
  void server.failed.then(unmountOnce).catch(() => undefined);
  return { directory: place, says: server.says, ended, unmount: unmountOnce };
}

/**
 * The serving thread moves model time when somebody asks. After days of silence that would take long, so something is asked now
 * and then.
 */
function keptInStep(directory: string): NodeJS.Timeout {
  let waiting = false;
  const ask = () => {
    if (waiting) return;
    waiting = true;
    stat(directory, () => {
      waiting = false;
    });
  };
  return setInterval(ask, PULSE_MS).unref();
}

/** A descriptor of the root of the mount: whoever has one can ask something of it, mounted or not. */
function entered(directory: string): number | undefined {
  try {
    return openSync(directory, O_PATH);
  } catch {
    return undefined;
  }
}

function cutOff({ cutOff: [program, ...words] }: Guard): void {
  spawn(program, words, { cwd: "/", stdio: "ignore" }).on("error", () => undefined);
}

/** In a process that is on its way out nothing can be waited for but programs. */
function unmountAtOnce(directory: string, server: Server, { cutOff: [program, ...words] }: Guard): void {
  const inside = entered(directory);
  server.letGo();
  // What somebody has mounted over it is not ours.
  if (isMounted(directory)) spawnSync("umount", ["-l", directory], { stdio: "ignore" });
  if (inside !== undefined) void nudge(inside);
  spawnSync(program, words, { cwd: "/", stdio: "ignore" });
  server.closeNow();
}

function realDirectory(directory: string): string {
  try {
    const place = realpathSync(directory);
    if (statSync(place).isDirectory()) return place;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new ErrnoError("ENOENT", `${directory}: no such directory`);
    if (code === "ENOTCONN") throw new ErrnoError("EBUSY", `${directory}: what is mounted there is dead; umount -l`);
    throw new ErrnoError("ENOTDIR", `${directory}: ${messageOf(error)}`);
  }
  throw new ErrnoError("ENOTDIR", `${directory}: not a directory`);
}
