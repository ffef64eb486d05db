// Real mounts for tests, in a directory that goes with them.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

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
    entryPoints: [join(ROOT, path)],
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
export const BUILT = join(ROOT, "dist/esm/mount.js");
export const PLATFORM = join(ROOT, "platforms/one-socket.yaml");

/** True as soon as it holds, false when it did not within the time. */
export async function eventually(holds: () => boolean, ms = 10_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return holds();
}
