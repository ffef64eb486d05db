// Real mounts for tests, in a directory that goes with them.

import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Why nothing can be mounted here; undefined where it can. */
export function whyNoMount(): string | undefined {
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
  } catch {
    return "/dev/fuse is not there, or not for this user";
  }
  if (process.getuid?.() !== 0) return "this user is not root";
  // In many containers root may not mount.
  const tried = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]);
  return tried.status === 0 ? undefined : "mount(8) is refused here";
}

export class MountPoint {
  readonly directory = mkdtempSync(join(tmpdir(), "mpam-mount-"));

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  get mounted(): boolean {
    return readFileSync("/proc/self/mountinfo", "utf8").includes(` ${this.directory} `);
  }

  /** Whatever happened, nothing stays behind. */
  clean(): void {
    while (this.mounted) execFileSync("umount", ["-l", this.directory]);
    rmSync(this.directory, { recursive: true });
  }
}

/** Bundles a TypeScript file of the tests for a thread or a process of its own. */
export async function bundled(path: string, into: string): Promise<string> {
  const outfile = join(into, "bundle.mjs");
  await build({
    entryPoints: [join(root, path)],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    packages: "external",
    logLevel: "warning",
  });
  return outfile;
}

/** dist/esm/mount.js, as others load it. */
export const BUILT = join(root, "dist/esm/mount.js");
export const PLATFORM = join(root, "platforms/one-socket.yaml");

/** True as soon as it holds, false when it did not within the time. */
export async function eventually(holds: () => boolean, ms = 10_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return holds();
}
