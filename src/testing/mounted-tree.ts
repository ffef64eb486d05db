/// <reference lib="esnext.disposable" preserve="true" />
// A machine at a directory of this host, for tests of programs that open files.

import { ErrnoError } from "../errno/index.ts";
import type { MountOptions } from "../fs/index.ts";

/** What is mounted, with the names of the options of `mpam mount` (docs/mounting.md). */
export interface MountedTreeOptions {
  /** As for `Resctrl.mount`. */
  readonly mount?: Omit<MountOptions, "tasks">;
  /** Whose threads there are; `host` knows the processes of this host. Default machine. */
  readonly tasks?: "machine" | "host";
  /** Traces that run meanwhile, named as for mpam replay. */
  readonly replay?: readonly string[];
  /** They begin again when they have ended. */
  readonly loop?: boolean;
  /** Model time against time of the wall; default 1. */
  readonly speed?: number | "max";
  /** Path of a file of script lines. */
  readonly script?: string;
}

/** A tree that is mounted. */
export interface MountedTree {
  /** Where: a new directory, which goes with the mount. */
  readonly directory: string;
  /** Unmounts, also while it is busy. */
  close(): Promise<void>;
  /** `await using` closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Boots a machine in a thread of its own and mounts its resctrl at a new directory. Model time goes with that of the wall, so
 * what counters show differs from run to run. ENODEV where there is no FUSE, EPERM where nobody may mount, in words.
 */
export async function mountTree(platform: string | URL, options: MountedTreeOptions = {}): Promise<MountedTree> {
  if (typeof process === "undefined" || process.platform !== "linux") {
    throw new ErrnoError("ENODEV", "mounting needs Linux with /dev/fuse");
  }
  const { mkdtemp, rmdir } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const { fileURLToPath } = await import("node:url");
  const { startMount } = await import("../fuse/index.ts");
  const directory = await mkdtemp(join(tmpdir(), "resctrl-"));
  const remove = () => rmdir(directory).catch(() => undefined);
  const path = typeof platform === "string" && !platform.startsWith("file:") ? platform : fileURLToPath(platform);
  const boot = { ...options, platform: path };
  const mounted = await startMount(directory, { boot }).catch(async (error) => {
    await remove();
    throw error;
  });
  const close = async () => {
    await mounted.unmount();
    await remove();
  };
  return { directory, close, [Symbol.asyncDispose]: close };
}
