// Whether this host lets anybody have a mount namespace with the tree in it, and how.

import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, openSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The words before a command that give it a mount namespace of its own. Throws in words where there is none. */
export function wayIn(): readonly [string, ...string[]] {
  checkHost(["mount", "umount", "unshare"]);
  const ways = [
    ["unshare", "--mount", "--propagation", "private"],
    ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"],
  ] as const;
  let refused = "";
  for (const way of process.geteuid?.() === 0 ? ways : ways.slice(1)) {
    const { status, stderr } = spawnSync(way[0], [...way.slice(1), "true"], { encoding: "utf8" });
    if (status === 0) return way;
    refused = stderr.trim();
  }
  throw new Error(
    `this needs root, or a host that lets users have namespaces (${refused}). In a container: docs/clients.md`,
  );
}

/** @param programs That somebody will start. */
export function checkHost(programs: readonly string[]): void {
  if (process.platform !== "linux") throw new Error(`mounting needs Linux, and this is ${process.platform}`);
  for (const program of programs) {
    if (onPath(program) === undefined) throw new Error(`${program} is not here; it is part of util-linux`);
  }
  try {
    closeSync(openSync("/dev/fuse", "r+"));
    if (!statSync("/dev/fuse").isCharacterDevice()) throw Object.assign(new Error(), { code: "ENODEV" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`/dev/fuse cannot be opened (${code}). ${FUSE[code ?? ""] ?? "In a container: docs/clients.md"}`);
  }
}

const FUSE: { readonly [code in string]?: string } = {
  ENOENT: "The kernel has no FUSE (modprobe fuse), or the container no such device: docs/clients.md",
  ENODEV: "The kernel has no FUSE: modprobe fuse",
  EACCES: "As root, or where the device lets users open it (chmod 666 /dev/fuse)",
  EPERM: "The container may not use the device: docs/clients.md",
};

/** Where a program is, as a shell looks for it. */
export function onPath(program: string): string | undefined {
  const places = program.includes("/")
    ? [program]
    : (process.env.PATH ?? "/usr/bin:/bin").split(delimiter).map((folder) => join(folder, program));
  return places.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
